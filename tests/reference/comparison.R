# Reference values of src/factor/comparison.c. Run in this folder:  Rscript comparison.R
# Comparison data written in R from Ruscio & Roche (2012) and Ruscio & Kaczetow (2008): populations of 10,000 with the
# margins drawn from the data and k factors by iterated principal axes, their loadings corrected until five steps fail.
source("write.R")
put <- begin("comparison", "psych")
from <- function(f) paste0("R ", getRversion(), ", ", f)
set.seed(4)
x <- as.matrix(na.omit(psych::bfi[, c("A1", "A2", "A3", "A4", "A5", "N1", "N2", "N3", "N4", "N5")]))[1:400, ]
dimnames(x) <- NULL
n <- nrow(x); p <- ncol(x)
put("x", x, 0, "psych::bfi, first 400 complete rows of A1 .. A5, N1 .. N5")
axes <- function(r, k) { h <- 1 - 1 / diag(solve(r)) # principal axes, 50 rounds as in the source
  for (i in 1:50) { s <- r; diag(s) <- h; e <- eigen(s, TRUE)
    l <- e$vectors[, 1:k, drop = FALSE] %*% diag(sqrt(pmax(e$values[1:k], 0)), k); h <- pmin(rowSums(l^2), 1) }
  l }
population <- function(x, k, size = 10000) {
  margin <- apply(x, 2, function(v) sort(sample(v, size, TRUE)))
  common <- matrix(rnorm(size * max(k, 1)), size); unique <- matrix(rnorm(size * p), size)
  target <- cor(x); aim <- target; best <- Inf; fails <- 0
  make <- function(r) { l <- if (k) axes(r, k) else matrix(0, p, 1)
    y <- common %*% t(l) + unique %*% diag(sqrt(pmax(1 - rowSums(l^2), 0)))
    for (j in 1:p) y[order(y[, j]), j] <- margin[, j]
    y }
  while (fails < 5) {
    y <- make(aim); rest <- target - cor(y); off <- sqrt(mean(rest[lower.tri(rest)]^2))
    if (off < best) { best <- off; keep <- y; from <- aim; left <- rest; fails <- 0; aim <- aim + rest }
    else { fails <- fails + 1; aim <- from + .5^fails * left }
    if (k == 0) break }
  list(y = keep, away = best) }
samples <- function(x, k, times = 300) { # misfit of the eigenvalues
  o <- population(x, k); l <- eigen(cor(x), TRUE, TRUE)$values
  list(away = o$away, misfit = replicate(times, sqrt(mean((eigen(cor(o$y[sample(nrow(o$y), n, TRUE), ]), TRUE, TRUE)$values - l)^2)))) }
runs <- 10; most <- 6
all <- replicate(runs, lapply(0:most, function(k) samples(x, k)), simplify = FALSE)
keep <- sapply(all, function(a) { k <- 1
  while (k <= most && wilcox.test(a[[k + 1]]$misfit, a[[k]]$misfit, "less", exact = FALSE)$p.value < .3) k <- k + 1
  k - 1 })
put("factors", range(keep), 0, from(paste("least and most of", paste(keep, collapse = " "))))
asked <- 1:4 # 0 .. 3 factors: the program goes on at least that far
means <- sapply(all, function(a) sapply(a[asked], function(s) mean(s$misfit)))
put("misfit", rowMeans(means), 5 * max(apply(means, 1, sd)) * sqrt(1 + 1 / runs),
    from("10 populations x 300 samples; 5 standard deviations between populations"))
away <- sapply(all, function(a) sapply(a[asked], function(s) s$away))
put("away", rowMeans(away), 5 * max(apply(away, 1, sd)) * sqrt(1 + 1 / runs), from("the same: populations from the target"))
# the rank sum test
a <- round(rnorm(60), 1); b <- round(rnorm(70, .2), 1)
put("smaller_x", a, 0, "made up, with ties"); put("smaller_y", b, 0, "made up, with ties")
put("smaller", c(wilcox.test(a, b, "less", exact = FALSE)$p.value, wilcox.test(b, a, "less", exact = FALSE)$p.value), 1e-12,
    from("wilcox.test()"))
