/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/mem/shm_mem.h"

#include "pool.h"

struct cc_pool *cc_pool_new(int32_t size)
{
	struct cc_pool *p = shm_malloc(sizeof(*p) + (size_t)size * sizeof(p->index[0]));

	if (!p)
		return NULL;
	lock_init(&p->lock);
	p->size = p->free = size;
	p->head = 0;
	for (int32_t i = 0; i < size; i++)
		p->index[i] = i;
	return p;
}

void cc_pool_free(struct cc_pool *p)
{
	if (p)
		shm_free(p);
}

int32_t cc_pool_take(struct cc_pool *p)
{
	int32_t i = -1;

	lock_get(&p->lock);
	if (p->free > 0) {
		i = p->index[p->head];
		p->head = (p->head + 1) % p->size;
		p->free--;
	}
	lock_release(&p->lock);
	return i;
}

bool cc_pool_claim(struct cc_pool *p, int32_t index)
{
	bool found = false;

	lock_get(&p->lock);
	for (int32_t i = 0; i < p->free && !found; i++) {
		int32_t *place = &p->index[(p->head + i) % p->size];

		if (*place != index)
			continue;
		*place = p->index[p->head]; /* the order of the others hardly matters at the start */
		p->head = (p->head + 1) % p->size;
		p->free--;
		found = true;
	}
	lock_release(&p->lock);
	return found;
}

void cc_pool_give(struct cc_pool *p, int32_t index)
{
	lock_get(&p->lock);
	p->index[(p->head + p->free) % p->size] = index;
	p->free++;
	lock_release(&p->lock);
}

int32_t cc_pool_used(const struct cc_pool *p)
{
	return p->size - p->free;
}
