/* SPDX-License-Identifier: GPL-2.0-or-later
 * ORG-04, ORG-10: many agents at once, from a first number on. Numbers that are taken are skipped
 * and named; the rest is shown for a last look before anything is made. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "agents.h"
#include "cc/auth.h"
#include "cc/preference.h"

#define BATCH_MAX 200

struct batch
{
	struct cc_request *rq;
	const char *first, *count, *role, *department, *group;
	const char *web_password, *sip_password, *phone_password;
	bool click_only;
	int64_t from, many;
	struct cc_buf skipped; /* numbers with commas */
	struct cc_rows roles, departments, groups;
	const char *fault;
};

static const char *posted(const struct cc_request *rq, const char *name)
{
	const char *value = cc_form(rq, name);
	return value ? value : "";
}

static int load(struct cc_request *rq, struct batch *b)
{
	*b = (struct batch){
			.rq = rq,
			.first = posted(rq, "first"),
			.count = posted(rq, "count"),
			.role = posted(rq, "role"),
			.department = posted(rq, "department"),
			.group = posted(rq, "group"),
			.web_password = posted(rq, "web_password"),
			.sip_password = posted(rq, "sip_password"),
			.phone_password = posted(rq, "phone_password"),
			.click_only = !strcmp(posted(rq, "click_only"), "1"),
			.skipped = cc_buf_new(rq->arena),
	};
	int err = cc_db_query(rq->db, &b->roles,
			"SELECT id, name, code = 'agent' FROM role WHERE tenant_id = {tenant} ORDER BY name");
	if (!err)
		err = cc_db_query(rq->db, &b->departments,
				"SELECT id, name, 0 FROM department WHERE tenant_id = {tenant} ORDER BY name");
	if (!err)
		err = cc_db_query(rq->db, &b->groups,
				"SELECT id, CONCAT(number, ' ', name), 0 FROM agent_group WHERE tenant_id = "
				"{tenant} AND live = 1 ORDER BY number");
	return err;
}

static void add_options(struct cc_request *rq, struct cc_value *parent, const char *key,
		const struct cc_rows *rows, const char *chosen)
{
	struct cc_value *list = cc_value_add(rq->arena, parent, key, CC_VALUE_LIST);
	for (size_t i = 0; i < rows->count; i++) {
		const struct cc_row *row = &rows->row[i];
		struct cc_value *o = cc_value_add(rq->arena, list, NULL, CC_VALUE_MAP);
		const char *value = cc_row_str(row, 0);
		cc_value_str(rq->arena, o, "value", value);
		cc_value_str(rq->arena, o, "label", cc_row_str(row, 1));
		cc_value_bool(
				rq->arena, o, "selected", *chosen ? !strcmp(chosen, value) : cc_row_int(row, 2, 0));
	}
}

static struct cc_value *page_of(const struct batch *b)
{
	struct cc_request *rq = b->rq;
	struct cc_arena *a = rq->arena;
	struct cc_value *page = cc_page(rq, cc_t(rq, "Add many agents"));
	cc_value_str(a, page, "fault", b->fault);
	cc_value_str(a, page, "limit", admin_limit_text(rq, ADMIN_LIMIT_AGENTS));
	cc_value_str(a, page, "first", b->first);
	cc_value_str(a, page, "count", *b->count ? b->count : "10");
	cc_value_str(a, page, "phone_password",
			*b->phone_password ? b->phone_password : cc_preference(rq, "phone_password"));
	cc_value_str(a, page, "web_password", b->web_password);
	cc_value_str(a, page, "sip_password", b->sip_password);
	cc_value_str(a, page, "role", b->role);
	cc_value_bool(a, page, "click_only", b->click_only);
	cc_value_str(a, page, "rule", cc_password_rule(rq));
	add_options(rq, page, "roles", &b->roles, b->role);
	add_options(rq, page, "departments", &b->departments, b->department);
	add_options(rq, page, "groups", &b->groups, b->group);
	return page;
}

static int show_form(struct batch *b)
{
	if (b->fault)
		cc_status(b->rq, 400);
	return cc_page_send(b->rq, "admin/batch", page_of(b));
}

/* ---- checks ---- */

static bool is_option(const struct cc_rows *rows, const char *value)
{
	for (size_t i = 0; i < rows->count; i++)
		if (!strcmp(cc_row_str(&rows->row[i], 0), value))
			return true;
	return false;
}

static bool is_digits(const char *text)
{
	return !text[strspn(text, "0123456789")];
}

/* NULL, or what is wrong with what goes for all of them. */
static int check(struct batch *b, const char **fault)
{
	struct cc_request *rq = b->rq;
	bool within = true;
	*fault = NULL;
	b->from = strtoll(b->first, NULL, 10);
	b->many = is_digits(b->count) && strlen(b->count) <= 4 ? strtoll(b->count, NULL, 10) : 0;
	char last[8];
	if (!agent_number_is_valid(b->first))
		*fault = cc_t(rq, "First number: two to six digits, the first of them not 0.");
	else if (b->many < 1 || b->many > BATCH_MAX)
		*fault = cc_fill(rq, cc_t(rq, "How many: from 1 to {n}."), "{n}", BATCH_MAX);
	else if (snprintf(last, sizeof last, "%" PRId64, b->from + b->many - 1) > 6)
		*fault = cc_t(rq, "The last number would have more than six digits.");
	else if (!is_option(&b->roles, b->role))
		*fault = cc_t(rq, "Choose a role.");
	else if (*b->phone_password &&
			 (!is_digits(b->phone_password) || strlen(b->phone_password) > 16))
		*fault = cc_t(rq, "Phone sign-in password: at most 16 digits.");
	else if (strlen(b->sip_password) > 64)
		*fault = cc_t(rq, "The password is too long.");
	else if (*b->web_password)
		*fault = cc_password_refusal(rq, b->web_password, b->first);
	if (*fault)
		return 0;
	int err = cc_role_is_within(rq, strtoll(b->role, NULL, 10), &within);
	if (!err && !within)
		*fault = cc_t(rq, "This role may do more than you may: you cannot give or manage it.");
	return err;
}

/* ---- the preview ---- */

static int show_preview(struct batch *b)
{
	struct cc_request *rq = b->rq;
	struct cc_arena *a = rq->arena;
	struct cc_value *page = page_of(b);
	struct cc_value *list = cc_value_add(a, page, "rows", CC_VALUE_LIST);
	int64_t left = 0;
	bool fits = true;
	for (int64_t n = b->from; n < b->from + b->many; n++) {
		const char *taken, *number = cc_sprintf(a, "%" PRId64, n);
		int err = agent_number_taken(rq, number, &taken);
		if (err)
			return err;
		if (taken) {
			cc_buf_printf(&b->skipped, "%s%s", b->skipped.len ? ", " : "", number);
			continue;
		}
		struct cc_value *row = cc_value_add(a, list, NULL, CC_VALUE_MAP);
		left++;
		cc_value_str(a, row, "number", number);
		add_options(rq, row, "row_departments", &b->departments, b->department);
		add_options(rq, row, "row_groups", &b->groups, b->group);
	}
	int err = admin_limit_fits(rq, ADMIN_LIMIT_AGENTS, left, &fits);
	if (err)
		return err;
	cc_value_str(a, page, "skipped", b->skipped.len ? cc_buf_text(&b->skipped) : NULL);
	cc_value_bool(a, page, "too_many", !fits);
	return cc_page_send(rq, "admin/batch-preview", page);
}

/* ---- creation ---- */

static const char *of_row(const struct batch *b, const char *name, const char *number)
{
	return posted(b->rq, cc_sprintf(b->rq->arena, "%s_%s", name, number));
}

static int create_one(struct batch *b, const char *number, struct admin_issued *issued)
{
	struct cc_request *rq = b->rq;
	const char *given = of_row(b, "given", number), *family = of_row(b, "family", number);
	const char *department = of_row(b, "department", number), *group = of_row(b, "group", number);
	if (strlen(given) > 120 || strlen(family) > 120 || strpbrk(given, "\r\n\t") ||
			strpbrk(family, "\r\n\t"))
		return CC_E_INVAL;
	if ((*department && !is_option(&b->departments, department)) ||
			(*group && !is_option(&b->groups, group)))
		return CC_E_INVAL;
	struct agent agent = {
			.number = number,
			.family_name = family,
			.given_name = *given ? given : number,
			.role = b->role,
			.state = "enabled",
			.web_password = *b->web_password ? b->web_password : NULL,
			.sip_password = *b->sip_password ? b->sip_password : NULL,
			.phone_password = *b->phone_password ? b->phone_password : NULL,
			.mobile = "",
			.email = "",
			.sex = "unknown",
			.note = "",
	};
	int err = agent_account_create(rq, &agent, issued);
	if (!err)
		err = cc_db_exec(rq->db,
				"INSERT INTO agent (tenant_id, number, name, user_id, sip_ha1, phone_pin_hash, "
				"department_id, click_only, provisioning_template, created_at, updated_at) "
				"VALUES ({tenant}, ?, ?, ?, ?, ?, NULLIF(?, ''), ?, ?, ?, ?)",
				number, agent.name, agent.user_id, agent.sip_ha1, agent.phone_pin_hash, department,
				b->click_only,
				cc_preference_int(rq, "auto_bind") ? cc_preference(rq, "provisioning_template")
												   : "",
				rq->now_ms, rq->now_ms);
	if (!err && *group)
		err = cc_db_exec(rq->db,
				"INSERT INTO agent_group_member (tenant_id, group_id, agent_id, position, slot) "
				"SELECT {tenant}, ?, ?, COALESCE(MAX(position), 0) + 1, 1 FROM "
				"agent_group_member WHERE tenant_id = {tenant} AND group_id = ?",
				group, cc_db_insert_id(rq->db), group);
	return err;
}

static int create(struct batch *b)
{
	struct cc_request *rq = b->rq;
	int64_t made = 0;
	bool fits = true;
	struct admin_issued *issued =
			admin_issued_new(rq, cc_t(rq, "The agents were created"), admin_agents.path);
	int err = admin_limit_fits(rq, ADMIN_LIMIT_AGENTS, 0, &fits);
	for (int64_t n = b->from; n < b->from + b->many && !err; n++) {
		const char *taken, *number = cc_sprintf(rq->arena, "%" PRId64, n);
		if (!cc_form(rq, cc_sprintf(rq->arena, "pick_%s", number)))
			continue;
		err = agent_number_taken(rq, number, &taken);
		if (!err && taken)
			cc_buf_printf(&b->skipped, "%s%s", b->skipped.len ? ", " : "", number);
		if (err || taken)
			continue;
		err = create_one(b, number, issued);
		made++;
	}
	if (!err)
		err = admin_limit_fits(rq, ADMIN_LIMIT_AGENTS, 0, &fits);
	if (err)
		return err;
	if (!fits || !made) {
		cc_db_rollback(rq->db);
		cc_defer_none(rq);
		cc_db_begin(rq->db, true);
		b->fault = made ? cc_sprintf(rq->arena, "%s %s", cc_t(rq, "No more are allowed."),
								  admin_limit_text(rq, ADMIN_LIMIT_AGENTS))
						: cc_t(rq, "No agent was chosen.");
		return show_form(b);
	}
	if (b->skipped.len)
		admin_issued_note(
				issued, cc_sprintf(rq->arena, "%s %s", cc_t(rq, "Numbers that exist were skipped:"),
								cc_buf_text(&b->skipped)));
	cc_audit(rq, "admin.agent.batch", b->first,
			cc_sprintf(rq->arena, "{\"first\":\"%s\",\"made\":%" PRId64 "}", b->first, made));
	cc_defer(rq, admin_reload, NULL, false);
	return admin_changed(rq);
}

int admin_batch_form(struct cc_request *rq)
{
	struct batch b;
	int err = load(rq, &b);
	return err ? err : show_form(&b);
}

int admin_batch(struct cc_request *rq)
{
	struct batch b;
	int err = load(rq, &b);
	if (!err)
		err = check(&b, &b.fault);
	if (err)
		return err;
	if (b.fault || !strcmp(posted(rq, "step"), "back"))
		return show_form(&b);
	return strcmp(posted(rq, "step"), "create") ? show_preview(&b) : create(&b);
}
