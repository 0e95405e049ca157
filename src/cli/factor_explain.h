#ifndef CLI_FACTOR_EXPLAIN_H
#define CLI_FACTOR_EXPLAIN_H

#include "cli/factor.h"
#include "core/buffer.h"

/* The parts of the explanation (--explain). Everything that is worked by hand is worked with the numbers as they are
 * shown, so that a reader with a pocket calculator gets what is printed; where the program's own number, which was never
 * rounded, differs in the last digit, it stands beside. */

/* x with so many decimals, as printf rounds it. */
double explain_shown(double x, int decimals);
void explain_heading(buffer *b, int number, const char *title);
/* " = 0.562", and in brackets the exact number where rounding makes another one of it. */
void explain_result(buffer *b, double worked, double exact, int decimals);
/* A number within a sum or product: negative ones in brackets. */
void explain_factor(buffer *b, double x, int decimals);
/* "a x b + c x d = sum" of row i of m with row j of n, three decimals; returns the sum as it is shown. */
double explain_products(buffer *b, const gsl_matrix *m, size_t i, const gsl_matrix *n, size_t j);
/* A name in `width` terminal columns, cut or filled up; to the right: at their end. */
void explain_name(buffer *b, const char *name, size_t width, bool right);
/* The first rows and columns of a matrix; names NULL: factors. */
void explain_matrix(buffer *b, const gsl_matrix *m, size_t rows, size_t columns, char *const *row, char *const *column);

/* factor_explain_pair.c: what the correlation of the first two items is. */
void explain_pair(buffer *b, const factor_work *w);
/* factor_explain_loadings.c: parts 4 and 5. */
void explain_extraction(buffer *b, const factor_work *w);
void explain_rotation(buffer *b, const factor_work *w);
/* factor_explain_score.c: part 8. */
void explain_score(buffer *b, const factor_work *w);

#endif
