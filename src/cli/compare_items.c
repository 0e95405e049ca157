#include <config.h>
#include "cli/compare_steps.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/data.h"
#include "core/file.h"
#include "core/memory.h"
#include "core/text.h"

/* ---- codebooks ---- */

static vmap_status add_book(compare_work *w, const char *word, vmap_error *err)
{
    vmap_codebook **more = reallocarray(w->books, w->books_count + 1, sizeof *more);
    vmap_status status;

    if (!more)
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for a codebook");
    w->books = more;
    for (size_t i = 0; i < w->books_count; i++) {
        if (strcmp(w->books[i]->name, word) == 0)
            return VMAP_SUCCESS;
    }
    status = data_codebook(word, &more[w->books_count], err);
    w->books_count += !status;
    return status;
}

/* How many items of a codebook the columns of a file give. */
static vmap_status count_items(const char *word, vmap_reader *reader, size_t *usable, vmap_error *err)
{
    vmap_codebook *book = NULL;
    vmap_binding *binding = NULL;
    vmap_status status = data_codebook(word, &book, err);

    if (!status)
        status = vmap_codebook_bind(book, vmap_reader_names(reader), vmap_reader_columns(reader), &binding, err);
    if (!status)
        *usable = binding->usable;
    vmap_binding_free(binding);
    vmap_codebook_free(book);
    return status;
}

/* The built-in codebook that knows most of the file's columns; the first on a tie. */
static vmap_status find_book(const compare_work *w, const char *path, char **word, vmap_error *err)
{
    word_list names = {0};
    vmap_reader *reader = NULL;
    vmap_read_options options;
    size_t most = 0;
    vmap_status status;

    analysis_read_options(&options, w->study->humans, (unsigned)w->settings->study.threads);
    status = vmap_reader_open(path, &options, &reader, err);
    if (!status)
        status = data_names("codebooks", ".yaml", &names, err);
    for (unsigned i = 0; !status && i < names.count; i++) {
        size_t usable = 0;

        status = count_items(names.words[i], reader, &usable, err);
        if (!status && (usable > most || !*word)) {
            most = usable;
            free(*word);
            *word = text_copy(names.words[i], strlen(names.words[i]));
        }
    }
    word_list_free(&names);
    vmap_reader_free(reader);
    return status;
}

static vmap_status add_named_book(compare_work *w, const char *word, vmap_error *err)
{
    char *path = study_named(w->study, word, err);
    vmap_status status = path ? add_book(w, path, err) : VMAP_ENOMEM;

    free(path);
    return status;
}

/* The columns of --items are the codebook of both sides; item names that are no names of columns are not known. */
static vmap_status add_columns_book(compare_work *w, vmap_error *err)
{
    const analysis_items items = {.names = &w->settings->items, .valid = w->settings->valid, .scale = "ordinal"};
    vmap_status status;

    w->books = memory_new(1, sizeof *w->books, err);
    if (!w->books)
        return VMAP_ENOMEM;
    status = analysis_columns_book(w->study, &items, (unsigned)w->settings->study.threads, &w->books[0], err);
    w->books_count = !status;
    return status;
}

vmap_status compare_choose_books(compare_work *w, vmap_error *err)
{
    const study *st = w->study;
    char *word = NULL, *path = file_join(st->folder ? st->folder : "", st->humans->files[0].file);
    vmap_status status = path ? VMAP_SUCCESS : vmap_error_set(err, VMAP_ENOMEM, "no memory for a file name");

    if (!status && w->settings->valid) {
        status = add_columns_book(w, err);
    } else if (!status && st->humans->codebook) {
        status = add_named_book(w, st->humans->codebook, err);
    } else if (!status) {
        status = find_book(w, path, &word, err);
        if (!status)
            status = word ? add_book(w, word, err) : vmap_error_set(err, VMAP_ENOMEM, "no memory for a name");
    }
    for (unsigned i = 0; !status && i < w->books[0]->also_count; i++)
        status = add_book(w, w->books[0]->also[i], err);
    if (!status && st->personas->codebook)
        status = add_named_book(w, st->personas->codebook, err);
    free(word);
    free(path);
    return status;
}

static vmap_status unknown_item(const vmap_codebook *book, const char *name, vmap_error *err)
{
    const char **names = memory_new(book->items_count, sizeof *names, err), *nearest;

    if (!names)
        return VMAP_ENOMEM;
    for (size_t i = 0; i < book->items_count; i++)
        names[i] = book->items[i].name;
    nearest = text_nearest(name, names, book->items_count);
    free(names);
    return vmap_error_set(err, VMAP_EINVAL, "items: codebook %s has no item '%s'%s%s%s", book->name, name,
                          nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
}

bool compare_is_wanted(const word_list *items, const char *name)
{
    for (unsigned i = 0; i < items->count; i++) {
        if (strcmp(items->words[i], name) == 0)
            return true;
    }
    return items->count == 0;
}

static bool is_wanted_item(const word_list *patterns, const char *name)
{
    for (unsigned i = 0; i < patterns->count; i++) {
        if (analysis_fits(patterns->words[i], name))
            return true;
    }
    return patterns->count == 0;
}

/* ---- items that are not compared ---- */

/* `why` is a sentence that goes on from the item; it is in the ledger, said, and in table unmatched. */
static vmap_status leave_out(compare_work *w, const char *item, const char *set, const char *why, vmap_error *err)
{
    compare_left_out *more = reallocarray(w->left_out, w->left_out_count + 1, sizeof *more);
    char *copy = text_copy(why, strlen(why));
    vmap_status status;

    w->left_out = more ? more : w->left_out;
    if (!more || !copy) {
        free(copy);
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for an item");
    }
    more[w->left_out_count++] = (compare_left_out){item, copy};
    status = vmap_ledger_add(w->a->ledger, set, "", "compare", item, why, "cells", 0, err);
    return status ? status : vmap_ledger_warn(w->a->ledger, err, "item %s is not compared: %s", item, why);
}

/* An item without scale points. The message begins with "item NAME". */
static vmap_status leave_out_without_points(compare_work *w, const char *item, const char *message, vmap_error *err)
{
    size_t name = strlen("item ") + strlen(item) + 1;
    char why[128];

    snprintf(why, sizeof why, "it %.100s", strlen(message) > name ? message + name : message);
    return leave_out(w, item, "human", why, err);
}

/* An item of the first codebook: does every other one define it? Those that were asked for and are not, are said. */
static vmap_status is_everywhere(compare_work *w, const char *name, bool *everywhere, vmap_error *err)
{
    for (size_t b = 1; b < w->books_count; b++) {
        char why[128];

        if (vmap_codebook_find(w->books[b], name) < w->books[b]->items_count)
            continue;
        *everywhere = false;
        snprintf(why, sizeof why, "codebook %.80s does not define it", w->books[b]->name);
        return w->settings->items.count || w->study->personas->codebook ? leave_out(w, name, "persona", why, err) : VMAP_SUCCESS;
    }
    *everywhere = true;
    return VMAP_SUCCESS;
}

/* The names of the items to read, from the first codebook; all others must define them too. */
static vmap_status choose_items(compare_work *w, const char ***items, size_t *count, vmap_error *err)
{
    const vmap_codebook *book = w->books[0];
    const word_list *wanted = &w->settings->items;
    size_t p = vmap_codebook_items(book);
    vmap_status status = VMAP_SUCCESS;

    for (unsigned i = 0; !w->settings->valid && i < wanted->count; i++) {
        size_t at = 0;

        while (at < p && !analysis_fits(wanted->words[i], book->items[vmap_codebook_item(book, at)].name))
            at++;
        if (at == p)
            return unknown_item(book, wanted->words[i], err);
    }
    *items = memory_new(p, sizeof **items, err);
    if (!*items)
        return VMAP_ENOMEM;
    *count = 0;
    for (size_t i = 0; !status && i < p; i++) {
        const char *name = book->items[vmap_codebook_item(book, i)].name;
        bool everywhere = false;

        if (w->settings->valid || is_wanted_item(wanted, name))
            status = is_everywhere(w, name, &everywhere, err);
        if (everywhere)
            (*items)[(*count)++] = name;
    }
    if (!status && *count == 0)
        status = vmap_error_set(err, VMAP_EDATA, "the codebooks of people and personas have no item in common");
    return status;
}

/* ---- reading ---- */

vmap_status compare_read_sides(compare_work *w, vmap_error *err)
{
    analysis *a = w->a;
    const char **items = NULL;
    size_t count = 0;
    vmap_status status = choose_items(w, &items, &count, err);

    /* one item is enough, unless the codebook is guessed from the names of columns */
    if (w->settings->items.count || w->study->humans->codebook)
        a->human.least_items = a->persona.least_items = 1;

    if (!status && w->counted)
        status = compare_open_tally(w, true, items, count, err);
    if (!status && w->counted)
        status = compare_open_tally(w, false, items, count, err);
    if (!status)
        status = analysis_read_answers(a, &a->human, "human", w->books, w->books_count, items, count, err);
    if (!status && !w->study->humans->codebook && !w->settings->valid)
        status = analysis_check_guess(a->human.answers, w->books[0]->name, err);
    if (!status)
        status = analysis_read_answers(a, &a->persona, "persona", w->books, w->books_count, items, count, err);
    free(items);
    return status;
}

/* The two sides may have an item in columns of different names and codings, such as Q45 and the inverted Q45P. */
static vmap_status say_coding(compare_work *w, size_t i, vmap_error *err)
{
    const vmap_answers *h = w->a->human.answers, *q = w->a->persona.answers;

    if (!h->columns[i] || !q->columns[i] || strcmp(h->columns[i], q->columns[i]) == 0)
        return VMAP_SUCCESS;
    return vmap_ledger_say(w->a->ledger, err, "item %s: people answered %s, personas %s; both are brought to the codes of %s",
                           h->items[i], h->columns[i], q->columns[i], w->books[0]->name);
}

/* No item is left. */
static vmap_status refuse_all(const compare_work *w, vmap_error *err)
{
    const compare_left_out *first = w->left_out;

    if (!w->left_out_count)
        return vmap_error_set(err, VMAP_EDATA, "people and personas have no item in common");
    return vmap_error_set(err, VMAP_EDATA, "no item can be compared; %s: %s", first->item, first->why);
}

/* Items that both sides have and that have scale points. */
vmap_status compare_match_items(compare_work *w, vmap_error *err)
{
    const vmap_answers *h = w->a->human.answers, *q = w->a->persona.answers;
    const vmap_codebook *book = w->books[0];
    vmap_status status = VMAP_SUCCESS;

    w->item = memory_new(h->p, sizeof *w->item, err);
    w->define = memory_new(h->p, sizeof *w->define, err);
    w->points = memory_new(h->p, sizeof *w->points, err);
    if (!w->item || !w->define || !w->points)
        return VMAP_ENOMEM;
    for (size_t i = 0; !status && i < h->p; i++) {
        const vmap_item *item = &book->items[vmap_codebook_find(book, h->items[i])];
        vmap_error why;

        if (!h->present[i] && !q->present[i]) {
            if (w->settings->items.count && compare_is_wanted(&w->settings->items, h->items[i]))
                status = leave_out(w, h->items[i], "human", "neither side has it", err);
        } else if (!h->present[i]) {
            status = leave_out(w, h->items[i], "human", "people do not have it", err);
        } else if (!q->present[i]) {
            status = leave_out(w, h->items[i], "persona", "personas do not have it", err);
        } else if (vmap_points_declare(item, &w->points[w->p], &why)) {
            if (why.status == VMAP_ENOMEM)
                return vmap_error_set(err, VMAP_ENOMEM, "no memory for scale points");
            status = leave_out_without_points(w, h->items[i], why.message, err);
        } else {
            w->item[w->p] = i;
            w->define[w->p++] = item;
            status = say_coding(w, i, err);
        }
    }
    return !status && w->p == 0 ? refuse_all(w, err) : status;
}
