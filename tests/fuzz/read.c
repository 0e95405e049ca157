#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "valuemap.h"

/* Fuzzing of the readers of texts (CSV, JSON Lines, long layout, text answers) with libFuzzer; by hand, in a build
 * folder that was configured with clang, LIBS being the libraries that its Makefile names:
 *
 *   clang -g -O1 -fsanitize=address,undefined,fuzzer -D_GNU_SOURCE -I. -I../include -I../src ../tests/fuzz/read.c \
 *     ../src/data/[a-z]*.c ../src/core/[a-z]*.c LIBS -o fuzz-read
 *   mkdir -p corpus && ./fuzz-read -max_len=4096 corpus
 *
 * The first byte chooses the options, the rest is the file. Packed files and those of statistical packages are parsed
 * in a child process; here they are passed over. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static int fd = -1;
    vmap_read_options o;
    vmap_reader *r = NULL;
    vmap_table *t = NULL;
    vmap_error err;
    char path[64], as[32];
    vmap_status status;

    if (n < 2)
        return 0;
    if (fd < 0)
        fd = memfd_create("fuzz", 0);
    if (ftruncate(fd, 0) || pwrite(fd, data + 1, n - 1, 0) != (ssize_t)(n - 1))
        return 0;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    vmap_read_defaults(&o);
    o.layout = data[0] & 1 ? "detect" : NULL;
    o.text_answers = data[0] & 2;
    o.text_is_missing = data[0] & 4;
    o.threads = data[0] & 8 ? 2 : 1;
    o.max_errors = data[0] & 16 ? 5 : 1;
    o.id = data[0] & 32 && data[1] == '{' ? "custom_id=model|persona|item" : NULL;
    status = vmap_reader_open(path, &o, &r, &err);
    for (size_t i = 0; !status && i < vmap_reader_columns(r) && i < 8; i++) {
        snprintf(as, sizeof as, "%zu", i);
        status = vmap_reader_want(r, i, (vmap_kind)((data[0] >> 6) + i) % 3, as, NULL, &err);
    }
    if (!status)
        status = vmap_reader_read(r, &t, &err);
    vmap_table_free(t);
    vmap_reader_free(r);
    return 0;
}
