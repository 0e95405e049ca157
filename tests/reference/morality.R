# Reference values of src/morality: scores, reliability and moral profiles of the real answers in
# datasets/morality-llm-personas, and how they agree with the human means.
# Run in this folder:  Rscript morality.R
suppressMessages({library(psych); library(GPArotation)})
source("write.R")
write <- begin("morality", "psych")
put <- function(quantity, x, tolerance, source) write(quantity, x, tolerance, source)

folder <- "../../datasets/morality-llm-personas"
a <- read.csv(file.path(folder, "answers.csv"), check.names = FALSE)
h <- read.csv(file.path(folder, "human_means.csv"), row.names = 1)
items <- as.matrix(a[, paste0("MFQ2_", 1:36)])
stopifnot(all(items %in% c(1:5, NA)))
foundation <- lapply(1:6, function(f) seq(f, 36, 6))
short <- function(f) paste0("R ", getRversion(), ", ", f)

# ---- every persona x model x foundation, pooled over items and runs; 9 digits will do
groups <- unique(a[, c("model", "persona")])
groups <- groups[order(groups$model, groups$persona, method = "radix"), ]
cells <- function(f) t(sapply(seq_len(nrow(groups)), function(g) {
  rows <- a$model == groups$model[g] & a$persona == groups$persona[g]
  sapply(foundation, function(i) f(items[rows, i]))
}))
put8 <- function(quantity, x, source)
  cat(sprintf("%s\t%d\t%d\t%s\t1e-8\t%s\n", quantity, row(x), col(x),
              ifelse(is.na(x), "nan", sprintf("%.9g", x)), source), sep = "",
      file = "morality.tsv", append = TRUE)
put8("cell_mean", cells(function(x) mean(x, na.rm = TRUE)), "mean()")
put8("cell_sd", cells(function(x) sd(x, na.rm = TRUE)), "sd()")

# ---- scores of sheets: means of at least four answers
score <- sapply(foundation, function(i) {
  x <- items[, i]
  ifelse(rowSums(!is.na(x)) >= 4, rowMeans(x, na.rm = TRUE), NA)
})
model_persona <- paste(a$model, a$persona)
order <- paste(groups$model, groups$persona)
by_group <- function(v, f) sapply(order, function(g) f(v[model_persona == g]))
for (f in 1:6) {
  v <- score[, f]
  m <- by_group(v, function(x) if (all(is.na(x))) NA else mean(x, na.rm = TRUE))
  n <- by_group(v, function(x) sum(!is.na(x)))
  s <- by_group(v, function(x) sd(x, na.rm = TRUE))
  if (f == 1) { M <- m; N <- n; S <- s } else { M <- cbind(M, m); N <- cbind(N, n); S <- cbind(S, s) }
}
colnames(M) <- colnames(h)
every <- seq(1, 114, 7) # every seventh group will do
put8("score_mean", M[every, ], "mean() of scores")
put8("score_sd", S[every, ], "sd() of scores")
put8("score_n", N[every, ], "sum(!is.na())")

# ---- reliability: all sheets of qwen2.5:72b (some answers missing), loyalty and authority
rows <- which(a$model == "qwen2.5:72b")
for (f in c(4, 5)) {
  x <- items[rows, foundation[[f]]]
  s <- suppressWarnings(suppressMessages(psych::alpha(as.data.frame(x), check.keys = FALSE)))
  put(paste0("alpha_", f), c(s$total$raw_alpha, s$total$std.alpha, s$total$average_r), 1e-12,
      short("psych::alpha()$total"))
  put(paste0("if_dropped_", f), s$alpha.drop$raw_alpha, 1e-12, short("psych::alpha()$alpha.drop"))
  C <- cov(x, use = "pairwise")
  # corrected item-total correlation from the covariances: cov(item, others) / sds
  put(paste0("item_rest_", f),
      sapply(1:6, function(i) sum(C[i, -i]) / sqrt(C[i, i] * sum(C[-i, -i]))), 1e-12,
      short("from cov(use = 'pairwise')"))
  fit <- psych::fa(cov2cor(C), 1, fm = "minres", n.obs = 950, warnings = FALSE)
  L <- abs(fit$loadings[, 1]) * sign(fit$loadings[, 1]) * sign(sum(fit$loadings))
  # psych::fa stops early: polish by minimising the same function
  off <- function(l) { E <- cov2cor(C) - tcrossprod(l); diag(E) <- 0; sum(E^2) }
  best <- optim(L, off, method = "BFGS", control = list(reltol = 1e-16, maxit = 5000))
  best <- optim(best$par, off, method = "BFGS", control = list(reltol = 1e-16, maxit = 5000))
  stopifnot(max(abs(best$par - L)) < 2e-3, best$value <= off(L))
  put(paste0("loading_", f), best$par, 2e-6, short("psych::fa(fm = 'minres'), polished by optim()"))
  put(paste0("omega_", f), 1 - sum(1 - best$par^2) / sum(cov2cor(C)), 2e-6,
      short("from those loadings"))
  # with complete answers the interval of Feldt and the error of Duhachek and Iacobucci
  y <- x[complete.cases(x), ]
  v <- suppressWarnings(psych::alpha(as.data.frame(y), check.keys = FALSE))
  put(paste0("feldt_", f), c(v$total$raw_alpha, unlist(v$feldt[c("lower.ci", "upper.ci")]), nrow(y)),
      1e-10, short("psych::alpha()$feldt of complete sheets"))
  put(paste0("ase_", f), v$total$ase, 1e-10, short("psych::alpha()$total$ase of complete sheets"))
}

# ---- agreement with people: llama3.1:8b as Egypt, and calibration of purity over nations
human <- as.matrix(h)[, ]
i <- which(groups$model == "llama3.1:8b" & groups$persona == "Egypt")
m <- M[i, ]; p <- human["Egypt", ]
put("agreement", c(mean(m - p), mean(abs(m - p)), sqrt(mean((m - p)^2)), sqrt(sum((m - p)^2)),
    cor(m, p), cor(m, p, method = "spearman"), cor(m, p, method = "kendall")), 1e-12, short("cor()"))
rows <- which(groups$model == "llama3.1:8b")
x <- human[groups$persona[rows], "purity"]; y <- M[rows, 6]
fit <- lm(y ~ x); ci <- confint(fit)[2, ]; ct <- cor.test(x, y)
bias <- t.test(y - x)
n <- length(x)
ccc <- 2 * cov(x, y) * (n - 1) / n / ((var(x) + var(y)) * (n - 1) / n + (mean(x) - mean(y))^2)
put("calibration", c(bias$estimate, bias$stderr, bias$conf.int, mean(abs(y - x)), sqrt(mean((y - x)^2)),
    ct$estimate, ct$conf.int, cor(x, y, method = "spearman"), cor(x, y, method = "kendall"), ccc,
    coef(summary(fit))[2, 1:2], ci, sd(y) / sd(x)), 1e-10,
    short("t.test(), cor.test(), lm()"))
