/* SPDX-License-Identifier: GPL-2.0-or-later
 * cc-recd -c settings: from rtpengine's spool to recordings (docs/contracts.md). One after the
 * other, oldest first: an hour takes seconds, and calls come before recordings. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <mysql.h>
#include <poll.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cc/clock.h"
#include "cc/err.h"
#include "cc/settings.h"
#include "recd.h"

#define LOOK_MS 60000     /* without a notice */
#define RETRY_MIN_MS 1000 /* after a failure, doubled each time */
#define RETRY_MAX_MS 30000
#define FAILURES 3             /* then the rest of a look waits, too: disk or database are ill */
#define ORPHAN_MS (600 * 1000) /* a capture in use grows all the time */
#define ORPHAN_LOST_MS (24 * 3600 * 1000)

static struct cc_recd recd;

static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("cc-recd: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
}

static void on_signal(int sig)
{
	recd.stop = 1;
}

struct found
{
	char name[CC_SPOOL_NAME];
	struct timespec mtime;
};

static int older(const void *a, const void *b)
{
	const struct found *x = a, *y = b;

	if (x->mtime.tv_sec != y->mtime.tv_sec)
		return x->mtime.tv_sec < y->mtime.tv_sec ? -1 : 1;
	return x->mtime.tv_nsec < y->mtime.tv_nsec ? -1 : x->mtime.tv_nsec > y->mtime.tv_nsec;
}

/* Files of a folder of the spool with that beginning and end, oldest first; the caller frees. */
static struct found *look(const char *folder, const char *begin, const char *end, size_t *count)
{
	char path[PATH_MAX];
	struct found *list = NULL;
	struct dirent *e;
	size_t n = 0, cap = 0;
	DIR *d;

	*count = 0;
	snprintf(path, sizeof path, "%s/%s", recd.spool, folder);
	d = opendir(path);
	if (!d)
		return NULL;
	while ((e = readdir(d))) {
		size_t len = strlen(e->d_name);
		struct stat st;
		if (strncmp(e->d_name, begin, strlen(begin)) != 0 || len < strlen(end) ||
				strcmp(e->d_name + len - strlen(end), end) != 0 ||
				fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
			continue;
		if (n == cap) {
			struct found *more = realloc(list, (cap = cap ? 2 * cap : 64) * sizeof *list);
			if (!more)
				break;
			list = more;
		}
		memcpy(list[n].name, e->d_name, len + 1);
		list[n++].mtime = st.st_mtim;
	}
	closedir(d);
	if (n)
		qsort(list, n, sizeof *list, older);
	*count = n;
	return list;
}

static void set_aside(const struct cc_spool_item *item, const char *why)
{
	say("error: %s is set aside: %s", *item->meta ? item->meta : item->pcap, why);
	if (cc_spool_aside(item, recd.spool, "rejected") != 0)
		say("error: it cannot be moved: %s", strerror(errno));
}

/* True: it is done with, one way or the other. */
static bool take(const struct cc_spool_item *item)
{
	char words[256] = "";
	int err = cc_filing_take(&recd, item, words);

	if (err == CC_E_INVAL || err == CC_E_DENIED || err == CC_E_RANGE)
		set_aside(item, words);
	else if (err && !recd.stop)
		say("error: %s waits: %s", item->pcap, *words ? words : cc_err_name(err));
	else if (*words)
		say("error: %s: %s", item->pcap, words);
	return !err || err == CC_E_INVAL || err == CC_E_DENIED || err == CC_E_RANGE;
}

/* Both take functions return whether nothing is left that waits for another attempt. */
static bool take_finished(const struct found *list, size_t n)
{
	unsigned failures = 0;

	for (size_t i = 0; i < n && !recd.stop && failures < FAILURES; i++) {
		struct cc_spool_item item = {.meta = ""};
		switch (cc_spool_read(&item, recd.spool, list[i].name)) {
		case 0:
			failures += !take(&item);
			break;
		case CC_E_NOENT:
			break;
		case CC_E_INVAL:
			set_aside(&item, "the metadata is not ours");
			break;
		default:
			failures++;
		}
	}
	return failures == 0;
}

/* What rtpengine was killed over: the journal tells whose it is. */
static bool take_orphans(const struct found *list, size_t n)
{
	int64_t now = cc_clock_utc_ms();
	bool all = true;

	for (size_t i = 0; i < n && !recd.stop; i++) {
		struct cc_spool_item item = {.orphan = true};
		int64_t changed = list[i].mtime.tv_sec * 1000LL + list[i].mtime.tv_nsec / 1000000;
		if (now - changed < ORPHAN_MS)
			break; /* the rest is younger */
		int err = cc_spool_orphan(&item, list[i].name);
		item.changed_ms = changed;
		if (!err)
			err = cc_filing_identify(&recd, &item);
		if (!err) {
			say("%s was not finished by rtpengine", item.pcap);
			all &= take(&item);
		} else if (err == CC_E_IO) {
			all = false;
		} else if (now - changed > ORPHAN_LOST_MS) {
			snprintf(item.pcap, sizeof item.pcap, "%s", list[i].name);
			set_aside(&item, "nobody knows whose capture it is");
		}
	}
	return all;
}

static bool take_all(void)
{
	static bool away;
	size_t finished, captures;
	struct found *list = look("metadata", "rtpengine-meta-", ".txt", &finished), *orphans;
	bool all = finished == 0 || cc_filing_ready(&recd);

	if (!all && !away)
		say("error: the database is away, recordings wait in the spool: %s", cc_db_error(recd.db));
	if (all && away && finished)
		say("the database is back");
	away = finished ? !all : away;
	if (all) {
		all = take_finished(list, finished);
		/* after the finished ones are gone, what is old among the captures is nobody's */
		orphans = look("pcaps", "", ".pcap", &captures);
		if (all)
			all = take_orphans(orphans, captures);
		free(orphans);
	}
	free(list);
	return all;
}

static int watch(const char *spool)
{
	char path[PATH_MAX];
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

	/* rtpengine makes the folders, too; who comes first does */
	mkdir(spool, 0750);
	for (const char *const *f = (const char *const[]){"metadata", "pcaps", "tmp", NULL}; *f; f++) {
		snprintf(path, sizeof path, "%s/%s", spool, *f);
		mkdir(path, 0770);
	}
	snprintf(path, sizeof path, "%s/metadata", spool);
	if (fd < 0 || inotify_add_watch(fd, path, IN_MOVED_TO | IN_CLOSE_WRITE) < 0) {
		say("error: %s: %s", path, strerror(errno));
		return -1;
	}
	return fd;
}

/* Two at a time would write the same files. */
static bool alone(const char *spool)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof path, "%s/lock", spool);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
		return true; /* held until the end of the process */
	say("error: %s: %s", path,
			fd >= 0 && errno == EWOULDBLOCK ? "another cc-recd has it" : strerror(errno));
	return false;
}

static void run(int notices)
{
	sigset_t ends, before;
	int retry = 0;

	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	while (!recd.stop) {
		struct pollfd p = {.fd = notices, .events = POLLIN};
		int64_t until;
		char drop[4096];
		retry = take_all() ? 0 : retry ? 2 * retry : RETRY_MIN_MS;
		if (retry > RETRY_MAX_MS)
			retry = RETRY_MAX_MS;
		until = cc_clock_mono_ms() + (retry ? retry : LOOK_MS);
		/* signals come in while it sleeps or works, but not between the question and the sleep */
		sigprocmask(SIG_BLOCK, &ends, &before);
		/* while something waits for another attempt, a notice does not make that come sooner */
		while (!recd.stop) {
			int64_t left = until - cc_clock_mono_ms();
			struct timespec t = {left / 1000, left % 1000 * 1000000};
			if (left <= 0)
				break;
			if (ppoll(retry ? NULL : &p, retry ? 0 : 1, &t, &before) > 0)
				break;
		}
		sigprocmask(SIG_SETMASK, &before, NULL);
		while (read(notices, drop, sizeof drop) > 0)
			;
	}
}

int main(int argc, char **argv)
{
	struct cc_settings *set = NULL;
	struct sigaction act = {.sa_handler = on_signal};
	const char *file = NULL;
	char error[512], socket[PATH_MAX];
	int opt, notices, status = 1;

	while ((opt = getopt(argc, argv, "c:")) == 'c')
		file = optarg;
	if (opt != -1 || optind != argc || !file) {
		fprintf(stderr, "usage: %s -c SETTINGS\n", argv[0]);
		return 2;
	}
	sigaction(SIGTERM, &act, NULL);
	sigaction(SIGINT, &act, NULL);
	signal(SIGPIPE, SIG_IGN);
	if (cc_settings_load(&set, file, NULL, error, sizeof error) != 0) {
		say("error: %s", error);
		return 1;
	}
	if (cc_settings_path(set, "data/spool", recd.spool, sizeof recd.spool) < 0 ||
			cc_settings_path(set, "data/recordings", recd.recordings, sizeof recd.recordings) < 0 ||
			cc_settings_path(set, "sock/mysql.sock", socket, sizeof socket) < 0) {
		say("error: CC_RUN is too long");
		goto out;
	}
	recd.database = (struct cc_db_options){.socket = socket,
			.user = cc_settings_db_user(set, "recd"),
			.database = cc_settings_str(set, "CC_DB_NAME")};
	recd.mix_min = (uint16_t)cc_settings_int(set, "CC_MIX_MIN");
	recd.mix_max = (uint16_t)cc_settings_int(set, "CC_RTP_MAX");
	recd.arena = cc_arena_new();
	if (sodium_init() < 0 || !recd.arena || cc_db_new(&recd.db, &recd.database) != 0) {
		say("error: not enough memory");
		goto out;
	}
	cc_db_use(recd.db, recd.arena, &(struct cc_scope){.agent = ""});
	mkdir(recd.recordings, 0750);
	notices = watch(recd.spool);
	if (notices < 0 || !alone(recd.spool))
		goto out;
	if (nice(10) == -1)
		errno = 0; /* merely polite */
	run(notices);
	status = 0;
out:
	cc_db_free(recd.db);
	cc_arena_free(recd.arena);
	cc_settings_free(set);
	mysql_library_end();
	return status;
}
