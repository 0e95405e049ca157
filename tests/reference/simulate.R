# Reference values of src/simulate: the truth of a default simulation, worked out a second time from
# the model that include/valuemap/simulate.h describes and the constants of src/simulate/model.c.
# Run in this folder:  Rscript simulate.R > simulate.tsv
# Bivariate normal probabilities: pbivnorm; components: eigen(); rotation: stats::varimax().
library(pbivnorm)
items <- c("F063", "Y003", "F120", "G006", "E018", "Y002", "A008", "F118", "E025", "A165")
low <- c(1, -2, 1, 1, 1, 1, 1, 1, 1, 1)
share <- list(c(8, 3, 4, 4, 9, 7, 7, 9, 8, 41), c(8, 18, 30, 29, 15), c(32, 7, 8, 6, 17, 8, 6, 6, 3, 7),
              c(58, 32, 8, 2), c(57, 26, 17), c(27, 58, 15), c(30, 53, 14, 3),
              c(33, 6, 6, 5, 14, 6, 6, 6, 4, 14), c(36, 33, 31), c(26, 74))
a <- rbind(c(-.25, -.68), c(.25, .55), c(.40, .50), c(-.05, .55), c(.10, .55), c(.42, 0), c(-.42, .36),
           c(.58, .40), c(-.52, -.18), c(-.45, -.08))
place <- rbind(NLD = c(2.4, 1.2), JPN = c(1.3, 1.6), USA = c(1.4, .1), MEX = c(.2, -1.1),
               CHN = c(-.1, .6), NGA = c(-1.1, -1.4), RUS = c(-.6, .4), COL = c(.3, -1.6),
               AUS = c(2.3, .5), JOR = c(-1.2, -1.6), KOR = c(-.5, 1.5), IND = c(-.2, -.4))
models <- list(list(home = c(.3, 0), slope = .9, spread = .6), list(home = c(1, .2), slope = .5, spread = .5),
               list(home = c(1.4, .6), slope = .2, spread = .4))
G <- nrow(place)
urban <- rep(c(.4, .7, .5, .8, .6), length.out = G)
size <- seq(200, by = 100, length.out = G) # unequal countries, to see that they enter

cuts <- lapply(share, function(s) qnorm(cumsum(s)[-length(s)] / 100))
rho <- a %*% t(a)
latent <- function(at, shift) drop(a %*% ((at - c(.4, -.1)) / 1.1 + shift))
means <- function(mu, spread) sapply(1:10, function(i)
  low[i] + sum(pnorm((mu[i] - cuts[[i]]) / spread)))
second <- function(mu) { # mean of the products of two codes within a stratum
  cov <- matrix(0, 10, 10)
  for (i in 1:10) for (j in 1:i) {
    x <- mu[i] - cuts[[i]]
    y <- mu[j] - cuts[[j]]
    if (i == j) both <- outer(x, y, function(x, y) pnorm(pmin(x, y)))
    else {
      grid <- expand.grid(x, y)
      both <- matrix(pbivnorm(grid[, 1], grid[, 2], rep(rho[i, j], nrow(grid))), length(x))
    }
    cov[i, j] <- cov[j, i] <- sum(both - outer(pnorm(x), pnorm(y)))
  }
  m <- means(mu, 1)
  cov + m %o% m
}
M <- matrix(0, G, 10)
all <- within <- matrix(0, 10, 10)
for (g in 1:G) {
  u <- latent(place[g, ], (1 - urban[g]) * .5)
  r <- latent(place[g, ], -urban[g] * .5)
  M[g, ] <- urban[g] * means(u, 1) + (1 - urban[g]) * means(r, 1)
  s <- urban[g] * second(u) + (1 - urban[g]) * second(r)
  all <- all + s * size[g] / sum(size)
  within <- within + (s - M[g, ] %o% M[g, ]) * size[g] / sum(size)
}
mean <- colSums(M * size) / sum(size)
cov <- all - mean %o% mean
sd <- sqrt(diag(cov))
R <- cov2cor(cov)
e <- eigen(R)
L <- unclass(varimax(e$vectors[, 1:2] %*% diag(sqrt(e$values[1:2])), normalize = TRUE, eps = 1e-15)$loadings)
survself <- which.max(abs(L[6, ]))
L <- L[, c(survself, 3 - survself)]
L <- L %*% diag(sign(c(L[8, 1], L[5, 2])))
W <- solve(R, L) / sd
scale <- c(1.81, 1.61)
project <- function(m) sweep(sweep(sweep(m, 2, mean) %*% W, 2, scale, "*"), 2, c(.038, -.1), "+")
at <- project(M)
average <- colMeans(place)
P <- do.call(rbind, lapply(models, function(o) project(t(apply(place, 1, function(p)
  means(latent(o$home + o$slope * (p - average), 0), o$spread))))))
slopes <- t(sapply(1:3, function(m) sapply(1:2, function(j)
  coef(lm(P[(m - 1) * G + 1:G, j] ~ at[, j]))[2])))

put <- function(quantity, x, tolerance, source) {
  x <- as.matrix(x)
  for (i in 1:nrow(x)) for (j in 1:ncol(x))
    cat(sprintf("%s\t%d\t%d\t%.15g\t%g\t%s\n", quantity, i, j, x[i, j], tolerance, source))
}
cat("quantity\trow\tcol\tvalue\ttolerance\tsource\n")
about <- sprintf("R %s, pbivnorm %s", getRversion(), packageVersion("pbivnorm"))
put("mean", mean, 1e-12, about)
put("sd", sd, 1e-12, about)
put("r", R, 1e-12, about)
# varimax() stops when its criterion changes little, some 1e-8 before the optimum
put("loading", L, 1e-7, about)
put("within", diag(scale) %*% t(W) %*% within %*% W %*% diag(scale), 1e-6, about)
put("human", at, 1e-6, about)
put("persona", P, 1e-6, about)
put("slope", slopes, 1e-6, about)
