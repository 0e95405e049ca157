# Reference values of src/cluster/validity.c, count.c and recovery.c.
# Run in this folder:  Rscript cluster_validity.R
# Data: iris, USArrests and the latest position of every country of datasets/map2023, as in cluster.R.
suppressMessages({library(cluster); library(fpc); library(MASS)})
source("write.R")
put <- begin("cluster_validity", c("cluster", "fpc", "MASS"))

positions <- read.csv("../../datasets/map2023/country_year.csv")
positions <- positions[order(positions$s003, positions$year), ]
positions <- positions[!duplicated(positions$s003, fromLast = TRUE), ]
map <- as.matrix(positions[, c("survsagg", "tradagg")])
sets <- list(iris = as.matrix(iris[, 1:4]), arrests = scale(as.matrix(USArrests)), map = map)

# Indices of the cuts of Ward's tree, k = 2 .. 6: silhouette, Calinski-Harabasz, Dunn, within.
for (name in names(sets)) {
  x <- sets[[name]]
  d <- dist(x)
  h <- hclust(d, "ward.D2")
  value <- t(sapply(2:6, function(k) {
    r <- cluster.stats(d, cutree(h, k))
    c(r$avg.silwidth, r$ch, r$dunn, r$within.cluster.ss)
  }))
  put(paste0("cut_", name), sapply(2:6, function(k) cutree(h, k)), 0, "cutree(hclust(\"ward.D2\"))")
  put(paste0("index_", name), value, 1e-9 * pmax(1, abs(value)), "fpc cluster.stats()")
  put(paste0("cophenetic_", name), cor(d, cophenetic(h)), 1e-10, "cor(d, cophenetic())")
  # log of the pooled within sum of squares, k = 1 .. 6, as in the gap statistic with squared distances;
  # clusGap() sums every pair once, not twice as the paper does: log 2 is missing, in the gap it cancels
  logw <- clusGap(x, function(x, k) list(cluster = cutree(hclust(dist(x), "ward.D2"), k)), 6, B = 2,
                  d.power = 2, verbose = FALSE)$Tab[, "logW"]
  put(paste0("log_within_", name), logw + log(2), 1e-10, "clusGap(d.power = 2) + log 2")
}
s <- silhouette(cutree(hclust(dist(sets$arrests), "ward.D2"), 5), dist(sets$arrests))
put("width_arrests", s[, c("sil_width")], 1e-12, "silhouette()")
s <- silhouette(c(1, 1, 2, 3, 3, 3), dist(c(0, 1, 5, 7, 8, 10)))
put("width_singleton", s[, "sil_width"], 1e-12, "silhouette() with a cluster of one unit")

# Rules on gap curves.
set.seed(5)
for (i in 1:30) {
  f <- cumsum(rnorm(8)) / 3
  se <- runif(8) / 3
  put(paste0("curve_", i), cbind(f, se), 0, "made up")
  put(paste0("rule_", i), c(maxSE(f, se, "Tibs2001SEmax"), maxSE(f, se, "firstSEmax")), 0, "maxSE()")
}
# The gap itself: its mean over reference sets is random: four standard errors of 2000 sets.
set.seed(6)
g <- clusGap(sets$arrests, function(x, k) list(cluster = cutree(hclust(dist(x), "ward.D2"), k)), 6,
             B = 2000, d.power = 2, spaceH0 = "scaledPCA", verbose = FALSE)$Tab
put("gap_arrests", g[, "gap"], 0.02, "clusGap(B = 2000), scaledPCA")
g <- clusGap(sets$arrests, function(x, k) list(cluster = cutree(hclust(dist(x), "ward.D2"), k)), 6,
             B = 2000, d.power = 2, spaceH0 = "original", verbose = FALSE)$Tab
put("gap_uniform", g[, "gap"], 0.02, "clusGap(B = 2000), original axes")
# Stability and prediction strength are random likewise.
set.seed(7)
for (k in 2:4) {
  r <- clusterboot(sets$arrests, B = 1000, clustermethod = hclustCBI, method = "ward.D2", k = k,
                   scaling = FALSE, count = FALSE)
  put(paste0("stability_", k), sort(r$bootmean), 0.03, "clusterboot(B = 1000), Ward")
}
r <- prediction.strength(sets$arrests, 2, 4, M = 1000, clustermethod = kmeansCBI, runs = 5)
put("prediction", r$mean.pred[2:4], 0.03, "prediction.strength(M = 1000), k-means")

# Groups found again: linear discriminants, and nearest means by hand.
zone <- c(setosa = 0, versicolor = 1, virginica = 2)[as.character(iris$Species)]
put("species", zone, 0, "iris")
r <- lda(sets$iris, zone, CV = TRUE)
put("lda_posterior", r$posterior[cbind(1:150, zone + 1)], 1e-9, "MASS lda(CV = TRUE)")
put("lda_found", as.integer(as.character(r$class)), 0, "MASS lda(CV = TRUE)")
x <- sets$iris
margin <- t(sapply(1:150, function(i) {
  m <- apply(x[-i, ], 2, function(v) tapply(v, zone[-i], mean))
  d <- sqrt(rowSums((m - rep(x[i, ], each = 3))^2))
  c(which.min(d) - 1, min(d[-(zone[i] + 1)]) - d[zone[i] + 1])
}))
put("centroid", margin, 1e-10, "leave-one-out by hand: label found, margin")
