/* SPDX-License-Identifier: GPL-2.0-or-later
 * Reads the configuration document: tables of fields say what each object has. */
#include <arpa/inet.h>
#include <json-c/json.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cc/err.h"
#include "cc/tz.h"
#include "cc/utf8.h"
#include "conf_private.h"

enum kind
{
	KIND_CUT,    /* text, cut to what fits: names are for people */
	KIND_TEXT,   /* text that good accepts; too long is an error */
	KIND_INT,    /* int32_t, times scale */
	KIND_PORT,   /* uint16_t */
	KIND_ID,     /* uint32_t */
	KIND_FLAG,   /* bool: true, false, 1, 0 */
	KIND_WORD,   /* enum (int): index in words */
	KIND_SWITCH, /* bool: whether it is the first of words */
	KIND_LIST,   /* an array, read elsewhere */
};

struct field
{
	const char *name;
	enum kind kind;
	size_t off, size;
	int32_t min, max, scale;
	const char *const *words;
	bool (*good)(const char *text);
	const char *form; /* what good accepts, for the error */
	bool optional;    /* zero if it is missing */
};

struct reader
{
	char *error;
	char tenant[80], object[80]; /* what is being read */
};

__attribute__((format(printf, 2, 3))) static int fail(struct reader *r, const char *format, ...)
{
	va_list ap;
	int n = snprintf(r->error, CC_CONF_ERROR, "%s%s%s%s", r->tenant,
			*r->tenant && *r->object ? ", " : "", r->object, *r->tenant || *r->object ? ": " : "");

	va_start(ap, format);
	vsnprintf(r->error + n, CC_CONF_ERROR - (size_t)n, format, ap);
	va_end(ap);
	return CC_E_INVAL;
}

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
static const char *const targets[] = {
		"hangup", "queue", "agent", "ivr", "prompt", "did", "callback", NULL};
static const char *const vip_levels[] = {"normal", "important", "noble", NULL};
static const char *const transports[] = {"udp", "tcp", "tls", NULL};
static const char *const states[] = {"enabled", "disabled", NULL};
static const char *const tenant_states[] = {
		"active", "suspended", "locked", "frozen", "cancelled", NULL};

#define AT(type, member) offsetof(struct type, member), sizeof(((struct type *)0)->member)
#define CUT(name, type, member)                                                                    \
	{                                                                                              \
		name, KIND_CUT, AT(type, member), 0, 0, 0, NULL, NULL, NULL, false                         \
	}
#define TEXT(name, type, member, good, form)                                                       \
	{                                                                                              \
		name, KIND_TEXT, AT(type, member), 0, 0, 0, NULL, good, form, false                        \
	}
#define INT(name, type, member, min, max, scale)                                                   \
	{                                                                                              \
		name, KIND_INT, AT(type, member), min, max, scale, NULL, NULL, NULL, false                 \
	}
#define OTHER(name, kind, type, member, words)                                                     \
	{                                                                                              \
		name, kind, AT(type, member), 0, 0, 0, words, NULL, NULL, false                            \
	}
#define LIST(name, optional)                                                                       \
	{                                                                                              \
		name, KIND_LIST, 0, 0, 0, 0, 0, NULL, NULL, NULL, optional                                 \
	}
#define OPTIONAL_PROMPT(member)                                                                    \
	{                                                                                              \
#member, KIND_TEXT, AT(cc_conf_queue, member), 0, 0, 0, NULL, good_prompt,                 \
				"the name of a prompt or empty", true                                              \
	}
#define OPTIONAL_INT(name, member, min, max, scale)                                                \
	{                                                                                              \
		name, KIND_INT, AT(cc_conf_queue, member), min, max, scale, NULL, NULL, NULL, true         \
	}
#define OPTIONAL_FLAG(member)                                                                      \
	{                                                                                              \
#member, KIND_FLAG, AT(cc_conf_queue, member), 0, 0, 0, NULL, NULL, NULL, true             \
	}
#define END                                                                                        \
	{                                                                                              \
		NULL, KIND_LIST, 0, 0, 0, 0, 0, NULL, NULL, NULL, false                                    \
	}

#define TARGET_FORM "up to 63 digits, letters or signs"

static const struct field tenant_fields[] = {
		OTHER("id", KIND_ID, cc_conf, tenant, NULL),
		TEXT("code", cc_conf, code, good_code, "1 to 32 letters, digits, '-', '.', '_'"),
		CUT("name", cc_conf, name),
		OTHER("state", KIND_SWITCH, cc_conf, active, tenant_states),
		TEXT("country", cc_conf, country, good_country, "1 to 8 digits"),
		TEXT("area_code", cc_conf, area_code, good_area, "0 to 8 digits"),
		TEXT("timezone", cc_conf, timezone, good_zone, "the name of a time zone"),
		TEXT("prompt_language", cc_conf, language, good_language, "a language code"),
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
		END,
};

static const struct field queue_fields[] = {
		TEXT("number", cc_conf_queue, number, good_queue, "1 to 8 digits"),
		CUT("name", cc_conf_queue, name),
		OTHER("strategy", KIND_WORD, cc_conf_queue, strategy, strategies),
		INT("ring_timeout_s", cc_conf_queue, ring_timeout_ms, 1, 3600, 1000),
		INT("max_wait_s", cc_conf_queue, max_wait_ms, 0, 86400, 1000),
		INT("max_waiting", cc_conf_queue, max_waiting, 0, 1000000, 1),
		INT("retry_delay_s", cc_conf_queue, retry_delay_ms, 0, 3600, 1000),
		OTHER("wrapup", KIND_WORD, cc_conf_queue, wrapup, wrapups),
		INT("wrapup_s", cc_conf_queue, wrapup_ms, 0, 86400, 1000),
		OTHER("join_empty", KIND_FLAG, cc_conf_queue, join_empty, NULL),
		OTHER("auto_pause", KIND_FLAG, cc_conf_queue, auto_pause, NULL),
		TEXT("music", cc_conf_queue, music, good_prompt, "the name of a prompt or empty"),
		TEXT("entry_prompt", cc_conf_queue, entry_prompt, good_prompt,
				"the name of a prompt or empty"),
		OTHER("announce_position", KIND_FLAG, cc_conf_queue, announce_position, NULL),
		INT("announce_period_s", cc_conf_queue, announce_period_ms, 0, 86400, 1000),
		OTHER("record", KIND_FLAG, cc_conf_queue, record, NULL),
		OTHER("state", KIND_SWITCH, cc_conf_queue, enabled, states),
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
		{"overflow_kind", KIND_WORD, AT(cc_conf_queue, overflow.kind), 0, 0, 0, targets, NULL, NULL,
				true},
		{"overflow_target", KIND_TEXT, AT(cc_conf_queue, overflow.name), 0, 0, 0, NULL, good_target,
				TARGET_FORM, true},
		{"prefix_name", KIND_CUT, AT(cc_conf_queue, prefix_name), 0, 0, 0, NULL, NULL, NULL, true},
		{"prefix_number", KIND_TEXT, AT(cc_conf_queue, prefix_number), 0, 0, 0, NULL, good_prefix,
				"up to 16 of the characters 0-9 * + -", true},
		OPTIONAL_FLAG(auto_answer),
		OPTIONAL_INT("relax_s", relax_ms, 0, 86400, 1000),
		END,
};

static const struct field agent_fields[] = {
		TEXT("number", cc_conf_agent, number, good_agent, "2 to 6 digits, the first not 0"),
		CUT("name", cc_conf_agent, name),
		TEXT("ha1", cc_conf_agent, ha1, good_hash, "32 lower case hexadecimal digits"),
		TEXT("pin_hash", cc_conf_agent, pin_hash, good_hash, "32 lower case hexadecimal digits"),
		OTHER("state", KIND_SWITCH, cc_conf_agent, enabled, states),
		END,
};

static const struct field member_fields[] = {
		TEXT("queue", cc_conf_draft_member, queue, good_queue, "the number of a queue"),
		TEXT("agent", cc_conf_draft_member, agent, good_agent, "the number of an agent"),
		INT("position", cc_conf_draft_member, position, 0, INT_MAX, 1),
		INT("priority", cc_conf_draft_member, priority, 1, 1000, 1),
		OTHER("static", KIND_FLAG, cc_conf_draft_member, fixed, NULL),
		END,
};

static const struct field did_fields[] = {
		TEXT("number", cc_conf_did, number, good_did, "1 to 32 digits"),
		CUT("name", cc_conf_did, name),
		OTHER("target_kind", KIND_WORD, cc_conf_did, to.kind, targets),
		TEXT("target", cc_conf_did, to.name, good_target, TARGET_FORM),
		OTHER("state", KIND_SWITCH, cc_conf_did, enabled, states),
		END,
};

static const struct field key_fields[] = {
		TEXT("queue", cc_conf_draft_key, queue, good_queue, "the number of a queue"),
		TEXT("digit", cc_conf_draft_key, digit, good_key, "a digit, * or #"),
		OTHER("target_kind", KIND_WORD, cc_conf_draft_key, to.kind, targets),
		TEXT("target", cc_conf_draft_key, to.name, good_target, TARGET_FORM),
		END,
};

static const struct field need_fields[] = {
		TEXT("queue", cc_conf_draft_skill, owner, good_queue, "the number of a queue"),
		TEXT("skill", cc_conf_draft_skill, skill, good_skill, "the id of a skill"),
		INT("level", cc_conf_draft_skill, level, 1, CC_SKILL_LEVELS, 1),
		END,
};

static const struct field skill_fields[] = {
		TEXT("agent", cc_conf_draft_skill, owner, good_agent, "the number of an agent"),
		TEXT("skill", cc_conf_draft_skill, skill, good_skill, "the id of a skill"),
		INT("level", cc_conf_draft_skill, level, 1, CC_SKILL_LEVELS, 1),
		END,
};

static const struct field vip_fields[] = {
		TEXT("queue", cc_conf_draft_vip, queue, good_queue, "the number of a queue"),
		TEXT("number", cc_conf_draft_vip, number, good_e164, "1 to 15 digits"),
		OTHER("level", KIND_WORD, cc_conf_draft_vip, level, vip_levels),
		END,
};

static const struct field holiday_fields[] = {
		TEXT("day", cc_conf_draft_day, day, good_day, "a day such as 2026-10-01"),
		END,
};

static const struct field trunk_fields[] = {
		CUT("name", cc_conf_trunk, name),
		TEXT("address", cc_conf_trunk, address, good_address, "an IP address"),
		OTHER("port", KIND_PORT, cc_conf_trunk, port, NULL),
		OTHER("transport", KIND_WORD, cc_conf_trunk, transport, transports),
		INT("max_channels", cc_conf_trunk, max_channels, 0, 1000000, 1),
		LIST("tenants", false),
		END,
};

/* ---- values ---- */

/* The text of a JSON string; NULL: not one, or with a NUL inside. */
static const char *string_of(struct json_object *v)
{
	const char *text;

	if (!json_object_is_type(v, json_type_string))
		return NULL;
	text = json_object_get_string(v);
	return strlen(text) == (size_t)json_object_get_string_len(v) ? text : NULL;
}

static int whole_number(struct reader *r, const char *name, struct json_object *v, int64_t min,
		int64_t max, int64_t *value)
{
	if (!json_object_is_type(v, json_type_int) || json_object_get_int64(v) < min ||
			json_object_get_int64(v) > max)
		return fail(r, "%s must be %lld…%lld", name, (long long)min, (long long)max);
	*value = json_object_get_int64(v);
	return CC_OK;
}

static int read_text(struct reader *r, const struct field *f, struct json_object *v, char *to)
{
	const char *text = string_of(v);

	if (!text)
		return fail(r, "%s must be a text", f->name);
	if (f->kind == KIND_CUT) {
		cc_utf8_copy(to, f->size, text);
		return CC_OK;
	}
	if (!f->good(text) || strlen(text) >= f->size)
		return fail(r, "%s must be %s", f->name, f->form);
	strcpy(to, text);
	return CC_OK;
}

static int read_word(struct reader *r, const struct field *f, struct json_object *v, int *index)
{
	const char *text = string_of(v);
	char all[128] = "";

	for (int i = 0; f->words[i]; i++) {
		size_t used = strlen(all);

		if (text && strcmp(text, f->words[i]) == 0) {
			*index = i;
			return CC_OK;
		}
		snprintf(all + used, sizeof(all) - used, "%s%s", i > 0 ? ", " : "", f->words[i]);
	}
	return fail(r, "%s must be one of %s", f->name, all);
}

static int read_flag(struct reader *r, const struct field *f, struct json_object *v, bool *flag)
{
	bool number = json_object_is_type(v, json_type_int) &&
				  (json_object_get_int64(v) == 0 || json_object_get_int64(v) == 1);

	if (!number && !json_object_is_type(v, json_type_boolean))
		return fail(r, "%s must be true or false", f->name);
	*flag = json_object_get_boolean(v);
	return CC_OK;
}

static int read_value(struct reader *r, const struct field *f, struct json_object *v, void *to)
{
	int64_t number = 0;
	int word = 0, err = CC_OK;

	switch (f->kind) {
	case KIND_CUT:
	case KIND_TEXT:
		return read_text(r, f, v, to);
	case KIND_INT:
		err = whole_number(r, f->name, v, f->min, f->max, &number);
		if (!err)
			*(int32_t *)to = (int32_t)(number * f->scale);
		return err;
	case KIND_PORT:
		err = whole_number(r, f->name, v, 1, UINT16_MAX, &number);
		if (!err)
			*(uint16_t *)to = (uint16_t)number;
		return err;
	case KIND_ID:
		err = whole_number(r, f->name, v, 1, UINT32_MAX, &number);
		if (!err)
			*(uint32_t *)to = (uint32_t)number;
		return err;
	case KIND_FLAG:
		return read_flag(r, f, v, to);
	case KIND_WORD:
		err = read_word(r, f, v, &word);
		if (!err)
			memcpy(to, &word, sizeof(word)); /* enums are int */
		return err;
	case KIND_SWITCH:
		err = read_word(r, f, v, &word);
		if (!err)
			*(bool *)to = word == 0;
		return err;
	case KIND_LIST:
		return json_object_is_type(v, json_type_array) ? CC_OK
													   : fail(r, "%s must be a list", f->name);
	}
	return CC_E_INVAL;
}

static const struct field *field_find(const struct field *fields, const char *name)
{
	for (const struct field *f = fields; f->name; f++)
		if (strcmp(f->name, name) == 0)
			return f;
	return NULL;
}

static int read_object(
		struct reader *r, const struct field *fields, struct json_object *o, void *to)
{
	if (!json_object_is_type(o, json_type_object))
		return fail(r, "must be an object");
	json_object_object_foreach(o, key, unused)
	{
		(void)unused;
		if (!field_find(fields, key))
			return fail(r, "unknown field %.60s", key);
	}
	for (const struct field *f = fields; f->name; f++) {
		struct json_object *v;
		int err;

		if (!json_object_object_get_ex(o, f->name, &v)) {
			if (f->optional)
				continue;
			return fail(r, "%s is missing", f->name);
		}
		err = read_value(r, f, v, (char *)to + f->off);
		if (err)
			return err;
	}
	return CC_OK;
}

/* ---- the document ---- */

/* "queue 600", or "queue #3" when it does not say its number. */
static void name_it(
		char name[80], const char *kind, struct json_object *o, const char *key, size_t i)
{
	struct json_object *v = NULL;
	char text[40];

	if (json_object_is_type(o, json_type_object) && json_object_object_get_ex(o, key, &v) &&
			string_of(v))
		cc_utf8_copy(text, sizeof(text), string_of(v));
	else
		snprintf(text, sizeof(text), "#%zu", i + 1);
	snprintf(name, 80, "%s %s", kind, text);
}

/* The lists of a tenant that become arrays of a draft. */
static const struct list
{
	const char *name, *kind, *key; /* what errors call one: "queue 600" */
	const struct field *fields;
	size_t size, array, count; /* of a record; places in the draft */
} lists[] = {
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
};

/* Reads a list of a tenant into a new array of records. */
static int read_list(struct reader *r, const struct list *what, struct json_object *tenant,
		void **array, int32_t *count)
{
	struct json_object *list =
			json_object_object_get(tenant, what->name); /* an optional one: or NULL */
	size_t n = list ? json_object_array_length(list) : 0;
	int err = CC_OK;

	*array = calloc(n + 1, what->size);
	if (!*array)
		return CC_E_NOMEM;
	for (size_t i = 0; i < n && !err; i++) {
		struct json_object *o = json_object_array_get_idx(list, i);

		name_it(r->object, what->kind, o, what->key, i);
		err = read_object(r, what->fields, o, (char *)*array + i * what->size);
	}
	if (!err)
		r->object[0] = '\0';
	*count = (int32_t)n;
	return err;
}

static int read_grants(
		struct reader *r, struct cc_conf_draft_set *d, struct json_object *trunk, int32_t index)
{
	struct json_object *list = json_object_object_get(trunk, "tenants");
	size_t n = json_object_array_length(list);
	struct cc_conf_grant *grants =
			realloc(d->grants, ((size_t)d->grant_count + n + 1) * sizeof(*grants));

	if (!grants)
		return CC_E_NOMEM;
	d->grants = grants;
	for (size_t i = 0; i < n; i++) {
		int64_t id;
		int err = whole_number(
				r, "each of tenants", json_object_array_get_idx(list, i), 1, UINT32_MAX, &id);

		if (err)
			return err;
		grants[d->grant_count].trunk = index;
		grants[d->grant_count++].tenant = (uint32_t)id;
	}
	return CC_OK;
}

/* The address as inet_ntop writes it, so that sources can be compared as texts. */
static void normalise(struct cc_conf_trunk *t)
{
	int family = strchr(t->address, ':') ? AF_INET6 : AF_INET;
	unsigned char address[16];

	inet_pton(family, t->address, address);
	inet_ntop(family, address, t->address, sizeof(t->address));
}

static int read_trunks(
		struct reader *r, struct cc_conf_draft_set *d, struct json_object *tenant, uint32_t owner)
{
	struct json_object *list = json_object_object_get(tenant, "trunks");
	size_t n = json_object_array_length(list);
	struct cc_conf_trunk *trunks =
			realloc(d->trunks, ((size_t)d->trunk_count + n + 1) * sizeof(*trunks));
	int err = CC_OK;

	if (!trunks)
		return CC_E_NOMEM;
	d->trunks = trunks;
	for (size_t i = 0; i < n && !err; i++) {
		struct json_object *o = json_object_array_get_idx(list, i);
		struct cc_conf_trunk *t = &trunks[d->trunk_count];

		memset(t, 0, sizeof(*t));
		t->owner = owner;
		name_it(r->object, "trunk", o, "name", i);
		err = read_object(r, trunk_fields, o, t);
		if (err)
			break;
		normalise(t);
		err = read_grants(r, d, o, d->trunk_count++);
	}
	if (!err)
		r->object[0] = '\0';
	return err;
}

static int read_tenant(
		struct reader *r, struct cc_conf_draft_set *d, struct json_object *o, size_t i)
{
	struct cc_conf_draft *t = &d->tenants[d->tenant_count++];
	struct cc_conf *c = &t->head;
	int err;

	name_it(r->tenant, "tenant", o, "code", i);
	err = read_object(r, tenant_fields, o, c);
	for (size_t k = 0; k < sizeof(lists) / sizeof(lists[0]) && !err; k++)
		err = read_list(r, &lists[k], o, (void **)((char *)t + lists[k].array),
				(int32_t *)((char *)t + lists[k].count));
	if (!err)
		err = read_trunks(r, d, o, c->tenant);
	if (!err)
		r->tenant[0] = '\0';
	return err;
}

struct head
{
	int32_t version;
};

static const struct field document_fields[] = {
		INT("version", head, version, 1, 1, 1),
		LIST("tenants", false),
		END,
};

static int read_document(struct reader *r, struct cc_conf_draft_set *d, struct json_object *o)
{
	struct json_object *list, *generation;
	struct head head;
	size_t n;
	int err;

	if (!json_object_is_type(o, json_type_object) ||
			!json_object_object_get_ex(o, "generation", &generation))
		return fail(r, "generation is missing");
	err = whole_number(r, "generation", generation, 0, INT64_MAX, &d->generation);
	json_object_object_del(o, "generation"); /* 64 bits, as no other field */
	if (!err)
		err = read_object(r, document_fields, o, &head);
	if (err)
		return err;
	list = json_object_object_get(o, "tenants");
	n = json_object_array_length(list);
	d->tenants = calloc(n + 1, sizeof(*d->tenants));
	if (!d->tenants)
		return CC_E_NOMEM;
	for (size_t i = 0; i < n && !err; i++)
		err = read_tenant(r, d, json_object_array_get_idx(list, i), i);
	return err;
}

int cc_conf_draft_load(
		struct cc_conf_draft_set *d, const char *json, size_t len, char error[CC_CONF_ERROR])
{
	struct reader r = {.error = error};
	struct json_tokener *tokener = NULL;
	struct json_object *o = NULL;
	int err = CC_E_INVAL;

	if (len >= INT_MAX)
		return fail(&r, "the document is too long");
	tokener = json_tokener_new();
	if (!tokener)
		return CC_E_NOMEM;
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	o = json_tokener_parse_ex(tokener, json, (int)len);
	if (json_tokener_get_error(tokener) != json_tokener_success) {
		fail(&r, "byte %zu: %s", json_tokener_get_parse_end(tokener),
				json_tokener_error_desc(json_tokener_get_error(tokener)));
		goto out;
	}
	err = read_document(&r, d, o);
out:
	json_object_put(o);
	json_tokener_free(tokener);
	return err;
}

void cc_conf_draft_clear(struct cc_conf_draft_set *d)
{
	for (int32_t i = 0; i < d->tenant_count; i++) {
		free(d->tenants[i].queues);
		free(d->tenants[i].agents);
		free(d->tenants[i].members);
		free(d->tenants[i].dids);
		free(d->tenants[i].keys);
		free(d->tenants[i].needs);
		free(d->tenants[i].skills);
		free(d->tenants[i].vips);
		free(d->tenants[i].days);
	}
	free(d->tenants);
	free(d->trunks);
	free(d->grants);
}
