/* SPDX-License-Identifier: GPL-2.0-or-later
 * REC-01: one segment of a recording, sent by nginx after the right to hear it was checked and
 * written down. */
#include <string.h>
#include "reports.h"

const char *reports_recording_url(
		struct cc_request *rq, const char *call, const char *segment, const char *extension)
{
	return cc_sprintf(rq->arena, "/reports/recordings/%s-%s.%s", call, segment, extension);
}

/* "<call>-<segment>.<mp3|wav>" */
static int file_parse(const char *file, struct cc_ulid *call, int *segment, const char **extension)
{
	size_t len = strlen(file);
	if (len < CC_ULID_TEXT + 6 || cc_ulid_parse(call, file, CC_ULID_TEXT))
		return CC_E_NOENT;
	const char *p = file + CC_ULID_TEXT;
	size_t digits = strspn(p + 1, "0123456789");
	if (*p != '-' || !digits || digits > 6)
		return CC_E_NOENT;
	*segment = 0;
	for (p++; digits; digits--)
		*segment = *segment * 10 + (*p++ - '0');
	if (strcmp(p, ".mp3") && strcmp(p, ".wav"))
		return CC_E_NOENT;
	*extension = p + 1;
	return 0;
}

void reports_recording_send(struct cc_request *rq, const char *path, const char *extension)
{
	struct cc_buf location = cc_buf_new(rq->arena);
	cc_buf_str(&location, "/_rec/");
	while (*path) {
		size_t len = strcspn(path, "/");
		cc_buf_url(&location, path, len);
		path += len;
		if (*path == '/')
			cc_buf_add(&location, path++, 1);
	}
	cc_buf_printf(&location, ".%s", extension);
	cc_send_file(rq, cc_buf_text(&location), strcmp(extension, "mp3") ? "audio/wav" : "audio/mpeg");
}

/* A player asks for many ranges of one file. */
bool reports_recording_begins(struct cc_request *rq)
{
	const char *range = cc_header(rq, "HTTP_RANGE");
	return !range || !strncmp(range, "bytes=0-", 8);
}

int reports_recording(struct cc_request *rq)
{
	const char *file = cc_param(rq, "file"), *extension;
	struct cc_ulid call;
	struct cc_row row;
	struct cc_rows rows;
	int segment;
	int err = file_parse(file, &call, &segment, &extension);
	if (!err)
		err = cc_resource_get(rq, &reports_calls, cc_strndup(rq->arena, file, CC_ULID_TEXT), &row);
	if (!err)
		err = cc_db_query(rq->db, &rows,
				"SELECT path FROM recording WHERE tenant_id = {tenant} AND call_id = ? "
				"AND segment = ? AND volume = 'main'",
				((struct cc_bytes){call.b, sizeof call.b}), segment);
	if (!err && !rows.count)
		err = CC_E_NOENT;
	if (err)
		return err;
	if (reports_recording_begins(rq))
		cc_audit(rq, "reports.recordings.play", file, NULL);
	if (cc_query(rq, "download"))
		cc_set_header(rq, "Content-Disposition",
				cc_sprintf(rq->arena, "attachment; filename=\"%s\"", file));
	reports_recording_send(rq, cc_row_str(&rows.row[0], 0), extension);
	return 0;
}
