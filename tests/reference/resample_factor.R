# Reference values of src/resample/resample_factor.c and jackknife.c.
# Run in this folder:  Rscript resample_factor.R
# A slow bootstrap of its own: rows are drawn (n - 1 of n in each stratum), the analysis is done anew. The random
# numbers are others than those of the program: tolerances are five standard errors of both simulations.
source("write.R")
put <- begin("resample_factor")
from <- function(f) paste0("R ", getRversion(), ", ", f)
x <- as.matrix(attitude); n <- 30; p <- 7; k <- 2
put("x", x, 0, "R datasets::attitude")
stratum <- rep(0:1, c(12, 18)); put("stratum", stratum, 0, "made up")

solve_one <- function(r) {
  e <- eigen(r, TRUE); l <- e$vectors[, 1:k] %*% diag(sqrt(e$values[1:k]))
  l <- unclass(varimax(l, TRUE, 1e-14)$loadings)[1:nrow(r), ]
  l <- l[, order(-colSums(l^2))]; sweep(l, 2, sign(colSums(l)), "*") }
align <- function(l, a) { s <- svd(crossprod(l, a)); l %*% s$u %*% t(s$v) }
target <- solve_one(cor(x))
put("loadings", target, 1e-7, from("eigen(), varimax()"))
numbers <- function(d) { r <- cor(d); l <- align(solve_one(r), target)
  c(t(l), rowSums(l^2), eigen(r, TRUE)$values) }
all <- numbers(x)
set.seed(3); B <- 3000
boot <- t(replicate(B, numbers(x[unlist(lapply(split(1:n, stratum), function(i) sample(i, length(i) - 1, TRUE))), ])))
mc <- sqrt(1 / B + 1 / 3000)
se <- apply(boot, 2, sd)
quantity <- function(name, v, tolerance) for (what in c("loading", "communality", "eigenvalue")) {
  i <- switch(what, loading = 1:(p * k), communality = p * k + 1:p, eigenvalue = p * k + p + 1:p)
  for (j in seq_along(i)) cat(sprintf("%s_%s\t%d\t1\t%.17g\t%g\t%s\n", name, what, j, v[i[j]], tolerance[i[j]],
    from("slow bootstrap of 3000 replicates")), file = "resample_factor.tsv", append = TRUE) }
kurtosis <- apply(boot, 2, function(v) mean((v - mean(v))^4) / var(v)^2)
quantity("se", se, 5 * se * sqrt((kurtosis - 1) / 4) * mc)
density_se <- function(q) sapply(seq_along(se), function(i) { # standard error of a sample quantile
  d <- density(boot[, i]); sqrt(q * (1 - q)) / approx(d$x, d$y, quantile(boot[, i], q))$y })
low <- apply(boot, 2, quantile, .05); high <- apply(boot, 2, quantile, .95)
quantity("low", low, 5 * density_se(.05) * mc); quantity("high", high, 5 * density_se(.95) * mc)
# BCa limits can lie so far out in the tails that 3000 replicates do not know them: resample_matrix.R has them on the same draws.

parts <- rep(0:4, 6); put("parts", parts, 0, "made up") # jackknife
left <- lapply(0:4, function(g) align(solve_one(cor(x[parts != g, ])), target))
m <- Reduce(`+`, left) / 5
put("jackknife", sqrt(4 / 5 * Reduce(`+`, lapply(left, function(l) (l - m)^2))), 1e-7, from("by Tukey's formula"))
phi <- function(l) min(colSums(l * target) / sqrt(colSums(l^2) * colSums(target^2)))
put("jackknife_phi", sapply(left, phi), 1e-7, from("by the definition"))
put("jackknife_largest", sapply(left, function(l) max(abs(l - target))), 1e-7, from("by the definition"))
items <- lapply(1:p, function(i) { l <- matrix(NA, p, k); l[-i, ] <- align(solve_one(cor(x)[-i, -i]), target[-i, ]); l })
se_items <- sapply(1:k, function(f) sapply(1:p, function(i) { v <- sapply(items, function(l) l[i, f]); v <- v[!is.na(v)]
  sqrt((length(v) - 1) / length(v) * sum((v - mean(v))^2)) }))
put("jackknife_items", se_items, 1e-7, from("by Tukey's formula"))
