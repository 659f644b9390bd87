/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "access.h"
#include "cc/clock.h"
#include "cc/people.h"
#include "cc/utf8.h"

#define CHECK_MS 60000
#define RETRY_MS 2000
#define FORGET_MS (10 * 60000)

struct question
{
	enum access_kind kind;
	uint8_t hash[CC_AUTH_HASH];
};

struct answer
{
	struct question of;
	enum access_state state; /* GRANTED, DENIED or AWAY */
	struct scope *scope;     /* of GRANTED: the receiver's */
};

struct access
{
	struct cc_secret secret;
	struct cc_db *db; /* the thread's */
	int near, far;    /* ends of the socket: main thread, checker */
	pthread_t thread;
	bool running;
	struct grant *grants;
};

/* ---- the checker's thread ---- */

/* Columns of both queries that say who somebody is. */
enum
{
	W_TENANT,
	W_USER,
	W_ROLE,
	W_SCOPE,
	W_AGENT,
	W_HIDE_NUMBERS,
	W_ADDRESSES,
	W_FOREIGN,
};

static int who(struct cc_db *db, const struct question *q, struct cc_rows *rows)
{
	struct cc_bytes hash = {q->hash, sizeof(q->hash)};

	if (q->kind == ACCESS_SESSION)
		return cc_db_query(db, rows,
				"SELECT s.tenant_id, u.id, u.role_id, r.data_scope, COALESCE(a.number, ''), "
				"GREATEST(u.hide_numbers, r.hide_numbers), (SELECT p.value FROM preference p WHERE "
				"p.tenant_id = s.tenant_id "
				"AND p.name = 'web_addresses'), s.origin_user_id IS NOT NULL "
				"FROM session s JOIN user u ON u.tenant_id = s.tenant_id AND u.id = s.user_id "
				"AND u.state = 'enabled' JOIN role r ON r.tenant_id = u.tenant_id "
				"AND r.id = u.role_id JOIN tenant t ON t.id = s.tenant_id AND t.state = 'active' "
				"LEFT JOIN agent a ON a.tenant_id = u.tenant_id AND a.user_id = u.id "
				"WHERE s.token_hash = ? AND s.expires_at > ?{any}",
				hash, cc_clock_utc_ms());
	return cc_db_query(db, rows,
			"SELECT k.tenant_id, 0, k.role_id, r.data_scope, '', r.hide_numbers, (SELECT p.value "
			"FROM "
			"preference p WHERE p.tenant_id = k.tenant_id AND p.name = 'api_addresses'), 1 "
			"FROM api_key k "
			"JOIN tenant t ON t.id = k.tenant_id AND t.state = 'active' "
			"JOIN role r ON r.tenant_id = k.tenant_id AND r.id = k.role_id "
			"WHERE k.key_hash = ? AND k.state = 'enabled'{any}",
			hash);
}

/* The numbers in the first column of rows, which are sorted as strcmp does. */
static char (*names(const struct cc_rows *rows))[SCOPE_NAME]
{
	char(*list)[SCOPE_NAME] = calloc(rows->count ? rows->count : 1, sizeof(*list));

	for (size_t i = 0; list && i < rows->count; i++)
		cc_utf8_copy(list[i], sizeof(list[i]), cc_row_str(&rows->row[i], 0));
	return list;
}

/* As the live board of the pages: groups of which one is a member or leader, their agents, and the
 * people of departments that one manages. */
static int groups(struct cc_db *db, struct scope *s)
{
	struct cc_rows rows;
	int err = cc_db_query(db, &rows,
			"SELECT g.number FROM agent_group g WHERE g.tenant_id = {tenant} AND g.id IN "
			"(" CC_OWN_GROUPS ") ORDER BY g.number");

	if (err)
		return err;
	s->queue = names(&rows);
	s->queues = s->queue ? rows.count : 0;
	err = cc_db_query(db, &rows,
			"SELECT b.number FROM agent b WHERE b.tenant_id = {tenant} AND (b.id IN "
			"(" CC_COLLEAGUES("id") ") OR b.id IN (" CC_MANAGED_AGENTS("id") ")) ORDER BY "
																			 "b.number");
	if (err)
		return err;
	s->colleague = names(&rows);
	s->agents = s->colleague ? rows.count : 0;
	return s->queue && s->colleague ? 0 : CC_E_NOMEM;
}

static bool grants(const struct cc_rows *permissions, const char *wanted)
{
	for (size_t i = 0; i < permissions->count; i++) {
		const char *p = cc_row_str(&permissions->row[i], 0);
		size_t len = strlen(p);

		if (strcmp(p, "*") == 0 || strcmp(p, wanted) == 0 ||
				(len > 2 && strcmp(p + len - 2, ".*") == 0 && strncmp(p, wanted, len - 1) == 0))
			return true;
	}
	return false;
}

static void scope_free(struct scope *s)
{
	if (!s)
		return;
	free(s->queue);
	free(s->colleague);
	free(s->addresses);
	free(s);
}

static int learn_scope(
		struct cc_db *db, struct cc_arena *arena, const struct cc_row *row, struct scope **out)
{
	struct scope *s = calloc(1, sizeof(*s));
	struct cc_rows permissions;
	int err;

	if (!s)
		return CC_E_NOMEM;
	s->tenant = (uint32_t)cc_row_int(row, W_TENANT, 0);
	cc_utf8_copy(s->agent, sizeof(s->agent), cc_row_str(row, W_AGENT));
	s->addresses = strdup(cc_row_str(row, W_ADDRESSES));
	cc_db_use(db, arena, &(struct cc_scope){s->tenant, cc_row_int(row, W_USER, 0), s->agent});
	err = cc_db_query(db, &permissions,
			"SELECT permission FROM role_permission WHERE tenant_id = {tenant} AND role_id = ?",
			cc_row_int(row, W_ROLE, 0));
	if (!err && !s->addresses)
		err = CC_E_NOMEM;
	if (err)
		goto out;
	if (grants(&permissions, "desk.board.view"))
		s->flags |= SCOPE_BOARD;
	if (s->agent[0])
		s->flags |= SCOPE_OWN;
	if (strcmp(cc_row_str(row, W_SCOPE), "all") == 0)
		s->flags |= SCOPE_ALL;
	if (cc_row_int(row, W_FOREIGN, 0))
		s->flags |= SCOPE_FOREIGN;
	s->hide = (unsigned)cc_row_int(row, W_HIDE_NUMBERS, 0);
	if ((s->flags & SCOPE_BOARD) && !(s->flags & SCOPE_ALL))
		err = groups(db, s);
out:
	if (err)
		scope_free(s);
	else
		*out = s;
	return err;
}

static void check(struct cc_db *db, struct cc_arena *arena, struct answer *a)
{
	struct cc_rows rows = {0};
	int err;

	cc_arena_reset(arena);
	cc_db_use(db, arena, &(struct cc_scope){.agent = ""});
	a->scope = NULL;
	err = who(db, &a->of, &rows);
	if (!err && rows.count == 1)
		err = learn_scope(db, arena, &rows.row[0], &a->scope);
	if (err) {
		eventd_log("error: a session cannot be checked: %s %s", cc_err_name(err), cc_db_error(db));
		a->state = ACCESS_AWAY;
	} else {
		a->state = a->scope ? ACCESS_GRANTED : ACCESS_DENIED;
	}
}

static void *checker(void *arg)
{
	struct access *access = arg;
	struct cc_arena *arena = cc_arena_new();
	struct answer a;

	for (;;) {
		ssize_t n = recv(access->far, &a.of, sizeof(a.of), 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n != (ssize_t)sizeof(a.of)) /* the main thread has closed its end */
			break;
		check(access->db, arena, &a);
		if (send(access->far, &a, sizeof(a), MSG_NOSIGNAL) < 0) {
			scope_free(a.scope);
			break;
		}
	}
	cc_arena_free(arena);
	return NULL;
}

/* ---- the main thread ---- */

int access_new(struct access **out, const struct eventd *eventd)
{
	struct access *access = calloc(1, sizeof(*access));
	int ends[2], err;

	if (!access)
		return CC_E_NOMEM;
	access->near = access->far = -1;
	err = cc_secret_load(&access->secret, eventd->secret);
	if (err)
		goto out;
	err = cc_db_new(&access->db, &eventd->database);
	if (err)
		goto out;
	err = CC_E_IO;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		goto out;
	access->near = ends[0];
	access->far = ends[1];
	if (pthread_create(&access->thread, NULL, checker, access) != 0)
		goto out;
	access->running = true;
	*out = access;
	access = NULL;
	err = 0;
out:
	access_free(access);
	return err;
}

static void grant_free(struct grant *g)
{
	scope_free(g->scope);
	free(g);
}

void access_free(struct access *access)
{
	if (!access)
		return;
	if (access->near >= 0)
		shutdown(access->near, SHUT_RDWR);
	if (access->running) {
		struct answer a;

		pthread_join(access->thread, NULL);
		while (recv(access->near, &a, sizeof(a), MSG_DONTWAIT) == (ssize_t)sizeof(a))
			scope_free(a.scope);
	}
	if (access->near >= 0)
		close(access->near);
	if (access->far >= 0)
		close(access->far);
	while (access->grants) {
		struct grant *g = access->grants;

		access->grants = g->next;
		grant_free(g);
	}
	cc_db_free(access->db);
	free(access);
}

int access_fd(const struct access *access)
{
	return access->near;
}

static void ask(struct access *access, struct grant *g)
{
	struct question q = {.kind = g->kind};

	if (g->asked)
		return;
	memcpy(q.hash, g->hash, sizeof(q.hash));
	/* a full socket: the next tick asks again */
	g->asked = send(access->near, &q, sizeof(q), MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)sizeof(q);
}

static struct grant *find(
		struct access *access, enum access_kind kind, const uint8_t hash[CC_AUTH_HASH])
{
	struct grant *g = access->grants;

	while (g && (g->kind != kind || memcmp(g->hash, hash, CC_AUTH_HASH) != 0))
		g = g->next;
	return g;
}

struct grant *grant_get(
		struct access *access, enum access_kind kind, const char *token, int64_t now_ms)
{
	uint8_t hash[CC_AUTH_HASH];
	struct grant *g;

	if (kind == ACCESS_SESSION)
		cc_auth_session_hash(&access->secret, token, strlen(token), hash);
	else
		cc_auth_api_key_hash(&access->secret, token, strlen(token), hash);
	g = find(access, kind, hash);
	if (!g) {
		g = calloc(1, sizeof(*g));
		if (!g)
			return NULL;
		g->kind = kind;
		memcpy(g->hash, hash, sizeof(hash));
		g->next = access->grants;
		access->grants = g;
	}
	g->users++;
	/* what was refused a moment ago may have been granted since: signing in makes the session good
	 */
	if (g->state == ACCESS_DENIED || g->state == ACCESS_AWAY)
		g->state = ACCESS_UNKNOWN;
	if (g->state == ACCESS_UNKNOWN || now_ms - g->checked_ms >= CHECK_MS)
		ask(access, g);
	return g;
}

void grant_put(struct grant *grant)
{
	if (grant)
		grant->users--;
}

void access_answers(struct access *access, int64_t now_ms)
{
	struct answer a;

	while (recv(access->near, &a, sizeof(a), MSG_DONTWAIT) == (ssize_t)sizeof(a)) {
		struct grant *g = find(access, a.of.kind, a.of.hash);

		if (!g) {
			scope_free(a.scope);
			continue;
		}
		g->asked = false;
		g->checked_ms = now_ms;
		if (a.state == ACCESS_AWAY && g->state == ACCESS_GRANTED)
			continue;
		g->state = a.state;
		scope_free(g->scope);
		g->scope = a.scope;
	}
}

void access_tick(struct access *access, int64_t now_ms)
{
	for (struct grant **p = &access->grants; *p;) {
		struct grant *g = *p;
		int64_t age = now_ms - g->checked_ms;

		if (g->users == 0 && !g->asked && (g->state != ACCESS_GRANTED || age >= FORGET_MS)) {
			*p = g->next;
			grant_free(g);
			continue;
		}
		if (g->users > 0 && (age >= CHECK_MS || (g->state == ACCESS_UNKNOWN && age >= RETRY_MS)))
			ask(access, g);
		p = &g->next;
	}
}

void access_recheck(struct access *access)
{
	for (struct grant *g = access->grants; g; g = g->next)
		if (g->users > 0)
			ask(access, g);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(a, b);
}

static bool contains(char (*list)[SCOPE_NAME], size_t count, const char *name)
{
	return *name && count > 0 && bsearch(name, list, count, sizeof(*list), compare_names);
}

bool scope_allows(const struct scope *s, uint32_t tenant, const char *queue, const char *agent)
{
	if (s->tenant != tenant)
		return false;
	if ((s->flags & SCOPE_OWN) && *agent && strcmp(agent, s->agent) == 0)
		return true;
	if (!(s->flags & SCOPE_BOARD))
		return false;
	return (s->flags & SCOPE_ALL) || contains(s->queue, s->queues, queue) ||
		   contains(s->colleague, s->agents, agent);
}
