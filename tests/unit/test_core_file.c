#include <config.h>

#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"
#include "support/check.h"

static size_t files_in(const char *folder)
{
    DIR *d = opendir(folder);
    struct dirent *entry;
    size_t n = 0;

    while (d && (entry = readdir(d)))
        n += entry->d_name[0] != '.';
    if (d)
        closedir(d);
    return n;
}

static void check_content(const char *path, const char *want, size_t length)
{
    char *text = NULL;
    size_t n = 0;
    vmap_error err;

    CHECK_OK(file_read(path, &text, &n, &err), &err);
    CHECK_COUNT(n, length);
    CHECK(text && memcmp(text, want, length + 1) == 0);
    free(text);
}

static void a_file_reads_back_as_it_was_written(void)
{
    vmap_error err;

    CHECK_OK(file_folder("unit-scratch/file", &err), &err);
    CHECK_OK(file_write("unit-scratch/file/a", "one\0two\n", 8, &err), &err);
    check_content("unit-scratch/file/a", "one\0two\n", 8);
    CHECK_OK(file_write("unit-scratch/file/a", "", 0, &err), &err);
    check_content("unit-scratch/file/a", "", 0);
    CHECK_COUNT(files_in("unit-scratch/file"), 1);
    unlink("unit-scratch/file/a");
}

static void a_large_file_is_read_whole(void)
{
    size_t n = 300001;
    char *text = malloc(n + 1);
    vmap_error err;

    CHECK_OK(file_folder("unit-scratch/file", &err), &err);
    for (size_t i = 0; i < n; i++)
        text[i] = (char)('a' + i % 26);
    text[n] = '\0';
    CHECK_OK(file_write("unit-scratch/file/large", text, n, &err), &err);
    check_content("unit-scratch/file/large", text, n);
    unlink("unit-scratch/file/large");
    free(text);
}

/* Source: FIPS 180-4 examples; the hash of the empty message. */
static void hashes_are_sha256(void)
{
    char hash[65];
    vmap_error err;

    CHECK_OK(file_hash(scratch_file("abc", "abc"), hash, &err), &err);
    CHECK_TEXT(hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK_OK(file_hash(scratch_file("empty", ""), hash, &err), &err);
    CHECK_TEXT(hash, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void a_new_file_has_the_usual_rights(void)
{
    struct stat info;
    mode_t mask = umask(027);
    vmap_error err;

    CHECK_OK(file_folder("unit-scratch", &err), &err);
    CHECK_OK(file_write("unit-scratch/rights", "x", 1, &err), &err);
    CHECK(umask(mask) == 027); /* and the mask is as it was */
    CHECK(stat("unit-scratch/rights", &info) == 0);
    CHECK_COUNT(info.st_mode & 0777, 0640);
    unlink("unit-scratch/rights");
}

static void the_parts_of_a_path(void)
{
    char *joined;

    CHECK_TEXT(file_base("a/b.csv"), "b.csv");
    CHECK_TEXT(file_base("b.csv"), "b.csv");
    CHECK_TEXT(file_base("a/"), "");
    CHECK_TEXT(joined = file_join("a", "b"), "a/b");
    free(joined);
    CHECK_TEXT(joined = file_join("a", "/b"), "/b");
    free(joined);
    CHECK_TEXT(joined = file_join("", "b"), "b");
    free(joined);
    CHECK_TEXT(joined = file_join(NULL, "b"), "b");
    free(joined);
}

static void folders_are_made_with_their_parents(void)
{
    struct stat info;
    vmap_error err;

    CHECK_OK(file_folder("unit-scratch/deep/er//est/", &err), &err);
    CHECK(stat("unit-scratch/deep/er/est", &info) == 0 && S_ISDIR(info.st_mode));
    CHECK_OK(file_folder("unit-scratch/deep/er/est", &err), &err);
    CHECK_OK(file_folder("/", &err), &err);
    rmdir("unit-scratch/deep/er/est");
    rmdir("unit-scratch/deep/er");
    rmdir("unit-scratch/deep");
}

static void a_file_in_the_way_of_a_folder_is_an_error(void)
{
    vmap_error err;

    scratch_file("plain", "x");
    CHECK_FAILS(file_folder("unit-scratch/plain", &err), VMAP_EIO, &err, "Not a directory");
    CHECK(file_folder("unit-scratch/plain/more", &err) != VMAP_SUCCESS);
    CHECK_TEXT(err.file, "unit-scratch/plain/more");
    unlink("unit-scratch/plain");
}

static void what_cannot_be_read_is_an_error(void)
{
    char *text = (char *)"kept", hash[65] = "kept";
    size_t n = 7;
    vmap_error err;

    CHECK_FAILS(file_read("unit-scratch/nothing", &text, &n, &err), VMAP_ENOENT, &err,
                "unit-scratch/nothing: cannot open the file: No such file");
    CHECK_FAILS(file_read("/", &text, &n, &err), VMAP_EIO, &err, "directory");
    CHECK_TEXT(text, "kept");
    CHECK_COUNT(n, 7);
    CHECK_FAILS(file_hash("unit-scratch/nothing", hash, &err), VMAP_ENOENT, &err, "nothing");
    CHECK_FAILS(file_hash("/", hash, &err), VMAP_EIO, &err, "/: ");
    CHECK_TEXT(hash, "kept");
}

static void a_place_that_does_not_exist_cannot_be_written(void)
{
    vmap_error err;

    CHECK_FAILS(file_write("unit-scratch/no/such/file", "x", 1, &err), VMAP_ENOENT, &err,
                "unit-scratch/no/such/file: cannot create the file");
}

/* The disk is full after the first byte: the old file stays and no temporary one is left. */
static void a_failed_write_keeps_the_old_file(void)
{
    struct rlimit old, none;
    void (*handler)(int);
    vmap_error err;
    vmap_status status;

    CHECK_OK(file_folder("unit-scratch/full", &err), &err);
    CHECK_OK(file_write("unit-scratch/full/a", "old", 3, &err), &err);
    handler = signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &old);
    none = old;
    none.rlim_cur = 1;
    setrlimit(RLIMIT_FSIZE, &none);
    status = file_write("unit-scratch/full/a", "new text", 8, &err);
    setrlimit(RLIMIT_FSIZE, &old);
    signal(SIGXFSZ, handler);
    CHECK_FAILS(status, VMAP_EIO, &err, "unit-scratch/full/a: cannot write the file: ");
    check_content("unit-scratch/full/a", "old", 3);
    CHECK_COUNT(files_in("unit-scratch/full"), 1);
    unlink("unit-scratch/full/a");
}

/* A folder cannot be replaced by a file: rename() fails after everything was written and closed. */
static void a_failed_rename_leaves_nothing_behind(void)
{
    int before, after;
    vmap_error err;

    CHECK_OK(file_folder("unit-scratch/taken/name", &err), &err);
    before = dup(STDIN_FILENO);
    close(before);
    CHECK_FAILS(file_write("unit-scratch/taken/name", "x", 1, &err), VMAP_EIO, &err,
                "unit-scratch/taken/name: cannot write the file");
    after = dup(STDIN_FILENO);
    close(after);
    CHECK(before == after);
    CHECK_COUNT(files_in("unit-scratch/taken"), 1);
    rmdir("unit-scratch/taken/name");
}

/* Pieces below and above the size of the writer's block (64 KiB). */
static void a_file_written_in_pieces_is_the_same(void)
{
    static const size_t piece[] = {0, 1, 65535, 65536, 65537, 3, 40000, 40000, 200000, 7};
    size_t n = 0, at = 0;
    char *text;
    file_writer w;
    vmap_error err;

    for (size_t i = 0; i < sizeof piece / sizeof *piece; i++)
        n += piece[i];
    text = malloc(n + 1);
    for (size_t i = 0; i < n; i++)
        text[i] = (char)('a' + i % 23);
    text[n] = '\0';
    CHECK_OK(file_folder("unit-scratch/file", &err), &err);
    CHECK_OK(file_begin(&w, "unit-scratch/file/pieces", &err), &err);
    for (size_t i = 0; i < sizeof piece / sizeof *piece; at += piece[i++])
        file_add(&w, text + at, piece[i]);
    CHECK(access("unit-scratch/file/pieces", F_OK) != 0); /* not before it is complete */
    CHECK_OK(file_end(&w, &err), &err);
    check_content("unit-scratch/file/pieces", text, n);
    CHECK_COUNT(files_in("unit-scratch/file"), 1);
    unlink("unit-scratch/file/pieces");
    free(text);
}

/* A name that is a device, a pipe or a link stays what it is. */
static void devices_and_links_are_written_through(void)
{
    static char text[100];
    struct stat info;
    vmap_error err;

    CHECK_OK(file_folder("unit-scratch/file", &err), &err);
    CHECK_OK(file_write("unit-scratch/file/own", "old", 3, &err), &err);
    CHECK(symlink("own", "unit-scratch/file/link") == 0);
    CHECK_OK(file_write("unit-scratch/file/link", "new", 3, &err), &err);
    check_content("unit-scratch/file/own", "new", 3);
    CHECK(lstat("unit-scratch/file/link", &info) == 0 && S_ISLNK(info.st_mode));
    unlink("unit-scratch/file/link");
    unlink("unit-scratch/file/own");
    if (access("/dev/full", W_OK) == 0) { /* by a link, so that a fault does not replace the device itself */
        CHECK(symlink("/dev/full", "unit-scratch/file/full") == 0);
        CHECK_FAILS(file_write("unit-scratch/file/full", text, sizeof text, &err), VMAP_EIO, &err, "cannot write the file");
        CHECK(lstat("unit-scratch/file/full", &info) == 0 && S_ISLNK(info.st_mode));
        unlink("unit-scratch/file/full");
    }
    CHECK_COUNT(files_in("unit-scratch/file"), 0);
}

/* The disk is full in the middle: what is added later does no harm, the end reports it. */
static void a_failure_in_the_middle_is_reported_at_the_end(void)
{
    static char text[100000];
    struct rlimit old, some;
    void (*handler)(int);
    file_writer w;
    vmap_error err;

    memset(text, 'x', sizeof text);
    CHECK_OK(file_folder("unit-scratch/full", &err), &err);
    handler = signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &old);
    some = old;
    some.rlim_cur = 150000;
    CHECK_OK(file_begin(&w, "unit-scratch/full/pieces", &err), &err);
    setrlimit(RLIMIT_FSIZE, &some);
    for (int i = 0; i < 4; i++)
        file_add(&w, text, sizeof text);
    setrlimit(RLIMIT_FSIZE, &old);
    signal(SIGXFSZ, handler);
    CHECK_FAILS(file_end(&w, &err), VMAP_EIO, &err,
                "unit-scratch/full/pieces: cannot write the file: ");
    CHECK_COUNT(files_in("unit-scratch/full"), 0);
}

static const test_case cases[] = {
    TEST(a_file_reads_back_as_it_was_written),
    TEST(a_large_file_is_read_whole),
    TEST(hashes_are_sha256),
    TEST(a_new_file_has_the_usual_rights),
    TEST(the_parts_of_a_path),
    TEST(folders_are_made_with_their_parents),
    TEST(a_file_in_the_way_of_a_folder_is_an_error),
    TEST(what_cannot_be_read_is_an_error),
    TEST(a_place_that_does_not_exist_cannot_be_written),
    TEST(a_failed_write_keeps_the_old_file),
    TEST(a_failed_rename_leaves_nothing_behind),
    TEST(a_file_written_in_pieces_is_the_same),
    TEST(a_failure_in_the_middle_is_reported_at_the_end),
    TEST(devices_and_links_are_written_through),
};
SUITE(core_file_suite, cases);
