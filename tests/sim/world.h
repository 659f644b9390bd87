/* SPDX-License-Identifier: GPL-2.0-or-later
 * What the files of the simulator share. */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include "cc/acd.h"
#include "cc/call.h"
#include "cc/conf.h"
#include "sim.h"

#define INBOX 160
#define NOBODY (-1)
#define SOMETHING (-2) /* holds an agent and is no call of ours */
#define AGENT_BASE 1000
#define QUEUE_BASE 600000
#define MENU_BASE 700000 /* as many as queues */
#define QUEUES_OF_AGENT 4
#define TENANT 2

/* A letter to a call. */
struct letter
{
	struct cc_call_input in;
	uint32_t leg_life; /* of the leg it is about, 0: not about one */
};

struct sim_call
{
	bool used, ending;
	uint32_t life; /* changes with every use of the place */
	struct cc_call core;
	struct letter inbox[INBOX];
	int first, count;
	bool run_due;
	int64_t timer_ms;                /* when the last wanted timer fires, 0: none */
	uint32_t leg_life[CC_CALL_LEGS]; /* 0: nobody is there */
	bool recording;
	/* what the journal said */
	uint32_t seq;
	int ends, entered, left, menus_entered, menus_left, messages;
	/* what the ACD was told */
	bool waiting;
	char queue[16];
	int queue_index, visit, priority, granted;
	int held;         /* agents who are reserved for it, in whatever way */
	int64_t pause_ms; /* it is offered to nobody before */
	long order;       /* of entry */
};

/* What the simulator knows of an agent, to compare with what the ACD believes. */
struct sim_agent
{
	char number[12];
	int holder; /* call, NOBODY or SOMETHING */
	uint32_t holder_life, epoch;
	bool talking;
	bool beside; /* not by a queue */
	int64_t released_ms;
	uint32_t last_life; /* of the call that he was granted to last, for this visit */
	int last_visit;
	int64_t last_ms; /* when that ended */
	long served;
};

/* Who waits in a queue, as the simulator knows it. */
struct sim_queue
{
	int *calls;
	int count, room;
	bool touched; /* something has happened in it */
};

enum event_kind
{
	EVENT_RUN,    /* a call's inbox is looked at */
	EVENT_INPUT,  /* something happens to a call or a leg */
	EVENT_TIMER,  /* cc_call.next_ms */
	EVENT_ACD,    /* cc_acd_tick */
	EVENT_CALLER, /* somebody calls */
	EVENT_OFFICE, /* an agent or the administrator does something */
	EVENT_LET_GO, /* a reservation beside the queues ends */
};

struct event
{
	int64_t at;
	uint32_t chance; /* decides between events of the same time */
	enum event_kind kind;
	int call;
	uint32_t life, leg_life;
	struct cc_call_input in;
};

struct world
{
	const struct sim_options *options;
	struct sim_result *result;
	uint64_t random;
	int64_t now;
	struct event *heap;
	int heap_count, heap_room;
	bool closing;
	struct cc_acd *acd;
	size_t acd_bytes;
	int64_t acd_next;
	struct cc_acd_out out;
	struct cc_conf_set *set;
	struct sim_call *calls; /* options->calls */
	int *free_calls, free_count;
	struct sim_agent *agents;
	int agent_count;          /* ever known */
	struct sim_queue *queues; /* options->queues */
	int *touched, touched_count;
	int waiting, reserved, talking;
	long check_every; /* events between looks at everything */
	bool look;        /* this event is one of these */
	long orders;
	uint32_t lives;
	struct cc_call_actions actions;
};

extern struct world world;
extern const struct cc_conf_memory sim_memory;

/* world.c */
uint32_t sim_below(uint32_t n);
bool sim_chance(int percent);
void sim_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
void sim_trace(const char *format, ...) __attribute__((format(printf, 1, 2)));
void sim_later(int64_t ms, struct event event);

/* engine.c: what the modules do */
void sim_post(int call, uint32_t life, const struct cc_call_input *in, uint32_t leg_life);
void sim_run_inbox(int call);
void sim_reserve(int call, int agent);
void sim_drop_calls(void);
struct cc_acd_out *sim_acd(void); /* an empty list for what follows */
void sim_acd_done(void);          /* acts on it */
/* What the ACD has to do by now, before the rules look at what one operation does. */
void sim_due(void);
struct sim_agent *sim_agent(const char *number);
int sim_queue_of(const char *number);
void sim_touch(int queue);
void sim_touch_agent(const char *number); /* all of the agent's queues */
void sim_wait(int call, bool on);         /* the call waits, or no longer */
void sim_release(const char *agent, uint32_t epoch, enum cc_outcome outcome);

/* phones.c: people and their phones */
void sim_new_call(void);
void sim_leg_event(const struct event *event);
int sim_leg_new(int call, enum cc_leg_role role, bool incoming, int agent, uint32_t epoch);
void sim_leg_later(int call, int leg, int64_t ms, struct cc_call_input in);
void sim_phone_rings(int call, int leg); /* one phone's fate */
/* An agent's phone dials within the call: in gets the new leg. */
void sim_phone_consults(int call, struct cc_call_input *in);

/* office.c: agents and administrator */
void sim_office(void);
void sim_open(void);
void sim_close(void);
void sim_let_go(int agent, uint32_t epoch);

/* check.c: the rules */
void check_grant(const struct sim_call *call, const struct sim_agent *agent);
void check_missed(struct sim_call *call); /* an agent did not answer it */
void check_event(uint16_t event, const char *json, int32_t len);
void check_journal(struct sim_call *call, const struct cc_call_action *action);
void check_freed(int call);
void check_touched(void);
void check_all(void);
void check_served(void);
void check_empty(void);

#endif
