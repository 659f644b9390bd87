/* SPDX-License-Identifier: GPL-2.0-or-later
 * What cc_call offers to the other modules, and what it needs of them. Modules meet through these
 *structures only:
 *
 *	struct cc_call_api api;
 *	cc_call_bind(&api)				in mod_init; cc_call is loaded before
 *	api.provide_queue(&my_queue)	gives cc_call the functions it calls back, before the fork
 */
#ifndef CC_CALL_API_H
#define CC_CALL_API_H

#include <stddef.h>
#include <stdint.h>

#include "cc_call/bind.h"

#include "cc/acd.h"
#include "cc/call.h"

struct sip_msg;
struct socket_info;
struct json_object;
struct cc_conf;
struct cc_conf_set;
struct cc_settings;

/* One generation of the configuration, cc/conf.h. */
struct cc_confs
{
	struct cc_conf_set *set;
	int32_t refs; /* of the store */
};

/* A call in this process's hands: stale as soon as the generation has passed. */
struct cc_call_ref
{
	int32_t slot;
	uint32_t gen;
};

/* Where a phone can be reached. */
struct cc_contact
{
	char uri[256];            /* Request-URI */
	char received[128];       /* next hop, "" : the URI itself */
	struct socket_info *sock; /* ours that it registered at, NULL: any */
	int webrtc;               /* registered over WebSocket */
};

/* What cc_queue does for calls. Called without a lock held, in any process. */
struct cc_queue_provider
{
	/* The call waits in the queue; the ACD answers with CC_IN_GRANT or CC_IN_QUEUE_OUT. since_ms:
	 * it keeps the place of one that has waited since then, 0 none. */
	void (*enter)(struct cc_call_ref ref, const struct cc_call *call, int32_t queue, int32_t visit,
			int32_t priority, int64_t since_ms);
	void (*leave)(struct cc_call_ref ref, const struct cc_call *call, int32_t visit);
	/* 1 is next; 0: not waiting. wait_ms: estimated, -1 unknown */
	int32_t (*position)(struct cc_call_ref ref, const struct cc_call *call, int64_t *wait_ms);
	/* Agents on duty in the queue. */
	int32_t (*on_duty)(const struct cc_conf *conf, int32_t queue);
	/* Reserves an agent for the call on another way than a queue; answered by CC_IN_GRANT.
	 * CC_E_STATE: a call has the agent; CC_E_NOENT: no such agent. */
	int (*reserve)(struct cc_call_ref ref, const struct cc_call *call, int32_t agent);
	/* The call of that tenant that the agent talks in or holds. CC_E_NOENT: none. */
	int (*call_of)(const struct cc_conf *conf, int32_t agent, struct cc_ulid *call);
	void (*ringing)(const struct cc_call *call, int32_t agent, uint32_t epoch);
	void (*talking)(const struct cc_call *call, int32_t agent, uint32_t epoch);
	void (*hold)(const struct cc_call *call, int32_t agent, uint32_t epoch, bool on);
	void (*release)(
			const struct cc_call *call, int32_t agent, uint32_t epoch, enum cc_outcome outcome);
	/* A granted agent that the call's older snapshot does not know: gives it back. */
	void (*give_back)(const struct cc_call *call, const char *agent, uint32_t epoch);
	/* A feature code that the agent dialled, for one queue (index) or all (-1): 0 or a negative
	 * enum cc_err; CC_E_PASSWORD: it wants the agent's phone password, "" not asked for yet. */
	int (*code)(const struct cc_call *call, int32_t agent, enum cc_code code, int32_t queue,
			const char *password);
	/* The customer of the last call that the agent talked in; CC_E_NOENT: there was none. */
	int (*last)(const struct cc_call *call, int32_t agent, struct cc_acd_customer *customer);
	/* A new snapshot of a tenant is in force, or still the same one. */
	void (*configured)(const struct cc_conf *conf);
	/* Waiting calls and busy agents, for cc.stats. */
	void (*gauges)(int *waiting, int *reserved);
};

/* What cc_registrar does: fills in at most max contacts of an agent's phone, returns how many. */
struct cc_registrar_provider
{
	int (*contacts)(const char *number, const char *domain, struct cc_contact *contacts, int max);
};

/* An answer to a command: exactly one of result and reason is set. */
struct cc_command_reply
{
	struct json_object *result; /* ownership passes to the caller */
	int code;                   /* JSON-RPC error code */
	const char *reason;         /* constant snake_case word */
};
typedef void (*cc_command_handler)(struct json_object *params, struct cc_command_reply *reply);

struct cc_incoming
{
	const struct cc_conf *conf; /* of the tenant; the call takes its own reference */
	enum cc_dir dir;
	struct cc_route route;
	const char *from, *from_name, *to, *did, *trunk;
	uint64_t trunk_id;    /* cc_conf_trunk_id, 0 none */
	int32_t caller_agent; /* index in the tenant's agents, -1 */
	bool ours;            /* the caller's number is one of the platform's own */
	const char *peer; /* "sip:address:port;transport=x" to send to instead of the Contact, or "" */
};

struct cc_call_api
{
	/* The settings file, read once at start. */
	const struct cc_settings *(*settings)(void);
	void (*provide_queue)(const struct cc_queue_provider *provider);
	void (*provide_registrar)(const struct cc_registrar_provider *provider);
	/* method is one of contract/commands.def. */
	void (*provide_command)(const char *method, cc_command_handler handler);

	/* The configuration in force; it stays until it is put back. */
	struct cc_confs *(*confs_get)(void);
	void (*confs_put)(struct cc_confs *confs);

	/* Makes a call of an INVITE and answers its transaction from now on, also when it cannot be
	 * taken. */
	void (*incoming)(struct sip_msg *msg, const struct cc_incoming *in);
	/* A call in progress by its id, CC_E_NOENT. */
	int (*find)(struct cc_call_ref *ref, uint32_t tenant, const struct cc_ulid *id);
	/* Calls that outlived the engine before this one, those that talk before those that wait; in
	 * mod_init. */
	void (*restored)(
			void (*each)(struct cc_call_ref ref, const struct cc_call *call, void *arg), void *arg);
	int (*post)(struct cc_call_ref ref, const struct cc_call_input *in);
	/* CC_IN_GRANT, of an agent by number, for a visit of a queue, or 0. */
	int (*grant)(struct cc_call_ref ref, const char *agent, int32_t visit, uint32_t epoch);
	/* Around posts that come from no call's action: what was posted runs in leave. */
	void (*enter)(void);
	void (*leave)(void);
	/* One record outside a call's own sequence; call and seq (out: its number) may be NULL. */
	int (*journal)(uint32_t tenant, const struct cc_ulid *call, uint16_t event, const char *fields,
			size_t len, uint64_t *seq);
	/* Parameters of a command: a text, NULL if it has none of that name; a number from 1 on, else
	 * 0.
	 */
	const char *(*text_param)(struct json_object *params, const char *key);
	uint32_t (*id_param)(struct json_object *params, const char *key);
	/* Fails a command with a code of enum cc_err and a constant word (NULL: the code's name). */
	void (*fail)(struct cc_command_reply *reply, int err, const char *reason);
	/* A function that is called every interval ms in the engine's timer process. */
	void (*every)(int interval_ms, void (*tick)(int64_t now_ms));
};

CC_BIND(cc_call)

#endif
