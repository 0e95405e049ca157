# Reference values of src/factor/scores.c. Run in this folder:  Rscript factor_scores.R
suppressMessages({library(psych); library(GPArotation)})
source("write.R")
put <- begin("factor_scores", c("psych", "GPArotation"))
r <- cor(mtcars); x <- as.matrix(mtcars); p <- 11; k <- 2; dimnames(r) <- NULL
q <- quartimin(unclass(factanal(covmat = r, factors = k, rotation = "none")$loadings)[1:p, ], eps = 1e-8)
l <- unclass(q$loadings); phi <- q$Phi; dimnames(l) <- dimnames(phi) <- NULL
psi <- 1 - rowSums(l %*% phi * l)
put("r", r, 0, "cor(mtcars)"); put("pattern", l, 0, "GPArotation::quartimin"); put("phi", phi, 0, "the same")
put("psi", psi, 0, "1 - communality")
source <- function(m) paste0("psych::factor.scores(method = '", m, "')$weights")
w <- list()
for (m in c("Thurstone", "Bartlett", "Anderson", "tenBerge")) {
  w[[m]] <- factor.scores(r, l, Phi = phi, method = m)$weights
  if (m != "Anderson") put(paste0("weights_", m), w[[m]], 1e-8, source(m)) }
# psych's Anderson-Rubin takes the model's correlations in place of R; here by its definition
e <- function(a, power) with(eigen(a, TRUE), vectors %*% diag(values^power) %*% t(vectors))
v <- l / psi; w$Anderson <- v %*% e(t(v) %*% r %*% v, -.5)
put("weights_Anderson", w$Anderson, 1e-8, "Psi^-1 P (P' Psi^-1 R Psi^-1 P)^-1/2 by its definition")
s <- l %*% phi
for (m in names(w)) {
  c <- t(w[[m]]) %*% r %*% w[[m]]
  put(paste0("correlation_", m), cov2cor(c), 1e-8, "cov2cor(W'RW)")
  put(paste0("sd_", m), sqrt(diag(c)), 1e-8, "sqrt(diag(W'RW))")
  put(paste0("validity_", m), diag(1 / sqrt(diag(c))) %*% t(w[[m]]) %*% s, 1e-8, "Grice (2001)") }
put("least", 2 * diag(t(s) %*% solve(r, s)) - 1, 1e-9, "2 rho^2 - 1")
x[cbind(c(1, 2, 2, 5, 9, 9, 9), c(3, 1, 4, 11, 2, 5, 6))] <- NA; x[12, ] <- NA
mean <- colMeans(mtcars); sd <- apply(mtcars, 2, sd)
put("values", x, 0, "mtcars with holes"); put("mean", mean, 0, "mtcars"); put("sd", sd, 0, "mtcars")
z <- scale(x, mean, sd)
for (m in c("Thurstone", "Bartlett")) put(paste0("scores_", m), t(apply(z, 1, function(z) {
  o <- !is.na(z); if (!any(o)) return(rep(NA, k)); z[!o] <- r[!o, o, drop = FALSE] %*% solve(r[o, o], z[o])
  z %*% w[[m]] })), 1e-7, "conditional expectation of what is missing, by its definition")
put("error", t(apply(z, 1, function(z) { o <- !is.na(z); if (!any(o)) return(rep(NA, k))
  sqrt(diag(phi - t(s[o, ]) %*% solve(r[o, o], s[o, ]))) })), 1e-8, "sqrt diag (phi - S'R^-1 S)")
