/* SPDX-License-Identifier: GPL-2.0-or-later
 * A treap: a search tree in the caller's order that is a heap in the order of pseudo-random weights
 * of the items, which keeps it balanced without any bookkeeping. */
#include <stddef.h>
#include "acd_tree.h"

/* A fixed mixing of the bits (the finaliser of MurmurHash3). */
static uint32_t weight(int32_t item)
{
	uint32_t h = (uint32_t)item + 0x9E3779B9u;

	h = (h ^ (h >> 16)) * 0x85EBCA6Bu;
	h = (h ^ (h >> 13)) * 0xC2B2AE35u;
	return h ^ (h >> 16);
}

static bool heavier(int32_t a, int32_t b)
{
	uint32_t wa = weight(a), wb = weight(b);

	return wa != wb ? wa > wb : a > b;
}

static int32_t count_of(const struct cc_tree *t, int32_t node)
{
	return node == CC_TREE_EMPTY ? 0 : t->nodes[node].count;
}

static void recount(const struct cc_tree *t, int32_t node)
{
	struct cc_tree_node *n = &t->nodes[node];

	n->count = 1 + count_of(t, n->left) + count_of(t, n->right);
}

/* Parts the tree at node into what stands before item and what does not. */
static void split(
		const struct cc_tree *t, int32_t node, int32_t item, int32_t *left, int32_t *right)
{
	if (node == CC_TREE_EMPTY) {
		*left = *right = CC_TREE_EMPTY;
		return;
	}
	++*t->steps;
	if (t->before(t->records, node, item)) {
		*left = node;
		split(t, t->nodes[node].right, item, &t->nodes[node].right, right);
	} else {
		*right = node;
		split(t, t->nodes[node].left, item, left, &t->nodes[node].left);
	}
	recount(t, node);
}

/* Everything in left stands before everything in right. */
static int32_t join(const struct cc_tree *t, int32_t left, int32_t right)
{
	if (left == CC_TREE_EMPTY)
		return right;
	if (right == CC_TREE_EMPTY)
		return left;
	++*t->steps;
	if (heavier(left, right)) {
		t->nodes[left].right = join(t, t->nodes[left].right, right);
		recount(t, left);
		return left;
	}
	t->nodes[right].left = join(t, left, t->nodes[right].left);
	recount(t, right);
	return right;
}

void cc_tree_insert(const struct cc_tree *t, int32_t item)
{
	int32_t *at = t->root;
	struct cc_tree_node *n = &t->nodes[item];

	if (n->count > 0)
		return;
	while (*at != CC_TREE_EMPTY && heavier(*at, item)) {
		struct cc_tree_node *above = &t->nodes[*at];

		++*t->steps;
		above->count++;
		at = t->before(t->records, item, *at) ? &above->left : &above->right;
	}
	split(t, *at, item, &n->left, &n->right);
	*at = item;
	recount(t, item);
}

void cc_tree_remove(const struct cc_tree *t, int32_t item)
{
	int32_t *at = t->root;
	struct cc_tree_node *n = &t->nodes[item];

	if (n->count == 0)
		return;
	while (*at != item) {
		struct cc_tree_node *above = &t->nodes[*at];

		++*t->steps;
		above->count--;
		at = t->before(t->records, item, *at) ? &above->left : &above->right;
	}
	*at = join(t, n->left, n->right);
	n->count = 0;
}

int32_t cc_tree_at(const struct cc_tree *t, int32_t i)
{
	int32_t node = *t->root;

	if (i < 0 || i >= cc_tree_count(t))
		return -1;
	while (true) {
		int32_t left = count_of(t, t->nodes[node].left);

		++*t->steps;
		if (i == left)
			return node;
		if (i < left) {
			node = t->nodes[node].left;
		} else {
			i -= left + 1;
			node = t->nodes[node].right;
		}
	}
}

int32_t cc_tree_low(
		const struct cc_tree *t, bool (*low)(const void *probe, int32_t item), const void *probe)
{
	int32_t node = *t->root, n = 0;

	while (node != CC_TREE_EMPTY) {
		++*t->steps;
		if (low(probe, node)) {
			n += count_of(t, t->nodes[node].left) + 1;
			node = t->nodes[node].right;
		} else {
			node = t->nodes[node].left;
		}
	}
	return n;
}

struct rank_probe
{
	const struct cc_tree *tree;
	int32_t item;
};

static bool before_item(const void *probe, int32_t item)
{
	const struct rank_probe *p = probe;

	return p->tree->before(p->tree->records, item, p->item);
}

int32_t cc_tree_rank(const struct cc_tree *t, int32_t item)
{
	struct rank_probe p = {t, item};

	return cc_tree_low(t, before_item, &p);
}

/* Counts of the nodes from here down, -1 if something is wrong; last: the item visited last. */
static int32_t walk(const struct cc_tree *t, int32_t node, int32_t items, int depth, int32_t *last)
{
	int32_t left, right;

	if (node == CC_TREE_EMPTY)
		return 0;
	if (node < 0 || node >= items || depth > 200)
		return -1;
	left = walk(t, t->nodes[node].left, items, depth + 1, last);
	if (left < 0 || (*last != CC_TREE_EMPTY && !t->before(t->records, *last, node)))
		return -1;
	*last = node;
	right = walk(t, t->nodes[node].right, items, depth + 1, last);
	return right < 0 || t->nodes[node].count != left + right + 1 ? -1 : left + right + 1;
}

bool cc_tree_valid(const struct cc_tree *t, int32_t items)
{
	int32_t last = CC_TREE_EMPTY;

	return walk(t, *t->root, items, 0, &last) >= 0;
}
