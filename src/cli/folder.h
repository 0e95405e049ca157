#ifndef CLI_FOLDER_H
#define CLI_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

#include "valuemap/error.h"

/* A results folder that appears whole or not at all, also on Ctrl-C, since signals that end the program wait
 * from folder_open() to folder_free(): files are written to a hidden folder inside it
 * and moved into place when everything is there. What an earlier run wrote and this one does not is
 * removed, nothing else is touched. */
typedef struct folder folder;

/* Make the folder (and its parents) and start; VMAP_EIO when it cannot be made. */
vmap_status folder_open(const char *path, folder **result, vmap_error *err);

/* Write a file; `name` is relative, at most one subfolder deep ("tables/groups.tsv"). */
vmap_status folder_put(folder *f, const char *name, const char *text, size_t n, vmap_error *err);

/* Path where a file of this name lies until folder_close(), for a program that writes it itself; the
 * file counts as written. Fresh memory. */
char *folder_path(folder *f, const char *name, vmap_error *err);
/* Path where a file that was written lies until folder_close(); fresh memory, NULL when it is short. */
char *folder_place(const folder *f, const char *name);
/* Forget a file that the program did not write after all. */
void folder_drop(folder *f, const char *name);

/* Number and names of the files written so far. */
size_t folder_files(const folder *f);
const char *folder_file(const folder *f, size_t i);

/* Move everything into place. */
vmap_status folder_close(folder *f, vmap_error *err);
/* Free; removes what was not moved into place. NULL is allowed. */
void folder_free(folder *f);

#endif
