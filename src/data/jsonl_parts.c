#include <config.h>

#include <string.h>

#include "core/memory.h"
#include "data/jsonl_internal.h"

/* The parts of a file of JSON Lines that threads take, and the lines in them. */

enum { WINDOW = 1 << 18 };

static bool is_blank_line(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!strchr(" \t\r", text[i]) || !text[i])
            return false;
    }
    return true;
}

/* The bytes at hand, and where they lie in the file. */
typedef struct {
    char *text;
    size_t room, n;
    off_t at; /* of the first of them */
    bool last; /* the file ends with them */
} json_window;

/* Fill the window up; false with the status of the part set when that fails. */
static bool fill(json_part *p, json_window *w)
{
    ssize_t got;

    if (w->n == w->room) {
        char *more = realloc(w->text, w->room *= 2);

        if (!more) {
            p->status = vmap_error_set(&p->err, VMAP_ENOMEM, "no memory for a line");
            return false;
        }
        w->text = more;
    }
    got = reader_bytes(p->reader, w->text + w->n, w->room - w->n, w->at + (off_t)w->n);
    if (got < 0) {
        p->status = reader_fail_io(p->reader->path, "read the file", &p->err);
        return false;
    }
    w->n += (size_t)got;
    w->last = w->n < w->room;
    return true;
}

/* Show the lines of the window to the function of the part, but for the first `skip` of them; false when the next one is
 * another part's, or fails. What is left of the window moves to its front. */
static bool take_window(json_part *p, json_window *w, size_t *skip)
{
    size_t done = 0;
    bool mine = true;

    while (done < w->n && !p->status) {
        const char *end = memchr(w->text + done, '\n', w->n - done);
        size_t length = end ? (size_t)(end - w->text) - done : w->n - done;

        if (!end && !w->last)
            break;
        mine = *skip || w->at + (off_t)done < p->to;
        if (!mine)
            break;
        if (*skip)
            --*skip;
        else {
            if (!is_blank_line(w->text + done, length))
                p->status = p->each(p, w->text + done, length);
            p->line++;
        }
        done += length + (end != NULL);
    }
    w->n -= done;
    w->at += (off_t)done;
    memmove(w->text, w->text + done, w->n);
    return mine && !p->status;
}

/* Show every line of the part to its function. A part other than the first begins after the line in which its first byte
 * lies, or the newline before that. */
static void read_part(json_part *p)
{
    size_t skip = p->from > p->state->start;
    json_window w = {.room = WINDOW, .at = p->from - (off_t)skip};

    w.text = malloc(w.room);
    if (!w.text)
        p->status = vmap_error_set(&p->err, VMAP_ENOMEM, "no memory for a line");
    while (w.text && !w.last && fill(p, &w)) {
        if (!take_window(p, &w, &skip))
            break;
    }
    p->lines = p->line;
    free(w.text);
}

void jsonl_read_task(void *context, size_t i)
{
    json_part *p = (json_part *)context + i;

    read_part(p);
    free(p->fields);
    p->fields = NULL;
}

json_part *jsonl_make_parts(vmap_reader *r, json_line *each, size_t *count, vmap_error *err)
{
    const json_state *s = r->state;
    json_part *parts;

    *count = (size_t)(s->size - s->start) / r->part + 1;
    parts = memory_new(*count, sizeof *parts, err);
    for (size_t i = 0; parts && i < *count; i++) {
        parts[i] = (json_part){.reader = r, .state = s, .each = each};
        parts[i].from = s->start + (off_t)(i * r->part);
        parts[i].to = i + 1 == *count ? s->size : parts[i].from + (off_t)r->part;
    }
    return parts;
}

/* Free what a part has found. */
void jsonl_clear_part(json_part *p)
{
    for (size_t k = 0; k < p->names_count; k++)
        free(p->names[k]);
    free(p->names);
    free(p->hashes);
    free(p->problems.list);
    vmap_table_free(p->table);
    *p = (json_part){.reader = p->reader, .state = p->state};
}

void jsonl_free_parts(json_part *parts, size_t count)
{
    for (size_t i = 0; parts && i < count; i++)
        jsonl_clear_part(&parts[i]);
    free(parts);
}
