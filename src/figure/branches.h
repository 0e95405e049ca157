#ifndef FIGURE_BRANCHES_H
#define FIGURE_BRANCHES_H

#include "figure/canvas.h"

/* The branches of a tree on a canvas, leaves below each other; not exported. */
typedef struct branches {
    const vmap_tree *tree; /* of two leaves or more */
    double leaves, root;   /* x of height 0 and of the greatest height */
    double *x, *y;         /* 2 n - 1 nodes */
    double most;           /* the greatest height, or 1 */
} branches;

/* Place the nodes: leaf i of the tree's order at top + (i + 1/2) row. Free with branches_free(), also
 * after an error. */
vmap_status branches_place(branches *b, double top, double row, vmap_error *err);
/* Draw them in the canvas's layer. */
void branches_put(canvas *c, const branches *b);
void branches_free(branches *b);

#endif
