#include <config.h>
#include "valuemap/read.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdarg.h>
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
#include "data/parse.h"
#include "data/reader_internal.h"
#include "data/table_internal.h"
#include "data/unpack.h"

enum {
    PART = 1 << 22,  /* bytes that a thread takes at a time */
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
static vmap_status check_unchanged(const vmap_reader *r, vmap_error *err)
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
    vmap_status status = check_unchanged(r, err);

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

static void trim(const char **s, size_t *n)
{
    while (*n && (**s == ' ' || **s == '\t'))
        ++*s, --*n;
    while (*n && ((*s)[*n - 1] == ' ' || (*s)[*n - 1] == '\t'))
        --*n;
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

vmap_status reader_add_column(vmap_reader *r, const char *name, size_t n, const char *label, size_t m,
                              vmap_error *err)
{
    vmap_status status = memory_grow(&r->names, &r->names_room, r->count + 1, sizeof(char *), err);

    if (!status)
        status = memory_grow(&r->labels, &r->labels_room, r->count + 1, sizeof(char *), err);
    if (status)
        return status;
    r->names[r->count] = text_copy(n ? name : "", n);
    r->labels[r->count] = text_copy(label ? label : "", label ? m : 0);
    if (r->names[r->count] && r->labels[r->count]) {
        r->count++;
        return VMAP_SUCCESS;
    }
    free(r->names[r->count]);
    free(r->labels[r->count]);
    return vmap_error_set(err, VMAP_ENOMEM, "no memory for a column name");
}

vmap_status reader_add_name(vmap_reader *r, const char *name, size_t n, vmap_error *err)
{
    const char *label;
    size_t length, m;

    trim(&name, &n);
    length = n ? name_length(name, n) : 0;
    label = name + length;
    m = n - length;
    if (m) {
        label++, m--; /* the colon */
        trim(&label, &m);
    }
    return reader_add_column(r, name, length, label, m, err);
}

void reader_describe(vmap_reader *r, const char *format, ...)
{
    size_t used = strlen(r->described);
    va_list args;

    va_start(args, format);
    if (used && used + 3 < sizeof r->described)
        memcpy(r->described + used, ", ", 3), used += 2;
    vsnprintf(r->described + used, sizeof r->described - used, format, args);
    va_end(args);
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
    free(r->problems.list);
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

const char *vmap_reader_label(const vmap_reader *r, size_t column)
{
    return r->labels[column];
}

const char *vmap_reader_format(const vmap_reader *r)
{
    return r->format->name;
}

const vmap_value_label *vmap_reader_value_labels(const vmap_reader *r, size_t column, size_t *count)
{
    *count = r->values ? r->values[column].labels_count : 0;
    return r->values ? r->values[column].labels : NULL;
}

const vmap_range *vmap_reader_missing(const vmap_reader *r, size_t column, size_t *count)
{
    *count = r->values ? r->values[column].missing_count : 0;
    return r->values ? r->values[column].missing : NULL;
}

bool vmap_reader_is_text(const vmap_reader *r, size_t column)
{
    return r->values && r->values[column].texts;
}

const vmap_error *vmap_reader_problems(const vmap_reader *r, size_t *count)
{
    *count = r->problems.count;
    return r->problems.list;
}

size_t vmap_reader_header_line(const vmap_reader *r)
{
    return r->header_line;
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
            vmap_error_place(err, r->path, r->header_line, 0, r->names[field]);
            return VMAP_EDATA;
        }
    }
    status = memory_grow(&r->wishes, &r->wish_room, r->wish_count + 1, sizeof(wish), err);
    if (status)
        return status;
    w = &r->wishes[r->wish_count];
    memset(w, 0, sizeof *w);
    w->field = field;
    w->kind = kind;
    w->as = text_copy(as, strlen(as));
    w->allowed = allowed ? text_copy(allowed, strlen(allowed)) : NULL;
    r->wish_count++;
    return w->as && (w->allowed || !allowed)
               ? VMAP_SUCCESS
               : vmap_error_set(err, VMAP_ENOMEM, "no memory for a column name");
}

vmap_status reader_wish_words(wish *w, const vmap_word *words, size_t count, vmap_error *err)
{
    w->words = memory_new(count, sizeof *w->words, err);
    if (!w->words)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < count; i++) {
        known_word *word = &w->words[w->words_count];
        size_t n = strlen(words[i].text);

        word->text = text_copy(words[i].text, n);
        word->folded = text_fold(words[i].text, n);
        word->value = words[i].value;
        word->why = words[i].why;
        if (!word->text || !word->folded) {
            free(word->text);
            free(word->folded);
            return vmap_error_set(err, VMAP_ENOMEM, "no memory for the label '%s'", words[i].text);
        }
        w->words_count++;
    }
    return VMAP_SUCCESS;
}

vmap_status vmap_reader_words(vmap_reader *r, const vmap_word *words, size_t count, vmap_error *err)
{
    return reader_wish_words(&r->wishes[r->wish_count - 1], words, count, err);
}

void vmap_reader_judge(vmap_reader *r, vmap_judge judge, void *context)
{
    r->wishes[r->wish_count - 1].judge = judge;
    r->wishes[r->wish_count - 1].judge_context = context;
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

vmap_table *reader_part(const vmap_reader *r, vmap_error *err)
{
    vmap_table *table = vmap_table_new(err);

    for (size_t i = 0; table && i < r->wish_count; i++) {
        if (table_add_new(table, r->wishes[i].as, r->wishes[i].kind, err)) {
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
                       : "to count text as missing, use --text missing, to parse answers of models --answers text");
    vmap_error_place(err, r->path, line, 0, r->names[w->field]);
    return VMAP_EDATA;
}

/* Spellings of an empty cell in a column of numbers. */
static bool is_blank(const vmap_reader *r, const char *text, size_t n)
{
    static const char *const words[] = {"NA",   "NaN",  "nan",  ".",   "N/A",     "n/a", "NULL",
                                        "null", "None", "<NA>", "#N/A", "#NULL!", "-",   "--"};

    if (n == 0)
        return true;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strlen(words[i]) == n && memcmp(words[i], text, n) == 0)
            return true;
    }
    for (size_t i = 0; i < r->options.blanks_count; i++) {
        if (strlen(r->options.blanks[i]) == n && memcmp(r->options.blanks[i], text, n) == 0)
            return true;
    }
    return false;
}

/* The word that a text is: as it stands, or when folded. Labels that two codes share are none. */
static const known_word *find_word(const wish *w, const char *text, size_t n, const char *folded)
{
    const known_word *found = NULL;

    for (size_t i = 0; i < w->words_count; i++) {
        const known_word *word = &w->words[i];

        if (folded ? strcmp(word->folded, folded) != 0
                   : strlen(word->text) != n || memcmp(word->text, text, n) != 0)
            continue;
        if (found && (found->value != word->value || found->why != word->why))
            return NULL;
        found = word;
    }
    return found;
}

/* Is a folded text a label or a phrase? For the parser of text answers. */
static bool look_up(const void *context, const char *folded, double *value, vmap_reason *why)
{
    const known_word *word = find_word(context, NULL, 0, folded);

    if (!word)
        return reader_phrase(folded, why);
    *value = word->value;
    *why = word->why;
    return true;
}

/* A code with the file's decimal comma, which the parser takes for a list: 2,0. */
static bool comma_code(const vmap_reader *r, const char *text, size_t n, double *value)
{
    return r->decimal == ',' && text_number(text, n, ',', value) && *value == floor(*value) && !memchr(text, 'e', n) &&
           !memchr(text, 'E', n);
}

vmap_reason reader_judge_text(const vmap_reader *r, const wish *w, const char *text, size_t n, double *value)
{
    const known_word *word = find_word(w, text, n, NULL);
    vmap_reason why = VMAP_UNPARSABLE;
    char *folded;

    *value = NAN;
    if (!word && is_blank(r, text, n))
        return VMAP_BLANK;
    folded = word ? NULL : text_fold(text, n);
    if (folded && !look_up(w, folded, value, &why))
        why = VMAP_UNPARSABLE;
    free(folded);
    if (word) {
        *value = word->value;
        why = word->why;
    }
    if (why == VMAP_UNPARSABLE && r->options.text_answers)
        why = comma_code(r, text, n, value) ? VMAP_PRESENT : answer_parse(text, n, look_up, w, value);
    return why;
}

/* A text in a column of numbers: a label, a phrase for a missing answer, or something else. */
static vmap_status put_text(const vmap_reader *r, vmap_table *table, size_t column, const char *text,
                            size_t n, size_t line, vmap_error *err)
{
    const wish *w = &r->wishes[column];
    double value;
    vmap_reason why = reader_judge_text(r, w, text, n, &value);

    if (why == VMAP_PRESENT)
        return vmap_table_push_number(table, column, value, err);
    if (why == VMAP_UNPARSABLE && !r->options.text_answers && !r->options.text_is_missing)
        return refuse_text(r, w, text, n, line, err);
    return vmap_table_push_missing(table, column, why, err);
}

static vmap_status refuse_bytes(const vmap_reader *r, const wish *w, const char *what, size_t line,
                                vmap_error *err)
{
    vmap_error_set(err, VMAP_EPARSE, "%s", what);
    vmap_error_place(err, r->path, line, 0, r->names[w->field]);
    return VMAP_EPARSE;
}

vmap_status reader_put_cell(const vmap_reader *r, vmap_table *table, size_t column, const char *text,
                            size_t n, size_t line, vmap_error *err)
{
    const wish *w = &r->wishes[column];
    double value;
    int code;

    if (w->kind == VMAP_CODES && reader_code(text, n, &code))
        return table_push_code(table, column, code, err);
    trim(&text, &n);
    if (n && memchr(text, '\0', n))
        return refuse_bytes(r, w, "the cell holds a NUL byte", line, err);
    if (w->kind == VMAP_CODES && r->options.text_answers)
        return put_text(r, table, column, text, n, line, err);
    if (w->kind != VMAP_TEXTS)
        return text_number(text, n, r->decimal, &value)
                   ? vmap_table_push_number(table, column, value, err)
                   : put_text(r, table, column, text, n, line, err);
    if (n == 0)
        return vmap_table_push_missing(table, column, VMAP_BLANK, err);
    if (!encoding_valid(text, n))
        return refuse_bytes(r, w,
                            "the cell is not UTF-8; name the file's encoding with --encoding, such as "
                            "latin1 or windows-1252",
                            line, err);
    return vmap_table_push_text(table, column, text, n, err);
}

bool problems_add(problems *list, const vmap_error *err, size_t most)
{
    vmap_error *more;

    if (err->status != VMAP_EDATA && err->status != VMAP_EPARSE)
        return false;
    more = reallocarray(list->list, list->count + 1, sizeof *more);
    if (!more)
        return false;
    list->list = more;
    more[list->count++] = *err;
    return list->count < most;
}

/* What came of reading `rows` rows. */
static vmap_status conclude(const vmap_reader *r, vmap_status status, size_t rows, vmap_error *err)
{
    vmap_status changed = check_unchanged(r, err); /* explains whatever else was wrong */

    if (changed)
        return changed;
    if (r->problems.count) {
        status = r->problems.list[0].status;
        if (err)
            *err = r->problems.list[0];
    } else if (!status && rows == 0) {
        status = vmap_error_set(err, VMAP_EDATA, "the file has a header but no rows");
        vmap_error_place(err, r->path, 0, 0, NULL);
    }
    return status;
}

typedef struct {
    reader_block block;
    void *context;
    size_t rows;
} stream;

static vmap_status count_block(void *context, vmap_table *block, vmap_error *err)
{
    stream *s = context;

    s->rows += vmap_table_rows(block);
    return s->block(s->context, block, err);
}

vmap_status reader_stream(vmap_reader *r, reader_block block, void *context, vmap_error *err)
{
    stream s = {block, context, 0};
    vmap_table *all = NULL;
    vmap_status status;

    if (r->format->stream) {
        r->share = 0;
        status = r->format->stream(r, count_block, &s, err);
        return conclude(r, status, s.rows, err);
    }
    status = vmap_reader_read(r, &all, err);
    if (!status)
        status = block(context, all, err);
    vmap_table_free(all);
    return status;
}

bool reader_streams(const vmap_reader *r)
{
    return r->format->stream != NULL;
}

vmap_status reader_glance(vmap_reader *r, bool (*chosen)(const void *context, const char *as), reader_block block, void *context,
                          bool *readable, vmap_error *err)
{
    wish *all = r->wishes, *some = memory_new(r->wish_count, sizeof *some, err);
    size_t count = r->wish_count, few = 0;
    vmap_status status = some ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t i = 0; some && i < count; i++) {
        if (chosen(context, all[i].as))
            some[few++] = all[i];
    }
    *readable = true;
    if (few) {
        r->wishes = some;
        r->wish_count = few;
        status = reader_stream(r, block, context, NULL);
        r->wishes = all;
        r->wish_count = count;
        r->problems.count = 0;
        *readable = !status;
        status = VMAP_SUCCESS;
    }
    free(some);
    return status;
}

typedef struct {
    vmap_reader *reader;
    vmap_table *table;
} collection;

/* How many rows the file has is told by the share of it that has been read, so that room is made once. */
static vmap_status collect(void *context, vmap_table *block, vmap_error *err)
{
    const collection *c = context;
    size_t rows = vmap_table_rows(c->table) + vmap_table_rows(block);
    double share = c->reader->share;
    size_t expected = share > 0 && share < 1 ? (size_t)((double)rows / share * 1.02) + 64 : rows;

    return table_append(c->table, block, expected, c->reader->options.threads, err);
}

static vmap_status read_blocks(vmap_reader *r, vmap_table **table, vmap_error *err)
{
    collection c = {.reader = r, .table = reader_table(r, err)};
    vmap_status status = c.table ? reader_stream(r, collect, &c, err) : VMAP_ENOMEM;

    if (status)
        vmap_table_free(c.table);
    else
        *table = c.table;
    return status;
}

vmap_status vmap_reader_read(vmap_reader *reader, vmap_table **table, vmap_error *err)
{
    vmap_table *read = NULL;
    vmap_status status;

    if (!reader->format->read)
        return read_blocks(reader, table, err);
    status = reader->format->read(reader, &read, err);
    status = conclude(reader, status, status ? 0 : vmap_table_rows(read), err);
    if (status)
        vmap_table_free(read);
    else
        *table = read;
    return status;
}

vmap_status vmap_reader_refuse(vmap_reader *reader, vmap_error *err)
{
    vmap_error broken = {0}, refusal = *err;
    vmap_table *table = NULL;

    if (vmap_reader_read(reader, &table, &broken) == VMAP_EPARSE) {
        *err = broken;
        return broken.status;
    }
    vmap_table_free(table);
    for (size_t c = 0; c < reader->count; c++) {
        if (!strchr(reader->names[c], '\n'))
            continue;
        vmap_error_set(err, refusal.status, "%s; the name of column %zu runs over several lines: is its quote closed?",
                       refusal.message, c + 1);
        vmap_error_place(err, refusal.file, refusal.line, refusal.position, refusal.column);
        break;
    }
    return refusal.status;
}
