/* SPDX-License-Identifier: GPL-2.0-or-later
 * A call on the bench: feeds inputs to the state machine and keeps what came out as lines of text
 * to compare with. */
#ifndef CALL_BENCH_H
#define CALL_BENCH_H

#include "cc/call.h"
#include "cc/conf.h"
#include "unit.h"

#define T0 1700000000000LL

struct bench
{
	struct cc_conf_set *set;
	struct cc_call call;
	struct cc_call_actions out;
	int64_t now;
	char log[8192];      /* actions of the last step, one word each, journal records as
							event:field=value… */
	char journal[65536]; /* all records: "name {json}\n" */
	int freed, ended;
};

extern struct bench bench;

/* queue: fields that replace the defaults, as JSON members ("\"wrapup_s\":0"), or "". */
void bench_new(const char *queue);
/* Another set of the same with these fields, in bench.set; the one before has to be freed. */
void bench_again(const char *queue);
void bench_free_set(struct cc_conf_set *set);
/* Keys of the next configuration, as JSON objects. */
extern const char *bench_keys;
/* Menus of it, their prompts and keys, as JSON objects; at first 7000, where DID 4008002 leads. */
extern const char *bench_ivrs, *bench_ivr_prompts, *bench_ivr_keys;
/* Fields of a menu behind its number and name. */
#define BENCH_IVR_(kind, timeout, no_match)                                                        \
	"\"kind\":\"" kind "\",\"skip\":true,\"start_s\":1,\"repeat\":1,\"timeout_s\":5,"              \
	"\"key_timeout_s\":2,\"max_keys\":0,\"dial_agents\":true,\"tries\":2,"                         \
	"\"timeout_prompt\":\"late\",\"no_match_prompt\":\"wrong\",\"prefix_name\":\"主-\","          \
	"\"prefix_number\":\"7*\"," timeout "," no_match
#define BENCH_TIMEOUT(kind, target)                                                                \
	"\"timeout_kind\":\"" kind "\",\"timeout_target\":\"" target "\""
#define BENCH_NO_MATCH(kind, target)                                                               \
	"\"no_match_kind\":\"" kind "\",\"no_match_target\":\"" target "\""
#define BENCH_IVR BENCH_IVR_("menu", BENCH_TIMEOUT("hangup", ""), BENCH_NO_MATCH("hangup", ""))
/* Further fields of its tenant: each with a comma before it. */
extern const char *bench_lists;
/* Further fields of agent 801. */
extern const char *bench_agent;
void bench_free(void);
/* Feeds an input at the present time. */
void bench_in(struct cc_call_input in);
void bench_wait(int64_t ms);
/* A caller's leg 0 to the route, and CC_IN_NEW. */
void bench_begin(enum cc_route_kind kind);
/* A call to the DID, answered. */
void bench_did_call(const char *number);
/* A call to the DID of agent 801; internal: of agent 802. */
void bench_direct(enum cc_dir dir);
/* The caller up to waiting in the queue (entry prompt over). */
void bench_waiting(void);
/* Grant of agent index with epoch, and its phones as legs. Returns the first leg's index. */
int32_t bench_offer(int32_t agent, uint32_t epoch, int32_t phones);
/* The agent's phones ring, as legs: CC_ACT_DIAL_AGENT was carried out. Returns the first one. */
int32_t bench_ring(int32_t agent, uint32_t epoch, int32_t phones);
/* The engine has found the nth trunk for a number outside, whose leg 0 is. */
void bench_trunk(int32_t nth, const char *name);
/* The call is over, with that in its journal: everything that has begun has ended. Frees it. */
void bench_over(const char *end);
/* How often the text stands in the last step's log / in all of the journal. */
int bench_did(const char *text);
int bench_wrote(const char *text);

extern CU_TestInfo call_options_tests[]; /* call_options.c */

#define IN(k, ...) bench_in((struct cc_call_input){.kind = CC_IN_##k, ##__VA_ARGS__})

/* call_saved.c, call_transfer.c, call_out.c, call_predictive.c, call_code.c */
extern CU_TestInfo call_saved_tests[], call_transfer_tests[], call_out_tests[];
extern CU_TestInfo call_predictive_tests[], call_code_tests[], call_ivr_tests[]; /* call_ivr.c */
extern CU_TestInfo call_voicemail_tests[]; /* call_voicemail.c */
extern CU_TestInfo call_mobile_tests[];    /* call_mobile.c */

#endif
