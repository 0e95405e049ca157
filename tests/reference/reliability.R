# Reference values of src/factor/reliability.c and icc.c.
# Run in this folder:  Rscript reliability.R
suppressMessages({library(psych); library(GPArotation)})
source("write.R")
put <- begin("reliability", c("psych", "GPArotation"))
from <- function(f) paste0("psych ", packageVersion("psych"), ", ", f)

x <- as.matrix(attitude) # R datasets: Chatterjee & Price (1977), 30 departments
put("attitude", x, 0, "R datasets::attitude")
a <- suppressWarnings(alpha(x))
put("alpha", c(a$total$raw_alpha, a$total$std.alpha, a$total[["average_r"]]), 1e-12, from("alpha()"))
put("g6", a$total[["G6(smc)"]], 1e-12, from("alpha()"))
put("if_dropped", a$alpha.drop$raw_alpha, 1e-12, from("alpha()$alpha.drop"))
put("item_rest", a$item.stats$r.drop, 1e-12, from("alpha()$item.stats"))
f <- alpha.ci(a$total$raw_alpha, n.obs = 30, n.var = 7, p.val = .05)
put("feldt", c(f$lower.ci, f$upper.ci), 1e-10, from("alpha.ci()"))
put("ase", a$total$ase, 1e-12, from("alpha()"))
put("normal", a$total$raw_alpha + c(-1, 1) * qnorm(.975) * a$total$ase, 1e-12, "alpha +- z ase of psych")
g <- guttman(x)
put("lambda_standard", c(g$lambda.1, g$lambda.2, g$lambda.3, g$lambda.4, g$lambda.5, g$lambda.6),
    1e-9, from("guttman()"))
all_splits <- max(sapply(0:63, function(code) { # every split of seven items by hand
  s <- 2 * c(bitwAnd(bitwShiftR(code, 0:5), 1), 0) - 1
  r <- cor(x); 2 * (1 - (sum(r[s > 0, s > 0]) + sum(r[s < 0, s < 0])) / sum(r))
}))
put("lambda4", all_splits, 1e-12, "all 64 splits by the definition")
cv <- cov(x); off <- cv; diag(off) <- 0
put("lambda_raw", c(sum(off) / sum(cv), (sum(off) + sqrt(7 / 6 * sum(off^2))) / sum(cv),
    a$total$raw_alpha, (sum(off) + 2 * sqrt(max(colSums(off^2)))) / sum(cv),
    1 - sum(1 / diag(solve(cv))) / sum(cv)), 1e-12, "lambda 1 2 3 5 6, by Guttman's definitions")

# omega: psych's own oblique solution goes in, so that only the Schmid-Leiman step is compared
for (k in 2:3) {
  r <- if (k == 2) cor(x) else Thurstone
  s <- schmid(r, nfactors = k, fm = "minres", rotate = "oblimin")
  o <- suppressWarnings(omega(r, nfactors = k, plot = FALSE, flip = FALSE, rotate = "oblimin"))
  name <- if (k == 2) "attitude" else "thurstone"
  put(paste0(name, "_r"), r, 0, if (k == 2) "R datasets::attitude" else "psych::Thurstone")
  put(paste0(name, "_pattern"), unclass(s$oblique), 0, from("schmid()$oblique"))
  put(paste0(name, "_phi"), s$phi, 0, from("schmid()$phi"))
  put(paste0(name, "_omega"), c(o$omega_h, o$omega.tot), if (k == 2) 1e-9 else 2e-5, from("omega()"))
  put(paste0(name, "_general"), s$sl[, 1], if (k == 2) 1e-9 else 2e-5, from("schmid()$sl"))
}

sf <- matrix(c(9, 2, 5, 8, 6, 1, 3, 2, 8, 4, 6, 8, 7, 1, 2, 6, 10, 5, 6, 9, 6, 2, 4, 7), 6, 4, byrow = TRUE)
put("ratings", sf, 0, "Shrout & Fleiss (1979), table 2")
i <- ICC(sf, lmer = FALSE)$results
j <- ICC(sf[rep(1:6, c(1, 3, 2, 0, 1, 2)), ], lmer = FALSE)$results
put("icc_weighted", as.matrix(j[, c("ICC", "lower bound", "upper bound", "F", "df1", "df2", "p")]), 1e-10,
    from("ICC(lmer = FALSE) on rows repeated 1, 3, 2, 0, 1, 2 times"))
put("icc", as.matrix(i[, c("ICC", "lower bound", "upper bound", "F", "df1", "df2", "p")]), 1e-10, from("ICC(lmer = FALSE)"))
