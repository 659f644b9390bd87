/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/dprint.h"
#include "core/locking.h"
#include "core/mem/shm_mem.h"

#include "agents.h"
#include "cc/clock.h"
#include "cc/err.h"

/* The file is sparse: what a tenant does not use takes no disk. */
#define TENANTS_MAX 256
#define FILE_MAGIC 0x33474143434343ULL /* "CCCCAG3" */
#define PAGE 4096

static const struct cc_acd_limits limits = {
		.agents = 2000,
		.queues = 256,
		.memberships = 10000,
		.waiting = 2000,
};

struct file_header
{
	uint64_t magic;
	uint64_t block_bytes;
	struct cc_acd_limits limits;
	uint32_t tenants[TENANTS_MAX]; /* of block i, 0 free */
};
_Static_assert(sizeof(struct file_header) <= PAGE, "the header has its own page");

/* Of one tenant, in shared memory. */
struct desk
{
	gen_lock_t lock;
	volatile uint32_t tenant; /* 0: block not taken over by this engine yet */
	uint64_t conf_hash;
	uint64_t seq; /* of the last event in the journal */
	volatile int64_t next_ms;
};

static const struct cc_call_api *call_api;
static struct file_header *header;
static int file_fd = -1;
static char *blocks;
static size_t block_bytes, file_bytes;
static struct desk *desks;
static struct cc_acd_out effects; /* of this process; a section does not nest */

static struct cc_acd *block(int i)
{
	return (struct cc_acd *)(blocks + (size_t)i * block_bytes);
}

static int map(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640), rc = CC_E_IO;
	struct stat st;
	void *p;

	if (fd < 0)
		return CC_E_IO;
	if (fstat(fd, &st) < 0 || (st.st_size != 0 && (size_t)st.st_size != file_bytes)) {
		rc = CC_E_CORRUPT;
		goto out;
	}
	if (ftruncate(fd, (off_t)file_bytes) < 0)
		goto out;
	p = mmap(NULL, file_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		goto out;
	header = p;
	blocks = (char *)p + PAGE;
	if (st.st_size == 0) {
		header->block_bytes = block_bytes;
		header->limits = limits;
		header->magic = FILE_MAGIC;
	}
	rc = CC_OK;
	if (header->magic != FILE_MAGIC || header->block_bytes != block_bytes ||
			memcmp(&header->limits, &limits, sizeof(limits)) != 0) {
		munmap(p, file_bytes);
		header = NULL;
		rc = CC_E_CORRUPT;
	}
out:
	if (rc == CC_OK)
		file_fd = fd;
	else
		close(fd);
	return rc;
}

int cc_agents_init(const char *path, const struct cc_call_api *api)
{
	char aside[300];
	int rc;

	call_api = api;
	block_bytes = (cc_acd_size(&limits) + PAGE - 1) / PAGE * PAGE;
	file_bytes = PAGE + TENANTS_MAX * block_bytes;
	rc = map(path);
	if (rc == CC_E_CORRUPT) {
		snprintf(aside, sizeof(aside), "%s.%lld", path, (long long)cc_clock_utc_ms());
		LM_WARN("%s has another layout; it is kept as %s\n", path, aside);
		if (rename(path, aside) < 0)
			return CC_E_IO;
		rc = map(path);
	}
	if (rc < 0)
		return rc;
	desks = shm_malloc(TENANTS_MAX * sizeof(*desks));
	if (!desks)
		return CC_E_NOMEM;
	memset(desks, 0, TENANTS_MAX * sizeof(*desks));
	for (int i = 0; i < TENANTS_MAX; i++)
		lock_init(&desks[i].lock);
	return CC_OK;
}

void cc_agents_destroy(void)
{
	if (header)
		munmap(header, file_bytes);
	header = NULL;
	if (file_fd >= 0)
		close(file_fd);
	file_fd = -1;
	if (desks)
		shm_free(desks);
	desks = NULL;
}

static int desk_find(uint32_t tenant)
{
	for (int i = 0; i < TENANTS_MAX; i++)
		if (tenant && desks[i].tenant == tenant)
			return i;
	return -1;
}

static void effects_clear(void)
{
	effects.count = effects.text_len = 0;
	effects.more = false;
}

static void journal_effects(struct desk *d)
{
	for (int i = 0; i < effects.count; i++) {
		const struct cc_acd_effect *e = &effects.e[i];

		if (e->kind == CC_ACD_EVENT && call_api->journal(d->tenant, &e->call, e->event,
											   effects.text + e->off, (size_t)e->len, &d->seq) < 0)
			LM_ERR("an agent's event is lost: the journal is full\n");
	}
}

/* A grant whose call has gone meanwhile gives the agent back; and who has gone does not wait, lest
 * the agent is granted to it again and again. */
struct orphan
{
	char agent[16];
	uint32_t epoch;
	struct cc_ulid call;
	int32_t visit;
};

static int tell_calls(uint32_t tenant, struct orphan *orphans)
{
	int count = 0;

	for (int i = 0; i < effects.count; i++) {
		const struct cc_acd_effect *e = &effects.e[i];
		struct cc_call_input out = {.kind = CC_IN_QUEUE_OUT, .count = e->visit, .cause = e->cause};
		struct cc_call_ref ref;
		int rc;

		if (e->kind == CC_ACD_EVENT)
			continue;
		rc = call_api->find(&ref, tenant, &e->call);
		if (rc == CC_OK)
			rc = e->kind == CC_ACD_GRANT ? call_api->grant(ref, e->agent_number, e->visit, e->epoch)
										 : call_api->post(ref, &out);
		if (rc < 0 && e->kind == CC_ACD_GRANT) {
			memcpy(orphans[count].agent, e->agent_number, sizeof(orphans[count].agent));
			orphans[count].call = e->call;
			orphans[count].visit = rc == CC_E_NOENT ? e->visit : 0; /* else its inbox is full */
			orphans[count++].epoch = e->epoch;
		}
	}
	return count;
}

struct cc_acd *cc_agents_begin(uint32_t tenant, struct cc_acd_out **out)
{
	int i = desk_find(tenant);

	if (i < 0)
		return NULL;
	lock_get(&desks[i].lock);
	effects_clear();
	*out = &effects;
	return block(i);
}

void cc_agents_end(uint32_t tenant)
{
	struct orphan orphans[CC_ACD_EFFECTS];
	int i = desk_find(tenant), count;
	struct desk *d = &desks[i];
	bool more;

	call_api->enter();
	do {
		int64_t now = cc_clock_utc_ms(), next;

		more = effects.more;
		journal_effects(d);
		d->next_ms = 0; /* the timer finds out when it is due */
		lock_release(&d->lock);
		count = tell_calls(tenant, orphans);
		if (!more && count == 0)
			break;
		lock_get(&d->lock);
		effects_clear();
		if (count == 0)
			cc_acd_tick(block(i), now, &effects, &next);
		for (int k = 0; k < count; k++) {
			cc_acd_leave(block(i), &orphans[k].call, orphans[k].visit, now, &effects);
			cc_acd_release(block(i), orphans[k].agent, orphans[k].epoch,
					orphans[k].visit ? CC_OUT_CALLER_GONE : CC_OUT_FAILED, now, &effects);
		}
	} while (true);
	call_api->leave();
}

uint64_t cc_agents_seq(uint32_t tenant)
{
	return desks[desk_find(tenant)].seq;
}

/* Takes the tenant's block over from the engine before this one, or makes one. */
static int desk_open(uint32_t tenant, int64_t now_ms)
{
	int i = -1, rc;

	for (int k = TENANTS_MAX - 1; k >= 0; k--)
		if (header->tenants[k] == tenant ||
				(header->tenants[k] == 0 && (i < 0 || header->tenants[i] == 0)))
			i = k;
	if (i < 0)
		return CC_E_FULL;
	/* a full disk would be noticed as a signal when the block is written */
	if (posix_fallocate(file_fd, (off_t)(PAGE + (size_t)i * block_bytes), (off_t)block_bytes) != 0)
		return CC_E_IO;
	rc = header->tenants[i] == tenant ? cc_acd_adopt(block(i), block_bytes, tenant, now_ms)
									  : CC_E_NOENT;
	if (rc < 0) {
		if (rc != CC_E_NOENT)
			LM_ERR("the agents of tenant %u are started anew: %s\n", tenant, cc_err_name(rc));
		memset(block(i), 0, block_bytes);
		cc_acd_init(block(i), block_bytes, &limits, tenant);
		header->tenants[i] = tenant;
	}
	desks[i].tenant = tenant;
	return i;
}

void cc_agents_configure(const struct cc_conf *conf, int64_t now_ms)
{
	struct cc_acd_out *out;
	int i = desk_find(conf->tenant), rc;

	if (i < 0)
		i = desk_open(conf->tenant, now_ms);
	if (i < 0) {
		LM_ERR("no room for the agents of tenant %s\n", conf->code);
		return;
	}
	if (desks[i].conf_hash == conf->hash)
		return;
	rc = cc_acd_configure(cc_agents_begin(conf->tenant, &out), conf, now_ms, &effects);
	if (rc == CC_OK)
		desks[i].conf_hash = conf->hash;
	else
		LM_ERR("tenant %s: queues and agents stay as they were: %s\n", conf->code, cc_err_name(rc));
	cc_agents_end(conf->tenant);
}

void cc_agents_restored(int64_t now_ms)
{
	for (int i = 0; i < TENANTS_MAX; i++) {
		struct cc_acd_out *out;
		struct cc_acd *acd;

		if (desks[i].tenant == 0)
			continue;
		acd = cc_agents_begin(desks[i].tenant, &out);
		cc_acd_restored(acd, now_ms, out);
		cc_agents_end(desks[i].tenant);
	}
}

void cc_agents_tick(int64_t now_ms)
{
	for (int i = 0; i < TENANTS_MAX; i++) {
		struct cc_acd_out *out;
		struct cc_acd *acd;
		int64_t next = INT64_MAX;

		if (desks[i].tenant == 0 || desks[i].next_ms > now_ms)
			continue;
		acd = cc_agents_begin(desks[i].tenant, &out);
		cc_acd_tick(acd, now_ms, out, &next);
		if (out->count == 0 && !out->more) {
			desks[i].next_ms = next;
			lock_release(&desks[i].lock);
		} else {
			cc_agents_end(desks[i].tenant);
		}
	}
}

void cc_agents_gauges(int *waiting, int *reserved)
{
	*waiting = *reserved = 0;
	for (int i = 0; i < TENANTS_MAX; i++) {
		struct cc_acd_gauges g;

		if (desks[i].tenant == 0)
			continue;
		lock_get(&desks[i].lock);
		cc_acd_gauges(block(i), &g);
		lock_release(&desks[i].lock);
		*waiting += g.waiting;
		*reserved += g.reserved;
	}
}
