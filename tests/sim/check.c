/* SPDX-License-Identifier: GPL-2.0-or-later
 * The rules:
 * no agent for two calls and no waiting call to two agents (except ring-all); the call that waits
 * longest with the highest priority is served first; nobody waits while an agent is available;
 * every call ends once, with one cause, and nothing of it is left; every visit of a queue that was
 * entered is left once, with one of four results, every menu before anything else; an event has the
 * fields that events.def promises.
 */
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "cc/err.h"
#include "cc/journal.h"
#include "world.h"

#define LEAST_RETRY_MS 400 /* whatever the queue says: nobody's phone is called without end */

static struct json_object *parse(const char *json, int32_t len)
{
	struct json_tokener *t = json_tokener_new();
	struct json_object *o = json_tokener_parse_ex(t, json, len);

	if (!o || json_tokener_get_parse_end(t) != (size_t)len ||
			!json_object_is_type(o, json_type_object))
		sim_fail("not a JSON object: %.*s", (int)len, json);
	json_tokener_free(t);
	return o;
}

static const char *text_of(struct json_object *o, const char *key)
{
	struct json_object *v = NULL;

	return json_object_object_get_ex(o, key, &v) ? json_object_get_string(v) : "";
}

/* Fields are those of events.def. */
static void fields(uint16_t event, struct json_object *o)
{
	static const struct
	{
		uint16_t number;
		const char *names;
	} events[] = {
#define CC_EVENT(number, symbol, name, live, names) {number, " " names " "},
#include "events.def"
#undef CC_EVENT
	};
	const char *names = NULL;

	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (events[i].number == event)
			names = events[i].names;
	if (!names) {
		sim_fail("unknown event %d", event);
		return;
	}
	json_object_object_foreach(o, key, value)
	{
		char word[64];

		(void)value;
		snprintf(word, sizeof(word), " %s ", key);
		if (!strstr(names, word))
			sim_fail("%s has the field %s", cc_event_name(event), key);
	}
}

void check_event(uint16_t event, const char *json, int32_t len)
{
	struct json_object *o = parse(json, len);

	if (o)
		fields(event, o);
	json_object_put(o);
}

void check_journal(struct sim_call *call, const struct cc_call_action *action)
{
	struct json_object *o = parse(world.actions.text + action->text_off, action->text_len);
	const char *result;

	if (!o)
		return;
	sim_trace("call %d %s %.*s", (int)(call - world.calls), cc_event_name(action->event),
			(int)action->text_len, world.actions.text + action->text_off);
	fields(action->event, o);
	if (call->ends)
		sim_fail("a record after the end of a call");
	switch (action->event) {
	case CC_EV_CALL_END:
		call->ends++;
		if (!text_of(o, "cause")[0])
			sim_fail("a call ends without a cause");
		if (call->messages != (strcmp(text_of(o, "cause"), "voicemail") == 0))
			sim_fail("a call ends as %s and has %d messages", text_of(o, "cause"), call->messages);
		if (call->entered != call->left)
			sim_fail("a call ends inside a queue");
		if (call->menus_entered != call->menus_left)
			sim_fail("a call ends inside a menu");
		break;
	case CC_EV_IVR_ENTER:
		world.result->menus++;
		if (call->menus_entered++ != call->menus_left)
			sim_fail("a call is in two menus");
		break;
	case CC_EV_IVR_LEAVE:
		if (++call->menus_left != call->menus_entered)
			sim_fail("a menu was left twice");
		break;
	case CC_EV_QUEUE_ENTER:
		call->entered++;
		break;
	case CC_EV_VOICEMAIL:
		world.result->messages++;
		call->messages++;
		break;
	case CC_EV_QUEUE_LEAVE:
		call->left++;
		result = text_of(o, "result");
		if (strcmp(result, "answered") == 0)
			world.result->talks++;
		else if (strcmp(result, "abandoned") == 0)
			world.result->abandoned++;
		else if (strcmp(result, "overflowed") == 0)
			world.result->overflowed++;
		else if (strcmp(result, "refused") == 0)
			world.result->refused++;
		else
			sim_fail("a queue was left as %s", result);
		if (call->left > call->entered)
			sim_fail("a queue was left twice");
		break;
	}
	json_object_put(o);
}

static const struct cc_conf_queue *queue_now(const char *number)
{
	const struct cc_conf *conf = cc_conf_by_id(world.set, TENANT);
	int32_t i = cc_conf_queue_find(conf, number);

	return i >= 0 ? cc_conf_queue_at(conf, i) : NULL;
}

/* Whether the agent lacks no more levels than the call has waited for. */
static bool enough_skill(
		const struct cc_conf_queue *q, const struct sim_call *call, const struct sim_agent *agent)
{
	const struct cc_conf *conf = cc_conf_by_id(world.set, TENANT);
	int32_t i = cc_conf_agent_find(conf, agent->number), gap = 0;

	for (int32_t k = 0; i >= 0 && k < cc_conf_agent_at(conf, i)->membership_count; k++) {
		const struct cc_conf_member *m = cc_conf_member_at(conf, cc_conf_membership(conf, i, k));

		if (cc_conf_queue_at(conf, m->queue) == q)
			gap = m->gap;
	}
	return gap == 0 ||
		   (q->relax_ms > 0 && world.now - call->core.entered_ms >= (int64_t)gap * q->relax_ms);
}

static bool before(const struct sim_call *a, const struct sim_call *b)
{
	return a->priority > b->priority || (a->priority == b->priority && a->order < b->order);
}

void check_missed(struct sim_call *call)
{
	const struct cc_conf_queue *q = queue_now(call->queue);

	if (q && q->strategy != CC_STRATEGY_RING_ALL)
		call->pause_ms = world.now + q->retry_delay_ms;
}

void check_grant(const struct sim_call *call, const struct sim_agent *agent)
{
	const struct cc_conf_queue *q = queue_now(call->queue);

	if (call->pause_ms > world.now)
		sim_fail("call %d is offered before the retry delay is over", (int)(call - world.calls));

	if (agent->last_life == call->life && agent->last_visit == call->visit &&
			world.now < agent->last_ms + LEAST_RETRY_MS)
		sim_fail("agent %s is called for call %d without a pause", agent->number,
				(int)(call - world.calls));
	if (!q || q->strategy == CC_STRATEGY_RING_ALL)
		return;
	if (call->granted)
		sim_fail("a call of queue %s is granted to two agents", call->queue);
	for (int i = 0; i < world.queues[call->queue_index].count; i++) {
		const struct sim_call *other = &world.calls[world.queues[call->queue_index].calls[i]];

		if (other != call && !other->granted && other->pause_ms <= world.now &&
				enough_skill(q, other, agent) && before(other, call))
			sim_fail("agent %s of queue %s goes to call %d before call %d", agent->number,
					call->queue, (int)(call - world.calls),
					world.queues[call->queue_index].calls[i]);
	}
	if (!enough_skill(q, call, agent))
		sim_fail(
				"agent %s has not the skill for call %d", agent->number, (int)(call - world.calls));
}

void check_freed(int call)
{
	const struct sim_call *c = &world.calls[call];

	if (c->ends != 1)
		sim_fail("call %d is free with %d ends", call, c->ends);
	if (c->recording)
		sim_fail("call %d is free and recorded", call);
	if (c->waiting)
		sim_fail("call %d is free and waits", call);
	for (int i = 0; i < CC_CALL_LEGS; i++)
		if (c->leg_life[i])
			sim_fail("call %d is free, its leg %d is not", call, i);
	if (c->held)
		sim_fail("call %d is free and %d agents are reserved for it", call, c->held);
}

void check_touched(void)
{
	char error[256] = "", number[16];

	for (int i = 0; i < world.touched_count; i++) {
		snprintf(number, sizeof(number), "%d", QUEUE_BASE + world.touched[i]);
		if (!world.look &&
				cc_acd_check_queue(world.acd, number, error, sizeof(error)) == CC_E_CORRUPT)
			sim_fail("cc_acd_check_queue: %s", error);
		world.queues[world.touched[i]].touched = false;
	}
	world.touched_count = 0;
}

void check_all(void)
{
	struct cc_acd_gauges g;
	char error[256] = "";
	int reserved = 0, talking = 0, waiting = 0;

	if (cc_acd_check(world.acd, error, sizeof(error)) < 0)
		sim_fail("cc_acd_check: %s", error);
	for (int i = 0; i < world.agent_count; i++) {
		reserved += world.agents[i].holder != NOBODY;
		talking += world.agents[i].talking;
	}
	for (int i = 0; i < world.options->calls; i++)
		waiting += world.calls[i].used && world.calls[i].waiting;
	if (waiting != world.waiting || talking != world.talking || reserved != world.reserved)
		sim_fail("the simulator counts wrong");
	cc_acd_gauges(world.acd, &g);
	if (g.waiting != waiting || g.talking != talking)
		sim_fail("%d wait and %d talk, the ACD says %d and %d", waiting, talking, g.waiting,
				g.talking);
	if (g.reserved != reserved && g.reserved + g.talking != reserved)
		sim_fail("%d agents are reserved, the ACD says %d", reserved, g.reserved);
}

static bool has_queue(struct json_object *o, const char *key, const char *queue)
{
	struct json_object *list = NULL;

	if (!json_object_object_get_ex(o, key, &list))
		return false;
	for (size_t i = 0; i < json_object_array_length(list); i++)
		if (strcmp(json_object_get_string(json_object_array_get_idx(list, i)), queue) == 0)
			return true;
	return false;
}

/* Nobody waits while somebody could serve him. */
void check_served(void)
{
	for (int i = 0; i < world.agent_count; i++) {
		const struct sim_agent *g = &world.agents[i];
		struct json_object *o, *v = NULL;
		struct cc_jsonw w;
		char text[4096];

		cc_jsonw_init(&w, text, sizeof(text));
		cc_jsonw_object(&w, NULL);
		if (cc_acd_agent_json(world.acd, g->number, &w) < 0)
			continue;
		cc_jsonw_close_object(&w);
		o = parse(text, cc_jsonw_end(&w));
		if (!o)
			return;
		if (strcmp(text_of(o, "work"), "online") == 0 &&
				strcmp(text_of(o, "call_state"), "idle") == 0 &&
				json_object_object_get_ex(o, "registered", &v) && json_object_get_int(v) > 0)
			for (int k = 0; k < world.options->calls; k++) {
				const struct sim_call *c = &world.calls[k];
				const struct cc_conf_queue *q =
						c->used && c->waiting && !c->granted ? queue_now(c->queue) : NULL;

				/* the longest retry delay of any configuration of the run */
				if (q && has_queue(o, "queues", c->queue) &&
						!has_queue(o, "paused_queues", c->queue) && enough_skill(q, c, g) &&
						world.now > g->released_ms + 3000 && world.now > c->pause_ms)
					sim_fail("call %d waits in queue %s while agent %s is available", k, c->queue,
							g->number);
			}
		json_object_put(o);
	}
}

void check_empty(void)
{
	struct cc_acd_gauges g;

	cc_acd_gauges(world.acd, &g);
	for (int i = 0; i < world.options->calls; i++)
		if (world.calls[i].used)
			sim_fail("call %d never ends", i);
	if (g.waiting || g.reserved || g.talking)
		sim_fail("at the end %d wait, %d agents are reserved, %d talk", g.waiting, g.reserved,
				g.talking);
}
