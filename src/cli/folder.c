#include <config.h>
#include "cli/folder.h"

#include <errno.h>
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
    bool made, closed; /* the folder was not there before; everything is in place */
};

static vmap_status fail(const char *path, const char *what, vmap_error *err)
{
    vmap_error_set(err, VMAP_EIO, "cannot %s: %s", what, strerror(errno));
    vmap_error_place(err, path, 0, 0, NULL);
    return VMAP_EIO;
}

vmap_status folder_open(const char *path, folder **result, vmap_error *err)
{
    folder *f = calloc(1, sizeof *f);
    bool made = access(path, F_OK) != 0;
    vmap_status status = file_folder(path, err);

    if (f) {
        f->made = made;
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
    if (status) {
        folder_free(f);
        return status == VMAP_ENOENT ? VMAP_EIO : status;
    }
    *result = f;
    return VMAP_SUCCESS;
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

void folder_drop(folder *f, const char *name)
{
    for (unsigned i = 0; i < f->files.count; i++) {
        if (strcmp(f->files.words[i], name) == 0) {
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

/* Remove the files of an earlier run, which its run.json lists, that this run did not write. */
static void remove_stale(const folder *f)
{
    char *path = file_join(f->path, "run.json");
    json_t *old = path ? json_load_file(path, 0, NULL) : NULL;
    json_t *files = json_object_get(old, "files");

    for (size_t i = 0; i < json_array_size(files); i++) {
        const char *name = json_string_value(json_array_get(files, i));

        if (name && is_safe(name) && !is_written(f, name)) {
            char *stale = file_join(f->path, name);

            if (stale)
                unlink(stale);
            free(stale);
        }
    }
    json_decref(old);
    free(path);
}

static vmap_status move(const folder *f, const char *name, vmap_error *err)
{
    char *from = file_join(f->staging, name), *to = file_join(f->path, name);
    vmap_status status = from && to ? make_parent(to, err)
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

    remove_stale(f);
    for (unsigned i = 0; !status && i < f->files.count; i++)
        status = move(f, f->files.words[i], err);
    f->closed = !status;
    return status;
}

static void remove_staging(const folder *f)
{
    for (unsigned i = 0; i < f->files.count; i++) {
        char *path = file_join(f->staging, f->files.words[i]);
        char *slash = path ? strrchr(path, '/') : NULL;

        if (path)
            unlink(path);
        if (slash) {
            *slash = '\0';
            rmdir(path); /* succeeds when the last file is gone */
        }
        free(path);
    }
    rmdir(f->staging);
}

void folder_free(folder *f)
{
    if (!f)
        return;
    if (f->staging)
        remove_staging(f);
    if (f->made && !f->closed && f->path)
        rmdir(f->path);
    word_list_free(&f->files);
    free(f->path);
    free(f->staging);
    free(f);
}
