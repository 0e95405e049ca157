#ifndef CLI_DATA_H
#define CLI_DATA_H

#include "cli/options.h"
#include "valuemap/codebook.h"
#include "valuemap/map.h"
#include "valuemap/questionnaire.h"
#include "valuemap/space.h"

/* The files that come with the program: codebooks, spaces, the list of countries, studies. They lie in
 * the folder that VALUEMAP_DATA names, else where they were installed. */

/* Path of a data file of the program, in fresh memory. */
char *data_path(const char *name);

/* Load a codebook, questionnaire or space by built-in name or, when the word holds a '/' or a '.', by path.
 * VMAP_ENOENT names the built-in ones. The codebook of a questionnaire goes by the questionnaire's name. */
vmap_status data_codebook(const char *word, vmap_codebook **codebook, vmap_error *err);
vmap_status data_questionnaire(const char *word, vmap_questionnaire **key, vmap_error *err);
vmap_status data_space(const char *word, vmap_space **space, vmap_error *err);
vmap_status data_countries(const char *edition, vmap_countries **countries, vmap_error *err);

/* Names of the built-in files of a kind, sorted: "codebooks" (.yaml), "spaces" (.json). */
vmap_status data_names(const char *kind, const char *ending, word_list *names, vmap_error *err);

#endif
