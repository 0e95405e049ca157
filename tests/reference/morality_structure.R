# Reference values of src/morality/structure.c and items.c: factors of questionnaires turned towards the key and turned
# freely, and item statistics. Sheets: people of tests/data/morality-people.csv (made up, the key is true), also as
# differences within nations, and qwen2.5:72b of datasets/morality-llm-personas.
# Run in this folder:  Rscript morality_structure.R
suppressMessages({library(psych); library(GPArotation)})
source("write.R"); source("gpa.R")
put <- begin("morality_structure", c("psych", "GPArotation"))
turn_best <- best

# unweighted least squares by its definition, to its optimum; psych's minres, which stops early, is near
bound <- .005
f_uls <- function(psi, r, k) sum(eigen(r - diag(psi), TRUE, TRUE)$values[-(1:k)]^2) / 2
d_uls <- function(psi, r, k) { e <- eigen(r - diag(psi), TRUE)
  drop(e$vectors[, -(1:k), drop = FALSE]^2 %*% -e$values[-(1:k)]) }
uls <- function(r, k) {
  p <- nrow(r); set.seed(1)
  starts <- c(list((1 - .5 * k / p) / diag(solve(r))), replicate(5, runif(p, .05, 1), FALSE))
  fits <- lapply(starts, function(s) optim(s, f_uls, d_uls, r = r, k = k, method = "L-BFGS-B", lower = bound, upper = 1,
                                           control = list(factr = 10, maxit = 5000, parscale = rep(.01, p))))
  psi <- fits[[which.min(sapply(fits, `[[`, "value"))]]$par
  for (step in 1:8) { # Newton
    g <- d_uls(psi, r, k); hold <- psi <= bound + 1e-7 & g > 0
    i <- which(!hold); psi[hold] <- bound
    j <- sapply(i, function(m) { h <- 1e-5 * psi[m]; a <- b <- psi; a[m] <- a[m] + h; b[m] <- b[m] - h
      (d_uls(a, r, k)[i] - d_uls(b, r, k)[i]) / (2 * h) })
    psi[i] <- psi[i] - solve(j, d_uls(psi, r, k)[i])
  }
  stopifnot(max(abs(d_uls(psi, r, k)[i])) < 1e-11)
  fa <- suppressWarnings(suppressMessages(fa(r, k, rotate = "none", fm = "minres", n.obs = 300)))
  cat("psych minres differs by", max(abs(fa$uniquenesses - psi)), "\n")
  stopifnot(any(psi <= bound + 1e-6) || f_uls(psi, r, k) <= f_uls(fa$uniquenesses, r, k) + 1e-10)
  e <- eigen(r - diag(psi), TRUE)
  list(psi = psi, loadings = e$vectors[, 1:k, drop = FALSE] %*% diag(sqrt(pmax(e$values[1:k], 0)), k))
}

key <- kronecker(diag(6), rep(1, 6))
tucker <- function(a, b) colSums(a * b) / sqrt(colSums(a^2) * colSums(b^2))
study <- function(name, x) { # x: sheets x 36, scale after scale
  r <- cor(x, use = "pairwise"); dimnames(r) <- NULL
  f <- uls(r, 6)
  set.seed(2)
  W <- 1 - key
  t <- turn_best(GPFoblq, f$loadings, method = "pst", methodArgs = list(W = W, Target = 0 * W), starts = 30)
  s <- ifelse(colSums(t$loadings * key) < 0, -1, 1)
  L <- t$loadings %*% diag(s); P <- diag(s) %*% t$Phi %*% diag(s)
  hit <- apply(abs(L), 1, which.max) == rep(1:6, each = 6) & rowSums(L * key) > 0
  put(paste0(name, "_target"), L, 2e-6, "psych minres to its optimum, GPArotation pstQ")
  put(paste0(name, "_target_phi"), P, 2e-6, "GPArotation pstQ")
  put(paste0(name, "_congruence"), tucker(L, key), 2e-6, "Tucker's phi with the key")
  put(paste0(name, "_own_share"), tapply(hit, rep(1:6, each = 6), mean), 1e-12, "which.max()")
  o <- turn_best(GPFoblq, f$loadings, method = "quartimin", starts = 30, eps = 1e-8, most = 20000)
  C <- factor.congruence(key, o$loadings, digits = 15)
  perm <- expand.grid(rep(list(1:6), 6)); perm <- perm[apply(perm, 1, anyDuplicated) == 0, ]
  sums <- apply(perm, 1, function(q) sum(abs(C[cbind(1:6, q)])))
  q <- unlist(perm[which.max(sums), ]); s <- sign(C[cbind(1:6, q)])
  put(paste0(name, "_free"), o$loadings[, q] %*% diag(s), 2e-6, "GPArotation quartimin, best order")
  put(paste0(name, "_free_congruence"), abs(C[cbind(1:6, q)]), 2e-6, "psych factor.congruence()")
  v <- svd(crossprod(f$loadings, key)); R <- f$loadings %*% v$u %*% t(v$v)
  put(paste0(name, "_rigid"), tucker(R, key), 1e-7, "Procrustes by svd()")
  put(paste0(name, "_uniqueness"), f$psi, 1e-6, "minres to its optimum")
  list(rigid = R, unrotated = f$loadings, target = L)
}
read <- function(file, order) as.matrix(read.csv(file)[, paste0("MFQ2_", order)])
blocks <- as.vector(matrix(1:36, 6, byrow = TRUE)) # 1, 7, 13 .. : published order, scale after scale
people <- read("../data/morality-people.csv", 1:36) + 1
land <- read.csv("../data/morality-people.csv")$land
answers <- read.csv("../../datasets/morality-llm-personas/answers.csv")
models <- as.matrix(answers[answers$model == "qwen2.5:72b", paste0("MFQ2_", blocks)])
a <- study("people", people)
invisible(study("within", apply(people, 2, function(x) x - ave(x, land, FUN = function(v) mean(v, na.rm = TRUE)))))
b <- study("model", models)
# the model's factors turned rigidly to those of people
v <- svd(crossprod(b$unrotated, a$rigid))
put("people_model", tucker(a$rigid, b$unrotated %*% v$u %*% t(v$v)), 1e-7, "Procrustes by svd()")

# ---- items of care in people, complete sheets: psych::alpha itself
x <- people[complete.cases(people[, 1:6]), 1:6]
al <- suppressWarnings(suppressMessages(psych::alpha(as.data.frame(x), check.keys = FALSE)))
one <- uls(cor(x), 1)$loadings
put("items", cbind(colMeans(x), apply(x, 2, sd), al$item.stats$r.drop, al$alpha.drop$raw_alpha, one * sign(sum(one)),
                   colMeans(x == 1), colMeans(x == 5)), 1e-6, "psych::alpha(), minres")
put("items_exact", cbind(al$item.stats$mean, al$item.stats$sd, al$item.stats$r.drop, al$alpha.drop$raw_alpha), 1e-12,
    "psych::alpha()")
