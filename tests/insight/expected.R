# Scores and ranks of tests/insight/asem.csv by plain R, apart from the product's code, for what tests/unit/insight compares:
#
#   Rscript tests/insight/expected.R tests/insight/asem.csv >tests/insight/expected.csv
#
# Every figure whose row and column number add up to a multiple of seven is taken away first, so that the rules for gaps have
# something to do. One line a method; the scores in the order of the units.
args <- commandArgs(trailingOnly = TRUE)
raw <- read.csv(args[1], check.names = FALSE)
down <- unlist(raw[1, -(1:2)]) < 0
weights <- as.numeric(raw[2, -(1:2)])
x <- as.matrix(raw[-(1:2), -(1:2)])
storage.mode(x) <- "double"
x[(row(x) + col(x)) %% 7 == 0] <- NA

scale100 <- function(v, down, how) {
  known <- v[!is.na(v)]
  s <- if (down) -v else v
  switch(how,
    "min-max" = 100 * (s - min(s, na.rm = TRUE)) / diff(range(s, na.rm = TRUE)),
    "z-score" = 50 + 10 * as.numeric(scale(s)),
    "rank" = 100 * (rank(s, na.last = "keep", ties.method = "average") - 1) / (length(known) - 1),
    "distance-to-best" = if (min(known) > 0) {
      if (down) 100 * min(known) / v else 100 * v / max(known)
    } else {
      100 * (s - min(s, na.rm = TRUE)) / diff(range(s, na.rm = TRUE))
    })
}

for (how in c("min-max", "z-score", "rank", "distance-to-best")) {
  scaled <- sapply(seq_len(ncol(x)), function(i) scale100(x[, i], down[i], how))
  for (gaps in c("available", "mean")) {
    filled <- if (gaps == "mean") apply(scaled, 2, function(v) ifelse(is.na(v), mean(v, na.rm = TRUE), v)) else scaled
    for (mean_of in c("arithmetic", "geometric")) {
      scores <- apply(filled, 1, function(v) {
        if (mean_of == "arithmetic") weighted.mean(v, weights, na.rm = TRUE)
        else exp(weighted.mean(log(pmax(v, 1)), weights, na.rm = TRUE))
      })
      cat(how, gaps, mean_of, sprintf("%.12g", scores), sep = ",")
      cat("\n")
    }
  }
}
