# Reference values of src/mapping/least_squares.c with weights and rows that do not count.
# Run in this folder:  Rscript least_squares.R
# Data are made up here and written out first: 30 rows in 8 clusters, 3 predictors, 2 outcomes, weights of which
# one is 0; an answer is missing in each outcome.
suppressMessages(library(sandwich))
source("write.R")
put <- begin("least_squares", "sandwich")
from <- function(f) paste0("R ", getRversion(), ", ", f)
set.seed(11)
n <- 30
g <- c(0, 0, 0, 0, 1, 2, 2, 3, 3, 3, 3, 3, 4, 4, 5, 5, 5, 6, 6, 6, 6, 7, 7, 7, 7, 7, 0, 3, 5, 6)
x <- cbind(round(rnorm(n) + g / 4, 2), rep(0:1, n / 2), round(3 + 2 * rnorm(n), 1))
y <- round(cbind(3 + .5 * x[, 1] - x[, 2] + rnorm(n), -1 + .2 * x[, 1] + rnorm(n)), 2)
y[4, 1] <- NA; y[9, 2] <- NA
w <- round(runif(n, .3, 3), 2); w[14] <- 0
put("x", x, 0, "made up"); put("y", y, 0, "made up"); put("cluster", g, 0, "made up"); put("weight", w, 0, "made up")

used <- complete.cases(y) & w > 0
for (weighted in c(TRUE, FALSE)) {
  use <- if (weighted) used else complete.cases(y)
  X <- x[use, ]; W <- if (weighted) w[use] else rep(1, sum(use)); W <- W / mean(W); G <- g[use]
  tag <- if (weighted) "weighted" else "plain"
  for (o in 1:2) {
    Y <- y[use, o]
    m <- lm(Y ~ X, weights = W)
    # the same model on rows times the root of their weight: sandwich's clustered HC2 and HC3 take the leverages of
    # these, and its own for weights are no symmetric power when weights differ within a cluster
    r <- sqrt(W); t <- lm(I(r * Y) ~ 0 + I(r * cbind(1, X)))
    name <- function(what) paste(tag, what, o, sep = "_")
    put(name("b"), coef(m), 1e-10, from("lm(weights)"))
    put(name("r2"), summary(m)$r.squared, 1e-10, from("lm(weights)"))
    put(name("leverage"), hatvalues(m), 1e-10, from("hatvalues()"))
    put(name("classic"), vcov(m), 1e-10, from("vcov(lm())"))
    for (type in 0:3)
      put(name(paste0("hc", type)), vcovHC(m, paste0("HC", type)), 1e-10, from(paste0("sandwich::vcovHC('HC", type, "')")))
    put(name("cr0"), vcovCL(m, G, type = "HC0", cadjust = FALSE), 1e-10, from("sandwich::vcovCL('HC0', cadjust = FALSE)"))
    put(name("cr1"), vcovCL(m, G, type = "HC1"), 1e-10, from("sandwich::vcovCL('HC1')"))
    put(name("cr2"), vcovCL(t, G, type = "HC2"), 1e-10, from("sandwich::vcovCL('HC2') of rows times root weight"))
    put(name("cr3"), vcovCL(t, G, type = "HC3"), 1e-10, from("sandwich::vcovCL('HC3') of rows times root weight"))
    stopifnot(max(abs(vcovHC(m, "HC2") - vcovHC(t, "HC2"))) < 1e-8 * max(abs(vcovHC(m, "HC2"))))
  }
}
