# Reference values of src/factor/preset*.c. Run in this folder:  Rscript factor_preset.R
suppressMessages({library(psych); library(GPArotation)})
source("write.R"); source("pspp.R")
put <- begin("factor_preset", c("psych", "GPArotation"))
r <- Harman74.cor$cov; dimnames(r) <- NULL; n <- 145; p <- 24; k <- 4
bare <- function(l) { l <- unclass(l); attributes(l) <- list(dim = dim(l)); l }
from <- function(...) paste0(...)
both <- function(name, l, phi, tolerance, source) { put(paste0(name, "_pattern"), l, tolerance, source)
  if (!is.null(phi)) put(paste0(name, "_phi"), phi, tolerance, source) }
turn <- function(l, phi, o, s) list(l[, o] %*% diag(s[o]), if (!is.null(phi)) diag(s[o]) %*% phi[o, o] %*% diag(s[o]))
signs <- function(l) ifelse(colSums(l) < 0, -1, 1)

# psych: its own numbers, early stops included
tag <- from("psych ", packageVersion("psych"), ", fa(fm = 'pa') on Harman74.cor")
for (rotate in c("none", "varimax", "promax")) {
  f <- suppressWarnings(fa(r, k, n.obs = n, fm = "pa", rotate = rotate))
  both(from("psych_", rotate), bare(f$loadings), f$Phi, 1e-9, from(tag, ", rotate = ", rotate)) }
f <- principal(r, k, n.obs = n, rotate = "varimax")
both("psych_pc", bare(f$loadings), NULL, 1e-9, "psych principal(rotate = 'varimax')")

# factanal: what its own unrotated loadings become
f <- factanal(covmat = r, factors = k, n.obs = n, rotation = "none"); a <- bare(f$loadings)
put("factanal_unrotated", a, 0, "R 4.2.2 factanal(rotation = 'none')")
v <- factanal(covmat = r, factors = k, n.obs = n, rotation = "varimax")
both("factanal_varimax", bare(v$loadings), NULL, 1e-9, "R factanal(rotation = 'varimax')")
v <- factanal(covmat = r, factors = k, n.obs = n, rotation = "promax")
u <- promax(a)$rotmat; va <- varimax(a)
m <- va$rotmat %*% lm.fit(bare(va$loadings), bare(va$loadings) * abs(bare(va$loadings))^3)$coefficients
m <- m %*% diag(sqrt(diag(solve(crossprod(m))))); l <- a %*% m; phi <- solve(crossprod(m))
o <- order(-colSums(l^2)); x <- turn(l, phi, o, signs(l))
stopifnot(max(abs(x[[1]] - bare(v$loadings))) < 1e-9)
both("factanal_promax", bare(v$loadings), NULL, 1e-9, "R factanal(rotation = 'promax')")
put("factanal_promax_phi", x[[2]], 1e-9, "(M'M)^-1 of R's promax(); factanal's own Phi is known to be wrong")

# SPSS: PSPP iterates the extraction as it does, and the rotation until nothing changes
tag <- from("PSPP ", pspp_version(), " FACTOR MATRIX IN, ECONVERGE(.001) ITERATE(25) RCONVERGE(1e-16)")
run <- function(ext, rot) pspp_factor(r, n, k, from("ECONVERGE(.001) ITERATE(25) RCONVERGE(1e-16) /EXTRACTION ", ext,
                                                    " /ROTATION ", rot))
for (ext in c("PAF", "PC")) {
  title <- if (ext == "PC") "Component Matrix" else "Factor Matrix"
  rotated <- paste("Rotated", title)
  v <- run(ext, "VARIMAX"); u <- v[[title]]; s <- signs(u)
  both(from("spss_", tolower(ext), "_none"), u %*% diag(s), NULL, 1e-9, tag)
  w <- v[[rotated]]; o <- order(-colSums(w^2)); s <- signs(w)
  both(from("spss_", tolower(ext), "_varimax"), turn(w, NULL, o, s)[[1]], NULL, 1e-6, tag)
  x <- run(ext, "PROMAX(4)"); phi <- x[[grep("Correlation Matrix", names(x), value = TRUE)]]
  l <- x[["Pattern Matrix"]] # its columns follow varimax, their signs do not
  x <- turn(l, phi, o, s * ifelse(colSums(l * w) < 0, -1, 1))
  both(from("spss_", tolower(ext), "_promax"), x[[1]], x[[2]], 1e-6, tag)
  for (rot in c("QUARTIMAX", "EQUAMAX")) { w <- run(ext, rot)[[rotated]]; o2 <- order(-colSums(w^2)); s2 <- signs(w)
    both(from("spss_", tolower(ext), "_", tolower(rot)), turn(w, NULL, o2, s2)[[1]], NULL, 1e-6, tag) }
}

# principal axes by their definition
axes <- function(r, k, absolute, sum, tolerance, most) { h <- 1 - 1 / diag(solve(r))
  for (i in seq_len(most)) { a <- r; diag(a) <- h; e <- eigen(a, TRUE); d <- e$values[1:k]
    l <- e$vectors[, 1:k] %*% diag(sqrt(if (absolute) abs(d) else pmax(d, 0))); new <- rowSums(l^2)
    change <- if (sum) abs(base::sum(new) - base::sum(h)) else max(abs(new - h)); h <- new
    if (change < tolerance) break }
  l %*% diag(signs(l)) }
planar <- function(l, eps) { size <- sqrt(rowSums(l^2)); z <- l / size; p <- nrow(z)
  sv <- function(z) sum((p * colSums(z^4) - colSums(z^2)^2) / p^2); last <- sv(z)
  repeat { for (i in 1:(k - 1)) for (j in (i + 1):k) { u <- z[, i]^2 - z[, j]^2; w <- 2 * z[, i] * z[, j]
      a <- atan2(2 * sum(u * w) - 2 * sum(u) * sum(w) / p, sum(u^2 - w^2) - (sum(u)^2 - sum(w)^2) / p) / 4
      z[, c(i, j)] <- z[, c(i, j)] %*% matrix(c(cos(a), sin(a), -sin(a), cos(a)), 2) }
    now <- sv(z); if (abs(now - last) <= eps) break; last <- now }
  z * size }
bend <- function(l, q) { u <- lm.fit(l, q)$coefficients; u <- u %*% diag(sqrt(diag(solve(crossprod(u)))))
  list(l %*% u, solve(crossprod(u))) }
# EFAtools: the package is not here; its presets by their definition
a <- axes(r, k, TRUE, TRUE, 1e-3, 300); v <- planar(a, 1e-5); tag <- "presets of EFAtools 1.0.0.9000 by their definition"
both("efatools_none", a, NULL, 1e-9, tag)
both("efatools_varimax", turn(v, NULL, order(-colSums(v^2)), signs(v))[[1]], NULL, 1e-9, tag)
b <- bend(v, abs(v / sqrt(rowSums(v^2)))^4 * sign(v)); x <- turn(b[[1]], b[[2]], order(-colSums(b[[1]]^2)), signs(b[[1]]))
both("efatools_promax", x[[1]], x[[2]], 1e-9, tag)
# Stata: principal factors, raw varimax, promax(3)
a <- axes(r, k, FALSE, FALSE, 1, 1); v <- bare(varimax(a, FALSE, 1e-16)$loadings)
for (i in 1:5) v <- bare(varimax(v, FALSE, 1e-16)$loadings)
tag <- "principal factors by their definition, R varimax(normalize = FALSE, eps = 1e-16)"
both("stata_none", a, NULL, 1e-9, tag)
both("stata_varimax", turn(v, NULL, order(-colSums(v^2)), signs(v))[[1]], NULL, 1e-6, tag)
b <- bend(v, abs(v)^2 * v); s <- signs(b[[1]]); x <- turn(b[[1]], b[[2]], order(-diag(b[[2]] %*% crossprod(b[[1]]))), s)
both("stata_promax", x[[1]], x[[2]], 1e-6, "the same, promax with power 3 by its definition")
