/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>
#include "jitter.h"

#define TARGET (2 * CC_FRAME)           /* wanted delay, 40 ms */
#define DEEPEST (15 * CC_FRAME)         /* more than 300 ms wait: catch up at once */
#define LOOK_TICKS 250                  /* how often clock drift is looked at, 5 s */
#define DRIFTED (TARGET + 2 * CC_FRAME) /* never shallower than this in between: drop one frame */

void cc_jitter_init(struct cc_jitter *j)
{
	memset(j, 0, sizeof *j);
}

bool cc_jitter_seen(struct cc_jitter *j, uint32_t ssrc, uint16_t seq)
{
	enum cc_seq_result r = cc_seq_seen(&j->seq, ssrc, seq);

	if (r == CC_SEQ_NEW)
		j->running = false;
	return r != CC_SEQ_TWICE;
}

/* Starts anew: ts is played TARGET from now. */
static void anchor(struct cc_jitter *j, uint32_t ts)
{
	if (j->running)
		j->resyncs++;
	memset(j->ring, 0, sizeof j->ring);
	j->play = ts - TARGET;
	j->end = ts;
	j->running = true;
	j->ticks = 0;
	j->shallow = INT32_MAX;
}

void cc_jitter_put(struct cc_jitter *j, uint32_t ts, const int16_t *pcm, unsigned n)
{
	int32_t ahead = (int32_t)(ts - j->play);
	bool dry = (int32_t)(j->end - j->play) <= 0;

	if (n == 0 || n > CC_JITTER_RING / 4)
		return;
	if (!j->running || ahead > DEEPEST || ahead < -CC_JITTER_RING || dry) {
		anchor(j, ts);
	} else if (ahead < 0) {
		j->late++;
		if (ahead + (int32_t)n <= 0)
			return;
		pcm -= ahead;
		n += ahead;
		ts -= ahead;
	}
	for (unsigned i = 0; i < n; i++)
		j->ring[(ts + i) % CC_JITTER_RING] = pcm[i];
	if ((int32_t)(ts + n - j->end) > 0)
		j->end = ts + n;
}

bool cc_jitter_get(struct cc_jitter *j, int16_t out[CC_FRAME])
{
	int32_t depth = (int32_t)(j->end - j->play);

	if (!j->running || depth <= 0) {
		memset(out, 0, CC_FRAME * sizeof *out);
		return false;
	}
	for (unsigned i = 0; i < CC_FRAME; i++) {
		int16_t *s = &j->ring[(j->play + i) % CC_JITTER_RING];
		out[i] = *s;
		*s = 0;
	}
	j->play += CC_FRAME;
	if (depth < j->shallow)
		j->shallow = depth;
	if (++j->ticks >= LOOK_TICKS) {
		if (j->shallow > DRIFTED) {
			for (unsigned i = 0; i < CC_FRAME; i++)
				j->ring[j->play++ % CC_JITTER_RING] = 0;
		}
		j->ticks = 0;
		j->shallow = INT32_MAX;
	}
	return true;
}
