# Reference values of a fitted space and of projections into it.
# Run in this folder: Rscript space.R
source("write.R")
put <- begin("space", "psych")

# Made-up answers 1..10 of 160 respondents to six items of two factors, whole weights 1..4.
set.seed(31)
n <- 160
g <- matrix(rnorm(2 * n), ncol = 2)
pattern <- rbind(a = c(.8, .1), b = c(.7, 0), c = c(-.6, .2), d = c(.1, .8), e = c(0, -.7),
                 f = c(.5, .4))
x <- g %*% t(pattern) + matrix(rnorm(6 * n, sd = .6), ncol = 6)
x <- matrix(pmin(10, pmax(1, round(5.3 + 2.2 * x))), ncol = 6, dimnames = list(NULL, rownames(pattern)))
weights <- sample(1:4, n, replace = TRUE)
put("answers", x, 0, "made up")
put("weights", weights, 0, "made up")

# The fit: principal components of the weighted correlations (rows repeated weight times), varimax
# with all its 1000 steps, unit-variance scores. Axes by content: the first axis is the component on
# which item a loads most, with a positive; the second that of d, with e negative.
expanded <- x[rep(seq_len(n), weights), ]
mu <- colMeans(expanded)
sigma <- apply(expanded, 2, function(v) sqrt(mean((v - mean(v))^2)))
r <- cor(expanded)
fit <- psych::principal(r, nfactors = 2, rotate = "varimax", eps = -1)
l <- unclass(fit$loadings)
first <- which.max(abs(l["a", ]))
second <- which.max(abs(l["d", ]))
l <- cbind(l[, first] * sign(l["a", first]), -l[, second] * sign(l["e", second]))
w <- solve(r, l) / sigma
intercept <- -drop(mu %*% w)
scores <- sweep(x %*% w, 2, intercept, "+")
source <- "psych::principal on stats::cor of rows repeated weight times"
put("mean", mu, 1e-12, source)
put("sd", sigma, 1e-12, source)
put("r", r, 1e-12, source)
put("eigenvalues", fit$values, 1e-12, source)
put("loadings", l, 1e-8, source)
put("raw_weights", w, 1e-8, source)
put("intercept", intercept, 1e-8, source)
put("scores", scores, 1e-7, source)

# Incomplete answers: the conditional expectation in the normal distribution with mean mu and
# covariance S, for every one of the 64 patterns, each with the answers of another respondent.
s <- diag(sigma) %*% r %*% diag(sigma)
holes <- x[1:64, ]
at <- sds <- share <- matrix(NA, 64, 2)
for (i in 1:64) {
  o <- bitwAnd(i - 1, 2^(0:5)) > 0
  m <- !o
  holes[i, m] <- NA
  for (j in 1:2) {
    if (any(o)) {
      b <- s[m, o, drop = FALSE] %*% solve(s[o, o])
      expected <- mu[m] + drop(b %*% (x[i, o] - mu[o]))
      left <- s[m, m] - b %*% s[o, m, drop = FALSE]
    } else {
      expected <- mu
      left <- s
    }
    at[i, j] <- intercept[j] + sum(w[o, j] * x[i, o]) + sum(w[m, j] * expected)
    variance <- if (any(m)) drop(w[m, j] %*% left %*% w[m, j]) else 0
    sds[i, j] <- sqrt(variance)
    share[i, j] <- 1 - variance / drop(w[, j] %*% s %*% w[, j])
  }
}
source <- "conditional normal distribution, base R solve()"
put("holes", holes, 0, "the first 64 answers, in row i those of the bits of i - 1")
put("at", at, 1e-7, source)
put("posterior_sd", sds, 1e-7, source)
put("share", share, 1e-7, source)
