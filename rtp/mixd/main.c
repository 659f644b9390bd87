/* SPDX-License-Identifier: GPL-2.0-or-later
 * cc-mixd -c settings: the far end of every leg (docs/contracts.md). */
#include <stdint.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>
#include "cc/clock.h"
#include "cc/err.h"
#include "cc/settings.h"
#define DEBUG_MODULE "cc-mixd" /* libre wants to know, though we only set its level */
#define DEBUG_LEVEL 3
#include <re.h>
#include <re_dbg.h>
#include "mixd.h"

#define TICK_US 20000
#define PART_US (TICK_US / CC_PARTS)
#define CATCH_UP 5 /* ticks that are made up for after a stall; more are skipped */
#define CLIP_BYTES (64 * 1024 * 1024) /* kept in memory: 70 minutes */

struct clock
{
	struct cc_mixd *m;
	int fd;
	uint64_t due_us; /* of the next part of a tick */
};

void cc_mixd_warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("cc-mixd: error: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
}

static uint64_t mono_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void on_part(int flags, void *arg)
{
	struct clock *c = arg;
	struct cc_stats *s = &c->m->stats;
	uint64_t n, begin = mono_us(), spent;

	if (read(c->fd, &n, sizeof n) != sizeof n)
		return;
	if (begin > c->due_us) {
		uint64_t late = begin - c->due_us;
		if (late > s->late_us_max)
			s->late_us_max = late;
		s->parts_late += late > TICK_US;
	}
	c->due_us += n * PART_US;
	if (n >= (CATCH_UP + 1) * CC_PARTS) {
		uint64_t skipped = n / CC_PARTS - CATCH_UP;
		cc_legs_skip(c->m, (unsigned)skipped);
		s->ticks_skipped += skipped;
		n -= skipped * CC_PARTS;
	}
	for (uint64_t i = 0; i < n; i++)
		cc_legs_run(c->m, cc_clock_mono_ms());
	spent = (mono_us() - begin) / n;
	s->parts += n;
	s->mix_us += spent * n;
	if (spent > s->mix_us_max)
		s->mix_us_max = spent;
}

static int clock_start(struct clock *c)
{
	struct itimerspec every = {{0, PART_US * 1000L}, {0, 0}};

	c->fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (c->fd < 0)
		return CC_E_IO;
	c->due_us = mono_us() + PART_US;
	every.it_value.tv_sec = (time_t)(c->due_us / 1000000);
	every.it_value.tv_nsec = (long)(c->due_us % 1000000) * 1000;
	if (timerfd_settime(c->fd, TFD_TIMER_ABSTIME, &every, NULL) != 0 ||
			fd_listen(c->fd, FD_READ, on_part, c) != 0)
		return CC_E_IO;
	return 0;
}

static void clip_warn(const char *name, const char *why, void *arg)
{
	cc_mixd_warn("prompt %s %s", name, why);
}

static void on_signal(int sig)
{
	re_cancel();
}

/* Two sockets a leg, and some more. */
static int open_files(struct cc_mixd *m)
{
	struct rlimit lim;
	rlim_t want = m->port_max - m->port_min + 1 + 128;

	if (getrlimit(RLIMIT_NOFILE, &lim) != 0)
		return CC_E_IO;
	if (lim.rlim_cur < want) {
		lim.rlim_cur = want;
		if (lim.rlim_max < want)
			lim.rlim_max = want;
		if (setrlimit(RLIMIT_NOFILE, &lim) != 0) {
			getrlimit(RLIMIT_NOFILE, &lim);
			lim.rlim_cur = lim.rlim_max;
			setrlimit(RLIMIT_NOFILE, &lim);
			cc_mixd_warn("only %ld open files are allowed: at most %ld legs", (long)lim.rlim_cur,
					((long)lim.rlim_cur - 128) / 2);
		}
	}
	return fd_setsize((int)want) == 0 ? 0 : CC_E_NOMEM;
}

static bool leg_close(struct le *le, void *arg)
{
	cc_leg_free(le->data);
	return false;
}

static bool room_close(struct le *le, void *arg)
{
	struct cc_room *r = le->data;

	hash_unlink(&r->le);
	cc_mix_conf_free(r->conf);
	free(r);
	return false;
}

static void close_all(struct cc_mixd *m)
{
	if (m->legs)
		hash_apply(m->legs, leg_close, NULL);
	if (m->rooms)
		hash_apply(m->rooms, room_close, NULL);
	cc_clips_free(m->clips);
	cc_control_free(m->control);
	mem_deref(m->legs);
	mem_deref(m->rooms);
	free(m->port);
}

int main(int argc, char **argv)
{
	static struct cc_mixd m;
	struct clock clock = {.m = &m, .fd = -1};
	struct cc_settings *set = NULL;
	const char *file = NULL, *prompts;
	char error[512], path[4096], folder[4096];
	int opt, status = 1;

	while ((opt = getopt(argc, argv, "c:")) == 'c')
		file = optarg;
	if (opt != -1 || optind != argc || !file) {
		fprintf(stderr, "usage: %s -c SETTINGS\n", argv[0]);
		return 2;
	}
	if (cc_settings_load(&set, file, NULL, error, sizeof error) != 0) {
		cc_mixd_warn("%s", error);
		return 1;
	}
	m.start_ms = cc_clock_utc_ms();
	m.port_min = (unsigned)cc_settings_int(set, "CC_MIX_MIN");
	m.port_max = (unsigned)cc_settings_int(set, "CC_RTP_MAX");
	prompts = cc_settings_str(set, "CC_PROMPTS");
	if (!*prompts) {
		snprintf(folder, sizeof folder, "%s/prompts", cc_settings_str(set, "CC_PREFIX"));
		prompts = folder;
	}
	if (libre_init() != 0) {
		cc_mixd_warn("libre does not start");
		goto out_settings;
	}
	dbg_init(DBG_ERR, DBG_NONE);
	m.port = calloc((m.port_max - m.port_min) / 2 + 1, sizeof *m.port);
	if (!m.port || hash_alloc(&m.legs, 1024) != 0 || hash_alloc(&m.rooms, 1024) != 0 ||
			open_files(&m) != 0 ||
			cc_clips_new(&m.clips, prompts, CLIP_BYTES, clip_warn, NULL) != 0) {
		cc_mixd_warn("not enough memory or threads");
		goto out;
	}
	if (cc_settings_path(set, "sock/mixd.sock", path, sizeof path) < 0 ||
			cc_control_new(&m.control, &m, path) != 0) {
		cc_mixd_warn("%s: %s", path, strerror(errno));
		goto out;
	}
	if (clock_start(&clock) != 0) {
		cc_mixd_warn("no timer: %s", strerror(errno));
		goto out;
	}
	if (re_main(on_signal) != 0) {
		cc_mixd_warn("the loop ended: %s", strerror(errno));
		goto out;
	}
	status = 0;
out:
	if (clock.fd >= 0) {
		fd_close(clock.fd);
		close(clock.fd);
	}
	close_all(&m);
	libre_close();
out_settings:
	cc_settings_free(set);
	return status;
}
