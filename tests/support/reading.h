#ifndef TESTS_READING_H
#define TESTS_READING_H

#include "valuemap/read.h"

/* Reading a file in one call, and writing a table out. */

/* Bytes that a thread takes at a time; 0: as many as usual. */
extern size_t reading_part;

/* The file is also read block by block, which must give the same. Columns to ask for: "x:c y:n z:t" for codes, numbers, texts; "" for none. `allowed` is what messages say a
 * number may be, or NULL. */
vmap_status read_columns(const char *path, const vmap_read_options *options, const char *wishes, const char *allowed,
                         vmap_table **table, vmap_error *err);

/* "cell|cell; cell|cell" in fresh memory; a missing cell is its reason in brackets. */
char *write_out(const vmap_table *t);

/* The file, read with the options (NULL: none), must be `want` when it is written out. */
void check_file(const char *path, const vmap_read_options *options, const char *wishes, const char *want);

/* The file must not be read, and the message must hold the words. */
void check_refused(const char *path, const vmap_read_options *options, const char *wishes, vmap_status status,
                   const char *words);

#endif
