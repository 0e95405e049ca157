#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_errno.h>

#include "cli/command.h"
#include "core/text.h"

void openblas_set_num_threads(int threads); /* of OpenBLAS; its header does not go with GSL's */

/* In the order of the help; one a line. */
/* clang-format off */
const command *const commands[] = {
    &command_check,
    &command_codebook,
    &command_convert,
    &command_run,
    &command_answers,
    &command_fit,
    &command_project,
    &command_distance,
    &command_compare,
    &command_cluster,
    &command_dimensions,
    &command_factor,
    &command_morality,
    &command_plot,
    &command_simulate,
    &command_list,
    &command_help,
    NULL,
};
/* clang-format on */

const command *command_find(const char *name)
{
    for (size_t i = 0; commands[i]; i++) {
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    }
    return NULL;
}

const char *command_nearest(const char *word)
{
    const char *names[32];
    size_t n = 0;

    while (commands[n] && n < 32) {
        names[n] = commands[n]->name;
        n++;
    }
    return text_nearest(word, names, n);
}

static int exit_status(vmap_status status, const command *c)
{
    switch (status) {
    case VMAP_SUCCESS:
        return EXIT_SUCCESS;
    case VMAP_EINVAL:
        return EXIT_USAGE;
    case VMAP_ENOENT:
        return EXIT_NO_INPUT;
    case VMAP_EPARSE:
    case VMAP_EDATA:
        return c == &command_run && status == VMAP_EPARSE ? EXIT_STUDY : EXIT_DATA;
    case VMAP_ESINGULAR:
        return EXIT_DATA;
    case VMAP_EIO:
        return EXIT_IO;
    case VMAP_ENOMEM:
        break;
    }
    return EXIT_INTERNAL;
}

static int complain(const vmap_error *err, const command *c)
{
    char text[1600];

    fprintf(stderr, "valuemap: %s\n", vmap_error_text(err, text, sizeof text));
    return exit_status(err->status, c);
}

static int complain_usage(const command *c, const vmap_error *err)
{
    complain(err, c);
    fprintf(stderr, "Try 'valuemap %s --help'.\n", c ? c->name : "");
    return EXIT_USAGE;
}

static vmap_status check_operands(const command *c, const word_list *operands, vmap_error *err)
{
    if ((int)operands->count < c->least)
        return vmap_error_set(err, VMAP_EINVAL, "%s needs %s", c->name, c->operands);
    if (c->most >= 0 && (int)operands->count > c->most)
        return vmap_error_set(err, VMAP_EINVAL, "%s: '%s' is one operand too many", c->name,
                              operands->words[c->most]);
    return VMAP_SUCCESS;
}

static vmap_status print_help(const command *c, vmap_error *err)
{
    char *text = command_help_text(c);
    vmap_status status = text ? command_write(text, strlen(text), err)
                              : vmap_error_set(err, VMAP_ENOMEM, "no memory for the help");

    free(text);
    return status;
}

static int run(const command *c, int argc, char **argv)
{
    void *s = calloc(1, c->settings ? c->settings : 1);
    word_list operands = {0};
    vmap_error err = {.status = VMAP_SUCCESS};
    bool help = false;
    int code = EXIT_SUCCESS;
    vmap_status status;

    if (!s)
        return EXIT_INTERNAL;
    if (c->defaults)
        c->defaults(s);
    status = options_parse(c->options, argc, argv, s, &operands, &help, &err);
    if (!status && !help)
        status = check_operands(c, &operands, &err);
    if (status) {
        code = complain_usage(c, &err);
    } else {
        status = help ? print_help(c, &err) : c->run(s, &operands, &err);
        if (status)
            code = complain(&err, c);
        else if (c->verdict && !help)
            code = c->verdict(s);
    }
    options_free(c->options, s);
    word_list_free(&operands);
    free(s);
    return code;
}

static int print_version(void)
{
    vmap_error err;
    const char *text = PACKAGE_STRING
        "\nLicence GPLv3+: GNU GPL version 3 or later <https://gnu.org/licenses/gpl.html>\n"
        "This is free software; there is NO WARRANTY, to the extent permitted by law.\n";

    return command_write(text, strlen(text), &err) ? complain(&err, NULL) : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    const char *word = argc > 1 ? argv[1] : NULL;
    const command *c = word ? command_find(word) : NULL;
    vmap_error err;

    gsl_set_error_handler_off();
    openblas_set_num_threads(1); /* threads work on replicates and groups, not inside one product */
    if (c)
        return run(c, argc - 1, argv + 1);
    if (word && (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0))
        return print_version();
    if (word && (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0))
        return print_help(NULL, &err) ? complain(&err, NULL) : EXIT_SUCCESS;
    if (word) {
        const char *nearest = command_nearest(word);
        char shown[64];

        text_clean(shown, sizeof shown, word);
        fprintf(stderr, "valuemap: there is no command '%s'%s%s%s\n", shown,
                nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
    } else {
        fprintf(stderr, "valuemap: say what to do; 'valuemap help' lists the commands\n");
    }
    return EXIT_USAGE;
}
