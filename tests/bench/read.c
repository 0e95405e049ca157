#include <config.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "valuemap.h"

/* Reads a file and says how much of it there was and what that took, for tests/bench/read.sh.
 *
 *   read FILE COLUMNS THREADS [LAYOUT]     COLUMNS: how many, evenly spread over the file; 0: all
 *
 * Columns that hold texts, by what their file says or by their names, are read as texts. */

/* Seconds of the processor. */
static double processor(const struct rusage *used)
{
    return (double)(used->ru_utime.tv_sec + used->ru_stime.tv_sec) +
           (double)(used->ru_utime.tv_usec + used->ru_stime.tv_usec) / 1e6;
}

/* Wish for `count` columns, evenly spread. */
static vmap_status want(vmap_reader *r, size_t count, vmap_error *err)
{
    size_t columns = vmap_reader_columns(r);
    vmap_status status = VMAP_SUCCESS;

    count = count && count < columns ? count : columns;
    for (size_t i = 0; !status && i < count; i++) {
        size_t at = i * columns / count;
        const char *name = vmap_reader_names(r)[at];
        bool texts = vmap_reader_is_text(r, at) || strstr(name, "ALPHA") || strstr(name, "text") || strstr(name, "model");
        char as[32];

        snprintf(as, sizeof as, "%zu", at);
        status = vmap_reader_want(r, at, texts ? VMAP_TEXTS : VMAP_CODES, as, NULL, err);
    }
    return status;
}

int main(int argc, char **argv)
{
    vmap_read_options o;
    vmap_reader *r = NULL;
    vmap_table *t = NULL;
    vmap_error err;
    char message[2000];
    struct rusage used, parsers;
    vmap_status status;

    if (argc != 4 && argc != 5)
        return 64;
    vmap_read_defaults(&o);
    o.threads = (unsigned)atoi(argv[3]);
    o.text_is_missing = true;
    o.layout = argc == 5 ? argv[4] : NULL;
    status = vmap_reader_open(argv[1], &o, &r, &err);
    if (!status)
        status = want(r, strtoul(argv[2], NULL, 10), &err);
    if (!status)
        status = vmap_reader_read(r, &t, &err);
    if (status) {
        fprintf(stderr, "read: %s\n", vmap_error_text(&err, message, sizeof message));
    } else {
        getrusage(RUSAGE_SELF, &used);
        getrusage(RUSAGE_CHILDREN, &parsers);
        printf("rows %zu\ncolumns %zu\nmegabytes %ld\nprocessor %.3f\n", vmap_table_rows(t), vmap_table_columns(t),
               used.ru_maxrss >> 10, processor(&used) + processor(&parsers));
    }
    vmap_table_free(t);
    vmap_reader_free(r);
    return status ? 65 : 0;
}
