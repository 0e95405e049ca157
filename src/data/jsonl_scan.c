#include <config.h>
#include "data/jsonl_scan.h"

#include <math.h>
#include <string.h>

#include "core/text.h"
#include "data/encoding.h"

/* RFC 8259, without escapes and nesting. */

enum { DIGITS_MAX = 18 }; /* of a whole number: any 64-bit integer type holds so many */

typedef struct {
    const char *at, *end;
} cursor;

static void skip_blanks(cursor *c)
{
    while (c->at < c->end && (*c->at == ' ' || *c->at == '\t' || *c->at == '\r' || *c->at == '\n'))
        c->at++;
}

static bool take_byte(cursor *c, char byte)
{
    if (c->at == c->end || *c->at != byte)
        return false;
    c->at++;
    return true;
}

/* A string, the cursor on its first quote. */
static bool take_string(cursor *c, const char **text, size_t *n)
{
    bool ascii = true;
    const char *s = ++c->at;

    for (; s < c->end && *s != '"'; s++) {
        unsigned char byte = (unsigned char)*s;

        if (byte < ' ' || byte == '\\')
            return false;
        ascii &= byte < 0x80;
    }
    if (s == c->end)
        return false;
    *text = c->at;
    *n = (size_t)(s - c->at);
    c->at = s + 1;
    return ascii || encoding_valid(*text, *n);
}

static size_t take_digits(cursor *c)
{
    const char *from = c->at;

    while (c->at < c->end && *c->at >= '0' && *c->at <= '9')
        c->at++;
    return (size_t)(c->at - from);
}

static bool take_number(cursor *c, jsonl_field *f)
{
    const char *digits;
    size_t whole;
    bool real = false;

    take_byte(c, '-');
    digits = c->at;
    whole = take_digits(c);
    if (whole == 0 || (whole > 1 && *digits == '0') || whole > DIGITS_MAX)
        return false;
    if (take_byte(c, '.')) {
        real = true;
        if (!take_digits(c))
            return false;
    }
    if (c->at < c->end && (*c->at == 'e' || *c->at == 'E')) {
        real = true;
        c->at++;
        if (!take_byte(c, '-'))
            take_byte(c, '+');
        if (!take_digits(c))
            return false;
    }
    f->length = (size_t)(c->at - f->text);
    f->kind = JSONL_NUMBER;
    if (real || whole > 9)
        return text_number(f->text, f->length, '.', &f->number) && isfinite(f->number);
    f->number = 0;
    for (size_t i = 0; i < whole; i++)
        f->number = 10 * f->number + (digits[i] - '0');
    if (digits != f->text && f->number > 0) /* there is no whole number -0 */
        f->number = -f->number;
    return true;
}

static bool take_word(cursor *c, jsonl_field *f)
{
    static const char *const words[] = {[JSONL_TRUE] = "true", [JSONL_FALSE] = "false", [JSONL_NULL] = "null"};

    for (jsonl_kind kind = JSONL_TRUE; kind <= JSONL_NULL; kind++) {
        size_t n = strlen(words[kind]);

        if ((size_t)(c->end - c->at) >= n && memcmp(c->at, words[kind], n) == 0) {
            f->kind = kind;
            f->length = n;
            c->at += n;
            return true;
        }
    }
    return false;
}

static bool take_value(cursor *c, jsonl_field *f)
{
    if (c->at == c->end)
        return false;
    f->text = c->at;
    if (*c->at == '"') {
        f->kind = JSONL_STRING;
        return take_string(c, &f->text, &f->length);
    }
    return *c->at == '-' || (*c->at >= '0' && *c->at <= '9') ? take_number(c, f) : take_word(c, f);
}

static bool take_field(cursor *c, jsonl_field *f)
{
    skip_blanks(c);
    if (c->at == c->end || *c->at != '"' || !take_string(c, &f->key, &f->key_length))
        return false;
    skip_blanks(c);
    if (!take_byte(c, ':'))
        return false;
    skip_blanks(c);
    if (!take_value(c, f))
        return false;
    skip_blanks(c);
    return true;
}

bool jsonl_scan(const char *text, size_t n, jsonl_field_function *take, void *context)
{
    cursor c = {text, text + n};
    jsonl_field f = {0};

    skip_blanks(&c);
    if (!take_byte(&c, '{'))
        return false;
    skip_blanks(&c);
    if (!take_byte(&c, '}')) {
        do {
            if (!take_field(&c, &f) || !take(context, &f))
                return false;
        } while (take_byte(&c, ','));
        if (!take_byte(&c, '}'))
            return false;
    }
    skip_blanks(&c);
    return c.at == c.end;
}
