/* SPDX-License-Identifier: GPL-2.0-or-later
 * What one leg costs cc-mixd: bench-legs [LEGS [SECONDS [ROW]]]. Starts the cc-mixd that lies
 * beside this program, gives it legs that all talk (noise, 50 packets a second each), and reads its
 * processor time from /proc. All phones are one socket, so that the generator takes little; what it
 * sends and gets is counted at both ends. */
#include <arpa/inet.h>
#include <errno.h>
#include <json-c/json.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <sndfile.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "cc/clock.h"
#include "codec.h"
#include "rtp.h"
#include "seq.h"

#define FRAME 160
#define MAX_LEGS 2000
#define BATCH 64
#define SLOTS 10 /* the phones of a tick do not speak at the same moment */

enum kind
{
	PAIRS,  /* two and two in a conference */
	MUSIC,  /* each hears hold music */
	THREES, /* conferences of three */
};

static const struct run
{
	const char *name;
	enum kind kind;
	uint8_t pt[2]; /* of even and odd legs */
	bool silent;
} runs[] = {
		{"waiting, hears music, PCMA", MUSIC, {CC_PT_PCMA, CC_PT_PCMA}, false},
		{"two who talk, PCMA both (passed on)", PAIRS, {CC_PT_PCMA, CC_PT_PCMA}, false},
		{"two who are silent, PCMA both", PAIRS, {CC_PT_PCMA, CC_PT_PCMA}, true},
		{"two who talk, PCMA and PCMU (mixed)", PAIRS, {CC_PT_PCMA, CC_PT_PCMU}, false},
		{"two who talk, G.722 both (passed on)", PAIRS, {CC_PT_G722, CC_PT_G722}, false},
		{"two who talk, G.722 and PCMA (mixed)", PAIRS, {CC_PT_G722, CC_PT_PCMA}, false},
		{"three who talk, PCMA (mixed)", THREES, {CC_PT_PCMA, CC_PT_PCMA}, false},
};

static char folder[64] = "/tmp/bench-legs-XXXXXX";
static int control = -1, phones = -1, port, mixd_port;
static pid_t mixd;
static uint8_t voice[3][50][FRAME]; /* a second of noise in each codec */
static unsigned long sent;
static struct cc_seq heard[MAX_LEGS]; /* what came from each leg */

static void die(const char *what)
{
	fprintf(stderr, "bench-legs: %s: %s\n", what, strerror(errno));
	if (mixd > 0)
		kill(mixd, SIGKILL);
	exit(1);
}

static void write_file(const char *name, const char *format, ...)
{
	char path[128];
	va_list args;
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	f = fopen(path, "w");
	if (!f)
		die(path);
	va_start(args, format);
	vfprintf(f, format, args);
	va_end(args);
	fclose(f);
}

static void write_music(void)
{
	SF_INFO info = {.samplerate = 8000, .channels = 1, .format = SF_FORMAT_WAV | SF_FORMAT_PCM_16};
	char path[128];
	int16_t pcm[8000];
	SNDFILE *f;

	snprintf(path, sizeof path, "%s/prompts/music.wav", folder);
	f = sf_open(path, SFM_WRITE, &info);
	for (int i = 0; i < 8000; i++)
		pcm[i] = (int16_t)(rand() % 4000 - 2000);
	if (!f || sf_writef_short(f, pcm, 8000) != 8000)
		die(path);
	sf_close(f);
}

static void start(const char *program)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	char path[128];

	if (!mkdtemp(folder))
		die(folder);
	for (const char *const *d = (const char *const[]){"sock", "prompts", NULL}; *d; d++) {
		snprintf(path, sizeof path, "%s/%s", folder, *d);
		mkdir(path, 0700);
	}
	write_music();
	write_file("conf",
			"CC_RUN = %s\nCC_PROMPTS = %s/prompts\nCC_RTP_MIN = %d\nCC_MIX_MIN = %d\n"
			"CC_RTP_MAX = %d\n",
			folder, folder, mixd_port - 40, mixd_port, mixd_port + 2 * MAX_LEGS - 1);
	snprintf(path, sizeof path, "%s/conf", folder);
	mixd = fork();
	if (mixd == 0) {
		execl(program, "cc-mixd", "-c", path, NULL);
		_exit(127);
	}
	snprintf(addr.sun_path, sizeof addr.sun_path, "%s/sock/mixd.sock", folder);
	control = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	for (int i = 0; connect(control, (struct sockaddr *)&addr, sizeof addr) != 0; i++) {
		if (i == 200)
			die(addr.sun_path);
		usleep(10000);
	}
}

static struct json_object *ask(const char *format, ...)
{
	static char text[65536];
	struct json_object *o, *ok = NULL;
	va_list args;
	ssize_t n;

	va_start(args, format);
	n = vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (send(control, text, (size_t)n, 0) != n ||
			(n = recv(control, text, sizeof text - 1, 0)) <= 0)
		die("cc-mixd");
	text[n] = 0;
	o = json_tokener_parse(text);
	if (!json_object_object_get_ex(o, "ok", &ok) || !json_object_get_boolean(ok)) {
		fprintf(stderr, "%s\n", text);
		die("refused");
	}
	return o;
}

static void leg(const struct run *r, unsigned i, unsigned gen)
{
	json_object_put(
			ask("{\"seq\":1,\"cmds\":[{\"cmd\":\"leg\",\"leg\":\"L%u\",\"gen\":%u,\"lport\":"
				"%u,\"raddr\":\"127.0.0.1\",\"rport\":%d,\"pt\":%d,\"dtmf_pt\":101}]}",
					i, gen, mixd_port + 2 * i, port, r->pt[i % 2]));
}

static void arrange(const struct run *r, unsigned legs, unsigned gen)
{
	for (unsigned i = 0; i < legs; i++)
		leg(r, i, gen);
	for (unsigned i = 0; r->kind == MUSIC && i < legs; i++)
		json_object_put(ask("{\"seq\":1,\"cmds\":[{\"cmd\":\"play\",\"leg\":\"L%u\",\"gen\":%u,"
							"\"token\":1,\"layer\":\"music\",\"list\":[\"music\"],\"repeat\":0}]}",
				i, gen));
	for (unsigned i = 0; r->kind == PAIRS && i + 1 < legs; i += 2)
		json_object_put(ask("{\"seq\":1,\"cmds\":[{\"cmd\":\"conf\",\"conf\":\"C%u\",\"legs\":["
							"\"L%u\",\"L%u\"],\"gain\":[[0,256],[256,0]]}]}",
				i, i, i + 1));
	for (unsigned i = 0; r->kind == THREES && i + 2 < legs; i += 3)
		json_object_put(ask("{\"seq\":1,\"cmds\":[{\"cmd\":\"conf\",\"conf\":\"C%u\",\"legs\":["
							"\"L%u\",\"L%u\",\"L%u\"],\"gain\":[[0,256,256],[256,0,256],[256,256,0]"
							"]}]}",
				i, i, i + 1, i + 2));
}

static const uint8_t *sound(uint8_t pt, unsigned tick, unsigned i)
{
	return voice[pt == CC_PT_G722 ? 2 : pt == CC_PT_PCMA][(tick + i * 7) % 50];
}

static void send_some(const struct run *r, unsigned from, unsigned to_leg, unsigned tick)
{
	static uint8_t data[BATCH][CC_RTP_HEADER + FRAME];
	static struct sockaddr_in to[BATCH];
	static struct iovec piece[BATCH];
	static struct mmsghdr batch[BATCH];

	for (; from < to_leg; from += BATCH) {
		unsigned n = to_leg - from < BATCH ? to_leg - from : BATCH;
		for (unsigned k = 0; k < n; k++) {
			unsigned i = from + k;
			uint8_t pt = r->pt[i % 2];
			cc_rtp_write(
					&(struct cc_rtp){
							.pt = pt, .seq = (uint16_t)tick, .ts = tick * FRAME, .ssrc = 1000 + i},
					data[k]);
			if (!r->silent || !cc_encode_silence(pt, FRAME, data[k] + CC_RTP_HEADER))
				memcpy(data[k] + CC_RTP_HEADER, sound(pt, tick, i), FRAME);
			to[k] = (struct sockaddr_in){.sin_family = AF_INET,
					.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
					.sin_port = htons((uint16_t)(mixd_port + 2 * i))};
			piece[k] = (struct iovec){data[k], sizeof data[k]};
			batch[k].msg_hdr = (struct msghdr){.msg_name = &to[k],
					.msg_namelen = sizeof to[k],
					.msg_iov = &piece[k],
					.msg_iovlen = 1};
		}
		for (int done = 0, k; done < (int)n; done += k) {
			k = sendmmsg(phones, batch + done, n - (unsigned)done, 0);
			if (k <= 0)
				die("sendmmsg");
			sent += (unsigned)k;
		}
	}
}

static void receive(void)
{
	static uint8_t data[BATCH][512];
	static struct sockaddr_in from[BATCH];
	static struct iovec piece[BATCH];
	static struct mmsghdr batch[BATCH];
	int n;

	do {
		for (int k = 0; k < BATCH; k++) {
			piece[k] = (struct iovec){data[k], sizeof data[k]};
			batch[k].msg_hdr = (struct msghdr){.msg_name = &from[k],
					.msg_namelen = sizeof from[k],
					.msg_iov = &piece[k],
					.msg_iovlen = 1};
		}
		n = recvmmsg(phones, batch, BATCH, MSG_DONTWAIT, NULL);
		for (int k = 0; k < n; k++) {
			unsigned i = (unsigned)(ntohs(from[k].sin_port) - mixd_port) / 2;
			struct cc_rtp p;
			if (i < MAX_LEGS && cc_rtp_parse(&p, data[k], batch[k].msg_len))
				cc_seq_seen(&heard[i], p.ssrc, p.seq);
		}
	} while (n == BATCH);
}

static double cpu_seconds(void)
{
	char path[64], text[1024];
	unsigned long user, system;
	FILE *f;
	size_t n;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)mixd);
	f = fopen(path, "r");
	n = f ? fread(text, 1, sizeof text - 1, f) : 0;
	if (f)
		fclose(f);
	text[n] = 0;
	if (!n || sscanf(strrchr(text, ')') + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
					  &user, &system) != 2)
		die(path);
	return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

static long figure(struct json_object *o, const char *key)
{
	struct json_object *v = NULL;

	return json_object_object_get_ex(o, key, &v) ? (long)json_object_get_int64(v) : -1;
}

/* Packets that cc-mixd says it got. */
static long arrived(void)
{
	long next = 0, rx = 0;

	while (next >= 0) {
		struct json_object *o = ask("{\"seq\":1,\"cmds\":[{\"cmd\":\"list\",\"from\":%ld}]}", next),
						   *res = NULL, *list = NULL;
		json_object_object_get_ex(o, "res", &res);
		json_object_object_get_ex(res, "legs", &list);
		for (size_t i = 0; i < json_object_array_length(list); i++) {
			rx += figure(json_object_array_get_idx(list, i), "rx");
		}
		next = figure(res, "next");
		json_object_put(o);
	}
	return rx;
}

static void measure(const struct run *r, unsigned legs, unsigned seconds, unsigned gen)
{
	int64_t begin = cc_clock_mono_ms();
	unsigned tick = 0, warm = 100, ticks = warm + seconds * 50;
	unsigned long sent_before = sent, missed = 0;
	double from = 0, used;

	arrange(r, legs, gen);
	memset(heard, 0, sizeof heard);
	begin = cc_clock_mono_ms();
	for (; tick < ticks; tick++) {
		if (tick == warm)
			from = cpu_seconds();
		for (unsigned k = 0; k < SLOTS; k++) {
			send_some(r, legs * k / SLOTS, legs * (k + 1) / SLOTS, tick);
			receive();
			while (cc_clock_mono_ms() < begin + tick * 20 + (k + 1) * 20 / SLOTS)
				usleep(200);
		}
	}
	used = cpu_seconds() - from;
	usleep(100000);
	receive();
	for (unsigned i = 0; i < legs; i++)
		missed += heard[i].lost;
	printf("| %s | %u | %.1f | %.0f | %.0f | %ld | %lu |\n", r->name, legs, used / seconds * 100,
			used / seconds / legs * 1e6, legs / (used / seconds),
			(long)(sent - sent_before) - arrived(), missed);
	for (unsigned i = 0; i < legs; i++)
		json_object_put(ask(
				"{\"seq\":1,\"cmds\":[{\"cmd\":\"drop\",\"leg\":\"L%u\",\"gen\":%u}]}", i, gen));
	receive();
}

int main(int argc, char **argv)
{
	unsigned legs = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 400;
	unsigned seconds = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 10;
	unsigned only = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 0;
	static const uint8_t codec[] = {CC_PT_PCMU, CC_PT_PCMA, CC_PT_G722};
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof in;
	int size = 64 << 20;
	char program[PATH_MAX], command[128];

	if (legs < 2 || legs > MAX_LEGS || seconds < 1) {
		fprintf(stderr, "usage: %s [LEGS (2 to %d) [SECONDS [ROW]]]\n", argv[0], MAX_LEGS);
		return 2;
	}
	for (unsigned k = 0; k < 3; k++) {
		struct cc_encoder e = {NULL};
		for (unsigned i = 0; i < 50; i++) {
			int16_t pcm[FRAME];
			for (unsigned s = 0; s < FRAME; s++)
				pcm[s] = (int16_t)(rand() % 4000 - 2000);
			cc_encode(&e, codec[k], pcm, FRAME, voice[k][i]);
		}
		cc_encoder_close(&e);
	}
	mixd_port = getenv("CC_PORT_BASE") ? atoi(getenv("CC_PORT_BASE")) & ~1 : 28000;
	phones = socket(AF_INET, SOCK_DGRAM, 0);
	if (bind(phones, (struct sockaddr *)&in, len) != 0 ||
			getsockname(phones, (struct sockaddr *)&in, &len) != 0)
		die("socket");
	if (setsockopt(phones, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0)
		setsockopt(phones, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
	port = ntohs(in.sin_port);
	snprintf(program, sizeof program, "%s/cc-mixd", dirname(argv[0]));
	start(program);
	puts("| legs that | legs | % of a core | µs per leg and second | legs per core | lost on the "
		 "way "
		 "in | lost on the way out |");
	puts("|---|---|---|---|---|---|---|");
	for (unsigned i = 0; i < sizeof runs / sizeof *runs; i++) {
		if (!only || only == i + 1)
			measure(&runs[i], legs, seconds, i + 1);
		fflush(stdout);
	}
	kill(mixd, SIGTERM);
	waitpid(mixd, NULL, 0);
	snprintf(command, sizeof command, "rm -rf %s", folder);
	return system(command) == 0 ? 0 : 1;
}
