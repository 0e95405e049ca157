#ifndef CLI_INPUTS_H
#define CLI_INPUTS_H

#include <pthread.h>
#include <stdbool.h>

#include "valuemap/error.h"

/* The input files of a command and their SHA-256, computed in the background while it works. */

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

/* Add a file, relative to `folder` ("": as it stands; "-": standard input). */
vmap_status inputs_add(inputs *in, const char *folder, const char *file, vmap_error *err);
/* Start computing the hashes. */
void inputs_start(inputs *in);
/* Wait for the hashes. */
vmap_status inputs_finish(inputs *in, vmap_error *err);
/* Wait if need be, and free. */
void inputs_free(inputs *in);

#endif
