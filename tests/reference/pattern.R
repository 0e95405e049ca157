# Reference values of the pattern between groups: src/compare/explain.c, homogenise.c, identify.c, fidelity.c.
# Run in this folder:  Rscript pattern.R
# Answers, groups and distances are made up here and written out first.
suppressMessages(library(sandwich))
source("write.R")
put <- begin("pattern", "sandwich")
from <- function(f) paste0("R ", getRversion(), ", ", f)
set.seed(7)

# ---- one attribute: 24 answers of four unequal groups, with weights
y <- c(3, 4, 2, 5, 4, 6, 7, 5, 6, 8, 7, 5, 6, 4, 5, 3, 2, 4, 9, 8, 7, 9, 10, 8)
g <- c(1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4)
w <- c(.5, 1, 1.5, 2, .7, 1, 1, 1.2, .4, 2.1, 1, .9, 1.1, 1, 1, .6, 1.7, 1, 1, 2, .3, 1, 1.4, .8)
put("y", y, 0, "made up"); put("g", g, 0, "made up"); put("w", w, 0, "made up")
plain <- lm(y ~ factor(g)); weighted <- lm(y ~ factor(g), weights = w)
a <- anova(plain)
put("eta2", summary(plain)$r.squared, 1e-12, from("lm(), R2"))
put("epsilon2", summary(plain)$adj.r.squared, 1e-12, from("lm(), adjusted R2"))
put("f", c(a$F[1], a$Df, a$`Pr(>F)`[1]), 1e-10, from("anova()"))
put("eta2_weighted", summary(weighted)$r.squared, 1e-12, from("lm(weights), R2"))
size <- table(g)
n0 <- (24 - sum(size^2) / 24) / 3
put("icc", (a$`Mean Sq`[1] - a$`Mean Sq`[2]) / (a$`Mean Sq`[1] + (n0 - 1) * a$`Mean Sq`[2]), 1e-12,
    from("from anova() by the definition"))
m <- weighted.mean(y, w)
put("variance_weighted", sum(w * (y - m)^2) / sum(w), 1e-12, from("by the definition"))

# ---- regressions: two attributes, people and personas, clusters of three answers
n <- 60
sex <- rep(0:1, n / 2); age <- rep(c(0, 1, 2), each = n / 3)
human <- round(5 + .8 * sex - 1.1 * (age == 1) + .4 * (age == 2) + rnorm(n), 2)
persona <- round(6 - .5 * sex - 2.0 * (age == 1) + 1.2 * (age == 2) + rnorm(n, 0, .4), 2)
weight <- round(runif(n, .3, 2.5), 2)
cluster <- rep(1:20, each = 3)
put("sex", sex, 0, "made up"); put("age", age, 0, "made up"); put("human", human, 0, "made up")
put("persona", persona, 0, "made up"); put("weight", weight, 0, "made up")
x <- model.matrix(~ factor(sex) + factor(age))
put("dummies", x[, -1], 0, from("model.matrix() without the constant"))
h <- lm(human ~ factor(sex) + factor(age), weights = weight)
p <- lm(persona ~ factor(sex) + factor(age))
put("human_b", coef(h), 1e-11, from("lm(weights)"))
put("human_cov", vcovHC(h, type = "HC1"), 1e-11, from("sandwich::vcovHC(type = 'HC1')"))
put("human_r2", summary(h)$r.squared, 1e-11, from("lm(weights), R2"))
put("persona_b", coef(p), 1e-11, from("lm()"))
vp <- vcovCL(p, cluster = cluster, type = "HC1", cadjust = TRUE)
put("persona_cov", vp, 1e-11, from("sandwich::vcovCL(type = 'HC1')"))
d <- (coef(p) - coef(h))[-1]
v <- (vcovHC(h, type = "HC1") + vp)[-1, -1]
put("z", d / sqrt(diag(v)), 1e-10, from("from coef() and sandwich"))
put("z_p", 2 * pnorm(-abs(d / sqrt(diag(v)))), 1e-10, from("pnorm()"))
wald <- drop(d %*% solve(v, d))
put("wald", c(wald, pchisq(wald, 3, lower.tail = FALSE)), 1e-9, from("from coef() and sandwich"))
put("coefficients", c(cor(coef(h)[-1], coef(p)[-1]),
    coef(lm(coef(p)[-1] ~ 0 + coef(h)[-1]))), 1e-10, from("cor(), lm() through the origin"))

# ---- groups made alike: distances of five groups on both sides
hu <- matrix(rnorm(15), 5); pe <- hu * .5 + matrix(rnorm(15), 5) * .2
dh <- as.matrix(dist(hu)); dp <- as.matrix(dist(pe))
put("human_distance", dh, 0, "made up"); put("persona_distance", dp, 0, "made up")
ratio <- function(k) mean(as.dist(dp[k, k])) / mean(as.dist(dh[k, k]))
left <- log(sapply(1:5, function(i) ratio(-i)))
se <- sqrt(4 / 5 * sum((left - mean(left))^2))
put("ratio", c(ratio(1:5), ratio(1:5) * exp(c(-1, 1) * qt(.975, 4) * se)), 1e-12, from("jackknife by the definition"))
put("nearer", mean(as.dist(dp) < as.dist(dh)), 1e-12, from("by the definition"))
put("ratio_r", cor(as.dist(dh), as.dist(dp)), 1e-12, from("cor()"))

# ---- identification: five persona groups among six human ones, with a tie
dist56 <- matrix(c(.1, .4, .3, .9, .8, .7,   .5, .2, .2, .6, .7, .9,   .3, .1, .4, .5, .9, .2,
                   .9, .8, .7, .3, .2, .6,   .4, .5, .6, .7, .3, .2), 5, byrow = TRUE)
put("distance", dist56, 0, "made up")
own <- 1:5
ranks <- t(apply(dist56, 1, rank))
r <- ranks[cbind(1:5, own)]
put("rank", r, 1e-12, from("rank()"))
put("hit", c(mean(r <= 1), mean(r <= 3), mean(r <= 5)), 1e-12, from("rank()"))
put("mrr", c(mean(1 / r), mean(r)), 1e-12, from("rank()"))
permutations <- function(v) {
  if (length(v) < 2) return(matrix(v, 1))
  do.call(rbind, lapply(seq_along(v), function(i) cbind(v[i], permutations(v[-i]))))
}
all_orders <- permutations(1:5)
s <- apply(all_orders, 1, function(o) {
  q <- ranks[cbind(1:5, o)]
  c(mean(q <= 1), mean(q <= 3), mean(q <= 5), mean(1 / q), -mean(q))
})
put("chance", rowMeans(s)[1:4], 1e-12, from("mean over all 120 exchanges"))
share <- rowMeans(s >= c(mean(r <= 1), mean(r <= 3), mean(r <= 5), mean(1 / r), -mean(r)) - 1e-12)
put("identification_p", share, 4 * sqrt(.25 / 9999), from("share of all 120 exchanges"))

# ---- bias-corrected percentiles of 40 replicates, one of which is missing and three are the observed value
b <- round(c(rexp(36), .7, .7, .7), 3); observed <- .7
put("replicates", c(b, NA), 0, "made up")
z0 <- qnorm(mean((b < observed) + .5 * (b == observed)))
put("interval", quantile(b, pnorm(2 * z0 + c(-1, 1) * qnorm(.975)), type = 7), 1e-12, from("quantile(), qnorm() by Efron (1987)"))
# ---- a ratio of lengths without noise: the replicates as lengths of people, half of them and a little as those of personas
true_square <- function(x, b) 2 * x^2 - mean(b^2) + c(0, -1, 1) * qnorm(.975) * sd(b^2)
h <- 2 + b / 4; q <- 1 + rev(b) / 8 # observed 2.4 and 1.3
put("lengths_human", c(h, NA), 0, "made up"); put("lengths_persona", c(q, NA), 0, "made up")
H <- true_square(2.4, h); Q <- true_square(1.3, q)
# Donner & Zou (2012), eq. 9: the roots of the quadratic equations of Fieller's kind, with the ends in the place of the errors
end <- function(far, near) Re(polyroot(c(Q[1]^2 - (Q[1] - far)^2, -2 * Q[1] * H[1], H[1]^2 - (H[1] - near)^2)))
put("true_ratio", sqrt(c(Q[1] / H[1], min(end(Q[2], H[3])), max(end(Q[3], H[2])))), 1e-10, from("polyroot()"))
# people's length 1.9: nearly noise, so that the upper end of its square is more than twice the square, and the lower end 0
H <- pmax(0, true_square(1.9, h)); stopifnot(H[3] > 2 * H[1], H[2] == 0)
roots <- end(Q[2], H[3])
put("noisy_ratio", sqrt(c(Q[1] / H[1], min(roots[roots > 0]))), 1e-10, from("polyroot()"))

# ---- hits and ranks over other groups
wilson <- sapply(c(1, 3, 5), function(k) prop.test(sum(r <= k), 5, correct = FALSE)$conf.int)
put("hit_interval", c(wilson), 1e-10, from("prop.test(correct = FALSE)"))
put("mrr_interval", c(prop.test(sum(1 / r), 5, correct = FALSE)$conf.int), 1e-10, from("prop.test(correct = FALSE)"))
