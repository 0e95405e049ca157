#ifndef CORE_DOCUMENT_H
#define CORE_DOCUMENT_H

#include <cyaml/cyaml.h>

#include "valuemap/error.h"

/* Loading YAML (and JSON, its subset) through a libcyaml schema; not exported. The names keep clear of
 * libyaml's own, which this program would override. */

/* Load n bytes of text. On success *data holds what the schema describes, to be freed with
 * document_free(). Errors carry `name`, line and position: VMAP_EPARSE for bad syntax, an unknown or a
 * missing key or a value of the wrong kind. */
vmap_status document_parse(const char *name, const char *text, size_t n,
                       const cyaml_schema_value_t *schema, void *data, vmap_error *err);

/* The same for a whole file; VMAP_ENOENT when it cannot be opened. */
vmap_status document_load(const char *path, const cyaml_schema_value_t *schema, void *data,
                      vmap_error *err);

void document_free(const cyaml_schema_value_t *schema, void *data);

#endif
