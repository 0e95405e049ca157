# Reference values of intervals of scores: src/compare/likeness_dependence.c, likeness_range.c.
# Run in this folder:  Rscript likeness.R
# Answers are made up here and written out first; 0 is a missing one.
source("write.R")
put <- begin("likeness")
from <- function(f) paste0("R ", getRversion(), ", ", f)
set.seed(11)
K <- c(5, 4, 3) # the last item has no order
n <- 60; rows <- 45
h <- sapply(K, function(k) sample(0:k, n, TRUE, c(.1, (k:1) / sum(k:1))))
person <- sort(sample(1:20, rows, TRUE)) # personas with 1 to 6 rows
trait <- rnorm(20)[person]
q <- sapply(K, function(k) pmin(k, pmax(1, round(k / 2 + 1 + .8 * trait + rnorm(rows)))))
q[cbind(c(3, 17, 31), c(1, 2, 3))] <- 0
w <- round(runif(n, .3, 2), 2)
cell <- rep(0:1, c(35, 25)) # of people; weights of the second are doubled
persona_cell <- rep(0:1, length.out = 20)[person]
put("human", h, 0, "made up"); put("persona", q, 0, "made up"); put("weight", w, 0, "made up")
put("cell", cell, 0, "made up"); put("persona_cell", persona_cell, 0, "made up"); put("person", person - 1, 0, "made up")

share <- function(x, k, w) tapply(c(w, rep(0, k)), factor(c(x, 1:k), 1:k), sum) / sum(w[x > 0])
w1 <- function(p, q) sum(abs(cumsum(p) - cumsum(q))) / (length(p) - 1)
js <- function(p, q) {
  m <- (p + q) / 2
  f <- function(a) sum(ifelse(a > 0, a * log2(a / m), 0))
  sqrt((f(p) + f(q)) / 2)
}
wh <- w * c(1, 2)[cell + 1]
distance <- function(kind, j, uh = rep(1, n), uq = rep(1, 20)) {
  p <- share(h[, j], K[j], wh * uh); q <- share(q[, j], K[j], uq[person])
  if (kind == 1) w1(p, q) else js(p, q)
}
# Infinitesimal jackknife: derivatives by the weight of every unit, by central differences.
e <- 1e-4
slopes <- function(kind, j) {
  d <- function(u, v) distance(kind, j, u, v)
  a <- sapply(1:n, function(i) { u <- rep(1, n); u[i] <- 1 + e; v <- u; v[i] <- 1 - e; (d(u, rep(1, 20)) - d(v, rep(1, 20))) / (2 * e) })
  b <- sapply(1:20, function(i) { u <- rep(1, 20); u[i] <- 1 + e; v <- u; v[i] <- 1 - e; (d(rep(1, n), u) - d(rep(1, n), v)) / (2 * e) })
  c(a, b)
}
for (kind in 1:2) {
  s <- sapply(if (kind == 1) 1:2 else 1:3, function(j) slopes(kind, j))
  put(c("dependence_w1", "dependence_js")[kind], sum(rowSums(s)^2) / sum(s^2), 1e-6, from("central differences of weights"))
}

# Far from 0 and large, the interval is the observed mean plus and minus 1.96 standard errors of the delta method.
p <- rbind(c(.4, .3, .2, .1), c(.1, .2, .3, .4)); r <- rbind(c(.1, .2, .3, .4), c(.3, .4, .2, .1)); N <- 4000; M <- 2000
d <- sapply(1:2, function(i) c(w1(p[i, ], r[i, ]), js(p[i, ], r[i, ])))
se <- function(f) { # of one item: numerical gradient, multinomial covariance
  v <- function(x, y, n, g) { V <- (diag(x) - x %o% x) / n; sum(g * (V %*% g)) }
  sapply(1:2, function(i) {
    g <- function(a) sapply(1:4, function(k) { u <- p[i, ]; v <- r[i, ]; if (a) u[k] <- u[k] + 1e-6 else v[k] <- v[k] + 1e-6
      x <- f(u, v); if (a) u[k] <- u[k] - 2e-6 else v[k] <- v[k] - 2e-6; (x - f(u, v)) / 2e-6 })
    v(p[i, ], r[i, ], N, g(TRUE)) + v(r[i, ], p[i, ], M, g(FALSE))
  })
}
for (kind in 1:2) {
  f <- if (kind == 1) w1 else js
  s <- sqrt(sum(se(f))) / 2; m <- mean(d[kind, ])
  put(c("large_w1", "large_js")[kind], m + c(-1, 1) * qnorm(.975) * s, .15 * s, from("delta method; 2,000 draws"))
  put(c("dependent_w1", "dependent_js")[kind], m + c(-1, 1) * qnorm(.975) * s * 2, .3 * s, from("the same, variance times 4"))
}
