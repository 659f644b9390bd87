/* SPDX-License-Identifier: GPL-2.0-or-later
 * Any use of the distributor, right and wrong, in any order: after every step its records and
 * indexes agree, and what it grants was free. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cc/acd.h"
#include "cc/conf.h"

#define AGENTS 5
#define QUEUES 3
#define CALLS 12
#define SNAPSHOTS 4

static const struct cc_conf_memory memory = {malloc, free};
static const struct cc_acd_limits limits = {
		.agents = AGENTS + 2, .queues = QUEUES, .memberships = AGENTS * QUEUES, .waiting = CALLS};

/* Configurations that differ in everything that counts here. */
static const struct cc_conf *snapshot(int n)
{
	static const char *const strategies[] = {
			"longest_idle", "fewest_calls", "linear", "round_robin", "random", "ring_all"};
	static const char *const wrapups[] = {"off", "answered", "ringing"};
	static struct cc_conf_set *sets[SNAPSHOTS];
	char *json = NULL, error[256];
	size_t len;
	FILE *to;

	if (sets[n])
		return cc_conf_by_id(sets[n], 2);
	to = open_memstream(&json, &len);
	fputs("{\"version\":1,\"generation\":1,\"tenants\":[{\"id\":2,\"code\":\"demo\",\"name\":\"\","
		  "\"state\":\"active\",\"country\":\"86\",\"area_code\":\"010\",\"timezone\":\"UTC\","
		  "\"prompt_language\":\"en\",\"dids\":[],\"trunks\":[],\"queues\":[",
			to);
	for (int q = 0; q < QUEUES - n % 2; q++)
		fprintf(to,
				"%s{\"number\":\"60%d\",\"name\":\"\",\"strategy\":\"%s\",\"ring_timeout_s\":20,"
				"\"max_wait_s\":0,\"max_waiting\":%d,\"retry_delay_s\":%d,\"wrapup\":\"%s\","
				"\"wrapup_s\":%d,\"join_empty\":%s,\"auto_pause\":%s,\"music\":\"\","
				"\"entry_prompt\":\"\",\"announce_position\":false,\"announce_period_s\":0,"
				"\"record\":false,\"state\":\"enabled\",\"leave_empty\":%s,"
				"\"no_agent_overflow\":%s,\"relax_s\":%d}",
				q ? "," : "", q, strategies[q == 2 ? 5 : (q * 3 + n) % 5], n == 3 ? 2 : 0, n % 3,
				wrapups[(q + n) % 3], n, n == 2 ? "false" : "true", n == 1 ? "true" : "false",
				n == 1 && q == 1 ? "true" : "false", n == 2 && q == 0 ? "true" : "false", n);
	fputs("],\"agents\":[", to);
	for (int i = 0; i < AGENTS - n / 2; i++)
		fprintf(to,
				"%s{\"number\":\"80%d\",\"name\":\"\",\"ha1\":\"0123456789abcdef0123456789abcdef\","
				"\"pin_hash\":\"0123456789abcdef0123456789abcdef\",\"state\":\"%s\"}",
				i ? "," : "", i, n == 2 && i == 1 ? "disabled" : "enabled");
	fputs("],\"members\":[", to);
	for (int i = 0, first = 1; i < AGENTS - n / 2; i++)
		for (int q = 0; q < QUEUES - n % 2; q++)
			if ((i + q + n) % 4) {
				fprintf(to,
						"%s{\"queue\":\"60%d\",\"agent\":\"80%d\",\"position\":%d,\"priority\":%d,"
						"\"static\":%s}",
						first ? "" : ",", q, i, i, 1 + (i + n) % 2, i == 4 ? "true" : "false");
				first = 0;
			}
	fputs("],\"needs\":[{\"queue\":\"600\",\"skill\":\"1\",\"level\":3}],\"skills\":["
		  "{\"agent\":\"800\",\"skill\":\"1\",\"level\":3},"
		  "{\"agent\":\"801\",\"skill\":\"1\",\"level\":2}]}]}",
			to);
	fclose(to);
	if (cc_conf_build(&sets[n], json, len, NULL, &memory, error, sizeof(error)) < 0)
		abort();
	free(json);
	return cc_conf_by_id(sets[n], 2);
}

static uint32_t epochs[AGENTS]; /* 0: not reserved */

static void taken(struct cc_acd *a, struct cc_acd_out *out, int64_t now)
{
	char error[256];
	int64_t next;
	bool more;

	do {
		for (int i = 0; i < out->count; i++) {
			const struct cc_acd_effect *e = &out->e[i];

			if (e->kind != CC_ACD_GRANT)
				continue;
			if (epochs[e->agent_number[2] - '0'])
				abort(); /* two calls for one agent */
			epochs[e->agent_number[2] - '0'] = e->epoch;
		}
		more = out->more;
		out->count = out->text_len = 0;
		out->more = false;
		if (more)
			cc_acd_tick(a, now, out, &next);
	} while (more);
	if (cc_acd_check(a, error, sizeof(error)) < 0) {
		fprintf(stderr, "%s\n", error);
		abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct cc_acd_out out;
	static const struct cc_acd_by by = {CC_BY_LEADER, "user:1"};
	size_t bytes = cc_acd_size(&limits);
	struct cc_acd *a = calloc(1, bytes);
	int64_t now = 1700000000000, next;
	int32_t visits[CALLS] = {0}, last = 0; /* a call never enters with the same number again */

	memset(epochs, 0, sizeof(epochs));
	cc_acd_init(a, bytes, &limits, 2);
	cc_acd_configure(a, snapshot(0), now, &out);
	taken(a, &out, now);
	for (; size >= 5; data += 5, size -= 5) {
		int i = data[1] % AGENTS;
		char agent[8], queue[8];
		struct cc_acd_caller caller = {.call = {{data[2] % CALLS}},
				.visit = visits[data[2] % CALLS],
				.priority = data[3] % 4};
		bool on = data[3] & 1;
		uint32_t epoch = 0;

		snprintf(agent, sizeof(agent), "80%d", i);
		snprintf(queue, sizeof(queue), "60%d", data[2] % QUEUES);
		now += (int64_t)data[4] * data[4];
		switch (data[0] % 15) {
		case 0:
			cc_acd_sign(a, agent, on ? NULL : queue, data[3] & 2, &by, now, &out);
			break;
		case 1:
			cc_acd_work(a, agent, (enum cc_work)(data[3] % 4), "meal", &by, now, &out);
			break;
		case 2:
			cc_acd_pause(a, agent, queue, on, "meal", &by, now, &out);
			break;
		case 3:
			cc_acd_registered(a, agent, data[3] % 3, data[3] & 0x80, now, &out);
			break;
		case 4:
			cc_acd_wrapup_end(a, agent, &by, now, &out);
			break;
		case 5:
		case 6:
			snprintf(queue, sizeof(queue), "60%d", data[1] % QUEUES);
			if (data[3] & 4 || caller.visit == 0)
				caller.visit = visits[data[2] % CALLS] = ++last;
			else if (cc_acd_position(a, &caller.call, caller.visit, NULL) == 0)
				break;
			cc_acd_enter(a, queue, &caller, now, &out);
			break;
		case 7:
			cc_acd_leave(a, &caller.call, caller.visit, now, &out);
			break;
		case 8:
			if (cc_acd_reserve(a, agent, &caller.call, now, &epoch, &out) == 0) {
				if (epochs[i])
					abort();
				epochs[i] = epoch;
			}
			break;
		case 9:
			cc_acd_ringing(a, agent, epochs[i], now, &out);
			break;
		case 10:
			cc_acd_talking(a, agent, epochs[i], now, &out);
			break;
		case 11:
		case 12:
			epoch = epochs[i];
			epochs[i] = 0; /* before: he may be granted again at once */
			cc_acd_release(a, agent, epoch, (enum cc_outcome)(data[3] % 7), now, &out);
			break;
		case 13:
			cc_acd_configure(a, snapshot(data[3] % SNAPSHOTS), now, &out);
			break;
		default:
			if (data[3] == 7) {
				if (cc_acd_adopt(a, bytes, 2, now) < 0)
					abort();
				memset(epochs, 0, sizeof(epochs));
			}
			cc_acd_tick(a, now, &out, &next);
		}
		taken(a, &out, now);
	}
	free(a);
	return 0;
}
