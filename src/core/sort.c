#include <config.h>
#include "core/sort.h"

#include <gsl/gsl_sort.h>

enum { SHORT = 24, SAMPLE = 32 };

static void insert(double *x, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        double v = x[i];
        size_t j = i;

        for (; j > 0 && x[j - 1] > v; j--)
            x[j] = x[j - 1];
        x[j] = v;
    }
}

static double middle(double a, double b, double c)
{
    double low = a < b ? a : b, high = a < b ? b : a;

    return c < low ? low : c > high ? high : c;
}

/* Where the second part begins: none of the first is larger than any of it, and neither is empty. The pivot is one of x. */
static size_t part(double *x, size_t n, double pivot)
{
    size_t i = 0, j = n - 1;

    for (;; i++, j--) {
        double swap;

        while (x[i] < pivot)
            i++;
        while (pivot < x[j])
            j--;
        if (i >= j)
            return i > 0 ? i : 1;
        swap = x[i];
        x[i] = x[j];
        x[j] = swap;
    }
}

/* `depth`: how often it may divide before it has gone wrong. */
static void divide(double *x, size_t n, unsigned depth)
{
    while (n > SHORT) {
        size_t i;

        if (depth-- == 0) {
            gsl_sort(x, 1, n);
            return;
        }
        i = part(x, n, middle(x[0], x[n / 2], x[n - 1]));
        if (i < n - i) { /* the shorter part first */
            divide(x, i, depth);
            x += i;
            n -= i;
        } else {
            divide(x + i, n - i, depth);
            n = i;
        }
    }
    insert(x, n);
}

static unsigned depth_of(size_t n)
{
    unsigned depth = 2;

    for (; n; n /= 2)
        depth += 2;
    return depth;
}

/* A pivot between x[k], were it sorted, and the middle, as a sample suggests: one pass then leaves hardly more than the tail. */
static double pivot_near(const double *x, size_t n, size_t k)
{
    double sample[SAMPLE];
    size_t rank = (size_t)((double)k / (double)n * SAMPLE);

    if (n < 8 * SAMPLE)
        return middle(x[0], x[n / 2], x[n - 1]);
    for (size_t i = 0; i < SAMPLE; i++)
        sample[i] = x[i * (n / SAMPLE)];
    insert(sample, SAMPLE);
    return sample[rank < SAMPLE / 2 ? rank + 2 : rank - 2];
}

void sort_until(double *x, size_t n, size_t k)
{
    unsigned depth = depth_of(n);

    while (n > SHORT && depth-- > 0) {
        size_t i = part(x, n, pivot_near(x, n, k));

        if (k < i) {
            n = i;
        } else {
            x += i;
            n -= i;
            k -= i;
        }
    }
    sort_numbers(x, n);
}

void sort_numbers(double *x, size_t n)
{
    divide(x, n, depth_of(n));
}
