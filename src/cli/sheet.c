#include <config.h>
#include "cli/sheet.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/analysis.h"
#include "cli/data.h"
#include "core/memory.h"
#include "core/text.h"

static vmap_status no_memory(vmap_error *err)
{
    return vmap_error_set(err, VMAP_ENOMEM, "no memory for the answers");
}

/* ---- the first file, as it presents itself ---- */

/* The file is read more than once: what comes from a pipe is kept in a file without a name, which becomes standard
 * input. */
static vmap_status keep_standard_input(vmap_error *err)
{
    FILE *copy = lseek(STDIN_FILENO, 0, SEEK_CUR) == 0 ? NULL : tmpfile();
    char block[65536];
    ssize_t n = 0;
    bool kept;

    if (!copy && lseek(STDIN_FILENO, 0, SEEK_CUR) == 0)
        return VMAP_SUCCESS;
    while (copy && (n = read(STDIN_FILENO, block, sizeof block)) > 0) {
        if (fwrite(block, 1, (size_t)n, copy) != (size_t)n)
            break; /* n stays positive: what was kept is not the whole */
    }
    kept = copy && n == 0 && fflush(copy) == 0 && dup2(fileno(copy), STDIN_FILENO) >= 0 &&
           lseek(STDIN_FILENO, 0, SEEK_SET) == 0;
    if (copy)
        fclose(copy);
    return kept ? VMAP_SUCCESS : vmap_error_set(err, VMAP_EIO, "standard input cannot be kept: %s", strerror(errno));
}

void sheet_rewind(const char *path)
{
    if (strcmp(path, "-") == 0)
        lseek(STDIN_FILENO, 0, SEEK_SET);
}

static vmap_status look(sheet *s, const char *path, vmap_error *err)
{
    vmap_reader *reader = NULL;
    vmap_status status = vmap_reader_open(path, &s->options.read, &reader, err);

    if (status)
        return status;
    s->dialect = text_format("%s, %s", vmap_reader_format(reader), vmap_reader_dialect(reader));
    s->columns_count = vmap_reader_columns(reader);
    s->columns = memory_new(s->columns_count, sizeof *s->columns, err);
    s->used = memory_new(s->columns_count, sizeof *s->used, err);
    for (size_t i = 0; s->columns && i < s->columns_count; i++) {
        const char *name = vmap_reader_names(reader)[i];

        s->columns[i] = text_copy(name, strlen(name));
        if (!s->columns[i])
            status = VMAP_ENOMEM;
    }
    vmap_reader_free(reader);
    return status || !s->dialect || !s->columns || !s->used ? no_memory(err) : VMAP_SUCCESS;
}

/* ---- the codebook ---- */

/* Every item is wanted for itself here. */
static void free_parts(vmap_codebook *book)
{
    for (unsigned i = 0; i < book->items_count; i++)
        book->items[i].part = false;
}

/* Columns of the file that some item of the codebook is read from. */
static vmap_status count_columns(const sheet *s, const vmap_codebook *book, size_t *found, vmap_error *err)
{
    vmap_binding *binding = NULL;
    bool *seen = memory_new(s->columns_count, sizeof *seen, err);
    vmap_status status = seen ? vmap_codebook_bind(book, (const char *const *)s->columns, s->columns_count, &binding, err)
                              : VMAP_ENOMEM;

    for (unsigned i = 0; !status && i < book->items_count; i++) {
        if (binding->column[i] == book->items[i].columns_count || seen[binding->at[i]])
            continue;
        seen[binding->at[i]] = true;
        ++*found;
    }
    vmap_binding_free(binding);
    free(seen);
    return status;
}

/* The built-in codebook that explains the most columns, the first on a tie. */
static vmap_status find_codebook(sheet *s, const char *path, vmap_error *err)
{
    vmap_reader *reader = NULL;
    word_list names = {0};
    size_t best = 1;
    vmap_status status = data_names("codebooks", ".yaml", &names, err);

    if (!status)
        status = data_names("questionnaires", ".yaml", &names, err);
    for (unsigned i = 0; !status && i < names.count; i++) {
        vmap_codebook *book = NULL;
        size_t found = 0;

        status = data_codebook(names.words[i], &book, err);
        if (status)
            break;
        free_parts(book);
        status = count_columns(s, book, &found, err);
        if (!status && found > best) {
            vmap_codebook_free(s->codebook);
            s->codebook = book;
            best = found;
        } else {
            vmap_codebook_free(book);
        }
    }
    word_list_free(&names);
    if (status || s->codebook)
        return status;
    vmap_error_set(err, VMAP_EDATA, "no built-in codebook finds two items among the %zu columns of the file; "
                   "name one with --codebook, or draft one with 'valuemap codebook FILE'", s->columns_count);
    sheet_rewind(path);
    if (!vmap_reader_open(path, &s->options.read, &reader, NULL))
        status = vmap_reader_refuse(reader, err);
    vmap_reader_free(reader);
    return err->status;
}

/* ---- groups and keys ---- */

size_t sheet_group(const sheet *s, const char *name)
{
    size_t g = 0;

    while (g < s->groups_count && strcmp(s->groups[g], name) != 0)
        g++;
    return g;
}

static bool add_groups(sheet *s, const word_list *words)
{
    for (unsigned i = 0; words && i < words->count; i++) {
        if (sheet_group(s, words->words[i]) == s->groups_count)
            s->groups[s->groups_count++] = words->words[i];
    }
    return true;
}

static bool is_used(const sheet *s, const char *name)
{
    const vmap_answers_options *o = &s->options;

    if (sheet_group(s, name) < s->groups_count || (o->weight && strcmp(o->weight, name) == 0))
        return true;
    for (size_t i = 0; i < o->recodes_count; i++) {
        if (strcmp(vmap_recode_column(o->recodes[i]), name) == 0)
            return true;
    }
    for (size_t i = 0; i < o->where_count; i++) {
        for (size_t c = 0; c < vmap_where_columns(o->where[i]); c++) {
            if (strcmp(vmap_where_column(o->where[i], c), name) == 0)
                return true;
        }
    }
    return false;
}

static void mark_used(sheet *s)
{
    vmap_binding *binding = NULL;

    if (vmap_codebook_bind(s->codebook, (const char *const *)s->columns, s->columns_count, &binding, NULL))
        return;
    for (size_t c = 0; c < s->columns_count; c++)
        s->used[c] = is_used(s, s->columns[c]) || strcmp(s->columns[c], "SIMULATED") == 0;
    for (unsigned i = 0; i < s->codebook->items_count; i++) {
        if (binding->column[i] < s->codebook->items[i].columns_count)
            s->used[binding->at[i]] = true;
    }
    vmap_binding_free(binding);
}

/* ---- reading ---- */

static vmap_status set_options(sheet *s, const study_settings *settings, const word_list *keep, vmap_error *err)
{
    vmap_answers_options *o = &s->options;
    size_t most = settings->group.count + settings->read.key.count + (keep ? keep->count : 0);

    s->items = memory_new(s->codebook->items_count, sizeof *s->items, err);
    s->groups = memory_new(most, sizeof *s->groups, err);
    if (!s->items || !s->groups)
        return VMAP_ENOMEM;
    for (unsigned i = 0; i < s->codebook->items_count; i++)
        s->items[i] = s->codebook->items[i].name;
    add_groups(s, &settings->group);
    add_groups(s, &settings->read.key);
    s->keys = settings->read.key.count;
    s->kept = s->groups_count;
    add_groups(s, keep);
    o->set = settings->set ? settings->set : "data";
    o->codebooks = (const vmap_codebook *const *)&s->codebook;
    o->codebooks_count = 1;
    o->items = s->items;
    o->items_count = s->codebook->items_count;
    o->least_items = 1; /* nothing is fitted here */
    o->weight = settings->weight;
    o->groups = (const char *const *)s->groups;
    o->groups_count = s->groups_count;
    subset_apply(&s->chosen, o);
    return VMAP_SUCCESS;
}

static vmap_status read_files(sheet *s, const word_list *files, vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;

    s->answers = vmap_answers_new(&s->options, err);
    if (!s->answers)
        return err && err->status ? err->status : VMAP_ENOMEM;
    for (unsigned i = 0; !status && i < files->count; i++) {
        sheet_rewind(files->words[i]);
        status = vmap_answers_read(s->answers, &s->options, files->words[i], NULL, 0, s->ledger, err);
    }
    return status ? status : vmap_answers_finish(s->answers, s->ledger, err);
}

vmap_status sheet_read(sheet *s, const study_settings *settings, const word_list *keep, const word_list *files,
                       bool doubt, vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;
    unsigned standard = 0; /* inputs */

    s->study = command_new_study(settings);
    s->ledger = vmap_ledger_new(err);
    if (!s->study || !s->ledger || !(s->study->humans = command_set(settings, files)))
        return no_memory(err);
    s->set = s->study->humans;
    for (unsigned i = 0; !status && i < files->count; i++) {
        if (strcmp(files->words[i], "-") == 0 && standard++)
            return vmap_error_set(err, VMAP_EINVAL, "standard input is named twice, but there is only one");
        status = inputs_add(&s->in, "", files->words[i], err);
    }
    analysis_read_options(&s->options.read, s->set, (unsigned)settings->threads);
    if (!status && standard)
        status = keep_standard_input(err);
    if (!status)
        status = subset_open(s->set, "", &s->chosen, err);
    if (!status)
        status = look(s, files->words[0], err);
    if (!status)
        status = settings->codebook ? data_codebook(settings->codebook, &s->codebook, err) : find_codebook(s, files->words[0], err);
    if (status)
        return status;
    free_parts(s->codebook);
    status = set_options(s, settings, keep, err);
    if (!status)
        status = read_files(s, files, err);
    if (!status && !settings->codebook && doubt)
        status = analysis_check_guess(s->answers, s->codebook->name, err);
    if (!status)
        mark_used(s);
    return status;
}

const vmap_item *sheet_item(const sheet *s, size_t i)
{
    return &s->codebook->items[i];
}

void sheet_free(sheet *s)
{
    inputs_free(&s->in);
    vmap_answers_free(s->answers);
    vmap_ledger_free(s->ledger);
    subset_free(&s->chosen);
    vmap_codebook_free(s->codebook);
    for (size_t i = 0; s->columns && i < s->columns_count; i++)
        free(s->columns[i]);
    free(s->columns);
    free(s->used);
    free(s->items);
    free(s->groups);
    free(s->dialect);
    study_free(s->study);
}
