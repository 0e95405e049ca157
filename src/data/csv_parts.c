#include <config.h>

#include <string.h>

#include "core/memory.h"
#include "core/parallel.h"
#include "data/csv_internal.h"
#include "data/table_internal.h"

/* The parts of a CSV file together: threads read some of them at a time, each must begin where the one before it
 * ended, and their rows are handed on in the order of the file. */

static void read_task(void *context, size_t i)
{
    csv_part *p = (csv_part *)context + i;
    size_t failed = atomic_load(&p->plan->failed);

    if (i > failed)
        return;
    csv_read_part(p);
    while ((p->status || p->result == CSV_IRREGULAR) && i < failed &&
           !atomic_compare_exchange_weak(&p->plan->failed, &failed, i))
        continue;
}

/* Take over what was wrong in a part, now that its lines are known. */
static vmap_status take_problems(vmap_reader *r, csv_part *p, size_t line)
{
    for (size_t i = 0; i < p->problems.count; i++) {
        vmap_error *e = &p->problems.list[i];

        e->line += line;
        if (!problems_add(&r->problems, e, r->options.max_errors))
            return e->status;
    }
    return VMAP_SUCCESS;
}

/* Of parts from..to - 1 every one must begin where the one before it ended; then the first failure counts. `line` is that
 * of the first part. */
static vmap_status check_parts(vmap_reader *r, csv_part *parts, size_t from, size_t to, size_t line, csv_scan_result *result,
                               vmap_error *err)
{
    vmap_status status;

    for (size_t i = from; i < to; i++) {
        csv_part *p = &parts[i];

        if (i > 0 && (!p->read || p->first != parts[i - 1].next)) {
            p->first = parts[i - 1].next;
            p->sure = true;
            csv_read_part(p);
        }
        if (p->result == CSV_IRREGULAR && !p->status) {
            *result = CSV_IRREGULAR;
            return VMAP_SUCCESS;
        }
        status = take_problems(r, p, line);
        if (!status && p->status) { /* no fault of the data */
            if (err)
                *err = p->err;
            return p->status;
        }
        if (status)
            return status;
        line += p->lines;
    }
    return VMAP_SUCCESS;
}

static csv_part *plan_parts(const vmap_reader *r, csv_plan *plan, vmap_error *err)
{
    off_t start = plan->state->start, length = plan->size > start ? plan->size - start : 0;
    unsigned threads = r->options.threads ? r->options.threads : parallel_processors();
    csv_part *parts;

    plan->at_once = threads > 1 ? 2 * threads : 1;
    plan->parts = (size_t)length / r->part + 1;
    parts = memory_new(plan->parts, sizeof *parts, err);
    for (size_t i = 0; parts && i < plan->parts; i++) {
        parts[i].plan = plan;
        parts[i].from = parts[i].first = start + (off_t)(i * r->part);
        parts[i].to = parts[i].from + (off_t)r->part;
    }
    return parts;
}

/* Hand on the rows of parts from..to - 1, which have been checked, and their tables to the parts that come `at_once` later;
 * returns the line after them in *line. */
static vmap_status hand_on(vmap_reader *reader, csv_part *parts, size_t from, size_t to, size_t *line, reader_block block,
                           void *context, vmap_error *err)
{
    const csv_plan *plan = parts[from].plan;
    vmap_status status = VMAP_SUCCESS;

    for (size_t i = from; !status && i < to; i++) {
        vmap_table *t = parts[i].table;

        for (size_t r = 0; r < t->rows; r++)
            t->line[r] = *line + t->line[r] > UINT32_MAX ? 0 : (uint32_t)(*line + t->line[r]);
        *line += parts[i].lines;
        reader->share = (double)parts[i].next / (double)plan->size;
        status = t->rows ? block(context, t, err) : VMAP_SUCCESS;
        if (i + plan->at_once < plan->parts) {
            table_clear(t);
            parts[i + plan->at_once].table = t;
            parts[i].table = NULL;
        }
        csv_clear_part(&parts[i]);
    }
    return status;
}

/* Some parts at a time. *start and *line are where the rows begin that could not be read this way. */
vmap_status csv_stream_parts(vmap_reader *r, csv_plan *plan, reader_block block, void *context, off_t *start,
                                size_t *line, csv_scan_result *result, vmap_error *err)
{
    size_t to;
    csv_part *parts = plan_parts(r, plan, err);
    vmap_status status = parts ? VMAP_SUCCESS : VMAP_ENOMEM;

    *start = plan->state->start;
    *line = plan->state->line;
    for (size_t from = 0; !status && from < plan->parts && *result != CSV_IRREGULAR; from = to) {
        size_t before = r->problems.count;

        to = from + plan->at_once < plan->parts ? from + plan->at_once : plan->parts;
        parts[from].first = *start;
        parts[from].sure = true;
        atomic_store(&plan->failed, to - from);
        parallel_for(to - from, r->options.threads, read_task, parts + from);
        status = check_parts(r, parts, from, to, *line, result, err);
        if (*result == CSV_IRREGULAR)
            r->problems.count = before; /* those of these parts come again */
        else if (!status)
            status = hand_on(r, parts, from, to, line, block, context, err);
        if (!status && *result != CSV_IRREGULAR)
            *start = parts[to - 1].next;
    }
    for (size_t i = 0; parts && i < plan->parts; i++)
        csv_clear_part(&parts[i]);
    free(parts);
    return status;
}
