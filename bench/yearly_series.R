# Writes bench/yearly_series.csv: the yearly series with positive values in R's own package "datasets" (R 4.2, Debian's
# r-base-core; help(package = "datasets") names each one's source). Monthly and quarterly ones become yearly means.
#   Rscript bench/yearly_series.R >bench/yearly_series.csv
yearly <- function(x) aggregate(x, 1, mean)
series <- list(
  airmiles = airmiles, AirPassengers = yearly(AirPassengers), austres = yearly(window(austres, start = c(1972, 1), end = c(1992, 4))),
  co2 = yearly(co2), JohnsonJohnson = yearly(JohnsonJohnson), LakeHuron = LakeHuron, ldeaths = yearly(ldeaths), lynx = lynx,
  nhtemp = nhtemp, Nile = Nile, nottem = yearly(nottem), UKDriverDeaths = yearly(UKDriverDeaths), UKgas = yearly(UKgas))
for (name in c("GNP.deflator", "GNP", "Unemployed", "Armed.Forces", "Population", "Employed"))
  series[[paste0("longley.", name)]] <- ts(longley[[name]], start = 1947)
cat("series,year,value\n")
for (name in names(series))
  cat(sprintf("%s,%d,%.10g\n", name, as.integer(time(series[[name]])), as.numeric(series[[name]])), sep = "")
