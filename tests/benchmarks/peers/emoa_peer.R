#!/usr/bin/Rscript
# What R's emoa (Debian's r-cran-emoa) takes: seconds of processor time for one unit of work, printed as one number.
#   emoa_peer.R hypervolume M N     of N points on the unit sphere's positive part in M dimensions
#   emoa_peer.R sorting M N         non-dominated sorting of N points in the unit cube

suppressMessages(library(emoa))
arguments <- commandArgs(trailingOnly = TRUE)
m <- as.integer(arguments[2])
n <- as.integer(arguments[3])
set.seed(1)

sphere <- function() {
  x <- matrix(abs(rnorm(m * n)), nrow = m)
  1 - sweep(x, 2, sqrt(colSums(x^2)), "/")
}
cube <- function() matrix(runif(m * n), nrow = m)

# The clock of R has a millisecond: as often as half a second takes, over points made before.
times <- 0
spent <- 0
while (spent < 0.5) {
  sets <- lapply(1:(if (n <= 1000) 50 else 2), function(i) if (arguments[1] == "hypervolume") sphere() else cube())
  start <- proc.time()
  for (points in sets) {
    if (arguments[1] == "hypervolume") dominated_hypervolume(points, rep(1.1, m)) else nds_rank(points)
  }
  spent <- spent + sum((proc.time() - start)[c("user.self", "sys.self")])
  times <- times + length(sets)
}
cat(spent / times, "\n")
