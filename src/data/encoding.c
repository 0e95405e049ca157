#include <config.h>
#include "data/encoding.h"

#include <errno.h>
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "core/text.h"

enum { BLOCK = 1 << 16 };

bool encoding_is_utf8(const char *name)
{
    return strcasecmp(name, "utf-8") == 0 || strcasecmp(name, "utf8") == 0;
}

bool encoding_valid(const char *text, size_t n)
{
    unsigned code;

    for (size_t i = 0; i < n;) {
        size_t length = (unsigned char)text[i] < 0x80 ? 1 : text_utf8(text + i, n - i, &code);

        if (!length)
            return false;
        i += length;
    }
    return true;
}

/* UTF-16 without a mark: in a table of mostly ASCII every other byte is 0. */
static const char *tell_utf16(const char *sample, size_t n)
{
    size_t zeros[2] = {0, 0};

    for (size_t i = 0; i < n; i++)
        zeros[i % 2] += sample[i] == '\0';
    if (n < 4 || zeros[0] + zeros[1] < n / 3)
        return NULL;
    if (zeros[1] > 4 * zeros[0])
        return "UTF-16LE";
    return zeros[0] > 4 * zeros[1] ? "UTF-16BE" : NULL;
}

const char *encoding_detect(const char *sample, size_t n, bool whole)
{
    const char *utf16;

    if (n >= 2 && memcmp(sample, "\xFF\xFE", 2) == 0)
        return "UTF-16LE";
    if (n >= 2 && memcmp(sample, "\xFE\xFF", 2) == 0)
        return "UTF-16BE";
    utf16 = tell_utf16(sample, n);
    if (utf16)
        return utf16;
    /* The sample may end inside a character. */
    for (size_t cut = 0; cut < 4 && cut <= n; cut++) {
        if (encoding_valid(sample, n - cut))
            return "UTF-8";
        if (whole)
            break;
    }
    return "WINDOWS-1252";
}

static vmap_status fail(size_t line, const char *encoding, vmap_error *err)
{
    vmap_error_set(err, VMAP_EPARSE,
                   "bytes that are no characters of %s; name the file's encoding with --encoding",
                   encoding);
    vmap_error_place(err, NULL, line, 0, NULL);
    return VMAP_EPARSE;
}

static vmap_status fail_write(vmap_error *err)
{
    return vmap_error_set(err, VMAP_EIO, "cannot write a temporary file: %s", strerror(errno));
}

/* Convert what is in `in`, leaving an unfinished character at its beginning. Returns false when bytes are
 * no characters. */
static bool convert_block(iconv_t how, char *in, size_t *n, FILE *out, size_t *line)
{
    char converted[2 * BLOCK], *from = in;
    size_t left = *n;

    for (;;) {
        char *to = converted;
        size_t room = sizeof converted, got = iconv(how, &from, &left, &to, &room);
        size_t made = (size_t)(to - converted);
        int why = errno;

        for (const char *c = converted; c < to; c++)
            *line += *c == '\n';
        fwrite(converted, 1, made, out);
        if (got != (size_t)-1)
            break;
        if (why == EINVAL)
            break;
        if (why != E2BIG)
            return false;
    }
    memmove(in, from, left);
    *n = left;
    return true;
}

static vmap_status convert_file(int fd, iconv_t how, const char *encoding, FILE *out, vmap_error *err)
{
    char in[BLOCK];
    size_t kept = 0, line = 1;
    off_t at = 0;
    ssize_t got;

    while ((got = pread(fd, in + kept, sizeof in - kept, at)) > 0) {
        at += got;
        kept += (size_t)got;
        if (!convert_block(how, in, &kept, out, &line))
            return fail(line, encoding, err);
        if (ferror(out))
            return fail_write(err);
    }
    if (got < 0)
        return vmap_error_set(err, VMAP_EIO, "cannot read the file: %s", strerror(errno));
    if (kept)
        return fail(line, encoding, err);
    return fflush(out) ? fail_write(err) : VMAP_SUCCESS;
}

vmap_status encoding_convert(int fd, const char *encoding, int *converted, vmap_error *err)
{
    iconv_t how = iconv_open("UTF-8", encoding);
    FILE *out;
    vmap_status status;

    if (how == (iconv_t)-1)
        return vmap_error_set(err, VMAP_EINVAL, "encoding '%s' is not known to this system", encoding);
    out = tmpfile();
    status = out ? convert_file(fd, how, encoding, out, err) : fail_write(err);
    if (!status && (*converted = dup(fileno(out))) < 0)
        status = fail_write(err);
    if (out)
        fclose(out);
    iconv_close(how);
    return status;
}
