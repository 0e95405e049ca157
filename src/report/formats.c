#include <config.h>
#include "valuemap/report.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/registry.h"
#include "core/text.h"
#include "report/report_internal.h"

typedef void writer(buffer *b, const vmap_report *report, const vmap_report_table *table,
                    const vmap_write_options *options);

void vmap_write_defaults(vmap_write_options *options)
{
    *options = (vmap_write_options){.comments = true, .formula_guard = true};
}

/* Rows that are shown to people. */
static size_t shown_rows(const vmap_report_table *t, size_t max_rows)
{
    size_t rows = vmap_report_rows(t);

    return max_rows && max_rows < rows ? max_rows : rows;
}

/* = + - @ in the wide forms of East Asian keyboards, which spreadsheets take for the same. */
static bool is_wide_formula(const char *text)
{
    static const char *const begin[] = {"\xEF\xBC\x9D", "\xEF\xBC\x8B", "\xEF\xBC\x8D",
                                        "\xEF\xBC\xA0"};

    for (size_t i = 0; i < sizeof begin / sizeof *begin; i++) {
        if (strncmp(text, begin[i], 3) == 0)
            return true;
    }
    return false;
}

static bool is_formula(const char *text)
{
    double value;

    if (*text == '=' || *text == '@' || is_wide_formula(text))
        return true;
    return (*text == '+' || *text == '-') && text[1] &&
           !text_number(text, strlen(text), '.', &value);
}

static void put_guarded(buffer *b, const char *text, const vmap_write_options *options)
{
    if (options->formula_guard && is_formula(text))
        buffer_put(b, "'");
    buffer_put(b, text);
}

static void put_cell(buffer *b, const vmap_report_table *t, size_t row, size_t column,
                     const vmap_write_options *options)
{
    const cell *c = report_cell(t, row, column);
    char number[32];

    if (t->columns[column].kind == VMAP_CELL_TEXT) {
        put_guarded(b, c->missing ? "NA" : c->text, options);
    } else {
        report_number(number, &t->columns[column], c, false);
        buffer_put(b, number);
    }
}

/* Quotes are doubled and put around what a reader of the file would take for more than text. */
static void put_quoted(buffer *b, const char *text, const char *special)
{
    if (!strpbrk(text, special) && *text != ' ') {
        buffer_put(b, text);
        return;
    }
    buffer_put(b, "\"");
    for (; *text; text++)
        buffer_format(b, *text == '"' ? "\"\"" : "%c", *text);
    buffer_put(b, "\"");
}

/* The columns' names (row SIZE_MAX) or one row. A # is quoted because R cuts a line there when it
 * is told to skip the comments. */
static void write_line(buffer *b, const vmap_report_table *t, size_t row, char separator,
                       const vmap_write_options *options)
{
    const char special[] = {separator, '"', '#', '\n', '\r', 0};

    for (size_t j = 0; j < t->columns_count; j++) {
        buffer one = {0};

        if (row == SIZE_MAX)
            put_guarded(&one, t->columns[j].name, options);
        else
            put_cell(&one, t, row, j, options);
        if (j > 0)
            buffer_format(b, "%c", separator);
        put_quoted(b, one.text ? one.text : "", special);
        b->failed |= one.failed;
        buffer_free(&one);
    }
    buffer_put(b, "\n");
}

static void write_lines(buffer *b, const vmap_report_table *t, char separator,
                        const vmap_write_options *options)
{
    write_line(b, t, SIZE_MAX, separator, options);
    for (size_t i = 0; i < vmap_report_rows(t); i++)
        write_line(b, t, i, separator, options);
}

static void write_tsv(buffer *b, const vmap_report *r, const vmap_report_table *t,
                      const vmap_write_options *options)
{
    if (options->comments) {
        buffer_format(b, "# %s\n", t->title);
        for (size_t i = 0; i < r->provenance_count; i++)
            buffer_format(b, "# %s\n", r->provenance[i]);
        for (size_t i = 0; i < t->notes_count; i++)
            buffer_format(b, "# note: %s\n", t->notes[i]);
    }
    write_lines(b, t, '\t', options);
}

static void write_csv(buffer *b, const vmap_report *r, const vmap_report_table *t,
                      const vmap_write_options *options)
{
    (void)r;
    write_lines(b, t, ',', options);
}

static void put_list(buffer *b, const char *key, char *const *texts, size_t count)
{
    buffer_format(b, ",\n \"%s\": [", key);
    for (size_t i = 0; i < count; i++) {
        buffer_put(b, i ? ", " : "");
        buffer_json_text(b, texts[i]);
    }
    buffer_put(b, "]");
}

static void write_json(buffer *b, const vmap_report *r, const vmap_report_table *t,
                       const vmap_write_options *options)
{
    (void)options;
    buffer_put(b, "{\"table\": ");
    buffer_json_text(b, t->name);
    buffer_put(b, ",\n \"title\": ");
    buffer_json_text(b, t->title);
    put_list(b, "provenance", r->provenance, r->provenance_count);
    put_list(b, "notes", t->notes, t->notes_count);
    buffer_put(b, ",\n \"rows\": [");
    for (size_t i = 0; i < vmap_report_rows(t); i++) {
        buffer_put(b, i ? ",\n  {" : "\n  {");
        for (size_t j = 0; j < t->columns_count; j++) {
            const cell *c = report_cell(t, i, j);

            buffer_put(b, j ? ", " : "");
            buffer_json_text(b, t->columns[j].name);
            buffer_put(b, ": ");
            if (c->missing)
                buffer_put(b, "null");
            else if (t->columns[j].kind == VMAP_CELL_TEXT)
                buffer_json_text(b, c->text);
            else
                buffer_json_number(b, c->number);
        }
        buffer_put(b, "}");
    }
    buffer_put(b, "\n]}\n");
}

/* ---- for people ---- */

/* The cell as people read it, in a paper or on a terminal; `number` is room for a number. */
static const char *shown_cell(const vmap_report_table *t, size_t row, size_t column, bool paper,
                              char number[32])
{
    const cell *c = report_cell(t, row, column);

    if (t->columns[column].kind == VMAP_CELL_TEXT)
        return c->missing ? "" : c->text;
    report_shown(number, &t->columns[column], c, paper);
    return number;
}

static void put_markdown(buffer *b, const char *text)
{
    for (; *text; text++) {
        if (strchr("\\`*_{}[]<>#|&", *text))
            buffer_put(b, "\\");
        buffer_bytes(b, text, 1);
    }
}

/* Marks as a text of their own; NULL: none. */
static char *marks_of(buffer *b, const vmap_report_table *t, bool paper)
{
    buffer own = {0};
    char *text = NULL;

    report_marks(&own, t, paper);
    if (own.n == 0 || buffer_take(&own, &text, NULL, NULL))
        b->failed |= own.failed;
    return text;
}

static void put_rest(buffer *b, const vmap_report_table *t, size_t shown)
{
    if (shown < vmap_report_rows(t))
        buffer_format(b, "... and %zu more rows\n", vmap_report_rows(t) - shown);
}

static bool is_text(const vmap_report_table *t, size_t column)
{
    return t->columns[column].kind == VMAP_CELL_TEXT;
}

static bool is_strong(const vmap_report_table *t, size_t row, size_t column)
{
    return !is_text(t, column) && report_is_strong(&t->columns[column], report_cell(t, row, column));
}

static void put_markdown_head(buffer *b, const vmap_report_table *t, const size_t *column, size_t n)
{
    buffer_put(b, "**");
    put_markdown(b, t->title);
    buffer_put(b, "**\n\n|");
    for (size_t j = 0; j < n; j++) {
        buffer_put(b, " ");
        put_markdown(b, report_heading(&t->columns[column[j]]));
        buffer_put(b, " |");
    }
    buffer_put(b, "\n|");
    for (size_t j = 0; j < n; j++)
        buffer_put(b, is_text(t, column[j]) ? " :--- |" : " ---: |");
    buffer_put(b, "\n");
}

static void put_markdown_row(buffer *b, const vmap_report_table *t, size_t row, const size_t *column, size_t n)
{
    buffer_put(b, "|");
    for (size_t j = 0; j < n; j++) {
        const char *mark = is_strong(t, row, column[j]) ? "**" : "";
        char number[32];

        buffer_format(b, " %s", mark);
        put_markdown(b, shown_cell(t, row, column[j], true, number));
        buffer_format(b, "%s |", mark);
    }
    buffer_put(b, "\n");
}

static void put_markdown_notes(buffer *b, const vmap_report_table *t)
{
    char *marks = marks_of(b, t, true);

    buffer_put(b, t->notes_count || marks ? "\n*Note.*" : "");
    for (size_t i = 0; i < t->notes_count; i++) {
        buffer_put(b, " ");
        put_markdown(b, t->notes[i]);
    }
    if (marks) {
        buffer_put(b, " ");
        put_markdown(b, marks);
    }
    buffer_put(b, t->notes_count || marks ? "\n" : "");
    free(marks);
}

static void write_md(buffer *b, const vmap_report *r, const vmap_report_table *t,
                     const vmap_write_options *options)
{
    size_t rows = shown_rows(t, options->max_rows), n, *column = report_shown_columns(t, &n);

    (void)r;
    b->failed |= !column;
    if (!column)
        return;
    put_markdown_head(b, t, column, n);
    for (size_t i = 0; i < rows; i++)
        put_markdown_row(b, t, i, column, n);
    if (rows < vmap_report_rows(t))
        buffer_put(b, "\n"); /* a line right under a table would be its next row */
    put_rest(b, t, rows);
    put_markdown_notes(b, t);
    free(column);
}

/* A text with everything quoted that TeX would obey. */
static void put_latex(buffer *b, const char *text)
{
    static const struct {
        char c;
        const char *as;
    } special[] = {{'\\', "\\textbackslash{}"}, {'~', "\\textasciitilde{}"}, {'^', "\\textasciicircum{}"},
                   {'<', "\\textless{}"},       {'>', "\\textgreater{}"},    {'|', "\\textbar{}"},
                   {'"', "\\textquotedbl{}"},   {'`', "\\textasciigrave{}"}, {'[', "{[}"},
                   {']', "{]}"}};

    for (; *text; text++) {
        size_t i = 0;

        while (i < sizeof special / sizeof *special && special[i].c != *text)
            i++;
        if (i < sizeof special / sizeof *special) {
            buffer_put(b, special[i].as);
            continue;
        }
        if (strchr("{}$&#_%", *text))
            buffer_put(b, "\\");
        buffer_bytes(b, text, 1);
    }
}

static void put_latex_cell(buffer *b, const vmap_report_table *t, size_t row, size_t column)
{
    char number[32];
    const char *text = shown_cell(t, row, column, true, number);
    bool strong = is_strong(t, row, column);

    buffer_put(b, strong ? "\\textbf{" : "");
    if (!is_text(t, column) && *text == '-') {
        buffer_put(b, "$-$");
        text++;
    }
    put_latex(b, text);
    buffer_put(b, strong ? "}" : "");
}

static size_t column_width(const vmap_report_table *t, size_t j, size_t rows)
{
    size_t width = text_width(t->columns[j].name);

    for (size_t i = 0; i < rows; i++) {
        char number[32];
        size_t w = text_width(shown_cell(t, i, j, false, number));

        width = w > width ? w : width;
    }
    return width;
}

/* Is it a column of long texts, which must wrap to stay on the page? */
static bool is_wide(const vmap_report_table *t, size_t column, size_t rows)
{
    return is_text(t, column) && column_width(t, column, rows) > 32;
}

/* Columns of long texts share .6 of the page. */
static void put_latex_columns(buffer *b, const vmap_report_table *t, size_t rows, const size_t *column, size_t n)
{
    size_t wide = 0;

    for (size_t j = 0; j < n; j++)
        wide += is_wide(t, column[j], rows);
    buffer_put(b, "{@{}");
    for (size_t j = 0; j < n; j++) {
        if (is_wide(t, column[j], rows))
            buffer_format(b, "p{%.2f\\linewidth}", wide == 1 ? .34 : .6 / (double)wide);
        else
            buffer_put(b, is_text(t, column[j]) ? "l" : "r");
    }
    buffer_put(b, "@{}}\n");
}

/* Smaller letters for a table that would not fit on the page; "" for one that does. Widths in letters of which a line of a
 * page with usual margins has 75. */
static const char *latex_size(const vmap_report_table *t, size_t rows, const size_t *column, size_t n)
{
    const double line = 75, between = 2.5, wrapped = 26;
    double width = 0;

    for (size_t j = 0; j < n; j++)
        width += between + (is_wide(t, column[j], rows) ? wrapped : (double)column_width(t, column[j], rows));
    return width <= line ? "" : width <= line / .9 ? "\\small\n" : width <= line / .8 ? "\\footnotesize\n"
                                                                                   : "\\scriptsize\\setlength{\\tabcolsep}{3pt}\n";
}

static void put_latex_head(buffer *b, const vmap_report_table *t, const size_t *column, size_t n)
{
    buffer_put(b, "\\toprule\n");
    for (size_t j = 0; j < n; j++) {
        buffer_put(b, j ? " & " : "");
        put_latex(b, report_heading(&t->columns[column[j]]));
    }
    buffer_put(b, " \\\\\n\\midrule\n");
}

static void put_latex_rows(buffer *b, const vmap_report_table *t, size_t rows, const size_t *column, size_t n)
{
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < n; j++) {
            buffer_put(b, j ? " & " : "");
            put_latex_cell(b, t, i, column[j]);
        }
        buffer_put(b, " \\\\\n");
    }
}

static void put_latex_notes(buffer *b, const vmap_report_table *t, size_t rows)
{
    char *marks = marks_of(b, t, true);

    if (!t->notes_count && !marks && rows == vmap_report_rows(t))
        return;
    buffer_put(b, "\n\\smallskip\\footnotesize\\textit{Note.}");
    if (rows < vmap_report_rows(t))
        buffer_format(b, " %zu of %zu rows are shown.", rows, vmap_report_rows(t));
    for (size_t i = 0; i < t->notes_count; i++) {
        buffer_put(b, " ");
        put_latex(b, t->notes[i]);
    }
    if (marks) {
        buffer_put(b, " ");
        put_latex(b, marks);
    }
    buffer_put(b, "\n");
    free(marks);
}

static void put_latex_caption(buffer *b, const vmap_report_table *t, const char *end)
{
    buffer_put(b, "\\caption{");
    put_latex(b, t->title);
    buffer_format(b, "}\\label{tab:%s}%s\n", t->name, end);
}

/* A table that runs over pages, with its head on each. */
static void put_latex_long(buffer *b, const vmap_report_table *t, size_t rows, const size_t *column, size_t n)
{
    buffer_format(b, "{%s\\begin{longtable}", latex_size(t, rows, column, n));
    put_latex_columns(b, t, rows, column, n);
    put_latex_caption(b, t, "\\\\");
    put_latex_head(b, t, column, n);
    buffer_put(b, "\\endfirsthead\n");
    put_latex_head(b, t, column, n);
    buffer_put(b, "\\endhead\n\\bottomrule\n\\endfoot\n");
    put_latex_rows(b, t, rows, column, n);
    buffer_put(b, "\\end{longtable}}\n{\\noindent\n");
    put_latex_notes(b, t, rows);
    buffer_put(b, "\\par}\n");
}

static void put_latex_float(buffer *b, const vmap_report_table *t, size_t rows, const size_t *column, size_t n)
{
    buffer_put(b, "\\begin{table}\n");
    put_latex_caption(b, t, "");
    buffer_put(b, latex_size(t, rows, column, n));
    buffer_put(b, "\\begin{tabular}");
    put_latex_columns(b, t, rows, column, n);
    put_latex_head(b, t, column, n);
    put_latex_rows(b, t, rows, column, n);
    buffer_put(b, "\\bottomrule\n\\end{tabular}\n");
    put_latex_notes(b, t, rows);
    buffer_put(b, "\\end{table}\n");
}

/* Three rules and no vertical lines, as the APA and the package booktabs have it. */
static void write_latex(buffer *b, const vmap_report *r, const vmap_report_table *t,
                        const vmap_write_options *options)
{
    const size_t page = 45; /* rows that fit on one */
    size_t rows = shown_rows(t, options->max_rows), n, *column = report_shown_columns(t, &n);

    b->failed |= !column;
    if (!column)
        return;
    if (options->comments)
        buffer_format(b, "%% needs \\usepackage[T1]{fontenc} and \\usepackage{booktabs%s}\n", rows > page ? ",longtable" : "");
    for (size_t i = 0; options->comments && i < r->provenance_count; i++)
        buffer_format(b, "%% %s\n", r->provenance[i]);
    (rows > page ? put_latex_long : put_latex_float)(b, t, rows, column, n);
    free(column);
}

static void pad(buffer *b, size_t count)
{
    while (count--)
        buffer_put(b, " ");
}

static void put_aligned(buffer *b, const char *text, size_t width, bool right, bool last)
{
    size_t space = width - text_width(text);

    pad(b, right ? space : 0);
    buffer_put(b, text);
    pad(b, right || last ? 0 : space);
}

static void put_text_line(buffer *b, const vmap_report_table *t, size_t row, const size_t *column, const size_t *width,
                          size_t n)
{
    for (size_t j = 0; j < n; j++) {
        char number[32];

        buffer_put(b, j ? "  " : "");
        put_aligned(b, row == SIZE_MAX ? t->columns[column[j]].name : shown_cell(t, row, column[j], false, number), width[j],
                    !is_text(t, column[j]), j + 1 == n);
    }
    buffer_put(b, "\n");
}

static void put_text_notes(buffer *b, const vmap_report_table *t)
{
    char *marks = marks_of(b, t, false);

    buffer_put(b, t->notes_count || marks ? "\n" : "");
    for (size_t i = 0; i < t->notes_count; i++)
        buffer_format(b, "note: %s\n", t->notes[i]);
    if (marks)
        buffer_format(b, "note: %s\n", marks);
    free(marks);
}

static void write_text(buffer *b, const vmap_report *r, const vmap_report_table *t,
                       const vmap_write_options *options)
{
    size_t rows = shown_rows(t, options->max_rows), n, *column = report_shown_columns(t, &n);
    size_t *width = memory_new(t->columns_count, sizeof *width, NULL);

    (void)r;
    b->failed |= !width || !column;
    if (width && column) {
        buffer_format(b, "%s\n\n", t->title);
        for (size_t j = 0; j < n; j++)
            width[j] = column_width(t, column[j], rows);
        put_text_line(b, t, SIZE_MAX, column, width, n);
        for (size_t i = 0; i < rows; i++)
            put_text_line(b, t, i, column, width, n);
        put_rest(b, t, rows);
        put_text_notes(b, t);
    }
    free(column);
    free(width);
}

static void write_html(buffer *b, const vmap_report *r, const vmap_report_table *t,
                       const vmap_write_options *options)
{
    (void)r;
    html_table(b, t, 0, options->max_rows);
}

const vmap_format vmap_formats[] = {
    {"tsv", "tab-separated, 15 digits, provenance as comment lines"},
    {"csv", "comma-separated, 15 digits"},
    {"json", "one object: table, title, provenance, notes, rows"},
    {"md", "Markdown table, rounded"},
    {"latex", "LaTeX table with booktabs, rounded"},
    {"html", "HTML table, rounded"},
    {"text", "aligned for the terminal, rounded"},
};
const size_t vmap_formats_count = sizeof vmap_formats / sizeof *vmap_formats;
static writer *const writers[] = {write_tsv, write_csv,  write_json,
                                  write_md,  write_latex, write_html, write_text};

vmap_status vmap_report_write(const vmap_report *report, const vmap_report_table *table,
                              const char *format, const vmap_write_options *options, char **text,
                              size_t *n, vmap_error *err)
{
    size_t i = REGISTRY_FIND(vmap_formats, vmap_formats_count, "format", format, err);
    vmap_write_options chosen;
    buffer b = {0};

    if (i == vmap_formats_count)
        return VMAP_ENOENT;
    vmap_write_defaults(&chosen);
    writers[i](&b, report, table, options ? options : &chosen);
    b.failed |= table->failed || report->failed;
    return buffer_take(&b, text, n, err);
}
