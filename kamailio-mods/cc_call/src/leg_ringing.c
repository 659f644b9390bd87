/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/dprint.h"
#include "core/forward.h"
#include "core/ip_addr.h"
#include "core/resolve.h"
#include "core/socket_info.h"

#include "actions.h"
#include "cc/err.h"
#include "cc/records.h"
#include "engine.h"
#include "header.h"
#include "leg_private.h"
#include "leg_ringing.h"
#include "saved.h"

#define KIND 0x32474E4952434343ULL /* "CCCRING2" */
#define CONTACTS_MAX 8

struct record
{
	struct cc_ulid id; /* of the leg */
	int32_t proto;
	char number[16], domain[40], contact[256]; /* whose phone, which of them; TCP and alike */
	char address[IP_ADDR_MAX_STRZ_SIZE], sock[96];
	uint16_t port, len;
	char cancel[1400];
};

/* Nobody hears whether they arrive: they are repeated a few times, as with T1 (RFC 3261, 17.1.2).
 */
static const int64_t sends_ms[] = {0, 500, 1500, 3500};
#define SENDS (int)(sizeof(sends_ms) / sizeof(sends_ms[0]))
#define CONNECT_MS                                                                                 \
	180000          /* so long a phone may need to come back; it has stopped to ring by then */
#define LOOK_MS 500 /* whether it is back */

/* What the engine before has left; of each process. */
struct owed
{
	struct record r;
	int32_t place;
	int sent;
	int64_t due_ms;         /* INT64_MAX: done */
	int told[CONTACTS_MAX]; /* connections that had it */
	int told_count;
};
static struct cc_records *records;
static struct owed *owed;
static int32_t owed_count, open_count;
static int64_t began_ms;

int cc_leg_ringing_open(const char *path, int32_t legs)
{
	return cc_saved_map(&records, path, KIND, sizeof(struct record), legs);
}

void cc_leg_ringing_close(void)
{
	cc_records_close(records);
	records = NULL;
	free(owed);
	owed = NULL;
}

/* Where tm has sent it, and the text of its CANCEL. */
static bool fill(struct record *r, const struct cc_leg *leg, const struct retr_buf *invite)
{
	const struct dest_info *to = &invite->dst;
	const str *target = &leg->dialog->rem_target;
	struct ip_addr ip;
	int len;

	if (!to->send_sock || !invite->buffer || to->send_sock->sock_str.len >= (int)sizeof(r->sock) ||
			target->len >= (int)sizeof(r->contact))
		return false;
	r->proto = to->proto;
	snprintf(r->number, sizeof(r->number), "%s", leg->number);
	snprintf(r->domain, sizeof(r->domain), "%s", leg->domain);
	snprintf(r->contact, sizeof(r->contact), "%.*s", target->len, target->s);
	len = cc_cancel_of(r->cancel, sizeof(r->cancel),
			(struct cc_text){invite->buffer, (size_t)invite->buffer_len});
	if (len < 0)
		return false;
	r->len = (uint16_t)len;
	su2ip_addr(&ip, (void *)(uintptr_t)&to->to);
	len = ip_addr2sbufz(&ip, r->address, sizeof(r->address));
	r->port = su_getport(&to->to);
	memcpy(r->sock, to->send_sock->sock_str.s, (size_t)to->send_sock->sock_str.len);
	return len > 0;
}

void cc_leg_ringing_save(struct cc_leg *leg)
{
	struct cell *previous = cc_leg_tm.t_gett(), *t;
	int branch = cc_leg_tm.t_gett_branch();
	struct record r;

	memset(&r, 0, sizeof(r));
	if (cc_leg_tm.t_lookup_ident(&t, leg->trans_hash, leg->trans_label) >= 0) {
		lock_get(&leg->lock);
		r.id = cc_engine->leg_ids[cc_leg_slot(leg)];
		leg->ring_saved = leg->sip == CC_SIP_INVITING && /* else it was quick */
						  t->nr_of_outgoings > 0 && fill(&r, leg, &t->uac[0].request);
		if (leg->ring_saved)
			cc_records_write(records, cc_leg_slot(leg), &r);
		lock_release(&leg->lock);
		cc_leg_tm.unref_cell(t);
	}
	cc_leg_tm.t_sett(previous, branch);
}

void cc_leg_ringing_clear(struct cc_leg *leg)
{
	if (leg->ring_saved)
		cc_records_clear(records, cc_leg_slot(leg));
	leg->ring_saved = false;
}

/* ---- after a restart ---- */

/* A record is our own writing and has a CRC: what is checked is what another version could have
 * made wrong. */
static bool sound(const struct record *r)
{
	return memchr(r->address, '\0', sizeof(r->address)) && memchr(r->sock, '\0', sizeof(r->sock)) &&
		   memchr(r->number, '\0', sizeof(r->number)) &&
		   memchr(r->domain, '\0', sizeof(r->domain)) &&
		   memchr(r->contact, '\0', sizeof(r->contact)) && r->len <= sizeof(r->cancel);
}

void cc_leg_ringing_restore(void)
{
	owed = calloc((size_t)cc_engine->leg_count, sizeof(owed[0]));
	for (int32_t i = 0; owed && i < cc_engine->leg_count; i++) {
		const struct record *r = cc_records_read(records, i);

		if (r && sound(r))
			owed[owed_count++] = (struct owed){.r = *r, .place = i};
		else if (r)
			cc_records_clear(records, i);
	}
	open_count = owed_count;
}

/* msg_send wants to write into what it sends. */
static bool say(struct dest_info *to, const struct record *r)
{
	char text[sizeof(r->cancel)];

	memcpy(text, r->cancel, r->len);
	return msg_send(to, text, r->len) >= 0;
}

static bool say_udp(const struct record *r)
{
	struct ip_addr *ip = str2ipx(&(str){(char *)r->address, (int)strlen(r->address)});
	struct dest_info to;

	init_dest_info(&to);
	to.proto = PROTO_UDP;
	to.send_sock = lookup_local_socket(&(str){(char *)r->sock, (int)strlen(r->sock)});
	return ip && to.send_sock && init_su(&to.to, ip, r->port) >= 0 && say(&to, r);
}

static bool told(const struct owed *o, int connection)
{
	for (int i = 0; i < o->told_count; i++)
		if (o->told[i] == connection)
			return true;
	return false;
}

/* The connection that a contact has with us, 0 none; its address goes to to. */
static int connection_of(const struct cc_contact *c, struct dest_info *to, int proto)
{
	int id = cc_leg_connection(c->received[0] ? c->received : c->uri, to);

	to->send_sock = c->sock;
	return to->proto == proto ? id : 0;
}

/* Over every connection that phones of the agent make from now on: a new one often is another
 * contact, and a phone that has not rung only says so. True: the very contact had it. */
static bool say_connected(struct owed *o)
{
	const struct cc_registrar_provider *registrar = cc_actions_registrar();
	struct cc_contact contacts[CONTACTS_MAX];
	const struct record *r = &o->r;
	int count = registrar ? registrar->contacts(r->number, r->domain, contacts, CONTACTS_MAX) : 0;

	for (int i = 0; i < count && o->told_count < CONTACTS_MAX; i++) {
		struct dest_info to;
		int connection = connection_of(&contacts[i], &to, r->proto);

		if (!connection || told(o, connection) || !say(&to, r))
			continue;
		o->told[o->told_count++] = connection;
		if (strcmp(contacts[i].uri, r->contact) == 0)
			return true;
	}
	return false;
}

/* Sends the CANCEL when it is due, and notes when there is nothing left to do. */
static void settle(struct owed *o, int64_t now_ms)
{
	bool udp = o->r.proto == PROTO_UDP, done;

	if (udp) {
		if (!say_udp(&o->r))
			LM_WARN("a phone at %s may go on ringing\n", o->r.address);
		done = ++o->sent == SENDS;
		o->due_ms = done ? INT64_MAX : began_ms + sends_ms[o->sent];
	} else {
		done = say_connected(o) || now_ms >= began_ms + CONNECT_MS;
		o->due_ms = done ? INT64_MAX : now_ms + LOOK_MS;
	}
	open_count -= done;
}

void cc_leg_ringing_tick(int64_t now_ms)
{
	if (open_count == 0)
		return;
	if (!began_ms) {
		began_ms = now_ms;
		LM_NOTICE("%d phones that rang for the engine before are told to stop\n", owed_count);
	}
	for (int32_t i = 0; i < owed_count; i++) {
		struct owed *o = &owed[i];
		struct cc_leg *leg = &cc_engine->legs[o->place];

		if (o->due_ms > now_ms)
			continue;
		settle(o, now_ms);
		if (o->due_ms != INT64_MAX)
			continue;
		lock_get(&leg->lock); /* a leg of ours may have the place by now */
		if (!leg->ring_saved)
			cc_records_clear(records, o->place);
		lock_release(&leg->lock);
	}
}
