# Rotation by GPArotation to its optimum: the best of some random starts, finished. Its default eps 1e-5 leaves loadings
# some 1e-5 off.
best <- function(run, a, ..., eps = 3e-7, most = 2000, starts = 10) {
  k <- ncol(a)
  fits <- lapply(seq_len(starts), function(i) tryCatch(suppressWarnings(
    run(a, Tmat = if (i == 1) diag(k) else Random.Start(k), eps = 1e-4, maxit = 1000, ...)), error = function(e) NULL))
  fits <- Filter(Negate(is.null), fits)
  f <- fits[[which.min(sapply(fits, function(f) tail(f$Table[, 2], 1)))]]
  for (i in 1:8) { f <- suppressWarnings(run(a, Tmat = f$Th, eps = eps, maxit = most, ...))
    if (tail(f$Table[, 3], 1) < log10(eps)) break }
  cat(tail(f$Table[, 3], 1), "")
  stopifnot(tail(f$Table[, 3], 1) < log10(eps) + .3) # log10 of the projected gradient
  f }
runs <- list( # name = list(function, arguments by p and k)
  varimax = list(GPForth, function(p, k) list(method = "varimax")),
  quartimax = list(GPForth, function(p, k) list(method = "quartimax")),
  equamax = list(GPForth, function(p, k) list(method = "cf", methodArgs = list(kappa = k / (2 * p)))),
  parsimax = list(GPForth, function(p, k) list(method = "cf", methodArgs = list(kappa = (k - 1) / (p + k - 2)))),
  `cf-orthogonal` = list(GPForth, function(p, k) list(method = "cf", methodArgs = list(kappa = .3))),
  `geomin-orthogonal` = list(GPForth, function(p, k) list(method = "geomin", methodArgs = list(delta = .01))),
  bifactor = list(GPForth, function(p, k) list(method = "bifactor")),
  oblimin = list(GPFoblq, function(p, k) list(method = "oblimin", methodArgs = list(gam = -.5))),
  quartimin = list(GPFoblq, function(p, k) list(method = "quartimin")),
  `cf-oblique` = list(GPFoblq, function(p, k) list(method = "cf", methodArgs = list(kappa = .3))),
  geomin = list(GPFoblq, function(p, k) list(method = "geomin", methodArgs = list(delta = .01))),
  `bifactor-oblique` = list(GPFoblq, function(p, k) list(method = "bifactor")))
order_of <- function(l, phi, fixed) { s <- diag(phi %*% crossprod(l)); k <- ncol(l)
  o <- seq_len(k); i <- (fixed + 1):k; o[i] <- i[order(-s[i])]; o }
