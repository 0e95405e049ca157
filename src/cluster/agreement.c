#include <config.h>
#include "valuemap/agreement.h"

#include <math.h>
#include <string.h>

#include <gsl/gsl_sf_gamma.h>

#include "core/memory.h"
#include "structure/permute.h"

/* ---- the table of two partitions ---- */

void vmap_crosstab_free(vmap_crosstab *t)
{
    if (!t)
        return;
    free(t->count);
    free(t->row);
    free(t->col);
    free(t->row_label);
    free(t->col_label);
    free(t);
}

static int compare_labels(const void *a, const void *b)
{
    size_t x = *(const size_t *)a, y = *(const size_t *)b;

    return x < y ? -1 : x > y;
}

/* Sort `label` and drop what is there twice; returns how many stay. */
static size_t distinct(size_t *label, size_t n)
{
    size_t kept = 0;

    qsort(label, n, sizeof *label, compare_labels);
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || label[i] != label[kept - 1])
            label[kept++] = label[i];
    }
    return kept;
}

static size_t place(const size_t *labels, size_t count, size_t label)
{
    const size_t *at = bsearch(&label, labels, count, sizeof *labels, compare_labels);

    return (size_t)(at - labels);
}

/* Codes 0 .. r-1 and 0 .. c-1 of the units that have both labels, and the distinct labels. */
static vmap_status encode(const size_t *a, const size_t *b, size_t n, vmap_crosstab *t, size_t *code_a,
                          size_t *code_b, vmap_error *err)
{
    for (size_t i = 0; i < n; i++) {
        if (a[i] == VMAP_CLUSTER_NONE || b[i] == VMAP_CLUSTER_NONE) {
            t->left_out++;
            continue;
        }
        if (a[i] > 0xFFFFFFFFu || b[i] > 0xFFFFFFFFu)
            return vmap_error_set(err, VMAP_EINVAL, "a label of unit %zu is too large", i + 1);
        t->row_label[t->n] = code_a[t->n] = a[i];
        t->col_label[t->n] = code_b[t->n] = b[i];
        t->n++;
    }
    if (t->n == 0)
        return vmap_error_set(err, VMAP_EDATA, "no unit has a label in both partitions");
    t->rows = distinct(t->row_label, t->n);
    t->cols = distinct(t->col_label, t->n);
    for (size_t i = 0; i < t->n; i++) {
        code_a[i] = place(t->row_label, t->rows, code_a[i]);
        code_b[i] = place(t->col_label, t->cols, code_b[i]);
    }
    return VMAP_SUCCESS;
}

static void count_cells(vmap_crosstab *t, const size_t *code_a, const size_t *code_b)
{
    for (size_t i = 0; i < t->n; i++) {
        t->count[code_a[i] * t->cols + code_b[i]]++;
        t->row[code_a[i]]++;
        t->col[code_b[i]]++;
    }
}

/* A table and the codes that it was counted from (n each, freed by the caller). */
static vmap_status tabulate(const size_t *a, const size_t *b, size_t n, vmap_crosstab **crosstab,
                            size_t **code_a, size_t **code_b, vmap_error *err)
{
    vmap_crosstab *t = memory_new(1, sizeof *t, err);
    vmap_status status = VMAP_ENOMEM;

    *code_a = memory_new(n, sizeof **code_a, err);
    *code_b = memory_new(n, sizeof **code_b, err);
    if (t) {
        t->row_label = memory_new(n, sizeof *t->row_label, err);
        t->col_label = memory_new(n, sizeof *t->col_label, err);
    }
    if (t && *code_a && *code_b && t->row_label && t->col_label)
        status = encode(a, b, n, t, *code_a, *code_b, err);
    if (!status) {
        t->count = memory_new(t->rows, t->cols * sizeof *t->count, err);
        t->row = memory_new(t->rows, sizeof *t->row, err);
        t->col = memory_new(t->cols, sizeof *t->col, err);
        status = t->count && t->row && t->col ? VMAP_SUCCESS : VMAP_ENOMEM;
    }
    if (!status) {
        count_cells(t, *code_a, *code_b);
        *crosstab = t;
        t = NULL;
    }
    vmap_crosstab_free(t);
    return status;
}

vmap_status vmap_crosstab_new(const size_t *a, const size_t *b, size_t n, vmap_crosstab **crosstab,
                              vmap_error *err)
{
    size_t *code_a = NULL, *code_b = NULL;
    vmap_status status = tabulate(a, b, n, crosstab, &code_a, &code_b, err);

    free(code_a);
    free(code_b);
    return status;
}

/* ---- the parts ---- */

static double entropy(const size_t *count, size_t k, double n)
{
    double h = 0;

    for (size_t i = 0; i < k; i++)
        h -= (double)count[i] / n * log((double)count[i] / n);
    return k == 1 ? 0 : h;
}

static double pairs_of(const size_t *count, size_t k)
{
    double pairs = 0;

    for (size_t i = 0; i < k; i++)
        pairs += (double)count[i] * ((double)count[i] - 1) / 2;
    return pairs;
}

/* Mean of the mutual information over all tables with the margins: Vinh, Epps & Bailey (2010), JMLR 11,
 * 2837-2854, theorem 1: cells are hypergeometric. */
static double expected_information(const vmap_crosstab *t)
{
    double n = (double)t->n, sum = 0;

    for (size_t i = 0; i < t->rows; i++) {
        for (size_t j = 0; j < t->cols; j++) {
            size_t a = t->row[i], b = t->col[j];
            size_t from = a + b > t->n + 1 ? a + b - t->n : 1, to = a < b ? a : b;
            double fixed = gsl_sf_lnfact((unsigned)a) + gsl_sf_lnfact((unsigned)b) +
                           gsl_sf_lnfact((unsigned)(t->n - a)) + gsl_sf_lnfact((unsigned)(t->n - b)) -
                           gsl_sf_lnfact((unsigned)t->n);

            for (size_t m = from; m <= to; m++) {
                double chance = fixed - gsl_sf_lnfact((unsigned)m) - gsl_sf_lnfact((unsigned)(a - m)) -
                                gsl_sf_lnfact((unsigned)(b - m)) -
                                gsl_sf_lnfact((unsigned)(t->n - a - b + m));

                sum += (double)m / n * log(n * (double)m / ((double)a * (double)b)) * exp(chance);
            }
        }
    }
    return sum;
}

/* The parts that change when labels change places. */
static void find_varying(const vmap_crosstab *t, const size_t *count, vmap_agreement_parts *p)
{
    double n = (double)t->n, xlogx = 0;

    p->together = p->majority_a = p->majority_b = 0;
    for (size_t i = 0; i < t->rows; i++) {
        size_t most = 0;

        for (size_t j = 0; j < t->cols; j++) {
            size_t m = count[i * t->cols + j];
            double x = (double)m;

            if (m > 1)
                xlogx += x * log(x);
            p->together += x * (x - 1) / 2;
            most = m > most ? m : most;
        }
        p->majority_a += (double)most;
    }
    for (size_t j = 0; j < t->cols; j++) {
        size_t most = 0;

        for (size_t i = 0; i < t->rows; i++)
            most = count[i * t->cols + j] > most ? count[i * t->cols + j] : most;
        p->majority_b += (double)most;
    }
    p->information = xlogx / n - log(n) + p->entropy_a + p->entropy_b;
    /* I = S n_ij/n log(n n_ij / a_i b_j) = S n_ij log n_ij / n + log n - S a log a / n - S b log b / n,
     * and S a log a / n = log n - H(a). */
    if (p->information < 0 || t->rows == 1 || t->cols == 1)
        p->information = 0;
}

void vmap_agreement_parts_find(const vmap_crosstab *t, vmap_agreement_parts *p)
{
    double n = (double)t->n;

    *p = (vmap_agreement_parts){.n = n,
                                .entropy_a = entropy(t->row, t->rows, n),
                                .entropy_b = entropy(t->col, t->cols, n),
                                .together_a = pairs_of(t->row, t->rows),
                                .together_b = pairs_of(t->col, t->cols),
                                .pairs = n * (n - 1) / 2,
                                .expected = expected_information(t)};
    find_varying(t, t->count, p);
}

/* ---- the measures ---- */

static bool same_pairs(const vmap_agreement_parts *p)
{
    return p->together == p->together_a && p->together == p->together_b;
}

static double of_ari(const vmap_agreement_parts *p)
{
    double expected, most;

    if (same_pairs(p))
        return 1;
    expected = p->together_a * p->together_b / p->pairs;
    most = (p->together_a + p->together_b) / 2;
    return most == expected ? 0 : (p->together - expected) / (most - expected);
}

static double of_ami(const vmap_agreement_parts *p)
{
    double most = (p->entropy_a + p->entropy_b) / 2;

    if (same_pairs(p))
        return 1;
    return fabs(most - p->expected) < 1e-14 ? 0
                                            : (p->information - p->expected) / (most - p->expected);
}

static double of_nmi(const vmap_agreement_parts *p)
{
    double most = (p->entropy_a + p->entropy_b) / 2;

    return most == 0 ? 1 : p->information / most;
}

static double of_homogeneity(const vmap_agreement_parts *p)
{
    return p->entropy_b == 0 ? 1 : p->information / p->entropy_b;
}

static double of_completeness(const vmap_agreement_parts *p)
{
    return p->entropy_a == 0 ? 1 : p->information / p->entropy_a;
}

static double of_purity(const vmap_agreement_parts *p)
{
    return p->majority_a / p->n;
}

static double of_inverse_purity(const vmap_agreement_parts *p)
{
    return p->majority_b / p->n;
}

static double of_fowlkes_mallows(const vmap_agreement_parts *p)
{
    if (p->together_a == 0 && p->together_b == 0)
        return 1;
    return p->together == 0 ? 0 : p->together / sqrt(p->together_a) / sqrt(p->together_b);
}

static double of_jaccard(const vmap_agreement_parts *p)
{
    double either = p->together_a + p->together_b - p->together;

    return either == 0 ? 1 : p->together / either;
}

static double of_variation(const vmap_agreement_parts *p)
{
    return fmax(0, p->entropy_a + p->entropy_b - 2 * p->information);
}

const vmap_agreement_measure vmap_agreement_measures[] = {
    {"ari", "adjusted Rand index: pairs, 0 by chance", "-.5..1",
     "Hubert & Arabie (1985), J. Classif. 2, 193-218, eq. 5", false, VMAP_AGREEMENT_TOGETHER, of_ari},
    {"ami", "adjusted mutual information, arithmetic mean of entropies, 0 by chance", "..1",
     "Vinh, Epps & Bailey (2010), JMLR 11, 2837-2854", false, VMAP_AGREEMENT_INFORMATION, of_ami},
    {"nmi", "mutual information over the arithmetic mean of the entropies", "0..1",
     "Strehl & Ghosh (2002), JMLR 3, 583-617; arithmetic mean: Kvalseth (1987)", false,
     VMAP_AGREEMENT_INFORMATION, of_nmi},
    {"homogeneity", "clusters hold one class each", "0..1",
     "Rosenberg & Hirschberg (2007), EMNLP-CoNLL, 410-420", false, VMAP_AGREEMENT_INFORMATION,
     of_homogeneity},
    {"completeness", "classes stay in one cluster", "0..1",
     "Rosenberg & Hirschberg (2007), EMNLP-CoNLL, 410-420", false, VMAP_AGREEMENT_INFORMATION,
     of_completeness},
    {"v_measure", "harmonic mean of homogeneity and completeness (beta = 1)", "0..1",
     "Rosenberg & Hirschberg (2007), EMNLP-CoNLL, 410-420", false, VMAP_AGREEMENT_INFORMATION, of_nmi},
    {"purity", "units in the commonest class of their cluster", "0..1",
     "Manning, Raghavan & Schuetze (2008), Introduction to Information Retrieval, section 16.3", false,
     VMAP_AGREEMENT_MAJORITY_A, of_purity},
    {"inverse_purity", "units in the commonest cluster of their class", "0..1",
     "Amigo et al. (2009), Inf. Retr. 12, 461-486", false, VMAP_AGREEMENT_MAJORITY_B,
     of_inverse_purity},
    {"fowlkes_mallows", "pairs together in both over the geometric mean", "0..1",
     "Fowlkes & Mallows (1983), JASA 78, 553-569", false, VMAP_AGREEMENT_TOGETHER, of_fowlkes_mallows},
    {"jaccard", "pairs together in both over pairs together in either", "0..1",
     "Jaccard (1912); Halkidi et al. (2001)", false, VMAP_AGREEMENT_TOGETHER, of_jaccard},
    {"variation", "variation of information in nats", "0..2 ln n",
     "Meila (2007), J. Multivar. Anal. 98, 873-895", true, VMAP_AGREEMENT_INFORMATION, of_variation},
};
const size_t vmap_agreement_measures_count =
    sizeof vmap_agreement_measures / sizeof *vmap_agreement_measures;

/* ---- permutations ---- */

enum { PARTS = 4 };

typedef struct {
    const vmap_crosstab *t;
    const size_t *a, *b; /* codes */
} arrangement;

static void put_parts(const vmap_agreement_parts *p, double *value)
{
    value[VMAP_AGREEMENT_INFORMATION] = p->information;
    value[VMAP_AGREEMENT_TOGETHER] = p->together;
    value[VMAP_AGREEMENT_MAJORITY_A] = p->majority_a;
    value[VMAP_AGREEMENT_MAJORITY_B] = p->majority_b;
}

/* The counts of a permuted table stand in the scratch memory, as doubles would: a size_t fits. */
static void permuted(const void *context, const size_t *order, double *scratch, double *value)
{
    const arrangement *x = context;
    const vmap_crosstab *t = x->t;
    size_t *count = (size_t *)(void *)scratch;
    vmap_agreement_parts p;

    p.entropy_a = entropy(t->row, t->rows, (double)t->n);
    p.entropy_b = entropy(t->col, t->cols, (double)t->n);
    memset(count, 0, t->rows * t->cols * sizeof *count);
    for (size_t i = 0; i < t->n; i++)
        count[x->a[i] * t->cols + x->b[order[i]]]++;
    find_varying(t, count, &p);
    put_parts(&p, value);
}

vmap_status vmap_agreement_test(const size_t *a, const size_t *b, size_t n,
                                const vmap_permutation_options *options, vmap_structure_test *tests,
                                vmap_error *err)
{
    const vmap_permutation_options o = permute_options(options);
    vmap_crosstab *t = NULL;
    vmap_agreement_parts parts;
    arrangement x = {0};
    size_t *code_a = NULL, *code_b = NULL;
    double observed[PARTS], p[PARTS];
    vmap_status status = tabulate(a, b, n, &t, &code_a, &code_b, err);

    if (!status) {
        permute_test test = {t->n, PARTS, t->rows * t->cols, &x, permuted};

        x = (arrangement){t, code_a, code_b};
        vmap_agreement_parts_find(t, &parts);
        put_parts(&parts, observed);
        status = permute_p(&test, &o, observed, p, err);
    }
    for (size_t m = 0; !status && m < vmap_agreement_measures_count; m++)
        tests[m] = (vmap_structure_test){vmap_agreement_measures[m].of(&parts),
                                         p[vmap_agreement_measures[m].part]};
    vmap_crosstab_free(t);
    free(code_a);
    free(code_b);
    return status;
}
