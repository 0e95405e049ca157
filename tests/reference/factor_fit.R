# Reference values of src/factor/suitability.c and fit.c. Run in this folder:  Rscript factor_fit.R
suppressMessages({library(psych); library(lavaan)})
source("write.R")
put <- begin("factor_fit", c("psych", "lavaan"))
from <- function(f) paste0("R ", getRversion(), ", ", f)
r <- Harman74.cor$cov; n <- 145; p <- 24
put("r", r, 0, "R datasets::Harman74.cor (Holzinger & Swineford 1939)")
x <- KMO(r); put("kmo", x$MSA, 1e-12, "psych::KMO"); put("msa", x$MSAi, 1e-12, "psych::KMO")
b <- cortest.bartlett(r, n); put("bartlett", c(b$chisq, b$df), 1e-9, "psych::cortest.bartlett")
put("smc", smc(r), 1e-12, "psych::smc"); put("log_determinant", determinant(r)$modulus, 1e-11, "base::determinant")
put("condition", sqrt(kappa(r, exact = TRUE)), 1e-9, "sqrt of base::kappa(exact)")
q <- -cov2cor(solve(r)); diag(q) <- x$MSAi
put("anti_image", -q * (1 - diag(p)) + diag(x$MSAi), 1e-11, "cov2cor(solve(r)): minus the partial correlations")

# one maximum likelihood solution, given by its numbers
f <- factanal(covmat = r, factors = 4, n.obs = n, rotation = "none", control = list(nstart = 5))
k <- 4; l <- unclass(f$loadings)[1:p, ]; dimnames(l) <- NULL; psi <- f$uniquenesses
put("loadings", l, 0, "stats::factanal"); put("psi", psi, 0, "stats::factanal")
put("bartlett_chi2", c(f$STATISTIC, f$dof), 1e-8, "stats::factanal"); put("bartlett_p", f$PVAL, 1e-10, "stats::factanal")
s <- suppressWarnings(factor.stats(r, l, n.obs = n, np.obs = NULL)) # its own uniquenesses are 1 - communality
put("psych", c(s$BIC, s$SABIC, s$rms, s$crms), 1e-6, "psych::factor.stats: BIC SABIC rms crms")
# psych's TLI compares discrepancies on two scales and is no reference (.9513; on Bartlett's scale .9525)
# the plain scale: lavaan with the same model, rotated to be identified; lavaan uses n F, with n - 1 by likelihood
items <- paste0("x", 1:p); dimnames(r) <- list(items, items)
e <- efa(sample.cov = r, sample.nobs = n, nfactors = 4, rotation = "none", output = "lavaan", likelihood = "wishart",
         ov.names = items)
m <- fitMeasures(e)
put("plain", m[c("chisq", "df", "pvalue", "baseline.chisq", "baseline.df")], 1e-3, "lavaan::efa(likelihood = 'wishart')")
put("plain_indices", m[c("cfi", "tli")], 1e-5, "lavaan::efa(likelihood = 'wishart')")
chi2 <- (n - 1) * f$criteria[["objective"]]; df <- f$dof
put("plain_chi2", chi2, 1e-8, "(n - 1) times factanal()'s objective")
end <- function(chi2, q) if (pchisq(chi2, df) <= q) 0 else
  uniroot(function(v) pchisq(chi2, df, ncp = v) - q, c(0, 10 * chi2), tol = 1e-11)$root
rmsea <- function(chi2) c(sqrt(max(chi2 - df, 0) / df / (n - 1)), sqrt(end(chi2, .95) / df / (n - 1)),
                          sqrt(end(chi2, .05) / df / (n - 1)))
put("plain_rmsea", rmsea(chi2), 1e-7, "by the definition, pchisq(ncp)")
put("bartlett_rmsea", rmsea(f$STATISTIC), 1e-7, "by the definition, pchisq(ncp)")
put("lavaan_rmsea", m[c("rmsea", "rmsea.ci.lower", "rmsea.ci.upper")], 1e-5,
    "lavaan::efa(likelihood = 'wishart')")
res <- r - tcrossprod(l); o <- lower.tri(res)
put("residual", res[o], 1e-12, "r - l l', lower triangle")
put("srmr", sqrt(sum(res[o]^2) / (p * (p + 1) / 2)), 1e-12, "by the definition")
put("large", sum(abs(res[o]) > .05), 0, "by the definition")
u <- res; diag(u) <- 1; put("caf", 1 - KMO(u)$MSA, 1e-10, "1 - psych::KMO of the residuals")
