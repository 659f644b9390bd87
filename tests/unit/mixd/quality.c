/* SPDX-License-Identifier: GPL-2.0-or-later
 * What a bad network does to the sound, and what the jitter buffer makes of it. The numbers of
 * docs/benchmarks.md come from the same simulation (tests/bench/sound.c). */
#include "network.h"
#include "suites.h"

/* ---- the network of the promise: 5 % loss, 60 ms jitter, 200 ppm ---- */

static void clean(void)
{
	const struct network n = {.pt = CC_PT_PCMA, .hz = 1004, .seconds = 60, .seed = 1};
	struct network_report r;

	network_run(&n, &r);
	CU_ASSERT(r.snr_db > 35); /* the codec's own noise */
	CU_ASSERT(r.delay_ms < 21);
	CU_ASSERT_EQUAL(r.gap_ms, 0);
	CU_ASSERT_EQUAL(r.concealed, 0);
	CU_ASSERT(r.whole > 0.99);
	CU_ASSERT_EQUAL(r.resyncs, 0);
}

static void loss(void)
{
	const struct network n = {
			.pt = CC_PT_PCMA, .hz = 1004, .seconds = 300, .seed = 2, .loss = 0.05};
	struct network_report r;

	network_run(&n, &r);
	CU_ASSERT(r.snr_db > 20);
	CU_ASSERT(r.gap_ms < r.heard_ms / 500);
	CU_ASSERT_DOUBLE_EQUAL(r.concealed, 0.05, 0.01);
	CU_ASSERT(r.delay_ms < 21);
}

static void jitter(void)
{
	const struct network n = {
			.pt = CC_PT_PCMA, .hz = 1004, .seconds = 300, .seed = 3, .jitter_ms = 60};
	struct network_report r;

	network_run(&n, &r);
	CU_ASSERT(r.snr_db > 30);
	CU_ASSERT(r.late < 0.01);
	CU_ASSERT_EQUAL(r.gap_ms, 0);
	CU_ASSERT(r.delay_ms < 90);
	CU_ASSERT_EQUAL(r.resyncs, 0);
}

/* Two hours with a clock that is wrong: neither loss nor growing delay. */
static void drift_of(double ppm)
{
	const struct network n = {
			.pt = CC_PT_PCMA, .hz = 1004, .seconds = 7200, .seed = 4, .ppm = ppm, .jitter_ms = 5};
	struct network_report r;

	network_run(&n, &r);
	CU_ASSERT(r.snr_db > 30);
	CU_ASSERT(r.late < 0.001);
	CU_ASSERT_EQUAL(r.gap_ms, 0);
	CU_ASSERT(r.delay_p99_ms < 60);
	CU_ASSERT(r.delay_end_ms < 60);
	CU_ASSERT_EQUAL(r.resyncs, 0);
}

static void drift(void)
{
	drift_of(200);
	drift_of(-200);
}

static void together(void)
{
	static const uint8_t codec[] = {CC_PT_PCMU, CC_PT_PCMA, CC_PT_G722};

	for (unsigned i = 0; i < sizeof codec; i++) {
		const struct network n = {.pt = codec[i],
				.hz = 440,
				.seconds = 600,
				.seed = 5 + i,
				.loss = 0.05,
				.jitter_ms = 60,
				.ppm = 200};
		struct network_report r;
		network_run(&n, &r);
		CU_ASSERT(r.snr_db > 15);
		CU_ASSERT(r.gap_ms < r.heard_ms / 200);
		CU_ASSERT(r.delay_ms < 100);
		CU_ASSERT(r.delay_p99_ms < 120);
		CU_ASSERT(r.late < 0.01);
		CU_ASSERT_EQUAL(r.resyncs, 0);
	}
}

/* ---- single events ---- */

static struct cc_jitter jit;
static struct cc_frame out;

static void begin(void)
{
	cc_jitter_close(&jit);
	cc_jitter_init(&jit);
}

/* One packet of a 500 Hz tone and one tick. */
static void say(unsigned packet, uint32_t ts)
{
	int16_t pcm[CC_FRAME];
	uint8_t data[CC_FRAME];

	tone_make(pcm, CC_FRAME, ts, 500, 8000);
	cc_encode(&(struct cc_encoder){NULL}, CC_PT_PCMU, pcm, CC_FRAME, data);
	cc_jitter_seen(&jit, 1, (uint16_t)packet);
	cc_jitter_put(&jit, CC_PT_PCMU, ts, data, CC_FRAME);
}

static double loud(void)
{
	return tone_level(out.pcm, CC_FRAME, 500);
}

/* A sender that stops in silence and tells how loud the silence is. */
static void comfort_noise(void)
{
	const uint8_t level = 50; /* -50 dB of full scale */
	unsigned seq = 0, noisy = 0, back = 0;
	uint32_t ts = 0;
	double power = 0;

	begin();
	for (unsigned t = 0; t < 100; t++, ts += CC_FRAME) {
		say(seq++, ts);
		cc_jitter_get(&jit, &out);
	}
	cc_jitter_seen(&jit, 1, (uint16_t)seq++);
	cc_jitter_put(&jit, CC_PT_CN, ts, &level, 1);
	for (unsigned t = 0; t < 200; t++, ts += CC_FRAME) {
		cc_jitter_get(&jit, &out);
		if (t < 10)
			continue;
		noisy += out.heard && loud() < 200;
		for (unsigned i = 0; i < CC_FRAME; i++)
			power += (double)out.pcm[i] * out.pcm[i] / CC_FRAME / 190;
	}
	CU_ASSERT_EQUAL(noisy, 190);
	CU_ASSERT_DOUBLE_EQUAL(10 * log10(power / 32768 / 32768), -50, 3);
	CU_ASSERT_EQUAL(jit.concealed, 0); /* nothing was lost */
	for (unsigned t = 0; t < 20; t++, ts += CC_FRAME) {
		say(seq++, ts);
		cc_jitter_get(&jit, &out);
		back += loud() > 7000;
	}
	CU_ASSERT(back >= 17);
	CU_ASSERT_EQUAL(jit.late, 0);
	CU_ASSERT_EQUAL(jit.resyncs, 0);
}

/* The same without a word, and with a clock that stands still while nothing is said. */
static void silent_pause(void)
{
	unsigned seq = 0, back = 0;
	uint32_t ts = 0;

	begin();
	for (unsigned t = 0; t < 100; t++, ts += CC_FRAME) {
		say(seq++, ts);
		cc_jitter_get(&jit, &out);
	}
	for (unsigned t = 0; t < 100; t++)
		cc_jitter_get(&jit, &out);
	CU_ASSERT_FALSE(out.heard);
	CU_ASSERT_EQUAL(out.pcm[80], 0);
	for (unsigned t = 0; t < 20; t++, ts += CC_FRAME) {
		say(seq++, ts);
		cc_jitter_get(&jit, &out);
		back += loud() > 7000;
	}
	CU_ASSERT(back >= 17);
}

/* A gap: 60 ms are made up and fade, then it is quiet, and never a click. */
static void long_gap(void)
{
	unsigned seq = 0;
	uint32_t ts = 0;

	begin();
	for (unsigned t = 0; t < 100; t++, ts += CC_FRAME) {
		say(seq++, ts);
		cc_jitter_get(&jit, &out);
	}
	while (jit.end != jit.play)
		cc_jitter_get(&jit, &out);
	cc_jitter_get(&jit, &out);
	CU_ASSERT(out.heard && loud() > 5000);
	for (int t = 0; t < 4; t++)
		cc_jitter_get(&jit, &out);
	CU_ASSERT_FALSE(out.heard);
	CU_ASSERT_EQUAL(out.pcm[100], 0);
}

/* The way becomes 400 ms longer for good: it is followed, and the delay behind it is short. */
static void longer_way(void)
{
	unsigned heard = 0;

	begin();
	for (unsigned t = 0; t < 600; t++) {
		if (t < 200)
			say(t, t * CC_FRAME);
		else if (t >= 220)
			say(t - 20, (t - 20) * CC_FRAME);
		cc_jitter_get(&jit, &out);
		heard += t >= 240 && loud() > 7000;
	}
	CU_ASSERT(heard >= 355);
	CU_ASSERT(cc_jitter_delay_ms(&jit) <= 60);
}

/* The sender stands still for 400 ms and then sends what it owes at once: that is no delay for what
 * follows. */
static void stalled_sender(void)
{
	unsigned heard = 0;

	begin();
	for (unsigned t = 0; t < 600; t++) {
		for (unsigned k = 300; t == 320 && k < 320; k++)
			say(k, k * CC_FRAME);
		if (t < 300 || t >= 320)
			say(t, t * CC_FRAME);
		cc_jitter_get(&jit, &out);
		heard += t >= 323 && loud() > 7000;
		if (t == 330)
			CU_ASSERT(cc_jitter_delay_ms(&jit) <= 60);
	}
	CU_ASSERT(heard >= 275);
}

/* The mixer stands still for a second while the packets wait in the socket. */
static void stalled_mixer(void)
{
	unsigned heard = 0;

	begin();
	for (unsigned t = 0; t < 100; t++) {
		say(t, t * CC_FRAME);
		cc_jitter_get(&jit, &out);
	}
	cc_jitter_skip(&jit, 45);
	for (unsigned t = 100; t < 150; t++)
		say(t, t * CC_FRAME);
	for (unsigned t = 0; t < 5; t++)
		cc_jitter_get(&jit, &out);
	for (unsigned t = 150; t < 1500; t++) {
		say(t, t * CC_FRAME);
		cc_jitter_get(&jit, &out);
		heard += loud() > 7000;
	}
	CU_ASSERT(heard > 1300);
	CU_ASSERT(cc_jitter_delay_ms(&jit) <= 60);
}

/* A timestamp from elsewhere, again and again, costs neither memory nor the sound after it. */
static void wild_timestamps(void)
{
	unsigned random = 9;

	begin();
	for (unsigned i = 0; i < 20000; i++) {
		uint8_t data[CC_JITTER_PACKET + 10];
		memset(data, (int)i, sizeof data);
		random = random * 1664525 + 1013904223;
		cc_jitter_seen(&jit, random >> 30, (uint16_t)(random >> 7));
		cc_jitter_put(&jit, (uint8_t)(random >> 12 & 15), i % 3 ? random : i * 10, data,
				random >> 20 & 1023);
		if (i % 4 == 0)
			cc_jitter_get(&jit, &out);
	}
	for (unsigned t = 0; t < 60; t++) {
		say(t, t * CC_FRAME);
		cc_jitter_get(&jit, &out);
	}
	CU_ASSERT(loud() > 7000);
	cc_jitter_close(&jit);
}

/* ---- G.722 ---- */

static void g722_codec(void)
{
	struct cc_encoder e = {NULL};
	struct cc_decoder d = {NULL};
	int16_t pcm[1600], back[1600];
	uint8_t data[1600];

	tone_make(pcm, 1600, 0, 1000, 8000);
	CU_ASSERT(cc_encode(&e, CC_PT_G722, pcm, 1600, data));
	CU_ASSERT(cc_decode(&d, CC_PT_G722, data, 1600, back));
	CU_ASSERT_DOUBLE_EQUAL(tone_level(back + 800, 800, 1000), 8000, 400);
	CU_ASSERT_FALSE(cc_decode(&d, 3, data, 1600, back));
	CU_ASSERT_FALSE(cc_encode(&e, 13, pcm, 1600, data));
	cc_encoder_close(&e);
	cc_decoder_close(&d);
}

/* Bytes are passed on, then mixed, then passed on: the ear at the end hears no break. */
static void g722_follow(void)
{
	struct cc_encoder phone = {NULL}, mixer = {NULL};
	struct cc_decoder between = {NULL}, ear = {NULL};
	double worst = 8000;

	for (unsigned t = 0; t < 60; t++) {
		int16_t pcm[CC_FRAME], heard[CC_FRAME];
		uint8_t code[CC_FRAME];
		tone_make(pcm, CC_FRAME, t * CC_FRAME, 1000, 8000);
		cc_encode(&phone, CC_PT_G722, pcm, CC_FRAME, code);
		cc_decode(&between, CC_PT_G722, code, CC_FRAME, pcm);
		if (t / 10 % 2)
			cc_encode(&mixer, CC_PT_G722, pcm, CC_FRAME, code);
		else
			cc_encoder_follow(&mixer, &between);
		cc_decode(&ear, CC_PT_G722, code, CC_FRAME, heard);
		if (t >= 2 && tone_level(heard, CC_FRAME, 1000) < worst)
			worst = tone_level(heard, CC_FRAME, 1000);
	}
	CU_ASSERT(worst > 7000);
	cc_encoder_close(&phone);
	cc_encoder_close(&mixer);
	cc_decoder_close(&between);
	cc_decoder_close(&ear);
}

CU_TestInfo quality_tests[] = {
		{"a good network adds nothing", clean},
		{"5 % loss", loss},
		{"60 ms jitter", jitter},
		{"200 ppm for two hours", drift},
		{"all of it, in every codec", together},
		{"comfort noise", comfort_noise},
		{"a pause without a word", silent_pause},
		{"a long gap", long_gap},
		{"a longer way", longer_way},
		{"a sender that stood still", stalled_sender},
		{"a mixer that stood still", stalled_mixer},
		{"wild timestamps", wild_timestamps},
		{"G.722", g722_codec},
		{"G.722 between passing on and mixing", g722_follow},
		CU_TEST_INFO_NULL,
};
