/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "browser.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include "access.h"
#include "cc/clock.h"
#include "cc/ulid.h"
#include "cc/utf8.h"
#include "cc/web.h"

#define TICK_MS 250
#define LOOK_MS 10000 /* after agents in the database, when nobody says that they have changed */
#define OPEN_MAX 16384

struct page
{
	uint32_t tenant;
	char agent[SCOPE_NAME];
};

/* One who works in the browser. */
struct bound
{
	struct page who;
	int64_t grace_ms, gone_ms; /* monotonic; 0: a page is open */
	enum
	{
		TOLD_NOTHING,
		TOLD_OPEN,
		TOLD_GONE
	} told;
};

struct browser
{
	const struct eventd *eventd;
	pthread_t thread;
	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t wake;
	bool running, stop, recheck, known;
	struct page *open, *next; /* sorted; the list that is being made */
	size_t open_count, next_count;

	/* the thread's */
	struct cc_db *db;
	struct cc_arena *arena;
	struct bound *bound;
	size_t count;
	int64_t looked_ms;
};

static int compare(const void *a, const void *b)
{
	const struct page *x = a, *y = b;

	return x->tenant != y->tenant ? (x->tenant < y->tenant ? -1 : 1) : strcmp(x->agent, y->agent);
}

/* ---- the thread ---- */

/* Who works in the browser now; those who did already keep what is known of them. */
static void look(struct browser *b, int64_t now_ms)
{
	struct cc_rows rows;
	struct bound *now;
	int err;

	cc_arena_reset(b->arena);
	err = cc_db_query(b->db, &rows,
			"SELECT tenant_id, number, browser_grace_s FROM agent {any} WHERE browser_work = 1 AND "
			"live = 1 AND state = 'enabled' ORDER BY tenant_id, number");
	now = err ? NULL : calloc(rows.count ? rows.count : 1, sizeof(*now));
	if (!now)
		return; /* it stays as it was */
	for (size_t i = 0; i < rows.count; i++) {
		const struct cc_row *row = &rows.row[i];
		const struct bound *before;

		now[i].gone_ms = now_ms;
		now[i].who.tenant = (uint32_t)cc_row_int(row, 0, 0);
		cc_utf8_copy(now[i].who.agent, sizeof(now[i].who.agent), cc_row_str(row, 1));
		before = b->count ? bsearch(&now[i].who, b->bound, b->count, sizeof(*b->bound), compare)
						  : NULL;
		if (before)
			now[i] = *before;
		now[i].grace_ms = cc_row_int(row, 2, 0) * 1000;
	}
	free(b->bound);
	b->bound = now;
	b->count = rows.count;
	b->looked_ms = now_ms;
}

/* Whether the engine knows now; an agent that it does not have is none of its business. */
static bool tell(struct browser *b, const struct bound *who, bool open)
{
	struct cc_buf request, line;
	struct cc_ulid id = cc_ulid_new();
	char text[CC_ULID_TEXT + 1];

	cc_arena_reset(b->arena);
	request = cc_buf_new(b->arena);
	line = cc_buf_new(b->arena);
	cc_buf_printf(&request,
			"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"cc.agent.browser\",\"params\":{\"tenant\":%"
			"u,"
			"\"actor\":\"system\",\"request\":\"%s\",\"agent\":\"%s\",\"on\":%s}}\n",
			who->who.tenant, cc_ulid_format(&id, text), who->who.agent, open ? "true" : "false");
	return cc_engine_exchange(b->eventd->engine_socket, request.p, request.len, &line) == 0;
}

static void settle(struct browser *b, struct bound *who, bool open, int64_t now_ms)
{
	if (open)
		who->gone_ms = 0;
	else if (!who->gone_ms)
		who->gone_ms = now_ms;
	if (open && who->told != TOLD_OPEN && tell(b, who, true))
		who->told = TOLD_OPEN;
	else if (!open && who->told != TOLD_GONE && now_ms - who->gone_ms >= who->grace_ms &&
			 tell(b, who, false))
		who->told = TOLD_GONE;
}

static bool is_open(struct browser *b, const struct page *who)
{
	bool open;

	pthread_mutex_lock(&b->lock);
	open = b->open_count && bsearch(who, b->open, b->open_count, sizeof(*b->open), compare);
	pthread_mutex_unlock(&b->lock);
	return open;
}

static void *browser_main(void *arg)
{
	struct browser *b = arg;

	cc_db_use(b->db, b->arena, &(struct cc_scope){.agent = ""});
	for (;;) {
		struct timespec until;
		int64_t now_ms = cc_clock_mono_ms();
		bool recheck, known;

		pthread_mutex_lock(&b->lock);
		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_nsec += TICK_MS * 1000000L;
		until.tv_sec += until.tv_nsec / 1000000000L;
		until.tv_nsec %= 1000000000L;
		if (!b->stop)
			pthread_cond_timedwait(&b->wake, &b->lock, &until);
		recheck = b->recheck;
		b->recheck = false;
		known = b->known;
		if (b->stop) {
			pthread_mutex_unlock(&b->lock);
			return NULL;
		}
		pthread_mutex_unlock(&b->lock);
		if (recheck || now_ms - b->looked_ms >= LOOK_MS)
			look(b, now_ms);
		for (size_t i = 0; i < b->count && known; i++) {
			if (recheck)
				b->bound[i].told = TOLD_NOTHING;
			settle(b, &b->bound[i], is_open(b, &b->bound[i].who), now_ms);
		}
	}
}

/* ---- the main thread ---- */

int browser_new(struct browser **out, const struct eventd *eventd)
{
	struct browser *b = calloc(1, sizeof(*b));
	pthread_condattr_t monotonic;
	int err;

	if (!b)
		return CC_E_NOMEM;
	b->eventd = eventd;
	b->looked_ms = -LOOK_MS;
	b->arena = cc_arena_new();
	b->open = calloc(OPEN_MAX, sizeof(*b->open));
	b->next = calloc(OPEN_MAX, sizeof(*b->next));
	pthread_mutex_init(&b->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&b->wake, &monotonic);
	pthread_condattr_destroy(&monotonic);
	err = cc_db_new(&b->db, &eventd->database);
	if (!err && (!b->open || !b->next))
		err = CC_E_NOMEM;
	if (!err && pthread_create(&b->thread, NULL, browser_main, b) != 0)
		err = CC_E_IO;
	if (err) {
		browser_free(b);
		return err;
	}
	b->running = true;
	*out = b;
	return 0;
}

void browser_free(struct browser *b)
{
	if (!b)
		return;
	pthread_mutex_lock(&b->lock);
	b->stop = true;
	pthread_cond_signal(&b->wake);
	pthread_mutex_unlock(&b->lock);
	if (b->running)
		pthread_join(b->thread, NULL);
	pthread_cond_destroy(&b->wake);
	pthread_mutex_destroy(&b->lock);
	cc_db_free(b->db);
	cc_arena_free(b->arena);
	free(b->bound);
	free(b->open);
	free(b->next);
	free(b);
}

void browser_list(struct browser *b)
{
	b->next_count = 0;
}

void browser_open(struct browser *b, uint32_t tenant, const char *agent)
{
	struct page *p = &b->next[b->next_count];

	if (b->next_count == OPEN_MAX)
		return;
	p->tenant = tenant;
	cc_utf8_copy(p->agent, sizeof(p->agent), agent);
	b->next_count++;
}

void browser_listed(struct browser *b)
{
	struct page *before;

	qsort(b->next, b->next_count, sizeof(*b->next), compare);
	pthread_mutex_lock(&b->lock);
	before = b->open;
	b->open = b->next;
	b->open_count = b->next_count;
	b->next = before;
	b->known = true;
	pthread_mutex_unlock(&b->lock);
}

void browser_recheck(struct browser *b)
{
	pthread_mutex_lock(&b->lock);
	b->recheck = true;
	pthread_cond_signal(&b->wake);
	pthread_mutex_unlock(&b->lock);
}
