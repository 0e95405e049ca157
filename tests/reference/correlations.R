# Reference values of src/structure/correlations.c: how two correlation matrices differ.
# Run in this folder:  Rscript correlations.R
# The two samples are made up here; their correlations are written out first.
suppressMessages(library(psych))
source("write.R")
put <- begin("correlations", "psych")
from <- function(f) paste0("R ", getRversion(), ", ", f)
set.seed(11)
n1 <- 90; n2 <- 140; p <- 5
f <- rnorm(n1); x1 <- sapply(1:p, function(j) .6 * f + rnorm(n1))
f <- rnorm(n2); x2 <- sapply(1:p, function(j) (if (j < 4) 1.2 else -.4) * f + rnorm(n2))
r1 <- cor(x1); r2 <- cor(x2); low <- lower.tri(r1)
put("r1", r1, 0, "made up"); put("r2", r2, 0, "made up")
d <- r2 - r1
put("frobenius", norm(d, "F"), 1e-12, from("norm()"))
put("rms", sqrt(mean(d[low]^2)), 1e-12, from("by the definition"))
put("bias", mean(abs(r2[low]) - abs(r1[low])), 1e-12, from("by the definition"))
put("largest", d[low][which.max(abs(d[low]))], 1e-12, from("by the definition"))
put("apart", mean(abs(d[low]) > .1), 1e-12, from("by the definition"))
put("flips", mean(r1[low] * r2[low] < 0), 1e-12, from("by the definition"))
put("r", cor(r1[low], r2[low]), 1e-12, from("cor()"))
put("rank", cor(r1[low], r2[low], method = "spearman"), 1e-12, from("cor(method = 'spearman')"))
put("cmd", 1 - sum(diag(r1 %*% r2)) / (norm(r1, "F") * norm(r2, "F")), 1e-12, from("by the definition"))
put("first", c(eigen(r1)$values[1], eigen(r2)$values[1]) / p, 1e-12, from("eigen()"))

jennrich <- function(r1, n1, r2, n2) { # eq. 2.4 of Jennrich (1970)
  r <- (n1 * r1 + n2 * r2) / (n1 + n2); i <- solve(r)
  z <- sqrt(n1 * n2 / (n1 + n2)) * i %*% (r1 - r2)
  drop(sum(diag(z %*% z)) / 2 - diag(z) %*% solve(diag(nrow(r)) + r * i, diag(z)))
}
j <- jennrich(r1, n1, r2, n2)
put("jennrich", c(j, pchisq(j, 10, lower.tail = FALSE)), 1e-9, from("by eq. 2.4 of Jennrich (1970)"))

# Which of the two formulas is a chi-square of 10: share of p < .05 in 4000 pairs of samples of one population
if (interactive()) {
  one <- function() {
    f <- rnorm(400)
    x <- sapply(1:5, function(j) .9 * f + rnorm(400))
    a <- cor(x[1:200, ]); b <- cor(x[201:400, ])
    c(pchisq(jennrich(a, 200, b, 200), 10, lower.tail = FALSE), cortest.jennrich(a, b, 200, 200)$prob)
  }
  print(rowMeans(replicate(4000, one()) < .05))
}
# Steiger's: psych takes 1/n1 + 1/n2 for the variance and then n - 3; with that variance instead of
# 1/(n1 - 3) + 1/(n2 - 3) the sum is the same
k <- cortest.normal(r1, r2, n1, n2)$chi2 / (n1 * n2 / (n1 + n2) - 3) / (1 / (n1 - 3) + 1 / (n2 - 3))
put("steiger", c(k, pchisq(k, 10, lower.tail = FALSE)), 1e-9,
    from("psych::cortest.normal(), its variance exchanged for 1/(n1 - 3) + 1/(n2 - 3)"))
