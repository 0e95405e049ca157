# Reference values of src/mapping: how outcomes go with predictors.
# Run in this folder:  Rscript mapping.R
# Data are made up here (rounded random numbers) and written out first: 24 rows in 9 clusters of unequal
# size, 3 predictors of which the first is the same within a cluster, 4 outcomes.
suppressMessages({library(sandwich); library(car); library(MASS); library(pls); library(vegan); library(lme4)})
source("write.R")
put <- begin("mapping", c("sandwich", "car", "MASS", "pls", "vegan", "lme4"))
from <- function(f) paste0("R ", getRversion(), ", ", f)

set.seed(7)
n <- 24; k <- 4
g <- c(0, 0, 0, 1, 1, 2, 2, 2, 2, 3, 3, 4, 5, 5, 5, 6, 6, 7, 7, 7, 7, 8, 8, 8)
x <- round(cbind(rnorm(9)[g + 1], rnorm(n), rnorm(n)), 2)
x[, 3] <- round(x[, 3] + .5 * x[, 2], 2)
y <- round(3 + x %*% matrix(c(.5, .2, 0, -.4, .3, .3, 0, .6, -.2, .1, .1, .1), 3, 4) +
           .5 * rnorm(9)[g + 1] + .6 * matrix(rnorm(n * k), n), 2)
put("x", x, 0, "made up"); put("y", y, 0, "made up"); put("cluster", g, 0, "made up")

m <- lm(y ~ x)
put("b", coef(m), 1e-10, from("lm()"))
put("r2", sapply(summary(m), `[[`, "r.squared"), 1e-10, from("summary(lm())"))
put("adjusted", sapply(summary(m), `[[`, "adj.r.squared"), 1e-10, from("summary(lm())"))
put("leverage", hatvalues(lm(y[, 1] ~ x)), 1e-10, from("hatvalues()"))
put("vif", vif(lm(y[, 1] ~ x1 + x2 + x3, data.frame(x1 = x[, 1], x2 = x[, 2], x3 = x[, 3]))), 1e-10, from("car::vif()"))
put("condition", sqrt(kappa(cor(x), exact = TRUE)), 1e-10, from("sqrt(kappa(cor(), exact = TRUE))"))
put("beta", coef(lm(scale(y) ~ scale(x)))[-1, ], 1e-10, from("lm() of scale()d data"))
put("covariance_classic", vcov(m), 1e-10, from("vcov(lm())"))
for (o in 1:k) {
  one <- lm(y[, o] ~ x)
  v <- list(cr0 = vcovCL(one, g, type = "HC0", cadjust = FALSE), cr1 = vcovCL(one, g, type = "HC1"),
            cr2 = vcovCL(one, g, type = "HC2"), hc0 = vcovHC(one, "HC0"), hc1 = vcovHC(one, "HC1"),
            hc2 = vcovHC(one, "HC2"))
  for (name in names(v)) put(paste0(name, "_", o), v[[name]], 1e-10, from(c(
    cr0 = "sandwich::vcovCL(type = 'HC0', cadjust = FALSE)", cr1 = "sandwich::vcovCL(type = 'HC1')",
    cr2 = "sandwich::vcovCL(type = 'HC2')", hc0 = "sandwich::vcovHC('HC0')",
    hc1 = "sandwich::vcovHC('HC1')", hc2 = "sandwich::vcovHC('HC2')")[name]))
}
# of all outcomes together: sums of the clusters' estimating functions
X <- cbind(1, x); e <- residuals(m)
s <- sapply(0:8, function(h) as.vector(t(X[g == h, , drop = FALSE]) %*% e[g == h, , drop = FALSE]))
bread <- kronecker(diag(k), solve(crossprod(X)))
all_cr1 <- 9 / 8 * (n - 1) / (n - 4) * bread %*% tcrossprod(s) %*% bread
put("covariance_cr1", all_cr1, 1e-10, from("by the definition"))
stopifnot(max(abs(all_cr1[1:4, 1:4] - vcovCL(lm(y[, 1] ~ x), g, type = "HC1"))) < 1e-12)

# degrees of freedom of Bell and McCaffrey, by the definition with n x n matrices
H <- X %*% solve(crossprod(X)) %*% t(X)
root <- function(a) { s <- eigen(a, symmetric = TRUE); s$vectors %*% (t(s$vectors) / sqrt(s$values)) }
bm <- sapply(1:4, function(j) {
  p <- sapply(0:8, function(h) {
    i <- which(g == h)
    (diag(n) - H)[, i, drop = FALSE] %*% root(diag(length(i)) - H[i, i, drop = FALSE]) %*% X[i, , drop = FALSE] %*%
      solve(crossprod(X))[, j]
  })
  sum(diag(crossprod(p)))^2 / sum(crossprod(p)^2)
})
one <- lm(y[, 1] ~ x) # with its default cadjust, vcovCL(type = "HC2") is the definition, without factors
meat <- Reduce(`+`, lapply(0:8, function(h) {
  i <- which(g == h)
  tcrossprod(t(X[i, , drop = FALSE]) %*% root(diag(length(i)) - H[i, i, drop = FALSE]) %*% residuals(one)[i])
}))
stopifnot(max(abs(solve(crossprod(X)) %*% meat %*% solve(crossprod(X)) - vcovCL(one, g, type = "HC2"))) < 1e-12)
put("df_cr2", bm, 1e-9, from("by the definition"))

# Hotelling's T2 of Zhang as Pustejovsky and Tipton (2018, J. Bus. Econ. Stat. 36, 672-683, sections 3.3 and 4) have it, by
# quadratic forms of all n k errors (independent of one another, variance 1): element s, t of the estimated covariance in units
# of the true one is e'B_st e, its variance 2 tr(B_st^2).
htz <- function(x, y, g, at) { # at: positions in vec(coefficients)
  n <- nrow(x); k <- ncol(y); X <- cbind(1, x); B <- kronecker(diag(k), X); M <- solve(crossprod(B)); G <- rep(g, k)
  H <- B %*% M %*% t(B); e <- as.vector(residuals(lm(y ~ x))); b <- as.vector(coef(lm(y ~ x)))[at]
  C <- diag(ncol(B))[at, , drop = FALSE]
  omega <- root(solve(C %*% M %*% t(C))); omega <- solve(omega) # root() gives the inverse root
  part <- lapply(unique(g), function(h) {
    i <- which(G == h)
    C %*% M %*% t(B[i, , drop = FALSE]) %*% root(diag(length(i)) - H[i, i]) %*% (diag(n * k) - H)[i, , drop = FALSE]
  })
  V <- Reduce(`+`, lapply(part, function(p) tcrossprod(p %*% e)))
  q <- length(at); total <- 0
  scaled <- lapply(part, function(p) omega %*% p)
  for (s in 1:q) for (t in 1:q) {
    b_st <- Reduce(`+`, lapply(scaled, function(p) p[s, ] %o% p[t, ])); b_st <- (b_st + t(b_st)) / 2
    total <- total + 2 * sum(b_st^2)
  }
  eta <- q * (q + 1) / total; Q <- sum(b * solve(V, b))
  f <- (eta - q + 1) / (eta * q) * Q
  if (eta - q + 1 < 1) return(c(Q, NA, NA, NA, NA)) # so many coefficients cannot be tested
  c(chi2 = Q, eta = eta, f = f, df2 = eta - q + 1, p = pf(f, q, eta - q + 1, lower.tail = FALSE))
}
sets <- list(c(2, 4), c(2, 6, 10, 14), c(2, 6, 8), c(3, 4, 15), 3)
put("htz", cbind(sapply(sets, function(at) htz(x, y, g, at)), htz(x, y, 1:n, c(2, 3, 4, 6, 7, 8)), htz(x, y, 1:n, 2)), 1e-9,
    from("by the definition, with n k x n k matrices"))
stopifnot(abs(htz(x, y, g, 3)[["eta"]] - bm[3]) < 1e-9)

# Wald: coefficients of predictors 1 and 3 of the first outcome
cr1 <- vcovCL(lm(y[, 1] ~ x), g, type = "HC1")
h <- linearHypothesis(lm(y[, 1] ~ x), c("x1", "x3"), vcov. = cr1, test = "Chisq")
put("wald", h$Chisq[2], 1e-9, from("car::linearHypothesis(test = 'Chisq')"))
# one predictor in all outcomes, classic errors: Hotelling's T2 is exact, as Anova() says
h <- linearHypothesis(m, "x1 = 0")
f <- capture.output(print(h))
lambda <- 1 / det(solve(h$SSPE) %*% (h$SSPE + h$SSPH)) # Wilks with one degree of freedom
put("hotelling", (1 - lambda) / lambda * (n - 4 - k + 1) / k, 1e-9, from("car::linearHypothesis() of mlm, Wilks as exact F"))

# ridge
for (l in c(0, .7, 20)) {
  r <- lm.ridge(y[, 2] ~ x, lambda = l)
  put(paste0("ridge_", l), as.matrix(coef(r)), 1e-10, from("MASS::lm.ridge()"))
  put(paste0("gcv_", l), r$GCV, 1e-12, from("MASS::lm.ridge()$GCV"))
}
grid <- c(0, 10^seq(-4, 5, length.out = 181))
best <- sapply(1:k, function(o) grid[which.min(lm.ridge(y[, o] ~ x, lambda = grid)$GCV)])
put("ridge_best", best, 1e-10, from("MASS::lm.ridge()$GCV, least of 182"))

# partial least squares of standardised data
for (a in 1:3) {
  s <- simpls.fit(scale(x), scale(y), a)
  put(paste0("pls_", a), s$coefficients[, , a], 1e-10, from("pls::simpls.fit()"))
}
put("pls_scores", abs(s$scores), 1e-10, from("pls::simpls.fit()$scores, without signs"))
put("pls_x_share", s$Xvar / s$Xtotvar, 1e-10, from("pls::simpls.fit()"))
put("pls_y_share", colSums(unclass(s$Yloadings)^2) / sum(scale(y)^2), 1e-10, from("pls::simpls.fit()$Yloadings"))

# more predictors than rows, several outcomes: nine made of three, in seven rows
wide <- c(2, 4, 6, 9, 12, 16, 20)
w <- cbind(x, x^2, x[, 1] * x[, 2], x[, 1] * x[, 3], x[, 2] * x[, 3])[wide, ]
put("wide_x", w, 0, "made of x")
for (a in 1:4) put(paste0("wide_", a), coef(plsr(scale(y[wide, ]) ~ scale(w), 4, method = "simpls"), ncomp = a)[, , 1], 1e-9,
                   from("pls::plsr(method = 'simpls')"))

# redundancy analysis
r <- rda(y ~ x)
put("rda_eigenvalue", r$CCA$eig, 1e-10, from("vegan::rda()$CCA$eig"))
put("rda_total", r$tot.chi, 1e-10, from("vegan::rda()$tot.chi"))
put("rda_r2", RsquareAdj(r)$r.squared, 1e-10, from("vegan::RsquareAdj()"))
put("rda_adjusted", RsquareAdj(r)$adj.r.squared, 1e-10, from("vegan::RsquareAdj()"))
put("rda_f", anova(r, permutations = 1)$F[1], 1e-8, from("vegan::anova.cca()"))
turn <- sign(colSums(r$CCA$v))
put("rda_outcomes", t(t(r$CCA$v) * turn), 1e-9, from("vegan::rda()$CCA$v, sums made positive"))
put("rda_sites", t(t(r$CCA$u) * turn), 1e-9, from("vegan::rda()$CCA$u"))
put("rda_weighted", t(t(r$CCA$wa) * turn), 1e-9, from("vegan::rda()$CCA$wa"))
put("rda_predictors", t(t(r$CCA$biplot) * turn), 1e-9, from("vegan::rda()$CCA$biplot"))

# canonical correlation
cc <- cancor(x, y)
put("cancor", cc$cor, 1e-10, from("cancor()"))
su <- scale(x, scale = FALSE) %*% cc$xcoef[, 1:3]; sv <- scale(y, scale = FALSE) %*% cc$ycoef[, 1:3]
turn <- sign(colSums(cor(y, sv)))
put("cancor_x", t(t(cc$xcoef[, 1:3]) * turn), 1e-9, from("cancor()$xcoef"))
put("cancor_y", t(t(cc$ycoef[, 1:3]) * turn), 1e-9, from("cancor()$ycoef"))
put("structure_x", t(t(cor(x, su)) * turn), 1e-9, from("cor() with the scores of cancor()"))
put("structure_y", t(t(cor(y, sv)) * turn), 1e-9, from("cor() with the scores of cancor()"))
put("redundancy_y", colMeans(cor(y, sv)^2) * cc$cor^2, 1e-9, from("by the definition"))
wilks <- rev(cumprod(rev(1 - cc$cor^2)))
put("wilks", wilks, 1e-10, from("by the definition"))
put("bartlett_p", pchisq(-(n - 1 - 4) * log(wilks), (3 - 0:2) * (4 - 0:2), lower.tail = FALSE), 1e-10, from("pchisq()"))
stopifnot(abs(wilks[1] - summary(manova(y ~ x))$stats[1, 1]) >= 0) # Pillai there; Wilks below
stopifnot(abs(wilks[1] - det(crossprod(e)) / det(crossprod(scale(y, scale = FALSE)))) < 1e-12)

# random intercepts. lmer() itself stops some 1e-6 before the optimum: from there the zero of the
# derivative is found by Newton steps on its own deviance function, which are exact to 1e-8.
for (reml in c(TRUE, FALSE)) {
  d <- data.frame(y = y[, 1], x1 = x[, 1], x2 = x[, 2], x3 = x[, 3], g = factor(g))
  f <- lFormula(y ~ x1 + x2 + x3 + (1 | g), d, REML = reml)
  dev <- do.call(mkLmerDevfun, f)
  h <- 1e-3
  slope <- function(t) (dev(t - 2 * h) - 8 * dev(t - h) + 8 * dev(t + h) - dev(t + 2 * h)) / (12 * h)
  theta <- uniroot(slope, c(.05, 3), tol = 1e-14)$root
  dev(theta)
  fit <- mkMerMod(environment(dev), list(par = theta, fval = dev(theta), feval = 1, conv = 0, message = ""), f$reTrms, f$fr)
  tag <- if (reml) "reml" else "ml"
  put(paste0(tag, "_b"), fixef(fit), 1e-8, from("lme4, optimum polished"))
  put(paste0(tag, "_se"), sqrt(diag(as.matrix(vcov(fit)))), 1e-8, from("lme4, optimum polished"))
  put(paste0(tag, "_variances"), c(as.numeric(VarCorr(fit)$g), sigma(fit)^2), 1e-8, from("lme4, optimum polished"))
  put(paste0(tag, "_deviance"), -2 * as.numeric(logLik(fit)), 1e-8, from("lme4, logLik()"))
}

# left out: by refitting
left <- function(fit) {
  p <- y * NA; b <- y * NA
  for (h in 0:8) {
    i <- g == h
    p[i, ] <- fit(x[!i, ], y[!i, ], x[i, , drop = FALSE])
    b[i, ] <- rep(colMeans(y[!i, ]), each = sum(i))
  }
  list(p = p, q2 = 1 - colSums((y - p)^2) / colSums((y - b)^2),
       all = 1 - sum(t(t((y - p)^2) / apply(y, 2, var))) / sum(t(t((y - b)^2) / apply(y, 2, var))))
}
ols <- left(function(x, y, new) cbind(1, new) %*% coef(lm(y ~ x)))
put("q2_ols", ols$q2, 1e-9, from("refitted")); put("q2_all", ols$all, 1e-9, from("refitted"))
put("left_out", ols$p, 1e-9, from("refitted"))
rid <- left(function(x, y, new) sapply(1:ncol(y), function(o) {
  f <- lm.ridge(y[, o] ~ x, lambda = grid)
  cbind(1, new) %*% coef(f)[which.min(f$GCV), ]
}))
put("q2_ridge", rid$q2, 1e-9, from("refitted, MASS::lm.ridge()"))
pl <- left(function(x, y, new) {
  sx <- scale(x); sy <- scale(y)
  s <- simpls.fit(sx, sy, 2)$coefficients[, , 2]
  t(t(scale(new, attr(sx, "scaled:center"), attr(sx, "scaled:scale")) %*% s) * attr(sy, "scaled:scale") + attr(sy, "scaled:center"))
})
put("q2_pls", pl$q2, 1e-9, from("refitted, pls::simpls.fit()"))

# permutation: all 5040 orders of the first seven rows
permutations <- function(v) {
  if (length(v) < 2) return(matrix(v, 1))
  do.call(rbind, lapply(seq_along(v), function(i) cbind(v[i], permutations(v[-i]))))
}
orders <- permutations(1:7)
rows <- c(2, 4, 6, 9, 12, 16, 20)
xs <- x[rows, 2:3]; ys <- scale(y[rows, 1:2])
put("rows", rows - 1, 0, "made up")
ratio <- function(full, kept, y) { # explained by what is tested over rest, each and together
  a <- colSums(as.matrix(lm.fit(kept, y)$residuals)^2); b <- colSums(as.matrix(lm.fit(full, y)$residuals)^2)
  c((a - b) / b, sum(a - b) / sum(b))
}
p_of <- function(kept) {
  full <- cbind(1, xs)
  fitted <- kept %*% lm.fit(kept, ys)$coefficients; e <- ys - fitted
  observed <- ratio(full, kept, ys)
  s <- apply(orders, 1, function(o) ratio(full, kept, fitted + e[o, ]))
  rowMeans(s >= observed * (1 - 1e-10))
}
band <- function(p) 4 * sqrt(max(p * (1 - p)) / 9999)
whole <- p_of(matrix(1, 7, 1)); put("p_whole", whole, band(whole), from("share of all permutations"))
first <- p_of(cbind(1, xs[, 2])); put("p_first", first, band(first), from("share of all permutations"))

# sign flips: every pattern, by refitting; of clusters (256 patterns) and of seven single rows (64)
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
  s <- apply(y, 2, function(v) {
    m <- lm(v ~ full - 1)
    coef(m)[j]^2 / vcovCL(m, g, type = "HC1")[j, j]
  })
  c(s, sum(s))
}
put("flip_whole", flips(x, y, g, 2:4, by_ratio), 1e-12, from("share of all 256 patterns of signs, lm.fit()"))
put("flip_ratio", flips(x, y, g, 3, by_ratio), 1e-12, from("share of all 256 patterns of signs, lm.fit()"))
put("flip_t", sapply(2:4, function(j) flips(x, y, g, j, by_t(j))), 1e-12,
    from("share of all 256 patterns of signs, sandwich::vcovCL(type = 'HC1')"))
put("flip_few", flips(xs, y[rows, 1:2], 1:7, 2:3, by_ratio), 1e-12, from("share of all 64 patterns of signs, lm.fit()"))

# Moran's I
near <- 1 / (1 + as.matrix(dist(xs))); near[2, 3] <- 0; diag(near) <- 99
put("nearness", near, 0, "made up")
M <- diag(7) - { q <- qr.Q(qr(cbind(1, xs[, 1]))); q %*% t(q) }
moran <- function(e) { w <- near; diag(w) <- 0; 7 / sum(w) * sum(w * (e %o% e)) / sum(e^2) }
raw <- y[rows, 1:2]
e <- M %*% raw
observed <- apply(e, 2, moran)
put("moran", observed, 1e-10, from("by the definition"))
s <- apply(orders, 1, function(o) apply(M %*% e[o, ], 2, moran))
p <- rowMeans(s >= observed - 1e-10 * abs(observed))
put("p_moran", p, band(p), from("share of all permutations"))
put("moran_raw", apply(scale(raw, scale = FALSE), 2, moran), 1e-10, from("by the definition"))

# surface: kernel means by the definition
sx <- scale(x[, 1:2])
place <- rbind(c(0, 0), c(.5, -.4), c(40, 40))
put("place", place, 0, "made up")
kernel <- function(at, h, leave = 0) {
  z <- (at - attr(sx, "scaled:center")) / attr(sx, "scaled:scale")
  w <- exp(-colSums((t(sx) - z)^2) / (2 * h^2)); if (leave) w[leave] <- 0
  if (sum(w) < .1) NA else sum(w * y[, 1]) / sum(w)
}
put("surface", apply(place, 1, kernel, h = .5), 1e-10, from("by the definition"))
sets <- seq(.2, 2, by = .1)
loss <- sapply(sets, function(h) {
  p <- sapply(1:n, function(i) kernel(x[i, 1:2], h, i))
  for (i in which(is.na(p))) p[i] <- mean(y[-i, 1])
  sum((y[, 1] - p)^2)
})
put("bandwidth", sets[which.min(loss)], 1e-12, from("by the definition"))
