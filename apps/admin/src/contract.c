/* SPDX-License-Identifier: GPL-2.0-or-later
 * PLAT-18: which plugins, paid applications and modules the contract of one tenant has. Who sees
 * the tenant sees it, the operator says it. */
#include "plugins.h"

#include <stdlib.h>
#include <string.h>
#include "cc/plugins.h"

struct contract
{
	int64_t tenant;
	const char *code, *name;
	struct cc_rows offers; /* what the platform has for tenants */
};

enum
{
	O_NAME,
	O_KIND,
	O_TITLE,
	O_SUMMARY,
	O_SINCE, /* NULL: not in the contract */
	O_OFF,
};

static int load(struct cc_request *rq, struct contract *c)
{
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT id, code, name FROM tenant {any} WHERE id = ? AND (? OR reseller_id = {user})",
			strtoll(cc_param(rq, "tenant"), NULL, 10), rq->user->scope == CC_SCOPE_ALL);
	if (err || !rows.count)
		return err ? err : CC_E_NOENT;
	c->tenant = cc_row_int(&rows.row[0], 0, 0);
	c->code = cc_row_str(&rows.row[0], 1);
	c->name = cc_row_str(&rows.row[0], 2);
	return cc_db_query(rq->db, &c->offers,
			"SELECT p.name, p.kind, p.title, p.summary, o.enabled_at, o.off FROM plugin p {any} "
			"LEFT JOIN plugin_tenant o ON o.tenant_id = ? AND o.plugin = p.name "
			"WHERE p.per_tenant = 1 AND p.state = 'enabled' ORDER BY p.kind, p.name",
			c->tenant);
}

int admin_contract_form(struct cc_request *rq)
{
	struct cc_arena *a = rq->arena;
	struct contract c;
	int err = load(rq, &c);
	if (err)
		return err;
	struct cc_value *page = cc_page(rq, cc_sprintf(a, "%s: %s", cc_t(rq, "Contract"), c.name));
	struct cc_value *list = cc_value_add(a, page, "offers", CC_VALUE_LIST);
	for (size_t i = 0; i < c.offers.count; i++) {
		const struct cc_row *row = &c.offers.row[i];
		const char *context = !strcmp(cc_row_str(row, O_KIND), "module") ? "module" : "plugin";
		struct cc_value *v = cc_value_add(a, list, NULL, CC_VALUE_MAP);
		cc_value_str(a, v, "name", cc_row_str(row, O_NAME));
		cc_value_str(a, v, "kind", cc_tc(rq, "plugin kind", cc_row_str(row, O_KIND)));
		cc_value_str(a, v, "plugin_title", cc_tc(rq, context, cc_row_str(row, O_TITLE)));
		cc_value_str(a, v, "summary", cc_tc(rq, context, cc_row_str(row, O_SUMMARY)));
		cc_value_str(a, v, "since", cc_time_text(rq, cc_row_int(row, O_SINCE, 0)));
		cc_value_bool(a, v, "has", row->v[O_SINCE]);
		cc_value_bool(a, v, "off", cc_row_int(row, O_OFF, 0));
	}
	cc_value_str(a, page, "code", c.code);
	cc_value_str(a, page, "action", rq->path);
	cc_value_str(a, page, "tenant_url", cc_sprintf(a, "/admin/tenants/%lld", (long long)c.tenant));
	cc_value_bool(a, page, "may_save", admin_plugins_may_grant(rq));
	cc_value_bool(a, page, "saved", cc_query(rq, "saved"));
	return cc_page_send(rq, "admin/contract", page);
}

int admin_contract(struct cc_request *rq)
{
	struct contract c;
	int err = admin_plugins_may_grant(rq) ? load(rq, &c) : CC_E_DENIED;
	for (size_t i = 0; !err && i < c.offers.count; i++) {
		const struct cc_row *row = &c.offers.row[i];
		const char *name = cc_row_str(row, O_NAME), *wanted = cc_form_last(rq, name);
		/* what the form did not have stays as it is */
		if (wanted && !strcmp(wanted, "1") != (row->v[O_SINCE] != NULL))
			err = admin_plugin_grant(rq, name, c.tenant, c.code, !row->v[O_SINCE]);
	}
	if (!err)
		cc_redirect(rq, cc_sprintf(rq->arena, "%s?saved=1", rq->path));
	return err;
}
