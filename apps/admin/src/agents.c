/* SPDX-License-Identifier: GPL-2.0-or-later
 * ORG-02, ORG-03, ORG-09, ORG-11: agents. Each has an account of its own, whose name is the
 * agent's number. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "admin.h"
#include "cc/dial.h"
#include "agents.h"
#include "cc/preference.h"

#define LIST CC_COLUMN_ALL
#define FORM CC_COLUMN_FORM
#define VIRTUAL (CC_COLUMN_FORM | CC_COLUMN_VIRTUAL)
#define MORE                                                                                       \
	(CC_COLUMN_PAGE | CC_COLUMN_HIDDEN | CC_COLUMN_SEARCH | CC_COLUMN_JSON | CC_COLUMN_DETAIL)

#define GROUP_AT(slot)                                                                             \
	"(SELECT m.group_id FROM agent_group_member m WHERE m.tenant_id = t.tenant_id AND "            \
	"m.agent_id = t.id AND m.slot = " slot ")"
#define GROUPS                                                                                     \
	"(SELECT GROUP_CONCAT(g.number, ' ', g.name ORDER BY m.slot IS NULL, m.slot, g.number "        \
	"SEPARATOR ', ') FROM agent_group_member m JOIN agent_group g ON g.tenant_id = m.tenant_id "   \
	"AND g.id = m.group_id WHERE m.tenant_id = t.tenant_id AND m.agent_id = t.id)"
#define SKILLS                                                                                     \
	"(SELECT GROUP_CONCAT(k.name, ' ', s.level ORDER BY k.name SEPARATOR ', ') FROM agent_skill "  \
	"s JOIN skill k ON k.tenant_id = s.tenant_id AND k.id = s.skill_id WHERE s.tenant_id = "       \
	"t.tenant_id AND s.agent_id = t.id)"

static const char *check_number(struct cc_request *rq, const char **value)
{
	return agent_number_is_valid(*value) ? NULL
										 : cc_t(rq, "Two to six digits, the first of them not 0.");
}

/* "00:1A:2b-…" as twelve lower case digits */
static const char *check_mac(struct cc_request *rq, const char **value)
{
	char *mac = cc_alloc(rq->arena, strlen(*value) + 1);
	size_t n = 0;
	for (const char *p = *value; *p; p++) {
		if (isxdigit((unsigned char)*p))
			mac[n++] = (char)tolower((unsigned char)*p);
		else if (!strchr(":-. ", *p))
			n = sizeof "xxxxxxxxxxxx"; /* no address */
		if (n > 12)
			break;
	}
	*value = mac;
	return n == 0 || n == 12 ? NULL : cc_t(rq, "This is not a MAC address.");
}

/* As it is dialled: digits, with the '+' before them. */
static const char *check_terminal_number(struct cc_request *rq, const char **value)
{
	char *number = cc_alloc(rq->arena, strlen(*value) + 1);
	size_t n = 0;
	for (const char *p = *value; *p; p++)
		if ((*p >= '0' && *p <= '9') || (*p == '+' && n == 0))
			number[n++] = *p;
	*value = number;
	return n && n < 5 ? cc_t(rq, "This is not a telephone number.") : NULL;
}

static const char *const terminals[] = {CC_NC("terminal", "phone"), CC_NC("terminal", "all"),
		CC_NC("terminal", "web"), CC_NC("terminal", "mobile"), NULL};

static const struct cc_column columns[] = {
		CC_COLUMN("id", CC_N("Number"), "t.id", INT, CC_COLUMN_JSON),
		CC_COLUMN("number", CC_N("Agent number"), "t.number", TEXT,
				LIST | FORM | CC_COLUMN_FIXED | CC_COLUMN_REQUIRED | CC_COLUMN_SORT |
						CC_COLUMN_QUICK,
				.min = 2, .max = 6, .unique = "agent_number", .check = check_number,
				.link = "/admin/agents/",
				.help = CC_N("Two to six digits, the first of them not 0. It cannot be changed.")),
		CC_COLUMN("name", CC_N("Name"), "t.name", TEXT,
				LIST | CC_COLUMN_STORED | CC_COLUMN_QUICK_ANYWHERE),
		CC_COLUMN("family_name", CC_N("Family name"), "u.family_name", TEXT, MORE | VIRTUAL,
				.max = 40, .value = "u.family_name"),
		CC_COLUMN("given_name", CC_N("Given name"), "u.given_name", TEXT,
				MORE | VIRTUAL | CC_COLUMN_REQUIRED, .max = 40, .value = "u.given_name"),
		CC_COLUMN("role", CC_N("Role"), "r.name", OPTION,
				LIST | VIRTUAL | CC_COLUMN_REQUIRED | CC_COLUMN_BATCH, .value = "u.role_id",
				.options = "SELECT id, name FROM role WHERE tenant_id = {tenant} ORDER BY name"),
		CC_COLUMN("department", CC_N("Department"), "d.name", OPTION, LIST | FORM | CC_COLUMN_BATCH,
				.field = "department_id",
				.options =
						"SELECT id, name FROM department WHERE tenant_id = {tenant} ORDER BY name"),
		CC_COLUMN("groups", CC_N("Groups"), GROUPS, TEXT, LIST),
		CC_COLUMN("skills", CC_N("Skills"), SKILLS, TEXT, MORE),
		CC_COLUMN("first_group", CC_N("First group"), NULL, OPTION, VIRTUAL, .value = GROUP_AT("1"),
				.options = ADMIN_GROUP_OPTIONS),
		CC_COLUMN("second_group", CC_N("Second group"), NULL, OPTION, VIRTUAL,
				.value = GROUP_AT("2"), .options = ADMIN_GROUP_OPTIONS),
		CC_COLUMN("state", CC_N("State"), "t.state", CODE,
				LIST | FORM | CC_COLUMN_FILTER | CC_COLUMN_BATCH | CC_COLUMN_REQUIRED,
				.context = "state", .codes = admin_states, .initial = "enabled",
				.help = CC_N("A disabled agent can neither sign in nor make or take calls.")),
		CC_COLUMN("sip_password", CC_N("SIP password"), NULL, PASSWORD, VIRTUAL | CC_COLUMN_GUARDED,
				.section = CC_N("Passwords"), .max = 64,
				.help = CC_N("Of the phone. Empty: as it is; a new agent's is made up and shown "
							 "once.")),
		CC_COLUMN("web_password", CC_N("Web password"), NULL, PASSWORD, VIRTUAL,
				.help = CC_N("Empty: as it is; a new one is made up and shown once. It must be "
							 "changed at the next sign-in.")),
		CC_COLUMN("again", CC_N("Web password once more"), NULL, PASSWORD, VIRTUAL),
		CC_COLUMN("phone_password", CC_N("Phone sign-in password"), NULL, PASSWORD,
				VIRTUAL | CC_COLUMN_GUARDED, .max = 16, .check = admin_digits_check,
				.help = CC_N("Digits. Empty: as it is; a new agent's is the one of the "
							 "preferences.")),
		CC_COLUMN("own_skills", CC_N("Skills"), NULL, TEXT, VIRTUAL | CC_COLUMN_SHOWN,
				.section = CC_N("Advanced"), .value = "COALESCE(" SKILLS ", '-')",
				.link = "/admin/agent-skills?agent="),
		CC_COLUMN("click_only", CC_N("Click to call only"), "t.click_only", BOOL,
				MORE | FORM | CC_COLUMN_BATCH,
				.help = CC_N("Outside calls from the page only, not by dialling on the phone.")),
		CC_COLUMN("caller_id", CC_N("Caller id"), "t.caller_id", CHOICE,
				MORE | FORM | CC_COLUMN_BATCH | CC_COLUMN_GUARDED, .choices = cc_caller_id_choices,
				.help = CC_N("Comes before those of tasks and preferences.")),
		CC_COLUMN("profile", CC_N("Outbound profile"), "o.name", OPTION,
				MORE | FORM | CC_COLUMN_BATCH, .field = "profile_id",
				.options = ADMIN_PROFILE_OPTIONS,
				.help = CC_N("None: that of the department, else that of the preferences. A task's "
							 "comes before it.")),
		CC_COLUMN("terminal", CC_N("Terminal"), "t.terminal", CODE, MORE | FORM | CC_COLUMN_BATCH,
				.context = "terminal", .codes = terminals, .initial = "all",
				.help = CC_N("What rings. Agents choose it themselves, too.")),
		CC_COLUMN("terminal_number", CC_N("Mobile or landline"), "t.mobile", PHONE, MORE | FORM,
				.field = "mobile", .max = 20, .as = "mobile", .check = check_terminal_number,
				.help = CC_N("The number outside that rings with that terminal, by the agent's "
							 "outbound profile. It needs the mobile app in the contract.")),
		CC_COLUMN("mobile_confirm", CC_N("Calls there are taken with key 1"), "t.mobile_confirm",
				BOOL, MORE | FORM | CC_COLUMN_BATCH, .initial = "1",
				.help = CC_N("So the mailbox of a mobile phone that is switched off keeps no "
							 "customer: without the key the call goes on after 10 seconds.")),
		CC_COLUMN("browser_work", CC_N("Works in the browser"), "t.browser_work", BOOL,
				MORE | FORM | CC_COLUMN_BATCH,
				.help = CC_N("Signs in to queues only while signed in on the page, and is signed "
							 "out when the browser is gone.")),
		CC_COLUMN("browser_grace_s", CC_N("Seconds until then"), "t.browser_grace_s", INT,
				MORE | FORM | CC_COLUMN_BATCH, .min = 5, .max = 3600, .initial = "30"),
		CC_COLUMN("voicemail", CC_N("Voicemail"), "t.voicemail", BOOL,
				MORE | FORM | CC_COLUMN_BATCH,
				.help = CC_N("Who calls this agent directly, and does not get through, may leave a "
							 "message.")),
		CC_COLUMN("greeting", CC_N("Greeting of the voicemail"), "t.greeting", CHOICE,
				MORE | FORM | CC_COLUMN_BATCH, .choices = admin_prompt_choices,
				.help = CC_N("None: that of the preferences.")),
		CC_COLUMN("provisioning_template", CC_N("Phone template"), "t.provisioning_template",
				CHOICE, MORE | FORM | CC_COLUMN_BATCH, .choices = admin_phone_template_choices,
				.link = "/admin/phone-preview/"),
		CC_COLUMN("mac", CC_N("MAC address of the phone"), "t.mac", TEXT, MORE | FORM, .max = 17,
				.check = check_mac),
		CC_COLUMN("mobile", CC_N("Mobile phone"), "u.mobile", PHONE, MORE | VIRTUAL,
				.value = "u.mobile", .max = 20, .section = CC_N("Person")),
		CC_COLUMN("email", CC_N("E-mail"), "u.email", EMAIL, MORE | VIRTUAL, .value = "u.email"),
		CC_COLUMN("sex", CC_N("Sex"), "u.sex", CODE, MORE | VIRTUAL, .value = "u.sex",
				.context = "sex", .codes = admin_sexes, .initial = "unknown"),
		CC_COLUMN("hide_numbers", CC_N("Hide telephone numbers"), "u.hide_numbers", CODE,
				MORE | VIRTUAL | CC_COLUMN_BATCH, .value = "u.hide_numbers",
				.context = "hide numbers", .codes = admin_hides, .initial = "0"),
		CC_COLUMN("note", CC_N("Note"), "u.note", NOTE, MORE | VIRTUAL, .value = "u.note"),
		CC_COLUMN("created_at", CC_N("Created"), NULL, TIME, MORE | CC_COLUMN_CREATED),
		CC_COLUMN("updated_at", CC_N("Changed"), NULL, TIME, MORE | CC_COLUMN_UPDATED),
		CC_COLUMN("user_id", CC_N("Account"), NULL, INT, CC_COLUMN_STORED),
		CC_COLUMN("sip_ha1", CC_N("SIP password"), NULL, TEXT, CC_COLUMN_STORED),
		CC_COLUMN("phone_pin_hash", CC_N("Phone sign-in password"), NULL, TEXT, CC_COLUMN_STORED),
		{.name = NULL},
};

static const char *text_of(const struct cc_change *c, const char *column)
{
	const char *text = cc_change_new(c, column);
	return text ? text : "";
}

static const char *or_null(const char *text)
{
	return *text ? text : NULL;
}

static void agent_of(struct cc_change *c, struct agent *agent)
{
	*agent = (struct agent){
			.number = text_of(c, "number"),
			.family_name = text_of(c, "family_name"),
			.given_name = text_of(c, "given_name"),
			.role = text_of(c, "role"),
			.state = text_of(c, "state"),
			.web_password = or_null(text_of(c, "web_password")),
			.sip_password = or_null(text_of(c, "sip_password")),
			.phone_password = or_null(text_of(c, "phone_password")),
			.mobile = text_of(c, "mobile"),
			.email = text_of(c, "email"),
			.sex = *text_of(c, "sex") ? text_of(c, "sex") : "unknown",
			.note = text_of(c, "note"),
			.hide_numbers = cc_change_new_int(c, "hide_numbers", 0),
	};
}

/* ---- before the row is written ---- */

static int create(struct cc_change *c)
{
	struct cc_request *rq = c->rq;
	struct agent agent;
	bool fits = true;
	const char *taken;
	agent_of(c, &agent);
	int err = admin_limit_fits(rq, ADMIN_LIMIT_AGENTS, 1, &fits);
	if (!err && !fits)
		return cc_change_refuse(c, NULL,
				cc_sprintf(rq->arena, "%s %s", cc_t(rq, "No more are allowed."),
						admin_limit_text(rq, ADMIN_LIMIT_AGENTS)));
	if (!err)
		err = agent_number_taken(rq, agent.number, &taken);
	if (!err && taken)
		return cc_change_refuse(c, "number", taken);
	struct admin_issued *issued =
			admin_issued_new(rq, cc_t(rq, "The agent was created"), admin_agents.path);
	if (!err)
		err = agent_account_create(rq, &agent, issued);
	if (err)
		return err;
	cc_change_set(c, "user_id", agent.user_id);
	cc_change_set(c, "sip_ha1", agent.sip_ha1);
	cc_change_set(c, "phone_pin_hash", agent.phone_pin_hash);
	cc_change_set(c, "name", agent.name);
	/* ORG-11 */
	if (cc_preference_int(rq, "auto_bind") && !*text_of(c, "provisioning_template"))
		cc_change_set(c, "provisioning_template", cc_preference(rq, "provisioning_template"));
	return 0;
}

static int change(struct cc_change *c)
{
	struct agent agent;
	agent_of(c, &agent);
	int err = agent_account_change(c->rq, &agent);
	if (err)
		return err;
	if (agent.sip_password)
		cc_change_set(c, "sip_ha1", agent.sip_ha1);
	if (agent.phone_password)
		cc_change_set(c, "phone_pin_hash", agent.phone_pin_hash);
	cc_change_set(c, "name", agent.name);
	return 0;
}

/* CALL-06: a number outside, none of the tenant's own; a terminal that rings. */
static int check_terminal(struct cc_change *c)
{
	struct cc_request *rq = c->rq;
	const char *number = text_of(c, "terminal_number"), *taken = NULL;
	int err = 0;
	if (!*number)
		cc_change_set(c, "terminal_number", "");
	if (!*text_of(c, "terminal"))
		cc_change_set(c, "terminal", "all");
	if (*number && cc_change_differs(c, "terminal_number")) {
		err = admin_inside_taken(rq, number, &taken);
		if (!err)
			err = taken ? cc_change_refuse(c, "terminal_number", taken)
						: admin_outside_check(c, "terminal_number", number);
	}
	if (err || !cc_change_differs(c, "terminal") || strcmp(text_of(c, "terminal"), "mobile"))
		return err;
	if (!cc_enabled(rq, "mobile"))
		return cc_change_refuse(
				c, "terminal", cc_t(rq, "The mobile app is not in the company's contract."));
	return *number ? 0 : cc_change_refuse(c, "terminal_number", cc_t(rq, "Which number?"));
}

static int check(struct cc_change *c)
{
	int err = admin_role_check(c, cc_change_old(c, "role"));
	if (!err)
		err = admin_role_check(c, cc_change_new(c, "role"));
	if (err)
		return err;
	err = check_terminal(c);
	if (err)
		return err;
	admin_password_check(c, "web_password", "again", text_of(c, "number"));
	const char *first = text_of(c, "first_group"), *second = text_of(c, "second_group");
	if (*first && !strcmp(first, second))
		return cc_change_refuse(c, "second_group", cc_t(c->rq, "This is the first group already."));
	if (!*first && *second) {
		cc_change_set(c, "first_group", second);
		cc_change_set(c, "second_group", NULL);
	}
	return c->action == CC_CREATE ? create(c) : change(c);
}

/* ---- after it ---- */

/* ORG-09: the agent leaves what stood in the slot and joins what stands there now. */
static int set_slot(struct cc_change *c, const char *column, int slot)
{
	struct cc_request *rq = c->rq;
	const char *old = cc_change_old(c, column), *new = cc_change_new(c, column);
	bool moved = old && (!strcmp(old, text_of(c, "first_group")) ||
								!strcmp(old, text_of(c, "second_group")));
	int err = 0;
	if (old && *old && !moved)
		err = cc_db_exec(rq->db,
				"DELETE FROM agent_group_member WHERE tenant_id = {tenant} AND agent_id = ? "
				"AND group_id = ?",
				c->id, old);
	if (err || !new || !*new)
		return err;
	return cc_db_exec(rq->db,
			"INSERT INTO agent_group_member (tenant_id, group_id, agent_id, position, slot) "
			"SELECT {tenant}, ?, ?, n.place, ? FROM (SELECT COALESCE(MAX(position), 0) + 1 AS "
			"place "
			"FROM agent_group_member WHERE tenant_id = {tenant} AND group_id = ?) n "
			"ON DUPLICATE KEY UPDATE slot = VALUES(slot)",
			new, c->id, slot, new);
}

static int saved(struct cc_change *c)
{
	struct cc_request *rq = c->rq;
	int64_t user = cc_change_new_int(c, "user_id", 0);
	int err = 0;
	if (cc_change_differs(c, "first_group") || cc_change_differs(c, "second_group")) {
		err = cc_db_exec(rq->db,
				"UPDATE agent_group_member SET slot = NULL WHERE tenant_id = {tenant} "
				"AND agent_id = ?",
				c->id);
		if (!err)
			err = set_slot(c, "first_group", 1);
		if (!err)
			err = set_slot(c, "second_group", 2);
	}
	if (!err && c->action == CC_EDIT && cc_change_differs(c, "web_password"))
		err = agent_password_issued(rq, text_of(c, "number"));
	if (!err && c->action == CC_EDIT && strcmp(text_of(c, "state"), "enabled"))
		err = cc_session_end_all(rq, user, false);
	return err ? err : admin_changed(rq);
}

static int deleting(struct cc_change *c)
{
	struct cc_request *rq = c->rq;
	const char *number = text_of(c, "number");
	int err = admin_role_check(c, cc_change_old(c, "role"));
	if (!err && !strcmp(number, rq->user->agent))
		return cc_change_refuse(c, NULL, cc_t(rq, "You cannot delete your own account."));
	if (!err)
		err = cc_session_end_all(rq, cc_change_new_int(c, "user_id", 0), false);
	if (!err)
		err = agent_password_issued(rq, number);
	if (!err)
		err = cc_db_exec(rq->db,
				"UPDATE user SET live = NULL, state = 'disabled', updated_at = ? WHERE tenant_id = "
				"{tenant} AND username = ? AND kind = 'agent' AND live = 1",
				rq->now_ms, number);
	if (!err)
		err = cc_db_exec(rq->db,
				"DELETE FROM agent_group_member WHERE tenant_id = {tenant} AND agent_id = ?",
				c->id);
	if (!err)
		err = cc_db_exec(rq->db,
				"DELETE FROM agent_skill WHERE tenant_id = {tenant} AND agent_id = ?", c->id);
	return err ? err : admin_changed(rq);
}

/* ---- buttons ---- */

/* The agent's own account. */
static int account_of(struct cc_request *rq, const char *key, int64_t *user)
{
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT u.id FROM agent a JOIN user u ON u.tenant_id = a.tenant_id "
			"AND u.username = a.number AND u.kind = 'agent' AND u.live = 1 "
			"WHERE a.tenant_id = {tenant} AND a.id = ? AND a.live = 1",
			key);
	if (err || !rows.count)
		return err ? err : CC_E_NOENT;
	*user = cc_row_int(&rows.row[0], 0, 0);
	return 0;
}

static int log_in_as(struct cc_request *rq, const struct cc_resource *r, const char *key)
{
	int64_t user;
	int err = account_of(rq, key, &user);
	return err ? err : admin_log_in_as(rq, rq->user->tenant, user);
}

static int reset_password(struct cc_request *rq, const struct cc_resource *r, const char *key)
{
	int64_t user;
	int err = account_of(rq, key, &user);
	return err ? err : admin_password_reset(rq, user, cc_t(rq, "Web password"), r->path);
}

static const struct cc_action buttons[] = {
		ADMIN_ACCOUNT_BUTTONS("t.number <> {agent}", log_in_as, reset_password)};

static const struct cc_use uses[] = {
		ADMIN_TARGET_USES("agent", "agent"),
		{CC_NC("use", "Departments managed"),
				"SELECT d.name FROM department_manager m JOIN department d ON d.tenant_id = "
				"m.tenant_id AND d.id = m.department_id JOIN agent a ON a.tenant_id = m.tenant_id "
				"AND a.user_id = m.user_id WHERE m.tenant_id = {tenant} AND a.id = ?"},
		{CC_NC("use", "Accounts with this extension"),
				"SELECT u.username FROM agent a JOIN user u ON u.tenant_id = a.tenant_id AND "
				"u.id = a.user_id WHERE a.tenant_id = {tenant} AND a.id = ? AND u.kind <> 'agent'"},
		{NULL, NULL},
};

static const char *summary(struct cc_request *rq)
{
	return admin_limit_text(rq, ADMIN_LIMIT_AGENTS);
}

static const struct cc_menu tools[] = {
		{"/admin/agent-batch", CC_NC("menu", "Add many"), "admin.agent.create", 0},
		{NULL, NULL, NULL, 0},
};

const struct cc_resource admin_agents = {
		.name = "agents",
		.title = CC_N("Agents"),
		.thing = CC_N("Agent profile"),
		.path = "/admin/agents",
		.permission = "admin.agent",
		.actions = CC_CREATE | CC_EDIT | CC_DELETE | CC_EXPORT,
		.table = "agent",
		.from = "agent t JOIN user u ON u.tenant_id = t.tenant_id AND u.username = t.number "
				"AND u.kind = 'agent' AND u.live = 1 "
				"JOIN role r ON r.tenant_id = u.tenant_id AND r.id = u.role_id "
				"LEFT JOIN department d ON d.tenant_id = t.tenant_id AND d.id = t.department_id "
				"LEFT JOIN outbound_profile o ON o.tenant_id = t.tenant_id AND o.id = t.profile_id",
		.where = "t.tenant_id = {tenant} AND t.live = 1",
		.live = "live",
		.own = "t.number = {agent}",
		.group = ADMIN_GROUP_SCOPE("t.number"),
		.department = ADMIN_DEPARTMENT_SCOPE("t.number"),
		.columns = columns,
		.tools = tools,
		.uses = uses,
		.buttons = buttons,
		.summary = summary,
		.check = check,
		.saved = saved,
		.deleting = deleting,
		.committed = admin_reload,
};
