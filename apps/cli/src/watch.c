/* SPDX-License-Identifier: GPL-2.0-or-later
 * cc-admin watch: notices what a supervisor that only waits for processes to end cannot see. A
 * process that was stopped (SIGSTOP) is continued; a part that is there but answers nobody is
 * killed, and its supervisor starts it again. It runs as a part itself, as the user of the others.
 */
#include "cli.h"
#include "health.h"

#include <ctype.h>
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cc/clock.h"

#define LOOK_MS 1000
#define STOPPED_MS 1000  /* a process that stands still for that long is continued */
#define PROCESSES_MS 250 /* between two looks at the processes */
#define UNANSWERED 4     /* questions after which a part is killed */
/* A database may have good reasons to be slow, and its death costs everybody. */
#define UNANSWERED_DATABASE 30

struct part
{
	pid_t group;        /* process group, the first process's pid; 0: unknown */
	int64_t stopped_ms; /* since when a process of it is seen to stand still; 0: none */
	int stopped, unanswered;
};

/* As the start of the service noted it (runit), else as the supervisor says (systemd). */
static pid_t group_of(struct cli *cli, const char *name, const struct health *h)
{
	const char *path = cli_path(cli, cc_sprintf(cli->arena, "service/%s/group", name));
	FILE *f = fopen(path, "re");
	int pid = 0;

	if (!f)
		return h->pid;
	if (fscanf(f, "%*s %d", &pid) != 1)
		pid = 0;
	fclose(f);
	return pid;
}

/* State letter and process group of a process; false: it is gone. */
static bool process_state(const char *pid, char *state, int *group)
{
	char path[64], line[512];
	const char *end;
	FILE *f;
	bool good;

	snprintf(path, sizeof(path), "/proc/%.20s/stat", pid);
	f = fopen(path, "re");
	if (!f)
		return false;
	good = fgets(line, sizeof(line), f) != NULL;
	fclose(f);
	end = good ? strrchr(line, ')') : NULL; /* the name may hold anything */
	return end && sscanf(end + 1, " %c %*d %d", state, group) == 2;
}

static struct part *part_of(struct part *parts, int group)
{
	for (size_t i = 0; i < health_parts(); i++)
		if (parts[i].group && parts[i].group == group)
			return &parts[i];
	return NULL;
}

static bool is_due(const struct part *p, int64_t now_ms)
{
	return p->stopped_ms && now_ms - p->stopped_ms >= STOPPED_MS;
}

/* Continues what stands still. Called between two questions too: a stopped database lets everybody
 * else's answers wait, and is not to be found out only after them. */
static void watch_stopped(struct part *parts)
{
	static int64_t seen_ms;
	int64_t now = cc_clock_mono_ms();
	struct dirent *entry;
	DIR *proc;

	if (now - seen_ms < PROCESSES_MS)
		return;
	seen_ms = now;
	for (size_t i = 0; i < health_parts(); i++)
		parts[i].stopped = 0;
	proc = opendir("/proc");
	while (proc && (entry = readdir(proc))) {
		struct part *p;
		char state;
		int group;

		if (!isdigit((unsigned char)entry->d_name[0]) ||
				!process_state(entry->d_name, &state, &group) || state != 'T')
			continue;
		p = part_of(parts, group);
		if (!p)
			continue;
		p->stopped++;
		if (is_due(p, now))
			kill((pid_t)strtol(entry->d_name, NULL, 10), SIGCONT);
	}
	if (proc)
		closedir(proc);
	for (size_t i = 0; i < health_parts(); i++) {
		struct part *p = &parts[i];

		if (p->stopped && is_due(p, now)) {
			printf("%s: %d of its processes stood still and go on now\n", health_name(i),
					p->stopped);
			p->stopped_ms = 0;
		} else if (!p->stopped) {
			p->stopped_ms = 0;
		} else if (!p->stopped_ms) {
			p->stopped_ms = now;
		}
	}
}

static void watch_answers(const char *name, struct part *p, const struct health *h)
{
	int patience = strcmp(name, "mariadb") == 0 ? UNANSWERED_DATABASE : UNANSWERED;

	if (h->healthy || !h->silent) {
		p->unanswered = 0; /* what is not there is the supervisor's business */
		return;
	}
	if (++p->unanswered < patience || !p->group)
		return;
	printf("%s: no answer %d times (%s): it is killed\n", name, p->unanswered, h->detail);
	kill(p->group, SIGKILL);
	p->unanswered = 0;
}

int cmd_watch(struct cli *cli, int argc, char **argv)
{
	struct part *parts = calloc(health_parts(), sizeof(*parts));

	if (!parts)
		return cli_fail("no memory");
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (;;) {
		for (size_t i = 0; i < health_parts(); i++) {
			struct health h = {.brief = true};
			struct part *p = &parts[i];
			pid_t group;

			watch_stopped(parts);
			health_ask(cli, i, &h);
			group = group_of(cli, health_name(i), &h);
			if (group != p->group)
				*p = (struct part){.group = group};
			watch_answers(health_name(i), p, &h);
		}
		cc_arena_reset(cli->arena);
		nanosleep(&(struct timespec){.tv_sec = LOOK_MS / 1000}, NULL);
	}
}
