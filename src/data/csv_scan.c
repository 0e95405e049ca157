#include <config.h>
#include "data/csv_scan.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__SSE2__)
#include <emmintrin.h>
#endif

/* Everything is inlined into csv_scan(), once for every processor and once for those that count bits in
 * one instruction. */
#define INLINED inline __attribute__((always_inline))

enum { BLOCK = 64, BLOCKS = 64 }; /* bytes of a block, and blocks whose masks are made at a time */

/* Bit i of each mask stands for byte i of the block. */
typedef struct {
    uint64_t quote, delimiter, newline, carriage;
} masks;

/* Those of some blocks: an array each, which compilers do not try to fill by vectors of four. */
typedef struct {
    uint64_t quote[BLOCKS], delimiter[BLOCKS], newline[BLOCKS], carriage[BLOCKS];
} chunk_masks;

/* ---- masks ---- */

#if defined(__SSE2__)
static INLINED uint64_t equal(const __m128i part[4], char c)
{
    __m128i wanted = _mm_set1_epi8(c);
    uint64_t mask = 0;

    for (int i = 0; i < 4; i++)
        mask |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(part[i], wanted)) << (16 * i);
    return mask;
}

static void make_masks(const char *text, size_t blocks, char delimiter, chunk_masks *m)
{
    for (size_t b = 0; b < blocks; b++, text += BLOCK) {
        __m128i part[4];

        for (int i = 0; i < 4; i++)
            part[i] = _mm_loadu_si128((const __m128i *)(const void *)(text + 16 * i));
        m->quote[b] = equal(part, '"');
        m->delimiter[b] = equal(part, delimiter);
        m->newline[b] = equal(part, '\n');
        m->carriage[b] = equal(part, '\r');
    }
}
#else
static uint64_t equal(const char *text, char c)
{
    uint64_t mask = 0;

    for (int i = 0; i < BLOCK; i++)
        mask |= (uint64_t)(text[i] == c) << i;
    return mask;
}

static void make_masks(const char *text, size_t blocks, char delimiter, chunk_masks *m)
{
    for (size_t b = 0; b < blocks; b++, text += BLOCK) {
        m->quote[b] = equal(text, '"');
        m->delimiter[b] = equal(text, delimiter);
        m->newline[b] = equal(text, '\n');
        m->carriage[b] = equal(text, '\r');
    }
}
#endif

#if defined(__x86_64__)
__attribute__((target("avx2"))) static INLINED uint64_t equal_avx2(__m256i low, __m256i high, char c)
{
    __m256i wanted = _mm256_set1_epi8(c);

    return (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, wanted)) |
           (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, wanted)) << 32;
}

__attribute__((target("avx2"))) static void make_masks_avx2(const char *text, size_t blocks, char delimiter,
                                                           chunk_masks *m)
{
    for (size_t b = 0; b < blocks; b++, text += BLOCK) {
        __m256i low = _mm256_loadu_si256((const __m256i *)(const void *)text);
        __m256i high = _mm256_loadu_si256((const __m256i *)(const void *)(text + 32));

        m->quote[b] = equal_avx2(low, high, '"');
        m->delimiter[b] = equal_avx2(low, high, delimiter);
        m->newline[b] = equal_avx2(low, high, '\n');
        m->carriage[b] = equal_avx2(low, high, '\r');
    }
}
#endif

/* ---- bits ---- */

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

/* x without its n lowest bits, which it has: halves that hold no more than n go at once. */
static INLINED uint64_t without_lowest(uint64_t x, size_t n)
{
    for (unsigned half = 32, from = 0; half >= 8; half /= 2) {
        uint64_t low = x & (below(half) << from);
        size_t here = bits(low);
        bool whole = here <= n;

        x ^= whole ? low : 0;
        n -= whole ? here : 0;
        from += whole ? half : 0;
    }
    for (; n > 0; n--)
        x &= x - 1;
    return x;
}

/* ---- the scan ---- */

typedef struct {
    const size_t *wanted;
    size_t count;
    csv_field *fields;
    csv_record record;
    const char *text;
    csv_record_function *each;
    void *context;
    size_t done, lines;  /* of the whole records */
    size_t seen;         /* delimiters passed in this record */
    size_t stop;         /* the delimiter number that matters next: before the next wanted field or after the open one */
    size_t k;            /* wanted field that comes next or is open */
    bool open;           /* its start is known */
    bool all;            /* the first `count` fields are wanted, so that each separator ends one */
    size_t quoted_lines; /* newlines inside quotes of this record */
    /* carried over to the next block: */
    bool in_quotes, after_separator, after_closing, after_carriage;
} scan;

static INLINED void find_stop(scan *s)
{
    s->stop = s->k == s->count ? SIZE_MAX : s->wanted[s->k] + s->open;
}

static INLINED void begin_record(scan *s, size_t from)
{
    s->record.from = from;
    s->seen = 0;
    s->k = 0;
    s->quoted_lines = 0;
    s->open = s->count > 0 && s->wanted[0] == 0;
    if (s->open)
        s->fields[0].from = (uint32_t)from;
    find_stop(s);
}

static INLINED void close_field(scan *s, size_t at)
{
    s->fields[s->k++].to = (uint32_t)at;
    s->open = false;
}

/* The delimiter at byte `at` is the next one that matters. */
static INLINED void stop_at(scan *s, size_t at)
{
    if (s->open)
        close_field(s, at);
    if (s->k < s->count && s->wanted[s->k] == s->seen) {
        s->fields[s->k].from = (uint32_t)at + 1;
        s->open = true;
    }
    find_stop(s);
}

/* The first n bits of `mask` are the ends of fields and the places before the next ones. Not inlined, so that its few
 * variables stay in registers. */
static __attribute__((noinline)) void split_fields(csv_field *field, uint32_t at, uint64_t mask, size_t n)
{
    for (; n > 0; n--, field++, mask &= mask - 1) {
        uint32_t end = at + (uint32_t)__builtin_ctzll(mask);

        field[0].to = end;
        field[1].from = end + 1;
    }
}

/* Every delimiter in `mask` ends a wanted field, and all but that of the last one begin another: no need to count them. */
static INLINED void take_all(scan *s, size_t at, uint64_t mask)
{
    size_t here = bits(mask), room = s->count - 1 - s->k, n = here < room ? here : room;

    split_fields(s->fields + s->k, (uint32_t)at, mask, n);
    s->seen += here;
    s->k += n;
    if (here > room)
        close_field(s, at + lowest(without_lowest(mask, n)));
    find_stop(s);
}

/* The delimiters of one record in a block. */
static INLINED void take_delimiters(scan *s, size_t at, uint64_t mask)
{
    size_t here = bits(mask);

    if (s->all && s->open) {
        take_all(s, at, mask);
        return;
    }
    while (here >= s->stop - s->seen) {
        size_t need = s->stop - s->seen;

        mask = without_lowest(mask, need - 1);
        s->seen += need;
        here -= need;
        stop_at(s, at + lowest(mask));
        mask &= mask - 1;
    }
    s->seen += here;
}

static INLINED bool end_record(scan *s, size_t at)
{
    bool more;

    s->record.to = at > s->record.from && s->text[at - 1] == '\r' ? at - 1 : at;
    if (s->open)
        close_field(s, s->record.to);
    s->record.fields = s->seen + 1;
    s->record.wanted = s->fields;
    s->record.line = s->lines;
    more = s->each(s->context, &s->record);
    if (more) {
        s->lines += 1 + s->quoted_lines;
        s->done = at + 1;
        begin_record(s, at + 1);
    }
    return more;
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

/* Take away what lies inside quotes; nearly every block has none. False: irregular. */
static INLINED bool unquote(scan *s, masks *m, uint64_t valid, uint64_t *quoted_newlines)
{
    uint64_t inside;

    *quoted_newlines = 0;
    if (!(m->quote | m->carriage) && !s->in_quotes && !s->after_closing && !s->after_carriage) {
        s->after_separator = (m->newline | m->delimiter) >> 63;
        return true;
    }
    inside = prefix_xor(m->quote) ^ (s->in_quotes ? ~UINT64_C(0) : 0);
    s->in_quotes = inside >> 63;
    *quoted_newlines = m->newline & inside;
    m->newline &= ~inside;
    m->delimiter &= ~inside;
    return !irregular(s, m, inside, valid);
}

/* The separators of a block; false: the scan was stopped. */
static INLINED bool take_block(scan *s, size_t at, const masks *m, uint64_t quoted_newlines)
{
    uint64_t newline = m->newline, delimiter = m->delimiter;

    for (; newline; newline &= newline - 1) {
        unsigned end = lowest(newline);

        take_delimiters(s, at, delimiter & below(end));
        delimiter &= ~below(end);
        s->quoted_lines += bits(quoted_newlines & below(end));
        quoted_newlines &= ~below(end);
        if (!end_record(s, at + end))
            return false;
    }
    take_delimiters(s, at, delimiter);
    s->quoted_lines += bits(quoted_newlines);
    return true;
}

typedef void mask_maker(const char *text, size_t blocks, char delimiter, chunk_masks *m);

static INLINED csv_scan_result scan_text(scan *s, size_t n, char delimiter, mask_maker *maker)
{
    chunk_masks all;

    for (size_t from = 0; from < n; from += BLOCKS * BLOCK) {
        size_t blocks = (n - from - 1) / BLOCK + 1;

        blocks = blocks < BLOCKS ? blocks : BLOCKS;
        maker(s->text + from, blocks, delimiter, &all);
        for (size_t b = 0; b < blocks; b++) {
            size_t at = from + b * BLOCK;
            uint64_t quoted_newlines, valid = below(n - at >= BLOCK ? BLOCK : (unsigned)(n - at));

            masks m = {all.quote[b] & valid, all.delimiter[b] & valid, all.newline[b] & valid, all.carriage[b] & valid};

            if (!unquote(s, &m, valid, &quoted_newlines))
                return CSV_IRREGULAR;
            if (!take_block(s, at, &m, quoted_newlines))
                return CSV_STOPPED;
        }
    }
    return CSV_SCANNED;
}

typedef csv_scan_result text_scanner(scan *s, size_t n, char delimiter);

static csv_scan_result scan_anywhere(scan *s, size_t n, char delimiter)
{
    return scan_text(s, n, delimiter, make_masks);
}

#if defined(__x86_64__)
__attribute__((target("avx2,bmi,popcnt"))) static csv_scan_result scan_avx2(scan *s, size_t n, char delimiter)
{
    return scan_text(s, n, delimiter, make_masks_avx2);
}

static text_scanner *fastest(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("popcnt")
               ? scan_avx2
               : scan_anywhere;
}
#else
static text_scanner *fastest(void)
{
    return scan_anywhere;
}
#endif

static csv_scan_result run(text_scanner *scanner, const char *text, size_t n, char delimiter, const size_t *wanted,
                           size_t count, csv_field *fields, csv_record_function *each, void *context, size_t *done,
                           size_t *lines)
{
    scan s = {.wanted = wanted,
              .count = count,
              .fields = fields,
              .text = text,
              .each = each,
              .context = context,
              .all = count && wanted[count - 1] == count - 1,
              .after_separator = true};
    csv_scan_result result;

    begin_record(&s, 0);
    result = scanner(&s, n, delimiter);
    *done = s.done;
    *lines = s.lines;
    return result;
}

csv_scan_result csv_scan(const char *text, size_t n, char delimiter, const size_t *wanted,
                         size_t count, csv_field *fields, csv_record_function *each, void *context,
                         size_t *done, size_t *lines)
{
    return run(fastest(), text, n, delimiter, wanted, count, fields, each, context, done, lines);
}

csv_scan_result csv_scan_anywhere(const char *text, size_t n, char delimiter, const size_t *wanted,
                                  size_t count, csv_field *fields, csv_record_function *each, void *context,
                                  size_t *done, size_t *lines)
{
    return run(scan_anywhere, text, n, delimiter, wanted, count, fields, each, context, done, lines);
}
