/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <time.h>
#include "cc/clock.h"

static int64_t clock_ms(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t cc_clock_utc_ms(void)
{
	return clock_ms(CLOCK_REALTIME);
}

int64_t cc_clock_mono_ms(void)
{
	return clock_ms(CLOCK_MONOTONIC);
}
