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

#define LOOK_MS 1000
#define STOPPED 2    /* looks after which a stopped process is continued */
#define UNANSWERED 4 /* questions after which a part is killed */
/* A database may have good reasons to be slow, and its death costs everybody. */
#define UNANSWERED_DATABASE 30

struct part
{
	pid_t group; /* process group, the first process's pid; 0: unknown */
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

/* Stopped processes of the group: how many; go_on: sends them on. */
static int stopped_in(pid_t group, bool go_on)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	int count = 0;

	while (proc && (entry = readdir(proc))) {
		char state;
		int of;

		if (!isdigit((unsigned char)entry->d_name[0]) ||
				!process_state(entry->d_name, &state, &of) || of != group || state != 'T')
			continue;
		count++;
		if (go_on)
			kill((pid_t)strtol(entry->d_name, NULL, 10), SIGCONT);
	}
	if (proc)
		closedir(proc);
	return count;
}

static void watch_stopped(const char *name, struct part *p)
{
	int count = p->group ? stopped_in(p->group, p->stopped + 1 >= STOPPED) : 0;

	if (count == 0) {
		p->stopped = 0;
		return;
	}
	if (++p->stopped < STOPPED)
		return;
	printf("%s: %d of its processes stood still and go on now\n", name, count);
	p->stopped = 0;
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
		/* all of them first: what was only stopped need not be asked in vain */
		for (size_t i = 0; i < health_parts(); i++)
			watch_stopped(health_name(i), &parts[i]);
		for (size_t i = 0; i < health_parts(); i++) {
			struct health h = {.brief = true};
			struct part *p = &parts[i];
			pid_t group;

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
