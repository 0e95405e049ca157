#ifndef DATA_PARSE_H
#define DATA_PARSE_H

#include <stdbool.h>
#include <stddef.h>

#include "valuemap/table.h"

/* The parser of text answers with its labels behind a function; not exported. See valuemap/parse.h. */

/* Is a text, given as folded by text_fold(), a label or phrase? Then its code or reason. */
typedef bool answer_lookup(const void *context, const char *folded, double *value, vmap_reason *why);

/* As vmap_answer_parse() without ranges. */
vmap_reason answer_parse(const char *text, size_t n, answer_lookup *lookup, const void *context, double *value);

#endif
