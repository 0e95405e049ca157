#ifndef CORE_PARALLEL_H
#define CORE_PARALLEL_H

#include <stdbool.h>
#include <stddef.h>

/* Run task(context, i) for i = 0 .. count-1 on up to `threads` threads (0: one per processor that
 * this process may use) and return when all are done; not exported.
 *
 * Tasks are handed out in order, each exactly once. A task writes only to its own part of the
 * context, so that the result is the same for any number of threads. BLAS calls inside tasks are
 * right in any case and fast when OpenBLAS is limited to one thread. Where threads cannot be
 * started, the calling thread does the work. */
void parallel_for(size_t count, unsigned threads, void (*task)(void *context, size_t i),
                  void *context);

/* The same for tasks that can fail, of memory that is short for instance: true when all returned true. Each is run in any case. */
bool parallel_try(size_t count, unsigned threads, bool (*task)(void *context, size_t i), void *context);

/* Number of threads that `threads` = 0 stands for. */
unsigned parallel_processors(void);

#endif
