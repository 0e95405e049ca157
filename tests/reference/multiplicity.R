# Reference values of src/compare/multiplicity.c.
# Run in this folder:  Rscript multiplicity.R
source("write.R")
put <- begin("multiplicity")
set.seed(5)
p <- round(c(runif(12)^3, 0, 1, .04, .04, NA, .2), 4) # ties, the ends of the range, a test not made
put("p", p, 0, "made up")
for (m in c("none", "bonferroni", "holm", "hochberg", "BH", "BY"))
  put(tolower(m), p.adjust(p, m), 1e-15, "R stats::p.adjust()")
