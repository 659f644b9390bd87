/* SPDX-License-Identifier: GPL-2.0-or-later
 * What the files of the skeleton share. */
#ifndef SKELETON_H
#define SKELETON_H

#include "cc/job.h"
#include "cc/plugin.h"
#include "cc/resource.h"

extern const struct cc_plugin skeleton; /* skeleton.c */

/* notes.c: things with list, form and deletion; a tab and a report */
extern const struct cc_resource skeleton_notes;
int skeleton_tab(struct cc_request *rq);
int skeleton_days(struct cc_request *rq);

/* events.c: outside of requests */
int skeleton_call_ended(const struct cc_event *event);
int skeleton_clean(struct cc_job *job);

#endif
