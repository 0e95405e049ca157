#include <config.h>
#include "core/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sha256.h>

#include "core/text.h"

enum { FILE_BLOCK = 1 << 16 };

static vmap_status fail(const char *path, const char *what, vmap_error *err)
{
    vmap_status status = errno == ENOENT || errno == ENOTDIR ? VMAP_ENOENT : VMAP_EIO;

    vmap_error_set(err, status, "cannot %s: %s", what, strerror(errno));
    vmap_error_place(err, path, 0, 0, NULL);
    return status;
}

vmap_status file_read(const char *path, char **text, size_t *n, vmap_error *err)
{
    FILE *file = fopen(path, "rb");
    char *bytes = NULL;
    size_t used = 0, room = 0, got;
    vmap_status status = VMAP_SUCCESS;

    if (!file)
        return fail(path, "open the file", err);
    do {
        if (room - used < 4096) {
            char *more = realloc(bytes, room = room ? 2 * room : 65536);

            if (!more) {
                status = vmap_error_set(err, VMAP_ENOMEM, "no memory for %zu bytes", room);
                goto cleanup;
            }
            bytes = more;
        }
        got = fread(bytes + used, 1, room - used - 1, file);
        used += got;
    } while (got);
    if (ferror(file)) {
        status = fail(path, "read the file", err);
        goto cleanup;
    }
    bytes[used] = '\0';
    *text = bytes;
    *n = used;
    bytes = NULL;
cleanup:
    fclose(file);
    free(bytes);
    return status;
}

static int write_all(int fd, const char *text, size_t n)
{
    while (n > 0) {
        ssize_t done = write(fd, text, n);

        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return -1;
        text += done;
        n -= (size_t)done;
    }
    return 0;
}

/* Remember the first failure and leave nothing behind. */
static void give_up(file_writer *w, const char *what)
{
    w->status = fail(w->path, what, &w->err);
    if (w->fd >= 0)
        close(w->fd);
    w->fd = -1;
    if (w->temporary)
        unlink(w->temporary);
}

static void release(file_writer *w)
{
    free(w->path);
    free(w->temporary);
    free(w->block);
}

/* What is written to: a link's own file, so that the link stays. Fresh memory. */
static char *find_target(const char *path)
{
    struct stat info;
    char *target = lstat(path, &info) == 0 && S_ISLNK(info.st_mode) ? realpath(path, NULL) : NULL;

    return target ? target : text_copy(path, strlen(path));
}

/* A device, a pipe or a socket is written to; a file in its place would destroy it. */
static bool is_special(const char *path)
{
    struct stat info;

    return stat(path, &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode);
}

vmap_status file_begin(file_writer *w, const char *path, vmap_error *err)
{
    mode_t mask = umask(0);
    bool special = is_special(path);

    umask(mask);
    memset(w, 0, sizeof *w);
    w->fd = -1;
    w->mode = 0666 & ~mask;
    w->path = find_target(path);
    w->temporary = w->path && !special ? text_format("%s.XXXXXX", w->path) : NULL;
    w->block = malloc(FILE_BLOCK);
    if (!w->path || (!w->temporary && !special) || !w->block)
        w->status = vmap_error_set(err, VMAP_ENOMEM, "no memory for writing a file");
    else if ((w->fd = special ? open(path, O_WRONLY | O_CLOEXEC) : mkstemp(w->temporary)) < 0)
        w->status = fail(path, "create the file", err);
    if (w->status)
        release(w);
    return w->status;
}

static void flush(file_writer *w)
{
    if (!w->status && write_all(w->fd, w->block, w->used))
        give_up(w, "write the file");
    w->used = 0;
}

void file_add(file_writer *w, const char *text, size_t n)
{
    if (n > FILE_BLOCK - w->used)
        flush(w);
    if (n > FILE_BLOCK) {
        if (!w->status && write_all(w->fd, text, n))
            give_up(w, "write the file");
        return;
    }
    memcpy(w->block + w->used, text, n);
    w->used += n;
}

vmap_status file_end(file_writer *w, vmap_error *err)
{
    vmap_status status;

    flush(w);
    if (!w->status && w->temporary && (fsync(w->fd) || fchmod(w->fd, w->mode)))
        give_up(w, "write the file");
    if (!w->status) {
        int fd = w->fd;

        w->fd = -1;
        if (close(fd) || (w->temporary && rename(w->temporary, w->path)))
            give_up(w, "write the file");
    }
    status = w->status;
    if (status && err)
        *err = w->err;
    release(w);
    return status;
}

vmap_status file_write(const char *path, const char *text, size_t n, vmap_error *err)
{
    file_writer w;
    vmap_status status = file_begin(&w, path, err);

    if (status)
        return status;
    file_add(&w, text, n);
    return file_end(&w, err);
}

vmap_status file_hash(const char *path, char hash[65], vmap_error *err)
{
    char *digits = SHA256File(path, NULL);

    if (!digits)
        return fail(path, "read the file", err);
    memcpy(hash, digits, 65);
    free(digits);
    return VMAP_SUCCESS;
}

const char *file_base(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

size_t file_part(const char *path)
{
    size_t n = strlen(path);
    struct stat info;

    if (stat(path, &info) == 0)
        return n;
    for (size_t i = n; i-- > 1;) {
        char *part = path[i] == ':' ? text_copy(path, i) : NULL;
        bool found = part && stat(part, &info) == 0 && S_ISREG(info.st_mode);

        free(part);
        if (found)
            return i;
    }
    return n;
}

vmap_status file_folder(const char *path, vmap_error *err)
{
    char *copy = text_copy(path, strlen(path));
    vmap_status status = VMAP_SUCCESS;
    struct stat info;

    if (!copy)
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for a file name");
    for (char *c = copy + 1; !status && *copy; c++) {
        char end = *c;

        if (end != '/' && end != '\0')
            continue;
        *c = '\0';
        if (mkdir(copy, 0777) && errno != EEXIST)
            status = fail(path, "create the folder", err);
        *c = end;
        if (end == '\0')
            break;
    }
    free(copy);
    if (!status && (stat(path, &info) || !S_ISDIR(info.st_mode))) {
        errno = ENOTDIR;
        fail(path, "create the folder", err);
        status = VMAP_EIO;
        if (err)
            err->status = status;
    }
    return status;
}

char *file_join(const char *folder, const char *name)
{
    if (!folder || !*folder || *name == '/')
        return text_copy(name, strlen(name));
    return text_format("%s%s%s", folder, folder[strlen(folder) - 1] == '/' ? "" : "/", name);
}
