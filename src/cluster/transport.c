#include <config.h>
#include "valuemap/match.h"

#include <math.h>

#include "core/memory.h"

/* Shortest augmenting paths on a bipartite graph: from each source with supply left the shortest path, by
 * reduced costs, to a sink with demand left; masses move along it. An assignment is the same with all masses 1. */

/* A flow into a sink. */
typedef struct {
    size_t source;
    double amount;
} stream;

typedef struct {
    size_t r, c;
    const double *cost; /* r x c, rows one after another */
    double *u, *v;      /* prices: cost - u - v >= 0, and 0 where something flows */
    double *supply, *demand; /* what is left */
    double least;       /* masses below this are none */
    stream **in;        /* c: flows into each sink */
    size_t *in_count, *in_room;
    /* of one search: */
    double *far;        /* c: length of the shortest path to each sink so far */
    size_t *from;       /* c: source from which it comes */
    size_t *open;       /* c: sinks, settled ones first */
    size_t *reached;    /* r: sink through which a source was reached, c for the start, SIZE_MAX for none */
    size_t *visited;    /* r: sources that were reached, in order */
    double *at;         /* r: length at which */
    size_t visited_count;
} network;

static void free_network(network *w)
{
    for (size_t j = 0; w->in && j < w->c; j++)
        free(w->in[j]);
    free(w->in);
    free(w->in_count);
    free(w->in_room);
    free(w->u);
    free(w->v);
    free(w->supply);
    free(w->demand);
    free(w->far);
    free(w->from);
    free(w->open);
    free(w->reached);
    free(w->visited);
    free(w->at);
}

static vmap_status new_network(const double *cost, size_t r, size_t c, network *w, vmap_error *err)
{
    *w = (network){.r = r, .c = c, .cost = cost};
    w->u = memory_new(r, sizeof *w->u, err);
    w->v = memory_new(c, sizeof *w->v, err);
    w->supply = memory_new(r, sizeof *w->supply, err);
    w->demand = memory_new(c, sizeof *w->demand, err);
    w->in = memory_new(c, sizeof *w->in, err);
    w->in_count = memory_new(c, sizeof *w->in_count, err);
    w->in_room = memory_new(c, sizeof *w->in_room, err);
    w->far = memory_new(c, sizeof *w->far, err);
    w->from = memory_new(c, sizeof *w->from, err);
    w->open = memory_new(c, sizeof *w->open, err);
    w->reached = memory_new(r, sizeof *w->reached, err);
    w->visited = memory_new(r, sizeof *w->visited, err);
    w->at = memory_new(r, sizeof *w->at, err);
    return w->u && w->v && w->supply && w->demand && w->in && w->in_count && w->in_room && w->far &&
                   w->from && w->open && w->reached && w->visited && w->at
               ? VMAP_SUCCESS
               : VMAP_ENOMEM;
}

/* Add to the flow from source i into sink j; a flow that falls to nothing is taken out. */
static vmap_status change_flow(network *w, size_t i, size_t j, double amount, vmap_error *err)
{
    stream *in = w->in[j];
    vmap_status status;

    for (size_t q = 0; q < w->in_count[j]; q++) {
        if (in[q].source != i)
            continue;
        in[q].amount += amount;
        if (in[q].amount <= w->least)
            in[q] = in[--w->in_count[j]];
        return VMAP_SUCCESS;
    }
    status = memory_grow(&w->in[j], &w->in_room[j], w->in_count[j] + 1, sizeof *in, err);
    if (!status)
        w->in[j][w->in_count[j]++] = (stream){i, amount};
    return status;
}

static double flow_of(const network *w, size_t i, size_t j)
{
    for (size_t q = 0; q < w->in_count[j]; q++) {
        if (w->in[j][q].source == i)
            return w->in[j][q].amount;
    }
    return 0;
}

/* Paths through source i, whose own length is `start`, to the sinks that are not settled yet. */
static void scan(network *w, size_t i, double start, size_t settled)
{
    const double *cost = w->cost + i * w->c;
    double base = start - w->u[i];

    for (size_t q = settled; q < w->c; q++) {
        size_t j = w->open[q];
        double length = base + cost[j] - w->v[j];

        if (length < w->far[j]) {
            w->far[j] = length;
            w->from[j] = i;
        }
    }
}

static void visit(network *w, size_t i, size_t through, double length)
{
    w->reached[i] = through;
    w->at[i] = length;
    w->visited[w->visited_count++] = i;
}

/* The nearest sink that is not settled goes to place `settled`. Ties: one with demand, else the lowest. */
static size_t settle_nearest(network *w, size_t settled)
{
    size_t best = settled;

    for (size_t q = settled + 1; q < w->c; q++) {
        double a = w->far[w->open[q]], b = w->far[w->open[best]];

        if (a < b || (a == b && w->demand[w->open[q]] > w->least && w->demand[w->open[best]] <= w->least))
            best = q;
    }
    if (best != settled) {
        size_t kept = w->open[settled];

        w->open[settled] = w->open[best];
        w->open[best] = kept;
    }
    return w->open[settled];
}

/* Shortest path from source `start` to a sink with demand, which is returned; prices follow. */
static size_t search(network *w, size_t start)
{
    size_t settled = 0, sink;
    double length = 0;

    for (size_t j = 0; j < w->c; j++) {
        w->far[j] = INFINITY;
        w->open[j] = j;
    }
    w->visited_count = 0;
    visit(w, start, w->c, 0);
    scan(w, start, 0, 0);
    for (;;) {
        sink = settle_nearest(w, settled);
        length = w->far[sink];
        if (w->demand[sink] > w->least)
            break;
        settled++;
        for (size_t q = 0; q < w->in_count[sink]; q++) {
            size_t i = w->in[sink][q].source;

            if (w->reached[i] == SIZE_MAX) {
                visit(w, i, sink, length);
                scan(w, i, length, settled);
            }
        }
    }
    for (size_t q = 0; q < settled; q++)
        w->v[w->open[q]] += w->far[w->open[q]] - length;
    for (size_t q = 0; q < w->visited_count; q++)
        w->u[w->visited[q]] += length - w->at[w->visited[q]];
    return sink;
}

/* Move as much as the path allows from its source to `sink`. */
static vmap_status push(network *w, size_t start, size_t sink, vmap_error *err)
{
    double amount = fmin(w->supply[start], w->demand[sink]);
    vmap_status status = VMAP_SUCCESS;

    for (size_t j = sink, i = w->from[sink]; i != start; i = w->from[j]) {
        j = w->reached[i];
        amount = fmin(amount, flow_of(w, i, j));
    }
    for (size_t j = sink; !status;) {
        size_t i = w->from[j];

        status = change_flow(w, i, j, amount, err);
        if (i == start)
            break;
        j = w->reached[i];
        if (!status)
            status = change_flow(w, i, j, -amount, err);
    }
    w->supply[start] -= amount;
    w->demand[sink] -= amount;
    return status;
}

/* Prices that fit an empty flow, and as much flow as costs nothing by them. Where sinks stay unserved (fewer
 * rows than columns of an assignment) their price must stay the common one, 0. */
static vmap_status begin(network *w, bool all_served, vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;

    for (size_t j = 0; all_served && j < w->c; j++)
        w->v[j] = INFINITY;
    for (size_t i = 0; all_served && i < w->r; i++) {
        for (size_t j = 0; j < w->c; j++)
            w->v[j] = fmin(w->v[j], w->cost[i * w->c + j]);
    }
    for (size_t i = 0; !status && i < w->r; i++) {
        w->u[i] = INFINITY;
        for (size_t j = 0; j < w->c; j++)
            w->u[i] = fmin(w->u[i], w->cost[i * w->c + j] - w->v[j]);
        for (size_t j = 0; !status && j < w->c && w->supply[i] > w->least; j++) {
            double amount = fmin(w->supply[i], w->demand[j]);

            if (amount > w->least && w->cost[i * w->c + j] - w->v[j] == w->u[i]) {
                status = change_flow(w, i, j, amount, err);
                w->supply[i] -= amount;
                w->demand[j] -= amount;
            }
        }
    }
    return status;
}

static vmap_status run(network *w, bool all_served, vmap_error *err)
{
    vmap_status status = begin(w, all_served, err);

    for (size_t i = 0; i < w->r; i++)
        w->reached[i] = SIZE_MAX;
    for (size_t i = 0; !status && i < w->r; i++) {
        while (!status && w->supply[i] > w->least) {
            double left = 0;
            size_t sink;

            for (size_t j = 0; j < w->c; j++)
                left = fmax(left, w->demand[j]);
            if (left <= w->least) /* rounding: the sinks are full */
                break;
            sink = search(w, i);
            status = push(w, i, sink, err);
            for (size_t q = 0; q < w->visited_count; q++)
                w->reached[w->visited[q]] = SIZE_MAX;
        }
    }
    return status;
}

/* ---- assignment ---- */

static vmap_status check_costs(const gsl_matrix *cost, bool negative, vmap_error *err)
{
    for (size_t i = 0; i < cost->size1; i++) {
        for (size_t j = 0; j < cost->size2; j++) {
            double x = gsl_matrix_get(cost, i, j);

            if (!isfinite(x) || (x < 0 && !negative))
                return vmap_error_set(err, VMAP_EDATA, "the cost in row %zu, column %zu is %g; it must be a "
                                                       "finite number%s",
                                      i + 1, j + 1, x, negative ? "" : " from 0");
        }
    }
    return VMAP_SUCCESS;
}

/* The costs row after row, turned round when there are more rows than columns. */
static double *unfold(const gsl_matrix *cost, bool turned, vmap_error *err)
{
    size_t r = turned ? cost->size2 : cost->size1, c = turned ? cost->size1 : cost->size2;
    double *x = memory_new(r, c * sizeof *x, err);

    for (size_t i = 0; x && i < r; i++) {
        for (size_t j = 0; j < c; j++)
            x[i * c + j] = turned ? gsl_matrix_get(cost, j, i) : gsl_matrix_get(cost, i, j);
    }
    return x;
}

vmap_status vmap_match_assign(const gsl_matrix *cost, size_t *match, double *total, vmap_error *err)
{
    bool turned = cost->size1 > cost->size2;
    size_t r = turned ? cost->size2 : cost->size1, c = turned ? cost->size1 : cost->size2;
    network w = {.r = 0};
    vmap_status status = check_costs(cost, true, err);
    double *x = status ? NULL : unfold(cost, turned, err);

    if (!x)
        return status ? status : VMAP_ENOMEM;
    status = new_network(x, r, c, &w, err);
    for (size_t i = 0; !status && i < r; i++)
        w.supply[i] = 1;
    for (size_t j = 0; !status && j < c; j++)
        w.demand[j] = 1;
    w.least = .5;
    if (!status)
        status = run(&w, r == c, err);
    if (!status) {
        *total = 0;
        for (size_t i = 0; i < cost->size1; i++)
            match[i] = SIZE_MAX;
        for (size_t j = 0; j < c; j++) {
            if (w.in_count[j]) {
                size_t i = turned ? j : w.in[j][0].source, to = turned ? w.in[j][0].source : j;

                match[i] = to;
                *total += gsl_matrix_get(cost, i, to);
            }
        }
    }
    free_network(&w);
    free(x);
    return status;
}

/* ---- transport ---- */

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

static vmap_status put_masses(network *w, const double *supply, const double *demand, vmap_error *err)
{
    double out, in;
    vmap_status status = check_masses(supply, w->r, "supply", &out, err);

    if (!status)
        status = check_masses(demand, w->c, "demand", &in, err);
    if (!status && fabs(out - in) > 1e-9 * out)
        status = vmap_error_set(err, VMAP_EINVAL, "supplies add up to %g and demands to %g; they must be equal",
                                out, in);
    for (size_t i = 0; !status && i < w->r; i++)
        w->supply[i] = supply[i];
    for (size_t j = 0; !status && j < w->c; j++)
        w->demand[j] = demand[j] * (out / in);
    w->least = status ? 0 : 1e-13 * out;
    return status;
}

vmap_status vmap_match_transport(const gsl_matrix *cost, const double *supply, const double *demand,
                                 gsl_matrix *flow, double *total, vmap_error *err)
{
    network w = {.r = 0};
    vmap_status status = check_costs(cost, false, err);
    double *x = status ? NULL : unfold(cost, false, err);

    if (!x)
        return status ? status : VMAP_ENOMEM;
    status = new_network(x, cost->size1, cost->size2, &w, err);
    if (!status && flow && (flow->size1 != w.r || flow->size2 != w.c))
        status = vmap_error_set(err, VMAP_EINVAL, "the flow is %zu x %zu for costs of %zu x %zu", flow->size1,
                                flow->size2, w.r, w.c);
    if (!status)
        status = put_masses(&w, supply, demand, err);
    if (!status)
        status = run(&w, true, err);
    if (!status) {
        *total = 0;
        if (flow)
            gsl_matrix_set_zero(flow);
        for (size_t j = 0; j < w.c; j++) {
            for (size_t q = 0; q < w.in_count[j]; q++) {
                *total += w.in[j][q].amount * x[w.in[j][q].source * w.c + j];
                if (flow)
                    gsl_matrix_set(flow, w.in[j][q].source, j, w.in[j][q].amount);
            }
        }
    }
    free_network(&w);
    free(x);
    return status;
}
