/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cc/err.h"
#include "convert.h"
#include "output.h"
#include "packet.h"
#include "track.h"

#define RING 32768  /* samples, a power of two */
#define LAG CC_RATE /* sound is final when nothing older can come */
#define PAUSE_US                                                                                   \
	(600 * 1000000LL) /* between two packets; cc-mixd always sends, so more is a broken clock */
#define SPOKEN (5 * CC_RATE) /* so much of the other side's words must have an answer */

_Static_assert(RING >= LAG + CC_TRACK_AHEAD + CC_TRACK_PACKET + CC_RATE,
		"sound must not overtake the ring");

/* Sound that is not final yet. */
struct desk
{
	struct cc_output *output;
	int16_t ring[RING][2];
	int64_t written, end; /* samples from the start */
};

const char *cc_recording_state_name(enum cc_recording_state state)
{
	static const char *const name[] = {"ok", "one_way", "silent", "damaged"};

	return name[state];
}

/* Everything before sample number to is final. */
static int desk_write(struct desk *d, int64_t to)
{
	while (d->written < to) {
		int64_t at = d->written % RING, n = RING - at;
		int err;
		if (n > to - d->written)
			n = to - d->written;
		err = cc_output_write(d->output, (const int16_t(*)[2])d->ring + at, n);
		if (err)
			return err;
		memset(d->ring[at], 0, (size_t)n * sizeof *d->ring);
		d->written += n;
	}
	return 0;
}

static void desk_put(struct desk *d, int side, int64_t place, const int16_t *pcm, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (place + i >= d->written && place + i < d->written + RING)
			d->ring[(place + i) % RING][side] = pcm[i];
	if (place + n > d->end)
		d->end = place + n;
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
	if (track[0].loud == 0 && track[1].loud == 0)
		return CC_RECORDING_SILENT;
	for (int i = 0; i < 2; i++)
		if (track[i].sound == 0 || (track[i].sound < length / 10 && track[!i].sound > length / 2) ||
				(track[i].loud == 0 && track[!i].loud > SPOKEN))
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
	struct desk *d = calloc(1, sizeof *d);
	pcap_t *capture = NULL;
	struct pcap_pkthdr *h;
	const uint8_t *data;
	bool damaged = false, broken;
	int err, link = 0, more = 0;

	if (!d)
		return CC_E_NOMEM;
	cc_track_init(&track[0]);
	cc_track_init(&track[1]);
	err = capture_open(&capture, &link, pcap);
	if (err && err != CC_E_CORRUPT)
		goto out;
	damaged = broken = err != 0;
	err = cc_output_open(&d->output, wav, mp3);
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
		if (now > CC_OUTPUT_LONGEST) {
			damaged = true;
			break;
		}
		/* cc-mixd is on this machine; a phone elsewhere may have the same port number */
		side = p.loopback && p.port >= first && p.port <= last;
		n = cc_track_packet(&track[side], &p.rtp, now, &place, pcm);
		err = desk_write(d, now - LAG);
		if (err)
			goto out;
		if (n)
			desk_put(d, side, place, pcm, n);
	}
	damaged |= more == -1; /* cut off in the middle of a packet */
	err = desk_write(d, d->end);
	if (!err)
		err = cc_output_finish(d->output);
	if (err)
		goto out;
	r->started_us = time.first_us;
	r->duration_ms = d->end * 1000 / CC_RATE;
	for (int i = 0; i < 2; i++) {
		r->packets[i] = track[i].seq.received;
		r->lost[i] = track[i].seq.lost;
	}
	r->state = judge(track, d->end, damaged);
out:
	if (capture)
		pcap_close(capture);
	cc_track_close(&track[0]);
	cc_track_close(&track[1]);
	cc_output_close(d->output);
	free(d);
	return err;
}
