# Reference values of src/compare/collapse.c: whole sheets, spread of an item, spectrum, coverage.
# Run in this folder:  Rscript collapse.R
suppressMessages(library(vegan))
source("write.R")
put <- begin("collapse", "vegan")
from <- function(f) paste0("R ", getRversion(), ", ", f)
set.seed(23)

# ---- sheets: 40 of three items, some alike
x <- matrix(sample(1:3, 120, TRUE, c(.6, .3, .1)), 40)
put("sheets", x, 0, "made up")
n <- as.vector(table(apply(x, 1, paste, collapse = "")))
put("vectors", c(length(n), length(n) / 40, max(n) / 40, sum(n[n > 1]) / 40), 1e-12, from("table()"))
put("vector_entropy", diversity(n) / log(40), 1e-12, from("vegan::diversity() / log(40)"))
put("rarefied", as.numeric(rarefy(n, 15)) / 15, 1e-10, from("vegan::rarefy()"))

# ---- one item: 200 respondents with weights on five points with a gap
code <- c(1, 2, 3, 5, 9)
a <- sample(code, 200, TRUE, c(.1, .3, .3, .2, .1)); w <- round(runif(200, .2, 3), 2)
share <- as.vector(tapply(w, factor(a, code), sum)) / sum(w)
n_eff <- sum(w)^2 / sum(w^2)
put("code", code, 0, "made up"); put("share", share, 0, "made up"); put("n_eff", n_eff, 0, "made up")
ww <- outer(w, w); diag(ww) <- 0
mean_pair <- function(d) sum(ww * d) / sum(ww)
m <- weighted.mean(a, w)
put("spread", c(max(share), diversity(share) / log(5), mean_pair(outer(a, a, "!=")),
    mean_pair(abs(outer(a, a, "-"))) / 8, sqrt(sum(w * (a - m)^2) / sum(w)) / 8), 1e-12,
    from("over all pairs of the 200 respondents; vegan::diversity()"))

# ---- spectrum
s <- cov(matrix(rnorm(300), 50) %*% matrix(rnorm(36), 6))
put("covariance", s, 0, "made up")
l <- eigen(s)$values; q <- l / sum(l)
put("spectrum", c(sum(l), q[1], exp(diversity(q)), sum(l)^2 / sum(l^2)), 1e-10, from("eigen(), vegan::diversity()"))

# ---- coverage and density by their definitions, closed balls
people <- matrix(rnorm(60), 30); personas <- matrix(rnorm(50, .8, .5), 25)
people[2, ] <- people[1, ]; personas[1, ] <- people[1, ]
put("people", people, 0, "made up"); put("personas", personas, 0, "made up")
k <- 3
cross <- as.matrix(dist(rbind(people, personas)))
radius <- function(d) apply(d, 1, function(r) sort(r)[k + 1])  # the first is the point itself
human <- radius(cross[1:30, 1:30]); model <- radius(cross[31:55, 31:55])
d <- cross[1:30, 31:55]
inside <- d <= human
put("coverage", c(mean(rowSums(inside) > 0), sum(inside) / (k * 25), mean(colSums(inside) > 0),
    mean(rowSums(t(t(d) <= model)) > 0)), 1e-12, from("dist(), by the definitions"))

# ---- the same with weights
sheet_weight <- round(runif(40, .3, 2), 2); people_weight <- round(runif(30, .3, 2), 2); persona_weight <- round(runif(25, .3, 2), 2)
put("sheet_weight", sheet_weight, 0, "made up"); put("people_weight", people_weight, 0, "made up")
put("persona_weight", persona_weight, 0, "made up")
key <- apply(x, 1, paste, collapse = ""); s <- tapply(sheet_weight, key, sum) / sum(sheet_weight)
put("vectors_weighted", c(max(s), sum(s[table(key)[names(s)] > 1]), diversity(s) / log(40)), 1e-12, from("tapply(), vegan::diversity()"))
put("coverage_weighted", c(weighted.mean(rowSums(inside) > 0, people_weight),
    weighted.mean(colSums(inside * people_weight / mean(people_weight)), persona_weight) / k,
    weighted.mean(colSums(inside) > 0, persona_weight),
    weighted.mean(rowSums(t(t(d) <= model)) > 0, people_weight)), 1e-12, from("dist(), weighted.mean(), by the definitions"))
