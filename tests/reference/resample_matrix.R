# Reference values of the bootstrap of other associations than Pearson's (src/resample/resample_associate.c), of weights, gaps
# and strata in all of them, and of percentile and BCa intervals. Run in this folder:  Rscript resample_matrix.R
# resample_draws.py draws the same respondents as the program. Every replicate is then a sample of its own: its rows are
# repeated as often as drawn and as the weight says, which is right because the weights are whole numbers.
source("write.R")
suppressMessages(library(boot))
put <- begin("resample_matrix", c("boot", "mvtnorm"))
from <- function(f) paste0("R ", getRversion(), ", ", f)
n <- 80; p <- 5; k <- 2; B <- 199; level <- .9; PARTS <- 63
set.seed(11)
f <- matrix(rnorm(2 * n), n)
x <- sapply(1:p, function(i) as.numeric(cut(f[, 1 + (i > 3)] + .3 * f[, 1] + 1.1 * rnorm(n), c(-9, -.7, .2, .9, 9), labels = FALSE)))
x[sample(n * p, 24)] <- NA
w <- sample(1:3, n, TRUE); stratum <- rep(0:1, c(35, 45))
put("x", x, 0, "made up"); put("weight", w, 0, "made up"); put("stratum", stratum, 0, "made up")
draw <- function(rows) { # counts of the replicates and the order of the respondents, all numbers those of x
  write.table(cbind(stratum, w, x)[rows, ], "resample_matrix.tmp", sep = "\t", row.names = FALSE, col.names = FALSE)
  drawn <- strsplit(system2("python3", c("resample_draws.py", 7, B, "resample_matrix.tmp"), stdout = TRUE), "\t")
  unlink("resample_matrix.tmp")
  counts <- matrix(0L, B, n); counts[, rows] <- t(sapply(drawn[-1], as.integer))
  stopifnot(all(rowSums(counts) == length(rows) - 2)) # n - 1 of each stratum
  list(order = rows[as.integer(drawn[[1]]) + 1], counts = counts) }

# ---- associations, on rows written out ----
cells <- function(rho, a, b) {
  below <- function(x, y) if (x == -Inf || y == -Inf) 0 else if (x == Inf) pnorm(y) else if (y == Inf) pnorm(x) else
    mvtnorm::pmvnorm(upper = c(x, y), corr = matrix(c(1, rho, rho, 1), 2), algorithm = mvtnorm::TVPACK(1e-14))[1]
  corner <- outer(c(-Inf, a, Inf), c(-Inf, b, Inf), Vectorize(below)); u <- nrow(corner); v <- ncol(corner)
  corner[-1, -1] - corner[-u, -1] - corner[-1, -v] + corner[-u, -v] }
two_step <- function(tab) {
  cut_at <- function(m) qnorm(cumsum(m)[-length(m)] / sum(m)); a <- cut_at(rowSums(tab)); b <- cut_at(colSums(tab))
  used <- tab > 0; of <- function(r) sum(tab[used] * log(pmax(cells(r, a, b)[used], 1e-300)))
  slope <- function(r, h = 1e-5) (of(r + h) - of(r - h)) / (2 * h)
  if (slope(.99) > 0 || slope(-.99) < 0) stop("a perfect correlation: other data")
  uniroot(slope, c(-.99, .99), tol = 1e-12)$root }
polychoric <- function(d) { r <- diag(p)
  for (i in 2:p) for (j in 1:(i - 1)) r[i, j] <- r[j, i] <- two_step(table(d[, i], d[, j])); r }
em <- function(d) { # saturated normal by the textbook: Little & Rubin (2002), section 11.2.1
  mu <- colMeans(d, na.rm = TRUE); s <- diag(apply(d, 2, var, na.rm = TRUE))
  for (step in 1:5000) {
    t1 <- 0; t2 <- 0
    for (i in seq_len(nrow(d))) { o <- !is.na(d[i, ]); y <- d[i, ]; c <- matrix(0, p, p)
      if (!any(o)) next
      if (any(!o)) { g <- s[!o, o, drop = FALSE] %*% solve(s[o, o]); y[!o] <- mu[!o] + g %*% (y[o] - mu[o])
        c[!o, !o] <- s[!o, !o] - g %*% s[o, !o] }
      t1 <- t1 + y; t2 <- t2 + y %o% y + c }
    m <- sum(rowSums(!is.na(d)) > 0); new <- t1 / m; ns <- t2 / m - new %o% new
    done <- max(abs(new - mu), abs(ns - s)) < 1e-11; mu <- new; s <- ns; if (done) break }
  cov2cor(s) }
kinds <- list(pearson = function(d) cor(d, use = "pairwise"), listwise = function(d) cor(d, use = "complete"),
              spearman = function(d) cor(d, use = "pairwise", method = "spearman"),
              kendall = function(d) cor(d, use = "pairwise", method = "kendall"), polychoric = polychoric, em = em)

# ---- the analysis ----
solve_one <- function(r) { e <- eigen(r, TRUE); l <- e$vectors[, 1:k] %*% diag(sqrt(e$values[1:k]))
  y <- l / sqrt(rowSums(l^2)); u <- y[, 1]^2 - y[, 2]^2; v <- 2 * y[, 1] * y[, 2] # Kaiser (1958), p. 193, eq. 8
  phi <- atan2(2 * sum(u * v) - 2 * sum(u) * sum(v) / p, sum(u^2 - v^2) - (sum(u)^2 - sum(v)^2) / p) / 4
  simple <- function(t) sum(apply((y %*% t)^2, 2, var)); turn <- matrix(c(cos(phi), sin(phi), -sin(phi), cos(phi)), 2)
  stopifnot(simple(turn) > simple(varimax(l, TRUE, 1e-14)$rotmat) - 1e-10) # stats::varimax stops earlier
  l <- l %*% turn
  l <- l[, order(-colSums(l^2))]; sweep(l, 2, sign(colSums(l)), "*") }
align <- function(l, a) { s <- svd(crossprod(l, a)); l %*% s$u %*% t(s$v) }
for (kind in names(kinds)) {
  cat(kind, "")
  drawn <- draw(if (kind == "listwise") which(complete.cases(x)) else 1:n); order_of_all <- drawn$order; counts <- drawn$counts
  target <- NULL
  numbers <- function(count) { r <- kinds[[kind]](x[rep(1:n, count * w), ]); l <- solve_one(r)
    if (!is.null(target)) l <- align(l, target)
    c(t(l), rowSums(l^2), eigen(r, TRUE)$values) }
  all <- numbers(rep(1, n)); target <- matrix(all[1:(p * k)], p, byrow = TRUE)
  replicates <- t(apply(counts, 1, numbers))
  parts <- t(sapply(seq_len(min(PARTS, length(order_of_all))) - 1, function(b) { c <- integer(n); c[order_of_all] <- (seq_along(order_of_all) - 1) %% PARTS != b
    numbers(c) }))
  influence <- sweep(-parts, 2, colMeans(parts), "+")
  a <- colSums(influence^3) / (6 * colSums(influence^2)^1.5)
  z0 <- qnorm(sapply(seq_along(all), function(i) mean(replicates[, i] < all[i])))
  bca <- function(q) sapply(seq_along(all), function(i) { z <- z0[i] + qnorm(q)
    quantile(replicates[, i], pnorm(z0[i] + z / (1 - a[i] * z))) })
  tolerance <- if (kind == "em") 1e-6 else 1e-7
  show <- function(name, v) put(paste0(kind, "_", name), v, tolerance, from("the same draws, quantile(type = 7), Efron (1987)"))
  show("estimate", all); show("se", apply(replicates, 2, sd))
  show("low", apply(replicates, 2, quantile, (1 - level) / 2)); show("high", apply(replicates, 2, quantile, (1 + level) / 2))
  show("bca_low", bca((1 - level) / 2)); show("bca_high", bca((1 + level) / 2))
  # boot.ci interpolates between order statistics in another way: it may lie between the same two neighbours
  b <- boot(data.frame(y = 1:n), function(d, i) all, R = B); b$t0 <- all; b$t <- replicates
  for (type in c("perc", "bca")) {
    ci <- t(sapply(seq_along(all), function(i) { j <- b; j$t0 <- all[i]; j$t <- replicates[, i, drop = FALSE]
      v <- boot.ci(j, level, type, L = influence[, i]); v <- if (type == "perc") v$percent else v$bca; tail(c(v), 2) }))
    gap <- function(v, i) { s <- sort(replicates[, i]); h <- findInterval(v, s); max(diff(s[max(1, h - 1):min(B, h + 2)])) }
    for (side in 1:2) for (i in seq_along(all)) cat(sprintf("%s_boot_%s_%s\t%d\t1\t%.17g\t%g\t%s\n", kind, type,
      c("low", "high")[side], i, ci[i, side], gap(ci[i, side], i) + tolerance, from("boot::boot.ci, same replicates; within a gap")),
      file = "resample_matrix.tsv", append = TRUE)
  }
}
cat("\n")
