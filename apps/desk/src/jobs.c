/* SPDX-License-Identifier: GPL-2.0-or-later
 * SYS-03: background tasks with their progress, for the one who started them; download, cancel,
 * delete. */
#include "cc/jobs.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "cc/resource.h"
#include "desk.h"

#define SHOWN CC_COLUMN_ALL
#define MORE (CC_COLUMN_ALL | CC_COLUMN_HIDDEN)

static const char *page_text(struct cc_request *rq, const char *value)
{
	return value && *value ? cc_t(rq, value) : "";
}

static const char *options_text(struct cc_request *rq, const char *value)
{
	return value && *value ? cc_tc(rq, "job option", value) : "";
}

static const char *download_text(struct cc_request *rq, const char *value)
{
	return value && *value == '1' ? "⭳" : "";
}

static void text_json(struct cc_request *rq, struct cc_jsonw *w, const char *name,
		const struct cc_row *row, size_t column)
{
	cc_jsonw_str(w, name, cc_row_str(row, column));
}

static const char *const states[] = {CC_NC("job state", "waiting"), CC_NC("job state", "running"),
		CC_NC("job state", "done"), CC_NC("job state", "failed"), CC_NC("job state", "cancelled"),
		NULL};
/* CC_NC("job option", "csv") CC_NC("job option", "csv_gb") CC_NC("job option", "xlsx")
 * CC_NC("job option", "json") CC_NC("job option", "edit") CC_NC("job option", "delete")
 * CC_NC("job option", "import") */
static const char *const kinds[] = {CC_NC("job", "export"), CC_NC("job", "batch"),
		CC_NC("job", "import"), CC_NC("job", "rows"), CC_NC("job", "undo"), CC_NC("job", "clean"),
		CC_NC("job", "repair"), CC_NC("job", "backup"), CC_NC("job", "merge"), NULL};

static const struct cc_column columns[] = {
		CC_COLUMN("id", CC_N("Task id"), NULL, INT, SHOWN | CC_COLUMN_QUICK | CC_COLUMN_SORT),
		CC_COLUMN("kind", CC_N("Task type"), "SUBSTRING_INDEX(t.kind, '.', -1)", CODE,
				SHOWN | CC_COLUMN_FILTER, .context = "job", .codes = kinds),
		CC_COLUMN("page", CC_N("Page"), NULL, CUSTOM, SHOWN & ~CC_COLUMN_SEARCH, .text = page_text,
				.json = text_json),
		CC_COLUMN("options", CC_N("Task option"), NULL, CUSTOM, SHOWN & ~CC_COLUMN_SEARCH,
				.text = options_text, .json = text_json),
		CC_COLUMN("state", CC_N("State"), NULL, CODE, SHOWN | CC_COLUMN_FILTER,
				.context = "job state", .codes = states),
		CC_COLUMN("bar", CC_N("Progress"),
				"IF(t.state = 'done', 1000, 1000 * t.progress DIV NULLIF(t.total, 0))", PROGRESS,
				SHOWN & ~CC_COLUMN_SEARCH),
		CC_COLUMN("total", CC_N("Total"), NULL, INT, SHOWN),
		CC_COLUMN("progress", CC_N("Processed"), NULL, INT, SHOWN),
		CC_COLUMN("ok", CC_N("Succeeded"), NULL, INT, SHOWN),
		CC_COLUMN("bad", CC_N("Failed"), NULL, INT, SHOWN),
		CC_COLUMN("file", CC_N("File name"), NULL, TEXT, SHOWN | CC_COLUMN_QUICK_ANYWHERE),
		CC_COLUMN("download", CC_N("Download"),
				"t.path <> '' AND t.state = 'done' AND t.created_by = {user}", CUSTOM,
				CC_COLUMN_PAGE, .link = "/desk/jobs/file/", .text = download_text,
				.json = text_json),
		CC_COLUMN("created_name", CC_N("Created by"), NULL, TEXT, SHOWN),
		CC_COLUMN("created_at", CC_N("Created"), NULL, TIME, SHOWN),
		CC_COLUMN("started_at", CC_N("Started"), NULL, TIME, MORE),
		CC_COLUMN("ended_at", CC_N("Ended"), NULL, TIME, SHOWN),
		CC_COLUMN("server", CC_N("Server"), NULL, TEXT, MORE),
		CC_COLUMN("error", CC_N("Reason of failure"), NULL, TEXT, SHOWN),
		CC_COLUMN("active", CC_N("Under way"), "t.state IN ('waiting', 'running')", BOOL,
				CC_COLUMN_FILTER),
		{.name = NULL},
};

static int cancel(struct cc_request *rq, const struct cc_resource *r, const char *key)
{
	/* one that waits ends here, one that runs is ended by cc-jobd within a second or two */
	return cc_db_exec(rq->db,
			"UPDATE job SET cancel = 1, ended_at = IF(state = 'waiting', ?, ended_at), "
			"state = IF(state = 'waiting', 'cancelled', state) "
			"WHERE tenant_id = {tenant} AND id = ? AND state IN ('waiting', 'running')",
			rq->now_ms, key);
}

static const struct cc_action buttons[] = {
		{
				.name = "cancel",
				.label = CC_NC("action", "Cancel task"),
				.permission = "delete",
				.shown = "t.state IN ('waiting', 'running')",
				.run = cancel,
		},
		{.name = NULL},
};

/* The file of a job of the signed-in user, as the path below data/jobs. CC_E_NOENT. */
static int file_of(struct cc_request *rq, const char *key, const char **path, const char **name)
{
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT tenant_id, path, file FROM job WHERE tenant_id = {tenant} AND id = ? "
			"AND created_by = {user} AND state = 'done' AND path <> ''",
			key);
	if (!err && !rows.count)
		err = CC_E_NOENT;
	if (err)
		return err;
	*path = cc_sprintf(
			rq->arena, "%s/%s", cc_row_str(&rows.row[0], 0), cc_row_str(&rows.row[0], 1));
	*name = cc_row_str(&rows.row[0], 2);
	return 0;
}

int desk_job_file(struct cc_request *rq)
{
	const char *path, *name;
	int err = file_of(rq, cc_param(rq, "id"), &path, &name);
	if (err)
		return err;
	cc_audit(rq, "desk.jobs.download", cc_sprintf(rq->arena, "jobs/%s", cc_param(rq, "id")), NULL);
	cc_set_header(
			rq, "Content-Disposition", cc_sprintf(rq->arena, "attachment; filename=\"%s\"", name));
	cc_send_file(rq, cc_sprintf(rq->arena, "/_job/%s", path), "application/octet-stream");
	return 0;
}

static int file_remove(struct cc_request *rq, void *ctx)
{
	char path[512];
	if (cc_settings_path(rq->settings, ctx, path, sizeof path) >= 0)
		unlink(path);
	return 0;
}

static int deleting(struct cc_change *c)
{
	struct cc_request *rq = c->rq;
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT state, tenant_id, path FROM job WHERE tenant_id = {tenant} AND id = ?", c->id);
	if (err || !rows.count)
		return err;
	const char *state = cc_row_str(&rows.row[0], 0), *path = cc_row_str(&rows.row[0], 2);
	if (!strcmp(state, "running"))
		return cc_change_refuse(c, NULL, cc_t(rq, "It is under way: cancel it first."));
	if (*path)
		cc_defer(rq, file_remove,
				cc_sprintf(rq->arena, "data/jobs/%s/%s", cc_row_str(&rows.row[0], 1), path), false);
	return 0;
}

const struct cc_resource desk_jobs = {
		.name = "jobs",
		.title = CC_N("Background tasks"),
		.thing = CC_N("Background task"),
		.path = CC_JOBS_PAGE,
		.permission = "desk.jobs",
		.actions = CC_DELETE,
		.table = "job",
		.own = "t.created_by = {user}",
		.group = "t.created_by = {user}",
		.columns = columns,
		.buttons = buttons,
		.deleting = deleting,
		.initial = "active=1",
		.refresh_s = 2,
};
