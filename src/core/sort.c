#include <config.h>
#include "core/sort.h"

#include <gsl/gsl_sort.h>

enum { SHORT = 24 };

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

/* `depth`: how often it may divide before it has gone wrong. */
static void divide(double *x, size_t n, unsigned depth)
{
    while (n > SHORT) {
        double pivot = middle(x[0], x[n / 2], x[n - 1]);
        size_t i = 0, j = n - 1;

        if (depth-- == 0) {
            gsl_sort(x, 1, n);
            return;
        }
        for (;; i++, j--) {
            double swap;

            while (x[i] < pivot)
                i++;
            while (pivot < x[j])
                j--;
            if (i >= j)
                break;
            swap = x[i];
            x[i] = x[j];
            x[j] = swap;
        }
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

void sort_numbers(double *x, size_t n)
{
    unsigned depth = 2;

    for (size_t m = n; m; m /= 2)
        depth += 2;
    divide(x, n, depth);
}
