#include <config.h>
#include "cli/command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/buffer.h"
#include "core/text.h"

/* ---- a study from options ---- */

static char *copy(const char *text)
{
    return text ? text_copy(text, strlen(text)) : NULL;
}

/* Copy a list of words into a study, whose memory is freed as libcyaml's is: by free(). */
static bool copy_list(const word_list *from, char ***to, unsigned *count)
{
    if (!from->count)
        return true;
    *to = calloc(from->count, sizeof **to);
    for (unsigned i = 0; *to && i < from->count; i++) {
        (*to)[i] = copy(from->words[i]);
        if (!(*to)[i])
            return false;
        *count = i + 1;
    }
    return *to != NULL;
}

study_set *command_set(const study_settings *s, const word_list *operands)
{
    study_set *set = calloc(1, sizeof *set);

    if (!set)
        return NULL;
    set->name = copy(s->set);
    set->codebook = copy(s->codebook);
    set->weight = copy(s->weight);
    set->target = copy(s->target);
    set->delimiter = copy(s->read.delimiter);
    set->decimal = copy(s->read.decimal);
    set->text = copy(s->read.text);
    set->encoding = copy(s->read.encoding);
    set->skip = s->read.skip;
    set->answers = copy(s->read.answers);
    set->layout = copy(s->read.layout);
    set->id = copy(s->read.id);
    copy_list(&s->read.key, &set->key, &set->key_count);
    copy_list(&s->read.map, &set->map, &set->map_count);
    copy_list(&s->group, &set->group, &set->group_count);
    copy_list(&s->subset.where, &set->where, &set->where_count);
    copy_list(&s->subset.recode, &set->recode, &set->recode_count);
    set->weights = copy(s->subset.weights);
    set->weight_by = copy(s->subset.weight_by);
    set->population = copy(s->subset.population);
    set->trim = s->subset.trim;
    set->files = calloc(operands->count ? operands->count : 1, sizeof *set->files);
    for (unsigned i = 0; set->files && i < operands->count; i++) {
        set->files[i].file = copy(operands->words[i]);
        set->files_count = i + 1;
    }
    return set;
}

study *command_new_study(const study_settings *s)
{
    study *st = calloc(1, sizeof *st);

    if (!st)
        return NULL;
    st->version = 1;
    st->space = copy(s->space);
    st->name = copy(s->name);
    st->affine = copy(s->affine);
    st->zones = copy(s->zones);
    st->missing = copy(s->missing);
    st->incomplete = copy(s->incomplete);
    st->axes = s->axes;
    st->min_items = s->min_items;
    st->nearest = s->nearest;
    st->bootstrap = s->bootstrap;
    st->seed = s->seed;
    st->figure = calloc(1, sizeof *st->figure);
    if (st->figure) {
        st->figure->size = copy(s->size);
        copy_list(&s->highlight, &st->figure->highlight, &st->figure->highlight_count);
    }
    return st;
}

/* ---- standard output and error ---- */

void command_say(const char *sentence, const char *folder)
{
    char shown[1024];

    text_clean(shown, sizeof shown, folder);
    fputs("valuemap: ", stderr);
    for (const char *c = sentence; *c; c++) {
        if (*c == '@')
            fputs(shown, stderr);
        else
            fputc(*c, stderr);
    }
    fputc('\n', stderr);
}

vmap_status command_write(const char *text, size_t n, vmap_error *err)
{
    if (fwrite(text, 1, n, stdout) == n && fflush(stdout) == 0 && !ferror(stdout))
        return VMAP_SUCCESS;
    if (errno == EPIPE)
        return VMAP_SUCCESS;
    return vmap_error_set(err, VMAP_EIO, "cannot write to standard output: %s", strerror(errno));
}

vmap_status command_check_format(const output_settings *out, vmap_error *err)
{
    char known[128] = "";

    if (out->output && strcmp(out->output, "-") == 0)
        return vmap_error_set(err, VMAP_EINVAL, "output: '-' is no folder; without --output a table goes to standard output");
    for (size_t i = 0; i < vmap_formats_count; i++) {
        if (!out->format || strcmp(out->format, vmap_formats[i].name) == 0)
            return VMAP_SUCCESS;
        strncat(known, i ? ", " : "", sizeof known - strlen(known) - 1);
        strncat(known, vmap_formats[i].name, sizeof known - strlen(known) - 1);
    }
    return vmap_error_set(err, VMAP_EINVAL, "format: '%s' is not allowed; it is one of %s", out->format,
                          known);
}

vmap_status command_print(const vmap_report *report, const vmap_report_table *table,
                          const output_settings *out, vmap_error *err)
{
    vmap_write_options options;
    const char *format = out->format ? out->format : isatty(STDOUT_FILENO) ? "text" : "tsv";
    char *text = NULL;
    size_t n = 0;
    vmap_status status;

    vmap_write_defaults(&options);
    options.comments = !out->no_comments;
    options.formula_guard = !out->no_formula_guard;
    status = vmap_report_write(report, table, format, &options, &text, &n, err);
    if (!status)
        status = command_write(text, n, err);
    free(text);
    return status;
}

vmap_status command_print_named(vmap_report *report, const char *name, const char *main_table, bool simulated,
                                const output_settings *out, vmap_error *err)
{
    vmap_report_table *t = vmap_report_find(report, name ? name : main_table);
    buffer known = {0};
    vmap_status status;

    if (t) {
        if (simulated)
            vmap_report_note(t, "SIMULATED DATA: these numbers say nothing about people or models.");
        return command_print(report, t, out, err);
    }
    for (size_t i = 0; i < vmap_report_tables(report); i++)
        buffer_format(&known, "%s%s", i ? ", " : "", vmap_report_name(vmap_report_get(report, i)));
    status = vmap_error_set(err, VMAP_EINVAL, "table: there is no '%s' here; there are %s", name ? name : main_table,
                            known.text ? known.text : "");
    buffer_free(&known);
    return status;
}
