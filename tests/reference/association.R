# Reference values of rank, polychoric and polyserial correlations, EM moments, smoothing, levels.
# Run in this folder: Rscript association.R
source("write.R")
put <- begin("association", c("psych", "lavaan", "polycor", "Matrix", "mvtnorm"))

# Made-up answers of 240 respondents to six items with 2, 3, 4, 5, 7 and (nearly) no categories; 12 %
# missing; whole weights.
set.seed(20231)
n <- 240
common <- rnorm(n)
latent <- sapply(1:6, function(j) common * c(.9, 1.2, -.8, .7, 1, .6)[j] + rnorm(n))
cuts <- list(c(.3), c(-.6, .8), c(-1, 0, .9), c(-1.2, -.3, .4, 1.3), c(-1.5, -.8, -.2, .3, .9, 1.6))
made <- sapply(1:6, function(j) {
  if (j == 6) round(latent[, 6] * 10 + 3, 1) else findInterval(latent[, j], cuts[[j]]) + 1
})
weights <- sample(1:4, n, replace = TRUE)
holes <- made
holes[sample(length(made), round(.12 * length(made)))] <- NA
put("made", made, 0, "made up")
put("holes", holes, 0, "made up: the same with 12 % missing")
put("weights", weights, 0, "made up")
expand <- rep(seq_len(n), weights)
source <- "stats::cor pairwise.complete.obs on rows repeated weight times"
for (method in c("spearman", "kendall")) {
  put(method, cor(holes[expand, ], use = "pairwise.complete.obs", method = method), 1e-12,
      paste(source, "method", method))
  put(paste0(method, "_unweighted"), cor(made, method = method), 1e-12,
      paste("stats::cor method", method))
}

# Two-step polychoric: the likelihood of Olsson (1979) with margins fixed, maximised to 1e-12 (the
# search of polycor::polychor stops at 1e-4).
cells <- function(rho, a, b) {
  below <- function(x, y) {
    if (x == -Inf || y == -Inf) return(0)
    if (x == Inf) return(pnorm(y))
    if (y == Inf) return(pnorm(x))
    mvtnorm::pmvnorm(upper = c(x, y), corr = matrix(c(1, rho, rho, 1), 2),
                     algorithm = mvtnorm::TVPACK(1e-14))[1]
  }
  corner <- outer(c(-Inf, a, Inf), c(-Inf, b, Inf), Vectorize(below))
  k <- nrow(corner)
  m <- ncol(corner)
  corner[-1, -1] - corner[-k, -1] - corner[-1, -m] + corner[-k, -m]
}
two_step <- function(tab) {
  thresholds <- function(m) qnorm(cumsum(m)[-length(m)] / sum(m))
  a <- thresholds(rowSums(tab))
  b <- thresholds(colSums(tab))
  slope <- function(rho, h = 1e-5) { # of the log-likelihood: its root is found more exactly
    used <- tab > 0
    (sum(tab[used] * log(pmax(cells(rho + h, a, b)[used], 1e-300))) -
       sum(tab[used] * log(pmax(cells(rho - h, a, b)[used], 1e-300)))) / (2 * h)
  }
  uniroot(slope, c(-.97, .97), tol = 1e-13)$root
}
pair_table <- function(i, j, x = holes[expand, ]) table(x[, i], x[, j])
poly <- diag(5)
for (i in 2:5) for (j in 1:(i - 1)) poly[i, j] <- poly[j, i] <- two_step(pair_table(i, j))
put("polychoric", poly, 1e-8, "two-step likelihood by mvtnorm::pmvnorm on rows repeated weight times")
check <- diag(5)
for (i in 2:5) for (j in 1:(i - 1)) {
  check[i, j] <- check[j, i] <- polycor::polychor(pair_table(i, j))
}
put("polychoric_polycor", check, 2e-4, "polycor::polychor, stops at 1e-4")

# The sparse table of METHODS: psych's cell correction gives .656 here.
sparse <- rbind(c(3, 4, 0, 0), c(4, 46, 11, 0), c(0, 14, 54, 4), c(0, 0, 6, 4))
put("sparse", sparse, 0, "made up: empty cells")
put("sparse_two_step", two_step(sparse), 1e-8, "two-step likelihood by mvtnorm::pmvnorm")
put("sparse_polycor", polycor::polychor(sparse), 2e-4, "polycor::polychor")
sparse_rows <- cbind(row(sparse)[rep(seq_along(sparse), sparse)],
                     col(sparse)[rep(seq_along(sparse), sparse)])
put("sparse_psych", psych::polychoric(sparse_rows, correct = .5, global = FALSE)$rho[1, 2], 0,
    "psych::polychoric: empty cells set to .5, WRONG")

# Sampling variances: lavaan's matrix Gamma of the two-step estimates, listwise.
whole <- made[, 1:5]
colnames(whole) <- paste0("y", 1:5)
saturated <- paste(combn(colnames(whole), 2, paste, collapse = "~~"), collapse = "\n")
fit <- lavaan::sem(saturated, as.data.frame(whole), ordered = colnames(whole), estimator = "WLS")
gamma <- lavaan::lavInspect(fit, "gamma")
variance <- matrix(0, 5, 5)
rho <- lavaan::lavInspect(fit, "sampstat")$cov
for (i in 2:5) for (j in 1:(i - 1)) {
  name <- paste0("y", j, "~~y", i)
  variance[i, j] <- variance[j, i] <- gamma[name, name] / n
}
put("polychoric_complete", unclass(rho), 1e-6, "lavaan::lavCor two-step")
put("polychoric_variance", variance, 2e-6, "lavaan::lavInspect gamma / n")

# Polyserial: item 6 is continuous; lavaan's two steps are maximum likelihood with fixed margins.
mix <- as.data.frame(made)
names(mix) <- paste0("y", 1:6)
fit <- suppressWarnings(lavaan::lavCor(mix, ordered = paste0("y", 1:5), output = "fit"))
put("mixed_complete", unclass(lavaan::lavInspect(fit, "sampstat")$cov)[6, 1:5] /
      sqrt(lavaan::lavInspect(fit, "sampstat")$cov[6, 6]), 1e-6, "lavaan::lavCor two-step")

# Saturated normal model with missing values, by EM to 1e-12.
em <- function(x, w = rep(1, nrow(x))) {
  keep <- rowSums(!is.na(x)) > 0
  x <- x[keep, ]
  w <- w[keep]
  mu <- colMeans(x, na.rm = TRUE)
  s <- diag(apply(x, 2, var, na.rm = TRUE))
  for (step in 1:20000) {
    t1 <- 0
    t2 <- 0
    for (r in seq_len(nrow(x))) {
      o <- !is.na(x[r, ])
      z <- x[r, ]
      c2 <- matrix(0, ncol(x), ncol(x))
      if (any(!o)) {
        b <- s[!o, o, drop = FALSE] %*% solve(s[o, o])
        z[!o] <- mu[!o] + b %*% (x[r, o] - mu[o])
        c2[!o, !o] <- s[!o, !o] - b %*% s[o, !o, drop = FALSE]
      }
      t1 <- t1 + w[r] * z
      t2 <- t2 + w[r] * (tcrossprod(z) + c2)
    }
    new_mu <- t1 / sum(w)
    new_s <- t2 / sum(w) - tcrossprod(new_mu)
    done <- max(abs(new_s - s), abs(new_mu - mu)) < 1e-12
    mu <- new_mu
    s <- new_s
    if (done) break
  }
  list(mean = mu, cov = s)
}
small <- as.matrix(attitude)
set.seed(3)
small[cbind(sample(30, 25, replace = TRUE), sample(7, 25, replace = TRUE))] <- NA
put("em_data", small, 0, "R datasets::attitude with 25 holes")
v <- em(small)
put("em_mean", v$mean, 1e-6, "EM written in R, to 1e-12")
put("em_sd", sqrt(diag(v$cov)), 1e-6, "EM written in R, to 1e-12")
put("em_r", cov2cor(v$cov), 1e-8, "EM written in R, to 1e-12")
d <- as.data.frame(small)
names(d) <- paste0("y", 1:7)
fit <- suppressWarnings(lavaan::lavCor(d, missing = "ml", output = "fit"))
put("em_r_lavaan", cov2cor(unclass(lavaan::lavInspect(fit, "sampstat")$cov)), 2e-4,
    "lavaan::lavCor missing = ml")
v <- em(small, ((1:30) %% 4 + 1) / 2)
put("em_weighted_r", cov2cor(v$cov), 1e-8, "EM written in R with weights ((1:30) %% 4 + 1) / 2")

# Repair of a matrix that is not positive definite.
bad <- matrix(c(1, .9, .1, .2, .9, 1, .8, .3, .1, .8, 1, -.2, .2, .3, -.2, 1), 4)
put("bad", bad, 0, "made up")
put("bad_eigen", psych::cor.smooth(bad), 1e-12, "psych::cor.smooth")
put("bad_higham", as.matrix(Matrix::nearPD(bad, corr = TRUE, conv.tol = 1e-12, maxit = 10000)$mat),
    1e-7, "Matrix::nearPD corr = TRUE")

# Levels: six groups, three items, unequal sizes, unweighted and weighted.
set.seed(11)
g <- rep(1:6, c(12, 20, 9, 31, 15, 13))
m <- matrix(rnorm(18), 6)
x <- m[g, ] + matrix(rnorm(300), 100) %*% chol(matrix(c(1, .5, .2, .5, 1, -.3, .2, -.3, 1), 3))
w <- (1:100) %% 3 + 1
put("levels_x", x, 0, "made up")
put("levels_g", g, 0, "made up")
put("levels_w", w, 0, "made up")
levels_of <- function(x, g) {
  n <- nrow(x)
  size <- as.vector(table(g))
  k <- length(size)
  means <- apply(x, 2, function(v) tapply(v, g, mean))
  within <- crossprod(x - means[g, ]) / (n - k)
  between <- crossprod((means - rep(colMeans(x), each = k)) * sqrt(size)) / (k - 1)
  c0 <- (n^2 - sum(size^2)) / (n * (k - 1))
  msb <- diag(between)
  msw <- diag(within)
  list(means = means, total = cor(x), within = cov2cor(within), between = cor(means),
       muthen = cov2cor((between - within) / c0), icc1 = (msb - msw) / (msb + (c0 - 1) * msw),
       icc2 = (msb - msw) / msb, f = msb / msw)
}
v <- levels_of(x, g)
for (part in names(v)) put(paste0("levels_", part), v[[part]], 1e-11, "base R, definition")
p <- psych::statsBy(data.frame(x, g), "g")
put("levels_within_psych", p$rwg[1:3, 1:3], 1e-8, "psych::statsBy")
# weights of mean 1 count as respondents; F with these is that of a weighted analysis of variance
u <- w / mean(w)
wm <- sapply(1:3, function(j) tapply(x[, j] * u, g, sum) / tapply(u, g, sum))
rest <- x - wm[g, ]
put("levels_weighted_means", wm, 1e-12, "base R, weighted means")
put("levels_weighted_within", cov2cor(crossprod(rest * sqrt(u))), 1e-11, "base R, definition")
put("levels_weighted_total", cov.wt(x, wt = w / sum(w), cor = TRUE)$cor, 1e-11, "stats::cov.wt")
put("levels_weighted_f", sapply(1:3, function(j) anova(lm(x[, j] ~ factor(g), weights = u))[1, 4]),
    1e-10, "stats::lm with weights of mean 1")
# the levels of ranks: mid-ranks among all, with weights those of copies; and Spearman's coefficient is that of the ranks
coarse <- round(x, 1)
put("levels_coarse", coarse, 0, "levels_x with one decimal: ties")
copies <- rep(1:100, w)
put("levels_ranks", (apply(coarse[copies, ], 2, rank) - .5)[match(1:100, copies), ], 1e-9,
    "base::rank of rows repeated weight times, minus a half")
v <- levels_of(apply(coarse, 2, rank), g)
for (part in c("within", "between", "muthen")) put(paste0("levels_rank_", part), v[[part]], 1e-11,
                                                  "base::rank, then by the definition of the levels")
put("levels_rank_total", cor(coarse, method = "spearman"), 1e-12, "stats::cor method spearman")
