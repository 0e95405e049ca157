# Helpers of the scripts that make reference values. A file has the columns
# quantity, row, col, value, tolerance, source; rows and columns count from 1.

versions <- function(packages = character()) {
  paste(c(R.version.string, vapply(packages, function(p) paste(p, packageVersion(p)), "")),
        collapse = ", ")
}

begin <- function(name, packages = character()) {
  file <- paste0(name, ".tsv")
  cat("# made by ", name, ".R with ", versions(packages), "\n",
      "quantity\trow\tcol\tvalue\ttolerance\tsource\n", sep = "", file = file)
  function(quantity, x, tolerance, source) {
    x <- as.matrix(x)
    value <- ifelse(is.na(x), "nan", sprintf("%.17g", x))
    cat(sprintf("%s\t%d\t%d\t%s\t%g\t%s\n", quantity, row(x), col(x), value, tolerance, source),
        sep = "", file = file, append = TRUE)
  }
}
