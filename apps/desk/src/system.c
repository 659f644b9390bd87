/* SPDX-License-Identifier: GPL-2.0-or-later
 * System status: are the parts up, which versions, calls now, disk, load. What `cc-admin status`
 * finds out is asked of that very program; it takes about a second, so the start page fetches its
 * card apart, and the answer is kept for some seconds: one worker asks, however many look. */
#include "desk.h"

#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>
#include <json-c/json.h>
#include "cc/clock.h"

#define TIMEOUT_MS 6000
#define ANSWER_MAX (64 * 1024)
#define FRESH_S 5

extern char **environ;

/* What the program writes until it ends or the time is over. */
static int read_answer(struct cc_arena *arena, int fd, const char **text)
{
	struct cc_buf b = cc_buf_new(arena);
	int64_t deadline = cc_clock_mono_ms() + TIMEOUT_MS;
	char part[4096];
	for (;;) {
		struct pollfd p = {fd, POLLIN, 0};
		int64_t left = deadline - cc_clock_mono_ms();
		if (left <= 0 || b.len > ANSWER_MAX || poll(&p, 1, (int)left) <= 0)
			return CC_E_TIMEOUT;
		ssize_t n = read(fd, part, sizeof part);
		if (n < 0)
			return CC_E_IO;
		if (!n)
			break;
		cc_buf_add(&b, part, (size_t)n);
	}
	*text = cc_buf_text(&b);
	return 0;
}

static int ask_status(struct cc_request *rq, const char **text)
{
	char conf[512];
	const char *prefix = cc_settings_str(rq->settings, "CC_PREFIX");
	if (cc_settings_path(rq->settings, "etc/tandem.conf", conf, sizeof conf) < 0)
		return CC_E_RANGE;
	char *program = cc_sprintf(rq->arena, "%s/bin/cc-admin", prefix);
	char config[] = "-c", json[] = "--json", verb[] = "status";
	char *argv[] = {program, config, conf, json, verb, NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none;
	int ends[2], err = CC_E_IO;
	pid_t pid;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return CC_E_IO;
	sigemptyset(&none);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, &none); /* a worker blocks TERM, this must not */
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	bool runs = !posix_spawn(&pid, program, &actions, &attributes, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	close(ends[1]);
	if (runs) {
		err = read_answer(rq->arena, ends[0], text);
		if (err)
			kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	close(ends[0]);
	return err;
}

/* What is kept, if it is that young; 0 for any age. */
static bool read_kept(struct cc_request *rq, const char *path, int64_t age_s, const char **text)
{
	struct stat st;
	char part[4096];
	struct cc_buf b = cc_buf_new(rq->arena);
	FILE *f = fopen(path, "re");
	size_t n;
	if (!f)
		return false;
	bool good = !fstat(fileno(f), &st) && (!age_s || rq->now_ms / 1000 - st.st_mtime < age_s);
	while (good && b.len <= ANSWER_MAX && (n = fread(part, 1, sizeof part, f)) > 0)
		cc_buf_add(&b, part, n);
	fclose(f);
	*text = cc_buf_text(&b);
	return good && b.len > 0;
}

static void keep(struct cc_request *rq, const char *path, const char *text)
{
	const char *part = cc_sprintf(rq->arena, "%s.%d", path, (int)getpid());
	FILE *f = fopen(part, "we");
	bool good = f && fputs(text, f) >= 0;
	if (f)
		good = !fclose(f) && good;
	if (!good || rename(part, path))
		unlink(part); /* the next one asks again */
}

static int status_text(struct cc_request *rq, const char **text)
{
	char path[512];
	int err = 0;
	if (cc_settings_path(rq->settings, "data/status.json", path, sizeof path) < 0)
		return CC_E_RANGE;
	if (read_kept(rq, path, FRESH_S, text))
		return 0;
	int lock = open(cc_sprintf(rq->arena, "%s.lock", path), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	bool mine = lock >= 0 && !flock(lock, LOCK_EX | LOCK_NB);
	/* somebody else is asking: what was the last time does meanwhile */
	if (mine || !read_kept(rq, path, 0, text)) {
		err = ask_status(rq, text);
		if (!err)
			keep(rq, path, *text);
	}
	if (lock >= 0)
		close(lock);
	return err;
}

/* What a part is for, in people's words. */
static const char *about(struct cc_request *rq, const char *part)
{
	static const struct
	{
		const char *part, *about;
	} parts[] = {
			{"mariadb", CC_NC("part", "Database")},
			{"redis", CC_NC("part", "Memory of the media edge")},
			{"rtpengine", CC_NC("part", "Voice of the phones")},
			{"mixd", CC_NC("part", "Mixing and prompts")},
			{"recd", CC_NC("part", "Recordings")},
			{"eventd", CC_NC("part", "Events and live pages")},
			{"jobd", CC_NC("part", "Background tasks")},
			{"kamailio", CC_NC("part", "Calls and queues")},
			{"desk", CC_NC("part", "Pages: workbench")},
			{"reports", CC_NC("part", "Pages: reports")},
			{"crm", CC_NC("part", "Pages: customers")},
			{"admin", CC_NC("part", "Pages: administration")},
			{"nginx", CC_NC("part", "Web server")},
			{"watch", CC_NC("part", "Watches the other parts")},
	};
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (!strcmp(parts[i].part, part))
			return cc_tc(rq, "part", parts[i].about);
	return "";
}

static void add_parts(struct cc_request *rq, const char *text, struct cc_value *page)
{
	struct cc_arena *a = rq->arena;
	struct json_object *all = json_tokener_parse(text), *parts = NULL, *v;
	struct cc_value *list = cc_value_add(a, page, "parts", CC_VALUE_LIST);
	int bad = 0;
	if (all)
		json_object_object_get_ex(all, "parts", &parts);
	size_t count =
			json_object_is_type(parts, json_type_array) ? json_object_array_length(parts) : 0;
	for (size_t i = 0; i < count; i++) {
		struct json_object *part = json_object_array_get_idx(parts, i);
		struct cc_value *p = cc_value_add(a, list, NULL, CC_VALUE_MAP);
		static const char *const texts[] = {"part", "version", "detail"};
		for (size_t k = 0; k < 3; k++) {
			const char *s = json_object_object_get_ex(part, texts[k], &v) && v
									? json_object_get_string(v)
									: "";
			cc_value_str(a, p, texts[k], cc_strdup(a, s));
		}
		cc_value_str(a, p, "about", about(rq, cc_value_get(p, "part")->str));
		bool healthy = json_object_object_get_ex(part, "healthy", &v) && json_object_get_boolean(v);
		int64_t since = json_object_object_get_ex(part, "since", &v) ? json_object_get_int64(v) : 0;
		cc_value_bool(a, p, "healthy", healthy);
		cc_value_str(a, p, "since", cc_time_text(rq, since));
		bad += !healthy;
	}
	cc_value_bool(a, page, "known", count > 0);
	cc_value_int(a, page, "parts_count", (int64_t)count);
	cc_value_int(a, page, "healthy_count", (int64_t)count - bad);
	cc_value_bool(a, page, "trouble", bad > 0);
	json_object_put(all);
}

static const char *gigabytes(struct cc_arena *arena, uint64_t bytes)
{
	return cc_sprintf(arena, "%.1f GB", (double)bytes / 1e9);
}

static void add_gauge(struct cc_request *rq, struct cc_value *list, const char *label,
		uint64_t used, uint64_t all)
{
	struct cc_arena *a = rq->arena;
	struct cc_value *v = cc_value_add(a, list, NULL, CC_VALUE_MAP);
	cc_value_str(a, v, "label", label);
	cc_value_int(a, v, "percent", all ? (int64_t)(used * 100 / all) : 0);
	cc_value_str(a, v, "text", cc_sprintf(a, "%s / %s", gigabytes(a, used), gigabytes(a, all)));
}

static void add_machine(struct cc_request *rq, struct cc_value *page)
{
	struct cc_arena *a = rq->arena;
	struct cc_value *gauges = cc_value_add(a, page, "gauges", CC_VALUE_LIST);
	struct statvfs disk;
	double load[3] = {0};
	char folder[512], line[128];
	uint64_t total = 0, available = 0;
	if (cc_settings_path(rq->settings, "data", folder, sizeof folder) >= 0 &&
			!statvfs(folder, &disk))
		add_gauge(rq, gauges, cc_t(rq, "Disk"),
				(uint64_t)(disk.f_blocks - disk.f_bavail) * disk.f_frsize,
				(uint64_t)disk.f_blocks * disk.f_frsize);
	FILE *f = fopen("/proc/meminfo", "re");
	while (f && fgets(line, sizeof line, f)) {
		sscanf(line, "MemTotal: %" SCNu64, &total);
		sscanf(line, "MemAvailable: %" SCNu64, &available);
	}
	if (f)
		fclose(f);
	if (total)
		add_gauge(rq, gauges, cc_t(rq, "Memory"), (total - available) * 1024, total * 1024);
	if (getloadavg(load, 3) < 3)
		load[0] = 0;
	cc_value_str(
			a, page, "load", cc_sprintf(a, "%.2f / %ld", load[0], sysconf(_SC_NPROCESSORS_ONLN)));
}

static void add_calls(struct cc_request *rq, struct cc_value *page)
{
	struct json_object *result, *list;
	int64_t calls = -1;
	if (!cc_engine_call(rq, "cc.calls", false, "", &result, NULL) &&
			json_object_object_get_ex(result, "calls", &list) &&
			json_object_is_type(list, json_type_array))
		calls = (int64_t)json_object_array_length(list);
	cc_value_str(
			rq->arena, page, "calls", calls < 0 ? "–" : cc_sprintf(rq->arena, "%" PRId64, calls));
}

int desk_system(struct cc_request *rq)
{
	const char *text = "";
	/* of the machine that all share: not for people of a narrower scope */
	if (rq->user->scope != CC_SCOPE_ALL)
		return CC_E_DENIED;
	if (status_text(rq, &text))
		text = "";
	struct cc_value *page = cc_page(rq, cc_t(rq, "System status"));
	add_parts(rq, text, page);
	add_machine(rq, page);
	add_calls(rq, page);
	return cc_page_send(rq, cc_query(rq, "card") ? "desk/system-card" : "desk/system", page);
}
