#include <config.h>
#include "valuemap/subset.h"

#include <ctype.h>
#include <math.h>
#include <string.h>
#include <strings.h>

#include "core/memory.h"
#include "core/text.h"

enum { DEEPEST = 100 }; /* parentheses and nots in one another */

/* A value or range that a cell is compared with. */
typedef struct {
    bool number;
    double low, high;
    char *text; /* of a text; NULL for a number */
} literal;

typedef enum { EQUAL, UNEQUAL, LESS, LESS_EQUAL, MORE, MORE_EQUAL, AMONG, NOT_AMONG, MISSING, NOT_MISSING, NOT, AND, OR } kind;

typedef struct {
    kind what;
    size_t left, right;   /* nodes: of NOT only the left one */
    size_t column;        /* of a comparison */
    size_t first, count;  /* literals of a comparison */
} node;

struct vmap_where {
    char *text;
    char **columns;
    size_t columns_count, columns_room;
    literal *literals;
    size_t literals_count, literals_room;
    node *nodes;
    size_t nodes_count, nodes_room;
    size_t root;
};

/* ---- tokens ---- */

typedef enum { END, WORD, NAME, TEXT, NUMBER, COMPARISON, RANGE, OPEN, CLOSE, COMMA, WRONG } token_kind;

typedef struct {
    token_kind what;
    const char *from; /* in the text */
    size_t n;
    double number;
    kind comparison;
} token;

typedef struct {
    vmap_where *where;
    const char *at;
    token now;
    int depth;
    vmap_error *err;
} parser;

static bool in_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '.' || c == '$' || c == '@' || (unsigned char)c >= 0x80;
}

/* A run in quotes, in which two quotes stand for one. */
static size_t quoted(const char *s)
{
    for (size_t n = 1; s[n]; n++) {
        if (s[n] != s[0])
            continue;
        if (s[n + 1] != s[0])
            return n + 1;
        n++;
    }
    return 0;
}

/* Digits with at most one point, and no point that begins "..". */
static size_t number_length(const char *s)
{
    size_t n = *s == '-' || *s == '+';
    size_t first = n;

    while (isdigit((unsigned char)s[n]))
        n++;
    if (s[n] == '.' && isdigit((unsigned char)s[n + 1])) {
        n++;
        while (isdigit((unsigned char)s[n]))
            n++;
    }
    return n > first ? n : 0;
}

static size_t comparison_length(const char *s, kind *what)
{
    static const struct {
        const char *sign;
        kind what;
    } signs[] = {{"==", EQUAL},      {"!=", UNEQUAL}, {"<>", UNEQUAL}, {"<=", LESS_EQUAL},
                 {">=", MORE_EQUAL}, {"=", EQUAL},    {"<", LESS},     {">", MORE}};

    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        size_t n = strlen(signs[i].sign);

        if (strncmp(s, signs[i].sign, n) == 0) {
            *what = signs[i].what;
            return n;
        }
    }
    return 0;
}

static void advance(parser *p)
{
    static const char marks[] = "(),";
    static const token_kind meanings[] = {OPEN, CLOSE, COMMA};
    const char *s = p->at + strspn(p->at, " \t\r\n"), *mark;
    token t = {.what = WRONG, .from = s, .n = *s ? 1 : 0};
    size_t n;

    if (!*s) {
        t.what = END;
    } else if ((mark = strchr(marks, *s))) {
        t.what = meanings[mark - marks];
    } else if (strncmp(s, "..", 2) == 0) {
        t = (token){.what = RANGE, .from = s, .n = 2};
    } else if (*s == '"' || *s == '\'') {
        n = quoted(s);
        t.n = n ? n : strlen(s);
        t.what = n > 2 || (n && *s == '\'') ? *s == '"' ? NAME : TEXT : WRONG;
    } else if ((n = comparison_length(s, &t.comparison))) {
        t.what = COMPARISON;
        t.n = n;
    } else if ((n = number_length(s)) && (!in_word(s[n]) || strncmp(s + n, "..", 2) == 0)) {
        t.n = n;
        t.what = text_number(s, n, '.', &t.number) ? NUMBER : WRONG;
    } else if (in_word(*s) && !isdigit((unsigned char)*s) && *s != '-') {
        for (n = 1; in_word(s[n]); n++)
            ;
        t.n = n;
        t.what = WORD;
    } else {
        for (n = 1; in_word(s[n]); n++)
            ;
        t.n = n;
    }
    p->now = t;
    p->at = t.from + t.n;
}

static bool is_keyword(const token *t, const char *keyword)
{
    return t->what == WORD && t->n == strlen(keyword) && strncasecmp(t->from, keyword, t->n) == 0;
}

static bool is_any_keyword(const token *t)
{
    static const char *const all[] = {"and", "or", "not", "in", "is", "missing"};

    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (is_keyword(t, all[i]))
            return true;
    }
    return false;
}

static vmap_status expected(parser *p, const char *what)
{
    size_t at = 1;
    char found[64];

    for (const char *c = p->where->text; c < p->now.from; c++)
        at += ((unsigned char)*c & 0xC0) != 0x80;
    if (p->now.what == END) {
        memcpy(found, "it ends", sizeof "it ends");
    } else {
        size_t n = p->now.n < 40 ? p->now.n : 40;

        memcpy(found, "'", 1);
        memcpy(found + 1, p->now.from, n);
        memcpy(found + 1 + n, "'", 2);
    }
    return vmap_error_set(p->err, VMAP_EINVAL, "condition, character %zu: %s must stand here, but %s%s: %s", at,
                          what, p->now.what == END ? "" : "there is ", found, p->where->text);
}

/* ---- building ---- */

/* The text of a token without its quotes, two of which inside stand for one. */
static char *token_text(const token *t)
{
    bool quotes = t->what == NAME || t->what == TEXT;
    char *text = text_copy(t->from + quotes, t->n - 2 * (size_t)quotes);
    char *to = text;

    for (const char *from = text; quotes && text && *from; from++) {
        *to++ = *from;
        from += *from == t->from[0] && from[1] == t->from[0];
    }
    if (quotes && text)
        *to = '\0';
    return text;
}

static vmap_status add_node(parser *p, node n, size_t *index)
{
    vmap_where *w = p->where;
    vmap_status status = memory_grow(&w->nodes, &w->nodes_room, w->nodes_count + 1, sizeof n, p->err);

    if (status)
        return status;
    w->nodes[w->nodes_count] = n;
    *index = w->nodes_count++;
    return VMAP_SUCCESS;
}

static vmap_status add_column(parser *p, size_t *column)
{
    vmap_where *w = p->where;
    char *name = token_text(&p->now);
    vmap_status status = name ? memory_grow(&w->columns, &w->columns_room, w->columns_count + 1, sizeof name, p->err)
                              : vmap_error_set(p->err, VMAP_ENOMEM, "no memory for a condition");

    if (status) {
        free(name);
        return status;
    }
    for (*column = 0; *column < w->columns_count; ++*column) {
        if (strcmp(w->columns[*column], name) == 0) {
            free(name);
            return VMAP_SUCCESS;
        }
    }
    w->columns[w->columns_count++] = name;
    return VMAP_SUCCESS;
}

static vmap_status add_literal(parser *p, const token *low, double high)
{
    vmap_where *w = p->where;
    literal l = {.number = low->what == NUMBER, .low = low->number, .high = high};
    vmap_status status = memory_grow(&w->literals, &w->literals_room, w->literals_count + 1, sizeof l, p->err);

    if (!status && !l.number && !(l.text = token_text(low)))
        status = vmap_error_set(p->err, VMAP_ENOMEM, "no memory for a condition");
    if (!status)
        w->literals[w->literals_count++] = l;
    return status;
}

static bool is_value(const token *t)
{
    return t->what == NUMBER || t->what == TEXT || (t->what == WORD && !is_any_keyword(t));
}

/* VALUE, or with ranges NUMBER .. NUMBER. */
static vmap_status parse_value(parser *p, bool ranges, bool only_ranges)
{
    token low = p->now;
    double high = low.number;

    if (!is_value(&low) || (only_ranges && low.what != NUMBER))
        return expected(p, only_ranges ? "a list in parentheses or a range like 18..29"
                                       : "a number, a word or a text in ' '");
    advance(p);
    if (ranges && low.what == NUMBER && p->now.what == RANGE) {
        advance(p);
        if (p->now.what != NUMBER || p->now.number < low.number)
            return expected(p, "the upper end of the range");
        high = p->now.number;
        advance(p);
    } else if (only_ranges) {
        return expected(p, "'..' and the upper end of the range");
    }
    return add_literal(p, &low, high);
}

static vmap_status parse_list(parser *p)
{
    vmap_status status;

    if (p->now.what != OPEN)
        return parse_value(p, true, true);
    do {
        advance(p);
        status = parse_value(p, true, false);
    } while (!status && p->now.what == COMMA);
    if (!status && p->now.what != CLOSE)
        status = expected(p, "',' or ')'");
    if (!status)
        advance(p);
    return status;
}

/* What comes behind the name of a column. */
static vmap_status parse_test(parser *p, node *n)
{
    bool negated = false;
    vmap_status status;

    n->first = p->where->literals_count;
    if (p->now.what == COMPARISON) {
        n->what = p->now.comparison;
        advance(p);
        if (n->what != EQUAL && n->what != UNEQUAL && p->now.what != NUMBER)
            return expected(p, "a number");
        status = parse_value(p, false, false);
    } else if (is_keyword(&p->now, "is")) {
        advance(p);
        negated = is_keyword(&p->now, "not");
        if (negated)
            advance(p);
        if (!is_keyword(&p->now, "missing"))
            return expected(p, "'missing'");
        advance(p);
        n->what = negated ? NOT_MISSING : MISSING;
        status = VMAP_SUCCESS;
    } else {
        negated = is_keyword(&p->now, "not");
        if (negated)
            advance(p);
        if (!is_keyword(&p->now, "in"))
            return expected(p, negated ? "'in'" : "a comparison, 'in' or 'is'");
        advance(p);
        n->what = negated ? NOT_AMONG : AMONG;
        status = parse_list(p);
    }
    n->count = p->where->literals_count - n->first;
    return status;
}

static vmap_status parse_or(parser *p, size_t *index);

static vmap_status parse_not(parser *p, size_t *index)
{
    node n = {.what = NOT};
    vmap_status status;

    if (++p->depth > DEEPEST)
        return expected(p, "fewer parentheses in one another");
    if (is_keyword(&p->now, "not")) {
        advance(p);
        status = parse_not(p, &n.left);
        if (!status)
            status = add_node(p, n, index);
    } else if (p->now.what == OPEN) {
        advance(p);
        status = parse_or(p, index);
        if (!status && p->now.what != CLOSE)
            status = expected(p, "'and', 'or' or ')'");
        if (!status)
            advance(p);
    } else if (p->now.what == NAME || (p->now.what == WORD && !is_any_keyword(&p->now))) {
        status = add_column(p, &n.column);
        if (!status) {
            advance(p);
            status = parse_test(p, &n);
        }
        if (!status)
            status = add_node(p, n, index);
    } else {
        status = expected(p, "the name of a column");
    }
    p->depth--;
    return status;
}

static vmap_status parse_and(parser *p, size_t *index)
{
    vmap_status status = parse_not(p, index);

    while (!status && is_keyword(&p->now, "and")) {
        node n = {.what = AND, .left = *index};

        advance(p);
        status = parse_not(p, &n.right);
        if (!status)
            status = add_node(p, n, index);
    }
    return status;
}

static vmap_status parse_or(parser *p, size_t *index)
{
    vmap_status status = parse_and(p, index);

    while (!status && is_keyword(&p->now, "or")) {
        node n = {.what = OR, .left = *index};

        advance(p);
        status = parse_and(p, &n.right);
        if (!status)
            status = add_node(p, n, index);
    }
    return status;
}

vmap_status vmap_where_parse(const char *text, vmap_where **where, vmap_error *err)
{
    vmap_where *w = memory_new(1, sizeof *w, err);
    parser p = {.where = w, .err = err};
    vmap_status status = VMAP_ENOMEM;

    if (!w)
        return VMAP_ENOMEM;
    w->text = text_copy(text, strlen(text));
    if (w->text) {
        p.at = w->text;
        advance(&p);
        status = parse_or(&p, &w->root);
        if (!status && p.now.what != END)
            status = expected(&p, "'and', 'or' or the end");
    } else {
        vmap_error_set(err, VMAP_ENOMEM, "no memory for a condition");
    }
    if (status) {
        vmap_where_free(w);
        return status;
    }
    *where = w;
    return VMAP_SUCCESS;
}

void vmap_where_free(vmap_where *w)
{
    if (!w)
        return;
    for (size_t i = 0; i < w->columns_count; i++)
        free(w->columns[i]);
    for (size_t i = 0; i < w->literals_count; i++)
        free(w->literals[i].text);
    free(w->columns);
    free(w->literals);
    free(w->nodes);
    free(w->text);
    free(w);
}

size_t vmap_where_columns(const vmap_where *w)
{
    return w->columns_count;
}

const char *vmap_where_column(const vmap_where *w, size_t i)
{
    return w->columns[i];
}

const char *vmap_where_text(const vmap_where *w)
{
    return w->text;
}

/* ---- judging ---- */

/* The number in a cell; NaN when it is none. */
static double cell_number(const char *cell)
{
    double x;
    size_t n = strlen(cell);

    return text_number(cell, n, '.', &x) || text_number(cell, n, ',', &x) ? x : NAN;
}

static bool matches(const literal *l, const char *cell)
{
    double x;

    if (!l->number)
        return strcmp(l->text, cell) == 0;
    x = cell_number(cell);
    return x >= l->low && x <= l->high;
}

static vmap_truth is_among(const vmap_where *w, const node *n, const char *cell)
{
    for (size_t i = 0; i < n->count; i++) {
        if (matches(&w->literals[n->first + i], cell))
            return VMAP_TRUE;
    }
    return VMAP_FALSE;
}

static vmap_truth negate(vmap_truth t)
{
    return t == VMAP_UNKNOWN ? t : t == VMAP_TRUE ? VMAP_FALSE : VMAP_TRUE;
}

static vmap_truth compare(const node *n, double x, double with)
{
    if (isnan(x))
        return VMAP_UNKNOWN;
    switch (n->what) {
    case LESS:
        return x < with;
    case LESS_EQUAL:
        return x <= with;
    case MORE:
        return x > with;
    default:
        return x >= with;
    }
}

static vmap_truth judge_cell(const vmap_where *w, const node *n, const char *cell)
{
    if (n->what == MISSING || n->what == NOT_MISSING)
        return (cell == NULL) == (n->what == MISSING) ? VMAP_TRUE : VMAP_FALSE;
    if (!cell)
        return VMAP_UNKNOWN;
    if (n->what == EQUAL || n->what == AMONG)
        return is_among(w, n, cell);
    if (n->what == UNEQUAL || n->what == NOT_AMONG)
        return negate(is_among(w, n, cell));
    return compare(n, cell_number(cell), w->literals[n->first].low);
}

static vmap_truth judge(const vmap_where *w, size_t index, vmap_cell cell, void *context)
{
    const node *n = &w->nodes[index];
    vmap_truth left, right;

    if (n->what < NOT)
        return judge_cell(w, n, cell(context, n->column));
    left = judge(w, n->left, cell, context);
    if (n->what == NOT)
        return negate(left);
    if (left == (n->what == AND ? VMAP_FALSE : VMAP_TRUE))
        return left;
    right = judge(w, n->right, cell, context);
    if (right == (n->what == AND ? VMAP_FALSE : VMAP_TRUE))
        return right;
    return left == VMAP_UNKNOWN ? left : right;
}

vmap_truth vmap_where_judge(const vmap_where *w, vmap_cell cell, void *context)
{
    return judge(w, w->root, cell, context);
}
