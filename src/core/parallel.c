#include <config.h>
#include "core/parallel.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

enum { THREADS_MAX = 64 };

typedef struct {
    atomic_size_t next;
    size_t count;
    void (*task)(void *context, size_t i);
    void *context;
} queue;

static void *work(void *data)
{
    queue *q = data;
    size_t i;

    while ((i = atomic_fetch_add(&q->next, 1)) < q->count)
        q->task(q->context, i);
    return NULL;
}

unsigned parallel_processors(void)
{
    cpu_set_t set;
    int count = 0;

    if (sched_getaffinity(0, sizeof set, &set) == 0)
        count = CPU_COUNT(&set);
    return count < 1 ? 1 : count > THREADS_MAX ? THREADS_MAX : (unsigned)count;
}

void parallel_for(size_t count, unsigned threads, void (*task)(void *context, size_t i),
                  void *context)
{
    pthread_t others[THREADS_MAX];
    queue q = {.count = count, .task = task, .context = context};
    unsigned started = 0;

    if (threads == 0)
        threads = parallel_processors();
    if (threads > THREADS_MAX)
        threads = THREADS_MAX;
    if (threads > count)
        threads = (unsigned)count;
    while (started + 1 < threads && pthread_create(&others[started], NULL, work, &q) == 0)
        started++;
    work(&q);
    while (started > 0)
        pthread_join(others[--started], NULL);
}

typedef struct {
    bool (*task)(void *context, size_t i);
    void *context;
    atomic_bool failed;
} trial;

static void try_one(void *context, size_t i)
{
    trial *t = context;

    if (!t->task(t->context, i))
        atomic_store(&t->failed, true);
}

bool parallel_try(size_t count, unsigned threads, bool (*task)(void *context, size_t i), void *context)
{
    trial t = {.task = task, .context = context};

    parallel_for(count, threads, try_one, &t);
    return !atomic_load(&t.failed);
}
