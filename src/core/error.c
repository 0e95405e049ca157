#include <config.h>
#include "valuemap/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/text.h"

vmap_status vmap_error_set(vmap_error *err, vmap_status status, const char *format, ...)
{
    char raw[sizeof err->message];
    va_list args;

    if (!err)
        return status;
    memset(err, 0, sizeof *err);
    err->status = status;
    va_start(args, format);
    vsnprintf(raw, sizeof raw, format, args);
    va_end(args);
    text_clean(err->message, sizeof err->message, raw);
    return status;
}

void vmap_error_place(vmap_error *err, const char *file, size_t line, size_t position,
                      const char *column)
{
    if (!err)
        return;
    if (file)
        text_clean(err->file, sizeof err->file, file);
    if (line)
        err->line = line;
    if (position)
        err->position = position;
    if (column)
        text_clean(err->column, sizeof err->column, column);
}

const char *vmap_error_text(const vmap_error *err, char *buffer, size_t size)
{
    char line[32] = "", position[32] = "";

    if (err->line)
        snprintf(line, sizeof line, ":%zu", err->line);
    if (err->line && err->position)
        snprintf(position, sizeof position, ":%zu", err->position);
    snprintf(buffer, size, "%s%s%s%s%s%s%s%s", err->file, line, position, err->file[0] ? ": " : "",
             err->column[0] ? "column " : "", err->column, err->column[0] ? ": " : "",
             err->message);
    return buffer;
}

const char *vmap_status_text(vmap_status status)
{
    switch (status) {
    case VMAP_SUCCESS:
        return "success";
    case VMAP_EINVAL:
        return "invalid argument";
    case VMAP_ENOMEM:
        return "out of memory";
    case VMAP_ENOENT:
        return "no such file or name";
    case VMAP_EIO:
        return "input or output failed";
    case VMAP_EPARSE:
        return "malformed file";
    case VMAP_EDATA:
        return "unusable data";
    case VMAP_ESINGULAR:
        return "matrix not positive definite";
    }
    return "unknown status";
}
