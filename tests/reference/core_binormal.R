# Reference values of src/core/binormal.c: P(X > h, Y > k) of two standard normal variables with
# correlation r. Run in this folder:  Rscript core_binormal.R > core_binormal.tsv
# Two ways that share nothing: mvtnorm's pmvnorm (algorithm TVPACK), whose value is written, and
# numerical integration of  dnorm(x) pnorm((r x - k) / sqrt(1 - r^2))  over x > h, split where the
# integrand bends; they must agree to 1e-13.
library(mvtnorm)
h <- c(0, 0, 0.3, 1.2, -0.7, 2.5, -1.5, 3.1, -4, 0.5, 6, 1)
k <- c(0, 1, -0.8, 1.1, -0.7, -2, -2.2, 3, 1.7, 0.5000001, 5.5, -1)
r <- c(-0.999999, -0.99, -0.93, -0.92, -0.6, -0.2, 0.1, 0.29, 0.31, 0.74, 0.76, 0.924, 0.926, 0.97,
       0.9999, 0.99999999)
integral <- function(h, k, r) {
  s <- sqrt((1 - r) * (1 + r))
  f <- function(x) dnorm(x) * pnorm((r * x - k) / s)
  bend <- k / r
  cuts <- sort(unique(c(h, bend + s * c(-40, -10, -3, 0, 3, 10, 40), -1, 0, 1, 3, 6, 12)))
  cuts <- cuts[cuts >= h & cuts <= 12]
  sum(mapply(function(a, b) integrate(f, a, b, rel.tol = 1e-14, abs.tol = 1e-16,
                                      stop.on.error = FALSE)$value, head(cuts, -1), cuts[-1]))
}
cat("quantity\trow\tcol\tvalue\ttolerance\tsource\n")
worst <- 0
for (i in seq_along(h)) for (j in seq_along(r)) {
  p <- pmvnorm(lower = c(h[i], k[i]), corr = matrix(c(1, r[j], r[j], 1), 2),
               algorithm = TVPACK(abseps = 1e-16))
  worst <- max(worst, abs(p - integral(h[i], k[i], r[j])))
  cat(sprintf("upper\t%d\t%d\t%.17g\t1e-14\tmvtnorm %s, h = %.8g, k = %.8g, r = %.9g\n", i, j, p,
              packageVersion("mvtnorm"), h[i], k[i], r[j]))
}
message("largest difference between the two ways: ", worst)
stopifnot(worst < 1e-13)
