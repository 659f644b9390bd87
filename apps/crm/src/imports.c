/* SPDX-License-Identifier: GPL-2.0-or-later
 * CRM-02, CRM-26: the list of imports. A new one is a file; its page (import_page.c) says what the
 * columns are, shows what would become of it, and starts it. */
#include "imports.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "cc/jobs.h"
#include "cc/preference.h"
#include "crm.h"
#include "plan.h"

#define LIST CC_COLUMN_ALL
#define FILE_MAX (128 * 1024 * 1024 - 65536)

/* Nobody works at it. */
#define STUCK                                                                                      \
	"(t.state = 'running' AND NOT EXISTS (SELECT 1 FROM job j WHERE j.tenant_id = t.tenant_id "    \
	"AND j.id = t.job_id AND j.state IN ('waiting', 'running')))"

static const char *const states[] = {CC_NC("import state", "draft"),
		CC_NC("import state", "running"), CC_NC("import state", "committed"),
		CC_NC("import state", "failed"), CC_NC("import state", "cancelled"),
		CC_NC("import state", "undone"), NULL};
/* content is what counts: whoever reads it says what is wrong with it */
static const char *const types[] = {
		"text/plain", "application/zip", "application/octet-stream", NULL};

static const struct cc_column columns[] = {
		CC_COLUMN("id", CC_N("Number"), NULL, INT, CC_COLUMN_JSON | CC_COLUMN_SORT),
		CC_COLUMN("name", CC_N("Batch"), NULL, TEXT,
				LIST | CC_COLUMN_FORM | CC_COLUMN_QUICK_ANYWHERE, .max = 100,
				.link = "/crm/import/", .help = CC_N("Empty: the time.")),
		CC_COLUMN("package_id", CC_N("Customer package"), "p.name", OPTION,
				LIST | CC_COLUMN_FORM | CC_COLUMN_REQUIRED | CC_COLUMN_FILTER,
				.options = CC_PACKAGE_OPEN, .value = "t.package_id"),
		CC_COLUMN("file_id", CC_N("File"), "f.name", FILE, CC_COLUMN_FORM | CC_COLUMN_REQUIRED,
				.max = FILE_MAX, .codes = types,
				.help = CC_N("CSV (UTF-8 or GB18030) or XLSX, 500,000 rows at most.")),
		CC_COLUMN("state", CC_N("State"), NULL, CODE, LIST | CC_COLUMN_FILTER,
				.context = "import state", .codes = states),
		CC_COLUMN("rows_read", CC_N("Rows"), NULL, INT, LIST),
		CC_COLUMN("rows_new", CC_N("New"), NULL, INT, LIST),
		CC_COLUMN("rows_changed", CC_N("Changed customers"), NULL, INT, LIST),
		CC_COLUMN("rows_skipped", CC_N("Skipped"), NULL, INT, LIST),
		CC_COLUMN("rows_bad", CC_N("Wrong"), NULL, INT, LIST),
		CC_COLUMN("errors", CC_N("Wrong rows"),
				"(SELECT j.id FROM job j WHERE j.tenant_id = t.tenant_id AND j.id = t.job_id AND "
				"j.path <> '' AND j.created_by = {user})",
				INT, CC_COLUMN_JSON),
		CC_COLUMN("source", CC_N("Customer source"), "s.name", TEXT, LIST),
		CC_COLUMN("problem", CC_N("Reason of failure"), NULL, TEXT, LIST),
		CC_COLUMN("created_name", CC_N("Created by"), "u.username", TEXT, LIST),
		CC_COLUMN("created_by", CC_N("Created by"), NULL, INT, CC_COLUMN_STORED),
		CC_COLUMN("created_at", CC_N("Created"), NULL, TIME, LIST | CC_COLUMN_CREATED),
		CC_COLUMN("updated_at", CC_N("Changed"), NULL, TIME,
				LIST | CC_COLUMN_HIDDEN | CC_COLUMN_UPDATED),
		{.name = NULL},
};

static int check(struct cc_change *c)
{
	const char *name = cc_change_new(c, "name");

	if (!name || !*name)
		cc_change_set(c, "name", cc_time_text(c->rq, c->rq->now_ms));
	cc_change_set(c, "created_by", cc_sprintf(c->rq->arena, "%" PRId64, c->rq->user->id));
	return 0;
}

/* What the tenant allows may be less than what the form takes. */
static int check_size(struct cc_change *c)
{
	struct cc_rows rows;
	int64_t mb = cc_preference_int(c->rq, "import_mb");
	int err = cc_db_query(c->rq->db, &rows,
			"SELECT 1 FROM file WHERE tenant_id = {tenant} AND id = ? AND size > ?",
			cc_change_new(c, "file_id"), mb * 1024 * 1024);

	if (!err && rows.count)
		return cc_change_refuse(
				c, "file_id", cc_fill(c->rq, cc_t(c->rq, "At most {n} MB."), "{n}", mb));
	return err;
}

static int saved(struct cc_change *c)
{
	int err = c->action == CC_CREATE ? check_size(c) : 0;

	if (err)
		return err;
	if (c->action == CC_CREATE && !c->rq->json)
		cc_redirect(c->rq, cc_sprintf(c->rq->arena, "/crm/import/%" PRId64, c->id));
	return 0;
}

static int deleting(struct cc_change *c)
{
	struct cc_rows rows;
	int err = cc_db_query(c->rq->db, &rows,
			"SELECT state = 'running' OR (state <> 'draft' AND hidden = 1) FROM customer_batch "
			"WHERE tenant_id = {tenant} AND id = ? FOR UPDATE",
			c->id);

	if (err || !rows.count)
		return err;
	if (cc_row_int(&rows.row[0], 0, 0))
		return cc_change_refuse(c, NULL, cc_t(c->rq, "It is under way: cancel it first."));
	return cc_db_exec(c->rq->db,
			"DELETE FROM customer_before WHERE tenant_id = {tenant} AND batch_id = ?", c->id);
}

/* ---- buttons ---- */

static void order_write(struct cc_jsonw *w, void *ctx)
{
	cc_jsonw_object(w, NULL);
	cc_jsonw_int(w, "batch", strtoll(ctx, NULL, 10));
	cc_jsonw_close_object(w);
}

int import_queue(struct cc_request *rq, const char *kind, const char *batch, int64_t *job)
{
	const struct cc_job_order order = {
			.kind = kind,
			.page = crm_imports.title,
			.options = "",
			.file = cc_sprintf(rq->arena, "wrong-rows-%s.csv", batch),
			.parameters = cc_json_text(rq->arena, order_write, (void *)batch),
	};

	return cc_job_queue(rq, &order, job);
}

int imports_start(struct cc_request *rq, const char *batch)
{
	int64_t job;
	int err = import_queue(rq, "crm.import", batch, &job);

	if (!err)
		err = cc_db_exec(rq->db,
				"UPDATE customer_batch SET state = 'running', hidden = 1, problem = '', job_id = "
				"?, "
				"updated_at = ? WHERE tenant_id = {tenant} AND id = ?",
				job, rq->now_ms, batch);
	return err;
}

static int again(struct cc_request *rq, const struct cc_resource *r, const char *key)
{
	int err = imports_start(rq, key);

	if (!err)
		cc_redirect(rq, cc_sprintf(rq->arena, "/crm/import/%s", key));
	return err;
}

/* The import sees it at its next block and empties itself; if nobody works at it, a task does. */
static int cancel(struct cc_request *rq, const struct cc_resource *r, const char *key)
{
	int64_t job;
	int err = cc_db_exec(rq->db,
			"UPDATE customer_batch SET state = 'cancelled', updated_at = ? WHERE tenant_id = "
			"{tenant} AND id = ? AND state = 'running'",
			rq->now_ms, key);

	if (!err && cc_db_affected(rq->db) == 1)
		err = import_queue(rq, "crm.clean", key, &job);
	return err;
}

static int undo(struct cc_request *rq, const struct cc_resource *r, const char *key)
{
	int64_t job;

	return import_queue(rq, "crm.undo", key, &job);
}

static const struct cc_action buttons[] = {
		{.name = "cancel",
				.label = CC_NC("action", "Cancel import"),
				.permission = "create",
				.shown = "t.state = 'running'",
				.run = cancel},
		{.name = "again",
				.label = CC_NC("action", "Start again"),
				.permission = "create",
				.shown = "t.options IS NOT NULL AND (t.state IN ('failed', 'cancelled') OR " STUCK
						 ")",
				.run = again},
		{.name = "undo",
				.label = CC_NC("action", "Undo import"),
				.permission = "undo",
				.shown = "t.state = 'committed'",
				.confirm =
						CC_N("Remove the customers of this import and put back what it changed?"),
				.run = undo},
		{.name = NULL},
};

static const struct cc_menu tools[] = {
		{"/crm/import-template", CC_NC("menu", "Template"), "crm.import.create", 0},
		{"/crm/sources", CC_NC("menu", "Customer sources"), "crm.source.list", 0},
		{"/crm/dictionaries", CC_NC("menu", "Dictionaries"), "crm.dictionary.list", 0},
		{NULL, NULL, NULL, 0}};

const struct cc_resource crm_imports = {
		.name = "imports",
		.title = CC_N("Imports"),
		.thing = CC_N("Import"),
		.path = "/crm/imports",
		.permission = "crm.import",
		.actions = CC_CREATE | CC_DELETE | CC_EXPORT,
		.table = "customer_batch",
		.from = "customer_batch t JOIN customer_package p ON p.tenant_id = t.tenant_id AND p.id = "
				"t.package_id LEFT JOIN file f ON f.tenant_id = t.tenant_id AND f.id = t.file_id "
				"LEFT JOIN customer_source s ON s.tenant_id = t.tenant_id AND s.id = t.source_id "
				"LEFT JOIN user u ON u.tenant_id = t.tenant_id AND u.id = t.created_by",
		.where = "t.tenant_id = {tenant} AND " CC_PACKAGE_SHOWN("customers", "t.package_id"),
		.own = "t.created_by = {user}",
		.group = "t.created_by = {user}",
		.columns = columns,
		.buttons = buttons,
		.tools = tools,
		.check = check,
		.saved = saved,
		.deleting = deleting,
};
