#include <config.h>
#include "data/csv_scan.h"

#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* Everything is inlined into csv_scan(), once for every processor and once for those that count bits in
 * one instruction. */
#define INLINED inline __attribute__((always_inline))

/* Bit i of each mask stands for byte i of the block. */
typedef struct {
    uint64_t quote, delimiter, newline, carriage;
} masks;

#if defined(__SSE2__)
static INLINED uint64_t equal(const __m128i part[4], char c)
{
    __m128i wanted = _mm_set1_epi8(c);
    uint64_t mask = 0;

    for (int i = 0; i < 4; i++)
        mask |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(part[i], wanted)) << (16 * i);
    return mask;
}

static INLINED masks read_block(const char *text, char delimiter)
{
    __m128i part[4];
    masks m;

    for (int i = 0; i < 4; i++)
        part[i] = _mm_loadu_si128((const __m128i *)(const void *)(text + 16 * i));
    m.quote = equal(part, '"');
    m.delimiter = equal(part, delimiter);
    m.newline = equal(part, '\n');
    m.carriage = equal(part, '\r');
    return m;
}
#else
static INLINED masks read_block(const char *text, char delimiter)
{
    masks m = {0, 0, 0, 0};

    for (int i = 0; i < 64; i++) {
        m.quote |= (uint64_t)(text[i] == '"') << i;
        m.delimiter |= (uint64_t)(text[i] == delimiter) << i;
        m.newline |= (uint64_t)(text[i] == '\n') << i;
        m.carriage |= (uint64_t)(text[i] == '\r') << i;
    }
    return m;
}
#endif

/* Bit i becomes the parity of bits 0..i: set from an opening quote up to before the closing one. */
static INLINED uint64_t prefix_xor(uint64_t x)
{
    for (int shift = 1; shift < 64; shift *= 2)
        x ^= x << shift;
    return x;
}

/* The lowest `bits` bits. */
static INLINED uint64_t below(unsigned bits)
{
    return bits >= 64 ? ~UINT64_C(0) : (UINT64_C(1) << bits) - 1;
}

static INLINED unsigned lowest(uint64_t x)
{
    return x ? (unsigned)__builtin_ctzll(x) : 64;
}

static INLINED size_t bits(uint64_t x)
{
    return (size_t)__builtin_popcountll(x);
}

typedef struct {
    const size_t *wanted;
    size_t count;
    csv_field *fields;
    csv_record record;
    size_t seen;  /* delimiters passed in this record */
    size_t k;     /* wanted field that comes next or is open */
    bool open;    /* its start is known */
    bool all;     /* the first `count` fields are wanted, so that each separator ends one */
    size_t quoted_lines; /* newlines inside quotes of this record */
    /* carried over to the next block: */
    bool in_quotes, after_separator, after_closing, after_carriage;
} scan;

static INLINED void begin_record(scan *s, size_t from)
{
    s->record.from = from;
    s->seen = 0;
    s->k = 0;
    s->quoted_lines = 0;
    s->open = s->count > 0 && s->wanted[0] == 0;
    if (s->open)
        s->fields[0].from = from;
}

/* The next delimiter number that matters: the one before the next wanted field or after the open
 * one. */
static INLINED size_t next_stop(const scan *s)
{
    if (s->k == s->count)
        return SIZE_MAX;
    return s->open ? s->wanted[s->k] + 1 : s->wanted[s->k];
}

static INLINED void close_field(scan *s, size_t at)
{
    s->fields[s->k++].to = at;
    s->open = false;
}

/* The delimiter at byte `at` is the next one that matters. */
static INLINED void stop_at(scan *s, size_t at)
{
    if (s->open)
        close_field(s, at);
    if (s->k < s->count && s->wanted[s->k] == s->seen) {
        s->fields[s->k].from = at + 1;
        s->open = true;
    }
}

/* Every delimiter in `mask` ends a wanted field and begins the next one: no need to count them. */
static INLINED void take_all(scan *s, size_t at, uint64_t mask)
{
    size_t here = bits(mask), room = s->count - 1 - s->k; /* that end a field and begin a wanted one */
    csv_field *field = s->fields + s->k;

    for (size_t i = here < room ? here : room; i > 0; i--, mask &= mask - 1, field++) {
        size_t end = at + lowest(mask);

        field[0].to = end;
        field[1].from = end + 1;
    }
    s->seen += here;
    s->k += here < room ? here : room;
    if (here > room)
        close_field(s, at + lowest(mask)); /* of the last one */
}

static INLINED bool end_record(scan *s, const char *text, size_t at, csv_record_function *each,
                       void *context)
{
    s->record.to = at > s->record.from && text[at - 1] == '\r' ? at - 1 : at;
    if (s->open)
        close_field(s, s->record.to);
    s->record.fields = s->seen + 1;
    s->record.wanted = s->fields;
    return each(context, &s->record);
}

/* Quotes and carriage returns that the scan does not understand. What follows the last byte of the
 * text, where `valid` ends, is not known yet and passes. */
static INLINED bool irregular(scan *s, const masks *m, uint64_t inside, uint64_t valid)
{
    uint64_t separators = m->newline | m->delimiter;
    uint64_t opening = m->quote & inside, closing = m->quote & ~inside;
    uint64_t bare_carriage = m->carriage & ~inside;
    uint64_t may_open = (separators | closing) << 1 | (s->after_separator || s->after_closing);
    uint64_t must_end = closing << 1 | s->after_closing;
    uint64_t must_newline = bare_carriage << 1 | s->after_carriage;

    s->after_separator = separators >> 63;
    s->after_closing = closing >> 63;
    s->after_carriage = bare_carriage >> 63;
    return ((opening & ~may_open) | (must_end & ~(separators | opening | bare_carriage)) |
            (must_newline & ~m->newline)) & valid;
}

static INLINED csv_scan_result scan_text(const char *text, size_t n, char delimiter,
                                         const size_t *wanted, size_t count, csv_field *fields,
                                         csv_record_function *each, void *context, size_t *done,
                                         size_t *lines)
{
    scan s = {.wanted = wanted,
              .count = count,
              .fields = fields,
              .all = count && wanted[count - 1] == count - 1,
              .after_separator = true};

    *done = *lines = 0;
    begin_record(&s, 0);
    for (size_t at = 0; at < n; at += 64) {
        masks m = read_block(text + at, delimiter);
        uint64_t inside, quoted_newlines, valid = below(n - at >= 64 ? 64 : (unsigned)(n - at));

        m.quote &= valid;
        m.carriage &= valid;
        inside = prefix_xor(m.quote) ^ (s.in_quotes ? ~UINT64_C(0) : 0);
        s.in_quotes = inside >> 63;
        quoted_newlines = m.newline & inside & valid;
        m.newline &= ~inside & valid;
        m.delimiter &= ~inside & valid;
        if (irregular(&s, &m, inside, valid))
            return CSV_IRREGULAR;
        while (m.newline | m.delimiter) {
            unsigned end = lowest(m.newline);
            size_t here, need;

            if (s.all && s.open) {
                take_all(&s, at, m.delimiter & below(end));
                m.delimiter &= ~below(end);
            }
            here = bits(m.delimiter & below(end));
            need = next_stop(&s);
            need = need == SIZE_MAX ? SIZE_MAX : need - s.seen;
            if (here >= need) {
                unsigned bit;

                for (size_t i = 1; i < need; i++)
                    m.delimiter &= m.delimiter - 1;
                bit = lowest(m.delimiter);
                m.delimiter &= m.delimiter - 1;
                s.seen += need;
                stop_at(&s, at + bit);
            } else {
                s.seen += here;
                m.delimiter &= ~below(end);
                if (end == 64)
                    break;
                s.quoted_lines += bits(quoted_newlines & below(end));
                quoted_newlines &= ~below(end);
                s.record.line = *lines;
                if (!end_record(&s, text, at + end, each, context))
                    return CSV_STOPPED;
                *lines += 1 + s.quoted_lines;
                *done = at + end + 1;
                m.newline &= m.newline - 1;
                begin_record(&s, at + end + 1);
            }
        }
        s.quoted_lines += bits(quoted_newlines);
    }
    return CSV_SCANNED;
}

#if defined(__x86_64__)
__attribute__((target("avx2,bmi,popcnt"))) static csv_scan_result
scan_avx2(const char *text, size_t n, char delimiter, const size_t *wanted, size_t count,
          csv_field *fields, csv_record_function *each, void *context, size_t *done, size_t *lines)
{
    return scan_text(text, n, delimiter, wanted, count, fields, each, context, done, lines);
}
#endif

csv_scan_result csv_scan(const char *text, size_t n, char delimiter, const size_t *wanted,
                         size_t count, csv_field *fields, csv_record_function *each, void *context,
                         size_t *done, size_t *lines)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
        __builtin_cpu_supports("popcnt"))
        return scan_avx2(text, n, delimiter, wanted, count, fields, each, context, done, lines);
#endif
    return scan_text(text, n, delimiter, wanted, count, fields, each, context, done, lines);
}
