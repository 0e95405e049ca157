# Reference values of src/cluster/medoids_build.c: the first medoids of PAM, before any swap.
# Run in this folder:  Rscript cluster_build.R
suppressMessages(library(cluster))
source("write.R")
put <- begin("cluster_build", "cluster")
read <- function(name) { # data of cluster.R
  t <- read.delim("cluster.tsv", comment.char = "#")
  t <- t[t$quantity == name, ]
  x <- matrix(NA, max(t$row), max(t$col))
  x[cbind(t$row, t$col)] <- as.numeric(t$value)
  x
}
for (name in c("iris", "arrests", "map", "ruspini")) {
  x <- read(name)
  put(paste0("build_", name), sort(pam(x, 8, do.swap = FALSE)$id.med), 0, "pam(do.swap = FALSE)")
}
# three clouds, more than one block of units
set.seed(4)
x <- matrix(rnorm(1800), 600) + rep(c(0, 9, 18), each = 200)
put("clouds", x, 0, "rnorm()")
put("build_clouds", sort(pam(x, 8, do.swap = FALSE)$id.med), 0, "pam(do.swap = FALSE)")
put("cost_clouds", sapply(2:5, function(k) pam(x, k, pamonce = 6)$objective[["swap"]] * 600), 1e-9, "pam(pamonce = 6)")
