/* SPDX-License-Identifier: GPL-2.0-or-later
 * Where a call goes. Pure decisions over a snapshot. */
#ifndef CC_ROUTE_H
#define CC_ROUTE_H

#include <stdbool.h>
#include <stdint.h>
#include "cc/cause.h"
#include "cc/code.h"
#include "cc/number.h"

#define CC_ROUTE_TRUNKS 8   /* of an outbound route */
#define CC_ROUTE_DIALLED 40 /* a number as a trunk is asked for it, NUL included */

struct cc_conf; /* cc/conf.h */
struct cc_conf_target;

enum cc_route_kind
{
	CC_ROUTE_QUEUE,     /* index: queue */
	CC_ROUTE_AGENT,     /* index: agent */
	CC_ROUTE_CODE,      /* a feature code: code; index: for that queue only, -1 all; digit */
	CC_ROUTE_REFUSE,    /* sip_code, reason, cause */
	CC_ROUTE_PROMPT,    /* prompt is said, then the call ends: cause */
	CC_ROUTE_OUT,       /* number: dialled, over one of the trunks */
	CC_ROUTE_RING,      /* rings for a while, nobody answers: then sip_code, reason, cause */
	CC_ROUTE_MUSIC,     /* prompt is played over and over for a while, then the call ends: cause */
	CC_ROUTE_IVR,       /* index: menu */
	CC_ROUTE_VOICEMAIL, /* a message for the box; group: that of a queue, not of an agent */
};

struct cc_route
{
	enum cc_route_kind kind;
	int32_t index;
	enum cc_code code;
	char digit; /* that stands for D in the code */
	int32_t sip_code;
	const char *reason; /* SIP reason phrase, constant */
	enum cc_cause cause;
	char prompt[64];
	char box[16]; /* number of an agent or queue */
	bool group;
	/* an outside number, also one that is refused, in E.164 unless it is a short one; else "" */
	char number[CC_NUMBER_E164 + 1];
	char dialled[CC_ROUTE_DIALLED];   /* what the trunks are asked for */
	int32_t trunk_count;              /* -1: every trunk of the tenant, in the order of names */
	uint32_t trunks[CC_ROUTE_TRUNKS]; /* ids, in order */
};

/* Reason of a refusal: no outbound route is for the number. L415 is what call records call that. */
#define CC_ROUTE_NO_PROFILE "L415 No Outbound Route"

/* A call from a trunk to a DID of the tenant (index from cc_conf_by_did). */
void cc_route_did(struct cc_route *r, const struct cc_conf *conf, int32_t did);
/* The same from the caller's number, in whatever form: one of the blacklist reaches nobody, and is
 * treated as the tenant wants (TEL-19). */
void cc_route_in(struct cc_route *r, const struct cc_conf *conf, int32_t did, const char *from);
/* A call that is sent to a target: by a DID, by a queue that does not keep it, by a key. A target
 * that leads nowhere refuses. */
void cc_route_target(
		struct cc_route *r, const struct cc_conf *conf, const struct cc_conf_target *to);
/* A call that is to leave a message in the box of that number. */
void cc_route_voicemail(struct cc_route *r, const struct cc_conf *conf, const char *box);
/* A call from an agent's phone: number of an agent, a queue or a menu, feature code of the tenant
 * (cc/code.h), outside number. Codes begin with '*' or '#', or are behind gateways numbers that
 * nobody inside has.
 */
void cc_route_dialled(
		struct cc_route *r, const struct cc_conf *conf, int32_t agent, const char *number);
/* A number that a page dials for the agent (CALL-01): no codes, but outside numbers for agents too
 * whose phones may not dial them. package: whose do-not-call list counts; 0: those of all. profile:
 * index of the outbound profile of a task (TEL-12), -1: the agent's. */
void cc_route_clicked(struct cc_route *r, const struct cc_conf *conf, int32_t agent,
		const char *number, uint32_t package, int32_t profile);
/* A customer whom a dialler calls for a queue (TEL-08): a number outside, none of the tenant's own.
 * package, profile: as above; -1: the tenant's. */
void cc_route_predictive(struct cc_route *r, const struct cc_conf *conf, const char *number,
		uint32_t package, int32_t profile);

/* The agent's number outside (CALL-06), over the trunks that he would call outside by. Lists of
 * numbers that are not to be called are about customers. A number that is inside, or one of the
 * tenant's own, is refused: the call would come back. */
void cc_route_mobile(struct cc_route *r, const struct cc_conf *conf, int32_t agent);

#endif
