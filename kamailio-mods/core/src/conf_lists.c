/* SPDX-License-Identifier: GPL-2.0-or-later
 * Targets, and what belongs to queues beside their options: keys, skills, VIPs; holidays; numbers
 * that are not to be called or whose calls are not taken; feature codes. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cc/err.h"
#include "cc/tz.h"
#include "conf_private.h"

int cc_conf_fail(char *error, const struct cc_conf *c, const char *format, ...)
{
	va_list ap;
	int n = snprintf(error, CC_CONF_ERROR, "tenant %s, ", c->code);

	va_start(ap, format);
	vsnprintf(error + n, CC_CONF_ERROR - (size_t)n, format, ap);
	va_end(ap);
	return CC_E_INVAL;
}

/* Finds what the target names; where: for the error. */
int cc_conf_resolve(
		char *error, const struct cc_conf *c, const char *where, struct cc_conf_target *to)
{
	static const char *const names[] = {[CC_TARGET_QUEUE] = "queue",
			[CC_TARGET_AGENT] = "agent",
			[CC_TARGET_IVR] = "menu",
			[CC_TARGET_DID] = "DID"};

	to->index = -1;
	switch (to->kind) {
	case CC_TARGET_QUEUE:
		to->index = cc_conf_queue_find(c, to->name);
		break;
	case CC_TARGET_AGENT:
		to->index = cc_conf_agent_find(c, to->name);
		break;
	case CC_TARGET_IVR:
		to->index = cc_conf_ivr_find(c, to->name);
		break;
	case CC_TARGET_DID:
		to->index = cc_conf_did_find(c, to->name);
		break;
	case CC_TARGET_VOICEMAIL:
		return cc_conf_agent_find(c, to->name) < 0 && cc_conf_queue_find(c, to->name) < 0
					   ? cc_conf_fail(error, c,
								 "%s: there is no agent or queue %s with a voicemail", where,
								 to->name)
					   : CC_OK;
	default:
		return CC_OK;
	}
	return to->index < 0 ? cc_conf_fail(error, c, "%s: there is no %s %s", where, names[to->kind],
								   to->name)
						 : CC_OK;
}

static int by_queue_and_digit(const void *a, const void *b)
{
	const struct cc_conf_key *x = a, *y = b;

	return x->queue != y->queue ? (x->queue < y->queue ? -1 : 1) : x->digit - y->digit;
}

static int fill_keys(char *error, struct cc_conf *c, const struct cc_conf_draft *d)
{
	struct cc_conf_queue *queues = (void *)((char *)c + c->queues_off);
	struct cc_conf_key *keys = (void *)((char *)c + c->keys_off);
	char where[64];

	for (int32_t i = 0; i < c->key_count; i++) {
		const struct cc_conf_draft_key *from = &d->keys[i];
		int err;

		snprintf(where, sizeof(where), "queue %s, key %s", from->queue, from->digit);
		keys[i] = (struct cc_conf_key){.queue = cc_conf_queue_find(c, from->queue),
				.digit = from->digit[0],
				.to = from->to};
		if (keys[i].queue < 0)
			return cc_conf_fail(error, c, "%s: there is no such queue", where);
		err = cc_conf_resolve(error, c, where, &keys[i].to);
		if (err)
			return err;
	}
	if (c->key_count > 0)
		qsort(keys, (size_t)c->key_count, sizeof(*keys), by_queue_and_digit);
	for (int32_t i = c->key_count - 1; i >= 0; i--) {
		struct cc_conf_queue *q = &queues[keys[i].queue];

		q->key_first = i;
		q->key_count++;
		if (i > 0 && by_queue_and_digit(&keys[i - 1], &keys[i]) == 0)
			return cc_conf_fail(
					error, c, "queue %s, key %c: is there twice", q->number, keys[i].digit);
	}
	return CC_OK;
}

static int by_skill(const void *a, const void *b)
{
	const struct cc_conf_draft_skill *x = a, *y = b;
	int order = strcmp(x->owner, y->owner);

	return order ? order : strcmp(x->skill, y->skill);
}

/* What the agent lacks most of what the queue needs. */
static int32_t gap_of(const struct cc_conf_draft *d, const char *queue, const char *agent)
{
	int32_t gap = 0;

	for (int32_t i = 0; i < d->need_count; i++) {
		const struct cc_conf_draft_skill *need = &d->needs[i], *has;
		struct cc_conf_draft_skill key;

		if (strcmp(need->owner, queue) != 0)
			continue;
		strcpy(key.owner, agent);
		strcpy(key.skill, need->skill);
		has = bsearch(&key, d->skills, (size_t)d->skill_count, sizeof(key), by_skill);
		if (need->level - (has ? has->level : 0) > gap)
			gap = need->level - (has ? has->level : 0);
	}
	return gap;
}

static void fill_gaps(struct cc_conf *c, const struct cc_conf_draft *d)
{
	struct cc_conf_member *members = (void *)((char *)c + c->members_off);

	if (d->skill_count > 0)
		qsort(d->skills, (size_t)d->skill_count, sizeof(*d->skills), by_skill);
	for (int32_t i = 0; i < c->member_count; i++)
		members[i].gap = gap_of(d, cc_conf_queue_at(c, members[i].queue)->number,
				cc_conf_agent_at(c, members[i].agent)->number);
}

static int by_vip(const void *a, const void *b)
{
	const struct cc_conf_vip *x = a, *y = b;

	return x->queue != y->queue ? (x->queue < y->queue ? -1 : 1) : strcmp(x->number, y->number);
}

static int fill_vips(char *error, struct cc_conf *c, const struct cc_conf_draft *d)
{
	struct cc_conf_vip *vips = (void *)((char *)c + c->vips_off);

	for (int32_t i = 0; i < c->vip_count; i++) {
		vips[i].queue = cc_conf_queue_find(c, d->vips[i].queue);
		vips[i].level = d->vips[i].level + 1;
		strcpy(vips[i].number, d->vips[i].number);
		if (vips[i].queue < 0)
			return cc_conf_fail(
					error, c, "VIP %s: there is no queue %s", vips[i].number, d->vips[i].queue);
	}
	if (c->vip_count > 0)
		qsort(vips, (size_t)c->vip_count, sizeof(*vips), by_vip);
	return CC_OK;
}

static int by_time(const void *a, const void *b)
{
	const struct cc_conf_holiday *x = a, *y = b;

	return (x->from_ms > y->from_ms) - (x->from_ms < y->from_ms);
}

static int fill_holidays(char *error, struct cc_conf *c, const struct cc_conf_draft *d)
{
	struct cc_conf_holiday *holidays = (void *)((char *)c + c->holidays_off);
	struct cc_tz *tz = NULL;
	int err = c->holiday_count > 0 ? cc_tz_load(&tz, c->timezone) : CC_OK;

	if (err)
		return cc_conf_fail(error, c, "timezone: cannot be read");
	for (int32_t i = 0; i < c->holiday_count; i++) {
		struct cc_local day = {.year = (int)strtol(d->days[i].day, NULL, 10),
				.month = (int)strtol(d->days[i].day + 5, NULL, 10),
				.day = (int)strtol(d->days[i].day + 8, NULL, 10)};

		holidays[i].from_ms = cc_tz_day_start(tz, cc_tz_utc(tz, &day), 0);
		holidays[i].to_ms = cc_tz_day_start(tz, holidays[i].from_ms, 1);
	}
	cc_tz_free(tz);
	if (c->holiday_count > 0)
		qsort(holidays, (size_t)c->holiday_count, sizeof(*holidays), by_time);
	return CC_OK;
}

static int by_listed(const void *a, const void *b)
{
	const struct cc_conf_listed *x = a, *y = b;

	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return (x->package > y->package) - (x->package < y->package);
}

static void fill_listed(
		struct cc_conf *c, int32_t off, const struct cc_conf_draft_listed *from, int32_t count)
{
	struct cc_conf_listed *list = (void *)((char *)c + off);

	for (int32_t i = 0; i < count; i++) {
		list[i].number = strtoull(from[i].number, NULL, 10);
		list[i].package = (uint32_t)from[i].package;
	}
	if (count > 0)
		qsort(list, (size_t)count, sizeof(*list), by_listed);
}

static void fill_codes(struct cc_conf *c, const struct cc_conf_draft *d)
{
	cc_code_table_init(&c->codes);
	for (int32_t i = 0; i < d->code_count; i++)
		memcpy(c->codes.text[d->codes[i].code], d->codes[i].text, sizeof(d->codes[i].text));
	for (int32_t i = 0; i < d->digit_count; i++)
		c->mark_digits |= 1u << (d->digits[i].digit[0] - '0');
}

int cc_conf_lists_fill(char *error, struct cc_conf *c, const struct cc_conf_draft *d)
{
	int err = fill_keys(error, c, d);

	if (!err)
		err = fill_vips(error, c, d);
	if (!err)
		err = fill_holidays(error, c, d);
	if (err)
		return err;
	fill_codes(c, d);
	fill_gaps(c, d);
	fill_listed(c, c->no_calls_off, d->no_calls, c->no_call_count);
	fill_listed(c, c->blacklist_off, d->blacklist, c->blacklist_count);
	return CC_OK;
}
