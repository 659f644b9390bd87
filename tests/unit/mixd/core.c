/* SPDX-License-Identifier: GPL-2.0-or-later
 * The sound of the mixer without sockets. */
#include "cc/err.h"
#include "dtmf.h"
#include "mixer.h"
#include "suites.h"

/* ---- jitter buffer ---- */

static void jitter_order(void)
{
	static const int order[] = {0, 2, 1, 3, 5, 4, 6, 7};
	static struct cc_jitter j;
	static struct cc_frame f;
	uint8_t data[CC_FRAME];
	unsigned heard = 0;

	cc_jitter_init(&j);
	cc_jitter_get(&j, &f);
	CU_ASSERT_FALSE(f.heard);
	for (unsigned i = 0; i < 12; i++) {
		if (i < 8) {
			unsigned k = (unsigned)order[i];
			memset(data, (int)k + 1, sizeof data);
			CU_ASSERT(cc_jitter_seen(&j, 7, (uint16_t)(65533 + k)));
			cc_jitter_put(&j, CC_PT_PCMU, 0xFFFFFF00u + k * CC_FRAME, data, CC_FRAME);
		}
		cc_jitter_get(&j, &f);
		if (!f.whole)
			continue;
		heard++;
		CU_ASSERT_EQUAL(f.pt, CC_PT_PCMU);
		CU_ASSERT_EQUAL(f.code[0], heard);
		CU_ASSERT_EQUAL(f.code[CC_FRAME - 1], heard);
		CU_ASSERT_EQUAL(f.pcm[0], ulaw_to_linear((uint8_t)heard));
	}
	CU_ASSERT_EQUAL(heard, 8);
	CU_ASSERT_EQUAL(j.seq.received, 8);
	CU_ASSERT_EQUAL(j.seq.lost, 0);
	CU_ASSERT_EQUAL(j.seq.rounds, 1);
	CU_ASSERT_EQUAL(j.late, 0);
}

/* One packet of a tone. */
static void put_tone(struct cc_jitter *j, unsigned packet)
{
	int16_t pcm[CC_FRAME];
	uint8_t data[CC_FRAME];

	tone_make(pcm, CC_FRAME, packet * CC_FRAME, 1000, 10000);
	cc_encode(&(struct cc_encoder){NULL}, CC_PT_PCMA, pcm, CC_FRAME, data);
	cc_jitter_put(j, CC_PT_PCMA, packet * CC_FRAME, data, CC_FRAME);
}

static void jitter_loss(void)
{
	static struct cc_jitter j;
	static struct cc_frame f;
	unsigned silent = 0, whole = 0;

	cc_jitter_init(&j);
	for (unsigned i = 0; i < 100; i++) {
		if (i % 10 != 5) {
			CU_ASSERT(cc_jitter_seen(&j, 1, (uint16_t)i));
			CU_ASSERT_FALSE(cc_jitter_seen(&j, 1, (uint16_t)i)); /* sent twice */
			put_tone(&j, i);
		}
		cc_jitter_get(&j, &f);
		silent += i >= 2 && tone_level(f.pcm, CC_FRAME, 1000) < 8000;
		whole += f.whole;
	}
	CU_ASSERT_EQUAL(j.seq.received, 90);
	CU_ASSERT_EQUAL(j.seq.lost, 10);
	CU_ASSERT_EQUAL(silent, 0);
	CU_ASSERT_EQUAL(j.concealed, 10 * CC_FRAME); /* the gaps, and nothing moved */
	CU_ASSERT_EQUAL(whole, 100 - 2 - 10);
	CU_ASSERT_EQUAL(j.resyncs, 0);
}

/* A sender whose clock is 0.25 % fast must not build up delay, nor a stall of a second. */
static void jitter_drift(void)
{
	static struct cc_jitter j;
	static struct cc_frame f;
	unsigned sent = 0;

	cc_jitter_init(&j);
	for (unsigned tick = 0; tick < 50000; tick++) {
		for (; sent * 0.9975 <= tick; sent++) {
			cc_jitter_seen(&j, 1, (uint16_t)sent);
			put_tone(&j, sent);
		}
		cc_jitter_get(&j, &f);
		CU_ASSERT((int32_t)(j.end - j.play) <= 6 * CC_FRAME);
	}
	CU_ASSERT(j.concealed < 2 * CC_FRAME);
	for (unsigned i = 0; i < 50; i++)
		cc_jitter_get(&j, &f);
	for (unsigned i = 0; i < 50; i++, sent++) {
		cc_jitter_seen(&j, 1, (uint16_t)sent);
		put_tone(&j, sent);
	}
	CU_ASSERT((int32_t)(j.end - j.play) <= 20 * CC_FRAME);
	/* a new stream is taken at once */
	cc_jitter_seen(&j, 2, 9);
	put_tone(&j, 12345);
	for (int i = 0; i < 3; i++)
		cc_jitter_get(&j, &f);
	CU_ASSERT(f.whole && tone_level(f.pcm, CC_FRAME, 1000) > 5000); /* faded in */
	cc_jitter_close(&j);
}

CU_TestInfo jitter_tests[] = {
		{"packets out of order", jitter_order},
		{"loss and duplicates", jitter_loss},
		{"clock drift, stall, new stream", jitter_drift},
		CU_TEST_INFO_NULL,
};

/* ---- player ---- */

static struct cc_clip make_clip(int16_t *pcm, unsigned n, int16_t value)
{
	for (unsigned i = 0; i < n; i++)
		pcm[i] = value;
	return (struct cc_clip){CC_CLIP_READY, 1, pcm, n};
}

static void player_gapless(void)
{
	static int16_t a[1000], b[777];
	struct cc_clip ca = make_clip(a, 1000, 100), cb = make_clip(b, 777, 200);
	const struct cc_play_item list[] = {{&ca, 0}, {NULL, 80}, {&cb, 0}};
	static struct cc_player p;
	int32_t all[20 * CC_FRAME];
	enum cc_play_result r = CC_PLAY_ON;
	unsigned frames = 0, wrong = 0;

	cc_player_start(&p, list, 3, 1, CC_UNITY, 0, 5, 0);
	for (; r == CC_PLAY_ON && frames < 20; frames++) {
		for (unsigned i = 0; i < CC_FRAME; i++)
			all[frames * CC_FRAME + i] = 7; /* what lies below */
		r = cc_player_run(&p, all + frames * CC_FRAME);
	}
	CU_ASSERT_EQUAL(r, CC_PLAY_END);
	CU_ASSERT_EQUAL(frames, (1000 + 80 + 777) / CC_FRAME + 1);
	for (unsigned i = 0; i < frames * CC_FRAME; i++)
		wrong += all[i] != (i < 1000 ? 100 : i < 1080 ? 0 : i < 1857 ? 200 : 7);
	CU_ASSERT_EQUAL(wrong, 0);
	CU_ASSERT_EQUAL(cc_player_ms(&p), 1857 / 8);
	CU_ASSERT_EQUAL(ca.refs + cb.refs, 0);
	CU_ASSERT_EQUAL(cc_player_run(&p, all), CC_PLAY_IDLE);
}

static void player_loop(void)
{
	static int16_t a[300];
	struct cc_clip ca = make_clip(a, 300, 0);
	const struct cc_play_item list[] = {{&ca, 0}};
	static struct cc_player p;
	int32_t acc[CC_FRAME];
	unsigned long heard = 0, wrong = 0;

	for (unsigned i = 0; i < 300; i++)
		a[i] = (int16_t)i;
	cc_player_start(&p, list, 1, 0, CC_UNITY / 2, CC_UNITY, 1, 10);
	for (unsigned f = 0; f < 500; f++) {
		memset(acc, 0, sizeof acc);
		CU_ASSERT_EQUAL_FATAL(cc_player_run(&p, acc), CC_PLAY_ON);
		for (unsigned i = 0; i < CC_FRAME; i++, heard++)
			wrong += acc[i] != (int32_t)((heard + 80) % 300) / 2;
	}
	CU_ASSERT_EQUAL(wrong, 0);
	CU_ASSERT_EQUAL(ca.refs, 1);
	cc_player_stop(&p);
	CU_ASSERT_EQUAL(ca.refs, 0);
}

static void player_missing(void)
{
	static int16_t a[CC_FRAME];
	struct cc_clip ca = make_clip(a, CC_FRAME, 9), gone = {CC_CLIP_FAILED, 3, NULL, 0},
				   late = {CC_CLIP_WAITING, 1, NULL, 0};
	const struct cc_play_item only[] = {{&gone, 0}}, list[] = {{&gone, 0}, {&ca, 0}, {&late, 0}};
	static struct cc_player p;
	int32_t acc[CC_FRAME] = {0};

	/* for ever, yet nothing to hear: it must end */
	cc_player_start(&p, only, 1, 0, CC_UNITY, 0, 1, 0);
	CU_ASSERT_EQUAL(cc_player_run(&p, acc), CC_PLAY_MISSING);
	cc_player_start(&p, list, 3, 1, CC_UNITY, 0, 1, 0);
	CU_ASSERT_EQUAL(cc_player_run(&p, acc), CC_PLAY_ON);
	CU_ASSERT_EQUAL(acc[5], 9);
	for (int i = 0; i < 100; i++)
		CU_ASSERT_EQUAL(cc_player_run(&p, acc), CC_PLAY_ON); /* waits for the file */
	late.state = CC_CLIP_FAILED;
	CU_ASSERT_EQUAL(cc_player_run(&p, acc), CC_PLAY_MISSING);
	CU_ASSERT_EQUAL(gone.refs, 1);
}

CU_TestInfo player_tests[] = {
		{"a list without gaps, and its end", player_gapless},
		{"a loop without seam, gain, start", player_loop},
		{"missing and late files", player_missing},
		CU_TEST_INFO_NULL,
};

/* ---- mixer ---- */

/* A level as it is after the codec. */
static int16_t level(int16_t value)
{
	return alaw_to_linear(linear_to_alaw(value));
}

static void feed(struct cc_mix_leg *l, unsigned tick, int16_t value)
{
	uint8_t data[CC_FRAME];

	memset(data, linear_to_alaw(value), sizeof data);
	cc_jitter_seen(&l->jitter, 1, (uint16_t)tick);
	cc_jitter_put(&l->jitter, CC_PT_PCMA, tick * CC_FRAME, data, CC_FRAME);
	cc_mix_leg_read(l);
}

static void mixer_matrix(void)
{
	static struct cc_mix_leg a, b, c;
	struct cc_mix_leg *legs[] = {&a, &b, &c}, *pair[] = {&a, &c};
	/* a hears b fully and c at half, b hears only c doubled, c hears nobody */
	static const uint16_t gain[] = {0, 256, 128, 0, 0, 512, 0, 0, 0}, two[] = {0, 256, 256, 0},
						  high[] = {0, 1025, 0, 0};
	struct cc_mix_conf *conf = NULL, *other = NULL;
	static struct cc_mix_out out;

	cc_mix_leg_init(&a, NULL);
	cc_mix_leg_init(&b, NULL);
	cc_mix_leg_init(&c, NULL);
	CU_ASSERT_EQUAL(cc_mix_conf_set(&conf, NULL, pair, 2, high, false, NULL), CC_E_RANGE);
	CU_ASSERT_EQUAL_FATAL(cc_mix_conf_set(&conf, NULL, legs, 3, gain, false, NULL), 0);
	for (unsigned t = 0; t < 4; t++) {
		feed(&a, t, 1000);
		feed(&b, t, 2000);
		feed(&c, t, 30000);
	}
	cc_mix_leg_write(&a, CC_PT_PCMU, &out);
	CU_ASSERT_EQUAL(out.pcm[0], level(2000) + level(30000) / 2);
	cc_mix_leg_write(&b, CC_PT_PCMU, &out);
	CU_ASSERT_EQUAL(out.pcm[0], 32767);
	cc_mix_leg_write(&c, CC_PT_PCMU, &out);
	CU_ASSERT_EQUAL(out.pcm[0], 0);
	CU_ASSERT_EQUAL(cc_mix_gain(&a, &c), 128);
	/* a and c go to another conference */
	CU_ASSERT_EQUAL_FATAL(cc_mix_conf_set(&other, NULL, pair, 2, two, false, NULL), 0);
	CU_ASSERT_EQUAL(cc_mix_conf_count(conf), 1);
	CU_ASSERT_EQUAL(cc_mix_gain(&b, &c), 0);
	cc_mix_leg_write(&b, CC_PT_PCMU, &out);
	CU_ASSERT_EQUAL(out.kind, CC_MIX_SILENCE);
	cc_mix_leg_write(&c, CC_PT_PCMU, &out);
	CU_ASSERT_EQUAL(out.kind, CC_MIX_SOUND);
	CU_ASSERT_EQUAL(out.pcm[0], level(1000));
	/* one speaker in the listener's own codec: as it came */
	cc_mix_leg_write(&c, CC_PT_PCMA, &out);
	CU_ASSERT_EQUAL(out.kind, CC_MIX_PASS);
	CU_ASSERT_PTR_EQUAL(out.speaker, &a);
	CU_ASSERT_EQUAL(out.code[CC_FRAME - 1], linear_to_alaw(1000));
	cc_mix_leg_close(&b);
	CU_ASSERT_EQUAL(cc_mix_conf_count(conf), 0);
	cc_mix_conf_free(conf);
	cc_mix_conf_free(other);
	cc_mix_leg_write(&a, CC_PT_PCMU, &out);
	CU_ASSERT_EQUAL(out.pcm[0], 0);
	cc_mix_leg_close(&a);
	cc_mix_leg_close(&c);
}

static void mixer_layers(void)
{
	static int16_t music[CC_FRAME], prompt[CC_FRAME];
	struct cc_clip cm = make_clip(music, CC_FRAME, 300), cp = make_clip(prompt, CC_FRAME, 50);
	const struct cc_play_item im = {&cm, 0}, ip = {&cp, 0};
	static const uint16_t gain[] = {256};
	static struct cc_mix_leg a;
	struct cc_mix_leg *legs[] = {&a};
	struct cc_mix_conf *conf = NULL;
	static struct cc_mix_out out;

	cc_mix_leg_init(&a, NULL);
	CU_ASSERT_EQUAL_FATAL(cc_mix_conf_set(&conf, NULL, legs, 1, gain, false, NULL), 0);
	for (unsigned t = 0; t < 4; t++)
		feed(&a, t, 1000);
	cc_player_start(&a.layer[CC_LAYER_MUSIC], &im, 1, 0, CC_UNITY, 0, 1, 0);
	cc_mix_leg_write(&a, CC_PT_PCMU, &out);
	CU_ASSERT_EQUAL(out.pcm[0], 300);
	/* the music goes down to a half below the prompt */
	cc_player_start(&a.layer[CC_LAYER_PROMPT], &ip, 1, 1, CC_UNITY, CC_UNITY / 2, 2, 0);
	cc_mix_leg_write(&a, CC_PT_PCMU, &out);
	CU_ASSERT_EQUAL(out.pcm[0], 200);
	cc_mix_leg_write(&a, CC_PT_PCMU, &out);
	CU_ASSERT_EQUAL(out.result[CC_LAYER_PROMPT], CC_PLAY_END);
	CU_ASSERT_EQUAL(out.result[CC_LAYER_MUSIC], CC_PLAY_ON);
	CU_ASSERT_EQUAL(out.pcm[0], 300);
	cc_player_stop(&a.layer[CC_LAYER_MUSIC]);
	cc_mix_leg_write(&a, CC_PT_PCMU, &out);
	CU_ASSERT_EQUAL(out.pcm[0], level(1000));
	cc_mix_leg_close(&a);
	cc_mix_conf_free(conf);
	CU_ASSERT_EQUAL(cm.refs + cp.refs, 0);
}

CU_TestInfo mixer_tests[] = {
		{"gain matrix", mixer_matrix},
		{"prompt over music over conference", mixer_layers},
		CU_TEST_INFO_NULL,
};

/* ---- digits ---- */

static char packet(
		struct cc_dtmf_rx *d, uint32_t ts, int code, bool end, unsigned duration, int64_t now)
{
	const uint8_t p[4] = {
			(uint8_t)code, end ? 0x8A : 0x0A, (uint8_t)(duration >> 8), (uint8_t)duration};

	return cc_dtmf_rx_packet(d, 1, ts, p, 4, now);
}

static void dtmf_packets(void)
{
	struct cc_dtmf_rx d;

	CU_ASSERT_EQUAL_FATAL(cc_dtmf_rx_init(&d), 0);
	CU_ASSERT_EQUAL(packet(&d, 1000, 5, false, 160, 0), '5');
	CU_ASSERT_EQUAL(packet(&d, 1000, 5, false, 320, 20), 0);
	for (int i = 0; i < 3; i++)
		CU_ASSERT_EQUAL(packet(&d, 1000, 5, true, 480, 40), 0);
	/* the same key again; its beginning was lost */
	CU_ASSERT_EQUAL(packet(&d, 3000, 5, true, 480, 300), '5');
	CU_ASSERT_EQUAL(packet(&d, 1000, 5, true, 480, 310), 0); /* late */
	/* a press longer than one event can tell */
	CU_ASSERT_EQUAL(packet(&d, 9000, 11, false, 0xFFFF, 400), '#');
	CU_ASSERT_EQUAL(packet(&d, 9000 + 0xFFFF, 11, false, 160, 420), 0);
	CU_ASSERT_EQUAL(packet(&d, 9000 + 0xFFFF, 11, true, 320, 440), 0);
	CU_ASSERT_EQUAL(packet(&d, 90000, 16, true, 320, 460), 0); /* flash: no key */
	CU_ASSERT_EQUAL(cc_dtmf_rx_packet(&d, 1, 99000, (const uint8_t *)"\1\2", 2, 460), 0);
	cc_dtmf_rx_close(&d);
}

/* 100 ms of a key's tones and 100 ms of silence: the digits found. */
static unsigned keyed(struct cc_dtmf_rx *d, double low, double high, int64_t now, char *found)
{
	int16_t pcm[1600] = {0}, other[800];
	unsigned n = 0;

	tone_make(pcm, 800, 0, low, 8000);
	tone_make(other, 800, 0, high, 8000);
	for (unsigned i = 0; i < 800; i++)
		pcm[i] = (int16_t)(pcm[i] + other[i]);
	for (unsigned i = 0; i < 10; i++) {
		char c = cc_dtmf_rx_sound(d, pcm + i * CC_FRAME, now + i * 20);
		if (c) {
			*found = c;
			n++;
		}
	}
	return n;
}

static void dtmf_once(void)
{
	struct cc_dtmf_rx d;
	char c = 0;

	CU_ASSERT_EQUAL_FATAL(cc_dtmf_rx_init(&d), 0);
	CU_ASSERT_EQUAL(keyed(&d, 697, 1209, 0, &c), 1);
	CU_ASSERT_EQUAL(c, '1');
	CU_ASSERT_EQUAL(packet(&d, 100, 1, false, 160, 200), 0); /* told already */
	CU_ASSERT_EQUAL(packet(&d, 100, 1, true, 800, 280), 0);
	CU_ASSERT_EQUAL(packet(&d, 2000, 1, false, 160, 400), '1'); /* the next press */
	CU_ASSERT_EQUAL(keyed(&d, 697, 1209, 420, &c), 0);
	CU_ASSERT_EQUAL(packet(&d, 4000, 1, false, 160, 620), '1');
	CU_ASSERT_EQUAL(keyed(&d, 697, 1209, 640, &c), 0);
	CU_ASSERT_EQUAL(keyed(&d, 941, 1477, 9000, &c), 1);
	CU_ASSERT_EQUAL(c, '#');
	cc_dtmf_rx_close(&d);
}

static void dtmf_send(void)
{
	struct cc_dtmf_tx d;
	struct cc_dtmf_rx rx;
	int16_t pcm[CC_FRAME];
	uint8_t p[4];
	uint32_t ts = 0, now = 5000;
	bool marker;
	unsigned packets = 0, marked = 0;
	char got[8] = "";

	CU_ASSERT_EQUAL_FATAL(cc_dtmf_tx_init(&d), 0);
	CU_ASSERT_EQUAL_FATAL(cc_dtmf_rx_init(&rx), 0);
	CU_ASSERT_EQUAL(cc_dtmf_tx_put(&d,
							"1234567890123456789012345678901234567890123456789012345678901234567",
							67, 100, 100),
			CC_E_FULL);
	CU_ASSERT_EQUAL(cc_dtmf_tx_put(&d, "7*", 2, 100, 100), 0);
	for (int tick = 0; tick < 30; tick++, now += CC_FRAME) {
		unsigned n = cc_dtmf_tx_run(&d, true, now, pcm, p, &ts, &marker);
		packets += n;
		marked += n && marker;
		while (n--) {
			char c = cc_dtmf_rx_packet(&rx, 1, ts, p, 4, tick * 20);
			if (c)
				strncat(got, &c, 1);
		}
	}
	CU_ASSERT_STRING_EQUAL(got, "7*");
	CU_ASSERT_EQUAL(packets, 2 * (4 + 3));
	CU_ASSERT_EQUAL(marked, 2);
	CU_ASSERT_EQUAL(p[2] << 8 | p[3], 800);
	/* as tones, to a far end that takes no packets */
	got[0] = 0;
	cc_dtmf_tx_put(&d, "9", 1, 100, 100);
	for (int tick = 0; tick < 10; tick++) {
		char c;
		memset(pcm, 0, sizeof pcm);
		CU_ASSERT_EQUAL(cc_dtmf_tx_run(&d, false, now, pcm, p, &ts, &marker), 0);
		c = cc_dtmf_rx_sound(&rx, pcm, 10000 + tick * 20);
		if (c)
			strncat(got, &c, 1);
	}
	CU_ASSERT_STRING_EQUAL(got, "9");
	cc_dtmf_tx_close(&d);
	cc_dtmf_rx_close(&rx);
}

CU_TestInfo dtmf_tests[] = {
		{"RFC 4733 packets", dtmf_packets},
		{"packets and tones of one press", dtmf_once},
		{"sending", dtmf_send},
		CU_TEST_INFO_NULL,
};
