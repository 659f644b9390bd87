/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "job.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "cc/clock.h"
#include "cc/err.h"
#include "cc/plugins.h"

#define DAY_MS (24 * 3600 * 1000LL)
#define HEARTBEAT_MS 5000
#define ASK_MS 1000   /* is it cancelled? */
#define LOST_MS 60000 /* without a heartbeat that long the owner is gone */
#define ATTEMPTS 3
#define POLL_MS 200
#define PLATFORM 1 /* tenant of scheduled jobs */

/* The job r of a plugin does not belong to a module that the tenant has not. */
#define NOT_WITHHELD(tenant)                                                                       \
	"NOT EXISTS (SELECT 1 FROM plugin m LEFT JOIN plugin_tenant o ON o.tenant_id = " tenant        \
	" AND o.plugin = m.name WHERE m.permissions <> '' AND r.kind LIKE CONCAT(m.permissions, '%') " \
	"AND COALESCE(o.off, 1) = 1)"

struct jobd
{
	const struct cc_settings *settings;
	const struct cc_job_kind *kinds;
	struct cc_arena *arena;
	struct cc_db *db;
	unsigned claims;
	char owner[64], error[512];
};

static int open_database(const struct cc_settings *settings, struct cc_arena *arena, int64_t tenant,
		struct cc_db **db)
{
	static char socket[256];
	const struct cc_db_options options = {
			.socket = socket,
			.user = cc_settings_db_user(settings, "apps"),
			.database = cc_settings_str(settings, "CC_DB_NAME"),
	};
	const struct cc_scope scope = {.tenant = tenant, .agent = ""};
	int err = cc_settings_path(settings, "sock/mysql.sock", socket, sizeof(socket));

	if (err >= 0)
		err = cc_db_new(db, &options);
	if (!err)
		cc_db_use(*db, arena, &scope);
	return err;
}

int jobd_new(struct jobd **out, const struct cc_settings *settings, const struct cc_job_kind *kinds)
{
	struct jobd *d = calloc(1, sizeof(*d));
	int err = d ? 0 : CC_E_NOMEM;

	if (err)
		return err;
	d->settings = settings;
	d->kinds = kinds;
	d->arena = cc_arena_new();
	err = open_database(settings, d->arena, PLATFORM, &d->db);
	if (err) {
		jobd_free(d);
		return err;
	}
	*out = d;
	return 0;
}

void jobd_free(struct jobd *d)
{
	if (!d)
		return;
	cc_db_free(d->db);
	cc_arena_free(d->arena);
	free(d);
}

const char *jobd_error(const struct jobd *d)
{
	return d->error;
}

/* Another one was faster: nothing of it has happened, and it is tried again. */
static int check(struct jobd *d, int err)
{
	if (err == CC_E_STATE && cc_db_deadlocked(d->db))
		return 0;
	if (err)
		snprintf(d->error, sizeof(d->error), "%s", cc_db_error(d->db));
	return err;
}

/* The unique slot makes it one job a day however many daemons there are. */
static int schedule(struct jobd *d, int64_t now_ms)
{
	int err = 0;

	for (const struct cc_job_kind *k = d->kinds; k->name && !err; k++) {
		int64_t slot = now_ms / DAY_MS * DAY_MS + k->daily_at_min * 60000LL;

		if (k->daily_at_min < 0 || now_ms < slot)
			continue;
		err = cc_db_exec(d->db,
				"INSERT IGNORE INTO job (tenant_id, kind, slot, created_at) VALUES ({tenant}, ?, "
				"?, ?)",
				k->name, slot, now_ms);
	}
	if (!err)
		err = cc_db_exec(d->db,
				"INSERT IGNORE INTO job {any} (tenant_id, kind, slot, created_at) "
				"SELECT t.tenant_id, r.kind, ? + r.daily_at_min * 60000, ? FROM registry_job r "
				"JOIN plugin_tenant t ON t.plugin = r.component AND t.off = 0 "
				"WHERE " NOT_WITHHELD("t.tenant_id") " AND r.daily_at_min >= 0 AND ? >= ? + "
													 "r.daily_at_min * 60000",
				now_ms / DAY_MS * DAY_MS, now_ms, now_ms, now_ms / DAY_MS * DAY_MS);
	return check(d, err);
}

static int take_back(struct jobd *d, int64_t now_ms)
{
	int64_t lost = now_ms - LOST_MS;
	int err = cc_db_exec(d->db,
			"UPDATE {any} job SET state = 'failed', error = 'its process was lost too often', "
			"ended_at = ? "
			"WHERE state = 'running' AND heartbeat_at < ? AND attempts >= ?",
			now_ms, lost, ATTEMPTS);

	if (!err)
		err = cc_db_exec(d->db,
				"UPDATE {any} job SET state = 'waiting', owner = NULL "
				"WHERE state = 'running' AND heartbeat_at < ?",
				lost);
	return check(d, err);
}

/* 1: job is filled in and ours; 0: none waits. */
static int claim(struct jobd *d, int64_t now_ms, struct cc_job *job)
{
	int64_t places = cc_settings_int(d->settings, "CC_JOBS");
	struct cc_rows rows;
	char host[64] = "";
	int err;

	snprintf(d->owner, sizeof(d->owner), "%lld-%d-%u",
			(long long)cc_settings_int(d->settings, "CC_NODE"), (int)getpid(), ++d->claims);
	if (gethostname(host, sizeof(host) - 1) != 0)
		host[0] = '\0';
	/* the last place is for another tenant: whoever orders much does not keep others waiting */
	err = cc_db_exec(d->db,
			"UPDATE {any} job SET state = 'running', owner = ?, server = ?, heartbeat_at = ?, "
			"started_at = ?, attempts = attempts + 1, progress = 0, ok = 0, bad = 0, error = '' "
			"WHERE state = 'waiting' AND not_before <= ? AND tenant_id NOT IN (SELECT b.tenant_id "
			"FROM (SELECT r.tenant_id FROM job r WHERE r.state = 'running' GROUP BY r.tenant_id "
			"HAVING COUNT(*) >= ?) b) ORDER BY not_before, id LIMIT 1",
			d->owner, host, now_ms, now_ms, now_ms, places > 1 ? places - 1 : 1);
	if (err || cc_db_affected(d->db) == 0)
		return check(d, err);
	err = cc_db_query(d->db, &rows,
			"SELECT {any} tenant_id, id, kind, COALESCE(parameters, '') FROM job WHERE owner = ?",
			d->owner);
	if (err || rows.count == 0)
		return check(d, err);
	*job = (struct cc_job){
			.tenant = cc_row_int(&rows.row[0], 0, 0),
			.id = cc_row_int(&rows.row[0], 1, 0),
			.kind = cc_row_str(&rows.row[0], 2),
			.parameters = cc_row_str(&rows.row[0], 3),
			.settings = d->settings,
	};
	return 1;
}

/* ---- the child ---- */

struct outcome
{
	int err, signal; /* signal: that it died by, of itself */
	bool cancelled;
	char result[CC_JOB_TEXT], error[CC_JOB_TEXT];
};

__attribute__((noreturn)) static void run_child(
		const struct cc_job_kind *kind, struct cc_job *job, pid_t parent, int report)
{
	struct outcome outcome = {0};

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	job->arena = cc_arena_new();
	outcome.err = open_database(job->settings, job->arena, job->tenant, &job->db);
	if (!outcome.err)
		outcome.err = kind->run(job);
	memcpy(outcome.result, job->result, sizeof(outcome.result));
	memcpy(outcome.error, job->error, sizeof(outcome.error));
	if (outcome.err && !outcome.error[0])
		snprintf(outcome.error, sizeof(outcome.error), "%s", cc_err_name(outcome.err));
	/* shorter than a pipe holds, so this does not wait */
	_exit(write(report, &outcome, sizeof(outcome)) == sizeof(outcome) ? 0 : 1);
}

static void heartbeat(struct jobd *d)
{
	cc_db_exec(d->db, "UPDATE {any} job SET heartbeat_at = ? WHERE owner = ? AND state = 'running'",
			cc_clock_utc_ms(), d->owner);
}

/* Somebody asked on the page for its end. */
static bool is_cancelled(struct jobd *d)
{
	struct cc_rows rows;

	return !cc_db_query(d->db, &rows, "SELECT {any} cancel FROM job WHERE owner = ?", d->owner) &&
		   rows.count && cc_row_int(&rows.row[0], 0, 0);
}

/* Waits for the child to end by itself, by its limit, by *stop or because it is cancelled. 1:
 * outcome is what it said; 0: stopped before that. */
static int attend(struct jobd *d, const struct cc_job_kind *kind, pid_t child, int report,
		const volatile sig_atomic_t *stop, struct outcome *outcome)
{
	int64_t begun = cc_clock_mono_ms(), beat = begun, asked = begun, now;
	bool killed = false, stopped = false, cancelled = false;
	int status;

	while (waitpid(child, &status, WNOHANG) == 0) {
		poll(NULL, 0, POLL_MS);
		now = cc_clock_mono_ms();
		if (now - beat >= HEARTBEAT_MS) {
			heartbeat(d);
			beat = now;
		}
		if (!cancelled && now - asked >= ASK_MS) {
			cancelled = is_cancelled(d) && kill(child, SIGKILL) == 0;
			asked = now;
		}
		if (!killed && now - begun >= kind->limit_s * 1000LL)
			killed = kill(child, SIGKILL) == 0;
		if (!stopped && *stop)
			stopped = kill(child, SIGTERM) == 0;
	}
	if (read(report, outcome, sizeof(*outcome)) == sizeof(*outcome))
		return 1;
	*outcome = (struct outcome){
			.err = CC_E_STATE,
			.cancelled = cancelled,
			.signal = WIFSIGNALED(status) && !killed && !cancelled ? WTERMSIG(status) : 0,
	};
	if (cancelled)
		outcome->error[0] = '\0';
	else if (killed)
		snprintf(outcome->error, sizeof(outcome->error), "took longer than %d s", kind->limit_s);
	else
		snprintf(outcome->error, sizeof(outcome->error), "its process ended (%s %d)",
				WIFSIGNALED(status) ? "signal" : "exit code",
				WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	return !stopped;
}

static int run(struct jobd *d, const struct cc_job_kind *kind, struct cc_job *job,
		const volatile sig_atomic_t *stop, struct outcome *outcome)
{
	pid_t parent = getpid(), child;
	int report[2], ended;

	if (pipe(report) != 0) {
		snprintf(outcome->error, sizeof(outcome->error), "pipe: %s", strerror(errno));
		outcome->err = CC_E_IO;
		return 1;
	}
	child = fork();
	if (child == 0) {
		close(report[0]);
		run_child(kind, job, parent, report[1]);
	}
	close(report[1]);
	if (child < 0) {
		snprintf(outcome->error, sizeof(outcome->error), "fork: %s", strerror(errno));
		outcome->err = CC_E_IO;
		ended = 1;
	} else {
		ended = attend(d, kind, child, report[0], stop, outcome);
	}
	close(report[0]);
	return ended;
}

/* ---- jobs of plugins ---- */

/* In the child. */
static int run_in_plugin(struct cc_job *job)
{
	char name[CC_PLUGIN_NAME + 1];
	struct cc_plugin_file *file = NULL;
	const struct cc_job_kind *kind;
	int err;

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(job->kind, "."), job->kind);
	err = cc_plugin_open(&file, cc_settings_str(job->settings, "CC_PREFIX"), name, job->error,
			sizeof(job->error));
	if (!err)
		err = cc_plugin_start(file, job->settings, job->error, sizeof(job->error));
	if (err)
		return err;
	kind = file->plugin.jobs;
	while (kind && kind->name && strcmp(kind->name, job->kind) != 0)
		kind++;
	return kind && kind->name ? kind->run(job) : CC_E_NOENT;
}

/* The kind of a job: one of the core, of a plugin that the tenant has, or of an application. 1, 0
 * if there is none. */
static int find_kind(struct jobd *d, const struct cc_job *job, struct cc_job_kind *kind)
{
	struct cc_rows rows;
	int err;

	for (const struct cc_job_kind *k = d->kinds; k->name; k++)
		if (strcmp(k->name, job->kind) == 0) {
			*kind = *k;
			return 1;
		}
	err = cc_db_query(d->db, &rows,
			"SELECT r.limit_s FROM registry_job r {any} JOIN plugin_tenant t "
			"ON t.plugin = r.component AND t.off = 0 AND t.tenant_id = ? WHERE r.kind = ? "
			"AND " NOT_WITHHELD("t.tenant_id"),
			job->tenant, job->kind);
	if (err)
		return check(d, err);
	if (rows.count == 0) {
		*kind = (struct cc_job_kind){
				.name = job->kind,
				.run = application_run,
				.limit_s = APPLICATION_LIMIT_S,
		};
		return application_has(job);
	}
	*kind = (struct cc_job_kind){
			.name = job->kind,
			.run = run_in_plugin,
			.limit_s = (int)cc_row_int(&rows.row[0], 0, 0),
	};
	return 1;
}

static int keep_crash(struct jobd *d, const struct cc_job *job, int signal)
{
	bool disabled = false;
	char what[100];

	snprintf(what, sizeof(what), "job %s %lld", job->kind, (long long)job->id);
	return cc_registry_crashed(d->db, cc_strndup(d->arena, job->kind, strcspn(job->kind, ".")),
			"jobd", what, strsignal(signal), cc_clock_utc_ms(), &disabled);
}

static int keep_outcome(struct jobd *d, const struct outcome *outcome)
{
	return cc_db_exec(d->db,
			"UPDATE {any} job SET state = ?, result = ?, error = ?, ended_at = ?, owner = NULL "
			"WHERE owner = ?",
			outcome->cancelled ? "cancelled"
			: outcome->err     ? "failed"
							   : "done",
			outcome->result, outcome->error, cc_clock_utc_ms(), d->owner);
}

/* The daemon is to stop: somebody else goes on. */
static int give_back(struct jobd *d)
{
	return cc_db_exec(d->db,
			"UPDATE {any} job SET state = 'waiting', owner = NULL, attempts = attempts - 1 "
			"WHERE owner = ?",
			d->owner);
}

/* After a failed statement: a deadlock is over at once, a database that is away is waited for. */
static bool try_again(struct jobd *d, int *patience_ms)
{
	if (cc_db_deadlocked(d->db))
		return true;
	*patience_ms -= POLL_MS;
	poll(NULL, 0, POLL_MS);
	return *patience_ms > 0;
}

int jobd_round(struct jobd *d, int64_t now_ms, const volatile sig_atomic_t *stop)
{
	struct cc_job_kind kind = {0};
	struct outcome outcome = {0};
	struct cc_job job;
	int ended = 1, got, known, patience_ms = LOST_MS;

	cc_arena_reset(d->arena);
	d->error[0] = '\0';
	got = schedule(d, now_ms);
	if (!got)
		got = take_back(d, now_ms);
	if (!got)
		got = claim(d, now_ms, &job);
	if (got <= 0)
		return got;
	known = find_kind(d, &job, &kind);
	if (known < 0)
		return known;
	if (known) {
		ended = run(d, &kind, &job, stop, &outcome);
		if (outcome.signal && kind.run == run_in_plugin)
			keep_crash(d, &job, outcome.signal);
	} else {
		outcome.err = CC_E_NOENT;
		snprintf(
				outcome.error, sizeof(outcome.error), "this installation has no jobs of that kind");
	}
	do /* what is done must not be done again, however long the database is away */
		got = ended ? keep_outcome(d, &outcome) : give_back(d);
	while (got && try_again(d, &patience_ms));
	return got ? check(d, got) : 1;
}
