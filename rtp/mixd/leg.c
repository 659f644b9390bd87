/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>
#include <spandsp.h>
#include "cc/clock.h"
#include "cc/err.h"
#include "cc/utf8.h"
#include "mixd.h"

#define PT_PCMU 0
#define PT_PCMA 8
#define PACKET_MAX (6 * CC_FRAME) /* samples of a packet that is believed: 120 ms */
#define RELAY_MS 100
#define RELAY_GAP_MS 60

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

	for (unsigned i = 0; c && c->relay && i < c->n; i++) {
		struct cc_leg *to = c->leg[i] ? c->leg[i]->owner : NULL;
		/* a full queue of digits loses the newest: nobody types that fast */
		if (to && to != l && cc_mix_gain(&to->mix, &l->mix) > 0)
			cc_dtmf_tx_put(&to->digits_out, &digit, 1, RELAY_MS, RELAY_GAP_MS);
	}
}

static void alive(struct cc_leg *l, int64_t now_ms)
{
	struct cc_jsonw w;

	l->heard_ms = now_ms;
	if (!l->silent)
		return;
	l->silent = false;
	cc_event_begin(l->mixd, &w, "sound", l);
	cc_event_end(l->mixd, &w);
}

static void on_rtp(const struct sa *src, const struct rtp_header *h, struct mbuf *mb, void *arg)
{
	struct cc_leg *l = arg;
	const uint8_t *data = mbuf_buf(mb);
	size_t len = mbuf_get_left(mb);
	int64_t now = cc_clock_mono_ms();
	int16_t pcm[PACKET_MAX];
	char digit;

	if (!sa_cmp(src, &l->peer, SA_ALL))
		return;
	if (h->pad) {
		if (len == 0 || data[len - 1] == 0 || data[len - 1] > len)
			return;
		len -= data[len - 1];
	}
	if (!cc_jitter_seen(&l->mix.jitter, h->ssrc, h->seq))
		return;
	alive(l, now);
	if (l->dtmf_pt && h->pt == l->dtmf_pt) {
		digit = cc_dtmf_rx_packet(&l->digits_in, h->ssrc, h->ts, data, len, now);
		if (digit) {
			report_digit(l, digit, "rfc4733");
			relay_digit(l, digit);
		}
	} else if ((h->pt == PT_PCMU || h->pt == PT_PCMA) && len <= PACKET_MAX) {
		for (size_t i = 0; i < len; i++)
			pcm[i] = h->pt == PT_PCMA ? alaw_to_linear(data[i]) : ulaw_to_linear(data[i]);
		cc_jitter_put(&l->mix.jitter, h->ts, pcm, (unsigned)len);
	}
}

static void on_rtcp(const struct sa *src, struct rtcp_msg *msg, void *arg)
{
	struct cc_leg *l = arg;

	if (sa_cmp(src, &l->peer_rtcp, SA_ALL))
		alive(l, cc_clock_mono_ms());
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
	struct sa local;
	int err = CC_E_NOMEM;

	if (!l)
		return CC_E_NOMEM;
	l->mixd = m;
	cc_utf8_copy(l->id, sizeof l->id, id);
	l->gen = gen;
	l->lport = lport;
	l->ts = rand_u32();
	l->heard_ms = cc_clock_mono_ms();
	cc_mix_leg_init(&l->mix, l);
	if (cc_dtmf_rx_init(&l->digits_in) != 0 || cc_dtmf_tx_init(&l->digits_out) != 0)
		goto out;
	err = CC_E_IO;
	/* a range of one even port: libre takes the next one for RTCP */
	sa_set_str(&local, "127.0.0.1", 0);
	if (rtp_listen(&l->rtp, IPPROTO_UDP, &local, lport, lport + 1, true, on_rtp, on_rtcp, l) != 0)
		goto out;
	rtcp_set_srate(l->rtp, CC_RATE, CC_RATE);
	hash_append(m->legs, hash_joaat_str(id), &l->le, l);
	m->port[(lport - m->port_min) / 2] = l;
	m->leg_count++;
	*leg = l;
	err = 0;
out:
	if (err)
		cc_leg_free(l);
	return err;
}

void cc_leg_peer(struct cc_leg *l, const struct sa *peer, uint8_t pt, uint8_t dtmf_pt)
{
	bool moved = !sa_cmp(peer, &l->peer, SA_ALL);

	l->peer = *peer;
	l->peer_rtcp = *peer;
	sa_set_port(&l->peer_rtcp, sa_port(peer) + 1);
	l->pt = pt;
	l->dtmf_pt = dtmf_pt;
	if (moved)
		rtcp_start(l->rtp, "tandem", &l->peer_rtcp);
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
	cc_dtmf_rx_close(&l->digits_in);
	cc_dtmf_tx_close(&l->digits_out);
	mem_deref(l->rtp);
	free(l);
}

void cc_leg_watch(struct cc_leg *l, uint32_t silence_ms, int64_t now_ms)
{
	l->silence_ms = silence_ms;
	l->heard_ms = now_ms;
	l->silent = false;
}

static void send_payload(
		struct cc_leg *l, bool marker, uint8_t pt, uint32_t ts, const uint8_t *data, size_t len)
{
	struct mbuf *mb = mbuf_alloc(RTP_HEADER_SIZE + len);

	if (!mb)
		return;
	mb->pos = mb->end = RTP_HEADER_SIZE;
	mbuf_write_mem(mb, data, len);
	mb->pos = RTP_HEADER_SIZE;
	/* a packet that cannot be sent is lost like any other */
	if (rtp_send(l->rtp, &l->peer, false, marker, pt, ts, mb) == 0)
		l->sent++;
	mem_deref(mb);
}

static void write_leg(struct cc_leg *l)
{
	static const char *const layer[CC_LAYERS] = {"music", "prompt"};
	enum cc_play_result result[CC_LAYERS];
	int16_t pcm[CC_FRAME];
	uint8_t data[CC_FRAME];
	uint32_t event_ts = 0;
	unsigned copies;
	bool marker = false;

	cc_mix_leg_write(&l->mix, pcm, result);
	copies = cc_dtmf_tx_run(&l->digits_out, l->dtmf_pt != 0, l->ts, pcm, data, &event_ts, &marker);
	if (copies) {
		while (copies--)
			send_payload(l, marker, l->dtmf_pt, event_ts, data, 4);
	} else {
		for (unsigned i = 0; i < CC_FRAME; i++)
			data[i] = l->pt == PT_PCMA ? linear_to_alaw(pcm[i]) : linear_to_ulaw(pcm[i]);
		send_payload(l, l->sent == 0, l->pt, l->ts, data, sizeof data);
	}
	l->ts += CC_FRAME;
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

static void read_leg(struct cc_leg *l, int64_t now_ms)
{
	char digit;

	cc_mix_leg_read(&l->mix);
	digit = cc_dtmf_rx_sound(&l->digits_in, l->mix.in, now_ms);
	if (digit)
		report_digit(l, digit, "inband");
	if (l->silence_ms && !l->silent && now_ms - l->heard_ms >= l->silence_ms) {
		struct cc_jsonw w;
		l->silent = true;
		cc_event_begin(l->mixd, &w, "silence", l);
		cc_jsonw_int(&w, "ms", now_ms - l->heard_ms);
		cc_event_end(l->mixd, &w);
	}
}

void cc_legs_tick(struct cc_mixd *m, int64_t now_ms)
{
	const unsigned slots = (m->port_max - m->port_min + 1) / 2;
	unsigned left = m->leg_count;

	for (unsigned i = 0; i < slots && left; i++)
		if (m->port[i]) {
			read_leg(m->port[i], now_ms);
			left--;
		}
	left = m->leg_count;
	for (unsigned i = 0; i < slots && left; i++)
		if (m->port[i]) {
			write_leg(m->port[i]);
			left--;
		}
}

void cc_legs_skip(struct cc_mixd *m, unsigned n)
{
	for (unsigned i = 0; i < (m->port_max - m->port_min + 1) / 2; i++)
		if (m->port[i])
			m->port[i]->ts += n * CC_FRAME;
}
