#include <config.h>
#include "data/long_internal.h"

#include <string.h>
#include <strings.h>

#include "core/memory.h"
#include "core/text.h"
#include "data/reader_internal.h"

/* What the columns of a file in long layout are for, told from their names. */

static size_t find(const vmap_reader *r, const char *const *words)
{
    for (; *words; words++) {
        for (size_t i = 0; i < r->count; i++) {
            if (strcasecmp(r->names[i], *words) == 0)
                return i;
        }
    }
    return LONG_NONE;
}

/* What tells respondents apart where a file has it. */
static bool is_key(const char *name)
{
    static const char *const words[] = {"source",     "model",          "persona",     "variant",    "rep",
                                        "lang",       "language",       "choice",      "respondent", "respondent_id",
                                        "participant", "participant_id", "subject",    "subject_id", "person",
                                        "person_id",  "persona_id",     "series"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcasecmp(name, words[i]) == 0)
            return true;
    }
    return false;
}

const char *long_option(const char *name)
{
    static const char *const starts[] = {"pmf_", "share_", "count_", "option_", "prob_"};

    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        const char *end = name + strlen(starts[i]);
        vmap_reason why;
        double code;

        if (strncasecmp(name, starts[i], strlen(starts[i])) == 0 && *end &&
            (text_number(end, strlen(end), '.', &code) || long_reason(end, &why)))
            return end;
    }
    return NULL;
}

bool long_reason(const char *text, vmap_reason *why)
{
    *why = VMAP_PRESENT;
    return !*text || strcmp(text, "present") == 0 || vmap_reason_find(text, why, NULL) == VMAP_SUCCESS;
}

static void find_roles(const vmap_reader *r, bool forced, long_roles *to)
{
    static const char *const items[] = {"item", "question_id", NULL};
    static const char *const more_items[] = {"item", "question_id", "question", "variable", "item_id", NULL};
    static const char *const answers[] = {"raw", "answer", "response", NULL};
    static const char *const values[] = {"value", "score", NULL};
    static const char *const whys[] = {"why", NULL}, *const refusals[] = {"refusal", NULL};
    static const char *const errors[] = {"error", NULL}, *const options[] = {"option", "code", NULL};
    static const char *const counts[] = {"count", "share", "proportion", "probability", "frequency", NULL};
    static const char *const ns[] = {"n_respondents", "respondents", "n", NULL};

    to->item = find(r, forced ? more_items : items);
    to->answer = find(r, answers);
    to->value = find(r, values);
    to->why = find(r, whys);
    to->refusal = find(r, refusals);
    to->error = find(r, errors);
    to->option = find(r, options);
    to->count = find(r, counts);
    to->n = find(r, ns);
    if (to->option == LONG_NONE && to->count != LONG_NONE)
        to->option = to->value != LONG_NONE ? to->value : to->answer;
    if (to->option == LONG_NONE || to->count == LONG_NONE)
        to->option = to->count = LONG_NONE;
}

bool long_is_role(const long_roles *roles, size_t i)
{
    const size_t fixed[] = {roles->item,    roles->answer, roles->value, roles->why,
                            roles->refusal, roles->error,  roles->option, roles->count};
    bool distribution = roles->count != LONG_NONE || roles->options_count;

    for (size_t k = 0; k < sizeof fixed / sizeof *fixed; k++) {
        if (fixed[k] == i)
            return true;
    }
    for (size_t k = 0; k < roles->options_count; k++) {
        if (roles->options[k] == i)
            return true;
    }
    return distribution && roles->n == i;
}

static vmap_status find_keys(const vmap_reader *r, long_roles *roles, vmap_error *err)
{
    const vmap_read_options *o = &r->options;

    for (size_t k = 0; k < o->key_count; k++) {
        size_t i = 0;

        while (i < r->count && strcmp(r->names[i], o->key[k]) != 0)
            i++;
        if (i == r->count) {
            const char *nearest = text_nearest(o->key[k], (const char *const *)r->names, r->count);

            return vmap_error_set(err, VMAP_ENOENT, "the file has no key column '%s'%s%s%s", o->key[k],
                                  nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
        }
        roles->key[roles->keys++] = i;
    }
    for (size_t i = 0; !o->key_count && i < r->count; i++) {
        if (is_key(r->names[i]) && !long_is_role(roles, i))
            roles->key[roles->keys++] = i;
    }
    if (roles->keys)
        return VMAP_SUCCESS;
    for (size_t i = 0; i < r->count; i++) { /* no known names: every column that has no other role */
        if (!long_is_role(roles, i))
            roles->key[roles->keys++] = i;
    }
    return VMAP_SUCCESS;
}

bool long_tell(const vmap_reader *r, bool forced, long_roles *roles, vmap_status *status, vmap_error *err)
{
    memset(roles, 0, sizeof *roles);
    find_roles(r, forced, roles);
    *status = VMAP_SUCCESS;
    if (roles->item == LONG_NONE)
        return false;
    roles->key = memory_new(r->count, sizeof *roles->key, err);
    roles->options = memory_new(r->count, sizeof *roles->options, err);
    if (!roles->key || !roles->options) {
        *status = VMAP_ENOMEM;
        return false;
    }
    for (size_t i = 0; i < r->count; i++) {
        if (long_option(r->names[i]))
            roles->options[roles->options_count++] = i;
    }
    if (roles->options_count < 2 || roles->count != LONG_NONE)
        roles->options_count = 0;
    if (roles->answer == LONG_NONE && roles->value == LONG_NONE && roles->count == LONG_NONE && !roles->options_count)
        return false;
    *status = find_keys(r, roles, err);
    return !*status;
}

void long_forget(long_roles *roles)
{
    free(roles->key);
    free(roles->options);
    memset(roles, 0, sizeof *roles);
}
