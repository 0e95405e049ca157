#include <config.h>
#include "support/reading.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buffer.h"
#include "data/reader_internal.h"
#include "support/check.h"

size_t reading_part;

static void write_cell(buffer *b, const vmap_table *t, size_t j, size_t r)
{
    vmap_reason why = vmap_table_reason(t, j, r);

    buffer_put(b, j ? "|" : "");
    if (why != VMAP_PRESENT)
        buffer_format(b, "[%s]", vmap_reason_name(why));
    else if (vmap_table_kind(t, j) == VMAP_TEXTS)
        buffer_put(b, vmap_table_text(t, j, r));
    else
        buffer_format(b, "%.17g", vmap_table_value(t, j, r));
}

static vmap_status take_block(void *context, vmap_table *block, vmap_error *err)
{
    (void)err;
    for (size_t r = 0; r < vmap_table_rows(block); r++) { /* the same text for any blocks: row by row */
        buffer_format(context, "\n%zu:", vmap_table_line(block, r));
        for (size_t j = 0; j < vmap_table_columns(block); j++)
            write_cell(context, block, j, r);
    }
    return VMAP_SUCCESS;
}

/* Block by block there must come what came in one table, twice if need be, or the same message. */
static void check_stream(vmap_reader *reader, vmap_table *table, vmap_status status, const vmap_error *whole)
{
    buffer all = {0}, blocks = {0};
    vmap_error err = {0};

    reader->problems.count = 0;
    if (!status)
        take_block(&all, table, NULL);
    CHECK(reader_stream(reader, take_block, &blocks, &err) == status);
    if (status)
        CHECK_TEXT(err.message, whole->message);
    else if (all.n)
        CHECK_TEXT(blocks.text, all.text);
    buffer_free(&all);
    buffer_free(&blocks);
}

vmap_status read_columns(const char *path, const vmap_read_options *options, const char *wishes, const char *allowed,
                         vmap_table **table, vmap_error *err)
{
    static const char kinds[] = "cnt";
    vmap_reader *reader = NULL;
    vmap_status status = vmap_reader_open(path, options, &reader, err);
    char list[256];

    snprintf(list, sizeof list, "%s", wishes);
    for (char *s = strtok(list, " "); !status && s; s = strtok(NULL, " ")) {
        char *colon = strrchr(s, ':');
        size_t at = 0, columns = vmap_reader_columns(reader);

        *colon = '\0';
        while (at < columns && strcmp(vmap_reader_names(reader)[at], s) != 0)
            at++;
        if (at == columns) {
            CHECK_TEXT("the file has no such column", s);
            break;
        }
        status = vmap_reader_want(reader, at, (vmap_kind)(strchr(kinds, colon[1]) - kinds), s, allowed, err);
    }
    if (!status && reading_part)
        reader->part = reading_part;
    if (!status) {
        status = vmap_reader_read(reader, table, err);
        check_stream(reader, *table, status, err);
    }
    vmap_reader_free(reader);
    return status;
}

char *write_out(const vmap_table *t)
{
    buffer b = {0};
    char *text = NULL;

    for (size_t r = 0; r < vmap_table_rows(t); r++) {
        buffer_put(&b, r ? "; " : "");
        for (size_t j = 0; j < vmap_table_columns(t); j++)
            write_cell(&b, t, j, r);
    }
    buffer_put(&b, "");
    CHECK_OK(buffer_take(&b, &text, NULL, NULL), NULL);
    return text;
}

void check_file(const char *path, const vmap_read_options *options, const char *wishes, const char *want)
{
    vmap_table *t = NULL;
    vmap_error err;

    if (CHECK_OK(read_columns(path, options, wishes, NULL, &t, &err), &err)) {
        char *got = write_out(t);

        CHECK_TEXT(got, want);
        free(got);
    } else {
        fprintf(stderr, "  file %s\n", path);
    }
    vmap_table_free(t);
}

void check_refused(const char *path, const vmap_read_options *options, const char *wishes, vmap_status status,
                   const char *words)
{
    vmap_table *t = NULL;
    vmap_error err;
    char kept[300];

    snprintf(kept, sizeof kept, "%s", path);
    CHECK_FAILS(read_columns(kept, options, wishes, NULL, &t, &err), status, &err, words);
    CHECK(t == NULL);
    vmap_table_free(t);
}
