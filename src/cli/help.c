#include <config.h>
#include "cli/command.h"

#include <stdlib.h>
#include <string.h>

#include "core/buffer.h"

enum { HELP_COLUMN = 30, WIDTH = 96 };

/* Put a text, broken between words so that no line is longer than WIDTH, each further line indented. */
static void put_wrapped(buffer *b, const char *text, size_t column, size_t indent)
{
    while (*text) {
        size_t n = strcspn(text, " \n");

        if (column + n > WIDTH && column > indent) {
            while (b->n && b->text[b->n - 1] == ' ')
                b->text[--b->n] = '\0';
            buffer_format(b, "\n%*s", (int)indent, "");
            column = indent;
        }
        buffer_bytes(b, text, n);
        column += n;
        text += n;
        while (*text == ' ' || *text == '\n') {
            if (*text == '\n') {
                buffer_format(b, "\n%*s", (int)indent, "");
                column = indent;
            } else if (column < WIDTH) {
                buffer_put(b, " ");
                column++;
            }
            text++;
        }
    }
}

static void put_option(buffer *b, const option_spec *o)
{
    size_t start = b->n, used;

    if (o->letter)
        buffer_format(b, "  -%c, --%s", o->letter, o->name);
    else
        buffer_format(b, "      --%s", o->name);
    if (o->argument)
        buffer_format(b, " %s", o->argument);
    used = b->n - start;
    if (used + 2 > HELP_COLUMN)
        buffer_format(b, "\n%*s", HELP_COLUMN, "");
    else
        buffer_format(b, "%*s", (int)(HELP_COLUMN - used), "");
    put_wrapped(b, o->help, HELP_COLUMN, HELP_COLUMN);
    buffer_put(b, "\n");
}

static void put_command(buffer *b, const command *c)
{
    buffer_format(b, "Usage: valuemap %s%s%s%s%s\n\n", c->name, c->options->name ? " [OPTION...]" : "",
                  *c->operands ? " " : "", c->operands, "");
    put_wrapped(b, c->summary, 0, 0);
    buffer_put(b, ".\n\n");
    if (*c->description) {
        put_wrapped(b, c->description, 0, 0);
        buffer_put(b, "\n\n");
    }
    if (c->options->name)
        buffer_put(b, "Options:\n");
    for (const option_spec *o = c->options; o->name; o++)
        put_option(b, o);
    buffer_put(b, "  -h, --help                  this help\n\nExamples:\n");
    for (const char *line = c->examples; *line;) {
        size_t n = strcspn(line, "\n");

        buffer_put(b, "  ");
        buffer_bytes(b, line, n);
        buffer_put(b, "\n");
        line += n + (line[n] == '\n');
    }
}

static void put_program(buffer *b)
{
    buffer_put(b, "Usage: valuemap COMMAND [OPTION...] [FILE...]\n\n"
                  "Place language-model personas among countries on the Inglehart-Welzel cultural map, "
                  "or in any\nvalue space fitted on survey answers, and say how sure that is.\n\n"
                  "Commands:\n");
    for (size_t i = 0; commands[i]; i++)
        buffer_format(b, "  %-10s %s\n", commands[i]->name, commands[i]->summary);
    buffer_put(b, "\n'valuemap COMMAND --help' explains a command with an example; 'valuemap --version' "
                  "tells the version.\n\nExit status: 0 success; 64 wrong use; 65 unusable data; 66 a "
                  "file or name does not exist; 70 out of\nmemory; 74 reading or writing failed; 78 "
                  "unreadable study file.\n");
}

char *command_help_text(const command *c)
{
    buffer b = {0};
    char *text = NULL;

    if (c)
        put_command(&b, c);
    else
        put_program(&b);
    return buffer_take(&b, &text, NULL, NULL) ? NULL : text;
}

/* ---- the man page ---- */

/* Text in a man page: a hyphen that is a minus, and no line that begins with a control character. */
static void put_roff(buffer *b, const char *text)
{
    bool first = true;

    for (; *text; text++) {
        if (*text == '-')
            buffer_put(b, "\\-");
        else if (*text == '\\')
            buffer_put(b, "\\e");
        else if (first && (*text == '.' || *text == '\''))
            buffer_format(b, "\\&%c", *text);
        else
            buffer_bytes(b, text, 1);
        first = *text == '\n';
    }
}

static void put_man_option(buffer *b, const option_spec *o)
{
    buffer_put(b, ".TP\n.B ");
    if (o->letter)
        buffer_format(b, "\\-%c, ", o->letter);
    put_roff(b, "--");
    put_roff(b, o->name);
    if (o->argument)
        buffer_format(b, " \\fI%s\\fR", o->argument);
    buffer_put(b, "\n");
    put_roff(b, o->help);
    buffer_put(b, ".\n");
}

static void put_man_command(buffer *b, const command *c)
{
    buffer_format(b, ".SS valuemap %s\n", c->name);
    put_roff(b, c->summary);
    buffer_put(b, ".\n.PP\n.B valuemap ");
    buffer_format(b, "%s\n%s%s\n", c->name, c->options->name ? "[\\fIOPTION\\fR...] " : "",
                  c->operands);
    if (*c->description) {
        buffer_put(b, ".PP\n");
        put_roff(b, c->description);
        buffer_put(b, "\n");
    }
    for (const option_spec *o = c->options; o->name; o++)
        put_man_option(b, o);
    buffer_put(b, ".PP\nExamples:\n.PP\n.nf\n");
    put_roff(b, c->examples);
    buffer_put(b, "\n.fi\n");
}

char *command_man_page(void)
{
    buffer b = {0};
    char *text = NULL;

    buffer_put(&b, ".TH VALUEMAP 1 \"\" \"valuemap " PACKAGE_VERSION "\" \"User Commands\"\n"
                   ".SH NAME\nvaluemap \\- place language\\-model personas among countries on the "
                   "cultural map\n.SH SYNOPSIS\n.B valuemap\n\\fICOMMAND\\fR [\\fIOPTION\\fR...] "
                   "[\\fIFILE\\fR...]\n.SH DESCRIPTION\nvaluemap fits a value space on survey answers "
                   "of people (weighted correlations, principal components, varimax), freezes it in a "
                   "file, projects people and personas into it, and measures how far they are from "
                   "countries and cultural zones, with bootstrap intervals.\n.SH COMMANDS\n");
    for (size_t i = 0; commands[i]; i++)
        put_man_command(&b, commands[i]);
    buffer_put(&b, ".SH EXIT STATUS\n0 success; 64 wrong use; 65 unusable data; 66 a file or name does "
                   "not exist; 70 out of memory; 74 reading or writing failed; 78 unreadable study "
                   "file.\n.SH ENVIRONMENT\n.TP\n.B VALUEMAP_DATA\nFolder with the program's own "
                   "codebooks, spaces and data sets, instead of the installed one.\n.SH SEE ALSO\n"
                   ".BR gnuplot (1)\n");
    return buffer_take(&b, &text, NULL, NULL) ? NULL : text;
}
