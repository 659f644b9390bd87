/* SPDX-License-Identifier: GPL-2.0-or-later
 * The pieces of the daemon (docs/contracts.md, cc-mixd). One thread runs them all: nothing here
 * waits.
 *
 *   control.c   the socket, its clients and events          main.c   settings, loop, clock of 5 ms
 *   command.c   what a request means                         leg.c    a leg: what it hears and says
 *   wire.c      its sockets                                  clips.c  files, in a thread of their
 * own mixer.c player.c jitter.c stretch.c dtmf.c   sound, without I/O */
#ifndef CC_MIXD_H
#define CC_MIXD_H

#include <stdint.h>
#include <re.h>
#include "cc/jsonw.h"
#include "clips.h"
#include "dtmf.h"
#include "mixer.h"
#include "rtcp.h"
#include "rtp.h"
#include "wire.h"

#define CC_ID 40         /* longest id of a leg or conference, NUL included */
#define CC_MESSAGE 65536 /* longest message of the control socket */
/* Every leg has its turn once in a tick of 20 ms, in one of these parts of it: whoever relays the
 * packets gets them spread over the tick, not all at once. Legs of a room have the same part. */
#define CC_PARTS 4

struct cc_mixd;
struct cc_client;

struct cc_leg
{
	struct le le; /* in cc_mixd.legs */
	struct cc_mixd *mixd;
	char id[CC_ID];
	uint32_t gen;
	uint16_t lport;
	uint8_t part;
	uint32_t tick; /* in which it had its turn */
	struct cc_wire wire;
	uint8_t pt, dtmf_pt;
	uint16_t seq; /* of the next packet to send */
	uint32_t ts, ssrc;
	struct cc_encoder encoder;
	struct cc_rtcp report;
	unsigned report_in; /* ticks until the next one */
	struct cc_mix_leg mix;
	struct cc_dtmf_rx digits_in;
	struct cc_dtmf_tx digits_out;
	int64_t heard_ms;    /* last packet, or when the leg or the watch began */
	uint32_t silence_ms; /* 0: not watched */
	bool silent;         /* reported */
	int64_t loud_ms;     /* when something was heard last … */
	uint32_t quiet_ms;   /* … and for how long nothing has to be; 0: nobody asks */
	bool keeps;          /* its digits are for the engine only */
	uint32_t sent, sent_bytes;
};

struct cc_room
{
	struct le le; /* in cc_mixd.rooms */
	char id[CC_ID];
	uint8_t part;
	struct cc_mix_conf *conf;
};

struct cc_stats
{
	uint64_t parts, parts_late; /* of ticks; late: begun more than 20 ms after its time */
	uint64_t ticks_skipped;
	uint64_t late_us_max, mix_us, mix_us_max; /* mix: of a part */
};

/* The generation of a leg that is gone, so that a late command does not revive it. */
struct cc_tomb
{
	char id[CC_ID];
	uint32_t gen;
};
#define CC_TOMBS 4096

struct cc_mixd
{
	struct hash *legs, *rooms;
	struct cc_leg **port; /* by (lport - port_min) / 2 */
	unsigned port_min, port_max;
	unsigned leg_count;
	uint32_t tick; /* counted */
	unsigned part; /* of the tick, the next one */
	struct cc_clips *clips;
	struct cc_control *control;
	struct cc_tomb tomb[CC_TOMBS];
	struct cc_stats stats;
	int64_t start_ms; /* UTC */
	int64_t now_ms;   /* monotonic, of this turn of the loop */
};

/* leg.c */
int cc_leg_new(
		struct cc_leg **leg, struct cc_mixd *m, const char *id, uint32_t gen, uint16_t lport);
/* Where to send to and accept from. */
void cc_leg_peer(struct cc_leg *l, const struct sockaddr_in *peer, uint8_t pt, uint8_t dtmf_pt);
void cc_leg_free(struct cc_leg *l);
struct cc_leg *cc_leg_find(const struct cc_mixd *m, const char *id);
void cc_leg_watch(struct cc_leg *l, uint32_t silence_ms, int64_t now_ms);
void cc_leg_listen(struct cc_leg *l, uint32_t quiet_ms, int64_t now_ms);
/* The next part of a tick: 20 ms of the legs whose turn it is. */
void cc_legs_run(struct cc_mixd *m, int64_t now_ms);
/* The time of n whole ticks has passed unused: timestamps stay true to the clock. */
void cc_legs_skip(struct cc_mixd *m, unsigned n);

/* command.c: one request, parsed from len bytes of text; the reply into w. Never fails. */
void cc_command_run(struct cc_mixd *m, struct cc_client *client, const char *text, size_t len,
		struct cc_jsonw *w);

/* control.c */
int cc_control_new(struct cc_control **c, struct cc_mixd *m, const char *path);
void cc_control_free(struct cc_control *c);
void cc_control_subscribe(struct cc_client *client);
unsigned cc_control_clients(const struct cc_control *c);
/* An event to all subscribers: begin, add fields, end. */
void cc_event_begin(
		struct cc_mixd *m, struct cc_jsonw *w, const char *name, const struct cc_leg *l);
void cc_event_end(struct cc_mixd *m, struct cc_jsonw *w);

/* main.c: to stderr, for what somebody has to look at */
void cc_mixd_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
