/* SPDX-License-Identifier: GPL-2.0-or-later
 * Waiting calls. */
#include <string.h>

#include "acd_private.h"
#include "cc/err.h"

static uint32_t bucket_of(const struct cc_acd *a, const struct cc_ulid *id)
{
	uint32_t h = 2166136261u; /* FNV-1a */

	for (size_t i = 0; i < sizeof(id->b); i++)
		h = (h ^ id->b[i]) * 16777619u;
	return h % (uint32_t)a->bucket_count;
}

int32_t acd_call_find(const struct cc_acd *a, const struct cc_ulid *id, int32_t visit)
{
	int32_t i = a->bucket_count ? acd_buckets(a)[bucket_of(a, id)] : -1;

	while (i >= 0 && !(cc_ulid_equal(&acd_calls(a)[i].id, id) && acd_calls(a)[i].visit == visit))
		i = acd_calls(a)[i].next_in_bucket;
	return i;
}

static void bucket_remove(struct cc_acd *a, int32_t call)
{
	int32_t *at = &acd_buckets(a)[bucket_of(a, &acd_calls(a)[call].id)];

	while (*at >= 0 && *at != call)
		at = &acd_calls(a)[*at].next_in_bucket;
	if (*at == call)
		*at = acd_calls(a)[call].next_in_bucket;
}

/* Higher priority first, then by time of entry: from the back, where most calls belong. */
static void link_call(struct cc_acd *a, struct acd_queue *q, int32_t call)
{
	struct acd_call *calls = acd_calls(a), *c = &calls[call];
	int32_t after = q->tail;

	while (after >= 0 && calls[after].priority < c->priority)
		after = calls[after].prev;
	c->prev = after;
	c->next = after >= 0 ? calls[after].next : q->head;
	*(after >= 0 ? &calls[after].next : &q->head) = call;
	*(c->next >= 0 ? &calls[c->next].prev : &q->tail) = call;
	q->waiting++;
}

void acd_call_remove(struct cc_acd *a, int32_t call)
{
	struct acd_call *calls = acd_calls(a), *c = &calls[call];
	struct acd_queue *q = &acd_queues(a)[c->queue];

	bucket_remove(a, call);
	*(c->prev >= 0 ? &calls[c->prev].next : &q->head) = c->next;
	*(c->next >= 0 ? &calls[c->next].prev : &q->tail) = c->prev;
	q->waiting--;
	memset(c, 0, sizeof(*c));
	c->next = a->call_free;
	a->call_free = call;
}

static bool anybody_signed_in(const struct cc_acd *a, const struct acd_queue *q)
{
	for (int32_t i = 0; i < q->member_count; i++)
		if (acd_members(a)[q->member_first + i].signed_in)
			return true;
	return false;
}

int cc_acd_enter(struct cc_acd *a, const char *queue, const struct cc_acd_caller *caller, int64_t now_ms,
		struct cc_acd_out *out)
{
	struct acd_op op = { a, now_ms, out, NULL };
	int32_t k = acd_queue_find(a, queue), i = a->call_free;
	struct acd_queue *q;
	struct acd_call *c;
	int32_t *bucket;

	out->count = 0;
	out->text_len = 0;
	out->more = false;
	if (k < 0 || !acd_queues(a)[k].enabled)
		return CC_E_NOENT;
	q = &acd_queues(a)[k];
	if (acd_call_find(a, &caller->call, caller->visit) >= 0)
		return CC_E_EXIST;
	q->offered_today++;
	if ((q->max_waiting && q->waiting >= q->max_waiting) || i < 0)
		return CC_E_FULL;
	if (!q->join_empty && !anybody_signed_in(a, q))
		return CC_E_STATE;
	c = &acd_calls(a)[i];
	a->call_free = c->next;
	*c = (struct acd_call){ .used = true,
		.id = caller->call,
		.visit = caller->visit,
		.queue = k,
		.priority = caller->priority,
		.entered_ms = now_ms };
	memcpy(c->from, caller->from, sizeof(c->from));
	memcpy(c->from_name, caller->from_name, sizeof(c->from_name));
	c->from[sizeof(c->from) - 1] = c->from_name[sizeof(c->from_name) - 1] = '\0';
	bucket = &acd_buckets(a)[bucket_of(a, &c->id)];
	c->next_in_bucket = *bucket;
	*bucket = i;
	link_call(a, q, i);
	acd_dispatch_queue(&op, k);
	return 0;
}

void cc_acd_leave(struct cc_acd *a, const struct cc_ulid *call, int32_t visit, int64_t now_ms,
		struct cc_acd_out *out)
{
	int32_t i = acd_call_find(a, call, visit);

	out->count = 0;
	out->text_len = 0;
	out->more = false;
	if (i < 0)
		return;
	/* answered calls leave while their agent is called; the others gave up */
	if (!acd_calls(a)[i].granted)
		acd_queues(a)[acd_calls(a)[i].queue].abandoned_today++;
	acd_call_remove(a, i);
}

int32_t cc_acd_position(const struct cc_acd *a, const struct cc_ulid *call, int32_t visit, int32_t *waiting)
{
	int32_t i = acd_call_find(a, call, visit), n = 0;

	*waiting = i >= 0 ? acd_queues(a)[acd_calls(a)[i].queue].waiting : 0;
	for (; i >= 0; i = acd_calls(a)[i].prev)
		n++;
	return n;
}
