#ifndef TESTS_PACK_H
#define TESTS_PACK_H

#include <stdbool.h>
#include <stddef.h>

/* Files that tests make at run time: packed ones through libarchive, those of statistical packages through
 * ReadStat. Paths are in static storage that the next call reuses. */

/* "gzip", "xz", "zstd", "bzip2", and "zip", "tar" with one member. */
extern const char *const pack_kinds[];
extern const size_t pack_kinds_count;

/* Pack n bytes; archives call them `member`. */
const char *pack_file(const char *name, const char *kind, const char *member, const char *bytes, size_t n);

/* A zip archive of several members. */
typedef struct pack_member {
    const char *name, *text;
} pack_member;
const char *pack_zip(const char *name, const pack_member *members, size_t count);

/* A cell of a file of a statistical package. */
typedef struct stat_cell {
    double number;
    char tag;         /* 'a'..'z': a tagged missing value; '.': system missing; 0: the number */
    const char *text; /* of a column of texts; else NULL */
} stat_cell;

typedef struct stat_column {
    const char *name, *label;
    size_t width;              /* of a column of texts; 0: numbers */
    double missing[2], single; /* declared missing (SPSS): a range and a number; none when both are 0 */
    const char *const *labels; /* "1=Very important", "a=Don't know"; ends with NULL; NULL: none */
} stat_column;

/* Write a file: kind is "sav", "sav-plain", "zsav", "por", "dta", "dta-113", "sas7bdat" or "xpt". cell[r *
 * columns + j]. */
const char *stat_file(const char *name, const char *kind, const stat_column *column, size_t columns,
                      const stat_cell *cell, size_t rows);

#endif
