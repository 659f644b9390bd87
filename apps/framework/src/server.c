/* SPDX-License-Identifier: GPL-2.0-or-later
 * Processes: a master that owns the listening socket and keeps its workers alive, workers that
 * serve one request at a time, or a single plain CGI request.
 *
 * SIGHUP makes the master execute itself again (same process id, socket and old workers handed over
 * in the environment): the new workers start first, then the old ones are asked to end after their
 * request. */
#include "jobs.h"
#include "priv.h"

#include <errno.h>
#include <fcgiapp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "cc/clock.h"

#define WORKERS_MAX 64
#define BACKLOG 1024
#define ENV_SOCKET "CC_WEB_SOCKET_FD"
#define ENV_OLD "CC_WEB_OLD_WORKERS"
#define CLIENT_TIMEOUT_S 30
#define RESPAWN_MS 200 /* a worker that dies younger is replaced after this pause */
#define PUBLISH_AGAIN_MS 1000
#define NUDGE_MS 100 /* the old workers are asked again at this interval */

extern char **environ;

/* ---- a process that can answer ---- */

/* Changes whenever a browser file does, so that browsers fetch it again. */
static void assets_stamp(struct cc_web *web, const char *prefix)
{
	static const char *const files[] = {"app.css", "app.js", "board.js", "tabs.js", "resource.js"};
	int64_t stamp = 0;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		char path[512];
		struct stat st;
		snprintf(path, sizeof path, "%s/web/%s", prefix, files[i]);
		if (!stat(path, &st))
			stamp = stamp * 31 + st.st_mtime + st.st_size;
	}
	snprintf(web->asset_version, sizeof web->asset_version, "%llx",
			(unsigned long long)stamp & 0xFFFFFFFFFF);
}

int cc_web_open(struct cc_web *web, char *error, size_t error_cap)
{
	char path[512];
	const char *prefix = cc_settings_str(web->settings, "CC_PREFIX");
	int err = cc_plugin_check(web->plugin, error, error_cap);
	if (!err)
		err = cc_routes_build(web->plugin, &web->routes, &web->route_count, error, error_cap);
	if (err)
		return err;
	err = cc_settings_path(web->settings, "etc/secret", path, sizeof path);
	if (err >= 0)
		err = cc_secret_load(&web->secret, path);
	if (err) {
		snprintf(error, error_cap, "secret %s: %s", path, cc_err_name(err));
		return err;
	}
	for (size_t i = 0; i < LANGUAGES; i++) {
		snprintf(path, sizeof path, "%s/locale/%s.mo", prefix, cc_languages[i]);
		err = cc_catalogue_load(&web->catalogue[i], path);
		if (err) {
			snprintf(error, error_cap, "catalogue %s: %s", path, cc_err_name(err));
			return err;
		}
	}
	snprintf(path, sizeof path, "%s/templates", prefix);
	err = cc_templates_new(&web->templates, path, true);
	if (err) {
		snprintf(error, error_cap, "templates: %s", cc_err_name(err));
		return err;
	}
	assets_stamp(web, prefix);
	web->arena = cc_arena_new();
	static char socket[sizeof(((struct sockaddr_un *)0)->sun_path)];
	err = cc_settings_path(web->settings, "sock/mysql.sock", socket, sizeof socket);
	if (err >= 0) {
		web->db_options = (struct cc_db_options){
				.socket = socket,
				.user = cc_settings_db_user(web->settings, "apps"),
				.database = cc_settings_str(web->settings, "CC_DB_NAME"),
		};
		err = cc_db_new(&web->db, &web->db_options);
	}
	if (err)
		snprintf(error, error_cap, "database: %s", cc_err_name(err));
	return err;
}

static void web_close(struct cc_web *web)
{
	while (web->zones) {
		struct zone *z = web->zones;
		web->zones = z->next;
		cc_tz_free(z->tz);
		free(z);
	}
	cc_known_close(web);
	cc_plugins_close(web);
	cc_db_free(web->db);
	cc_arena_free(web->arena);
	cc_templates_free(web->templates);
	for (size_t i = 0; i < LANGUAGES; i++)
		cc_catalogue_free(web->catalogue[i]);
	free(web->routes);
	cc_settings_free(web->settings);
}

/* ---- plain CGI ---- */

static const char *cgi_env(void *ctx, const char *name)
{
	return getenv(name);
}

static long cgi_read(void *ctx, char *buf, size_t cap)
{
	return read(STDIN_FILENO, buf, cap);
}

static int cgi_write(void *ctx, const char *buf, size_t len)
{
	while (len) {
		ssize_t n = write(STDOUT_FILENO, buf, len);
		if (n < 0)
			return CC_E_IO;
		buf += n;
		len -= (size_t)n;
	}
	return 0;
}

/* ---- what workers and the master share: who was at what when it died ---- */

#define CRASHES 16

struct crash
{
	struct cc_work work;
	int signal;
};

struct board
{
	struct cc_work work[WORKERS_MAX];
	struct crash crash[CRASHES];
	atomic_bool published;    /* the application wrote the registry */
	atomic_uint noted, taken; /* crashes by the master, and those of them that a worker took */
};

static struct board *board_new(void)
{
	struct board *b =
			mmap(NULL, sizeof *b, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return b == MAP_FAILED ? NULL : b;
}

static void crash_say(const struct cc_work *work, int signal)
{
	fprintf(stderr, "plugin %s: crashed at %s (%s)\n", work->plugin, work->what, strsignal(signal));
}

static void crash_note(struct board *b, const struct cc_work *work, int signal)
{
	unsigned n = atomic_load(&b->noted);
	b->crash[n % CRASHES] = (struct crash){*work, signal};
	atomic_store(&b->noted, n + 1);
}

/* The master does nothing that could fail or wait, so workers write down what it noted. */
static void crashes_write(struct cc_web *web, struct board *b)
{
	static const struct cc_scope nobody = {0, 0, ""};
	unsigned n = atomic_load(&b->taken);
	while (n != atomic_load(&b->noted)) {
		if (!atomic_compare_exchange_weak(&b->taken, &n, n + 1))
			continue;
		const struct crash c = b->crash[n % CRASHES];
		bool disabled = false;
		cc_db_use(web->db, web->arena, &nobody);
		if (cc_registry_crashed(web->db, c.work.plugin, web->plugin->name, c.work.what,
					strsignal(c.signal), cc_clock_utc_ms(), &disabled))
			fprintf(stderr, "plugin %s: its crash was not kept: %s\n", c.work.plugin,
					cc_db_error(web->db));
		if (disabled)
			fprintf(stderr, "plugin %s: crashed %d times within %d minutes, disabled\n",
					c.work.plugin, CC_CRASHES_MAX, (int)(CC_CRASHES_MS / 60000));
		cc_arena_reset(web->arena);
		n = atomic_load(&b->taken);
	}
}

/* A child answers, so that a plugin that crashes is noted here too. */
static int cgi_run(struct cc_web *web)
{
	static const struct cc_io io = {cgi_env, cgi_read, cgi_write, NULL};
	struct board *board = board_new();
	pid_t child = board ? fork() : -1;
	int status = 0;
	if (child <= 0) {
		if (board)
			cc_work_use(&board->work[0]);
		cc_request_serve(web, &io);
		return 0;
	}
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFSIGNALED(status) && board->work[0].plugin[0]) {
		crash_say(&board->work[0], WTERMSIG(status));
		crash_note(board, &board->work[0], WTERMSIG(status));
		crashes_write(web, board);
	}
	return status ? 1 : 0;
}

/* ---- a worker ---- */

static volatile sig_atomic_t stopping, reloading;

static void on_signal(int sig)
{
	if (sig == SIGTERM)
		stopping = 1;
	if (sig == SIGHUP)
		reloading = 1;
}

static void signals_catch(void)
{
	struct sigaction sa = {.sa_handler = on_signal};
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGHUP, &sa, NULL);
	sigaction(SIGCHLD, &sa, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static const char *fcgi_env(void *ctx, const char *name)
{
	FCGX_Request *r = ctx;
	return FCGX_GetParam(name, r->envp);
}

static long fcgi_read(void *ctx, char *buf, size_t cap)
{
	FCGX_Request *r = ctx;
	return FCGX_GetStr(buf, (int)(cap > 65536 ? 65536 : cap), r->in);
}

static int fcgi_write(void *ctx, const char *buf, size_t len)
{
	FCGX_Request *r = ctx;
	while (len) {
		int part = (int)(len > 1024 * 1024 ? 1024 * 1024 : len);
		if (FCGX_PutStr(buf, part, r->out) < 0)
			return CC_E_IO;
		buf += part;
		len -= (size_t)part;
	}
	return 0;
}

static int publish(struct cc_web *web)
{
	static const struct cc_scope nobody = {0, 0, ""};
	cc_db_use(web->db, web->arena, &nobody);
	cc_db_begin(web->db, false);
	int err = cc_registry_publish(web->db, web->plugin);
	if (!err)
		err = cc_db_commit(web->db);
	if (err)
		cc_db_rollback(web->db);
	cc_arena_reset(web->arena);
	return err;
}

/* One of the idle workers wakes up for a connection, not all of them. */
static int wait_new(int listener)
{
	struct epoll_event e = {.events = EPOLLIN | EPOLLEXCLUSIVE};
	int fd = epoll_create1(EPOLL_CLOEXEC);
	if (fd < 0 || epoll_ctl(fd, EPOLL_CTL_ADD, listener, &e))
		abort();
	return fd;
}

/* libfcgi loses signals in its own accept: TERM is open only while waiting, the connection is
 * accepted here. */
static void worker_run(struct cc_web *web, int listener, struct board *board)
{
	int waiting = wait_new(listener);
	sigset_t blocked, open;
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	sigprocmask(SIG_BLOCK, &blocked, &open);
	sigdelset(&open, SIGTERM);
	FCGX_Request r;
	FCGX_Init();
	FCGX_InitRequest(&r, listener, FCGI_FAIL_ACCEPT_ON_INTR);
	const struct cc_io io = {fcgi_env, fcgi_read, fcgi_write, &r};
	while (!stopping && !web->renew) {
		if (web->publish && !publish(web)) {
			web->publish = false;
			atomic_store(&board->published, true);
		}
		crashes_write(web, board);
		struct epoll_event ready;
		/* what could not be written yet, because the database was away or another application
		 * wrote, is tried again without waiting for a request */
		if (epoll_pwait(waiting, &ready, 1, web->publish ? PUBLISH_AGAIN_MS : -1, &open) <= 0)
			continue;
		int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0)
			continue;
		struct timeval patience = {.tv_sec = CLIENT_TIMEOUT_S};
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
		r.ipcFd = fd;
		r.keepConnection = 1; /* or the library closes the connection that it did not accept */
		if (FCGX_Accept_r(&r) < 0)
			continue;
		cc_request_serve(web, &io);
		FCGX_Finish_r(&r);
	}
	FCGX_Free(&r, 1);
	close(waiting);
}

/* ---- the master ---- */

struct worker
{
	pid_t pid;
	int64_t started_ms;
};

struct master
{
	struct cc_web *web;
	char **argv;
	struct board *board;
	int listener;
	size_t count;
	struct worker worker[WORKERS_MAX];
	pid_t old[WORKERS_MAX]; /* of the program before the reload, 0: gone */
	size_t old_count;
};

static int64_t mono_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void spawn(struct master *m, size_t i)
{
	pid_t master = getpid(), pid = fork();
	if (pid < 0) {
		fprintf(stderr, "fork: %s\n", strerror(errno));
		m->worker[i].pid = 0;
		return;
	}
	if (pid) {
		m->worker[i] = (struct worker){pid, mono_ms()};
		return;
	}
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != master)
		_exit(0);
	signal(SIGHUP, SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
	m->web->publish = i == 0 && !atomic_load(&m->board->published);
	m->board->work[i] = (struct cc_work){.plugin = ""};
	cc_work_use(&m->board->work[i]);
	worker_run(m->web, m->listener, m->board);
	web_close(m->web);
	exit(0);
}

static int listen_at(const struct cc_settings *settings, const char *name, char *error, size_t cap)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	char below[64];
	snprintf(below, sizeof below, "sock/%s.sock", name);
	if (cc_settings_path(settings, below, addr.sun_path, sizeof addr.sun_path) < 0) {
		snprintf(error, cap, "the path of %s is too long for a socket", below);
		return -1;
	}
	/* accept must not wait when another worker was faster */
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	unlink(addr.sun_path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof addr) || chmod(addr.sun_path, 0660) ||
			listen(fd, BACKLOG)) {
		snprintf(error, cap, "%s: %s", addr.sun_path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

static void reload(struct master *m)
{
	char fd[16], old[WORKERS_MAX * 12] = "";
	size_t len = 0;
	snprintf(fd, sizeof fd, "%d", m->listener);
	for (size_t i = 0; i < m->count; i++)
		len += (size_t)snprintf(old + len, sizeof old - len, "%d ", (int)m->worker[i].pid);
	setenv(ENV_SOCKET, fd, 1);
	setenv(ENV_OLD, old, 1);
	execv("/proc/self/exe", m->argv);
	fprintf(stderr, "reload: %s\n", strerror(errno));
	unsetenv(ENV_SOCKET);
	unsetenv(ENV_OLD);
}

/* A worker that ended by itself is to be replaced at once; one that died is noted with the plugin
 * that was at work. */
static void bury(struct master *m, size_t i, int status)
{
	const struct cc_work *work = &m->board->work[i];
	if (!status)
		m->worker[i].started_ms = 0;
	else if (WIFSIGNALED(status) && work->plugin[0] && !stopping) {
		crash_say(work, WTERMSIG(status));
		crash_note(m->board, work, WTERMSIG(status));
	} else if (!stopping)
		fprintf(stderr, "worker %d ended (status %x)\n", (int)m->worker[i].pid, (unsigned)status);
	m->worker[i].pid = 0;
}

static void reap(struct master *m)
{
	int status;
	pid_t pid;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (size_t i = 0; i < m->old_count; i++)
			if (m->old[i] == pid)
				m->old[i] = 0;
		for (size_t i = 0; i < m->count; i++)
			if (m->worker[i].pid == pid)
				bury(m, i, status);
	}
}

/* Old workers still there, each asked once more to end. */
static size_t nudge_old(struct master *m)
{
	size_t left = 0;
	for (size_t i = 0; i < m->old_count; i++)
		if (m->old[i]) {
			kill(m->old[i], SIGTERM);
			left++;
		}
	return left;
}

/* Starts what is missing; ms until something may be started again, -1: nothing to do. */
static int fill(struct master *m)
{
	int wait = -1;
	for (size_t i = 0; i < m->count; i++) {
		if (m->worker[i].pid)
			continue;
		int64_t age = mono_ms() - m->worker[i].started_ms;
		if (m->worker[i].started_ms && age < RESPAWN_MS)
			wait = (int)(RESPAWN_MS - age);
		else
			spawn(m, i);
	}
	return wait;
}

static int master_run(struct master *m)
{
	sigset_t blocked, open;
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	sigaddset(&blocked, SIGHUP);
	sigaddset(&blocked, SIGCHLD);
	sigprocmask(SIG_BLOCK, &blocked, &open);
	sigdelset(&open, SIGTERM);
	sigdelset(&open, SIGHUP);
	sigdelset(&open, SIGCHLD);
	while (!stopping) {
		reap(m);
		int wait = fill(m);
		if (reloading) {
			reloading = 0;
			if (!nudge_old(m))
				reload(m);
			else
				reloading = 1; /* the last reload is not over yet */
		}
		if (nudge_old(m))
			wait = NUDGE_MS;
		struct timespec t = {wait / 1000, wait % 1000 * 1000000L};
		ppoll(NULL, 0, wait < 0 ? NULL : &t, &open);
	}
	for (;;) {
		size_t left = nudge_old(m);
		reap(m);
		for (size_t i = 0; i < m->count; i++)
			if (m->worker[i].pid) {
				kill(m->worker[i].pid, SIGTERM);
				left++;
			}
		if (!left)
			break;
		struct timespec t = {0, NUDGE_MS * 1000000L};
		ppoll(NULL, 0, &t, &open);
	}
	return 0;
}

static void take_over(struct master *m)
{
	const char *fd = getenv(ENV_SOCKET), *old = getenv(ENV_OLD);
	if (!fd || !old)
		return;
	m->listener = (int)strtol(fd, NULL, 10);
	for (char *end; m->old_count < WORKERS_MAX; old = end) {
		long pid = strtol(old, &end, 10);
		if (end == old)
			break;
		if (pid > 0)
			m->old[m->old_count++] = (pid_t)pid;
	}
	unsetenv(ENV_SOCKET);
	unsetenv(ENV_OLD);
}

static int daemon_run(struct cc_web *web, char **argv)
{
	struct master m = {.web = web, .argv = argv, .listener = -1};
	char error[256];
	int64_t count = cc_settings_int(web->settings, "CC_WEB_WORKERS");
	m.count = count < 1 ? 1 : count > WORKERS_MAX ? WORKERS_MAX : (size_t)count;
	m.board = board_new();
	if (!m.board) {
		fprintf(stderr, "shared memory: %s\n", strerror(errno));
		return 1;
	}
	take_over(&m);
	if (m.listener < 0)
		m.listener = listen_at(web->settings, web->plugin->name, error, sizeof error);
	if (m.listener < 0) {
		fprintf(stderr, "%s\n", error);
		return 1;
	}
	signals_catch();
	return master_run(&m);
}

struct options
{
	const char *conf;
	bool cgi, routes;
	int64_t job; /* 0: none */
};

static bool options_read(struct options *o, int argc, char **argv)
{
	o->cgi = getenv("GATEWAY_INTERFACE");
	if (o->cgi) {
		o->conf = getenv("CC_CONF");
		return o->conf;
	}
	for (int option; (option = getopt(argc, argv, "c:j:r")) != -1;)
		switch (option) {
		case 'c':
			o->conf = optarg;
			break;
		case 'j':
			o->job = strtoll(optarg, NULL, 10);
			if (o->job <= 0)
				return false;
			break;
		case 'r':
			o->routes = true;
			break;
		default:
			return false;
		}
	return o->conf && optind == argc;
}

static int routes_print(const struct cc_web *web)
{
	for (size_t i = 0; i < web->route_count; i++) {
		const struct cc_route *r = &web->routes[i];
		printf("%s %s %s\n", r->method, r->path, r->permission);
	}
	return ferror(stdout) ? 1 : 0;
}

int cc_web_main(int argc, char **argv, const struct cc_plugin *plugin)
{
	struct cc_web web = {.plugin = plugin};
	struct options o = {0};
	char error[512] = "";
	if (!options_read(&o, argc, argv)) {
		fprintf(stderr, "usage: %s -c FILE [-r]\n", argv[0]);
		return 2;
	}
	int err = cc_settings_load(&web.settings, o.conf, NULL, error, sizeof error);
	if (!err)
		err = cc_web_open(&web, error, sizeof error);
	int status = 1;
	if (err)
		fprintf(stderr, "%s\n", error);
	else
		status = o.routes ? routes_print(&web)
				 : o.job  ? cc_job_serve(&web, o.job)
				 : o.cgi  ? cgi_run(&web)
						  : daemon_run(&web, argv);
	web_close(&web);
	return status;
}
