#!/usr/bin/python3
"""What scikit-learn (Debian's python3-sklearn) takes: seconds of processor time for one unit of work, printed as one number.

  sklearn_peer.py gp N         a step of Bayesian optimisation in 8 dimensions after N evaluations: fit by maximum likelihood
                               (Matern 5/2, one start), expected improvement of 2,048 candidates
  sklearn_peer.py forest       fit of ten trees to 1,000 points in ten dimensions
  sklearn_peer.py predict      the prediction of each of ten trees for 10,000 points
"""

import sys
import time
import warnings

import numpy
from scipy.stats import norm
from sklearn.ensemble import RandomForestRegressor
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

warnings.filterwarnings("ignore")


def spent(work, repeats=1):
    start = time.process_time()
    for _ in range(repeats):
        work()
    return (time.process_time() - start) / repeats


def gp(points):
    random = numpy.random.default_rng(1)
    x = random.random((points, 8))
    y = numpy.sin(3 * x).sum(axis=1) + 0.01 * random.standard_normal(points)
    kernel = ConstantKernel() * Matern(length_scale=numpy.ones(8), nu=2.5) + WhiteKernel(1e-4)

    def step():
        model = GaussianProcessRegressor(kernel, normalize_y=True, random_state=1).fit(x, y)
        mean, deviation = model.predict(random.random((2048, 8)), return_std=True)
        z = (y.min() - mean) / deviation
        return (deviation * (z * norm.cdf(z) + norm.pdf(z))).argmax()

    return spent(step)


def data(rows):
    random = numpy.random.default_rng(1)
    x = random.random((rows, 10))
    return x, numpy.sin(x * numpy.arange(1, 11)).sum(axis=1) + 0.1 * random.standard_normal(rows)


def main():
    work = sys.argv[1] if len(sys.argv) > 1 else ""
    if work == "gp":
        return gp(int(sys.argv[2]))
    x, y = data(1000)
    forest = RandomForestRegressor(n_estimators=10, max_features=5 / 6, min_samples_split=3, n_jobs=1, random_state=1)
    if work == "forest":
        return spent(lambda: forest.fit(x, y), 5)
    if work == "predict":
        forest.fit(x, y)
        test = data(10000)[0]
        return spent(lambda: [tree.predict(test) for tree in forest.estimators_], 5)
    sys.exit(__doc__)


if __name__ == "__main__":
    print(main())
