# What a user of R would do; data of the same shape as in factor.c.
#   Rscript factor.R WHAT N P COUNT
# prints, for each way to do WHAT, a name, the processor's seconds for COUNT repetitions (from fewer where that would
# take long: it is linear), the peak memory of the process so far in megabytes, and the seconds of the wall.
options(mc.cores = 1, warn = -1)
a <- commandArgs(TRUE); what <- a[1]; n <- as.integer(a[2]); p <- as.integer(a[3]); count <- as.integer(a[4])
set.seed(1)
data <- function(missing = 0, levels = 10) {
  f <- matrix(rnorm(n * 5), n)
  z <- .6 * f[, (seq_len(p) - 1) %% 5 + 1] + .8 * rnorm(n * p)
  x <- pmin(levels, pmax(1, floor((levels + 1) / 2 + levels / 4 * z + .5))); dim(x) <- c(n, p)
  if (missing) x[runif(n * p) < missing] <- NA
  x }
peak <- function() as.numeric(gsub("[^0-9]", "", grep("VmHWM", readLines("/proc/self/status"), value = TRUE))) / 1024
have <- function(package) suppressMessages(requireNamespace(package, quietly = TRUE))
# `done` of `all` repetitions of an expression
tell <- function(name, done, all, e) {
  e <- substitute(e); frame <- parent.frame()
  t <- system.time(capture.output(suppressMessages(for (i in seq_len(done)) eval(e, frame))))
  cat(name, sum(t[1:2]) / done * all, peak(), t[3] / done * all, "\n") }
if (what == "parallel") {
  if (have("psych")) { # draws data, components and factors
    x <- matrix(rnorm(n * p), n)
    tell("psych::fa.parallel", 1, count / 20, psych::fa.parallel(x, n.iter = 20, plot = FALSE)) }
  if (have("nFactors")) # components alone
    tell("nFactors::parallel", 1, count / 20, nFactors::parallel(subject = n, var = p, rep = 20))
} else if (what == "bootstrap") {
  x <- data()
  solve_one <- function(r) { l <- eigen(r, TRUE); varimax(l$vectors[, 1:5] %*% diag(sqrt(l$values[1:5]))) }
  tell("cor(x[sample,])", 5, count, solve_one(cor(x[sample.int(n, n, TRUE), ])))
  x <- scale(x, scale = FALSE) # who knows how: counts as weights of one product
  tell("crossprod(counts)", 5, count, { w <- tabulate(sample.int(n, n, TRUE), n)
    s <- crossprod(x, w * x) / n; m <- colSums(w * x) / n; solve_one(cov2cor(s - tcrossprod(m))) })
} else if (what %in% c("ml", "mlall")) { # from the matrix, as in factor.c; R begins once by default
  r <- cor(data())
  tell("factanal", min(count, 5), count, factanal(covmat = r, factors = 5, n.obs = n, rotation = "none"))
} else if (what %in% c("minres", "minresall")) {
  r <- cor(data())
  if (have("psych")) tell("psych::fa", min(count, 5), count, psych::fa(r, 5, n.obs = n, rotate = "none", fm = "minres"))
} else if (what == "correlate") { # without weights: base R has none with missing values
  x <- data(.1); tell("cor(pairwise)", 1, count, cor(x, use = "pairwise"))
} else {
  x <- data()
  if (have("psych")) tell("psych::polychoric", 1, count, psych::polychoric(x, max.cat = 10, correct = 0))
  if (have("polycor")) # ten pairs stand for all
    tell("polycor::polychor", 1, count * p * (p - 1) / 2 / 10, for (j in 1:10) polycor::polychor(x[, 1], x[, j + 1]))
  if (have("lavaan")) { x <- as.data.frame(x)
    tell("lavaan::lavCor", 1, count, lavaan::lavCor(x, ordered = names(x), se = "none")) }
}
