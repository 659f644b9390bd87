/* SPDX-License-Identifier: GPL-2.0-or-later
 * The system's clocks in milliseconds. Cores never call these: they are given the time. */
#ifndef CC_CLOCK_H
#define CC_CLOCK_H

#include <stdint.h>

int64_t cc_clock_utc_ms(void);
/* Never goes back; for intervals and timeouts. */
int64_t cc_clock_mono_ms(void);

#endif
