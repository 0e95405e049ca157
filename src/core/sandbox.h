#ifndef CORE_SANDBOX_H
#define CORE_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "valuemap/error.h"

/* Work on hostile bytes in a child process that can do nothing but compute; not exported.
 *
 * The child keeps the descriptors that it is given and a pipe to its parent. It can open no file, start no
 * program, reach no network and signal nobody: Landlock takes away the file system, a seccomp filter every
 * system call but reading, writing, memory and leaving; memory, processor time and the size of what it
 * writes are limited. Whatever happens to it costs the parent a message. Where the kernel lacks one of the
 * fences the others stand, and sandbox_fences() tells. What comes out of the pipe is as hostile as what went
 * in: read it with the functions below, which check lengths. */

typedef struct sandbox_limits {
    size_t memory;    /* bytes, beyond what the process has when it begins */
    unsigned seconds; /* of processor time */
    off_t file;       /* bytes that may be written to a file */
} sandbox_limits;

typedef struct sandbox {
    pid_t pid;
    int pipe; /* what the child writes */
    char *block; /* bytes read ahead */
    size_t at, n;
    bool ended;      /* nothing more comes */
    unsigned fences; /* as the child told */
} sandbox;

enum { SANDBOX_LANDLOCK = 1, SANDBOX_SECCOMP = 2, SANDBOX_ALL = 3 };

/* What the child does: write to `out`, return 0 when all is well. It has one thread, must not rely on locks
 * of other libraries and leaves without clean-up. */
typedef int sandbox_work(void *context, int out);

/* Start work(context) with the descriptors keep[0] and keep[1] (-1: none). */
vmap_status sandbox_start(sandbox *s, const sandbox_limits *limits, const int keep[2],
                          sandbox_work *work, void *context, vmap_error *err);
/* Exactly n bytes from the child; false when fewer come. */
bool sandbox_read(sandbox *s, void *to, size_t n);
/* A length and as many bytes, in fresh memory and terminated; NULL when they do not come, when the length is
 * above `most` or when memory is short. */
char *sandbox_text(sandbox *s, size_t most, size_t *n);
/* Wait for the child. VMAP_EDATA with a sentence about how it ended, unless it returned 0 (then success) or
 * another number, which goes to *returned. `what` is what it did: "parsing the SPSS file". */
vmap_status sandbox_end(sandbox *s, const char *what, int *returned, vmap_error *err);

/* For the child: write all of it. */
bool sandbox_write(int out, const void *bytes, size_t n);

/* "" when all fences stand, else what is missing: "without Landlock". */
const char *sandbox_missing(unsigned fences);

#endif
