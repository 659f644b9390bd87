/* SPDX-License-Identifier: GPL-2.0-or-later
 * Sound files in memory. A thread of its own reads them; everything else here belongs to the media
 * thread, which never waits: a clip is handed out at once and becomes ready later. */
#ifndef CC_CLIPS_H
#define CC_CLIPS_H

#include <stddef.h>
#include "player.h"

#define CC_CLIP_NAME 128 /* longest name, NUL included */

struct cc_clips;

/* What could not be read, once per file and minute: runs in the media thread. */
typedef void(cc_clips_warn_h)(const char *name, const char *why, void *arg);

/* Files are <folder>/<name>.wav: PCM, mono, 8 kHz. Keeps up to limit bytes (more only while they
 * play). Needs libre's loop for hand-over. */
int cc_clips_new(
		struct cc_clips **c, const char *folder, size_t limit, cc_clips_warn_h *warnh, void *arg);
/* Ends the thread; all clips must have been let go. */
void cc_clips_free(struct cc_clips *c);
/* Only a-z 0-9 _ and single slashes inside: nothing that could leave the folder. */
bool cc_clip_name_valid(const char *name);
/* With a reference for the caller, in any state; CC_E_INVAL (name), CC_E_NOMEM. */
int cc_clips_get(struct cc_clips *c, const char *name, struct cc_clip **clip);
void cc_clips_usage(const struct cc_clips *c, size_t *bytes, unsigned *files);

#endif
