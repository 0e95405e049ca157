# Writes the published data of datasets/factor-*, as R and its packages have them. Run in this folder:
# Rscript datasets.R
suppressMessages({library(psych); library(psychTools)})
at <- function(name) file.path("../../datasets", name)
put <- function(x, name) write.csv(x, at(name), row.names = FALSE, quote = FALSE, na = "")
square <- function(r, name, digits) { # item, one column per item
  text <- formatC(r, format = "f", digits = digits)
  put(data.frame(item = rownames(r), text, check.names = FALSE), name) }
square(Harman74.cor$cov, "factor-harman74/correlations.csv", 3)
r <- Thurstone; rownames(r) <- colnames(r) <- gsub("\\.", "", rownames(r))
square(r, "factor-thurstone/correlations.csv", 3)
x <- holzinger.raw; x$school <- ifelse(x$school == 1, "Grant-White", "Pasteur")
put(x, "factor-holzinger-swineford/scores.csv")
put(data.frame(case = rownames(bfi), bfi), "factor-bfi/bfi.csv")
