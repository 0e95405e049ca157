#ifndef DATA_STAT_READER_H
#define DATA_STAT_READER_H

#include <iconv.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buffer.h"
#include "core/sandbox.h"
#include "data/reader_internal.h"
#include "data/stat_internal.h"

/* What the parent's side of reading files of statistical packages shares; stat_read.c says how it works together, and
 * stat_internal.h what comes from the child. Not exported. */

/* What is kept between opening and reading. */
typedef struct stat_state {
    stat_kind kind;
    iconv_t how;      /* to UTF-8 */
    bool convert;     /* texts are not UTF-8 */
    bool guess;       /* what is no UTF-8 is Windows-1252 */
    size_t repaired;  /* bytes that were no characters */
    size_t unlabelled; /* columns whose set of labels is not there */
    char **sets;      /* of each column: the name of its set of labels, "" when none */
    size_t sets_room, values_room;
    int64_t rows;     /* as the file says, -1: it does not */
    unsigned fences;
} stat_state;

/* ---- texts: stat_texts.c ---- */

/* How texts become UTF-8: by the user's encoding, else by the one that the file gives ("": none), else by the version
 * of its format, else by a guess at every text. VMAP_EINVAL for an encoding of the user's that iconv does not know. */
vmap_status stat_set_encoding(vmap_reader *r, const char *given, int64_t version, vmap_error *err);

/* A text of the file in UTF-8, of *m bytes; `room` keeps it until the next call. What is no character becomes U+FFFD and
 * is counted. */
const char *stat_decode(stat_state *s, const char *text, size_t n, buffer *room, size_t *m);

/* A text of the file, up to a NUL byte, in UTF-8 and fresh memory; NULL when memory is short. */
char *stat_decoded(stat_state *s, const char *raw);

/* ---- the child: stat_read.c ---- */

/* "SPSS" */
const char *stat_kind_name(stat_kind kind);

/* What the child may use up, by the size of the file. */
sandbox_limits stat_limits(const vmap_reader *r);

/* How the child ended, unless `status` is already known: what it met counts for more than what the parent
 * did not get. */
vmap_status stat_child_end(vmap_reader *r, sandbox *box, vmap_status status, vmap_error *err);

/* ---- what it tells ---- */

/* Names, labels and missing values of the columns (stat_describe.c). */
vmap_status stat_describe(vmap_reader *r, vmap_error *err);

/* The wanted columns, as a table or block by block (stat_values.c). */
vmap_status stat_read_values(vmap_reader *r, vmap_table **table, vmap_error *err);
vmap_status stat_stream_values(vmap_reader *r, reader_block block, void *context, vmap_error *err);

#endif
