/* SPDX-License-Identifier: GPL-2.0-or-later
 * Handlers and resources of the reports. */
#ifndef REPORTS_H
#define REPORTS_H

#include "cc/resource.h"
#include "cc/web.h"

struct json_object;

/* calls.c */
extern const struct cc_resource reports_calls;

/* blacklist.c */
extern const struct cc_resource reports_blacklist;

/* pauses.c */
extern const struct cc_resource reports_pauses;

/* call.c */
int reports_call(struct cc_request *rq);

/* call_events.c */
/* Columns of a query for the legs of a call. */
enum
{
	LEG_ID,
	LEG_ROLE,
	LEG_AGENT,
	LEG_STARTED,
	LEG_ANSWERED,
	LEG_ENDED,
	LEG_CODE,
	LEG_TEXT,
};
/* The fields of an event for the user, who owns them (json_object_put; NULL if it is no JSON): who
 * sees no numbers sees none in the texts either. */
struct json_object *reports_event_fields(
		struct cc_request *rq, const char *json, enum cc_hide hide);
/* The same as a line for people. */
const char *reports_event_text(
		struct cc_request *rq, const struct cc_rows *legs, const char *json, enum cc_hide hide);

/* recording.c */
/* URL of a recording's segment. */
const char *reports_recording_url(
		struct cc_request *rq, const char *call, const char *segment, const char *extension);
int reports_recording(struct cc_request *rq);
/* Sends a file of the recordings; path: as the row says. */
void reports_recording_send(struct cc_request *rq, const char *path, const char *extension);
/* Whether the beginning is asked for, which counts as playing it. */
bool reports_recording_begins(struct cc_request *rq);

/* voicemail.c */
extern const struct cc_resource reports_voicemail;
int reports_voicemail_play(struct cc_request *rq);

#endif
