# Reference values of the bootstrap of the program's own analyses (vmap_factor_bootstrap_new() with another solver than
# components) and of the interval of a group's congruence. Run in this folder:  Rscript resample_solver.R
# The same draws as the program's (resample_draws.py); unweighted least squares and varimax of
# two factors written here, oblimin by GPArotation.
suppressMessages(library(GPArotation))
source("write.R")
put <- begin("resample_solver", "GPArotation")
from <- function(f) paste0("R ", getRversion(), ", ", f)
n <- 240; p <- 8; k <- 2; B <- 99; level <- .9
set.seed(5)
f <- matrix(rnorm(2 * n), n); f[, 2] <- .4 * f[, 1] + f[, 2]; group <- rep(0:1, c(130, 110))
l <- matrix(0, p, k); l[1:4, 1] <- c(.8, .75, .7, .75); l[5:8, 2] <- c(.75, .8, -.7, .7); l[3, 2] <- .2
x <- round(f %*% t(l) + .8 * matrix(rnorm(n * p), n), 1)
put("x", x, 0, "made up"); put("group", group, 0, "made up")
draw <- function(rows) {
  write.table(cbind(0, 1, x[rows, ]), "resample_solver.tmp", sep = "\t", row.names = FALSE, col.names = FALSE)
  drawn <- strsplit(system2("python3", c("resample_draws.py", 7, B, "resample_solver.tmp"), stdout = TRUE), "\t")
  unlink("resample_solver.tmp")
  t(sapply(drawn[-1], as.integer)) }
uls <- function(r) { # psi by quasi-Newton, then Newton with numeric second derivatives
  parts <- function(psi) eigen(r - diag(psi), TRUE)
  value <- function(psi) sum(parts(psi)$values[-(1:k)]^2) / 2
  slope <- function(psi) { e <- parts(psi); -drop(e$vectors[, -(1:k)]^2 %*% e$values[-(1:k)]) }
  psi <- optim(.5 / diag(solve(r)), value, slope, method = "L-BFGS-B", lower = .005, upper = 1)$par
  for (i in 1:6) { h <- sapply(1:p, function(j) { d <- 1e-5 * (1:p == j); (slope(psi + d) - slope(psi - d)) / 2e-5 })
    psi <- psi - solve(h, slope(psi)) }
  stopifnot(max(abs(slope(psi))) < 1e-10, psi > .005) # no Heywood case
  e <- parts(psi); e$vectors[, 1:k] %*% diag(sqrt(e$values[1:k])) }
turn <- function(l) { # Kaiser (1958), p. 193, eq. 8
  y <- l / sqrt(rowSums(l^2)); u <- y[, 1]^2 - y[, 2]^2; v <- 2 * y[, 1] * y[, 2]
  phi <- atan2(2 * sum(u * v) - 2 * sum(u) * sum(v) / p, sum(u^2 - v^2) - (sum(u)^2 - sum(v)^2) / p) / 4
  l %*% matrix(c(cos(phi), sin(phi), -sin(phi), cos(phi)), 2) }
sorted <- function(l, phi) { o <- order(-diag(phi %*% crossprod(l))); s <- sign(colSums(l[, o]))
  list(l = sweep(l[, o], 2, s, "*"), phi = phi[o, o] * (s %o% s)) }
slant <- function(l) { f <- oblimin(l, eps = 1e-8, maxit = 10000); stopifnot(f$convergence); sorted(unclass(f$loadings)[, ], f$Phi) }
solve_one <- list(varimax = function(r) sorted(turn(uls(r)), diag(k)), oblimin = function(r) slant(uls(r)))
phi_of <- function(a, b) crossprod(a, b) / sqrt(colSums(a^2) %o% colSums(b^2))
rigid <- function(l, a) { v <- svd(crossprod(l, a)); v$u %*% t(v$v) }
# oblique replicates change the order and the signs of their factors alone
by_columns <- function(s, a) {
  c <- phi_of(a, s$l); o <- if (sum(abs(diag(c))) >= abs(c[1, 2]) + abs(c[2, 1])) 1:2 else 2:1; g <- sign(diag(phi_of(a, s$l[, o])))
  list(l = sweep(s$l[, o], 2, g, "*"), phi = s$phi[o, o] * (g %o% g)) }
align <- list(varimax = function(s, a) { t <- rigid(s$l, a); list(l = s$l %*% t, phi = t(t) %*% s$phi %*% t) }, oblimin = by_columns)
# Tucker's phi of each factor and of all loadings after rigid rotation of l to a
tucker <- function(a, l) { l <- l %*% rigid(l, a); c(diag(phi_of(a, l)), sum(a * l) / sqrt(sum(a^2) * sum(l^2))) }
sample_of <- function(rows, count) x[rep(rows, count), ]
for (name in names(solve_one)) {
  numbers <- function(s) c(t(s$l), diag(s$l %*% s$phi %*% t(s$l)), s$phi)
  all <- solve_one[[name]](cor(x)); counts <- draw(1:n)
  replicates <- apply(counts, 1, function(c) numbers(align[[name]](solve_one[[name]](cor(sample_of(1:n, c))), all$l)))
  show <- function(what, v) put(paste(name, what, sep = "_"), v, 1e-6,
                                from(trimws(paste("the same draws, unweighted least squares", if (name == "oblimin") "GPArotation::oblimin"))))
  show("estimate", numbers(all)); show("se", apply(replicates, 1, sd))
  show("low", apply(replicates, 1, quantile, (1 - level) / 2)); show("high", apply(replicates, 1, quantile, (1 + level) / 2))
  if (name == "oblimin") next # of some replicates of the group alone GPArotation finds no oblimin solution
  # congruence of group 1 with all: its own respondents are drawn, aligned with its own solution, then with that of all
  rows <- which(group == 1); counts <- draw(rows); own <- solve_one[[name]](cor(x[rows, ]))
  show("own", t(own$l)[TRUE])
  phis <- apply(counts, 1, function(c) tucker(all$l, align[[name]](solve_one[[name]](cor(sample_of(rows, c))), own$l)$l))
  centre <- 2 * tucker(all$l, own$l) - rowMeans(phis); reach <- qnorm((1 + level) / 2) * apply(phis, 1, sd)
  show("congruence_low", pmin(1, centre - reach)); show("congruence_high", pmin(1, centre + reach))
}
