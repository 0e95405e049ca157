#include <config.h>
#include "cli/data.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/text.h"

static const char *data_folder(void)
{
    const char *folder = getenv("VALUEMAP_DATA");

    return folder && *folder ? folder : PKGDATADIR;
}

char *data_path(const char *name)
{
    return file_join(data_folder(), name);
}

static int compare_words(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

vmap_status data_names(const char *kind, const char *ending, word_list *names, vmap_error *err)
{
    char *path = data_path(kind);
    DIR *folder = path ? opendir(path) : NULL;
    struct dirent *entry;

    if (!folder) {
        vmap_error_set(err, VMAP_ENOENT,
                       "the program's own data are not there; install it, or set VALUEMAP_DATA");
        vmap_error_place(err, path, 0, 0, NULL);
        free(path);
        return VMAP_ENOENT;
    }
    free(path);
    while ((entry = readdir(folder)) != NULL) {
        size_t n = strlen(entry->d_name), e = strlen(ending);

        if (n > e && strcmp(entry->d_name + n - e, ending) == 0)
            word_list_add(names, entry->d_name, n - e);
    }
    closedir(folder);
    qsort(names->words, names->count, sizeof *names->words, compare_words);
    return VMAP_SUCCESS;
}

/* Path of what a word means: a path as it stands, else a built-in file. */
static vmap_status find(const char *word, const char *kind, const char *ending, char **path,
                        vmap_error *err)
{
    word_list names = {0};
    char known[512] = "";
    vmap_status status;

    if (strpbrk(word, "/.")) {
        *path = text_copy(word, strlen(word));
        return *path ? VMAP_SUCCESS : VMAP_ENOMEM;
    }
    status = data_names(kind, ending, &names, err);
    for (unsigned i = 0; !status && i < names.count; i++) {
        if (strcmp(names.words[i], word) == 0) {
            char *name = text_format("%s/%s%s", kind, word, ending);

            *path = name ? data_path(name) : NULL;
            free(name);
            word_list_free(&names);
            return *path ? VMAP_SUCCESS : VMAP_ENOMEM;
        }
        strncat(known, i ? ", " : "", sizeof known - strlen(known) - 1);
        strncat(known, names.words[i], sizeof known - strlen(known) - 1);
    }
    word_list_free(&names);
    if (status)
        return status;
    return vmap_error_set(err, VMAP_ENOENT,
                          "'%s' is none of the built-in %s (%s); a file of your own is named by its "
                          "path, with its ending",
                          word, kind, known);
}

vmap_status data_questionnaire(const char *word, vmap_questionnaire **key, vmap_error *err)
{
    char *path = NULL;
    vmap_status status = find(word, "questionnaires", ".yaml", &path, err);

    if (!status)
        status = vmap_questionnaire_load(path, key, err);
    free(path);
    return status;
}

/* The codebook of a built-in questionnaire (mfq2) is made from its key. */
static vmap_status questionnaire_codebook(const char *word, vmap_codebook **codebook, vmap_error *err)
{
    vmap_questionnaire *key = NULL;
    vmap_status status = data_questionnaire(word, &key, err);

    if (!status)
        status = vmap_questionnaire_codebook(key, codebook, err);
    vmap_questionnaire_free(key);
    return status;
}

static bool is_questionnaire(const char *word)
{
    word_list names = {0};
    bool found = false;

    if (strpbrk(word, "/.") || data_names("questionnaires", ".yaml", &names, NULL))
        return false;
    for (unsigned i = 0; i < names.count; i++)
        found |= strcmp(names.words[i], word) == 0;
    word_list_free(&names);
    return found;
}

vmap_status data_codebook(const char *word, vmap_codebook **codebook, vmap_error *err)
{
    char *path = NULL;
    vmap_status status;

    if (is_questionnaire(word))
        return questionnaire_codebook(word, codebook, err);
    status = find(word, "codebooks", ".yaml", &path, err);
    if (!status)
        status = vmap_codebook_load(path, codebook, err);
    free(path);
    return status;
}

vmap_status data_space(const char *word, vmap_space **space, vmap_error *err)
{
    char *path = NULL;
    vmap_status status = find(word, "spaces", ".json", &path, err);

    if (!status)
        status = vmap_space_read(path, space, err);
    free(path);
    return status;
}

vmap_status data_countries(const char *edition, vmap_countries **countries, vmap_error *err)
{
    char *path = data_path("datasets/map2023/countries.csv");
    vmap_status status = path ? vmap_countries_read(path, edition, countries, err) : VMAP_ENOMEM;

    free(path);
    return status;
}
