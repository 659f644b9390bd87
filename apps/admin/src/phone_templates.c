/* SPDX-License-Identifier: GPL-2.0-or-later
 * ORG-03, ORG-11: templates of what phones are configured with, chosen for agents by name. Those of
 * the platform are there to be copied. */
#include <string.h>
#include "admin.h"

#define CONTENT_MAX 20000 /* characters */

static int source_choices(struct cc_request *rq, struct cc_choices *list)
{
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT id, name, tenant_id = {tenant} FROM phone_template {any} WHERE tenant_id IN "
			"({tenant}, ?) ORDER BY tenant_id = {tenant} DESC, name",
			(int64_t)CC_PLATFORM);
	for (size_t i = 0; !err && i < rows.count; i++)
		cc_choice_add(list, cc_row_str(&rows.row[i], 0), cc_row_str(&rows.row[i], 1),
				cc_row_int(&rows.row[i], 2, 0) ? cc_t(rq, "Own templates")
											   : cc_t(rq, "Templates of the platform"),
				NULL);
	return err;
}

int admin_phone_template_choices(struct cc_request *rq, struct cc_choices *list)
{
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT name, CONCAT_WS(', ', name, NULLIF(brand, '')) FROM phone_template "
			"WHERE tenant_id = {tenant} ORDER BY name");
	cc_choice_add(list, "", cc_tc(rq, "prompt", "None"), NULL, NULL);
	for (size_t i = 0; !err && i < rows.count; i++)
		cc_choice_add(list, cc_row_str(&rows.row[i], 0), cc_row_str(&rows.row[i], 1), NULL, NULL);
	return err;
}

static int new_source_choices(struct cc_request *rq, struct cc_choices *list)
{
	cc_choice_add(list, "", cc_tc(rq, "prompt", "None"), NULL, NULL);
	return source_choices(rq, list);
}

static const struct cc_column columns[] = {
		CC_COLUMN("id", CC_N("Number"), "t.id", INT, CC_COLUMN_JSON),
		CC_COLUMN("name", CC_N("Template name"), NULL, TEXT,
				CC_COLUMN_ALL | CC_COLUMN_FORM | CC_COLUMN_REQUIRED | CC_COLUMN_SORT |
						CC_COLUMN_QUICK_ANYWHERE,
				.max = 64, .unique = "phone_template_name", .link = "/admin/phone-templates/"),
		CC_COLUMN("brand", CC_N("Brand of the phone"), NULL, TEXT,
				CC_COLUMN_ALL | CC_COLUMN_FORM | CC_COLUMN_QUICK_ANYWHERE, .max = 64),
		CC_COLUMN("agents", CC_N("Agents"),
				"(SELECT COUNT(*) FROM agent a WHERE a.tenant_id = t.tenant_id AND "
				"a.provisioning_template = t.name AND a.live = 1)",
				INT, CC_COLUMN_PAGE | CC_COLUMN_JSON),
		CC_COLUMN("source", CC_N("Copy of"), NULL, CHOICE,
				CC_COLUMN_FORM | CC_COLUMN_VIRTUAL | CC_COLUMN_FIXED, .choices = new_source_choices,
				.help = CC_N("Brand and content are taken from there if they are left empty.")),
		CC_COLUMN("content", CC_N("Content"), NULL, NOTE, CC_COLUMN_FORM, .max = CONTENT_MAX,
				.help = CC_N("{number}, {name}, {domain} and {mac} stand for those of the agent.")),
		CC_COLUMN("created_at", CC_N("Created"), NULL, TIME,
				CC_COLUMN_PAGE | CC_COLUMN_HIDDEN | CC_COLUMN_CREATED),
		CC_COLUMN("updated_at", CC_N("Changed"), NULL, TIME, CC_COLUMN_ALL | CC_COLUMN_UPDATED),
		{.name = NULL},
};

static bool is_empty(const struct cc_change *c, const char *column)
{
	const char *value = cc_change_new(c, column);
	return !value || !*value;
}

static int check(struct cc_change *c)
{
	struct cc_rows rows;
	if (c->action == CC_CREATE && !is_empty(c, "source")) {
		int err = cc_db_query(c->rq->db, &rows,
				"SELECT brand, content FROM phone_template {any} WHERE tenant_id IN ({tenant}, ?) "
				"AND id = ?",
				(int64_t)CC_PLATFORM, cc_change_new(c, "source"));
		if (err)
			return err;
		if (rows.count && is_empty(c, "brand"))
			cc_change_set(c, "brand", cc_row_str(&rows.row[0], 0));
		if (rows.count && is_empty(c, "content"))
			cc_change_set(c, "content", cc_row_str(&rows.row[0], 1));
	}
	if (is_empty(c, "content"))
		return cc_change_refuse(c, "content", cc_t(c->rq, "A template has content."));
	return 0;
}

/* Agents keep their template under its new name. */
static int saved(struct cc_change *c)
{
	if (c->action != CC_EDIT || !cc_change_differs(c, "name"))
		return 0;
	int err = cc_db_exec(c->rq->db,
			"UPDATE agent SET provisioning_template = ? WHERE tenant_id = {tenant} AND "
			"provisioning_template = ?",
			cc_change_new(c, "name"), cc_change_old(c, "name"));
	if (!err)
		err = cc_db_exec(c->rq->db,
				"UPDATE preference SET value = ? WHERE tenant_id = {tenant} AND name = "
				"'provisioning_template' AND value = ?",
				cc_change_new(c, "name"), cc_change_old(c, "name"));
	return err;
}

static const struct cc_use uses[] = {
		{CC_NC("use", "Agents"),
				"SELECT a.number FROM agent a JOIN phone_template p ON p.tenant_id = a.tenant_id "
				"AND p.name = a.provisioning_template WHERE a.tenant_id = {tenant} AND p.id = ? "
				"AND a.live = 1"},
		{CC_NC("use", "Preferences"),
				"SELECT p.name FROM preference v JOIN phone_template p ON p.tenant_id = "
				"v.tenant_id AND p.name = v.value WHERE v.tenant_id = {tenant} AND v.name = "
				"'provisioning_template' AND p.id = ?"},
		{NULL, NULL},
};

const struct cc_resource admin_phone_templates = {
		.name = "phone-templates",
		.title = CC_N("Phone templates"),
		.thing = CC_N("Phone template"),
		.path = "/admin/phone-templates",
		.permission = "admin.phone_template",
		.actions = CC_CREATE | CC_EDIT | CC_DELETE,
		.table = "phone_template",
		.columns = columns,
		.uses = uses,
		.check = check,
		.saved = saved,
};

/* ---- what the phone of an agent gets ---- */

/* The content with the agent's values in place of the names in braces. */
static const char *filled(struct cc_request *rq, const char *content, const struct cc_row *agent)
{
	static const char *const names[] = {"{number}", "{name}", "{domain}", "{mac}"};
	struct cc_buf b = cc_buf_new(rq->arena);
	while (*content) {
		size_t i = 0;
		while (i < 4 && strncmp(content, names[i], strlen(names[i])))
			i++;
		if (i == 4) {
			cc_buf_add(&b, content++, 1);
			continue;
		}
		cc_buf_str(&b, cc_row_str(agent, i));
		content += strlen(names[i]);
	}
	return cc_buf_text(&b);
}

int admin_phone_preview(struct cc_request *rq)
{
	struct cc_row agent;
	struct cc_rows rows;
	/* who may not see the agent gets nothing */
	int err = cc_resource_get(rq, &admin_agents, cc_param(rq, "id"), &agent);
	if (!err)
		err = cc_db_query(rq->db, &rows,
				"SELECT a.number, a.name, t.code, a.mac, p.name, p.content FROM agent a JOIN "
				"tenant t ON t.id = a.tenant_id JOIN phone_template p ON p.tenant_id = a.tenant_id "
				"AND p.name = a.provisioning_template WHERE a.tenant_id = {tenant} AND a.id = ?",
				cc_param(rq, "id"));
	if (err)
		return err;
	if (!rows.count)
		return cc_error(rq, 404, cc_t(rq, "The agent has no phone template."));
	const struct cc_row *row = &rows.row[0];
	struct cc_value *page = cc_page(rq, cc_t(rq, "What the phone gets"));
	cc_value_str(rq->arena, page, "agent",
			cc_sprintf(rq->arena, "%s %s", cc_row_str(row, 0), cc_row_str(row, 1)));
	cc_value_str(rq->arena, page, "template", cc_row_str(row, 4));
	cc_value_str(rq->arena, page, "content", filled(rq, cc_row_str(row, 5), row));
	cc_value_str(rq->arena, page, "back",
			cc_sprintf(rq->arena, "%s/%s", admin_agents.path, cc_param(rq, "id")));
	return cc_page_send(rq, "admin/phone-preview", page);
}
