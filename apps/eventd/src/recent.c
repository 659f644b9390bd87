/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cc/err.h"
#include "recent.h"

#define ID_MAX 32

static void drop_oldest(struct recent *r)
{
	struct recent_event **slot = &r->slot[r->first++ % RECENT_EVENTS];

	r->known_from = (*slot)->seq + 1;
	r->bytes -= (*slot)->len;
	free(*slot);
	*slot = NULL;
}

/* A line of a stream must be what it says: one JSON object without line ends. */
static bool is_object(const char *text, size_t len)
{
	struct json_tokener *parser;
	struct json_object *object = NULL;
	bool ok = len >= 2 && text[0] == '{' && text[len - 1] == '}' && !memchr(text, '\n', len) &&
			  !memchr(text, '\r', len);

	if (!ok)
		return false;
	parser = json_tokener_new();
	if (parser) {
		json_tokener_set_flags(parser, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
		object = json_tokener_parse_ex(parser, text, (int)len);
		ok = object && json_tokener_get_parse_end(parser) == len;
		json_tokener_free(parser);
	}
	ok = ok && json_object_is_type(object, json_type_object);
	json_object_put(object);
	return ok;
}

int recent_add(struct recent *r, uint32_t node, const struct cc_record *record)
{
	char head[256], call[CC_ULID_TEXT + 1] = "";
	struct recent_event *event;
	bool empty;
	int n;

	if (record->seq <= r->last_seq)
		return 0;
	if (r->last_seq == 0)
		r->known_from = record->seq;
	r->last_seq = record->seq;
	if (!cc_event_live(record->type) || !is_object(record->fields, record->fields_len))
		return 0;
	if (!cc_ulid_is_zero(&record->call))
		cc_ulid_format(&record->call, call);
	empty = strspn(record->fields + 1, " \t") + 2 == record->fields_len;
	n = snprintf(head, sizeof(head),
			"id: %u-%llu\nevent: %s\ndata: {\"t\":%lld,\"call\":\"%s\",\"seq\":%llu%s", node,
			(unsigned long long)record->seq, cc_event_name(record->type),
			(long long)record->time_ms, call, (unsigned long long)record->seq, empty ? "" : ",");
	event = malloc(sizeof(*event) + (size_t)n + record->fields_len + 1);
	if (!event)
		return CC_E_NOMEM;
	event->seq = record->seq;
	/* what concerns the whole machine is for its operators, who belong to tenant 1 */
	event->tenant = record->tenant ? record->tenant : 1;
	event->len = (size_t)n + record->fields_len +
				 1; /* the fields' opening brace goes, two line ends come */
	memcpy(event->text, head, (size_t)n);
	memcpy(event->text + n, record->fields + 1, record->fields_len - 1);
	memcpy(event->text + event->len - 2, "\n\n", 2);
	while (r->next > r->first &&
			(r->next - r->first == RECENT_EVENTS || r->bytes + event->len > RECENT_BYTES))
		drop_oldest(r);
	r->slot[r->next++ % RECENT_EVENTS] = event;
	r->bytes += event->len;
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
