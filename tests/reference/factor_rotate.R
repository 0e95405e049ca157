# Reference values of src/factor/rotate*.c. Run in this folder:  Rscript factor_rotate.R
suppressMessages({library(psych); library(GPArotation)})
source("write.R"); source("gpa.R")
put <- begin("factor_rotate", c("psych", "GPArotation"))
data <- list(harman74_4 = unclass(factanal(covmat = Harman74.cor, factors = 4, rotation = "none")$loadings)[1:24, ],
             ability_2 = unclass(factanal(covmat = ability.cov, factors = 2, rotation = "none")$loadings)[1:6, ],
             harman8_2 = unclass(factanal(covmat = Harman23.cor, factors = 2, rotation = "none")$loadings)[1:8, ])
set.seed(1)
for (d in names(data)) {
  a <- data[[d]]; dimnames(a) <- NULL; p <- nrow(a); k <- ncol(a)
  put(paste0(d, "_unrotated"), a, 0, "stats::factanal(rotation = 'none')")
  for (n in names(runs)) for (kaiser in c(FALSE, TRUE)) {
    bi <- grepl("bifactor", n)
    if (bi && (k < 3 || kaiser)) next
    flat <- n %in% c("geomin-orthogonal", "bifactor-oblique") # the criterion hardly changes around its optimum
    f <- do.call(best, c(list(runs[[n]][[1]], a, normalize = kaiser, eps = if (flat) 7e-8 else 3e-7),
                         runs[[n]][[2]](p, k)))
    l <- f$loadings; phi <- if (is.null(f$Phi)) diag(k) else f$Phi
    o <- order_of(l, phi, bi * 1); l <- l[, o]; phi <- phi[o, o]
    s <- ifelse(colSums(l) < 0, -1, 1); l <- l %*% diag(s); phi <- diag(s) %*% phi %*% diag(s)
    tag <- paste(d, n, if (kaiser) "kaiser" else "raw", sep = "_")
    source <- paste0("GPArotation ", n, ", best of 10 starts")
    put(paste0(tag, "_pattern"), l, 1e-6, source)
    if (!is.null(f$Phi)) put(paste0(tag, "_phi"), phi, 1e-6, source)
  }
  pm <- promax(varimax(a, eps = 1e-15)$loadings, m = 4)
  m <- varimax(a, eps = 1e-15)$rotmat %*% pm$rotmat
  # promax() runs on varimax loadings here; factanal()'s own Phi has had wrong signs, this is the definition
  m <- varimax(a, eps = 1e-15)$rotmat; v <- a %*% m; q <- v * abs(v)^3; u <- lm.fit(v, q)$coefficients
  u <- u %*% diag(sqrt(diag(solve(crossprod(u))))); l <- v %*% u; phi <- solve(crossprod(u))
  stopifnot(max(abs(abs(unclass(pm$loadings)) - abs(l))) < 1e-6)
  o <- order_of(l, phi, 0); l <- l[, o]; phi <- phi[o, o]
  s <- ifelse(colSums(l) < 0, -1, 1); l <- l %*% diag(s); phi <- diag(s) %*% phi %*% diag(s)
  put(paste0(d, "_promax_pattern"), l, 1e-6, "stats::promax(m = 4) after stats::varimax(eps = 1e-15)")
  put(paste0(d, "_promax_phi"), phi, 1e-6, "(M'M)^-1 of the same")
}
# targets: complete and partially specified
a <- data$harman74_4; dimnames(a) <- NULL; k <- 4
v <- unclass(varimax(a)$loadings); target <- ifelse(abs(v) > .35, round(v, 1), 0)
put("target", target, 0, "made from varimax loadings")
f <- best(GPFoblq, a, method = "target", methodArgs = list(Target = target))
put("target_pattern", f$loadings, 1e-6, "GPArotation targetQ"); put("target_phi", f$Phi, 1e-6, "GPArotation targetQ")
f <- best(GPForth, a, method = "target", methodArgs = list(Target = target))
put("target_orthogonal_pattern", f$loadings, 1e-6, "GPArotation targetT")
free <- ifelse(target == 0, 0, NA); w <- ifelse(is.na(free), 0, 1)
put("target_partial", free, 0, "zeros of the target, the rest free")
f <- best(GPFoblq, a, method = "pst", methodArgs = list(W = w, Target = ifelse(w == 1, 0, 0)))
put("target_partial_pattern", abs(f$loadings), 1e-6, "GPArotation pstQ, absolute: signs are free")
