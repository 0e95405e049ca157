#include <config.h>
#include "core/buffer.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/text.h"

void buffer_bytes(buffer *b, const char *bytes, size_t n)
{
    if (b->failed || memory_grow(&b->text, &b->room, b->n + n + 1, 1, NULL)) {
        b->failed = true;
        return;
    }
    memcpy(b->text + b->n, bytes, n);
    b->n += n;
    b->text[b->n] = '\0';
}

void buffer_put(buffer *b, const char *text)
{
    buffer_bytes(b, text, strlen(text));
}

void buffer_format(buffer *b, const char *format, ...)
{
    va_list args;
    char *text = NULL;

    va_start(args, format);
    if (vasprintf(&text, format, args) < 0) {
        text = NULL;
        b->failed = true;
    } else {
        buffer_put(b, text);
    }
    va_end(args);
    free(text);
}

void buffer_json_text(buffer *b, const char *text)
{
    size_t n = strlen(text);

    buffer_put(b, "\"");
    for (size_t i = 0; i < n;) {
        unsigned code = 0;
        size_t length = text_utf8(text + i, n - i, &code);

        if (length == 0)
            buffer_put(b, "\xEF\xBF\xBD");
        else if (code == '"' || code == '\\')
            buffer_format(b, "\\%c", (int)code);
        else if (code < 0x20 || code == 0x7F || code == '<' || code == 0x2028 || code == 0x2029)
            buffer_format(b, "\\u%04x", code);
        else
            buffer_bytes(b, text + i, length);
        i += length ? length : 1;
    }
    buffer_put(b, "\"");
}

void buffer_json_number(buffer *b, double x)
{
    char text[32];

    if (!isfinite(x)) {
        buffer_put(b, "null");
        return;
    }
    number_text(text, x, 0);
    buffer_put(b, text);
}

vmap_status buffer_take(buffer *b, char **text, size_t *n, vmap_error *err)
{
    if (!b->failed && !b->text)
        buffer_put(b, "");
    if (b->failed) {
        *text = NULL;
        vmap_error_set(err, VMAP_ENOMEM, "no memory for a text of %zu bytes", b->n);
        buffer_free(b);
        return VMAP_ENOMEM;
    }
    *text = b->text;
    if (n)
        *n = b->n;
    memset(b, 0, sizeof *b);
    return VMAP_SUCCESS;
}

void buffer_free(buffer *b)
{
    free(b->text);
    memset(b, 0, sizeof *b);
}

void number_text(char out[32], double x, int digits)
{
    int least = digits ? digits : 15, most = digits ? digits : 17;

    if (x == 0)
        x = 0; /* no negative zero */
    for (int d = least; d <= most; d++) {
        double back;

        snprintf(out, 32, "%.*g", d, x);
        for (char *c = out; *c; c++) {
            if (!strchr("+-0123456789einfa", *c))
                *c = '.';
        }
        if (d == most || (text_number(out, strlen(out), '.', &back) && back == x))
            break;
    }
}
