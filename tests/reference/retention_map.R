# Does MAP with fourth powers find factors that correlate? Run in this folder:  Rscript retention_map.R
# The population of tests/bench/factor_recovery.c: three factors of four items, loadings .5 .. .8, correlations 0 and .3. The
# criterion by O'Connor's published program (2000, Behav. Res. Methods 32, 396-402): sums over all elements off the diagonal.
source("write.R")
put <- begin("retention_map", "psych")
from <- function(f) paste0("R ", getRversion(), ", ", f)
p <- 12; k <- 3; n <- 500; samples <- 200
l <- matrix(0, p, k); for (i in 1:p) l[i, (i - 1) %/% 4 + 1] <- .5 + .1 * ((i - 1) %% 4)
maps <- function(r, power) { e <- eigen(r, TRUE); a <- e$vectors %*% diag(sqrt(e$values))
  c(sum(r^power) - p, sapply(1:(p - 2), function(m) { c <- r - tcrossprod(a[, 1:m, drop = FALSE]); d <- diag(1 / sqrt(diag(c)))
    sum((d %*% c %*% d)^power) - p })) / (p * (p - 1)) }
least <- function(r, power) which.min(maps(r, power)) - 1
for (phi in c(0, .3)) {
  r <- l %*% (diag(1 - phi, k) + phi) %*% t(l); diag(r) <- 1; tag <- if (phi) "correlated" else "uncorrelated"
  put(paste0(tag, "_population"), c(least(r, 2), least(r, 4)), 0, from("which.min(), MAP and MAP4"))
  set.seed(1); root <- suppressWarnings(chol(r))
  hits <- rowMeans(replicate(samples, { s <- cor(matrix(rnorm(n * p), n) %*% root); c(least(s, 2), least(s, 4)) == k }))
  put(paste0(tag, "_hits"), hits, 0, from("share of 200 samples of 500 where three factors are named, MAP and MAP4"))
}
s <- cor(matrix(rnorm(n * p), n) %*% root)
put("sample_r", s, 0, "a sample of the correlated population")
put("sample_map", maps(s, 2)[1:8], 1e-11, from("by O'Connor (2000)"))
put("sample_map4", maps(s, 4)[1:8], 1e-11, from("by O'Connor (2000)"))
put("sample_least", c(least(s, 2), least(s, 4)), 0, from("which.min()"))
# psych has the second powers only, from one component on
stopifnot(max(abs(psych::vss(s, n = 6, n.obs = n, plot = FALSE, fm = "pc")$map[1:6] - maps(s, 2)[2:7])) < 1e-9)
