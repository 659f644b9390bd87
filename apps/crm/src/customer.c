/* SPDX-License-Identifier: GPL-2.0-or-later
 * CRM-01: the customers of a package as a list, a form, files and JSON. The columns of the package
 * come from customer_fields.c. */
#include "call_task.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "cc/preference.h"

#define CARD "/crm/card?customer="
#define LIST CC_COLUMN_ALL
#define MORE (CC_COLUMN_ALL | CC_COLUMN_HIDDEN)
#define FORM CC_COLUMN_FORM

static const char *const sexes[] = {CC_NC("sex", "male"), CC_NC("sex", "female"), NULL};
static const char *const views[] = {CC_NC("customer_view", "assigned"),
		CC_NC("customer_view", "sea"), CC_NC("customer_view", "mine"),
		CC_NC("customer_view", "shared"), NULL};
static const char *const assignments[] = {CC_NC("assignment", "agent"),
		CC_NC("assignment", "group"), CC_NC("assignment", "none"), NULL};
static const char *const contacts[] = {
		CC_NC("contact", "never"), CC_NC("contact", "answered"), CC_NC("contact", "missed"), NULL};

/* ---- filters that are no column ---- */

static bool view_compare(struct cc_list *l, const char *op, const char *value, struct cc_buf *sql)
{
	static const struct
	{
		const char *view, *sql;
	} conditions[] = {
			{"assigned", "(t.agent_id IS NOT NULL OR t.group_id IS NOT NULL)"},
			{"sea", "(t.agent_id IS NULL AND t.group_id IS NULL)"},
			{"mine", "t.agent_id = " MY_AGENT},
			{"shared", "t.id IN (" SHARED_WITH_ME ")"},
	};
	for (size_t i = 0; i < sizeof conditions / sizeof *conditions; i++)
		if (!strcmp(conditions[i].view, value)) {
			cc_buf_printf(sql, "%s%s", strcmp(op, "is") ? "NOT " : "", conditions[i].sql);
			return true;
		}
	return false;
}

static bool tag_compare(struct cc_list *l, const char *op, const char *value, struct cc_buf *sql)
{
	char *end;
	int64_t id = strtoll(value, &end, 10);
	if (*end || end == value)
		return false;
	cc_buf_printf(sql,
			"t.id %sIN (SELECT g.customer_id FROM customer_tagged g WHERE g.tenant_id = {tenant} "
			"AND g.tag_id = ?)",
			strcmp(op, "is") ? "NOT " : "");
	cc_list_bind(l, cc_bind_int(id));
	return true;
}

static bool task_compare(struct cc_list *l, const char *op, const char *value, struct cc_buf *sql)
{
	char *end;
	int64_t id = strtoll(value, &end, 10);
	if (*end || end == value)
		return false;
	cc_buf_printf(sql,
			"%sEXISTS (SELECT 1 FROM call_task_customer x WHERE x.tenant_id = {tenant} AND "
			"x.customer_id = t.id AND x.task_id = ?)",
			strcmp(op, "is") ? "NOT " : "");
	cc_list_bind(l, cc_bind_int(id));
	return true;
}

/* Who gave it away, shared it or assigned it. */
static bool moved_compare(
		struct cc_list *l, const char *value, const char *kind, struct cc_buf *sql)
{
	char *end;
	int64_t id = strtoll(value, &end, 10);
	if (*end || end == value)
		return false;
	cc_buf_str(sql, "t.id IN (SELECT v.customer_id FROM customer_move v WHERE v.tenant_id = "
					"{tenant} AND v.user_id = ? AND v.kind = ?)");
	cc_list_bind(l, cc_bind_int(id));
	cc_list_bind(l, cc_bind_str(kind));
	return true;
}

static bool transferred_compare(
		struct cc_list *l, const char *op, const char *value, struct cc_buf *sql)
{
	return moved_compare(l, value, "transfer", sql);
}

static bool shared_compare(struct cc_list *l, const char *op, const char *value, struct cc_buf *sql)
{
	return moved_compare(l, value, "share", sql);
}

static bool assigned_compare(
		struct cc_list *l, const char *op, const char *value, struct cc_buf *sql)
{
	return moved_compare(l, value, "assign", sql);
}

/* A step of the funnel: by the contact records that led to it. */
static bool funnel_compare(struct cc_list *l, const char *op, const char *value, struct cc_buf *sql)
{
	if (!strcmp(op, "is")) {
		cc_buf_str(sql, "(t.funnel_id = ? AND t.id IN (SELECT r.customer_id FROM contact_record r "
						"WHERE r.tenant_id = {tenant} AND r.funnel_id = ?))");
		cc_list_bind(l, cc_bind_str(value));
	} else {
		cc_buf_str(sql, strcmp(op, "in") ? "NOT (t.funnel_id <=> ?)"
										 : "FIND_IN_SET(t.funnel_id, REPLACE(?, ' ', ''))");
	}
	cc_list_bind(l, cc_bind_str(value));
	return true;
}

#define USER_OPTIONS                                                                               \
	"SELECT id, CONCAT(username, ' ', name) FROM user WHERE tenant_id = {tenant} AND live = 1 "    \
	"ORDER BY username"
#define TAGS                                                                                       \
	"(SELECT GROUP_CONCAT(x.name ORDER BY x.name SEPARATOR ', ') FROM customer_tagged g JOIN "     \
	"customer_tag x ON x.tenant_id = g.tenant_id AND x.id = g.tag_id WHERE g.tenant_id = "         \
	"t.tenant_id AND g.customer_id = t.id)"
#define TAG_IDS                                                                                    \
	"(SELECT GROUP_CONCAT(g.tag_id ORDER BY g.tag_id) FROM customer_tagged g WHERE g.tenant_id = " \
	"t.tenant_id AND g.customer_id = t.id)"
#define TASK_ID                                                                                    \
	"(SELECT x.task_id FROM call_task_customer x WHERE x.tenant_id = t.tenant_id AND "             \
	"x.customer_id = t.id)"
#define NAME_OF(table, key)                                                                        \
	"(SELECT x.name FROM " table " x WHERE x.tenant_id = t.tenant_id AND x.id = t." key ")"
#define NAMES(table) "SELECT id, name FROM " table " WHERE tenant_id = {tenant}"
#define NUMBERS(table)                                                                             \
	"SELECT id, CONCAT(number, ' ', name) FROM " table " WHERE tenant_id = {tenant}"
#define NUMBER_OF(table, key)                                                                      \
	"(SELECT CONCAT(x.number, ' ', x.name) FROM " table                                            \
	" x WHERE x.tenant_id = t.tenant_id AND x.id = t." key ")"

static const struct cc_column columns[] = {
		CC_COLUMN("id", CC_N("Number"), NULL, INT, MORE | CC_COLUMN_SORT),
		CC_COLUMN("name", CC_N("Name"), NULL, TEXT, LIST | FORM | CC_COLUMN_REQUIRED, .max = 100,
				.compare = customer_name_compare, .link = CARD),
		CC_COLUMN("phone", CC_N("Telephone number"), NULL, PHONE, LIST | FORM | CC_COLUMN_REQUIRED,
				.max = 32, .compare = customer_number_compare, .call = "TRUE"),
		CC_COLUMN("type_id", CC_N("Customer type"), NAME_OF("customer_type", "type_id"), OPTION,
				LIST | FORM | CC_COLUMN_FILTER | CC_COLUMN_BATCH, .names = NAMES("customer_type"),
				.options = TYPE_OPTIONS),
		CC_COLUMN("sex", CC_N("Sex"), NULL, CODE, LIST | FORM | CC_COLUMN_BATCH, .context = "sex",
				.codes = sexes),
		CC_COLUMN("age", CC_N("Age"), NULL, INT, MORE | FORM, .max = 150),
		CC_COLUMN("email", CC_N("E-mail"), NULL, EMAIL, MORE | FORM, .max = 255),
		CC_COLUMN("city", CC_N("Residence"), NULL, TEXT, MORE | FORM | CC_COLUMN_BATCH, .max = 100),
		CC_COLUMN("area", CC_N("Region"), NULL, TEXT, MORE | FORM | CC_COLUMN_BATCH, .max = 100),
		CC_COLUMN("tags", CC_N("Tags"), TAGS, TEXT, MORE & ~CC_COLUMN_SEARCH),
		CC_COLUMN("tag_ids", CC_N("Tags"), NULL, OPTIONS, FORM | CC_COLUMN_VIRTUAL,
				.value = TAG_IDS,
				.options = "SELECT id, name FROM customer_tag WHERE tenant_id = {tenant} ORDER BY "
						   "name"),
		CC_COLUMN("tag", CC_N("Tag"), TAG_IDS, OPTION, CC_COLUMN_FILTER | CC_COLUMN_SEARCH,
				.value = TAG_IDS, .compare = tag_compare,
				.options = "SELECT id, name FROM customer_tag WHERE tenant_id = {tenant} ORDER BY "
						   "name"),
		CC_COLUMN("source_id", CC_N("Data source"), NAME_OF("customer_source", "source_id"), OPTION,
				MORE | FORM | CC_COLUMN_FILTER | CC_COLUMN_BATCH, .names = NAMES("customer_source"),
				.options = "SELECT id, name FROM customer_source WHERE tenant_id = {tenant} ORDER "
						   "BY id DESC"),
		CC_COLUMN("batch_id", CC_N("Batch"), NAME_OF("customer_batch", "batch_id"), OPTION,
				MORE | CC_COLUMN_FILTER, .names = NAMES("customer_batch"),
				.options = "SELECT id, name FROM customer_batch WHERE tenant_id = {tenant} AND "
						   "state = 'committed' ORDER BY id DESC"),
		CC_COLUMN("assignment", CC_N("Assignment"),
				"IF(t.agent_id IS NOT NULL, 'agent', IF(t.group_id IS NOT NULL, 'group', 'none'))",
				CODE, MORE, .context = "assignment", .codes = assignments),
		CC_COLUMN("agent_id", CC_N("Agent"), NUMBER_OF("agent", "agent_id"), OPTION,
				LIST | FORM | CC_COLUMN_FILTER | CC_COLUMN_GUARDED, .names = NUMBERS("agent"),
				.options = AGENT_OPTIONS, .section = CC_N("Assignment")),
		CC_COLUMN("group_id", CC_N("Agent group"), NUMBER_OF("agent_group", "group_id"), OPTION,
				MORE | FORM | CC_COLUMN_FILTER | CC_COLUMN_GUARDED, .names = NUMBERS("agent_group"),
				.options = GROUP_OPTIONS, .as = "agent_id"),
		CC_COLUMN("task_id", CC_N("Call task"),
				"(SELECT k.name FROM call_task_customer x JOIN call_task k ON k.tenant_id = "
				"x.tenant_id AND k.id = x.task_id WHERE x.tenant_id = t.tenant_id AND "
				"x.customer_id = t.id)",
				OPTION, MORE | FORM | CC_COLUMN_FILTER | CC_COLUMN_GUARDED | CC_COLUMN_VIRTUAL,
				.value = TASK_ID, .options = CALL_TASK_OPTIONS, .compare = task_compare,
				.as = "agent_id"),
		CC_COLUMN("assigned_at", CC_N("Last assigned"), NULL, TIME, MORE | CC_COLUMN_STORED),
		CC_COLUMN("funnel_id", CC_N("Sales funnel"), NAME_OF("sales_funnel", "funnel_id"), OPTION,
				MORE | CC_COLUMN_FILTER, .names = NAMES("sales_funnel"),
				.options = "SELECT id, name FROM sales_funnel WHERE tenant_id = {tenant} AND state "
						   "<> 'closed' ORDER BY position, id",
				.compare = funnel_compare),
		CC_COLUMN("contact", CC_N("Contact"),
				"IF(t.contacted_at IS NULL, 'never', IF(t.contact_answered = 1, 'answered', "
				"'missed'))",
				CODE, MORE | CC_COLUMN_FILTER, .context = "contact", .codes = contacts),
		CC_COLUMN("contacted_at", CC_N("Last contact"), NULL, TIME, LIST),
		CC_COLUMN("no_call", CC_N("Not to be called"), NULL, BOOL, LIST | CC_COLUMN_FILTER),
		CC_COLUMN("view", CC_N("View"), "t.agent_id", CODE, CC_COLUMN_FILTER,
				.context = "customer_view", .codes = views, .compare = view_compare),
		CC_COLUMN("transferred_by", CC_N("Transferred by"), "t.id", OPTION, CC_COLUMN_FILTER,
				.value = "t.id", .options = USER_OPTIONS, .compare = transferred_compare),
		CC_COLUMN("shared_by", CC_N("Shared by"), "t.id", OPTION, CC_COLUMN_FILTER, .value = "t.id",
				.options = USER_OPTIONS, .compare = shared_compare),
		CC_COLUMN("assigned_by", CC_N("Assigned by"), "t.id", OPTION, CC_COLUMN_FILTER,
				.value = "t.id", .options = USER_OPTIONS, .compare = assigned_compare),
		CC_COLUMN("note", CC_N("Note"), NULL, NOTE, MORE | FORM, .max = 1000),
		CC_COLUMN("created_at", CC_N("Created"), NULL, TIME, MORE | CC_COLUMN_CREATED),
		CC_COLUMN("updated_at", CC_N("Changed"), NULL, TIME, MORE | CC_COLUMN_UPDATED),
		CC_COLUMN("package_id", CC_N("Package"), "t.package_id", INT, CC_COLUMN_STORED),
		CC_COLUMN("phone_e164", CC_N("E.164"), "t.phone_e164", TEXT, CC_COLUMN_STORED),
		CC_COLUMN("created_by", CC_N("Created by"), "t.created_by", INT, CC_COLUMN_STORED),
		HIDES_COLUMN("t.id"),
		{.name = NULL},
};

/* ---- what is known with the request only ---- */

/* CRM-07: classes of rows by the last contact, with the days of the preferences. */
static const char *const names[] = {
		"contact_green_days", "contact_yellow_days", "contact_orange_days"};
static const char *const classes[] = {"contact-green", "contact-yellow", "contact-orange"};

static const char *contact_class(struct cc_request *rq)
{
	struct cc_buf sql = cc_buf_new(rq->arena);
	cc_buf_str(&sql, "CONCAT(CASE WHEN t.contacted_at IS NULL THEN ''");
	if (cc_preference_int(rq, "contact_grey"))
		cc_buf_str(&sql, " WHEN t.contact_answered = 0 THEN 'contact-grey'");
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		int days = (int)cc_preference_int(rq, names[i]);
		/* from the beginning of a day: the statement is the same all day long */
		if (days)
			cc_buf_printf(&sql, " WHEN t.contacted_at >= %" PRId64 " THEN '%s'",
					cc_time_today(rq, -days), classes[i]);
	}
	cc_buf_printf(&sql, " ELSE '%s' END, IF(t.no_call = 1, ' no-call', ''))",
			cc_preference_int(rq, "contact_red") ? "contact-red" : "");
	return cc_buf_text(&sql);
}

static int package_of_code(struct cc_request *rq, const char *code, int64_t *id)
{
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT id FROM customer_package WHERE tenant_id = {tenant} AND code = ?", code);
	if (!err && !rows.count)
		return CC_E_NOENT;
	if (!err)
		*id = cc_row_int(&rows.row[0], 0, 0);
	return err;
}

/* Own customers in a way that the database looks up by the agent: OR with what is shared would make
 * it walk through all customers. Most agents share nothing. */
static int own_customers(struct cc_request *rq, struct cc_resource *r)
{
	struct cc_rows rows;
	if (rq->user->scope != CC_SCOPE_OWN)
		return 0;
	int err = cc_db_query(rq->db, &rows, SHARED_WITH_ME " LIMIT 1");
	if (!err)
		r->own = rows.count ? "t.id IN (SELECT o.id FROM (SELECT c.id FROM customer c WHERE "
							  "c.tenant_id = {tenant} AND c.agent_id = " MY_AGENT
							  " UNION ALL " SHARED_WITH_ME ") o)"
							: "t.agent_id = " MY_AGENT;
	return err;
}

static int vary_for(struct cc_request *rq, struct cc_resource *r, int64_t package)
{
	struct package *p;
	int err = package_load(rq->db, rq->arena, package, &p);
	if (!err && !p->open)
		err = CC_E_NOENT;
	if (err)
		return err;
	r->where = cc_sprintf(rq->arena,
			"t.tenant_id = {tenant} AND t.package_id = %" PRId64 " AND " SEEN_CUSTOMER("t"), p->id);
	r->row_class = contact_class(rq);
	err = own_customers(rq, r);
	return err ? err : customer_columns(rq, r, p);
}

static int vary(struct cc_request *rq, struct cc_resource *r)
{
	int64_t package;
	/* the card, which takes files as the form does, finds the package by itself */
	if (!*cc_param(rq, "package"))
		return 0;
	int err = package_of_code(rq, cc_param(rq, "package"), &package);
	return err ? err : vary_for(rq, r, package);
}

int customer_table(struct cc_request *rq, int64_t package, const struct cc_resource **r)
{
	struct cc_resource *own = cc_alloc(rq->arena, sizeof *own);
	*own = crm_customers;
	own->vary = NULL;
	int err = vary_for(rq, own, package);
	if (!err)
		*r = own;
	return err;
}

int customer_seen(struct cc_request *rq, const char *key)
{
	const struct cc_resource *r;
	struct cc_rows rows;
	struct cc_row row;
	int err = cc_db_query(rq->db, &rows,
			"SELECT package_id FROM customer WHERE tenant_id = {tenant} AND id = ?", key);
	if (!err && !rows.count)
		return CC_E_NOENT;
	if (!err)
		err = customer_table(rq, cc_row_int(&rows.row[0], 0, 0), &r);
	return err ? err : cc_resource_get(rq, r, key, &row);
}

/* ---- the page ---- */

static void add_colour(
		struct cc_request *rq, struct cc_value *list, const char *class, const char *text)
{
	struct cc_value *item = cc_value_add(rq->arena, list, NULL, CC_VALUE_MAP);
	cc_value_str(rq->arena, item, "class", class);
	cc_value_str(rq->arena, item, "text", text);
}

/* What the colours of the rows mean. */
static void add_legend(struct cc_request *rq, struct cc_value *page)
{
	struct cc_value *list = cc_value_add(rq->arena, page, "legend", CC_VALUE_LIST);
	int64_t last = 0;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		int64_t days = cc_preference_int(rq, names[i]);
		if (!days)
			continue;
		add_colour(rq, list, classes[i],
				cc_fill(rq, cc_t(rq, "Contacted within {n} days"), "{n}", days));
		last = days;
	}
	if (cc_preference_int(rq, "contact_red"))
		add_colour(rq, list, "contact-red",
				cc_fill(rq, cc_t(rq, "Not for more than {n} days"), "{n}", last));
	if (cc_preference_int(rq, "contact_grey"))
		add_colour(rq, list, "contact-grey", cc_t(rq, "Not answered"));
}

/* Packages and views above the list. */
static int fill(struct cc_request *rq, const struct cc_resource *r, struct cc_value *page)
{
	static const char *const shown[] = {"", "assigned", "sea", "mine", "shared"};
	struct cc_arena *a = rq->arena;
	struct cc_rows rows;
	const struct package *own = customer_package(r);
	const char *view = cc_query(rq, "view");
	int err = cc_db_query(rq->db, &rows,
			"SELECT code, name FROM customer_package WHERE tenant_id = {tenant} AND (state = "
			"'open' OR NOT FIND_IN_SET('customers', hides)) ORDER BY standard DESC, name LIMIT "
			"200");
	struct cc_value *list = cc_value_add(a, page, "packages", CC_VALUE_LIST);
	for (size_t i = 0; !err && i < rows.count && rows.count > 1; i++) {
		struct cc_value *item = cc_value_add(a, list, NULL, CC_VALUE_MAP);
		cc_value_str(a, item, "url", cc_sprintf(a, CUSTOMERS "/%s", cc_row_str(&rows.row[i], 0)));
		cc_value_str(a, item, "name", cc_row_str(&rows.row[i], 1));
		cc_value_bool(a, item, "selected", !strcmp(cc_row_str(&rows.row[i], 0), own->code));
	}
	list = cc_value_add(a, page, "views", CC_VALUE_LIST);
	for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
		/* whose are they, for who has none */
		if (i >= 3 && !*rq->user->agent)
			continue;
		struct cc_value *item = cc_value_add(a, list, NULL, CC_VALUE_MAP);
		cc_value_str(a, item, "url",
				*shown[i] ? cc_sprintf(a, "%s?view=%s", r->path, shown[i]) : r->path);
		cc_value_str(a, item, "name",
				*shown[i] ? cc_tc(rq, "customer_view", shown[i]) : cc_t(rq, "All"));
		cc_value_bool(a, item, "selected", !strcmp(view ? view : "", shown[i]));
	}
	bool applies = *rq->user->agent && cc_can(rq, "crm.customers.apply") &&
				   cc_preference_int(rq, "customer_apply_count");
	cc_value_str(a, page, "apply",
			applies ? cc_fill(rq, cc_t(rq, "Apply for {n} customers"), "{n}",
							  cc_preference_int(rq, "customer_apply_count"))
					: NULL);
	cc_value_str(a, page, "apply_package", own->code);
	add_legend(rq, page);
	return err;
}

int crm_customers_home(struct cc_request *rq)
{
	struct package *p;
	int err = package_load(rq->db, rq->arena, 0, &p);
	if (err)
		return err;
	const char *query = strchr(rq->target, '?');
	cc_redirect(rq, cc_sprintf(rq->arena, CUSTOMERS "/%s%s", p->code, query ? query : ""));
	return 0;
}

const struct cc_resource crm_customers = {
		.name = "customers",
		.title = CC_N("Customers"),
		.thing = CC_N("Customer"),
		.path = CUSTOMERS "/{package}",
		.permission = "crm.customers",
		.actions = CC_CREATE | CC_EDIT | CC_DELETE | CC_EXPORT,
		.table = "customer",
		.own = OWN_CUSTOMER("t"),
		.group = GROUP_CUSTOMER("t"),
		.department = DEPARTMENT_CUSTOMER("t"),
		.columns = columns,
		.page = "crm/customers",
		.many = crm_customer_many,
		.vary = vary,
		.quick = customer_quick,
		.quick_label = CC_N("Name, number (from three digits on), e-mail, region, note"),
		.fill = fill,
		.check = customer_check,
		.saved = customer_saved,
		.deleting = customer_deleting,
		.dialing = customer_dialing,
};
