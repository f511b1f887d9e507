# The forecast of src/plan/forecast.h computed another way: no filter, but the joint normal distribution of all states and
# values, written as one linear map of independent shocks, and its conditional distribution by matrices. Writes the values that
# tests/unit/plan/test_forecast.c expects.
#
#   Rscript tests/unit/plan/forecast.R > tests/unit/plan/forecast.golden
grid <- expand.grid(d = c(0.80, 0.90, 0.98), c = c(0, 0.5, 1), r = c(0, 0.1, 0.25, 0.5, 1),
                    s = c(0.003, 0.01, 0.03, 0.06, 0.12, 0.30))
prior <- c("0" = 0.25, "0.1" = 0.25, "0.25" = 0.20, "0.5" = 0.20, "1" = 0.10)[as.character(grid$r)]

# Means and covariance of the values in years 1 … n, of which `level` is the first value's logarithm.
joint <- function(n, level, p) {
  # shocks: m0, b0, u1 … u(n-1), w1 … w(n-1), e1 … en
  k <- 2 + 2 * (n - 1) + n
  m <- matrix(0, n, k); b <- matrix(0, n, k)
  m[1, 1] <- 1; b[1, 2] <- 1
  if (n > 1) for (t in 2:n) {
    m[t, ] <- m[t - 1, ] + p$d * b[t - 1, ]; m[t, 2 + t - 1] <- 1
    b[t, ] <- p$d * b[t - 1, ]; b[t, 2 + (n - 1) + t - 1] <- 1
  }
  y <- m
  for (t in 1:n) y[t, 2 + 2 * (n - 1) + t] <- 1
  variance <- c(1, 0.1^2, rep(p$s^2, n - 1), rep((p$r * p$s)^2, n - 1), rep((p$c * p$s)^2, n))
  list(mean = rep(level, n), cov = y %*% (variance * t(y)))
}

forecast <- function(years, values, to) {
  first <- years[1]; n <- to - first + 1
  seen <- years - first + 1; y <- log(values)
  ahead <- seq(max(seen) + 1, n)
  parts <- lapply(seq_len(nrow(grid)), function(i) {
    j <- joint(n, y[1], grid[i, ])
    S <- j$cov[seen, seen, drop = FALSE]; e <- y - j$mean[seen]
    root <- chol(S)
    z <- backsolve(root, e, transpose = TRUE)
    loglik <- -0.5 * (length(y) * log(2 * pi) + 2 * sum(log(diag(root))) + sum(z^2))
    A <- j$cov[ahead, seen, drop = FALSE] %*% chol2inv(root)
    list(loglik = loglik, mean = j$mean[ahead] + as.vector(A %*% e),
         var = diag(j$cov[ahead, ahead, drop = FALSE] - A %*% j$cov[seen, ahead, drop = FALSE]))
  })
  w <- log(prior) + sapply(parts, `[[`, "loglik")
  w <- exp(w - max(w)); w <- w / sum(w)
  below <- function(h, x) sum(w * pnorm(x, sapply(parts, function(p) p$mean[h]), sqrt(sapply(parts, function(p) p$var[h]))))
  quantile <- function(h, share) uniroot(function(x) below(h, x) - share, c(-50, 60), tol = 1e-13)$root
  list(years = first - 1 + ahead, q = function(h, share) exp(quantile(h, share)), below = function(h, x) below(h, log(x)))
}

series <- list(
  steady = list(years = 2015:2022, values = c(100, 103.5, 107.4, 110.8, 115.1, 119.0, 123.6, 127.9), to = 2030, target = 170),
  gap = list(years = c(2016, 2017, 2019, 2022), values = c(33e9, 41e9, 38e9, 62e9), to = 2030, target = 350e9),
  three = list(years = 2020:2022, values = c(5, 7, 6), to = 2024, target = 8),
  falling = list(years = 2014:2023, values = c(40, 38, 37, 33, 30, 31, 28, 25, 26, 22), to = 2030, target = 12))
for (name in names(series)) {
  s <- series[[name]]
  f <- forecast(s$years, s$values, s$to)
  for (h in seq_along(f$years))
    cat(name, f$years[h], sprintf("%.9g", sapply(c(0.5, 0.25, 0.75, 0.1, 0.9, 0.025, 0.975), function(q) f$q(h, q))), "\n")
  cat(name, "below", sprintf("%.9g", f$below(length(f$years), s$target)), "\n")
}
