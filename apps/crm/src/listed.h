/* SPDX-License-Identifier: GPL-2.0-or-later
 * Lists of telephone numbers that people add to, one or many at a time: numbers not to be called,
 * the blacklist, warnings. What somebody without the right to approve adds or changes waits
 * ("pending") until somebody with it approves or refuses. Their tables have phone, e164, state,
 * created_by, created_at, updated_at. */
#ifndef LISTED_H
#define LISTED_H

#include "customer.h"

/* ---- columns ---- */

/* Key and number, which is a link to the row's page below link_; more: what else the column has. */
#define LISTED_NUMBER(link_, ...)                                                                  \
	CC_COLUMN("id", CC_N("Number"), NULL, INT, CC_COLUMN_ALL | CC_COLUMN_HIDDEN),                  \
			CC_COLUMN("phone", CC_N("Telephone number"), NULL, PHONE,                              \
					CC_COLUMN_ALL | CC_COLUMN_FORM | CC_COLUMN_REQUIRED |                          \
							CC_COLUMN_QUICK_ANYWHERE,                                              \
					.max = 32, .link = (link_), __VA_ARGS__)
#define LISTED_STATE(states)                                                                       \
	CC_COLUMN("state", CC_N("State"), NULL, CODE,                                                  \
			CC_COLUMN_ALL | CC_COLUMN_FORM | CC_COLUMN_REQUIRED | CC_COLUMN_FILTER |               \
					CC_COLUMN_BATCH,                                                               \
			.context = "approval", .codes = (states), .initial = "enabled")
#define LISTED_REASON                                                                              \
	CC_COLUMN("reason", CC_N("Reason"), NULL, TEXT, CC_COLUMN_ALL | CC_COLUMN_FORM, .max = 200)
#define LISTED_MORE                                                                                \
	CC_COLUMN("more", CC_N("More numbers"), NULL, NOTE,                                            \
			CC_COLUMN_FORM | CC_COLUMN_VIRTUAL | CC_COLUMN_FIXED, .max = 20000,                    \
			.help = CC_N("One a line, or with commas between them."))
#define LISTED_STAMPS                                                                              \
	CC_COLUMN("created_by", CC_N("Created by"), NULL, TEXT, CC_COLUMN_ALL | CC_COLUMN_STORED),     \
			CC_COLUMN(                                                                             \
					"created_at", CC_N("Created"), NULL, TIME, CC_COLUMN_ALL | CC_COLUMN_CREATED), \
			CC_COLUMN("updated_at", CC_N("Changed"), NULL, TIME,                                   \
					CC_COLUMN_ALL | CC_COLUMN_HIDDEN | CC_COLUMN_UPDATED),                         \
			CC_COLUMN("e164", CC_N("E.164"), "t.e164", TEXT, CC_COLUMN_STORED)
/* Numbers of customers whose task hides them; of which packages hp: a condition. */
#define LISTED_HIDES(packages)                                                                     \
	CC_COLUMN("hides", CC_N("Hide telephone numbers"),                                             \
			"(SELECT hk.hide FROM customer_package hp JOIN customer_index hi ON hi.tenant_id = "   \
			"hp.tenant_id AND hi.package_id = hp.id AND hi.slot = 1 AND hi.value = t.e164 JOIN "   \
			"call_task_customer hx ON hx.tenant_id = hi.tenant_id AND hx.customer_id = "           \
			"hi.customer_id JOIN call_task hk ON hk.tenant_id = hx.tenant_id AND hk.id = "         \
			"hx.task_id WHERE hp.tenant_id = t.tenant_id AND " packages                            \
			" ORDER BY hk.hide DESC LIMIT 1)",                                                     \
			HIDES, 0)

/* ---- hooks ---- */

/* Digits of the number, who adds it, and that it waits if it has to: without the permission
 * `approve` of the table. */
int listed_check(struct cc_change *c);
/* Further numbers of the form ("more"), one a line or with commas between them: add makes a row
 * like that of c. */
int listed_more(
		struct cc_change *c, int (*add)(struct cc_change *c, const char *phone, const char *e164));

/* The functions <list>_… of a table: further numbers get its columns own, and who approves or
 * refuses a row that waits makes it enabled or refused. And the buttons for that. The label of
 * their permission: CC_NC("permission", "Approve") */
#define LISTED_FUNCTIONS(list, table, own, refused)                                                \
	static int list##_add(struct cc_change *c, const char *phone, const char *e164)                \
	{                                                                                              \
		return cc_db_exec(c->rq->db,                                                               \
				"INSERT IGNORE INTO " table " (tenant_id, phone, e164, " own                       \
				", state, created_by, created_at, updated_at) SELECT {tenant}, ?, ?, " own         \
				", state, created_by, created_at, updated_at FROM " table                          \
				" WHERE tenant_id = {tenant} AND id = ?",                                          \
				phone, e164, c->id);                                                               \
	}                                                                                              \
	static int list##_saved(struct cc_change *c)                                                   \
	{                                                                                              \
		return listed_more(c, list##_add);                                                         \
	}                                                                                              \
	LISTED_DECIDE(list##_approve, table, "enabled")                                                \
	LISTED_DECIDE(list##_refuse, table, refused)                                                   \
	static const struct cc_action list##_buttons[] = {                                             \
			LISTED_BUTTON("approve", CC_NC("action", "Approve"), list##_approve),                  \
			LISTED_BUTTON("refuse", CC_NC("action", "Refuse"), list##_refuse),                     \
			{.name = NULL},                                                                        \
	};
#define LISTED_DECIDE(function, table, decided)                                                    \
	static int function(struct cc_request *rq, const struct cc_resource *r, const char *key)       \
	{                                                                                              \
		return cc_db_exec(rq->db,                                                                  \
				"UPDATE " table " SET state = '" decided "', updated_at = ? WHERE tenant_id = "    \
				"{tenant} AND id = ? AND state = 'pending'",                                       \
				rq->now_ms, key);                                                                  \
	}
#define LISTED_BUTTON(name_, label_, run_)                                                         \
	{                                                                                              \
		.name = name_, .label = label_, .permission = "approve", .shown = "t.state = 'pending'",   \
		.run = run_                                                                                \
	}

/* What their resources have in common. Everybody sees all of them: they concern everybody. */
#define LISTED_RESOURCE(list, table_)                                                              \
	.actions = CC_CREATE | CC_EDIT | CC_DELETE | CC_EXPORT | CC_IMPORT, .table = (table_),         \
	.own = "TRUE", .group = "TRUE", .columns = list##_columns, .buttons = list##_buttons,          \
	.check = listed_check, .saved = list##_saved

#endif
