/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <mysql.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include "cc/err.h"
#include "cc/settings.h"
#include "live.h"

static int configure(struct eventd *e, const struct cc_settings *s)
{
	e->node = (uint32_t)cc_settings_int(s, "CC_NODE");
	e->keep_ms = cc_settings_int(s, "CC_JOURNAL_DAYS") * 24 * 3600 * 1000;
	e->database = (struct cc_db_options){.socket = e->database_socket,
			.user = cc_settings_db_user(s, "eventd"),
			.database = cc_settings_str(s, "CC_DB_NAME")};
	if (cc_settings_path(s, "data/journal", e->journal, sizeof(e->journal)) < 0 ||
			cc_settings_path(s, "etc/secret", e->secret, sizeof(e->secret)) < 0 ||
			cc_settings_path(s, "sock/live.sock", e->socket, sizeof(e->socket)) < 0 ||
			cc_settings_path(s, "sock/mysql.sock", e->database_socket, sizeof(e->database_socket)) <
					0) {
		eventd_log("error: CC_RUN is too long for the paths of sockets");
		return CC_E_RANGE;
	}
	return 0;
}

/* The threads take no signals, and every browser needs a file descriptor. */
static void prepare_process(void)
{
	struct rlimit files;
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, SIGTERM);
	sigaddset(&mask, SIGINT);
	pthread_sigmask(SIG_BLOCK, &mask, NULL);
	signal(SIGPIPE, SIG_IGN);
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
}

int main(int argc, char **argv)
{
	static struct eventd eventd;
	struct cc_settings *settings = NULL;
	struct writer *writer = NULL;
	const char *path = NULL;
	char error[512];
	int option, err;

	while ((option = getopt(argc, argv, "c:")) == 'c')
		path = optarg;
	if (option != -1 || optind != argc || !path) {
		fprintf(stderr, "usage: cc-eventd -c SETTINGS\n");
		return 2;
	}
	err = cc_settings_load(&settings, path, NULL, error, sizeof(error));
	if (err) {
		eventd_log("error: %s", error);
		return 1;
	}
	err = configure(&eventd, settings);
	if (err)
		goto out;
	prepare_process();
	mysql_library_init(0, NULL, NULL);
	err = writer_new(&writer, &eventd);
	if (err)
		eventd_log("error: the writer does not start: %s", cc_err_name(err));
	else
		err = live_run(&eventd, writer);
	writer_free(writer);
	mysql_library_end();
out:
	cc_settings_free(settings);
	return err ? 1 : 0;
}
