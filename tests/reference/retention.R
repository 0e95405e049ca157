# Reference values of src/factor/parallel.c and retention.c.
# Run in this folder:  Rscript retention.R
suppressMessages({library(psych); library(GPArotation)})
source("write.R")
put <- begin("retention", "psych")
from <- function(f) paste0("R ", getRversion(), ", ", f)
r <- Harman74.cor$cov; n <- 145; p <- 24
put("r", r, 0, "R datasets::Harman74.cor (Holzinger & Swineford 1939)")

# chance: data are drawn, not Wishart matrices; tolerance is five standard errors of both simulations
set.seed(1)
sets <- 4000
draw <- function(f) t(replicate(sets, f(cor(matrix(rnorm(n * p), n)))))
plain <- draw(function(c) eigen(c, TRUE, TRUE)$values)
reduced <- draw(function(c) { diag(c) <- 1 - 1 / diag(solve(c)); eigen(c, TRUE, TRUE)$values })
se <- function(x) 5 * sqrt(mean(apply(x, 2, var)) * (1 / sets + 1 / 2000))
put("mean_pc", colMeans(plain), se(plain), from("4000 sets of rnorm(), eigen(cor())"))
put("mean_smc", colMeans(reduced), se(reduced), from("4000 sets of rnorm(), with SMC"))
put("quantile_pc", apply(plain, 2, quantile, .95), 2.5 * se(plain), from("the same, quantile()"))
# nFactors::parallel() 2.4.1.1 is no oracle: it takes the eigenvalues of cov() with the diagonal set to 1, which
# are no correlations; its first quantiles are some .015 too large here.

put("map_psych", vss(r, n = 8, n.obs = n, plot = FALSE)$map, 1e-9,
    paste("psych", packageVersion("psych"), "vss()$map, from one component on"))
map <- function(power) sapply(0:(p - 2), function(m) { # by the definition
  e <- eigen(r, TRUE); c <- r
  if (m) { a <- e$vectors[, 1:m, drop = FALSE] %*% diag(sqrt(e$values[1:m]), m); c <- r - a %*% t(a) }
  q <- cov2cor(c); mean(q[lower.tri(q)]^power) })
put("map", map(2), 1e-11, from("by Velicer's definition"))
put("map4", map(4), 1e-11, from("by the definition"))
l <- eigen(r)$values
put("ekc", sapply(1:p, function(j) max(1, (1 + sqrt(p / n))^2 * (p - sum(l[seq_len(j - 1)])) / (p - j + 1))),
    1e-11, from("by eq. 2 of Braeken & van Assen"))

most <- 7
fit <- lapply(1:most, function(k) factanal(covmat = r, factors = k, n.obs = n, rotation = "none",
                                           control = list(nstart = 5)))
chi2 <- c(-(n - 1 - (2 * p + 5) / 6) * log(det(r)), sapply(fit, function(f) f$STATISTIC))
df <- c(p * (p - 1) / 2, sapply(fit, function(f) f$dof))
put("chi2", chi2, 0, from("factanal()")); put("df", df, 0, from("factanal()"))
for (k in 1:most) put(paste0("loadings_", k), unclass(fit[[k]]$loadings)[1:p, , drop = FALSE], 0, from("factanal()"))
caf <- function(c) { q <- solve(c); q <- cov2cor(q); o <- lower.tri(c)
  1 - sum(c[o]^2) / (sum(c[o]^2) + sum(q[o]^2)) }
left <- lapply(fit, function(f) { e <- r - tcrossprod(unclass(f$loadings)); diag(e) <- 1; e })
cafs <- c(caf(r), sapply(left, caf))
put("caf", cafs, 1e-10, from("1 - KMO of the residuals, by the definition"))
stopifnot(abs(1 - cafs[1] - KMO(r)$MSA) < 1e-12, abs(1 - cafs[3] - KMO(left[[2]])$MSA) < 1e-12)
cfi <- 1 - pmax(chi2 - df, 0) / pmax(chi2[1] - df[1], chi2 - df, 0)
put("cfi", cfi, 1e-10, from("by the definition"))
put("p_value", pchisq(chi2, df, lower.tail = FALSE), 1e-12, from("pchisq()"))
rmsea <- sqrt(pmax(chi2 - df, 0) / df / (n - 1))
put("rmsea", rmsea, 1e-12, from("by the definition"))
low <- mapply(function(x, d) if (pchisq(x, d) <= .95) 0 else
  uniroot(function(l) pchisq(x, d, ncp = l) - .95, c(0, x), tol = 1e-10)$root, chi2, df)
put("rmsea_low", sqrt(low / df / (n - 1)), 1e-7, from("uniroot() on pchisq(ncp)"))
put("bic", chi2 - df * log(n), 1e-10, from("by the definition"))
hull <- function(f) { # upper hull by brute force: a point stays when no chord of two others is above it
  k <- seq_along(f) - 1; d <- ((p - k)^2 - (p + k)) / 2
  keep <- sapply(seq_along(f), function(i) i == 1 || f[i] > max(f[seq_len(i - 1)]))
  above <- function(i) any(sapply(which(keep), function(a) sapply(which(keep), function(b)
    a < i && i < b && f[i] <= f[a] + (f[b] - f[a]) * (d[a] - d[i]) / (d[a] - d[b]))))
  on <- which(keep); on <- on[!sapply(on, above)]
  st <- sapply(2:(length(on) - 1), function(i) ((f[on[i]] - f[on[i - 1]]) / (d[on[i - 1]] - d[on[i]])) /
    ((f[on[i + 1]] - f[on[i]]) / (d[on[i]] - d[on[i + 1]])))
  on[which.max(st) + 1] - 1 }
put("hull", c(hull(cafs), hull(cfi), hull(1 - rmsea)), 0, from("upper hull by brute force"))
# next eigenvalue sufficiency test: data are drawn from common factors and unique parts (Achim 2017; so does
# EFAtools), not Wishart matrices; tolerance as above, 2.11 sd is the standard error of a normal .95 quantile
set.seed(2)
eigenvalue <- function(k) replicate(sets, {
  x <- matrix(rnorm(n * p), n)
  if (k) { l <- unclass(fit[[k]]$loadings)[1:p, , drop = FALSE]
    x <- matrix(rnorm(n * k), n) %*% t(l) + x %*% diag(sqrt(fit[[k]]$uniquenesses)) }
  eigen(cor(x), TRUE, TRUE)$values[k + 1] })
next_one <- lapply(0:4, eigenvalue)
put("nest", sapply(next_one, quantile, .95), 5 * 2.11 * max(sapply(next_one, sd)) * sqrt(1 / sets + 1 / 2000),
    from("4000 sets from factanal()'s factors, quantile()"))
stop_at <- which(l[1:5] <= sapply(next_one, quantile, .95))[1] - 1
put("nest_count", stop_at, 0, "the first k whose next eigenvalue is below that")
