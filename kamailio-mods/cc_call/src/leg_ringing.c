/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "core/dprint.h"
#include "core/forward.h"
#include "core/ip_addr.h"
#include "core/resolve.h"
#include "core/socket_info.h"

#include "cc/err.h"
#include "cc/records.h"
#include "engine.h"
#include "header.h"
#include "leg_private.h"
#include "leg_ringing.h"
#include "saved.h"

#define KIND 0x31474E4952434343ULL /* "CCCRING1" */

struct record
{
	struct cc_ulid id; /* of the leg */
	char address[IP_ADDR_MAX_STRZ_SIZE], sock[96];
	uint16_t port, len;
	char cancel[1400];
};

/* Nobody hears whether they arrive: they are repeated a few times, as with T1 (RFC 3261, 17.1.2).
 */
static const int64_t sends_ms[] = {0, 500, 1500, 3500};
#define SENDS (int)(sizeof(sends_ms) / sizeof(sends_ms[0]))

static struct cc_records *records;
static int32_t *owed; /* places that the engine before has left; of each process */
static int32_t owed_count;
static int sent;
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
static bool fill(struct record *r, const struct retr_buf *invite)
{
	const struct dest_info *to = &invite->dst;
	struct ip_addr ip;
	int len;

	if (to->proto != PROTO_UDP || !to->send_sock || !invite->buffer ||
			to->send_sock->sock_str.len >= (int)sizeof(r->sock))
		return false;
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
	bool good = false;

	memset(&r, 0, sizeof(r));
	if (cc_leg_tm.t_lookup_ident(&t, leg->trans_hash, leg->trans_label) >= 0) {
		good = t->nr_of_outgoings > 0 && fill(&r, &t->uac[0].request);
		cc_leg_tm.unref_cell(t);
	}
	cc_leg_tm.t_sett(previous, branch);
	if (!good)
		return;
	lock_get(&leg->lock);
	r.id = cc_engine->leg_ids[cc_leg_slot(leg)];
	leg->ring_saved = leg->sip == CC_SIP_INVITING; /* else it was quick */
	if (leg->ring_saved)
		cc_records_write(records, cc_leg_slot(leg), &r);
	lock_release(&leg->lock);
}

void cc_leg_ringing_clear(struct cc_leg *leg)
{
	if (leg->ring_saved)
		cc_records_clear(records, cc_leg_slot(leg));
	leg->ring_saved = false;
}

/* ---- after a restart ---- */

void cc_leg_ringing_restore(void)
{
	owed = calloc((size_t)cc_engine->leg_count, sizeof(owed[0]));
	for (int32_t i = 0; owed && i < cc_engine->leg_count; i++)
		if (cc_records_read(records, i))
			owed[owed_count++] = i;
}

static void cancel(const struct record *r)
{
	struct dest_info to;
	char text[sizeof(r->cancel)];
	struct ip_addr *ip;

	if (!memchr(r->address, '\0', sizeof(r->address)) || !memchr(r->sock, '\0', sizeof(r->sock)) ||
			r->len > sizeof(r->cancel))
		return;
	ip = str2ipx(&(str){(char *)r->address, (int)strlen(r->address)});
	init_dest_info(&to);
	to.proto = PROTO_UDP;
	to.send_sock = lookup_local_socket(&(str){(char *)r->sock, (int)strlen(r->sock)});
	memcpy(text, r->cancel, r->len);
	if (!ip || !to.send_sock || init_su(&to.to, ip, r->port) < 0 || msg_send(&to, text, r->len) < 0)
		LM_WARN("a phone at %s may go on ringing\n", r->address);
}

void cc_leg_ringing_tick(int64_t now_ms)
{
	if (owed_count == 0)
		return;
	if (!began_ms) {
		began_ms = now_ms;
		LM_NOTICE("%d phones that rang for the engine before are told to stop\n", owed_count);
	}
	if (now_ms < began_ms + sends_ms[sent])
		return;
	sent++;
	for (int32_t i = 0; i < owed_count; i++) {
		struct cc_leg *leg = &cc_engine->legs[owed[i]];
		const struct record *r;

		lock_get(&leg->lock); /* a leg of ours may have the place by now */
		r = leg->ring_saved ? NULL : cc_records_read(records, owed[i]);
		if (r)
			cancel(r);
		if (r && sent == SENDS)
			cc_records_clear(records, owed[i]);
		lock_release(&leg->lock);
	}
	if (sent == SENDS)
		owed_count = 0;
}
