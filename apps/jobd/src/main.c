/* SPDX-License-Identifier: GPL-2.0-or-later
 * cc-jobd: takes waiting jobs from the database, CC_JOBS at once, until SIGTERM. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "cc/clock.h"
#include "cc/err.h"
#include "job.h"

#define PAUSE_MS 1000
#define JOBS_MAX 16

static volatile sig_atomic_t stop;

static void on_signal(int signal)
{
	stop = 1;
}

static void loop(struct jobd *d)
{
	char said[512] = "";

	while (!stop) {
		int got = jobd_round(d, cc_clock_utc_ms(), &stop);

		/* the database may be away for long: its words are told once */
		if (got < 0 && strcmp(said, jobd_error(d)) != 0) {
			snprintf(said, sizeof(said), "%s", jobd_error(d));
			fprintf(stderr, "warning: %s; trying again every second\n", said);
		} else if (got >= 0 && said[0]) {
			fputs("notice: the database is back\n", stderr);
			said[0] = '\0';
		}
		if (got <= 0 && !stop)
			poll(NULL, 0, PAUSE_MS);
	}
}

/* Does jobs, one after the other, until SIGTERM. */
static int run(const struct cc_settings *settings)
{
	struct jobd *jobd = NULL;
	int err = jobd_new(&jobd, settings, job_kinds);

	if (err)
		fprintf(stderr, "error: %s\n", cc_err_name(err));
	else
		loop(jobd);
	jobd_free(jobd);
	return err ? 1 : 0;
}

/* ---- several at once ---- */

static pid_t start(const struct cc_settings *settings)
{
	pid_t parent = getpid(), pid = fork();

	if (pid != 0)
		return pid; /* negative: tried again at the next look */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	_exit(run(settings));
}

/* Keeps count processes at work. */
static void keep(const struct cc_settings *settings, pid_t *worker, int count)
{
	while (!stop) {
		for (int i = 0; i < count; i++)
			if (worker[i] <= 0 || waitpid(worker[i], NULL, WNOHANG) == worker[i])
				worker[i] = start(settings);
		poll(NULL, 0, PAUSE_MS);
	}
	for (int i = 0; i < count; i++)
		if (worker[i] > 0)
			kill(worker[i], SIGTERM);
	for (int i = 0; i < count; i++)
		while (worker[i] > 0 && waitpid(worker[i], NULL, 0) < 0 && errno == EINTR)
			;
}

int main(int argc, char **argv)
{
	struct sigaction action = {.sa_handler = on_signal};
	struct cc_settings *settings = NULL;
	pid_t worker[JOBS_MAX] = {0};
	const char *path = NULL;
	char error[512];
	int option, err;
	int64_t count;

	while ((option = getopt(argc, argv, "c:")) == 'c')
		path = optarg;
	if (option != -1 || optind != argc || !path) {
		fprintf(stderr, "usage: cc-jobd -c SETTINGS\n");
		return 2;
	}
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	err = cc_settings_load(&settings, path, NULL, error, sizeof(error));
	if (err) {
		fprintf(stderr, "error: %s\n", error);
		return 1;
	}
	count = cc_settings_int(settings, "CC_JOBS");
	keep(settings, worker, (int)(count < 1 ? 1 : count > JOBS_MAX ? JOBS_MAX : count));
	cc_settings_free(settings);
	return 0;
}
