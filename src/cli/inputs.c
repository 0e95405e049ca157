#include <config.h>
#include "cli/inputs.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/file.h"
#include "core/text.h"

static bool is_standard_input(const char *path)
{
    return strcmp(path, "-") == 0;
}

/* A pipe, named or not, can be read only once, and that is for the data. */
static bool is_pipe(const char *path)
{
    struct stat info;

    return is_standard_input(path) ||
           (stat(path, &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode));
}

vmap_status inputs_add(inputs *in, const char *folder, const char *file, vmap_error *err)
{
    input *more = reallocarray(in->list, in->count + 1, sizeof *more), *new;

    if (!more)
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for the list of inputs");
    in->list = more;
    new = &more[in->count];
    new->hash[0] = '\0';
    new->path = is_standard_input(file) ? text_copy(file, 1) : file_join(folder, file);
    new->name = text_format("%s", is_standard_input(file) ? "standard input" : file_base(file));
    if (!new->path || !new->name) {
        free(new->path);
        free(new->name);
        return vmap_error_set(err, VMAP_ENOMEM, "no memory for the list of inputs");
    }
    in->count++;
    return VMAP_SUCCESS;
}

static void *hash_all(void *data)
{
    inputs *in = data;

    for (size_t i = 0; i < in->count && !in->err.status; i++) {
        char *path = text_copy(in->list[i].path, file_part(in->list[i].path)); /* of an archive, not its member */

        if (!path)
            vmap_error_set(&in->err, VMAP_ENOMEM, "no memory for a file name");
        else if (!is_pipe(path))
            file_hash(path, in->list[i].hash, &in->err);
        free(path);
    }
    return NULL;
}

void inputs_start(inputs *in)
{
    in->started = pthread_create(&in->thread, NULL, hash_all, in) == 0;
    if (!in->started)
        hash_all(in);
}

vmap_status inputs_finish(inputs *in, vmap_error *err)
{
    if (in->started)
        pthread_join(in->thread, NULL);
    in->started = false;
    if (in->err.status && err)
        *err = in->err;
    return in->err.status;
}

void inputs_free(inputs *in)
{
    inputs_finish(in, NULL);
    for (size_t i = 0; i < in->count; i++) {
        free(in->list[i].path);
        free(in->list[i].name);
    }
    free(in->list);
}
