#include <config.h>

#include <string.h>
#include <sys/stat.h>

#include "core/memory.h"
#include "core/parallel.h"
#include "data/jsonl_internal.h"
#include "data/table_internal.h"

/* Reading JSON Lines: an object a line. A line break cannot stand inside a JSON string, so that the file is
 * divided at line breaks and threads take the parts (jsonl_parts.c). The names of the columns of flat objects are found
 * by a plain scan of the keys (jsonl_keys.c), or the user names paths (jsonl_paths.c). A line that is a plain flat
 * object is read where it stands (jsonl_scan.h); every other line, and every line of a file with paths, goes to jansson
 * (jsonl_rows.c). */

/* ---- all lines ---- */

/* Take over what was wrong in a part, whose first line is `line`, counted from 0. */
static vmap_status check_part(vmap_reader *r, json_part *p, size_t line, vmap_error *err)
{
    for (size_t k = 0; k < p->problems.count; k++) {
        p->problems.list[k].line += line;
        if (!problems_add(&r->problems, &p->problems.list[k], r->options.max_errors))
            return p->problems.list[k].status;
    }
    if (p->status && err)
        *err = p->err;
    return p->status;
}

/* Hand on the rows of a part, unless something was wrong in it, and take what it holds away. */
static vmap_status hand_on(vmap_reader *r, json_part *p, size_t *line, reader_block block, void *context, vmap_error *err)
{
    vmap_status status = check_part(r, p, *line, err);
    vmap_table *t = p->table;

    for (size_t i = 0; !status && i < t->rows; i++)
        t->line[i] = *line + t->line[i] > UINT32_MAX ? 0 : (uint32_t)(*line + t->line[i]);
    *line += p->lines;
    r->share = (double)p->to / (double)p->state->size;
    if (!status && t->rows)
        status = block(context, t, err);
    jsonl_clear_part(p);
    return status;
}

static vmap_status stream_lines(vmap_reader *r, reader_block block, void *context, vmap_error *err)
{
    unsigned threads = r->options.threads ? r->options.threads : parallel_processors();
    size_t count = 0, to, at_once = threads > 1 ? 2 * threads : 1, line = 0;
    json_part *parts;
    vmap_status status;

    ((json_state *)r->state)->plain = jsonl_is_plain(r);
    parts = jsonl_make_parts(r, jsonl_take_line, &count, err);
    status = parts ? VMAP_SUCCESS : VMAP_ENOMEM;
    for (size_t from = 0; !status && from < count; from = to) {
        to = from + at_once < count ? from + at_once : count;
        for (size_t i = from; !status && i < to; i++) {
            parts[i].table = reader_part(r, err);
            status = parts[i].table ? VMAP_SUCCESS : VMAP_ENOMEM;
        }
        if (!status)
            parallel_for(to - from, threads, jsonl_read_task, parts + from);
        for (size_t i = from; !status && i < to; i++)
            status = hand_on(r, &parts[i], &line, block, context, err);
    }
    jsonl_free_parts(parts, count);
    return status;
}

static void close_state(vmap_reader *r)
{
    json_state *s = r->state;

    for (size_t i = 0; i < r->count; i++)
        jsonl_free_rule(&s->rules[i]);
    for (size_t i = 0; i < s->pieces; i++)
        free(s->separators[i]);
    free(s->rules);
    free(s);
}

/* ---- opening ---- */

static const reader_format jsonl_format = {"JSON Lines", NULL, close_state, stream_lines};

bool jsonl_knows(const char *head, size_t n)
{
    size_t i = n >= 3 && memcmp(head, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;

    while (i < n && (head[i] == ' ' || head[i] == '\t' || head[i] == '\r' || head[i] == '\n'))
        i++;
    return i < n && head[i] == '{';
}

static vmap_status find_columns(vmap_reader *r, vmap_error *err)
{
    const vmap_read_options *o = &r->options;
    size_t kept;
    vmap_status status = o->id ? jsonl_add_pieces(r, o->id, err) : VMAP_SUCCESS;

    kept = r->count;
    for (size_t i = 0; !status && i < o->map_count; i++)
        status = jsonl_add_mapping(r, o->map[i], err);
    if (status || o->map_count)
        return status;
    status = jsonl_find_keys(r, err);
    return status ? status : jsonl_know_batch(r, kept, err);
}

vmap_status jsonl_open(vmap_reader *r, vmap_error *err)
{
    json_state *s = memory_new(1, sizeof *s, err);
    char mark[3];
    struct stat info;
    vmap_status status;

    if (!s)
        return VMAP_ENOMEM;
    r->state = s;
    r->format = &jsonl_format;
    if (fstat(r->fd, &info))
        return reader_fail_io(r->path, "read the file", err);
    s->size = info.st_size;
    s->start = reader_bytes(r, mark, 3, 0) == 3 && memcmp(mark, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    status = find_columns(r, err);
    if (!status)
        status = jsonl_find_array(r, err);
    if (!status && r->count == 0)
        status = vmap_error_set(err, VMAP_EPARSE, "the objects have no keys");
    if (status)
        vmap_error_place(err, r->path, 0, 0, NULL);
    else
        reader_describe(r, "%zu columns", r->count);
    return status;
}
