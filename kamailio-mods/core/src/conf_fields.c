/* SPDX-License-Identifier: GPL-2.0-or-later
 * What each object of the configuration document has: names, kinds, limits, places. */
#include <arpa/inet.h>
#include <limits.h>
#include <string.h>
#include "cc/err.h"
#include "cc/pattern.h"
#include "cc/tz.h"
#include "conf_private.h"

/* ---- forms of texts ---- */

static bool only(const char *text, size_t min, size_t max, const char *allowed)
{
	size_t len = strlen(text);

	return len >= min && len <= max && strspn(text, allowed) == len;
}

#define DIGITS "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

static bool good_queue(const char *text)
{
	return only(text, 1, 8, DIGITS);
}

static bool good_agent(const char *text)
{
	return only(text, 2, 6, DIGITS) && text[0] != '0';
}

static bool good_code(const char *text)
{
	return only(text, 1, 32, DIGITS LETTERS "-._");
}

static bool good_country(const char *text)
{
	return only(text, 1, 8, DIGITS);
}

static bool good_area(const char *text)
{
	return only(text, 0, 8, DIGITS);
}

static bool good_language(const char *text)
{
	return only(text, 2, 8, LETTERS "_-");
}

static bool good_hash(const char *text)
{
	return only(text, 32, 32, DIGITS "abcdef");
}

/* Becomes the name of a file of the prompt folder. */
static bool good_prompt(const char *text)
{
	return only(text, 0, 63, DIGITS LETTERS "_-/") && text[0] != '/';
}

static bool good_did(const char *text)
{
	return only(text + (text[0] == '+'), 1, 32, DIGITS);
}

static bool good_mobile(const char *text)
{
	return only(text + (text[0] == '+'), 0, 20, DIGITS);
}

static bool good_target(const char *text)
{
	return only(text, 0, 63, DIGITS LETTERS "*#+-._/");
}

static bool good_prefix(const char *text)
{
	return only(text, 0, 16, DIGITS "*+-"); /* becomes part of a SIP URI */
}

static bool good_key(const char *text)
{
	return only(text, 1, 1, DIGITS "*#");
}

static bool good_keys(const char *text)
{
	return only(text, 1, CC_IVR_KEYS, DIGITS "*#");
}

static bool good_e164(const char *text)
{
	return only(text, 1, 15, DIGITS);
}

static bool good_skill(const char *text)
{
	return only(text, 1, 19, DIGITS);
}

static bool good_day(const char *text)
{
	return strlen(text) == 10 && strspn(text, DIGITS) == 4 && text[4] == '-' &&
		   strspn(text + 5, DIGITS) == 2 && text[7] == '-' && strspn(text + 8, DIGITS) == 2;
}

static bool good_digits(const char *text)
{
	return only(text, 0, 16, DIGITS);
}

static bool good_add(const char *text)
{
	return good_digits(text + (text[0] == '+'));
}

/* Pages check more; what they let in must not stop a reload. */
static bool good_feature_code(const char *text)
{
	return only(text, 0, CC_CODE_TEXT - 1, DIGITS "*#DN");
}

static bool good_digit(const char *text)
{
	return only(text, 1, 1, DIGITS);
}

static bool good_address(const char *text)
{
	unsigned char address[16];

	return inet_pton(AF_INET, text, address) == 1 || inet_pton(AF_INET6, text, address) == 1;
}

static bool good_zone(const char *text)
{
	struct cc_tz *tz = NULL;
	bool good = cc_tz_load(&tz, text) == CC_OK;

	cc_tz_free(tz);
	return good;
}

/* ---- the objects ---- */

static const char *const strategies[] = {
		"longest_idle", "fewest_calls", "linear", "round_robin", "random", "ring_all", NULL};
static const char *const wrapups[] = {"off", "answered", "ringing", NULL};
static const char *const targets[] = {"hangup", "queue", "agent", "ivr", "prompt", "did",
		"callback", "outside", "back", "voicemail", NULL};
static const char *const ivr_kinds[] = {"announcement", "menu", NULL};
static const char *const vip_levels[] = {"normal", "important", "noble", NULL};
const char *cc_vip_name(int32_t level)
{
	return level >= 1 && level <= 3 ? vip_levels[level - 1] : NULL;
}

static const char *const code_names[] = {
#define CC_FEATURE_CODE(symbol, name, when, with, code, gateway, label, help) #name,
#include "codes.def"
#undef CC_FEATURE_CODE
		NULL};
static const char *const transports[] = {"udp", "tcp", "tls", NULL};
static const char *const blacklist_actions[] = {"hangup", "ring", "announcement", "music", NULL};
static const char *const terminals[] = {"all", "phone", "web", "mobile", NULL};
static const char *const states[] = {"enabled", "disabled", NULL};
static const char *const tenant_states[] = {
		"active", "suspended", "locked", "frozen", "cancelled", NULL};

#define AT(type, member) offsetof(struct type, member), sizeof(((struct type *)0)->member)
#define CUT(name, type, member)                                                                    \
	{                                                                                              \
		name, CC_CONF_CUT, AT(type, member), 0, 0, 0, NULL, NULL, NULL, false                      \
	}
#define TEXT(name, type, member, good, form)                                                       \
	{                                                                                              \
		name, CC_CONF_TEXT, AT(type, member), 0, 0, 0, NULL, good, form, false                     \
	}
#define INT(name, type, member, min, max, scale)                                                   \
	{                                                                                              \
		name, CC_CONF_INT, AT(type, member), min, max, scale, NULL, NULL, NULL, false              \
	}
#define OTHER(name, kind, type, member, words)                                                     \
	{                                                                                              \
		name, kind, AT(type, member), 0, 0, 0, words, NULL, NULL, false                            \
	}
#define LIST(name, optional)                                                                       \
	{                                                                                              \
		name, CC_CONF_LIST, 0, 0, 0, 0, 0, NULL, NULL, NULL, optional                              \
	}
#define OPTIONAL_PROMPT(member)                                                                    \
	{                                                                                              \
#member, CC_CONF_TEXT, AT(cc_conf_queue, member), 0, 0, 0, NULL, good_prompt,              \
				"the name of a prompt or empty", true                                              \
	}
#define OPTIONAL_INT(name, member, min, max, scale)                                                \
	{                                                                                              \
		name, CC_CONF_INT, AT(cc_conf_queue, member), min, max, scale, NULL, NULL, NULL, true      \
	}
#define OPTIONAL_FLAG(member)                                                                      \
	{                                                                                              \
#member, CC_CONF_FLAG, AT(cc_conf_queue, member), 0, 0, 0, NULL, NULL, NULL, true          \
	}
#define OPTIONAL(name, kind, type, member, min, max, scale, good, form)                            \
	{                                                                                              \
		name, kind, AT(type, member), min, max, scale, NULL, good, form, true                      \
	}
#define END                                                                                        \
	{                                                                                              \
		NULL, CC_CONF_LIST, 0, 0, 0, 0, 0, NULL, NULL, NULL, false                                 \
	}

#define TARGET_FORM "up to 63 digits, letters or signs"

const struct cc_conf_field cc_conf_tenant_fields[] = {
		OTHER("id", CC_CONF_ID, cc_conf, tenant, NULL),
		TEXT("code", cc_conf, code, good_code, "1 to 32 letters, digits, '-', '.', '_'"),
		CUT("name", cc_conf, name),
		OTHER("state", CC_CONF_SWITCH, cc_conf, active, tenant_states),
		TEXT("country", cc_conf, country, good_country, "1 to 8 digits"),
		TEXT("area_code", cc_conf, area_code, good_area, "0 to 8 digits"),
		TEXT("timezone", cc_conf, timezone, good_zone, "the name of a time zone"),
		TEXT("prompt_language", cc_conf, language, good_language, "a language code"),
		OPTIONAL("max_calls", CC_CONF_INT, cc_conf, max_calls, 0, INT_MAX, 1, NULL, NULL),
		OPTIONAL("extension_timeout_s", CC_CONF_INT, cc_conf, extension_ring_ms, 5, 300, 1000, NULL,
				NULL),
		OPTIONAL("external_timeout_s", CC_CONF_INT, cc_conf, external_ring_ms, 5, 300, 1000, NULL,
				NULL),
		OPTIONAL("transfer_timeout_s", CC_CONF_INT, cc_conf, transfer_ring_ms, 5, 300, 1000, NULL,
				NULL),
		OPTIONAL(
				"transfer_callback", CC_CONF_FLAG, cc_conf, transfer_callback, 0, 0, 0, NULL, NULL),
		OPTIONAL("code_password", CC_CONF_FLAG, cc_conf, code_password, 0, 0, 0, NULL, NULL),
		OPTIONAL("gateway_codes", CC_CONF_FLAG, cc_conf, gateway_codes, 0, 0, 0, NULL, NULL),
		OPTIONAL("caller_id", CC_CONF_CUT, cc_conf, caller_id, 0, 0, 0, NULL, NULL),
		OPTIONAL("caller_id_rotation_days", CC_CONF_INT, cc_conf, rotation_days, 0, 365, 1, NULL,
				NULL),
		{"blacklist_action", CC_CONF_WORD, AT(cc_conf, blacklist_action), 0, 0, 0,
				blacklist_actions, NULL, NULL, true},
		OPTIONAL("outbound_profile", CC_CONF_INT, cc_conf, profile, 0, INT_MAX, 1, NULL, NULL),
		OPTIONAL("hides", CC_CONF_INT, cc_conf, hides, 0, 2, 1, NULL, NULL),
		OPTIONAL("web_phone", CC_CONF_FLAG, cc_conf, web_phone, 0, 0, 0, NULL, NULL),
		OPTIONAL("mobile", CC_CONF_FLAG, cc_conf, mobile, 0, 0, 0, NULL, NULL),
		OPTIONAL("transfer_callback_prefix", CC_CONF_CUT, cc_conf, transfer_callback_prefix, 0, 0,
				0, NULL, NULL),
		OPTIONAL("hold_music", CC_CONF_TEXT, cc_conf, hold_music, 0, 0, 0, good_prompt,
				"the name of a prompt or empty"),
		OPTIONAL("voicemail_greeting", CC_CONF_TEXT, cc_conf, voicemail_greeting, 0, 0, 0,
				good_prompt, "the name of a prompt or empty"),
		OPTIONAL("voicemail_max_s", CC_CONF_INT, cc_conf, voicemail_max_ms, 5, 600, 1000, NULL,
				NULL),
		OPTIONAL(
				"voicemail_min_s", CC_CONF_INT, cc_conf, voicemail_min_ms, 0, 60, 1000, NULL, NULL),
		OPTIONAL("voicemail_silence_s", CC_CONF_INT, cc_conf, voicemail_silence_ms, 0, 60, 1000,
				NULL, NULL),
		LIST("queues", false),
		LIST("agents", false),
		LIST("members", false),
		LIST("dids", false),
		LIST("trunks", false),
		LIST("keys", true),
		LIST("needs", true),
		LIST("skills", true),
		LIST("vips", true),
		LIST("holidays", true),
		LIST("no_calls", true),
		LIST("blacklist", true),
		LIST("profiles", true),
		LIST("routes", true),
		LIST("route_trunks", true),
		LIST("caller_ids", true),
		LIST("codes", true),
		LIST("mark_digits", true),
		LIST("ivrs", true),
		LIST("ivr_prompts", true),
		LIST("ivr_keys", true),
		END,
};

static const struct cc_conf_field queue_fields[] = {
		TEXT("number", cc_conf_queue, number, good_queue, "1 to 8 digits"),
		CUT("name", cc_conf_queue, name),
		OTHER("strategy", CC_CONF_WORD, cc_conf_queue, strategy, strategies),
		INT("ring_timeout_s", cc_conf_queue, ring_timeout_ms, 1, 3600, 1000),
		INT("max_wait_s", cc_conf_queue, max_wait_ms, 0, 86400, 1000),
		INT("max_waiting", cc_conf_queue, max_waiting, 0, 1000000, 1),
		INT("retry_delay_s", cc_conf_queue, retry_delay_ms, 0, 3600, 1000),
		OTHER("wrapup", CC_CONF_WORD, cc_conf_queue, wrapup, wrapups),
		INT("wrapup_s", cc_conf_queue, wrapup_ms, 0, 86400, 1000),
		OTHER("join_empty", CC_CONF_FLAG, cc_conf_queue, join_empty, NULL),
		OTHER("auto_pause", CC_CONF_FLAG, cc_conf_queue, auto_pause, NULL),
		TEXT("music", cc_conf_queue, music, good_prompt, "the name of a prompt or empty"),
		TEXT("entry_prompt", cc_conf_queue, entry_prompt, good_prompt,
				"the name of a prompt or empty"),
		OTHER("announce_position", CC_CONF_FLAG, cc_conf_queue, announce_position, NULL),
		INT("announce_period_s", cc_conf_queue, announce_period_ms, 0, 86400, 1000),
		OTHER("record", CC_CONF_FLAG, cc_conf_queue, record, NULL),
		OTHER("state", CC_CONF_SWITCH, cc_conf_queue, enabled, states),
		OPTIONAL_PROMPT(hold_music),
		OPTIONAL_PROMPT(holiday_prompt),
		OPTIONAL_FLAG(announce_wait),
		OPTIONAL_PROMPT(periodic_prompt),
		OPTIONAL_INT("periodic_s", periodic_ms, 1, 86400, 1000),
		OPTIONAL_PROMPT(agent_prompt),
		OPTIONAL_FLAG(announce_agent),
		OPTIONAL_PROMPT(agent_number_before),
		OPTIONAL_PROMPT(agent_number_after),
		OPTIONAL_PROMPT(menu_prompt),
		OPTIONAL_INT("menu_period_s", menu_period_ms, 0, 86400, 1000),
		OPTIONAL_INT("menu_repeat", menu_repeat, 1, 10, 1),
		OPTIONAL_FLAG(leave_empty),
		OPTIONAL_FLAG(no_agent_overflow),
		{"overflow_kind", CC_CONF_WORD, AT(cc_conf_queue, overflow.kind), 0, 0, 0, targets, NULL,
				NULL, true},
		{"overflow_target", CC_CONF_TEXT, AT(cc_conf_queue, overflow.name), 0, 0, 0, NULL,
				good_target, TARGET_FORM, true},
		{"prefix_name", CC_CONF_CUT, AT(cc_conf_queue, prefix_name), 0, 0, 0, NULL, NULL, NULL,
				true},
		{"prefix_number", CC_CONF_TEXT, AT(cc_conf_queue, prefix_number), 0, 0, 0, NULL,
				good_prefix, "up to 16 of the characters 0-9 * + -", true},
		OPTIONAL_FLAG(auto_answer),
		OPTIONAL_FLAG(auto_answer_click),
		OPTIONAL_FLAG(auto_answer_predictive),
		OPTIONAL_PROMPT(greeting),
		OPTIONAL_INT("relax_s", relax_ms, 0, 86400, 1000),
		END,
};

static const struct cc_conf_field agent_fields[] = {
		TEXT("number", cc_conf_agent, number, good_agent, "2 to 6 digits, the first not 0"),
		CUT("name", cc_conf_agent, name),
		TEXT("ha1", cc_conf_agent, ha1, good_hash, "32 lower case hexadecimal digits"),
		TEXT("pin_hash", cc_conf_agent, pin_hash, good_hash, "32 lower case hexadecimal digits"),
		OTHER("state", CC_CONF_SWITCH, cc_conf_agent, enabled, states),
		OPTIONAL("click_only", CC_CONF_FLAG, cc_conf_agent, click_only, 0, 0, 0, NULL, NULL),
		OPTIONAL("caller_id", CC_CONF_CUT, cc_conf_agent, caller_id, 0, 0, 0, NULL, NULL),
		OPTIONAL("profile", CC_CONF_INT, cc_conf_agent, profile, 0, INT_MAX, 1, NULL, NULL),
		OPTIONAL("browser_work", CC_CONF_FLAG, cc_conf_agent, browser_work, 0, 0, 0, NULL, NULL),
		OPTIONAL("hide", CC_CONF_INT, cc_conf_agent, hide, 0, 2, 1, NULL, NULL),
		{"terminal", CC_CONF_WORD, AT(cc_conf_agent, terminal), 0, 0, 0, terminals, NULL, NULL,
				true},
		OPTIONAL("mobile", CC_CONF_TEXT, cc_conf_agent, mobile, 0, 0, 0, good_mobile,
				"up to 20 digits, with a '+' before them or without"),
		OPTIONAL(
				"mobile_confirm", CC_CONF_FLAG, cc_conf_agent, mobile_confirm, 0, 0, 0, NULL, NULL),
		OPTIONAL("voicemail", CC_CONF_FLAG, cc_conf_agent, voicemail, 0, 0, 0, NULL, NULL),
		OPTIONAL("greeting", CC_CONF_TEXT, cc_conf_agent, greeting, 0, 0, 0, good_prompt,
				"the name of a prompt or empty"),
		END,
};

static const struct cc_conf_field member_fields[] = {
		TEXT("queue", cc_conf_draft_member, queue, good_queue, "the number of a queue"),
		TEXT("agent", cc_conf_draft_member, agent, good_agent, "the number of an agent"),
		INT("position", cc_conf_draft_member, position, 0, INT_MAX, 1),
		INT("priority", cc_conf_draft_member, priority, 1, 1000, 1),
		OTHER("static", CC_CONF_FLAG, cc_conf_draft_member, fixed, NULL),
		END,
};

static const struct cc_conf_field did_fields[] = {
		TEXT("number", cc_conf_did, number, good_did, "1 to 32 digits"),
		CUT("name", cc_conf_did, name),
		OTHER("target_kind", CC_CONF_WORD, cc_conf_did, to.kind, targets),
		TEXT("target", cc_conf_did, to.name, good_target, TARGET_FORM),
		OTHER("state", CC_CONF_SWITCH, cc_conf_did, enabled, states),
		END,
};

static const struct cc_conf_field key_fields[] = {
		TEXT("queue", cc_conf_draft_key, queue, good_queue, "the number of a queue"),
		TEXT("digit", cc_conf_draft_key, digit, good_key, "a digit, * or #"),
		OTHER("target_kind", CC_CONF_WORD, cc_conf_draft_key, to.kind, targets),
		TEXT("target", cc_conf_draft_key, to.name, good_target, TARGET_FORM),
		END,
};

static const struct cc_conf_field need_fields[] = {
		TEXT("queue", cc_conf_draft_skill, owner, good_queue, "the number of a queue"),
		TEXT("skill", cc_conf_draft_skill, skill, good_skill, "the id of a skill"),
		INT("level", cc_conf_draft_skill, level, 1, CC_SKILL_LEVELS, 1),
		END,
};

static const struct cc_conf_field skill_fields[] = {
		TEXT("agent", cc_conf_draft_skill, owner, good_agent, "the number of an agent"),
		TEXT("skill", cc_conf_draft_skill, skill, good_skill, "the id of a skill"),
		INT("level", cc_conf_draft_skill, level, 1, CC_SKILL_LEVELS, 1),
		END,
};

static const struct cc_conf_field vip_fields[] = {
		TEXT("queue", cc_conf_draft_vip, queue, good_queue, "the number of a queue"),
		TEXT("number", cc_conf_draft_vip, number, good_e164, "1 to 15 digits"),
		OTHER("level", CC_CONF_WORD, cc_conf_draft_vip, level, vip_levels),
		END,
};

static const struct cc_conf_field no_call_fields[] = {
		TEXT("number", cc_conf_draft_listed, number, good_e164, "1 to 15 digits"),
		INT("package", cc_conf_draft_listed, package, 0, INT_MAX, 1),
		END,
};

static const struct cc_conf_field blacklist_fields[] = {
		TEXT("number", cc_conf_draft_listed, number, good_e164, "1 to 15 digits"),
		END,
};

static const struct cc_conf_field holiday_fields[] = {
		TEXT("day", cc_conf_draft_day, day, good_day, "a day such as 2026-10-01"),
		END,
};

static const struct cc_conf_field profile_fields[] = {
		INT("id", cc_conf_profile, id, 1, INT_MAX, 1),
		CUT("name", cc_conf_profile, name),
		END,
};

static const struct cc_conf_field route_fields[] = {
		INT("id", cc_conf_draft_route, id, 1, INT_MAX, 1),
		INT("profile", cc_conf_draft_route, profile, 1, INT_MAX, 1),
		INT("position", cc_conf_draft_route, position, 0, INT_MAX, 1),
		TEXT("strip", cc_conf_draft_route, strip, good_digits, "up to 16 digits"),
		TEXT("pattern", cc_conf_draft_route, pattern, cc_pattern_valid, "a pattern such as 1XX."),
		TEXT("add", cc_conf_draft_route, add, good_add, "up to 16 digits, a '+' before them"),
		END,
};

static const struct cc_conf_field route_trunk_fields[] = {
		INT("route", cc_conf_draft_route_trunk, route, 1, INT_MAX, 1),
		INT("position", cc_conf_draft_route_trunk, position, 0, INT_MAX, 1),
		INT("trunk", cc_conf_draft_route_trunk, trunk, 1, INT_MAX, 1),
		END,
};

static const struct cc_conf_field number_fields[] = {
		TEXT("number", cc_conf_number, number, good_did, "1 to 32 digits"),
		END,
};

static const struct cc_conf_field code_fields[] = {
		OTHER("name", CC_CONF_WORD, cc_conf_draft_code, code, code_names),
		TEXT("code", cc_conf_draft_code, text[0], good_feature_code, "digits, * and #, D, N"),
		TEXT("gateway", cc_conf_draft_code, text[1], good_feature_code, "digits, * and #, D, N"),
		END,
};

static const struct cc_conf_field digit_fields[] = {
		TEXT("digit", cc_conf_draft_digit, digit, good_digit, "a digit"),
		END,
};

#define PROMPT_FORM "the name of a prompt or empty"

/* Silence and prompts are within what the engine waits for the end of a list (call_sound.c). */
static const struct cc_conf_field ivr_fields[] = {
		TEXT("number", cc_conf_ivr, number, good_queue, "1 to 8 digits"),
		CUT("name", cc_conf_ivr, name),
		OTHER("kind", CC_CONF_SWITCH, cc_conf_ivr, announcement, ivr_kinds),
		OTHER("skip", CC_CONF_FLAG, cc_conf_ivr, skip, NULL),
		INT("start_s", cc_conf_ivr, start_ms, 0, 20, 1000),
		INT("repeat", cc_conf_ivr, repeat, 0, 20, 1),
		INT("timeout_s", cc_conf_ivr, timeout_ms, 0, 300, 1000),
		INT("key_timeout_s", cc_conf_ivr, key_ms, 1, 60, 1000),
		INT("max_keys", cc_conf_ivr, max_keys, 0, 20, 1),
		OTHER("dial_agents", CC_CONF_FLAG, cc_conf_ivr, dial_agents, NULL),
		INT("tries", cc_conf_ivr, tries, 1, 20, 1),
		TEXT("timeout_prompt", cc_conf_ivr, timeout_prompt, good_prompt, PROMPT_FORM),
		OTHER("timeout_kind", CC_CONF_WORD, cc_conf_ivr, timeout.kind, targets),
		TEXT("timeout_target", cc_conf_ivr, timeout.name, good_target, TARGET_FORM),
		TEXT("no_match_prompt", cc_conf_ivr, no_match_prompt, good_prompt, PROMPT_FORM),
		OTHER("no_match_kind", CC_CONF_WORD, cc_conf_ivr, no_match.kind, targets),
		TEXT("no_match_target", cc_conf_ivr, no_match.name, good_target, TARGET_FORM),
		CUT("prefix_name", cc_conf_ivr, prefix_name),
		TEXT("prefix_number", cc_conf_ivr, prefix_number, good_prefix,
				"up to 16 of the characters 0-9 * + -"),
		END,
};

static const struct cc_conf_field ivr_prompt_fields[] = {
		TEXT("ivr", cc_conf_draft_ivr_prompt, ivr, good_queue, "the number of a menu"),
		INT("position", cc_conf_draft_ivr_prompt, position, 0, INT_MAX, 1),
		TEXT("prompt", cc_conf_draft_ivr_prompt, prompt, good_prompt, PROMPT_FORM),
		INT("gap_s", cc_conf_draft_ivr_prompt, gap_ms, 0, 20, 1000),
		END,
};

static const struct cc_conf_field ivr_key_fields[] = {
		TEXT("ivr", cc_conf_draft_ivr_key, ivr, good_queue, "the number of a menu"),
		TEXT("keys", cc_conf_draft_ivr_key, keys, good_keys, "1 to 8 digits, * or #"),
		OTHER("target_kind", CC_CONF_WORD, cc_conf_draft_ivr_key, to.kind, targets),
		TEXT("target", cc_conf_draft_ivr_key, to.name, good_target, TARGET_FORM),
		END,
};

const struct cc_conf_field cc_conf_trunk_fields[] = {
		OPTIONAL("id", CC_CONF_ID, cc_conf_trunk, id, 0, 0, 0, NULL, NULL),
		CUT("name", cc_conf_trunk, name),
		TEXT("address", cc_conf_trunk, address, good_address, "an IP address"),
		OTHER("port", CC_CONF_PORT, cc_conf_trunk, port, NULL),
		OTHER("transport", CC_CONF_WORD, cc_conf_trunk, transport, transports),
		INT("max_channels", cc_conf_trunk, max_channels, 0, 1000000, 1),
		LIST("tenants", false),
		END,
};

const struct cc_conf_list cc_conf_lists[] = {
#define IN_DRAFT(member, count)                                                                    \
	sizeof(*((struct cc_conf_draft *)0)->member), offsetof(struct cc_conf_draft, member),          \
			offsetof(struct cc_conf_draft, count)
		{"queues", "queue", "number", queue_fields, IN_DRAFT(queues, head.queue_count)},
		{"agents", "agent", "number", agent_fields, IN_DRAFT(agents, head.agent_count)},
		{"members", "member", "agent", member_fields, IN_DRAFT(members, head.member_count)},
		{"dids", "DID", "number", did_fields, IN_DRAFT(dids, head.did_count)},
		{"keys", "key", "digit", key_fields, IN_DRAFT(keys, head.key_count)},
		{"needs", "skill of queue", "queue", need_fields, IN_DRAFT(needs, need_count)},
		{"skills", "skill of agent", "agent", skill_fields, IN_DRAFT(skills, skill_count)},
		{"vips", "VIP", "number", vip_fields, IN_DRAFT(vips, head.vip_count)},
		{"holidays", "holiday", "day", holiday_fields, IN_DRAFT(days, head.holiday_count)},
		{"no_calls", "number not to be called", "number", no_call_fields,
				IN_DRAFT(no_calls, head.no_call_count)},
		{"blacklist", "number of the blacklist", "number", blacklist_fields,
				IN_DRAFT(blacklist, head.blacklist_count)},
		{"profiles", "outbound profile", "name", profile_fields,
				IN_DRAFT(profiles, head.profile_count)},
		{"routes", "outbound route", "pattern", route_fields, IN_DRAFT(routes, head.out_count)},
		{"route_trunks", "trunk of route", "route", route_trunk_fields,
				IN_DRAFT(route_trunks, route_trunk_count)},
		{"caller_ids", "caller id", "number", number_fields, IN_DRAFT(numbers, head.number_count)},
		{"codes", "feature code", "name", code_fields, IN_DRAFT(codes, code_count)},
		{"mark_digits", "digit of customer types", "digit", digit_fields,
				IN_DRAFT(digits, digit_count)},
		{"ivrs", "menu", "number", ivr_fields, IN_DRAFT(ivrs, head.ivr_count)},
		{"ivr_prompts", "prompt of menu", "ivr", ivr_prompt_fields,
				IN_DRAFT(ivr_prompts, head.ivr_prompt_count)},
		{"ivr_keys", "key of menu", "ivr", ivr_key_fields, IN_DRAFT(ivr_keys, head.ivr_key_count)},
		{NULL, NULL, NULL, NULL, 0, 0, 0},
};
