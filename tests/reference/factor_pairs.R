# Every extraction with every rotation: Thurstone's nine tests, three factors. Run in this folder after
# factor_extract.R:  Rscript factor_pairs.R
suppressMessages({library(psych); library(GPArotation)})
source("write.R"); source("gpa.R"); source("pspp.R")
put <- begin("factor_pairs", c("psych", "GPArotation"))
x <- read.delim("factor_extract.tsv", comment.char = "#")
stored <- function(q) x$value[x$quantity == q]
r <- unclass(as.matrix(Thurstone)); dimnames(r) <- NULL; p <- 9; k <- 3; n <- 213
put("r", r, 0, "psych::Thurstone")
root <- function(values) diag(sqrt(values[1:k]))
scaled <- function(psi) { e <- eigen(r / sqrt(psi %o% psi), TRUE); sqrt(psi) * e$vectors[, 1:k] %*% root(e$values - 1) }
whole <- eigen(r, TRUE); uls <- eigen(r - diag(stored("thurstone_uls_3_psi")), TRUE)
axes <- fa(r, k, rotate = "none", fm = "pa", max.iter = 1e5, min.err = 1e-14, n.obs = n)
unrotated <- list(pc = whole$vectors[, 1:k] %*% root(whole$values), paf = unclass(axes$loadings)[, ],
                  uls = uls$vectors[, 1:k] %*% root(uls$values), ml = scaled(stored("thurstone_ml_3_psi")),
                  gls = scaled(stored("thurstone_gls_3_psi")))
customary <- c("varimax", "quartimax", "equamax", "parsimax") # rows of unit length
set.seed(1)
for (e in names(unrotated)) {
  a <- unrotated[[e]]; dimnames(a) <- NULL; cat("\n", e, "")
  show <- function(rot, l, phi, tolerance, source, fixed = 0) {
    o <- order_of(l, phi, fixed); l <- l[, o]; phi <- phi[o, o]; s <- diag(ifelse(colSums(l) < 0, -1, 1))
    put(paste0(e, "_", rot, "_pattern"), l %*% s, tolerance, source)
    put(paste0(e, "_", rot, "_phi"), s %*% phi %*% s, tolerance, source) }
  for (m in names(runs)) {
    if (m == "bifactor-oblique") next # so flat that GPArotation does not come to 1e-6 in any time; see factor_rotate.R
    bi <- m == "bifactor"; flat <- bi || m == "geomin-orthogonal"
    f <- do.call(best, c(list(runs[[m]][[1]], a, normalize = m %in% customary, eps = if (flat) 3e-8 else 3e-7,
                              starts = if (bi) 40 else 10),
                         runs[[m]][[2]](p, k)))
    show(m, f$loadings, if (is.null(f$Phi)) diag(k) else f$Phi, 1e-6, paste("GPArotation", m), bi * 1)
  }
  v <- a %*% varimax(a, eps = 1e-15)$rotmat; u <- lm.fit(v, v * abs(v)^3)$coefficients
  u <- u %*% diag(sqrt(diag(solve(crossprod(u)))))
  show("promax", v %*% u, solve(crossprod(u)), 1e-6, "stats::promax(m = 4) after stats::varimax(eps = 1e-15)")
}
# PSPP, iterating until nothing changes
for (e in c("pc", "paf")) for (m in c("varimax", "quartimax", "equamax")) {
  f <- pspp_factor(r, n, k, paste0("ECONVERGE(1e-14) ITERATE(10000) RCONVERGE(1e-18) /EXTRACTION ", toupper(e),
                                   " /ROTATION ", toupper(m)))
  l <- f[[grep("^Rotated", names(f), value = TRUE)]]; l <- l[, order(-colSums(l^2))]
  put(paste0(e, "_", m, "_pspp_pattern"), l %*% diag(ifelse(colSums(l) < 0, -1, 1)), 1e-6, paste("PSPP", pspp_version()))
}
# The grid with PSPP is {pc, paf} x {none, varimax, quartimax, equamax, promax}: it has no ML; promax is in factor_preset.R,
# because its target is another one than that of stats::promax.
for (e in c("pc", "paf")) {
  f <- pspp_factor(r, n, k, paste0("ECONVERGE(1e-14) ITERATE(10000) /EXTRACTION ", toupper(e), " /ROTATION NOROTATE"))
  l <- f[[grep("^(Component|Factor) Matrix", names(f), value = TRUE)[1]]]
  put(paste0(e, "_none_pspp_pattern"), l %*% diag(ifelse(colSums(l) < 0, -1, 1)), 1e-6, paste("PSPP", pspp_version()))
}
