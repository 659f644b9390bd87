/* SPDX-License-Identifier: GPL-2.0-or-later
 * TEL-20 and pop warnings: numbers that are not to be called, and numbers with a warning for who
 * has them on the telephone. What somebody without the right to approve adds waits for approval. */
#include <string.h>
#include "customer.h"

#define LIST CC_COLUMN_ALL
#define FORM CC_COLUMN_FORM
#define MORE (CC_COLUMN_ALL | CC_COLUMN_HIDDEN)
#define PACKAGE_NAME                                                                               \
	"(SELECT x.name FROM customer_package x WHERE x.tenant_id = t.tenant_id AND x.id = "           \
	"t.package_id)"

#define SHOWN "t.tenant_id = {tenant} AND " CC_PACKAGE_SHOWN("customers", "t.package_id")

static const char *const no_call_states[] = {CC_NC("approval", "enabled"),
		CC_NC("approval", "disabled"), CC_NC("approval", "pending"), NULL};
static const char *const warning_states[] = {
		"enabled", CC_NC("approval", "closed"), "pending", NULL};

/* ---- both ---- */

/* The number's digits, who adds it, and that it waits if it has to. */
static int check_entry(struct cc_change *c, const char *approve)
{
	struct cc_request *rq = c->rq;
	struct package *p;
	int err = package_load(rq->db, rq->arena, 0, &p);
	if (err)
		return err;
	const char *phone = cc_change_new(c, "phone"), *e164 = package_e164(rq->arena, p, phone);
	if (!*e164)
		return cc_change_refuse(c, "phone", cc_t(rq, "This is not a telephone number."));
	cc_change_set(c, "e164", e164);
	if (c->action == CC_CREATE)
		cc_change_set(c, "created_by", rq->user->name);
	if (cc_can(rq, approve))
		return 0;
	if (c->action == CC_CREATE)
		cc_change_set(c, "state", "pending");
	else if (cc_change_differs(c, "state"))
		return cc_change_refuse(c, "state", cc_t(rq, "You may not approve this."));
	return 0;
}

/* Further numbers of the form, one a line or with commas between them: rows like the first. */
static int more_numbers(
		struct cc_change *c, int (*add)(struct cc_change *c, const char *phone, const char *e164))
{
	struct cc_request *rq = c->rq;
	const char *text = c->action == CC_CREATE ? cc_change_new(c, "more") : NULL;
	struct package *p;
	int err = text && *text ? package_load(rq->db, rq->arena, 0, &p) : 0;
	for (; !err && text && *text;) {
		size_t len = strcspn(text, ",\r\n");
		const char *phone = cc_strndup(rq->arena, text, len);
		text += len + (text[len] != '\0');
		while (*phone == ' ')
			phone++;
		if (!*phone)
			continue;
		const char *e164 = package_e164(rq->arena, p, phone);
		if (!*e164 || strlen(phone) > 32)
			return cc_change_refuse(c, "more",
					cc_sprintf(rq->arena, "%.40s: %s", phone,
							cc_t(rq, "This is not a telephone number.")));
		err = add(c, phone, e164);
	}
	return err;
}

#define MORE_NUMBERS                                                                               \
	CC_COLUMN("more", CC_N("More numbers"), NULL, NOTE,                                            \
			FORM | CC_COLUMN_VIRTUAL | CC_COLUMN_FIXED, .max = 20000,                              \
			.help = CC_N("One a line, or with commas between them."))
#define STAMPS                                                                                     \
	CC_COLUMN("created_by", CC_N("Created by"), NULL, TEXT, LIST | CC_COLUMN_STORED),              \
			CC_COLUMN("created_at", CC_N("Created"), NULL, TIME, LIST | CC_COLUMN_CREATED),        \
			CC_COLUMN("updated_at", CC_N("Changed"), NULL, TIME, MORE | CC_COLUMN_UPDATED),        \
			CC_COLUMN("e164", CC_N("E.164"), "t.e164", TEXT, CC_COLUMN_STORED)

/* Numbers of customers whose task hides them. */
#define HIDES                                                                                      \
	CC_COLUMN("hides", CC_N("Hide telephone numbers"),                                             \
			"(SELECT hk.hide FROM customer_index hi JOIN call_task_customer hx ON hx.tenant_id = " \
			"hi.tenant_id AND hx.customer_id = hi.customer_id JOIN call_task hk ON hk.tenant_id "  \
			"= hx.tenant_id AND hk.id = hx.task_id WHERE hi.tenant_id = t.tenant_id AND "          \
			"hi.package_id = t.package_id AND hi.slot = 1 AND hi.value = t.e164 ORDER BY hk.hide " \
			"DESC LIMIT 1)",                                                                       \
			HIDES, 0)

/* ---- not to be called ---- */

static const struct cc_column no_call_columns[] = {
		CC_COLUMN("id", CC_N("Number"), NULL, INT, MORE),
		CC_COLUMN("phone", CC_N("Telephone number"), NULL, PHONE,
				LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_QUICK_ANYWHERE, .max = 32,
				.unique = "no_call_number", .link = "/crm/no-call/"),
		MORE_NUMBERS,
		CC_COLUMN("package_id", CC_N("Package"), PACKAGE_NAME, OPTION,
				LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_FILTER,
				.options = CC_PACKAGE_OPTIONS("customers"),
				.help = CC_N("Other packages are not concerned.")),
		CC_COLUMN("state", CC_N("State"), NULL, CODE,
				LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_FILTER | CC_COLUMN_BATCH,
				.context = "approval", .codes = no_call_states, .initial = "enabled"),
		CC_COLUMN("reason", CC_N("Reason"), NULL, TEXT, LIST | FORM, .max = 200),
		STAMPS,
		HIDES,
		{.name = NULL},
};

static int no_call_check(struct cc_change *c)
{
	return check_entry(c, "crm.no_call.approve");
}

static int no_call_add(struct cc_change *c, const char *phone, const char *e164)
{
	return cc_db_exec(c->rq->db,
			"INSERT IGNORE INTO no_call (tenant_id, package_id, phone, e164, reason, state, "
			"created_by, created_at, updated_at) SELECT {tenant}, n.package_id, ?, ?, n.reason, "
			"n.state, n.created_by, n.created_at, n.updated_at FROM no_call n WHERE n.tenant_id = "
			"{tenant} AND n.id = ?",
			phone, e164, c->id);
}

static int no_call_saved(struct cc_change *c)
{
	return more_numbers(c, no_call_add);
}

static int no_call_approve(struct cc_request *rq, const struct cc_resource *r, const char *key)
{
	return cc_db_exec(rq->db,
			"UPDATE no_call SET state = 'enabled', updated_at = ? WHERE tenant_id = {tenant} AND "
			"id = ?",
			rq->now_ms, key);
}

static const struct cc_action no_call_buttons[] = {
		{.name = "approve",
				.label = CC_NC("action", "Approve"),
				.permission = "approve",
				.shown = "t.state = 'pending'",
				.run = no_call_approve},
		{.name = NULL},
};

const struct cc_resource crm_no_call = {
		.name = "no-call",
		.title = CC_N("Numbers not to be called"),
		.thing = CC_N("Number not to be called"),
		.path = "/crm/no-call",
		.permission = "crm.no_call",
		.actions = CC_CREATE | CC_EDIT | CC_DELETE | CC_EXPORT | CC_IMPORT,
		.table = "no_call",
		.where = SHOWN,
		/* everybody sees them all: nobody is to call them */
		.own = "TRUE",
		.group = "TRUE",
		.columns = no_call_columns,
		.buttons = no_call_buttons,
		.note = CC_N(
				"Whole customers that are not to be called stand in the list of customers, not "
				"here."),
		.check = no_call_check,
		.saved = no_call_saved,
};

/* ---- warnings ---- */

static const struct cc_column warning_columns[] = {
		CC_COLUMN("id", CC_N("Number"), NULL, INT, MORE),
		CC_COLUMN("phone", CC_N("Telephone number"), NULL, PHONE,
				LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_QUICK_ANYWHERE, .max = 32,
				.link = "/crm/warnings/"),
		MORE_NUMBERS,
		CC_COLUMN("text", CC_N("Warning"), NULL, NOTE, LIST | FORM | CC_COLUMN_REQUIRED),
		CC_COLUMN("package_id", CC_N("Package"), PACKAGE_NAME, OPTION,
				LIST | FORM | CC_COLUMN_FILTER, .options = CC_PACKAGE_OPTIONS("customers"),
				.help = CC_N("Empty: of all packages.")),
		CC_COLUMN("state", CC_N("State"), NULL, CODE,
				LIST | FORM | CC_COLUMN_REQUIRED | CC_COLUMN_FILTER | CC_COLUMN_BATCH,
				.context = "approval", .codes = warning_states, .initial = "enabled"),
		STAMPS,
		HIDES,
		{.name = NULL},
};

static int warning_check(struct cc_change *c)
{
	return check_entry(c, "crm.warnings.approve");
}

static int warning_add(struct cc_change *c, const char *phone, const char *e164)
{
	return cc_db_exec(c->rq->db,
			"INSERT INTO pop_warning (tenant_id, package_id, phone, e164, text, state, created_by, "
			"created_at, updated_at) SELECT {tenant}, n.package_id, ?, ?, n.text, n.state, "
			"n.created_by, n.created_at, n.updated_at FROM pop_warning n WHERE n.tenant_id = "
			"{tenant} AND n.id = ?",
			phone, e164, c->id);
}

static int warning_saved(struct cc_change *c)
{
	return more_numbers(c, warning_add);
}

static int warning_approve(struct cc_request *rq, const struct cc_resource *r, const char *key)
{
	return cc_db_exec(rq->db,
			"UPDATE pop_warning SET state = 'enabled', updated_at = ? WHERE tenant_id = {tenant} "
			"AND id = ?",
			rq->now_ms, key);
}

static const struct cc_action warning_buttons[] = {
		{.name = "approve",
				.label = CC_NC("action", "Approve"),
				.permission = "approve",
				.shown = "t.state = 'pending'",
				.run = warning_approve},
		{.name = NULL},
};

const struct cc_resource crm_warnings = {
		.name = "warnings",
		.title = CC_N("Warnings"),
		.thing = CC_N("Warning"),
		.path = "/crm/warnings",
		.permission = "crm.warnings",
		.actions = CC_CREATE | CC_EDIT | CC_DELETE | CC_EXPORT | CC_IMPORT,
		.table = "pop_warning",
		.where = SHOWN,
		.own = "TRUE",
		.group = "TRUE",
		.columns = warning_columns,
		.buttons = warning_buttons,
		.note = CC_N("Shown when somebody opens, calls or answers the number."),
		.check = warning_check,
		.saved = warning_saved,
};
