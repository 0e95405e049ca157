# Reference values of principal components, varimax and score weights.
# Run in this folder: Rscript factor.R
source("write.R")
put <- begin("factor", "psych")

# stats::varimax stops when its criterion grows by less than eps, and the criterion is flat at its
# maximum: with eps = 1e-14 the loadings are still off by up to 2e-8. A negative eps runs all 1000
# steps.
exactly <- -1

put("attitude_r", cor(attitude), 0, "stats::cor of datasets::attitude")
put("attitude_eigenvalues", eigen(cor(attitude))$values, 1e-13, "base::eigen")
for (k in 2:4) {
  plain <- psych::principal(attitude, nfactors = k, rotate = "none")
  put(paste0("attitude_unrotated_", k), unclass(plain$loadings), 1e-12,
      "psych::principal rotate none")
  turned <- psych::principal(attitude, nfactors = k, rotate = "varimax", eps = exactly)
  put(paste0("attitude_loadings_", k), unclass(turned$loadings), 1e-8,
      "psych::principal rotate varimax, eps = -1")
  put(paste0("attitude_weights_", k), turned$weights, 1e-8,
      "psych::principal rotate varimax, eps = -1")
}

# Eleven items, raw and normalised, from the same unrotated loadings.
put("mtcars_r", cor(mtcars), 0, "stats::cor of datasets::mtcars")
e <- eigen(cor(mtcars))
for (k in 3:4) {
  loadings <- e$vectors[, 1:k] %*% diag(sqrt(e$values[1:k]))
  put(paste0("mtcars_normalised_", k), unclass(varimax(loadings, eps = exactly)$loadings), 1e-8,
      "stats::varimax eps = -1")
  put(paste0("mtcars_raw_", k),
      unclass(varimax(loadings, normalize = FALSE, eps = exactly)$loadings), 1e-8,
      "stats::varimax normalize = FALSE, eps = -1")
}
