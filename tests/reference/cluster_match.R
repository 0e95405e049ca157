# Reference values of src/cluster/transport.c, match_maps.c, match_trees.c and parts of distance.c.
# Run in this folder:  Rscript cluster_match.R
suppressMessages({library(lpSolve); library(dendextend); library(vegan); library(fpc); library(energy)})
source("write.R")
put <- begin("cluster_match", c("lpSolve", "dendextend", "vegan", "fpc", "energy"))

# Assignment: costs, least total.
set.seed(11)
shapes <- list(c(3, 3), c(5, 5), c(12, 12), c(4, 9), c(9, 4), c(30, 30), c(1, 6), c(20, 33))
costs <- lapply(shapes, function(s) matrix(round(rnorm(prod(s)), 3), s[1]))
costs[[1]] <- matrix(c(4, 2, 3, 1, 0, 2, 3, 5, 2), 3)
costs[[3]] <- matrix(sample(0:3, 144, TRUE), 12) # many ties
total <- numeric()
for (i in seq_along(costs)) {
  x <- costs[[i]]
  put(paste0("cost_", i), x, 0, "made up")
  n <- max(dim(x)) # empty rows or columns make it square: lp.assign() wants that
  square <- matrix(0, n, n)
  square[seq_len(nrow(x)), seq_len(ncol(x))] <- x - min(x)
  total[i] <- lp.assign(square)$objval + min(x) * min(dim(x))
}
put("assign", total, 1e-9, "lp.assign()")
# Transport.
for (i in 1:8) {
  r <- c(3, 6, 10, 10, 25, 4, 1, 12)[i]; k <- c(4, 6, 15, 10, 20, 30, 7, 12)[i]
  x <- matrix(if (i == 4) sample(0:2, r * k, TRUE) else round(runif(r * k), 3), r)
  a <- rmultinom(1, 40 * max(r, k), rep(1, r))[, 1]; b <- rmultinom(1, 40 * max(r, k), rep(1, k))[, 1]
  if (i == 8) { a[c(2, 5)] <- 0; b <- a }
  put(paste0("transport_cost_", i), x, 0, "made up")
  put(paste0("supply_", i), a, 0, "made up")
  put(paste0("demand_", i), b, 0, "made up")
  t <- lp.transport(x, "min", rep("=", r), a, rep("=", k), b)
  total[i] <- t$objval / sum(a)
}
put("transport", total, 1e-9, "lp.transport()")

# Trees.
x <- scale(as.matrix(USArrests))
pairs <- list(c("ward.D2", "average"), c("average", "complete"), c("complete", "single"), c("single", "ward.D2"))
for (i in seq_along(pairs)) {
  h <- lapply(pairs[[i]], function(m) hclust(dist(x), m))
  a <- as.dendrogram(h[[1]]); b <- as.dendrogram(h[[2]])
  put(paste0("trees_", i),
      c(cor_bakers_gamma(h[[1]], h[[2]]), cor_cophenetic(a, b), as.vector(dist.dendlist(dendlist(a, b)))), 1e-9,
      paste("dendextend,", pairs[[i]][1], pairs[[i]][2]))
}
# Entanglement of two orders of ten leaves.
o <- c(3, 1, 2, 5, 4, 10, 9, 7, 8, 6)
d1 <- as.dendrogram(hclust(dist(1:10)^2, "single"))
put("entangled", entanglement(rotate(d1, 1:10), rotate(d1, 10:1), L = 1.5), 1e-9, "dendextend, turned round")

# Maps laid over one another.
set.seed(12)
human <- matrix(rnorm(24), 12)
q <- 25 * pi / 180
persona <- .6 * human %*% matrix(c(cos(q), -sin(q), sin(q), cos(q)), 2) + matrix(rnorm(24, sd = .1), 12) + 3
put("human", human, 0, "made up"); put("persona", persona, 0, "made up")
p <- procrustes(persona, human, symmetric = FALSE)
put("map_scale", p$scale, 1e-10, "vegan procrustes()")
put("map_residual", residuals(p), 1e-10, "vegan procrustes()")
put("map_protest", sqrt(1 - procrustes(persona, human, symmetric = TRUE)$ss), 1e-10, "vegan procrustes()")
put("map_mantel", cor(dist(human), dist(persona)), 1e-10, "cor(dist(), dist())")

# Clouds: setosa, versicolor and virginica.
s <- split(iris[, 1:4], iris$Species)
pair <- rbind(c(1, 2), c(1, 3), c(2, 3))
put("bhattacharyya", apply(pair, 1, function(k) bhattacharyya.dist(colMeans(s[[k[1]]]), colMeans(s[[k[2]]]), cov(s[[k[1]]]), cov(s[[k[2]]]))),
    1e-10, "fpc bhattacharyya.dist()")
put("energy", apply(pair, 1, function(k) sqrt(edist(rbind(s[[k[1]]], s[[k[2]]]), c(50, 50))[1] / 25)), 1e-10,
    "energy edist()")
pooled <- (cov(s[[1]]) + cov(s[[2]]) + cov(s[[3]])) / 3
put("mahalanobis", apply(pair, 1, function(k) sqrt(mahalanobis(colMeans(s[[k[1]]]), colMeans(s[[k[2]]]), pooled))), 1e-10,
    "mahalanobis()")
