# Reference values of src/compare/anova.c and rank_tests.c.
# Run in this folder:  Rscript group_tests.R
# p of Tukey and Nemenyi are those of ptukey(), which is right to 1e-9 or so: studentized_range.py.
suppressMessages({library(car); library(multcomp)})
source("write.R")
put <- begin("group_tests", c("car", "multcomp"))
car_says <- paste0("car ", packageVersion("car"), ", Anova()")

# balanced: R datasets::warpbreaks, 2 wools x 3 tensions x 9 looms
w <- warpbreaks
put("warpbreaks", cbind(w$breaks, as.integer(w$tension) - 1, as.integer(w$wool) - 1), 0,
    "R datasets::warpbreaks")
m <- aov(breaks ~ tension * wool, w)
table <- function(a) cbind(a[["Sum Sq"]], a[["Df"]], a[["F value"]], a[["Pr(>F)"]])
put("balanced", table(anova(m)), 1e-10, "R stats::anova()") # tension, wool, both, error
tukey <- TukeyHSD(m, "tension", ordered = FALSE)$tension
put("balanced_tukey", tukey, 1e-9, "R stats::TukeyHSD()") # M-L, H-L, H-M: diff, lwr, upr, p

# unbalanced, with and without empty cells
u <- w[-c(1, 2, 3, 4, 11, 20, 21, 22, 30, 31, 53), ]
put("unbalanced", cbind(u$breaks, as.integer(u$tension) - 1, as.integer(u$wool) - 1), 0,
    "R datasets::warpbreaks without 11 rows")
put("type1", table(anova(lm(breaks ~ tension * wool, u))), 1e-10, "R stats::anova()")
put("type2", table(Anova(lm(breaks ~ tension * wool, u), type = 2)), 1e-10, car_says)
sums <- lm(breaks ~ tension * wool, u, contrasts = list(tension = contr.sum, wool = contr.sum))
put("type3", table(Anova(sums, type = 3)[-1, ]), 1e-10, car_says)
put("additive", table(Anova(lm(breaks ~ tension + wool, u), type = 2)), 1e-10, car_says)

pairs <- function(model, k, mult) { # all pairs by contrasts of the coefficients and ptukey
  beta <- coef(model); v <- vcov(model); df <- model$df.residual
  out <- NULL
  for (i in 1:2) for (j in (i + 1):3) {
    l <- mult[i, ] - mult[j, ]
    d <- sum(l * beta); se <- sqrt(c(t(l) %*% v %*% l) / 2)
    q <- qtukey(.95, k, df)
    out <- rbind(out, c(d, d - q * se, d + q * se, ptukey(abs(d) / se, k, df, lower.tail = FALSE)))
  }
  out
}
additive <- lm(breaks ~ tension + wool, u)
grid <- function(f) { # rows: means of the levels of tension over the levels of wool
  g <- expand.grid(tension = levels(u$tension), wool = levels(u$wool))
  x <- model.matrix(f, g)
  apply(x, 2, function(col) tapply(col, g$tension, mean))
}
put("additive_tukey", pairs(additive, 3, grid(~ tension + wool)), 1e-9,
    "R: contrasts of lm(), qtukey(), ptukey()")
put("additive_means", drop(grid(~ tension + wool) %*% coef(additive)), 1e-10, "R: lm()")
full <- lm(breaks ~ tension * wool, u)
put("unweighted_tukey", pairs(full, 3, grid(~ tension * wool)), 1e-9,
    "R: contrasts of lm(), qtukey(), ptukey()")

# no replicates and missing cells: models x items
set.seed(3)
z <- data.frame(y = round(rnorm(20), 2), model = gl(4, 5), item = gl(5, 1, 20))
z$y[c(3, 17)] <- NA
put("single", cbind(z$y, as.integer(z$model) - 1, as.integer(z$item) - 1), 0, "made up")
put("single_anova", table(Anova(lm(y ~ model + item, z), type = 2)), 1e-10, car_says)

# one factor: R datasets::PlantGrowth
g <- PlantGrowth
put("plants", cbind(g$weight, as.integer(g$group) - 1), 0, "R datasets::PlantGrowth")
put("plants_anova", table(anova(lm(weight ~ group, g))), 1e-10, "R stats::anova()")
put("plants_tukey", TukeyHSD(aov(weight ~ group, g))$group, 1e-9, "R stats::TukeyHSD()")

# Kruskal and Wallis: R datasets::airquality, Ozone by month (many ties, missing values)
a <- airquality
put("ozone", cbind(a$Ozone, a$Month - 5), 0, "R datasets::airquality")
k <- kruskal.test(Ozone ~ Month, a)
put("kruskal", c(k$statistic, k$parameter, k$p.value), 1e-11, "R stats::kruskal.test()")
a <- a[!is.na(a$Ozone), ]
r <- rank(a$Ozone); n <- length(r); ties <- base::table(r)
mean_rank <- tapply(r, a$Month, mean); size <- tapply(r, a$Month, length)
put("kruskal_ranks", mean_rank, 1e-11, "R base::rank()")
s2 <- n * (n + 1) / 12 - sum(ties^3 - ties) / (12 * (n - 1))
dunn <- NULL
for (i in 1:4) for (j in (i + 1):5) {
  s <- (mean_rank[[i]] - mean_rank[[j]]) / sqrt(s2 * (1 / size[[i]] + 1 / size[[j]]))
  dunn <- rbind(dunn, c(s, 2 * pnorm(-abs(s))))
}
put("dunn", cbind(dunn, p.adjust(dunn[, 2], "holm")), 1e-11, "Dunn (1964), equations 7 and 8, in R")

# Friedman: Hollander & Wolfe (1973), p. 140: rounding first base, 22 players x 3 methods
rounding <- matrix(c(5.40, 5.50, 5.55, 5.85, 5.70, 5.75, 5.20, 5.60, 5.50, 5.55, 5.50, 5.40,
  5.90, 5.85, 5.70, 5.45, 5.55, 5.60, 5.40, 5.40, 5.35, 5.45, 5.50, 5.35, 5.25, 5.15, 5.00,
  5.85, 5.80, 5.70, 5.25, 5.20, 5.10, 5.65, 5.55, 5.45, 5.60, 5.35, 5.45, 5.05, 5.00, 4.95,
  5.50, 5.50, 5.40, 5.45, 5.55, 5.50, 5.55, 5.55, 5.35, 5.45, 5.50, 5.55, 5.50, 5.45, 5.25,
  5.65, 5.60, 5.40, 5.70, 5.65, 5.55, 6.30, 6.30, 6.25), 22, byrow = TRUE)
put("rounding", rounding, 0, "Hollander & Wolfe (1973), p. 140, in R's example of friedman.test()")
f <- friedman.test(rounding)
put("friedman", c(f$statistic, f$parameter, f$p.value), 1e-11, "R stats::friedman.test()")
ranks <- t(apply(rounding, 1, rank))
put("friedman_ranks", colMeans(ranks), 1e-12, "R base::rank()")
iman <- anova(lm(c(ranks) ~ gl(3, 22) + gl(22, 1, 66))) # F of the ranks, by analysis of variance
put("iman", c(iman[1, "F value"], iman[1, "Pr(>F)"]), 1e-11, "R: anova() of the ranks")
nemenyi <- NULL
for (i in 1:2) for (j in (i + 1):3) {
  q <- abs(mean(ranks[, i] - ranks[, j])) / sqrt(3 * 4 / (12 * 22))
  nemenyi <- rbind(nemenyi, c(q, ptukey(q, 3, Inf, lower.tail = FALSE)))
}
put("nemenyi", nemenyi, 1e-10, "R ptukey()")
