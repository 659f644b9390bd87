/* SPDX-License-Identifier: GPL-2.0-or-later
 * One layer of a leg: plays a list of clips and silences without gaps over what lies below. No I/O:
 * a clip that is not loaded yet is waited for. */
#ifndef CC_PLAYER_H
#define CC_PLAYER_H

#include <stdbool.h>
#include <stdint.h>
#include "jitter.h"

#define CC_PLAY_ITEMS 64 /* of one list */
#define CC_UNITY 256     /* gain 1.0 */

enum cc_clip_state
{
	CC_CLIP_WAITING,
	CC_CLIP_READY,
	CC_CLIP_FAILED,
};

/* Sound in memory. Whoever holds it counts in refs; its owner (clips.c) frees it when none is left.
 */
struct cc_clip
{
	enum cc_clip_state state;
	unsigned refs;
	const int16_t *pcm;
	uint32_t samples;
};

struct cc_play_item
{
	struct cc_clip *clip; /* NULL: silence */
	uint32_t samples;     /* of the silence */
};

enum cc_play_result
{
	CC_PLAY_IDLE,
	CC_PLAY_ON,
	CC_PLAY_END,     /* the list came to its end in this frame */
	CC_PLAY_MISSING, /* as END, and a clip of it could not be loaded */
};

struct cc_player
{
	bool on, missing, heard;
	unsigned count, index;
	struct cc_play_item item[CC_PLAY_ITEMS];
	uint32_t pos;    /* samples into the item */
	uint64_t before; /* samples of the items before it */
	uint64_t skip;   /* samples still to be passed over at the start */
	uint32_t repeat; /* rounds left, 0 = for ever */
	uint16_t gain, duck;
	uint32_t token;
};

/* Replaces what plays. Takes over one reference of every clip in item[]. */
void cc_player_start(struct cc_player *p, const struct cc_play_item *item, unsigned count,
		uint32_t repeat, uint16_t gain, uint16_t duck, uint32_t token, uint32_t start_ms);
void cc_player_stop(struct cc_player *p);
/* Position in the list, of the present round. After an end: the length of the list. */
uint32_t cc_player_ms(const struct cc_player *p);
/* Lays 20 ms over acc. */
enum cc_play_result cc_player_run(struct cc_player *p, int32_t acc[CC_FRAME]);

#endif
