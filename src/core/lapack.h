#ifndef CORE_LAPACK_H
#define CORE_LAPACK_H

/* The routines of LAPACK that OpenBLAS brings, by their Fortran names; not exported. GSL's headers and
 * those of OpenBLAS do not go together in one file. Matrices are stored by columns: a symmetric matrix
 * of GSL is the same either way, with "U" for GSL's lower triangle. */

void dsyevd_(const char *job, const char *triangle, const int *n, double *a, const int *lda,
             double *values, double *work, const int *lwork, int *iwork, const int *liwork,
             int *info);
void dsyevr_(const char *job, const char *range, const char *triangle, const int *n, double *a,
             const int *lda, const double *from, const double *to, const int *first,
             const int *last, const double *tolerance, int *found, double *values, double *vectors,
             const int *ldz, int *support, double *work, const int *lwork, int *iwork,
             const int *liwork, int *info);
void dgesvd_(const char *jobu, const char *jobvt, const int *m, const int *n, double *a,
             const int *lda, double *values, double *u, const int *ldu, double *vt,
             const int *ldvt, double *work, const int *lwork, int *info);

/* Tridiagonal form (d, beside it e), its eigenvectors of given values, and those of the matrix. */
void dsytrd_(const char *triangle, const int *n, double *a, const int *lda, double *d, double *e, double *tau,
             double *work, const int *lwork, int *info);
void dstein_(const int *n, const double *d, const double *e, const int *m, const double *values, const int *block,
             const int *split, double *vectors, const int *ldz, double *work, int *iwork, int *failed, int *info);
void dormtr_(const char *side, const char *triangle, const char *transpose, const int *m, const int *n,
             const double *a, const int *lda, const double *tau, double *c, const int *ldc, double *work,
             const int *lwork, int *info);
void dsterf_(const int *n, double *d, double *e, int *info); /* all eigenvalues of the tridiagonal form */
void dpotrf_(const char *triangle, const int *n, double *a, const int *lda, int *info);
void dpotri_(const char *triangle, const int *n, double *a, const int *lda, int *info);
void dtrtri_(const char *triangle, const char *diagonal, const int *n, double *a, const int *lda, int *info);

#endif
