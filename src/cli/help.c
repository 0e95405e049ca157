#include <config.h>
#include "cli/command.h"

#include <stdlib.h>
#include <string.h>

#include "core/buffer.h"
#include "valuemap/space.h"

enum { HELP_COLUMN = 30, WIDTH = 96 };

static const char EXITS[] =
    "0 success; 1 check --strict found warnings; 64 wrong use; 65 unusable data; 66 a file or name does not exist; 70 out of memory; 74 "
    "reading or writing failed; 78 unreadable study file.";

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
                  "Compare what language models answer in the role of people with what people answer: on the\n"
                  "Inglehart-Welzel cultural map or another value space, answer by answer, in clusters and\n"
                  "in moral profiles; and say how sure that is.\n\n"
                  "Commands:\n");
    for (size_t i = 0; commands[i]; i++)
        buffer_format(b, "  %-10s %s\n", commands[i]->name, commands[i]->summary);
    buffer_put(b, "\n'valuemap COMMAND --help' explains a command with an example; 'valuemap --version' "
                  "tells the version.\n\nExit status: ");
    put_wrapped(b, EXITS, 13, 0);
    buffer_put(b, "\n");
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

enum { MAN_WIDTH = 78 };

/* Bytes that a word takes in the page's source. */
static size_t roff_width(const char *word)
{
    size_t n = 0;

    for (; *word && *word != ' ' && *word != '\n'; word++)
        n += *word == '-' || *word == '\\' ? 2 : 1;
    return n;
}

/* Text in a man page: a hyphen that is a minus, and no line that begins with a control character.
 * With `fill` lines are broken between words; without it they stay as they are. */
static void put_roff(buffer *b, const char *text, bool fill)
{
    size_t start = b->n;

    for (; *text; text++) {
        bool first = b->n == start || b->text[b->n - 1] == '\n';

        if (fill && *text == ' ' && b->n - start + 1 + roff_width(text + 1) > MAN_WIDTH) {
            buffer_put(b, "\n");
            start = b->n;
        } else if (*text == '-') {
            buffer_put(b, "\\-");
        } else if (*text == '\\') {
            buffer_put(b, "\\e");
        } else if (first && (*text == '.' || *text == '\'')) {
            buffer_format(b, "\\&%c", *text);
        } else {
            buffer_bytes(b, text, 1);
        }
        if (*text == '\n')
            start = b->n;
    }
}

static void put_man_option(buffer *b, const option_spec *o)
{
    buffer_put(b, ".TP\n.B ");
    if (o->letter)
        buffer_format(b, "\\-%c, ", o->letter);
    put_roff(b, "--", false);
    put_roff(b, o->name, false);
    if (o->argument)
        buffer_format(b, " \\fI%s\\fR", o->argument);
    buffer_put(b, "\n");
    put_roff(b, o->help, true);
    buffer_put(b, ".\n");
}

static void put_man_command(buffer *b, const command *c)
{
    buffer_format(b, ".SS valuemap %s\n", c->name);
    put_roff(b, c->summary, true);
    buffer_format(b, ".\n.PP\n.B valuemap %s\n", c->name);
    if (c->options->name)
        buffer_put(b, "[\\fIOPTION\\fR...]\\&\n"); /* the \& says: no end of a sentence */
    if (*c->operands) {
        put_roff(b, c->operands, true);
        buffer_put(b, "\n");
    }
    if (*c->description) {
        buffer_put(b, ".PP\n");
        put_roff(b, c->description, true);
        buffer_put(b, "\n");
    }
    for (const option_spec *o = c->options; o->name; o++)
        put_man_option(b, o);
    buffer_put(b, ".PP\nExamples:\n.PP\n.nf\n");
    put_roff(b, c->examples, false);
    buffer_put(b, "\n.fi\n");
}

static void put_man_section(buffer *b, const char *name, const char *text)
{
    buffer_format(b, ".SH %s\n", name);
    put_roff(b, text, true);
    buffer_put(b, "\n");
}

char *command_man_page(void)
{
    buffer b = {0};
    char *text = NULL;

    buffer_put(&b, ".TH VALUEMAP 1 \"" PACKAGE_DATE "\" \"valuemap " PACKAGE_VERSION
                   "\" \"User Commands\"\n.SH NAME\nvaluemap \\- place language\\-model personas "
                   "among countries on the cultural map\n.SH SYNOPSIS\n.B valuemap\n"
                   "\\fICOMMAND\\fR [\\fIOPTION\\fR...] [\\fIFILE\\fR...]\n");
    put_man_section(&b, "DESCRIPTION",
                    "valuemap fits a value space on survey answers of people (weighted correlations, "
                    "principal components, varimax), freezes it in a file, projects people and "
                    "personas into it, and measures how far they are from countries and cultural "
                    "zones, with bootstrap intervals.");
    buffer_put(&b, ".SH COMMANDS\n");
    for (size_t i = 0; commands[i]; i++)
        put_man_command(&b, commands[i]);
    put_man_section(&b, "EXIT STATUS", EXITS);
    buffer_put(&b, ".SH ENVIRONMENT\n.TP\n.B VALUEMAP_DATA\n");
    put_roff(&b, "Folder with the program's own codebooks, spaces and data sets, instead of the "
                 "installed one.", true);
    buffer_put(&b, "\n.SH SEE ALSO\n.BR gnuplot (1)\n");
    return buffer_take(&b, &text, NULL, NULL) ? NULL : text;
}

/* ---- completion for bash ---- */

static void put_words(buffer *b, const char *words, char separator)
{
    for (; *words; words++)
        buffer_format(b, "%c", *words == separator ? ' ' : *words);
}

static void put_completed_command(buffer *b, const command *c)
{
    buffer_format(b, "    %s)\n        options=\"", c->name);
    for (const option_spec *o = c->options; o->name; o++)
        buffer_format(b, "--%s ", o->name);
    buffer_put(b, "--help\"\n");
    if (strchr(c->operands, '|') || c == &command_help) {
        buffer_put(b, "        words=\"");
        if (c == &command_help)
            buffer_put(b, "$commands man completion");
        else
            put_words(b, c->operands, '|');
        buffer_put(b, "\"\n");
    }
    buffer_put(b, "        ;;\n");
}

/* One line of the table of options whose value is one of a few words. */
static void put_values(buffer *b, const char *pattern, const char *values)
{
    buffer_format(b, "    %s) words=\"%s\" ;;\n", pattern, values);
}

static void put_known_values(buffer *b)
{
    buffer formats = {0}, affines = {0};

    for (size_t i = 0; i < vmap_formats_count; i++)
        buffer_format(&formats, "%s%s", i ? " " : "", vmap_formats[i].name);
    for (size_t i = 0; i < vmap_affines_count; i++)
        buffer_format(&affines, "%s%s", i ? " " : "", vmap_affines[i].name);
    put_values(b, "--format|-f", formats.text ? formats.text : "");
    put_values(b, "--affine", affines.text ? affines.text : "");
    b->failed |= formats.failed || affines.failed;
    buffer_free(&formats);
    buffer_free(&affines);
    put_values(b, "--missing", "pairwise listwise");
    put_values(b, "--incomplete", "means project drop");
    put_values(b, "--size", "page column slide");
    put_values(b, "--text", "error missing");
    put_values(b, "--space|-s", "$(valuemap list spaces -f tsv --no-comments 2>/dev/null | "
                                "sed 1d | cut -f 1 | uniq)");
    put_values(b, "--codebook|-c", "$(valuemap list codebooks -f tsv --no-comments 2>/dev/null | "
                                   "sed 1d | cut -f 1 | uniq)");
}

char *command_completion(void)
{
    buffer b = {0};
    char *text = NULL;

    buffer_put(&b, "# Completion of valuemap for bash, written by `valuemap help completion`.\n"
                   "_valuemap()\n{\n    local current=${COMP_WORDS[COMP_CWORD]}\n"
                   "    local before=${COMP_WORDS[COMP_CWORD - 1]} options= words= commands=\"");
    for (size_t i = 0; commands[i]; i++)
        buffer_format(&b, "%s%s", i ? " " : "", commands[i]->name);
    buffer_put(&b, "\"\n\n    COMPREPLY=()\n    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
                   "        COMPREPLY=($(compgen -W \"$commands --help --version\" -- \"$current\"))\n"
                   "        return\n    fi\n    case ${COMP_WORDS[1]} in\n");
    for (size_t i = 0; commands[i]; i++)
        put_completed_command(&b, commands[i]);
    buffer_put(&b, "    esac\n    case $before in\n");
    put_known_values(&b);
    buffer_put(&b, "    --output|-o) COMPREPLY=($(compgen -d -- \"$current\")); return ;;\n    esac\n"
                   "    case $current in\n    -*) words=$options ;;\n    esac\n"
                   "    COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n}\n"
                   "# Where nothing fits, bash completes names of files.\n"
                   "complete -o default -F _valuemap valuemap\n");
    return buffer_take(&b, &text, NULL, NULL) ? NULL : text;
}
