/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>
#include "cc/clock.h"
#include "cc/err.h"
#include "cc/utf8.h"
#include "mixd.h"

#define RELAY_MS 100
#define RELAY_GAP_MS 60
#define REPORT_TICKS 250 /* between two RTCP reports, 5 s */

static void report_digit(struct cc_leg *l, char digit, const char *src)
{
	struct cc_jsonw w;

	cc_event_begin(l->mixd, &w, "dtmf", l);
	cc_jsonw_strn(&w, "digit", &digit, 1);
	cc_jsonw_str(&w, "src", src);
	cc_event_end(l->mixd, &w);
}

/* A digit that came as packets is not in the sound: whoever hears this leg gets it anew. */
static void relay_digit(struct cc_leg *l, char digit)
{
	const struct cc_mix_conf *c = l->mix.conf;

	for (unsigned i = 0; c && c->relay && !l->keeps && i < c->n; i++) {
		struct cc_leg *to = c->leg[i] ? c->leg[i]->owner : NULL;
		/* a full queue of digits loses the newest: nobody types that fast */
		if (to && to != l && cc_mix_gain(&to->mix, &l->mix) > 0)
			cc_dtmf_tx_put(&to->digits_out, &digit, 1, RELAY_MS, RELAY_GAP_MS);
	}
}

static void alive(struct cc_leg *l)
{
	struct cc_jsonw w;

	l->heard_ms = l->mixd->now_ms;
	if (!l->silent)
		return;
	l->silent = false;
	cc_event_begin(l->mixd, &w, "sound", l);
	cc_event_end(l->mixd, &w);
}

static void on_rtp(const uint8_t *data, size_t len, void *arg)
{
	struct cc_leg *l = arg;
	struct cc_rtp p;
	char digit;

	if (!cc_rtp_parse(&p, data, len) || !cc_jitter_seen(&l->mix.jitter, p.ssrc, p.seq))
		return;
	alive(l);
	if (l->dtmf_pt && p.pt == l->dtmf_pt) {
		digit = cc_dtmf_rx_packet(&l->digits_in, p.ssrc, p.ts, p.payload, p.len, l->mixd->now_ms);
		if (digit) {
			report_digit(l, digit, "rfc4733");
			relay_digit(l, digit);
		}
	} else {
		cc_jitter_put(&l->mix.jitter, p.pt, p.ts, p.payload, (unsigned)p.len);
	}
}

static void on_report(const uint8_t *data, size_t len, void *arg)
{
	struct cc_leg *l = arg;

	if (cc_rtcp_read(&l->report, cc_clock_utc_ms(), data, len))
		alive(l);
}

static void on_rtcp_ready(int flags, void *arg)
{
	struct cc_leg *l = arg;

	l->mixd->now_ms = cc_clock_mono_ms();
	cc_wire_read_rtcp(&l->wire, on_report, l);
}

static bool by_id(struct le *le, void *arg)
{
	const struct cc_leg *l = le->data;

	return strcmp(l->id, arg) == 0;
}

struct cc_leg *cc_leg_find(const struct cc_mixd *m, const char *id)
{
	struct le *le = hash_lookup(m->legs, hash_joaat_str(id), by_id, (void *)id);

	return le ? le->data : NULL;
}

int cc_leg_new(struct cc_leg **leg, struct cc_mixd *m, const char *id, uint32_t gen, uint16_t lport)
{
	struct cc_leg *l = calloc(1, sizeof *l);
	int err = CC_E_NOMEM;

	if (!l)
		return CC_E_NOMEM;
	l->mixd = m;
	cc_utf8_copy(l->id, sizeof l->id, id);
	l->gen = gen;
	l->lport = lport;
	l->ts = rand_u32();
	l->seq = rand_u16();
	l->ssrc = rand_u32();
	l->report = (struct cc_rtcp){.ssrc = l->ssrc, .cname = "tandem", .seq = &l->mix.jitter.seq};
	l->report_in = rand_u16() % REPORT_TICKS + 1;
	l->heard_ms = cc_clock_mono_ms();
	l->part = (uint8_t)(lport / 2 % CC_PARTS);
	l->tick = m->tick;
	l->wire = (struct cc_wire){.rtp = -1, .rtcp = -1};
	cc_mix_leg_init(&l->mix, l);
	if (cc_dtmf_rx_init(&l->digits_in) != 0 || cc_dtmf_tx_init(&l->digits_out) != 0)
		goto out;
	err = cc_wire_open(&l->wire, lport);
	if (!err && fd_listen(l->wire.rtcp, FD_READ, on_rtcp_ready, l) != 0)
		err = CC_E_NOMEM;
	if (err)
		goto out;
	hash_append(m->legs, hash_joaat_str(id), &l->le, l);
	m->port[(lport - m->port_min) / 2] = l;
	m->leg_count++;
	*leg = l;
out:
	if (err)
		cc_leg_free(l);
	return err;
}

void cc_leg_peer(struct cc_leg *l, const struct sockaddr_in *peer, uint8_t pt, uint8_t dtmf_pt)
{
	l->wire.peer = *peer;
	l->pt = pt;
	l->dtmf_pt = dtmf_pt;
}

void cc_leg_free(struct cc_leg *l)
{
	if (!l)
		return;
	if (l->le.list) {
		hash_unlink(&l->le);
		l->mixd->port[(l->lport - l->mixd->port_min) / 2] = NULL;
		l->mixd->leg_count--;
	}
	cc_mix_leg_close(&l->mix);
	cc_encoder_close(&l->encoder);
	cc_dtmf_rx_close(&l->digits_in);
	cc_dtmf_tx_close(&l->digits_out);
	if (l->wire.rtcp >= 0)
		fd_close(l->wire.rtcp);
	cc_wire_close(&l->wire);
	free(l);
}

void cc_leg_watch(struct cc_leg *l, uint32_t silence_ms, int64_t now_ms)
{
	l->silence_ms = silence_ms;
	l->heard_ms = now_ms;
	l->silent = false;
}

void cc_leg_listen(struct cc_leg *l, uint32_t quiet_ms, int64_t now_ms)
{
	l->quiet_ms = quiet_ms;
	l->loud_ms = now_ms;
}

/* data has the room for a header in front of the len bytes of payload. */
static void send_packet(
		struct cc_leg *l, bool marker, uint8_t pt, uint32_t ts, uint8_t *data, size_t len)
{
	cc_rtp_write(
			&(struct cc_rtp){
					.marker = marker, .pt = pt, .seq = l->seq++, .ts = ts, .ssrc = l->ssrc},
			data);
	cc_wire_send(&l->wire, data, CC_RTP_HEADER + len);
	l->sent++;
	l->sent_bytes += (uint32_t)len;
}

/* The sound of a tick as bytes; the cheapest way that gives the right ones. */
static bool encode(struct cc_leg *l, const struct cc_mix_out *out, uint8_t data[CC_FRAME])
{
	switch (out->kind) {
	case CC_MIX_PASS:
		memcpy(data, out->code, CC_FRAME);
		if (l->pt == CC_PT_G722)
			cc_encoder_follow(&l->encoder, &out->speaker->jitter.decoder);
		return true;
	case CC_MIX_SILENCE:
		if (cc_encode_silence(l->pt, CC_FRAME, data))
			return true;
		/* fallthrough */
	default:
		return cc_encode(&l->encoder, l->pt, out->pcm, CC_FRAME, data);
	}
}

static void report_done(struct cc_leg *l, const enum cc_play_result result[CC_LAYERS])
{
	static const char *const layer[CC_LAYERS] = {"music", "prompt"};

	for (int i = 0; i < CC_LAYERS; i++) {
		struct cc_jsonw w;
		if (result[i] != CC_PLAY_END && result[i] != CC_PLAY_MISSING)
			continue;
		cc_event_begin(l->mixd, &w, "done", l);
		cc_jsonw_int(&w, "token", l->mix.layer[i].token);
		cc_jsonw_str(&w, "layer", layer[i]);
		cc_jsonw_str(&w, "reason", result[i] == CC_PLAY_END ? "end" : "missing");
		cc_jsonw_int(&w, "pos_ms", cc_player_ms(&l->mix.layer[i]));
		cc_event_end(l->mixd, &w);
	}
}

static void send_report(struct cc_leg *l)
{
	uint8_t data[CC_RTCP_MAX];

	l->report_in = REPORT_TICKS;
	l->report.ts = l->ts;
	l->report.packets = l->sent;
	l->report.bytes = l->sent_bytes;
	l->report.jitter = l->mix.jitter.variation >> 4;
	cc_wire_send_rtcp(&l->wire, data, cc_rtcp_write(&l->report, cc_clock_utc_ms(), data));
}

static void write_leg(struct cc_leg *l)
{
	struct cc_mix_out out;
	uint8_t packet[CC_RTP_HEADER + CC_FRAME], *data = packet + CC_RTP_HEADER;
	uint32_t event_ts = 0;
	unsigned copies = 0;
	bool marker = false;

	cc_mix_leg_write(&l->mix, l->pt, &out);
	if (cc_dtmf_tx_busy(&l->digits_out)) {
		if (out.kind == CC_MIX_PASS)
			memcpy(out.pcm, out.speaker->in.pcm, sizeof out.pcm);
		out.kind = CC_MIX_SOUND; /* as it may become a tone */
		copies = cc_dtmf_tx_run(
				&l->digits_out, l->dtmf_pt != 0, l->ts, out.pcm, data, &event_ts, &marker);
	}
	if (copies)
		while (copies--)
			send_packet(l, marker, l->dtmf_pt, event_ts, packet, 4);
	else if (encode(l, &out, data))
		send_packet(l, l->sent == 0, l->pt, l->ts, packet, CC_FRAME);
	l->ts += CC_FRAME;
	report_done(l, out.result);
	if (--l->report_in == 0)
		send_report(l);
}

/* Reports once that nothing was heard for as long as somebody wanted to know. */
static void hear(struct cc_leg *l, int64_t now_ms)
{
	struct cc_jsonw w;

	if (!l->quiet_ms)
		return;
	if (cc_audible(l->mix.in.pcm, CC_FRAME))
		l->loud_ms = now_ms;
	if (now_ms - l->loud_ms < l->quiet_ms)
		return;
	l->quiet_ms = 0;
	cc_event_begin(l->mixd, &w, "quiet", l);
	cc_jsonw_int(&w, "ms", now_ms - l->loud_ms);
	cc_event_end(l->mixd, &w);
}

static void read_leg(struct cc_leg *l)
{
	int64_t now_ms = l->mixd->now_ms;
	char digit;

	cc_wire_read(&l->wire, on_rtp, l);
	cc_mix_leg_read(&l->mix);
	digit = cc_dtmf_rx_sound(&l->digits_in, l->mix.in.pcm, now_ms);
	if (digit)
		report_digit(l, digit, "inband");
	hear(l, now_ms);
	if (l->silence_ms && !l->silent && now_ms - l->heard_ms >= l->silence_ms) {
		struct cc_jsonw w;
		l->silent = true;
		cc_event_begin(l->mixd, &w, "silence", l);
		cc_jsonw_int(&w, "ms", now_ms - l->heard_ms);
		cc_event_end(l->mixd, &w);
	}
}

static void leg_skip(struct cc_leg *l, unsigned ticks)
{
	l->ts += ticks * CC_FRAME;
	cc_jitter_skip(&l->mix.jitter, ticks);
}

static void all_legs(struct cc_mixd *m, void (*work)(struct cc_leg *l))
{
	const unsigned slots = (m->port_max - m->port_min + 1) / 2;
	unsigned left = m->leg_count;

	for (unsigned i = 0; i < slots && left; i++)
		if (m->port[i]) {
			work(m->port[i]);
			left--;
		}
}

/* All of a part read before any of them writes: what is said is heard in the same tick. */
static void read_turn(struct cc_leg *l)
{
	const struct cc_mixd *m = l->mixd;

	if (l->part != m->part || l->tick == m->tick)
		return;
	if (m->tick - l->tick > 1) /* it joined a room whose part was over */
		leg_skip(l, m->tick - l->tick - 1);
	read_leg(l);
}

static void write_turn(struct cc_leg *l)
{
	if (l->part != l->mixd->part || l->tick == l->mixd->tick)
		return;
	write_leg(l);
	l->tick = l->mixd->tick;
}

void cc_legs_run(struct cc_mixd *m, int64_t now_ms)
{
	m->now_ms = now_ms;
	if (m->part == 0)
		m->tick++;
	all_legs(m, read_turn);
	all_legs(m, write_turn);
	m->part = (m->part + 1) % CC_PARTS;
}

void cc_legs_skip(struct cc_mixd *m, unsigned n)
{
	for (unsigned i = 0; i < (m->port_max - m->port_min + 1) / 2; i++)
		if (m->port[i])
			leg_skip(m->port[i], n);
}
