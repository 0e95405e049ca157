#ifndef DATA_STAT_CHILD_H
#define DATA_STAT_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "data/stat_internal.h"

/* Inside the sandbox: reading the file, and what the parent is told (stat_internal.h); not exported. */

typedef struct stat_child {
    const stat_task *task;
    int out;
    char *sent; /* not yet written */
    size_t n;
    bool failed; /* the parent cannot be written to */
    off_t at; /* place in the file */
    char *ahead; /* bytes of the file read ahead */
    off_t ahead_at;
    size_t ahead_n;
    int column, columns; /* of the wanted ones: which comes next, how many there are */
} stat_child;

/* Up to n bytes from the place in the file, which moves on; -1 when reading fails. */
ssize_t stat_take(stat_child *c, void *to, size_t n);

void stat_put(stat_child *c, const void *bytes, size_t n);
void stat_put_byte(stat_child *c, int byte);
void stat_put_text(stat_child *c, const char *text, size_t n);
void stat_put_cell(stat_child *c, int cell);
/* A number, as a cell of its own when it is a small whole one; NaN is missing. */
void stat_put_number(stat_child *c, double x);

/* Parse a portable file; a readstat_error_t. */
int stat_parse_por(stat_child *c);

#endif
