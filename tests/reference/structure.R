# Reference values of src/structure/associate.c: how two arrangements of the same units agree.
# Run in this folder:  Rscript structure.R
# The two arrangements are made up here and written out first; the p values are those of all 5040
# permutations of seven units, or of the 144 within two strata.
suppressMessages(library(vegan))
source("write.R")
put <- begin("structure", "vegan")
from <- function(f) paste0("R ", getRversion(), ", ", f)

x <- matrix(c(1.2, -0.4, 0.3, 2.1, -1.5, 0.8, -0.9, 0.5, 1.1, -0.7, 0.2, -1.3, 0.9, 1.6), 7, 2)
y <- matrix(c(2.4, 3.2, 2.9, 4.2, 1.6, 2.0, 3.5, 2.6, 2.1, 1.9, 2.8, 3.3, 2.7, 3.9,
              4.4, 3.1, 4.6, 4.4, 4.9, 4.0, 3.9), 7, 3)
stratum <- c(1, 2, 1, 2, 1, 2, 1)
put("x", x, 0, "made up"); put("y", y, 0, "made up"); put("stratum", stratum, 0, "made up")

dx <- dist(x); dy <- dist(y)
put("distance", as.matrix(dy), 1e-14, from("dist()"))
pearson <- mantel(dx, dy, permutations = 0)$statistic
spearman <- mantel(dx, dy, method = "spearman", permutations = 0)$statistic
put("mantel", pearson, 1e-12, from("vegan::mantel()"))
put("mantel_rank", spearman, 1e-12, from("vegan::mantel(method = 'spearman')"))

rv <- function(a, b) { # from the definition, through n x n products
  a <- tcrossprod(scale(a, scale = FALSE)); b <- tcrossprod(scale(b, scale = FALSE))
  sum(a * b) / sqrt(sum(a * a) * sum(b * b))
}
put("rv", rv(x, y), 1e-12, from("by the definition"))

p <- procrustes(x, y, symmetric = TRUE)  # warns: x has fewer columns
protest_r <- sqrt(1 - p$ss)
put("procrustes", protest_r, 1e-10, from("vegan::procrustes(symmetric = TRUE)"))
put("procrustes_m2", p$ss, 1e-10, from("vegan::procrustes(symmetric = TRUE)$ss"))
put("procrustes_residual", residuals(p), 1e-8, from("residuals(vegan::procrustes(symmetric = TRUE))"))
q <- procrustes(y, x)  # not symmetric: x is fitted to y
put("procrustes_scale", q$scale, 1e-10, from("vegan::procrustes(y, x)$scale"))
put("procrustes_fitted", fitted(q, truemean = FALSE), 1e-10, from("fitted(vegan::procrustes(y, x))"))

permutations <- function(v) {
  if (length(v) < 2) return(matrix(v, 1))
  do.call(rbind, lapply(seq_along(v), function(i) cbind(v[i], permutations(v[-i]))))
}
all_orders <- permutations(1:7)
within <- all_orders[apply(all_orders, 1, function(o) all(stratum[o] == stratum)), ]
stopifnot(nrow(all_orders) == 5040, nrow(within) == 144)
dym <- as.matrix(dy)
lower <- lower.tri(dym)
one <- function(o) c(cor(dx, dym[o, o][lower]), cor(rank(dx), rank(dym[o, o][lower])), rv(x, y[o, ]),
                     sqrt(1 - procrustes(x, y[o, ], symmetric = TRUE)$ss))
share <- function(orders) {
  s <- suppressWarnings(apply(orders, 1, one))
  rowMeans(s >= c(pearson, spearman, rv(x, y), protest_r) - 1e-10)
}
# tolerances: four standard errors of a share of 9999 random permutations
for (i in 1:4) {
  name <- c("p_mantel", "p_mantel_rank", "p_rv", "p_procrustes")[i]
  p <- c(share(all_orders)[i], share(within)[i])
  put(name, p, 4 * max(sqrt(p * (1 - p) / 9999)),
      from("share of all permutations; within strata"))
}
