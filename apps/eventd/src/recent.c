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

static void drop_oldest(struct recent *r)
{
	struct recent_event **slot = &r->slot[r->first++ % RECENT_EVENTS];

	r->known_from = (*slot)->seq + 1;
	r->bytes -= (*slot)->len + (*slot)->masked_len;
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

/* Room for texts of len and masked_len bytes; in the ring, the oldest make place. NULL: no memory.
 */
static struct recent_event *event_new(struct recent *r, size_t len, size_t masked_len)
{
	struct recent_event *event = calloc(1, sizeof(*event) + len + masked_len);

	if (!event)
		return NULL;
	event->seq = r->last_seq;
	event->len = len;
	event->masked_len = masked_len;
	while (r->next > r->first &&
			(r->next - r->first == RECENT_EVENTS || r->bytes + len + masked_len > RECENT_BYTES))
		drop_oldest(r);
	r->slot[r->next++ % RECENT_EVENTS] = event;
	r->bytes += len + masked_len;
	return event;
}

static int add_reset(struct recent *r, uint32_t node)
{
	char text[96];
	int n = snprintf(text, sizeof(text), "id: %u-%llu\nevent: reset\ndata: {}\n\n", node,
			(unsigned long long)r->last_seq);
	struct recent_event *event = event_new(r, (size_t)n, 0);

	if (!event)
		return CC_E_NOMEM;
	event->audience = RECENT_EVERYONE;
	memcpy(event->text, text, (size_t)n);
	return 0;
}

/* The fields with the numbers of outside people masked; NULL if there are none. */
static const char *mask_fields(struct json_object *fields)
{
	static const char *const names[] = {"from", "from_name", "to", "to_name"};
	struct json_object *v;
	bool any = false;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char number[64];

		if (!json_object_object_get_ex(fields, names[i], &v) ||
				!json_object_is_type(v, json_type_string))
			continue;
		cc_utf8_copy(number, sizeof(number), json_object_get_string(v));
		cc_number_mask(number);
		if (strcmp(number, json_object_get_string(v)) == 0)
			continue;
		json_object_set_string(v, number);
		any = true;
	}
	return any ? json_object_to_json_string_ext(fields, JSON_C_TO_STRING_PLAIN) : NULL;
}

/* Head, and fields without their opening brace, and two line ends. */
static void put_text(char *to, const char *head, size_t head_len, const char *fields, size_t len)
{
	memcpy(to, head, head_len);
	memcpy(to + head_len, fields + 1, len - 1);
	memcpy(to + head_len + len - 1, "\n\n", 2);
}

int recent_add(struct recent *r, uint32_t node, const struct cc_record *record)
{
	const char *masked;
	char head[256], call[CC_ULID_TEXT + 1] = "";
	char queue[RECENT_NUMBER] = "", agent[RECENT_NUMBER] = "";
	struct json_object *fields;
	struct recent_event *event;
	bool empty;
	int n;

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
	if (!cc_ulid_is_zero(&record->call))
		cc_ulid_format(&record->call, call);
	empty = strspn(record->fields + 1, " \t") + 2 == record->fields_len;
	n = snprintf(head, sizeof(head),
			"id: %u-%llu\nevent: %s\ndata: {\"t\":%lld,\"call\":\"%s\",\"seq\":%llu%s", node,
			(unsigned long long)record->seq, cc_event_name(record->type),
			(long long)record->time_ms, call, (unsigned long long)record->seq, empty ? "" : ",");
	/* the fields' opening brace goes, two line ends come */
	copy_member(queue, fields, "queue");
	copy_member(agent, fields, "agent");
	masked = mask_fields(fields);
	event = event_new(
			r, (size_t)n + record->fields_len + 1, masked ? (size_t)n + strlen(masked) + 1 : 0);
	if (event) {
		/* what concerns the whole machine is for its operators, who belong to tenant 1 */
		event->tenant = record->tenant ? record->tenant : 1;
		memcpy(event->queue, queue, sizeof(queue));
		memcpy(event->agent, agent, sizeof(agent));
		put_text(event->text, head, (size_t)n, record->fields, record->fields_len);
		if (masked)
			put_text(event->text + event->len, head, (size_t)n, masked, strlen(masked));
	}
	json_object_put(fields);
	return event ? 0 : CC_E_NOMEM;
}

int recent_add_changed(struct recent *r, uint32_t tenant, const char *topic, const char *id)
{
	char text[256];
	int n = snprintf(text, sizeof(text),
			"event: changed\ndata: {\"topic\":\"%s\",\"id\":\"%s\"}\n\n", topic, id);
	struct recent_event *event;

	if (n < 0 || (size_t)n >= sizeof(text))
		return CC_E_RANGE;
	event = event_new(r, (size_t)n, 0);
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
