# Reference values of src/mapping with weights and within strata, on the made-up data of mapping.R.
# Run in this folder:  Rscript mapping_weights.R
# Weights are the numbers 1 to 3. Whatever weights do, rows that are written down as often as they weigh must do, too: the
# statistics of signs are found from such rows, without weights.
suppressMessages({library(sandwich); library(car); library(lme4)})
source("write.R")
put <- begin("mapping_weights", c("sandwich", "car", "lme4"))
from <- function(f) paste0("R ", getRversion(), ", ", f)
all <- read.delim("mapping.tsv", comment.char = "#")
matrix_of <- function(name) { a <- all[all$quantity == name, ]; m <- matrix(NA_real_, max(a$row), max(a$col))
  m[cbind(a$row, a$col)] <- as.numeric(a$value); m }
x <- matrix_of("x"); y <- matrix_of("y"); g <- as.vector(matrix_of("cluster"))
w <- rep(c(1, 3, 2, 1, 2), length.out = 24)
put("weights", w, 0, "made up")
often <- rep(1:24, w)

# least squares, errors by cluster: of rows written down w times
d <- data.frame(x1 = x[, 1], x2 = x[, 2], x3 = x[, 3], y = y[, 1], g = factor(g))
m <- lm(y ~ x1 + x2 + x3, d[often, ])
put("b", coef(m), 1e-10, from("lm() of rows written down w times"))
put("se_cr2", sqrt(diag(vcovCL(m, d$g[often], type = "HC2"))), 1e-10, from("sandwich::vcovCL(type = 'HC2') of these rows"))
put("vif", vif(lm(y ~ x1 + x2 + x3, d, weights = w)), 1e-10, from("car::vif() of lm(weights)"))
stopifnot(abs(vif(m) - vif(lm(y ~ x1 + x2 + x3, d, weights = w))) < 1e-10)
put("beta", coef(lm(scale(y) ~ scale(cbind(x1, x2, x3)), d[often, ]))[-1], 1e-10, from("lm() of scale()d rows"))

# degrees of freedom of Bell and McCaffrey, by the definition with matrices of these rows
X <- cbind(1, x)[often, ]; h <- g[often]; n <- nrow(X)
H <- X %*% solve(crossprod(X)) %*% t(X)
root <- function(a) { s <- eigen(a, symmetric = TRUE); s$vectors %*% (t(s$vectors) / sqrt(s$values)) }
put("df_cr2", sapply(1:4, function(j) {
  p <- sapply(0:8, function(c) {
    i <- which(h == c)
    (diag(n) - H)[, i, drop = FALSE] %*% root(diag(length(i)) - H[i, i, drop = FALSE]) %*% X[i, , drop = FALSE] %*%
      solve(crossprod(X))[, j]
  })
  sum(diag(crossprod(p)))^2 / sum(crossprod(p)^2)
}), 1e-9, from("by the definition, of rows written down w times"))

# sign flips: every pattern of the nine clusters, by refitting
ratio <- function(full, kept, y) {
  a <- colSums(as.matrix(lm.fit(kept, y)$residuals)^2); b <- colSums(as.matrix(lm.fit(full, y)$residuals)^2)
  c((a - b) / b, sum(a - b) / sum(b))
}
flips <- function(x, y, g, j, statistic) { # j: columns of the design that are tested
  full <- cbind(1, x); kept <- full[, -j, drop = FALSE]; y <- scale(y); g <- match(g, unique(g)); G <- max(g)
  fitted <- kept %*% lm.fit(kept, y)$coefficients; e <- y - fitted
  s <- sapply(0:(2^(G - 1) - 1), function(r) {
    sign <- c(1 - 2 * bitwAnd(bitwShiftR(r, 0:(G - 2)), 1), 1)
    statistic(full, kept, fitted + sign[g] * e, g)
  })
  rowMeans(s >= s[, 1] * (1 - 1e-10))
}
by_ratio <- function(full, kept, y, g) ratio(full, kept, y)
by_t <- function(j) function(full, kept, y, g) {
  s <- apply(y, 2, function(v) { m <- lm(v ~ full - 1); coef(m)[j]^2 / vcovCL(m, g, type = "HC1")[j, j] })
  c(s, sum(s))
}
share <- function(what) from(paste0("share of all 256 patterns of signs, ", what))
put("flip_whole", flips(x[often, ], y[often, ], g[often], 2:4, by_ratio), 1e-12, share("lm.fit() of rows written down w times"))
put("flip_ratio", flips(x[often, ], y[often, ], g[often], 3, by_ratio), 1e-12, share("lm.fit() of rows written down w times"))
put("flip_t", sapply(2:4, function(j) flips(x[often, ], y[often, ], g[often], j, by_t(j))), 1e-12,
    share("sandwich::vcovCL(type = 'HC1') of rows written down w times"))

# the same within three strata: an intercept for each, which is not tested
stratum <- c(7, 2, 7, 0, 2, 7, 0, 2, 0)[g + 1]
put("stratum", stratum, 0, "made up")
dummy <- cbind(stratum == 2, stratum == 0) * 1
put("zones_whole", flips(cbind(dummy, x), y, g, 4:6, by_ratio), 1e-12, share("lm.fit() with dummies of the strata"))
put("zones_ratio", flips(cbind(dummy, x), y, g, 5, by_ratio), 1e-12, share("lm.fit() with dummies of the strata"))
put("zones_weighted", flips(cbind(dummy, x)[often, ], y[often, ], g[often], 5, by_t(5)), 1e-12,
    share("vcovCL(type = 'HC1') of rows written down w times, dummies of the strata"))

# random intercepts with weights of mean 1: zero of the derivative of lme4's own deviance, as in mapping.R
for (reml in c(TRUE, FALSE)) {
  d$w <- w / mean(w)
  f <- lFormula(y ~ x1 + x2 + x3 + (1 | g), d, weights = w, REML = reml)
  dev <- do.call(mkLmerDevfun, f)
  e <- 1e-3
  slope <- function(t) (dev(t - 2 * e) - 8 * dev(t - e) + 8 * dev(t + e) - dev(t + 2 * e)) / (12 * e)
  theta <- uniroot(slope, c(.05, 3), tol = 1e-14)$root
  dev(theta)
  fit <- mkMerMod(environment(dev), list(par = theta, fval = dev(theta), feval = 1, conv = 0, message = ""), f$reTrms, f$fr)
  tag <- if (reml) "reml" else "ml"
  put(paste0(tag, "_b"), fixef(fit), 1e-8, from("lme4::lmer(weights = w / mean(w)), optimum polished"))
  put(paste0(tag, "_se"), sqrt(diag(as.matrix(vcov(fit)))), 1e-8, from("lme4::lmer(weights = w / mean(w)), optimum polished"))
  put(paste0(tag, "_variances"), c(as.numeric(VarCorr(fit)$g), sigma(fit)^2), 1e-8,
      from("lme4::lmer(weights = w / mean(w)), optimum polished"))
  put(paste0(tag, "_deviance"), -2 * as.numeric(logLik(fit)), 1e-8, from("lme4, logLik()"))
}
