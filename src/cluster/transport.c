#include <config.h>
#include "valuemap/match.h"

#include <math.h>

#include "cluster/cluster_internal.h"
#include "core/memory.h"

/* Network simplex on the bipartite graph of r sources, c sinks and a root (Ahuja, Magnanti & Orlin 1993, chapter 11).
 * A basis is a spanning tree; only its arcs carry flow. Trees are strongly feasible (from every node some flow could
 * be sent to the root), so that pivots without progress cannot go round in a circle (Cunningham 1976).
 * Arcs from nodes to the root only hold the tree together: nothing leaves the root, so they carry no flow. */
typedef struct {
    size_t r, c, nodes, root;
    const double *cost; /* r x c */
    size_t *parent, *first, *next, *before; /* tree: first child, siblings; SIZE_MAX for none */
    size_t *depth, *stack;
    bool *up;           /* the arc to the parent points to the parent */
    double *flow, *arc; /* flow and cost of the arc to the parent */
    double *price;      /* cost + price of the source - price of the sink is 0 for arcs of the tree */
} simplex;

static void free_simplex(simplex *s)
{
    free(s->parent);
    free(s->first);
    free(s->next);
    free(s->before);
    free(s->depth);
    free(s->stack);
    free(s->up);
    free(s->flow);
    free(s->arc);
    free(s->price);
}

static vmap_status new_simplex(const double *cost, size_t r, size_t c, simplex *s, vmap_error *err)
{
    size_t n = r + c + 1;

    *s = (simplex){.r = r, .c = c, .nodes = n, .root = r + c, .cost = cost};
    s->parent = memory_new(n, sizeof *s->parent, err);
    s->first = memory_new(n, sizeof *s->first, err);
    s->next = memory_new(n, sizeof *s->next, err);
    s->before = memory_new(n, sizeof *s->before, err);
    s->depth = memory_new(n, sizeof *s->depth, err);
    s->stack = memory_new(n, sizeof *s->stack, err);
    s->up = memory_new(n, sizeof *s->up, err);
    s->flow = memory_new(n, sizeof *s->flow, err);
    s->arc = memory_new(n, sizeof *s->arc, err);
    s->price = memory_new(n, sizeof *s->price, err);
    if (!s->parent || !s->first || !s->next || !s->before || !s->depth || !s->stack || !s->up || !s->flow ||
        !s->arc || !s->price)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < n; i++)
        s->parent[i] = s->first[i] = s->next[i] = s->before[i] = SIZE_MAX;
    return VMAP_SUCCESS;
}

/* ---- the tree ---- */

static void attach(simplex *s, size_t node, size_t parent)
{
    s->parent[node] = parent;
    s->before[node] = SIZE_MAX;
    s->next[node] = s->first[parent];
    if (s->next[node] != SIZE_MAX)
        s->before[s->next[node]] = node;
    s->first[parent] = node;
}

static void detach(simplex *s, size_t node)
{
    if (s->parent[node] == SIZE_MAX)
        return;
    if (s->before[node] != SIZE_MAX)
        s->next[s->before[node]] = s->next[node];
    else
        s->first[s->parent[node]] = s->next[node];
    if (s->next[node] != SIZE_MAX)
        s->before[s->next[node]] = s->before[node];
}

/* Make `node` the top of the part of the tree that hangs on `top`, and hang it on `parent` by an arc. */
static void hang(simplex *s, size_t node, size_t top, size_t parent, bool up, double arc, double flow)
{
    for (;;) {
        size_t above = s->parent[node];
        bool old_up = s->up[node];
        double old_arc = s->arc[node], old_flow = s->flow[node];

        detach(s, node);
        attach(s, node, parent);
        s->up[node] = up;
        s->arc[node] = arc;
        s->flow[node] = flow;
        if (node == top)
            return;
        parent = node; /* the arc to the node above is now the arc of that node */
        node = above;
        up = !old_up;
        arc = old_arc;
        flow = old_flow;
    }
}

/* Depths and prices of everything below `top`. */
static void refresh(simplex *s, size_t top)
{
    size_t count = 0;

    s->stack[count++] = top;
    while (count) {
        size_t node = s->stack[--count], parent = s->parent[node];

        if (node != s->root) {
            s->depth[node] = s->depth[parent] + 1;
            s->price[node] = s->price[parent] + (s->up[node] ? -s->arc[node] : s->arc[node]);
        }
        for (size_t child = s->first[node]; child != SIZE_MAX; child = s->next[child])
            s->stack[count++] = child;
    }
}

/* ---- the first tree ---- */

static size_t top_of(const simplex *s, size_t node)
{
    while (s->parent[node] != SIZE_MAX)
        node = s->parent[node];
    return node;
}

/* Each source fills the cheapest sinks that have room: every arc but the last of a source fills its sink, so that no
 * circle arises. What is left by rounding is forgotten. */
static void fill(simplex *s, double *supply, double *demand, double least)
{
    for (size_t i = 0; i < s->r; i++) {
        while (supply[i] > least) {
            size_t best = SIZE_MAX;
            double amount;

            for (size_t j = 0; j < s->c; j++) {
                if (demand[j] > least && (best == SIZE_MAX || s->cost[i * s->c + j] < s->cost[i * s->c + best]))
                    best = j;
            }
            if (best == SIZE_MAX)
                break;
            amount = fmin(supply[i], demand[best]);
            hang(s, s->r + best, top_of(s, s->r + best), i, false, s->cost[i * s->c + best], amount);
            supply[i] -= amount;
            demand[best] -= amount;
            if (demand[best] <= least)
                demand[best] = 0;
        }
    }
    for (size_t node = 0; node < s->root; node++) {
        size_t top = top_of(s, node);

        if (top != s->root) {
            attach(s, top, s->root);
            s->up[top] = true;
        }
    }
    refresh(s, s->root);
}

/* ---- pivots ---- */

/* The arc that saves most among those of one source, beginning with source *row; false when no arc saves any. */
static bool find_entering(const simplex *s, double least, size_t *row, size_t *column)
{
    const double *sink = s->price + s->r;

    for (size_t tried = 0; tried < s->r; tried++) {
        const double *cost = s->cost + *row * s->c;
        double best = -least - s->price[*row];
        size_t at = SIZE_MAX;

        for (size_t j = 0; j < s->c; j++) {
            if (cost[j] - sink[j] < best) {
                best = cost[j] - sink[j];
                at = j;
            }
        }
        if (at != SIZE_MAX) {
            *column = at;
            return true;
        }
        *row = *row + 1 < s->r ? *row + 1 : 0;
    }
    return false;
}

/* Send as much as possible from source i to sink j and back through the tree; the arc that limits it leaves. Of
 * several the last one from the meeting point in the direction of the flow, which keeps the tree strongly feasible. */
static void pivot(simplex *s, size_t i, size_t j)
{
    size_t a = i, b = s->r + j, leaving = SIZE_MAX;
    double most = INFINITY;
    bool of_source = true;

    while (a != b) {
        if (s->depth[a] >= s->depth[b]) { /* on the way down to the source */
            if (s->up[a] && s->flow[a] < most) {
                most = s->flow[a];
                leaving = a;
                of_source = true;
            }
            a = s->parent[a];
        } else { /* on the way up from the sink; it comes later */
            if (!s->up[b] && s->flow[b] <= most) {
                most = s->flow[b];
                leaving = b;
                of_source = false;
            }
            b = s->parent[b];
        }
    }
    for (size_t node = i; node != a; node = s->parent[node])
        s->flow[node] += s->up[node] ? -most : most;
    for (size_t node = s->r + j; node != a; node = s->parent[node])
        s->flow[node] += s->up[node] ? most : -most;
    if (of_source) {
        hang(s, i, leaving, s->r + j, true, s->cost[i * s->c + j], most);
        refresh(s, i);
    } else {
        hang(s, s->r + j, leaving, i, false, s->cost[i * s->c + j], most);
        refresh(s, s->r + j);
    }
}

static void solve(simplex *s)
{
    size_t row = 0, column;
    double largest = 0;

    for (size_t q = 0; q < s->r * s->c; q++)
        largest = fmax(largest, s->cost[q]);
    while (find_entering(s, 1e-12 * largest, &row, &column)) {
        pivot(s, row, column);
        row = row + 1 < s->r ? row + 1 : 0;
    }
}

/* ---- in and out ---- */

static vmap_status check_masses(const double *mass, size_t n, const char *what, double *sum,
                                vmap_error *err)
{
    *sum = 0;
    for (size_t i = 0; i < n; i++) {
        if (!(mass[i] >= 0) || isinf(mass[i]))
            return vmap_error_set(err, VMAP_EINVAL, "%s %zu is %g; a mass is a number from 0", what, i + 1,
                                  mass[i]);
        *sum += mass[i];
    }
    if (!(*sum > 0))
        return vmap_error_set(err, VMAP_EINVAL, "every %s is 0", what);
    return VMAP_SUCCESS;
}

/* Copies of the masses, the demands scaled to the supplies. */
static vmap_status copy_masses(const simplex *s, const double *supply, const double *demand, double **masses,
                               double *sum, vmap_error *err)
{
    double in;
    vmap_status status = check_masses(supply, s->r, "supply", sum, err);

    if (!status)
        status = check_masses(demand, s->c, "demand", &in, err);
    if (!status && fabs(*sum - in) > 1e-9 * *sum)
        status = vmap_error_set(err, VMAP_EINVAL, "supplies add up to %g and demands to %g; they must be equal",
                                *sum, in);
    if (!status && !(*masses = memory_new(s->r + s->c, sizeof **masses, err)))
        status = VMAP_ENOMEM;
    for (size_t i = 0; !status && i < s->r; i++)
        (*masses)[i] = supply[i];
    for (size_t j = 0; !status && j < s->c; j++)
        (*masses)[s->r + j] = demand[j] * (*sum / in);
    return status;
}

/* The flows of the tree. */
static void put_flow(const simplex *s, gsl_matrix *flow, double *total)
{
    *total = 0;
    if (flow)
        gsl_matrix_set_zero(flow);
    for (size_t node = 0; node < s->root; node++) {
        size_t i = node < s->r ? node : s->parent[node], j = node < s->r ? s->parent[node] : node;

        if (s->parent[node] == s->root || !(s->flow[node] > 0))
            continue;
        *total += s->flow[node] * s->arc[node];
        if (flow)
            gsl_matrix_set(flow, i, j - s->r, s->flow[node]);
    }
}

vmap_status vmap_match_transport(const gsl_matrix *cost, const double *supply, const double *demand,
                                 gsl_matrix *flow, double *total, vmap_error *err)
{
    simplex s = {.r = 0};
    double *masses = NULL, sum;
    vmap_status status = costs_check(cost, false, err);
    double *x = status ? NULL : costs_unfold(cost, false, err);

    if (!x)
        return status ? status : VMAP_ENOMEM;
    status = new_simplex(x, cost->size1, cost->size2, &s, err);
    if (!status && flow && (flow->size1 != s.r || flow->size2 != s.c))
        status = vmap_error_set(err, VMAP_EINVAL, "the flow is %zu x %zu for costs of %zu x %zu", flow->size1,
                                flow->size2, s.r, s.c);
    if (!status)
        status = copy_masses(&s, supply, demand, &masses, &sum, err);
    if (!status) {
        fill(&s, masses, masses + s.r, 1e-13 * sum);
        solve(&s);
        put_flow(&s, flow, total);
    }
    free_simplex(&s);
    free(masses);
    free(x);
    return status;
}
