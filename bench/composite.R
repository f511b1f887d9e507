# The same Monte Carlo run as bench/composite.c in plain R, for script/bench index:
#
#   Rscript bench/composite.R TABLE RUNS INTERVALS DRAWS
#
# What depends on the choices alone is worked out once, as there; a run draws, adds up with matrix products and ranks. It is
# done twice: timed, with R's own random numbers, and then with the draws of the C program, which must give its intervals
# exactly. Prints the CPU seconds of the first and how the intervals of both compare with those in the file.
args <- commandArgs(trailingOnly = TRUE)
table <- scan(args[1], na.strings = "NA", quiet = TRUE)
runs <- as.integer(args[2])
units <- table[1]
columns <- table[2]
down <- table[2 + seq_len(columns)] < 0
x <- matrix(table[-seq_len(2 + columns)], units, columns, byrow = TRUE)

scale100 <- function(v, down, how) {
  s <- if (down) -v else v
  between <- 100 * (s - min(s, na.rm = TRUE)) / diff(range(s, na.rm = TRUE))
  switch(how,
    between,
    50 + 10 * as.numeric(scale(s)),
    100 * (rank(s, na.last = "keep", ties.method = "average") - 1) / (sum(!is.na(s)) - 1),
    if (min(v, na.rm = TRUE) <= 0) between else if (down) 100 * min(v, na.rm = TRUE) / v else 100 * v / max(v, na.rm = TRUE))
}

simulate <- function(draw) {
  prepared <- list()
  for (how in 1:4) {
    scaled <- sapply(seq_len(columns), function(i) scale100(x[, i], down[i], how))
    for (mean_of in 1:2) for (gaps in 1:2) {
      y <- scaled
      if (gaps == 2) y <- apply(y, 2, function(v) ifelse(is.na(v), mean(v, na.rm = TRUE), v))
      if (mean_of == 2) y <- log(pmax(y, 1))
      known <- !is.na(y)
      y[!known] <- 0
      prepared[[paste(how, mean_of, gaps)]] <- list(terms = y, known = if (all(known)) NULL else known * 1)
    }
  }
  counts <- matrix(0L, units, units)
  for (run in seq_len(runs)) {
    d <- draw(run)
    p <- prepared[[paste(d$choices[1], d$choices[2], d$choices[3])]]
    scores <- p$terms %*% d$weights
    if (!is.null(p$known)) scores <- scores / (p$known %*% d$weights)
    at <- cbind(seq_len(units), rank(-scores, ties.method = "min"))
    counts[at] <- counts[at] + 1L
  }
  cumulated <- t(apply(counts, 1, cumsum))
  cbind(apply(cumulated >= 0.05 * runs, 1, which.max), apply(cumulated >= 0.5 * runs, 1, which.max),
        apply(cumulated >= 0.95 * runs, 1, which.max), apply(counts > 0, 1, which.max),
        units + 1 - apply(counts[, units:1] > 0, 1, which.max))
}

set.seed(1)
took <- system.time(own <- simulate(function(run) {
  weights <- 1 + 0.25 * (2 * runif(columns) - 1)
  list(choices = c(sample.int(4, 1), sample.int(2, 1), sample.int(2, 1)), weights = weights / sum(weights))
}))
draws <- matrix(readBin(args[4], "double", runs * (3 + columns)), runs, 3 + columns, byrow = TRUE)
given <- simulate(function(run) list(choices = draws[run, 1:3] + 1, weights = draws[run, -(1:3)]))
theirs <- as.matrix(read.table(args[3]))
cat(sprintf("seconds %.6f\n", took[["user.self"]] + took[["sys.self"]]))
cat(sprintf("same_draws_differing %d\n", sum(given != theirs)))
cat(sprintf("own_draws_differing %.4f\n", mean(own[, 1:3] != theirs[, 1:3])))
cat(sprintf("own_draws_furthest %d\n", max(abs(own[, 1:3] - theirs[, 1:3]))))
