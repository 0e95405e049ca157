# All metrics of distributions with R: compare.R FILE WHAT; WHAT and output as in compare.py.
arguments <- commandArgs(TRUE)
kinds <- c(4, 5, 10); groups <- 100; each <- 100; n.p <- 1000; n.q <- 200; a <- .5
con <- file(arguments[1], "rb")
data <- lapply(kinds, function(k) {
  # file: groups x items x points; here a matrix (items of all groups) x points
  side <- function() matrix(readBin(con, "double", groups * each * k), ncol = k, byrow = TRUE)
  p <- side(); list(k = k, p = p, q = side())
})
close(con)
rows <- function(g) (g - 1) * each + seq_len(each)
xlx <- function(x) ifelse(x > 0, x * log(x), 0)
side <- function(x, n) {
  k <- ncol(x); code <- seq_len(k); s <- (n * x + a) / (n + k * a); mean <- drop(x %*% code)
  cum <- x; for (j in seq_len(k)[-1]) cum[, j] <- cum[, j - 1] + x[, j]
  list(x = x, n = n, smooth = s, log = log(s), root = sqrt(x), xlx = rowSums(xlx(x)), mean = mean,
       var = (drop(x %*% code^2) - mean^2) * n / (n - 1), most = do.call(pmax, as.data.frame(x)), square = rowSums(x^2), cum = cum)
}
pick <- function(s, i) lapply(s, function(x) if (is.matrix(x)) x[i, , drop = FALSE] else if (length(x) > 1) x[i] else x)
measure <- function(p, q) {
  k <- ncol(p$x); n <- p$n + q$n; d <- p$x - q$x; m <- (p$x + q$x) / 2
  l <- p$log - q$log; kl <- pmax(rowSums(p$smooth * l), 0); back <- pmax(-rowSums(q$smooth * l), 0)
  jsd <- pmax((p$xlx + q$xlx) / 2 - rowSums(xlx(m)), 0) / log(2); tv <- rowSums(abs(d)) / 2
  affinity <- pmin(rowSums(p$root * q$root), 1); pooled <- (p$n * p$x + q$n * q$x) / n
  term <- d * d / pooled; term[pooled == 0] <- 0
  chi2 <- rowSums(term) * p$n * q$n / n; used <- rowSums(pooled > 0)
  c <- used - (used - 1)^2 / (n - 1); r <- 2 - 1 / (n - 1)
  corrected <- sqrt(pmax(0, chi2 / n - (used - 1) / (n - 1)) / (pmin(r, c) - 1))
  total <- rowSums(m * m); f <- (p$cum - q$cum)[, -k, drop = FALSE]; w1 <- rowSums(abs(f)); cvm <- rowSums(f * f)
  w2 <- w1
  for (i in seq_len(k - 2)) for (j in (i + 1):(k - 1))
    w2 <- w2 + 2 * (pmax(p$cum[, i] - q$cum[, j], 0) + pmax(q$cum[, i] - p$cum[, j], 0))
  mean <- q$mean - p$mean; d <- mean / sqrt(((p$n - 1) * p$var + (q$n - 1) * q$var) / (n - 2))
  below <- p$cum[, -k, drop = FALSE]
  list(tv = tv, kl = kl / log(2), kl_reverse = back / log(2), jeffreys = (kl + back) / log(2), jsd = jsd, js_distance = sqrt(jsd),
       hellinger = sqrt(1 - affinity), bhattacharyya = -log(affinity), overlap = 1 - tv, chi2 = chi2, cramers_v = sqrt(chi2 / n),
       cramers_v_corrected = corrected, cf_st = pmax(((p$square + q$square) / 2 - total) / (1 - total), 0), w1 = w1,
       w1_scaled = w1 / (k - 1), w2 = sqrt(w2), w2_scaled = sqrt(w2) / (k - 1), ks = do.call(pmax, as.data.frame(abs(f))), cvm = cvm,
       energy = sqrt(2 * cvm), mean_difference = mean, cohens_d = d, hedges_g = (1 - 3 / (4 * (n - 2) - 1)) * d,
       cliffs_delta = rowSums(q$x[, -1, drop = FALSE] * below) - rowSums(q$x[, -k, drop = FALSE] * (1 - below)),
       variance_ratio = q$var / p$var, entropy_ratio = q$xlx / p$xlx, mode_ratio = q$most / p$most)
}
sums <- list()
add <- function(values) for (name in names(values)) {
  v <- values[[name]]; sums[[name]] <<- sum(c(sums[[name]], v[is.finite(v)]))
}
# Percentiles from two partial sorts, which is faster than quantile().
spread <- function(v) lapply(v, function(x) {
  n <- length(x); at <- c(.025, .975) * (n - 1) + 1; k <- floor(at); o <- sort.int(x, partial = sort(c(k, k + 1)))
  (1 - at + k) * o[k] + (at - k) * o[k + 1]
  sd(x, na.rm = TRUE)
})
start <- sum(proc.time()[1:2]); done <- 1
if (arguments[2] == "grid") {
  for (b in data) {
    p <- side(b$p, n.p); q <- side(b$q, n.q)
    for (g in seq_len(groups)) add(measure(pick(p, rep(rows(g), groups)), q))
  }
} else if (arguments[2] == "pairs") { # a function call for each pair
  for (b in data) for (at in seq_len(666)) {
    i <- (at %% groups) * each + at %% each + 1; j <- ((at * 7) %% groups) * each + at %% each + 1
    add(measure(side(b$p[i, , drop = FALSE], n.p), side(b$q[j, , drop = FALSE], n.q)))
  }
  done <- 3 * 666 / (groups * groups * each * length(kinds))
} else if (arguments[2] == "bootstrap") { # all pairs of groups: every group is drawn once; the first two of people's groups
  done <- 2 / groups / each
  for (b in data) {
    y <- lapply(seq_len(groups), function(g) t(rmultinom(1000, n.q, b$q[rows(g)[1], ])) / n.q)
    for (g in 1:2) {
      x <- side(t(rmultinom(1000, n.p, b$p[rows(g)[1], ])) / n.p, n.p)
      for (h in seq_len(groups)) add(spread(measure(x, side(y[[h]], n.q))))
    }
  }
} else {
  done <- 3 / groups
  for (b in data) for (g in seq_len(3)) for (i in rows(g)) {
    x <- side(t(rmultinom(1000, n.p, b$p[i, ])) / n.p, n.p); y <- side(t(rmultinom(1000, n.q, b$q[i, ])) / n.q, n.q)
    add(spread(measure(x, y)))
  }
}
cat("seconds", sum(proc.time()[1:2]) - start, "\n")
cat("done", format(done, digits = 9), "\n")
for (name in names(sums)) cat(name, format(sums[[name]], digits = 12), "\n")
