/* SPDX-License-Identifier: GPL-2.0-or-later
 * What belongs to a customer being created, changed or deleted by hand: values in their stored
 * form, numbers to search by, what must not be there twice, tags, whose it is. */
#include <inttypes.h>
#include <string.h>
#include "call_task.h"
#include "index.h"

/* Name of the column of a field in the change's table; NULL: the user's role does not see it. */
static const char *column_of(const struct cc_change *c, const struct field *f)
{
	const struct cc_column *d = customer_column(c->r, f);
	return d ? d->name : NULL;
}

/* ---- values ---- */

static void check_fields(struct cc_change *c, const struct package *p)
{
	for (size_t i = 0; i < p->count; i++) {
		const struct field *f = &p->fields[i];
		const char *name = column_of(c, f), *value = name ? cc_change_new(c, name) : NULL;
		const char *stored;
		/* the form has stored files and amounts already */
		if (!value || !*value || f->kind == FIELD_FILE || f->kind == FIELD_AMOUNT ||
				!cc_change_differs(c, name))
			continue;
		const char *wrong = field_check(c->rq->arena, f, &cc_money_plain, value, &stored);
		if (wrong)
			cc_change_refuse(c, name, cc_t(c->rq, wrong));
		else
			cc_change_set(c, name, stored);
	}
}

/* A linked choice belongs to what its parent has. */
static void check_links(struct cc_change *c, const struct package *p)
{
	for (size_t i = 0; i < p->count; i++) {
		const struct field *f = &p->fields[i], *above = field_above(p, f);
		const char *name = column_of(c, f), *decides = above ? column_of(c, above) : NULL;
		if (!name || !decides || (!cc_change_differs(c, name) && !cc_change_differs(c, decides)))
			continue;
		const char *value = cc_change_new(c, name), *decided = cc_change_new(c, decides);
		if (value && decided && !field_belongs(f, decided, value))
			cc_change_refuse(c, name,
					cc_sprintf(c->rq->arena, "%s %s", cc_t(c->rq, "This does not belong to"),
							decided));
	}
}

static void check_number(struct cc_change *c, const struct package *p)
{
	const char *e164 = package_e164(c->rq->arena, p, cc_change_new(c, "phone"));
	cc_change_set(c, "phone_e164", *e164 ? e164 : NULL);
}

/* CRM-25: what an agent creates is the agent's. */
static int check_owner(struct cc_change *c)
{
	struct cc_request *rq = c->rq;
	struct cc_rows rows;
	bool nobody = !cc_change_new(c, "agent_id") && !cc_change_new(c, "group_id");
	if (c->action == CC_CREATE && nobody && *rq->user->agent) {
		int err = cc_db_query(rq->db, &rows,
				"SELECT id FROM agent WHERE tenant_id = {tenant} AND number = {agent} AND live = "
				"1");
		if (err)
			return err;
		if (rows.count)
			cc_change_set(c, "agent_id", cc_row_str(&rows.row[0], 0));
	}
	if (cc_change_differs(c, "agent_id") || cc_change_differs(c, "group_id"))
		cc_change_set(c, "assigned_at", cc_sprintf(rq->arena, "%" PRId64, rq->now_ms));
	return 0;
}

/* CRM-20: who was given no type is of the one with the key 0, which is "not classified" as
 * delivered. */
static int check_type(struct cc_change *c)
{
	struct cc_rows rows;
	if (c->action != CC_CREATE || cc_change_new(c, "type_id"))
		return 0;
	int err = cc_db_query(c->rq->db, &rows,
			"SELECT id FROM customer_type WHERE tenant_id = {tenant} AND digit = '0'");
	if (!err && rows.count)
		cc_change_set(c, "type_id", cc_row_str(&rows.row[0], 0));
	return err;
}

int customer_check(struct cc_change *c)
{
	const struct package *p = customer_package(c->r);
	check_fields(c, p);
	check_links(c, p);
	check_number(c, p);
	if (c->action == CC_CREATE) {
		cc_change_set(c, "package_id", cc_sprintf(c->rq->arena, "%" PRId64, p->id));
		if (!c->rq->user->api)
			cc_change_set(c, "created_by", cc_sprintf(c->rq->arena, "%" PRId64, c->rq->user->id));
	}
	int err = check_type(c);
	return err ? err : check_owner(c);
}

/* ---- behind the row ---- */

/* Values in the order of the package's fields. What the user's role does not see is the same before
 * and after. */
static int values_of(
		struct cc_change *c, const struct package *p, const char **before, const char **after)
{
	const char *stored[PACKAGE_FIELDS] = {NULL};
	int err = package_values(c->rq->db, c->rq->arena, p, c->id, stored);
	for (size_t i = 0; !err && i < p->count; i++) {
		const char *name = column_of(c, &p->fields[i]);
		before[i] = name ? cc_change_old(c, name) : stored[i];
		after[i] = name ? cc_change_new(c, name) : stored[i];
	}
	return err;
}

static int write_index(struct cc_change *c, const struct package *p)
{
	const char *before[PACKAGE_FIELDS], *after[PACKAGE_FIELDS];
	int64_t other = 0;
	int err = values_of(c, p, before, after);
	if (!err)
		err = index_change(c->rq->db, c->rq->arena, p, c->id,
				c->action == CC_CREATE ? NULL : before, c->action == CC_DELETE ? NULL : after,
				&other);
	if (err == CC_E_EXIST)
		return cc_change_refuse(c, p->unique_phone ? "phone" : NULL,
				cc_fill(c->rq, cc_t(c->rq, "Customer {n} has this number or value."), "{n}",
						other));
	return err;
}

static int write_tags(struct cc_change *c)
{
	if (!cc_change_differs(c, "tag_ids"))
		return 0;
	const char *ids = cc_change_new(c, "tag_ids");
	int err = cc_db_exec(c->rq->db,
			"DELETE FROM customer_tagged WHERE tenant_id = {tenant} AND customer_id = ?", c->id);
	if (!err && ids && *ids)
		err = cc_db_exec(c->rq->db,
				"INSERT INTO customer_tagged (tenant_id, tag_id, customer_id) SELECT {tenant}, "
				"id, ? FROM customer_tag WHERE tenant_id = {tenant} AND FIND_IN_SET(id, ?)",
				c->id, ids);
	return err;
}

static int write_move(struct cc_change *c)
{
	if (!cc_change_differs(c, "agent_id") && !cc_change_differs(c, "group_id"))
		return 0;
	bool any = cc_change_new(c, "agent_id") || cc_change_new(c, "group_id");
	return cc_db_exec(c->rq->db,
			"INSERT INTO customer_move (tenant_id, customer_id, at, kind, from_agent_id, "
			"to_agent_id, to_group_id, user_id, user_name) VALUES ({tenant}, ?, ?, ?, ?, ?, ?, "
			"{user}, ?)",
			c->id, c->rq->now_ms, any ? "assign" : "recall", cc_change_old(c, "agent_id"),
			cc_change_new(c, "agent_id"), cc_change_new(c, "group_id"), c->rq->user->name);
}

/* Into the task that was chosen, or out of the one it was in. */
static int write_task(struct cc_change *c)
{
	struct call_task task;
	struct cc_many_run run = {.rq = c->rq,
			.r = c->r,
			.keys = cc_sprintf(c->rq->arena, "[%" PRId64 "]", c->id),
			.count = 1};
	if (!cc_change_differs(c, "task_id"))
		return 0;
	int64_t id = cc_change_new_int(c, "task_id", 0);
	if (!id)
		return call_task_take(&run);
	int err = call_task_load(c->rq, id, &task);
	if (!err && task.package != customer_package(c->r)->id)
		return cc_change_refuse(c, "task_id", cc_t(c->rq, "This task is of another package."));
	return err ? err : call_task_put(&run, &task, NULL);
}

int customer_saved(struct cc_change *c)
{
	const struct package *p = customer_package(c->r);
	bool fields = c->action == CC_CREATE;
	for (size_t i = 0; i < p->count && !fields; i++) {
		const char *name = column_of(c, &p->fields[i]);
		fields = name && cc_change_differs(c, name);
	}
	int err = fields ? write_index(c, p) : 0;
	if (!err)
		err = write_tags(c);
	if (!err)
		err = write_move(c);
	return err ? err : write_task(c);
}

/* Marks and contact records stay: they are history, with name and number of their own. */
int customer_deleting(struct cc_change *c)
{
	struct cc_db *db = c->rq->db;
	int err = write_index(c, customer_package(c->r));
	if (!err)
		err = cc_db_exec(db,
				"DELETE FROM customer_tagged WHERE tenant_id = {tenant} AND customer_id = ?",
				c->id);
	if (!err)
		err = cc_db_exec(db,
				"DELETE FROM customer_share WHERE tenant_id = {tenant} AND customer_id = ?", c->id);
	if (!err)
		err = cc_db_exec(db,
				"DELETE FROM customer_task WHERE tenant_id = {tenant} AND customer_id = ?", c->id);
	return err;
}
