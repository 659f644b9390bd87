/* SPDX-License-Identifier: GPL-2.0-or-later
 * Handlers and tables of the administration. */
#ifndef ADMIN_H
#define ADMIN_H

#include "cc/people.h"
#include "cc/resource.h"
#include "cc/web.h"

extern const struct cc_resource admin_users, admin_agents, admin_groups, admin_roles,
		admin_departments, admin_tenants, admin_audit, admin_agent_events, admin_members,
		admin_queue_keys, admin_skills, admin_agent_skills, admin_queue_skills, admin_vips,
		admin_holidays, admin_dids, admin_trunks, admin_phone_templates, admin_pause_reasons,
		admin_outbound_profiles, admin_outbound_routes, admin_caller_ids, admin_tenant_caller_ids,
		admin_ivrs, admin_voice_announcements, admin_ivr_keys;

/* Words of state columns, context "state". */
extern const char *const admin_states[];
extern const char *const admin_hides[];     /* "hide numbers", enum cc_hide */
extern const char *const admin_sexes[];     /* "sex" */
extern const char *const admin_languages[]; /* "language" */

/* ---- engine.c: what the call engine reads has changed ---- */

/* Raises the generation, in the transaction of the change. */
int admin_changed(struct cc_request *rq);
/* Hook "committed": tells the engine, and the person when it does not take the change over. */
int admin_reload(struct cc_request *rq, void *none);
/* What it said in this request, NULL: nothing. */
const char *admin_engine_problem(const struct cc_request *rq);

/* ---- issued.c: passwords that are made here and shown once ---- */

struct admin_issued;
/* A page for after the commit that shows them; title and what are translated. */
struct admin_issued *admin_issued_new(struct cc_request *rq, const char *title, const char *back);
/* A sentence above them. */
void admin_issued_note(struct admin_issued *issued, const char *text);
void admin_issued_add(
		struct admin_issued *issued, const char *who, const char *what, const char *secret);

/* ---- account.c: what accounts and agents share ---- */

/* password NULL or "": one is made up. Hash of it in the arena. */
int admin_password_make(struct cc_request *rq, const char **password, const char **hash);
/* A password was issued: sessions end, failed attempts are forgotten. */
int admin_password_issued(struct cc_request *rq, int64_t user, const char *username);
/* Button "reset the password": makes one up, shown once as what; the page leads back. */
int admin_password_reset(struct cc_request *rq, int64_t user, const char *what, const char *back);
/* The buttons "log in as" and "reset the password" of a resource of accounts; self: condition of
 * all rows but the own one. */
#define ADMIN_ACCOUNT_BUTTONS(self, log_in_as, reset_password)                                     \
	{.name = "log_in_as",                                                                          \
			.label = CC_NC("action", "Log in as"),                                                 \
			.permission = "log_in_as",                                                             \
			.shown = "t.state = 'enabled' AND " self,                                              \
			.confirm = CC_N("Go on as this account? What you do is written down with your name."), \
			.run = log_in_as},                                                                     \
			{.name = "reset_password",                                                             \
					.label = CC_NC("action", "Reset the password"),                                \
					.confirm = CC_N("Make up a new password? The account's sessions end."),        \
					.run = reset_password},                                                        \
	{                                                                                              \
		.name = NULL                                                                               \
	}
/* Checks a typed password and its repetition; refusals are said beside the column. */
void admin_password_check(
		struct cc_change *c, const char *column, const char *again, const char *username);
/* family and given name in the tenant's order. */
const char *admin_name(struct cc_request *rq, const char *family, const char *given);
/* Refuses a role that grants what the signed-in user has not, beside the column "role". */
int admin_role_check(struct cc_change *c, const char *role);
/* Logs in as the user, if that one's role is within the own one. */
int admin_log_in_as(struct cc_request *rq, int64_t tenant, int64_t user);

/* ---- limits.c: PLAT-12 ---- */

enum admin_limit
{
	ADMIN_LIMIT_AGENTS,
	ADMIN_LIMIT_USERS,
	ADMIN_LIMIT_TRUNKS,
	ADMIN_LIMIT_CALLS,
	ADMIN_LIMITS,
};
/* True if count more fit; locks the tenant's row, so that two requests do not both fit. */
int admin_limit_fits(struct cc_request *rq, enum admin_limit kind, int64_t count, bool *fits);
/* "Extensions: 10 allowed, 8 used, 2 left". */
const char *admin_limit_text(struct cc_request *rq, enum admin_limit kind);
int admin_limits(struct cc_request *rq);

/* ---- choices.c: what people choose from, for columns of the type CHOICE ---- */

int admin_prompt_choices(struct cc_request *rq, struct cc_choices *list);
int admin_music_choices(struct cc_request *rq, struct cc_choices *list);
int admin_phone_template_choices(struct cc_request *rq, struct cc_choices *list);
int admin_package_choices(struct cc_request *rq, struct cc_choices *list);
int admin_profile_choices(struct cc_request *rq, struct cc_choices *list);
/* Where a call goes: "queue:600"; from a queue, from a key of its menu, from an access number, from
 * an IVR menu. */
int admin_target_choices(struct cc_request *rq, struct cc_choices *list);
int admin_key_target_choices(struct cc_request *rq, struct cc_choices *list);
int admin_did_target_choices(struct cc_request *rq, struct cc_choices *list);
int admin_ivr_target_choices(struct cc_request *rq, struct cc_choices *list);
/* The prompts of the tenant's language, read once for as many as a page shows. */
const char *admin_prompt_list(struct cc_request *rq);
/* What the prompt of that name says; the name if it is none of the list. */
const char *admin_prompt_text(struct cc_arena *arena, const char *list, const char *name);
/* Codes of the column kind, context "target". */
extern const char *const admin_target_kinds[];
/* The value of a choice of these, and of the field beside it for a number outside, from the two
 * columns that a target has in the database. */
#define ADMIN_TARGET_VALUE(kind, what)                                                             \
	"CONCAT(" kind ", ':', IF(" kind " = 'outside', '', " what "))"
#define ADMIN_OUTSIDE_VALUE(kind, what) "IF(" kind " = 'outside', " what ", '')"
/* Number and name of a target, of the row with this alias. */
#define ADMIN_TARGET_TEXT(row, kind, what)                                                         \
	"CONCAT_WS(' ', " row "." what ", (SELECT x.name FROM agent_group x WHERE x.tenant_id = " row  \
	".tenant_id AND x.number = " row "." what " AND x.live = 1 AND " row "." kind                  \
	" IN ('queue', 'voicemail')), (SELECT x.name FROM agent x WHERE x.tenant_id = " row            \
	".tenant_id AND x.number = " row "." what " AND x.live = 1 AND " row "." kind                  \
	" IN ('agent', 'voicemail')), (SELECT x.name FROM ivr x WHERE x.tenant_id = " row              \
	".tenant_id AND x.number = " row "." what " AND " row "." kind " = 'ivr'))"
/* Keys and where they lead, of the row t: "1: 600 Sales, 2: hangup", for admin_keys_text. */
#define ADMIN_KEYS(table, digits, owner)                                                           \
	"(SELECT GROUP_CONCAT(k." digits ", ': ', IF(k.target_kind = 'voicemail', 'voicemail ', ''), " \
	"COALESCE(NULLIF(" ADMIN_TARGET_TEXT("k", "target_kind",                                       \
			"target") ", ''), k.target_kind) ORDER BY k." digits " SEPARATOR ', ') FROM " table    \
					  " k WHERE k.tenant_id = t.tenant_id AND k." owner " = t.id)"
/* Every place that a target of this kind, a row of that table with a number, is named in. */
#define ADMIN_TARGET_USE(places, table, name, kind, what)                                          \
	"SELECT " name " FROM " places " JOIN " table                                                  \
	" x ON x.tenant_id = p.tenant_id AND x.number = p." what                                       \
	" WHERE p.tenant_id = {tenant} AND p." kind " AND x.id = ?"
#define ADMIN_TARGET_USES(kind, table)                                                             \
	{CC_NC("use", "Access numbers"),                                                               \
			ADMIN_TARGET_USE("did p", table, "p.number",                                           \
					"target_kind IN ('" kind "', 'voicemail')", "target")},                        \
			{CC_NC("use", "Overflow of queues"),                                                   \
					ADMIN_TARGET_USE("agent_group p", table, "p.name",                             \
							"live = 1 AND p.overflow_kind IN ('" kind "', 'voicemail')",           \
							"overflow_target")},                                                   \
			{CC_NC("use", "Key menus"),                                                            \
					ADMIN_TARGET_USE("agent_group_key p JOIN agent_group g ON g.tenant_id = "      \
									 "p.tenant_id AND g.id = p.group_id AND g.live = 1",           \
							table, "CONCAT(g.name, ' ', p.digit)",                                 \
							"target_kind IN ('" kind "', 'voicemail')", "target")},                \
			{CC_NC("use", "Keys of IVR menus"),                                                    \
					ADMIN_TARGET_USE("ivr_key p JOIN ivr m ON m.tenant_id = p.tenant_id AND m.id " \
									 "= p.ivr_id",                                                 \
							table, "CONCAT(m.name, ' ', p.digits)",                                \
							"target_kind IN ('" kind "', 'voicemail') AND NOT (p.target_kind = "   \
							"'ivr' AND "                                                           \
							"m.number = p.target)",                                                \
							"target")},                                                            \
			{CC_NC("use", "IVR menus without a key"),                                              \
					ADMIN_TARGET_USE("ivr p", table, "p.name",                                     \
							"timeout_kind IN ('" kind "', 'voicemail') AND NOT (p.timeout_kind "   \
							"= 'ivr' AND "                                                         \
							"p.number = p.timeout_target)",                                        \
							"timeout_target")},                                                    \
	{                                                                                              \
		CC_NC("use", "IVR menus after a wrong input"),                                             \
				ADMIN_TARGET_USE("ivr p", table, "p.name",                                         \
						"no_match_kind IN ('" kind "', 'voicemail') AND NOT (p.no_match_kind = "   \
						"'ivr' AND "                                                               \
						"p.number = p.no_match_target)",                                           \
						"no_match_target")                                                         \
	}
#define ADMIN_OUTSIDE_HELP CC_N("For a number outside only: as an agent dials it.")
/* Checks of a column: digits; digits with a '+' before them or without. */
const char *admin_digits_check(struct cc_request *rq, const char **value);
const char *admin_number_check(struct cc_request *rq, const char **value);
/* Refuses a number that calls to outside show (a call to it would come back), and none. */
int admin_outside_check(struct cc_change *c, const char *column, const char *number);
/* Puts the target that was chosen, and typed when it is outside, into its two columns. */
int admin_target_store(struct cc_change *c, const char *choice, const char *number,
		const char *kind, const char *what);

/* Who has this number inside: an agent, a group, a menu; translated. NULL: nobody. */
int admin_inside_taken(struct cc_request *rq, const char *number, const char **taken);

/* ---- groups.c, members.c ---- */

/* Checks of a number inside, and of what stands before a caller's. */
const char *admin_group_number_check(struct cc_request *rq, const char **value);
const char *admin_prefix_check(struct cc_request *rq, const char **value);
/* A CUSTOM column of keys and where they lead: "1: 600, 2: hangup". */
const char *admin_keys_text(struct cc_request *rq, const char *value);
void admin_keys_json(struct cc_request *rq, struct cc_jsonw *w, const char *name,
		const struct cc_row *row, size_t column);

/* OPTIONs of the column "group", and the data scope of rows that have a group_id. */
#define ADMIN_GROUP_OPTIONS                                                                        \
	"SELECT id, CONCAT(number, ' ', name) FROM agent_group WHERE tenant_id = {tenant} "            \
	"AND live = 1 ORDER BY number"
#define ADMIN_AGENT_OPTIONS                                                                        \
	"SELECT id, CONCAT(number, ' ', name) FROM agent WHERE tenant_id = {tenant} AND live = 1 "     \
	"ORDER BY LENGTH(number), number"
/* OPTIONs of a column with an outbound profile. */
#define ADMIN_PROFILE_OPTIONS                                                                      \
	"SELECT id, name FROM outbound_profile WHERE tenant_id = {tenant} ORDER BY name"
/* Refuses a group that the signed-in user neither leads nor sees as one of all. */
int admin_group_check(struct cc_change *c, const char *column);
/* ORG-09: a member without a slot of the workbench takes the first that is free. */
int admin_member_slot(struct cc_request *rq, int64_t group, const char *agent);

/* ---- pages ---- */

int admin_batch_form(struct cc_request *rq);
int admin_batch(struct cc_request *rq);
int admin_role_permissions_form(struct cc_request *rq);
int admin_role_permissions(struct cc_request *rq);
int admin_department_tree(struct cc_request *rq);
int admin_feature_codes_form(struct cc_request *rq);
int admin_feature_codes(struct cc_request *rq);
int admin_preferences_form(struct cc_request *rq);
int admin_preferences(struct cc_request *rq);
int admin_audit_entry(struct cc_request *rq);
int admin_company_form(struct cc_request *rq);
int admin_company(struct cc_request *rq);
int admin_phone_preview(struct cc_request *rq);
int admin_ivr_picture(struct cc_request *rq);

#endif
