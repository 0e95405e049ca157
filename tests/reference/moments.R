# Reference values of weighted means, standard deviations and correlations.
# Run in this folder: Rscript moments.R
source("write.R")
put <- begin("moments", "psych")

# Complete data: R's attitude, with weights made up by formula.
w <- (seq_len(30) %% 7 + 1) / 4
put("attitude", attitude, 0, "R datasets::attitude (Chatterjee & Price 1977)")
put("attitude_weights", w, 0, "((1:30) %% 7 + 1) / 4")
ml <- cov.wt(attitude, wt = w / sum(w), method = "ML", cor = TRUE)
put("attitude_mean", ml$center, 1e-12, "stats::cov.wt method ML")
put("attitude_sd", sqrt(diag(ml$cov)), 1e-12, "stats::cov.wt method ML")
put("attitude_r", ml$cor, 1e-13, "stats::cov.wt method ML")
put("attitude_r_unweighted", cor(attitude), 1e-13, "stats::cor")

# Made-up answers 1..10 of 150 respondents to five items, whole weights 1..5, 20 % missing.
set.seed(20230)
n <- 150
common <- rnorm(n)
made <- sapply(1:5, function(j) {
  pmin(10, pmax(1, round(5 + (j - 3) * .7 + common * (j - 2) + rnorm(n, sd = 2))))
})
weights <- sample(1:5, n, replace = TRUE)
holes <- made
holes[sample(length(made), length(made) / 5)] <- NA
put("made", made, 0, "made up")
put("holes", holes, 0, "made up: the same with 20 % missing")
put("weights", weights, 0, "made up")

# A whole weight is as many respondents: the correlations of the expanded data.
expand <- rep(seq_len(n), weights)
population_sd <- function(x) sqrt(mean((x - mean(x, na.rm = TRUE))^2, na.rm = TRUE))
for (name in c("made", "holes")) {
  x <- get(name)[expand, ]
  source <- "stats::cor pairwise.complete.obs on rows repeated weight times"
  put(paste0(name, "_mean"), colMeans(x, na.rm = TRUE), 1e-12, source)
  put(paste0(name, "_sd"), apply(x, 2, population_sd), 1e-12, source)
  put(paste0(name, "_r"), cor(x, use = "pairwise.complete.obs"), 1e-12, source)
}
answered <- !is.na(holes)
put("holes_n", crossprod(answered), 0, "respondents who answered both")
put("holes_n_eff", crossprod(answered * weights, answered)^2 /
      crossprod(answered * weights), 1e-11, "Kish 1965, (sum w)^2 / sum w^2 of each pair")

whole <- complete.cases(holes)
list <- cov.wt(holes[whole, ], wt = weights[whole] / sum(weights[whole]), method = "ML", cor = TRUE)
put("listwise_mean", list$center, 1e-12, "stats::cov.wt on complete cases")
put("listwise_sd", sqrt(diag(list$cov)), 1e-12, "stats::cov.wt on complete cases")
put("listwise_r", list$cor, 1e-12, "stats::cov.wt on complete cases")
put("listwise_n", sum(whole), 0, "complete cases")

# psych normalises weights over all rows, whether they answered or not: two independent items with
# mean 7 become correlated as soon as answers are missing. These are the wrong values to avoid.
set.seed(7)
apart <- matrix(round(rnorm(600, mean = 7), 2), ncol = 2)
apart[cbind(sample(300, 90), 1)] <- NA
apart[cbind(sample(300, 90), 2)] <- NA
apart_weights <- sample(1:4, 300, replace = TRUE)
put("apart", apart, 0, "made up: independent items, mean 7, 30 % missing")
put("apart_weights", apart_weights, 0, "made up")
put("apart_r", cor(apart[rep(1:300, apart_weights), ], use = "pairwise.complete.obs"), 1e-12,
    "stats::cor on rows repeated weight times")
put("apart_psych", psych::cor.wt(apart, w = apart_weights)$r, 0,
    "psych::cor.wt: WRONG with missing values")
