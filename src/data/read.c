#include <config.h>
#include "valuemap/read.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/memory.h"
#include "core/text.h"
#include "data/reader_internal.h"
#include "data/table_internal.h"

enum { PART = 1 << 22 }; /* bytes that a thread takes at a time */

void vmap_read_defaults(vmap_read_options *options)
{
    memset(options, 0, sizeof *options);
}

vmap_status reader_fail_io(const char *path, const char *what, vmap_error *err)
{
    vmap_status status = errno == ENOENT ? VMAP_ENOENT : VMAP_EIO;

    vmap_error_set(err, status, "cannot %s: %s", what, strerror(errno));
    vmap_error_place(err, path, 0, 0, NULL);
    return status;
}

ssize_t reader_bytes(const vmap_reader *r, char *to, size_t n, off_t offset)
{
    size_t got = 0;

    while (got < n) {
        ssize_t more = pread(r->fd, to + got, n - got, offset + (off_t)got);

        if (more < 0 && errno == EINTR)
            continue;
        if (more < 0)
            return -1;
        if (more == 0)
            break;
        got += (size_t)more;
    }
    return (ssize_t)got;
}

/* Open a file for reading at any place. What can be read only once (standard input, a pipe) is kept
 * in a file without a name. Returns -1 with errno set on failure. */
static int open_seekable(const char *path)
{
    int fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
    FILE *copy;
    char buffer[65536];
    ssize_t n = 0;
    int kept = -1;

    if (fd < 0 || lseek(fd, 0, SEEK_CUR) == 0)
        return fd;
    copy = tmpfile();
    while (copy && (n = read(fd, buffer, sizeof buffer)) > 0) {
        if (fwrite(buffer, 1, (size_t)n, copy) != (size_t)n)
            break; /* n stays positive: what was kept is not the whole file */
    }
    if (copy && n == 0 && fflush(copy) == 0)
        kept = dup(fileno(copy));
    if (copy)
        fclose(copy);
    close(fd);
    return kept;
}

/* The part of `CODE: label` before the colon when it is an identifier, else everything. */
static size_t name_length(const char *name, size_t n)
{
    size_t i = 0;

    while (i < n && (name[i] == '_' || (name[i] >= '0' && name[i] <= '9') ||
                     (name[i] >= 'A' && name[i] <= 'Z') || (name[i] >= 'a' && name[i] <= 'z')))
        i++;
    return i > 0 && i + 1 < n && name[i] == ':' && name[i + 1] == ' ' ? i : n;
}

vmap_status reader_add_name(vmap_reader *r, const char *name, size_t n, vmap_error *err)
{
    vmap_status status =
        memory_grow(&r->names, &r->names_room, r->count + 1, sizeof(char *), err);

    if (status)
        return status;
    while (n && (name[0] == ' ' || name[0] == '\t'))
        name++, n--;
    while (n && (name[n - 1] == ' ' || name[n - 1] == '\t'))
        n--;
    r->names[r->count] = text_copy(n ? name : "", n ? name_length(name, n) : 0);
    if (!r->names[r->count])
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for a column name");
    r->count++;
    return VMAP_SUCCESS;
}

static vmap_status check_options(const vmap_read_options *o, vmap_error *err)
{
    if (o->delimiter && strchr("\"\r\n", o->delimiter))
        return vmap_error_set(err, VMAP_EINVAL,
                              "a delimiter cannot be a quote or a line end; use , ; | or a tab");
    if (o->decimal && o->decimal != '.' && o->decimal != ',')
        return vmap_error_set(err, VMAP_EINVAL, "the decimal mark is '%c'; it must be . or ,",
                              o->decimal);
    return VMAP_SUCCESS;
}

vmap_status vmap_reader_open(const char *path, const vmap_read_options *options,
                             vmap_reader **reader, vmap_error *err)
{
    const char *name = strcmp(path, "-") == 0 ? "standard input" : path;
    vmap_status status = options ? check_options(options, err) : VMAP_SUCCESS;
    vmap_reader *r;

    if (status)
        return status;
    r = memory_new(1, sizeof *r, err);
    if (!r)
        return VMAP_ENOMEM;
    if (options)
        r->options = *options;
    r->part = PART;
    r->decimal = r->options.decimal ? r->options.decimal : '.';
    r->path = text_copy(name, strlen(name));
    r->fd = open_seekable(path);
    if (!r->path)
        status = vmap_error_set(err, VMAP_ENOMEM, "no memory for a file name");
    else if (r->fd < 0)
        status = reader_fail_io(r->path, "open the file", err);
    else
        status = csv_open(r, err);
    if (status) {
        vmap_reader_free(r);
        return status;
    }
    *reader = r;
    return VMAP_SUCCESS;
}

void vmap_reader_free(vmap_reader *r)
{
    if (!r)
        return;
    if (r->format && r->format->close)
        r->format->close(r);
    if (r->fd >= 0)
        close(r->fd);
    for (size_t i = 0; i < r->count; i++)
        free(r->names[i]);
    for (size_t i = 0; i < r->wish_count; i++) {
        free(r->wishes[i].as);
        free(r->wishes[i].allowed);
    }
    free(r->names);
    free(r->wishes);
    free(r->path);
    free(r);
}

size_t vmap_reader_columns(const vmap_reader *r)
{
    return r->count;
}

const char *const *vmap_reader_names(const vmap_reader *r)
{
    return (const char *const *)r->names;
}

const char *vmap_reader_dialect(const vmap_reader *r)
{
    return r->described;
}

vmap_status vmap_reader_want(vmap_reader *r, size_t field, vmap_kind kind, const char *as,
                             const char *allowed, vmap_error *err)
{
    vmap_status status;
    wish *w;

    for (size_t i = 0; i < r->count; i++) {
        if (i != field && strcmp(r->names[i], r->names[field]) == 0) {
            vmap_error_set(err, VMAP_EDATA, "the file has two columns of this name (%zu and %zu)",
                           (i < field ? i : field) + 1, (i < field ? field : i) + 1);
            vmap_error_place(err, r->path, 1, 0, r->names[field]);
            return VMAP_EDATA;
        }
    }
    status = memory_grow(&r->wishes, &r->wish_room, r->wish_count + 1, sizeof(wish), err);
    if (status)
        return status;
    w = &r->wishes[r->wish_count];
    w->field = field;
    w->kind = kind;
    w->as = text_copy(as, strlen(as));
    w->allowed = allowed ? text_copy(allowed, strlen(allowed)) : NULL;
    r->wish_count++;
    return w->as && (w->allowed || !allowed)
               ? VMAP_SUCCESS
               : vmap_error_set(err, VMAP_ENOMEM, "no memory for a column name");
}

/* ---- cells ---- */

vmap_table *reader_table(const vmap_reader *r, vmap_error *err)
{
    vmap_table *table = vmap_table_new(err);

    for (size_t i = 0; table && i < r->wish_count; i++) {
        if (vmap_table_add(table, r->wishes[i].as, r->wishes[i].kind, NULL, err)) {
            vmap_table_free(table);
            return NULL;
        }
    }
    return table;
}

static vmap_status refuse_text(const vmap_reader *r, const wish *w, const char *text, size_t n,
                               size_t line, vmap_error *err)
{
    char shown[64];

    snprintf(shown, sizeof shown, "%.*s", (int)(n < 60 ? n : 60), text);
    vmap_error_set(err, VMAP_EDATA, "'%s' is not a number%s%s%s; %s", shown,
                   r->decimal == ',' ? " with decimal comma" : "",
                   w->allowed ? "; allowed are " : "", w->allowed ? w->allowed : "",
                   memchr(text, ',', n) || memchr(text, '.', n)
                       ? "if the decimal mark was not recognised, force it with --decimal"
                       : "to count text as missing, use --text missing");
    vmap_error_place(err, r->path, line, 0, r->names[w->field]);
    return VMAP_EDATA;
}

static bool is_blank(const char *text, size_t n)
{
    static const char *const words[] = {"NA", "NaN", "nan", ".", "N/A", "NULL", "null"};

    if (n == 0)
        return true;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strlen(words[i]) == n && memcmp(words[i], text, n) == 0)
            return true;
    }
    return false;
}

/* A whole number of up to four digits: nearly every cell of a survey. */
static bool is_code(const char *text, size_t n, int *code)
{
    bool negative = n && text[0] == '-';
    int value = 0;

    if (n - negative - 1 > 3) /* none or more than four: n is unsigned */
        return false;
    for (size_t i = negative; i < n; i++) {
        unsigned digit = (unsigned char)text[i] - (unsigned)'0';

        if (digit > 9)
            return false;
        value = value * 10 + (int)digit;
    }
    *code = negative ? -value : value;
    return true;
}

vmap_status reader_put_cell(const vmap_reader *r, vmap_table *table, size_t column, const char *text,
                            size_t n, size_t line, vmap_error *err)
{
    const wish *w = &r->wishes[column];
    double value;
    int code;

    if (w->kind == VMAP_CODES && is_code(text, n, &code))
        return table_push_code(table, column, code, err);
    while (n && (text[0] == ' ' || text[0] == '\t'))
        text++, n--;
    while (n && (text[n - 1] == ' ' || text[n - 1] == '\t'))
        n--;
    if (n && memchr(text, '\0', n)) {
        vmap_error_set(err, VMAP_EPARSE, "the cell holds a NUL byte");
        vmap_error_place(err, r->path, line, 0, r->names[w->field]);
        return VMAP_EPARSE;
    }
    if (w->kind == VMAP_TEXTS)
        return n ? vmap_table_push_text(table, column, text, n, err)
                 : vmap_table_push_missing(table, column, VMAP_BLANK, err);
    if (text_number(text, n, r->decimal, &value))
        return vmap_table_push_number(table, column, value, err);
    if (is_blank(text, n))
        return vmap_table_push_missing(table, column, VMAP_BLANK, err);
    if (r->options.text_is_missing)
        return vmap_table_push_missing(table, column, VMAP_UNPARSABLE, err);
    return refuse_text(r, w, text, n, line, err);
}

vmap_status vmap_reader_read(vmap_reader *reader, vmap_table **table, vmap_error *err)
{
    vmap_table *read = NULL;
    vmap_status status = reader->format->read(reader, &read, err);

    if (!status && vmap_table_rows(read) == 0) {
        status = vmap_error_set(err, VMAP_EDATA, "the file has a header but no rows");
        vmap_error_place(err, reader->path, 0, 0, NULL);
        vmap_table_free(read);
    }
    if (!status)
        *table = read;
    return status;
}
