/* SPDX-License-Identifier: GPL-2.0-or-later
 * The engine's view of cc-mixd and rtpengine: what they report, whether they are those of before,
 * and that they have the legs that we have. */
#include <time.h>
#include <unistd.h>

#include "core/cfg/cfg_struct.h"
#include "core/dprint.h"

#include "cc/clock.h"
#include "cc/err.h"
#include "engine.h"
#include "leg.h"
#include "mixer.h"
#include "ng.h"
#include "procs.h"

#define RETRY_MS 200
#define LOOK_MS 300
#define START_SLACK_MS 300 /* clocks are read one after the other */

/* Whether a leg of that id is ours; the others are left over from an engine before. */
static bool known(const char *id)
{
	struct cc_leg *leg = cc_leg_find(id);

	if (leg)
		cc_leg_put(leg);
	return leg != NULL;
}

/* Whether it is in rtpengine for one of ours; a leg that has ended may be with us for a while. */
static bool needed(const char *id)
{
	struct cc_leg *leg = cc_leg_find(id);
	bool open = leg && leg->ng_open;

	if (leg)
		cc_leg_put(leg);
	return open;
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
	case CC_MIXER_QUIET:
		in.kind = CC_IN_QUIET;
		in.wait_ms = ev->ms;
		break;
	default:
		cc_leg_silence(leg, ev->kind == CC_MIXER_SILENCE);
		break;
	}
	if ((ev->kind == CC_MIXER_DTMF || ev->kind == CC_MIXER_QUIET ||
				(ev->kind == CC_MIXER_DONE && ev->layer == CC_LAYER_PROMPT)) &&
			ev->gen == leg->media_gen)
		cc_engine_post(leg->call, cc_leg_slot(leg), leg->gen, &in);
	cc_leg_put(leg);
}

/* What cc-mixd reports, and whether it runs: a new start time means that it has forgotten
 * everything. */
void cc_media_mixer_loop(const struct cc_settings *s)
{
	struct timespec pause = {.tv_nsec = RETRY_MS * 1000000L};
	int64_t known_start = 0;
	int fd = -1;

	for (;;) {
		struct cc_mixer_event ev;
		int rc;

		cc_procs_beat();
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
				if (ev.start_ms != known_start)
					cc_engine_restart_media(CC_MEDIA_MIXER);
				if (cc_mixer_prune(known) < 0)
					LM_WARN("cc-mixd may have legs that nobody knows\n");
				known_start = cc_engine->mixer_start = ev.start_ms;
			} else {
				mixer_event(&ev);
			}
			cc_engine_leave();
		}
	}
}

/* Which rtpengine it is. One that ends is missed for a second, in which nobody listens where it
 * was. Should we be asleep for so long: its age is known to a second only, but each look tells
 * another one, and what all of them leave over gets narrow. */
struct start
{
	int64_t after, to; /* UTC ms */
};

static bool another(struct start *known, int64_t after, int64_t to)
{
	bool fits = !cc_ng_missed() && after < known->to + START_SLACK_MS &&
				known->after < to + START_SLACK_MS;

	if (!fits || after > known->after)
		known->after = after;
	if (!fits || to < known->to)
		known->to = to;
	return !fits;
}

/* rtpengine takes its calls out of Redis when it starts, but records none of them. */
void cc_media_rtpengine_loop(const struct cc_settings *s)
{
	struct timespec pause = {.tv_nsec = LOOK_MS * 1000000L};
	struct start known_start = {0};

	for (;; nanosleep(&pause, NULL)) {
		int64_t after, to;
		bool new;

		cc_procs_beat();
		cfg_update();
		if (cc_ng_start(&after, &to) < 0)
			continue;
		new = another(&known_start, after, to);
		cc_engine->rtpengine_start = known_start.to;
		cc_engine_enter();
		if (new) {
			cc_engine->rtpengine_seen++;
			cc_engine_restart_media(CC_MEDIA_RTPENGINE);
			cc_leg_ready_drop();
		}
		if ((cc_ng_unsure() || new) && cc_ng_prune(needed) < 0)
			LM_WARN("rtpengine may have calls that nobody knows\n");
		cc_leg_ready_tick(cc_clock_utc_ms());
		cc_engine_leave();
	}
}
