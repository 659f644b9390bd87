/* SPDX-License-Identifier: GPL-2.0-or-later
 * Ordered sets of small integers in memory without pointers: every index of the distributor is one.
 * Items are 0…n-1 with one node each in an array, so several sets of disjoint items share an array.
 * The order is that of the caller's records and must not change while an item is in. Insert,
 * remove, rank and select take O(log n) steps. */
#ifndef CC_ACD_TREE_H
#define CC_ACD_TREE_H

#include <stdbool.h>
#include <stdint.h>

#define CC_TREE_EMPTY (-1)

struct cc_tree_node
{
	int32_t left, right;
	int32_t count; /* of nodes from here down; 0: the item is in no set */
};

/* A set for the time of one operation. */
struct cc_tree
{
	struct cc_tree_node *nodes;
	int32_t *root; /* CC_TREE_EMPTY */
	/* whether item a stands before item b; a total order */
	bool (*before)(const void *records, int32_t a, int32_t b);
	const void *records;
	uint64_t *steps; /* counts the nodes that are visited */
};

static inline bool cc_tree_has(const struct cc_tree *t, int32_t item)
{
	return t->nodes[item].count > 0;
}

static inline int32_t cc_tree_count(const struct cc_tree *t)
{
	return *t->root == CC_TREE_EMPTY ? 0 : t->nodes[*t->root].count;
}

/* Does nothing if the item is in already, or in another set of the same nodes. */
void cc_tree_insert(const struct cc_tree *t, int32_t item);
/* Does nothing if the item is not in. */
void cc_tree_remove(const struct cc_tree *t, int32_t item);
/* The item that i others stand before; -1: none. */
int32_t cc_tree_at(const struct cc_tree *t, int32_t i);
/* How many items of the set satisfy low, which must hold for the first ones and for no later one.
 */
int32_t cc_tree_low(
		const struct cc_tree *t, bool (*low)(const void *probe, int32_t item), const void *probe);
/* How many items stand before this one, which is in. */
int32_t cc_tree_rank(const struct cc_tree *t, int32_t item);
/* Whether links, counts and order are right: for checks. */
bool cc_tree_valid(const struct cc_tree *t, int32_t items);

#endif
