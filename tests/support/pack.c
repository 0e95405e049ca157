#include <config.h>
#include "support/pack.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <archive.h>
#include <archive_entry.h>
#include <readstat.h>

#include "core/buffer.h"
#include "support/check.h"

const char *const pack_kinds[] = {"gzip", "xz", "zstd", "bzip2", "zip", "tar"};
const size_t pack_kinds_count = sizeof pack_kinds / sizeof *pack_kinds;

static void add_member(struct archive *a, const char *name, const char *bytes, size_t n)
{
    struct archive_entry *entry = archive_entry_new();

    archive_entry_set_pathname(entry, name);
    archive_entry_set_size(entry, (la_int64_t)n);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    CHECK(archive_write_header(a, entry) == ARCHIVE_OK);
    CHECK(archive_write_data(a, bytes, n) == (la_ssize_t)n);
    archive_entry_free(entry);
}

static const char *finish(struct archive *a, const char *name, void *packed, const size_t *used)
{
    const char *path;

    CHECK(archive_write_close(a) == ARCHIVE_OK);
    archive_write_free(a);
    path = scratch_bytes(name, packed, *used);
    free(packed);
    return path;
}

const char *pack_file(const char *name, const char *kind, const char *member, const char *bytes, size_t n)
{
    struct archive *a = archive_write_new();
    size_t room = 2 * n + 65536, used = 0;
    char *packed = malloc(room);

    if (strcmp(kind, "zip") == 0) {
        archive_write_set_format_zip(a);
    } else if (strcmp(kind, "tar") == 0) {
        archive_write_set_format_ustar(a);
    } else {
        archive_write_set_format_raw(a);
        if (archive_write_add_filter_by_name(a, kind) != ARCHIVE_OK)
            CHECK_TEXT(archive_error_string(a), kind);
    }
    archive_write_set_bytes_in_last_block(a, 1);
    archive_write_open_memory(a, packed, room, &used);
    add_member(a, member, bytes, n);
    return finish(a, name, packed, &used);
}

const char *pack_zip(const char *name, const pack_member *members, size_t count)
{
    struct archive *a = archive_write_new();
    size_t room = 1 << 20, used = 0;
    char *packed = malloc(room);

    archive_write_set_format_zip(a);
    archive_write_open_memory(a, packed, room, &used);
    for (size_t i = 0; i < count; i++)
        add_member(a, members[i].name, members[i].text, strlen(members[i].text));
    return finish(a, name, packed, &used);
}

/* ---- files of statistical packages ---- */

static ssize_t keep(const void *bytes, size_t n, void *context)
{
    buffer_bytes(context, bytes, n);
    return (ssize_t)n;
}

static void give_labels(readstat_writer_t *w, readstat_variable_t *v, const stat_column *c, bool spss)
{
    readstat_label_set_t *set =
        readstat_add_label_set(w, spss ? READSTAT_TYPE_DOUBLE : READSTAT_TYPE_INT32, c->name);

    for (const char *const *l = c->labels; *l; l++) {
        const char *text = strchr(*l, '=') + 1;

        if (**l >= 'a' && **l <= 'z') {
            if (!spss)
                readstat_label_tagged_value(set, **l, text);
        } else if (spss) {
            readstat_label_double_value(set, strtod(*l, NULL), text);
        } else {
            readstat_label_int32_value(set, (int32_t)strtol(*l, NULL, 10), text);
        }
    }
    readstat_variable_set_label_set(v, set);
}

static readstat_error_t put_cell(readstat_writer_t *w, const readstat_variable_t *v, const stat_cell *cell,
                                 bool text)
{
    if (text)
        return readstat_insert_string_value(w, v, cell->text);
    if (cell->tag == '.')
        return readstat_insert_missing_value(w, v);
    return cell->tag ? readstat_insert_tagged_missing_value(w, v, cell->tag)
                     : readstat_insert_double_value(w, v, cell->number);
}

static readstat_error_t begin(readstat_writer_t *w, const char *kind, buffer *b, size_t rows)
{
    if (strncmp(kind, "dta", 3) == 0) {
        readstat_writer_set_file_format_version(w, strcmp(kind, "dta-113") == 0 ? 113 : 118);
        return readstat_begin_writing_dta(w, b, (long)rows);
    }
    if (strcmp(kind, "por") == 0)
        return readstat_begin_writing_por(w, b, (long)rows);
    if (strcmp(kind, "sas7bdat") == 0)
        return readstat_begin_writing_sas7bdat(w, b, (long)rows);
    if (strcmp(kind, "xpt") == 0) {
        readstat_writer_set_file_format_version(w, 5);
        return readstat_begin_writing_xport(w, b, (long)rows);
    }
    readstat_writer_set_compression(w, strcmp(kind, "zsav") == 0  ? READSTAT_COMPRESS_BINARY
                                       : strcmp(kind, "sav") == 0 ? READSTAT_COMPRESS_ROWS
                                                                  : READSTAT_COMPRESS_NONE);
    return readstat_begin_writing_sav(w, b, (long)rows);
}

const char *stat_file(const char *name, const char *kind, const stat_column *column, size_t columns,
                      const stat_cell *cell, size_t rows)
{
    readstat_writer_t *w = readstat_writer_init();
    readstat_variable_t **v = calloc(columns, sizeof *v);
    bool spss = strstr(kind, "sav") || strcmp(kind, "por") == 0, sas = kind[0] == 's' && kind[2] == 's';
    buffer b = {0};
    readstat_error_t error;
    const char *path;

    readstat_set_data_writer(w, keep);
    for (size_t j = 0; j < columns; j++) {
        const stat_column *c = &column[j];

        v[j] = readstat_add_variable(w, c->name, c->width ? READSTAT_TYPE_STRING : READSTAT_TYPE_DOUBLE,
                                     c->width);
        readstat_variable_set_label(v[j], c->label);
        if (spss && c->missing[0] != 0)
            readstat_variable_add_missing_double_range(v[j], c->missing[0], c->missing[1]);
        if (spss && c->single != 0)
            readstat_variable_add_missing_double_value(v[j], c->single);
        if (c->labels && !sas && strcmp(kind, "xpt") != 0)
            give_labels(w, v[j], c, spss);
    }
    error = begin(w, kind, &b, rows);
    for (size_t r = 0; r < rows && !error; r++) {
        error = readstat_begin_row(w);
        for (size_t j = 0; j < columns && !error; j++)
            error = put_cell(w, v[j], &cell[r * columns + j], column[j].width > 0);
        if (!error)
            error = readstat_end_row(w);
    }
    if (!error)
        error = readstat_end_writing(w);
    if (error)
        CHECK_TEXT(readstat_error_message(error), kind);
    readstat_writer_free(w);
    free(v);
    path = scratch_bytes(name, b.text ? b.text : "", b.n);
    buffer_free(&b);
    return path;
}
