/* SPDX-License-Identifier: GPL-2.0-or-later
 * Reads the configuration document by the tables of conf_fields.c. */
#include <arpa/inet.h>
#include <json-c/json.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cc/err.h"
#include "cc/utf8.h"
#include "conf_private.h"

#define RING_MS 30000 /* what is missing has the default of preferences.def */
#define EXTERNAL_RING_MS 60000
#define VOICEMAIL_MAX_MS 120000
#define VOICEMAIL_MIN_MS 2000
#define VOICEMAIL_SILENCE_MS 5000

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

static int read_text(
		struct reader *r, const struct cc_conf_field *f, struct json_object *v, char *to)
{
	const char *text = string_of(v);

	if (!text)
		return fail(r, "%s must be a text", f->name);
	if (f->kind == CC_CONF_CUT) {
		cc_utf8_copy(to, f->size, text);
		return CC_OK;
	}
	if (!f->good(text) || strlen(text) >= f->size)
		return fail(r, "%s must be %s", f->name, f->form);
	strcpy(to, text);
	return CC_OK;
}

static int read_word(
		struct reader *r, const struct cc_conf_field *f, struct json_object *v, int *index)
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

static int read_flag(
		struct reader *r, const struct cc_conf_field *f, struct json_object *v, bool *flag)
{
	bool number = json_object_is_type(v, json_type_int) &&
				  (json_object_get_int64(v) == 0 || json_object_get_int64(v) == 1);

	if (!number && !json_object_is_type(v, json_type_boolean))
		return fail(r, "%s must be true or false", f->name);
	*flag = json_object_get_boolean(v);
	return CC_OK;
}

static int read_value(
		struct reader *r, const struct cc_conf_field *f, struct json_object *v, void *to)
{
	int64_t number = 0;
	int word = 0, err = CC_OK;

	switch (f->kind) {
	case CC_CONF_CUT:
	case CC_CONF_TEXT:
		return read_text(r, f, v, to);
	case CC_CONF_INT:
		err = whole_number(r, f->name, v, f->min, f->max, &number);
		if (!err)
			*(int32_t *)to = (int32_t)(number * f->scale);
		return err;
	case CC_CONF_PORT:
		err = whole_number(r, f->name, v, 1, UINT16_MAX, &number);
		if (!err)
			*(uint16_t *)to = (uint16_t)number;
		return err;
	case CC_CONF_ID:
		err = whole_number(r, f->name, v, 1, UINT32_MAX, &number);
		if (!err)
			*(uint32_t *)to = (uint32_t)number;
		return err;
	case CC_CONF_FLAG:
		return read_flag(r, f, v, to);
	case CC_CONF_WORD:
		err = read_word(r, f, v, &word);
		if (!err)
			memcpy(to, &word, sizeof(word)); /* enums are int */
		return err;
	case CC_CONF_SWITCH:
		err = read_word(r, f, v, &word);
		if (!err)
			*(bool *)to = word == 0;
		return err;
	case CC_CONF_LIST:
		return json_object_is_type(v, json_type_array) ? CC_OK
													   : fail(r, "%s must be a list", f->name);
	}
	return CC_E_INVAL;
}

static const struct cc_conf_field *field_find(const struct cc_conf_field *fields, const char *name)
{
	for (const struct cc_conf_field *f = fields; f->name; f++)
		if (strcmp(f->name, name) == 0)
			return f;
	return NULL;
}

static int read_object(
		struct reader *r, const struct cc_conf_field *fields, struct json_object *o, void *to)
{
	if (!json_object_is_type(o, json_type_object))
		return fail(r, "must be an object");
	json_object_object_foreach(o, key, unused)
	{
		(void)unused;
		if (!field_find(fields, key))
			return fail(r, "unknown field %.60s", key);
	}
	for (const struct cc_conf_field *f = fields; f->name; f++) {
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

	if (json_object_is_type(o, json_type_string))
		v = o;
	else if (json_object_is_type(o, json_type_object))
		json_object_object_get_ex(o, key, &v);
	if (v && string_of(v))
		cc_utf8_copy(text, sizeof(text), string_of(v));
	else
		snprintf(text, sizeof(text), "#%zu", i + 1);
	snprintf(name, 80, "%s %s", kind, text);
}

/* An object, or the value of its only field: large lists are made of these. */
static int read_record(
		struct reader *r, const struct cc_conf_field *fields, struct json_object *o, void *to)
{
	return fields[1].name || json_object_is_type(o, json_type_object)
				   ? read_object(r, fields, o, to)
				   : read_value(r, fields, o, (char *)to + fields->off);
}

/* Reads a list of a tenant into a new array of records. */
static int read_list(struct reader *r, const struct cc_conf_list *what, struct json_object *tenant,
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
		err = read_record(r, what->fields, o, (char *)*array + i * what->size);
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
		err = read_object(r, cc_conf_trunk_fields, o, t);
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

	c->extension_ring_ms = c->transfer_ring_ms = RING_MS;
	c->external_ring_ms = EXTERNAL_RING_MS;
	c->transfer_callback = true;
	strcpy(c->hold_music, "music/hold");
	strcpy(c->voicemail_greeting, "voicemail_greeting");
	c->voicemail_max_ms = VOICEMAIL_MAX_MS;
	c->voicemail_min_ms = VOICEMAIL_MIN_MS;
	c->voicemail_silence_ms = VOICEMAIL_SILENCE_MS;
	name_it(r->tenant, "tenant", o, "code", i);
	err = read_object(r, cc_conf_tenant_fields, o, c);
	for (const struct cc_conf_list *l = cc_conf_lists; l->name && !err; l++)
		err = read_list(
				r, l, o, (void **)((char *)t + l->array), (int32_t *)((char *)t + l->count));
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

static const struct cc_conf_field document_fields[] = {
		{.name = "version",
				.kind = CC_CONF_INT,
				.off = offsetof(struct head, version),
				.min = 1,
				.max = 1,
				.scale = 1},
		{.name = "tenants", .kind = CC_CONF_LIST},
		{.name = NULL},
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
		free(d->tenants[i].no_calls);
		free(d->tenants[i].blacklist);
		free(d->tenants[i].profiles);
		free(d->tenants[i].routes);
		free(d->tenants[i].route_trunks);
		free(d->tenants[i].numbers);
		free(d->tenants[i].codes);
		free(d->tenants[i].digits);
		free(d->tenants[i].ivrs);
		free(d->tenants[i].ivr_prompts);
		free(d->tenants[i].ivr_keys);
	}
	free(d->tenants);
	free(d->trunks);
	free(d->grants);
}
