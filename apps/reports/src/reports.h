/* SPDX-License-Identifier: GPL-2.0-or-later
 * Handlers and resources of the reports. */
#ifndef REPORTS_H
#define REPORTS_H

#include "cc/resource.h"
#include "cc/web.h"

/* calls.c */
extern const struct cc_resource reports_calls;

/* pauses.c */
extern const struct cc_resource reports_pauses;

/* call.c */
int reports_call(struct cc_request *rq);

/* recording.c */
/* URL of a recording's segment. */
const char *reports_recording_url(
		struct cc_request *rq, const char *call, const char *segment, const char *extension);
int reports_recording(struct cc_request *rq);

#endif
