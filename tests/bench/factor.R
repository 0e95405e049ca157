# What a user of R would do; data of the same shape as in factor.c.
#   Rscript factor.R WHAT N P COUNT
# prints WHAT and the seconds for COUNT repetitions, from fewer where that would take long (it is linear).
suppressMessages({library(psych); library(parallel)})
options(mc.cores = 1)
a <- commandArgs(TRUE); what <- a[1]; n <- as.integer(a[2]); p <- as.integer(a[3]); count <- as.integer(a[4])
set.seed(1)
data <- function(missing = 0, levels = 10) {
  f <- matrix(rnorm(n * 5), n)
  z <- .6 * f[, (seq_len(p) - 1) %% 5 + 1] + .8 * rnorm(n * p)
  x <- pmin(levels, pmax(1, floor((levels + 1) / 2 + levels / 4 * z + .5))); dim(x) <- c(n, p)
  if (missing) x[runif(n * p) < missing] <- NA
  x }
seconds <- function(e) system.time(e)[["elapsed"]]
if (what == "parallel") {
  done <- min(count, 20)
  t <- seconds(suppressWarnings(suppressMessages(capture.output(fa.parallel(diag(p) + 1e-9, n.obs = n, n.iter = done,
    plot = FALSE)))))
  t <- t / done * count
} else if (what == "bootstrap") {
  x <- data(); done <- min(count, 5)
  t <- seconds(for (i in seq_len(done)) { r <- cor(x[sample.int(n, n, TRUE), ])
    l <- eigen(r, TRUE); l <- l$vectors[, 1:5] %*% diag(sqrt(l$values[1:5])); varimax(l) })
  t <- t / done * count
} else if (what %in% c("ml", "minres")) { # from the matrix, as in factor.c
  r <- cor(data()); done <- min(count, 3)
  t <- seconds(for (i in seq_len(done)) if (what == "ml") factanal(covmat = r, factors = 5, n.obs = n, rotation = "none")
    else suppressWarnings(fa(r, 5, n.obs = n, rotate = "none", fm = "minres")))
  t <- t / done * count
} else if (what == "correlate") {
  x <- data(.1); t <- seconds(cor(x, use = "pairwise")) # without weights: base R has none with missing values
} else {
  x <- data(); t <- seconds(polychoric(x, max.cat = 10, correct = 0))
}
cat(what, t, "\n")
