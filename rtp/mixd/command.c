/* SPDX-License-Identifier: GPL-2.0-or-later
 * Every command is one row of the table below: its function gets the checked leg and its JSON
 * object and returns NULL or the reason why not, a constant of the contract. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <json-c/json.h>
#include "cc/clock.h"
#include "cc/err.h"
#include "cc/utf8.h"
#include "mixd.h"

#define COMMANDS 256  /* of one request */
#define LIST_LEGS 200 /* of one reply: with the longest numbers they fit into a message */

#define BAD "bad_field"
#define STALE "stale"
#define NO_LEG "no_leg"
#define NO_MEMORY "no_memory"

struct run
{
	struct cc_mixd *m;
	struct cc_client *client;
	struct json_object *o;
	struct cc_leg *leg;
	const char *id; /* of the leg */
	uint32_t gen;
	struct cc_jsonw *res;
};

/* ---- fields ---- */

static bool get_int(
		struct json_object *o, const char *key, int64_t min, int64_t max, int64_t *value)
{
	struct json_object *f;
	int64_t v;

	if (!json_object_object_get_ex(o, key, &f) || !json_object_is_type(f, json_type_int))
		return false;
	v = json_object_get_int64(f);
	if (v < min || v > max)
		return false;
	*value = v;
	return true;
}

/* As get_int; a missing field leaves the value as it is. */
static bool opt_int(
		struct json_object *o, const char *key, int64_t min, int64_t max, int64_t *value)
{
	return !json_object_object_get_ex(o, key, NULL) || get_int(o, key, min, max, value);
}

static bool opt_bool(struct json_object *o, const char *key, bool *value)
{
	struct json_object *f;

	if (!json_object_object_get_ex(o, key, &f))
		return true;
	if (!json_object_is_type(f, json_type_boolean))
		return false;
	*value = json_object_get_boolean(f);
	return true;
}

/* NULL: not there, not a text, or with a NUL inside. */
static const char *get_str(struct json_object *o, const char *key)
{
	struct json_object *f;
	const char *s;

	if (!json_object_object_get_ex(o, key, &f) || !json_object_is_type(f, json_type_string))
		return NULL;
	s = json_object_get_string(f);
	return strlen(s) == (size_t)json_object_get_string_len(f) ? s : NULL;
}

static bool id_valid(const char *s)
{
	size_t n = s ? strlen(s) : 0;

	return n > 0 && n < CC_ID &&
		   strspn(s, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-") == n;
}

static bool get_layer(struct json_object *o, enum cc_layer_kind *layer)
{
	const char *s = get_str(o, "layer");

	if (s && strcmp(s, "music") == 0)
		*layer = CC_LAYER_MUSIC;
	else if (s && strcmp(s, "prompt") == 0)
		*layer = CC_LAYER_PROMPT;
	else
		return false;
	return true;
}

/* ---- rooms ---- */

static bool room_by_id(struct le *le, void *arg)
{
	const struct cc_room *r = le->data;

	return strcmp(r->id, arg) == 0;
}

static struct cc_room *room_find(const struct cc_mixd *m, const char *id)
{
	struct le *le = hash_lookup(m->rooms, hash_joaat_str(id), room_by_id, (void *)id);

	return le ? le->data : NULL;
}

static void room_free(struct cc_room *r)
{
	hash_unlink(&r->le);
	cc_mix_conf_free(r->conf);
	free(r);
}

static bool free_if_empty(struct le *le, void *arg)
{
	struct cc_room *r = le->data;

	if (cc_mix_conf_count(r->conf) == 0)
		room_free(r);
	return false;
}

/* ---- legs ---- */

static struct cc_tomb *tomb_of(struct cc_mixd *m, const char *id)
{
	return &m->tomb[hash_joaat_str(id) % CC_TOMBS];
}

static void bury(struct cc_mixd *m, const char *id, uint32_t gen)
{
	struct cc_tomb *t = tomb_of(m, id);

	cc_utf8_copy(t->id, sizeof t->id, id);
	t->gen = gen;
}

static void leg_drop(struct cc_leg *l)
{
	struct cc_mix_conf *c = l->mix.conf;

	bury(l->mixd, l->id, l->gen);
	cc_leg_free(l);
	if (c && cc_mix_conf_count(c) == 0)
		room_free(c->owner);
}

static const char *cmd_leg(struct run *r)
{
	int64_t lport, rport, pt, dtmf_pt;
	const char *raddr = get_str(r->o, "raddr");
	const struct cc_tomb *t = tomb_of(r->m, r->id);
	struct cc_leg *l = r->leg, *other;
	struct sa peer;

	if (!get_int(r->o, "lport", r->m->port_min, r->m->port_max - 1, &lport) ||
			lport % 2 != r->m->port_min % 2)
		return "bad_port";
	if (!get_int(r->o, "rport", 1, 65534, &rport) || !get_int(r->o, "pt", 0, 127, &pt) ||
			!cc_codec_known((uint8_t)pt) || !get_int(r->o, "dtmf_pt", 0, 127, &dtmf_pt) ||
			(dtmf_pt && dtmf_pt < 96) || !raddr || sa_set_str(&peer, raddr, (uint16_t)rport) != 0 ||
			sa_af(&peer) != AF_INET)
		return BAD;
	if (!l && t->gen >= r->gen && strcmp(t->id, r->id) == 0)
		return STALE;
	if (l && l->lport != lport) {
		leg_drop(l);
		l = NULL;
	}
	if (!l) {
		/* whoever had the port before is gone: the engine gives a slot away only when it is free */
		other = r->m->port[(lport - r->m->port_min) / 2];
		if (other)
			leg_drop(other);
		switch (cc_leg_new(&l, r->m, r->id, r->gen, (uint16_t)lport)) {
		case 0:
			break;
		case CC_E_NOMEM:
			return NO_MEMORY;
		default:
			cc_mixd_warn("port %d is taken by another program", (int)lport);
			return "port_taken";
		}
	}
	cc_leg_peer(l, &peer.u.in, (uint8_t)pt, (uint8_t)dtmf_pt);
	return NULL;
}

static const char *cmd_drop(struct run *r)
{
	bool count = false;

	if (!opt_bool(r->o, "count", &count))
		return BAD;
	if (!r->leg) {
		bury(r->m, r->id, r->gen);
		return NULL;
	}
	if (count) {
		cc_jsonw_int(r->res, "rx", r->leg->mix.jitter.seq.received);
		cc_jsonw_int(r->res, "lost", r->leg->mix.jitter.seq.lost);
	}
	leg_drop(r->leg);
	return NULL;
}

static const char *cmd_watch(struct run *r)
{
	const int64_t most = 24 * 3600 * 1000, now = cc_clock_mono_ms();
	int64_t silence = -1, quiet = -1;

	if (!opt_int(r->o, "silence_ms", 0, most, &silence) ||
			!opt_int(r->o, "quiet_ms", 0, most, &quiet) || (silence < 0 && quiet < 0))
		return BAD;
	if (silence >= 0)
		cc_leg_watch(r->leg, (uint32_t)silence, now);
	if (quiet >= 0)
		cc_leg_listen(r->leg, (uint32_t)quiet, now);
	return NULL;
}

static const char *cmd_dtmf(struct run *r)
{
	const char *digits = get_str(r->o, "digits");
	int64_t ms = 100, gap = 100;

	if (!digits || !*digits || !opt_int(r->o, "ms", 40, 5000, &ms) ||
			!opt_int(r->o, "gap", 40, 5000, &gap))
		return BAD;
	for (const char *d = digits; *d; d++)
		if (!cc_dtmf_valid(*d))
			return BAD;
	return cc_dtmf_tx_put(
				   &r->leg->digits_out, digits, strlen(digits), (unsigned)ms, (unsigned)gap) == 0
				   ? NULL
				   : "full";
}

/* ---- layers ---- */

static const char *get_item(struct run *r, struct json_object *o, struct cc_play_item *item)
{
	static const char *const tones[] = {"beep", "ringback", "busy", "congestion"};
	const char *name = NULL, *tone;
	char path[CC_CLIP_NAME];
	int64_t ms;

	*item = (struct cc_play_item){0};
	if (json_object_is_type(o, json_type_string)) {
		name = json_object_get_string(o);
		if (strlen(name) != (size_t)json_object_get_string_len(o))
			return "bad_name";
	} else if (!json_object_is_type(o, json_type_object)) {
		return BAD;
	} else if ((tone = get_str(o, "tone"))) {
		for (unsigned i = 0; i < sizeof tones / sizeof *tones; i++)
			if (strcmp(tone, tones[i]) == 0)
				name = path;
		if (!name)
			return BAD;
		/* one period of the tone, made at build time like every other sound */
		snprintf(path, sizeof path, "tone/%s", tone);
	} else if (get_int(o, "silence", 1, 3600 * 1000, &ms)) {
		item->samples = (uint32_t)(ms * CC_RATE / 1000);
		return NULL;
	} else {
		return BAD;
	}
	switch (cc_clips_get(r->m->clips, name, &item->clip)) {
	case 0:
		return NULL;
	case CC_E_NOMEM:
		return NO_MEMORY;
	default:
		return "bad_name";
	}
}

static const char *cmd_play(struct run *r)
{
	struct cc_play_item item[CC_PLAY_ITEMS];
	struct json_object *list;
	enum cc_layer_kind layer;
	int64_t token, repeat = 1, gain = CC_UNITY, duck = 0, start_ms = 0;
	const char *why = NULL;
	size_t n, got;

	if (!get_layer(r->o, &layer) || !get_int(r->o, "token", 0, UINT32_MAX, &token) ||
			!opt_int(r->o, "repeat", 0, 1000000, &repeat) ||
			!opt_int(r->o, "gain", 0, CC_GAIN_MAX, &gain) ||
			!opt_int(r->o, "duck", 0, CC_GAIN_MAX, &duck) ||
			!opt_int(r->o, "start_ms", 0, 24 * 3600 * 1000, &start_ms) ||
			!json_object_object_get_ex(r->o, "list", &list) ||
			!json_object_is_type(list, json_type_array))
		return BAD;
	n = json_object_array_length(list);
	if (n == 0 || n > CC_PLAY_ITEMS)
		return "bad_list";
	for (got = 0; got < n && !why; got += !why)
		why = get_item(r, json_object_array_get_idx(list, got), &item[got]);
	if (why) {
		while (got--)
			if (item[got].clip)
				item[got].clip->refs--;
		return why;
	}
	cc_player_start(&r->leg->mix.layer[layer], item, (unsigned)n, (uint32_t)repeat, (uint16_t)gain,
			(uint16_t)duck, (uint32_t)token, (uint32_t)start_ms);
	return NULL;
}

static const char *cmd_stop(struct run *r)
{
	struct cc_player *p;
	enum cc_layer_kind layer;
	int64_t token = -1;

	if (!get_layer(r->o, &layer) || !opt_int(r->o, "token", 0, UINT32_MAX, &token))
		return BAD;
	p = &r->leg->mix.layer[layer];
	if (p->on && (token < 0 || token == p->token)) {
		cc_jsonw_int(r->res, "pos_ms", cc_player_ms(p));
		cc_player_stop(p);
	}
	return NULL;
}

/* ---- conferences ---- */

static const char *cmd_conf(struct run *r)
{
	struct json_object *legs, *rows;
	struct cc_mix_leg *leg[CC_CONF_LEGS];
	const char *id = get_str(r->o, "conf"), *keep = get_str(r->o, "keep"), *why = BAD;
	struct cc_room *room;
	uint16_t *gain = NULL;
	bool relayed = false, fresh = false, moved = false;
	size_t n;

	if (!id_valid(id) || !json_object_object_get_ex(r->o, "legs", &legs) ||
			!json_object_is_type(legs, json_type_array))
		return BAD;
	room = room_find(r->m, id);
	n = json_object_array_length(legs);
	if (n == 0) {
		if (room)
			room_free(room);
		return NULL;
	}
	if (n > CC_CONF_LEGS)
		return "full";
	if (!json_object_object_get_ex(r->o, "gain", &rows) ||
			!json_object_is_type(rows, json_type_array) || json_object_array_length(rows) != n)
		return BAD;
	if (!opt_bool(r->o, "dtmf", &relayed) ||
			(!keep && json_object_object_get_ex(r->o, "keep", NULL)))
		return BAD;
	gain = malloc(n * n * sizeof *gain);
	if (!gain)
		return NO_MEMORY;
	for (size_t i = 0; i < n; i++) {
		struct json_object *o = json_object_array_get_idx(legs, i),
						   *row = json_object_array_get_idx(rows, i);
		const char *name =
				json_object_is_type(o, json_type_string) ? json_object_get_string(o) : NULL;
		struct cc_leg *l = id_valid(name) ? cc_leg_find(r->m, name) : NULL;
		if (!l) {
			why = NO_LEG;
			goto out;
		}
		leg[i] = &l->mix;
		moved |= l->mix.conf && l->mix.conf->owner != room;
		if (!json_object_is_type(row, json_type_array) || json_object_array_length(row) != n)
			goto out;
		for (size_t k = 0; k < n; k++) {
			struct json_object *g = json_object_array_get_idx(row, k);
			int64_t v = json_object_is_type(g, json_type_int) ? json_object_get_int64(g) : -1;
			if (v < 0 || v > CC_GAIN_MAX)
				goto out;
			gain[i * n + k] = (uint16_t)v;
		}
	}
	if (!room) {
		room = calloc(1, sizeof *room);
		if (!room) {
			why = NO_MEMORY;
			goto out;
		}
		fresh = true;
		cc_utf8_copy(room->id, sizeof room->id, id);
		room->part = ((struct cc_leg *)leg[0]->owner)->part;
	}
	switch (cc_mix_conf_set(&room->conf, room->conf, leg, (unsigned)n, gain, relayed, room)) {
	case 0:
		why = NULL;
		break;
	case CC_E_NOMEM:
		why = NO_MEMORY;
		break;
	}
	if (why && fresh)
		free(room);
	if (why)
		goto out;
	if (fresh)
		hash_append(r->m->rooms, hash_joaat_str(id), &room->le, room);
	for (size_t i = 0; i < n; i++) {
		struct cc_leg *l = leg[i]->owner;

		l->part = room->part;
		l->keeps = keep && strcmp(l->id, keep) == 0;
	}
	if (moved)
		hash_apply(r->m->rooms, free_if_empty, NULL);
out:
	free(gain);
	return why;
}

/* ---- the rest ---- */

static const char *cmd_list(struct run *r)
{
	int64_t from = 0;
	unsigned slot, slots = (r->m->port_max - r->m->port_min + 1) / 2, told = 0;
	int64_t now = cc_clock_mono_ms();

	if (!opt_int(r->o, "from", 0, 65535, &from))
		return BAD;
	cc_jsonw_array(r->res, "legs");
	slot = from > r->m->port_min ? (unsigned)(from - r->m->port_min) / 2 : 0;
	for (; slot < slots && told < LIST_LEGS; slot++) {
		const struct cc_leg *l = r->m->port[slot];
		if (!l)
			continue;
		told++;
		cc_jsonw_object(r->res, NULL);
		cc_jsonw_str(r->res, "leg", l->id);
		cc_jsonw_int(r->res, "gen", l->gen);
		cc_jsonw_int(r->res, "lport", l->lport);
		cc_jsonw_str(
				r->res, "conf", l->mix.conf ? ((struct cc_room *)l->mix.conf->owner)->id : NULL);
		cc_jsonw_int(r->res, "rx", l->mix.jitter.seq.received);
		cc_jsonw_int(r->res, "tx", l->sent);
		cc_jsonw_int(r->res, "lost", l->mix.jitter.seq.lost);
		cc_jsonw_int(r->res, "late", l->mix.jitter.late);
		cc_jsonw_int(r->res, "foreign", l->wire.foreign);
		cc_jsonw_int(r->res, "concealed_ms", l->mix.jitter.concealed * 1000LL / CC_RATE);
		cc_jsonw_int(r->res, "delay_ms", cc_jitter_delay_ms(&l->mix.jitter));
		cc_jsonw_int(r->res, "silent_ms", now - l->heard_ms);
		cc_jsonw_close_object(r->res);
	}
	cc_jsonw_close_array(r->res);
	while (slot < slots && !r->m->port[slot])
		slot++;
	if (slot < slots)
		cc_jsonw_int(r->res, "next", r->m->port[slot]->lport);
	return NULL;
}

static bool count(struct le *le, void *arg)
{
	++*(unsigned *)arg;
	return false;
}

static const char *cmd_stats(struct run *r)
{
	const struct cc_stats *s = &r->m->stats;
	unsigned rooms = 0, files;
	size_t bytes;

	hash_apply(r->m->rooms, count, &rooms);
	cc_clips_usage(r->m->clips, &bytes, &files);
	cc_jsonw_int(r->res, "start", r->m->start_ms);
	cc_jsonw_int(r->res, "legs_used", r->m->leg_count);
	cc_jsonw_int(r->res, "legs_max", (r->m->port_max - r->m->port_min + 1) / 2);
	cc_jsonw_int(r->res, "confs", rooms);
	cc_jsonw_int(r->res, "clients", cc_control_clients(r->m->control));
	cc_jsonw_int(r->res, "clip_bytes", (int64_t)bytes);
	cc_jsonw_int(r->res, "clip_files", files);
	cc_jsonw_int(r->res, "ticks", (int64_t)(s->parts / CC_PARTS));
	cc_jsonw_int(r->res, "parts_late", (int64_t)s->parts_late);
	cc_jsonw_int(r->res, "ticks_skipped", (int64_t)s->ticks_skipped);
	cc_jsonw_int(r->res, "late_us_max", (int64_t)s->late_us_max);
	cc_jsonw_int(r->res, "mix_us", s->parts ? (int64_t)(s->mix_us / s->parts) : 0);
	cc_jsonw_int(r->res, "mix_us_max", (int64_t)s->mix_us_max);
	return NULL;
}

static const char *cmd_ping(struct run *r)
{
	return NULL;
}

static const char *cmd_subscribe(struct run *r)
{
	cc_control_subscribe(r->client);
	return NULL;
}

enum needs
{
	NOTHING,
	A_LEG_ID, /* leg and gen, whether it is known or not */
	A_LEG,    /* a known one */
};

static const struct command
{
	const char *name;
	enum needs needs;
	const char *(*run)(struct run *r);
} commands[] = {
		{"leg", A_LEG_ID, cmd_leg},
		{"drop", A_LEG_ID, cmd_drop},
		{"conf", NOTHING, cmd_conf},
		{"play", A_LEG, cmd_play},
		{"stop", A_LEG, cmd_stop},
		{"dtmf", A_LEG, cmd_dtmf},
		{"watch", A_LEG, cmd_watch},
		{"list", NOTHING, cmd_list},
		{"stats", NOTHING, cmd_stats},
		{"ping", NOTHING, cmd_ping},
		{"subscribe", NOTHING, cmd_subscribe},
};

static const char *run_one(struct run *r)
{
	const char *name = get_str(r->o, "cmd");
	const struct command *c = NULL;
	int64_t gen;

	for (size_t i = 0; name && i < sizeof commands / sizeof *commands; i++)
		if (strcmp(name, commands[i].name) == 0)
			c = &commands[i];
	if (!c)
		return "unknown_command";
	if (c->needs != NOTHING) {
		r->id = get_str(r->o, "leg");
		if (!id_valid(r->id) || !get_int(r->o, "gen", 0, UINT32_MAX, &gen))
			return BAD;
		r->gen = (uint32_t)gen;
		r->leg = cc_leg_find(r->m, r->id);
		if (r->leg && r->gen < r->leg->gen)
			return STALE;
		if (r->leg)
			r->leg->gen = r->gen;
		else if (c->needs == A_LEG)
			return NO_LEG;
	}
	return c->run(r);
}

/* Text that is one JSON object and nothing else, or NULL. */
static struct json_object *parse(const char *text, size_t len)
{
	struct json_tokener *t = json_tokener_new_ex(8);
	struct json_object *o = NULL;

	if (!t)
		return NULL;
	while (len > 0 && strchr(" \r\n", text[len - 1])) /* a NUL counts as one */
		len--;
	json_tokener_set_flags(t, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	o = json_tokener_parse_ex(t, text, (int)len);
	if (json_tokener_get_error(t) != json_tokener_success || json_tokener_get_parse_end(t) != len ||
			!json_object_is_type(o, json_type_object)) {
		json_object_put(o);
		o = NULL;
	}
	json_tokener_free(t);
	return o;
}

void cc_command_run(struct cc_mixd *m, struct cc_client *client, const char *text, size_t len,
		struct cc_jsonw *w)
{
	struct json_object *req = parse(text, len), *cmds;
	char results[CC_MESSAGE - 256];
	struct cc_jsonw res;
	const char *why = NULL;
	size_t n = 0, at = 0;
	int64_t seq;
	int res_len;

	cc_jsonw_init(&res, results, sizeof results);
	cc_jsonw_object(&res, NULL);
	cc_jsonw_object(w, NULL);
	if (req && get_int(req, "seq", INT64_MIN, INT64_MAX, &seq))
		cc_jsonw_int(w, "seq", seq);
	if (!req)
		why = "bad_json";
	else if (!json_object_object_get_ex(req, "cmds", &cmds) ||
			 !json_object_is_type(cmds, json_type_array) ||
			 (n = json_object_array_length(cmds)) > COMMANDS)
		why = "bad_request";
	for (at = 0; !why && at < n; at += !why) {
		struct run r = {
				.m = m, .client = client, .o = json_object_array_get_idx(cmds, at), .res = &res};
		why = json_object_is_type(r.o, json_type_object) ? run_one(&r) : BAD;
	}
	cc_jsonw_close_object(&res);
	res_len = cc_jsonw_end(&res);
	cc_jsonw_bool(w, "ok", !why);
	if (why) {
		cc_jsonw_int(w, "at", (int64_t)at);
		cc_jsonw_str(w, "error", why);
	}
	if (res_len > 2)
		cc_jsonw_raw(w, "res", results, (size_t)res_len);
	cc_jsonw_close_object(w);
	json_object_put(req);
}
