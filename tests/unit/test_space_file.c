#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buffer.h"
#include "core/file.h"
#include "space/space_internal.h"
#include "support/check.h"
#include "valuemap/space.h"

static const char space_path[] = "unit-scratch/space.json";

static vmap_codebook *book_of(const char *name, const char *items)
{
    vmap_codebook *c = NULL;
    buffer b = {0};
    vmap_error err;

    buffer_format(&b, "version: 1\nname: %s\ntitle: T\nitems:\n", name);
    for (; *items; items++)
        buffer_format(&b,
                      "- {name: %c, label: \"Item \\\"%c\\\" <\xC3\xA9>\", valid: 1..10, columns: "
                      "[{name: %c}]}\n",
                      *items, *items, *items);
    buffer_put(
        &b, "axes:\n- {name: one, label: One, low: l, high: h, anchor: [a], sign: [+a]}\n"
            "- {name: two, label: Two, low: l, high: h, anchor: [d], sign: [+d], official: T}\n");
    CHECK_OK(vmap_codebook_parse(name, b.text, b.n, &c, &err), &err);
    buffer_free(&b);
    return c;
}

/* A fitted space with everything that a file can hold. */
static vmap_space *full_space(void)
{
    static const bool all[] = {true, true, true, true, true, true};
    gsl_matrix *x = read_reference("space.tsv", "answers"),
               *w = read_reference("space.tsv", "weights");
    gsl_vector *at = gsl_vector_alloc(2), *se = gsl_vector_alloc(2), *items = gsl_vector_alloc(6);
    vmap_codebook *book = book_of("six", "abcdef");
    vmap_space *s = NULL;
    vmap_error err;

    CHECK_OK(vmap_space_fit(book, all, x->data, x->size1, w->data, NULL, &s, &err), &err);
    gsl_vector_set(at, 0, 1. / 3);
    gsl_vector_set(at, 1, -1e-300);
    gsl_vector_set_all(se, .1);
    gsl_vector_set_all(items, 5.5);
    gsl_vector_set(items, 2, NAN);
    CHECK_OK(vmap_space_add_position(s, "C\xC3\xB4te \"d'Ivoire\"\n</script>", 2019, 1200, 987.25,
                                     at, se, items, &err),
             &err);
    CHECK_OK(vmap_space_add_position(s, "USA", 0, 0, NAN, at, NULL, NULL, &err), &err);
    CHECK_OK(vmap_space_add_position(s, "JPN", 0, 7, NAN, at, se, NULL, &err), &err);
    CHECK_OK(vmap_space_add_codebook(s, book, &err), &err);
    CHECK_OK(vmap_space_add_codebook(s, book_of("reversed", "fedcbag"), &err), &err);
    s->limits = strdup("a limit");
    s->within_source = strdup("made up");
    s->group_columns = strdup("country");
    s->simulated = true;
    s->within = gsl_matrix_alloc(2, 2);
    gsl_matrix_set_identity(s->within);
    gsl_matrix_free(x);
    gsl_matrix_free(w);
    gsl_vector_free(at);
    gsl_vector_free(se);
    gsl_vector_free(items);
    return s;
}

static char *content_of(const char *path)
{
    char *text = NULL;
    size_t n = 0;
    vmap_error err;

    CHECK_OK(file_read(path, &text, &n, &err), &err);
    return text;
}

/* ---- the way through a file ---- */

static void a_space_reads_back_bit_for_bit(void)
{
    vmap_space *s = full_space(), *back = NULL;
    vmap_error err;

    CHECK_OK(file_folder("unit-scratch", &err), &err);
    CHECK_OK(vmap_space_write(s, space_path, &err), &err);
    if (CHECK_OK(vmap_space_read(space_path, &back, &err), &err)) {
        const gsl_matrix *pairs[][2] = {{s->weights, back->weights},
                                        {s->r, back->r},
                                        {s->n, back->n},
                                        {s->unrotated, back->unrotated},
                                        {s->rotation, back->rotation},
                                        {s->loadings, back->loadings},
                                        {s->within, back->within}};
        const gsl_vector *vectors[][2] = {{s->low, back->low},
                                          {s->high, back->high},
                                          {s->mean, back->mean},
                                          {s->sd, back->sd},
                                          {s->scale, back->scale},
                                          {s->shift, back->shift},
                                          {s->intercept, back->intercept},
                                          {s->eigenvalues, back->eigenvalues}};

        for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
            CHECK(gsl_matrix_equal(pairs[i][0], pairs[i][1]));
        for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++)
            CHECK(gsl_vector_equal(vectors[i][0], vectors[i][1]));
        CHECK_TEXT(back->items[5], "f");
        CHECK_TEXT(back->axes[1].official, "T");
        CHECK_TEXT(back->axes[0].found_by, "a");
        CHECK_TEXT(back->limits, "a limit");
        CHECK_TEXT(back->within_source, "made up");
        CHECK_TEXT(back->group_columns, "country");
        CHECK(back->simulated);
        CHECK_COUNT(back->codebooks_count, 2);
        CHECK_TEXT(back->codebooks[1]->name, "reversed");
        CHECK_TEXT(back->codebooks[0]->items[0].label, "Item \"a\" <\xC3\xA9>");
        if (CHECK_COUNT(back->positions_count, 3)) {
            const vmap_position *p = back->positions;

            CHECK_TEXT(p[0].group, "C\xC3\xB4te \"d'Ivoire\"\n</script>");
            CHECK(p[0].year == 2019 && p[0].n == 1200 && p[0].n_eff == 987.25);
            CHECK_NEAR(gsl_vector_get(p[0].at, 0), 1. / 3, 0);
            CHECK_NEAR(gsl_vector_get(p[0].at, 1), -1e-300, 0);
            CHECK_NEAR(gsl_vector_get(p[0].items, 2), NAN, 0);
            CHECK(p[1].n == 0 && isnan(p[1].n_eff) && !p[1].se && !p[1].items && p[1].year == 0);
            CHECK(p[2].n == 7 && isnan(p[2].n_eff) && p[2].se);
        }
    }
    vmap_space_free(s);
    vmap_space_free(back);
}

static void a_written_space_stays_the_same_bytes(void)
{
    static const char *const sources[] = {NULL, "spaces/iw2023.json"};

    for (size_t i = 0; i < 2; i++) {
        vmap_space *s = NULL, *back = NULL;
        char *first, *second;
        vmap_error err;

        if (!sources[i])
            s = full_space();
        else if (!CHECK_OK(vmap_space_read(source_path(sources[i]), &s, &err), &err))
            return;
        CHECK_OK(vmap_space_write(s, space_path, &err), &err);
        first = content_of(space_path);
        CHECK_OK(vmap_space_read(space_path, &back, &err), &err);
        CHECK_OK(vmap_space_write(back, space_path, &err), &err);
        second = content_of(space_path);
        CHECK(first && second && strcmp(first, second) == 0);
        free(first);
        free(second);
        vmap_space_free(s);
        vmap_space_free(back);
    }
}

/* Reading a space and turning it to another convention is turning it first. */
static void conventions_survive_the_file(void)
{
    vmap_space *s = NULL, *back = NULL;
    vmap_error err;

    if (!CHECK_OK(vmap_space_read(source_path("spaces/iw2023.json"), &s, &err), &err))
        return;
    CHECK_OK(vmap_space_set_affine(s, "tao2024", &err), &err);
    CHECK_OK(vmap_space_write(s, space_path, &err), &err);
    CHECK_OK(vmap_space_read(space_path, &back, &err), &err);
    CHECK_TEXT(back->affine, "tao2024");
    CHECK(gsl_matrix_equal(back->weights, s->weights));
    vmap_space_free(s);
    vmap_space_free(back);
}

/* ---- refusals ---- */

static void items_must_be_in_a_codebook(void)
{
    vmap_space *s = full_space();
    vmap_codebook *few = book_of("few", "abcd");
    vmap_error err;

    CHECK_FAILS(vmap_space_add_codebook(s, few, &err), VMAP_EDATA, &err,
                "column e: codebook few does not define this item");
    CHECK_COUNT(s->codebooks_count, 2);
    vmap_codebook_free(few);
    vmap_space_free(s);
}

/* Replace the first `from` in the text of the full space and read that. */
static void check_broken(const char *whole, const char *from, const char *to, vmap_status status,
                         const char *words)
{
    const char *at = strstr(whole, from);
    buffer b = {0};
    vmap_space *s = NULL;
    vmap_error err;

    if (!at) {
        CHECK_TEXT("not in the file", from);
        return;
    }
    buffer_bytes(&b, whole, (size_t)(at - whole));
    buffer_put(&b, to);
    buffer_put(&b, at + strlen(from));
    if (!CHECK_FAILS(vmap_space_read(scratch_file("broken.json", b.text), &s, &err), status, &err,
                     words))
        fprintf(stderr, "  with %s\n", to);
    CHECK(s == NULL);
    vmap_space_free(s);
    buffer_free(&b);
}

static void broken_files_are_refused_with_the_key(void)
{
    static const struct {
        const char *from, *to;
        vmap_status status;
        const char *words;
    } broken[] = {
        {"{", "", VMAP_EPARSE, "unit-scratch/broken.json:1:"},
        {"\"version\": 1,", "\"version\": 1", VMAP_EPARSE, "broken.json:3:"},
        {"\"version\": 1,", "\"version\": 1, \"version\": 1,", VMAP_EPARSE, "duplicate"},
        {"\"valuemap space\"", "\"something\"", VMAP_EDATA, "broken.json: key 'format'"},
        {"\"version\": 1", "\"version\": 2", VMAP_EDATA, "key 'version'"},
        {"\"name\": \"fitted\"", "\"nome\": \"fitted\"", VMAP_EDATA, "key 'name'"},
        {"\"title\": \"T\"", "\"title\": 3", VMAP_EDATA, "key 'title': a text"},
        {"\"limits\": \"a limit\"", "\"limits\": [1]", VMAP_EDATA, "key 'limits'"},
        {"\"simulated\": true", "\"simulated\": \"yes\"", VMAP_EDATA, "key 'simulated'"},
        {"\"affine\": \"none\"", "\"affine\": \"nun\"", VMAP_EDATA, "key 'affine'"},
        {"\"affine\": \"none\"", "\"affine\": \"wvs\"", VMAP_EDATA, "key 'affine'"},
        {"\"scale\": [1, 1]", "\"scale\": [1, 2]", VMAP_EDATA, "key 'affine'"},
        {"\"scale\": [1, 1]", "\"scale\": [1]", VMAP_EDATA, "key 'scale'"},
        {"\"scale\": [1, 1]", "\"scale\": [1, null]", VMAP_EDATA, "key 'scale'"},
        {"\"shift\": [0, 0]", "\"shift\": [0, \"0\"]", VMAP_EDATA,
         "key 'shift': an element is no number"},
        {"\"shift\": [0, 0]", "\"shoft\": [0, 0]", VMAP_EDATA, "key 'shift': it is missing"},
        {"\"intercept\": [", "\"intercept\": [1, ", VMAP_EDATA, "key 'intercept'"},
        {"\"intercept\": [", "\"intercept\": [null, null], \"x\": [", VMAP_EDATA,
         "key 'intercept'"},
        {"\"label\": \"One\"", "\"label\": null", VMAP_EDATA, "key 'label'"},
        {"\"items\": [", "\"items\": [], \"x\": [", VMAP_EDATA, "key 'items'"},
        {"\"axes\": [", "\"axes\": 7, \"x\": [", VMAP_EDATA, "key 'axes'"},
        {"\"axes\": [", "\"axes\": [7, ", VMAP_EDATA, "key "},
        {"\"low\": 1", "\"low\": null", VMAP_EDATA, "key 'low'"},
        {"\"high\": 10", "\"high\": 0", VMAP_EDATA, "key 'high'"},
        {"\"mean\": ", "\"mean\": null, \"x\": ", VMAP_EDATA, "key 'mean'"},
        {"\"sd\": ", "\"sd\": 0, \"x\": ", VMAP_EDATA, "key 'sd': a positive number"},
        {"\"sd\": ", "\"sd\": -1, \"x\": ", VMAP_EDATA, "key 'sd': a positive number"},
        {"\"weights\": [", "\"weights\": [1, ", VMAP_EDATA, "key 'weights'"},
        {"\"weights\": [", "\"weights\": [null, 1], \"x\": [", VMAP_EDATA, "key 'weights'"},
        {"\"weights\": [", "\"x\": [", VMAP_EDATA, "key 'weights'"},
        {"\"loadings\": [", "\"loadings\": 1, \"x\": [", VMAP_EDATA, "key 'loadings'"},
        {"\"name\": \"b\"", "\"name\": \"a\"", VMAP_EDATA, "key 'items'"},
        {"\"correlation\": [\n  [1, ", "\"correlation\": [\n  [1.5, ", VMAP_EDATA,
         "key 'correlation'"},
        {"\"correlation\": [\n  [1, ", "\"correlation\": [\n  [1, .5, ", VMAP_EPARSE,
         "broken.json:"},
        {"\"correlation\": [\n  [1, ", "\"correlation\": [\n  [1, 0.5, ", VMAP_EDATA,
         "key 'correlation'"},
        {"\"correlation\": [\n  [1, 0.", "\"correlation\": [\n  [1, -0.", VMAP_EDATA,
         "key 'correlation'"},
        {"\"correlation\": [\n  [1, 0.", "\"correlation\": [\n  [1, 3.", VMAP_EDATA,
         "key 'correlation'"},
        {"\"correlation\": [", "\"x\": [", VMAP_EDATA, "key 'correlation': it is missing"},
        {"\"within\": [", "\"within\": [[1, 1], [1, 1], [1, 1]], \"x\": [", VMAP_EDATA,
         "key 'within'"},
        {"\"eigenvalues\": [", "\"eigenvalues\": [1, ", VMAP_EDATA, "key 'eigenvalues'"},
        {"\"positions\": [", "\"positions\": 1, \"x\": [", VMAP_EDATA, "key 'positions'"},
        {"\"group\": ", "\"x\": ", VMAP_EDATA, "key 'group'"},
        {"\"at\": [", "\"x\": [", VMAP_EDATA, "key 'at': it is missing"},
        {"\"at\": [", "\"at\": [1, ", VMAP_EDATA, "key 'at'"},
        {"\"se\": [", "\"se\": 1, \"x\": [", VMAP_EDATA, "key 'se'"},
        {"\"year\": 2019", "\"year\": \"2019\"", VMAP_EDATA, "key 'year'"},
        {"\"year\": 2019", "\"year\": 1e12", VMAP_EDATA, "key 'year'"},
        {"\"n\": 1200", "\"n\": -1", VMAP_EDATA, "key 'n'"},
        {"\"n\": 1200", "\"n\": 1e300", VMAP_EDATA, "key 'n'"},
        {"\"n\": 1200", "\"n\": \"many\"", VMAP_EDATA, "key 'n'"},
        {"\"n_eff\": 987.25", "\"n_eff\": \"x\"", VMAP_EDATA, "key 'n_eff'"},
        {"\"codebooks\": [", "\"codebooks\": {}, \"x\": [", VMAP_EDATA, "key 'codebooks'"},
        {"\"codebooks\": [", "\"codebooks\": [5, ", VMAP_EDATA, "key 'codebooks'"},
        {"\"valid\":\"1..10\"", "\"valid\":\"1-10\"", VMAP_EDATA, "'1-10' is no list of codes"},
        {"{\"name\":\"a\",", "{\"name\":\"q\",", VMAP_EDATA, ""},
    };
    vmap_space *s = full_space();
    char *whole;
    vmap_error err;

    CHECK_OK(vmap_space_write(s, space_path, &err), &err);
    whole = content_of(space_path);
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++)
        check_broken(whole, broken[i].from, broken[i].to, broken[i].status, broken[i].words);
    check_broken(whole, whole, "", VMAP_EPARSE, "broken.json");
    check_broken(whole, whole, "[]", VMAP_EDATA, "key 'format'");
    check_broken(whole, whole, "null", VMAP_EPARSE, "broken.json");
    free(whole);
    vmap_space_free(s);
}

/* Cut off anywhere, or with a byte changed: an error or a space, never a crash. */
static void damaged_files_do_no_harm(void)
{
    vmap_space *s = full_space(), *back = NULL;
    char *whole;
    size_t n;
    vmap_error err;

    CHECK_OK(vmap_space_write(s, space_path, &err), &err);
    whole = content_of(space_path);
    n = strlen(whole);
    for (size_t cut = 0; cut < n - 1; cut += 1 + n / 300) {
        CHECK(vmap_space_read(scratch_bytes("broken.json", whole, cut), &back, &err) !=
              VMAP_SUCCESS);
        CHECK(back == NULL);
    }
    for (size_t at = 0; at < n; at += 1 + n / 400) {
        char old = whole[at];

        whole[at] = "\"0[{x,-"[at % 7];
        if (vmap_space_read(scratch_bytes("broken.json", whole, n), &back, &err) == VMAP_SUCCESS)
            vmap_space_free(back);
        back = NULL;
        whole[at] = old;
    }
    free(whole);
    vmap_space_free(s);
}

static void files_that_are_not_there_are_errors(void)
{
    vmap_space *s = full_space(), *back = NULL;
    vmap_error err;

    CHECK_FAILS(vmap_space_read("unit-scratch/none.json", &back, &err), VMAP_ENOENT, &err,
                "unit-scratch/none.json");
    CHECK_FAILS(vmap_space_write(s, "unit-scratch/no/folder/s.json", &err), VMAP_ENOENT, &err,
                "no/folder/s.json");
    CHECK(back == NULL);
    vmap_space_free(s);
    vmap_space_free(NULL);
}

static const test_case cases[] = {
    TEST(a_space_reads_back_bit_for_bit),        TEST(a_written_space_stays_the_same_bytes),
    TEST(conventions_survive_the_file),          TEST(items_must_be_in_a_codebook),
    TEST(broken_files_are_refused_with_the_key), TEST(damaged_files_do_no_harm),
    TEST(files_that_are_not_there_are_errors),
};
SUITE(space_file_suite, cases);
