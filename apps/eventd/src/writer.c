/* SPDX-License-Identifier: GPL-2.0-or-later
 * A batch of records, their effects and the new position are one transaction. The position is read
 * again, and locked, at its begin: whatever happened to an earlier attempt, or another writer did,
 * the database says what is done. */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>
#include "cc/clock.h"
#include "cc/web.h"
#include "effects.h"
#include "writer.h"

#define BATCH_RECORDS 200
#define BATCH_MS 50
#define POLL_MS 1000
#define RETRY_MS 1000
#define REMOVE_MS (3600 * 1000)
#define DEADLOCK_TRIES 5
#define BAD_BYTES_MAX 16384 /* of damage that is kept */

/* What the reader gave: a record, or bytes that are none. */
struct item
{
	bool damaged;
	struct cc_record record;
	size_t len;
	int64_t marked; /* customer, 0 none */
	uint8_t *bytes;
	char segment[40];
	int64_t offset; /* behind it */
};

struct position
{
	char segment[40];
	int64_t offset;
	uint64_t seq;
};

struct writer
{
	const struct eventd *eventd;
	struct cc_db *db;
	struct cc_arena *arena;
	struct cc_segment_reader *reader;
	struct position position; /* as committed */
	struct item items[BATCH_RECORDS];
	size_t count;
	int64_t remove_ms; /* monotonic: when old segments are looked for again */
	int inotify, wake; /* wake: eventfd that asks for the end */
	bool watching, running, away_said;
	pthread_t thread;
	pthread_mutex_t lock; /* of status */
	struct writer_status status;
};

/* ---- waiting ---- */

static bool stopping(struct writer *w)
{
	struct pollfd p = {.fd = w->wake, .events = POLLIN};

	return poll(&p, 1, 0) > 0;
}

static void pause_ms(struct writer *w, int ms)
{
	struct pollfd p = {.fd = w->wake, .events = POLLIN};

	poll(&p, 1, ms);
}

/* Until the journal's folder changes. inotify may miss what other hosts write and an unmounted
 * folder: at most a second. */
static void wait_journal(struct writer *w)
{
	struct pollfd p[] = {{.fd = w->wake, .events = POLLIN}, {.fd = w->inotify, .events = POLLIN}};
	char buf[4096] __attribute__((aligned(8)));
	ssize_t n;

	if (!w->watching)
		w->watching = inotify_add_watch(w->inotify, w->eventd->journal,
							  IN_MODIFY | IN_CREATE | IN_MOVED_TO) >= 0;
	poll(p, 2, POLL_MS);
	while ((n = read(w->inotify, buf, sizeof(buf))) > 0)
		for (char *q = buf; q < buf + n;
				q += sizeof(struct inotify_event) + ((struct inotify_event *)q)->len)
			if (((struct inotify_event *)q)->mask & IN_IGNORED)
				w->watching = false;
}

/* ---- reading ---- */

static void drop_batch(struct writer *w)
{
	for (size_t i = 0; i < w->count; i++)
		free(w->items[i].bytes);
	w->count = 0;
}

/* One more item of the batch: 1, 0 if there is none, or an error. */
static int read_item(struct writer *w)
{
	struct item *item = &w->items[w->count];
	const void *bad = NULL;
	size_t bad_len = 0;
	int n = cc_segment_reader_next(w->reader, &item->record, &bad, &bad_len);

	if (n != 1 && n != CC_E_CORRUPT)
		return n;
	item->damaged = n == CC_E_CORRUPT;
	item->marked = 0;
	item->len = item->damaged ? bad_len : item->record.fields_len;
	item->bytes = malloc(item->len + 1);
	if (!item->bytes)
		return CC_E_NOMEM;
	memcpy(item->bytes, item->damaged ? bad : item->record.fields, item->len);
	item->record.fields = (const char *)item->bytes;
	snprintf(item->segment, sizeof(item->segment), "%s", cc_segment_reader_segment(w->reader));
	item->offset = cc_segment_reader_offset(w->reader);
	w->count++;
	return 1;
}

/* Fills the batch until it is full or its first item is BATCH_MS old. */
static int read_batch(struct writer *w)
{
	int64_t first_ms = 0;

	while (w->count < BATCH_RECORDS && !stopping(w)) {
		int n = read_item(w);

		if (n < 0)
			return n;
		if (n > 0) {
			if (w->count == 1)
				first_ms = cc_clock_mono_ms();
			continue;
		}
		if (w->count == 0) {
			wait_journal(w);
		} else {
			int64_t left = first_ms + BATCH_MS - cc_clock_mono_ms();

			if (left <= 0)
				break;
			pause_ms(w, (int)left);
		}
	}
	return 0;
}

/* ---- writing ---- */

static void say_status(struct writer *w, bool database, int quarantined)
{
	if (!database && !w->away_said)
		eventd_log(
				"error: the database is away, events wait in the journal: %s", cc_db_error(w->db));
	if (database && w->away_said)
		eventd_log("the database is back");
	w->away_said = !database;
	pthread_mutex_lock(&w->lock);
	memcpy(w->status.segment, w->position.segment, sizeof(w->status.segment));
	w->status.offset = w->position.offset;
	w->status.seq = w->position.seq;
	w->status.quarantined += quarantined;
	w->status.database = database;
	pthread_mutex_unlock(&w->lock);
}

static int quarantine(struct writer *w, const struct item *item, const char *why)
{
	char reason[EFFECTS_REASON];
	uint8_t encoded[CC_JOURNAL_RECORD_MAX];
	struct cc_bytes bytes = {item->bytes, item->len < BAD_BYTES_MAX ? item->len : BAD_BYTES_MAX};
	int64_t start = item->offset - (int64_t)item->len;
	int err;

	snprintf(reason, sizeof(reason), "%s", why);
	for (char *c = reason; *c; c++) /* words of the server may quote what is not UTF-8 */
		if (*c < 0x20 || *c == 0x7F)
			*c = '?';
	if (!item->damaged) {
		int n = cc_record_encode(&item->record, encoded, sizeof(encoded));

		if (n < 0)
			return n;
		bytes = (struct cc_bytes){encoded, (size_t)n};
		start = item->offset - n;
	}
	eventd_log(
			"error: %s, offset %lld is quarantined: %s", item->segment, (long long)start, reason);
	err = cc_db_exec(w->db,
			"INSERT INTO journal_quarantine (node, segment, byte_offset, reason, record, at) "
			"VALUES (?, "
			"?, ?, ?, ?, ?){any}",
			w->eventd->node, item->segment, start, reason, bytes, cc_clock_utc_ms());
	return err == CC_E_EXIST ? 0 : err;
}

/* Reads the position that is committed and locks it until the end of the transaction. */
static int lock_position(struct writer *w, struct position *p)
{
	struct cc_rows rows = {0};
	int err = cc_db_query(w->db, &rows,
			"SELECT segment, byte_offset, seq FROM journal_position WHERE node = ? FOR UPDATE{any}",
			w->eventd->node);

	if (!err && rows.count == 0) {
		err = cc_db_exec(w->db,
				"INSERT INTO journal_position (node, segment, byte_offset, seq) VALUES (?, '', 0, "
				"0){any}",
				w->eventd->node);
		*p = (struct position){.seq = 0};
		return err == CC_E_EXIST ? CC_E_STATE : err;
	}
	if (err)
		return err;
	snprintf(p->segment, sizeof(p->segment), "%s", cc_row_str(&rows.row[0], 0));
	p->offset = cc_row_int(&rows.row[0], 1, 0);
	p->seq = (uint64_t)cc_row_int(&rows.row[0], 2, 0);
	return 0;
}

static bool same_position(const struct position *a, const struct position *b)
{
	return strcmp(a->segment, b->segment) == 0 && a->offset == b->offset;
}

static int save_position(struct writer *w, const struct position *p)
{
	return cc_db_exec(w->db,
			"UPDATE journal_position SET segment = ?, byte_offset = ?, seq = ? WHERE node = ?{any}",
			p->segment, p->offset, p->seq, w->eventd->node);
}

/* Moves the position behind an item. */
static void advance(struct position *p, const struct item *item)
{
	if (!item->damaged && item->record.seq > p->seq) {
		if (p->seq > 0 && item->record.seq != p->seq + 1)
			eventd_log("warning: %s: sequence numbers %llu to %llu are missing", item->segment,
					(unsigned long long)p->seq + 1, (unsigned long long)item->record.seq - 1);
		p->seq = item->record.seq;
	}
	memcpy(p->segment, item->segment, sizeof(p->segment));
	p->offset = item->offset;
}

/* A number that is done never counts again. */
static bool is_new(const struct item *item, uint64_t seq)
{
	return !item->damaged && item->record.seq > seq;
}

/* The records of the items as event rows. */
static int keep_items(
		struct writer *w, struct effects *effects, size_t from, size_t to, uint64_t seq)
{
	const struct cc_record *records[BATCH_RECORDS];
	size_t count = 0;

	for (size_t i = from; i < to; i++)
		if (is_new(&w->items[i], seq)) {
			records[count++] = &w->items[i].record;
			seq = w->items[i].record.seq;
		}
	return effects_keep(effects, records, count);
}

/* What they say. */
static int apply_items(struct writer *w, struct effects *effects, size_t from, size_t to,
		struct position *p, int *quarantined)
{
	int err = 0;

	for (size_t i = from; i < to && !err; i++) {
		struct item *item = &w->items[i];
		char reason[EFFECTS_REASON] = "not a record";

		if (item->damaged)
			err = CC_E_CORRUPT;
		else if (is_new(item, p->seq))
			err = effects_apply(effects, &item->record, &item->marked, reason);
		if (err == CC_E_CORRUPT) {
			err = quarantine(w, item, reason);
			++*quarantined;
		}
		advance(p, item);
	}
	return err;
}

/* One that the database does not take: it is kept without effects, if that is possible. */
static int refuse_item(struct writer *w, struct effects *effects, const struct item *item,
		struct position *p, const char *reason, int *quarantined)
{
	const struct cc_record *record = &item->record;
	int err = item->damaged ? 0 : effects_keep(effects, &record, 1);

	if (!err || err == CC_E_EXIST || err == CC_E_INVAL || err == CC_E_RANGE)
		err = quarantine(w, item, reason);
	++*quarantined;
	advance(p, item);
	return err;
}

/* Items from..to as one transaction. refused: the database does not take the only one, its words
 * are the reason; it is kept without effects then. CC_E_STALE: the position is not where the batch
 * begins. */
static int commit_items(struct writer *w, size_t from, size_t to, const char *refused)
{
	struct effects effects = {.db = w->db, .arena = w->arena, .node = w->eventd->node};
	struct position p = {.seq = 0};
	int quarantined = 0, err;

	cc_arena_reset(w->arena);
	cc_db_begin(w->db, false);
	err = lock_position(w, &p);
	if (!err && !same_position(&p, &w->position)) {
		w->position = p;
		err = CC_E_STALE;
	}
	if (!err && refused) {
		err = refuse_item(w, &effects, &w->items[from], &p, refused, &quarantined);
	} else if (!err) {
		err = keep_items(w, &effects, from, to, p.seq);
		if (err == CC_E_EXIST && to - from == 1) { /* it was kept before: nothing changes */
			advance(&p, &w->items[from]);
			err = 0;
		} else if (!err) {
			err = apply_items(w, &effects, from, to, &p, &quarantined);
		}
	}
	if (!err)
		err = effects_finish(&effects);
	if (!err)
		err = save_position(w, &p);
	if (!err)
		err = cc_db_commit(w->db);
	if (err) {
		cc_db_rollback(w->db);
		return err;
	}
	w->position = p;
	say_status(w, true, quarantined);
	return 0;
}

/* Pages that show customers who were just marked. */
static void tell_marks(struct writer *w)
{
	char id[24];

	for (size_t i = 0; i < w->count; i++) {
		if (!w->items[i].marked)
			continue;
		snprintf(id, sizeof(id), "%lld", (long long)w->items[i].marked);
		if (cc_changed_now(w->eventd->socket, w->items[i].record.tenant, "mark", id))
			eventd_log("warning: open pages do not know of a mark");
	}
}

static int commit_retrying(struct writer *w, size_t from, size_t to, const char *refused)
{
	int err = CC_E_STATE;

	for (int i = 0; err == CC_E_STATE && i < DEADLOCK_TRIES; i++)
		err = commit_items(w, from, to, refused);
	/* out of luck, out of memory: wait like for a database that is away */
	return err == CC_E_STATE || err == CC_E_NOMEM ? CC_E_IO : err;
}

/* The batch at once; if the database refuses something in it, one by one, and what it refuses is
 * quarantined. */
static int write_batch(struct writer *w)
{
	int err = commit_retrying(w, 0, w->count, NULL);

	if (!err || err == CC_E_IO || err == CC_E_STALE)
		return err;
	for (size_t i = 0; i < w->count; i++) {
		char reason[EFFECTS_REASON];

		err = commit_retrying(w, i, i + 1, NULL);
		if (err && err != CC_E_IO && err != CC_E_STALE) {
			snprintf(reason, sizeof(reason), "database: %s", cc_db_error(w->db));
			err = commit_retrying(w, i, i + 1, reason);
		}
		if (err)
			return err;
	}
	return 0;
}

/* The reader at the committed position. */
static int open_reader(struct writer *w)
{
	struct position p;
	int err;

	cc_arena_reset(w->arena);
	cc_db_begin(w->db, false);
	err = lock_position(w, &p);
	if (!err)
		err = cc_db_commit(w->db);
	if (err) {
		cc_db_rollback(w->db);
		return err;
	}
	w->position = p;
	say_status(w, true, 0);
	cc_segment_reader_free(w->reader);
	w->reader = NULL;
	return cc_segment_reader_new(&w->reader, w->eventd->journal, p.segment, p.offset);
}

static void remove_old(struct writer *w)
{
	int64_t now_ms = cc_clock_mono_ms();
	int n;

	if (w->eventd->keep_ms == 0 || now_ms < w->remove_ms)
		return;
	w->remove_ms = now_ms + REMOVE_MS;
	n = cc_segments_remove(
			w->eventd->journal, w->position.segment, cc_clock_utc_ms() - w->eventd->keep_ms);
	if (n < 0)
		eventd_log("error: old segments cannot be removed: %s", strerror(errno));
}

/* Begins again where the database says. */
static void restart(struct writer *w)
{
	drop_batch(w);
	cc_segment_reader_free(w->reader);
	w->reader = NULL;
}

static void *writer_main(void *arg)
{
	struct writer *w = arg;

	cc_db_use(w->db, w->arena, &(struct cc_scope){.agent = ""});
	while (!stopping(w)) {
		int err;

		if (!w->reader && open_reader(w)) {
			say_status(w, false, 0);
			pause_ms(w, RETRY_MS);
			continue;
		}
		err = read_batch(w);
		if (err) {
			eventd_log("error: %s: %s", w->eventd->journal,
					err == CC_E_IO ? strerror(errno) : cc_err_name(err));
			pause_ms(w, RETRY_MS);
			restart(w);
			continue;
		}
		if (w->count == 0)
			continue;
		err = write_batch(w);
		if (err == CC_E_IO) { /* the same batch again, unless the position says that it was done */
			say_status(w, false, 0);
			pause_ms(w, RETRY_MS);
		} else if (err) {
			restart(w);
		} else {
			tell_marks(w);
			drop_batch(w);
			remove_old(w);
		}
	}
	return NULL;
}

int writer_new(struct writer **out, const struct eventd *eventd)
{
	struct writer *w = calloc(1, sizeof(*w));
	int err;

	if (!w)
		return CC_E_NOMEM;
	w->eventd = eventd;
	w->arena = cc_arena_new();
	w->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	w->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	pthread_mutex_init(&w->lock, NULL);
	err = cc_db_new(&w->db, &eventd->database);
	if (!err && (w->inotify < 0 || w->wake < 0 ||
						pthread_create(&w->thread, NULL, writer_main, w) != 0))
		err = CC_E_IO;
	if (err) {
		writer_free(w);
		return err;
	}
	w->running = true;
	*out = w;
	return 0;
}

void writer_free(struct writer *w)
{
	if (!w)
		return;
	if (w->running && eventfd_write(w->wake, 1) == 0)
		pthread_join(w->thread, NULL);
	drop_batch(w);
	cc_segment_reader_free(w->reader);
	cc_db_free(w->db);
	cc_arena_free(w->arena);
	if (w->inotify >= 0)
		close(w->inotify);
	if (w->wake >= 0)
		close(w->wake);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

void writer_status(struct writer *w, struct writer_status *status)
{
	pthread_mutex_lock(&w->lock);
	*status = w->status;
	pthread_mutex_unlock(&w->lock);
}
