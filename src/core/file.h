#ifndef CORE_FILE_H
#define CORE_FILE_H

#include <stddef.h>
#include <sys/types.h>

#include "valuemap/error.h"

/* Whole files; not exported. */

/* Read a whole regular file into fresh memory (terminated; free() it). VMAP_ENOENT when it does not
 * exist, VMAP_EIO when it cannot be read or is a directory. */
vmap_status file_read(const char *path, char **text, size_t *n, vmap_error *err);

/* Write a file so that the old one stays until the new one is complete: a temporary file in the
 * same folder, flushed to disk, then renamed. Nothing is left behind on failure. Through a link its own file is
 * written; a device or a pipe is written to and stays what it is. */
vmap_status file_write(const char *path, const char *text, size_t n, vmap_error *err);

/* The same piece by piece, for files that need not be in memory: begin, add any number of times,
 * end. A failure while adding is remembered and reported by file_end(), which is called in any
 * case after a successful file_begin() and frees everything. */
typedef struct file_writer {
    char *path, *temporary, *block; /* temporary: NULL for a device or a pipe */
    size_t used; /* bytes of `block` */
    int fd;
    mode_t mode;
    vmap_status status;
    vmap_error err;
} file_writer;
vmap_status file_begin(file_writer *w, const char *path, vmap_error *err);
void file_add(file_writer *w, const char *text, size_t n);
vmap_status file_end(file_writer *w, vmap_error *err);

/* SHA-256 of a file as 64 hexadecimal digits. */
vmap_status file_hash(const char *path, char hash[65], vmap_error *err);

/* Part of the path after the last '/'. */
const char *file_base(const char *path);

/* `FILE.zip:MEMBER` names a member of an archive: the length of the part that is a file's path. It is the
 * whole path unless no such file exists and the part before some colon is a file. */
size_t file_part(const char *path);

/* Make a folder and its missing parents; an existing folder is fine. */
vmap_status file_folder(const char *path, vmap_error *err);

/* folder + "/" + name in fresh memory; `name` alone when it is absolute or `folder` is "" or NULL. */
char *file_join(const char *folder, const char *name);

#endif
