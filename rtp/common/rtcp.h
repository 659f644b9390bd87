/* SPDX-License-Identifier: GPL-2.0-or-later
 * As much RTCP (RFC 3550, 6.4) as a far end needs to know how its sound arrives. */
#ifndef CC_RTCP_H
#define CC_RTCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "seq.h"

#define CC_RTCP_MAX 128 /* bytes of a report */

struct cc_rtcp
{
	/* what we send */
	uint32_t ssrc, ts, packets, bytes;
	const char *cname; /* at most 31 characters */
	/* what we get: nothing is said of it when seq is not known */
	const struct cc_seq *seq;
	uint32_t jitter; /* samples */
	/* told by the far end's last report, 0 if there was none */
	uint32_t report;   /* middle of its NTP time */
	int64_t report_ms; /* when it came, UTC */
	/* counters at our last report: kept here between two calls */
	uint32_t expected, lost;
};

/* A report at that time, UTC: its length. */
size_t cc_rtcp_write(struct cc_rtcp *r, int64_t now_ms, uint8_t data[CC_RTCP_MAX]);
/* A report of the far end; false: it is none. */
bool cc_rtcp_read(struct cc_rtcp *r, int64_t now_ms, const uint8_t *data, size_t len);

#endif
