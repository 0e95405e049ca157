#ifndef VALUEMAP_CODEBOOK_H
#define VALUEMAP_CODEBOOK_H

#include <stdbool.h>
#include <stddef.h>

#include "valuemap/error.h"
#include "valuemap/table.h"

/* What the columns of a survey file mean: items, valid codes, reasons of missing codes, recodes.
 *
 * A codebook is a YAML (or JSON) file; docs/codebooks.md describes every key. Missing codes belong to
 * the item, never to the file: -1 means "don't know" for nine items of the Inglehart-Welzel map and
 * is a valid value of the tenth.
 *
 * A codebook is loaded once and then only read: structs are open to be looked at, and all that they point to belongs
 * to the codebook and lives until vmap_codebook_free(). Texts are UTF-8. Lists have a pointer and a count; an absent
 * list is NULL and 0, an absent text NULL. Several threads may read one codebook at the same time.
 * Sources of the built-in codebooks, item by item: docs/codebooks.md. Labels are short words of our own, never the
 * wording of a question.
 */

/* What may be done with the codes of an item. */
typedef enum vmap_scale {
    VMAP_ORDINAL, /* ordered codes; numbers between them (averages) are allowed and counted */
    VMAP_NOMINAL, /* codes without order: only the listed codes are valid */
    VMAP_INTERVAL /* any number in the range */
} vmap_scale;

/* A run of numbers, both ends included; a single code has low == high. */
typedef struct vmap_range {
    double low, high;
} vmap_range;

/* What a code means. Not every code has a label, and two codes may share one, which then names neither. */
typedef struct vmap_label {
    int code;    /* as the item has it, before a column turns it round */
    char *label; /* our own short words, as they stand in tables and as text answers are recognised */
} vmap_label;

/* Codes that say why a value is missing. A code that is valid, too, is an answer. */
typedef struct vmap_missing {
    char *codes;  /* as written: "-1" or "-9..-6, 9999" */
    char *reason; /* name of a vmap_reason */
    /* made from the text when the codebook is loaded: */
    vmap_range *range;
    size_t ranges;
    vmap_reason why;
} vmap_missing;

/* One way in which codes of a file become codes of the item: pairs from -> to. */
typedef struct vmap_coding {
    size_t pairs;
    double *from, *to; /* `pairs` of each; every `to` is a valid code of the item */
} vmap_coding;

/* A column that holds the item in some file. */
typedef struct vmap_item_column {
    char *name;             /* of the column, compared byte by byte: V10 is not v10 */
    bool reverse;           /* the file has low + high - value; codes outside low..high stay */
    char **codings;         /* as written: "1=1, 2=0"; several when files differ: the one is taken
                               that leaves the fewest cells out of range, the first on a tie */
    unsigned codings_count; /* 0: codes are the item's own */
    vmap_coding *coding;    /* made from the text when the codebook is loaded */
} vmap_item_column;

/* An item made as a sum of other items: the plus ones minus the minus ones. All of them must be answered; a sum
 * outside the valid codes is out of range. */
typedef struct vmap_item_sum {
    char **plus;
    unsigned plus_count;
    char **minus;
    unsigned minus_count;
    /* made from the text when the codebook is loaded: indices of the items, plus ones first */
    size_t *part;
} vmap_item_sum;

/* An item made by looking up the codes of two others, which must both be answered. */
typedef struct vmap_item_pairs {
    char *first, *second; /* names of the items */
    char *map;            /* as written: "1+3=1, 3+1=1, 2+4=3, 4+2=3" */
    int otherwise;        /* code for every other pair of valid codes */
    /* made from the text when the codebook is loaded: */
    size_t part[2];
    size_t entries;
    double *code_1, *code_2, *value;
} vmap_item_pairs;

/* What many items have in common: an item that is `like` it takes over what it does not say itself. */
typedef struct vmap_like {
    char *name;
    char *scale, *valid; /* as in an item */
    vmap_label *labels;
    unsigned labels_count;
    vmap_missing *missing;
    unsigned missing_count;
    char **inverted; /* codings of the column with the codebook's suffix; none: it is reversed */
    unsigned inverted_count;
} vmap_like;

/* Once a codebook is loaded, items are complete: what they are `like` has been copied into them, and an item
 * without columns, sum and pairs has the column of its own name. */
typedef struct vmap_item {
    char *name;   /* unique in the codebook; letters, digits and _ */
    char *like;   /* name of a vmap_like; NULL: none */
    char *label;  /* short words for tables and figures */
    char *scale;  /* "ordinal" (default), "nominal" or "interval" */
    bool part;    /* only a building block of other items, not analysed itself */
    char *valid;  /* as written: "1..10" or "1, 2, 3" */
    vmap_label *labels;
    unsigned labels_count;
    vmap_missing *missing; /* instead of the codebook's own list */
    unsigned missing_count;
    vmap_item_column *columns; /* the first one that the file has is used */
    unsigned columns_count;
    vmap_item_sum *sum;     /* NULL, or how to make the item where no column gives it */
    vmap_item_pairs *pairs; /* NULL, or likewise */
    /* made from the text when the codebook is loaded: */
    vmap_scale type;
    vmap_range *range;
    size_t ranges;
    double low, high; /* least and largest valid value */
} vmap_item;

/* An axis that the items are known to form: how to name and turn a rotated component by its content,
 * never by its position or the sign that a solver happens to give. */
typedef struct vmap_axis {
    char *name;       /* as it stands in tables: letters, digits and _ */
    char *label;      /* as it stands under a figure */
    char *low, *high; /* words for the two ends */
    char **anchor;    /* items that find it: it is the component on which the first of them that is
                         at hand has its largest loading */
    unsigned anchor_count;
    char **sign; /* signed items ("+F118", "-F063"): the first at hand settles the direction */
    unsigned sign_count;
    char *official; /* column that carries official scores of it in some files; NULL when none */
    char *found_by; /* in a fitted space: the anchor item that was used; else NULL */
} vmap_axis;

typedef struct vmap_codebook {
    int version; /* of the file format: 1 */
    char *name, *title;
    char *source; /* where the definitions come from; NULL when not given */
    char *weight; /* name of the usual weight column, NULL when none; used only on request */
    char *group;  /* name of the usual country column, NULL when none */
    char **also;  /* names of codebooks that define the same items for other files */
    unsigned also_count;
    vmap_missing *missing; /* for items that have no list of their own */
    unsigned missing_count;
    vmap_like *likes; /* "scales" in the file */
    unsigned likes_count;
    char *inverted; /* suffix of the names of columns that have an item the other way round ("P": Q45P is Q45
                       reversed), for items without columns of their own; NULL: none */
    vmap_item *items;
    unsigned items_count;
    vmap_axis *axes; /* none: components are named by their order */
    unsigned axes_count;
} vmap_codebook;

/* Load and check a codebook from a file, or from n bytes of text, which need not be terminated (`name` stands for the
 * file in messages). On success *codebook is a new codebook, else it is left as it was. What an item is `like` is
 * copied into it, short notations are made numbers, and every recode must lead to valid codes.
 * Errors: VMAP_ENOENT (no such file), VMAP_EPARSE (syntax, unknown key, wrong kind of value), with
 * line and position; VMAP_EDATA with the item's name (unreadable range or coding, unknown reason,
 * two items of one name, an item made from an item that does not exist); VMAP_ENOMEM.
 * Cost: one pass over the text, and the square of the number of items for names that come twice. */
vmap_status vmap_codebook_load(const char *path, vmap_codebook **codebook, vmap_error *err);
vmap_status vmap_codebook_parse(const char *name, const char *text, size_t n,
                                vmap_codebook **codebook, vmap_error *err);

/* Free a codebook and all that it points to; NULL is allowed. */
void vmap_codebook_free(vmap_codebook *codebook);

/* The codebook as one JSON object in fresh memory (free() it): vmap_codebook_parse() gives the same
 * codebook back. NULL with err set when memory is short. */
char *vmap_codebook_json(const vmap_codebook *codebook, vmap_error *err);

/* Index of the item of that name, or items_count when there is none. Cost: proportional to the number of items. */
size_t vmap_codebook_find(const vmap_codebook *codebook, const char *name);

/* Number of items that are analysed (not parts of others), and the index of the i-th of them. */
size_t vmap_codebook_items(const vmap_codebook *codebook);
size_t vmap_codebook_item(const vmap_codebook *codebook, size_t i);

/* Judge a number as a code of the item, after recoding: VMAP_PRESENT, the reason that the item's (or
 * else the codebook's) missing codes give, or VMAP_OUT_OF_RANGE. Between two codes an ordinal or interval item is
 * answered (averages are), a nominal one is not. NaN is VMAP_OUT_OF_RANGE: who has it knows why.
 *   item   of this codebook, parts included */
vmap_reason vmap_codebook_judge(const vmap_codebook *codebook, const vmap_item *item,
                                double value);

/* Which columns of a file give which items. */
typedef struct vmap_binding {
    size_t *column;  /* items_count: index into the item's `columns`, or its columns_count if none */
    size_t *at;      /* items_count: index of that column in the file */
    size_t *coding;  /* items_count: index into that column's codings */
    bool *available; /* items_count: the item has a column or can be made from items that have */
    size_t usable;   /* number of analysed items that are available */
} vmap_binding;

/* Match a codebook with the column names of a file.
 *   names    the `count` names of the file, compared byte by byte; the first column of an item that the file has is
 *            taken, so that an item under two names is no error
 * A file without any match is no error either: see `usable`. *binding is new, free it with vmap_binding_free(); it
 * does not point into names or codebook. VMAP_ENOMEM leaves it as it was. */
vmap_status vmap_codebook_bind(const vmap_codebook *codebook, const char *const *names,
                               size_t count, vmap_binding **binding, vmap_error *err);
void vmap_binding_free(vmap_binding *binding);

/* What applying a codebook to one file met. */
typedef struct vmap_item_count {
    size_t reason[VMAP_REASONS]; /* cells by reason, [VMAP_PRESENT] = cells with a value */
    size_t fractions;            /* values between two codes of an ordinal item */
    size_t disagree;             /* rows where the column and the parts give different values */
    size_t out_of_range;         /* cells of the item's own column that are no code of it */
    size_t bad_line;             /* line of the first out-of-range cell, 0 when none */
    double bad_value;            /* its value as it stands in the file */
} vmap_item_count;

/* Make the items of one file, p analysed items in the codebook's order.
 *   raw      the file's table: a VMAP_CODES or VMAP_NUMBERS column for each bound column, found by
 *            name; not modified
 *   values   rows of `raw` x p, row after row: the value, NaN where there is none
 *   reasons  rows of `raw` x p, row after row: vmap_reason of each cell
 *   counts   items_count elements, parts of items included; added to, so that several files may be counted together
 * All buffers are the caller's. Recodes come first, then reasons, then items that are made of others; where a column and
 * the parts of an item both give a value, the column's is taken and `disagree` counted when they differ.
 * VMAP_ENOMEM leaves values and reasons undefined. Cost: one pass over the bound columns. The coding of columns that know
 * several is chosen here, by the whole table, and noted in the binding. */
vmap_status vmap_codebook_apply(const vmap_codebook *codebook, vmap_binding *binding,
                                const vmap_table *raw, double *values, unsigned char *reasons,
                                vmap_item_count *counts, vmap_error *err);

#endif
