#include <config.h>

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "core/sandbox.h"
#include "core/text.h"
#include "data/stat_internal.h"
#include "data/stat_reader.h"

/* The description of a file of a statistical package: variables, their labels, what is missing. */

/* A label that came before or after its columns; its texts are those of the file, because the encoding may be
 * told later. */
typedef struct {
    char *set;
    vmap_value_label of;
} loose_label;

typedef struct {
    loose_label *list;
    size_t count, room;
} loose_labels;

static vmap_status broken(vmap_error *err)
{
    return vmap_error_set(err, VMAP_EPARSE, "the description of the file breaks off");
}

/* The next text from the child, in UTF-8 and fresh memory; NULL when it does not come. */
static char *next_text(vmap_reader *r, sandbox *box)
{
    char *raw = sandbox_text(box, STAT_TEXT_MAX, NULL), *text = raw ? stat_decoded(r->state, raw) : NULL;

    free(raw);
    return text;
}

static vmap_status take_file(vmap_reader *r, sandbox *box, vmap_error *err)
{
    stat_state *s = r->state;
    char *encoding = sandbox_text(box, STAT_NAME_MAX, NULL);
    int64_t version;
    vmap_status status = VMAP_EPARSE;

    if (encoding && sandbox_read(box, &version, sizeof version) && sandbox_read(box, &s->rows, sizeof s->rows)) {
        if (s->kind == STAT_DTA)
            reader_describe(r, "version %lld", (long long)version);
        status = stat_set_encoding(r, encoding, version, err);
    } else {
        broken(err);
    }
    free(encoding);
    return status;
}

static vmap_status take_ranges(sandbox *box, column_values *v, unsigned count, vmap_error *err)
{
    v->missing = memory_new(count, sizeof *v->missing, err);
    if (!v->missing)
        return VMAP_ENOMEM;
    for (unsigned i = 0; i < count; i++) {
        double ends[2];

        if (v->texts) { /* texts stay as they are */
            char *text = sandbox_text(box, STAT_NAME_MAX, NULL);

            if (!text)
                return broken(err);
            free(text);
        } else if (!sandbox_read(box, ends, sizeof ends)) {
            return broken(err);
        } else if (ends[0] <= ends[1]) {
            v->missing[v->missing_count++] = (vmap_range){ends[0], ends[1]};
        }
    }
    return VMAP_SUCCESS;
}

static vmap_status take_variable(vmap_reader *r, sandbox *box, vmap_error *err)
{
    stat_state *s = r->state;
    char *name = next_text(r, box), *label = next_text(r, box), *set = sandbox_text(box, STAT_NAME_MAX, NULL);
    unsigned char texts = 0, ranges = 0;
    column_values *v;
    vmap_status status = VMAP_SUCCESS;

    if (!name || !label || !set || !sandbox_read(box, &texts, 1) || !sandbox_read(box, &ranges, 1) ||
        r->count >= STAT_VARIABLES_MAX)
        status = broken(err);
    if (!status)
        status = memory_grow(&s->sets, &s->sets_room, r->count + 1, sizeof *s->sets, err);
    if (!status)
        status = memory_grow(&r->values, &s->values_room, r->count + 1, sizeof *r->values, err);
    if (!status)
        status = reader_add_column(r, name, strlen(name), label, strlen(label), err);
    if (!status) {
        s->sets[r->count - 1] = set;
        set = NULL;
        v = &r->values[r->count - 1];
        memset(v, 0, sizeof *v);
        v->texts = texts != 0;
        status = take_ranges(box, v, ranges, err);
    }
    free(name);
    free(label);
    free(set);
    return status;
}

static vmap_status take_label(sandbox *box, loose_labels *labels, vmap_error *err)
{
    vmap_status status = memory_grow(&labels->list, &labels->room, labels->count + 1, sizeof *labels->list, err);
    loose_label *l;
    char kind = 0;
    bool good;

    if (status)
        return status;
    l = &labels->list[labels->count++];
    memset(l, 0, sizeof *l);
    l->of.value = NAN;
    l->set = sandbox_text(box, STAT_NAME_MAX, NULL);
    good = l->set && sandbox_read(box, &kind, 1);
    if (good && kind == STAT_OF_TEXT)
        good = (l->of.text = sandbox_text(box, STAT_TEXT_MAX, NULL)) != NULL;
    else if (good && kind == STAT_OF_TAG)
        good = sandbox_read(box, &l->of.tag, 1);
    else if (good)
        good = sandbox_read(box, &l->of.value, sizeof l->of.value);
    if (good)
        good = (l->of.label = sandbox_text(box, STAT_TEXT_MAX, NULL)) != NULL;
    return good ? VMAP_SUCCESS : broken(err);
}

static vmap_status take_description(vmap_reader *r, sandbox *box, loose_labels *labels, vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;
    char what = 0;

    while (!status && sandbox_read(box, &what, 1) && what != STAT_END) {
        if (what == STAT_FILE)
            status = take_file(r, box, err);
        else if (what == STAT_VARIABLE)
            status = take_variable(r, box, err);
        else if (what == STAT_LABEL)
            status = take_label(box, labels, err);
        else
            status = broken(err);
    }
    return status || what == STAT_END ? status : broken(err);
}

static vmap_status add_label(stat_state *s, column_values *v, const vmap_value_label *from, vmap_error *err)
{
    vmap_status status = memory_grow(&v->labels, &v->labels_room, v->labels_count + 1, sizeof *v->labels, err);
    vmap_value_label *to;
    char *folded;

    if (!status)
        status = memory_grow(&v->why, &v->why_room, v->labels_count + 1, sizeof *v->why, err);
    if (status)
        return status;
    to = &v->labels[v->labels_count];
    *to = *from;
    to->text = from->text ? stat_decoded(s, from->text) : NULL;
    to->label = stat_decoded(s, from->label);
    folded = to->label ? text_fold(to->label, strlen(to->label)) : NULL;
    v->why[v->labels_count] = VMAP_PRESENT;
    if (folded)
        reader_label_reason(folded, &v->why[v->labels_count]);
    free(folded);
    v->labels_count++;
    return to->label && (to->text || !from->text) ? VMAP_SUCCESS
                                                  : vmap_error_set(err, VMAP_ENOMEM, "no memory for labels");
}

static int by_set(const void *a, const void *b)
{
    const loose_label *l = *(const loose_label *const *)a, *m = *(const loose_label *const *)b;
    int order = strcmp(l->set, m->set);

    return order ? order : l < m ? -1 : l > m;
}

/* Give every column the labels of its set; they may stand before or after the columns. */
static vmap_status join_labels(vmap_reader *r, const loose_labels *labels, vmap_error *err)
{
    stat_state *s = r->state;
    const loose_label **sorted = memory_new(labels->count, sizeof *sorted, err);
    vmap_status status = sorted ? VMAP_SUCCESS : VMAP_ENOMEM;

    for (size_t i = 0; sorted && i < labels->count; i++)
        sorted[i] = &labels->list[i];
    if (sorted)
        qsort(sorted, labels->count, sizeof *sorted, by_set);
    for (size_t j = 0; !status && j < r->count; j++) {
        size_t low = 0, high = labels->count;

        while (low < high) {
            size_t middle = (low + high) / 2;

            if (strcmp(sorted[middle]->set, s->sets[j]) < 0)
                low = middle + 1;
            else
                high = middle;
        }
        for (; !status && *s->sets[j] && low < labels->count && strcmp(sorted[low]->set, s->sets[j]) == 0; low++)
            status = add_label(s, &r->values[j], &sorted[low]->of, err);
        s->unlabelled += *s->sets[j] && r->values[j].labels_count == 0;
    }
    free(sorted);
    return status;
}

static void free_labels(loose_labels *labels)
{
    for (size_t i = 0; i < labels->count; i++) {
        free(labels->list[i].set);
        free((char *)(size_t)labels->list[i].of.text);
        free((char *)(size_t)labels->list[i].of.label);
    }
    free(labels->list);
}

vmap_status stat_describe(vmap_reader *r, vmap_error *err)
{
    stat_state *s = r->state;
    stat_task task = {.kind = s->kind, .fd = r->fd};
    sandbox_limits limits = stat_limits(r);
    const int keep[2] = {r->fd, -1};
    loose_labels labels = {0};
    sandbox box;
    vmap_status status = sandbox_start(&box, &limits, keep, stat_parse, &task, err);

    if (status)
        return status;
    s->fences = box.fences;
    status = take_description(r, &box, &labels, err);
    status = stat_child_end(r, &box, status, err);
    if (!status)
        status = join_labels(r, &labels, err);
    free_labels(&labels);
    if (!status && r->count == 0)
        status = vmap_error_set(err, VMAP_EPARSE, "the %s file has no columns", stat_kind_name(s->kind));
    return status;
}
