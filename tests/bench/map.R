# What a user of R would do instead of `valuemap fit`: read the columns with data.table::fread, take the
# weighted pairwise correlations, components, varimax and scores; and the bootstrap of the map.
#   Rscript map.R FILE REPLICATES THREADS
# prints: what, seconds (elapsed); bootstrap seconds are per replicate.
suppressMessages(library(data.table))
arguments <- commandArgs(TRUE)
file <- arguments[1]
replicates <- as.integer(arguments[2])
setDTthreads(as.integer(arguments[3]))
elapsed <- function(expression) system.time(expression)[["elapsed"]]

wanted <- c("B_COUNTRY_ALPHA", "W_WEIGHT", paste0("Q", c(8, 14, 15, 17, 45, 46, 57, 154, 155, 164, 182,
  184, 209, 254)))
cat("fread", elapsed(raw <- fread(file, select = wanted)), "\n")

items <- function(d) {
  valid <- function(x, low, high) ifelse(x >= low & x <= high, x, NA)
  mentioned <- function(x) 2 - valid(x, 1, 2)
  first <- valid(d$Q154, 1, 4)
  second <- valid(d$Q155, 1, 4)
  material <- (first %in% c(1, 3)) & (second %in% c(1, 3)) & first != second
  post <- (first %in% c(2, 4)) & (second %in% c(2, 4)) & first != second
  cbind(F063 = valid(d$Q164, 1, 10),
    Y003 = mentioned(d$Q8) + mentioned(d$Q14) - mentioned(d$Q15) - mentioned(d$Q17),
    F120 = valid(d$Q184, 1, 10), G006 = valid(d$Q254, 1, 4), E018 = valid(d$Q45, 1, 3),
    Y002 = ifelse(is.na(first) | is.na(second), NA, ifelse(material, 1, ifelse(post, 3, 2))),
    A008 = valid(d$Q46, 1, 4), F118 = valid(d$Q182, 1, 10), E025 = valid(d$Q209, 1, 3),
    A165 = valid(d$Q57, 1, 2))
}

# Each pair with its own respondents, weights, means and variances.
correlate_pairs <- function(x, w) {
  p <- ncol(x)
  r <- diag(p)
  for (i in 2:p) for (j in 1:(i - 1)) {
    ok <- !is.na(x[, i]) & !is.na(x[, j])
    r[i, j] <- r[j, i] <- cov.wt(x[ok, c(i, j)], w[ok], cor = TRUE)$cor[1, 2]
  }
  r
}

# The same by four matrix products.
correlate_products <- function(x, w) {
  m <- !is.na(x)
  mode(m) <- "numeric"
  x[is.na(x)] <- 0
  sw <- crossprod(m, w * m)
  sx <- crossprod(w * x, m)
  sxx <- crossprod(w * x^2, m)
  sxy <- crossprod(w * x, x)
  v <- sxx / sw - (sx / sw)^2
  r <- (sxy / sw - sx / sw * t(sx / sw)) / sqrt(v * t(v))
  diag(r) <- 1
  r
}

solve_map <- function(r) {
  e <- eigen(r, symmetric = TRUE)
  l <- e$vectors[, 1:2] %*% diag(sqrt(e$values[1:2]))
  l <- unclass(varimax(l, eps = 1e-14)$loadings)
  solve(r, l)
}

x <- items(raw)
w <- raw$W_WEIGHT
country <- raw$B_COUNTRY_ALPHA
cat("fit_pairs", elapsed(solve_map(correlate_pairs(x, w))), "\n")
cat("fit_products", elapsed(solve_map(correlate_products(x, w))), "\n")

rows <- split(seq_len(nrow(x)), country)
resample <- function() unlist(lapply(rows, function(i) i[sample.int(length(i), replace = TRUE)]))
cat("bootstrap_pairs", elapsed(for (b in seq_len(min(replicates, 5))) {
  i <- resample()
  solve_map(correlate_pairs(x[i, ], w[i]))
}) / min(replicates, 5), "\n")
cat("bootstrap_products", elapsed(for (b in seq_len(min(replicates, 20))) {
  i <- resample()
  solve_map(correlate_products(x[i, ], w[i]))
}) / min(replicates, 20), "\n")
