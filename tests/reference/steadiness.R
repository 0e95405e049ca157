# Reference values of the steadiness of answers: src/compare/components.c, kappa.c, stability.c, extrapolate.c,
# steer.c. Run in this folder:  Rscript steadiness.R
suppressMessages({library(lme4); library(psych)})
source("write.R")
put <- begin("steadiness", c("lme4", "psych", "numDeriv"))
from <- function(f) paste0("R ", getRversion(), ", ", f)
set.seed(41)

# ---- variance components: 12 personas, 4 variants, 3 repetitions
d <- expand.grid(repetition = 1:3, variant = 1:4, persona = 1:12)
d$y <- 5 + rnorm(12, 0, 1.5)[d$persona] + rnorm(4, 0, .8)[d$variant] +
  rnorm(48, 0, .7)[(d$persona - 1) * 4 + d$variant] + rnorm(144, 0, .5)
d$y <- round(d$y, 2)
put("answers", d$y, 0, "made up")
control <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-12))
v <- as.data.frame(VarCorr(lmer(y ~ 1 + (1 | persona) + (1 | variant) + (1 | persona:variant), d, control = control)))
pick <- function(v, name) v$vcov[v$grp == name]
put("components", c(pick(v, "persona"), pick(v, "variant"), pick(v, "persona:variant"), pick(v, "Residual")), 1e-4,
    from("lme4::lmer(), REML"))
a <- summary(aov(y ~ factor(persona) * factor(variant), d))[[1]]$`Mean Sq`
put("components_aov", c((a[1] - a[3]) / 12, (a[2] - a[3]) / 36, (a[3] - a[4]) / 3, a[4]), 1e-10,
    from("aov(), expected mean squares"))
one <- subset(d, repetition == 1)
a <- summary(aov(y ~ factor(persona) + factor(variant), one))[[1]]$`Mean Sq`
put("components_once", c((a[1] - a[3]) / 4, (a[2] - a[3]) / 12, a[3]), 1e-10, from("aov(), expected mean squares"))
i <- ICC(matrix(one$y, 12, byrow = TRUE), lmer = FALSE)$results$ICC
put("icc", i[2:3], 1e-10, from("psych::ICC(lmer = FALSE), ICC(2,1) and ICC(3,1)"))
same <- subset(d, variant == 1)
a <- summary(aov(y ~ factor(persona), same))[[1]]$`Mean Sq`
put("components_repeated", c((a[1] - a[2]) / 3, a[2]), 1e-10, from("aov(), expected mean squares"))

# ---- Cohen: 60 answers in four categories
x <- sample(1:4, 60, TRUE); y <- pmin(4, pmax(1, x + sample(c(-1, 0, 0, 0, 1, 2), 60, TRUE)))
put("first", x, 0, "made up"); put("second", y, 0, "made up")
linear <- abs(outer(1:4, 1:4, "-")) / 3
k <- cohen.kappa(cbind(x, y)); l <- cohen.kappa(cbind(x, y), w = 1 - linear)
put("kappa", c(k$kappa, sqrt(k$var.kappa)), 1e-10, from("psych::cohen.kappa()"))
# Standard errors of weighted kappa by the delta method of multinomial shares, with numerical derivatives: psych's
# (.0680 and .0577 here) are others.
of_shares <- function(p, w) { p <- matrix(p, 4); e <- outer(rowSums(p), colSums(p)); (sum(w * p) - sum(w * e)) / (1 - sum(w * e)) }
delta <- function(w) {
  p <- c(table(factor(x, 1:4), factor(y, 1:4))) / 60
  g <- numDeriv::grad(of_shares, p, w = w)
  sqrt((sum(p * g^2) - sum(p * g)^2) / 60)
}
put("kappa_linear", c(l$weighted.kappa, delta(1 - linear)), 1e-7, from("psych::cohen.kappa(w); delta method, numDeriv"))
put("kappa_quadratic", c(k$weighted.kappa, delta(1 - linear^2)), 1e-7, from("psych::cohen.kappa(); delta method, numDeriv"))

# ---- Krippendorff: his example of four observers and twelve units, and made-up ratings
e <- cbind(c(1, 2, 3, 3, 2, 1, 4, 1, 2, NA, NA, NA), c(1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NA, 3),
           c(NA, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NA), c(1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NA))
put("observers", e, 0, "Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, example C")
put("observers_alpha", c(.743, .815, .849), .0005, "Krippendorff (2011), example C: nominal, ordinal, interval")
alpha <- function(m, metric) { # through the coincidence matrix
  v <- sort(unique(c(m[!is.na(m)]))); o <- matrix(0, length(v), length(v))
  for (i in seq_len(nrow(m))) {
    r <- m[i, !is.na(m[i, ])]
    if (length(r) > 1) for (a in seq_along(r)) for (b in seq_along(r)) if (a != b) {
      p <- match(r[a], v); q <- match(r[b], v)
      o[p, q] <- o[p, q] + 1 / (length(r) - 1)
    }
  }
  n <- rowSums(o)
  d <- outer(seq_along(v), seq_along(v), Vectorize(function(a, b) switch(metric, nominal = as.numeric(a != b),
    ordinal = (sum(n[a:b]) - (n[a] + n[b]) / 2)^2, interval = (v[a] - v[b])^2)))
  1 - sum(o * d) / (sum(outer(n, n) * d) / (sum(n) - 1))
}
made <- matrix(sample(c(1, 2, 4, 7, NA), 90, TRUE), 30)
put("ratings", made, 0, "made up")
put("ratings_alpha", sapply(c("nominal", "ordinal", "interval"), function(m) alpha(made, m)), 1e-12,
    from("through the coincidence matrix"))

# ---- stability: 3 personas, 3 variants, 2 items, one answer missing
y <- array(c(1, 2, 5, 2, 2, 4, 1, 4, NA, 3, 1, 2, 3, 2, 2, 2, 1, 1), c(3, 3, 2)) # persona, variant, item
put("stability_y", aperm(y, c(3, 2, 1)), 0, "made up")
range <- c(4, 2)
compare <- function(own) {
  s <- d <- numeric(0)
  for (i in 1:3) for (k in 1:3) if ((i == k) == own) for (v in 1:3) for (u in 1:3) if (u != v) for (j in 1:2) {
    s <- c(s, y[i, v, j] == y[k, u, j]); d <- c(d, abs(y[i, v, j] - y[k, u, j]) / range[j])
  }
  c(mean(s, na.rm = TRUE), mean(d, na.rm = TRUE))
}
own <- compare(TRUE); other <- compare(FALSE)
put("stability", c(own, other), 1e-12, from("over all pairs"))
permutations <- function(v) {
  if (length(v) < 2) return(matrix(v, 1))
  do.call(rbind, lapply(seq_along(v), function(i) cbind(v[i], permutations(v[-i]))))
}
p <- permutations(1:3); original <- y; all <- numeric(0)
for (a in 1:6) for (b in 1:6) {
  y <- original; y[, 2, ] <- y[p[a, ], 2, ]; y[, 3, ] <- y[p[b, ], 3, ]
  all <- c(all, compare(TRUE)[2])
}
share <- mean(all <= own[2] + 1e-10)
put("stability_p", share, 4 * sqrt(share * (1 - share) / 9999), from("all 36 relative exchanges"))

# ---- extrapolability: 5 models, 4 items, all three splits
e <- matrix(round(runif(20) + rep(c(0, .2, .5, .1, .4), 4), 2), 5)
put("errors", e, 0, "made up")
halves <- list(c(1, 2), c(1, 3), c(1, 4))
one <- sapply(halves, function(h) {
  a <- rowMeans(e[, h]); b <- rowMeans(e[, -h])
  c(cor(a, b, method = "spearman"), which.min(a) == which.min(b))
})
put("extrapolability", rowMeans(one), 4 * max(apply(one, 1, sd)) / sqrt(4000), from("cor(method = 'spearman'), all splits"))

# ---- steerability: 3 groups, 2 items of 4 and 3 points, one answer in each
human <- rbind(c(1.5, 2), c(2.5, 1.2), c(3.2, NA)); persona <- rbind(c(2, 2.5), c(3, 2), c(3, 1.4))
share <- list(c(.1, .2, .4, .3), c(.5, .25, .25)); code <- list(c(1, 2, 3, 5), c(1, 2, 3))
range <- c(4, 2)
put("steer_human", human, 0, "made up"); put("steer_persona", persona, 0, "made up")
persona[is.na(human)] <- NA
distance <- function(m) mean(t(abs(t(m - human)) / range), na.rm = TRUE)
spread <- function(m) { # pairs of groups, item by item
  d <- lapply(1:2, function(j) c(dist(m[!is.na(human[, j]), j])) / range[j])
  mean(unlist(d))
}
middle <- matrix(colMeans(persona, na.rm = TRUE), 3, 2, byrow = TRUE)
put("steer", c(distance(persona), distance(middle), spread(persona), spread(human)), 1e-12, from("by the definitions"))
random <- mean(unlist(lapply(1:2, function(j) sapply(human[!is.na(human[, j]), j], function(h)
  mean(abs(code[[j]] - h)) / range[j]))))
gini <- sapply(1:2, function(j) sum(outer(share[[j]], share[[j]]) * abs(outer(code[[j]], code[[j]], "-"))) / range[j])
put("steer_random", c(random, (3 * gini[1] + gini[2]) / 4), .01, from("expectation of one answer; 4 standard errors of 9999 draws"))

# ---- unbalanced answers: 34 of the 144 are missing; Henderson's method III by the definition, with projections
henderson <- function(d, interaction = TRUE) {
  z <- function(f) { f <- factor(f); model.matrix(~ 0 + f) }
  onto <- function(x) { q <- qr(x); q <- qr.Q(q)[, seq_len(q$rank), drop = FALSE]; tcrossprod(q) }
  n <- nrow(d); za <- z(d$persona); zb <- z(d$variant); zc <- z(interaction(d$persona, d$variant, drop = TRUE))
  pa <- onto(za); pb <- onto(zb); pab <- onto(cbind(za, zb)); pc <- if (interaction) onto(zc) else diag(n)
  form <- function(m) drop(d$y %*% m %*% d$y)
  mean_of <- function(m) c(sum(diag(t(za) %*% m %*% za)), sum(diag(t(zb) %*% m %*% zb)),
                           if (interaction) sum(diag(t(zc) %*% m %*% zc)), sum(diag(m)))
  forms <- list(pab - pb, pab - pa, if (interaction) pc - pab, diag(n) - if (interaction) pc else pab)
  forms <- Filter(Negate(is.null), forms)
  drop(solve(t(sapply(forms, mean_of)), sapply(forms, form)))
}
gone <- sample(144, 34)
u <- d; u$y[gone] <- NA
put("unbalanced", u$y, 0, "made up")
put("henderson", henderson(u[!is.na(u$y), ]), 1e-9, from("by the definition, with projections"))
uo <- subset(u, repetition == 1)
put("unbalanced_once", uo$y, 0, "made up")
put("henderson_once", henderson(uo[!is.na(uo$y), ], FALSE), 1e-9, from("by the definition, with projections"))
w <- u[!is.na(u$y), ]; a <- anova(lm(y ~ factor(persona), w))$`Mean Sq`; k <- table(w$persona)
put("henderson_one_way", c((a[1] - a[2]) / ((nrow(w) - sum(k^2) / nrow(w)) / 11), a[2]), 1e-9, from("anova(), expected mean squares"))
r <- as.data.frame(VarCorr(lmer(y ~ 1 + (1 | persona) + (1 | variant) + (1 | persona:variant), w, control = control)))
cat("Henderson:", henderson(w), " REML:", pick(r, "persona"), pick(r, "variant"), pick(r, "persona:variant"), pick(r, "Residual"), "\n")

# ---- restricted maximum likelihood: lme4's deviance, its optimum polished by Newton's steps with numerical derivatives (lmer
# stops some 1e-6 before it); a parameter that ends at 0 stays there
reml <- function(formula, d, names) {
  parts <- lFormula(formula, d, REML = TRUE)
  f <- do.call(mkLmerDevfun, parts)
  th <- nlminb(rep(.5, length(parts$reTrms$theta)), f, lower = 0, control = list(rel.tol = 1e-14, x.tol = 1e-10))$par
  free <- th > 1e-5
  th[!free] <- 0
  g <- function(x) { th[free] <- x; f(th) }
  for (i in 1:4) th[free] <- th[free] - solve(numDeriv::hessian(g, th[free]), numDeriv::grad(g, th[free], method.args = list(r = 6)))
  stopifnot(all(abs(numDeriv::grad(g, th[free])) < 1e-6))
  m <- mkMerMod(environment(f), list(par = th, fval = f(th), conv = 0), parts$reTrms, parts$fr)
  v <- as.data.frame(VarCorr(m))
  v$vcov[match(c(names, "Residual"), v$grp)]
}
newton <- from("lme4's REML deviance, Newton's steps")
three <- c("persona", "variant", "persona:variant")
full <- y ~ 1 + (1 | persona) + (1 | variant) + (1 | persona:variant)
put("reml", reml(full, w, three), 1e-6, newton)
put("reml_balanced", reml(full, d, three), 1e-6, newton)
put("reml_once", reml(y ~ 1 + (1 | persona) + (1 | variant), uo[!is.na(uo$y), ], three[1:2]), 1e-6, newton)
put("reml_one_way", reml(y ~ 1 + (1 | persona), w, "persona"), 1e-6, newton)
set.seed(5)
zero <- expand.grid(repetition = 1:3, variant = 1:4, persona = 1:12)
zero$y <- round(3 + rnorm(12, 0, .4)[zero$persona] + rnorm(144, 0, 1), 2)
zero$y[sample(144, 40)] <- NA
zero$y[zero$variant == 2 & zero$persona == 3] <- NA # an empty cell
put("flat", zero$y, 0, "made up")
z <- zero[!is.na(zero$y), ]
put("reml_flat", reml(full, z, three), 1e-6, newton)
put("henderson_flat", henderson(z), 1e-9, from("by the definition, with projections; those below 0 as they are"))
