# Times of R for the same points: Rscript cluster.R FILE WHAT
arg <- commandArgs(TRUE)
x <- as.matrix(read.csv(arg[1], header = FALSE))
say <- function(what, seconds, value) cat(what, sprintf("%.3f %.9f", seconds, value), "\n")
set.seed(1)
if (arg[2] == "kmeans") {
  t <- system.time(r <- kmeans(x, 10, nstart = 50, iter.max = 100))[3]
  say("kmeans", t, r$tot.withinss)
} else if (arg[2] == "pam") {
  y <- x[1:10000, ]
  t <- system.time(r <- cluster::pam(y, 10, pamonce = 6, medoids = sample(10000, 10), cluster.only = FALSE, keep.diss = FALSE))[3]
  say("pam", t, r$objective[2] * 10000)
} else if (arg[2] == "ward") {
  t <- system.time(r <- hclust(dist(x[1:5000, ]), "ward.D2"))[3]
  say("ward", t, max(r$height))
}
