# Reference values of src/factor/congruence.c and consensus.c.
# Run in this folder:  Rscript congruence.R
suppressMessages({library(psych); library(GPArotation)})
source("write.R")
put <- begin("congruence", c("psych", "GPArotation"))
from <- function(f) paste0("psych ", packageVersion("psych"), ", ", f)

a <- unclass(factanal(covmat = Harman74.cor, factors = 3)$loadings)[1:24, ]
b <- unclass(principal(Harman74.cor$cov, 3, rotate = "none")$loadings)[1:24, ]
put("a", a, 0, "factanal(Harman74.cor, 3)"); put("b", b, 0, from("principal(Harman74.cor, 3)"))
put("phi", factor.congruence(a, b, digits = 16), 1e-12, from("factor.congruence()"))
p <- Procrustes(b, a)
put("orthogonal", p$loadings, 1e-10, from("Procrustes()"))
put("orthogonal_rotation", p$rotation, 1e-10, from("Procrustes()$rotation"))
o <- target.rot(b, a)
put("oblique", unclass(o$loadings), 1e-10, from("target.rot()"))
put("oblique_phi", o$Phi, 1e-10, from("target.rot()$Phi"))

# Gower's generalised Procrustes analysis from its definition: the loss as a function of three angles for
# each of two solutions (the first stays), minimised by optim() from many starts
turn <- function(v) { r <- diag(3); for (i in 1:3) { ij <- combn(3, 2)[, i]; g <- diag(3)
  g[ij, ij] <- c(cos(v[i]), sin(v[i]), -sin(v[i]), cos(v[i])); r <- r %*% g }; r }
set.seed(5)
l <- lapply(1:3, function(g) (a + rnorm(72, 0, .15)) %*% turn(runif(3, -2, 2)))
for (g in 1:3) put(paste0("group_", g), l[[g]], 0, "factanal(Harman74.cor, 3), noise, rotated")
loss <- function(v) { r <- list(l[[1]], l[[2]] %*% turn(v[1:3]), l[[3]] %*% turn(v[4:6]))
  m <- Reduce(`+`, r) / 3; sum(sapply(r, function(x) sum((x - m)^2))) }
best <- NULL
for (s in 1:40) { f <- optim(runif(6, -3, 3), loss, method = "BFGS", control = list(maxit = 2000, reltol = 1e-15))
  if (is.null(best) || f$value < best$value) best <- f }
r <- list(l[[1]], l[[2]] %*% turn(best$par[1:3]), l[[3]] %*% turn(best$par[4:6]))
m <- Reduce(`+`, r) / 3
put("loss", best$value, 1e-9, "optim() over all rotations, best of 40 starts")
put("explained", 1 - best$value / sum(sapply(l, function(x) sum(x^2))), 1e-9, "the same")
put("consensus_product", tcrossprod(m), 1e-5, "the same: consensus times its transpose")
