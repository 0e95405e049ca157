# What `valuemap morality answers.csv --group model,persona` finds, in R: scores, cells, mean, sd and interval of every group,
# alpha of every group and scale. base R and data.table's reader; alpha by its formula, for psych::alpha is much slower.
#   Rscript morality.R answers.csv [psych]
file <- commandArgs(TRUE)[1]; psych <- "psych" %in% commandArgs(TRUE)
a <- data.table::fread(file, data.table = FALSE)
x <- as.matrix(a[, paste0("MFQ2_", 1:36)])
group <- interaction(a$model, a$persona, drop = TRUE)
foundation <- lapply(1:6, function(f) seq(f, 36, 6))
score <- sapply(foundation, function(i) ifelse(rowSums(!is.na(x[, i])) >= 4, rowMeans(x[, i], na.rm = TRUE), NA))
alpha <- function(y) { C <- cov(y, use = "pairwise"); k <- ncol(C); k / (k - 1) * (1 - sum(diag(C)) / sum(C)) }
rows <- split(seq_len(nrow(a)), group)
result <- lapply(rows, function(r) sapply(1:6, function(f) {
  s <- score[r, f]; s <- s[!is.na(s)]; n <- length(s); y <- x[r, foundation[[f]]]
  c(n, mean(s), sd(s), if (n > 1) mean(s) + c(-1, 1) * qt(.975, n - 1) * sd(s) / sqrt(n) else c(NA, NA),
    mean(y, na.rm = TRUE), sd(y, na.rm = TRUE), mean(y == 1, na.rm = TRUE), mean(y == 5, na.rm = TRUE),
    if (psych) tryCatch(suppressMessages(suppressWarnings(psych::alpha(as.data.frame(y), check.keys = FALSE)$total$raw_alpha)),
                        error = function(e) NA) else suppressWarnings(alpha(y)))
}))
cat(length(result), "groups\n")
