# Made-up sheets of people (weights, gaps, items in blocks, codes 0 to 4) and of two models, of which the truth
# is known, in tests/data; and what R says of them: differences with both sampling errors, reliability of
# weighted sheets, calibration with the noise of both sides.
# Run in this folder:  Rscript morality_people.R
suppressMessages({library(psych); library(sandwich)})
source("write.R")
write <- begin("morality_people", c("psych", "sandwich"))
put <- function(table, column, x, source, tolerance = 1e-9) write(paste0(table, ".", column), x, tolerance, source)
set.seed(20230217)

scales <- c("care", "equality", "proportionality", "loyalty", "authority", "purity")
nations <- c("Alfa", "Bravo", "Charlie", "Delta", "Echo", "Foxtrot")
truth <- outer(c(-.4, -.2, 0, .1, .3, .5), c(1, -1, .5, 1, .8, 1.2)) + rep(c(3.9, 3.2, 3.7, 3.5, 3.4, 2.9), each = 6)
answers <- function(n, centre, within) { # n x 36, scale after scale
  person <- rnorm(n, 0, within / 2)
  do.call(cbind, lapply(1:6, function(f) {
    own <- rnorm(n, 0, within)
    pmin(pmax(round(centre[f] + person + own + matrix(rnorm(6 * n, 0, .8), n)), 1), 5)
  }))
}
gaps <- function(x, share) { x[runif(length(x)) < share] <- NA; x }

# people: in blocks, 0..4, nation in the column land; of Foxtrot only six
n <- c(60, 45, 50, 70, 40, 6)
people <- gaps(do.call(rbind, lapply(1:6, function(i) answers(n[i], truth[i, ], .6))), .06)
land <- rep(nations, n)
weight <- round(runif(length(land), .4, 2.5), 2)
colnames(people) <- paste0("MFQ2_", 1:36)
write.csv(data.frame(land, weight, people - 1), "../data/morality-people.csv", row.names = FALSE, na = "", quote = FALSE)

# models: published order, 1..5; the second repeats half of the differences between peoples and hardly varies
turn <- as.vector(t(matrix(1:36, 6))) # column i of the published order is column turn[i] of the blocks
models <- do.call(rbind, lapply(c("one", "two"), function(m) do.call(rbind, lapply(1:6, function(i) {
  centre <- if (m == "one") truth[i, ] + .3 else colMeans(truth) + .5 * (truth[i, ] - colMeans(truth))
  data.frame(model = m, nation = nations[i], gaps(answers(14, centre, if (m == "one") .5 else .1)[, turn], .03))
}))))
names(models)[-(1:2)] <- paste0("MFQ2_", 1:36)
write.csv(models, "../data/morality-models.csv", row.names = FALSE, na = "", quote = FALSE)

# ---- scores, and what is said of them
score <- function(x, items) ifelse(rowSums(!is.na(x[, items])) >= 4, rowMeans(x[, items], na.rm = TRUE), NA)
P <- sapply(1:6, function(f) score(people, (f - 1) * 6 + 1:6))
M <- sapply(1:6, function(f) score(as.matrix(models[, -(1:2)]), seq(f, 36, 6)))
contrast <- function(S) cbind(S, (S[, 1] + S[, 2]) / 2 - (S[, 4] + S[, 5] + S[, 6]) / 3)
P <- contrast(P); M <- contrast(M)
summary1 <- function(x, w) { # n, mean, sd, se
  keep <- !is.na(x); x <- x[keep]; w <- w[keep]; n <- length(x)
  fit <- lm(x ~ 1, weights = w)
  c(n, coef(fit), sqrt(cov.wt(cbind(x), w / sum(w), method = "ML")$cov * n / (n - 1)),
    sqrt(vcovHC(fit, type = "HC1")))
}
# standard error of log sd: Bonett (2006); with weights linearised, which without trimming and the 3 / n is the infinitesimal
# jackknife of boot
log_sd_error <- function(x, w = rep(1, length(x)), trimmed = TRUE) {
  force(w); keep <- !is.na(x); x <- x[keep]; w <- w[keep] / sum(w[keep]); n <- length(x); o <- order(x)
  cut <- if (n > 4 && trimmed) floor(n / (2 * sqrt(n - 4))) / n else 0
  upper <- cumsum(w[o]); inside <- pmax(0, pmin(upper, 1 - cut) - pmax(upper - w[o], cut))
  m <- sum(w * x); T <- if (cut) sum(inside * x[o]) / sum(inside) else m; m2 <- sum(w * (x - m)^2)
  sqrt(n / (4 * (n - 1)) * sum(w^2 * ((x - T)^4 / m2^2 - 2 * (x - m)^2 / m2 + 1 + trimmed * 3 / n)))
}
bonett <- function(x) {
  n <- length(x); T <- mean(x, trim = 1 / (2 * sqrt(n - 4)))
  sqrt((n * sum((x - T)^4) / sum((x - mean(x))^2)^2 - (n - 3) / n) / (4 * (n - 1)))
}
one <- na.omit(P[land == "Alfa", 1]); own <- weight[land == "Alfa"][!is.na(P[land == "Alfa", 1])]
stopifnot(abs(log_sd_error(one) - bonett(one)) < 1e-12)
ij <- boot::empinf(data = cbind(one, own), type = "inf", stype = "w", eps = 1e-6, statistic = function(d, w) {
  w <- w * d[, 2]; m <- sum(w * d[, 1]) / sum(w); log(sum(w * (d[, 1] - m)^2) / sum(w)) / 2 })
stopifnot(abs(sqrt(boot::var.linear(ij) * length(one) / (length(one) - 1)) / log_sd_error(one, own, FALSE) - 1) < 1e-4)

rows <- expand.grid(scale = 1:7, nation = 1:5, model = c("one", "two")) # Foxtrot has too few people
out <- t(apply(rows, 1, function(r) {
  f <- as.integer(r["scale"]); nation <- nations[as.integer(r["nation"])]
  a <- summary1(M[models$model == r["model"] & models$nation == nation, f],
                rep(1, 14))
  b <- summary1(P[land == nation, f], weight[land == nation])
  se <- sqrt(a[4]^2 + b[4]^2)
  df <- se^4 / (a[4]^4 / (a[1] - 1) + b[4]^4 / (b[1] - 1))
  e <- a[2] - b[2]
  u <- log_sd_error(M[models$model == r["model"] & models$nation == nation, f])
  v <- log_sd_error(P[land == nation, f], weight[land == nation])
  reach <- qt(.975, (u^2 + v^2)^2 / (u^4 / (a[1] - 1) + v^4 / (b[1] - 1))) * sqrt(u^2 + v^2)
  c(a[1], b[1], a[2], b[2], e, se, e - qt(.975, df) * se, e + qt(.975, df) * se, e / b[3], a[3], b[3], a[3] / b[3],
    a[3] / b[3] * exp(-reach), a[3] / b[3] * exp(reach))
}))
columns <- c("n", "human_n", "mean", "human", "error", "se", "low", "high", "d", "sd", "human_sd", "sd_ratio", "sd_ratio_low", "sd_ratio_high")
for (i in seq_along(columns))
  put("errors", columns[i], out[, i], "lm(weights), sandwich::vcovHC(HC1), cov.wt, Welch, Bonett")

# ---- reliability of people's weighted sheets, each pair of items over its own rows
pairwise <- function(x, w) {
  C <- matrix(NA, 6, 6)
  for (i in 1:6) for (j in 1:6) {
    k <- !is.na(x[, i]) & !is.na(x[, j]) & w > 0
    C[i, j] <- cov.wt(x[k, c(i, j)], w[k] / sum(w[k]), method = "ML")$cov[1, 2] * sum(k) / (sum(k) - 1)
  }
  C
}
cells <- expand.grid(scale = 1:6, nation = nations[1:5])
rel <- t(apply(cells, 1, function(r) {
  f <- as.integer(r["scale"]); k <- land == r["nation"]
  C <- pairwise(people[k, (f - 1) * 6 + 1:6], weight[k])
  a <- suppressWarnings(suppressMessages(psych::alpha(C, check.keys = FALSE)))
  c(a$total$raw_alpha, a$total$average_r, min(sapply(1:6, function(i) sum(C[i, -i]) / sqrt(C[i, i] * sum(C[-i, -i])))))
}))
for (i in 1:3) put("human_reliability", c("alpha", "mean_r", "least_item_rest")[i], rel[, i], "psych::alpha(cov.wt)")

# ---- calibration: noise of both sides
cal <- t(apply(expand.grid(scale = 1:7, model = c("one", "two")), 1, function(r) {
  f <- as.integer(r["scale"])
  k <- which(rows$scale == f & rows$model == r["model"])
  x <- out[k, 4]; y <- out[k, 3]
  nx <- mean(sapply(1:5, function(i) summary1(P[land == nations[i], f], weight[land == nations[i]])[4])^2)
  ny <- mean(sapply(1:5, function(i)
    summary1(M[models$model == r["model"] & models$nation == nations[i], f], rep(1, 14))[4])^2)
  rx <- max(0, 1 - nx / var(x)); ry <- max(0, 1 - ny / var(y))
  c(mean(y - x), cor(x, y), coef(lm(y ~ x))[2], sd(y) / sd(x), sqrt(max(0, var(y) - ny) / (var(x) - nx)), ry,
    if (rx > 0 && ry > 0) cor(x, y) / sqrt(rx * ry) else NA, rx)
}))
columns <- c("bias", "r", "slope", "spread", "true_spread", "reliability", "r_true", "human_reliability")
for (i in seq_along(columns)) put("calibration", columns[i], cal[, i], "lm(), cor(), var(), noise by definition")

# ---- reliability over items: of profiles (analysis of variance) and of nations (alpha of item means)
mean_of <- function(x, w) sum(x * w, na.rm = TRUE) / sum(w[!is.na(x)])
H <- t(sapply(nations[1:5], function(l) apply(people[land == l, ], 2, mean_of, w = weight[land == l])))
O <- lapply(c("one", "two"), function(m) t(sapply(nations[1:5], function(l)
  colMeans(models[models$model == m & models$nation == l, 2 + as.vector(matrix(1:36, 6, byrow = TRUE))], na.rm = TRUE))))
own <- rep(1:6, each = 6)
anova_of <- function(x) { a <- summary(aov(x ~ factor(own)))[[1]]$"Mean Sq"; 1 - a[2] / a[1] }
scales_of <- function(m, i, f) out[rows$model == m & rows$nation == i & rows$scale <= 6, f]
put("profile_agreement", "reliability", unlist(lapply(O, function(x) apply(x, 1, anova_of))), "aov()")
put("profile_agreement", "human_reliability", rep(apply(H, 1, anova_of), 2), "aov()")
put("profile_agreement", "correlation_true", unlist(lapply(1:2, function(m) sapply(1:5, function(i)
  cor(scales_of(c("one", "two")[m], i, 3), scales_of(c("one", "two")[m], i, 4)) /
    sqrt(anova_of(O[[m]][i, ]) * anova_of(H[i, ]))))), "cor(), aov()")
alpha_of <- function(x) { C <- cov(x); k <- ncol(C); k / (k - 1) * (1 - sum(diag(C)) / sum(C)) }
dis <- do.call(rbind, lapply(1:2, function(m) t(sapply(1:6, function(f) {
  x <- H[, own == f]; y <- O[[m]][, own == f]
  a <- alpha_of(y); h <- alpha_of(x); r <- cal[(m - 1) * 7 + f, 2]; b <- cal[(m - 1) * 7 + f, 3]
  s <- suppressWarnings(suppressMessages(psych::alpha(as.data.frame(x), check.keys = FALSE)))
  stopifnot(abs(s$total$raw_alpha - h) < 1e-12)
  c(a, h, r, if (a > 0 && h > 0) r / sqrt(a * h) else NA, b, if (h > 0) b / h else NA)
}))))
columns <- c("alpha_nations", "human_alpha_nations", "r", "r_true", "slope", "slope_true")
for (i in 1:6) put("disattenuation", columns[i], dis[, i], "alpha by its formula (psych::alpha), r / sqrt(alpha alpha)")
print(round(dis, 3))

# ---- t.test() of two nations of people without weights
x <- P[land == "Alfa", 1]; y <- P[land == "Delta", 1]
t2 <- t.test(x, y)
describe <- function(v) { v <- v[!is.na(v)]; c(length(v), mean(v), sd(v), sd(v) / sqrt(length(v))) }
write("given", rbind(describe(x), describe(y)), 1e-12, "mean(), sd()")
write("welch", c(-diff(t2$estimate), t2$stderr, t2$parameter, t2$conf.int, -diff(t2$estimate) / sd(y, na.rm = TRUE),
      sd(x, na.rm = TRUE) / sd(y, na.rm = TRUE)), 1e-11, "t.test()")
write("truth", truth, 0, "the script")
