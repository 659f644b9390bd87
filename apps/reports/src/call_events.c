/* SPDX-License-Identifier: GPL-2.0-or-later
 * The journal's events of a call, for people. */
#include <string.h>
#include <json-c/json.h>
#include "cc/journal.h"
#include "cc/number.h"
#include "reports.h"

enum kind
{
	TEXT,
	CODE,     /* translated with context */
	DURATION, /* ms */
	FLAG,     /* the label, if it is true */
	LEG,      /* an id: said by whose leg it is */
	HIDDEN,   /* only programs want to know */
};

static const struct field
{
	const char *name;
	enum kind kind;
	const char *label; /* NULL: the value says it all */
	const char *context;
} fields[] = {
		{"dir", CODE, NULL, "direction"},
		{"from", TEXT, CC_NC("event field", "From"), NULL},
		{"from_name", TEXT, NULL, NULL},
		{"to", TEXT, CC_NC("event field", "To"), NULL},
		{"to_name", TEXT, NULL, NULL},
		{"did", TEXT, CC_NC("event field", "Access number"), NULL},
		{"trunk", TEXT, CC_NC("event field", "Trunk"), NULL},
		{"click", FLAG, CC_NC("event field", "From a page"), NULL},
		{"predictive", FLAG, CC_NC("event field", "From a dialler"), NULL},
		{"task", TEXT, CC_NC("event field", "Task"), NULL},
		{"vip", CODE, CC_NC("event field", "VIP"), "vip"},
		{"kind", CODE, NULL, "transfer"},
		{"node", CODE, NULL, "target"},
		{"target", TEXT, NULL, NULL},
		{"what", CODE, NULL, "agent_event"},
		{"reason", CODE, NULL, "reason"},
		{"leg", LEG, NULL, NULL},
		{"peer", LEG, CC_NC("event field", "With"), NULL},
		{"role", CODE, NULL, "role"},
		{"agent", TEXT, CC_NC("event field", "Agent"), NULL},
		{"queue", TEXT, CC_NC("event field", "Queue"), NULL},
		{"menu", TEXT, CC_NC("event field", "IVR menu"), NULL},
		{"keys", TEXT, CC_NC("event field", "Keys"), NULL},
		{"nth", TEXT, CC_NC("event field", "Wrong inputs"), NULL},
		{"ms", DURATION, CC_NC("event field", "Lasted"), NULL},
		{"position", TEXT, CC_NC("event field", "Place"), NULL},
		{"why", CODE, NULL, "event reason"},
		{"result", CODE, NULL, "result"},
		{"cause", CODE, NULL, "cause"},
		{"side", CODE, CC_NC("event field", "Ended by"), "side"},
		{"by", CODE, CC_NC("event field", "Ended by"), "side"},
		{"wait_ms", DURATION, CC_NC("event field", "Waited"), NULL},
		{"ring_ms", DURATION, CC_NC("event field", "Rang"), NULL},
		{"talk_ms", DURATION, CC_NC("event field", "Talked"), NULL},
		{"agent_ms", DURATION, CC_NC("event field", "With agent"), NULL},
		{"total_ms", DURATION, CC_NC("event field", "Altogether"), NULL},
		{"code", TEXT, "SIP", NULL},
		{"sip_code", TEXT, "SIP", NULL},
		{"sip_text", TEXT, NULL, NULL},
		{"rtp_rx", TEXT, CC_NC("event field", "Packets"), NULL},
		{"rtp_lost", TEXT, CC_NC("event field", "Lost"), NULL},
		{"legs", TEXT, CC_NC("event field", "Legs that go on"), NULL},
		{"lost", TEXT, CC_NC("event field", "Legs lost"), NULL},
		{"digit", TEXT, CC_NC("event field", "Key"), NULL},
		{"segment", TEXT, CC_NC("event field", "Segment"), NULL},
		{"uri", TEXT, NULL, NULL},
		{"contact", TEXT, NULL, NULL},
		{"user_agent", TEXT, NULL, NULL},
		{"sip_call_id", TEXT, CC_NC("event field", "Call-ID"), NULL},
		{"reconnecting", FLAG, CC_NC("event field", "Web phone connects again"), NULL},
		{"visit", HIDDEN, NULL, NULL},
		{"src", HIDDEN, NULL, NULL},
		{"since", HIDDEN, NULL, NULL},
		{"queues", HIDDEN, NULL, NULL},
		{"paused", HIDDEN, NULL, NULL},
		{"paused_queues", HIDDEN, NULL, NULL},
		{"registered", HIDDEN, NULL, NULL},
		{"initiator", HIDDEN, NULL, NULL},
		{"actor", HIDDEN, NULL, NULL},
		{"work", HIDDEN, NULL, NULL},
		{"call_state", HIDDEN, NULL, NULL},
		{"customer", HIDDEN, NULL, NULL},
		{"package", HIDDEN, NULL, NULL},
		{"hide", HIDDEN, NULL, NULL},
		{"of", HIDDEN, NULL, NULL},
};

/* Codes that occur in data only, for the catalogues:
 * CC_NC("transfer", "blind") CC_NC("transfer", "attended") CC_NC("target", "trunk")
 * CC_NC("target", "code") CC_NC("target", "refuse") CC_NC("target", "out") CC_NC("result", "done")
 * CC_NC("result", "failed") CC_NC("event reason", "talked") CC_NC("event reason", "timeout")
 * CC_NC("event reason", "reject") CC_NC("event reason", "busy") CC_NC("event reason",
 * "unreachable") CC_NC("event reason", "redirected") CC_NC("event reason", "caller_gone")
 * CC_NC("event reason", "failed") CC_NC("event reason", "end") CC_NC("event reason", "transfer")
 * CC_NC("event reason", "restart") CC_NC("event reason", "agent_lost") CC_NC("event reason", "key")
 * CC_NC("event reason", "agent") CC_NC("event reason", "no_match") CC_NC("event reason", "said")
 * CC_NC("event reason", "skipped") CC_NC("event reason", "gone") */

/* Who sees no numbers sees none in the texts either (CALL-13). */
struct json_object *reports_event_fields(struct cc_request *rq, const char *json, enum cc_hide hide)
{
	struct json_object *o = json_tokener_parse(json);
	if (!hide || !json_object_is_type(o, json_type_object))
		return o;
	struct json_object *masked = json_object_new_object();
	json_object_object_foreach(o, key, value)
	{
		/* extensions are nobody's secret */
		bool text = json_object_is_type(value, json_type_string) &&
					json_object_get_string_len(value) > CC_NUMBER_EXTENSION;
		json_object_object_add(masked, key,
				text ? json_object_new_string(
							   cc_mask_number(rq->arena, json_object_get_string(value), hide))
					 : json_object_get(value));
	}
	json_object_put(o);
	return masked;
}

static const struct field *field_of(const char *name)
{
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
		if (!strcmp(fields[i].name, name))
			return &fields[i];
	return NULL;
}

/* "Agent 805", "Caller": whose leg it is; the id itself if the call has no such leg. */
static const char *leg_text(struct cc_request *rq, const struct cc_rows *legs, const char *id)
{
	char text[CC_ULID_TEXT + 1];
	struct cc_ulid ulid;
	for (size_t i = 0; i < legs->count; i++) {
		const struct cc_row *row = &legs->row[i];
		if (row->len[LEG_ID] != sizeof ulid.b)
			continue;
		memcpy(ulid.b, row->v[LEG_ID], sizeof ulid.b);
		if (strcmp(cc_ulid_format(&ulid, text), id))
			continue;
		const char *agent = cc_row_str(row, LEG_AGENT);
		return cc_sprintf(rq->arena, "%s%s%s", cc_tc(rq, "role", cc_row_str(row, LEG_ROLE)),
				*agent ? " " : "", agent);
	}
	return id;
}

static const char *value_text(struct cc_request *rq, const struct field *f,
		const struct cc_rows *legs, struct json_object *value)
{
	const char *text = json_object_get_string(value);
	if (!text || !*text)
		return "";
	switch (f->kind) {
	case CODE:
		return cc_tc(rq, f->context, text);
	case DURATION:
		return cc_duration_text(rq, json_object_get_int64(value));
	case LEG:
		return leg_text(rq, legs, text);
	default:
		return cc_strdup(rq->arena, text);
	}
}

const char *reports_event_text(
		struct cc_request *rq, const struct cc_rows *legs, const char *json, enum cc_hide hide)
{
	struct cc_buf b = cc_buf_new(rq->arena);
	struct json_object *o = reports_event_fields(rq, json, hide), *role = NULL;
	bool of_leg = json_object_object_get_ex(o, "role", &role);
	bool of_agent = of_leg && json_object_object_get_ex(o, "agent", NULL); /* says the role too */
	if (!json_object_is_type(o, json_type_object)) {
		json_object_put(o);
		return "";
	}
	json_object_object_foreach(o, key, value)
	{
		/* a field that is newer than this list stands as it is */
		const struct field *known = field_of(key), any = {key, TEXT, key, NULL};
		const struct field *f = known ? known : &any;
		if (f->kind == HIDDEN || (f->kind == LEG && of_leg) || (of_agent && !strcmp(key, "role")) ||
				(f->kind == FLAG && !json_object_get_boolean(value)))
			continue;
		const char *text = f->kind == FLAG ? "" : value_text(rq, f, legs, value);
		if (!*text && f->kind != FLAG)
			continue;
		const char *label = !f->label ? "" : known ? cc_tc(rq, "event field", f->label) : f->label;
		cc_buf_printf(&b, "%s%s%s%s", b.len ? " · " : "", label, *label && *text ? " " : "", text);
	}
	json_object_put(o);
	return b.len ? cc_buf_text(&b) : "";
}
