#include <config.h>
#include "valuemap/read.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"
#include "core/memory.h"
#include "core/sandbox.h"
#include "core/text.h"
#include "data/encoding.h"
#include "data/long_internal.h"
#include "data/reader_internal.h"
#include "data/unpack.h"

/* Opening a file: its bytes, what it is packed in, its encoding and format. */

enum {
    PART = 1 << 22,   /* bytes that a thread takes at a time */
    SAMPLE = 1 << 18, /* bytes that tell the encoding */
    HEAD = 1024,      /* bytes that tell the format */
    LAYERS = 4        /* a file may be packed so many times */
};

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

static file_stamp stamp_of(int fd)
{
    struct stat info = {.st_size = 0};

    fstat(fd, &info);
    return (file_stamp){info.st_size, info.st_mtim};
}

/* A file that somebody writes to while it is read would be half of one and half of another: refuse. */
vmap_status reader_unchanged(const vmap_reader *r, vmap_error *err)
{
    file_stamp now;

    if (r->fd < 0) /* what is inside checks itself */
        return VMAP_SUCCESS;
    now = stamp_of(r->fd);
    if (now.size == r->stamp.size && now.written.tv_sec == r->stamp.written.tv_sec &&
        now.written.tv_nsec == r->stamp.written.tv_nsec)
        return VMAP_SUCCESS;
    vmap_error_set(err, VMAP_EIO, "the file was changed while it was read; is another program still writing it?");
    vmap_error_place(err, r->path, 0, 0, NULL);
    return VMAP_EIO;
}

/* Read from `fd` instead, unless the file has changed. */
static vmap_status replace_file(vmap_reader *r, int fd, vmap_error *err)
{
    vmap_status status = reader_unchanged(r, err);

    close(r->fd);
    r->fd = fd;
    r->stamp = stamp_of(fd);
    return status;
}

/* Open a file for reading at any place. What can be read only once (standard input, a pipe) is kept
 * in a file without a name. Returns -1 with errno set on failure. */
static int open_seekable(const char *path)
{
    int given = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    int fd = given < 0 ? -1 : fcntl(given, F_DUPFD_CLOEXEC, 3); /* what a sandbox keeps is no standard one */
    FILE *copy;
    char buffer[65536];
    ssize_t n = 0;
    int kept = -1;

    if (given >= 0 && given != STDIN_FILENO)
        close(given);
    if (fd < 0 || lseek(fd, 0, SEEK_CUR) == 0)
        return fd;
    copy = tmpfile();
    while (copy && (n = read(fd, buffer, sizeof buffer)) > 0) {
        if (fwrite(buffer, 1, (size_t)n, copy) != (size_t)n)
            break; /* n stays positive: what was kept is not the whole file */
    }
    if (copy && n == 0 && fflush(copy) == 0)
        kept = fcntl(fileno(copy), F_DUPFD_CLOEXEC, 3);
    if (copy)
        fclose(copy);
    close(fd);
    return kept;
}

static vmap_status check_options(const vmap_read_options *o, vmap_error *err)
{
    if (o->delimiter && strchr("\"\r\n", o->delimiter))
        return vmap_error_set(err, VMAP_EINVAL,
                              "a delimiter cannot be a quote or a line end; use , ; | or a tab");
    if (o->decimal && o->decimal != '.' && o->decimal != ',')
        return vmap_error_set(err, VMAP_EINVAL, "the decimal mark is '%c'; it must be . or ,",
                              o->decimal);
    if (o->layout && strcmp(o->layout, "long") && strcmp(o->layout, "wide") && strcmp(o->layout, "detect"))
        return vmap_error_set(err, VMAP_EINVAL, "the layout is '%s'; it must be long, wide or detect", o->layout);
    return VMAP_SUCCESS;
}

/* Bring a text file to UTF-8 when it is in something else. */
static vmap_status decode(vmap_reader *r, vmap_error *err)
{
    const char *encoding = r->options.encoding;
    int converted = -1;
    vmap_status status;

    if (!encoding) {
        char *sample = malloc(SAMPLE);
        ssize_t n = sample ? reader_bytes(r, sample, SAMPLE, 0) : -1;

        if (n < 0) {
            free(sample);
            return reader_fail_io(r->path, "read the file", err);
        }
        encoding = encoding_detect(sample, (size_t)n, n < SAMPLE);
        free(sample);
    }
    if (encoding_is_utf8(encoding))
        return VMAP_SUCCESS;
    status = encoding_convert(r->fd, encoding, &converted, err);
    if (status) {
        vmap_error_place(err, r->path, 0, 0, NULL);
        return status;
    }
    reader_describe(r, "%s", encoding);
    return replace_file(r, converted, err);
}

/* Replace a packed file by what is in it; `member` may be NULL. */
static vmap_status unpack_layer(vmap_reader *r, const char *kind, const char *member, vmap_error *err)
{
    int unpacked = -1;
    char *chosen = NULL, *path = NULL;
    unsigned fences = SANDBOX_ALL;
    vmap_status status = unpack_file(r->fd, member, r->path, &unpacked, &chosen, &fences, err);

    if (status) {
        vmap_error_place(err, r->path, 0, 0, NULL);
        return status;
    }
    status = replace_file(r, unpacked, err);
    reader_describe(r, "%s", kind);
    if (*sandbox_missing(fences))
        reader_describe(r, "unpacked %s", sandbox_missing(fences));
    if (!status && *chosen && !(path = text_format("%s:%s", r->path, chosen)))
        status = vmap_error_set(err, VMAP_ENOMEM, "no memory for a file name");
    if (path) {
        free(r->path);
        r->path = path;
    }
    free(chosen);
    return status;
}

/* Take away what a file is packed in; its first bytes go to `head`. */
static vmap_status unpack(vmap_reader *r, const char *member, char *head, size_t *n, vmap_error *err)
{
    for (int layer = 0;; layer++) {
        ssize_t got = reader_bytes(r, head, HEAD, 0);
        const char *kind = got > 0 ? unpack_kind(head, (size_t)got) : NULL;
        vmap_status status;

        if (got < 0)
            return reader_fail_io(r->path, "read the file", err);
        *n = (size_t)got;
        if (!kind && member) {
            vmap_error_set(err, VMAP_ENOENT, "the file is no archive, so that '%s' is no member of it", member);
            vmap_error_place(err, r->path, 0, 0, NULL);
            return VMAP_ENOENT;
        }
        if (!kind)
            return VMAP_SUCCESS;
        if (layer == LAYERS) {
            vmap_error_set(err, VMAP_EPARSE, "the file is packed more than %d times", LAYERS);
            vmap_error_place(err, r->path, 0, 0, NULL);
            return VMAP_EPARSE;
        }
        status = unpack_layer(r, kind, member, err);
        if (status)
            return status;
        if (unpack_has_members(kind))
            member = NULL;
    }
}

/* "[ {" */
static bool is_json_array(const char *head, size_t n)
{
    size_t i = 0;

    while (i < n && strchr(" \t\r\n", head[i]) && head[i])
        i++;
    if (i == n || head[i++] != '[')
        return false;
    while (i < n && strchr(" \t\r\n", head[i]) && head[i])
        i++;
    return i < n && head[i] == '{';
}

/* Files that somebody may well try, and what to do with them. */
static vmap_status refuse_format(const vmap_reader *r, const char *head, size_t n, vmap_error *err)
{
    const char *what = NULL;

    if (n >= 4 && memcmp(head, "\xD0\xCF\x11\xE0", 4) == 0)
        what = "the file is a spreadsheet or document of an old Office; save the sheet as CSV";
    else if (n >= 2 && (memcmp(head, "X\n", 2) == 0 || memcmp(head, "RDX", 3) == 0))
        what = "the file is R's own; write it with haven::write_sav() or write.csv()";
    else if (n >= 4 && (memcmp(head, "PAR1", 4) == 0 || memcmp(head, "ARRO", 4) == 0))
        what = "the file is of Apache Parquet or Arrow; write it as CSV";
    else if (n >= 5 && (memcmp(head, "%PDF-", 5) == 0 || memcmp(head, "<!DOC", 5) == 0 ||
                        memcmp(head, "<html", 5) == 0))
        what = "the file is a document, not data; was something else downloaded?";
    else if (is_json_array(head, n))
        what = "the file is one JSON array; write an object a line: jq -c '.[]' FILE";
    if (!what)
        return VMAP_SUCCESS;
    vmap_error_set(err, VMAP_EPARSE, "%s", what);
    vmap_error_place(err, r->path, 0, 0, NULL);
    return VMAP_EPARSE;
}

static vmap_status open_format(vmap_reader *r, const char *member, vmap_error *err)
{
    char head[HEAD];
    size_t n = 0;
    vmap_status status = unpack(r, member, head, &n, err);

    if (status)
        return status;
    if (stat_knows(head, n))
        return stat_open(r, head, n, err);
    status = refuse_format(r, head, n, err);
    if (status || (!r->options.encoding && jsonl_knows(head, n)))
        return status ? status : jsonl_open(r, err);
    status = decode(r, err);
    if (!status) {
        ssize_t got = reader_bytes(r, head, HEAD, 0);

        if (got > 0 && jsonl_knows(head, (size_t)got))
            return jsonl_open(r, err);
    }
    if (!status && (r->options.map_count || r->options.id))
        status = vmap_error_set(err, VMAP_EINVAL, "fields are mapped, but the file is no JSON Lines");
    return status ? status : csv_open(r, err);
}

vmap_status vmap_reader_open(const char *path, const vmap_read_options *options,
                             vmap_reader **reader, vmap_error *err)
{
    size_t part = strcmp(path, "-") == 0 ? 1 : file_part(path);
    const char *member = path[part] ? path + part + 1 : NULL;
    char *file = text_copy(path, part);
    const char *name = strcmp(path, "-") == 0 ? "standard input" : file ? file : "";
    vmap_status status = options ? check_options(options, err) : VMAP_SUCCESS;
    vmap_reader *r;

    if (!file)
        status = vmap_error_set(err, VMAP_ENOMEM, "no memory for a file name");
    r = status ? NULL : memory_new(1, sizeof *r, err);
    if (!r) {
        free(file);
        return status ? status : VMAP_ENOMEM;
    }
    if (options)
        r->options = *options;
    r->part = PART;
    r->decimal = r->options.decimal ? r->options.decimal : '.';
    r->path = text_copy(name, strlen(name));
    r->fd = file ? open_seekable(file) : -1;
    if (r->fd >= 0)
        r->stamp = stamp_of(r->fd);
    if (!r->path)
        status = vmap_error_set(err, VMAP_ENOMEM, "no memory for a file name");
    else if (r->fd < 0)
        status = reader_fail_io(r->path, "open the file", err);
    else
        status = open_format(r, member, err);
    if (!status && r->options.layout && strcmp(r->options.layout, "wide") != 0) {
        status = long_open(r, strcmp(r->options.layout, "long") == 0, err);
        if (status)
            vmap_error_place(err, r->path, 0, 0, NULL);
    }
    free(file);
    if (status) {
        vmap_reader_free(r);
        return status;
    }
    if (r->options.max_errors == 0)
        r->options.max_errors = 1;
    *reader = r;
    return VMAP_SUCCESS;
}

static void free_values(column_values *v)
{
    for (size_t k = 0; k < v->labels_count; k++) {
        free((char *)(size_t)v->labels[k].text);
        free((char *)(size_t)v->labels[k].label);
    }
    free(v->labels);
    free(v->why);
    free(v->missing);
}

void reader_wish_clear(wish *w)
{
    for (size_t k = 0; k < w->words_count; k++) {
        free(w->words[k].text);
        free(w->words[k].folded);
    }
    free(w->words);
    free(w->as);
    free(w->allowed);
}

void vmap_reader_free(vmap_reader *r)
{
    if (!r)
        return;
    if (r->format && r->format->close)
        r->format->close(r);
    if (r->fd >= 0)
        close(r->fd);
    for (size_t i = 0; i < r->count; i++) {
        free(r->names[i]);
        free(r->labels[i]);
        if (r->values)
            free_values(&r->values[i]);
    }
    free(r->values);
    for (size_t i = 0; i < r->wish_count; i++)
        reader_wish_clear(&r->wishes[i]);
    free(r->names);
    free(r->labels);
    free(r->twin);
    free(r->problems.list);
    free(r->wishes);
    free(r->path);
    free(r);
}
