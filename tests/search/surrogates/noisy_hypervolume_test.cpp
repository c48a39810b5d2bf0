// Noisy expected hypervolume improvement: without noise, against Monte Carlo over joint draws, its gradient.

#include "search/surrogates/noisy_hypervolume.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace tonne {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;

struct Model {
  std::vector<GaussianProcess> processes;
  PointSet points;  // what was observed, then `running` others
  std::vector<bool> counts;
};

// Two objectives of two parameters, f1 = x1^2 + x2 and f2 = (x1 - 1)^2 + x2, observed at `count` points.
Model model(Index count, Index running, double noise) {
  const SearchSpace space({{.name = "x1", .domain = Real{0.0, 1.0}}, {.name = "x2", .domain = Real{0.0, 1.0}}});
  const PointEncoding encoding(space);
  Model result;
  Random random(5);
  result.points.resize(count + running, 2);
  for (Index i = 0; i < count + running; ++i)
    for (Index c = 0; c < 2; ++c) result.points(i, c) = random.uniform();
  PointSet observed = result.points;
  observed.truncate(count);
  for (const double centre : {0.0, 1.0}) {
    std::vector<double> targets;
    for (Index i = 0; i < count; ++i)
      targets.push_back(std::pow(observed(i, 0) - centre, 2.0) + observed(i, 1) + noise * random.normal());
    GaussianProcessOptions options;
    options.noise_floor = 1e-6;
    result.processes.emplace_back(encoding.layout(), options);
    result.processes.back().fit(observed, targets);
  }
  result.counts.assign(static_cast<std::size_t>(count + running), true);
  return result;
}

std::vector<MatrixXd> normals(Index points, Index draws, Random random) {
  std::vector<MatrixXd> all(2, MatrixXd(points, draws));
  for (MatrixXd& of_objective : all)
    for (Index s = 0; s < draws; ++s)
      for (Index i = 0; i < points; ++i) of_objective(i, s) = random.normal();
  return all;
}

PointSet candidates(Index count) {
  PointSet points(count, 2);
  Random random(9);
  for (Index i = 0; i < count; ++i)
    for (Index c = 0; c < 2; ++c) points(i, c) = random.uniform();
  return points;
}

// Mean gain of hypervolume by the candidate over joint draws of all points and the candidate.
double by_monte_carlo(const Model& model, const PointSet& candidate, Index row, const Objectives& reference, Index draws) {
  const Index size = model.points.count();
  PointSet all(size + 1, 2);
  for (Index i = 0; i < size; ++i) all.copy_row(i, model.points, i);
  all.copy_row(size, candidate, row);
  const auto base = normals(size + 1, draws, Random(77));
  std::size_t raises = 0;
  const std::array<MatrixXd, 2> drawn = {model.processes[0].draws(all, base[0], raises),
                                         model.processes[1].draws(all, base[1], raises)};
  double sum = 0.0;
  for (Index s = 0; s < draws; ++s) {
    std::vector<Objectives> values;
    for (Index i = 0; i < size; ++i) values.push_back({drawn[0](i, s), drawn[1](i, s)});
    sum += exclusive_hypervolume({drawn[0](size, s), drawn[1](size, s)}, values, reference);
  }
  return sum / static_cast<double>(draws);
}

TEST(NoisyHypervolume, IsTheMeanGainOfJointDraws) {
  const Objectives reference = {1.2, 1.2};
  for (const double noise : {0.0, 0.1}) {
    const Model made = model(8, 2, noise);
    LogNoisyHypervolumeImprovement improvement(made.processes, made.points, made.counts, reference,
                                               normals(10, 1000, Random(3)));
    const PointSet points = candidates(6);
    std::vector<double> scores;
    improvement.score(points, scores);
    for (Index i = 0; i < points.count(); ++i) {
      const double expected = by_monte_carlo(made, points, i, reference, 4000);
      EXPECT_NEAR(std::exp(scores[static_cast<std::size_t>(i)]), expected, 0.1 * expected + 1e-4) << noise << " " << i;
    }
    EXPECT_GT(improvement.computed() / flop, 0.0);
  }
}

TEST(NoisyHypervolume, ItsGradientIsThatOfDifferences) {
  const Model made = model(8, 1, 0.1);
  LogNoisyHypervolumeImprovement improvement(made.processes, made.points, made.counts, {1.2, 1.2},
                                             normals(9, 8, Random(3)));
  PointSet points = candidates(4);
  Eigen::VectorXd gradient, ignored;
  for (Index i = 0; i < points.count(); ++i) {
    const double here = improvement.score(points, i, gradient);
    std::vector<double> scores;
    improvement.score(points, scores);
    EXPECT_NEAR(here, scores[static_cast<std::size_t>(i)], 1e-9);
    for (Index c = 0; c < 2; ++c) {
      constexpr double kStep = 1e-5;
      const double old = points(i, c);
      points(i, c) = old + kStep;
      const double above = improvement.score(points, i, ignored);
      points(i, c) = old - kStep;
      const double below = improvement.score(points, i, ignored);
      points(i, c) = old;
      EXPECT_NEAR(gradient[c], (above - below) / (2.0 * kStep), 1e-4 * std::max(1.0, std::abs(gradient[c])));
    }
  }
}

// A point that failed is on no front, whatever the model makes of it.
TEST(NoisyHypervolume, WhatFailedIsOnNoFront) {
  Model made = model(8, 0, 0.0);
  const PointSet points = candidates(3);
  const auto base = normals(8, 4, Random(3));
  std::vector<double> with, without;
  LogNoisyHypervolumeImprovement(made.processes, made.points, made.counts, {1.2, 1.2}, base).score(points, with);
  made.counts.assign(8, false);
  LogNoisyHypervolumeImprovement(made.processes, made.points, made.counts, {1.2, 1.2}, base).score(points, without);
  for (std::size_t i = 0; i < with.size(); ++i) EXPECT_GT(without[i], with[i]);
}

}  // namespace
}  // namespace tonne
