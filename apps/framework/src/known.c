/* SPDX-License-Identifier: GPL-2.0-or-later
 * What a worker remembers of tenants, so that a page costs no queries for what hardly ever changes.
 *
 * Triggers raise a tenant's generation in the transaction that changes something of it, and a
 * request reads the generation with its session: what was remembered under another one is
 * forgotten before anything is asked. It is read after the generation, so it is at least as new;
 * what a transaction sees, which may be rolled back, is not kept. */
#include "priv.h"

#include <string.h>

#define COUNT_MAX 4000 /* answers kept of a tenant; then it begins anew */

struct known_rows
{
	struct known_rows *next;
	enum known_kind kind;
	int64_t id;
	const char *text;
	struct cc_rows rows;
};

void cc_known_use(struct cc_request *rq, int64_t tenant, int64_t generation)
{
	struct cc_web_state *st = rq->state;
	struct known *k = &st->web->known[(uint64_t)tenant % KNOWN_MAX];
	if (st->known) {
		/* somebody else now: what is remembered of the first one is in use up to the end */
		k = cc_alloc(rq->arena, sizeof *k);
		*k = (struct known){.tenant = tenant, .generation = generation, .arena = rq->arena};
	} else if (k->tenant != tenant || k->generation != generation || k->count > COUNT_MAX) {
		struct cc_arena *arena = k->arena ? k->arena : cc_arena_new();
		cc_arena_reset(arena);
		*k = (struct known){.tenant = tenant, .generation = generation, .arena = arena};
	}
	st->known = k;
}

void cc_known_close(struct cc_web *web)
{
	for (size_t i = 0; i < KNOWN_MAX; i++)
		cc_arena_free(web->known[i].arena); /* takes NULL */
}

static int ask(
		struct cc_db *db, enum known_kind kind, int64_t id, const char *text, struct cc_rows *rows)
{
	switch (kind) {
	case KNOWN_USER:
		return cc_user_read(db, id, rows);
	case KNOWN_PERMISSIONS:
		return cc_db_query(db, rows,
				"SELECT permission FROM role_permission WHERE tenant_id = {tenant} AND role_id = ?",
				id);
	case KNOWN_PREFERENCES:
		return cc_db_query(
				db, rows, "SELECT name, value FROM preference WHERE tenant_id = {tenant}");
	case KNOWN_MENU:
		return cc_db_query(db, rows,
				"SELECT path, label, permission, component FROM registry_menu {any} "
				"ORDER BY position, path");
	case KNOWN_PARTS:
		return cc_db_query(db, rows,
				"SELECT path, permission, component FROM registry_tab {any} WHERE place = 'page' "
				"ORDER BY position, path");
	case KNOWN_VIEW:
		return cc_db_query(db, rows,
				"SELECT columns, size, filters FROM list_view WHERE tenant_id = {tenant} AND "
				"user_id = ? "
				"AND list = ?",
				id, text);
	}
	return CC_E_INVAL;
}

int cc_known(struct cc_request *rq, enum known_kind kind, int64_t id, const char *text,
		const struct cc_rows **rows)
{
	struct known *k = rq->state->known;
	struct known_rows **head =
			&k->rows[((uint64_t)id * 7 + kind) % (sizeof k->rows / sizeof *k->rows)];
	for (const struct known_rows *r = *head; r; r = r->next)
		if (r->kind == kind && r->id == id && !strcmp(r->text, text)) {
			*rows = &r->rows;
			return 0;
		}
	bool keep = cc_db_is_idle(rq->db);
	/* as long as the request at least: a job may have a smaller one at times */
	struct cc_arena *arena = keep ? k->arena : rq->state->web->arena;
	struct known_rows *r = cc_alloc(arena, sizeof *r);
	struct cc_arena *before = cc_db_arena(rq->db, arena);
	int err = ask(rq->db, kind, id, text, &r->rows);
	cc_db_arena(rq->db, before);
	if (err)
		return err;
	*rows = &r->rows;
	if (!keep || (kind == KNOWN_USER && !r->rows.count))
		return 0;
	r->kind = kind;
	r->id = id;
	r->text = cc_strdup(arena, text);
	r->next = *head;
	*head = r;
	k->count++;
	return 0;
}
