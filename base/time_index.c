#include "base/time_index.h"

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

/* A left child on the level of its parent becomes the parent. */
static struct time_index_node *node_skew(struct time_index_node *node)
{
    struct time_index_node *left = node->left;

    if (left == NULL || left->level != node->level) {
        return node;
    }
    node->left = left->right;
    left->right = node;
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
    return node_split(node_skew(root));
}

void time_index_insert(struct time_index *index, struct time_index_node *node)
{
    node->left = NULL;
    node->right = NULL;
    node->level = 1;
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
