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
cosine <- function(o) { # shuffled rows of the model
  sx <- scale(x); bh <- coef(lm(h ~ sx))[-1, ]; bm <- coef(lm(m[o, ] ~ sx))[-1, ]
  sum(bh * bm) / sqrt(sum(bh^2) * sum(bm^2))
}
set.seed(3)
big <- 20000
p <- mean(c(TRUE, replicate(big, cosine(sample(n))) >= cosine(1:n)))
put("angle_p", p, 5 * sqrt(p * (1 - p) * (1 / big + 1 / 9999)) + 1e-4, from("20000 random permutations"))
