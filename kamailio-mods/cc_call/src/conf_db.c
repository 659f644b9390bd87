/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <json-c/json.h>
#include <mariadb/mysql.h>
#include <mariadb/mysqld_error.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cc/err.h"
#include "conf_db.h"

struct cc_conf_db
{
	char socket[256], user[64], name[64];
	unsigned int timeout_s;
	MYSQL *connection; /* NULL: not connected */
	MYSQL_STMT *hide;  /* of cc_conf_db_hide, of this connection; NULL: not prepared */
};

enum kind
{
	TEXT,
	NUMBER,
	FLAG
};

/* One list of the document: its rows' first column is the tenant, the others are the fields in this
 * order. */
struct list
{
	const char *name, *sql;
	struct
	{
		const char *name;
		enum kind kind;
	} fields[40];
};

static const struct list lists[] = {
		{"queues",
				"SELECT tenant_id, number, name, strategy, ring_timeout_s, max_wait_s, "
				"max_waiting, retry_delay_s, wrapup, wrapup_s, join_empty, auto_pause, music,"
				" entry_prompt, announce_position, announce_period_s, record, state, hold_music,"
				" holiday_prompt, announce_wait, periodic_prompt, periodic_s, agent_prompt,"
				" announce_agent, agent_number_before, agent_number_after, menu_prompt,"
				" menu_period_s, menu_repeat, leave_empty, no_agent_overflow, overflow_kind,"
				" overflow_target, prefix_name, prefix_number, auto_answer, relax_s,"
				" auto_answer_click, auto_answer_predictive, greeting"
				" FROM agent_group WHERE live = 1 ORDER BY tenant_id, number",
				{{"number", TEXT}, {"name", TEXT}, {"strategy", TEXT}, {"ring_timeout_s", NUMBER},
						{"max_wait_s", NUMBER}, {"max_waiting", NUMBER}, {"retry_delay_s", NUMBER},
						{"wrapup", TEXT}, {"wrapup_s", NUMBER}, {"join_empty", FLAG},
						{"auto_pause", FLAG}, {"music", TEXT}, {"entry_prompt", TEXT},
						{"announce_position", FLAG}, {"announce_period_s", NUMBER},
						{"record", FLAG}, {"state", TEXT}, {"hold_music", TEXT},
						{"holiday_prompt", TEXT}, {"announce_wait", FLAG},
						{"periodic_prompt", TEXT}, {"periodic_s", NUMBER}, {"agent_prompt", TEXT},
						{"announce_agent", FLAG}, {"agent_number_before", TEXT},
						{"agent_number_after", TEXT}, {"menu_prompt", TEXT},
						{"menu_period_s", NUMBER}, {"menu_repeat", NUMBER}, {"leave_empty", FLAG},
						{"no_agent_overflow", FLAG}, {"overflow_kind", TEXT},
						{"overflow_target", TEXT}, {"prefix_name", TEXT}, {"prefix_number", TEXT},
						{"auto_answer", FLAG}, {"relax_s", NUMBER}, {"auto_answer_click", FLAG},
						{"auto_answer_predictive", FLAG}, {"greeting", TEXT}}},
		{"agents",
				/* a profile of one's own, else that of the nearest department with one */
				"SELECT a.tenant_id, a.number, a.name, a.sip_ha1, a.phone_pin_hash, a.state,"
				" a.click_only, a.browser_work, (SELECT GREATEST(u.hide_numbers, r.hide_numbers)"
				" FROM user u JOIN role r ON r.tenant_id = u.tenant_id AND r.id = u.role_id WHERE"
				" u.tenant_id = a.tenant_id AND u.id = a.user_id AND u.live = 1),"
				" a.terminal, a.caller_id, COALESCE((SELECT p.id"
				" FROM outbound_profile p WHERE p.tenant_id = a.tenant_id AND p.id = "
				"a.profile_id),"
				" (SELECT p.id FROM department_tree x JOIN department d ON d.tenant_id = "
				"x.tenant_id AND d.id = x.ancestor_id JOIN outbound_profile p ON p.tenant_id = "
				"d.tenant_id AND p.id = d.profile_id WHERE x.tenant_id = a.tenant_id AND"
				" x.department_id = a.department_id ORDER BY x.depth LIMIT 1), 0),"
				" a.voicemail, a.greeting, a.mobile, a.mobile_confirm"
				" FROM agent a WHERE a.live = 1 ORDER BY a.tenant_id, a.number",
				{{"number", TEXT}, {"name", TEXT}, {"ha1", TEXT}, {"pin_hash", TEXT},
						{"state", TEXT}, {"click_only", FLAG}, {"browser_work", FLAG},
						{"hide", NUMBER}, {"terminal", TEXT}, {"caller_id", TEXT},
						{"profile", NUMBER}, {"voicemail", FLAG}, {"greeting", TEXT},
						{"mobile", TEXT}, {"mobile_confirm", FLAG}}},
		{"members",
				"SELECT m.tenant_id, g.number, a.number, m.position, m.priority, m.fixed"
				" FROM agent_group_member m"
				" JOIN agent_group g ON g.tenant_id = m.tenant_id AND g.id = m.group_id AND g.live "
				"= 1"
				" JOIN agent a ON a.tenant_id = m.tenant_id AND a.id = m.agent_id AND a.live = 1"
				" WHERE m.takes_calls ORDER BY m.tenant_id, g.number, m.position, a.number",
				{{"queue", TEXT}, {"agent", TEXT}, {"position", NUMBER}, {"priority", NUMBER},
						{"static", FLAG}}},
		{"dids",
				"SELECT tenant_id, number, name, target_kind, target, state FROM did ORDER BY "
				"tenant_id, number",
				{{"number", TEXT}, {"name", TEXT}, {"target_kind", TEXT}, {"target", TEXT},
						{"state", TEXT}}},
		{"keys",
				"SELECT k.tenant_id, g.number, k.digit, k.target_kind, k.target"
				" FROM agent_group_key k"
				" JOIN agent_group g ON g.tenant_id = k.tenant_id AND g.id = k.group_id AND g.live "
				"= 1"
				" ORDER BY k.tenant_id, g.number, k.digit",
				{{"queue", TEXT}, {"digit", TEXT}, {"target_kind", TEXT}, {"target", TEXT}}},
		{"needs",
				"SELECT n.tenant_id, g.number, n.skill_id, n.level FROM agent_group_skill n"
				" JOIN agent_group g ON g.tenant_id = n.tenant_id AND g.id = n.group_id AND g.live "
				"= 1"
				" ORDER BY n.tenant_id, g.number, n.skill_id",
				{{"queue", TEXT}, {"skill", TEXT}, {"level", NUMBER}}},
		{"skills",
				"SELECT s.tenant_id, a.number, s.skill_id, s.level FROM agent_skill s"
				" JOIN agent a ON a.tenant_id = s.tenant_id AND a.id = s.agent_id AND a.live = 1"
				" ORDER BY s.tenant_id, a.number, s.skill_id",
				{{"agent", TEXT}, {"skill", TEXT}, {"level", NUMBER}}},
		{"vips",
				"SELECT v.tenant_id, g.number, v.number_e164, v.level FROM vip_customer v"
				" JOIN agent_group g ON g.tenant_id = v.tenant_id AND g.id = v.group_id AND g.live "
				"= 1"
				" ORDER BY v.tenant_id, g.number, v.number_e164",
				{{"queue", TEXT}, {"number", TEXT}, {"level", TEXT}}},
		{"holidays", "SELECT tenant_id, day FROM holiday ORDER BY tenant_id, day", {{"day", TEXT}}},
		/* those of the lists; whole customers by their telephone number, and by their other ones
		 * where a package has fields for them. Numbers are found in the index of the package, so
		 * only those of packages with such customers are gone through; the optimizer has to be told
		 * that these are few */
		{"no_calls",
				"SELECT tenant_id, e164, package_id FROM no_call"
				" WHERE state = 'enabled' AND e164 REGEXP '^[0-9]{1,15}$'"
				" UNION SELECT c.tenant_id, c.phone_e164, c.package_id FROM tenant t"
				" JOIN customer c FORCE INDEX (customer_no_call) ON c.tenant_id = t.id AND"
				" c.no_call = 1 WHERE c.phone_e164 REGEXP '^[0-9]{1,15}$'"
				" UNION SELECT i.tenant_id, CONVERT(i.value USING ascii) COLLATE ascii_bin,"
				" i.package_id FROM (SELECT DISTINCT p.tenant_id, p.package_id FROM tenant t JOIN"
				" customer c FORCE INDEX (customer_no_call) ON c.tenant_id = t.id AND c.no_call = 1"
				" JOIN customer_field p ON p.tenant_id = c.tenant_id AND p.package_id ="
				" c.package_id AND p.kind = 'phone' AND p.name <> 'phone') f"
				" STRAIGHT_JOIN customer_index i ON"
				" i.tenant_id = f.tenant_id AND i.package_id = f.package_id AND i.slot = 1"
				" STRAIGHT_JOIN (SELECT DISTINCT c.tenant_id, c.id FROM tenant t JOIN customer c"
				" FORCE INDEX (customer_no_call) ON c.tenant_id = t.id AND c.no_call = 1) w ON "
				"w.tenant_id = i.tenant_id AND"
				" w.id = i.customer_id WHERE i.value REGEXP '^[0-9]{1,15}$' ORDER BY 1",
				{{"number", TEXT}, {"package", NUMBER}}},
		{"blacklist",
				"SELECT tenant_id, e164 FROM blacklist WHERE state = 'enabled' AND"
				" e164 REGEXP '^[0-9]{1,15}$' ORDER BY tenant_id",
				{{"number", TEXT}}},
		{"profiles", "SELECT tenant_id, id, name FROM outbound_profile ORDER BY tenant_id, id",
				{{"id", NUMBER}, {"name", TEXT}}},
		{"routes",
				"SELECT r.tenant_id, r.id, r.profile_id, r.position, r.strip, r.pattern, r.prefix"
				" FROM outbound_route r JOIN outbound_profile p ON p.tenant_id = r.tenant_id AND"
				" p.id = r.profile_id WHERE r.state = 'enabled' ORDER BY r.tenant_id, r.id",
				{{"id", NUMBER}, {"profile", NUMBER}, {"position", NUMBER}, {"strip", TEXT},
						{"pattern", TEXT}, {"add", TEXT}}},
		{"route_trunks",
				"SELECT tenant_id, route_id, position, trunk_id FROM outbound_route_trunk"
				" ORDER BY tenant_id, route_id, position",
				{{"route", NUMBER}, {"position", NUMBER}, {"trunk", NUMBER}}},
		{"caller_ids",
				"SELECT for_tenant, number FROM caller_id WHERE state = 'enabled'"
				" ORDER BY for_tenant, number",
				{{"number", TEXT}}},
		{"codes",
				"SELECT tenant_id, name, code, gateway FROM feature_code ORDER BY tenant_id, name",
				{{"name", TEXT}, {"code", TEXT}, {"gateway", TEXT}}},
		{"mark_digits",
				"SELECT tenant_id, digit FROM customer_type WHERE digit REGEXP '^[0-9]$'"
				" ORDER BY tenant_id, digit",
				{{"digit", TEXT}}},
		{"ivrs",
				"SELECT tenant_id, number, name, kind, skip, start_s, repeats, timeout_s, "
				"key_timeout_s, max_keys, dial_agents, tries, timeout_prompt, timeout_kind, "
				"timeout_target, no_match_prompt, no_match_kind, no_match_target, prefix_name, "
				"prefix_number FROM ivr ORDER BY tenant_id, number",
				{{"number", TEXT}, {"name", TEXT}, {"kind", TEXT}, {"skip", FLAG},
						{"start_s", NUMBER}, {"repeat", NUMBER}, {"timeout_s", NUMBER},
						{"key_timeout_s", NUMBER}, {"max_keys", NUMBER}, {"dial_agents", FLAG},
						{"tries", NUMBER}, {"timeout_prompt", TEXT}, {"timeout_kind", TEXT},
						{"timeout_target", TEXT}, {"no_match_prompt", TEXT},
						{"no_match_kind", TEXT}, {"no_match_target", TEXT}, {"prefix_name", TEXT},
						{"prefix_number", TEXT}}},
		{"ivr_prompts",
				"SELECT p.tenant_id, m.number, p.position, p.prompt, p.gap_s FROM ivr_prompt p"
				" JOIN ivr m ON m.tenant_id = p.tenant_id AND m.id = p.ivr_id"
				" ORDER BY p.tenant_id, m.number, p.position",
				{{"ivr", TEXT}, {"position", NUMBER}, {"prompt", TEXT}, {"gap_s", NUMBER}}},
		{"ivr_keys",
				"SELECT k.tenant_id, m.number, k.digits, k.target_kind, k.target FROM ivr_key k"
				" JOIN ivr m ON m.tenant_id = k.tenant_id AND m.id = k.ivr_id"
				" ORDER BY k.tenant_id, m.number, k.digits",
				{{"ivr", TEXT}, {"keys", TEXT}, {"target_kind", TEXT}, {"target", TEXT}}},
		{"trunks",
				"SELECT t.tenant_id, t.id, t.name, t.address, t.port, t.transport, t.max_channels,"
				" (SELECT GROUP_CONCAT(g.tenant_id ORDER BY g.tenant_id) FROM trunk_grant g"
				"  WHERE g.trunk_id = t.id)"
				" FROM trunk t WHERE t.state = 'enabled' ORDER BY t.tenant_id, t.name",
				{{"id", NUMBER}, {"name", TEXT}, {"address", TEXT}, {"port", NUMBER},
						{"transport", TEXT}, {"max_channels", NUMBER}}},
};
#define LISTS (sizeof(lists) / sizeof(lists[0]))

static const struct list tenants = {"tenants",
		"SELECT id, code, name, state, country, area_code, timezone, prompt_language, max_calls"
		" FROM tenant WHERE state <> 'cancelled' ORDER BY id",
		{{"code", TEXT}, {"name", TEXT}, {"state", TEXT}, {"country", TEXT}, {"area_code", TEXT},
				{"timezone", TEXT}, {"prompt_language", TEXT}, {"max_calls", NUMBER}}};

/* Fields of a tenant, each a row of tenant, name and value. */
static const struct list more[] = {
		/* what it has chosen of preferences.def */
		{"preferences",
				"SELECT tenant_id, name, value FROM preference WHERE name IN "
				"('extension_timeout_s',"
				" 'transfer_timeout_s', 'transfer_callback', 'transfer_callback_prefix', "
				"'hold_music',"
				" 'code_password', 'gateway_codes', 'external_timeout_s', 'caller_id', "
				"'caller_id_rotation_days',"
				" 'blacklist_action', 'voicemail_greeting', 'voicemail_max_s', 'voicemail_min_s',"
				" 'voicemail_silence_s', 'outbound_profile') AND (name <> 'outbound_profile' OR "
				"EXISTS (SELECT 1 FROM"
				" outbound_profile p WHERE p.tenant_id = preference.tenant_id AND p.id = value))"
				" ORDER BY tenant_id",
				{{"extension_timeout_s", NUMBER}, {"transfer_timeout_s", NUMBER},
						{"transfer_callback", FLAG}, {"transfer_callback_prefix", TEXT},
						{"hold_music", TEXT}, {"code_password", FLAG}, {"gateway_codes", FLAG},
						{"external_timeout_s", NUMBER}, {"caller_id", TEXT},
						{"caller_id_rotation_days", NUMBER}, {"blacklist_action", TEXT},
						{"voicemail_greeting", TEXT}, {"voicemail_max_s", NUMBER},
						{"voicemail_min_s", NUMBER}, {"voicemail_silence_s", NUMBER},
						{"outbound_profile", NUMBER}}},
		/* how much of numbers its strictest call task hides */
		{"call tasks",
				"SELECT tenant_id, 'hides', MAX(hide + 0) - 1 FROM call_task GROUP BY tenant_id",
				{{"hides", NUMBER}}},
		/* what it has a contract for */
		{"contract",
				"SELECT x.tenant_id, IF(x.plugin = 'webphone', 'web_phone', x.plugin), 1"
				" FROM plugin_tenant x JOIN plugin p ON p.name = x.plugin WHERE x.plugin IN"
				" ('webphone', 'mobile') AND x.off = 0 AND p.state = 'enabled'",
				{{"web_phone", FLAG}, {"mobile", FLAG}}},
};
#define MORE (sizeof(more) / sizeof(more[0]))

/* Customers and plugins are other components, which need not be there. */
static bool of_others(const struct list *list)
{
	return strcmp(list->name, "no_calls") == 0 || strcmp(list->name, "mark_digits") == 0 ||
		   strcmp(list->name, "blacklist") == 0 || strcmp(list->name, "call tasks") == 0 ||
		   strcmp(list->name, "contract") == 0;
}

struct cc_conf_db *cc_conf_db_new(const struct cc_settings *settings, unsigned int timeout_s)
{
	struct cc_conf_db *db = calloc(1, sizeof(*db));

	if (!db)
		return NULL;
	db->timeout_s = timeout_s;
	snprintf(db->user, sizeof(db->user), "%s", cc_settings_db_user(settings, "kamailio"));
	snprintf(db->name, sizeof(db->name), "%s", cc_settings_str(settings, "CC_DB_NAME"));
	if (cc_settings_path(settings, "sock/mysql.sock", db->socket, sizeof(db->socket)) < 0) {
		free(db);
		return NULL;
	}
	return db;
}

static int failed(struct cc_conf_db *db, char *error, size_t cap)
{
	if (error)
		snprintf(error, cap, "%s", mysql_error(db->connection));
	if (db->hide)
		mysql_stmt_close(db->hide);
	db->hide = NULL;
	mysql_close(db->connection);
	db->connection = NULL;
	return CC_E_IO;
}

static int connected(struct cc_conf_db *db, char *error, size_t cap)
{
	unsigned int timeout = db->timeout_s;

	if (db->connection)
		return CC_OK;
	db->connection = mysql_init(NULL);
	if (!db->connection)
		return CC_E_NOMEM;
	mysql_options(db->connection, MYSQL_OPT_CONNECT_TIMEOUT, &timeout);
	mysql_options(db->connection, MYSQL_OPT_READ_TIMEOUT, &timeout);
	mysql_options(db->connection, MYSQL_OPT_WRITE_TIMEOUT, &timeout);
	mysql_options(db->connection, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	if (!mysql_real_connect(db->connection, NULL, db->user, NULL, db->name, 0, db->socket, 0))
		return failed(db, error, cap);
	return CC_OK;
}

/* Runs a constant statement; result NULL: it has none. */
static int query(
		struct cc_conf_db *db, const char *sql, MYSQL_RES **result, char *error, size_t cap)
{
	int rc = connected(db, error, cap);

	if (rc < 0)
		return rc;
	if (mysql_query(db->connection, sql)) {
		if (mysql_errno(db->connection) != ER_NO_SUCH_TABLE)
			return failed(db, error, cap);
		if (error)
			snprintf(error, cap, "%s", mysql_error(db->connection));
		return CC_E_NOENT;
	}
	if (result && !(*result = mysql_store_result(db->connection)))
		return failed(db, error, cap);
	return CC_OK;
}

int cc_conf_db_generation(struct cc_conf_db *db, int64_t *generation)
{
	MYSQL_RES *result;
	MYSQL_ROW row;
	int rc = query(
			db, "SELECT generation FROM configuration_generation WHERE id = 1", &result, NULL, 0);

	if (rc < 0)
		return rc;
	row = mysql_fetch_row(result);
	if (row && row[0])
		*generation = atoll(row[0]);
	mysql_free_result(result);
	return row ? CC_OK : CC_E_NOENT;
}

static struct json_object *value(const char *text, enum kind kind)
{
	if (kind == NUMBER)
		return json_object_new_int64(text ? atoll(text) : 0);
	if (kind == FLAG)
		return json_object_new_boolean(text && (int)strtol(text, NULL, 10) != 0);
	return json_object_new_string(text ? text : "");
}

/* A row of one field is its value: half a million objects would be half a gigabyte. */
static struct json_object *row_object(const struct list *list, MYSQL_ROW row, int columns)
{
	struct json_object *o;

	if (!list->fields[1].name)
		return value(row[1], list->fields[0].kind);
	o = json_object_new_object();

	for (int i = 0; i + 1 < columns && list->fields[i].name; i++)
		json_object_object_add(o, list->fields[i].name, value(row[i + 1], list->fields[i].kind));
	return o;
}

/* "3,17" as [3,17]: the tenants that a trunk is granted to. */
static struct json_object *ids(const char *text)
{
	struct json_object *a = json_object_new_array();
	char *end;

	while (text && *text) {
		json_object_array_add(a, json_object_new_int64(strtoll(text, &end, 10)));
		text = *end == ',' ? end + 1 : NULL;
	}
	return a;
}

static struct json_object *tenant_find(struct json_object *all, int64_t id)
{
	for (size_t i = 0; i < json_object_array_length(all); i++) {
		struct json_object *tenant = json_object_array_get_idx(all, i), *v;

		if (json_object_object_get_ex(tenant, "id", &v) && json_object_get_int64(v) == id)
			return tenant;
	}
	return NULL;
}

static int tenants_read(struct cc_conf_db *db, struct json_object *all, char *error, size_t cap)
{
	MYSQL_RES *result;
	MYSQL_ROW row;
	int rc = query(db, tenants.sql, &result, error, cap);

	if (rc < 0)
		return rc;
	while ((row = mysql_fetch_row(result))) {
		struct json_object *o = row_object(&tenants, row, (int)mysql_num_fields(result));

		json_object_object_add(o, "id", value(row[0], NUMBER));
		for (size_t i = 0; i < LISTS; i++)
			json_object_object_add(o, lists[i].name, json_object_new_array());
		json_object_array_add(all, o);
	}
	mysql_free_result(result);
	return CC_OK;
}

static int more_read(struct cc_conf_db *db, const struct list *list, struct json_object *all,
		char *error, size_t cap)
{
	struct json_object *tenant;
	MYSQL_RES *result;
	MYSQL_ROW row;
	int rc = query(db, list->sql, &result, error, cap);

	if (rc == CC_E_NOENT && of_others(list))
		return CC_OK;
	if (rc < 0)
		return rc;
	while ((row = mysql_fetch_row(result))) {
		tenant = tenant_find(all, atoll(row[0]));
		for (int i = 0; tenant && list->fields[i].name; i++)
			if (strcmp(list->fields[i].name, row[1]) == 0)
				json_object_object_add(tenant, row[1], value(row[2], list->fields[i].kind));
	}
	mysql_free_result(result);
	return CC_OK;
}

/* Rows come ordered by tenant, so that the one before is nearly always the right one. */
static int list_read(struct cc_conf_db *db, const struct list *list, struct json_object *all,
		char *error, size_t cap)
{
	struct json_object *tenant = NULL, *array = NULL;
	MYSQL_RES *result;
	MYSQL_ROW row;
	int64_t current = 0;
	int rc = query(db, list->sql, &result, error, cap);

	if (rc == CC_E_NOENT && of_others(list))
		return CC_OK;
	if (rc < 0)
		return rc;
	while ((row = mysql_fetch_row(result))) {
		int columns = (int)mysql_num_fields(result);
		struct json_object *o;

		if (!tenant || atoll(row[0]) != current) {
			current = atoll(row[0]);
			tenant = tenant_find(all, current);
			if (!tenant)
				continue; /* cancelled */
			json_object_object_get_ex(tenant, list->name, &array);
		}
		o = row_object(list, row, columns);
		if (strcmp(list->name, "trunks") == 0)
			json_object_object_add(o, "tenants", ids(row[columns - 1]));
		json_object_array_add(array, o);
	}
	mysql_free_result(result);
	return CC_OK;
}

int cc_conf_db_read(struct cc_conf_db *db, char **text, size_t *len, int64_t *generation,
		char *error, size_t error_cap)
{
	struct json_object *document = json_object_new_object(), *all = json_object_new_array();
	int64_t g = 0;
	int rc;

	json_object_object_add(document, "version", json_object_new_int(1));
	json_object_object_add(document, "tenants", all);
	rc = query(db, "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY", NULL, error, error_cap);
	if (rc == CC_OK)
		rc = cc_conf_db_generation(db, &g);
	if (rc == CC_OK)
		rc = tenants_read(db, all, error, error_cap);
	for (size_t i = 0; i < MORE && rc == CC_OK; i++)
		rc = more_read(db, &more[i], all, error, error_cap);
	for (size_t i = 0; i < LISTS && rc == CC_OK; i++)
		rc = list_read(db, &lists[i], all, error, error_cap);
	if (rc == CC_OK)
		rc = query(db, "COMMIT", NULL, error, error_cap);
	if (rc < 0)
		goto out;
	json_object_object_add(document, "generation", json_object_new_int64(g));
	*text = strdup(json_object_to_json_string_ext(document, JSON_C_TO_STRING_PLAIN));
	if (!*text) {
		rc = CC_E_NOMEM;
		goto out;
	}
	*len = strlen(*text);
	*generation = g;
out:
	json_object_put(document);
	return rc;
}

/* ---- callers ---- */

static const char hide_sql[] =
		"SELECT MAX(k.hide + 0) - 1 FROM customer_package p JOIN customer_index i ON i.tenant_id ="
		" p.tenant_id AND i.package_id = p.id AND i.slot = 1 AND i.value = ? JOIN"
		" call_task_customer x ON x.tenant_id = i.tenant_id AND x.customer_id = i.customer_id JOIN"
		" call_task k ON k.tenant_id = x.tenant_id AND k.id = x.task_id WHERE p.tenant_id = ?";

static int hide_prepare(struct cc_conf_db *db)
{
	int rc = connected(db, NULL, 0);

	if (rc < 0 || db->hide)
		return rc;
	db->hide = mysql_stmt_init(db->connection);
	if (!db->hide)
		return CC_E_NOMEM;
	return mysql_stmt_prepare(db->hide, hide_sql, sizeof(hide_sql) - 1) ? failed(db, NULL, 0)
																		: CC_OK;
}

int cc_conf_db_hide(struct cc_conf_db *db, uint32_t tenant, const char *e164, int32_t *hide)
{
	unsigned long len = strlen(e164);
	my_bool null = 0;
	int32_t found = 0;
	MYSQL_BIND in[] = {{.buffer_type = MYSQL_TYPE_STRING,
							   .buffer = (void *)(uintptr_t)e164,
							   .buffer_length = len,
							   .length = &len},
			{.buffer_type = MYSQL_TYPE_LONG, .buffer = &tenant, .is_unsigned = 1}};
	MYSQL_BIND out = {.buffer_type = MYSQL_TYPE_LONG, .buffer = &found, .is_null = &null};
	int rc = hide_prepare(db);

	if (rc < 0)
		return rc;
	if (mysql_stmt_bind_param(db->hide, in) || mysql_stmt_execute(db->hide) ||
			mysql_stmt_bind_result(db->hide, &out) || mysql_stmt_fetch(db->hide))
		return failed(db, NULL, 0);
	mysql_stmt_free_result(db->hide);
	*hide = null ? 0 : found;
	return CC_OK;
}
