/* SPDX-License-Identifier: GPL-2.0-or-later
 * Sequence numbers of one RTP stream: what was received, what is lost, what came twice. */
#ifndef CC_SEQ_H
#define CC_SEQ_H

#include <stdbool.h>
#include <stdint.h>

struct cc_seq
{
	bool known;
	uint32_t ssrc;
	uint16_t newest, rounds; /* how often newest went through 65535 */
	uint64_t window;         /* bit n: sequence number newest - n has arrived */
	uint32_t received;       /* packets, duplicates not counted */
	uint32_t lost;           /* missing; a late one that came after all is not lost */
};

enum cc_seq_result
{
	CC_SEQ_TWICE, /* not to be used again */
	CC_SEQ_GOOD,
	CC_SEQ_NEW, /* first packet of another stream */
};

/* Every packet of the stream, whatever it carries. s starts as zeros. */
enum cc_seq_result cc_seq_seen(struct cc_seq *s, uint32_t ssrc, uint16_t seq);

#endif
