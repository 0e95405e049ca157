#include <config.h>

#include <iconv.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <readstat.h>

#include "core/memory.h"
#include "core/sandbox.h"
#include "data/stat_internal.h"
#include "data/stat_reader.h"

/* Files of SPSS, Stata and SAS. ReadStat parses them in a sandbox (stat_parse.c), once for the description
 * (stat_describe.c) and once for the wanted values (stat_values.c), which become names, labels and a table. Everything
 * that comes from the sandbox is checked as if it came from the file. */

const char *stat_kind_name(stat_kind kind)
{
    static const char *const names[] = {"", "SPSS", "SPSS portable", "Stata", "SAS", "SAS transport"};

    return names[kind];
}

/* ---- the child's end ---- */

sandbox_limits stat_limits(const vmap_reader *r)
{
    struct stat info = {.st_size = 0};

    fstat(r->fd, &info);
    return (sandbox_limits){.memory = ((size_t)1 << 30) + (size_t)info.st_size,
                            .seconds = 60 + (unsigned)(info.st_size >> 20)};
}

/* How the child ended, unless `status` is already known: what it met counts for more than what the parent
 * did not get. */
vmap_status stat_child_end(vmap_reader *r, sandbox *box, vmap_status status, vmap_error *err)
{
    stat_state *s = r->state;
    char what[64];
    int code = 0;
    vmap_error how = {.status = VMAP_SUCCESS};
    vmap_status ended;

    snprintf(what, sizeof what, "parsing the %s file", stat_kind_name(s->kind));
    ended = sandbox_end(box, what, &code, &how);
    if (status && status != VMAP_EPARSE)
        return status;
    if (ended && err)
        *err = how;
    if (!ended && code > 0)
        ended = vmap_error_set(err, VMAP_EPARSE, "the %s file cannot be read: %s; is it damaged or cut off?",
                               stat_kind_name(s->kind), readstat_error_message((readstat_error_t)code));
    return ended ? ended : status;
}

/* ---- the format ---- */

static void close_state(vmap_reader *r)
{
    stat_state *s = r->state;

    for (size_t i = 0; i < r->count && s->sets; i++)
        free(s->sets[i]);
    free(s->sets);
    if (s->convert && s->how && s->how != (iconv_t)-1)
        iconv_close(s->how);
    free(s);
}

static const reader_format formats[] = {{"", NULL, NULL, NULL},
                                        {"SPSS", stat_read_values, close_state, stat_stream_values},
                                        {"SPSS portable", stat_read_values, close_state, stat_stream_values},
                                        {"Stata", stat_read_values, close_state, stat_stream_values},
                                        {"SAS", stat_read_values, close_state, stat_stream_values},
                                        {"SAS transport", stat_read_values, close_state, stat_stream_values}};

bool stat_knows(const char *head, size_t n)
{
    return stat_tell(head, n) != STAT_NONE;
}

/* Stata's newer files end in a mark; without it the labels of the values, which come last, may be lost. */
static vmap_status check_end(const vmap_reader *r, const char *head, vmap_error *err)
{
    static const char mark[] = "</stata_dta>";
    char last[sizeof mark - 1];
    off_t n = lseek(r->fd, 0, SEEK_END);

    if (head[0] != '<')
        return VMAP_SUCCESS;
    if (n > (off_t)sizeof last && reader_bytes(r, last, sizeof last, n - (off_t)sizeof last) == sizeof last &&
        memcmp(last, mark, sizeof last) == 0)
        return VMAP_SUCCESS;
    return vmap_error_set(err, VMAP_EPARSE, "the Stata file cannot be read: it does not end as it should; is it cut off?");
}

vmap_status stat_open(vmap_reader *r, const char *head, size_t n, vmap_error *err)
{
    stat_state *s = memory_new(1, sizeof *s, err);
    vmap_status status;

    if (!s)
        return VMAP_ENOMEM;
    s->kind = stat_tell(head, n);
    s->rows = -1;
    r->state = s;
    r->format = &formats[s->kind];
    status = check_end(r, head, err);
    if (!status)
        status = stat_describe(r, err);
    if (status) {
        vmap_error_place(err, r->path, 0, 0, NULL);
        return status;
    }
    reader_describe(r, "%zu columns", r->count);
    if (s->repaired)
        reader_describe(r, "%zu bytes in names and labels are no characters and became U+FFFD", s->repaired);
    if (s->unlabelled)
        reader_describe(r, "value labels of %zu columns are not in the file", s->unlabelled);
    if (*sandbox_missing(s->fences))
        reader_describe(r, "parsed %s", sandbox_missing(s->fences));
    return VMAP_SUCCESS;
}
