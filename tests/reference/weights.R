# Reference values of src/data/weights.c: trimming, the rules for groups, Kish's effective number and design effect. The groups
# are rescaled by iterative proportional fitting of a table (loglin), as raking programs do it with one margin.
# Run in this folder:  Rscript weights.R
source("write.R")
put <- begin("weights")
set.seed(20171118)
n <- 60
group <- c(rep(1, 7), rep(2, 33), rep(3, 12), rep(4, 8))
w <- round(exp(rnorm(n, c(0, .5, -1, 1)[group], c(.3, 1.2, .6, .9)[group])), 3)
w[c(3, 20, 59)] <- 0
people <- c(5.5, 331, 38, 83.2) # millions
put("w", w, 0, "made up")
put("group", group, 0, "made up")
put("population", people, 0, "made up")

trimmed <- function(w, cap) {
  mean <- tapply(w[w > 0], group[w > 0], mean)
  cut <- pmin(w, cap * mean[group])
  as.vector(cut * tapply(w, group, sum)[group] / tapply(cut, group, sum)[group])
}
# The weighted table of groups is fitted to the wanted sums; each weight takes the factor of its cell.
raked <- function(w, wanted) {
  cells <- tapply(w, group, sum)
  target <- wanted / sum(wanted) * sum(w > 0)
  fitted <- loglin(as.table(as.vector(target)), list(1), start = as.table(as.vector(cells)), fit = TRUE, print = FALSE)$fit
  as.vector(w * (as.vector(fitted) / cells)[group])
}
rules <- list(`mean-one` = function(w) as.vector(table(group[w > 0])), `equal-country` = function(w) rep(1, 4),
              population = function(w) people)
kish <- function(w) c(sum(w)^2 / sum(w^2), 1 + mean((w[w > 0] - mean(w[w > 0]))^2) / mean(w[w > 0])^2)
for (cap in c(0, 3, 1.5)) {
  v <- if (cap) trimmed(w, cap) else w
  put(paste0("given_", cap), v, 1e-12, "pmin, tapply")
  put(paste0("kish_given_", cap), kish(v), 1e-10, "1 + cv^2")
  for (r in names(rules)) {
    u <- raked(v, rules[[r]](v))
    put(paste0(r, "_", cap), u, 1e-10, "loglin")
    put(paste0("kish_", r, "_", cap), kish(u), 1e-10, "1 + cv^2")
  }
}
