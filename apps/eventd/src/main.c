/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <mysql.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include "cc/err.h"
#include "cc/settings.h"
#include "handlers.h"
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
			cc_settings_path(s, "sock/cc.sock", e->engine_socket, sizeof(e->engine_socket)) < 0 ||
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
	struct watch *watch = NULL;
	const char *path = NULL, *plugin = NULL;
	char error[512];
	int option, note = -1, err;

	while ((option = getopt(argc, argv, "c:p:n:")) == 'c' || option == 'p' || option == 'n') {
		if (option == 'c')
			path = optarg;
		else if (option == 'p') /* started by watch.c */
			plugin = optarg;
		else
			note = (int)strtol(optarg, NULL, 10);
	}
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
	if (plugin) {
		err = handlers_run(&eventd, settings, plugin, note);
		goto out;
	}
	prepare_process();
	mysql_library_init(0, NULL, NULL);
	err = writer_new(&writer, &eventd);
	if (err)
		eventd_log("error: the writer does not start: %s", cc_err_name(err));
	if (!err && (err = watch_new(&watch, &eventd, path)))
		eventd_log("error: handlers of plugins do not start: %s", cc_err_name(err));
	if (!err)
		err = live_run(&eventd, writer);
	watch_free(watch);
	writer_free(writer);
	mysql_library_end();
out:
	cc_settings_free(settings);
	return err ? 1 : 0;
}
