#include <config.h>
#include "valuemap/read.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <csv.h>

#include "core/memory.h"
#include "core/text.h"
#include "data/csv_scan.h"
#include "data/csv_sniff.h"

enum {
    SAMPLE = 1 << 18,        /* bytes that tell the dialect */
    SAMPLE_MAX = 1 << 24,    /* longest header */
    WINDOW = 1 << 20,        /* bytes read at a time */
    PADDING = 64             /* readable bytes that the scan needs after the text */
};

/* A wish of the caller: a column of the file becomes a column of the table. */
typedef struct {
    size_t field;
    vmap_kind kind;
    char *as, *allowed;
} wish;

struct vmap_reader {
    char *path;
    int fd;
    off_t start; /* of the first record after the header */
    vmap_read_options options;
    csv_dialect dialect;
    char described[128];
    char **names;
    size_t count, names_room;
    wish *wishes;
    size_t wish_count, wish_room;
};

void vmap_read_defaults(vmap_read_options *options)
{
    memset(options, 0, sizeof *options);
}

static vmap_status fail_io(const char *path, const char *what, vmap_error *err)
{
    vmap_status status = errno == ENOENT ? VMAP_ENOENT : VMAP_EIO;

    vmap_error_set(err, status, "cannot %s: %s", what, strerror(errno));
    vmap_error_place(err, path, 0, 0, NULL);
    return status;
}

/* Read up to n bytes at `offset`; less only at the end of the file. -1 on failure. */
static ssize_t read_at(int fd, char *to, size_t n, off_t offset)
{
    size_t got = 0;

    while (got < n) {
        ssize_t more = pread(fd, to + got, n - got, offset + (off_t)got);

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

/* ---- the header ---- */

typedef struct {
    vmap_reader *reader;
    vmap_error *err;
    vmap_status status;
} header_state;

/* The part of `CODE: label` before the colon when it is an identifier, else everything. */
static size_t name_length(const char *name, size_t n)
{
    size_t i = 0;

    while (i < n && (name[i] == '_' || (name[i] >= '0' && name[i] <= '9') ||
                     (name[i] >= 'A' && name[i] <= 'Z') || (name[i] >= 'a' && name[i] <= 'z')))
        i++;
    return i > 0 && i + 1 < n && name[i] == ':' && name[i + 1] == ' ' ? i : n;
}

static void take_name(void *bytes, size_t n, void *data)
{
    header_state *h = data;
    vmap_reader *r = h->reader;
    const char *name = bytes;

    while (n && (name[0] == ' ' || name[0] == '\t'))
        name++, n--;
    while (n && (name[n - 1] == ' ' || name[n - 1] == '\t'))
        n--;
    if (!h->status)
        h->status = memory_grow(&r->names, &r->names_room, r->count + 1, sizeof(char *), h->err);
    if (h->status)
        return;
    r->names[r->count] = text_copy(n ? name : "", n ? name_length(name, n) : 0);
    if (r->names[r->count])
        r->count++;
    else
        h->status = vmap_error_set(h->err, VMAP_ENOMEM, "no memory for a column name");
}

static vmap_status parse_header(vmap_reader *r, const char *header, vmap_error *err)
{
    struct csv_parser parser;
    header_state h = {.reader = r, .err = err};
    size_t n = r->dialect.header;

    if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI))
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for the CSV parser");
    csv_set_delim(&parser, (unsigned char)r->dialect.delimiter);
    if (csv_parse(&parser, header, n, take_name, NULL, &h) != n ||
        csv_fini(&parser, take_name, NULL, &h)) {
        if (!h.status)
            h.status = vmap_error_set(err, VMAP_EPARSE,
                                      "the header has a quote that is not closed or stands inside "
                                      "an unquoted name");
        vmap_error_place(err, NULL, 1, 0, NULL);
    }
    csv_free(&parser);
    if (!h.status && r->count == 0)
        h.status = vmap_error_set(err, VMAP_EPARSE, "the header has no column names");
    return h.status;
}

static void describe(vmap_reader *r)
{
    const csv_dialect *d = &r->dialect;

    snprintf(r->described, sizeof r->described, "delimiter %s%c%s, decimal '%c'%s%s",
             d->delimiter == '\t' ? "" : "'", d->delimiter == '\t' ? 'T' : d->delimiter,
             d->delimiter == '\t' ? "AB" : "'", d->decimal, d->mark ? ", byte order mark" : "",
             d->crlf ? ", CRLF" : "");
}

/* Read a growing sample until it holds the whole header. */
static vmap_status open_header(vmap_reader *r, vmap_error *err)
{
    vmap_status status = VMAP_EPARSE;
    char *sample = NULL;

    for (size_t size = SAMPLE; status == VMAP_EPARSE && size <= SAMPLE_MAX; size *= 8) {
        char *more = realloc(sample, size);
        ssize_t n;

        if (!more) {
            status = vmap_error_set(err, VMAP_ENOMEM, "no memory for %zu bytes", size);
            break;
        }
        sample = more;
        n = read_at(r->fd, sample, size, 0);
        if (n < 0) {
            free(sample);
            return fail_io(r->path, "read the file", err);
        }
        status = csv_sniff(sample, (size_t)n, (size_t)n < size, r->options.delimiter,
                           r->options.decimal, &r->dialect, err);
        if (!status) {
            r->start = (off_t)(r->dialect.mark ? 3 : 0) + (off_t)r->dialect.header;
            status = parse_header(r, sample + (r->dialect.mark ? 3 : 0), err);
            break;
        }
        if ((size_t)n < size)
            break;
    }
    free(sample);
    if (status)
        vmap_error_place(err, r->path, 0, 0, NULL);
    else
        describe(r);
    return status;
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
    r->path = text_copy(name, strlen(name));
    r->fd = open_seekable(path);
    if (!r->path)
        status = vmap_error_set(err, VMAP_ENOMEM, "no memory for a file name");
    else if (r->fd < 0)
        status = fail_io(r->path, "open the file", err);
    else
        status = open_header(r, err);
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

/* ---- the rows ---- */

/* Everything that reading one file needs; the same cells arrive from both ways of reading. */
typedef struct {
    const vmap_reader *reader;
    vmap_table *table;
    vmap_error *err;
    vmap_status status;
    struct csv_parser parser;
    size_t line;          /* of the record at hand, from 1 */
    /* when libcsv is shown the whole file, the lines of the field at hand and of the next byte: */
    size_t field_line, next_line;
    size_t *order;        /* wishes sorted by field */
    size_t *wanted;       /* distinct wanted fields, increasing */
    size_t distinct;
    size_t field;         /* number of the next field that libcsv delivers */
    /* when only the wanted fields are shown to libcsv: */
    csv_field *fields;
    char *pruned;
    size_t pruned_room;
    const char *window;
    size_t window_line;
} job;

static void fail_cell(job *j, const wish *w, const char *text, size_t n)
{
    char shown[64];

    snprintf(shown, sizeof shown, "%.*s", (int)(n < 60 ? n : 60), text);
    j->status = vmap_error_set(
        j->err, VMAP_EDATA, "'%s' is not a number%s%s%s; %s", shown,
        j->reader->dialect.decimal == ',' ? " with decimal comma" : "",
        w->allowed ? "; allowed are " : "", w->allowed ? w->allowed : "",
        memchr(text, ',', n) || memchr(text, '.', n)
            ? "if the decimal mark was not recognised, force it with --decimal"
            : "to count text as missing, use --text missing");
    vmap_error_place(j->err, j->reader->path, j->line, 0,
                     j->reader->names[w->field]);
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

static void put_cell(job *j, size_t column, const char *text, size_t n)
{
    const wish *w = &j->reader->wishes[column];
    double value;

    while (n && (text[0] == ' ' || text[0] == '\t'))
        text++, n--;
    while (n && (text[n - 1] == ' ' || text[n - 1] == '\t'))
        n--;
    if (n && memchr(text, '\0', n)) {
        j->status = vmap_error_set(j->err, VMAP_EPARSE, "the cell holds a NUL byte");
        vmap_error_place(j->err, j->reader->path, j->line, 0, w->as);
    } else if (w->kind == VMAP_TEXTS) {
        j->status = n ? vmap_table_push_text(j->table, column, text, n, j->err)
                      : vmap_table_push_missing(j->table, column, VMAP_BLANK, j->err);
    } else if (text_number(text, n, j->reader->dialect.decimal, &value)) {
        j->status = vmap_table_push_number(j->table, column, value, j->err);
    } else if (is_blank(text, n)) {
        j->status = vmap_table_push_missing(j->table, column, VMAP_BLANK, j->err);
    } else if (j->reader->options.text_is_missing) {
        j->status = vmap_table_push_missing(j->table, column, VMAP_UNPARSABLE, j->err);
    } else {
        fail_cell(j, w, text, n);
    }
}

/* Give a field of the file to every wish for it. */
static void put_field(job *j, size_t field, const char *text, size_t n)
{
    size_t low = 0, high = j->reader->wish_count;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (j->reader->wishes[j->order[middle]].field < field)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < j->reader->wish_count && !j->status; low++) {
        if (j->reader->wishes[j->order[low]].field != field)
            break;
        put_cell(j, j->order[low], text, n);
    }
}

static void fail_count(job *j, size_t fields)
{
    j->status = vmap_error_set(j->err, VMAP_EPARSE, "%zu field%s, but the header names %zu columns",
                               fields, fields == 1 ? "" : "s", j->reader->count);
    vmap_error_place(j->err, j->reader->path, j->line, 0, NULL);
}

static void fail_quote(job *j, size_t line)
{
    j->status = vmap_error_set(j->err, VMAP_EPARSE,
                               "a quote is not closed, or stands inside an unquoted field; in CSV "
                               "a quote inside a quoted field is written twice");
    vmap_error_place(j->err, j->reader->path, line, 0, NULL);
}

/* -- the fast way: show only the wanted fields to libcsv -- */

static void pruned_field(void *bytes, size_t n, void *data)
{
    job *j = data;

    /* The first field is a sentinel: libcsv would drop a record that is empty. */
    if (j->field++ > 0 && !j->status)
        put_field(j, j->wanted[j->field - 2], bytes, n);
}

static void pruned_row(int end, void *data)
{
    job *j = data;

    (void)end;
    j->field = 0;
    if (!j->status)
        j->status = vmap_table_end_row(j->table, j->line, j->err);
}

static bool is_blank_record(const char *text, const csv_record *record)
{
    size_t i = record->from;

    while (i < record->to && (text[i] == ' ' || text[i] == '\t'))
        i++;
    return record->fields == 1 && i == record->to;
}

static bool take_record(void *context, const csv_record *record)
{
    job *j = context;
    size_t used = 0, need = 3 + j->distinct;

    j->line = j->window_line + record->line;
    if (is_blank_record(j->window, record))
        return true;
    if (record->fields != j->reader->count) {
        fail_count(j, record->fields);
        return false;
    }
    for (size_t i = 0; i < j->distinct; i++)
        need += record->wanted[i].to - record->wanted[i].from;
    j->status = memory_grow(&j->pruned, &j->pruned_room, need, 1, j->err);
    if (j->status)
        return false;
    /* A quoted empty field in front is no delimiter, whatever the delimiter. */
    j->pruned[used++] = '"';
    j->pruned[used++] = '"';
    for (size_t i = 0; i < j->distinct; i++) {
        size_t n = record->wanted[i].to - record->wanted[i].from;

        j->pruned[used++] = j->reader->dialect.delimiter;
        memcpy(j->pruned + used, j->window + record->wanted[i].from, n);
        used += n;
    }
    j->pruned[used++] = '\n';
    if (csv_parse(&j->parser, j->pruned, used, pruned_field, pruned_row, j) != used && !j->status)
        fail_quote(j, j->line);
    return !j->status;
}

/* Returns CSV_IRREGULAR when the file must be shown to libcsv as a whole. */
static csv_scan_result read_pruned(job *j)
{
    size_t room = WINDOW, kept = 0, done, lines;
    char *window = malloc(room + PADDING);
    off_t offset = j->reader->start;
    csv_scan_result result = CSV_SCANNED;
    bool last = false;

    j->window_line = 1 + j->reader->dialect.header_lines;
    while (window && !last) {
        ssize_t got = read_at(j->reader->fd, window + kept, room - kept, offset);
        size_t n = kept + (size_t)(got > 0 ? got : 0);

        if (got < 0) {
            j->status = fail_io(j->reader->path, "read the file", j->err);
            result = CSV_STOPPED;
            break;
        }
        offset += got;
        last = n < room;
        if (last && n && window[n - 1] != '\n')
            window[n++] = '\n'; /* the last line may lack its end */
        memset(window + n, 0, PADDING);
        j->window = window;
        result = csv_scan(window, n, j->reader->dialect.delimiter, j->wanted, j->distinct,
                          j->fields, take_record, j, &done, &lines);
        if (result != CSV_SCANNED)
            break;
        j->window_line += lines;
        kept = n - done;
        memmove(window, window + done, kept);
        if (last && kept)
            result = CSV_IRREGULAR; /* a quote is open at the end: libcsv says where */
        if (!last && kept == room) {
            char *more = realloc(window, 2 * room + PADDING);

            if (!more)
                break;
            window = more;
            room *= 2;
        }
    }
    if (!last && result == CSV_SCANNED) {
        j->status = vmap_error_set(j->err, VMAP_ENOMEM, "no memory for a record of %zu bytes", room);
        result = CSV_STOPPED;
    }
    free(window);
    return result;
}

/* -- the plain way: show every byte to libcsv -- */

static void whole_field(void *bytes, size_t n, void *data)
{
    job *j = data;

    if (!j->status && j->field < j->reader->count)
        put_field(j, j->field, bytes ? bytes : "", n);
    j->field++;
    j->field_line = j->next_line;
}

static void whole_row(int end, void *data)
{
    job *j = data;
    size_t fields = j->field;

    (void)end;
    j->field = 0;
    if (j->status)
        return;
    if (fields != j->reader->count)
        fail_count(j, fields);
    else
        j->status = vmap_table_end_row(j->table, j->line, j->err);
}

/* libcsv knows no lines: feed it line by line and count them. A record that spans lines keeps the
 * line on which it began, and a field the one on which the field before it ended: there an
 * unterminated quote opens. */
static void feed_lines(job *j, const char *text, size_t n)
{
    while (n && !j->status) {
        const char *end = memchr(text, '\n', n);
        size_t length = end ? (size_t)(end - text) + 1 : n;

        if (j->field == 0 && j->parser.entry_pos == 0)
            j->line = j->field_line = j->next_line;
        if (csv_parse(&j->parser, text, length, whole_field, whole_row, j) != length && !j->status)
            fail_quote(j, j->field_line);
        j->next_line += end != NULL;
        text += length;
        n -= length;
    }
}

static void read_whole(job *j)
{
    char *window = malloc(WINDOW);
    off_t offset = j->reader->start;
    ssize_t got = 0;

    j->next_line = 1 + j->reader->dialect.header_lines;
    while (window && !j->status && (got = read_at(j->reader->fd, window, WINDOW, offset)) > 0) {
        feed_lines(j, window, (size_t)got);
        offset += got;
    }
    if (!window)
        j->status = vmap_error_set(j->err, VMAP_ENOMEM, "no memory for a window of the file");
    else if (got < 0)
        j->status = fail_io(j->reader->path, "read the file", j->err);
    else if (!j->status && csv_fini(&j->parser, whole_field, whole_row, j) && !j->status)
        fail_quote(j, j->field_line);
    free(window);
}

/* -- both -- */

static vmap_status begin(job *j)
{
    const vmap_reader *r = j->reader;

    vmap_table_free(j->table);
    j->field = 0;
    j->table = vmap_table_new(j->err);
    if (!j->table)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < r->wish_count; i++) {
        vmap_status status =
            vmap_table_add(j->table, r->wishes[i].as, r->wishes[i].kind, NULL, j->err);

        if (status)
            return status;
    }
    if (csv_init(&j->parser, CSV_STRICT | CSV_STRICT_FINI))
        return vmap_error_set(j->err, VMAP_ENOMEM, "no memory for the CSV parser");
    csv_set_delim(&j->parser, (unsigned char)r->dialect.delimiter);
    csv_set_blk_size(&j->parser, 4096);
    return VMAP_SUCCESS;
}

static vmap_status sort_wishes(job *j)
{
    const vmap_reader *r = j->reader;

    j->order = memory_new(r->wish_count, sizeof *j->order, j->err);
    j->wanted = memory_new(r->wish_count, sizeof *j->wanted, j->err);
    j->fields = memory_new(r->wish_count, sizeof *j->fields, j->err);
    if (!j->order || !j->wanted || !j->fields)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < r->wish_count; i++) {
        size_t k = i;

        for (; k > 0 && r->wishes[j->order[k - 1]].field > r->wishes[i].field; k--)
            j->order[k] = j->order[k - 1];
        j->order[k] = i;
    }
    for (size_t i = 0; i < r->wish_count; i++) {
        size_t field = r->wishes[j->order[i]].field;

        if (j->distinct == 0 || j->wanted[j->distinct - 1] != field)
            j->wanted[j->distinct++] = field;
    }
    return VMAP_SUCCESS;
}

vmap_status vmap_reader_read(vmap_reader *reader, vmap_table **table, vmap_error *err)
{
    job j = {.reader = reader, .err = err};
    csv_scan_result result = CSV_SCANNED;

    j.status = sort_wishes(&j);
    if (!j.status)
        j.status = begin(&j);
    if (!j.status) {
        result = read_pruned(&j);
        csv_free(&j.parser);
    }
    if (result == CSV_IRREGULAR && !j.status) {
        j.status = begin(&j);
        if (!j.status) {
            read_whole(&j);
            csv_free(&j.parser);
        }
    }
    if (!j.status && vmap_table_rows(j.table) == 0) {
        j.status = vmap_error_set(err, VMAP_EDATA, "the file has a header but no rows");
        vmap_error_place(err, reader->path, 0, 0, NULL);
    }
    if (!j.status) {
        *table = j.table;
        j.table = NULL;
    }
    vmap_table_free(j.table);
    free(j.order);
    free(j.wanted);
    free(j.fields);
    free(j.pruned);
    return j.status;
}
