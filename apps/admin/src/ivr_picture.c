/* SPDX-License-Identifier: GPL-2.0-or-later
 * TEL-15: the menus as a tree for people: from the access numbers through every key to where calls
 * go. A menu is drawn once in a tree; where it comes again there is only its name. */
#include <stdlib.h>
#include <string.h>
#include "admin.h"

enum
{
	MENU_ID,
	MENU_NUMBER,
	MENU_NAME,
	MENU_KIND,
	MENU_SKIP,
	MENU_AGENTS,
	MENU_PROMPTS, /* names with commas between them */
	MENU_TIMEOUT, /* kind, number, text */
	MENU_NO_MATCH = MENU_TIMEOUT + 3,
};
enum
{
	KEY_MENU,
	KEY_DIGITS,
	KEY_TARGET, /* kind, number, text */
};

struct picture
{
	struct cc_request *rq;
	struct cc_rows menus, keys, dids;
	const char *prompts;      /* admin_prompt_list */
	bool *drawn, *drawn_here; /* by index of menus: anywhere, in this tree */
	int nodes;
};

static int load(struct picture *p)
{
	struct cc_db *db = p->rq->db;
	int err = cc_db_query(db, &p->menus,
			"SELECT t.id, t.number, t.name, t.kind, t.skip, t.dial_agents, COALESCE((SELECT "
			"GROUP_CONCAT(s.prompt ORDER BY s.position) FROM ivr_prompt s WHERE s.tenant_id = "
			"t.tenant_id AND s.ivr_id = t.id), ''), t.timeout_kind, t.timeout_target, "
			"" ADMIN_TARGET_TEXT("t", "timeout_kind",
					"timeout_target") ", t.no_match_kind, "
									  "t.no_match_target, " ADMIN_TARGET_TEXT("t", "no_match_kind",
											  "no_match_target") " FROM ivr t WHERE t.tenant_id = "
																 "{tenant} ORDER BY t.kind, "
																 "t.number");
	if (!err)
		err = cc_db_query(db, &p->keys,
				"SELECT t.ivr_id, t.digits, t.target_kind, t.target, "
				"" ADMIN_TARGET_TEXT(
						"t", "target_kind", "target") " FROM ivr_key t WHERE t.tenant_id = "
													  "{tenant} ORDER BY t.ivr_id, t.digits");
	if (!err)
		err = cc_db_query(db, &p->dids,
				"SELECT id, number, name, target FROM did WHERE tenant_id = {tenant} AND "
				"target_kind = 'ivr' ORDER BY number");
	return err;
}

/* Index of the menu of that number; the number of menus if there is none. */
static size_t find(const struct picture *p, const char *number)
{
	size_t i = 0;
	while (i < p->menus.count && strcmp(cc_row_str(&p->menus.row[i], MENU_NUMBER), number))
		i++;
	return i;
}

/* Codes that occur here only, for the catalogues: CC_NC("target", "announcement") */

/* A node with nothing below it. edge: what leads to it; parent: its number, 0 none. */
static struct cc_value *add_node(struct picture *p, struct cc_value *list, int parent,
		const char *edge, const char *kind, const char *title, const char *link)
{
	struct cc_arena *a = p->rq->arena;
	struct cc_value *v = cc_value_add(a, list, NULL, CC_VALUE_MAP);
	cc_value_int(a, v, "node", ++p->nodes);
	cc_value_str(a, v, "parent", parent ? cc_sprintf(a, "%d", parent) : NULL);
	cc_value_str(a, v, "edge", edge);
	cc_value_str(a, v, "kind", kind);
	cc_value_str(a, v, "kind_text", cc_tc(p->rq, "target", kind));
	cc_value_str(a, v, "title", title);
	cc_value_str(a, v, "link", link);
	return v;
}

static void add_prompts(struct picture *p, struct cc_value *node, const char *names)
{
	struct cc_arena *a = p->rq->arena;
	struct cc_value *list = cc_value_add(a, node, "prompts", CC_VALUE_LIST);
	while (*names) {
		size_t len = strcspn(names, ",");
		struct cc_value *v = cc_value_add(a, list, NULL, CC_VALUE_MAP);
		cc_value_str(a, v, "text", admin_prompt_text(a, p->prompts, cc_strndup(a, names, len)));
		names += len + (names[len] == ',');
	}
}

static void add_menu(struct picture *p, struct cc_value *list, int parent, const char *edge,
		size_t index, bool again);

/* kind: the first of three columns. */
static void add_target(struct picture *p, struct cc_value *list, int parent, const char *edge,
		const struct cc_row *row, size_t column)
{
	struct cc_arena *a = p->rq->arena;
	const char *kind = cc_row_str(row, column), *what = cc_row_str(row, column + 1);
	const char *title = cc_row_str(row, column + 2), *link = NULL;
	size_t menu = strcmp(kind, "ivr") ? p->menus.count : find(p, what);
	if (menu < p->menus.count) {
		add_menu(p, list, parent, edge, menu, p->drawn_here[menu]);
		return;
	}
	if (!strcmp(kind, "queue"))
		link = cc_sprintf(a, "/admin/groups?q=%s", what);
	else if (!strcmp(kind, "agent"))
		link = cc_sprintf(a, "/admin/agents?q=%s", what);
	else if (!strcmp(kind, "did"))
		link = cc_sprintf(a, "/admin/dids?q=%s", what);
	else if (!strcmp(kind, "prompt"))
		title = admin_prompt_text(a, p->prompts, what);
	struct cc_value *v = add_node(p, list, parent, edge, kind, title, link);
	add_prompts(p, v, "");
	cc_value_add(a, v, "below", CC_VALUE_LIST);
}

static void add_ways(struct picture *p, struct cc_value *below, int parent, const struct cc_row *m)
{
	struct cc_request *rq = p->rq;
	if (!strcmp(cc_row_str(m, MENU_KIND), "announcement")) {
		add_target(p, below, parent,
				cc_row_int(m, MENU_SKIP, 0) ? cc_t(rq, "Afterwards, or any key")
											: cc_t(rq, "Afterwards"),
				m, MENU_TIMEOUT);
		return;
	}
	for (size_t i = 0; i < p->keys.count; i++)
		if (!strcmp(cc_row_str(&p->keys.row[i], KEY_MENU), cc_row_str(m, MENU_ID)))
			add_target(p, below, parent, cc_row_str(&p->keys.row[i], KEY_DIGITS), &p->keys.row[i],
					KEY_TARGET);
	if (cc_row_int(m, MENU_AGENTS, 0)) {
		struct cc_value *v = add_node(p, below, parent, cc_t(rq, "An agent's number"), "agent",
				cc_t(rq, "This agent"), NULL);
		add_prompts(p, v, "");
		cc_value_add(rq->arena, v, "below", CC_VALUE_LIST);
	}
	add_target(p, below, parent, cc_t(rq, "No key"), m, MENU_TIMEOUT);
	add_target(p, below, parent, cc_t(rq, "Wrong input"), m, MENU_NO_MATCH);
}

static void add_menu(struct picture *p, struct cc_value *list, int parent, const char *edge,
		size_t index, bool again)
{
	struct cc_arena *a = p->rq->arena;
	const struct cc_row *m = &p->menus.row[index];
	bool announcement = !strcmp(cc_row_str(m, MENU_KIND), "announcement");
	struct cc_value *v = add_node(p, list, parent, edge, announcement ? "announcement" : "ivr",
			cc_sprintf(a, "%s %s", cc_row_str(m, MENU_NUMBER), cc_row_str(m, MENU_NAME)),
			cc_sprintf(a, "/admin/%s/%s", announcement ? "voice-announcements" : "ivrs",
					cc_row_str(m, MENU_ID)));
	int node = p->nodes;
	p->drawn[index] = p->drawn_here[index] = true;
	add_prompts(p, v, again ? "" : cc_row_str(m, MENU_PROMPTS));
	struct cc_value *below = cc_value_add(a, v, "below", CC_VALUE_LIST);
	if (!again)
		add_ways(p, below, node, m);
}

static void add_did(struct picture *p, struct cc_value *list, const struct cc_row *did)
{
	struct cc_arena *a = p->rq->arena;
	struct cc_value *v = add_node(p, list, 0, NULL, "did",
			cc_sprintf(a, "%s %s", cc_row_str(did, 1), cc_row_str(did, 2)),
			cc_sprintf(a, "/admin/dids/%s", cc_row_str(did, 0)));
	int node = p->nodes;
	size_t menu = find(p, cc_row_str(did, 3));
	add_prompts(p, v, "");
	struct cc_value *below = cc_value_add(a, v, "below", CC_VALUE_LIST);
	if (menu < p->menus.count)
		add_menu(p, below, node, NULL, menu, false);
}

/* Whether another menu leads to this one. */
static bool is_below(const struct picture *p, const struct cc_row *m)
{
	const char *number = cc_row_str(m, MENU_NUMBER);
	for (size_t i = 0; i < p->menus.count; i++) {
		const struct cc_row *other = &p->menus.row[i];
		if (other == m)
			continue;
		for (size_t at = MENU_TIMEOUT; at <= MENU_NO_MATCH; at += 3)
			if (!strcmp(cc_row_str(other, at), "ivr") && !strcmp(cc_row_str(other, at + 1), number))
				return true;
	}
	for (size_t i = 0; i < p->keys.count; i++) {
		const struct cc_row *key = &p->keys.row[i];
		if (!strcmp(cc_row_str(key, KEY_TARGET), "ivr") &&
				!strcmp(cc_row_str(key, KEY_TARGET + 1), number) &&
				strcmp(cc_row_str(key, KEY_MENU), cc_row_str(m, MENU_ID)))
			return true;
	}
	return false;
}

static void forget(struct picture *p)
{
	memset(p->drawn_here, 0, p->menus.count * sizeof *p->drawn_here);
}

int admin_ivr_picture(struct cc_request *rq)
{
	struct picture p = {.rq = rq, .prompts = admin_prompt_list(rq)};
	int err = load(&p);
	if (err)
		return err;
	p.drawn = cc_alloc(rq->arena, p.menus.count + 1);
	p.drawn_here = cc_alloc(rq->arena, p.menus.count + 1);
	memset(p.drawn, 0, p.menus.count + 1);
	struct cc_value *page = cc_page(rq, cc_t(rq, "IVR picture"));
	struct cc_value *list = cc_value_add(rq->arena, page, "trees", CC_VALUE_LIST);
	for (size_t i = 0; i < p.dids.count; i++) {
		forget(&p);
		add_did(&p, list, &p.dids.row[i]);
	}
	/* what no access number leads to: the tops first, then what only leads round in circles */
	for (int circles = 0; circles <= 1; circles++)
		for (size_t i = 0; i < p.menus.count; i++)
			if (!p.drawn[i] && (circles || !is_below(&p, &p.menus.row[i]))) {
				forget(&p);
				add_menu(&p, list, 0, NULL, i, false);
			}
	return cc_page_send(rq, "admin/ivr-picture", page);
}
