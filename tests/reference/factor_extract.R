# Reference values of src/factor/extract*.c. Run in this folder:  Rscript factor_extract.R
# R's factanal() stops up to 4e-5 away from its optimum: its solutions are polished by Newton steps here.
suppressMessages(library(psych))
source("write.R")
put <- begin("factor_extract", "psych")
from <- function(f) paste0("R ", getRversion(), ", ", f)

emmett <- diag(9)
emmett[upper.tri(emmett)] <- c(.523, .395, .479, .471, .506, .355, .346, .418, .270, .691, .426, .462, .254, .791,
  .679, .576, .547, .452, .443, .383, .372, .434, .283, .219, .285, .149, .314, .385, .639, .645, .504, .505, .409,
  .472, .680, .470)
emmett[lower.tri(emmett)] <- t(emmett)[lower.tri(emmett)]
data <- list(harman8 = list(Harman23.cor$cov, 305, 2:3, "datasets::Harman23.cor"),
  harman5 = list(cor(Harman.5), 12, 1:2, "psych::Harman.5"),
  harman74 = list(Harman74.cor$cov, 145, 1:5, "datasets::Harman74.cor"),
  thurstone = list(Thurstone, 213, 3, "psych::Thurstone"),
  ability = list(cov2cor(ability.cov$cov), 112, 1:2, "datasets::ability.cov"),
  emmett = list(emmett, 211, 3, paste("Emmett (1949) as in Lawley & Maxwell (1971), table 4.1;",
                                      "the same digits in the example data of NAG G03CAF")),
  attitude = list(cor(attitude), 30, 1:3, "datasets::attitude"), # 3 factors: a Heywood case
  swiss = list(cor(swiss), 47, 1:2, "datasets::swiss")) # 2 factors: a Heywood case

bound <- .005
# discrepancy and gradient by psi, from all eigenvalues
f_ml <- function(psi, r, k) { g <- eigen(r / sqrt(psi %o% psi), TRUE, TRUE)$values[-(1:k)]; sum(g - log(g) - 1) }
d_ml <- function(psi, r, k) { e <- eigen(r / sqrt(psi %o% psi), TRUE)
  w <- e$vectors[, -(1:k), drop = FALSE]; g <- e$values[-(1:k)]; drop(w^2 %*% (1 - g)) / psi }
f_gls <- function(psi, r, k) { g <- eigen(r / sqrt(psi %o% psi), TRUE, TRUE)$values[-(1:k)]; sum((1 / g - 1)^2) / 2 }
d_gls <- function(psi, r, k) { e <- eigen(r / sqrt(psi %o% psi), TRUE)
  w <- e$vectors[, -(1:k), drop = FALSE]; g <- e$values[-(1:k)]; drop(w^2 %*% ((1 / g - 1) / g)) / psi }
f_uls <- function(psi, r, k) sum(eigen(r - diag(psi), TRUE, TRUE)$values[-(1:k)]^2) / 2
d_uls <- function(psi, r, k) { e <- eigen(r - diag(psi), TRUE)
  drop(e$vectors[, -(1:k), drop = FALSE]^2 %*% -e$values[-(1:k)]) }
polish <- function(psi, f, d, r, k) { # Newton with a numerical jacobian of the gradient, over what is not held
  for (step in 1:8) {
    g <- d(psi, r, k); hold <- psi <= bound + 1e-7 & g > 0
    i <- which(!hold); psi[hold] <- bound
    j <- sapply(i, function(m) { h <- 1e-5 * psi[m]; a <- b <- psi; a[m] <- a[m] + h; b[m] <- b[m] - h
      (d(a, r, k)[i] - d(b, r, k)[i]) / (2 * h) })
    psi[i] <- psi[i] - solve(j, d(psi, r, k)[i])
  }
  stopifnot(max(abs(d(psi, r, k)[i])) < 1e-11, min(eigen(j)$values) > 0); psi }
best <- function(f, d, r, k) { p <- nrow(r); set.seed(1)
  starts <- c(list((1 - .5 * k / p) / diag(solve(r))), replicate(9, runif(p, .05, 1), FALSE))
  fits <- lapply(starts, function(s) optim(s, f, d, r = r, k = k, method = "L-BFGS-B", lower = bound, upper = 1,
                                           control = list(factr = 10, maxit = 5000, parscale = rep(.01, p))))
  polish(fits[[which.min(sapply(fits, `[[`, "value"))]]$par, f, d, r, k) }

for (name in names(data)) {
  r <- data[[name]][[1]]; dimnames(r) <- NULL; n <- data[[name]][[2]]; p <- nrow(r)
  put(paste0(name, "_r"), r, 0, data[[name]][[4]])
  for (k in data[[name]][[3]]) {
    psi <- best(f_ml, d_ml, r, k)
    # against factanal itself, at the accuracy it has (its criterion is smaller nowhere)
    fa <- tryCatch(factanal(covmat = r, factors = k, n.obs = n, rotation = "none", control = list(nstart = 10)),
                   error = function(e) NULL)
    if (!is.null(fa)) stopifnot(max(abs(fa$uniquenesses - psi)) < 2e-4,
                                f_ml(psi, r, k) <= f_ml(fa$uniquenesses, r, k) + 1e-12)
    e <- eigen(r / sqrt(psi %o% psi), TRUE)
    l <- sqrt(psi) * e$vectors[, 1:k, drop = FALSE] %*% diag(sqrt(pmax(e$values[1:k] - 1, 0)), k)
    tag <- paste0(name, "_ml_", k)
    put(paste0(tag, "_psi"), psi, 1e-6, from("factanal()'s criterion, polished"))
    put(paste0(tag, "_f"), f_ml(psi, r, k), 1e-9, from("factanal()'s criterion, polished"))
    put(paste0(tag, "_reproduced"), tcrossprod(l), 1e-6, from("factanal()'s criterion, polished"))
    if (name %in% c("harman74", "ability", "thurstone", "emmett", "harman8")) for (m in c("uls", "gls")) {
      f <- get(paste0("f_", m)); d <- get(paste0("d_", m)); psi <- best(f, d, r, k)
      if (m == "uls") { fa <- suppressWarnings(fa(r, k, rotate = "none", fm = "minres", n.obs = n))
        # where no item is at its bound psych's minres is the same; it stops early
        if (min(psi) > bound) stopifnot(max(abs(fa$uniquenesses - psi)) < 2e-3) }
      put(paste0(name, "_", m, "_", k, "_psi"), psi, 1e-6, from(paste0(m, " by its definition, polished")))
      put(paste0(name, "_", m, "_", k, "_f"), f(psi, r, k), 1e-9, from(paste0(m, " by its definition, polished")))
    }
  }
}
h <- fa(Harman74.cor$cov, 4, rotate = "none", fm = "pa", max.iter = 10000, min.err = 1e-13, n.obs = 145)
put("harman74_paf_4_communality", h$communality, 1e-7, "psych::fa fm = pa, min.err = 1e-13")
s <- fa(Harman74.cor$cov, 4, rotate = "none", fm = "pa", max.iter = 50, min.err = .001, n.obs = 145)
put("harman74_paf_psych_4_communality", s$communality, 1e-12, "psych::fa fm = pa with its own rule to stop")

# weighted least squares over pairs, by optim on the loadings
r <- cov2cor(ability.cov$cov); dimnames(r) <- NULL; p <- 6; k <- 2
set.seed(2); v <- matrix(0, p, p); v[lower.tri(v)] <- runif(15, .5, 2); v <- v + t(v); diag(v) <- 1
o <- lower.tri(r)
f <- function(x) { l <- matrix(x, p); sum(((r - tcrossprod(l))^2 / v)[o]) / 2 }
d <- function(x) { l <- matrix(x, p); e <- (r - tcrossprod(l)) / v; diag(e) <- 0; c(-e %*% l) }
x <- c(fa(r, k, rotate = "none")$loadings)
for (i in 1:20) x <- optim(x, f, d, method = "BFGS", control = list(reltol = 1e-16, maxit = 5000))$par
l <- matrix(x, p); stopifnot(max(abs(d(x))) < 1e-7)
put("dwls_variance", v, 0, "made up"); put("dwls_f", f(x), 1e-10, from("optim() on the loadings"))
put("dwls_communality", rowSums(l^2), 1e-6, from("optim() on the loadings"))
