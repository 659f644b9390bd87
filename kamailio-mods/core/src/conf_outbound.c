/* SPDX-License-Identifier: GPL-2.0-or-later
 * Calls to outside: outbound profiles with their routes, and the numbers that a tenant may show. */
#include <stdlib.h>
#include <string.h>
#include "cc/err.h"
#include "cc/number.h"
#include "cc/tz.h"
#include "conf_private.h"

#define DAY_MS (24 * 60 * 60 * 1000LL)

/* ---- looking ---- */

static const void *at(const struct cc_conf *c, int32_t off, size_t size, int32_t i)
{
	return (const char *)c + off + (size_t)i * size;
}

const struct cc_conf_profile *cc_conf_profile_at(const struct cc_conf *c, int32_t i)
{
	return at(c, c->profiles_off, sizeof(struct cc_conf_profile), i);
}

const struct cc_conf_out *cc_conf_out_at(const struct cc_conf *c, int32_t i)
{
	return at(c, c->outs_off, sizeof(struct cc_conf_out), i);
}

static const char *number_at(const struct cc_conf *c, int32_t i)
{
	const struct cc_conf_number *n = at(c, c->numbers_off, sizeof(*n), i);

	return n->number;
}

int32_t cc_conf_profile_find(const struct cc_conf *c, int32_t id)
{
	for (int32_t i = 0; i < c->profile_count; i++)
		if (cc_conf_profile_at(c, i)->id == id)
			return i;
	return CC_E_NOENT;
}

int32_t cc_conf_profile(const struct cc_conf *c, int32_t agent)
{
	int32_t own = agent < 0 ? -1 : cc_conf_agent_at(c, agent)->profile;

	return own < 0 ? c->profile : own;
}

/* The number in E.164, or its digits when it is a short one, as a number: the same for whatever way
 * it is written. 0: no number. */
static uint64_t form(const struct cc_conf *c, const char *number)
{
	char e164[CC_NUMBER_E164 + 1];
	uint64_t n = 0;

	if (cc_number_e164(e164, number, c->country, c->area_code) >= 0)
		return strtoull(e164, NULL, 10);
	for (const char *p = number + (*number == '+'); *p; p++) {
		if (*p < '0' || *p > '9' || n > UINT64_MAX / 100)
			return 0;
		n = n * 10 + (uint64_t)(*p - '0');
	}
	return n;
}

static int by_number(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

bool cc_conf_owns(const struct cc_conf *c, const char *number)
{
	uint64_t wanted = form(c, number);

	return wanted && bsearch(&wanted, at(c, c->owned_off, sizeof(wanted), 0),
							 (size_t)(c->did_count + c->number_count), sizeof(wanted), by_number);
}

bool cc_conf_may_show(const struct cc_conf *c, const char *number)
{
	const char *digits = number + (*number == '+');

	return digits[strspn(digits, "0123456789")] == '\0' && cc_conf_owns(c, number);
}

bool cc_conf_mobile(const struct cc_conf *c, int32_t agent)
{
	const struct cc_conf_agent *a = cc_conf_agent_at(c, agent);

	return c->mobile && a->terminal == CC_TERMINAL_MOBILE && a->mobile[0];
}

/* Days since 1970 in the tenant's time zone. */
static int64_t day_of(const struct cc_conf *c, int64_t utc_ms)
{
	struct cc_tz *tz = NULL;
	struct cc_local local = {.offset_s = 0};

	if (cc_tz_load(&tz, c->timezone) == CC_OK)
		cc_tz_local(tz, utc_ms, &local);
	cc_tz_free(tz);
	return (utc_ms + local.offset_s * 1000LL) / DAY_MS;
}

const char *cc_conf_caller_id(
		const struct cc_conf *c, int32_t agent, const char *task, uint32_t turn, int64_t utc_ms)
{
	if (agent >= 0 && cc_conf_agent_at(c, agent)->caller_id[0])
		return cc_conf_agent_at(c, agent)->caller_id;
	if (task[0] || c->caller_id[0])
		return task[0] ? task : c->caller_id;
	if (c->number_count > 0)
		return number_at(
				c, (int32_t)((c->rotation_days ? day_of(c, utc_ms) / c->rotation_days : turn) %
							 c->number_count));
	for (int32_t i = 0; i < c->did_count; i++)
		if (cc_conf_did_at(c, i)->enabled)
			return cc_conf_did_at(c, i)->number;
	return agent < 0 ? "" : cc_conf_agent_at(c, agent)->number;
}

/* ---- filling ---- */

static int by_profile(const void *a, const void *b)
{
	const struct cc_conf_draft_route *x = a, *y = b;

	if (x->profile != y->profile)
		return x->profile < y->profile ? -1 : 1;
	if (x->position != y->position)
		return x->position < y->position ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

static int by_route(const void *a, const void *b)
{
	const struct cc_conf_draft_route_trunk *x = a, *y = b;

	if (x->route != y->route)
		return x->route < y->route ? -1 : 1;
	return (x->position > y->position) - (x->position < y->position);
}

static void fill_trunks(struct cc_conf_out *out, const struct cc_conf_draft *d, int32_t route)
{
	for (int32_t i = 0; i < d->route_trunk_count && out->trunk_count < CC_ROUTE_TRUNKS; i++)
		if (d->route_trunks[i].route == route)
			out->trunks[out->trunk_count++] = (uint32_t)d->route_trunks[i].trunk;
}

static int fill_routes(char *error, struct cc_conf *c, struct cc_conf_draft *d)
{
	struct cc_conf_profile *profiles = (void *)((char *)c + c->profiles_off);
	struct cc_conf_out *outs = (void *)((char *)c + c->outs_off);

	if (c->out_count > 0)
		qsort(d->routes, (size_t)c->out_count, sizeof(*d->routes), by_profile);
	if (d->route_trunk_count > 0)
		qsort(d->route_trunks, (size_t)d->route_trunk_count, sizeof(*d->route_trunks), by_route);
	if (c->profile_count > 0)
		memcpy(profiles, d->profiles, sizeof(*profiles) * (size_t)c->profile_count);
	for (int32_t i = 0; i < c->out_count; i++) {
		const struct cc_conf_draft_route *from = &d->routes[i];
		struct cc_conf_out *out = &outs[i];

		out->profile = cc_conf_profile_find(c, from->profile);
		if (out->profile < 0)
			return cc_conf_fail(error, c, "outbound route %s: there is no outbound profile %d",
					from->pattern, from->profile);
		strcpy(out->strip, from->strip);
		strcpy(out->pattern, from->pattern);
		strcpy(out->add, from->add);
		fill_trunks(out, d, from->id);
		if (profiles[out->profile].route_count++ == 0)
			profiles[out->profile].route_first = i;
	}
	return CC_OK;
}

/* An id becomes an index, 0 none: -1. */
static int resolve(char *error, const struct cc_conf *c, const char *whose, int32_t *profile)
{
	int32_t id = *profile;

	*profile = id ? cc_conf_profile_find(c, id) : -1;
	return id && *profile < 0
				   ? cc_conf_fail(error, c, "%s: there is no outbound profile %d", whose, id)
				   : CC_OK;
}

static int fill_agents(char *error, struct cc_conf *c)
{
	struct cc_conf_agent *agents = (void *)((char *)c + c->agents_off);
	int err = resolve(error, c, "outbound_profile", &c->profile);

	for (int32_t i = 0; i < c->agent_count && !err; i++) {
		char whose[32] = "agent ";

		strcat(whose, agents[i].number);
		err = resolve(error, c, whose, &agents[i].profile);
		if (!cc_conf_may_show(c, agents[i].caller_id))
			memset(agents[i].caller_id, 0, sizeof(agents[i].caller_id));
	}
	if (!cc_conf_may_show(c, c->caller_id))
		memset(c->caller_id, 0, sizeof(c->caller_id));
	return err;
}

static void fill_numbers(struct cc_conf *c, const struct cc_conf_draft *d)
{
	uint64_t *owned = (void *)((char *)c + c->owned_off);

	if (c->number_count > 0)
		memcpy((char *)c + c->numbers_off, d->numbers,
				sizeof(struct cc_conf_number) * (size_t)c->number_count);
	for (int32_t i = 0; i < c->did_count; i++)
		owned[i] = form(c, cc_conf_did_at(c, i)->number);
	for (int32_t i = 0; i < c->number_count; i++)
		owned[c->did_count + i] = form(c, number_at(c, i));
	qsort(owned, (size_t)(c->did_count + c->number_count), sizeof(*owned), by_number);
}

int cc_conf_outbound_fill(char *error, struct cc_conf *c, struct cc_conf_draft *d)
{
	int err = fill_routes(error, c, d);

	if (err)
		return err;
	fill_numbers(c, d);
	return fill_agents(error, c);
}
