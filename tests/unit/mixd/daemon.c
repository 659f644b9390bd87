/* SPDX-License-Identifier: GPL-2.0-or-later
 * The real daemon over its socket, with phones that send tones over RTP and measure what they
 * receive. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <poll.h>
#include <signal.h>
#include <sndfile.h>
#include <spandsp.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include "cc/clock.h"
#include "suites.h"

#define FRAME 160
#define PEAK 8000.0
#define KEEP (20 * 8000)

struct phone
{
	const char *leg;
	int fd, rtcp, port;
	int lport;
	bool alaw, muted;
	double hz;
	unsigned long n; /* samples sent */
	uint16_t seq;
	int16_t heard[KEEP]; /* what came, in order of arrival */
	unsigned heard_n;
	bool any;
	uint16_t last_seq;
	uint32_t last_ts;
	unsigned breaks; /* of sequence numbers and timestamps */
	unsigned packets, reports;
	char digits[32];
	uint32_t digit_ts;
};

#define SUBSCRIBE "{\"seq\":1,\"cmds\":[{\"cmd\":\"subscribe\"}]}"
#define OK "{\"seq\":1,\"ok\":true}"
#define REFUSED(why) "{\"seq\":1,\"ok\":false,\"at\":0,\"error\":\"" why "\"}"

static char folder[64], errors[80];
static pid_t pid;
static int ctl = -1, events = -1;
static int port_min;
static char seen[65536]; /* events since the last forget() */
#define PHONES 3
static struct phone a, b, c, *const all[PHONES] = {&a, &b, &c};

/* ---- daemon ---- */

static int connect_ctl(void)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	snprintf(addr.sun_path, sizeof addr.sun_path, "%s/sock/mixd.sock", folder);
	for (int i = 0; i < 200; i++) {
		if (connect(fd, (struct sockaddr *)&addr, sizeof addr) == 0)
			return fd;
		usleep(10000);
	}
	close(fd);
	return -1;
}

static const char *ask_raw(int fd, const void *text, size_t len)
{
	static char reply[65536];
	struct pollfd p = {fd, POLLIN, 0};
	ssize_t n;

	snprintf(reply, sizeof reply, "nothing");
	if (send(fd, text, len, MSG_NOSIGNAL) < 0 || poll(&p, 1, 2000) != 1)
		return reply;
	n = recv(fd, reply, sizeof reply - 1, 0);
	reply[n > 0 ? n : 0] = 0;
	return reply;
}

/* The reply to one request with the commands that fmt makes. */
__attribute__((format(printf, 1, 2))) static const char *ask(const char *fmt, ...)
{
	char text[8192];
	int n = snprintf(text, sizeof text, "{\"seq\":1,\"cmds\":[");
	va_list ap;

	va_start(ap, fmt);
	n += vsnprintf(text + n, sizeof text - (size_t)n, fmt, ap);
	va_end(ap);
	n += snprintf(text + n, sizeof text - (size_t)n, "]}");
	return ask_raw(ctl, text, (size_t)n);
}

static bool sound_file(const char *name, double hz, double seconds)
{
	SF_INFO info = {.samplerate = 8000, .channels = 1, .format = SF_FORMAT_WAV | SF_FORMAT_PCM_16};
	int n = (int)(seconds * 8000);
	int16_t *pcm = calloc((size_t)n, sizeof *pcm);
	char path[128];
	SNDFILE *f;

	snprintf(path, sizeof path, "%s/prompts/%s.wav", folder, name);
	f = sf_open(path, SFM_WRITE, &info);
	tone_make(pcm, (unsigned)n, 0, hz, PEAK);
	n -= f ? (int)sf_writef_short(f, pcm, n) : 0;
	sf_close(f);
	free(pcm);
	return n == 0;
}

static void launch(void)
{
	char conf[80];

	snprintf(conf, sizeof conf, "%s/conf", folder);
	pid = fork();
	if (pid == 0) {
		int fd = open(errors, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
		dup2(fd, 2);
		execl(daemon_program, "cc-mixd", "-c", conf, NULL);
		_exit(127);
	}
	ctl = connect_ctl();
	events = connect_ctl();
	send(events, SUBSCRIBE, strlen(SUBSCRIBE), MSG_NOSIGNAL);
}

/* Exit status as waitpid has it. */
static int finish(int sig)
{
	int status = -1;

	close(ctl);
	close(events);
	kill(pid, sig);
	waitpid(pid, &status, 0);
	return status;
}

/* Free ports, even and with the odd one above: the first such pair. */
static int bind_pair(int *rtp, int *rtcp)
{
	for (int tries = 0; tries < 100; tries++) {
		struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
		socklen_t len = sizeof in;
		*rtp = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		*rtcp = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		bind(*rtp, (struct sockaddr *)&in, len);
		getsockname(*rtp, (struct sockaddr *)&in, &len);
		int port = ntohs(in.sin_port);
		in.sin_port = htons((uint16_t)(port + 1));
		if (bind(*rtcp, (struct sockaddr *)&in, len) == 0)
			return port;
		close(*rtp);
		close(*rtcp);
	}
	return -1;
}

int daemon_start(void)
{
	char path[128];
	FILE *f;

	unit_folder(folder);
	snprintf(errors, sizeof errors, "%s/errors", folder);
	for (const char *const *d =
					(const char *const[]){"sock", "prompts", "prompts/p", "prompts/tone", NULL};
			*d; d++) {
		snprintf(path, sizeof path, "%s/%s", folder, *d);
		mkdir(path, 0700);
	}
	if (!sound_file("p/music", 600, 1) || !sound_file("p/one", 1500, 0.4) ||
			!sound_file("p/two", 1500, 0.4) || !sound_file("tone/beep", 1000, 0.2))
		return 1;
	/* some ports of our own, so that the tests of two worktrees can run at the same time */
	port_min = 31000 + (int)(getpid() % 40) * 44;
	snprintf(path, sizeof path, "%s/conf", folder);
	f = fopen(path, "w");
	if (!f)
		return 1;
	fprintf(f,
			"CC_RUN = %s\nCC_PROMPTS = %s/prompts\nCC_RTP_MIN = %d\nCC_MIX_MIN = %d\nCC_RTP_MAX = "
			"%d\n",
			folder, folder, port_min - 40, port_min, port_min + 19);
	return fclose(f) != 0;
}

/* Every test has a daemon of its own: a leg that was dropped does not come back under its old
 * generation. */
void daemon_launch(void)
{
	seen[0] = 0;
	launch();
	CU_ASSERT_STRING_EQUAL_FATAL(ask("{\"cmd\":\"ping\"}"), OK);
}

void daemon_finish(void)
{
	CU_ASSERT_EQUAL(finish(SIGTERM), 0);
}

int daemon_stop(void)
{
	FILE *f;
	char line[256];

	f = fopen(errors, "r");
	while (f && fgets(line, sizeof line, f))
		printf("  cc-mixd said: %s", line);
	if (f)
		fclose(f);
	unit_remove(folder);
	return 0;
}

/* ---- phones ---- */

static const char *leg(const struct phone *p, int gen)
{
	return ask("{\"cmd\":\"leg\",\"leg\":\"%s\",\"gen\":%d,\"lport\":%d,\"raddr\":\"127.0.0.1\","
			   "\"rport\":%d,\"pt\":%d,"
			   "\"dtmf_pt\":101}",
			p->leg, gen, p->lport, p->port, p->alaw ? 8 : 0);
}

static void phone_open(struct phone *p, const char *name, int slot, double hz, bool alaw)
{
	memset(p, 0, sizeof *p);
	p->leg = name;
	p->hz = hz;
	p->alaw = alaw;
	p->port = bind_pair(&p->fd, &p->rtcp);
	p->lport = port_min + 2 * slot;
	p->n = 4000;
	CU_ASSERT_STRING_EQUAL(leg(p, 1), OK);
}

static void phone_close(struct phone *p)
{
	CU_ASSERT_STRING_EQUAL(ask("{\"cmd\":\"drop\",\"leg\":\"%s\",\"gen\":9}", p->leg), OK);
	close(p->fd);
	close(p->rtcp);
}

static void put(int fd, int port, const void *data, size_t len)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
			.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
			.sin_port = htons((uint16_t)port)};

	sendto(fd, data, len, 0, (struct sockaddr *)&to, sizeof to);
}

static size_t header(uint8_t *d, int pt, uint16_t seq, uint32_t ts, uint32_t ssrc)
{
	const uint32_t words[2] = {htonl(ts), htonl(ssrc)};

	d[0] = 0x80;
	d[1] = (uint8_t)pt;
	d[2] = (uint8_t)(seq >> 8);
	d[3] = (uint8_t)seq;
	memcpy(d + 4, words, 8);
	return 12;
}

static void send_sound(struct phone *p, const int16_t *pcm)
{
	uint8_t d[12 + FRAME];

	header(d, p->alaw ? 8 : 0, ++p->seq, (uint32_t)p->n, 77);
	for (int i = 0; i < FRAME; i++)
		d[12 + i] = p->alaw ? linear_to_alaw(pcm[i]) : linear_to_ulaw(pcm[i]);
	put(p->fd, p->lport, d, sizeof d);
}

static void receive(struct phone *p)
{
	uint8_t d[2048];
	ssize_t n;

	while ((n = recv(p->fd, d, sizeof d, 0)) >= 12) {
		uint16_t seq = (uint16_t)(d[2] << 8 | d[3]);
		uint32_t ts;
		int pt = d[1] & 127;
		memcpy(&ts, d + 4, 4);
		ts = ntohl(ts);
		p->packets++;
		p->breaks += p->any && seq != (uint16_t)(p->last_seq + 1);
		p->last_seq = seq;
		if (pt == 101) {
			if (n == 16 && ts != p->digit_ts)
				strncat(p->digits, &"0123456789*#ABCD"[d[12] & 15], 1);
			p->digit_ts = ts;
			p->any = true;
			p->last_ts = 0;
			continue;
		}
		p->breaks += p->any && p->last_ts && ts != p->last_ts + FRAME;
		p->breaks += pt != (p->alaw ? 8 : 0) || n != 12 + FRAME;
		p->any = true;
		p->last_ts = ts;
		for (ssize_t i = 12; i < n && p->heard_n < KEEP; i++)
			p->heard[p->heard_n++] = p->alaw ? alaw_to_linear(d[i]) : ulaw_to_linear(d[i]);
	}
	while (recv(p->rtcp, d, sizeof d, 0) > 0)
		p->reports++;
}

static void read_events(void)
{
	size_t len = strlen(seen);
	ssize_t n;

	/* what does not fit is cut off: no test has that many */
	while ((n = recv(events, seen + len, sizeof seen - len - 1, MSG_DONTWAIT)) > 0) {
		len += (size_t)n;
		seen[len] = 0;
	}
}

/* Everybody talks and listens for that long. */
static void talk(int ms)
{
	int64_t start = cc_clock_mono_ms();

	for (int done = 0; done < ms; done += 20) {
		for (int i = 0; i < PHONES; i++) {
			int16_t pcm[FRAME];
			if (!all[i]->leg)
				continue;
			if (!all[i]->muted) {
				tone_make(pcm, FRAME, all[i]->n, all[i]->hz, PEAK);
				send_sound(all[i], pcm);
			}
			all[i]->n += FRAME;
			receive(all[i]);
		}
		read_events();
		while (cc_clock_mono_ms() < start + done + 20)
			usleep(1000);
	}
	for (int i = 0; i < PHONES; i++)
		if (all[i]->leg)
			receive(all[i]);
	read_events();
}

/* Level of hz in what came in the last ms. */
static double hears(const struct phone *p, double hz, unsigned ms)
{
	unsigned n = ms * 8 < p->heard_n ? ms * 8 : p->heard_n;

	return tone_level(p->heard + p->heard_n - n, n, hz);
}

/* On a busy machine a phone may stutter: it is given time to be heard in one piece. */
static bool becomes_loud(const struct phone *p, double hz)
{
	for (int i = 0; i < 100; i++) {
		double level = hears(p, hz, 200);
		if (level > PEAK * 0.9 && level < PEAK * 1.1)
			return true;
		talk(20);
	}
	return false;
}

#define LOUD(p, hz) CU_ASSERT(becomes_loud(p, hz))
#define QUIET(p, hz) CU_ASSERT(hears(p, hz, 200) < PEAK * 0.02)

static void forget(void)
{
	read_events();
	seen[0] = 0;
}

static unsigned count(const char *needle)
{
	unsigned n = 0;

	for (const char *s = seen; (s = strstr(s, needle)); s++)
		n++;
	return n;
}

/* A machine that stood still for 100 ms is no fault of the daemon, which says so. */
static bool stood_still(void)
{
	return !strstr(ask("{\"cmd\":\"stats\"}"), "\"ticks_skipped\":0,");
}

/* What the phones heard has no gap, but for such a daemon. */
static void check_breaks(void)
{
	CU_ASSERT(stood_still() || a.breaks + b.breaks + c.breaks == 0);
}

static void open_all(void)
{
	phone_open(&a, "LEGA", 0, 400, false);
	phone_open(&b, "LEGB", 1, 800, true);
	phone_open(&c, "LEGC", 2, 1300, false);
	forget();
}

static void close_all(void)
{
	check_breaks();
	phone_close(&a);
	phone_close(&b);
	phone_close(&c);
}

#define CONF(legs, gain)                                                                           \
	ask("{\"cmd\":\"conf\",\"conf\":\"K\",\"legs\":%s,\"gain\":%s,\"dtmf\":true}", legs, gain)

/* ---- tests ---- */

static void bridge(void)
{
	open_all();
	CU_ASSERT_STRING_EQUAL(CONF("[\"LEGA\",\"LEGB\"]", "[[0,256],[256,0]]"), OK);
	talk(600);
	LOUD(&a, 800);
	QUIET(&a, 400);
	LOUD(&b, 400);
	QUIET(&b, 1300);
	QUIET(&c, 400);
	/* somebody else's packets are not taken, whatever they carry */
	for (int i = 0; i < 30; i++) {
		int16_t pcm[FRAME];
		struct phone thief = c;
		thief.lport = a.lport;
		thief.seq = (uint16_t)(a.seq + i);
		thief.n = a.n;
		tone_make(pcm, FRAME, (unsigned long)i * FRAME, 2000, PEAK);
		send_sound(&thief, pcm);
		talk(20);
	}
	LOUD(&b, 400);
	QUIET(&b, 2000);
	CU_ASSERT(a.packets >= 55);
	CU_ASSERT_PTR_NOT_NULL(strstr(ask("{\"cmd\":\"list\"}"), "\"leg\":\"LEGA\",\"gen\":1,"));
	CU_ASSERT_STRING_EQUAL(ask("{\"cmd\":\"conf\",\"conf\":\"K\",\"legs\":[]}"), OK);
	talk(300);
	QUIET(&a, 800);
	close_all();
}

static void matrix(void)
{
	open_all();
	/* A customer, B agent, C a leader who whispers to B and hears both; half as loud for B */
	CU_ASSERT_STRING_EQUAL(
			CONF("[\"LEGA\",\"LEGB\",\"LEGC\"]", "[[0,256,0],[256,0,128],[256,256,0]]"), OK);
	talk(600);
	LOUD(&a, 800);
	QUIET(&a, 1300);
	LOUD(&b, 400);
	CU_ASSERT_DOUBLE_EQUAL(hears(&b, 1300, 200), PEAK / 2, PEAK / 20);
	LOUD(&c, 400);
	LOUD(&c, 800);
	/* barge: everybody hears everybody */
	CU_ASSERT_STRING_EQUAL(
			CONF("[\"LEGA\",\"LEGB\",\"LEGC\"]", "[[0,256,256],[256,0,256],[256,256,0]]"), OK);
	talk(400);
	LOUD(&a, 1300);
	LOUD(&a, 800);
	/* B goes to another conference with C alone */
	CU_ASSERT_STRING_EQUAL(ask("{\"cmd\":\"conf\",\"conf\":\"K2\",\"legs\":[\"LEGB\",\"LEGC\"],"
							   "\"gain\":[[0,256],[256,0]]}"),
			OK);
	talk(400);
	QUIET(&a, 800);
	QUIET(&b, 400);
	LOUD(&b, 1300);
	CU_ASSERT_STRING_EQUAL(ask("{\"cmd\":\"drop\",\"leg\":\"LEGA\",\"gen\":1}"), OK);
	CU_ASSERT_PTR_NOT_NULL(strstr(ask("{\"cmd\":\"stats\"}"), "\"confs\":1,"));
	close_all();
	CU_ASSERT_PTR_NOT_NULL(strstr(ask("{\"cmd\":\"stats\"}"), "\"legs_used\":0,"));
	CU_ASSERT_PTR_NOT_NULL(strstr(ask("{\"cmd\":\"stats\"}"), "\"confs\":0,"));
}

static void layers(void)
{
	unsigned from;
	double least = PEAK;

	open_all();
	CONF("[\"LEGA\",\"LEGB\"]", "[[0,256],[256,0]]");
	CU_ASSERT_STRING_EQUAL(
			ask("{\"cmd\":\"play\",\"leg\":\"LEGA\",\"gen\":1,\"token\":1,\"layer\":\"music\","
				"\"list\":[\"p/music\"],\"repeat\":0}"),
			OK);
	talk(1500);
	LOUD(&a, 600);
	QUIET(&a, 800);
	LOUD(&b, 400); /* B does not hear it */
	from = a.heard_n;
	CU_ASSERT_STRING_EQUAL(
			ask("{\"cmd\":\"play\",\"leg\":\"LEGA\",\"gen\":1,\"token\":2,\"layer\":\"prompt\","
				"\"list\":[\"p/one\",\"p/two\",{\"tone\":\"beep\"}],\"repeat\":1}"),
			OK);
	talk(700);
	LOUD(&a, 1500);
	QUIET(&a, 600);
	/* the two files join without a gap */
	while (from + 80 < a.heard_n && tone_level(a.heard + from, 80, 1500) < PEAK * 0.9)
		from += 8;
	for (unsigned i = from; i + 80 < from + 6000 && i + 80 < a.heard_n; i += 8)
		least = tone_level(a.heard + i, 80, 1500) < least ? tone_level(a.heard + i, 80, 1500)
														  : least;
	CU_ASSERT(least > PEAK * 0.8);
	CU_ASSERT_EQUAL(count("\"ev\":\"done\""), 0);
	talk(700);
	LOUD(&a, 600);
	CU_ASSERT_EQUAL(count("{\"ev\":\"done\",\"leg\":\"LEGA\",\"gen\":1,\"token\":2,\"layer\":"
						  "\"prompt\",\"reason\":\"end\","
						  "\"pos_ms\":1000}"),
			1);
	/* stop: only the one that is meant, and it says how far it came */
	CU_ASSERT_STRING_EQUAL(
			ask("{\"cmd\":\"stop\",\"leg\":\"LEGA\",\"gen\":1,\"layer\":\"music\",\"token\":7}"),
			OK);
	talk(100);
	LOUD(&a, 600);
	CU_ASSERT_PTR_NOT_NULL(
			strstr(ask("{\"cmd\":\"stop\",\"leg\":\"LEGA\",\"gen\":1,\"layer\":\"music\"}"),
					"\"res\":{\"pos_ms\":"));
	talk(400);
	LOUD(&a, 800);
	/* a file that is not there, and names that must not work */
	forget();
	ask("{\"cmd\":\"play\",\"leg\":\"LEGA\",\"gen\":1,\"token\":3,\"layer\":\"prompt\",\"list\":["
		"\"p/absent\"]}");
	talk(200);
	CU_ASSERT_EQUAL(count("\"reason\":\"missing\""), 1);
	for (const char *const *n = (const char *const[]){"../conf", "/etc/x", "p//one", "p/../p/one",
				 "", "P/One", "p/one/", "p\\u0000one", NULL};
			*n; n++)
		CU_ASSERT_STRING_EQUAL(
				ask("{\"cmd\":\"play\",\"leg\":\"LEGA\",\"gen\":1,\"token\":3,\"layer\":\"prompt\","
					"\"list\":[\"p/one\",\"%s\"]}",
						*n),
				REFUSED("bad_name"));
	close_all();
}

static void press(struct phone *p, int code, int ticks)
{
	uint32_t ts = (uint32_t)p->n;

	for (int i = 1; i <= ticks + 2; i++) {
		uint8_t d[16];
		int duration = (i < ticks ? i : ticks) * FRAME;
		size_t n = header(d, 101, ++p->seq, ts, 77);
		d[n++] = (uint8_t)code;
		d[n++] = i >= ticks ? 0x8A : 0x0A;
		d[n++] = (uint8_t)(duration >> 8);
		d[n++] = (uint8_t)duration;
		put(p->fd, p->lport, d, n);
		if (i == 1)
			put(p->fd, p->lport, d, n); /* the network doubles one */
		if (i <= ticks)
			talk(20);
	}
}

static void press_inband(struct phone *p, double low, double high)
{
	p->muted = true;
	for (int i = 0; i < 5; i++) {
		int16_t x[FRAME], y[FRAME];
		tone_make(x, FRAME, (unsigned)i * FRAME, low, PEAK);
		tone_make(y, FRAME, (unsigned)i * FRAME, high, PEAK);
		for (int k = 0; k < FRAME; k++)
			x[k] = (int16_t)(x[k] + y[k]);
		send_sound(p, x);
		talk(20);
	}
	p->muted = false;
}

static void digits(void)
{
	open_all();
	CONF("[\"LEGA\",\"LEGB\",\"LEGC\"]", "[[0,256,256],[256,0,0],[0,256,0]]");
	a.muted = true;
	talk(200);
	press(&a, 5, 5);
	talk(300);
	CU_ASSERT_EQUAL(count("{\"ev\":\"dtmf\",\"leg\":\"LEGA\",\"gen\":1,\"digit\":\"5\",\"src\":"
						  "\"rfc4733\"}"),
			1);
	CU_ASSERT_EQUAL(count("\"ev\":\"dtmf\""), 1);
	/* relayed to whoever hears A: B, not C */
	CU_ASSERT_STRING_EQUAL(b.digits, "5");
	CU_ASSERT_STRING_EQUAL(c.digits, "");
	forget();
	talk(1000);
	press_inband(&b, 770, 1477);
	talk(300);
	CU_ASSERT_EQUAL(count("{\"ev\":\"dtmf\",\"leg\":\"LEGB\",\"gen\":1,\"digit\":\"6\",\"src\":"
						  "\"inband\"}"),
			1);
	CU_ASSERT_EQUAL(count("\"ev\":\"dtmf\""), 1);
	CU_ASSERT_STRING_EQUAL(a.digits, ""); /* it is in the sound */
	CU_ASSERT_STRING_EQUAL(ask("{\"cmd\":\"dtmf\",\"leg\":\"LEGC\",\"gen\":1,\"digits\":\"19*#\","
							   "\"ms\":60,\"gap\":60}"),
			OK);
	CU_ASSERT_STRING_EQUAL(ask("{\"cmd\":\"dtmf\",\"leg\":\"LEGC\",\"gen\":1,\"digits\":\"1x\"}"),
			REFUSED("bad_field"));
	talk(800);
	CU_ASSERT_STRING_EQUAL(c.digits, "19*#");
	/* digits that the engine decides about are reported, and stay with it */
	CU_ASSERT_STRING_EQUAL(ask("{\"cmd\":\"conf\",\"conf\":\"K\",\"legs\":[\"LEGA\",\"LEGB\"],"
							   "\"gain\":[[0,256],[256,0]],\"dtmf\":true,\"keep\":\"LEGA\"}"),
			OK);
	CU_ASSERT_STRING_EQUAL(ask("{\"cmd\":\"conf\",\"conf\":\"K\",\"legs\":[\"LEGA\",\"LEGB\"],"
							   "\"gain\":[[0,256],[256,0]],\"dtmf\":true,\"keep\":7}"),
			REFUSED("bad_field"));
	forget();
	press(&a, 7, 5);
	press(&b, 8, 5);
	talk(300);
	CU_ASSERT_EQUAL(count("\"leg\":\"LEGA\",\"gen\":1,\"digit\":\"7\""), 1);
	CU_ASSERT_STRING_EQUAL(b.digits, "5");
	CU_ASSERT_STRING_EQUAL(a.digits, "8");
	close_all();
}

static void silence(void)
{
	const uint8_t report[8] = {0x80, 201, 0, 1, 0, 0, 0, 77};

	open_all();
	CU_ASSERT_STRING_EQUAL(ask("{\"cmd\":\"watch\",\"leg\":\"LEGA\",\"gen\":1,\"silence_ms\":500},"
							   "{\"cmd\":\"watch\",\"leg\":\"LEGB\",\"gen\":1,\"silence_ms\":500}"),
			OK);
	talk(500);
	CU_ASSERT_EQUAL(count("\"ev\":\"silence\""), 0);
	a.muted = b.muted = true;
	for (int i = 0; i < 12; i++) { /* B is on hold and sends RTCP only */
		put(b.rtcp, b.lport + 1, report, sizeof report);
		talk(100);
	}
	CU_ASSERT_EQUAL(count("\"ev\":\"silence\""), 1);
	CU_ASSERT_EQUAL(count("{\"ev\":\"silence\",\"leg\":\"LEGA\",\"gen\":1,\"ms\":5"), 1);
	CU_ASSERT_EQUAL(count("\"ev\":\"sound\""), 0);
	a.muted = false;
	talk(100);
	CU_ASSERT_EQUAL(count("{\"ev\":\"sound\",\"leg\":\"LEGA\",\"gen\":1}"), 1);
	ask("{\"cmd\":\"watch\",\"leg\":\"LEGB\",\"gen\":1,\"silence_ms\":0}");
	forget();
	talk(500);
	CU_ASSERT_EQUAL(count("\"ev\""), 0);
	close_all();
}

/* Nothing is heard of a leg, whether packets come or not: reported once. */
static void quiet(void)
{
	open_all();
	CU_ASSERT_STRING_EQUAL(
			ask("{\"cmd\":\"watch\",\"leg\":\"LEGA\",\"gen\":1}"), REFUSED("bad_field"));
	CU_ASSERT_STRING_EQUAL(
			ask("{\"cmd\":\"watch\",\"leg\":\"LEGA\",\"gen\":1,\"quiet_ms\":400}"), OK);
	forget();
	talk(700);
	CU_ASSERT_EQUAL(count("\"ev\":\"quiet\""), 0);
	a.muted = true;
	talk(1500);
	CU_ASSERT_EQUAL(count("{\"ev\":\"quiet\",\"leg\":\"LEGA\",\"gen\":1,\"ms\":4"), 1);
	CU_ASSERT_EQUAL(count("\"ev\":\"quiet\""), 1);
	close_all();
}

static void generations(void)
{
	open_all();
	CU_ASSERT_STRING_EQUAL(leg(&a, 3), OK);
	CU_ASSERT_STRING_EQUAL(leg(&a, 3), OK);
	CU_ASSERT_STRING_EQUAL(leg(&a, 2), REFUSED("stale"));
	CU_ASSERT_STRING_EQUAL(ask("{\"cmd\":\"drop\",\"leg\":\"LEGA\",\"gen\":2}"), REFUSED("stale"));
	CU_ASSERT_STRING_EQUAL(ask("{\"cmd\":\"play\",\"leg\":\"LEGA\",\"gen\":2,\"token\":1,\"layer\":"
							   "\"music\",\"list\":[\"p/one\"]}"),
			REFUSED("stale"));
	CU_ASSERT_STRING_EQUAL(ask("{\"cmd\":\"drop\",\"leg\":\"LEGA\",\"gen\":3}"), OK);
	CU_ASSERT_STRING_EQUAL(ask("{\"cmd\":\"drop\",\"leg\":\"LEGA\",\"gen\":3}"), OK);
	CU_ASSERT_STRING_EQUAL(leg(&a, 3), REFUSED("stale"));
	CU_ASSERT_STRING_EQUAL(leg(&a, 4), OK);
	/* the first failure stops the rest */
	CU_ASSERT_STRING_EQUAL(ask("{\"cmd\":\"ping\"},{\"cmd\":\"drop\",\"leg\":\"LEGA\",\"gen\":1},"
							   "{\"cmd\":\"drop\",\"leg\":\"LEGA\",\"gen\":9}"),
			"{\"seq\":1,\"ok\":false,\"at\":1,\"error\":\"stale\"}");
	CU_ASSERT_PTR_NOT_NULL(strstr(ask("{\"cmd\":\"list\"}"), "\"leg\":\"LEGA\",\"gen\":4,"));
	CU_ASSERT_STRING_EQUAL(CONF("[\"LEGA\",\"NONE\"]", "[[0,256],[256,0]]"), REFUSED("no_leg"));
	close_all();
}

static void garbage(void)
{
	static const char *const bad[] = {"", " ", "{", "[]", "nul", "{\"seq\":1}",
			"{\"seq\":1,\"cmds\":[[]]}",
			"{\"seq\":1,\"cmds\":[{\"cmd\":\"conf\",\"conf\":\"K\",\"legs\":[\"LEGA\"],\"gain\":[["
			"99999]]}]}",
			"{\"seq\":1,\"cmds\":[{\"cmd\":\"conf\",\"conf\":\"K\",\"legs\":[\"LEGA\",\"LEGA\"],"
			"\"gain\":[[0,0],[0,0]]}]}",
			"{\"seq\":1,\"cmds\":[{\"cmd\":\"conf\",\"conf\":\"K\",\"legs\":[\"LEGA\"],\"gain\":[]}"
			"]}",
			"{\"seq\":1,\"cmds\":[{\"cmd\":\"conf\",\"conf\":\"K/..\",\"legs\":[]}]}",
			"{\"seq\":1,\"cmds\":[{\"cmd\":\"leg\",\"leg\":\"X\",\"gen\":-1}]}",
			"{\"seq\":1,\"cmds\":[{\"cmd\":\"leg\",\"leg\":\"X\",\"gen\":1,\"lport\":22,\"raddr\":"
			"\"127.0.0.1\","
			"\"rport\":9,\"pt\":0,\"dtmf_pt\":0}]}",
			"{\"seq\":1,\"cmds\":[{\"cmd\":\"play\",\"leg\":\"LEGA\",\"gen\":1,\"token\":1,"
			"\"layer\":\"music\",\"list\":[]}]}",
			"{\"seq\":1,\"cmds\":[{\"cmd\":\"play\",\"leg\":\"LEGA\",\"gen\":1,\"token\":1,"
			"\"layer\":\"music\","
			"\"list\":[{\"tone\":\"../x\"}]}]}",
			"{\"seq\":1,\"cmds\":[{\"cmd\":\"play\",\"leg\":\"LEGA\",\"gen\":1,\"token\":1,"
			"\"layer\":\"music\","
			"\"list\":[{\"silence\":-5}]}]}",
			"{\"seq\":1,\"cmds\":[{\"cmd\":\"a\\u0000b\"}]}", "[[[[[[[[[[[[[[[[[[[[[[[[",
			"\xff\xfe\x00"};
	static char big[70000];
	unsigned random = 1;

	open_all();
	CONF("[\"LEGA\",\"LEGB\"]", "[[0,256],[256,0]]");
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (*bad[i]) /* an empty message ends a connection */
			CU_ASSERT_PTR_NOT_NULL(strstr(ask_raw(ctl, bad[i], strlen(bad[i])), "\"ok\":false"));
	memset(big, ' ', sizeof big);
	CU_ASSERT_PTR_NOT_NULL(strstr(ask_raw(ctl, big, sizeof big), "too_long"));
	CU_ASSERT_PTR_NOT_NULL(strstr(ask_raw(ctl, big, 60000), "bad_json"));
	memset(big, '[', sizeof big);
	CU_ASSERT_PTR_NOT_NULL(strstr(ask_raw(ctl, big, 60000), "bad_json"));
	/* a client that leaves in the middle of things */
	for (int i = 0; i < 100; i++) {
		int fd = connect_ctl();
		send(fd, "{\"seq\":1,\"cmds\":[{\"cmd\":\"subscribe\"},{\"cmd\":\"list\"}]}", 54,
				MSG_NOSIGNAL);
		close(fd);
	}
	/* from the right address and with broken contents */
	for (int i = 0; i < 2000; i++) {
		uint8_t d[400];
		size_t n = (random >> 8) % sizeof d;
		for (size_t k = 0; k < sizeof d; k++)
			d[k] = (uint8_t)((random = random * 1103515245 + 12345) >> 16);
		if (i % 3)
			d[0] = (uint8_t)(0x80 | (d[0] & 0x3F));
		if (i % 5 == 0)
			d[1] = 101;
		put(i % 4 ? c.fd : c.rtcp, i % 4 ? c.lport : c.lport + 1, d, n);
	}
	talk(600);
	LOUD(&a, 800);
	LOUD(&b, 400);
	CU_ASSERT_STRING_EQUAL(ask("{\"cmd\":\"ping\"}"), OK);
	CU_ASSERT_EQUAL(kill(pid, 0), 0);
	close_all();
	CU_ASSERT_PTR_NOT_NULL(strstr(ask("{\"cmd\":\"stats\"}"), "\"clients\":2,"));
}

/* Requests that were right once, with a few bytes changed: every one is answered, whatever it does.
 */
static void mutations(void)
{
	static const char *const good[] = {"{\"seq\":1,\"cmds\":[{\"cmd\":\"leg\",\"leg\":\"LEGA\","
									   "\"gen\":1,\"lport\":@,\"raddr\":\"127.0.0.1\","
									   "\"rport\":9,\"pt\":0,\"dtmf_pt\":101},{\"cmd\":\"watch\","
									   "\"leg\":\"LEGA\",\"gen\":1,\"silence_ms\":20}]}",
			"{\"seq\":1,\"cmds\":[{\"cmd\":\"conf\",\"conf\":\"K\",\"legs\":[\"LEGA\",\"LEGB\","
			"\"LEGC\"],\"gain\":[[0,256,1],"
			"[256,0,2],[3,4,0]],\"dtmf\":true},{\"cmd\":\"conf\",\"conf\":\"@\",\"legs\":["
			"\"LEGA\"],\"gain\":[[9]]}]}",
			"{\"seq\":1,\"cmds\":[{\"cmd\":\"play\",\"leg\":\"LEGB\",\"gen\":1,\"token\":@,"
			"\"layer\":\"prompt\",\"list\":"
			"[\"p/"
			"one\",{\"silence\":20},{\"tone\":\"beep\"}],\"repeat\":0,\"gain\":256,\"duck\":3,"
			"\"start_ms\":10},"
			"{\"cmd\":\"stop\",\"leg\":\"LEGC\",\"gen\":1,\"layer\":\"music\",\"token\":5}]}",
			"{\"seq\":@,\"cmds\":[{\"cmd\":\"dtmf\",\"leg\":\"LEGB\",\"gen\":1,\"digits\":\"12#\","
			"\"ms\":60,\"gap\":60},"
			"{\"cmd\":\"list\",\"from\":0},{\"cmd\":\"stats\"},{\"cmd\":\"drop\",\"leg\":\"LEGC\","
			"\"gen\":1}]}"};
	static const char letters[] = "{}[]\",:-0123456789eE.\\u/ABCDlegmap_\x01\xff";
	unsigned random = 3, answered = 0;

	open_all();
	for (int i = 0; i < 4000; i++) {
		char text[1024];
		const char *mark = strchr(good[i % 4], '@');
		size_t n = (size_t)snprintf(text, sizeof text, "%.*s%d%s", (int)(mark - good[i % 4]),
				good[i % 4], a.lport, mark + 1);
		for (int k = 0; k < i % 5; k++) {
			random = random * 1103515245 + 12345;
			text[(random >> 16) % n] = letters[(random >> 8) % (sizeof letters - 1)];
		}
		answered += strstr(ask_raw(ctl, text, n), "\"ok\":") != NULL;
		if (i % 200 == 0)
			talk(20);
	}
	CU_ASSERT_EQUAL(answered, 4000);
	CU_ASSERT_STRING_EQUAL(ask("{\"cmd\":\"ping\"}"), OK);
	close(a.fd);
	close(a.rtcp);
	close(b.fd);
	close(b.rtcp);
	close(c.fd);
	close(c.rtcp);
	a.leg = b.leg = c.leg = NULL;
}

static void replay(void)
{
	int64_t died;

	open_all();
	CONF("[\"LEGA\",\"LEGB\"]", "[[0,256],[256,0]]");
	talk(300);
	LOUD(&a, 800);
	check_breaks();
	CU_ASSERT(WIFSIGNALED(finish(SIGKILL)));
	died = cc_clock_mono_ms();
	for (int i = 0; i < PHONES; i++) { /* behind the last packets a new stream begins */
		receive(all[i]);
		all[i]->any = false;
		all[i]->breaks = 0;
	}
	launch();
	talk(20);
	CU_ASSERT_EQUAL(count("{\"ev\":\"hello\",\"start\":"), 1);
	CU_ASSERT_STRING_EQUAL(leg(&a, 1), OK);
	CU_ASSERT_STRING_EQUAL(leg(&b, 1), OK);
	CU_ASSERT_STRING_EQUAL(leg(&c, 1), OK);
	CU_ASSERT_STRING_EQUAL(CONF("[\"LEGA\",\"LEGB\"]", "[[0,256],[256,0]]"), OK);
	while (cc_clock_mono_ms() < died + 3000 && hears(&a, 800, 60) < PEAK * 0.9)
		talk(20);
	CU_ASSERT(cc_clock_mono_ms() - died < 2000);
	talk(300);
	LOUD(&a, 800);
	LOUD(&b, 400);
	close_all();
}

/* A subscriber that stops reading must not stop the others, nor the sound. */
static void deaf_client(void)
{
	int fd = connect_ctl();
	bool gone = false;

	open_all();
	a.muted = true;
	talk(40);
	ask_raw(fd, SUBSCRIBE, strlen(SUBSCRIBE));
	/* a socket takes what fits: how many packets become events depends on when they are read */
	for (int i = 0; i < 400000 && !gone; i++) {
		uint8_t d[16];
		size_t n = header(d, 101, ++a.seq, (uint32_t)(a.n + 1 + (unsigned)i), 77);
		d[n++] = 3;
		d[n++] = 0x8A;
		d[n++] = 0;
		d[n++] = 160;
		put(a.fd, a.lport, d, n);
		if (i % 100 == 99) {
			forget();
			usleep(500);
		}
		if (i % 20000 == 19999) {
			talk(100);
			gone = strstr(ask("{\"cmd\":\"stats\"}"), "\"clients\":2,");
		}
	}
	CU_ASSERT_TRUE(gone);
	CU_ASSERT_STRING_EQUAL(ask("{\"cmd\":\"ping\"}"), OK);
	close(fd);
	b.muted = c.muted = true;
	close_all();
}

static void ends_clean(void)
{
	struct stat st;
	char path[80];

	open_all();
	ask("{\"cmd\":\"play\",\"leg\":\"LEGA\",\"gen\":1,\"token\":1,\"layer\":\"music\",\"list\":["
		"\"p/music\"],\"repeat\":0}");
	talk(100);
	CU_ASSERT_EQUAL(finish(SIGTERM), 0);
	snprintf(path, sizeof path, "%s/sock/mixd.sock", folder);
	CU_ASSERT(stat(path, &st) != 0);
	launch();
	close_all();
}

CU_TestInfo daemon_tests[] = {
		{"bridge both ways, source lock", bridge},
		{"gain matrix", matrix},
		{"music, prompts, done", layers},
		{"digits: packets, tones, relay, sending", digits},
		{"silence and sound", silence},
		{"nothing is heard", quiet},
		{"generations", generations},
		{"garbage on all sockets", garbage},
		{"changed requests", mutations},
		{"killed and replayed", replay},
		{"a subscriber that does not read", deaf_client},
		{"SIGTERM", ends_clean},
		CU_TEST_INFO_NULL,
};
