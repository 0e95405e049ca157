#ifndef DATA_LONG_INTERNAL_H
#define DATA_LONG_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "valuemap/read.h"

/* The columns of a file in long layout by what they are for; not exported. */

#define LONG_NONE SIZE_MAX

typedef struct long_roles {
    size_t item, answer, value, why, refusal, error; /* indices, or LONG_NONE */
    size_t option, count, n; /* of distributions: the option, how many chose it, of how many */
    size_t *key, keys;       /* what tells respondents apart */
    size_t *options, options_count; /* of distributions with a column per option */
} long_roles;

/* Tell the roles from the names. `forced`: also by names that mean something else in many files. Returns false
 * when the file is not long: roles->item, or all of the others that hold answers, are LONG_NONE. Free with
 * long_forget(). VMAP_ENOMEM, VMAP_ENOENT (a key that is no column) in *status. */
bool long_tell(const vmap_reader *r, bool forced, long_roles *roles, vmap_status *status, vmap_error *err);
void long_forget(long_roles *roles);

/* Is a cell of the column `why` empty or "present"; else its reason. False when it is no reason. */
bool long_reason(const char *text, vmap_reason *why);

/* The part of "pmf_7" or "share_refused" that names the option; NULL when it is no such name. */
const char *long_option(const char *name);

/* Turn a reader of a long file into one that has a column per item. */
vmap_status long_open(vmap_reader *r, bool forced, vmap_error *err);

#endif
