/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cc/err.h"
#include "cc/number.h"
#include "cc/utf8.h"
#include "recent.h"

#define ID_MAX 32

static size_t size_of(const size_t len[RECENT_TEXTS])
{
	return len[0] + len[1] + len[2];
}

static void drop_oldest(struct recent *r)
{
	struct recent_event **slot = &r->slot[r->first++ % RECENT_EVENTS];

	r->known_from = (*slot)->seq + 1;
	r->bytes -= size_of((*slot)->len);
	free(*slot);
	*slot = NULL;
}

/* A line of a stream must be what it says: one JSON object without line ends. NULL if it is not,
 * otherwise the caller's. */
static struct json_object *parse_object(const char *text, size_t len)
{
	struct json_tokener *parser;
	struct json_object *object = NULL;
	bool ok = len >= 2 && text[0] == '{' && text[len - 1] == '}' && !memchr(text, '\n', len) &&
			  !memchr(text, '\r', len);

	parser = ok ? json_tokener_new() : NULL;
	if (!parser)
		return NULL;
	json_tokener_set_flags(parser, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	object = json_tokener_parse_ex(parser, text, (int)len);
	ok = object && json_tokener_get_parse_end(parser) == len &&
		 json_object_is_type(object, json_type_object);
	json_tokener_free(parser);
	if (!ok) {
		json_object_put(object);
		object = NULL;
	}
	return object;
}

static void copy_member(char to[RECENT_NUMBER], struct json_object *object, const char *name)
{
	struct json_object *v;

	if (json_object_object_get_ex(object, name, &v) && json_object_is_type(v, json_type_string))
		cc_utf8_copy(to, RECENT_NUMBER, json_object_get_string(v));
}

/* Room for texts of these lengths; in the ring, the oldest make place. NULL: no memory. */
static struct recent_event *event_new(struct recent *r, const size_t len[RECENT_TEXTS])
{
	struct recent_event *event = calloc(1, sizeof(*event) + size_of(len));

	if (!event)
		return NULL;
	event->seq = r->last_seq;
	memcpy(event->len, len, sizeof(event->len));
	while (r->next > r->first &&
			(r->next - r->first == RECENT_EVENTS || r->bytes + size_of(len) > RECENT_BYTES))
		drop_oldest(r);
	r->slot[r->next++ % RECENT_EVENTS] = event;
	r->bytes += size_of(len);
	return event;
}

const char *recent_text(const struct recent_event *event, unsigned hide, size_t *len)
{
	size_t at = 0;
	unsigned last = 0;

	for (unsigned i = 1; i <= hide && i < RECENT_TEXTS; i++)
		last = event->len[i] ? i : last;
	for (unsigned i = 0; i < last; i++)
		at += event->len[i];
	*len = event->len[last];
	return event->text + at;
}

static int add_reset(struct recent *r, uint32_t node)
{
	char text[96];
	int n = snprintf(text, sizeof(text), "id: %u-%llu\nevent: reset\ndata: {}\n\n", node,
			(unsigned long long)r->last_seq);
	struct recent_event *event = event_new(r, (const size_t[RECENT_TEXTS]){(size_t)n});

	if (!event)
		return CC_E_NOMEM;
	event->audience = RECENT_EVERYONE;
	memcpy(event->text, text, (size_t)n);
	return 0;
}

/* Hides what is a number of somebody outside in a member, a name may be one too; true if that
 * changes it. */
static bool hide_member(struct json_object *fields, const char *name, unsigned hide)
{
	struct json_object *v;
	char text[64];

	if (!json_object_object_get_ex(fields, name, &v) || !json_object_is_type(v, json_type_string))
		return false;
	cc_utf8_copy(text, sizeof(text), json_object_get_string(v));
	cc_number_hide(text, strstr(name, "_name") != NULL, (int)hide);
	if (strcmp(text, json_object_get_string(v)) == 0)
		return false;
	json_object_set_string(v, text);
	return true;
}

static bool hide_all(struct json_object *fields, unsigned hide)
{
	static const char *const names[] = {"from", "from_name", "to", "to_name"};
	bool any = false;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		any |= hide_member(fields, names[i], hide);
	return any;
}

/* How much of the number a call task hides from everybody. */
static unsigned hidden(struct json_object *fields)
{
	struct json_object *v;
	const char *word =
			json_object_object_get_ex(fields, "hide", &v) ? json_object_get_string(v) : NULL;

	return !word ? 0 : strcmp(word, "middle") == 0 ? 1 : 2;
}

/* CALL-13: what is dialled from a page is known by its customer, and whether the number is to be
 * hidden only the database says: it is in no live event. */
static bool is_dialled(uint16_t type, struct json_object *fields)
{
	struct json_object *v;

	if (type == CC_EV_CALL_NEW)
		return json_object_object_get_ex(fields, "customer", NULL);
	return type == CC_EV_CALL_END && json_object_object_get_ex(fields, "dir", &v) &&
		   strcmp(json_object_get_string(v), "out") == 0;
}

/* The fields as texts for each who sees less of numbers than the one before; NULL: the same. The
 * caller's. CC_E_NOMEM. */
static int texts_of(const struct cc_record *record, struct json_object *fields,
		char *text[RECENT_TEXTS], size_t len[RECENT_TEXTS])
{
	bool changed = is_dialled(record->type, fields) && hide_member(fields, "to", 2);
	unsigned least = hidden(fields);

	for (unsigned i = 0; i < RECENT_TEXTS; i++) {
		if (i > 0 || least)
			changed = hide_all(fields, i > least ? i : least) || (i == 0 && changed);
		if (i > 0 && !changed)
			continue;
		text[i] = changed ? strdup(json_object_to_json_string_ext(fields, JSON_C_TO_STRING_PLAIN))
						  : strndup(record->fields, record->fields_len);
		if (!text[i])
			return CC_E_NOMEM;
		len[i] = strlen(text[i]);
	}
	return 0;
}

/* Head, and fields without their opening brace, and two line ends. */
static void put_text(char *to, const char *head, size_t head_len, const char *fields, size_t len)
{
	memcpy(to, head, head_len);
	memcpy(to + head_len, fields + 1, len - 1);
	memcpy(to + head_len + len - 1, "\n\n", 2);
}

static int add_live(
		struct recent *r, uint32_t node, const struct cc_record *record, struct json_object *fields)
{
	char head[256], call[CC_ULID_TEXT + 1] = "", *text[RECENT_TEXTS] = {NULL};
	char queue[RECENT_NUMBER] = "", agent[RECENT_NUMBER] = "";
	size_t len[RECENT_TEXTS] = {0}, at = 0;
	struct recent_event *event = NULL;
	bool empty = strspn(record->fields + 1, " \t") + 2 == record->fields_len;
	int n, err;

	if (!cc_ulid_is_zero(&record->call))
		cc_ulid_format(&record->call, call);
	n = snprintf(head, sizeof(head),
			"id: %u-%llu\nevent: %s\ndata: {\"t\":%lld,\"call\":\"%s\",\"seq\":%llu%s", node,
			(unsigned long long)record->seq, cc_event_name(record->type),
			(long long)record->time_ms, call, (unsigned long long)record->seq, empty ? "" : ",");
	copy_member(queue, fields, "queue");
	copy_member(agent, fields, "agent");
	err = texts_of(record, fields, text, len);
	/* the fields' opening brace goes, two line ends come */
	for (unsigned i = 0; i < RECENT_TEXTS && !err; i++)
		len[i] += len[i] ? (size_t)n + 1 : 0;
	if (!err)
		event = event_new(r, len);
	if (event) {
		/* what concerns the whole machine is for its operators, who belong to tenant 1 */
		event->tenant = record->tenant ? record->tenant : 1;
		memcpy(event->queue, queue, sizeof(queue));
		memcpy(event->agent, agent, sizeof(agent));
		for (unsigned i = 0; i < RECENT_TEXTS; at += len[i++])
			if (text[i])
				put_text(event->text + at, head, (size_t)n, text[i], strlen(text[i]));
	}
	for (unsigned i = 0; i < RECENT_TEXTS; i++)
		free(text[i]);
	return event ? 0 : CC_E_NOMEM;
}

int recent_add(struct recent *r, uint32_t node, const struct cc_record *record)
{
	struct json_object *fields;
	int err;

	if (record->seq <= r->last_seq)
		return 0;
	if (r->last_seq == 0)
		r->known_from = record->seq;
	r->last_seq = record->seq;
	if (record->type == CC_EV_ENGINE_START || record->type == CC_EV_CONFIG_RELOAD)
		return add_reset(r, node);
	fields = cc_event_live(record->type) ? parse_object(record->fields, record->fields_len) : NULL;
	if (!fields)
		return 0;
	err = add_live(r, node, record, fields);
	json_object_put(fields);
	return err;
}

int recent_add_changed(struct recent *r, uint32_t tenant, const char *topic, const char *id)
{
	char text[256];
	int n = snprintf(text, sizeof(text),
			"event: changed\ndata: {\"topic\":\"%s\",\"id\":\"%s\"}\n\n", topic, id);
	struct recent_event *event;

	if (n < 0 || (size_t)n >= sizeof(text))
		return CC_E_RANGE;
	event = event_new(r, (const size_t[RECENT_TEXTS]){(size_t)n});
	if (!event)
		return CC_E_NOMEM;
	event->tenant = tenant;
	event->audience = RECENT_TENANT;
	memcpy(event->text, text, (size_t)n);
	return 0;
}

const struct recent_event *recent_at(const struct recent *r, uint64_t number)
{
	return number >= r->first && number < r->next ? r->slot[number % RECENT_EVENTS] : NULL;
}

int recent_find(const struct recent *r, uint32_t node, const char *id, size_t len, uint64_t *number)
{
	unsigned long long seq;
	char text[ID_MAX], again[ID_MAX];
	uint64_t low = r->first, high = r->next;
	unsigned id_node;

	if (len >= sizeof(text))
		return CC_E_INVAL;
	memcpy(text, id, len);
	text[len] = '\0';
	if (sscanf(text, "%u-%llu", &id_node, &seq) != 2)
		return CC_E_INVAL;
	snprintf(again, sizeof(again), "%u-%llu", id_node, seq);
	if (strcmp(text, again) != 0)
		return CC_E_INVAL;
	if (id_node != node || seq > r->last_seq || seq + 1 < r->known_from)
		return CC_E_NOENT;
	while (low < high) {
		uint64_t mid = low + (high - low) / 2;

		if (recent_at(r, mid)->seq <= seq)
			low = mid + 1;
		else
			high = mid;
	}
	*number = low;
	return 0;
}

void recent_clear(struct recent *r)
{
	while (r->first < r->next)
		drop_oldest(r);
}
