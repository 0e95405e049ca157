# Reference values of weighted units in src/cluster/validity.c, and of src/cluster/strangers.c.
# Run in this folder:  Rscript cluster_weights.R
# A whole weight is as many units at one place: R judges the rows written out as often as their weights say.
suppressMessages({library(cluster); library(fpc)})
source("write.R")
put <- begin("cluster_weights", c("cluster", "fpc"))

x <- scale(as.matrix(USArrests))
weight <- rep(c(1, 3, 2, 5), length.out = nrow(x))
weight[7] <- 40
label <- kmeans(x, x[c(2, 8, 15, 30), ])$cluster
row <- rep(seq_len(nrow(x)), weight)
put("points", x, 0, "USArrests, scaled")
put("weight", weight, 0, "made up")
put("label", label, 0, "kmeans(), four centres")

d <- dist(x[row, ])
r <- cluster.stats(d, label[row])
value <- c(r$avg.silwidth, r$ch, r$dunn, r$within.cluster.ss)
put("index", value, 1e-9 * pmax(1, abs(value)), "fpc cluster.stats() of the rows written out")
s <- silhouette(label[row], d)
put("width", s[match(seq_len(nrow(x)), row), "sil_width"], 1e-12, "silhouette() of the rows written out")
centre <- apply(x[row, ], 2, function(v) tapply(v, label[row], mean))
spread <- sapply(1:4, function(g) mean(sqrt(rowSums((x[row, ][label[row] == g, ] - rep(centre[g, ], each = sum(label[row] == g)))^2))))
apart <- as.matrix(dist(centre))
davies <- mean(sapply(1:4, function(i) max(((spread[i] + spread) / apart[i, ])[-i])))
put("davies", davies, 1e-10, "by hand from the rows written out")
h <- hclust(d, "average")
put("cophenetic", cor(d, cophenetic(h)), 1e-10, "cor(d, cophenetic()) of the rows written out, average linkage")
# prediction strength of the one of three clusters by the other one: share of pairs together, least over clusters
other <- kmeans(x, x[c(1, 9, 20), ])$cluster
put("other", other, 0, "kmeans(), three centres")
together <- sapply(1:3, function(g) {
  o <- label[row][other[row] == g]
  (sum(table(o)^2) - length(o)) / (length(o) * (length(o) - 1))
})
put("prediction", min(together), 1e-12, "pairs by hand from the rows written out")
# Jaccard similarity of each cluster to the most similar one of `other`
put("jaccard", sapply(1:4, function(g) max(sapply(1:3, function(h)
  sum(label[row] == g & other[row] == h) / sum(label[row] == g | other[row] == h)))), 1e-12,
  "by hand from the rows written out")

# Gap: of reference sets each row is written out as often as the weight of one of the units says. Four standard errors of
# ours (300 sets) and of these are below .02.
few <- rep(c(1, 2, 3, 2), length.out = nrow(x))
rows <- rep(seq_len(nrow(x)), few)
log_within <- function(y) sapply(1:4, function(k, h = hclust(dist(y), "ward.D2")) {
  l <- cutree(h, k)
  log(sum(sapply(1:k, function(g) sum(scale(y[l == g, , drop = FALSE], scale = FALSE)^2))))
})
set.seed(9)
m <- colMeans(x[rows, ])
v <- svd(sweep(x[rows, ], 2, m))$v
box <- apply(sweep(x, 2, m) %*% v, 2, range)
reference <- replicate(2000, {
  z <- apply(box, 2, function(r) runif(nrow(x), r[1], r[2])) %*% t(v)
  log_within(z[rows, ])
})
put("few", few, 0, "made up")
put("few_within", log_within(x[rows, ]), 1e-9, "hclust(\"ward.D2\") of the rows written out")
put("few_gap", rowMeans(reference) - log_within(x[rows, ]), .02, "clusGap() by hand, 2000 sets of weighted rows")

# Strangers: iris flowers among the clusters of others. Means of three groups with bootstrap intervals; an interval of
# ours is of 4000 replicates, four standard errors of its limits are below .01.
set.seed(8)
f <- as.matrix(iris[, 1:4])
people <- sample(150, 100)
y <- f[people, ]
z <- f[-people, ]
cl <- cutree(hclust(dist(y), "ward.D2"), 3)
of <- c(setosa = 0, versicolor = 1, virginica = 2)[as.character(iris$Species[-people])]
own <- ifelse(seq_along(of) %% 5 == 0, (of + 1) %% 3, of) + 1 # cluster meant, some wrong
put("people", y, 0, "iris, 100 flowers")
put("people_label", cl, 0, "cutree(hclust(\"ward.D2\"), 3)")
put("strangers", z, 0, "iris, the other flowers")
put("group", of, 0, "their species")
put("own", own, 0, "cluster meant, made up")
apart <- as.matrix(dist(rbind(z, y)))[seq_len(nrow(z)), nrow(z) + seq_len(nrow(y))]
widths <- function(drawn, own) {
  m <- sapply(1:3, function(g) rowMeans(apart[, drawn[cl[drawn] == g], drop = FALSE]))
  t(sapply(seq_len(nrow(z)), function(i) {
    s <- sort(m[i, ])
    a <- m[i, own[i]]
    b <- min(m[i, -own[i]])
    c((s[2] - s[1]) / s[2], (b - a) / max(a, b))
  }))
}
w <- widths(seq_along(cl), own)
put("strange", w, 1e-12, "by hand: nearest cluster, cluster meant")
put("strange_mean", apply(w, 2, function(v) tapply(v, of, mean)), 1e-12, "means of the species")
one <- sapply(1:20000, function(r) {
  drawn <- unlist(lapply(1:3, function(g) { m <- which(cl == g); sample(m, length(m) - 1, TRUE) }))
  w <- widths(drawn, own)
  c(sapply(0:2, function(g) { m <- which(of == g); m <- sample(m, length(m) - 1, TRUE); colMeans(w[m, ]) }), w[4, ])
})
q <- apply(one, 1, quantile, c(.025, .975))
put("strange_low", matrix(q[1, 1:6], 3, 2, byrow = TRUE), .01, "bootstrap by hand, 20000 replicates")
put("strange_high", matrix(q[2, 1:6], 3, 2, byrow = TRUE), .01, "bootstrap by hand, 20000 replicates")
put("strange_one", t(q[, 7:8]), .01, "bootstrap of people alone, stranger 4, 20000 replicates")
