# Reference values of src/cluster: partitions, trees, mixtures, densities.
# Run in this folder:  Rscript cluster.R
# Data: iris and USArrests of R, ruspini of package cluster, and the latest position of every country of
# datasets/map2023.
suppressMessages({library(cluster); library(mclust); library(dbscan); library(seriation)})
source("write.R")
put <- begin("cluster", c("cluster", "mclust", "dbscan", "seriation"))

positions <- read.csv("../../datasets/map2023/country_year.csv")
positions <- positions[order(positions$s003, positions$year), ]
map <- as.matrix(positions[!duplicated(positions$s003, fromLast = TRUE), c("survsagg", "tradagg")])
iris4 <- as.matrix(iris[, 1:4])
arrests <- scale(as.matrix(USArrests))
data(ruspini)
put("iris", iris4, 0, "R datasets")
put("arrests", arrests, 0, "R datasets, scale()")
put("map", map, 0, "datasets/map2023")
put("ruspini", ruspini, 0, "R cluster")
sets <- list(iris = iris4, arrests = arrests, map = map, ruspini = as.matrix(ruspini))


# k-means: the least sum of squares of many starts for k = 1 .. 8; sizes and centres for k = 3, by size.
set.seed(1)
for (name in names(sets)) {
  x <- sets[[name]]
  best <- sapply(1:8, function(k) kmeans(x, k, nstart = 1000, iter.max = 1000)$tot.withinss)
  put(paste0("kmeans_", name), best, 1e-8 * best[1], "kmeans(), 1000 starts")
  r <- kmeans(x, 3, nstart = 100, iter.max = 1000)
  by_size <- order(-r$size)
  put(paste0("kmeans_sizes_", name), r$size[by_size], 0, "kmeans(), k = 3")
  put(paste0("kmeans_centres_", name), r$centers[by_size, ], 1e-8, "kmeans(), k = 3")
}
# Weights: whole ones are as many rows.
w <- 1 + (0:149) %% 3
r <- kmeans(iris4[rep(1:150, w), ], 4, nstart = 500, iter.max = 1000)
put("kmeans_weighted", c(r$tot.withinss, r$totss), 1e-8, "kmeans() of repeated rows, k = 4")

# Medoids: the least cost of PAM from its own and 200 random starts.
best_pam <- function(d, k) {
  n <- attr(d, "Size")
  cost <- function(r) sum(apply(as.matrix(d)[, r$id.med, drop = FALSE], 1, min))
  min(cost(pam(d, k, diss = TRUE)),
      replicate(200, cost(pam(d, k, diss = TRUE, medoids = sample(n, k), pamonce = 2))))
}
for (name in names(sets)) {
  d <- dist(sets[[name]])
  put(paste0("pam_", name), sapply(1:8, function(k) best_pam(d, k)), 1e-8, "pam(), 200 starts")
}
put("pam_manhattan", sapply(1:6, function(k) best_pam(dist(arrests, "manhattan"), k)), 1e-8,
    "pam(), Manhattan distance of arrests")
r <- pam(dist(iris4), 3)
put("pam_medoids", sort(r$id.med), 0, "pam(), iris, k = 3")

# Trees: heights and cophenetic distances. Data without ties.
for (name in c("arrests", "map")) for (method in c("ward.D2", "average", "complete", "single")) {
  d <- dist(sets[[name]])
  h <- hclust(d, method)
  short <- sub("[.].*", "", method)
  put(paste("tree", short, name, sep = "_"), h$height, 1e-10, paste0("hclust(\"", method, "\")"))
  if (name == "arrests" && short %in% c("ward", "average"))
    put(paste("together", short, sep = "_"), as.matrix(cophenetic(h))[1:8, ], 1e-10, "cophenetic()")
  put(paste("cut", short, name, sep = "_"), sort(table(cutree(h, 5)), decreasing = TRUE), 0, "cutree()")
}
heavy <- 1 + (0:49) %% 4
h <- hclust(dist(arrests), "average", members = heavy)
put("tree_average_weighted", h$height, 1e-10, "hclust(members)")
h <- hclust(dist(arrests[rep(1:50, heavy), ]), "ward.D2")
put("tree_ward_weighted", tail(h$height, 49), 1e-8, "hclust(\"ward.D2\") of repeated rows")
for (name in c("arrests", "map")) {
  d <- dist(sets[[name]])
  h <- hclust(d, "average")
  o <- get_order(seriate(d, "OLO", control = list(hclust = h)))
  put(paste0("leaf_path_", name), sum(as.matrix(d)[cbind(head(o, -1), tail(o, -1))]), 1e-10,
      "seriation OLO: length of the path")
}

# Dissimilarities.
some <- iris4[c(1, 30, 60, 90, 120, 150), ]
put("some", some, 0, "six rows of iris")
put("metric_euclidean", as.matrix(dist(some)), 1e-12, "dist()")
put("metric_manhattan", as.matrix(dist(some, "manhattan")), 1e-12, "dist()")
put("metric_maximum", as.matrix(dist(some, "maximum")), 1e-12, "dist()")
put("metric_correlation", 1 - cor(t(some)), 1e-12, "1 - cor()")
holes <- some; holes[2, 3] <- NA; holes[5, 1] <- NA; holes[5, 4] <- NA
put("holes", holes, 0, "the same with three values missing")
put("metric_available", as.matrix(dist(holes)), 1e-12, "dist() with missing values")
put("metric_gower", as.matrix(daisy(holes, "gower")), 1e-12, "daisy(\"gower\")")

# Mixtures: EM from the cut of Ward's tree: log-likelihood, BIC, free parameters by model, then ICL, which
# is of first order in what the iterations still lack and so agrees to fewer digits.
tight <- emControl(tol = c(1e-13, 1e-13), itmax = c(100000, 100000))
models <- c("EII", "VII", "EEI", "VEI", "EVI", "VVI", "EEE", "VEE", "EVE", "VVE", "EEV", "VEV", "EVV",
            "VVV")
mixtures <- function(x, k, tag) {
  start <- cutree(hclust(dist(x), "ward.D2"), k)
  put(paste("mixture_start", tag, sep = "_"), start, 0, "cutree(hclust(\"ward.D2\"))")
  value <- t(sapply(models, function(m) {
    r <- me(x, m, unmap(start), control = tight)
    free <- nMclustParams(m, ncol(x), k)
    bic <- 2 * r$loglik - free * log(nrow(x))
    c(r$loglik, bic, free, bic + 2 * sum(log(apply(r$z, 1, max))))
  }))
  put(paste("mixture", tag, sep = "_"), value[models != "VVE", 1:3], 1e-5,
      "mclust me(): loglik, bic, parameters")
  put(paste("mixture_icl", tag, sep = "_"), value[models != "VVE", 4], 1e-3, "mclust me(): icl")
  # The M-step of VVE is an iteration of its own, which mclust ends early: a better fit is no fault.
  put(paste("mixture_vve", tag, sep = "_"), value["VVE", 1], 0, "mclust me(): loglik")
}
mixtures(iris4[seq(1, 150, 3), ], 2, "iris")
mixtures(map, 3, "map")
r <- Mclust(iris4, 3, "VVV", control = tight, verbose = FALSE)
put("mixture_means", t(r$parameters$mean)[order(-table(r$classification)), ], 1e-5, "mclust, iris, VVV, k = 3")
put("mixture_shares", r$parameters$pro[order(-table(r$classification))], 1e-5, "mclust, iris, VVV, k = 3")
one <- t(sapply(c("E", "V"), function(m) {
  r <- Mclust(faithful$eruptions, 2, m, control = tight, verbose = FALSE)
  c(r$loglik, r$bic, r$df)
}))
put("eruptions", faithful$eruptions, 0, "R datasets, faithful")
put("mixture_one", one, 1e-5, "mclust in one dimension: models E and V")

# HDBSCAN*.
for (name in c("map", "ruspini", "arrests")) {
  r <- hdbscan(sets[[name]], minPts = 5)
  put(paste0("hdbscan_", name), r$cluster, 0, "hdbscan(minPts = 5), 0 = noise")
  put(paste0("hdbscan_core_", name), r$coredist, 1e-12, "hdbscan(): core distances")
}
