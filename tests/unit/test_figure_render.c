#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"
#include "support/check.h"
#include "valuemap/figure.h"

static const char good_script[] =
    "set terminal svg size 100,100\nif (TERM eq 'pdf') { set terminal pdfcairo }\n"
    "if (TERM eq 'png') { set terminal pngcairo }\nif (OUT ne '') { set output OUT }\nplot x\n";

static bool begins(const char *path, const char *with)
{
    char *text = NULL;
    size_t n = 0;
    vmap_error err;
    bool same;

    if (!CHECK_OK(file_read(path, &text, &n, &err), &err))
        return false;
    same = n > strlen(with) && strncmp(text, with, strlen(with)) == 0;
    free(text);
    return same;
}

/* ---- known values: the first bytes of each format ---- */

static void each_format_is_drawn(void)
{
    static const char *const formats[][2] = {
        {"svg", "<?xml"}, {"pdf", "%PDF-"}, {"png", "\x89PNG"}};
    char script[300], out[320];
    vmap_error err;

    snprintf(script, sizeof script, "%s", scratch_file("good.gp", good_script));
    if (!vmap_figure_can_render())
        return;
    for (int i = 0; i < 3; i++) {
        snprintf(out, sizeof out, "unit-scratch/good.%s", formats[i][0]);
        unlink(out);
        if (CHECK_OK(vmap_figure_render(script, formats[i][0], out, &err), &err))
            CHECK(begins(out, formats[i][1]));
    }
}

/* ---- properties ---- */

/* A wrapper directory in front of the PATH and a hostile environment do not change the drawing. */
static void the_environment_does_not_count(void)
{
    char script[300];
    vmap_error err;

    snprintf(script, sizeof script, "%s", scratch_file("good.gp", good_script));
    if (!vmap_figure_can_render())
        return;
    CHECK_OK(vmap_figure_render(script, "svg", "unit-scratch/a.svg", &err), &err);
    setenv("GNUTERM", "dumb", 1);
    setenv("LC_ALL", "tr_TR.UTF-8", 1);
    CHECK_OK(vmap_figure_render(script, "svg", "unit-scratch/b.svg", &err), &err);
    unsetenv("GNUTERM");
    unsetenv("LC_ALL");
    {
        char *a = NULL, *b = NULL;
        size_t n = 0, k = 0;

        CHECK_OK(file_read("unit-scratch/a.svg", &a, &n, &err), &err);
        CHECK_OK(file_read("unit-scratch/b.svg", &b, &k, &err), &err);
        CHECK(a && b && n == k && memcmp(a, b, n) == 0);
        free(a);
        free(b);
    }
}

/* ---- refusals ---- */

static void formats_and_names_are_whitelisted(void)
{
    char script[300];
    vmap_error err;

    snprintf(script, sizeof script, "%s", scratch_file("good.gp", good_script));
    CHECK_FAILS(vmap_figure_render(script, "emf", "unit-scratch/a.emf", &err), VMAP_EINVAL, &err,
                "none of svg, pdf, png");
    CHECK_FAILS(vmap_figure_render(script, "", "unit-scratch/a", &err), VMAP_EINVAL, &err,
                "none of svg, pdf, png");
    CHECK_FAILS(vmap_figure_render(script, "svg", "unit-scratch/|cat", &err), VMAP_EINVAL, &err,
                "|cat");
    CHECK_FAILS(vmap_figure_render(script, "svg", "unit-scratch/a b.svg", &err), VMAP_EINVAL, &err,
                "A-Z a-z 0-9");
    CHECK_FAILS(vmap_figure_render("unit-scratch/a'b.gp", "svg", "unit-scratch/a.svg", &err),
                VMAP_EINVAL, &err, "A-Z a-z 0-9");
    CHECK_FAILS(vmap_figure_render("unit-scratch/absent.gp", "svg", "unit-scratch/a.svg", &err),
                VMAP_ENOENT, &err, "no such script");
    CHECK_FAILS(vmap_figure_render("unit-scratch", "svg", "unit-scratch/a.svg", &err), VMAP_ENOENT,
                &err, "no such script");
}

static void a_script_that_fails_leaves_the_old_figure(void)
{
    char script[300];
    vmap_error err;

    snprintf(script, sizeof script, "%s", scratch_file("bad.gp", "set terminal svg\nplot foo(\n"));
    scratch_file("old.svg", "<svg/>\n");
    if (!vmap_figure_can_render())
        return;
    CHECK_FAILS(vmap_figure_render(script, "svg", "unit-scratch/old.svg", &err), VMAP_EIO, &err,
                "line 2: invalid expression");
    CHECK(begins("unit-scratch/old.svg", "<svg/>"));
    snprintf(script, sizeof script, "%s", scratch_file("silent.gp", "exit\n"));
    CHECK_FAILS(vmap_figure_render(script, "svg", "unit-scratch/old.svg", &err), VMAP_EIO, &err,
                "it said nothing");
    CHECK(begins("unit-scratch/old.svg", "<svg/>"));
    CHECK_FAILS(vmap_figure_render(scratch_file("good.gp", good_script), "svg",
                                   "unit-scratch/absent/a.svg", &err),
                VMAP_ENOENT, &err, "create the file");
}

static void without_gnuplot_there_is_a_clear_sentence(void)
{
    const char *path = getenv("PATH");
    char *kept = path ? strdup(path) : NULL, script[300];
    vmap_error err;

    snprintf(script, sizeof script, "%s", scratch_file("good.gp", good_script));
    setenv("PATH", "/nonexistent", 1);
    CHECK(!vmap_figure_can_render());
    CHECK_FAILS(vmap_figure_render(script, "svg", "unit-scratch/a.svg", &err), VMAP_ENOENT, &err,
                "gnuplot is not installed");
    if (kept)
        setenv("PATH", kept, 1);
    free(kept);
}

static const test_case cases[] = {
    TEST(each_format_is_drawn),
    TEST(the_environment_does_not_count),
    TEST(formats_and_names_are_whitelisted),
    TEST(a_script_that_fails_leaves_the_old_figure),
    TEST(without_gnuplot_there_is_a_clear_sentence),
};
SUITE(figure_render_suite, cases);
