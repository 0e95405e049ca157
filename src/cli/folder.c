#include <config.h>
#include "cli/folder.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

#include "core/file.h"
#include "core/text.h"
#include "cli/options.h"

struct folder {
    char *path, *staging;
    word_list files;
    size_t existed; /* length of the part of `path` that was there before */
    bool closed;    /* everything is in place */
    sigset_t before; /* signals that were held back before the folder was begun */
};

/* A folder that is begun is finished or taken back, also when somebody presses Ctrl-C: signals that
 * end the program wait until then. */
static void hold_signals(sigset_t *before)
{
    sigset_t ending;

    sigemptyset(&ending);
    sigaddset(&ending, SIGINT);
    sigaddset(&ending, SIGTERM);
    sigaddset(&ending, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &ending, before);
}

static vmap_status fail(const char *path, const char *what, vmap_error *err)
{
    vmap_error_set(err, VMAP_EIO, "cannot %s: %s", what, strerror(errno));
    vmap_error_place(err, path, 0, 0, NULL);
    return VMAP_EIO;
}

/* Cut the last part off a path; false when nothing is left. */
static bool cut(char *path)
{
    size_t n = strlen(path);

    while (n > 0 && path[n - 1] == '/')
        n--;
    while (n > 0 && path[n - 1] != '/')
        n--;
    path[n] = '\0';
    return n > 0;
}

/* Length of the longest part of the path that exists. */
static size_t find_existing(const char *path)
{
    char *part = text_copy(path, strlen(path));
    size_t n;

    while (part && access(part, F_OK) != 0 && cut(part))
        ;
    n = part ? strlen(part) : strlen(path);
    free(part);
    return n;
}

/* Remove the folders that were made, unless something is in them. */
static void remove_folders(const folder *f)
{
    char *path = text_copy(f->path, strlen(f->path));

    while (path && strlen(path) > f->existed && rmdir(path) == 0 && cut(path))
        ;
    free(path);
}

vmap_status folder_open(const char *path, folder **result, vmap_error *err)
{
    folder *f = calloc(1, sizeof *f);
    size_t existed = find_existing(path);
    vmap_status status = file_folder(path, err);

    if (f) {
        hold_signals(&f->before);
        f->existed = existed;
        f->path = text_copy(path, strlen(path));
        f->staging = text_format("%s/.valuemap-XXXXXX", path);
    }
    if (!f || !f->path || !f->staging)
        status = vmap_error_set(err, VMAP_ENOMEM, "no memory for a folder");
    if (!status && !mkdtemp(f->staging)) {
        status = fail(path, "write into the folder", err);
        free(f->staging);
        f->staging = NULL;
    }
    if (status == VMAP_ENOENT) { /* that writing is impossible, not that an input is missing */
        status = VMAP_EIO;
        if (err)
            err->status = status;
    }
    if (status)
        folder_free(f);
    else
        *result = f;
    return status;
}

/* Make the subfolder that a name needs. */
static vmap_status make_parent(const char *path, vmap_error *err)
{
    const char *slash = strrchr(path, '/');
    char *parent = text_copy(path, (size_t)(slash - path));
    vmap_status status = parent ? file_folder(parent, err)
                                : vmap_error_set(err, VMAP_ENOMEM, "no memory for a file name");

    free(parent);
    return status;
}

char *folder_path(folder *f, const char *name, vmap_error *err)
{
    char *path = file_join(f->staging, name);

    if (!path || !word_list_add(&f->files, name, strlen(name)) || make_parent(path, err)) {
        free(path);
        return NULL;
    }
    return path;
}

/* Remove a file from the hidden folder, and its subfolder when that is the last one in it. */
static void remove_staged(const folder *f, const char *name)
{
    char *path = file_join(f->staging, name);
    char *slash = path ? strrchr(path, '/') : NULL;

    if (path)
        unlink(path);
    if (slash) {
        *slash = '\0';
        rmdir(path);
    }
    free(path);
}

char *folder_place(const folder *f, const char *name)
{
    return file_join(f->staging, name);
}

void folder_drop(folder *f, const char *name)
{
    for (unsigned i = 0; i < f->files.count; i++) {
        if (strcmp(f->files.words[i], name) == 0) {
            remove_staged(f, name);
            free(f->files.words[i]);
            f->files.words[i] = f->files.words[--f->files.count];
            return;
        }
    }
}

vmap_status folder_put(folder *f, const char *name, const char *text, size_t n, vmap_error *err)
{
    char *path = folder_path(f, name, err);
    vmap_status status = path ? file_write(path, text, n, err) : VMAP_EIO;

    if (status)
        vmap_error_place(err, f->path, 0, 0, NULL);
    free(path);
    return status;
}

size_t folder_files(const folder *f)
{
    return f->files.count;
}

const char *folder_file(const folder *f, size_t i)
{
    return f->files.words[i];
}

static bool is_written(const folder *f, const char *name)
{
    for (unsigned i = 0; i < f->files.count; i++) {
        if (strcmp(f->files.words[i], name) == 0)
            return true;
    }
    return false;
}

/* A name that an earlier run may have written: no way out of the folder. */
static bool is_safe(const char *name)
{
    return *name && *name != '/' && *name != '.' && !strstr(name, "..");
}

/* The files of an earlier run, which its run.json lists; NULL when there is none. A run.json of
 * another program says nothing about what may be removed. The caller releases *old. */
static json_t *find_earlier(const folder *f, json_t **old)
{
    char *path = file_join(f->path, "run.json");
    const char *program;

    *old = path ? json_load_file(path, 0, NULL) : NULL;
    free(path);
    program = json_string_value(json_object_get(*old, "program"));
    return program && strcmp(program, "valuemap") == 0 ? json_object_get(*old, "files") : NULL;
}

/* Remove the files of an earlier run that this run did not write. */
static void remove_stale(const folder *f, const json_t *files)
{
    for (size_t i = 0; i < json_array_size(files); i++) {
        const char *name = json_string_value(json_array_get(files, i));

        if (name && is_safe(name) && !is_written(f, name)) {
            char *stale = file_join(f->path, name);

            if (stale)
                unlink(stale);
            free(stale);
        }
    }
}

/* Can the file go to its place? A folder in its way stops the run before anything is replaced. */
static vmap_status check_place(const folder *f, const char *name, vmap_error *err)
{
    char *to = file_join(f->path, name);
    vmap_status status = to ? make_parent(to, err)
                            : vmap_error_set(err, VMAP_ENOMEM, "no memory for a file name");
    struct stat info;

    if (!status && lstat(to, &info) == 0 && S_ISDIR(info.st_mode)) {
        errno = EISDIR;
        status = fail(to, "write the file", err);
    }
    free(to);
    return status;
}

static vmap_status move(const folder *f, const char *name, vmap_error *err)
{
    char *from = file_join(f->staging, name), *to = file_join(f->path, name);
    vmap_status status = from && to ? VMAP_SUCCESS
                                    : vmap_error_set(err, VMAP_ENOMEM, "no memory for a file name");

    if (!status && rename(from, to))
        status = fail(to, "write the file", err);
    free(from);
    free(to);
    return status;
}

vmap_status folder_close(folder *f, vmap_error *err)
{
    vmap_status status = VMAP_SUCCESS;
    json_t *old, *earlier = find_earlier(f, &old);

    for (unsigned i = 0; !status && i < f->files.count; i++)
        status = check_place(f, f->files.words[i], err);
    for (unsigned i = 0; !status && i < f->files.count; i++)
        status = move(f, f->files.words[i], err);
    if (!status)
        remove_stale(f, earlier);
    f->closed = !status;
    json_decref(old);
    return status;
}

static void remove_staging(const folder *f)
{
    for (unsigned i = 0; i < f->files.count; i++)
        remove_staged(f, f->files.words[i]);
    rmdir(f->staging);
}

void folder_free(folder *f)
{
    if (!f)
        return;
    if (f->staging)
        remove_staging(f);
    if (!f->closed && f->path)
        remove_folders(f);
    word_list_free(&f->files);
    free(f->path);
    free(f->staging);
    pthread_sigmask(SIG_SETMASK, &f->before, NULL);
    free(f);
}
