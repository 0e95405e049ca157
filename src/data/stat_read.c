#include <config.h>

#include <errno.h>
#include <iconv.h>
#include <math.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include <readstat.h>

#include "core/buffer.h"
#include "core/memory.h"
#include "core/sandbox.h"
#include "core/text.h"
#include "data/encoding.h"
#include "data/reader_internal.h"
#include "data/stat_internal.h"
#include "data/table_internal.h"

/* Files of SPSS, Stata and SAS. ReadStat parses them in a sandbox, once for the description and once for the
 * wanted values; here what it found becomes names, labels and a table. Everything that comes from the sandbox
 * is checked as if it came from the file. */

#define UNKNOWN_CHARACTER "\xEF\xBF\xBD"

typedef struct {
    stat_kind kind;
    iconv_t how;      /* to UTF-8 */
    bool convert;     /* texts are not UTF-8 */
    bool guess;       /* what is no UTF-8 is Windows-1252 */
    size_t repaired;  /* bytes that were no characters */
    size_t unlabelled; /* columns whose set of labels is not there */
    char **sets;      /* of each column: the name of its set of labels, "" when none */
    size_t sets_room, values_room;
    int64_t rows;     /* as the file says, -1: it does not */
    unsigned fences;
} stat_state;

/* A label that came before or after its columns; its texts are those of the file, because the encoding may be
 * told later. */
typedef struct {
    char *set;
    vmap_value_label of;
} loose_label;

typedef struct {
    loose_label *list;
    size_t count, room;
} loose_labels;

static const char *kind_name(stat_kind kind)
{
    static const char *const names[] = {"", "SPSS", "SPSS portable", "Stata", "SAS", "SAS transport"};

    return names[kind];
}

/* ---- texts ---- */

static vmap_status set_encoding(vmap_reader *r, const char *given, int64_t version, vmap_error *err)
{
    stat_state *s = r->state;
    const char *name = r->options.encoding;

    if (!name && s->kind == STAT_POR)
        name = "UTF-8"; /* ReadStat has its own table of these characters */
    if (!name && given && *given)
        name = given;
    if (!name && s->kind == STAT_DTA)
        name = version >= 118 ? "UTF-8" : "WINDOWS-1252";
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
static const char *decode(stat_state *s, const char *text, size_t n, buffer *room, size_t *m)
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

/* ---- the description ---- */

static vmap_status broken(vmap_error *err)
{
    return vmap_error_set(err, VMAP_EPARSE, "the description of the file breaks off");
}

/* A text of the file, up to a NUL byte, in UTF-8 and fresh memory; NULL when memory is short. */
static char *decoded(stat_state *s, const char *raw)
{
    buffer room = {0};
    size_t m;
    const char *utf8 = decode(s, raw, strlen(raw), &room, &m);
    char *text = utf8 ? text_copy(utf8, m) : NULL;

    buffer_free(&room);
    return text;
}

/* The next text from the child, in UTF-8 and fresh memory; NULL when it does not come. */
static char *next_text(vmap_reader *r, sandbox *box)
{
    char *raw = sandbox_text(box, STAT_TEXT_MAX, NULL), *text = raw ? decoded(r->state, raw) : NULL;

    free(raw);
    return text;
}

static vmap_status take_file(vmap_reader *r, sandbox *box, vmap_error *err)
{
    stat_state *s = r->state;
    char *encoding = sandbox_text(box, STAT_NAME_MAX, NULL);
    int64_t version;
    vmap_status status = VMAP_EPARSE;

    if (encoding && sandbox_read(box, &version, sizeof version) && sandbox_read(box, &s->rows, sizeof s->rows)) {
        if (s->kind == STAT_DTA)
            reader_describe(r, "version %lld", (long long)version);
        status = set_encoding(r, encoding, version, err);
    } else {
        broken(err);
    }
    free(encoding);
    return status;
}

static vmap_status take_ranges(sandbox *box, column_values *v, unsigned count, vmap_error *err)
{
    v->missing = memory_new(count, sizeof *v->missing, err);
    if (!v->missing)
        return VMAP_ENOMEM;
    for (unsigned i = 0; i < count; i++) {
        double ends[2];

        if (v->texts) { /* texts stay as they are */
            char *text = sandbox_text(box, STAT_NAME_MAX, NULL);

            if (!text)
                return broken(err);
            free(text);
        } else if (!sandbox_read(box, ends, sizeof ends)) {
            return broken(err);
        } else if (ends[0] <= ends[1]) {
            v->missing[v->missing_count++] = (vmap_range){ends[0], ends[1]};
        }
    }
    return VMAP_SUCCESS;
}

static vmap_status take_variable(vmap_reader *r, sandbox *box, vmap_error *err)
{
    stat_state *s = r->state;
    char *name = next_text(r, box), *label = next_text(r, box), *set = sandbox_text(box, STAT_NAME_MAX, NULL);
    unsigned char texts = 0, ranges = 0;
    column_values *v;
    vmap_status status = VMAP_SUCCESS;

    if (!name || !label || !set || !sandbox_read(box, &texts, 1) || !sandbox_read(box, &ranges, 1) ||
        r->count >= STAT_VARIABLES_MAX)
        status = broken(err);
    if (!status)
        status = memory_grow(&s->sets, &s->sets_room, r->count + 1, sizeof *s->sets, err);
    if (!status)
        status = memory_grow(&r->values, &s->values_room, r->count + 1, sizeof *r->values, err);
    if (!status)
        status = reader_add_column(r, name, strlen(name), label, strlen(label), err);
    if (!status) {
        s->sets[r->count - 1] = set;
        set = NULL;
        v = &r->values[r->count - 1];
        memset(v, 0, sizeof *v);
        v->texts = texts != 0;
        status = take_ranges(box, v, ranges, err);
    }
    free(name);
    free(label);
    free(set);
    return status;
}

static vmap_status take_label(sandbox *box, loose_labels *labels, vmap_error *err)
{
    vmap_status status = memory_grow(&labels->list, &labels->room, labels->count + 1, sizeof *labels->list, err);
    loose_label *l;
    char kind = 0;
    bool good;

    if (status)
        return status;
    l = &labels->list[labels->count++];
    memset(l, 0, sizeof *l);
    l->of.value = NAN;
    l->set = sandbox_text(box, STAT_NAME_MAX, NULL);
    good = l->set && sandbox_read(box, &kind, 1);
    if (good && kind == STAT_OF_TEXT)
        good = (l->of.text = sandbox_text(box, STAT_TEXT_MAX, NULL)) != NULL;
    else if (good && kind == STAT_OF_TAG)
        good = sandbox_read(box, &l->of.tag, 1);
    else if (good)
        good = sandbox_read(box, &l->of.value, sizeof l->of.value);
    if (good)
        good = (l->of.label = sandbox_text(box, STAT_TEXT_MAX, NULL)) != NULL;
    return good ? VMAP_SUCCESS : broken(err);
}

static vmap_status take_description(vmap_reader *r, sandbox *box, loose_labels *labels, vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;
    char what = 0;

    while (!status && sandbox_read(box, &what, 1) && what != STAT_END) {
        if (what == STAT_FILE)
            status = take_file(r, box, err);
        else if (what == STAT_VARIABLE)
            status = take_variable(r, box, err);
        else if (what == STAT_LABEL)
            status = take_label(box, labels, err);
        else
            status = broken(err);
    }
    return status || what == STAT_END ? status : broken(err);
}

static vmap_status add_label(stat_state *s, column_values *v, const vmap_value_label *from, vmap_error *err)
{
    vmap_status status = memory_grow(&v->labels, &v->labels_room, v->labels_count + 1, sizeof *v->labels, err);
    vmap_value_label *to;
    char *folded;

    if (!status)
        status = memory_grow(&v->why, &v->why_room, v->labels_count + 1, sizeof *v->why, err);
    if (status)
        return status;
    to = &v->labels[v->labels_count];
    *to = *from;
    to->text = from->text ? decoded(s, from->text) : NULL;
    to->label = decoded(s, from->label);
    folded = to->label ? text_fold(to->label, strlen(to->label)) : NULL;
    v->why[v->labels_count] = VMAP_PRESENT;
    if (folded)
        reader_label_reason(folded, &v->why[v->labels_count]);
    free(folded);
    v->labels_count++;
    return to->label && (to->text || !from->text) ? VMAP_SUCCESS
                                                  : vmap_error_set(err, VMAP_ENOMEM, "no memory for labels");
}

static int by_set(const void *a, const void *b)
{
    const loose_label *l = *(const loose_label *const *)a, *m = *(const loose_label *const *)b;
    int order = strcmp(l->set, m->set);

    return order ? order : l < m ? -1 : l > m;
}

/* Give every column the labels of its set; they may stand before or after the columns. */
static vmap_status join_labels(vmap_reader *r, const loose_labels *labels, vmap_error *err)
{
    stat_state *s = r->state;
    const loose_label **sorted = memory_new(labels->count, sizeof *sorted, err);
    vmap_status status = sorted ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t i = 0; sorted && i < labels->count; i++)
        sorted[i] = &labels->list[i];
    if (sorted)
        qsort(sorted, labels->count, sizeof *sorted, by_set);
    for (size_t j = 0; !status && j < r->count; j++) {
        size_t low = 0, high = labels->count;

        while (low < high) {
            size_t middle = (low + high) / 2;

            if (strcmp(sorted[middle]->set, s->sets[j]) < 0)
                low = middle + 1;
            else
                high = middle;
        }
        for (; !status && *s->sets[j] && low < labels->count && strcmp(sorted[low]->set, s->sets[j]) == 0; low++)
            status = add_label(s, &r->values[j], &sorted[low]->of, err);
        s->unlabelled += *s->sets[j] && r->values[j].labels_count == 0;
    }
    free(sorted);
    return status;
}

static void free_labels(loose_labels *labels)
{
    for (size_t i = 0; i < labels->count; i++) {
        free(labels->list[i].set);
        free((char *)(size_t)labels->list[i].of.text);
        free((char *)(size_t)labels->list[i].of.label);
    }
    free(labels->list);
}

/* ---- the child's end ---- */

static sandbox_limits limits_of(const vmap_reader *r)
{
    struct stat info = {.st_size = 0};

    fstat(r->fd, &info);
    return (sandbox_limits){.memory = ((size_t)1 << 30) + (size_t)info.st_size,
                            .seconds = 60 + (unsigned)(info.st_size >> 20)};
}

/* How the child ended, unless `status` is already known: what it met counts for more than what the parent
 * did not get. */
static vmap_status end(vmap_reader *r, sandbox *box, vmap_status status, vmap_error *err)
{
    stat_state *s = r->state;
    char what[64];
    int code = 0;
    vmap_error how = {.status = VMAP_SUCCESS};
    vmap_status ended;

    snprintf(what, sizeof what, "parsing the %s file", kind_name(s->kind));
    ended = sandbox_end(box, what, &code, &how);
    if (status && status != VMAP_EPARSE)
        return status;
    if (ended && err)
        *err = how;
    if (!ended && code > 0)
        ended = vmap_error_set(err, VMAP_EPARSE, "the %s file cannot be read: %s; is it damaged or cut off?",
                               kind_name(s->kind), readstat_error_message((readstat_error_t)code));
    return ended ? ended : status;
}

static vmap_status read_description(vmap_reader *r, vmap_error *err)
{
    stat_state *s = r->state;
    stat_task task = {.kind = s->kind, .fd = r->fd};
    sandbox_limits limits = limits_of(r);
    const int keep[2] = {r->fd, -1};
    loose_labels labels = {0};
    sandbox box;
    vmap_status status = sandbox_start(&box, &limits, keep, stat_parse, &task, err);

    if (status)
        return status;
    s->fences = box.fences;
    status = take_description(r, &box, &labels, err);
    status = end(r, &box, status, err);
    if (!status)
        status = join_labels(r, &labels, err);
    free_labels(&labels);
    if (!status && r->count == 0)
        status = vmap_error_set(err, VMAP_EPARSE, "the %s file has no columns", kind_name(s->kind));
    return status;
}

/* ---- the values ---- */

enum { ROWS_AT_ONCE = 1024 };

/* A wanted column of the file, and the wishes for it. */
typedef struct {
    size_t field, first, count; /* places in `order` */
    const column_values *values;
    size_t to;  /* its column of the table */
} source;

/* The short way of the codes of a column for which there is one wish: where the next one goes, and which go the long
 * way, those between the least and the largest code that the file declares missing. */
typedef struct {
    table_bytes bytes;
    int16_t low, high;
} short_way;

typedef struct {
    vmap_reader *reader;
    vmap_table *table;
    size_t *order;
    source *sources;
    short_way *codes; /* of each source */
    size_t count;
    unsigned char *wanted; /* by column of the file */
    buffer text;
    size_t row;
    reader_block block; /* takes every ROWS_AT_ONCE rows; NULL: all stay in the table */
    void *context;
    vmap_error *err;
} filling;

static int by_field(const void *a, const void *b, void *context)
{
    const wish *wishes = context;
    size_t i = *(const size_t *)a, j = *(const size_t *)b;

    if (wishes[i].field != wishes[j].field)
        return wishes[i].field < wishes[j].field ? -1 : 1;
    return i < j ? -1 : i > j;
}

static vmap_status make_sources(filling *f)
{
    vmap_reader *r = f->reader;

    f->order = memory_new(r->wish_count, sizeof *f->order, f->err);
    f->sources = memory_new(r->wish_count + 1, sizeof *f->sources, f->err);
    f->codes = memory_new(r->wish_count + 1, sizeof *f->codes, f->err);
    f->wanted = memory_new(r->count, 1, f->err);
    if (!f->order || !f->sources || !f->codes || !f->wanted)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < r->wish_count; i++)
        f->order[i] = i;
    qsort_r(f->order, r->wish_count, sizeof *f->order, by_field, r->wishes);
    for (size_t i = 0; i < r->wish_count; i++) {
        const wish *w = &r->wishes[f->order[i]];
        source *s = f->count ? &f->sources[f->count - 1] : NULL;

        if (!s || s->field != w->field) {
            s = &f->sources[f->count++];
            *s = (source){.field = w->field, .first = i, .values = &r->values[w->field]};
        }
        s->count++;
        s->to = f->order[i];
        f->wanted[w->field] = 1;
    }
    if (f->count == 0) { /* the rows are counted by some column */
        f->wanted[0] = 1;
        f->sources[f->count++] = (source){.values = &r->values[0]};
    }
    return VMAP_SUCCESS;
}

static const vmap_reason *label_reason(const column_values *v, double value, char tag)
{
    for (size_t i = 0; i < v->labels_count; i++) {
        if (tag ? v->labels[i].tag == tag : v->labels[i].value == value)
            return &v->why[i];
    }
    return NULL;
}

/* Why a number that the file declares missing, or a tagged one, is missing. */
static vmap_reason explain(const wish *w, const column_values *v, double value, char tag)
{
    vmap_reason why = w->judge && !tag ? w->judge(w->judge_context, value) : VMAP_PRESENT;
    const vmap_reason *known;

    if (why != VMAP_PRESENT && why != VMAP_OUT_OF_RANGE)
        return why;
    known = label_reason(v, value, tag);
    return known && *known != VMAP_PRESENT ? *known : VMAP_OTHER_MISSING;
}

static bool is_declared_missing(const column_values *v, double value)
{
    for (size_t i = 0; i < v->missing_count; i++) {
        if (value >= v->missing[i].low && value <= v->missing[i].high)
            return true;
    }
    return false;
}

static vmap_status put_number(filling *f, const source *s, double value)
{
    vmap_status status = VMAP_SUCCESS;
    char text[32];

    for (size_t i = 0; !status && i < s->count; i++) {
        size_t to = f->order[s->first + i];
        const wish *w = &f->reader->wishes[to];

        if (!isfinite(value)) {
            status = vmap_error_set(f->err, VMAP_EDATA, "a value is infinite");
            vmap_error_place(f->err, f->reader->path, f->row, 0, f->reader->names[s->field]);
        } else if (w->kind == VMAP_TEXTS) {
            number_text(text, value, 0);
            status = vmap_table_push_text(f->table, to, text, strlen(text), f->err);
        } else if (is_declared_missing(s->values, value)) {
            status = vmap_table_push_missing(f->table, to, explain(w, s->values, value, 0), f->err);
        } else {
            status = vmap_table_push_number(f->table, to, value, f->err);
        }
    }
    return status;
}

static vmap_status put_missing(filling *f, const source *s, char tag)
{
    vmap_status status = VMAP_SUCCESS;

    for (size_t i = 0; !status && i < s->count; i++) {
        size_t to = f->order[s->first + i];
        vmap_reason why = tag ? explain(&f->reader->wishes[to], s->values, NAN, tag) : VMAP_BLANK;

        status = vmap_table_push_missing(f->table, to, why, f->err);
    }
    return status;
}

static vmap_status put_text(filling *f, sandbox *box, const source *s)
{
    vmap_reader *r = f->reader;
    size_t n = 0, m;
    char *raw = sandbox_text(box, STAT_TEXT_MAX, &n);
    const char *text = raw ? decode(r->state, raw, n, &f->text, &m) : NULL;
    vmap_status status = text ? VMAP_SUCCESS : VMAP_EPARSE;

    for (size_t i = 0; !status && i < s->count; i++) {
        size_t to = f->order[s->first + i];

        status = reader_put_cell(r, f->table, to, text, m, f->row, f->err);
        if (status && problems_add(&r->problems, f->err, r->options.max_errors))
            status = vmap_table_push_missing(f->table, to, VMAP_UNPARSABLE, f->err);
    }
    free(raw);
    return status;
}

static vmap_status put_cell(filling *f, sandbox *box, const source *s, int16_t cell)
{
    double number;

    if (cell >= STAT_LEAST)
        return put_number(f, s, cell);
    if (cell == STAT_MISSING)
        return put_missing(f, s, 0);
    if (cell == STAT_TEXT)
        return put_text(f, box, s);
    if (cell == STAT_NUMBER)
        return sandbox_read(box, &number, sizeof number) ? put_number(f, s, number) : VMAP_EPARSE;
    return cell < STAT_NUMBER ? put_missing(f, s, (char)(cell - STAT_TAG)) : VMAP_EPARSE;
}

static inline bool next_cell(sandbox *box, int16_t *cell)
{
    if (box->n - box->at < sizeof *cell)
        return sandbox_read(box, cell, sizeof *cell);
    memcpy(cell, box->block + box->at, sizeof *cell);
    box->at += sizeof *cell;
    return true;
}

/* Tell the table of the codes that went the short way to source k ... */
static void close_codes(filling *f, size_t k)
{
    if (f->codes[k].bytes.next) /* there may be no columns yet */
        table_close_bytes(&f->table->columns[f->sources[k].to], &f->codes[k].bytes);
}

/* ... and find out whether, and where, the next ones may go. */
static void open_codes(filling *f, size_t k)
{
    const source *s = &f->sources[k];

    f->codes[k].bytes = s->count == 1 ? table_open_bytes(&f->table->columns[s->to]) : (table_bytes){NULL, NULL};
}

/* The codes that the file declares missing lie from `low` to `high`; from 1 to 0 when there are none. */
static void bound_missing(short_way *way, const column_values *v)
{
    double low = INT16_MAX, high = INT16_MIN;

    for (size_t i = 0; i < v->missing_count; i++) {
        low = fmin(low, ceil(v->missing[i].low));
        high = fmax(high, floor(v->missing[i].high));
    }
    way->low = low > high ? 1 : (int16_t)fmax(low, INT16_MIN);
    way->high = low > high ? 0 : (int16_t)fmin(high, INT16_MAX);
}

static vmap_status put_long_way(filling *f, sandbox *box, size_t k, int16_t cell)
{
    vmap_status status;

    close_codes(f, k);
    status = put_cell(f, box, &f->sources[k], cell);
    open_codes(f, k);
    return status;
}

/* A new table once the one at hand is full and somebody takes it. */
static vmap_status hand_on(filling *f)
{
    vmap_status status;

    for (size_t k = 0; k < f->count; k++) {
        close_codes(f, k);
        f->codes[k].bytes = (table_bytes){NULL, NULL};
    }
    status = f->block(f->context, f->table, f->err);
    vmap_table_free(f->table);
    f->table = reader_table(f->reader, f->err);
    return status ? status : f->table ? VMAP_SUCCESS : VMAP_ENOMEM;
}

static vmap_status fill_rows(filling *f, sandbox *box)
{
    vmap_status status = VMAP_SUCCESS;
    size_t k = 0;
    int16_t cell;

    for (size_t i = 0; i < f->count; i++)
        bound_missing(&f->codes[i], f->sources[i].values);
    f->row = 1;
    while (!status && next_cell(box, &cell)) {
        short_way *way = &f->codes[k];

        if (cell == STAT_LAST)
            return k == 0 ? VMAP_SUCCESS : VMAP_EPARSE;
        if (cell >= BYTE_LEAST && cell <= INT8_MAX && way->bytes.next != way->bytes.end &&
            (cell < way->low || cell > way->high))
            *way->bytes.next++ = (int8_t)cell;
        else
            status = put_long_way(f, box, k, cell);
        if (++k == f->count && !status) {
            status = table_close_row(f->table, f->row++, f->err);
            k = 0;
            if (!status && f->block && vmap_table_rows(f->table) == ROWS_AT_ONCE)
                status = hand_on(f);
        }
    }
    return status ? status : VMAP_EPARSE;
}

static vmap_status check_rows(const filling *f)
{
    const stat_state *s = f->reader->state;
    size_t rows = f->row - 1;

    if (s->rows < 0 || (uint64_t)s->rows == rows)
        return VMAP_SUCCESS;
    return vmap_error_set(f->err, VMAP_EPARSE, "the file says that it has %lld rows, but %zu are there; is it cut "
                          "off?", (long long)s->rows, rows);
}

/* All rows to *table, or to `block`. */
static vmap_status fill(vmap_reader *r, reader_block block, void *context, vmap_table **table, vmap_error *err)
{
    vmap_error own;
    filling f = {.reader = r, .table = reader_table(r, err), .block = block, .context = context, .err = err ? err : &own};
    stat_state *s = r->state;
    sandbox_limits limits = limits_of(r);
    const int keep[2] = {r->fd, -1};
    sandbox box;
    vmap_status status = f.table ? make_sources(&f) : VMAP_ENOMEM;
    stat_task task = {.kind = s->kind, .fd = r->fd, .wanted = f.wanted, .variables = r->count};

    if (!status)
        status = sandbox_start(&box, &limits, keep, stat_parse, &task, err);
    if (!status) {
        size_t faults = r->problems.count;

        status = fill_rows(&f, &box);
        for (size_t k = 0; k < f.count; k++)
            close_codes(&f, k);
        if (status == VMAP_EPARSE && r->problems.count > faults)
            sandbox_end(&box, "", &(int){0}, NULL);
        else
            status = end(r, &box, status, err);
        if (status == VMAP_EPARSE)
            vmap_error_place(err, r->path, 0, 0, NULL);
    }
    if (!status && (status = check_rows(&f)))
        vmap_error_place(err, r->path, 0, 0, NULL);
    if (!status && block && vmap_table_rows(f.table))
        status = block(context, f.table, f.err);
    free(f.order);
    free(f.sources);
    free(f.codes);
    free(f.wanted);
    buffer_free(&f.text);
    if (status || block)
        vmap_table_free(f.table);
    else
        *table = f.table;
    return status;
}

static vmap_status read_values(vmap_reader *r, vmap_table **table, vmap_error *err)
{
    return fill(r, NULL, NULL, table, err);
}

static vmap_status stream_values(vmap_reader *r, reader_block block, void *context, vmap_error *err)
{
    return fill(r, block, context, NULL, err);
}

/* ---- the format ---- */

static void close_state(vmap_reader *r)
{
    stat_state *s = r->state;

    for (size_t i = 0; i < r->count && s->sets; i++)
        free(s->sets[i]);
    free(s->sets);
    if (s->convert && s->how && s->how != (iconv_t)-1)
        iconv_close(s->how);
    free(s);
}

static const reader_format formats[] = {{"", NULL, NULL, NULL},
                                        {"SPSS", read_values, close_state, stream_values},
                                        {"SPSS portable", read_values, close_state, stream_values},
                                        {"Stata", read_values, close_state, stream_values},
                                        {"SAS", read_values, close_state, stream_values},
                                        {"SAS transport", read_values, close_state, stream_values}};

bool stat_knows(const char *head, size_t n)
{
    return stat_tell(head, n) != STAT_NONE;
}

/* Stata's newer files end in a mark; without it the labels of the values, which come last, may be lost. */
static vmap_status check_end(const vmap_reader *r, const char *head, vmap_error *err)
{
    static const char mark[] = "</stata_dta>";
    char last[sizeof mark - 1];
    off_t n = lseek(r->fd, 0, SEEK_END);

    if (head[0] != '<')
        return VMAP_SUCCESS;
    if (n > (off_t)sizeof last && reader_bytes(r, last, sizeof last, n - (off_t)sizeof last) == sizeof last &&
        memcmp(last, mark, sizeof last) == 0)
        return VMAP_SUCCESS;
    return vmap_error_set(err, VMAP_EPARSE, "the Stata file cannot be read: it does not end as it should; is it cut off?");
}

vmap_status stat_open(vmap_reader *r, const char *head, size_t n, vmap_error *err)
{
    stat_state *s = memory_new(1, sizeof *s, err);
    vmap_status status;

    if (!s)
        return VMAP_ENOMEM;
    s->kind = stat_tell(head, n);
    s->rows = -1;
    r->state = s;
    r->format = &formats[s->kind];
    status = check_end(r, head, err);
    if (!status)
        status = read_description(r, err);
    if (status) {
        vmap_error_place(err, r->path, 0, 0, NULL);
        return status;
    }
    reader_describe(r, "%zu columns", r->count);
    if (s->repaired)
        reader_describe(r, "%zu bytes in names and labels are no characters and became U+FFFD", s->repaired);
    if (s->unlabelled)
        reader_describe(r, "value labels of %zu columns are not in the file", s->unlabelled);
    if (*sandbox_missing(s->fences))
        reader_describe(r, "parsed %s", sandbox_missing(s->fences));
    return VMAP_SUCCESS;
}
