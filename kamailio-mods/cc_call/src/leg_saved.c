/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "core/dprint.h"
#include "core/mem/mem.h"
#include "core/mem/shm_mem.h"
#include "core/parser/parse_rr.h"
#include "core/socket_info.h"

#include "cc/err.h"
#include "cc/records.h"
#include "engine.h"
#include "leg_private.h"
#include "leg_ringing.h"
#include "leg_saved.h"
#include "saved.h"

#define KIND 0x3547454C43434343ULL /* "CCCCLEG5" */
#define ROUTES_MAX 1024

/* Texts are not NUL-terminated: SIP allows everything in them but NUL means nothing there. */
struct text
{
	uint16_t len;
	char s[254];
};

struct record
{
	struct cc_ulid id;
	uint32_t gen;
	uint32_t loc_seq, rem_seq;
	bool rem_seq_set, incoming, late_offer, ng_open, mixer_open, recording;
	enum cc_ng_kind kind;
	enum cc_sdp_direction direction;
	int32_t port;
	uint32_t media_gen, sdp_version;
	int64_t recorder;
	uint64_t trunk;
	struct cc_leg_session session;
	char number[16], domain[40];
	struct cc_sdp_audio far;
	char tag[CC_LEG_TAG], peer[128], sock[96];
	struct text call_id, rem_tag, loc_uri, rem_uri, target;
	uint16_t routes_len;
	char routes[ROUTES_MAX];
};

static struct cc_records *records;

int cc_leg_saved_open(const char *path, int32_t legs)
{
	return cc_saved_map(&records, path, KIND, sizeof(struct record), legs);
}

void cc_leg_saved_close(void)
{
	cc_records_close(records);
	records = NULL;
}

/* ---- writing ---- */

static bool text_set(struct text *t, const str *s)
{
	if (s->len < 0 || s->len > (int)sizeof(t->s))
		return false;
	t->len = (uint16_t)s->len;
	memcpy(t->s, s->s, (size_t)s->len);
	return true;
}

static bool routes_set(struct record *r, const rr_t *route)
{
	for (; route; route = route->next) {
		int n = snprintf(r->routes + r->routes_len, sizeof(r->routes) - r->routes_len, "%s%.*s",
				r->routes_len ? "," : "", route->len, route->nameaddr.name.s);

		if (n < 0 || r->routes_len + n >= (int)sizeof(r->routes))
			return false;
		r->routes_len = (uint16_t)(r->routes_len + n);
	}
	return true;
}

/* What is longer than its place: such a leg ends with its engine. Lock held. */
static bool record_fill(struct record *r, const struct cc_leg *leg)
{
	const dlg_t *d = leg->dialog;

	r->id = cc_engine->leg_ids[cc_leg_slot(leg)];
	r->gen = leg->gen;
	r->loc_seq = d->loc_seq.value;
	r->rem_seq = d->rem_seq.value;
	r->rem_seq_set = d->rem_seq.is_set;
	r->incoming = leg->incoming;
	r->trunk = leg->trunk;
	r->late_offer = leg->late_offer;
	r->ng_open = leg->ng_open;
	r->mixer_open = leg->mixer_open;
	r->recording = leg->recording;
	r->recorder = leg->recorder;
	r->kind = leg->kind;
	r->direction = leg->direction;
	r->port = leg->port;
	r->media_gen = leg->media_gen;
	r->sdp_version = leg->sdp_version;
	r->session = leg->session;
	memcpy(r->number, leg->number, sizeof(r->number));
	memcpy(r->domain, leg->domain, sizeof(r->domain));
	r->far = leg->far;
	memcpy(r->tag, leg->tag, sizeof(r->tag));
	memcpy(r->peer, leg->peer, sizeof(r->peer));
	if (leg->sock && snprintf(r->sock, sizeof(r->sock), "%.*s", leg->sock->sock_str.len,
							 leg->sock->sock_str.s) >= (int)sizeof(r->sock))
		return false;
	return text_set(&r->call_id, &d->id.call_id) && text_set(&r->rem_tag, &d->id.rem_tag) &&
		   text_set(&r->loc_uri, &d->loc_uri) && text_set(&r->rem_uri, &d->rem_uri) &&
		   text_set(&r->target, &d->rem_target) && routes_set(r, d->route_set);
}

void cc_leg_save(struct cc_leg *leg)
{
	struct record r;
	bool good;

	memset(&r, 0, sizeof(r));
	lock_get(&leg->lock);
	good = leg->sip == CC_SIP_CONFIRMED && leg->call.slot >= 0 && leg->dialog &&
		   leg->dialog->state == DLG_CONFIRMED && record_fill(&r, leg);
	if (good)
		cc_records_write(records, cc_leg_slot(leg), &r);
	else
		cc_records_clear(records, cc_leg_slot(leg));
	if (leg->sip != CC_SIP_INVITING)
		cc_leg_ringing_clear(leg);
	lock_release(&leg->lock);
}

/* ---- reading ---- */

/* A record is our own writing and has a CRC: what is checked is what another version or a changed
 * configuration could have made wrong. */
static const struct record *record_of(int32_t slot)
{
	const struct record *r =
			slot >= 0 && slot < cc_engine->leg_count ? cc_records_read(records, slot) : NULL;

	if (!r || r->port < 0 || r->port >= cc_engine->port_count ||
			memchr(r->tag, '\0', sizeof(r->tag)) == NULL ||
			memchr(r->peer, '\0', sizeof(r->peer)) == NULL ||
			memchr(r->number, '\0', sizeof(r->number)) == NULL ||
			memchr(r->domain, '\0', sizeof(r->domain)) == NULL ||
			memchr(r->sock, '\0', sizeof(r->sock)) == NULL || r->routes_len > sizeof(r->routes))
		return NULL;
	return r;
}

bool cc_leg_saved_has(int32_t slot, const struct cc_ulid *id)
{
	const struct record *r = record_of(slot);

	return r && cc_ulid_equal(&r->id, id);
}

static str text_get(const struct text *t)
{
	return (str){(char *)t->s, t->len};
}

static int text_copy(str *to, const struct text *t)
{
	to->s = shm_malloc(t->len ? t->len : 1);
	if (!to->s)
		return CC_E_NOMEM;
	memcpy(to->s, t->s, t->len);
	to->len = t->len;
	return CC_OK;
}

static int routes_restore(dlg_t *d, const struct record *r)
{
	rr_t *list = NULL;
	int rc = CC_E_CORRUPT;

	if (r->routes_len == 0)
		return CC_OK;
	if (parse_rr_body((char *)r->routes, r->routes_len, &list) < 0)
		return rc;
	rc = shm_duplicate_rr(&d->route_set, list) < 0 ? CC_E_NOMEM : CC_OK;
	free_rr(&list);
	return rc;
}

static int dialog_restore(dlg_t **out, const struct record *r, struct socket_info *sock)
{
	str call_id = text_get(&r->call_id), local = text_get(&r->loc_uri),
		remote = text_get(&r->rem_uri), tag = {(char *)r->tag, (int)strlen(r->tag)};
	dlg_t *d = NULL;
	int rc = CC_E_NOMEM;

	if (cc_leg_tm.new_dlg_uac(&call_id, &tag, r->loc_seq + CC_LEG_CSEQ_GAP, &local, &remote, &d) <
			0)
		return rc;
	d->rem_seq.value = r->rem_seq;
	d->rem_seq.is_set = r->rem_seq_set;
	d->state = DLG_CONFIRMED;
	d->send_sock = sock;
	if (text_copy(&d->id.rem_tag, &r->rem_tag) < 0 || text_copy(&d->rem_target, &r->target) < 0)
		goto out;
	rc = routes_restore(d, r);
	if (rc == CC_OK && cc_leg_tm.calculate_hooks(d) < 0)
		rc = CC_E_CORRUPT;
out:
	if (rc < 0)
		cc_leg_tm.free_dlg(d);
	else
		*out = d;
	return rc;
}

int cc_leg_restore(struct cc_leg **out, int32_t slot)
{
	const struct record *r = record_of(slot);
	struct socket_info *sock = NULL;
	struct cc_leg *leg;
	dlg_t *dialog;
	int rc;

	if (!r)
		return CC_E_NOENT;
	if (r->sock[0]) {
		sock = lookup_local_socket(&(str){(char *)r->sock, (int)strlen(r->sock)});
		if (!sock)
			return CC_E_CORRUPT; /* another address now: the phone will not find us either */
	}
	rc = dialog_restore(&dialog, r, sock);
	if (rc < 0)
		return rc;
	if (!cc_pool_claim(cc_engine->port_pool, r->port)) {
		cc_leg_tm.free_dlg(dialog);
		return CC_E_EXIST;
	}
	cc_pool_claim(cc_engine->leg_pool, slot);
	leg = &cc_engine->legs[slot];
	leg->gen = r->gen;
	leg->refs = 1;
	leg->sip = CC_SIP_CONFIRMED;
	leg->acked = leg->restored = true;
	leg->incoming = r->incoming;
	leg->trunk = r->trunk;
	leg->late_offer = r->late_offer;
	leg->call.slot = -1;
	cc_engine->leg_ids[slot] = r->id;
	cc_ulid_format(&r->id, leg->id);
	memcpy(leg->tag, r->tag, sizeof(leg->tag));
	memcpy(leg->peer, r->peer, sizeof(leg->peer));
	leg->dialog = dialog;
	leg->sock = sock;
	leg->kind = r->kind;
	leg->direction = r->direction;
	leg->port = r->port;
	leg->media_gen = r->media_gen;
	leg->ng_open = r->ng_open;
	leg->mixer_open = r->mixer_open;
	leg->recording = r->recording;
	leg->recorder = r->recorder;
	leg->recorder_seen = 0;
	leg->sdp_version = r->sdp_version;
	leg->far = r->far;
	leg->session = r->session;
	memcpy(leg->number, r->number, sizeof(leg->number));
	memcpy(leg->domain, r->domain, sizeof(leg->domain));
	cc_leg_session_resume(leg);
	if (cc_leg_dialog_to_peer(leg) < 0)
		LM_WARN("leg %s: requests go to its Contact\n", leg->id);
	*out = leg;
	return CC_OK;
}
