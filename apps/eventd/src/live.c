/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <unistd.h>
#include "access.h"
#include "browser.h"
#include "cc/clock.h"
#include "cc/jsonw.h"
#include "http.h"
#include "live.h"
#include "recent.h"

#define CLIENTS_MAX 4000
#define HEAD_MAX 8192
#define OUT_MAX 1024
#define HEAD_TIMEOUT_MS 10000
#define CHECK_TIMEOUT_MS 10000
#define HEARTBEAT_MS 15000
#define SEGMENTS_AT_START 4
#define RECORDS_PER_TURN 2000 /* so that a backlog does not keep browsers waiting */

struct live;

/* What epoll hands back: the first member of everything that is waited for. */
struct source
{
	void (*ready)(struct live *live, struct source *source, uint32_t events);
	int fd;
};

enum phase
{
	READ_HEAD,
	WAIT_ACCESS,
	STREAM,
	LAST_WORDS, /* closed once out is sent */
};

struct client
{
	struct source source;
	struct client *next, *previous;
	enum phase phase;
	struct grant *grant;
	int64_t since_ms, sent_ms; /* monotonic: begin of the phase, last bytes sent */
	uint64_t cursor;           /* number of the event to send next */
	size_t event_sent;         /* bytes of it that are sent */
	size_t out_len, out_sent;
	size_t head_len;
	bool wants_out;   /* registered for EPOLLOUT */
	unsigned hide;    /* how much of its numbers the event at work goes out without */
	bool gone;        /* closed, freed when the events at hand are done */
	char address[46]; /* where it comes from; "": not through nginx */
	char out[OUT_MAX];
	char head[HEAD_MAX + 1];
};

struct live
{
	const struct eventd *eventd;
	struct writer *writer;
	struct access *access;
	struct browser *browser;
	struct cc_segment_reader *reader;
	struct recent recent;
	struct source listener, journal, timer, signals, answers;
	struct client *clients, *gone;
	int client_count, epoll;
	bool watching, stop, backlog;
	bool news; /* events came otherwise than from the journal */
};

static int add_source(struct live *live, struct source *s, int fd, uint32_t events,
		void (*ready)(struct live *, struct source *, uint32_t))
{
	struct epoll_event e = {.events = events, .data.ptr = s};

	s->fd = fd;
	s->ready = ready;
	return fd < 0 || epoll_ctl(live->epoll, EPOLL_CTL_ADD, fd, &e) < 0 ? CC_E_IO : 0;
}

/* ---- clients ---- */

/* Events that epoll has already returned may still point to it: freed by free_gone. */
static void client_close(struct live *live, struct client *c)
{
	if (c->previous)
		c->previous->next = c->next;
	else
		live->clients = c->next;
	if (c->next)
		c->next->previous = c->previous;
	live->client_count--;
	grant_put(c->grant);
	close(c->source.fd);
	c->gone = true;
	c->next = live->gone;
	live->gone = c;
}

static void free_gone(struct live *live)
{
	while (live->gone) {
		struct client *c = live->gone;

		live->gone = c->next;
		free(c);
	}
}

/* 0; CC_E_IO: the client is gone. */
static int send_some(struct client *c, const char *data, size_t len, size_t *sent)
{
	ssize_t n = send(c->source.fd, data + *sent, len - *sent, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : CC_E_IO;
	*sent += (size_t)n;
	return 0;
}

static bool may_see(const struct scope *scope, const struct recent_event *event)
{
	switch (event->audience) {
	case RECENT_EVERYONE:
		return true;
	case RECENT_TENANT:
		return event->tenant == scope->tenant;
	case RECENT_BY_SCOPE:
		break;
	}
	return scope_allows(scope, event->tenant, event->queue, event->agent);
}

/* The event that goes out next, the cursor moved to it; NULL: none yet. */
static const struct recent_event *next_event(const struct live *live, struct client *c)
{
	const struct recent_event *event;

	if (c->event_sent > 0) /* begun is finished, whatever became of the scope meanwhile */
		return recent_at(&live->recent, c->cursor);
	while ((event = recent_at(&live->recent, c->cursor))) {
		if (may_see(c->grant->scope, event))
			return event;
		c->cursor++;
	}
	return NULL;
}

/* Sends what there is and the socket takes. Closes the client when it is done or gone. */
static void client_flush(struct live *live, struct client *c, int64_t now_ms)
{
	const struct recent_event *event = NULL;
	bool blocked = false;

	if (c->phase == WAIT_ACCESS) /* what it is told depends on the answer */
		return;
	while (!blocked) {
		size_t before, len;
		const char *text;

		if (c->out_sent < c->out_len) {
			before = c->out_sent;
			if (send_some(c, c->out, c->out_len, &c->out_sent))
				goto gone;
			blocked = c->out_sent < c->out_len;
			c->sent_ms = c->out_sent > before ? now_ms : c->sent_ms;
			continue;
		}
		c->out_len = c->out_sent = 0;
		if (c->phase == LAST_WORDS)
			goto gone;
		if (c->phase != STREAM)
			break;
		if (c->cursor < live->recent.first) /* reads too slowly; it comes again with its last id */
			goto gone;
		event = next_event(live, c);
		if (!event)
			break;
		before = c->event_sent;
		if (before == 0)
			c->hide = c->grant->scope->hide;
		text = recent_text(event, c->hide, &len);
		if (send_some(c, text, len, &c->event_sent))
			goto gone;
		c->sent_ms = c->event_sent > before ? now_ms : c->sent_ms;
		blocked = c->event_sent < len;
		if (!blocked) {
			c->cursor++;
			c->event_sent = 0;
		}
	}
	if (blocked != c->wants_out) {
		struct epoll_event e = {
				.events = EPOLLIN | EPOLLRDHUP | (blocked ? EPOLLOUT : 0u), .data.ptr = &c->source};

		if (epoll_ctl(live->epoll, EPOLL_CTL_MOD, c->source.fd, &e) < 0)
			goto gone;
		c->wants_out = blocked;
	}
	return;
gone:
	client_close(live, c);
}

__attribute__((format(printf, 2, 3))) static void client_say(
		struct client *c, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(c->out + c->out_len, sizeof(c->out) - c->out_len, format, args);
	va_end(args);
	if (n > 0 && (size_t)n < sizeof(c->out) - c->out_len)
		c->out_len += (size_t)n;
}

/* A whole response, after which the connection is closed. */
static void client_answer(struct client *c, const char *status, const char *type, const char *body)
{
	client_say(c,
			"HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\nCache-Control: no-store\r\n"
			"Connection: close\r\n\r\n%s",
			status, type, strlen(body), body);
	c->phase = LAST_WORDS;
}

static void client_refuse(struct client *c, const char *status, const char *reason)
{
	char body[128];

	snprintf(body, sizeof(body), "{\"error\":{\"reason\":\"%s\"}}\n", reason);
	client_answer(c, status, "application/json", body);
}

/* The tenant's list of addresses; who is on this machine needs no nginx and is not in it. */
static bool address_allowed(const struct client *c)
{
	return !c->address[0] || cc_auth_address_allowed(c->grant->scope->addresses, c->address);
}

/* Goes on with what the grant has become: the prepared stream, or a refusal instead of it. */
static void client_admit(struct client *c, int64_t now_ms)
{
	switch (c->grant->state) {
	case ACCESS_UNKNOWN:
		break;
	case ACCESS_GRANTED:
		if (!address_allowed(c)) {
			c->out_len = 0;
			client_refuse(c, "403 Forbidden", "address_refused");
			break;
		}
		c->phase = STREAM;
		c->since_ms = now_ms;
		break;
	case ACCESS_DENIED:
		c->out_len = 0;
		client_refuse(c, "401 Unauthorized", "not_signed_in");
		break;
	case ACCESS_AWAY:
		c->out_len = 0;
		client_refuse(c, "503 Service Unavailable", "database_away");
		break;
	}
}

/* Prepares the stream's beginning, which waits for the grant: events that come until then are not
 * missed. */
static void begin_stream(struct live *live, struct client *c, const struct http_request *req)
{
	const char *id = req->last_event_id;
	size_t len = id ? strlen(id) : 0;
	bool lost = false;

	c->cursor = live->recent.next;
	snprintf(c->address, sizeof(c->address), "%s", req->address ? req->address : "");
	if (!id)
		id = http_query(req->query, "after", &len);
	if (id && len > 0)
		lost = recent_find(&live->recent, live->eventd->node, id, len, &c->cursor) != 0;
	client_say(c,
			"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n"
			"X-Accel-Buffering: no\r\nConnection: close\r\n\r\nretry: 2000\n\n");
	/* events between its last one and now are not kept any more: the page reads its snapshot again
	 */
	if (lost)
		client_say(c, "id: %u-%llu\nevent: reset\ndata: {}\n\n", live->eventd->node,
				(unsigned long long)live->recent.last_seq);
}

static void answer_health(struct live *live, struct client *c)
{
	struct writer_status s;
	struct cc_jsonw w;
	char body[OUT_MAX / 2];
	uint64_t last = live->recent.last_seq;

	writer_status(live->writer, &s);
	cc_jsonw_init(&w, body, sizeof(body) - 1);
	cc_jsonw_object(&w, NULL);
	cc_jsonw_bool(&w, "ok", true);
	cc_jsonw_int(&w, "node", live->eventd->node);
	cc_jsonw_str(&w, "segment", s.segment);
	cc_jsonw_int(&w, "offset", s.offset);
	cc_jsonw_int(&w, "seq", (int64_t)s.seq);
	cc_jsonw_int(&w, "journal_seq", (int64_t)last);
	cc_jsonw_int(&w, "lag", last > s.seq ? (int64_t)(last - s.seq) : 0);
	cc_jsonw_int(&w, "quarantined", s.quarantined);
	cc_jsonw_bool(&w, "db", s.database);
	cc_jsonw_int(&w, "clients", live->client_count);
	cc_jsonw_close_object(&w);
	cc_jsonw_end(&w);
	strcat(body, "\n");
	client_answer(c, "200 OK", "application/json", body);
}

/* A value of the query as text: of its characters only, not empty unless it may be. */
static bool take_word(const char *query, const char *name, const char *characters, bool empty,
		char *to, size_t cap)
{
	size_t len = 0;
	const char *value = http_query(query, name, &len);

	if (!value || len >= cap || (!len && !empty))
		return false;
	memcpy(to, value, len);
	to[len] = '\0';
	return strspn(to, characters) == len;
}

/* An application says that something has changed (nginx passes no such request on). */
static void answer_changed(struct live *live, struct client *c, const char *query)
{
	static const char digits[] = "0123456789", letters[] = "abcdefghijklmnopqrstuvwxyz_";
	static const char ids[] = "0123456789-ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	char tenant[10], topic[33], id[33];

	if (!take_word(query, "tenant", digits, false, tenant, sizeof(tenant)) ||
			!take_word(query, "topic", letters, false, topic, sizeof(topic)) ||
			!take_word(query, "id", ids, true, id, sizeof(id))) {
		client_refuse(c, "400 Bad Request", "bad_request");
		return;
	}
	if (recent_add_changed(&live->recent, (uint32_t)strtoul(tenant, NULL, 10), topic, id))
		eventd_log("error: no memory for a live event");
	client_answer(c, "200 OK", "application/json", "{}\n");
	live->news = true;
}

static void handle_request(struct live *live, struct client *c, int64_t now_ms)
{
	struct http_request req;

	if (http_parse(&req, c->head, c->head_len)) {
		client_refuse(c, "400 Bad Request", "bad_request");
	} else if (strcmp(req.method, "POST") == 0 && strcmp(req.path, "/changed") == 0) {
		answer_changed(live, c, req.query);
	} else if (strcmp(req.method, "GET") != 0) {
		client_refuse(c, "405 Method Not Allowed", "method");
	} else if (strcmp(req.path, "/health") == 0) {
		answer_health(live, c);
	} else if (strcmp(req.path, "/live") != 0) {
		client_refuse(c, "404 Not Found", "not_found");
	} else if (!req.session && !req.bearer) {
		client_refuse(c, "401 Unauthorized", "not_signed_in");
	} else {
		c->grant = grant_get(live->access, req.bearer ? ACCESS_API_KEY : ACCESS_SESSION,
				req.bearer ? req.bearer : req.session, now_ms);
		if (!c->grant) {
			client_refuse(c, "503 Service Unavailable", "no_memory");
			return;
		}
		c->phase = WAIT_ACCESS;
		c->since_ms = now_ms;
		begin_stream(live, c, &req);
		if (c->grant->state != ACCESS_UNKNOWN)
			client_admit(c, now_ms);
	}
}

static void client_ready(struct live *live, struct source *source, uint32_t events)
{
	struct client *c = (struct client *)source;
	int64_t now_ms = cc_clock_mono_ms();

	if (c->gone)
		return;
	if (events & (EPOLLERR | EPOLLHUP | EPOLLRDHUP)) {
		client_close(live, c);
		return;
	}
	if (events & EPOLLIN) {
		char ignored[256];
		bool in_head = c->phase == READ_HEAD;
		ssize_t n = recv(source->fd, in_head ? c->head + c->head_len : ignored,
				in_head ? HEAD_MAX - c->head_len : sizeof(ignored), MSG_DONTWAIT);

		if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
			client_close(live, c);
			return;
		}
		if (n > 0 && in_head) {
			c->head_len += (size_t)n;
			c->head[c->head_len] = '\0';
			if (strstr(c->head, "\r\n\r\n") || strstr(c->head, "\n\n"))
				handle_request(live, c, now_ms);
			else if (c->head_len == HEAD_MAX || strlen(c->head) < c->head_len)
				client_refuse(c, "400 Bad Request", "bad_request");
		}
	}
	client_flush(live, c, now_ms);
}

static void listener_ready(struct live *live, struct source *source, uint32_t events)
{
	struct client *c;
	int fd = accept4(source->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0)
		return;
	c = live->client_count < CLIENTS_MAX ? calloc(1, sizeof(*c)) : NULL;
	if (!c || add_source(live, &c->source, fd, EPOLLIN | EPOLLRDHUP, client_ready)) {
		free(c);
		close(fd);
		return;
	}
	c->since_ms = c->sent_ms = cc_clock_mono_ms();
	c->next = live->clients;
	if (c->next)
		c->next->previous = c;
	live->clients = c;
	live->client_count++;
}

/* ---- the journal ---- */

static void stream_news(struct live *live, int64_t now_ms)
{
	for (struct client *c = live->clients, *next; c; c = next) {
		next = c->next;
		if (c->phase == STREAM && !c->wants_out)
			client_flush(live, c, now_ms);
	}
}

static void recheck(struct live *live)
{
	access_recheck(live->access);
	browser_recheck(live->browser);
}

static void follow_journal(struct live *live)
{
	int64_t now_ms = cc_clock_mono_ms();
	uint64_t before = live->recent.next;
	struct cc_record r;
	const void *bad;
	size_t bad_len;
	int n = 1, count = 0;

	if (!live->reader &&
			cc_segment_reader_new_recent(&live->reader, live->eventd->journal, SEGMENTS_AT_START))
		return; /* the folder is not there yet; the timer comes back */
	while (count++ < RECORDS_PER_TURN &&
			((n = cc_segment_reader_next(live->reader, &r, &bad, &bad_len)) == 1 ||
					n == CC_E_CORRUPT))
		if (n == 1 && recent_add(&live->recent, live->eventd->node, &r))
			eventd_log("error: no memory for a live event");
		else if (n == 1 && r.type == CC_EV_CONFIG_RELOAD)
			recheck(live);
		else if (n == 1 && r.type == CC_EV_ENGINE_START)
			browser_recheck(live->browser);
	live->backlog = n == 1 || n == CC_E_CORRUPT;
	if (live->recent.next != before)
		stream_news(live, now_ms);
}

static void watch_journal(struct live *live)
{
	if (!live->watching)
		live->watching = inotify_add_watch(live->journal.fd, live->eventd->journal,
								 IN_MODIFY | IN_CREATE | IN_MOVED_TO) >= 0;
}

static void journal_ready(struct live *live, struct source *source, uint32_t events)
{
	char buf[4096] __attribute__((aligned(8)));
	ssize_t n;

	while ((n = read(source->fd, buf, sizeof(buf))) > 0)
		for (char *p = buf; p < buf + n;) {
			struct inotify_event *e = (struct inotify_event *)p;

			if (e->mask & IN_IGNORED)
				live->watching = false;
			p += sizeof(*e) + e->len;
		}
	follow_journal(live);
}

/* ---- time, answers, signals ---- */

static void client_tick(struct live *live, struct client *c, int64_t now_ms)
{
	switch (c->phase) {
	case READ_HEAD:
		if (now_ms - c->since_ms >= HEAD_TIMEOUT_MS)
			client_refuse(c, "408 Request Timeout", "timeout");
		break;
	case WAIT_ACCESS:
		if (now_ms - c->since_ms >= CHECK_TIMEOUT_MS) {
			c->out_len = 0;
			client_refuse(c, "503 Service Unavailable", "database_away");
		}
		break;
	case STREAM:
		/* only between two events, never inside one */
		if (now_ms - c->sent_ms >= HEARTBEAT_MS && c->out_len == 0 && c->event_sent == 0)
			client_say(c, ": heartbeat\n\n");
		break;
	case LAST_WORDS:
		if (now_ms - c->sent_ms >= HEARTBEAT_MS) {
			client_close(live, c);
			return;
		}
		break;
	}
	client_flush(live, c, now_ms);
}

/* Whose pages are open. Somebody else who acts for an agent is not the agent's page. */
static void list_pages(struct live *live)
{
	browser_list(live->browser);
	for (const struct client *c = live->clients; c; c = c->next)
		if (c->phase == STREAM && (c->grant->scope->flags & SCOPE_OWN) &&
				!(c->grant->scope->flags & SCOPE_FOREIGN))
			browser_open(live->browser, c->grant->scope->tenant, c->grant->scope->agent);
	browser_listed(live->browser);
}

static void timer_ready(struct live *live, struct source *source, uint32_t events)
{
	int64_t now_ms = cc_clock_mono_ms();
	uint64_t expirations;

	if (read(source->fd, &expirations, sizeof(expirations)) < 0)
		return;
	watch_journal(live);
	follow_journal(live);
	access_tick(live->access, now_ms);
	for (struct client *c = live->clients, *next; c; c = next) {
		next = c->next;
		client_tick(live, c, now_ms);
	}
	list_pages(live);
}

static void answers_ready(struct live *live, struct source *source, uint32_t events)
{
	int64_t now_ms = cc_clock_mono_ms();

	access_answers(live->access, now_ms);
	for (struct client *c = live->clients, *next; c; c = next) {
		next = c->next;
		if (c->phase == WAIT_ACCESS && c->grant->state != ACCESS_UNKNOWN) {
			client_admit(c, now_ms);
			client_flush(live, c, now_ms);
		} else if (c->phase == STREAM &&
				   (c->grant->state == ACCESS_DENIED ||
						   (c->grant->state == ACCESS_GRANTED && !address_allowed(c)))) {
			client_close(live, c); /* signed out, disabled or shut out meanwhile */
		}
	}
}

static void signals_ready(struct live *live, struct source *source, uint32_t events)
{
	live->stop = true;
}

/* ---- start and stop ---- */

static int listen_on(const char *path)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	strcpy(addr.sun_path, path); /* eventd.socket has the same size */
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) == 0 || errno == EAGAIN) {
		eventd_log("error: %s: another cc-eventd serves it", path);
		close(fd);
		return -1;
	}
	unlink(path); /* of one that was killed */
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0 || chmod(path, 0660) < 0 ||
			listen(fd, 512) < 0) {
		eventd_log("error: %s: %s", path, strerror(errno));
		close(fd);
		return -1;
	}
	return fd;
}

static int open_sources(struct live *live)
{
	struct itimerspec second = {.it_interval.tv_sec = 1, .it_value.tv_sec = 1};
	int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	sigset_t mask;
	int err = 0;

	sigemptyset(&mask);
	sigaddset(&mask, SIGTERM);
	sigaddset(&mask, SIGINT);
	timerfd_settime(timer, 0, &second, NULL);
	err |= add_source(live, &live->timer, timer, EPOLLIN, timer_ready);
	err |= add_source(
			live, &live->signals, signalfd(-1, &mask, SFD_CLOEXEC), EPOLLIN, signals_ready);
	err |= add_source(live, &live->answers, access_fd(live->access), EPOLLIN, answers_ready);
	err |= add_source(
			live, &live->journal, inotify_init1(IN_NONBLOCK | IN_CLOEXEC), EPOLLIN, journal_ready);
	err |= add_source(
			live, &live->listener, listen_on(live->eventd->socket), EPOLLIN, listener_ready);
	return err ? CC_E_IO : 0;
}

static void live_free(struct live *live)
{
	struct source *own[] = {&live->timer, &live->signals, &live->journal, &live->listener};

	while (live->clients)
		client_close(live, live->clients);
	free_gone(live);
	if (live->listener.fd >= 0)
		unlink(live->eventd->socket);
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (own[i]->fd >= 0)
			close(own[i]->fd);
	if (live->epoll >= 0)
		close(live->epoll);
	access_free(live->access);
	browser_free(live->browser);
	cc_segment_reader_free(live->reader);
	recent_clear(&live->recent);
	free(live);
}

int live_run(const struct eventd *eventd, struct writer *writer)
{
	struct live *live = calloc(1, sizeof(*live));
	int err;

	if (!live)
		return CC_E_NOMEM;
	live->eventd = eventd;
	live->writer = writer;
	live->timer.fd = live->signals.fd = live->journal.fd = live->listener.fd = -1;
	live->epoll = epoll_create1(EPOLL_CLOEXEC);
	err = access_new(&live->access, eventd);
	if (err) {
		eventd_log("error: %s: %s", eventd->secret, cc_err_name(err));
		goto out;
	}
	err = browser_new(&live->browser, eventd);
	if (err) {
		eventd_log("error: open pages cannot be watched: %s", cc_err_name(err));
		goto out;
	}
	err = open_sources(live);
	if (err)
		goto out;
	watch_journal(live);
	do
		follow_journal(live);
	while (live->backlog);
	while (!live->stop) {
		struct epoll_event events[64];
		int n = epoll_wait(live->epoll, events, 64, live->backlog ? 0 : -1);

		for (int i = 0; i < n; i++) {
			struct source *s = events[i].data.ptr;

			s->ready(live, s, events[i].events);
		}
		if (live->news)
			stream_news(live, cc_clock_mono_ms());
		live->news = false;
		free_gone(live);
		if (live->backlog)
			follow_journal(live);
	}
out:
	live_free(live);
	return err;
}
