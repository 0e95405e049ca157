# Reference values of src/mapping/compare.c: one mapping against another of the same nations.
# Run in this folder:  Rscript mapping_compare.R
# Data are made up here and written out first: 16 nations, 2 predictors, 3 outcomes of people and of a model.
suppressMessages({library(sandwich); library(car)})
source("write.R")
put <- begin("mapping_compare", c("sandwich", "car"))
from <- function(f) paste0("R ", getRversion(), ", ", f)

set.seed(11)
n <- 16; k <- 3
x <- round(matrix(rnorm(n * 2), n), 2)
h <- round(3 + x %*% matrix(c(.3, -.2, .1, .4, 0, .2), 2) + .3 * matrix(rnorm(n * k), n), 2)
m <- round(3.2 + x %*% matrix(c(.5, -.2, .3, .5, .2, .1), 2) + .15 * matrix(rnorm(n * k), n), 2)
put("x", x, 0, "made up"); put("human", h, 0, "made up"); put("model", m, 0, "made up")
d <- m - h

# stacked: both rows of a nation, clustered by nation; Wald of the interactions in one outcome
for (o in 1:k) {
  s <- data.frame(y = c(h[, o], m[, o]), a = rep(x[, 1], 2), b = rep(x[, 2], 2), who = rep(0:1, each = n), g = rep(1:n, 2))
  f <- lm(y ~ a + b + who + who:a + who:b, s)
  w <- linearHypothesis(f, c("a:who", "b:who"), vcov. = vcovCL(f, s$g, type = "HC0", cadjust = FALSE), test = "Chisq")
  put(paste0("stacked_", o), w$Chisq[2], 1e-8, from("stacked lm(), sandwich::vcovCL(cluster = nation), car::linearHypothesis()"))
}
# all outcomes at once, of the differences, HC2 across equations by its definition
f <- lm(d ~ x); X <- cbind(1, x); lev <- hatvalues(lm(d[, 1] ~ x))
e <- residuals(f) / sqrt(1 - lev)
bread <- kronecker(diag(k), solve(crossprod(X)))
v <- bread %*% Reduce(`+`, lapply(1:n, function(i) tcrossprod(kronecker(e[i, ], X[i, ])))) %*% bread
stopifnot(max(abs(v[1:3, 1:3] - vcovHC(lm(d[, 1] ~ x), "HC2"))) < 1e-12)
at <- c(2, 3, 5, 6, 8, 9); b <- as.vector(coef(f))[at]
put("wald_all", sum(b * solve(v[at, at], b)), 1e-8, from("by the definition"))
at <- c(2, 5, 8); b <- as.vector(coef(f))[at]
put("wald_first", sum(b * solve(v[at, at], b)), 1e-8, from("by the definition"))

alike <- function(x, h, m) {
  sx <- scale(x)
  bh <- as.matrix(coef(lm(h ~ sx)))[-1, , drop = FALSE]; bm <- as.matrix(coef(lm(m ~ sx)))[-1, , drop = FALSE]
  share <- function(y) { r <- as.matrix(residuals(lm(y ~ sx))); 1 - sum(r^2) / sum(scale(y, scale = FALSE)^2) }
  c(acos(sum(bh * bm) / sqrt(sum(bh^2) * sum(bm^2))) * 180 / pi, sqrt(sum(bm^2) / sum(bh^2)), share(h), share(m), share(m) / share(h))
}
jack <- function(o) {
  a <- alike(x, h[, o], m[, o])
  r <- sapply(1:n, function(i) log(alike(x[-i, ], h[-i, o], m[-i, o])[c(2, 5)]))
  w <- exp(qt(.975, n - 1) * sqrt((n - 1) / n * rowSums((r - rowMeans(r))^2)))
  c(a, a[2] / w[1], a[2] * w[1], a[5] / w[2], a[5] * w[2])
}
put("alike", cbind(jack(1:3), jack(1), jack(2), jack(3)), 1e-8, from("lm() of scale()d predictors; jackknife by refitting"))
# without noise: HC2 variances and covariances of standardised coefficients taken off, by the definition; adjusted R2
true_alike <- function(x, h, m) {
  h <- as.matrix(h); m <- as.matrix(m); n <- nrow(x); X <- cbind(1, scale(x)); A <- (solve(crossprod(X)) %*% t(X))[-1, ]
  bh <- A %*% h; bm <- A %*% m; lev <- diag(X %*% solve(crossprod(X)) %*% t(X))
  noise <- function(a, b) sum(sapply(1:ncol(a), function(o) sum(A^2 %*% (a[, o] * b[, o] / (1 - lev)))))
  eh <- h - X %*% solve(crossprod(X), crossprod(X, h)); em <- m - X %*% solve(crossprod(X), crossprod(X, m))
  sh <- sum(bh^2) - noise(eh, eh); sm <- sum(bm^2) - noise(em, em); s <- sum(bh * bm) - noise(eh, em)
  adjusted <- function(y, e) 1 - sum(e^2) / sum(scale(y, scale = FALSE)^2) * (n - 1) / (n - ncol(x) - 1)
  log_or_na <- function(v) if (is.finite(v) && v > 0) log(v) else NA
  c(if (sh > 0 && sm > 0) s / sqrt(sh * sm) else NA, if (sh > 0 && sm > 0) log(sm / sh) / 2 else NA,
    if (adjusted(m, em) > 0 && adjusted(h, eh) > 0) log(adjusted(m, em) / adjusted(h, eh)) else NA)
}
angle <- function(v) acos(pmin(1, pmax(-1, v))) * 180 / pi
true_jack <- function(o) {
  a <- true_alike(x, h[, o], m[, o])
  r <- sapply(1:n, function(i) true_alike(x[-i, ], h[-i, o], m[-i, o]))
  w <- qt(.975, n - 1) * sqrt((n - 1) / n * rowSums((r - rowMeans(r))^2))
  c(angle(a[1]), angle(a[1] + w[1]), angle(a[1] - w[1]), exp(a[2]), exp(a[2] - w[2]), exp(a[2] + w[2]), exp(a[3]),
    exp(a[3] - w[3]), exp(a[3] + w[3]))
}
put("true_alike", cbind(true_jack(1:3), true_jack(1), true_jack(2), true_jack(3)), 1e-8,
    from("by the definition; jackknife by refitting"))
cosine <- function(o) { # shuffled rows of the model
  sx <- scale(x); bh <- coef(lm(h ~ sx))[-1, ]; bm <- coef(lm(m[o, ] ~ sx))[-1, ]
  sum(bh * bm) / sqrt(sum(bh^2) * sum(bm^2))
}
set.seed(3)
big <- 20000
p <- mean(c(TRUE, replicate(big, cosine(sample(n))) >= cosine(1:n)))
put("angle_p", p, 5 * sqrt(p * (1 - p) * (1 / big + 1 / 9999)) + 1e-4, from("20000 random permutations"))

# sign flips of the nations' differences: all 2^15 patterns
flips <- function(j) {
  full <- cbind(1, x); kept <- full[, -j, drop = FALSE]; y <- scale(d)
  fitted <- kept %*% lm.fit(kept, y)$coefficients; e <- y - fitted
  part <- function(design) { q <- qr.Q(qr(design)); diag(n) - q %*% t(q) }
  a <- part(kept); b <- part(full)
  s <- sapply(0:(2^(n - 1) - 1), function(r) {
    v <- fitted + c(1 - 2 * bitwAnd(bitwShiftR(r, 0:(n - 2)), 1), 1) * e
    left <- colSums((a %*% v)^2); rest <- colSums((b %*% v)^2)
    c((left - rest) / rest, sum(left - rest) / sum(rest))
  })
  rowMeans(s >= s[, 1] * (1 - 1e-10))
}
put("flipped", c(flips(2:3), flips(2)[k + 1], flips(3)[k + 1]), 1e-12, from("share of all 32768 patterns of signs"))
