/* SPDX-License-Identifier: GPL-2.0-or-later
 * What a recording costs cc-recd: bench-captures [COUNT [SECONDS]]. Captures as rtpengine writes
 * them, of two sides that speak, are converted one after the other. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include "capture.h"
#include "cc/clock.h"
#include "convert.h"

static double cpu_ms(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000 +
		   (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1000;
}

static void row(const char *codec, int pt, unsigned count, unsigned seconds, const char *folder)
{
	struct sender left = {PHONE, pt, 400, 1, 0, 1, 0, {NULL}},
				  right = {MIXER, pt, 900, 5, 77, 2, 0, {NULL}};
	static volatile sig_atomic_t stop;
	char pcap[96], wav[96], mp3[96];
	struct cc_recording r;
	struct capture c;
	double cpu;
	int64_t begin;

	snprintf(pcap, sizeof pcap, "%s/a.pcap", folder);
	snprintf(wav, sizeof wav, "%s/a.wav", folder);
	snprintf(mp3, sizeof mp3, "%s/a.mp3", folder);
	capture_open(&c, pcap);
	for (unsigned i = 0; i < seconds * 50; i++, c.us += 20000) {
		capture_tone(&c, &left, false);
		capture_tone(&c, &right, false);
	}
	capture_close(&c);
	cc_encoder_close(&left.encoder);
	cc_encoder_close(&right.encoder);
	cpu = cpu_ms();
	begin = cc_clock_mono_ms();
	for (unsigned i = 0; i < count; i++)
		if (cc_convert(&r, pcap, MIXER, MIXER, wav, mp3, &stop) != 0) {
			fprintf(stderr, "bench-captures: a conversion failed\n");
			exit(1);
		}
	cpu = (cpu_ms() - cpu) / count;
	printf("| %s | %u s | %.1f | %.1f | %.0f |\n", codec, seconds, cpu,
			(double)(cc_clock_mono_ms() - begin) / count, seconds * 1000 / cpu);
	unlink(pcap);
	unlink(wav);
	unlink(mp3);
}

int main(int argc, char **argv)
{
	unsigned count = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 100;
	unsigned seconds = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 60;
	char folder[] = "/tmp/bench-captures-XXXXXX";

	if (count == 0 || seconds == 0 || !mkdtemp(folder)) {
		fprintf(stderr, "usage: %s [COUNT [SECONDS]]\n", argv[0]);
		return 2;
	}
	puts("| codec | length | CPU ms | with the disk, ms | calls at once on a core |");
	puts("|---|---|---|---|---|");
	row("PCMA", 8, count, seconds, folder);
	row("G.722", 9, count, seconds, folder);
	return rmdir(folder) == 0 ? 0 : 1;
}
