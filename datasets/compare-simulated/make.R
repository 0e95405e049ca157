# Makes the files of this folder: people and three kinds of personas whose true distributions, and so true distances, are
# known. Base R only; run it in this folder.
set.seed(20230217)
countries <- c("AAA", "BBB", "CCC", "DDD")
points <- c(Q46 = 4, Q47 = 5, Q57 = 2, Q164 = 10, Q182 = 10, Q254 = 4) # WVS-7 names and numbers of codes
people_n <- 400; persona_n <- 80
shares <- function(country, item, tilt = 0) { # a bell whose middle depends on country and item
  k <- points[item]; x <- seq(0, 1, length.out = k)
  middle <- .3 + .1 * match(country, countries) + .02 * match(item, names(points))
  w <- exp(-((x - middle) / .35)^2 / 2) * exp(tilt * x)
  w / sum(w)
}
truth <- function(model, country, item) {
  p <- shares(country, item)
  switch(model, same = p, tilted = shares(country, item, 1.5), # the same people; all answers drawn upwards
         collapsed = replace(0 * p, which.max(p), 1))          # everybody gives the most frequent answer
}
draw <- function(n, country, p) data.frame(lapply(setNames(names(points), names(points)), function(i)
  sample(points[i], n, TRUE, p(country, i))))
side <- function(n, p) do.call(rbind, lapply(countries, function(c) cbind(country = c, draw(n, c, p))))
people <- side(people_n, shares)
models <- c("same", "tilted", "collapsed")
personas <- do.call(rbind, lapply(models, function(m)
  cbind(model = m, side(persona_n, function(c, i) truth(m, c, i)))))
write <- function(x, file) write.csv(x, file, row.names = FALSE, quote = FALSE)
write(cbind(people, SIMULATED = 1), "human.csv")
write(cbind(personas, SIMULATED = 1), "persona.csv")
js <- function(p, q) {
  h <- function(x) -sum(ifelse(x > 0, x * log2(x), 0))
  sqrt(max(0, h((p + q) / 2) - (h(p) + h(q)) / 2))
}
rows <- expand.grid(item = names(points), country = countries, model = models, stringsAsFactors = FALSE)
rows <- cbind(rows[3:1], t(mapply(function(m, c, i) {
  p <- shares(c, i); q <- truth(m, c, i)
  round(c(w1_scaled = sum(abs(cumsum(p - q))) / (length(p) - 1), js_distance = js(p, q), tv = sum(abs(p - q)) / 2), 6)
}, rows$model, rows$country, rows$item)), SIMULATED = 1)
write(rows, "truth.csv")
