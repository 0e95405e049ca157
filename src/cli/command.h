#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "cli/options.h"
#include "cli/study.h"
#include "valuemap/report.h"

/* The commands of the program, one row each in main.c; each has a file cmd_<name>.c. */

/* What goes to standard output or to a folder, and how; the first member of most commands' settings. */
typedef struct output_settings {
    char *output, *format;
    bool quiet, no_comments, no_formula_guard;
} output_settings;

/* How files are read. */
typedef struct read_settings {
    char *delimiter, *decimal, *text, *encoding;
    int skip;
    char *answers, *layout, *id;
    word_list key, map;
} read_settings;

/* Which respondents count, and what. */
typedef struct subset_settings {
    word_list where, recode;
    char *weights, *weight_by, *population;
    double trim;
} subset_settings;

/* What the commands that carry out a study from options have in common. */
typedef struct study_settings {
    output_settings out;
    read_settings read;
    subset_settings subset;
    char *codebook, *weight, *missing, *incomplete, *affine, *name, *space, *target, *zones, *set, *size;
    word_list group, highlight;
    int axes, min_items, nearest, bootstrap, seed, threads;
} study_settings;

typedef struct command {
    const char *name, *summary; /* one word; one line */
    const char *operands;       /* as in the usage line */
    const char *description;    /* paragraphs for the help */
    const char *examples;       /* one or more lines */
    const option_spec *options;
    size_t settings;            /* bytes of the settings that the options set; they start zeroed */
    void (*defaults)(void *settings); /* NULL when zeros are the defaults */
    int least, most;            /* number of operands; most -1: any */
    vmap_status (*run)(const void *settings, const word_list *operands, vmap_error *err);
    int (*verdict)(const void *settings); /* exit status after success; NULL: EXIT_SUCCESS */
} command;

extern const command command_answers;
extern const command command_run;
extern const command command_check;
extern const command command_codebook;
extern const command command_compare;
extern const command command_convert;
extern const command command_fit;
extern const command command_project;
extern const command command_distance;
extern const command command_cluster;
extern const command command_dimensions;
extern const command command_factor;
extern const command command_morality;
extern const command command_plot;
extern const command command_simulate;
extern const command command_list;
extern const command command_help;
extern const command *const commands[]; /* ends with NULL */
const command *command_find(const char *name);
/* The command whose name is nearest to a mistyped one, or NULL. */
const char *command_nearest(const char *word);

/* Exit statuses, after sysexits.h. */
enum {
    EXIT_FOUND = 1, /* what a command was asked to look for */
    EXIT_USAGE = 64,
    EXIT_DATA = 65,
    EXIT_NO_INPUT = 66,
    EXIT_INTERNAL = 70,
    EXIT_CANNOT_CREATE = 73,
    EXIT_IO = 74,
    EXIT_STUDY = 78
};

/* Options that several commands take, as rows of their tables: the file of a command says first what its
 * settings are: `#define SETTINGS my_settings`. */
#define AT(member) offsetof(SETTINGS, member)
#define OPTIONS_END {NULL, 0, OPTION_END, NULL, NULL, 0, 0, 0}
#define OPTIONS_READ \
    {"delimiter", 0, OPTION_WORD, "CHAR", "force the delimiter: , ; tab or | [detected]", \
     AT(read.delimiter), 0, 0}, \
    {"decimal", 0, OPTION_WORD, "CHAR", "force the decimal mark: . or , [detected]", \
     AT(read.decimal), 0, 0}, \
    {"text", 0, OPTION_WORD, "RULE", "text where a number must be: error, or missing (counted) " \
     "[error]", AT(read.text), 0, 0}, \
    {"encoding", 0, OPTION_TEXT, "NAME", "of a text file, such as latin1 [detected: UTF-8, UTF-16, " \
     "Windows-1252]", AT(read.encoding), 0, 0}, \
    {"skip", 0, OPTION_COUNT, "N", "lines before the header [detected]", AT(read.skip), 1, 10000}, \
    {"answers", 0, OPTION_WORD, "KIND", "codes, or text: text answers of models are parsed [codes]", \
     AT(read.answers), 0, 0}, \
    {"layout", 0, OPTION_WORD, "NAME", "of the file: wide, a row per respondent, or long, a row per answer " \
     "[detected]", AT(read.layout), 0, 0}, \
    {"key", 0, OPTION_LIST, "COLUMN,...", "of a long file: what tells respondents apart [model, persona, rep ... " \
     "where it has them]", AT(read.key), 0, 0}, \
    {"map", 0, OPTION_LIST, "COLUMN=PATH,...", "of JSON Lines: fields that become columns, such as " \
     "model=response.body.model [the keys]", AT(read.map), 0, 0}, \
    {"id", 0, OPTION_TEXT, "COLUMN=A|B", "of JSON Lines: divide an id into columns, such as " \
     "'custom_id=model|persona|item|rep'", AT(read.id), 0, 0}
#define OPTIONS_SUBSET \
    {"where", 0, OPTION_TEXTS, "CONDITION", "only respondents for whom it is true, such as 'Q262 >= 18 and " \
     "Q260 = 2' (docs/checking.md); used twice, both", AT(subset.where), 0, 0}, \
    {"recode", 0, OPTION_TEXTS, "NAME=COLUMN:BANDS", "make a column of bands, such as " \
     "age=Q262:18-29,30-49,50+, for groups and conditions", AT(subset.recode), 0, 0}, \
    {"weights", 0, OPTION_TEXT, "RULE", "what countries count: given, mean-one, equal-country or population " \
     "[given]", AT(subset.weights), 0, 0}, \
    {"weight-by", 0, OPTION_TEXT, "COLUMN", "the column of the country for --weights and --trim [the first of " \
     "--group]", AT(subset.weight_by), 0, 0}, \
    {"population", 0, OPTION_TEXT, "FILE", "countries and their population, two columns, for --weights " \
     "population", AT(subset.population), 0, 0}, \
    {"trim", 0, OPTION_REAL, "CAP", "cut weights above CAP times their country's mean [none]", \
     AT(subset.trim), 1, 1000000}
#define OPTIONS_FORMAT \
    {"format", 'f', OPTION_TEXT, "NAME", "of the table on standard output: tsv csv json md latex html text " \
     "[text on a terminal, else tsv]", AT(out.format), 0, 0}, \
    {"no-comments", 0, OPTION_FLAG, NULL, "TSV without the lines that begin with #", \
     AT(out.no_comments), 0, 0}, \
    {"no-formula-guard", 0, OPTION_FLAG, NULL, "do not put ' before labels that a spreadsheet " \
     "would run as formulas", AT(out.no_formula_guard), 0, 0}, \
    {"quiet", 'q', OPTION_FLAG, NULL, "no notes and no progress on standard error", AT(out.quiet), 0, 0}
#define OPTIONS_OUTPUT \
    {"output", 'o', OPTION_TEXT, "DIR", "write tables, figures, report.html and run.json to DIR", \
     AT(out.output), 0, 0}, \
    OPTIONS_FORMAT
#define OPTIONS_SEED \
    {"seed", 0, OPTION_COUNT, "N", "of the random numbers [20230217]", AT(seed), 1, 2147483647}
#define OPTIONS_THREADS \
    {"threads", 0, OPTION_COUNT, "N", "threads; results do not depend on it [one per processor]", \
     AT(threads), 0, 64}

/* Carry out a study and write it: to the folder that --output names, or the table `main_table` (or,
 * when it is NULL, the script of the map) to standard output. */
vmap_status command_study(const study *s, const output_settings *out, int threads,
                          const char *command_name, const char *main_table, vmap_error *err);

/* A study set from the operands and the reading options; freed with the study. NULL when memory is
 * short. */
study_set *command_set(const study_settings *s, const word_list *operands);
/* A study from the options that all analysing commands share. */
study *command_new_study(const study_settings *s);

/* Is the format that the settings name known? VMAP_EINVAL; before any work. */
vmap_status command_check_format(const output_settings *out, vmap_error *err);
/* Write one table to standard output in the format that the settings name. */
vmap_status command_print(const vmap_report *report, const vmap_report_table *table,
                          const output_settings *out, vmap_error *err);
/* Write the table of that name (NULL: the main one) to standard output, with the mark of simulated data.
 * VMAP_EINVAL with the names of all tables when there is none. */
vmap_status command_print_named(vmap_report *report, const char *name, const char *main_table, bool simulated,
                                const output_settings *out, vmap_error *err);
/* Say a sentence on standard error in which each @ stands for the folder, whose name is made harmless. */
void command_say(const char *sentence, const char *folder);
/* Write text to standard output; VMAP_EIO when that fails, silently success when the reader closed a
 * pipe. */
vmap_status command_write(const char *text, size_t n, vmap_error *err);

/* The help of a command, or of the program for NULL, in fresh memory. */
char *command_help_text(const command *c);
/* The man page of the program, and its completion for bash, likewise. */
char *command_man_page(void);
char *command_completion(void);

#endif
