/* SPDX-License-Identifier: GPL-2.0-or-later
 * Health of every part, asked in the part's own protocol; the supervisor only adds since when it
 * runs. */
#include "cli.h"
#include "health.h"
#include "probe.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <json-c/json.h>
#include <mysql.h>
#include <errmsg.h>
#include "cc/clock.h"
#include "cc/err.h"
#include "cc/jsonw.h"

#define TIMEOUT_MS 1500
#define REPLY_MAX (256 * 1024)
#define WAIT_STEP_MS 250
#define STEADY_S 2 /* a part without a protocol is healthy when it has run that long */
#define JSON_MAX (64 * 1024)
#define STALLED_MS 5000 /* each process of the engine comes round several times a second */

/* Sets healthy, detail and, where the protocol tells it, version. */
typedef void probe_part(struct cli *cli, const char *part, struct health *h);

static void bad(struct cli *cli, struct health *h, int err)
{
	h->healthy = false;
	h->silent = err == CC_E_TIMEOUT;
	h->detail = cc_strdup(cli->arena, probe_error(err));
}

/* What stands behind label in text up to the end of the line. */
static const char *after(struct cli *cli, const char *text, const char *label)
{
	const char *p = strstr(text, label);

	if (!p)
		return NULL;
	p += strlen(label);
	return cc_strndup(cli->arena, p, strcspn(p, " \r\n,(/"));
}

static const char *program_version(
		struct cli *cli, const struct health *h, const char *command, const char *label)
{
	char line[256];
	const char *version = NULL;
	FILE *f = h->brief ? NULL : popen(command, "re");

	while (f && !version && fgets(line, sizeof(line), f))
		version = after(cli, line, label);
	if (f)
		pclose(f);
	return version;
}

static void probe_mariadb(struct cli *cli, const char *part, struct health *h)
{
	unsigned timeout = 2;
	MYSQL *db = mysql_init(NULL);
	MYSQL_RES *result = NULL;

	if (!db)
		return;
	mysql_options(db, MYSQL_OPT_CONNECT_TIMEOUT, &timeout);
	mysql_options(db, MYSQL_OPT_READ_TIMEOUT, &timeout);
	if (mysql_real_connect(db, "localhost", cc_settings_db_user(cli->settings, "apps"), NULL,
				cc_settings_str(cli->settings, "CC_DB_NAME"), 0, cli_path(cli, "sock/mysql.sock"),
				0) &&
			mysql_query(db, "SELECT COUNT(*) FROM tenant") == 0 &&
			(result = mysql_store_result(db))) {
		h->healthy = true;
		h->detail = cc_sprintf(cli->arena, "%s tenants", mysql_fetch_row(result)[0]);
		h->version = cc_strndup(
				cli->arena, mysql_get_server_info(db), strcspn(mysql_get_server_info(db), "-"));
	} else {
		h->silent = mysql_errno(db) == CR_SERVER_LOST; /* also when it took too long */
		h->detail = cc_strdup(cli->arena, mysql_error(db));
	}
	mysql_free_result(result);
	mysql_close(db);
}

/* Asks what listens on a port of this machine; NULL: the failure is in h. */
static const char *ask_port(
		struct cli *cli, struct health *h, const char *port, int type, const char *request)
{
	const char *reply;
	int err = probe(cli->arena,
			&(struct probe){.address = "127.0.0.1",
					.port = (int)cc_settings_int(cli->settings, port),
					.type = type,
					.request = request,
					.len = strlen(request),
					.max = REPLY_MAX,
					.timeout_ms = TIMEOUT_MS},
			&reply);

	if (err)
		bad(cli, h, err);
	return err ? NULL : reply;
}

static void probe_redis(struct cli *cli, const char *part, struct health *h)
{
	const char *reply =
			ask_port(cli, h, "CC_REDIS_PORT", SOCK_STREAM, "PING\r\nINFO server\r\nQUIT\r\n");

	if (!reply)
		return;
	h->healthy = strncmp(reply, "+PONG", 5) == 0;
	h->detail = h->healthy ? "PING answered" : "PING refused";
	h->version = after(cli, reply, "redis_version:");
}

static void probe_rtpengine(struct cli *cli, const char *part, struct health *h)
{
	const char *reply = ask_port(cli, h, "CC_NG_PORT", SOCK_DGRAM, "status d7:command4:pinge");

	if (!reply)
		return;
	h->healthy = strstr(reply, "6:result4:pong") != NULL;
	h->detail = h->healthy ? "ng ping answered" : "ng ping refused";
	h->version = program_version(cli, h, "rtpengine --version 2>&1", "Version: ");
}

static void probe_mixd(struct cli *cli, const char *part, struct health *h)
{
	static const char request[] = "{\"seq\":1,\"cmds\":[{\"cmd\":\"ping\"}]}";
	const char *reply;
	int err = probe(cli->arena,
			&(struct probe){.path = cli_path(cli, "sock/mixd.sock"),
					.type = SOCK_SEQPACKET,
					.request = request,
					.len = sizeof(request) - 1,
					.max = REPLY_MAX,
					.timeout_ms = TIMEOUT_MS},
			&reply);

	if (err) {
		bad(cli, h, err);
		return;
	}
	h->healthy = strstr(reply, "\"ok\":true") != NULL;
	h->detail = h->healthy ? "ping answered" : "ping refused";
}

static void probe_http(struct cli *cli, struct health *h, const struct probe *where,
		const char *path, int refused_from)
{
	struct probe what = *where;
	const char *reply;
	int err, status = 0;

	what.request = cc_sprintf(
			cli->arena, "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", path);
	what.len = strlen(what.request);
	what.type = SOCK_STREAM;
	what.until_line = true;
	what.max = REPLY_MAX;
	what.timeout_ms = TIMEOUT_MS;
	err = probe(cli->arena, &what, &reply);
	if (err) {
		bad(cli, h, err);
		return;
	}
	h->healthy = sscanf(reply, "HTTP/%*d.%*d %d", &status) == 1 && status < refused_from;
	h->detail = cc_sprintf(cli->arena, "HTTP %d", status);
}

static void probe_eventd(struct cli *cli, const char *part, struct health *h)
{
	const struct probe where = {.path = cli_path(cli, "sock/live.sock")};

	probe_http(cli, h, &where, "/health", 300);
}

static void probe_nginx(struct cli *cli, const char *part, struct health *h)
{
	const struct probe where = {.address = cc_settings_str(cli->settings, "CC_LISTEN"),
			.port = (int)cc_settings_int(cli->settings, "CC_WEB_PORT")};

	probe_http(cli, h, &where, "/health", 300);
	h->version = program_version(cli, h, "/usr/sbin/nginx -v 2>&1", "nginx/");
}

/* ---- FastCGI: one request, asked at the application's own socket ---- */

enum
{
	FCGI_BEGIN = 1,
	FCGI_PARAMS = 4,
	FCGI_STDIN = 5,
	FCGI_STDOUT = 6,
	FCGI_HEADER = 8, /* bytes: version, type, id (2), length (2), padding, 0 */
};

static void fcgi_record(struct cc_buf *out, int type, const char *content, size_t len)
{
	const char header[FCGI_HEADER] = {
			1, (char)type, 0, 1, (char)(len >> 8), (char)(len & 0xFF), 0, 0};

	cc_buf_add(out, header, sizeof(header));
	cc_buf_add(out, content, len);
}

static void fcgi_param(struct cc_buf *out, const char *name, const char *value)
{
	const char lengths[2] = {(char)strlen(name), (char)strlen(value)}; /* below 128 each */

	cc_buf_add(out, lengths, sizeof(lengths));
	cc_buf_str(out, name);
	cc_buf_str(out, value);
}

static void probe_application(struct cli *cli, const char *part, struct health *h)
{
	static const char begin[8] = {0, 1}; /* responder, the connection is closed afterwards */
	struct cc_buf params = cc_buf_new(cli->arena), request = cc_buf_new(cli->arena);
	const char *path = cc_sprintf(cli->arena, "/%s/", part), *reply, *status;
	int err;

	fcgi_param(&params, "GATEWAY_INTERFACE", "CGI/1.1");
	fcgi_param(&params, "SERVER_PROTOCOL", "HTTP/1.1");
	fcgi_param(&params, "REQUEST_METHOD", "GET");
	fcgi_param(&params, "REQUEST_URI", path);
	fcgi_param(&params, "SCRIPT_NAME", path);
	fcgi_param(&params, "QUERY_STRING", "");
	fcgi_param(&params, "REMOTE_ADDR", "127.0.0.1");
	fcgi_record(&request, FCGI_BEGIN, begin, sizeof(begin));
	fcgi_record(&request, FCGI_PARAMS, params.p, params.len);
	fcgi_record(&request, FCGI_PARAMS, "", 0);
	fcgi_record(&request, FCGI_STDIN, "", 0);
	err = probe(cli->arena,
			&(struct probe){.path = cli_path(cli, cc_sprintf(cli->arena, "sock/%s.sock", part)),
					.type = SOCK_STREAM,
					.request = request.p,
					.len = request.len,
					.max = REPLY_MAX,
					.timeout_ms = TIMEOUT_MS},
			&reply);
	if (err) {
		bad(cli, h, err);
		return;
	}
	/* the first record holds the headers; its own header has a NUL, so the text begins behind it */
	h->healthy = reply[0] == 1 && reply[1] == FCGI_STDOUT;
	status = h->healthy ? strstr(reply + FCGI_HEADER, "Status: ") : NULL;
	h->healthy = h->healthy && (!status || (int)strtol(status + 8, NULL, 10) < 500);
	h->detail = status ? cc_sprintf(cli->arena, "HTTP %d", (int)strtol(status + 8, NULL, 10))
					   : "not FastCGI";
}

/* How long the slowest process of the engine has not been seen. */
static int64_t stalled_ms(const char *ping)
{
	struct json_object *o = json_tokener_parse(ping), *v = NULL;
	int64_t ms = json_object_object_get_ex(o, "stalled_ms", &v) ? json_object_get_int64(v) : 0;

	json_object_put(o);
	return ms;
}

static void probe_kamailio(struct cli *cli, const char *part, struct health *h)
{
	const char *listen = cc_settings_str(cli->settings, "CC_LISTEN"), *result, *error, *reply;
	int port = (int)cc_settings_int(cli->settings, "CC_SIP_PORT"), err, status = 0;
	const char *request = cc_sprintf(cli->arena,
			"OPTIONS sip:status@%s:%d SIP/2.0\r\n"
			"Via: SIP/2.0/UDP 127.0.0.1:9;rport;branch=z9hG4bK%08" PRIx64 "\r\n"
			"Max-Forwards: 1\r\nFrom: <sip:status@localhost>;tag=status\r\nTo: "
			"<sip:status@localhost>\r\n"
			"Call-ID: status-%" PRIx64 "@localhost\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n",
			listen, port, cc_clock_mono_ms(), cc_clock_utc_ms());

	err = probe(cli->arena,
			&(struct probe){.address = listen,
					.port = port,
					.type = SOCK_DGRAM,
					.request = request,
					.len = strlen(request),
					.max = REPLY_MAX,
					.timeout_ms = TIMEOUT_MS},
			&reply);
	if (err) {
		bad(cli, h, err);
		h->detail = cc_sprintf(cli->arena, "SIP OPTIONS: %s", h->detail);
		return;
	}
	if (sscanf(reply, "SIP/2.0 %d", &status) != 1 || status != 200) {
		h->detail = cc_sprintf(cli->arena, "SIP OPTIONS answered with %d", status);
		return;
	}
	if (cli_engine_call(cli, "cc.ping", "{}", &result, &error)) {
		h->silent = true; /* SIP is answered, so it is there */
		h->detail = cc_sprintf(cli->arena, "cc.ping: %s", error);
		return;
	}
	if (stalled_ms(result) > STALLED_MS) {
		h->silent = true;
		h->detail = "a process of the engine stands still";
		return;
	}
	h->healthy = true;
	h->detail = "SIP OPTIONS and cc.ping answered";
	h->version = program_version(cli, h, "kamailio -v 2>&1", "kamailio ");
}

/* A part that only reads files and rows: running steadily is all that can be seen from here. */
static void probe_steady(struct cli *cli, const char *part, struct health *h)
{
	h->healthy = h->up && h->since_s + STEADY_S <= cc_clock_utc_ms() / 1000;
	h->detail = !h->up ? "not running" : h->healthy ? "running" : "just started";
}

static const struct part
{
	const char *name;
	bool own; /* built here: has the version of this installation */
	probe_part *probe;
} parts[] = {
		{"mariadb", false, probe_mariadb},
		{"redis", false, probe_redis},
		{"rtpengine", false, probe_rtpengine},
		{"mixd", true, probe_mixd},
		{"recd", true, probe_steady},
		{"eventd", true, probe_eventd},
		{"jobd", true, probe_steady},
		{"kamailio", false, probe_kamailio},
		{"desk", true, probe_application},
		{"reports", true, probe_application},
		{"crm", true, probe_application},
		{"admin", true, probe_application},
		{"nginx", false, probe_nginx},
		{"watch", true, probe_steady},
};

#define PARTS (sizeof(parts) / sizeof(parts[0]))

/* runit's supervise/status: TAI64N of the last change (12 bytes), pid (4, little endian), …, state
 * (1: runs). */
static bool ask_runit(struct cli *cli, const char *part, struct health *h)
{
	unsigned char s[20];
	FILE *f =
			fopen(cli_path(cli, cc_sprintf(cli->arena, "service/%s/supervise/status", part)), "re");
	size_t got = f ? fread(s, 1, sizeof(s), f) : 0;
	uint64_t tai = 0;

	if (f)
		fclose(f);
	if (got != sizeof(s))
		return false;
	for (int i = 0; i < 8; i++)
		tai = tai << 8 | s[i];
	h->pid = s[12] | s[13] << 8 | s[14] << 16 | s[15] << 24;
	h->up = s[19] == 1 && h->pid > 0;
	h->since_s = (int64_t)(tai - 4611686018427387914ULL); /* TAI64 label of 1970, leap seconds as
															 runit counts */
	return true;
}

static void ask_systemd(struct cli *cli, const char *part, struct health *h)
{
	char line[128];
	FILE *f = popen(cc_sprintf(cli->arena,
							"systemctl show --timestamp=unix -p ActiveState -p MainPID "
							"-p ActiveEnterTimestamp tandem@%s 2>/dev/null",
							part),
			"re");

	while (f && fgets(line, sizeof(line), f)) {
		if (strncmp(line, "ActiveState=active", 18) == 0)
			h->up = true;
		sscanf(line, "MainPID=%d", &h->pid);
		sscanf(line, "ActiveEnterTimestamp=@%" SCNd64, &h->since_s);
	}
	if (f)
		pclose(f);
}

static const char *own_version(struct cli *cli)
{
	char line[64] = "";
	FILE *f =
			fopen(cc_sprintf(cli->arena, "%s/VERSION", cc_settings_str(cli->settings, "CC_PREFIX")),
					"re");

	if (f && !fgets(line, sizeof(line), f))
		line[0] = '\0';
	if (f)
		fclose(f);
	line[strcspn(line, "\n")] = '\0';
	return cc_strdup(cli->arena, line);
}

size_t health_parts(void)
{
	return PARTS;
}

const char *health_name(size_t part)
{
	return parts[part].name;
}

void health_ask(struct cli *cli, size_t part, struct health *h)
{
	const struct part *p = &parts[part];

	h->version = p->own && !h->brief ? own_version(cli) : NULL;
	h->detail = "";
	if (!ask_runit(cli, p->name, h) && access("/run/systemd/system", F_OK) == 0)
		ask_systemd(cli, p->name, h);
	p->probe(cli, p->name, h);
}

static bool look(struct cli *cli, struct health *all)
{
	bool healthy = true;

	for (size_t i = 0; i < PARTS; i++) {
		struct health *h = &all[i];

		*h = (struct health){0};
		health_ask(cli, i, h);
		healthy &= h->healthy;
	}
	return healthy;
}

static const char *age(struct cli *cli, const struct health *h)
{
	int64_t s = cc_clock_utc_ms() / 1000 - h->since_s;

	if (!h->up || h->since_s == 0)
		return "-";
	if (s < 120)
		return cc_sprintf(cli->arena, "%" PRId64 " s", s);
	if (s < 7200)
		return cc_sprintf(cli->arena, "%" PRId64 " min", s / 60);
	return cc_sprintf(cli->arena, "%" PRId64 " h %02" PRId64 " min", s / 3600, s / 60 % 60);
}

static void print_table(struct cli *cli, const struct health *all)
{
	printf("%-10s %-5s %-12s %7s %-12s %-8s %s\n", "PART", "STATE", "SINCE", "PID", "VERSION",
			"HEALTH", "DETAIL");
	for (size_t i = 0; i < PARTS; i++) {
		const struct health *h = &all[i];

		printf("%-10s %-5s %-12s %7d %-12s %-8s %s\n", parts[i].name, h->up ? "up" : "down",
				age(cli, h), h->pid, h->version ? h->version : "-", h->healthy ? "ok" : "FAILED",
				h->detail);
	}
}

static int print_json(struct cli *cli, const struct health *all, bool healthy)
{
	char *text = cc_alloc(cli->arena, JSON_MAX);
	struct cc_jsonw w;

	cc_jsonw_init(&w, text, JSON_MAX);
	cc_jsonw_object(&w, NULL);
	cc_jsonw_bool(&w, "healthy", healthy);
	cc_jsonw_array(&w, "parts");
	for (size_t i = 0; i < PARTS; i++) {
		const struct health *h = &all[i];

		cc_jsonw_object(&w, NULL);
		cc_jsonw_str(&w, "part", parts[i].name);
		cc_jsonw_bool(&w, "up", h->up);
		cc_jsonw_int(&w, "since", h->since_s * 1000);
		cc_jsonw_int(&w, "pid", h->pid);
		cc_jsonw_str(&w, "version", h->version);
		cc_jsonw_bool(&w, "healthy", h->healthy);
		cc_jsonw_str(&w, "detail", h->detail);
		cc_jsonw_close_object(&w);
	}
	cc_jsonw_close_array(&w);
	cc_jsonw_close_object(&w);
	if (cc_jsonw_end(&w) < 0)
		return cli_fail("the answer does not fit");
	puts(text);
	return CLI_OK;
}

int cmd_status(struct cli *cli, int argc, char **argv)
{
	int64_t deadline = cc_clock_mono_ms() + cli->wait_s * 1000;
	struct health all[PARTS];
	bool healthy = look(cli, all);

	while (!healthy && cc_clock_mono_ms() < deadline) {
		nanosleep(&(struct timespec){.tv_nsec = WAIT_STEP_MS * 1000000L}, NULL);
		healthy = look(cli, all);
	}
	if (!cli->json)
		print_table(cli, all);
	else if (print_json(cli, all, healthy))
		return CLI_FAILED;
	return healthy ? CLI_OK : CLI_UNHEALTHY;
}
