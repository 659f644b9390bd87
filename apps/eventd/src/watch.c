/* SPDX-License-Identifier: GPL-2.0-or-later
 * Starts a process for each enabled plugin that has event handlers, and looks after them. */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "cc/clock.h"
#include "cc/err.h"
#include "handlers.h"

#define CHILDREN_MAX 64
#define TICK_MS 200
#define LOOK_MS 1000
#define PAUSE_MS 5000 /* after one that could not go on */

extern char **environ;

struct child
{
	char name[CC_PLUGIN_NAME + 1];
	pid_t pid; /* 0: does not run */
	bool wanted;
	int fd; /* of note */
	struct handlers_note *note;
	int64_t start_at_ms; /* monotonic */
};

struct watch
{
	const struct eventd *eventd;
	const char *settings_path;
	struct cc_db *db;
	struct cc_arena *arena;
	struct child child[CHILDREN_MAX];
	size_t children;
	int64_t generation, looked_ms;
	int wake; /* eventfd that asks for the end */
	bool running;
	pthread_t thread;
};

static struct child *find(struct watch *w, const char *name)
{
	struct child *c;

	for (size_t i = 0; i < w->children; i++)
		if (strcmp(w->child[i].name, name) == 0)
			return &w->child[i];
	if (w->children == CHILDREN_MAX || strlen(name) > CC_PLUGIN_NAME)
		return NULL;
	c = &w->child[w->children];
	*c = (struct child){.fd = memfd_create("handlers", 0)}; /* the child inherits it */
	if (c->fd < 0 || ftruncate(c->fd, sizeof(*c->note)) != 0)
		return NULL;
	c->note = mmap(NULL, sizeof(*c->note), PROT_READ | PROT_WRITE, MAP_SHARED, c->fd, 0);
	if (c->note == MAP_FAILED)
		return NULL;
	snprintf(c->name, sizeof(c->name), "%s", name);
	w->children++;
	return c;
}

/* Which plugins are to run. */
static int look(struct watch *w)
{
	struct cc_rows rows;
	int64_t generation;
	int err = cc_registry_generation(w->db, &generation);

	if (err || generation == w->generation)
		return err;
	err = cc_db_query(w->db, &rows,
			"SELECT name FROM plugin {any} WHERE state = 'enabled' AND kind = 'plugin' "
			"AND LOCATE(' eventd ', hosts)");
	if (err)
		return err;
	for (size_t i = 0; i < w->children; i++)
		w->child[i].wanted = false;
	for (size_t i = 0; i < rows.count; i++) {
		struct child *c = find(w, cc_row_str(&rows.row[i], 0));

		if (c)
			c->wanted = true;
		else
			eventd_log("error: plugin %s: no room for its handlers", cc_row_str(&rows.row[i], 0));
	}
	w->generation = generation;
	return 0;
}

/* vfork under the hood: nothing of this process's threads matters to the child. */
static void start(struct watch *w, struct child *c)
{
	char fd[16];
	char *argv[] = {(char[]){"cc-eventd"}, (char[]){"-c"}, (char *)w->settings_path, (char[]){"-p"},
			c->name, (char[]){"-n"}, fd, NULL};
	posix_spawnattr_t attr;
	sigset_t none;
	int err;

	snprintf(fd, sizeof(fd), "%d", c->fd);
	sigemptyset(&none);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
	err = posix_spawn(&c->pid, "/proc/self/exe", NULL, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	if (err) {
		eventd_log("error: plugin %s: its handlers do not start: %s", c->name, strerror(err));
		c->pid = 0;
		c->start_at_ms = cc_clock_mono_ms() + PAUSE_MS;
	}
}

static void ended(struct watch *w, struct child *c, int status)
{
	const char *how = WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "it ended the process";
	bool disabled = false;

	c->pid = 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return;
	if (!c->note->work.plugin[0]) { /* not the plugin's code */
		c->start_at_ms = cc_clock_mono_ms() + PAUSE_MS;
		return;
	}
	eventd_log("error: plugin %s: crashed at %s (%s)", c->name, c->note->work.what, how);
	if (cc_registry_crashed(
				w->db, c->name, "eventd", c->note->work.what, how, cc_clock_utc_ms(), &disabled))
		eventd_log("error: plugin %s: its crash was not kept: %s", c->name, cc_db_error(w->db));
	if (disabled) {
		eventd_log("error: plugin %s: crashed %d times within %d minutes, disabled", c->name,
				CC_CRASHES_MAX, (int)(CC_CRASHES_MS / 60000));
		c->wanted = false;
		c->note->seq = 0;
	}
	c->note->work.plugin[0] = '\0';
}

static void reap(struct watch *w)
{
	for (size_t i = 0; i < w->children; i++) {
		struct child *c = &w->child[i];
		int status;

		if (c->pid > 0 && waitpid(c->pid, &status, WNOHANG) == c->pid)
			ended(w, c, status);
	}
}

/* Processes that still run. */
static size_t drive(struct watch *w, bool stopping)
{
	size_t running = 0;

	for (size_t i = 0; i < w->children; i++) {
		struct child *c = &w->child[i];

		if (c->pid > 0 && (stopping || !c->wanted))
			kill(c->pid, SIGTERM);
		else if (c->pid == 0 && !stopping && c->wanted && cc_clock_mono_ms() >= c->start_at_ms)
			start(w, c);
		running += c->pid > 0;
	}
	return running;
}

static void *watch_main(void *arg)
{
	struct watch *w = arg;
	struct pollfd p = {.fd = w->wake, .events = POLLIN};
	bool stopping = false;

	cc_db_use(w->db, w->arena, &(struct cc_scope){.agent = ""});
	for (;;) {
		int64_t now = cc_clock_mono_ms();

		reap(w);
		/* while the database is away what runs goes on */
		if (!stopping && now - w->looked_ms >= LOOK_MS) {
			look(w);
			w->looked_ms = now;
			cc_arena_reset(w->arena);
		}
		if (drive(w, stopping) == 0 && stopping)
			return NULL;
		if (stopping)
			poll(NULL, 0, TICK_MS / 4);
		else
			stopping = poll(&p, 1, TICK_MS) > 0;
	}
}

int watch_new(struct watch **out, const struct eventd *eventd, const char *settings_path)
{
	struct watch *w = calloc(1, sizeof(*w));
	int err;

	if (!w)
		return CC_E_NOMEM;
	w->eventd = eventd;
	w->settings_path = settings_path;
	w->arena = cc_arena_new();
	w->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	w->looked_ms = -LOOK_MS;
	err = cc_db_new(&w->db, &eventd->database);
	if (!err && (w->wake < 0 || pthread_create(&w->thread, NULL, watch_main, w) != 0))
		err = CC_E_IO;
	if (err) {
		watch_free(w);
		return err;
	}
	w->running = true;
	*out = w;
	return 0;
}

void watch_free(struct watch *w)
{
	if (!w)
		return;
	if (w->running && eventfd_write(w->wake, 1) == 0)
		pthread_join(w->thread, NULL);
	for (size_t i = 0; i < w->children; i++) {
		munmap(w->child[i].note, sizeof(*w->child[i].note));
		close(w->child[i].fd);
	}
	cc_db_free(w->db);
	cc_arena_free(w->arena);
	if (w->wake >= 0)
		close(w->wake);
	free(w);
}
