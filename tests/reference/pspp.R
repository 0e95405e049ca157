# Runs FACTOR of PSPP on a correlation matrix: a list of tables of numbers, with 12 digits after the point.
pspp_factor <- function(r, n, k, commands) {
  p <- ncol(r); v <- paste0("v", seq_len(p)); file <- tempfile(fileext = ".sps")
  row <- function(type, x) paste(type, paste(format(x, digits = 15), collapse = " "))
  cat(file = file, sep = "\n", "SET FORMAT F20.12.", "MATRIX DATA VARIABLES = ROWTYPE_", v, "/FORMAT=LOWER DIAGONAL.",
      "BEGIN DATA", row("N", rep(n, p)), row("STDDEV", rep(1, p)),
      sapply(seq_len(p), function(i) row("CORR", r[i, 1:i])), "END DATA.",
      paste0("FACTOR MATRIX IN (CORR=*) /PRINT=INITIAL EXTRACTION ROTATION /CRITERIA FACTORS(", k, ") ", commands, "."))
  x <- system2("pspp", c("-O", "format=csv", file), stdout = TRUE)
  out <- list(); start <- grep("^Table: ", x)
  for (s in start) {
    rows <- x[(s + 1):length(x)]; end <- which(rows == "")[1]; if (!is.na(end)) rows <- rows[seq_len(end - 1)]
    title <- sub("^Table: ", "", x[s])
    rows <- grep(if (grepl("Correlation", title)) "^[0-9]+," else "^v[0-9]+,", rows, value = TRUE)
    out[[title]] <- do.call(rbind, lapply(strsplit(rows, ","), function(c) as.numeric(c[-1]))) }
  out
}
pspp_version <- function() sub("^.*?([0-9.]+).*$", "\\1", system2("pspp", "--version", stdout = TRUE)[1])
