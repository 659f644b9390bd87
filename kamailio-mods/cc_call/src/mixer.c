/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <json-c/json.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "cc/clock.h"
#include "cc/err.h"
#include "cc/jsonw.h"
#include "mixer.h"

#define KEY_GAP_MS 60 /* as cc-mixd between those that it passes on itself */

static struct sockaddr_un address;
/* of this process */
static int fd = -1;
static pid_t fd_owner;
static uint32_t message_seq;
static char message[CC_MIXER_MESSAGE_MAX];
static struct cc_jsonw writer;
static int collected;
static char error_text[64];
static struct json_object *results; /* of the last reply */

int cc_mixer_init(const char *path)
{
	address.sun_family = AF_UNIX;
	if (strlen(path) >= sizeof(address.sun_path))
		return CC_E_RANGE;
	strcpy(address.sun_path, path);
	return CC_OK;
}

const char *cc_mixer_error(void)
{
	return error_text;
}

static int connection_open(void)
{
	int s = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (s < 0)
		return CC_E_IO;
	if (connect(s, (struct sockaddr *)&address, sizeof(address)) < 0) {
		close(s);
		return CC_E_IO;
	}
	return s;
}

/* Opens the command that follows; the message is begun with the first one. */
static struct cc_jsonw *command(const char *cmd)
{
	if (collected++ == 0) {
		cc_jsonw_init(&writer, message, sizeof(message));
		cc_jsonw_object(&writer, NULL);
		cc_jsonw_int(&writer, "seq", ++message_seq);
		cc_jsonw_array(&writer, "cmds");
	}
	cc_jsonw_object(&writer, NULL);
	cc_jsonw_str(&writer, "cmd", cmd);
	return &writer;
}

static struct cc_jsonw *leg_command(const char *cmd, const char *leg, uint32_t gen)
{
	struct cc_jsonw *w = command(cmd);

	cc_jsonw_str(w, "leg", leg);
	cc_jsonw_int(w, "gen", gen);
	return w;
}

void cc_mixer_leg(const char *leg, uint32_t gen, uint16_t lport, const struct cc_sdp_audio *far)
{
	struct cc_jsonw *w = leg_command("leg", leg, gen);

	cc_jsonw_int(w, "lport", lport);
	cc_jsonw_str(w, "raddr", far->addr);
	cc_jsonw_int(w, "rport", far->port);
	cc_jsonw_int(w, "pt", far->pt);
	cc_jsonw_int(w, "dtmf_pt", far->dtmf_pt);
	cc_jsonw_close_object(w);
}

void cc_mixer_drop(const char *leg, uint32_t gen)
{
	struct cc_jsonw *w = leg_command("drop", leg, gen);

	cc_jsonw_bool(w, "count", true);
	cc_jsonw_close_object(w);
}

void cc_mixer_conf(const char *conf, const char *const *legs, int count,
		uint16_t gain[CC_MIX_LEGS][CC_MIX_LEGS], const char *kept)
{
	struct cc_jsonw *w = command("conf");

	cc_jsonw_str(w, "conf", conf);
	cc_jsonw_array(w, "legs");
	for (int i = 0; i < count; i++)
		cc_jsonw_str(w, NULL, legs[i]);
	cc_jsonw_close_array(w);
	cc_jsonw_array(w, "gain");
	for (int i = 0; i < count; i++) {
		cc_jsonw_array(w, NULL);
		for (int j = 0; j < count; j++)
			cc_jsonw_int(w, NULL, gain[i][j]);
		cc_jsonw_close_array(w);
	}
	cc_jsonw_close_array(w);
	cc_jsonw_bool(w, "dtmf", true);
	if (kept)
		cc_jsonw_str(w, "keep", kept);
	cc_jsonw_close_object(w);
}

void cc_mixer_keys(const char *leg, uint32_t gen, const char *keys)
{
	struct cc_jsonw *w = leg_command("dtmf", leg, gen);

	cc_jsonw_str(w, "digits", keys);
	cc_jsonw_int(w, "gap", KEY_GAP_MS);
	cc_jsonw_close_object(w);
}

static const char *const layers[] = {[CC_LAYER_MUSIC] = "music", [CC_LAYER_PROMPT] = "prompt"};

static void play_item(struct cc_jsonw *w, const char *item, size_t len)
{
	static const char silence[] = "silence:", tone[] = "tone:";

	if (len > sizeof(silence) - 1 && memcmp(item, silence, sizeof(silence) - 1) == 0) {
		cc_jsonw_object(w, NULL);
		cc_jsonw_int(w, "silence", (int)strtol(item + sizeof(silence) - 1, NULL, 10));
		cc_jsonw_close_object(w);
	} else if (len > sizeof(tone) - 1 && memcmp(item, tone, sizeof(tone) - 1) == 0) {
		cc_jsonw_object(w, NULL);
		cc_jsonw_strn(w, "tone", item + sizeof(tone) - 1, len - (sizeof(tone) - 1));
		cc_jsonw_close_object(w);
	} else {
		cc_jsonw_strn(w, NULL, item, len);
	}
}

void cc_mixer_play(const char *leg, uint32_t gen, uint32_t token, enum cc_layer layer,
		const char *items, size_t len, int repeat)
{
	struct cc_jsonw *w = leg_command("play", leg, gen);
	const char *end = items + len;

	cc_jsonw_int(w, "token", token);
	cc_jsonw_str(w, "layer", layers[layer]);
	cc_jsonw_int(w, "repeat", repeat);
	cc_jsonw_array(w, "list");
	while (items < end) {
		const char *eol = memchr(items, '\n', (size_t)(end - items));
		size_t n = (size_t)((eol ? eol : end) - items);

		if (n)
			play_item(w, items, n);
		items += n + 1;
	}
	cc_jsonw_close_array(w);
	cc_jsonw_close_object(w);
}

void cc_mixer_stop(const char *leg, uint32_t gen, enum cc_layer layer)
{
	struct cc_jsonw *w = leg_command("stop", leg, gen);

	cc_jsonw_str(w, "layer", layers[layer]);
	cc_jsonw_close_object(w);
}

void cc_mixer_watch(const char *leg, uint32_t gen, int silence_ms)
{
	struct cc_jsonw *w = leg_command("watch", leg, gen);

	cc_jsonw_int(w, "silence_ms", silence_ms);
	cc_jsonw_close_object(w);
}

void cc_mixer_quiet(const char *leg, uint32_t gen, int quiet_ms)
{
	struct cc_jsonw *w = leg_command("watch", leg, gen);

	cc_jsonw_int(w, "quiet_ms", quiet_ms);
	cc_jsonw_close_object(w);
}

static struct json_object *field(struct json_object *o, const char *key)
{
	struct json_object *v = NULL;

	return json_object_object_get_ex(o, key, &v) ? v : NULL;
}

/* One message as a JSON object, NULL if there is none in time, it is none, or the connection is
 * gone (*gone). */
static struct json_object *receive(int s, int timeout_ms, bool *gone)
{
	static char text[CC_MIXER_MESSAGE_MAX + 1];
	struct pollfd p = {.fd = s, .events = POLLIN};
	struct json_object *o;
	ssize_t n;

	*gone = false;
	if (poll(&p, 1, timeout_ms) <= 0)
		return NULL;
	n = recv(s, text, sizeof(text) - 1, 0);
	if (n <= 0) {
		*gone = n == 0 || (errno != EAGAIN && errno != EINTR);
		return NULL;
	}
	text[n] = '\0';
	o = json_tokener_parse(text);
	if (o && !json_object_is_type(o, json_type_object)) {
		json_object_put(o);
		o = NULL;
	}
	return o;
}

/* result: out, owned by the caller; NULL: not wanted */
static int reply_wait(uint32_t seq, struct json_object **result)
{
	int64_t deadline = cc_clock_mono_ms() + CC_MIXER_TIMEOUT_MS, left;

	while ((left = deadline - cc_clock_mono_ms()) > 0) {
		bool gone;
		struct json_object *reply = receive(fd, (int)left, &gone), *error;
		int rc;

		if (gone)
			return CC_E_IO;
		if (!reply)
			continue;
		if ((uint32_t)json_object_get_int64(field(reply, "seq")) != seq) {
			json_object_put(reply); /* of a message that we gave up */
			continue;
		}
		rc = json_object_get_boolean(field(reply, "ok")) ? CC_OK : CC_E_INVAL;
		json_object_put(results);
		results = json_object_get(field(reply, "res"));
		error = field(reply, "error");
		snprintf(error_text, sizeof(error_text), "%s",
				rc < 0 && error ? json_object_get_string(error) : "");
		if (rc == CC_OK && result)
			*result = json_object_get(field(reply, "res"));
		json_object_put(reply);
		return rc;
	}
	return CC_E_TIMEOUT;
}

int64_t cc_mixer_result(const char *key)
{
	struct json_object *v = results ? field(results, key) : NULL;

	return v ? json_object_get_int64(v) : -1;
}

static void connection_close(void)
{
	if (fd >= 0 && fd_owner == getpid())
		close(fd);
	fd = -1;
}

static int flush(struct json_object **result)
{
	int len, rc = CC_E_IO;

	if (collected == 0)
		return CC_OK;
	collected = 0;
	json_object_put(results);
	results = NULL;
	cc_jsonw_close_array(&writer);
	cc_jsonw_close_object(&writer);
	len = cc_jsonw_end(&writer);
	if (len < 0)
		return CC_E_FULL;
	if (fd >= 0 && fd_owner != getpid())
		connection_close();
	/* The second attempt is for a connection that cc-mixd's restart has broken since the last
	 * message. */
	for (int attempt = 0; attempt < 2 && rc == CC_E_IO; attempt++) {
		if (fd < 0) {
			fd = connection_open();
			fd_owner = getpid();
			if (fd < 0) {
				fd = -1;
				return CC_E_IO;
			}
		}
		if (send(fd, message, (size_t)len, MSG_NOSIGNAL) == len)
			rc = reply_wait(message_seq, result);
		if (rc == CC_E_IO)
			connection_close();
	}
	return rc;
}

int cc_mixer_flush(void)
{
	return flush(NULL);
}

int cc_mixer_prune(bool (*keep)(const char *leg))
{
	int64_t from = 0;

	do {
		struct json_object *result = NULL, *legs;
		int rc;

		cc_jsonw_int(command("list"), "from", from);
		cc_jsonw_close_object(&writer);
		rc = flush(&result);
		if (rc < 0)
			return rc;
		legs = field(result, "legs");
		for (size_t i = 0; legs && i < json_object_array_length(legs); i++) {
			struct json_object *leg = json_object_array_get_idx(legs, i);
			const char *id = json_object_get_string(field(leg, "leg"));

			if (id && !keep(id))
				cc_mixer_drop(id, (uint32_t)json_object_get_int64(field(leg, "gen")));
		}
		from = json_object_get_int64(field(result, "next"));
		json_object_put(result);
		rc = cc_mixer_flush();
		if (rc < 0)
			return rc;
	} while (from > 0);
	return CC_OK;
}

int cc_mixer_subscribe(void)
{
	static const char subscribe[] = "{\"seq\":1,\"cmds\":[{\"cmd\":\"subscribe\"}]}";
	int s = connection_open();

	if (s < 0)
		return CC_E_IO;
	if (send(s, subscribe, sizeof(subscribe) - 1, MSG_NOSIGNAL) != (ssize_t)sizeof(subscribe) - 1) {
		close(s);
		return CC_E_IO;
	}
	return s;
}

static int event_parse(struct cc_mixer_event *ev, struct json_object *o)
{
	static const char *const names[] = {[CC_MIXER_HELLO] = "hello",
			[CC_MIXER_DTMF] = "dtmf",
			[CC_MIXER_DONE] = "done",
			[CC_MIXER_SILENCE] = "silence",
			[CC_MIXER_SOUND] = "sound",
			[CC_MIXER_QUIET] = "quiet"};
	const char *name = json_object_get_string(field(o, "ev")), *text;
	size_t i;

	if (!name)
		return 0; /* a reply */
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
			break;
	if (i == sizeof(names) / sizeof(names[0]))
		return 0;
	*ev = (struct cc_mixer_event){.kind = (enum cc_mixer_event_kind)i};
	ev->start_ms = json_object_get_int64(field(o, "start"));
	ev->gen = (uint32_t)json_object_get_int64(field(o, "gen"));
	ev->token = (uint32_t)json_object_get_int64(field(o, "token"));
	ev->ms = json_object_get_int64(field(o, "ms"));
	if ((text = json_object_get_string(field(o, "leg"))))
		snprintf(ev->leg, sizeof(ev->leg), "%s", text);
	if ((text = json_object_get_string(field(o, "layer"))))
		ev->layer = strcmp(text, "prompt") == 0 ? CC_LAYER_PROMPT : CC_LAYER_MUSIC;
	if ((text = json_object_get_string(field(o, "digit"))))
		ev->digit = text[0];
	if ((text = json_object_get_string(field(o, "src"))))
		ev->inband = strcmp(text, "inband") == 0;
	if ((text = json_object_get_string(field(o, "reason"))))
		ev->missing = strcmp(text, "missing") == 0;
	return 1;
}

int cc_mixer_event_read(int s, struct cc_mixer_event *ev, int timeout_ms)
{
	bool gone;
	struct json_object *o = receive(s, timeout_ms, &gone);
	int rc = 0;

	if (gone)
		return CC_E_IO;
	if (o) {
		rc = event_parse(ev, o);
		json_object_put(o);
	}
	return rc;
}
