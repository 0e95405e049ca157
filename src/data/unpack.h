#ifndef DATA_UNPACK_H
#define DATA_UNPACK_H

#include <stdbool.h>
#include <stddef.h>

#include "valuemap/error.h"

/* Packed files: gzip, xz, zstd, bzip2, and the archives zip and tar; not exported.
 *
 * libarchive unpacks in a sandbox (core/sandbox.h) into a temporary file without a name. What it gives is
 * bounded: at most UNPACK_RATIO times the packed bytes and UNPACK_FREE more, and never more than
 * UNPACK_MOST; a file that wants more is refused. */

enum { UNPACK_RATIO = 250, UNPACK_FREE = 64 << 20 };
#define UNPACK_MOST ((long long)32 << 30)

/* Is this the beginning of a packed file? Its name ("gzip") or NULL. */
const char *unpack_kind(const char *head, size_t n);

/* Is a file of this kind an archive? */
bool unpack_has_members(const char *kind);

/* Unpack one layer.
 *   fd       the packed file, readable at any place
 *   member   name of the member wanted of an archive; NULL: its only data file
 *   path     for messages
 *   *unpacked  receives the descriptor of the unpacked bytes
 *   *chosen    receives the name of the member, in fresh memory; "" for a file that is no archive
 *   *fences    what the sandbox could do, as of sandbox_missing()
 * Errors: VMAP_EPARSE for damaged, encrypted or unreasonably large contents; VMAP_ENOENT when there is no
 * such member; VMAP_EDATA when there are several data files: the message lists them. */
vmap_status unpack_file(int fd, const char *member, const char *path, int *unpacked, char **chosen,
                        unsigned *fences, vmap_error *err);

/* Is this the name of a data file, packed or not ("wave7.sav", "answers.csv.gz")? */
bool unpack_is_data(const char *name);

#endif
