/* SPDX-License-Identifier: GPL-2.0-or-later
 * The start page: what concerns whoever signed in. Cards come by permission; web/home.js fetches
 * the page again for fresh ones. */
#include "board.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <json-c/json.h>
#include "cc/people.h"
#include "cc/ulid.h"

#define SLOT_MS (15 * 60 * 1000LL)
#define SLOTS 96
#define HOUR_MS (4 * SLOT_MS)
#define FIRST_HOUR 8 /* the chart shows at least these hours of the day */
#define LAST_HOUR 18
#define CHART_TOP 14     /* px: room for the highest number */
#define CHART_GROUND 130 /* px: where bars stand; hours are written below */
#define CHART_LEFT 4.0   /* percent of the width: room for the numbers */
#define NEWS_MAX 6

/* ---- the own calls ---- */

static int own_calls(struct cc_request *rq, struct cc_value *page)
{
	static const uint8_t zeros[10];
	static const char *const presets[] = {"today", "week", "month"};
	struct cc_arena *a = rq->arena;
	struct cc_value *list = cc_value_add(a, page, "periods", CC_VALUE_LIST);
	for (size_t i = 0; i < sizeof presets / sizeof *presets; i++) {
		struct cc_rows rows;
		int64_t begin, end;
		int err = cc_time_preset(rq, presets[i], &begin, &end);
		if (err)
			return err;
		struct cc_ulid from = cc_ulid_make(begin, zeros);
		err = cc_db_query(rq->db, &rows,
				"SELECT COALESCE(SUM(c.direction <> 'out'), 0), "
				"COALESCE(SUM(c.direction = 'out' AND c.kind <> 'predictive'), 0), "
				"COALESCE(SUM(c.agent_ms), 0), COALESCE(SUM(c.agent_ms > 0), 0) FROM calls c "
				"WHERE c.tenant_id = {tenant} AND c.agent = {agent} AND c.id >= ?",
				((struct cc_bytes){from.b, sizeof from.b}));
		if (err)
			return err;
		const struct cc_row *row = &rows.row[0];
		int64_t talks = cc_row_int(row, 3, 0), talk_ms = cc_row_int(row, 2, 0);
		struct cc_value *v = cc_value_add(a, list, NULL, CC_VALUE_MAP);
		cc_value_str(a, v, "label", cc_tc(rq, "preset", presets[i]));
		cc_value_str(a, v, "in", cc_row_str(row, 0));
		cc_value_str(a, v, "out", cc_row_str(row, 1));
		cc_value_str(a, v, "talk", cc_duration_text(rq, talk_ms));
		cc_value_str(a, v, "average", cc_duration_text(rq, talks ? talk_ms / talks : 0));
	}
	return 0;
}

/* ---- messages that wait to be heard: in the own box, in those of the own groups ---- */

static int new_messages(struct cc_request *rq, struct cc_value *page)
{
	struct cc_rows rows;
	int err = cc_db_query(rq->db, &rows,
			"SELECT COUNT(*) FROM voicemail v WHERE v.tenant_id = {tenant} AND v.live = 1 AND "
			"v.heard_at IS NULL AND (v.agent = {agent} OR v.queue IN (SELECT g.number FROM "
			"agent_group g WHERE g.tenant_id = {tenant} AND g.id IN (" CC_OWN_GROUPS ")))");
	if (!err)
		cc_value_str(rq->arena, page, "new_messages", cc_row_str(&rows.row[0], 0));
	return err;
}

/* ---- queues: figures and the chart of today ---- */

struct day
{
	int64_t begin, answered, abandoned, other, within; /* sums */
	int64_t slot_answered[SLOTS], slot_abandoned[SLOTS], slot_other[SLOTS];
	int first, last; /* slots that are shown: first … last - 1 */
};

static bool is_visible(const struct board *b, const char *queue)
{
	for (size_t i = 0; i < b->groups.count; i++)
		if (!strcmp(cc_row_str(&b->groups.row[i], 0), queue))
			return true;
	return false;
}

static int load_day(const struct board *b, struct day *d)
{
	struct cc_request *rq = b->rq;
	struct cc_rows rows;
	d->begin = cc_time_today(rq, 0);
	d->first = FIRST_HOUR * 4;
	d->last = LAST_HOUR * 4;
	int err = cc_db_query(rq->db, &rows,
			"SELECT queue, bucket, answered, abandoned, overflowed + refused, within_10s "
			"FROM rollup_queue WHERE tenant_id = {tenant} AND bucket >= ? AND bucket < ?",
			d->begin, cc_time_today(rq, 1));
	for (size_t i = 0; !err && i < rows.count; i++) {
		const struct cc_row *row = &rows.row[i];
		int slot = (int)((cc_row_int(row, 1, 0) - d->begin) / SLOT_MS);
		if (!is_visible(b, cc_row_str(row, 0)) || slot < 0 || slot >= SLOTS)
			continue;
		d->slot_answered[slot] += cc_row_int(row, 2, 0);
		d->slot_abandoned[slot] += cc_row_int(row, 3, 0);
		d->slot_other[slot] += cc_row_int(row, 4, 0);
		d->answered += cc_row_int(row, 2, 0);
		d->abandoned += cc_row_int(row, 3, 0);
		d->other += cc_row_int(row, 4, 0);
		d->within += cc_row_int(row, 5, 0);
		if (slot < d->first)
			d->first = slot / 4 * 4;
		if (slot >= d->last)
			d->last = slot / 4 * 4 + 4;
	}
	return err;
}

static const char *chart_x(struct cc_arena *a, int slot, int shown)
{
	return cc_sprintf(a, "%.2f", CHART_LEFT + (100.0 - CHART_LEFT) * slot / shown);
}

/* A bar of one colour on what stands below it; the new top. */
static int64_t add_bar(struct cc_arena *a, struct cc_value *slot, const char *kind, int64_t count,
		int64_t below, int64_t most)
{
	const int64_t height = CHART_GROUND - CHART_TOP;
	int64_t from = below * height / most, to = (below + count) * height / most;
	struct cc_value *v = cc_value_add(a, slot->last, NULL, CC_VALUE_MAP);
	cc_value_str(a, v, "kind", kind);
	cc_value_int(a, v, "y", CHART_GROUND - to);
	cc_value_int(a, v, "height", to - from);
	return below + count;
}

static void add_chart(struct cc_request *rq, const struct day *d, struct cc_value *page)
{
	struct cc_arena *a = rq->arena;
	int64_t most = 4;
	int shown = d->last - d->first;
	for (int i = d->first; i < d->last; i++) {
		int64_t sum = d->slot_answered[i] + d->slot_abandoned[i] + d->slot_other[i];
		most = sum > most ? sum : most;
	}
	most = (most + 3) / 4 * 4;
	struct cc_value *slots = cc_value_add(a, page, "slots", CC_VALUE_LIST);
	for (int i = d->first; i < d->last; i++) {
		if (d->slot_answered[i] + d->slot_abandoned[i] + d->slot_other[i] == 0)
			continue;
		const char *at = cc_time_text(rq, d->begin + i * SLOT_MS);
		struct cc_value *v = cc_value_add(a, slots, NULL, CC_VALUE_MAP);
		cc_value_str(a, v, "time", cc_strndup(a, at + 11, 5));
		cc_value_int(a, v, "answered", d->slot_answered[i]);
		cc_value_int(a, v, "abandoned", d->slot_abandoned[i]);
		cc_value_str(a, v, "x", chart_x(a, i - d->first, shown));
		cc_value_str(a, v, "width", cc_sprintf(a, "%.2f", (100.0 - CHART_LEFT) * 0.8 / shown));
		cc_value_add(a, v, "bars", CC_VALUE_LIST);
		int64_t top = add_bar(a, v, "answered", d->slot_answered[i], 0, most);
		top = add_bar(a, v, "abandoned", d->slot_abandoned[i], top, most);
		add_bar(a, v, "other", d->slot_other[i], top, most);
	}
	struct cc_value *lines = cc_value_add(a, page, "lines", CC_VALUE_LIST);
	for (int i = 0; i <= 2; i++) {
		struct cc_value *v = cc_value_add(a, lines, NULL, CC_VALUE_MAP);
		int64_t y = CHART_GROUND - i * (CHART_GROUND - CHART_TOP) / 2;
		cc_value_int(a, v, "y", y);
		cc_value_int(a, v, "text_y", y - 3);
		cc_value_str(a, v, "count", i ? cc_sprintf(a, "%" PRId64, i * most / 2) : "");
	}
	struct cc_value *hours = cc_value_add(a, page, "hours", CC_VALUE_LIST);
	for (int i = d->first; i<d->last; i += shown> 48 ? 12 : 8) {
		struct cc_value *v = cc_value_add(a, hours, NULL, CC_VALUE_MAP);
		cc_value_str(a, v, "x", chart_x(a, i - d->first, shown));
		cc_value_str(a, v, "hour", cc_sprintf(a, "%02d:00", i / 4));
	}
}

static void add_share(struct cc_request *rq, struct cc_value *page, const char *look, int count,
		int before, int all)
{
	struct cc_arena *a = rq->arena;
	struct cc_value *shares = (struct cc_value *)cc_value_get(page, "shares");
	struct cc_value *v = cc_value_add(a, shares, NULL, CC_VALUE_MAP);
	cc_value_str(a, v, "look", look);
	cc_value_str(a, v, "label", cc_tc(rq, "look", look));
	cc_value_int(a, v, "count", count);
	cc_value_str(a, v, "x", cc_sprintf(a, "%.2f", all ? 100.0 * before / all : 0));
	cc_value_str(a, v, "width", cc_sprintf(a, "%.2f", all ? 100.0 * count / all : 0));
}

static const char *member(struct json_object *o, const char *key)
{
	struct json_object *v;
	return json_object_object_get_ex(o, key, &v) ? json_object_get_string(v) : "";
}

/* Waiting callers and states of agents, now. */
static void add_now(const struct board *b, struct cc_value *page)
{
	/* for the catalogues: CC_NC("look", "idle") CC_NC("look", "call") CC_NC("look", "busy")
	 * CC_NC("look", "away") CC_NC("look", "offline") */
	static const char *const looks[] = {"idle", "call", "busy", "away", "offline"};
	struct cc_request *rq = b->rq;
	struct cc_arena *a = rq->arena;
	struct json_object *snapshot = board_snapshot(b), *agents, *waiting, *since;
	int counts[5] = {0}, all, before = 0;
	int64_t oldest = 0;
	json_object_object_get_ex(snapshot, "agents", &agents);
	json_object_object_get_ex(snapshot, "waiting", &waiting);
	all = (int)json_object_array_length(agents);
	for (int i = 0; i < all; i++) {
		struct json_object *agent = json_object_array_get_idx(agents, (size_t)i);
		const char *work = member(agent, "work"), *call = member(agent, "call_state");
		size_t k = 4;
		if (*call && strcmp(call, "idle"))
			k = 1;
		else if (!strcmp(work, "online"))
			k = 0;
		else if (!strcmp(work, "busy") || !strcmp(work, "away"))
			k = !strcmp(work, "busy") ? 2 : 3;
		counts[k]++;
	}
	size_t callers = json_object_array_length(waiting);
	for (size_t i = 0; i < callers; i++) {
		struct json_object *caller = json_object_array_get_idx(waiting, i);
		int64_t at = json_object_object_get_ex(caller, "since", &since)
							 ? json_object_get_int64(since)
							 : rq->now_ms;
		if (!oldest || at < oldest)
			oldest = at;
	}
	cc_value_bool(a, page, "engine", b->engine);
	cc_value_int(a, page, "waiting", (int64_t)callers);
	cc_value_bool(a, page, "alarm", callers && !counts[0]);
	cc_value_str(a, page, "longest", callers ? cc_duration_text(rq, rq->now_ms - oldest) : "–");
	cc_value_int(a, page, "idle", counts[0]);
	cc_value_int(a, page, "agents_count", all);
	cc_value_add(a, page, "shares", CC_VALUE_LIST);
	for (size_t i = 0; i < 5; i++) {
		add_share(rq, page, looks[i], counts[i], before, all);
		before += counts[i];
	}
}

/* any: there is a queue or an agent to be seen. */
static int add_queues(struct cc_request *rq, struct cc_value *page, bool *any)
{
	struct cc_arena *a = rq->arena;
	struct board b;
	struct day *d = cc_alloc(a, sizeof *d);
	int err = board_load(rq, &b);
	if (!err)
		err = load_day(&b, d);
	if (err)
		return err;
	*any = b.groups.count || b.agents.count;
	int64_t finished = d->answered + d->abandoned;
	add_now(&b, page);
	cc_value_int(a, page, "answered_today", d->answered);
	cc_value_int(a, page, "abandoned_today", d->abandoned);
	cc_value_str(a, page, "level",
			finished ? cc_sprintf(a, "%" PRId64 " %%", (d->within * 100 + finished / 2) / finished)
					 : "–");
	add_chart(rq, d, page);
	return 0;
}

/* ---- the page ---- */

/* What the role chose as its first page, if the menu has it for the user. */
static const char *first_page(struct cc_request *rq)
{
	const struct cc_value *sections = cc_value_get(cc_page(rq, ""), "menu");
	for (const struct cc_value *s = sections->first; *rq->user->home && s; s = s->next)
		for (const struct cc_value *e = cc_value_get(s, "entries")->first; e; e = e->next)
			if (!strcmp(cc_value_get(e, "path")->str, rq->user->home))
				return rq->user->home;
	return "/desk/";
}

int desk_home(struct cc_request *rq)
{
	struct cc_arena *a = rq->arena;
	struct cc_rows news;
	if (!rq->user) {
		cc_redirect(rq, "/desk/sign-in");
		return 0;
	}
	if (!strcmp(rq->path, "/")) {
		cc_redirect(rq, first_page(rq));
		return 0;
	}
	struct cc_value *page = cc_page(rq, cc_t(rq, "Start page"));
	bool queues = cc_can(rq, "desk.board.view");
	bool own = *rq->user->agent && cc_can(rq, "reports.calls.list");
	int err = desk_announcements_query(rq, &news);
	if (err)
		return err;
	desk_announcements_list(rq, &news, NEWS_MAX, page);
	cc_value_bool(a, page, "writes", cc_can(rq, "desk.announcements.manage"));
	bool messages = *rq->user->agent && cc_can(rq, "reports.voicemail.list");
	cc_value_bool(a, page, "own", own);
	cc_value_bool(a, page, "messages", messages);
	cc_value_bool(
			a, page, "system", cc_can(rq, "desk.system.view") && rq->user->scope == CC_SCOPE_ALL);
	if (queues)
		err = add_queues(rq, page, &queues);
	cc_value_bool(a, page, "queues", queues);
	if (!err && own)
		err = own_calls(rq, page);
	if (!err && messages)
		err = new_messages(rq, page);
	if (!err)
		err = desk_tenants(rq, page);
	if (!err)
		err = cc_tabs_of_home(rq, cc_value_add(a, page, "pieces", CC_VALUE_LIST));
	return err ? err : cc_page_send(rq, "desk/home", page);
}
