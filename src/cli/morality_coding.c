#include <config.h>
#include "cli/morality_coding.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/text.h"

vmap_status morality_coding_new(const char *word, const word_list *references, morality_coding *coding, vmap_error *err)
{
    *coding = (morality_coding){.references = references};
    if (word && strcmp(word, "dummy") != 0 && strcmp(word, "effect") != 0)
        return vmap_error_set(err, VMAP_EINVAL, "coding: '%s' is neither dummy nor effect", word);
    coding->effect = word && strcmp(word, "effect") == 0;
    coding->used = memory_new(references->count + 1, sizeof *coding->used, err);
    return coding->used ? VMAP_SUCCESS : VMAP_ENOMEM;
}

void morality_coding_free(morality_coding *coding)
{
    free(coding->used);
}

/* The text that a reference names; n for none. */
static vmap_status find_reference(morality_coding *c, const char *what, const char *const *texts, size_t n, size_t *at,
                                  vmap_error *err)
{
    *at = n;
    for (unsigned r = 0; r < c->references->count; r++) {
        for (size_t l = 0; l < n; l++) {
            if (strcmp(texts[l], c->references->words[r]) != 0)
                continue;
            if (*at < n && *at != l)
                return vmap_error_set(err, VMAP_EINVAL, "reference: %s has both '%s' and '%s'; one of them can be its reference",
                                      what, texts[*at], texts[l]);
            *at = l;
            c->used[r] = true;
        }
    }
    return VMAP_SUCCESS;
}

vmap_status morality_coding_order(morality_coding *c, const char *what, const char *const *texts, size_t n, size_t **order,
                                  vmap_error *err)
{
    size_t *o = memory_new(n, sizeof *o, err), reference = n;
    vmap_status status = o ? find_reference(c, what, texts, n, &reference, err) : VMAP_ENOMEM;

    for (size_t i = 0; !status && i < n; i++) { /* insertion: texts are few */
        size_t to = i;

        while (to > 0 && o[to - 1] != reference && (i == reference || strcmp(texts[o[to - 1]], texts[i]) > 0)) {
            o[to] = o[to - 1];
            to--;
        }
        o[to] = i;
    }
    if (status)
        free(o);
    else
        *order = o;
    return status;
}

vmap_status morality_coding_check(const morality_coding *c, vmap_error *err)
{
    for (unsigned r = 0; r < c->references->count; r++) {
        if (!c->used[r])
            return vmap_error_set(err, VMAP_ENOENT, "reference: no predictor has the text '%s'", c->references->words[r]);
    }
    return VMAP_SUCCESS;
}

double morality_code(const morality_coding *c, size_t text, size_t of, size_t reference)
{
    return text == of ? 1 : c->effect && text == reference ? -1 : 0;
}

const char **morality_texts(const vmap_table *t, size_t column, vmap_error *err)
{
    size_t n = vmap_table_levels(t, column);
    const char **texts = memory_new(n, sizeof *texts, err);

    for (size_t l = 0; texts && l < n; l++)
        texts[l] = vmap_table_level_text(t, column, l);
    return texts;
}

bool morality_holds_texts(const vmap_table *t, size_t column)
{
    for (size_t level = 0; level < vmap_table_levels(t, column); level++) {
        const char *text = vmap_table_level_text(t, column, level);
        double number;

        if (*text && strcmp(text, "NA") != 0 && !text_number(text, strlen(text), '.', &number) &&
            !text_number(text, strlen(text), ',', &number))
            return true;
    }
    return false;
}
