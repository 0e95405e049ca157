#include <config.h>
#include "valuemap/report.h"

#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "report/report_internal.h"

static const char style[] =
    ":root{color-scheme:light;--ink:#1b1b1b;--soft:#5f5f5f;--line:#d9d9d9;--wash:#f6f6f4}"
    "body{margin:0 auto;max-width:62rem;padding:2rem 1.25rem 4rem;color:var(--ink);background:#fff;"
    "font:16px/1.5 Arial,'Liberation Sans',Helvetica,sans-serif}"
    "h1{font-size:1.7rem;line-height:1.2;margin:0 0 .5rem}"
    "h2{font-size:1.15rem;margin:2.5rem 0 .5rem}"
    "p.lead{font-size:1.05rem;color:var(--soft);margin:.25rem 0 1.5rem;max-width:46rem}"
    "aside{background:var(--wash);border-left:4px solid #b35c00;padding:.75rem 1rem;margin:1.5rem 0}"
    "aside p{margin:.35rem 0}figure{margin:1.5rem 0}figure svg{width:100%;height:auto;display:block}"
    "figcaption,.note{color:var(--soft);font-size:.88rem;max-width:52rem}"
    ".wide{overflow-x:auto}table{border-collapse:collapse;font-size:.86rem;margin:.25rem 0}"
    "caption{text-align:left;font-weight:bold;padding:.25rem 0 .5rem;white-space:nowrap}"
    "thead th{border-top:2px solid var(--ink);border-bottom:1px solid var(--ink);text-align:left;"
    "vertical-align:bottom}tbody tr:last-child td{border-bottom:2px solid var(--ink)}"
    "th,td{padding:.22rem .7rem .22rem 0}td{white-space:nowrap}td.w{white-space:normal;min-width:20rem}td.n,th.n{text-align:right;"
    "font-variant-numeric:tabular-nums}section{margin:0 0 1.75rem}tbody tr:nth-child(even) td{background:#fafafa}"
    ".references p{margin:.3rem 0;padding-left:1.5rem;text-indent:-1.5rem;max-width:52rem}"
    "a{color:#0b4f8a}nav li{margin:.1rem 0}details{margin:1rem 0}summary{cursor:pointer}footer{margin-top:3rem;padding-top:1rem;"
    "border-top:1px solid var(--line);color:var(--soft);font-size:.82rem;word-break:break-word}"
    "@media print{body{max-width:none;padding:0;font-size:10pt}.wide{overflow:visible}nav{display:none}"
    "table{font-size:7pt}td,caption{white-space:normal}th,td{padding-right:.35rem;overflow-wrap:anywhere}"
    "a{color:inherit;text-decoration:none}h2,caption{break-after:avoid}figure,tr{break-inside:avoid}"
    "figure svg{max-height:22cm}}";

void html_text(buffer *b, const char *text)
{
    for (; *text; text++) {
        switch (*text) {
        case '&':
            buffer_put(b, "&amp;");
            break;
        case '<':
            buffer_put(b, "&lt;");
            break;
        case '>':
            buffer_put(b, "&gt;");
            break;
        case '"':
            buffer_put(b, "&quot;");
            break;
        case '\'':
            buffer_put(b, "&#39;");
            break;
        default:
            buffer_bytes(b, text, 1);
        }
    }
}

static void put_cell(buffer *b, const vmap_report_table *t, size_t row, size_t column)
{
    const size_t longest = 70; /* longer texts wrap */
    const cell *c = report_cell(t, row, column);
    char number[32];

    if (t->columns[column].kind == VMAP_CELL_TEXT) {
        buffer_put(b, !c->missing && text_width(c->text) > longest ? "<td class=\"w\">" : "<td>");
        html_text(b, c->missing ? "" : c->text);
    } else {
        report_shown(number, &t->columns[column], c, true);
        buffer_put(b, report_is_strong(&t->columns[column], c) ? "<td class=\"n\"><b>" : "<td class=\"n\">");
        if (c->missing)
            buffer_put(b, "<span title=\"not available\">–</span>");
        else
            html_text(b, number);
        buffer_put(b, report_is_strong(&t->columns[column], c) ? "</b>" : "");
    }
    buffer_put(b, "</td>");
}

/* A link to a file that lies beside the page. */
static void put_link(buffer *b, const char *folder, const char *name, const char *ending)
{
    buffer_format(b, "<a href=\"%s/", folder);
    html_text(b, name);
    buffer_format(b, "%s\">%s/", ending, folder);
    html_text(b, name);
    buffer_format(b, "%s</a>", ending);
}

static void put_head_row(buffer *b, const vmap_report_table *t, const size_t *column, size_t n)
{
    buffer_put(b, "<thead><tr>");
    for (size_t j = 0; j < n; j++) {
        buffer_put(b, t->columns[column[j]].kind == VMAP_CELL_TEXT ? "<th scope=\"col\">" : "<th scope=\"col\" class=\"n\">");
        html_text(b, t->columns[column[j]].name);
        buffer_put(b, "</th>");
    }
    buffer_put(b, "</tr></thead>\n");
}

static void put_rows(buffer *b, const vmap_report_table *t, size_t rows, const size_t *column, size_t n)
{
    buffer_put(b, "<tbody>\n");
    for (size_t i = 0; i < rows; i++) {
        buffer_put(b, "<tr>");
        for (size_t j = 0; j < n; j++)
            put_cell(b, t, i, column[j]);
        buffer_put(b, "</tr>\n");
    }
    buffer_put(b, "</tbody>");
}

static void put_notes(buffer *b, const vmap_report_table *t)
{
    buffer marks = {0};

    report_marks(&marks, t, true);
    buffer_put(b, t->notes_count || marks.n ? "<p class=\"note\"><i>Note.</i>" : "");
    for (size_t i = 0; i < t->notes_count; i++) {
        buffer_put(b, " ");
        html_text(b, t->notes[i]);
    }
    buffer_put(b, marks.n ? " " : "");
    html_text(b, marks.n ? marks.text : "");
    buffer_put(b, t->notes_count || marks.n ? "</p>\n" : "");
    b->failed |= marks.failed;
    buffer_free(&marks);
}

void html_table(buffer *b, const vmap_report_table *t, size_t number, size_t max_rows)
{
    size_t rows = vmap_report_rows(t), shown = max_rows && max_rows < rows ? max_rows : rows, n,
           *column = report_shown_columns(t, &n);

    b->failed |= !column;
    if (!column)
        return;
    buffer_put(b, "<div class=\"wide\"><table>\n<caption>");
    if (number)
        buffer_format(b, "Table %zu. ", number);
    html_text(b, t->title);
    buffer_put(b, "</caption>\n");
    put_head_row(b, t, column, n);
    put_rows(b, t, shown, column, n);
    free(column);
    buffer_put(b, "</table></div>\n");
    if (shown < rows) {
        buffer_format(b, "<p class=\"note\">%zu of %zu rows are shown; all are in ", shown, rows);
        if (number)
            put_link(b, "tables", t->name, ".tsv");
        else
            buffer_format(b, "tables/%s.tsv", t->name);
        buffer_put(b, ".</p>\n");
    }
    put_notes(b, t);
}

/* The svg element alone: an XML declaration and a document type have no place inside HTML. */
static const char *svg_element(const char *svg)
{
    const char *start = strstr(svg, "<svg");

    return start ? start : "";
}

/* Points that the drawing is wide; 0: it does not say. */
static double svg_width(const char *svg)
{
    const char *at = strstr(svg_element(svg), "width=\"");
    double points;

    if (!at)
        return 0;
    at += strlen("width=\"");
    return text_number(at, strspn(at, "0123456789."), '.', &points) ? points : 0;
}

/* The drawing with names of its own: gnuplot calls the parts of all its drawings the same, and on one page a name is
 * there once. Only inside tags; texts stay as they are. */
static void put_svg(buffer *b, const char *svg, size_t number)
{
    static const char *const before[] = {" id=\"", " id='", "href=\"#", "href='#", "url(#"};
    bool tag = false;

    while (*svg) {
        size_t found = 0;

        tag = *svg == '<' || (tag && *svg != '>');
        for (size_t k = 0; tag && !found && k < sizeof before / sizeof *before; k++)
            found = strncmp(svg, before[k], strlen(before[k])) == 0 ? strlen(before[k]) : 0;
        buffer_bytes(b, svg, found ? found : 1);
        if (found)
            buffer_format(b, "f%zu-", number);
        svg += found ? found : 1;
    }
}

static void put_figure(buffer *b, const vmap_page_figure *figure, size_t number)
{
    const char *end = figure->caption + strlen(figure->caption);

    buffer_format(b, "<figure id=\"figure-%zu\">\n", number);
    if (figure->svg) {
        double width = svg_width(figure->svg);

        buffer_put(b, "<div role=\"img\" aria-label=\"");
        html_text(b, figure->caption);
        if (width > 0)
            buffer_format(b, "\" style=\"max-width:%.1frem", width * 62 / 510.24); /* letters of one size in all figures */
        buffer_put(b, "\">\n");
        put_svg(b, svg_element(figure->svg), number);
        buffer_put(b, "</div>\n");
    }
    buffer_format(b, "<figcaption><b>Figure %zu.</b> ", number);
    html_text(b, figure->caption);
    if (end > figure->caption && !strchr(".!?", end[-1]))
        buffer_put(b, ".");
    buffer_put(b, figure->svg ? " Script: " : " To draw it, run gnuplot on ");
    put_link(b, "figures", figure->file, "");
    buffer_put(b, "</figcaption>\n</figure>\n");
}

static void put_head(buffer *b, const vmap_page *page)
{
    buffer_put(b, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                  "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                  "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                  "style-src 'unsafe-inline'; img-src data:\">\n<title>");
    html_text(b, page->title);
    buffer_format(b, "</title>\n<style>%s</style>\n</head>\n<body>\n<h1>", style);
    html_text(b, page->title);
    buffer_put(b, "</h1>\n");
    if (page->lead) {
        buffer_put(b, "<p class=\"lead\">");
        html_text(b, page->lead);
        buffer_put(b, "</p>\n");
    }
}

static void put_sentences(buffer *b, const char *const *sentences, size_t count, const char *open,
                          const char *close)
{
    if (count)
        buffer_put(b, open);
    for (size_t i = 0; i < count; i++) {
        buffer_put(b, "<p>");
        html_text(b, sentences[i]);
        buffer_put(b, "</p>\n");
    }
    if (count)
        buffer_put(b, close);
}

/* Contents of a long page: figures by number, tables by title. */
static void put_contents(buffer *b, const vmap_report *r, const vmap_page *page)
{
    if (r->tables_count < 2)
        return;
    buffer_put(b, "<nav aria-label=\"Contents\"><details><summary>Contents</summary>\n");
    if (page->figures_count)
        buffer_put(b, "<p>Figures:");
    for (size_t i = 0; i < page->figures_count; i++)
        buffer_format(b, " <a href=\"#figure-%zu\">%zu</a>", i + 1, i + 1);
    buffer_put(b, page->figures_count ? "</p>\n<p>Tables:</p>\n<ol>\n" : "<p>Tables:</p>\n<ol>\n");
    for (size_t i = 0; i < r->tables_count; i++) {
        buffer_format(b, "<li><a href=\"#table-%zu\">", i + 1);
        html_text(b, r->tables[i]->title);
        buffer_put(b, "</a></li>\n");
    }
    buffer_put(b, "</ol>\n</details></nav>\n");
}

vmap_status vmap_report_page(const vmap_report *r, const vmap_page *page, char **text, size_t *n,
                             vmap_error *err)
{
    buffer b = {.failed = r->failed};
    size_t max_rows = page->max_rows ? page->max_rows : 40;

    put_head(&b, page);
    put_sentences(&b, page->warnings, page->warnings_count,
                  "<aside aria-label=\"Read first\">\n", "</aside>\n");
    put_contents(&b, r, page);
    if (page->figures_count)
        buffer_put(&b, "<h2>Figures</h2>\n");
    for (size_t i = 0; i < page->figures_count; i++)
        put_figure(&b, &page->figures[i], i + 1);
    put_sentences(&b, page->notes, page->notes_count,
                  "<details><summary>How the data were read</summary>\n", "</details>\n");
    buffer_put(&b, "<main>\n<h2>Tables</h2>\n");
    for (size_t i = 0; i < r->tables_count; i++) {
        buffer_format(&b, "<section id=\"table-%zu\">\n", i + 1);
        html_table(&b, r->tables[i], i + 1, max_rows);
        buffer_put(&b, "</section>\n");
        b.failed |= r->tables[i]->failed;
    }
    buffer_put(&b, "</main>\n");
    put_sentences(&b, page->references, page->references_count, "<section class=\"references\">\n<h2>References</h2>\n",
                  "</section>\n");
    buffer_put(&b, "<footer>\n");
    for (size_t i = 0; i < r->provenance_count; i++) {
        html_text(&b, r->provenance[i]);
        buffer_put(&b, "<br>\n");
    }
    buffer_put(&b, "</footer>\n</body>\n</html>\n");
    return buffer_take(&b, text, n, err);
}
