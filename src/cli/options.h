#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "valuemap/error.h"

/* Options are declared once, in a table: parsing, help, man page and completion are made from it. */

typedef enum option_kind {
    OPTION_FLAG,  /* bool: set to true */
    OPTION_TEXT,  /* char *: the word, owned */
    OPTION_WORD,  /* likewise, one of the few words that options.c has for an option of this name */
    OPTION_LIST,  /* word_list: words separated by commas; repeating the option adds to it */
    OPTION_TEXTS, /* word_list: each use of the option adds its value as it stands */
    OPTION_COUNT, /* int: a whole number in [least, most] */
    OPTION_REAL,  /* double in [least, most] */
    OPTION_END
} option_kind;

typedef struct word_list {
    char **words;
    unsigned count;
} word_list;

typedef struct option_spec {
    const char *name; /* long name; for the end of the table NULL */
    char letter;      /* short name, or 0 */
    option_kind kind;
    const char *argument; /* what stands for the value in the help; NULL for a flag */
    const char *help;     /* one line; defaults in brackets */
    size_t offset;        /* of the value in the settings */
    double least, most;   /* of a number */
} option_spec;

/* Parse argv[1..] into `settings`; operands are collected in `operands`. Everything after "--" is an
 * operand. "--help" and "-h" set *help and end the parsing. Long options may be written "--name=value"
 * or "--name value"; of an option that takes one value and is given twice the last one counts, so that a script can
 * add to a line. Errors: VMAP_EINVAL, one sentence. */
vmap_status options_parse(const option_spec *specs, int argc, char **argv, void *settings,
                          word_list *operands, bool *help, vmap_error *err);

/* Free what options_parse() put into the settings. */
void options_free(const option_spec *specs, void *settings);

bool word_list_add(word_list *list, const char *word, size_t n);
/* Add the words of a text that commas separate. */
bool word_list_split(word_list *list, const char *text);
void word_list_free(word_list *list);

#endif
