/* SPDX-License-Identifier: Apache-2.0 */

#include "base/time_index.h"

#include <stdbool.h>

#include "base/least.h"

/* The sign of the node's key less the key given. */
static int node_compare(const struct time_index_node *node, uint64_t major, uint64_t minor,
                        int64_t from)
{
    if (node->major != major) {
        return node->major < major ? -1 : 1;
    }
    if (node->minor != minor) {
        return node->minor < minor ? -1 : 1;
    }
    if (node->from != from) {
        return node->from < from ? -1 : 1;
    }
    return 0;
}

static void bounds_include(struct time_index_bounds *bounds, const struct time_index_bounds *other)
{
    if (bounds->last < other->last) {
        bounds->last = other->last;
    }
    bounds->from_min = least_i64(bounds->from_min, other->from_min);
    bounds->from_max = greatest_i64(bounds->from_max, other->from_max);
    bounds->to = greatest_i64(bounds->to, other->to);
}

/* Sets a node's bounds; those of its children are right. */
static void node_bound(struct time_index_node *node)
{
    node->bounds = (struct time_index_bounds){
        .last = node->last, .from_min = node->from, .from_max = node->from, .to = node->to};
    if (node->left != NULL) {
        bounds_include(&node->bounds, &node->left->bounds);
    }
    if (node->right != NULL) {
        bounds_include(&node->bounds, &node->right->bounds);
    }
}

/* A left child on the level of its parent becomes the parent. */
static struct time_index_node *node_skew(struct time_index_node *node)
{
    struct time_index_node *left = node->left;
    if (left == NULL || left->level != node->level) {
        return node;
    }
    node->left = left->right;
    left->right = node;
    node_bound(node);
    node_bound(left);
    return left;
}

/* Where a node, its right child and that one's right child are on one level, the middle one rises a
 * level and becomes the parent. */
static struct time_index_node *node_split(struct time_index_node *node)
{
    struct time_index_node *right = node->right;
    if (right == NULL || right->right == NULL || right->right->level != node->level) {
        return node;
    }
    node->right = right->left;
    right->left = node;
    right->level++;
    node_bound(node);
    node_bound(right);
    return right;
}

/* Returns the root after the insertion. The recursion is as deep as the tree, whose height is at
 * most twice the binary logarithm of the number of nodes. */
static struct time_index_node *node_insert(struct time_index_node *root,
                                           struct time_index_node *node)
{
    if (root == NULL) {
        return node;
    }
    if (node_compare(root, node->major, node->minor, node->from) < 0) {
        root->right = node_insert(root->right, node);
    } else {
        root->left = node_insert(root->left, node);
    }
    /* Whatever was turned below, the nodes under the root are those of before and the new one. */
    bounds_include(&root->bounds, &node->bounds);
    return node_split(node_skew(root));
}

void time_index_insert(struct time_index *index, struct time_index_node *node)
{
    node->left = NULL;
    node->right = NULL;
    node->level = 1;
    node_bound(node);
    index->root = node_insert(index->root, node);
}

void *time_index_floor(const struct time_index *index, uint64_t major, uint64_t minor, int64_t from)
{
    const struct time_index_node *best = NULL;
    for (const struct time_index_node *node = index->root; node != NULL;) {
        if (node_compare(node, major, minor, from) <= 0) {
            best = node;
            node = node->right;
        } else {
            node = node->left;
        }
    }
    return best != NULL && best->major == major ? best->item : NULL;
}

int64_t time_index_latest_end(const struct time_index *index, uint64_t major, uint64_t minor,
                              int64_t from)
{
    int64_t latest = INT64_MIN;
    for (const struct time_index_node *node = index->root; node != NULL;) {
        if (node_compare(node, major, minor, from) > 0) {
            node = node->left;
            continue;
        }
        latest = greatest_i64(node->to, latest);
        if (node->left != NULL) {
            latest = greatest_i64(node->left->bounds.to, latest);
        }
        node = node->right;
    }
    return latest;
}

static void bounds_renew(struct time_index_node *root, const struct time_index_node *node)
{
    int compared = node_compare(root, node->major, node->minor, node->from);
    if (compared != 0) {
        bounds_renew(compared < 0 ? root->right : root->left, node);
    }
    node_bound(root);
}

void time_index_end(struct time_index *index, struct time_index_node *node, int64_t to)
{
    node->to = to;
    bounds_renew(index->root, node);
}

static bool bounds_may_cover(const struct time_index_bounds *bounds,
                             const struct time_index_place *place)
{
    return bounds->last >= place->minor && bounds->to >= place->at &&
           bounds->from_min <= place->at && bounds->from_max >= place->since;
}

static bool node_covers(const struct time_index_node *node, const struct time_index_place *place)
{
    return node->last >= place->minor && node->to >= place->at && node->from <= place->at &&
           node->from >= place->since;
}

/* The recursion is as deep as the tree. */
static const struct time_index_node *node_covering(const struct time_index_node *node,
                                                   const struct time_index_place *place,
                                                   unsigned *visits)
{
    if (node == NULL || *visits == 0 || !bounds_may_cover(&node->bounds, place)) {
        return NULL;
    }
    --*visits;
    if (node_compare(node, place->major, place->minor, INT64_MAX) > 0) {
        return node_covering(node->left, place, visits);
    }
    const struct time_index_node *found = node_covering(node->right, place, visits);
    if (found != NULL || node->major != place->major) {
        return found;
    }
    return node_covers(node, place) ? node : node_covering(node->left, place, visits);
}

void *time_index_covering(const struct time_index *index, const struct time_index_place *place)
{
    unsigned visits = TIME_INDEX_VISITS_MAX;
    const struct time_index_node *node = node_covering(index->root, place, &visits);
    return node != NULL ? node->item : NULL;
}
