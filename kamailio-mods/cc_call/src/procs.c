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
#include "leg_ringing.h"
#include "procs.h"
#include "saved.h"

#define TICK_MS 20
#define TERM_MS 50
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
static int own_index = -1; /* of this process in procs */

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

	cc_engine_enter();
	cc_saved_resume();
	cc_engine_leave();
	for (;;) {
		int64_t mono = cc_clock_mono_ms(), now = cc_clock_utc_ms();

		cc_procs_beat();
		cfg_update();
		cc_engine_enter();
		cc_engine_tick(now);
		cc_admission_tick(now);
		cc_leg_ringing_tick(now);
		for (int i = 0; i < tick_count; i++)
			if (mono >= ticks[i].due_ms) {
				ticks[i].due_ms = mono + ticks[i].interval_ms;
				ticks[i].tick(now);
			}
		cc_engine_leave();
		nanosleep(&pause, NULL);
	}
}

static const struct
{
	const char *name;
	void (*loop)(const struct cc_settings *settings);
	bool beats;
} procs[] = {
		{"cc timer", timer_loop, true},
		{"cc mixer events", cc_media_mixer_loop, true},
		{"cc rtpengine", cc_media_rtpengine_loop, true},
		{"cc commands", cc_command_loop, false},
		{"cc journal", cc_journal_loop, true},
		{"cc configuration", cc_conf_store_loop, false},
		{"cc lookup", cc_lookup_loop, false},
};
#define PROCS (int)(sizeof(procs) / sizeof(procs[0]))
_Static_assert(PROCS <= CC_ENGINE_BEATS, "cc_engine.beats has a place for each");

void cc_procs_beat(void)
{
	cc_engine->beats[own_index] = cc_clock_mono_ms();
}

int64_t cc_procs_stalled_ms(void)
{
	int64_t now = cc_clock_mono_ms(), stalled = 0;

	for (int i = 0; i < PROCS; i++) {
		int64_t since = cc_engine->beats[i] ? cc_engine->beats[i] : cc_engine->started_ms;

		if (procs[i].beats && now - since > stalled)
			stalled = now - since;
	}
	return stalled;
}

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
			own_index = i;
			prctl(PR_SET_NAME, procs[i].name);
			procs[i].loop(settings);
			_exit(1);
		}
	}
	return CC_OK;
}
