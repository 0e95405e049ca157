#include <config.h>
#include "data/column_rules.h"

#include "core/memory.h"

/* The code that stands in the file where the item has `code`; false when codings leave it open. */
static bool file_code(const vmap_item *item, const vmap_item_column *column, double code, double *given)
{
    const vmap_coding *c = column->coding;

    *given = column->reverse ? item->low + item->high - code : code;
    if (column->codings_count != 1)
        return column->codings_count == 0;
    for (size_t i = 0; i < c->pairs; i++) {
        if (c->to[i] == code) {
            *given = c->from[i];
            return true;
        }
    }
    return false;
}

vmap_status column_rules_make(column_rules *rules, const vmap_codebook *codebook, const vmap_item *item,
                              const vmap_item_column *column, vmap_error *err)
{
    *rules = (column_rules){.codebook = codebook, .item = item, .column = column};
    rules->words = memory_new(item->labels_count, sizeof *rules->words, err);
    if (!rules->words)
        return VMAP_ENOMEM;
    for (unsigned i = 0; i < item->labels_count; i++) {
        vmap_word *word = &rules->words[rules->words_count];

        word->text = item->labels[i].label;
        word->why = VMAP_PRESENT;
        rules->words_count += file_code(item, column, item->labels[i].code, &word->value);
    }
    return VMAP_SUCCESS;
}

void column_rules_clear(column_rules *rules)
{
    free(rules->words);
    rules->words = NULL;
    rules->words_count = 0;
}

vmap_reason column_rules_judge(const column_rules *rules, double value)
{
    vmap_reason why = vmap_codebook_judge(rules->codebook, rules->item, value);

    for (unsigned i = 0; i < rules->column->codings_count; i++) {
        const vmap_coding *c = &rules->column->coding[i];

        for (size_t k = 0; k < c->pairs; k++) {
            if (c->from[k] == value)
                return VMAP_PRESENT;
        }
    }
    return rules->column->codings_count && why == VMAP_PRESENT ? VMAP_OUT_OF_RANGE : why;
}
