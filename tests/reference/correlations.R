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

# ---- exchange of respondents: two small samples with weights and a missing answer, all 462 exchanges
e1 <- round(cbind(rnorm(6), rnorm(6), rnorm(6)), 1); e1[, 2] <- e1[, 2] + e1[, 1]; e1[2, 3] <- NA
e2 <- round(cbind(5 + 2 * rnorm(5), rnorm(5), rnorm(5)), 1); e2[, 3] <- e2[, 3] - e2[, 1]
v1 <- c(1, .5, 2, 1.2, .8, 1); v2 <- c(1, 1, .7, 1.5, 1)
put("one", e1, 0, "made up"); put("two", e2, 0, "made up"); put("one_weight", v1, 0, "made up"); put("two_weight", v2, 0, "made up")
standardise <- function(x, w) apply(x, 2, function(a) {
  ok <- !is.na(a); m <- weighted.mean(a[ok], w[ok]); (a - m) / sqrt(weighted.mean((a[ok] - m)^2, w[ok]))
})
pool <- rbind(standardise(e1, v1), standardise(e2, v2)); weight <- c(v1 / mean(v1), v2 / mean(v2))
pairwise <- function(i) {
  r <- diag(3)
  for (a in 1:2) for (b in (a + 1):3) {
    ok <- i[!is.na(pool[i, a]) & !is.na(pool[i, b])]
    r[a, b] <- r[b, a] <- cov.wt(pool[ok, c(a, b)], weight[ok], cor = TRUE)$cor[1, 2]
  }
  r
}
differences <- function(i) {
  a <- pairwise(i); b <- pairwise(setdiff(1:11, i))
  s <- sum((atanh(b[low3]) - atanh(a[low3]))^2) / (1 / (6 - 3) + 1 / (5 - 3))
  c(norm(b - a, "F"), 1 - sum(diag(a %*% b)) / (norm(a, "F") * norm(b, "F")),
    abs(eigen(b)$values[1] - eigen(a)$values[1]) / 3, jennrich(a, 6, b, 5), s)
}
low3 <- lower.tri(diag(3))
all <- combn(11, 6, differences)
put("exchange", rowMeans(all >= differences(1:6) - 1e-10), 4 * sqrt(.25 / 9999),
    from("share of all 462 exchanges: Frobenius, distance, first eigenvalue, Jennrich, Steiger"))
