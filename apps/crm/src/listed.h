/* SPDX-License-Identifier: GPL-2.0-or-later
 * Lists of telephone numbers that people add to, one or many at a time: numbers not to be called,
 * the blacklist, warnings. What somebody without the right to approve adds or changes waits
 * ("pending") until somebody with it approves or refuses. Their tables have phone, e164, state,
 * created_by, created_at, updated_at. */
#ifndef LISTED_H
#define LISTED_H

#include "customer.h"

/* ---- columns ---- */

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

/* Digits of the number, who adds it, and that it waits if it has to. approve: the permission. */
int listed_check(struct cc_change *c, const char *approve);
/* Further numbers of the form ("more"), one a line or with commas between them: add makes a row
 * like that of c. */
int listed_more(
		struct cc_change *c, int (*add)(struct cc_change *c, const char *phone, const char *e164));

/* A function that decides about a row that waits. */
#define LISTED_STATE(function, table, decided)                                                     \
	static int function(struct cc_request *rq, const struct cc_resource *r, const char *key)       \
	{                                                                                              \
		return cc_db_exec(rq->db,                                                                  \
				"UPDATE " table " SET state = '" decided "', updated_at = ? WHERE tenant_id = "    \
				"{tenant} AND id = ? AND state = 'pending'",                                       \
				rq->now_ms, key);                                                                  \
	}
/* The buttons for that. The label of their permission: CC_NC("permission", "Approve") */
#define LISTED_BUTTON(name_, label_, run_)                                                         \
	{                                                                                              \
		.name = name_, .label = label_, .permission = "approve", .shown = "t.state = 'pending'",   \
		.run = run_                                                                                \
	}
#define LISTED_BUTTONS(approve, refuse)                                                            \
	{                                                                                              \
		LISTED_BUTTON("approve", CC_NC("action", "Approve"), approve),                             \
				LISTED_BUTTON("refuse", CC_NC("action", "Refuse"), refuse), {.name = NULL},        \
	}

#endif
