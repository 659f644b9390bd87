/* SPDX-License-Identifier: GPL-2.0-or-later
 * cc-recd with a real rtpengine and a real database: what goes through rtpengine is what the
 * recording has. */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sndfile.h>
#include <spandsp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include "capture.h"
#include "cc/clock.h"
#include "stack.h"
#include "tone.h"
#include "unit.h"

#define CALL "01ARZ3NDEKTSV4RRFFQ69G5FAV"
#define LEG "01ARZ3NDEKTSV4RRFFQ69G5FAW"
#define FILED "2/2016/07/30/" CALL "-"

static struct stack stack;
static pid_t rtpengine, recd;
static int ng_fd, ng_port, phone, mixer, phone_port, mixer_port, to_phone_side, to_mixer_side;
static struct sender left, right;

static int number(const char *text)
{
	return (int)strtol(text, NULL, 10);
}

/* port 0 on entry: any; else that one or one of the next. */
static int udp(int *port)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof in;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	in.sin_port = htons((uint16_t)*port);
	while (bind(fd, (struct sockaddr *)&in, len) != 0)
		in.sin_port = htons((uint16_t)++ * port);
	getsockname(fd, (struct sockaddr *)&in, &len);
	*port = ntohs(in.sin_port);
	return fd;
}

static void put(int fd, int port, const void *data, size_t len)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
			.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
			.sin_port = htons((uint16_t)port)};

	sendto(fd, data, len, 0, (struct sockaddr *)&to, sizeof to);
}

/* Keys and values, ended by NULL; the answer lives until the next call. */
static const char *ng(const char *const *words)
{
	static char reply[8192];
	static int cookie;
	struct timeval patience = {2, 0};
	char text[4096];
	int n = snprintf(text, sizeof text, "%d d", ++cookie);
	ssize_t got;

	for (; *words; words++)
		n += snprintf(text + n, sizeof text - (size_t)n, "%zu:%s", strlen(*words), *words);
	n += snprintf(text + n, sizeof text - (size_t)n, "e");
	setsockopt(ng_fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	put(ng_fd, ng_port, text, (size_t)n);
	got = recv(ng_fd, reply, sizeof reply - 1, 0);
	reply[got > 0 ? got : 0] = 0;
	return reply;
}
#define NG(...) ng((const char *const[]){__VA_ARGS__, NULL})
#define NG_OK(...) CU_ASSERT_PTR_NOT_NULL_FATAL(strstr(NG(__VA_ARGS__), "6:result2:ok"))

static void sdp(char text[512], int port)
{
	snprintf(text, 512,
			"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio %d "
			"RTP/AVP 0\r\n",
			port);
}

static int audio_port(const char *reply)
{
	const char *m = strstr(reply, "m=audio ");

	return m ? number(m + 8) : 0;
}

static void start_rtpengine(void)
{
	char listen[64], dir[128], low[32], high[32], log[128];
	int port;

	ng_port = port = 0;
	close(udp(&ng_port));
	ng_fd = udp(&port);
	snprintf(listen, sizeof listen, "--listen-ng=127.0.0.1:%d", ng_port);
	snprintf(dir, sizeof dir, "--recording-dir=%s/data/spool", stack.run);
	port = 20000 + (int)(getpid() % 400) * 20;
	snprintf(low, sizeof low, "--port-min=%d", port);
	snprintf(high, sizeof high, "--port-max=%d", port + 19);
	snprintf(log, sizeof log, "%s/rtpengine.out", stack.run);
	rtpengine = fork();
	if (rtpengine == 0) {
		int fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
		prctl(PR_SET_PDEATHSIG, SIGKILL); /* nothing outlives the test */
		dup2(fd, 1);
		dup2(fd, 2);
		execlp("rtpengine", "rtpengine", "--config-file=none", "--table=-1",
				"--interface=127.0.0.1", listen, dir, low, high, "--recording-method=pcap",
				"--delete-delay=0", "--foreground", "--log-stderr", (char *)NULL);
		_exit(127);
	}
	for (int i = 0; i < 50; i++) {
		if (strstr(NG("command", "ping"), "pong"))
			return;
		usleep(100000);
	}
	fprintf(stderr, "rtpengine does not answer\n");
}

static void start_recd(void)
{
	recd = stack_program(&stack, (const char *const[]){"cc-recd", "-c", stack.settings, NULL});
}

static int count_files(const char *below)
{
	char path[160];
	struct dirent *e;
	int n = 0;
	DIR *d;

	snprintf(path, sizeof path, "%s/%s", stack.run, below);
	d = opendir(path);
	while (d && (e = readdir(d)))
		n += e->d_name[0] != '.';
	if (d)
		closedir(d);
	return n;
}

/* Everything that was left there is filed and gone. */
static bool spool_empties(void)
{
	for (int i = 0; i < 500; i++) {
		if (count_files("data/spool/metadata") + count_files("data/spool/pcaps") +
						count_files("data/spool/tmp") ==
				0)
			return true;
		usleep(20000);
	}
	return false;
}

static void open_leg(void)
{
	char text[512];
	const char *reply;

	phone_port = 0;
	phone = udp(&phone_port);
	mixer_port = 17000 + getpid() % 2000; /* among cc-mixd's */
	mixer = udp(&mixer_port);
	left = (struct sender){0, 0, 400, 9, 0, 1, 0, {NULL}};
	right = (struct sender){0, 0, 900, 5, 77, 2, 0, {NULL}};
	sdp(text, phone_port);
	reply = NG("command", "offer", "call-id", LEG, "from-tag", "leg", "sdp", text);
	to_mixer_side = audio_port(reply);
	sdp(text, mixer_port);
	reply = NG(
			"command", "answer", "call-id", LEG, "from-tag", "leg", "to-tag", "mix", "sdp", text);
	to_phone_side = audio_port(reply);
	CU_ASSERT_FATAL(to_mixer_side > 0 && to_phone_side > 0);
}

static void close_leg(void)
{
	close(phone);
	close(mixer);
}

static void record(int segment)
{
	char text[128];

	snprintf(text, sizeof text, "v1|2|" CALL "|" LEG "|%d|%d", segment, mixer_port);
	NG_OK("command", "start recording", "call-id", LEG, "metadata", text);
}

static void send_frame(struct sender *s, int fd, int port, bool lost)
{
	uint8_t d[12 + 160] = {0x80, 0, (uint8_t)(s->seq >> 8), (uint8_t)s->seq};
	const uint32_t words[2] = {htonl(s->ts), htonl(s->ssrc)};
	int16_t pcm[160];

	memcpy(d + 4, words, 8);
	tone_make(pcm, 160, s->n, s->hz, 8000);
	for (int i = 0; i < 160; i++)
		d[12 + i] = linear_to_ulaw(pcm[i]);
	if (!lost)
		put(fd, port, d, sizeof d);
	s->seq++;
	s->ts += 160;
	s->n += 160;
}

/* Both talk; every 14th packet of the phone is lost (7 %). */
static unsigned talk(int ms)
{
	int64_t start = cc_clock_mono_ms();
	unsigned lost = 0;

	for (int i = 0; i < ms / 20; i++) {
		bool gone = i % 14 == 7;
		lost += gone;
		send_frame(&left, phone, to_phone_side, gone);
		send_frame(&right, mixer, to_mixer_side, false);
		while (cc_clock_mono_ms() < start + 20 * (i + 1))
			usleep(1000);
	}
	return lost;
}

/* Level of hz in a side of a filed WAV, and its length. */
static double level(const char *name, int side, double hz, double *seconds)
{
	SF_INFO info = {0};
	char path[160];
	int16_t *both, *one;
	double l = 0;
	SNDFILE *f;

	snprintf(path, sizeof path, "%s/data/recordings/%s.wav", stack.run, name);
	f = sf_open(path, SFM_READ, &info);
	CU_ASSERT_PTR_NOT_NULL(f);
	if (!f)
		return 0;
	both = calloc((size_t)info.frames + 1, 4);
	one = calloc((size_t)info.frames + 1, 2);
	sf_readf_short(f, both, info.frames);
	for (sf_count_t i = 0; i < info.frames; i++)
		one[i] = both[2 * i + side];
	l = tone_level(one, (unsigned)info.frames, hz);
	*seconds = (double)info.frames / 8000;
	free(one);
	free(both);
	sf_close(f);
	return l;
}

static bool sum_matches(const char *name, const char *kind)
{
	char command[512], line[128] = "", sql[256];
	FILE *p;

	snprintf(command, sizeof command, "sha256sum %s/data/recordings/%s.%s", stack.run, name, kind);
	p = popen(command, "r");
	if (p && !fgets(line, 65, p))
		line[0] = 0;
	if (p)
		pclose(p);
	snprintf(sql, sizeof sql, "SELECT LOWER(HEX(%s_sha256)) FROM recording WHERE path = '%s'", kind,
			name);
	return line[0] && strcmp(line, stack_value(&stack, "%s", sql)) == 0;
}

static void two_tones(void)
{
	double seconds = 0;
	unsigned lost;

	start_recd();
	open_leg();
	talk(200);
	record(1);
	lost = talk(3000);
	NG_OK("command", "stop recording", "call-id", LEG);
	CU_ASSERT(stack_wait(&stack, "1", "SELECT COUNT(*) FROM recording"));
	CU_ASSERT_STRING_EQUAL(stack_value(&stack, "SELECT CONCAT_WS(' ', tenant_id, HEX(call_id), "
											   "segment, volume, path, state, lost_right) "
											   "FROM recording"),
			"2 01563E3AB5D3D6764C61EFB99302BD5B 1 main " FILED "1 ok 0");
	CU_ASSERT_EQUAL(number(stack_value(&stack, "SELECT lost_left FROM recording")), (int)lost);
	CU_ASSERT_DOUBLE_EQUAL(
			number(stack_value(&stack, "SELECT duration_ms FROM recording")), 3000, 30);
	CU_ASSERT_DOUBLE_EQUAL(atof(stack_value(&stack, "SELECT started_at FROM recording")),
			cc_clock_utc_ms() - 3000, 1500);
	/* the phone's pitch on the left, the mixer's on the right, and neither on the other side */
	CU_ASSERT_DOUBLE_EQUAL(level(FILED "1", 0, 400, &seconds), 8000 * 13 / 14.0, 400);
	CU_ASSERT_DOUBLE_EQUAL(level(FILED "1", 1, 900, &seconds), 8000, 400);
	CU_ASSERT(level(FILED "1", 0, 900, &seconds) < 100);
	CU_ASSERT(level(FILED "1", 1, 400, &seconds) < 100);
	CU_ASSERT_DOUBLE_EQUAL(seconds, 3, 0.03);
	CU_ASSERT(sum_matches(FILED "1", "wav"));
	CU_ASSERT(sum_matches(FILED "1", "mp3"));
	CU_ASSERT(spool_empties());
	/* the next segment ends with the leg */
	record(2);
	talk(400);
	NG_OK("command", "delete", "call-id", LEG, "from-tag", "leg");
	CU_ASSERT(stack_wait(&stack, "ok", "SELECT state FROM recording WHERE segment = 2"));
	/* both and the time between them are the whole, number 0 */
	CU_ASSERT(stack_wait(&stack, "ok", "SELECT state FROM recording WHERE segment = 0"));
	CU_ASSERT(stack_wait(&stack, "1",
			"SELECT ABS(w.duration_ms - (b.started_at + b.duration_ms - a.started_at)) < 3 AND "
			"w.started_at = a.started_at AND w.path = '" FILED "0' FROM recording w, recording a, "
			"recording b WHERE w.segment = 0 AND a.segment = 1 AND b.segment = 2"));
	CU_ASSERT(level(FILED "0", 1, 900, &seconds) > 1000);
	CU_ASSERT(seconds > 3.4);
	CU_ASSERT(sum_matches(FILED "0", "wav"));
	CU_ASSERT(sum_matches(FILED "0", "mp3"));
	close_leg();
	CU_ASSERT_EQUAL(stack_end(recd, SIGTERM), 0);
}

static void database_away(void)
{
	struct rusage before, after;

	open_leg();
	stack_database_stop(&stack);
	getrusage(RUSAGE_CHILDREN, &before);
	start_recd();
	record(3);
	talk(400);
	NG_OK("command", "delete", "call-id", LEG, "from-tag", "leg");
	sleep(3);
	CU_ASSERT_EQUAL(count_files("data/spool/metadata"), 1);
	CU_ASSERT_EQUAL(count_files("data/spool/pcaps"), 1);
	stack_database_start(&stack);
	CU_ASSERT(stack_wait(&stack, "ok", "SELECT state FROM recording WHERE segment = 3"));
	close_leg();
	CU_ASSERT(spool_empties());
	CU_ASSERT_EQUAL(stack_end(recd, SIGTERM), 0);
	getrusage(RUSAGE_CHILDREN, &after);
	/* it slept: recd's time, start and conversion included */
	CU_ASSERT((after.ru_utime.tv_sec - before.ru_utime.tv_sec) * 1000 +
					  (after.ru_utime.tv_usec - before.ru_utime.tv_usec) / 1000 <
			  1000);
}

/* As rtpengine leaves it, but made up. */
static void leave(const char *name, const char *metadata)
{
	char path[160];
	FILE *f;

	snprintf(path, sizeof path, "%s/data/spool/metadata/rtpengine-meta-%s.txt", stack.run, name);
	f = fopen(path, "w");
	fprintf(f, "%s/data/spool/pcaps/%s.pcap\n\n\n%s\n", stack.run, name, metadata);
	fclose(f);
}

static void killed(void)
{
	struct sender a = {PHONE, 0, 400, 9, 0, 1, 0, {NULL}}, b = {MIXER, 0, 900, 5, 77, 2, 0, {NULL}};
	struct capture c;
	char path[160], text[128];
	int kills = 0;

	snprintf(path, sizeof path, "%s/data/spool/pcaps/hour.pcap", stack.run);
	capture_open(&c, path);
	for (int i = 0; i < 50 * 1800; i++, c.us += 20000) {
		capture_tone(&c, &a, false);
		capture_tone(&c, &b, false);
	}
	capture_close(&c);
	snprintf(text, sizeof text, "v1|2|" CALL "|" LEG "|4|%d", MIXER);
	leave("hour", text);
	for (int i = 0; i < 3; i++) {
		start_recd();
		usleep(400000);
		kills += stack_end(recd, SIGKILL) == -SIGKILL;
	}
	CU_ASSERT_EQUAL(kills, 3);
	CU_ASSERT_STRING_EQUAL(
			stack_value(&stack, "SELECT COUNT(*) FROM recording WHERE segment = 4"), "0");
	start_recd();
	CU_ASSERT(stack_wait(&stack, "1800000 ok",
			"SELECT CONCAT(duration_ms, ' ', state) FROM recording WHERE segment = 4"));
	CU_ASSERT(spool_empties());
	CU_ASSERT_EQUAL(count_files("data/recordings/2/2016/07/30"),
			2 * number(stack_value(&stack, "SELECT COUNT(*) FROM recording")));
	/* killed between row and spool: the same recording again is the same row */
	snprintf(path, sizeof path, "%s/data/spool/pcaps/again.pcap", stack.run);
	capture_open(&c, path);
	for (int i = 0; i < 50; i++, c.us += 20000)
		capture_tone(&c, &a, false);
	capture_close(&c);
	leave("again", text);
	CU_ASSERT(stack_wait(&stack, "1000 one_way",
			"SELECT CONCAT(duration_ms, ' ', state) FROM recording WHERE segment = 4"));
	CU_ASSERT_EQUAL(stack_end(recd, SIGTERM), 0);
}

static void odd_ones(void)
{
	char path[160], text[128];
	FILE *f;

	start_recd();
	leave("foreign", "somebody else's");
	snprintf(text, sizeof text, "v1|2|" CALL "|" LEG "|5|%d", MIXER);
	leave("nofile", text);
	snprintf(path, sizeof path, "%s/data/spool/pcaps/broken.pcap", stack.run);
	f = fopen(path, "w");
	fputs("no capture", f);
	fclose(f);
	snprintf(text, sizeof text, "v1|2|" CALL "|" LEG "|6|%d", MIXER);
	leave("broken", text);
	CU_ASSERT(stack_wait(&stack, "damaged", "SELECT state FROM recording WHERE segment = 6"));
	for (int i = 0; i < 100 && count_files("data/spool/metadata"); i++)
		usleep(20000);
	CU_ASSERT_EQUAL(count_files("data/spool/metadata"), 0);
	CU_ASSERT_EQUAL(count_files("data/spool/rejected"), 2);
	CU_ASSERT_EQUAL(count_files("data/spool/damaged"), 2);
	CU_ASSERT_STRING_EQUAL(
			stack_value(&stack, "SELECT COUNT(*) FROM recording WHERE segment = 5"), "0");
	/* two of them would write the same files */
	CU_ASSERT_EQUAL(stack_end(stack_program(&stack,
									  (const char *const[]){"cc-recd", "-c", stack.settings, NULL}),
							0),
			1);
	CU_ASSERT_EQUAL(stack_end(recd, SIGTERM), 0);
}

/* rtpengine is killed in the middle of a call: what was captured until then is not lost. */
static void orphan(void)
{
	struct timespec old[2] = {{time(NULL) - 3600, 0}, {time(NULL) - 3600, 0}};
	char path[400], folder[128];
	struct dirent *e;
	int aged = 0;
	DIR *d;

	stack_sql(
			&stack, "INSERT INTO tenant (id, code, name, created_at) VALUES (2, 'two', 'Two', 1)");
	stack_sql(&stack, "INSERT INTO call_leg (tenant_id, id, call_id, role, started_at) VALUES "
					  "(2, UNHEX('01563E3AB5D3D6764C61EFB99302BD5C'), "
					  "UNHEX('01563E3AB5D3D6764C61EFB99302BD5B'), 'caller', 1)");
	for (int segment = 7; segment <= 8; segment++) /* 8 began later, after rtpengine's restart */
		stack_sql(&stack,
				"INSERT INTO event (node, seq, tenant_id, at, type, version, call_id, call_seq, "
				"fields) VALUES (1, %d, 2, %lld, "
				"50, 1, UNHEX('01563E3AB5D3D6764C61EFB99302BD5B'), %d, '{\"leg\":\"" LEG
				"\",\"segment\":%d}')",
				segment,
				segment == 7 ? ((long long)old[1].tv_sec - 60) * 1000
							 : (long long)time(NULL) * 1000,
				segment, segment);
	open_leg();
	record(7);
	talk(2000);
	CU_ASSERT_EQUAL(stack_end(rtpengine, SIGKILL), -SIGKILL);
	close_leg();
	snprintf(folder, sizeof folder, "%s/data/spool/pcaps", stack.run);
	d = opendir(folder);
	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.') {
			snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
			aged += utimensat(AT_FDCWD, path, old, 0) == 0;
		}
	closedir(d);
	CU_ASSERT_EQUAL(aged, 1);
	start_recd();
	CU_ASSERT(stack_wait(
			&stack, "1", "SELECT COUNT(*) FROM recording WHERE segment = 7 AND tenant_id = 2"));
	CU_ASSERT_DOUBLE_EQUAL(
			number(stack_value(&stack, "SELECT duration_ms FROM recording WHERE segment = 7")),
			2000, 500);
	CU_ASSERT(
			number(stack_value(&stack,
					"SELECT LEAST(packets_left, packets_right) FROM recording WHERE segment = 7")) >
			50);
	CU_ASSERT(spool_empties());
	CU_ASSERT_EQUAL(stack_end(recd, SIGTERM), 0);
	start_rtpengine();
}

static CU_TestInfo tests[] = {
		{"two tones through rtpengine, 7 % loss", two_tones},
		{"the database is away", database_away},
		{"killed while it works", killed},
		{"what is not ours, not there, broken", odd_ones},
		{"rtpengine killed over a recording", orphan},
		CU_TEST_INFO_NULL,
};

static int begin(void)
{
	char path[128];

	stack_start(&stack);
	snprintf(path, sizeof path, "%s/data/spool", stack.run);
	mkdir(path, 0750);
	start_rtpengine();
	return 0;
}

static int end(void)
{
	stack_end(rtpengine, SIGTERM);
	return !stack_stop(&stack);
}

int main(void)
{
	CU_SuiteInfo suites[] = {
			{"recording through rtpengine", begin, end, NULL, NULL, tests},
			CU_SUITE_INFO_NULL,
	};

	return unit_run(suites);
}
