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

typedef struct {
    unsigned char done[100];
    size_t fails; /* the task that does; 100: none */
} trials;

static bool try_call(void *context, size_t i)
{
    trials *t = context;

    t->done[i]++;
    return i != t->fails;
}

static void one_failure_is_told_and_stops_nothing(void)
{
    for (unsigned threads = 1; threads < 5; threads++) {
        for (size_t fails = 0; fails <= 100; fails += 50) {
            trials t = {.fails = fails};
            size_t once = 0;

            CHECK(parallel_try(100, threads, try_call, &t) == (fails == 100));
            for (size_t i = 0; i < 100; i++)
                once += t.done[i] == 1;
            CHECK_COUNT(once, 100);
        }
    }
}

static void there_is_at_least_one_processor(void)
{
    CHECK(parallel_processors() >= 1 && parallel_processors() <= 64);
}

static const test_case cases[] = {
    TEST(every_task_is_done_exactly_once),
    TEST(one_failure_is_told_and_stops_nothing),
    TEST(there_is_at_least_one_processor),
};
SUITE(core_parallel_suite, cases);
