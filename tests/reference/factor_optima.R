# Reference values of the starts of extraction: a sample of 60 with noise, where maximum likelihood has several optima.
# Run in this folder:  Rscript factor_optima.R
source("write.R")
put <- begin("factor_optima")
from <- paste0("R ", getRversion(), ", optim() from 12 random starts, set.seed(1)")
f <- function(x, r, k) { s <- exp(-x / 2); g <- eigen(r * outer(s, s), TRUE, TRUE)$values[-(1:k)]; sum(g - log(g) - 1) }
d <- function(x, r, k) { s <- exp(-x / 2); e <- eigen(r * outer(s, s), TRUE)
  as.vector(e$vectors[, -(1:k)]^2 %*% (1 - e$values[-(1:k)])) }
set.seed(1); p <- 9; k <- 2
l <- matrix(rnorm(p * 3, 0, .4), p)
r <- round(cov2cor(crossprod(matrix(rnorm(60 * p), 60) + matrix(rnorm(60 * 3), 60) %*% t(l))), 3)
found <- sapply(1:12, function(i) optim(log(runif(p, .05, 1)), f, d, r = r, k = k, method = "L-BFGS-B", lower = log(.005),
  upper = 0, control = list(factr = 10, pgtol = 0, maxit = 5000))$value)
put("r", r, 0, from)
put("f", sort(found)[1], 1e-9, from)
put("optima", length(unique(round(found, 6))), 0, from)
