# Reference values of vmap_structure_interval(): intervals of congruence from replicates of two factor solutions, which are made
# up here (loadings near a key, in arbitrary rotations).
# Run in this folder:  Rscript morality_interval.R
source("write.R")
put <- begin("morality_interval", character())
from <- paste0("R ", getRversion(), ", svd(), by the definition")
set.seed(11)
p <- 12; k <- 3; B <- 60
key <- diag(k)[rep(1:k, each = 4), ]
near <- function(centre, sd) round((centre + matrix(rnorm(p * k, 0, sd), p)) %*% qr.Q(qr(matrix(rnorm(k * k), k))), 4)
one <- .6 * key + .1; two <- one + round(matrix(rnorm(p * k, 0, .35), p), 2)
a <- near(one, 0); b <- near(two, 0)
A <- lapply(1:B, function(i) near(one, .08)); D <- lapply(1:(B + 3), function(i) near(two, .12))
rows <- function(l) do.call(rbind, lapply(l, function(m) as.vector(t(m)))) # a replicate in each row, row after row
put("key", key, 0, "made up"); put("a", a, 0, "made up"); put("b", b, 0, "made up")
put("a_replicates", rows(A), 0, "made up"); put("b_replicates", rows(D), 0, "made up")
turn <- function(to, x) { s <- svd(t(x) %*% to); x %*% s$u %*% t(s$v) }
phi <- function(x, y) c(colSums(x * y) / sqrt(colSums(x^2) * colSums(y^2)), sum(x * y) / sqrt(sum(x^2) * sum(y^2)))
pair <- function(x, y) { x <- turn(key, x); phi(x, turn(x, y)) }
interval <- function(estimate, r) {
  centre <- 2 * estimate - rowMeans(r); reach <- qnorm(.975) * apply(r, 1, sd)
  cbind(pmin(1, centre - reach), pmin(1, centre + reach))
}
put("aligned", turn(key, a), 1e-12, from)
put("pair", interval(pair(a, b), sapply(1:B, function(i) pair(A[[i]], D[[i]]))), 1e-10, from)
put("with_key", interval(phi(key, turn(key, b)), sapply(D, function(m) phi(key, turn(key, m)))), 1e-10, from)
