#ifndef VALUEMAP_ERROR_H
#define VALUEMAP_ERROR_H

#include <stddef.h>

/* How a call went, and where it failed.
 *
 * Every function that can fail returns a vmap_status and takes, as its last argument, a vmap_error
 * that the caller owns. It is a plain value: nothing to initialise, nothing to free; NULL is
 * allowed where only the status matters. Outputs are untouched when a call fails.
 */

typedef enum vmap_status {
    VMAP_SUCCESS = 0,
    VMAP_EINVAL,   /* an argument or option outside its domain */
    VMAP_ENOMEM,   /* memory could not be had */
    VMAP_ENOENT,   /* a file, column, item or name that does not exist */
    VMAP_EIO,      /* opening, reading or writing failed */
    VMAP_EPARSE,   /* a file that breaks the rules of its own format */
    VMAP_EDATA,    /* readable data that cannot be analysed */
    VMAP_ESINGULAR /* a matrix that is not positive definite where it must be */
} vmap_status;

typedef struct vmap_error {
    vmap_status status;
    char file[512];    /* as the caller named it; "" when no file is involved */
    size_t line;       /* from 1; 0 when unknown */
    size_t position;   /* byte in the line, from 1; 0 when unknown */
    char column[128];  /* name of the data column or item; "" when none */
    char message[768]; /* one sentence: what, the offending value, what would be allowed */
} vmap_error;

/* Fill `err` (NULL allowed) with a printf-style sentence and return `status`, so that a function can
 * end with `return vmap_error_set(err, VMAP_EINVAL, ...)`. The place is cleared; control characters
 * in the message are replaced, so that no input can drive a terminal. */
vmap_status vmap_error_set(vmap_error *err, vmap_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Add the place to an error that was set: `file` and `column` may be NULL, `line` and `position` 0;
 * what is given replaces, what is not given stays. */
void vmap_error_place(vmap_error *err, const char *file, size_t line, size_t position,
                      const char *column);

/* Write `file:line:position: column NAME: message` (the parts that are known) to `buffer` of `size`
 * bytes, cut to fit and always terminated. Returns `buffer`. */
const char *vmap_error_text(const vmap_error *err, char *buffer, size_t size);

/* A short English name of the status ("no such file or name"), never NULL. */
const char *vmap_status_text(vmap_status status);

#endif
