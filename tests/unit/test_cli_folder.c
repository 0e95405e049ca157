#include <config.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/folder.h"
#include "core/file.h"
#include "support/check.h"

static const char results[] = "unit-scratch/results";

static bool exists(const char *name)
{
    char path[256];
    struct stat info;

    snprintf(path, sizeof path, "%s/%s", results, name);
    return stat(path, &info) == 0;
}

/* Everything in the folder, hidden names too. */
static size_t entries(const char *name)
{
    char path[256];
    DIR *d;
    size_t n = 0;

    snprintf(path, sizeof path, "%s/%s", results, name);
    d = opendir(path);
    while (d && readdir(d))
        n++;
    if (d)
        closedir(d);
    return n > 2 ? n - 2 : 0;
}

static void clear(void)
{
    mkdir("unit-scratch", 0777);
    CHECK(system("rm -rf unit-scratch/results") == 0);
}

static void put_outside(const char *name, const char *text)
{
    char path[256];
    vmap_error err;

    snprintf(path, sizeof path, "%s/%s", results, name);
    CHECK_OK(file_write(path, text, strlen(text), &err), &err);
}

static folder *start(void)
{
    folder *f = NULL;
    vmap_error err;

    CHECK_OK(folder_open(results, &f, &err), &err);
    return f;
}

static void put(folder *f, const char *name, const char *text)
{
    vmap_error err;

    CHECK_OK(folder_put(f, name, text, strlen(text), &err), &err);
}

static void finish(folder *f)
{
    vmap_error err;

    CHECK_OK(folder_close(f, &err), &err);
    folder_free(f);
}

static void check_file(const char *name, const char *want)
{
    char path[256], *text = NULL;
    size_t n = 0;
    vmap_error err;

    snprintf(path, sizeof path, "%s/%s", results, name);
    CHECK_OK(file_read(path, &text, &n, &err), &err);
    CHECK_TEXT(text, want);
    free(text);
}

/* A first run that wrote two tables and says so. */
static void first_run(void)
{
    folder *f;

    clear();
    f = start();
    put(f, "tables/a.tsv", "1");
    put(f, "tables/b.tsv", "1");
    put(f, "run.json",
        "{\"program\": \"valuemap\", \"files\": [\"tables/a.tsv\", \"tables/b.tsv\", "
        "\"run.json\"]}");
    finish(f);
}

/* ---- known values ---- */

static void a_folder_appears_when_it_is_whole(void)
{
    folder *f;

    clear();
    f = start();
    put(f, "tables/a.tsv", "a");
    put(f, "report.html", "page");
    CHECK(!exists("tables") && !exists("report.html"));
    CHECK_COUNT(folder_files(f), 2);
    CHECK_TEXT(folder_file(f, 0), "tables/a.tsv");
    finish(f);
    check_file("tables/a.tsv", "a");
    check_file("report.html", "page");
    CHECK_COUNT(entries(""), 2);
}

static void a_program_may_write_a_file_itself(void)
{
    folder *f;
    char *path;
    vmap_error err;

    clear();
    f = start();
    path = folder_path(f, "figures/map.svg", &err);
    CHECK(path != NULL);
    CHECK_OK(file_write(path, "svg", 3, &err), &err);
    free(path);
    path = folder_path(f, "other/map.pdf", &err); /* not written after all */
    free(path);
    folder_drop(f, "other/map.pdf");
    folder_drop(f, "never there");
    CHECK_COUNT(folder_files(f), 1);
    finish(f);
    check_file("figures/map.svg", "svg");
    CHECK_COUNT(entries(""), 1);
}

/* ---- properties ---- */

static void a_later_run_removes_what_it_does_not_write(void)
{
    folder *f;

    first_run();
    put_outside("notes.txt", "mine");
    put_outside("tables/mine.tsv", "mine");
    f = start();
    put(f, "tables/a.tsv", "2");
    put(f, "run.json", "{\"program\": \"valuemap\", \"files\": [\"tables/a.tsv\", \"run.json\"]}");
    finish(f);
    check_file("tables/a.tsv", "2");
    check_file("notes.txt", "mine");
    check_file("tables/mine.tsv", "mine");
    CHECK(!exists("tables/b.tsv"));
    CHECK_COUNT(entries(""), 3);
}

static void what_is_not_finished_changes_nothing(void)
{
    folder *f;

    first_run();
    f = start();
    put(f, "tables/a.tsv", "2");
    put(f, "tables/c.tsv", "2");
    folder_free(f);
    check_file("tables/a.tsv", "1");
    check_file("tables/b.tsv", "1");
    CHECK_COUNT(entries(""), 2);
    CHECK_COUNT(entries("tables"), 2);
    clear();
    f = start();
    put(f, "tables/a.tsv", "2");
    folder_free(f);
    CHECK(access(results, F_OK) != 0); /* it was not there before */
}

/* Names that lead out of the folder, and what is no name. */
#define OUTWARD                                                                                    \
    "{\"program\": \"valuemap\", \"files\": [\"../outside.txt\", \"tables/../../outside.txt\", "   \
    "\"/tmp/outside.txt\", \".\", \"\", 3, null, [\"notes.txt\"]]}"

/* A run.json of some other program, or one that was tampered with, must not have files deleted. */
static void files_of_others_are_never_removed(void)
{
    static const char *const lists[] = {
        "{\"program\": \"other\", \"files\": [\"notes.txt\"]}",
        "{\"files\": [\"notes.txt\"]}",
        "[\"notes.txt\"]",
        "\"notes.txt\"",
        "{\"program\": \"valuemap\", \"files\": \"notes.txt\"}",
        "{\"program\": \"valuemap\", \"files\": {\"notes.txt\": 1}}",
        "no JSON",
        "",
        OUTWARD};
    vmap_error err;

    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        folder *f;

        clear();
        CHECK_OK(file_folder(results, &err), &err);
        put_outside("notes.txt", "mine");
        put_outside("../outside.txt", "mine");
        put_outside("run.json", lists[i]);
        f = start();
        put(f, "tables/a.tsv", "1");
        finish(f);
        check_file("notes.txt", "mine");
        check_file("../outside.txt", "mine");
    }
    CHECK(unlink("unit-scratch/outside.txt") == 0);
}

/* ---- refusals ---- */

static void a_folder_that_cannot_be_made_is_refused(void)
{
    folder *f = NULL;
    vmap_error err;

    clear();
    scratch_file("plain", "x");
    CHECK_FAILS(folder_open("unit-scratch/plain", &f, &err), VMAP_EIO, &err, "unit-scratch/plain");
    CHECK(err.status == VMAP_EIO);
    CHECK_FAILS(folder_open("unit-scratch/plain/below", &f, &err), VMAP_EIO, &err,
                "Not a directory");
    CHECK(err.status == VMAP_EIO);
    CHECK_FAILS(folder_open("/proc/no/such", &f, &err), VMAP_EIO, &err, "cannot create the folder");
    CHECK(err.status == VMAP_EIO);
    CHECK(f == NULL);
}

/* A file cannot take the place of a folder of the same name: nothing may be half replaced. */
static void a_name_that_is_taken_stops_the_run(void)
{
    folder *f;
    vmap_error err;

    first_run();
    CHECK_OK(file_folder("unit-scratch/results/report.html/full", &err), &err);
    f = start();
    put(f, "tables/a.tsv", "2");
    put(f, "report.html", "page");
    CHECK_FAILS(folder_close(f, &err), VMAP_EIO, &err, "report.html");
    folder_free(f);
    check_file("tables/a.tsv", "1");
    check_file("tables/b.tsv", "1");
    CHECK(exists("report.html/full"));
    CHECK_COUNT(entries(""), 3);
}

/* ---- edges ---- */

static void parents_are_made_and_taken_away_again(void)
{
    folder *f = NULL;
    vmap_error err;

    clear();
    CHECK_OK(folder_open("unit-scratch/results/deep/er", &f, &err), &err);
    put(f, "a", "1");
    finish(f);
    CHECK(exists("deep/er/a"));
    clear();
    f = NULL;
    CHECK_OK(folder_open("unit-scratch/results/deep/er/", &f, &err), &err);
    put(f, "a", "1");
    folder_free(f);
    CHECK(access(results, F_OK) != 0);
    clear();
    CHECK_OK(file_folder(results, &err), &err);
    put_outside("mine", "1");
    CHECK_OK(folder_open("unit-scratch/results/deep/er", &f, &err), &err);
    folder_free(f);
    CHECK(exists("mine") && !exists("deep"));
}

static void an_empty_run_is_no_error(void)
{
    clear();
    finish(start());
    CHECK_COUNT(entries(""), 0);
    folder_free(NULL);
}

static const test_case cases[] = {
    TEST(a_folder_appears_when_it_is_whole),
    TEST(a_program_may_write_a_file_itself),
    TEST(a_later_run_removes_what_it_does_not_write),
    TEST(what_is_not_finished_changes_nothing),
    TEST(files_of_others_are_never_removed),
    TEST(a_folder_that_cannot_be_made_is_refused),
    TEST(a_name_that_is_taken_stops_the_run),
    TEST(parents_are_made_and_taken_away_again),
    TEST(an_empty_run_is_no_error),
};
SUITE(cli_folder_suite, cases);
