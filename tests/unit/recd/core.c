/* SPDX-License-Identifier: GPL-2.0-or-later
 * Captures to sound, without rtpengine and database. REC: the right sides, the right length, and no
 * capture takes the program down. */
#include <sndfile.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include "capture.h"
#include "cc/err.h"
#include "convert.h"
#include "join.h"
#include "packet.h"
#include "spool.h"
#include "tone.h"
#include "unit.h"

static char folder[64], pcap[96], wav[96], mp3[96];
static volatile sig_atomic_t stop;
static int16_t *sound[2];
static unsigned long samples;

static void begin(void)
{
	unit_folder(folder);
	snprintf(pcap, sizeof pcap, "%s/a.pcap", folder);
	snprintf(wav, sizeof wav, "%s/a.wav", folder);
	snprintf(mp3, sizeof mp3, "%s/a.mp3", folder);
	stop = 0;
}

static void end(void)
{
	free(sound[0]);
	free(sound[1]);
	sound[0] = sound[1] = NULL;
	unit_remove(folder);
}

static struct cc_recording convert(void)
{
	struct cc_recording r = {0};

	CU_ASSERT_EQUAL(cc_convert(&r, pcap, MIXER, MIXER, wav, mp3, &stop), 0);
	return r;
}

static void load(void)
{
	SF_INFO info = {0};
	SNDFILE *f = sf_open(wav, SFM_READ, &info);
	int16_t *both;

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	CU_ASSERT_EQUAL(info.channels, 2);
	CU_ASSERT_EQUAL(info.samplerate, 8000);
	samples = (unsigned long)info.frames;
	both = calloc(samples + 1, 4);
	CU_ASSERT_EQUAL(sf_readf_short(f, both, info.frames), info.frames);
	for (int side = 0; side < 2; side++) {
		sound[side] = malloc((samples + 1) * 2);
		for (unsigned long i = 0; i < samples; i++)
			sound[side][i] = both[2 * i + (unsigned)side];
	}
	free(both);
	sf_close(f);
}

/* Level of hz in a part of a side, in seconds. */
static double at(int side, double from, double length, double hz)
{
	CU_ASSERT_FATAL((from + length) * 8000 <= (double)samples);
	return tone_level(sound[side] + (unsigned long)(from * 8000), (unsigned)(length * 8000), hz);
}

#define IS(level) CU_ASSERT_DOUBLE_EQUAL(level, 8000, 600)
#define NOT(level) CU_ASSERT(level < 160)

static void both_sides(void)
{
	struct sender left = {PHONE, 8, 400, 65500, 0xFFFFF000, 1, 0, {NULL}},
				  right = {MIXER, 0, 900, 5, 77, 2, 0, {NULL}};
	struct cc_recording r;
	struct capture c;
	struct stat st;

	capture_open(&c, pcap);
	for (int i = 0; i < 500; i++, c.us += 20000) {
		capture_tone(&c, &left, false);
		if (i >= 100) /* the other side begins two seconds later */
			capture_tone(&c, &right, false);
	}
	capture_close(&c);
	r = convert();
	load();
	CU_ASSERT_EQUAL(r.state, CC_RECORDING_OK);
	CU_ASSERT_EQUAL(r.started_us, 1700000000000000);
	CU_ASSERT_EQUAL(r.packets[0], 500);
	CU_ASSERT_EQUAL(r.packets[1], 400);
	CU_ASSERT_EQUAL(r.lost[0] + r.lost[1], 0);
	CU_ASSERT_DOUBLE_EQUAL(r.duration_ms, 10000, 100);
	CU_ASSERT_EQUAL(r.duration_ms, (int64_t)samples / 8);
	IS(at(0, 0, 9.9, 400));
	NOT(at(0, 0, 9.9, 900));
	NOT(at(1, 0, 1.9, 900));
	IS(at(1, 2.1, 7.8, 900));
	NOT(at(1, 2.1, 7.8, 400));
	CU_ASSERT_EQUAL_FATAL(stat(mp3, &st), 0);
	CU_ASSERT_DOUBLE_EQUAL(st.st_size, 24000 / 8 * 10, 2000);
}

/* A wide-band phone, and one side that is there and says nothing. */
static void g722_one_way(void)
{
	struct sender left = {PHONE, 9, 400, 1, 0, 1, 0, {NULL}},
				  right = {MIXER, 0, 900, 5, 77, 2, 0, {NULL}};
	struct cc_recording r;
	struct capture c;

	for (int silent = 0; silent < 2; silent++) {
		capture_open(&c, pcap);
		right.hz = silent ? 0 : 900;
		for (int i = 0; i < 400; i++, c.us += 20000) {
			capture_tone(&c, &left, false);
			capture_tone(&c, &right, false);
		}
		capture_close(&c);
		r = convert();
		CU_ASSERT_EQUAL(r.state, silent ? CC_RECORDING_ONE_WAY : CC_RECORDING_OK);
		CU_ASSERT_EQUAL(r.packets[0], 400);
	}
	load();
	IS(at(0, 0.1, 7.8, 400));
	cc_encoder_close(&left.encoder);
}

/* Two segments of 2 s with a pause of 3 s, and what is wrong with either is told. */
static void segments_joined(void)
{
	struct sender left = {PHONE, 8, 400, 1, 0, 1, 0, {NULL}},
				  right = {MIXER, 0, 900, 5, 77, 2, 0, {NULL}};
	char first[96], second[96], whole[96];
	struct cc_join_part part[2] = {
			{first, 1700000000000, CC_RECORDING_OK}, {second, 1700000005000, CC_RECORDING_SILENT}};
	struct cc_recording r = {0};
	struct capture c;

	snprintf(first, sizeof first, "%s/1.wav", folder);
	snprintf(second, sizeof second, "%s/2.wav", folder);
	snprintf(whole, sizeof whole, "%s", wav);
	for (int k = 0; k < 2; k++) {
		capture_open(&c, pcap);
		left.hz = k ? 500 : 400;
		for (int i = 0; i < 100; i++, c.us += 20000) {
			capture_tone(&c, &left, false);
			capture_tone(&c, &right, false);
		}
		capture_close(&c);
		snprintf(wav, sizeof wav, "%s", k ? second : first);
		convert();
	}
	snprintf(wav, sizeof wav, "%s", whole);
	CU_ASSERT_EQUAL(cc_join(&r, part, 2, wav, mp3, &stop), 0);
	load();
	CU_ASSERT_DOUBLE_EQUAL(r.duration_ms, 7000, 60);
	CU_ASSERT_EQUAL(r.started_us, 1700000000000000);
	CU_ASSERT_EQUAL(r.state, CC_RECORDING_OK);
	IS(at(0, 0, 1.9, 400));
	NOT(at(0, 2.1, 2.8, 400));
	NOT(at(1, 2.1, 2.8, 900));
	IS(at(0, 5.1, 1.8, 500));
	IS(at(1, 5.1, 1.8, 900));
	/* a clock that went back moves nothing out of order */
	part[1].started_ms = 1600000000000;
	part[1].state = CC_RECORDING_DAMAGED;
	CU_ASSERT_EQUAL(cc_join(&r, part, 2, wav, mp3, &stop), 0);
	CU_ASSERT_DOUBLE_EQUAL(r.duration_ms, 4000, 60);
	CU_ASSERT_EQUAL(r.state, CC_RECORDING_DAMAGED);
	/* nor does one that jumps by years fill the disk */
	part[1].started_ms = 1800000000000;
	CU_ASSERT_EQUAL(cc_join(&r, part, 2, wav, mp3, &stop), CC_E_RANGE);
	part[1] = (struct cc_join_part){pcap, 1700000001000, CC_RECORDING_OK};
	CU_ASSERT_EQUAL(cc_join(&r, part, 2, wav, mp3, &stop), CC_E_CORRUPT);
	part[1].wav = "/nowhere";
	CU_ASSERT_EQUAL(cc_join(&r, part, 2, wav, mp3, &stop), CC_E_CORRUPT);
}

static void loss(void)
{
	struct sender left = {PHONE, 0, 400, 9, 0, 1, 0, {NULL}},
				  right = {MIXER, 0, 900, 5, 77, 2, 0, {NULL}};
	struct cc_recording r;
	struct capture c;
	unsigned lost = 0;

	capture_open(&c, pcap);
	for (int i = 0; i < 3000; i++, c.us += 20000) {
		bool gone = i % 14 == 7; /* 7 % */
		lost += gone;
		capture_tone(&c, &left, gone);
		capture_tone(&c, &right, false);
	}
	capture_close(&c);
	r = convert();
	load();
	CU_ASSERT_EQUAL(r.state, CC_RECORDING_OK);
	CU_ASSERT_EQUAL(r.lost[0], lost);
	CU_ASSERT_EQUAL(r.lost[1], 0);
	CU_ASSERT_DOUBLE_EQUAL(r.duration_ms, 60000, 600);
	/* the tone stays in phase: a gap is silence and moves nothing */
	CU_ASSERT_DOUBLE_EQUAL(at(0, 0, 59, 400), 8000 * 13 / 14.0, 200);
	NOT(at(0, 0.14, 0.02, 400));
	IS(at(1, 0, 59, 900));
}

static void jumps(void)
{
	struct sender left = {PHONE, 0, 400, 9, 0, 1, 0, {NULL}},
				  right = {MIXER, 0, 900, 5, 77, 2, 0, {NULL}};
	struct cc_recording r;
	struct capture c;

	capture_open(&c, pcap);
	for (int i = 0; i < 1000; i++, c.us += 20000) {
		if (i == 200) { /* another stream, after a re-INVITE */
			left.ssrc = 99;
			left.seq = 40000;
			left.ts = 0xDEADBEEF;
			left.hz = 500;
		}
		if (i == 400) /* timestamps jump */
			left.ts += 1000000;
		if (i == 600)
			left.ts -= 5000000;
		if (i < 700 || i >= 900) /* nothing for four seconds, and the timestamps stand still */
			capture_tone(&c, &left, false);
		capture_tone(&c, &right, false);
	}
	capture_close(&c);
	r = convert();
	load();
	CU_ASSERT_EQUAL(r.state, CC_RECORDING_OK);
	CU_ASSERT_DOUBLE_EQUAL(r.duration_ms, 20000, 200);
	IS(at(0, 0.1, 3.8, 400));
	IS(at(0, 4.1, 3.8, 500));
	IS(at(0, 8.1, 3.8, 500));
	IS(at(0, 12.1, 1.8, 500));
	NOT(at(0, 14.1, 3.8, 500));
	IS(at(0, 18.1, 1.8, 500));
	IS(at(1, 0.1, 19.7, 900));
}

static void states(void)
{
	struct sender left = {PHONE, 0, 400, 9, 0, 1, 0, {NULL}},
				  right = {MIXER, 0, 900, 5, 77, 2, 0, {NULL}};
	struct capture c;
	FILE *f;

	/* nothing comes from the phone */
	capture_open(&c, pcap);
	for (int i = 0; i < 100; i++, c.us += 20000)
		capture_tone(&c, &right, false);
	capture_close(&c);
	CU_ASSERT_EQUAL(convert().state, CC_RECORDING_ONE_WAY);
	/* both send, and nothing can be heard */
	left.hz = right.hz = 0;
	capture_open(&c, pcap);
	for (int i = 0; i < 100; i++, c.us += 20000) {
		capture_tone(&c, &left, false);
		capture_tone(&c, &right, false);
	}
	capture_close(&c);
	CU_ASSERT_EQUAL(convert().state, CC_RECORDING_SILENT);
	/* cut off in the middle of a packet */
	CU_ASSERT_EQUAL(truncate(pcap, 20000), 0);
	CU_ASSERT_EQUAL(convert().state, CC_RECORDING_DAMAGED);
	capture_open(&c, pcap);
	capture_close(&c);
	CU_ASSERT_EQUAL(convert().state, CC_RECORDING_SILENT);
	CU_ASSERT_EQUAL(convert().duration_ms, 0);
	f = fopen(pcap, "w");
	fclose(f);
	CU_ASSERT_EQUAL(convert().state, CC_RECORDING_DAMAGED);
	f = fopen(pcap, "w");
	fputs("this is no capture, but a text that somebody put here by mistake", f);
	fclose(f);
	CU_ASSERT_EQUAL(convert().state, CC_RECORDING_DAMAGED);
	/* a clock that jumps by years must not fill the disk */
	capture_open(&c, pcap);
	left.hz = 400;
	for (int i = 0; i < 100; i++, c.us += i % 10 == 9 ? 100000000000000 : 20000)
		capture_tone(&c, &left, false);
	capture_close(&c);
	CU_ASSERT_EQUAL(convert().state, CC_RECORDING_DAMAGED);
	CU_ASSERT(convert().duration_ms < 10000);
	/* interrupted: told so, and nothing else */
	stop = 1;
	CU_ASSERT_EQUAL(
			cc_convert(&(struct cc_recording){0}, pcap, MIXER, MIXER, wav, mp3, &stop), CC_E_STATE);
	stop = 0;
	unlink(pcap);
	CU_ASSERT_EQUAL(
			cc_convert(&(struct cc_recording){0}, pcap, MIXER, MIXER, wav, mp3, &stop), CC_E_NOENT);
	CU_ASSERT_EQUAL(cc_convert(&(struct cc_recording){0}, folder, MIXER, MIXER, wav, mp3, &stop),
			CC_E_NOENT);
}

static long memory_kb(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return u.ru_maxrss;
}

static void long_call(void)
{
	struct sender left = {PHONE, 0, 400, 9, 0, 1, 0, {NULL}},
				  right = {MIXER, 0, 900, 5, 77, 2, 0, {NULL}};
	struct cc_recording r;
	struct capture c;
	long before;

	capture_open(&c, pcap);
	for (int i = 0; i < 50 * 600; i++, c.us += 20000) {
		capture_tone(&c, &left, false);
		capture_tone(&c, &right, false);
	}
	capture_close(&c);
	before = memory_kb();
	r = convert();
	CU_ASSERT_DOUBLE_EQUAL(r.duration_ms, 600000, 100);
	CU_ASSERT(memory_kb() - before < 4096); /* the sound alone has 19 MB */
}

/* Every kind of damage that a disk or an attacker makes; under the address sanitizer this is the
 * test of bounds. */
static void mutations(void)
{
	struct sender left = {PHONE, 0, 400, 9, 0, 1, 0, {NULL}},
				  right = {MIXER, 9, 900, 5, 77, 2, 0, {NULL}};
	struct capture c;
	struct cc_recording r;
	uint8_t *good, *bad;
	unsigned random = 7;
	size_t size;
	FILE *f;

	capture_open(&c, pcap);
	for (int i = 0; i < 40; i++, c.us += 20000) {
		capture_tone(&c, &left, false);
		capture_tone(&c, &right, false);
	}
	capture_close(&c);
	f = fopen(pcap, "rb");
	good = malloc(20000);
	bad = malloc(20000);
	size = fread(good, 1, 20000, f);
	fclose(f);
	cc_encoder_close(&right.encoder);
	for (int i = 0; i < 1500; i++) {
		size_t n = size;
		memcpy(bad, good, size);
		for (int k = 0; k <= i % 20; k++) {
			random = random * 1103515245 + 12345;
			/* half of the hits go into headers: they do more harm */
			size_t where = random % 2 ? (random >> 8) % size
									  : 24 + (random >> 8) % 80 * 216 + (random >> 20) % 56;
			if (where < size)
				bad[where] = (uint8_t)(random >> 16);
		}
		if (i % 3 == 0)
			n = (random >> 4) % size;
		f = fopen(pcap, "wb");
		fwrite(bad, 1, n, f);
		fclose(f);
		memset(&r, 0, sizeof r);
		CU_ASSERT_EQUAL(cc_convert(&r, pcap, MIXER, MIXER, wav, mp3, &stop), 0);
		CU_ASSERT(r.duration_ms >= 0 && r.duration_ms < 30 * 60 * 1000);
	}
	for (int i = 0; i < 100000; i++) {
		uint8_t *d = malloc(
				i % 100 + 1); /* of its exact size, so that the sanitizer sees one byte too far */
		struct cc_packet p;
		for (int k = 0; k < i % 100; k++)
			d[k] = (uint8_t)((random = random * 1103515245 + 12345) >> 16);
		if (i % 2) {
			d[0] = 0x45;
			if (i % 100 > 28) {
				d[6] = d[7] = 0;
				d[9] = 17;
				d[28] = (uint8_t)(0x80 | (d[28] & 0x3F));
			}
		}
		if (cc_packet_parse(&p, d, (size_t)(i % 100)) && p.rtp.len)
			CU_ASSERT(p.rtp.payload >= d && p.rtp.payload + p.rtp.len <= d + i % 100);
		free(d);
	}
	free(good);
	free(bad);
}

#define CALL "01ARZ3NDEKTSV4RRFFQ69G5FAV"
#define LEG "01ARZ3NDEKTSV4RRFFQ69G5FAW"

static void metadata(void)
{
	static const char *const bad[] = {"", "\n\n", "/x/pcaps/a.pcap\n",
			"v1|2|" CALL "|" LEG "|1|26800\n", "/x/a.pcap\nv1|0|" CALL "|" LEG "|1|26800\n",
			"/x/a.pcap\nv1|-2|" CALL "|" LEG "|1|26800\n", "/x/a.pcap\nv1|2|" CALL "|" LEG "|1|\n",
			"/x/a.pcap\nv1|2|" CALL "|" LEG "|1|70000\n",
			"/x/a.pcap\nv1|2|" CALL "|" LEG "|1|26800|x\n",
			"/x/a.pcap\nv1|2|" CALL "|" LEG "|1|26800|\n",
			"/x/a.pcap\nv1|2|" CALL "|" LEG "|1|26800|1|\n",
			"/x/a.pcap\nv1|2|../../../etc/passwd|" LEG "|1|26800\n",
			"/x/a.pcap\nv1|99999999999999999999|" CALL "|" LEG "|1|26800\n",
			"/x/a.pcap\nv2|2|" CALL "|" LEG "|1|26800\n", "/x/..\nv1|2|" CALL "|" LEG "|1|26800\n",
			"/x/.pcap\nv1|2|" CALL "|" LEG "|1|26800\n"};
	struct cc_spool_item item = {.meta = "m"};
	char path[128];

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		CU_ASSERT_EQUAL(cc_spool_parse(&item, bad[i]), CC_E_INVAL);
	CU_ASSERT_EQUAL_FATAL(
			cc_spool_parse(&item, "/var/spool/pcaps/01X-77.pcap\n\n\nTimestamp terminated ms(first "
								  "monologue): 0.000\n\ncall start time: 2026-11-21T05:51:11\n\n\n"
								  "v1|2|" CALL "|" LEG "|3|26800\n"),
			0);
	CU_ASSERT_STRING_EQUAL(item.meta, "m");
	CU_ASSERT_STRING_EQUAL(item.pcap, "01X-77.pcap");
	CU_ASSERT_EQUAL(item.tenant, 2);
	CU_ASSERT_EQUAL(item.segment, 3);
	CU_ASSERT_EQUAL(item.port_first, 26800);
	CU_ASSERT_EQUAL(item.port_last, 26800);
	CU_ASSERT_FALSE(item.orphan);
	CU_ASSERT_FALSE(item.message);
	CU_ASSERT_EQUAL(cc_spool_parse(&item, "/x/a.pcap\nv1|2|" CALL "|" LEG "|1|26800|1500\n"), 0);
	CU_ASSERT(item.message && item.least_ms == 1500 && item.port_first == 26800);
	CU_ASSERT_EQUAL(
			cc_spool_parse(&item, "/var/spool/pcaps/01X-77.pcap\nv1|2|" CALL "|" LEG "|3|26800\n"),
			0);
	CU_ASSERT_FALSE(item.message);
	cc_spool_target(&item, path);
	CU_ASSERT_STRING_EQUAL(path, "2/2016/07/30/" CALL "-3");
	CU_ASSERT_EQUAL(cc_spool_orphan(&item, LEG "-69ca543eb27cba1f.pcap"), 0);
	CU_ASSERT_STRING_EQUAL(item.meta, "rtpengine-meta-" LEG "-69ca543eb27cba1f.tmp");
	CU_ASSERT(item.orphan);
	CU_ASSERT_EQUAL(cc_spool_orphan(&item, "x-69ca543eb27cba1f.pcap"), CC_E_INVAL);
	CU_ASSERT_EQUAL(cc_spool_orphan(&item, LEG ".pcap"), CC_E_INVAL);
}

static CU_TestInfo tests[] = {
		{"both sides", both_sides},
		{"G.722; a side that says nothing", g722_one_way},
		{"segments become the whole", segments_joined},
		{"7 % loss", loss},
		{"other streams, jumps, pauses", jumps},
		{"states, broken and empty captures", states},
		{"memory of a long call", long_call},
		{"damaged captures", mutations},
		{"metadata and names", metadata},
		CU_TEST_INFO_NULL,
};

int main(void)
{
	CU_SuiteInfo suites[] = {
			{"recording", NULL, NULL, begin, end, tests},
			CU_SUITE_INFO_NULL,
	};

	return unit_run(suites);
}
