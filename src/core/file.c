#include <config.h>
#include "core/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sha256.h>

#include "core/text.h"

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
    return fsync(fd);
}

vmap_status file_write(const char *path, const char *text, size_t n, vmap_error *err)
{
    char *temporary = text_format("%s.XXXXXX", path);
    mode_t mask = umask(0);
    vmap_status status = VMAP_SUCCESS;
    int fd;

    umask(mask);
    if (!temporary)
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for a file name");
    fd = mkstemp(temporary);
    if (fd < 0) {
        status = fail(path, "create the file", err);
    } else {
        int failed = write_all(fd, text, n) || fchmod(fd, 0666 & ~mask);

        if (failed)
            status = fail(path, "write the file", err);
        failed = close(fd) || failed;
        if (!status && (failed || rename(temporary, path)))
            status = fail(path, "write the file", err);
        if (status)
            unlink(temporary);
    }
    free(temporary);
    return status;
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
    }
    return status;
}

char *file_join(const char *folder, const char *name)
{
    if (!folder || !*folder || *name == '/')
        return text_copy(name, strlen(name));
    return text_format("%s/%s", folder, name);
}
