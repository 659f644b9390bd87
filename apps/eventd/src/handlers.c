/* SPDX-License-Identifier: GPL-2.0-or-later
 * The process of one plugin's event handlers. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include <json-c/json.h>
#include "cc/clock.h"
#include "cc/err.h"
#include "cc/journal.h"
#include "handlers.h"

#define POLL_MS 1000
#define RETRY_MS 1000
/* Records that are passed over have no transaction of their own: their place is kept after so many,
 * or so much later. */
#define SAVE_RECORDS 500
#define SAVE_MS 1000
#define TENANTS_MAX 4096

struct handlers
{
	const struct eventd *eventd;
	const struct cc_settings *settings;
	const char *name;
	struct handlers_note *note;
	struct cc_plugin_file *file;
	struct cc_db *db;
	struct cc_arena *arena;
	struct cc_segment_reader *reader;
	int64_t generation, checked_ms, saved_ms, enabled_at;
	int64_t tenant[TENANTS_MAX]; /* that have it, sorted */
	size_t tenants;
	uint64_t seq; /* last record that is done with */
	unsigned unsaved;
	bool away_said;
	int stop, inotify; /* signalfd */
};

static bool stopping(struct handlers *h)
{
	struct pollfd p = {.fd = h->stop, .events = POLLIN};

	return poll(&p, 1, 0) > 0;
}

static void wait_journal(struct handlers *h, int ms)
{
	struct pollfd p[] = {{.fd = h->stop, .events = POLLIN}, {.fd = h->inotify, .events = POLLIN}};
	char buf[4096] __attribute__((aligned(8)));

	poll(p, 2, ms);
	while (read(h->inotify, buf, sizeof(buf)) > 0)
		;
}

static void use(struct handlers *h, int64_t tenant)
{
	const struct cc_scope scope = {.tenant = tenant, .agent = ""};

	cc_db_use(h->db, h->arena, &scope);
}

static int by_number(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* ---- what is enabled: 1, 0 if the plugin is not any more, or an error ---- */

static int read_switches(struct handlers *h)
{
	struct cc_rows rows;
	int64_t generation;
	int err = cc_registry_generation(h->db, &generation);

	if (err || generation == h->generation)
		return err ? err : 1;
	err = cc_db_query(h->db, &rows,
			"SELECT version, enabled_at FROM plugin {any} WHERE name = ? AND state = 'enabled'",
			h->name);
	if (err)
		return err;
	if (rows.count == 0 || strcmp(cc_row_str(&rows.row[0], 0), h->file->plugin.version) != 0)
		return 0;
	h->enabled_at = cc_row_int(&rows.row[0], 1, 0);
	err = cc_db_query(h->db, &rows,
			"SELECT tenant_id FROM plugin_tenant {any} WHERE plugin = ? AND off = 0 ORDER BY "
			"tenant_id LIMIT 4096",
			h->name);
	if (err)
		return err;
	h->tenants = rows.count;
	for (size_t i = 0; i < rows.count; i++)
		h->tenant[i] = cc_row_int(&rows.row[i], 0, 0);
	h->generation = generation;
	return 1;
}

/* At most once a second. */
static int follow_switches(struct handlers *h)
{
	int64_t now = cc_clock_mono_ms();
	int got;

	if (h->generation && now - h->checked_ms < POLL_MS)
		return 1;
	use(h, 0);
	got = read_switches(h);
	cc_arena_reset(h->arena);
	if (got >= 0)
		h->checked_ms = now;
	return got;
}

/* ---- the place in the journal ---- */

static int save_cursor(struct handlers *h, const char *segment, int64_t offset, uint64_t seq)
{
	return cc_db_exec(h->db,
			"INSERT INTO plugin_cursor {any} (node, plugin, segment, byte_offset, seq) "
			"VALUES (?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE segment = VALUES(segment), "
			"byte_offset = VALUES(byte_offset), seq = VALUES(seq)",
			h->eventd->node, h->name, segment, offset, seq);
}

static int save_here(struct handlers *h)
{
	h->unsaved = 0;
	h->saved_ms = cc_clock_mono_ms();
	return save_cursor(
			h, cc_segment_reader_segment(h->reader), cc_segment_reader_offset(h->reader), h->seq);
}

/* Without one it begins with what came since the plugin was enabled. */
static int open_reader(struct handlers *h)
{
	struct cc_rows rows;
	int err = cc_db_query(h->db, &rows,
			"SELECT segment, byte_offset, seq FROM plugin_cursor {any} WHERE node = ? AND plugin = "
			"?",
			h->eventd->node, h->name);

	if (err)
		return err;
	if (rows.count == 0)
		return cc_segment_reader_new_recent(&h->reader, h->eventd->journal, 2);
	h->seq = (uint64_t)cc_row_int(&rows.row[0], 2, 0);
	return cc_segment_reader_new(&h->reader, h->eventd->journal, cc_row_str(&rows.row[0], 0),
			cc_row_int(&rows.row[0], 1, 0));
}

static int keep_passed(struct handlers *h, uint64_t seq, const char *event, const char *how)
{
	eventd_log("error: plugin %s: event %llu (%s) is passed: %s", h->name, (unsigned long long)seq,
			event, how);
	return cc_db_exec(h->db,
			"INSERT IGNORE INTO plugin_passed {any} (node, plugin, seq, at, event, how) "
			"VALUES (?, ?, ?, ?, ?, ?)",
			h->eventd->node, h->name, seq, cc_clock_utc_ms(), event, how);
}

/* What the process before this one died at does not come again. */
static int pass_crashed(struct handlers *h)
{
	struct handlers_note *n = h->note;
	int err;

	if (n->seq == 0)
		return 0;
	cc_db_begin(h->db, false);
	err = keep_passed(h, n->seq, n->event, "its handler crashed");
	if (!err)
		err = save_cursor(h, n->segment, n->offset, n->seq);
	if (!err)
		err = cc_db_commit(h->db);
	if (err)
		cc_db_rollback(h->db);
	else
		n->seq = 0;
	return err;
}

/* ---- an event ---- */

static bool is_wanted(const struct handlers *h, const struct cc_record *r, const char *name)
{
	int64_t tenant = r->tenant;

	if (!name || r->time_ms < h->enabled_at || r->seq <= h->seq ||
			!bsearch(&tenant, h->tenant, h->tenants, sizeof(tenant), by_number))
		return false;
	for (const struct cc_event_handler *e = h->file->plugin.events; e && e->event; e++)
		if (strcmp(e->event, "*") == 0 || strcmp(e->event, name) == 0)
			return true;
	return false;
}

static int call_handlers(struct handlers *h, const struct cc_event *event)
{
	const char *before = cc_work_enter(h->file->plugin.name);
	int err = 0;

	for (const struct cc_event_handler *e = h->file->plugin.events; e->event && !err; e++)
		if (strcmp(e->event, "*") == 0 || strcmp(e->event, event->name) == 0)
			err = e->handle(event);
	cc_work_enter(before);
	return err;
}

static void note_begin(struct handlers *h, const struct cc_event *event)
{
	struct handlers_note *n = h->note;
	char what[80];

	snprintf(what, sizeof(what), "event %llu %s", (unsigned long long)event->seq, event->name);
	cc_work_on(what);
	snprintf(n->segment, sizeof(n->segment), "%s", cc_segment_reader_segment(h->reader));
	snprintf(n->event, sizeof(n->event), "%s", event->name);
	n->offset = cc_segment_reader_offset(h->reader);
	n->seq = event->seq;
}

/* One transaction: handlers and cursor. CC_E_IO: again later. */
static int handle(struct handlers *h, const struct cc_record *r, const char *name)
{
	struct cc_event event = {
			.name = name,
			.seq = r->seq,
			.time_ms = r->time_ms,
			.tenant = r->tenant,
			.call = r->call,
			.call_seq = r->call_seq,
			.arena = h->arena,
			.db = h->db,
			.settings = h->settings,
	};
	int err, refused = 0;

	event.fields = json_tokener_parse(cc_strndup(h->arena, r->fields, r->fields_len));
	use(h, r->tenant);
	cc_db_begin(h->db, false);
	if (json_object_is_type(event.fields, json_type_object)) {
		note_begin(h, &event);
		err = call_handlers(h, &event);
		h->note->seq = 0;
		if (err && err != CC_E_IO && err != CC_E_STATE) {
			refused = err;
			cc_db_rollback(h->db);
			cc_db_begin(h->db, false);
			err = keep_passed(h, r->seq, name, cc_err_name(refused));
		}
	} else {
		err = keep_passed(h, r->seq, name, "its fields are no object");
	}
	if (!err)
		err = save_cursor(h, cc_segment_reader_segment(h->reader),
				cc_segment_reader_offset(h->reader), r->seq);
	if (!err)
		err = cc_db_commit(h->db);
	if (err)
		cc_db_rollback(h->db);
	json_object_put(event.fields);
	use(h, 0);
	cc_arena_reset(h->arena);
	return err;
}

/* One record; an event that cannot be handled now is tried until it can, or until the end. */
static int take(struct handlers *h, const struct cc_record *r)
{
	const char *name = cc_event_name(r->type);
	int err = 0;

	if (is_wanted(h, r, name)) {
		while ((err = handle(h, r, name)) && !stopping(h)) {
			if (err != CC_E_IO && err != CC_E_STATE)
				return err;
			wait_journal(h, RETRY_MS);
		}
		h->unsaved = 0;
	} else if (++h->unsaved >= SAVE_RECORDS) {
		err = save_here(h);
	}
	if (!err && r->seq > h->seq)
		h->seq = r->seq;
	return err;
}

/* All there is: 0, or an error. */
static int read_on(struct handlers *h)
{
	struct cc_record record;
	const void *bad;
	size_t bad_len;
	int got = 1, err = 0;

	while (!err && !stopping(h) && got != 0) {
		err = follow_switches(h);
		if (err <= 0)
			return err ? err : CC_E_STALE;
		err = 0;
		got = cc_segment_reader_next(h->reader, &record, &bad, &bad_len);
		if (got == 1)
			err = take(h, &record);
		else if (got < 0 && got != CC_E_CORRUPT) /* damaged bytes are the writer's business */
			err = got;
	}
	if (!err && h->unsaved > 0 && (stopping(h) || cc_clock_mono_ms() - h->saved_ms >= SAVE_MS))
		err = save_here(h);
	return err;
}

/* CC_E_STALE: disabled or replaced, the watcher starts what is to run. */
static int go_on(struct handlers *h)
{
	int err = follow_switches(h);

	if (err <= 0)
		return err ? err : CC_E_STALE;
	err = h->reader ? 0 : open_reader(h);
	if (!err)
		err = read_on(h);
	if (!err)
		wait_journal(h, POLL_MS);
	return err;
}

/* The place in the journal is read again when the database is back. */
static int away(struct handlers *h)
{
	if (!h->away_said)
		eventd_log("error: plugin %s: its events wait: %s", h->name, cc_db_error(h->db));
	h->away_said = true;
	cc_segment_reader_free(h->reader);
	h->reader = NULL;
	wait_journal(h, RETRY_MS);
	return 0;
}

static int prepare(struct handlers *h)
{
	char error[CC_PLUGIN_FAULT] = "";
	int err = cc_db_new(&h->db, &h->eventd->database);

	if (!err)
		err = cc_plugin_open(
				&h->file, cc_settings_str(h->settings, "CC_PREFIX"), h->name, error, sizeof(error));
	if (!err)
		err = cc_plugin_start(h->file, h->settings, error, sizeof(error));
	if (err) {
		eventd_log("error: plugin %s: %s", h->name, error[0] ? error : cc_err_name(err));
		return err;
	}
	use(h, 0);
	while ((err = pass_crashed(h)) == CC_E_IO && !stopping(h))
		wait_journal(h, RETRY_MS);
	return err;
}

int handlers_run(
		const struct eventd *eventd, const struct cc_settings *settings, const char *name, int note)
{
	struct handlers *h = calloc(1, sizeof(*h));
	sigset_t mask;
	int err;

	if (!h)
		return CC_E_NOMEM;
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&mask);
	sigaddset(&mask, SIGTERM);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	h->eventd = eventd;
	h->settings = settings;
	h->name = name;
	h->arena = cc_arena_new();
	h->stop = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	h->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	inotify_add_watch(h->inotify, eventd->journal, IN_MODIFY | IN_CREATE | IN_MOVED_TO);
	h->note = mmap(NULL, sizeof(*h->note), PROT_READ | PROT_WRITE, MAP_SHARED, note, 0);
	if (h->note == MAP_FAILED)
		return CC_E_IO;
	cc_work_use(&h->note->work);
	err = prepare(h);
	while (!err && !stopping(h)) {
		err = go_on(h);
		if (err == CC_E_IO)
			err = away(h);
		else
			h->away_said = false;
	}
	if (err && err != CC_E_STALE)
		eventd_log("error: plugin %s: %s %s", name, cc_err_name(err), cc_db_error(h->db));
	cc_segment_reader_free(h->reader);
	cc_plugin_close(h->file);
	cc_db_free(h->db);
	cc_arena_free(h->arena);
	free(h);
	return err == CC_E_STALE ? 0 : err;
}
