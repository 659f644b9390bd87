/* SPDX-License-Identifier: GPL-2.0-or-later
 * The journal's writer: moves records from the ring to segments and syncs them. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "core/dprint.h"

#include "cc/clock.h"
#include "cc/err.h"
#include "cc/journal.h"
#include "cc/jsonw.h"
#include "engine.h"
#include "procs.h"

#define SYNC_MS 100
#define DISK_CHECK_MS 1000
#define RETRY_MS 200
#define LINGER_MS                                                                                  \
	300 /* at the end: the other processes are stopping too and may still put records */

static volatile sig_atomic_t stopping;

static void on_term(int signo)
{
	(void)signo;
	stopping = 1;
}

static void alarm_put(const char *code, const char *text, bool on)
{
	char buf[256];
	struct cc_jsonw w;

	cc_jsonw_init(&w, buf, sizeof(buf));
	cc_jsonw_object(&w, NULL);
	cc_jsonw_str(&w, "code", code);
	cc_jsonw_str(&w, "text", text);
	cc_jsonw_bool(&w, "on", on);
	cc_jsonw_close_object(&w);
	if (cc_jsonw_end(&w) > 0)
		cc_engine_journal(0, NULL, CC_EV_ALARM, w.buf, w.len, NULL);
}

static void disk_check(const char *folder, int64_t min_free_mb)
{
	struct statvfs fs;
	bool full;

	if (statvfs(folder, &fs) < 0)
		return;
	full = (int64_t)(fs.f_bavail * (fs.f_frsize >> 10) >> 10) < min_free_mb;
	if (full == cc_engine->disk_full)
		return;
	cc_engine->disk_full = full;
	if (full)
		LM_ERR("less than %lld MiB of disk are free: new calls are refused\n",
				(long long)min_free_mb);
	alarm_put("disk_full", folder, full);
}

static void engine_stop_put(const struct cc_settings *s)
{
	char buf[64];
	int n = snprintf(buf, sizeof(buf), "{\"node\":%d,\"epoch\":%u}",
			(int)cc_settings_int(s, "CC_NODE"), cc_engine->epoch);

	cc_engine_journal(0, NULL, CC_EV_ENGINE_STOP, buf, (size_t)n, NULL);
}

/* Moves all that is in the ring. False: the disk does not take it; it stays in the ring. */
static bool drain(struct cc_segment_writer *writer, bool *dirty)
{
	static char record[CC_JOURNAL_RECORD_MAX + 8];
	int len;

	while ((len = cc_ring_peek(cc_engine_ring, record, sizeof(record))) != 0) {
		int rc;

		if (len == CC_E_CORRUPT) {
			LM_ERR("a broken record in the journal's ring was skipped\n");
			continue;
		}
		if (len < 0) {
			LM_ERR("the journal's ring cannot be read: %s\n", cc_err_name(len));
			return false;
		}
		rc = cc_segment_writer_append(writer, record, (size_t)len);
		if (rc < 0) {
			LM_ERR("the journal cannot be written: %s\n", cc_err_name(rc));
			return false;
		}
		cc_ring_drop(cc_engine_ring);
		*dirty = true;
	}
	return true;
}

void cc_journal_loop(const struct cc_settings *s)
{
	struct timespec pause = {.tv_nsec = RETRY_MS * 1000000L};
	struct sigaction term = {.sa_handler = on_term};
	struct cc_segment_writer *writer = NULL;
	int64_t now, sync_due = 0, disk_due = 0, end = INT64_MAX;
	char folder[256];
	bool dirty = false;
	int rc;

	sigaction(SIGTERM, &term, NULL);
	sigaction(SIGINT, &term, NULL);
	rc = cc_settings_path(s, "data/journal", folder, sizeof(folder));
	if (rc >= 0)
		rc = cc_segment_writer_new(
				&writer, folder, (uint32_t)cc_settings_int(s, "CC_NODE"), cc_engine->epoch);
	if (rc < 0) {
		LM_CRIT("the journal cannot be opened: %s\n", cc_err_name(rc));
		_exit(1);
	}
	for (;;) {
		cc_procs_beat();
		cc_ring_wait(cc_engine_ring, SYNC_MS);
		now = cc_clock_mono_ms();
		if (now >= disk_due) {
			disk_check(folder, cc_settings_int(s, "CC_MIN_FREE_MB"));
			disk_due = now + DISK_CHECK_MS;
		}
		if (!drain(writer, &dirty))
			nanosleep(&pause, NULL);
		if (dirty && now >= sync_due) {
			if (cc_segment_writer_sync(writer) < 0)
				LM_ERR("the journal cannot be synced\n");
			dirty = false;
			sync_due = now + SYNC_MS;
		}
		if (stopping && end == INT64_MAX) {
			cc_engine->stopping = true;
			engine_stop_put(s);
			end = now + LINGER_MS;
		}
		if (now >= end)
			break;
	}
	drain(writer, &dirty);
	cc_segment_writer_sync(writer);
	cc_segment_writer_free(writer);
	_exit(0);
}
