/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <json-c/json.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>

#include "core/dprint.h"
#include "core/hashes.h"
#include "core/locking.h"
#include "core/mem/shm_mem.h"
#include "core/parser/msg_parser.h"
#include "core/parser/parse_cseq.h"
#include "core/socket_info.h"

#include "admission.h"
#include "cc/clock.h"
#include "cc/conf.h"
#include "cc/err.h"
#include "cc/journal.h"
#include "cc/settings.h"
#include "engine.h"

#define RING_FULL 800  /* per mille of the journal's ring at which new calls are refused */
#define HOLD_MS 500    /* after a delay beyond the limit; shorter ones would let in bursts */
#define SEEN_SETS 8192 /* INVITEs that are remembered, a set for each value of the hash … */
#define SEEN_WAYS 4
#define SEEN_S 32     /* … for 64 T1: then none is repeated any more */
#define ALARM_MS 2000 /* an alarm is over when nothing was refused for that long */

/* In shared memory. */
struct state
{
	volatile int64_t busy_until_ms; /* monotonic */
	volatile int64_t wait_ms;       /* of the last request that was measured */
	volatile int64_t refused_ms;    /* the last time, monotonic; 0 never */
	volatile uint64_t refused;
	const char *volatile reason; /* a constant: the same in all processes */
	gen_lock_t lock; /* guards seen: an INVITE and its repetition may be read at the same moment */
	/* hash of the INVITE (32 bits), second (31), whether it was let in (1) */
	volatile uint64_t seen[SEEN_SETS][SEEN_WAYS];
};

static struct state *state;
static int64_t wait_max_ms;
static unsigned long shm_spare;
static int32_t calls_max, tenant_calls_max;

int cc_admission_init(const struct cc_settings *settings)
{
	state = shm_malloc(sizeof(*state));
	if (!state)
		return CC_E_NOMEM;
	memset((void *)state, 0, sizeof(*state));
	lock_init(&state->lock);
	wait_max_ms = cc_settings_int(settings, "CC_OVERLOAD_MS");
	shm_spare = (unsigned long)cc_settings_int(settings, "CC_SHM_SPARE_MB") * 1024 * 1024;
	calls_max = (int32_t)cc_settings_int(settings, "CC_CALLS_MAX");
	tenant_calls_max = (int32_t)cc_settings_int(settings, "CC_TENANT_CALLS_MAX");
	return CC_OK;
}

static void delayed(int64_t ms)
{
	if (wait_max_ms && ms > wait_max_ms)
		state->busy_until_ms = cc_clock_mono_ms() + HOLD_MS;
}

/* How long the datagram lay in the socket before a process had time for it. Another process may
 * have read a later one meanwhile: then it is a little more than this. */
static void measure(const struct sip_msg *msg)
{
	struct timespec arrived, now;
	int64_t ms;

	if (msg->rcv.proto != PROTO_UDP || !msg->rcv.bind_address ||
			ioctl(msg->rcv.bind_address->socket, SIOCGSTAMPNS, &arrived) < 0)
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	ms = (int64_t)(now.tv_sec - arrived.tv_sec) * 1000 + (now.tv_nsec - arrived.tv_nsec) / 1000000;
	if (ms < 0)
		return; /* the clock was set */
	state->wait_ms = ms;
	delayed(ms);
}

static const char *platform_obstacle(void)
{
	if (cc_engine->stopping)
		return "stopping";
	if (cc_engine->disk_full)
		return "disk_full";
	if (cc_ring_used(cc_engine_ring) > RING_FULL)
		return "journal_full";
	if (cc_engine->mixer_start == 0)
		return "no_mixer";
	if (shm_available() < shm_spare)
		return "no_memory";
	if (cc_clock_mono_ms() < state->busy_until_ms)
		return "overload";
	if (calls_max && cc_pool_used(cc_engine->call_pool) >= calls_max)
		return "calls_max";
	return NULL;
}

/* The lower one of the limits that hold for the tenant: its own, and that of the platform. */
static bool tenant_full(const struct cc_conf *conf)
{
	int32_t max = conf->max_calls, count = 0;

	if (tenant_calls_max && (!max || tenant_calls_max < max))
		max = tenant_calls_max;
	if (!max)
		return false;
	for (int32_t i = 0; i < cc_engine->call_count; i++)
		count += cc_engine->call_tenants[i] == conf->tenant;
	return count >= max;
}

void cc_admission_refused(const char *obstacle)
{
	__sync_add_and_fetch(&state->refused, 1);
	__sync_add_and_fetch(&cc_engine->refused_total, 1);
	state->reason = obstacle;
	state->refused_ms = cc_clock_mono_ms();
}

static bool decide(const char *obstacle)
{
	if (obstacle)
		cc_admission_refused(obstacle);
	return obstacle == NULL;
}

static uint32_t invite_hash(struct sip_msg *msg)
{
	if (parse_headers(msg, HDR_CALLID_F | HDR_CSEQ_F, 0) < 0 || !msg->callid || !msg->cseq)
		return 0;
	return get_hash2_raw(&msg->callid->body, &get_cseq(msg)->number);
}

static bool seen_same(uint64_t seen, uint32_t hash, uint32_t now)
{
	return seen && seen >> 32 == hash && now - ((uint32_t)seen >> 1) <= SEEN_S;
}

/* What is refused leaves no transaction, and what is let in has none for a moment: an INVITE that
 * comes again must not be treated the other way. */
bool cc_admission_request(struct sip_msg *msg)
{
	uint32_t hash = invite_hash(msg), now = (uint32_t)(cc_clock_mono_ms() / 1000) & 0x7fffffff;
	volatile uint64_t *set = &state->seen[hash % SEEN_SETS][0], *oldest = set;
	bool in;

	measure(msg);
	lock_get(&state->lock);
	for (int i = 0; i < SEEN_WAYS; i++) {
		uint64_t seen = set[i];

		if (seen_same(seen, hash, now)) {
			lock_release(&state->lock);
			return seen & 1;
		}
		if ((uint32_t)seen < (uint32_t)*oldest)
			oldest = &set[i];
	}
	in = decide(platform_obstacle());
	*oldest = (uint64_t)hash << 32 | now << 1 | in;
	lock_release(&state->lock);
	return in;
}

bool cc_admission(const struct cc_conf *conf)
{
	return decide(tenant_full(conf) ? "tenant_calls_max" : NULL);
}

bool cc_admission_command(const struct cc_conf *conf)
{
	const char *obstacle = platform_obstacle();

	return decide(obstacle ? obstacle : tenant_full(conf) ? "tenant_calls_max" : NULL);
}

static void alarm_put(const char *reason, uint64_t refused, bool on)
{
	char fields[128];
	int n = snprintf(fields, sizeof(fields),
			"{\"code\":\"calls_refused\",\"text\":\"%s\",\"count\":%llu,\"on\":%s}", reason,
			(unsigned long long)refused, on ? "true" : "false");

	cc_engine_journal(0, NULL, CC_EV_ALARM, fields, (size_t)n, NULL);
}

void cc_admission_tick(int64_t now_ms)
{
	static int64_t last_ms; /* of the timer's process */
	static bool on;
	int64_t now = cc_clock_mono_ms();

	(void)now_ms;
	if (last_ms)
		delayed(now - last_ms);
	last_ms = now;
	if (!on && state->refused_ms && now - state->refused_ms < ALARM_MS) {
		on = true;
		LM_WARN("new calls are refused: %s\n", state->reason);
		alarm_put(state->reason, state->refused, true);
	} else if (on && now - state->refused_ms >= ALARM_MS) {
		uint64_t refused = __sync_lock_test_and_set(&state->refused, 0);

		on = false;
		LM_WARN("new calls are taken again; %llu were refused\n", (unsigned long long)refused);
		alarm_put(state->reason, refused, false);
	}
}

void cc_admission_stats(struct json_object *o)
{
	json_object_object_add(o, "wait_ms", json_object_new_int64(state->wait_ms));
	json_object_object_add(
			o, "overloaded", json_object_new_int64(cc_clock_mono_ms() < state->busy_until_ms));
	json_object_object_add(o, "shm_free", json_object_new_int64((int64_t)shm_available()));
}
