#ifndef CLI_INPUTS_H
#define CLI_INPUTS_H

#include <pthread.h>
#include <stdbool.h>

#include "cli/study.h"

/* The input files of a study and their SHA-256, computed in the background while the study runs. */

typedef struct input {
    char *path, *name; /* name: the last part of the path */
    char hash[65];     /* "" until inputs_finish(), and for what can be read only once: standard input and
                          other pipes */
} input;

typedef struct inputs {
    input *list;
    size_t count;
    bool started;
    pthread_t thread;
    vmap_error err;
} inputs;

/* List the files and, if `hash`, start computing their hashes. */
vmap_status inputs_start(inputs *in, const study *s, bool hash, vmap_error *err);
/* Wait for the hashes. */
vmap_status inputs_finish(inputs *in, vmap_error *err);
/* Wait if need be, and free. */
void inputs_free(inputs *in);

#endif
