/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "access.h"
#include "cc/clock.h"

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
	uint32_t tenant;
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

static void check(struct cc_db *db, struct cc_arena *arena, struct answer *a)
{
	struct cc_bytes hash = {a->of.hash, sizeof(a->of.hash)};
	struct cc_rows rows = {0};
	int err;

	cc_arena_reset(arena);
	if (a->of.kind == ACCESS_SESSION)
		err = cc_db_query(db, &rows,
				"SELECT s.tenant_id FROM session s"
				" JOIN user u ON u.tenant_id = s.tenant_id AND u.id = s.user_id AND u.state = "
				"'enabled'"
				" JOIN tenant t ON t.id = s.tenant_id AND t.state = 'active'"
				" WHERE s.token_hash = ? AND s.expires_at > ?{any}",
				hash, cc_clock_utc_ms());
	else
		err = cc_db_query(db, &rows,
				"SELECT k.tenant_id FROM api_key k JOIN tenant t ON t.id = k.tenant_id AND t.state "
				"= "
				"'active'"
				" WHERE k.key_hash = ? AND k.state = 'enabled'{any}",
				hash);
	if (err) {
		eventd_log("error: a session cannot be checked: %s", cc_db_error(db));
		a->state = ACCESS_AWAY;
	} else if (rows.count == 1) {
		a->state = ACCESS_GRANTED;
		a->tenant = (uint32_t)cc_row_int(&rows.row[0], 0, 0);
	} else {
		a->state = ACCESS_DENIED;
	}
}

static void *checker(void *arg)
{
	struct access *access = arg;
	struct cc_arena *arena = cc_arena_new();
	struct answer a;

	cc_db_use(access->db, arena, &(struct cc_scope){.agent = ""});
	for (;;) {
		ssize_t n = recv(access->far, &a.of, sizeof(a.of), 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n != (ssize_t)sizeof(a.of)) /* the main thread has closed its end */
			break;
		a.tenant = 0;
		check(access->db, arena, &a);
		if (send(access->far, &a, sizeof(a), MSG_NOSIGNAL) < 0)
			break;
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

void access_free(struct access *access)
{
	if (!access)
		return;
	if (access->near >= 0)
		shutdown(access->near, SHUT_RDWR);
	if (access->running)
		pthread_join(access->thread, NULL);
	if (access->near >= 0)
		close(access->near);
	if (access->far >= 0)
		close(access->far);
	while (access->grants) {
		struct grant *g = access->grants;

		access->grants = g->next;
		free(g);
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

		if (!g)
			continue;
		g->asked = false;
		g->checked_ms = now_ms;
		if (a.state == ACCESS_AWAY && g->state == ACCESS_GRANTED)
			continue;
		g->state = a.state;
		g->tenant = a.tenant;
	}
}

void access_tick(struct access *access, int64_t now_ms)
{
	for (struct grant **p = &access->grants; *p;) {
		struct grant *g = *p;
		int64_t age = now_ms - g->checked_ms;

		if (g->users == 0 && !g->asked && (g->state != ACCESS_GRANTED || age >= FORGET_MS)) {
			*p = g->next;
			free(g);
			continue;
		}
		if (g->users > 0 && (age >= CHECK_MS || (g->state == ACCESS_UNKNOWN && age >= RETRY_MS)))
			ask(access, g);
		p = &g->next;
	}
}
