# Reference values of src/compare/noise.c: the permutation test, the floor and standard errors without chance, by going
# through all samples of a small case. Tolerances: four standard errors of 20,000 replicates.
# Run in this folder:  Rscript noise.R
source("write.R")
put <- begin("noise")
codes <- 1:3
tv <- function(p, q) sum(abs(p - q)) / 2
w1 <- function(p, q) sum(abs(cumsum(p - q))[1:2])
md <- function(p, q) abs(sum((q - p) * codes))
tables <- function(n) { # all counts of n on three points
  g <- expand.grid(a = 0:n, b = 0:n)
  g <- g[g$a + g$b <= n, ]
  cbind(g$a, g$b, n - g$a - g$b)
}
x <- c(2, 5, 7); y <- c(5, 3, 1) # people, personas
n <- sum(x); m <- sum(y)
draws <- 20000
all <- tables(n)
all <- all[apply(all, 1, function(r) all(r <= x + y)), ]
weight <- apply(all, 1, function(r) exp(sum(lchoose(x + y, r)) - lchoose(n + m, n)))
stopifnot(abs(sum(weight) - 1) < 1e-12)
for (i in 1:3) {
  f <- list(tv, w1, md)[[i]]
  d <- apply(all, 1, function(r) f(r / n, (x + y - r) / m))
  p <- sum(weight[d >= f(x / n, y / m) - 1e-10])
  put(paste0("p_", c("tv", "w1", "mean_difference")[i]), p, 4 * sqrt(p * (1 - p) / draws) + 1 / draws, "all tables with these margins, dhyper")
}
# two samples of the people's distribution
a <- tables(n); b <- tables(m)
pa <- apply(a, 1, dmultinom, prob = x / n); pb <- apply(b, 1, dmultinom, prob = x / n)
for (i in 1:2) {
  f <- list(tv, w1)[[i]]
  d <- outer(seq_along(pa), seq_along(pb), Vectorize(function(r, s) f(a[r, ] / n, b[s, ] / m)))
  w <- outer(pa, pb)
  mean <- sum(w * d); sd <- sqrt(sum(w * d^2) - mean^2)
  put(paste0("floor_", c("tv", "w1")[i]), mean, 4 * sd / sqrt(draws), "all pairs of samples, dmultinom")
  put(paste0("floor_sd_", c("tv", "w1")[i]), sd, 4 * sd / sqrt(2 * draws) * 1.5, "all pairs of samples, dmultinom")
}
v <- function(x) { p <- x / sum(x); sum(p * codes^2) - sum(p * codes)^2 }
se <- sqrt(v(x) / n + v(y) / m)
put("se_mean_difference", se, 4 * se / sqrt(2 * draws), "standard error of a difference of means, divisor n")
all <- tables(7); all <- all[apply(all, 1, function(r) all(r <= x)), ]
# halves of the people, drawn without putting back
weight <- apply(all, 1, function(r) exp(sum(lchoose(x, r)) - lchoose(14, 7)))
d <- apply(all, 1, function(r) tv(r / 7, (x - r) / 7))
mean <- sum(weight * d)
put("halves_tv", mean, 4 * sqrt(sum(weight * d^2) - mean^2) / sqrt(draws), "all halves of 14 people, dhyper")
