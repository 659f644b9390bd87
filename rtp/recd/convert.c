/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <lame/lame.h>
#include <pcap/pcap.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cc/err.h"
#include "convert.h"
#include "packet.h"
#include "track.h"

#define RING 32768                             /* samples, a power of two */
#define LAG CC_RATE                            /* sound is final when nothing older can come */
#define LONGEST ((int64_t)24 * 3600 * CC_RATE) /* of one recording */
#define PAUSE_US                                                                                   \
	(600 * 1000000LL) /* between two packets; cc-mixd always sends, so more is a broken clock */
#define BLOCK 4096    /* samples written at once */
#define QUIET 256     /* peak below -42 dB of full scale */
#define MP3_KBIT 24

_Static_assert(RING >= LAG + CC_TRACK_AHEAD + CC_TRACK_PACKET + CC_RATE,
		"sound must not overtake the ring");

struct output
{
	int fd;
	SNDFILE *wav;
	FILE *mp3;
	lame_t lame;
	int16_t ring[RING][2];
	int64_t written, end; /* samples from the start */
	unsigned char bits[BLOCK * 5 / 4 + 7200];
};

const char *cc_recording_state_name(enum cc_recording_state state)
{
	static const char *const name[] = {"ok", "one_way", "silent", "damaged"};

	return name[state];
}

static void no_words(const char *fmt, va_list ap)
{
}

static int output_open(struct output *o, const char *wav, const char *mp3)
{
	SF_INFO info = {
			.samplerate = CC_RATE, .channels = 2, .format = SF_FORMAT_WAV | SF_FORMAT_PCM_16};

	o->fd = open(wav, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	if (o->fd < 0)
		return CC_E_IO;
	o->wav = sf_open_fd(o->fd, SFM_WRITE, &info, SF_FALSE);
	o->mp3 = fopen(mp3, "wbe");
	if (!o->wav || !o->mp3)
		return CC_E_IO;
	o->lame = lame_init();
	if (!o->lame)
		return CC_E_NOMEM;
	lame_set_errorf(o->lame, no_words);
	lame_set_msgf(o->lame, no_words);
	lame_set_debugf(o->lame, no_words);
	lame_set_in_samplerate(o->lame, CC_RATE);
	lame_set_out_samplerate(o->lame, CC_RATE);
	lame_set_num_channels(o->lame, 2);
	lame_set_mode(o->lame, STEREO); /* never joint: the sides are different people */
	lame_set_brate(o->lame, MP3_KBIT);
	lame_set_quality(o->lame, 7);
	lame_set_bWriteVbrTag(o->lame, 0);
	return lame_init_params(o->lame) < 0 ? CC_E_NOMEM : 0;
}

/* Everything before sample number to is final. */
static int output_write(struct output *o, int64_t to)
{
	while (o->written < to) {
		unsigned at = (unsigned)(o->written % RING), n = RING - at;
		int bytes;
		if (n > BLOCK)
			n = BLOCK;
		if ((int64_t)n > to - o->written)
			n = (unsigned)(to - o->written);
		if (sf_writef_short(o->wav, o->ring[at], n) != (sf_count_t)n)
			return CC_E_IO;
		bytes = lame_encode_buffer_interleaved(
				o->lame, o->ring[at], (int)n, o->bits, sizeof o->bits);
		if (bytes < 0 || fwrite(o->bits, 1, (size_t)bytes, o->mp3) != (size_t)bytes)
			return CC_E_IO;
		memset(o->ring[at], 0, n * sizeof *o->ring);
		o->written += n;
	}
	return 0;
}

static void output_put(struct output *o, int side, int64_t place, const int16_t *pcm, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (place + i >= o->written && place + i < o->written + RING)
			o->ring[(place + i) % RING][side] = pcm[i];
	if (place + n > o->end)
		o->end = place + n;
}

static int output_finish(struct output *o)
{
	int err = output_write(o, o->end), bytes;

	if (err)
		return err;
	bytes = lame_encode_flush(o->lame, o->bits, sizeof o->bits);
	if (bytes < 0 || fwrite(o->bits, 1, (size_t)bytes, o->mp3) != (size_t)bytes ||
			fflush(o->mp3) != 0)
		return CC_E_IO;
	if (sf_close(o->wav) != 0) {
		o->wav = NULL;
		return CC_E_IO;
	}
	o->wav = NULL;
	return fsync(o->fd) == 0 && fsync(fileno(o->mp3)) == 0 ? 0 : CC_E_IO;
}

static void output_close(struct output *o)
{
	if (o->lame)
		lame_close(o->lame);
	if (o->wav)
		sf_close(o->wav);
	if (o->mp3)
		fclose(o->mp3);
	if (o->fd >= 0)
		close(o->fd);
	free(o);
}

struct timeline
{
	bool begun;
	int64_t first_us, last_us, shift_us;
};

/* Samples since the first packet. Time never goes back, and does not jump. */
static int64_t arrival(struct timeline *t, int64_t us, bool *damaged)
{
	if (!t->begun) {
		t->begun = true;
		t->first_us = t->last_us = us;
	}
	us -= t->shift_us;
	if (us - t->last_us > PAUSE_US) {
		*damaged = true;
		t->shift_us += us - t->last_us;
		us = t->last_us;
	}
	if (us > t->last_us)
		t->last_us = us;
	return (t->last_us - t->first_us) * CC_RATE / 1000000;
}

/* Bytes in front of the IP header, or -1: a kind of capture that rtpengine does not write. */
static int link_header(int linktype)
{
	switch (linktype) {
	case DLT_RAW:
		return 0;
	case DLT_EN10MB:
		return 14;
	default:
		return -1;
	}
}

static enum cc_recording_state judge(const struct cc_track track[2], int64_t length, bool damaged)
{
	if (damaged)
		return CC_RECORDING_DAMAGED;
	if (track[0].peak < QUIET && track[1].peak < QUIET)
		return CC_RECORDING_SILENT;
	for (int i = 0; i < 2; i++)
		if (track[i].sound == 0 || (track[i].sound < length / 10 && track[!i].sound > length / 2))
			return CC_RECORDING_ONE_WAY;
	return CC_RECORDING_OK;
}

/* Opens the capture: CC_E_CORRUPT if it is none. */
static int capture_open(pcap_t **capture, int *link, const char *path)
{
	char words[PCAP_ERRBUF_SIZE];
	struct stat st;
	FILE *f;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		return errno == ENOENT || errno == ELOOP ? CC_E_NOENT : CC_E_IO;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return CC_E_NOENT;
	}
	f = fdopen(fd, "rb");
	if (!f) {
		close(fd);
		return CC_E_NOMEM;
	}
	*capture = pcap_fopen_offline(f, words);
	if (!*capture) {
		fclose(f);
		return CC_E_CORRUPT;
	}
	*link = link_header(pcap_datalink(*capture));
	return *link < 0 ? CC_E_CORRUPT : 0;
}

int cc_convert(struct cc_recording *r, const char *pcap, uint16_t first, uint16_t last,
		const char *wav, const char *mp3, const volatile sig_atomic_t *stop)
{
	struct cc_track track[2];
	struct timeline time = {0};
	struct output *o = calloc(1, sizeof *o);
	pcap_t *capture = NULL;
	struct pcap_pkthdr *h;
	const uint8_t *data;
	bool damaged = false, broken;
	int err, link = 0, more = 0;

	if (!o)
		return CC_E_NOMEM;
	o->fd = -1;
	cc_track_init(&track[0]);
	cc_track_init(&track[1]);
	err = capture_open(&capture, &link, pcap);
	if (err && err != CC_E_CORRUPT)
		goto out;
	damaged = broken = err != 0;
	err = output_open(o, wav, mp3);
	if (err)
		goto out;
	while (!broken && (more = pcap_next_ex(capture, &h, &data)) == 1) {
		int16_t pcm[CC_TRACK_PACKET];
		struct cc_packet p;
		int64_t now, place;
		unsigned n;
		int side;
		if (*stop) {
			err = CC_E_STATE;
			goto out;
		}
		if (h->caplen < (unsigned)link ||
				!cc_packet_parse(&p, data + link, h->caplen - (unsigned)link))
			continue;
		now = arrival(&time, (int64_t)h->ts.tv_sec * 1000000 + h->ts.tv_usec, &damaged);
		if (now > LONGEST) {
			damaged = true;
			break;
		}
		/* cc-mixd is on this machine; a phone elsewhere may have the same port number */
		side = p.loopback && p.port >= first && p.port <= last;
		n = cc_track_packet(&track[side], &p.rtp, now, &place, pcm);
		err = output_write(o, now - LAG);
		if (err)
			goto out;
		if (n)
			output_put(o, side, place, pcm, n);
	}
	damaged |= more == -1; /* cut off in the middle of a packet */
	err = output_finish(o);
	if (err)
		goto out;
	r->started_us = time.first_us;
	r->duration_ms = o->end * 1000 / CC_RATE;
	for (int i = 0; i < 2; i++) {
		r->packets[i] = track[i].seq.received;
		r->lost[i] = track[i].seq.lost;
	}
	r->state = judge(track, o->end, damaged);
out:
	if (capture)
		pcap_close(capture);
	cc_track_close(&track[0]);
	cc_track_close(&track[1]);
	output_close(o);
	return err;
}
