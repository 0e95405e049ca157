#include <config.h>

#include <errno.h>
#include <iconv.h>
#include <string.h>

#include "core/buffer.h"
#include "core/text.h"
#include "data/encoding.h"
#include "data/stat_reader.h"

/* Texts of a file of a statistical package become UTF-8. ReadStat converts none, because iconv would have to load
 * modules inside the sandbox. */

#define UNKNOWN_CHARACTER "\xEF\xBF\xBD"

vmap_status stat_set_encoding(vmap_reader *r, const char *given, int64_t version, vmap_error *err)
{
    stat_state *s = r->state;
    const char *name = r->options.encoding;

    if (!name && given && *given)
        name = given;
    if (!name && s->kind == STAT_DTA && version >= 118)
        name = "UTF-8"; /* older ones do not tell: Stata wrote Windows-1252, others write UTF-8 */
    s->guess = !name;
    s->convert = s->guess || !encoding_is_utf8(name);
    if (!s->convert)
        return VMAP_SUCCESS;
    s->how = iconv_open("UTF-8", s->guess ? "WINDOWS-1252" : name);
    if (s->how == (iconv_t)-1 && !r->options.encoding) { /* what a file says may be nonsense */
        s->guess = true;
        s->how = iconv_open("UTF-8", "WINDOWS-1252");
    }
    if (s->how == (iconv_t)-1)
        return vmap_error_set(err, VMAP_EINVAL, "encoding '%s' is not known to this system", name);
    if (!s->guess)
        reader_describe(r, "%s", name);
    return VMAP_SUCCESS;
}

/* Text without the bytes that are no characters. */
static void repair(stat_state *s, const char *text, size_t n, buffer *to)
{
    unsigned code;

    for (size_t i = 0; i < n;) {
        size_t length = (unsigned char)text[i] < 0x80 ? 1 : text_utf8(text + i, n - i, &code);

        buffer_bytes(to, length ? text + i : UNKNOWN_CHARACTER, length ? length : 3);
        s->repaired += !length;
        i += length ? length : 1;
    }
}

static void convert(stat_state *s, const char *text, size_t n, buffer *to)
{
    char *from = (char *)(size_t)text, out[1024];

    iconv(s->how, NULL, NULL, NULL, NULL);
    while (n) {
        char *end = out;
        size_t room = sizeof out, got = iconv(s->how, &from, &n, &end, &room);
        int why = errno;

        buffer_bytes(to, out, (size_t)(end - out));
        if (got == (size_t)-1 && why != E2BIG) {
            buffer_put(to, UNKNOWN_CHARACTER);
            s->repaired++;
            from++, n--;
        }
    }
}

/* A text of the file in UTF-8; `room` keeps it until the next call. */
const char *stat_decode(stat_state *s, const char *text, size_t n, buffer *room, size_t *m)
{
    bool ascii = true;

    for (size_t i = 0; i < n && ascii; i++)
        ascii = (unsigned char)text[i] < 0x80;
    *m = n;
    if (ascii || ((!s->convert || s->guess) && encoding_valid(text, n)))
        return text;
    room->n = 0;
    if (s->convert)
        convert(s, text, n, room);
    else
        repair(s, text, n, room);
    *m = room->n;
    return room->text;
}

/* A text of the file, up to a NUL byte, in UTF-8 and fresh memory; NULL when memory is short. */
char *stat_decoded(stat_state *s, const char *raw)
{
    buffer room = {0};
    size_t m;
    const char *utf8 = stat_decode(s, raw, strlen(raw), &room, &m);
    char *text = utf8 ? text_copy(utf8, m) : NULL;

    buffer_free(&room);
    return text;
}
