/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "core/cfg/cfg_struct.h"
#include "core/dprint.h"
#include "core/pt.h"
#include "core/sr_module.h"
#include "core/timer_proc.h"

#include "admission.h"
#include "cc/clock.h"
#include "cc/err.h"
#include "engine.h"
#include "leg.h"
#include "mixer.h"
#include "procs.h"

#define TICK_MS 20
#define TERM_MS 50
#define EVENTS_RETRY_MS 200
#define TICKS_MAX 4

static const struct cc_settings *settings;
static pid_t main_pid;

static struct
{
	int interval_ms;
	int64_t due_ms; /* monotonic */
	void (*tick)(int64_t now_ms);
} ticks[TICKS_MAX];
static int tick_count;

void cc_procs_every(int interval_ms, void (*tick)(int64_t now_ms))
{
	if (tick_count == TICKS_MAX) {
		LM_BUG("too many ticks\n");
		return;
	}
	ticks[tick_count].interval_ms = interval_ms;
	ticks[tick_count++].tick = tick;
}

/* The main process ends its children one after the other. The one of TCP takes the end of any other
 * for an accident and logs it as critical, so the others let it go first. */
static void on_term(int signo)
{
	struct timespec pause = {.tv_nsec = TERM_MS * 1000000L};

	(void)signo;
	nanosleep(&pause, NULL);
	_exit(0);
}

void cc_procs_child(int rank)
{
	struct sigaction term = {.sa_handler = on_term};

	if (rank != PROC_TCP_MAIN) {
		sigaction(SIGTERM, &term, NULL);
		sigaction(SIGINT, &term, NULL);
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (rank > 0) /* Kamailio's own name of a process is not there yet */
		prctl(PR_SET_NAME, "sip worker");
	else if (rank == PROC_TIMER)
		prctl(PR_SET_NAME, "timer");
	if (getppid() != main_pid)
		_exit(1); /* the main process died before it could be asked for */
}

static void timer_loop(const struct cc_settings *s)
{
	struct timespec pause = {.tv_nsec = TICK_MS * 1000000L};

	for (;;) {
		int64_t mono = cc_clock_mono_ms(), now = cc_clock_utc_ms();

		cfg_update();
		cc_engine_enter();
		cc_engine_tick(now);
		cc_admission_tick(now);
		for (int i = 0; i < tick_count; i++)
			if (mono >= ticks[i].due_ms) {
				ticks[i].due_ms = mono + ticks[i].interval_ms;
				ticks[i].tick(now);
			}
		cc_engine_leave();
		nanosleep(&pause, NULL);
	}
}

static void mixer_event(const struct cc_mixer_event *ev)
{
	struct cc_call_input in = {0};
	struct cc_leg *leg = cc_leg_find(ev->leg);

	if (!leg)
		return;
	in.leg = leg->index;
	switch (ev->kind) {
	case CC_MIXER_DTMF:
		in.kind = CC_IN_DTMF;
		in.digit = ev->digit;
		in.inband = ev->inband;
		break;
	case CC_MIXER_DONE:
		in.kind = CC_IN_PLAY_DONE;
		in.token = ev->token;
		if (ev->missing)
			LM_ERR("leg %s: cc-mixd could not read a prompt of the list\n", ev->leg);
		break;
	default:
		cc_leg_silence(leg, ev->kind == CC_MIXER_SILENCE);
		break;
	}
	if ((ev->kind == CC_MIXER_DTMF ||
				(ev->kind == CC_MIXER_DONE && ev->layer == CC_LAYER_PROMPT)) &&
			ev->gen == leg->media_gen)
		cc_engine_post(leg->call, cc_leg_slot(leg), leg->gen, &in);
	cc_leg_put(leg);
}

/* What cc-mixd reports, and whether it runs: a new start time means that it has forgotten
 * everything. */
static void mixer_loop(const struct cc_settings *s)
{
	struct timespec pause = {.tv_nsec = EVENTS_RETRY_MS * 1000000L};
	int64_t known_start = 0;
	int fd = -1;

	for (;;) {
		struct cc_mixer_event ev;
		int rc;

		cfg_update();
		if (fd < 0)
			fd = cc_mixer_subscribe();
		if (fd < 0) {
			nanosleep(&pause, NULL);
			continue;
		}
		rc = cc_mixer_event_read(fd, &ev, 1000);
		if (rc < 0) {
			LM_WARN("cc-mixd is away\n");
			cc_engine->mixer_start = 0;
			close(fd);
			fd = -1;
		} else if (rc > 0) {
			cc_engine_enter();
			if (ev.kind == CC_MIXER_HELLO) {
				if (known_start && ev.start_ms != known_start)
					cc_engine_restart_media();
				known_start = cc_engine->mixer_start = ev.start_ms;
			} else {
				mixer_event(&ev);
			}
			cc_engine_leave();
		}
	}
}

static const struct
{
	const char *name;
	void (*loop)(const struct cc_settings *settings);
} procs[] = {
		{"cc timer", timer_loop},
		{"cc mixer events", mixer_loop},
		{"cc commands", cc_command_loop},
		{"cc journal", cc_journal_loop},
		{"cc configuration", cc_conf_store_loop},
};
#define PROCS (int)(sizeof(procs) / sizeof(procs[0]))

int cc_procs_register(const struct cc_settings *s)
{
	settings = s;
	main_pid = getpid();
	if (register_procs(PROCS) < 0)
		return CC_E_FULL;
	cfg_register_child(PROCS);
	return CC_OK;
}

int cc_procs_start(void)
{
	main_pid = getpid(); /* Kamailio may have gone to the background since */
	for (int i = 0; i < PROCS; i++) {
		int pid = fork_process(PROC_RPC, (char *)procs[i].name, 1);

		if (pid < 0)
			return CC_E_IO;
		if (pid == 0) {
			if (cfg_child_init())
				_exit(1);
			cc_engine_may_run(true);
			prctl(PR_SET_NAME, procs[i].name);
			procs[i].loop(settings);
			_exit(1);
		}
	}
	return CC_OK;
}
