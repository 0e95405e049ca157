#ifndef CORE_YAML_H
#define CORE_YAML_H

#include <cyaml/cyaml.h>

#include "valuemap/error.h"

/* Loading YAML (and JSON, its subset) through a libcyaml schema; not exported. */

/* Load n bytes of text. On success *data holds what the schema describes, to be freed with
 * yaml_release(). Errors carry `name`, line and position: VMAP_EPARSE for bad syntax, an unknown or a
 * missing key or a value of the wrong kind. */
vmap_status yaml_parse(const char *name, const char *text, size_t n,
                       const cyaml_schema_value_t *schema, void *data, vmap_error *err);

/* The same for a whole file; VMAP_ENOENT when it cannot be opened. */
vmap_status yaml_load(const char *path, const cyaml_schema_value_t *schema, void *data,
                      vmap_error *err);

/* Not called yaml_free: libyaml has a function of that name, which this one would replace wherever the
 * library is linked statically. */
void yaml_release(const cyaml_schema_value_t *schema, void *data);

#endif
