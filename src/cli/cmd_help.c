#include <config.h>
#include "cli/command.h"

#include <stdlib.h>
#include <string.h>

static const option_spec options[] = {OPTIONS_END};

static vmap_status run(const void *settings, const word_list *operands, vmap_error *err)
{
    const char *word = operands->count ? operands->words[0] : NULL;
    const command *c = word ? command_find(word) : NULL;
    const char *nearest = word ? command_nearest(word) : NULL;
    char *text;
    vmap_status status;

    (void)settings;
    if (!word || c)
        text = command_help_text(c);
    else if (strcmp(word, "man") == 0)
        text = command_man_page();
    else if (strcmp(word, "completion") == 0)
        text = command_completion();
    else
        return vmap_error_set(err, VMAP_EINVAL, "there is no command '%s'%s%s%s", word, nearest ? "; did you mean '" : "",
                              nearest ? nearest : "", nearest ? "'?" : "");
    status = text ? command_write(text, strlen(text), err)
                  : vmap_error_set(err, VMAP_ENOMEM, "no memory for the help");
    free(text);
    return status;
}

const command command_help = {
    .name = "help",
    .summary = "Explain the program or one command",
    .operands = "[COMMAND]",
    .description = "'valuemap help man' writes the manual page, 'valuemap help completion' the "
                   "completion for bash.",
    .examples = "valuemap help project",
    .options = options,
    .least = 0,
    .most = 1,
    .run = run,
};
