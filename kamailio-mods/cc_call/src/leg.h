/* SPDX-License-Identifier: GPL-2.0-or-later
 * Legs: one SIP dialog each, with its media (one rtpengine call and one port of cc-mixd). A leg is
 * reached by slot and generation, never by a pointer that outlives a function; a reference keeps
 * the slot from being used again: the call holds one, and tm's INVITE transaction holds one,
 * because a late 200 may come after the call is gone. */
#ifndef CC_CALL_LEG_H
#define CC_CALL_LEG_H

#include <stdbool.h>
#include <stdint.h>

#include "core/ip_addr.h"
#include "core/locking.h"
#include "core/parser/msg_parser.h"
#include "modules/tm/tm_load.h"

#include "cc/call.h"
#include "cc_call/api.h"
#include "extension.h"
#include "ng.h"
#include "sdp.h"

#define CC_LEG_TAG 40

enum cc_leg_sip
{
	CC_SIP_FREE,
	CC_SIP_INVITED,   /* incoming: no final response sent yet */
	CC_SIP_INVITING,  /* outgoing: no final response received yet */
	CC_SIP_CONFIRMED, /* 2xx sent or received */
	CC_SIP_CANCELLED, /* outgoing: we gave up, the final response is still to come */
	CC_SIP_DONE,      /* nothing left to say */
};

/* What the runner of the leg's call has to do with a session description of the far end, besides
 * inputs of the core. */
enum cc_leg_job
{
	CC_JOB_NONE,
	CC_JOB_ACCEPT,   /* incoming: our 200 has waited for a PRACK */
	CC_JOB_AGAIN,    /* outgoing: the INVITE is sent anew, with a longer session */
	CC_JOB_ANSWERED, /* outgoing: the 2xx, or a response before it, carries the answer to our offer
					  */
	CC_JOB_REINVITE, /* an offer inside the dialog; none in sdp: we offer in our 200 */
	CC_JOB_ACK_ANSWER, /* the ACK carries the answer to the offer in our 200 */
	CC_JOB_REFRESH,    /* we send a re-INVITE with our offer */
	CC_JOB_REFRESHED,  /* its 2xx carries the answer */
};

/* What a leg waits for; each has its own time. */
enum cc_leg_due
{
	CC_DUE_ACK,     /* of our 2xx; armed, it holds a reference */
	CC_DUE_PRACK,   /* of our reliable 18x: it is repeated */
	CC_DUE_PROBE,   /* a silent far end is asked again */
	CC_DUE_SESSION, /* the session is refreshed, or it has expired */
	CC_DUE_END,     /* the leg is over */
	CC_DUES
};

/* An offer inside the dialog that came while another description was worked on. */
struct cc_leg_offer
{
	bool there;
	char *sdp; /* shared memory; NULL: it wants ours */
	int32_t len;
	unsigned int hash, label; /* its transaction */
};

/* Session timer (RFC 4028); guarded by the leg's lock. */
struct cc_leg_session
{
	int32_t interval_s; /* 0: the session never expires */
	bool ours;          /* we refresh it */
	bool update;        /* the far end takes UPDATE */
	bool pending;       /* our re-INVITE is out */
	bool media_lost;    /* rtpengine forgot the leg: a re-INVITE has to make its media anew */
	int64_t expires_ms; /* without a refresh, UTC */
};

struct cc_leg
{
	gen_lock_t lock; /* guards all up to the media; nobody waits for a peer while holding it */
	uint32_t gen;
	int32_t refs;
	enum cc_leg_sip sip;
	bool incoming, acked, ringing, silent;
	bool restored;                /* not heard of since the engine's restart */
	bool late_offer;              /* our 200 carries the offer, the ACK will carry the answer */
	bool auto_answer;             /* outgoing: the phone is asked to answer by itself */
	bool early;                   /* there is sound both ways before the answer: outgoing, by a
									 description of the far end; incoming, by one of ours, which is
									 in sdp */
	bool ring_saved;              /* outgoing: its CANCEL is written down, leg_ringing.h */
	bool bye_due;                 /* incoming: to be hung up as soon as the ACK is there */
	uint64_t trunk;               /* cc_conf_trunk_id of what is behind it, 0: a phone */
	int8_t transactions;          /* of tm for INVITEs, each holds a reference */
	enum cc_leg_job job, working; /* to be done by the runner, and what it is doing */
	char *sdp; /* of the far end, for the job or until the incoming leg is answered; shared memory,
				  NULL none */
	int32_t sdp_len;
	unsigned int job_hash, job_label;     /* transaction of CC_JOB_REINVITE */
	struct cc_leg_offer queued;           /* CC_JOB_REINVITE comes after the job */
	bool refer_due;                       /* the far end's REFER is not answered yet */
	unsigned int refer_hash, refer_label; /* its transaction */
	struct cc_leg_session session;
	bool reliable;    /* incoming: provisional responses want a PRACK (RFC 3262) */
	bool sound_due;   /* our 183 waits for that of the response before … */
	bool accept_due;  /* … and our 200 for that of the 183, which has the description */
	int16_t unproven; /* code of the one that waits for it, 0 none */
	uint32_t rseq;    /* of ours, or the last one of the far end's */
	int32_t unproven_wait_ms;
	struct cc_call_ref call; /* slot -1: no call cares any more */
	int32_t index;           /* in cc_call.legs */
	char id[CC_ULID_TEXT + 1];
	char tag[CC_LEG_TAG]; /* our tag: slot, generation, random */
	dlg_t *dialog;
	unsigned int trans_hash, trans_label; /* of the INVITE */
	struct socket_info *sock;
	int64_t due_ms[CC_DUES]; /* UTC, INT64_MAX never */
	char peer[128]; /* "sip:address:port;transport=x" that the far end really is at, "": its Contact
					   is good */

	/* whose phone it is, to find its new connection when it made one; number "": nobody's */
	char number[16], domain[40];

	/* media: of the call's runner alone */
	enum cc_ng_kind kind;
	int8_t prefer; /* codec that our first offer begins with, -1: any */
	int32_t port;  /* index in the port pool, -1 none */
	uint32_t media_gen;
	bool ng_open, mixer_open, recording;
	uint32_t recorder_seen; /* rtpengine_seen of the one that records; 0: it did before this engine
							 */
	int64_t recorder;       /* its rtpengine_start */
	uint32_t sdp_version;
	enum cc_sdp_direction direction; /* what the far end said last */
	struct cc_sdp_audio far;         /* where rtpengine wants cc-mixd's audio */
};

/* Binds tm; before the fork. session_s: asked for in our INVITEs, 0 none; session_min_s: the
 * shortest that we accept. */
int cc_leg_init(const char *advertise, int32_t session_s, int32_t session_min_s);

/* Takes a slot and a media port, with one reference for the call. CC_E_FULL: none is left. */
int cc_leg_new(struct cc_leg **leg, bool incoming);
int32_t cc_leg_slot(const struct cc_leg *leg);
uint16_t cc_leg_port(const struct cc_leg *leg);
/* The leg if it still is of that generation, with a reference; NULL otherwise. */
struct cc_leg *cc_leg_get(int32_t slot, uint32_t gen);
void cc_leg_put(struct cc_leg *leg);
/* It waits for nothing. */
void cc_leg_dues_clear(struct cc_leg *leg);
/* The leg that cc-mixd names, with a reference; NULL. */
struct cc_leg *cc_leg_find(const char *id);
/* From now on the leg reports to that call as its leg of that index. */
void cc_leg_attach(struct cc_leg *leg, struct cc_call_ref call, int32_t index);

/* Creates the transaction of a request. False: it is a retransmission, which tm has answered. */
bool cc_leg_transaction(struct sip_msg *msg);
/* Answers a request of the current transaction that becomes no leg. headers: with CRLF, or "". */
void cc_leg_refuse(struct sip_msg *msg, int code, const char *reason, const char *headers);
/* Makes the INVITE, whose transaction is the current one, the leg's dialog. 0, or the SIP code that
 * the caller answers, with headers of cap bytes; the leg is of no use then. */
int cc_leg_accept(struct cc_leg *leg, struct sip_msg *msg, const struct cc_extensions *x,
		const char *peer, char *headers, size_t cap);
/* It is the phone of that number. */
void cc_leg_owner(struct cc_leg *leg, const char *number, const char *domain);
/* INVITE to a contact. CC_E_TIMEOUT, CC_E_INVAL: no media; CC_E_IO: not sent; CC_E_NOMEM. */
struct cc_leg_target
{
	const char *from, *from_name; /* whom the phone shows as the caller */
	const char *number, *domain;  /* To: <sip:number@domain> */
	const struct cc_contact *contact;
	int8_t prefer;    /* codec of the other side, as in struct cc_leg */
	bool auto_answer; /* asks the phone to answer by itself */
};
int cc_leg_invite(struct cc_leg *leg, const struct cc_leg_target *to);

/* What a call's runner asks of a leg. */
/* Provisional or final response to an incoming INVITE that has none. */
void cc_leg_respond(struct cc_leg *leg, int code, const char *reason);
/* 183 with media, perhaps not at once (RFC 3262, 3); 180 where that is not possible. */
void cc_leg_respond_sound(struct cc_leg *leg);
/* 200 with media. 0, or the SIP code that the caller got instead; 100: it waits for the phone, and
 * CC_IN_LEG_UP says when it is sent. */
int cc_leg_answer(struct cc_leg *leg);
/* Does leg->job. 0, or the SIP code of what went wrong (CC_JOB_ANSWERED: the leg is of no use). */
int cc_leg_job_run(struct cc_leg *leg);
/* What became of the phone's REFER: answers it or, after that, reports (RFC 3515). */
void cc_leg_referred(struct cc_leg *leg, int code, const char *reason);
/* Ends the leg in whatever state it is, cuts it from its call and frees its media; the call's
 * reference is gone then. code: for an incoming one without final response. */
void cc_leg_hangup(struct cc_leg *leg, int code);
/* The same for an outgoing one that nobody was sent an INVITE of. */
void cc_leg_discard(struct cc_leg *leg);
/* Parts of enum cc_media may have restarted: makes the leg in cc-mixd again, notices that rtpengine
 * records no more. Returns the parts that lost something. */
unsigned cc_leg_media_restore(struct cc_leg *leg, unsigned parts);

/* A request inside a dialog was handled; false: it belongs to no leg. */
bool cc_leg_request(struct sip_msg *msg);
/* What a request that begins no leg and belongs to none is told of us, as headers. */
extern const char cc_leg_abilities[];
/* A response that no transaction waits for; 0: it was ours and is dealt with, else 1 (Kamailio's
 * convention). */
int cc_leg_stray(struct sip_msg *msg);
/* A CANCEL. */
void cc_leg_cancel(struct sip_msg *msg);
/* No RTP from the far end, or RTP again. */
void cc_leg_silence(struct cc_leg *leg, bool silent);
/* The leg's deadline has come. */
void cc_leg_timer(int32_t slot, int64_t now_ms);

#endif
