#include <config.h>
#include "data/stat_child.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include <readstat.h>

#include "core/sandbox.h"

/* ReadStat at work, but for portable files (stat_por.c); this runs in the sandbox and knows nothing of readers and tables. Texts are passed on as
 * the bytes that they are: the parent knows the encoding and repairs what is broken. */

enum { AHEAD = 1 << 18, OUT = 1 << 16 };

typedef stat_child parsing;

/* ---- output ---- */

static void flush(parsing *p)
{
    p->failed = p->failed || !sandbox_write(p->out, p->sent, p->n);
    p->n = 0;
}

void stat_put(parsing *p, const void *bytes, size_t n)
{
    if (n > OUT - p->n)
        flush(p);
    if (n > OUT) {
        p->failed = p->failed || !sandbox_write(p->out, bytes, n);
        return;
    }
    memcpy(p->sent + p->n, bytes, n);
    p->n += n;
}

void stat_put_byte(parsing *p, int byte)
{
    char c = (char)byte;

    stat_put(p, &c, 1);
}

void stat_put_text(parsing *p, const char *text, size_t n)
{
    uint32_t length = (uint32_t)n;

    stat_put(p, &length, sizeof length);
    stat_put(p, text, n);
}

static void put_text(parsing *p, const char *text)
{
    stat_put_text(p, text ? text : "", text ? strlen(text) : 0);
}

static inline void put_cell(parsing *p, int cell)
{
    int16_t code = (int16_t)cell;

    if (sizeof code > OUT - p->n)
        flush(p);
    memcpy(p->sent + p->n, &code, sizeof code); /* of a size that is known: two instructions */
    p->n += sizeof code;
}

void stat_put_cell(parsing *p, int cell)
{
    put_cell(p, cell);
}

static inline void put_number(parsing *p, double x)
{
    if (isnan(x)) {
        put_cell(p, STAT_MISSING);
    } else if (x >= STAT_LEAST && x <= INT16_MAX && x == (double)(int16_t)x) {
        put_cell(p, (int)x);
    } else {
        put_cell(p, STAT_NUMBER);
        stat_put(p, &x, sizeof x);
    }
}

void stat_put_number(parsing *p, double x)
{
    put_number(p, x);
}

/* ---- input ---- */

static int open_file(const char *path, void *context)
{
    parsing *p = context;

    (void)path;
    p->at = 0;
    return 0;
}

static int close_file(void *context)
{
    (void)context;
    return 0;
}

static readstat_off_t seek_file(readstat_off_t offset, readstat_io_flags_t whence, void *context)
{
    parsing *p = context;
    off_t end = whence == READSTAT_SEEK_END ? lseek(p->task->fd, 0, SEEK_END) : 0;
    off_t to = offset + (whence == READSTAT_SEEK_CUR ? p->at : whence == READSTAT_SEEK_END ? end : 0);

    if (to < 0 || end < 0)
        return -1;
    return p->at = to;
}

ssize_t stat_take(parsing *p, void *to, size_t n)
{
    size_t done = 0;

    while (done < n) {
        size_t here;

        if (p->at < p->ahead_at || p->at >= p->ahead_at + (off_t)p->ahead_n) {
            ssize_t got = pread(p->task->fd, p->ahead, AHEAD, p->at);

            if (got < 0)
                return -1;
            if (got == 0)
                break;
            p->ahead_at = p->at;
            p->ahead_n = (size_t)got;
        }
        here = p->ahead_n - (size_t)(p->at - p->ahead_at);
        here = here < n - done ? here : n - done;
        memcpy((char *)to + done, p->ahead + (p->at - p->ahead_at), here);
        done += here;
        p->at += (off_t)here;
    }
    return (ssize_t)done;
}

static ssize_t read_file(void *to, size_t n, void *context)
{
    return stat_take(context, to, n);
}

/* ---- the description ---- */

static int take_metadata(readstat_metadata_t *metadata, void *context)
{
    parsing *p = context;
    int64_t version = readstat_get_file_format_version(metadata), rows = readstat_get_row_count(metadata);

    if (p->task->wanted)
        return READSTAT_HANDLER_OK;
    stat_put_byte(p, STAT_FILE);
    put_text(p, readstat_get_file_encoding(metadata));
    stat_put(p, &version, sizeof version);
    stat_put(p, &rows, sizeof rows);
    return READSTAT_HANDLER_OK;
}

static void put_ranges(parsing *p, const readstat_variable_t *variable, bool texts)
{
    int count = readstat_variable_get_missing_ranges_count(variable);

    count = count < 0 ? 0 : count > 16 ? 16 : count;
    stat_put_byte(p, count);
    for (int i = 0; i < count; i++) {
        readstat_value_t low = readstat_variable_get_missing_range_lo(variable, i);
        readstat_value_t high = readstat_variable_get_missing_range_hi(variable, i);
        double ends[2] = {NAN, NAN};

        if (texts) {
            put_text(p, readstat_value_type(low) == READSTAT_TYPE_STRING ? readstat_string_value(low) : "");
            continue;
        }
        if (readstat_value_type(low) != READSTAT_TYPE_STRING) {
            ends[0] = readstat_double_value(low);
            ends[1] = readstat_double_value(high);
        }
        stat_put(p, ends, sizeof ends);
    }
}

static int take_variable(int index, readstat_variable_t *variable, const char *labels, void *context)
{
    parsing *p = context;
    bool texts = readstat_variable_get_type_class(variable) == READSTAT_TYPE_CLASS_STRING;

    if (p->task->wanted)
        return index >= 0 && (size_t)index < p->task->variables && p->task->wanted[index]
                   ? READSTAT_HANDLER_OK
                   : READSTAT_HANDLER_SKIP_VARIABLE;
    stat_put_byte(p, STAT_VARIABLE);
    put_text(p, readstat_variable_get_name(variable));
    put_text(p, readstat_variable_get_label(variable));
    put_text(p, labels);
    stat_put_byte(p, texts);
    put_ranges(p, variable, texts);
    return p->failed ? READSTAT_HANDLER_ABORT : READSTAT_HANDLER_OK;
}

static int take_label(const char *set, readstat_value_t value, const char *label, void *context)
{
    parsing *p = context;

    if (p->task->wanted)
        return READSTAT_HANDLER_OK;
    stat_put_byte(p, STAT_LABEL);
    put_text(p, set);
    if (readstat_value_type(value) == READSTAT_TYPE_STRING) {
        stat_put_byte(p, STAT_OF_TEXT);
        put_text(p, readstat_string_value(value));
    } else if (readstat_value_is_tagged_missing(value)) {
        stat_put_byte(p, STAT_OF_TAG);
        stat_put_byte(p, readstat_value_tag(value));
    } else {
        double x = readstat_double_value(value);

        stat_put_byte(p, STAT_OF_NUMBER);
        stat_put(p, &x, sizeof x);
    }
    put_text(p, label);
    return p->failed ? READSTAT_HANDLER_ABORT : READSTAT_HANDLER_OK;
}

/* ---- the values ---- */

static double number_of(const readstat_value_t *value)
{
    switch (value->type) {
    case READSTAT_TYPE_INT8:
        return value->v.i8_value;
    case READSTAT_TYPE_INT16:
        return value->v.i16_value;
    case READSTAT_TYPE_INT32:
        return value->v.i32_value;
    case READSTAT_TYPE_FLOAT:
        return (double)value->v.float_value;
    default:
        return value->v.double_value;
    }
}

static int take_value(int row, readstat_variable_t *variable, readstat_value_t value, void *context)
{
    parsing *p = context;

    if (readstat_variable_get_index_after_skipping(variable) != p->column || row < 0)
        return READSTAT_HANDLER_ABORT;
    p->column = p->column + 1 == p->columns ? 0 : p->column + 1;
    if (value.type == READSTAT_TYPE_STRING || value.type == READSTAT_TYPE_STRING_REF) {
        put_cell(p, STAT_TEXT);
        put_text(p, value.v.string_value);
    } else if (value.is_tagged_missing) {
        put_cell(p, STAT_TAG + (value.tag & 0x7F));
    } else {
        put_number(p, value.is_system_missing ? NAN : number_of(&value));
    }
    return p->failed ? READSTAT_HANDLER_ABORT : READSTAT_HANDLER_OK;
}

/* ---- all ---- */

static readstat_error_t parse(readstat_parser_t *parser, stat_kind kind, parsing *p)
{
    switch (kind) {
    case STAT_SAV:
        return readstat_parse_sav(parser, "", p);
    case STAT_POR:
        return (readstat_error_t)stat_parse_por(p);
    case STAT_DTA:
        return readstat_parse_dta(parser, "", p);
    case STAT_SAS:
        return readstat_parse_sas7bdat(parser, "", p);
    default:
        return readstat_parse_xport(parser, "", p);
    }
}

int stat_parse(void *context, int out)
{
    parsing p = {.task = context, .out = out, .sent = malloc(OUT), .ahead = malloc(AHEAD)};
    readstat_parser_t *parser = readstat_parser_init();
    readstat_error_t error;

    if (!p.sent || !p.ahead || !parser)
        return READSTAT_ERROR_MALLOC;
    for (size_t i = 0; p.task->wanted && i < p.task->variables; i++)
        p.columns += p.task->wanted[i];
    readstat_set_open_handler(parser, open_file);
    readstat_set_close_handler(parser, close_file);
    readstat_set_seek_handler(parser, seek_file);
    readstat_set_read_handler(parser, read_file);
    readstat_set_io_ctx(parser, &p);
    readstat_set_handler_character_encoding(parser, NULL);
    readstat_set_metadata_handler(parser, take_metadata);
    readstat_set_variable_handler(parser, take_variable);
    readstat_set_value_label_handler(parser, take_label);
    if (p.task->wanted)
        readstat_set_value_handler(parser, take_value);
    error = parse(parser, p.task->kind, &p);
    if (error == READSTAT_OK && p.task->wanted)
        put_cell(&p, STAT_LAST);
    else if (error == READSTAT_OK)
        stat_put_byte(&p, STAT_END);
    flush(&p);
    return p.failed ? READSTAT_ERROR_WRITE : (int)error;
}

/* ---- what kind of file ---- */

stat_kind stat_tell(const char *head, size_t n)
{
    static const char sas[] = "\0\0\0\0\0\0\0\0\0\0\0\0\xC2\xEA\x81\x60";
    static const char xpt[] = "HEADER RECORD*******LIB"; /* RARY (version 5), V8 */
    unsigned char first = n ? (unsigned char)head[0] : 0;

    if (n >= 4 && (memcmp(head, "$FL2", 4) == 0 || memcmp(head, "$FL3", 4) == 0))
        return STAT_SAV;
    if (n >= 11 && memcmp(head, "<stata_dta>", 11) == 0)
        return STAT_DTA;
    if (n >= 4 && first >= 104 && first <= 115 && (head[1] == 1 || head[1] == 2) && head[2] == 1 &&
        head[3] == 0)
        return STAT_DTA;
    if (n >= 16 && memcmp(head, sas, 16) == 0)
        return STAT_SAS;
    if (n >= 23 && memcmp(head, xpt, 23) == 0)
        return STAT_XPT;
    if (n > 464 && memmem(head + 400, (n < 700 ? n : 700) - 400, "SPSSPORT", 8))
        return STAT_POR;
    return STAT_NONE;
}
