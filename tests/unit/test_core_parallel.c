#include <config.h>

#include <stdlib.h>

#include "core/parallel.h"
#include "support/check.h"

static void count_call(void *context, size_t i)
{
    ((unsigned char *)context)[i]++;
}

static void every_task_is_done_exactly_once(void)
{
    static const unsigned threads[] = {0, 1, 2, 3, 7, 64, 1000};

    for (size_t t = 0; t < sizeof threads / sizeof *threads; t++) {
        for (size_t count = 0; count < 300; count += 1 + count / 3) {
            unsigned char *done = calloc(count + 1, 1);
            size_t once = 0;

            parallel_for(count, threads[t], count_call, done);
            for (size_t i = 0; i < count; i++)
                once += done[i] == 1;
            CHECK_COUNT(once, count);
            CHECK_COUNT(done[count], 0);
            free(done);
        }
    }
}

static void there_is_at_least_one_processor(void)
{
    CHECK(parallel_processors() >= 1 && parallel_processors() <= 64);
}

static const test_case cases[] = {
    TEST(every_task_is_done_exactly_once),
    TEST(there_is_at_least_one_processor),
};
SUITE(core_parallel_suite, cases);
