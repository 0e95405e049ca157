#ifndef DATA_STAT_INTERNAL_H
#define DATA_STAT_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the child that parses a file of a statistical package sends to its parent; not exported.
 *
 * The description of a file is a sequence of messages, each a byte and its parts; texts are a length
 * (uint32) and bytes in the encoding of the file.
 *   STAT_FILE      encoding text, version int64, rows int64 (-1: unknown)
 *   STAT_VARIABLE  name, label, name of its set of value labels; byte: it holds texts; byte: number of
 *                  missing ranges; each of them two doubles, or for a variable of texts one text
 *   STAT_LABEL     name of the set; byte: STAT_OF_NUMBER, STAT_OF_TAG or STAT_OF_TEXT; a double, a byte or a
 *                  text; label
 *   STAT_END
 *
 * The values are rows of the wanted columns in the order of the file, one after another. A cell is an
 * int16: a whole number from STAT_LEAST up stands for itself, what is below says what follows. */

enum { STAT_FILE = 'F', STAT_VARIABLE = 'V', STAT_LABEL = 'L', STAT_END = 'E' };
enum { STAT_OF_NUMBER = 'n', STAT_OF_TAG = 't', STAT_OF_TEXT = 's' };

enum {
    STAT_MISSING = INT16_MIN, /* system missing */
    STAT_TAG,                 /* + 0..127: a tagged missing value, '.a' = STAT_TAG + 'a' */
    STAT_NUMBER = STAT_TAG + 128, /* a double follows */
    STAT_TEXT,                /* a text follows */
    STAT_LAST,                /* there are no more rows */
    STAT_LEAST = -32000
};

/* Longest texts that the parent takes. */
enum { STAT_NAME_MAX = 4096, STAT_TEXT_MAX = 1 << 21, STAT_VARIABLES_MAX = 1 << 20 };

typedef enum stat_kind { STAT_NONE, STAT_SAV, STAT_POR, STAT_DTA, STAT_SAS, STAT_XPT } stat_kind;

/* The kind of file that begins like this. */
stat_kind stat_tell(const char *head, size_t n);

/* What the child is to do. */
typedef struct stat_task {
    stat_kind kind;
    int fd;
    const unsigned char *wanted; /* values: by variable, whether it is wanted; NULL: describe the file */
    size_t variables;            /* as many as `wanted` has */
} stat_task;

/* For the sandbox; returns a readstat_error_t. `context` is a stat_task. */
int stat_parse(void *context, int out);

#endif
