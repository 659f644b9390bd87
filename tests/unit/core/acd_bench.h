/* SPDX-License-Identifier: GPL-2.0-or-later
 * A distributor on the bench: builds a configuration, does what the engine does, and keeps what
 * came out as lines of text. After every step the block is checked. */
#ifndef ACD_BENCH_H
#define ACD_BENCH_H

#include "cc/acd.h"
#include "cc/cause.h"
#include "cc/err.h"
#include "unit.h"

#define T0 1700000000000LL /* 2023-11-15 06:13:20 in Shanghai */
#define MINUTE 60000LL

struct bench_queue
{
	const char *number, *strategy, *wrapup, *state;
	int wrapup_s, retry_delay_s, max_waiting;
	bool no_empty, auto_pause, leave_empty, no_agent;
	int relax_s;
};

struct bench
{
	struct cc_acd *acd;
	size_t bytes;
	struct cc_conf_set *set;
	struct cc_acd_out out;
	int64_t now;
	bool unchecked; /* large ones are not checked after every step */
	/* called for every effect before anything else, NULL: not */
	void (*see)(const struct cc_acd_effect *e);
	char grants[4096];    /* "801:1 802:2 ": agent and call */
	char events[65536];   /* "801 sign_in 600 online idle\n" */
	char outs[4096];      /* "1 queue_exit " */
	char last[8192];      /* JSON of the last event */
	uint32_t epoch[1000]; /* last one granted, by agent's number */
	/* text of the next configuration */
	struct bench_text
	{
		char *text;
		size_t len;
		FILE *to;
	} queues, agents, members, needs, skills;
};

extern struct bench bench;

void bench_new(const struct cc_acd_limits *limits); /* NULL: small ones */
void bench_free(void);
void bench_queue(struct bench_queue q);
void bench_agent(int number, bool enabled);
void bench_browser_agent(int number); /* who works in the browser */
void bench_member(const char *queue, int agent, int position, int priority, bool fixed);
void bench_need(const char *queue, int skill, int level);
void bench_skill(int agent, int skill, int level);
/* The snapshot of what was added since the last time; also kept as set. */
const struct cc_conf *bench_conf(void);
int bench_configure(void);
/* One queue 600 of the strategy with agents 801… in list order, signed in, with phones, online. */
void bench_usual(const char *strategy, int agents);

void bench_clear(void);      /* forgets what came out */
void bench_wait(int64_t ms); /* and ticks */
void bench_tick(void);
int bench_sign(int agent, const char *queue, bool on);
int bench_work(int agent, enum cc_work work, const char *reason);
int bench_pause(int agent, const char *queue, bool on);
void bench_phone(int agent, int contacts);
void bench_phone_lost(int agent); /* a web phone's connection broke */
void bench_ready(int agent);      /* phone, all queues, online */
int bench_enter(const char *queue, int call);
int bench_enter_first(const char *queue, int call, int priority);
void bench_leave(int call);
int bench_position(int call);
void bench_ring(int agent);
void bench_talk(int agent);
void bench_release(int agent, enum cc_outcome outcome);
/* Rings, talks for a second, hangs up. */
void bench_answer(int agent);
/* Rings for 20 s without an answer. */
void bench_miss(int agent);
struct cc_ulid bench_call(int call);
int bench_call_of(const struct cc_ulid *id);
/* Takes what is in bench.out, and the rest. */
void bench_done(void);
const char *bench_text(int number); /* valid for the next few calls */
/* "" means checked and right */
const char *bench_wrong(void);

/* What came out since the last look: and forgets it. */
#define GRANTS(text)                                                                               \
	do {                                                                                           \
		if (strcmp(bench.grants, text) != 0)                                                       \
			printf("\n  line %d: grants \"%s\"\n", __LINE__, bench.grants);                        \
		CU_ASSERT_STRING_EQUAL(bench.grants, text);                                                \
		bench.grants[0] = '\0';                                                                    \
	} while (0)
#define EVENTS(text)                                                                               \
	do {                                                                                           \
		if (strcmp(bench.events, text) != 0)                                                       \
			printf("\n  line %d: events \"%s\"\n", __LINE__, bench.events);                        \
		CU_ASSERT_STRING_EQUAL(bench.events, text);                                                \
		bench.events[0] = '\0';                                                                    \
	} while (0)

/* acd_change.c, acd_options.c, acd_random.c */
extern CU_TestInfo acd_change_tests[], acd_options_tests[], acd_random_tests[];

#endif
