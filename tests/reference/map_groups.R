# Reference values of src/map/groups.c: mean positions of groups, their standard errors and what lies
# behind them, by the three rules for incomplete answers.
# Run in this folder:  Rscript map_groups.R > map_groups.tsv
# The space is that of tests/support/made_up.c; the answers are made up here and written out first.
# Standard errors: for mean answers by the infinitesimal jackknife (numerical derivatives by the weights,
# Richardson's), for the two others by sandwich::vcovHC of a weighted mean.
suppressMessages({library(numDeriv, quietly = TRUE); library(sandwich)})

mu <- c(6, 2, 1.5, .25); sigma <- c(2.5, .75, .6, 1.25)
R <- matrix(c(1, .4, -.3, .2, .4, 1, -.1, .25, -.3, -.1, 1, .15, .2, .25, .15, 1), 4)
W <- matrix(c(.1, -.2, .5, .3, -.4, .6, .25, .125), 4, 2, byrow = TRUE)
a <- c(-1, .5)
S <- diag(sigma) %*% R %*% diag(sigma)
stopifnot(min(eigen(R)$values) > 0)

o <- NA # an answer that is missing
d <- rbind( # model, country, weight, answers
  c(1, 1, 1.0, 7, 2, 1, 0), c(1, 1, 0.5, 9, o, 2, 1), c(1, 1, 2.0, 3, 1, o, -2), c(1, 1, 1.5, o, 4, 3, o),
  c(1, 1, 0.8, 5, 2, 1, 1), c(1, 1, 1.0, o, o, 2, o), c(1, 1, 0.0, 10, 4, 3, 2), c(1, 1, 1.2, 6, 3, o, 0),
  # nobody answered the third item, one the fourth
  c(1, 2, 1.0, 8, 3, o, o), c(1, 2, 3.0, 2, 1, o, o), c(1, 2, 1.0, 4, 2, o, 1), c(1, 2, 0.7, 10, 2, o, o),
  # complete
  c(2, 1, 1.0, 1, 1, 1, -2), c(2, 1, 2.0, 6, 2, 2, 0), c(2, 1, 0.4, 10, 3, 3, 2), c(2, 1, 1.1, 7, 2.5, 1, 1),
  c(2, 2, 1.3, 4, o, 2, 1),                          # alone
  c(2, 3, 0.0, 4, 2, 2, 1), c(2, 3, 0.0, 6, 1, 1, 0), # without weight
  c(o, 1, 1.0, 5, 2, 2, 1), c(2, o, 1.0, 5, 2, 2, 1), # without a label
  c(1, 3, 1.0, 8, 2, 1, 1), c(1, 3, 1.0, 8, 2, 1, 1), c(1, 3, 2.5, 8, 2, 1, 1)) # all alike
label <- d[, 1:2]; w <- d[, 3]; x <- d[, 4:7]

operator <- function(seen) { # expected position given the answers seen
  i <- which(seen); m <- which(!seen)
  B <- matrix(0, length(i), length(m))
  if (length(B)) B <- solve(S[i, i, drop = FALSE], S[i, m, drop = FALSE])
  weights <- matrix(0, 4, 2)
  weights[i, ] <- W[i, ] + B %*% W[m, , drop = FALSE]
  left <- S[m, m, drop = FALSE] - t(B) %*% S[i, m, drop = FALSE]
  cov <- t(W[m, , drop = FALSE]) %*% left %*% W[m, , drop = FALSE]
  list(weights = weights, constant = drop(a + t(W - weights) %*% mu), cov = cov,
       share = 1 - diag(cov) / diag(t(W) %*% S %*% W))
}
place <- function(op, answers) op$constant + drop(t(op$weights) %*% ifelse(is.na(answers), 0, answers))
single <- lapply(1:nrow(x), function(r) operator(!is.na(x[r, ])))
at <- t(sapply(1:nrow(x), function(r) place(single[[r]], x[r, ])))
at[rowSums(!is.na(x)) < 2, ] <- NA

put <- function(quantity, m, tolerance, source) {
  m <- as.matrix(m)
  cat(sprintf("%s\t%d\t%d\t%s\t%g\t%s\n", quantity, row(m), col(m),
              ifelse(is.na(m), "nan", sprintf("%.17g", m)), tolerance, source), sep = "")
}
cat("quantity\trow\tcol\tvalue\ttolerance\tsource\n")
put("label", label, 0, "made up"); put("weight", w, 0, "made up"); put("answer", x, 0, "made up")
from <- sprintf("R %s.%s", R.version$major, R.version$minor)
put("position", at, 1e-12, paste(from, "solve()"))

groups <- unique(na.omit(label)); groups <- groups[order(groups[, 1], groups[, 2]), ]
weighted <- function(v, by) sum(v * by) / sum(by)
for (rule in c("means", "project", "drop")) {
  result <- list(); within <- 0; behind <- 0
  for (g in 1:nrow(groups)) {
    rows <- which(label[, 1] == groups[g, 1] & label[, 2] == groups[g, 2])
    use <- rows[!is.na(at[rows, 1]) & w[rows] > 0]
    if (rule == "drop") use <- use[rowSums(is.na(x[use, , drop = FALSE])) == 0]
    n <- length(use); v <- w[use]; p <- at[use, , drop = FALSE]; y <- x[use, , drop = FALSE]
    items <- apply(y, 2, function(c) if (all(is.na(c))) NA else weighted.mean(c, v, na.rm = TRUE))
    left <- Reduce(`+`, Map(function(r, q) q / sum(v) * single[[r]]$cov, use, v), matrix(0, 2, 2))
    share <- Reduce(`+`, Map(function(r, q) q / sum(v) * single[[r]]$share, use, v), c(0, 0))
    centre <- if (n) colSums(v * p) / sum(v) else c(NA, NA)
    cov <- if (n < 2) matrix(NA, 2, 2) else cov.wt(p, v / sum(v), method = "ML")$cov
    if (rule == "means") {
      op <- operator(colSums(!is.na(y)) >= min(2, max(n, 1)))
      theta <- function(v) place(op, apply(y, 2, weighted.mean, v, na.rm = TRUE))
      mean <- if (n) theta(v) else c(NA, NA)
      share <- op$share; open <- diag(op$cov)
      se <- c(NA, NA)
      if (n > 1) {
        u <- jacobian(theta, v) %*% diag(v)
        se <- sqrt(n / (n - 1) * rowSums(u^2))
      }
    } else {
      mean <- centre; open <- diag(left); se <- c(NA, NA)
      if (n > 1)
        se <- apply(p, 2, function(q) sqrt(vcovHC(lm(q ~ 1, weights = v), type = "HC1")[1, 1]))
    }
    if (n > 1) {
      within <- within + sum(v) * (cov + left); behind <- behind + sum(v)
    }
    if (n == 0) { left[] <- NA; share[] <- NA; open[] <- NA }
    result[[g]] <- list(rows = length(rows), n = n, n_complete = sum(rowSums(is.na(y)) == 0), weight = sum(v),
                        n_eff = if (n) sum(v)^2 / sum(v^2) else 0, mean = mean, se = se, centre = centre,
                        cov = c(cov), left_open = c(left), sd_incomplete = sqrt(open), share = share,
                        items = items)
  }
  for (q in names(result[[1]]))
    put(paste(rule, q, sep = "_"), do.call(rbind, lapply(result, `[[`, q)),
        if (q == "se") 1e-9 else 1e-12, paste(from, if (q != "se") "solve(), cov.wt()" else
          if (rule == "means") paste("numDeriv", packageVersion("numDeriv")) else
            paste("sandwich", packageVersion("sandwich"))))
  put(paste0(rule, "_within"), within / behind, 1e-12, from)
}
