/* SPDX-License-Identifier: GPL-2.0-or-later
 * cc-jobd: takes waiting jobs from the database, one at a time, until SIGTERM. */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "cc/clock.h"
#include "cc/err.h"
#include "job.h"

#define PAUSE_MS 1000

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

int main(int argc, char **argv)
{
	struct sigaction action = {.sa_handler = on_signal};
	struct cc_settings *settings = NULL;
	struct jobd *jobd = NULL;
	const char *path = NULL;
	char error[512];
	int option, err;

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
	if (err)
		fprintf(stderr, "error: %s\n", error);
	else if ((err = jobd_new(&jobd, settings, job_kinds)))
		fprintf(stderr, "error: %s\n", cc_err_name(err));
	else
		loop(jobd);
	jobd_free(jobd);
	cc_settings_free(settings);
	return err ? 1 : 0;
}
