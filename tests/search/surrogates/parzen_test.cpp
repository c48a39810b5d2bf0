#include "search/surrogates/parzen.h"

#include <gtest/gtest.h>

#include <array>
#include <boost/math/distributions/chi_squared.hpp>
#include <cmath>
#include <functional>
#include <numeric>
#include <string>
#include <string_view>

namespace tonne {
namespace {

std::vector<std::uint32_t> first_rows(std::size_t n) {
  std::vector<std::uint32_t> rows(n);
  std::iota(rows.begin(), rows.end(), 0U);
  return rows;
}

std::vector<std::size_t> all_parameters(const SearchSpace& space) {
  std::vector<std::size_t> parameters(space.size());
  std::iota(parameters.begin(), parameters.end(), std::size_t{0});
  return parameters;
}

// A space, `n` random observations of it, and an estimator fitted to them.
struct Fitted {
  Fitted(SearchSpace s, std::size_t n, KernelWidth width, double prior_weight = 1.0)
      : space(std::move(s)), data(space), estimator(data, all_parameters(space), width, prior_weight, 25) {
    Random random(5);
    for (std::size_t i = 0; i < n; ++i) {
      observations.push_back(space.sample(random));
      data.append(observations.back());
    }
    estimator.fit(first_rows(n));
  }
  double density(const Configuration& configuration) {
    double result = 0.0;
    estimator.log_density({&configuration, 1}, {&result, 1});
    return std::exp(result);
  }

  SearchSpace space;
  ParzenData data;
  ParzenEstimator estimator;
  std::vector<Configuration> observations;
};

// Integral of the density over the space: sums over discrete parameters, midpoint rule over reals.
double integrate(Fitted& fitted, Configuration configuration, std::size_t i, std::size_t grid) {
  const SearchSpace& space = fitted.space;
  if (i == space.size()) return fitted.density(configuration);
  if (!space.should_be_active(i, configuration)) return integrate(fitted, configuration, i + 1, grid);
  const Domain& domain = space[i].domain;
  const auto count = cardinality(domain);
  const auto* integer = std::get_if<Integer>(&domain);
  const std::size_t steps = count ? static_cast<std::size_t>(*count) : grid;
  double sum = 0.0;
  for (std::size_t k = 0; k < steps; ++k) {
    const double index = static_cast<double>(k);
    const double value = count ? index + (integer != nullptr ? static_cast<double>(integer->low) : 0.0)
                               : from_unit(domain, (index + 0.5) / static_cast<double>(steps));
    configuration.set(i, value);
    sum += integrate(fitted, configuration, i + 1, grid);
  }
  return count ? sum : sum / static_cast<double>(steps);
}

SearchSpace one(Domain domain) {
  return SearchSpace({{.name = "x", .domain = std::move(domain)}});
}

SearchSpace conditional() {
  return SearchSpace({
      {.name = "kind", .domain = Categorical{{"a", "b", "c"}}},
      {.name = "real", .domain = Real{1e-3, 1.0, Scale::log}, .active_when = Condition{0, {1, 2}}},
      {.name = "level", .domain = Ordinal{{"low", "middle", "high"}}, .active_when = Condition{0, {2}}},
      {.name = "count", .domain = Integer{1, 9, Scale::log}, .active_when = Condition{2, {0, 2}}},
      {.name = "fixed", .domain = Integer{3, 3}},
  });
}

class Integral : public ::testing::TestWithParam<std::tuple<KernelWidth, std::size_t>> {
 protected:
  void expect_one(const SearchSpace& space, double tolerance, std::size_t grid = 4000) {
    Fitted fitted(space, std::get<1>(GetParam()), std::get<0>(GetParam()));
    EXPECT_NEAR(integrate(fitted, Configuration(space.size()), 0, grid), 1.0, tolerance);
  }
};

// Tolerances: the midpoint rule at bandwidths of 0.01 and more, and the interpolation of the truncations
// (many rows).
TEST_P(Integral, OfARealIsOne) {
  expect_one(one(Real{-2.0, 7.0}), 1e-5);
}
TEST_P(Integral, OfALogRealIsOne) {
  expect_one(one(Real{1e-6, 1.0, Scale::log}), 1e-5);
}
TEST_P(Integral, OfAnIntegerIsOne) {
  expect_one(one(Integer{-3, 20}), 1e-6);
}
TEST_P(Integral, OfALogIntegerIsOne) {
  expect_one(one(Integer{1, 60, Scale::log}), 2e-5);
}
TEST_P(Integral, OfManyIntegersIsOne) {
  expect_one(one(Integer{1, 3000}), 1e-3);
}
TEST_P(Integral, OfManyLogIntegersIsOne) {
  expect_one(one(Integer{1, 3000, Scale::log}), 1e-3);
}
TEST_P(Integral, OfAnOrdinalIsOne) {
  expect_one(one(Ordinal{{"a", "b", "c", "d"}}), 1e-6);
}
TEST_P(Integral, OfACategoricalIsOne) {
  expect_one(one(Categorical{{"a", "b", "c", "d"}}), 1e-12);
}
TEST_P(Integral, OverAConditionalSpaceIsOne) {
  expect_one(conditional(), 1e-5, 1000);
}

INSTANTIATE_TEST_SUITE_P(Widths, Integral,
                         ::testing::Combine(::testing::Values(KernelWidth::scott, KernelWidth::deviation, KernelWidth::neighbours,
                                                              KernelWidth::automatic),
                                            ::testing::Values(0, 1, 7, 300)));

double normal_density(double z) {
  return std::exp(-0.5 * z * z) / 2.5066282746310005024;
}

// The formula of the header, written out.
TEST(Parzen, AgreesWithTheDirectFormula) {
  constexpr std::size_t n = 80;
  Fitted fitted(SearchSpace({{.name = "x", .domain = Real{0, 2}},
                             {.name = "c", .domain = Categorical{{"a", "b", "c"}}}}),
                n, KernelWidth::scott, 0.7);
  std::vector<double> weights;
  parzen_weights(n, 25, weights);
  const double total = std::accumulate(weights.begin(), weights.end(), 0.7);
  const double sigma = 0.2 * std::pow(80.0, -1.0 / 6.0);
  const double w = 0.7 / 81.0;
  for (const double x : {0.0, 0.3, 1.1, 1.99}) {
    double expected = 0.7 / total * normal_density(x / 2 - 0.5) / (normal_cdf(0.5) - normal_cdf(-0.5)) / 3.0;
    for (std::size_t k = 0; k < n; ++k) {
      const double mu = fitted.observations[k][0] / 2;
      const double mass = normal_cdf((1 - mu) / sigma) - normal_cdf(-mu / sigma);
      const double category = ((fitted.observations[k][1] == 1.0 ? 1.0 : 0.0) + w) / (1 + 3 * w);
      expected += weights[k] / total * normal_density((x / 2 - mu) / sigma) / (sigma * mass) * category;
    }
    Configuration configuration(2);
    configuration.set(0, x);
    configuration.set(1, 1.0);
    EXPECT_NEAR(fitted.density(configuration), expected, 1e-7 * expected) << x;
  }
}

// The same for widths by neighbours, with so many kernels that most blocks of them are left early.
TEST(Parzen, NeighbourWidthsAgreeWithTheDirectFormula) {
  constexpr std::size_t n = 700;
  Fitted fitted(SearchSpace({{.name = "x", .domain = Real{0, 2}},
                             {.name = "y", .domain = Real{0, 1}},
                             {.name = "z", .domain = Real{-1, 1}}}),
                n, KernelWidth::neighbours);
  const auto unit = [&](const Configuration& c, std::size_t i) { return to_unit(fitted.space[i].domain, c[i]); };
  const auto width = [&](std::size_t k, std::size_t i) {
    const double mu = unit(fitted.observations[k], i);
    double below = -1.0;
    double above = 2.0;
    for (std::size_t other = 0; other < n; ++other) {
      const double x = unit(fitted.observations[other], i);
      if (x < mu) below = std::max(below, x);
      if (x > mu) above = std::min(above, x);
    }
    return std::max({below < 0.0 ? 0.0 : mu - below, above > 1.0 ? 0.0 : above - mu, 0.01});
  };
  const auto kernel = [](double x, double mu, double sigma) {
    return normal_density((x - mu) / sigma) / (sigma * (normal_cdf((1 - mu) / sigma) - normal_cdf(-mu / sigma)));
  };
  std::vector<double> weights;
  parzen_weights(n, 25, weights);
  const double total = std::accumulate(weights.begin(), weights.end(), 1.0);
  Random random(3);
  std::vector<Configuration> candidates = {fitted.observations[690], fitted.observations[3]};
  for (int i = 0; i < 3; ++i) candidates.push_back(fitted.space.sample(random));
  for (const Configuration& candidate : candidates) {
    double expected = 1.0 / total;
    for (std::size_t i = 0; i < 3; ++i) expected *= kernel(unit(candidate, i), 0.5, 1.0);
    for (std::size_t k = 0; k < n; ++k) {
      double product = weights[k] / total;
      for (std::size_t i = 0; i < 3; ++i) product *= kernel(unit(candidate, i), unit(fitted.observations[k], i), width(k, i));
      expected += product;
    }
    EXPECT_NEAR(fitted.density(candidate), expected, 1e-9 * expected);
  }
}

// Reals that every observation has: by neighbours. Levels: no narrower than by range, which is wider here but for the outermost
// observations on each level. Numbers under a
// condition: by range.
TEST(Parzen, TheAutomaticWidthGoesByTheKindOfNumber) {
  const SearchSpace real = one(Real{0, 1});
  Fitted automatic(real, 40, KernelWidth::automatic);
  Fitted neighbours(real, 40, KernelWidth::neighbours);
  Fitted levels(one(Ordinal{{"a", "b", "c", "d"}}), 40, KernelWidth::automatic);
  Fitted levels_by_range(one(Ordinal{{"a", "b", "c", "d"}}), 40, KernelWidth::scott);
  Fitted tree(SearchSpace({{.name = "kind", .domain = Categorical{{"a", "b"}}},
                           {.name = "x", .domain = Real{0, 1}, .active_when = Condition{0, {1}}}}),
              40, KernelWidth::automatic);
  Fitted tree_by_range(tree.space, 40, KernelWidth::scott);
  for (const double x : {0.0, 1.0}) {
    Configuration configuration(1);
    configuration.set(0, x);
    EXPECT_EQ(automatic.density(configuration), neighbours.density(configuration));
    EXPECT_NEAR(levels.density(configuration), levels_by_range.density(configuration), 0.01);
    Configuration pair(2);
    pair.set(0, 1.0);
    pair.set(1, x);
    EXPECT_NEAR(tree.density(pair), tree_by_range.density(pair), 1e-9);
  }
}

// Two observations at .4 and .6 of the range: s = .1, bandwidth 1.059 s 2^(-1/5) = .0922, but no less than 1 / (2 + 2); at n = 50
// the bound is 1 / 52 and s counts.
TEST(Parzen, TheDeviationSetsTheBandwidth) {
  for (const std::size_t pairs : {1U, 25U}) {
    const SearchSpace space = one(Real{0.0, 1.0});
    ParzenData data(space);
    for (std::size_t i = 0; i < 2 * pairs; ++i) {
      Configuration configuration(1);
      configuration.set(0, i % 2 == 0 ? 0.4 : 0.6);
      data.append(configuration);
    }
    ParzenEstimator estimator(data, all_parameters(space), KernelWidth::deviation, 1.0, 1000);
    estimator.fit(first_rows(2 * pairs));
    const double n = 2.0 * static_cast<double>(pairs);
    const double sigma = std::max(1.059 * 0.1 * std::pow(n, -0.2), 1.0 / (n + 2.0));
    const auto kernel = [](double x, double mu, double s) {
      const double mass = 0.5 * (std::erf((1.0 - mu) / (s * std::sqrt(2.0))) + std::erf(mu / (s * std::sqrt(2.0))));
      return std::exp(-0.5 * (x - mu) * (x - mu) / (s * s)) / (s * 2.5066282746310005024 * mass);
    };
    for (const double x : {0.1, 0.35, 0.5, 0.6}) {
      const double expected = (n / 2.0 * (kernel(x, 0.4, sigma) + kernel(x, 0.6, sigma)) + kernel(x, 0.5, 1.0)) / (n + 1.0);
      Configuration configuration(1);
      configuration.set(0, x);
      double density = 0.0;
      estimator.log_density({&configuration, 1}, {&density, 1});
      EXPECT_NEAR(std::exp(density), expected, 1e-5 * expected + 1e-9) << x;
    }
  }
}

// Chi-squared over the 12 values; false-alarm rate 1e-6 for each width.
TEST(Parzen, SamplesFollowTheDensity) {
  for (const KernelWidth width : {KernelWidth::scott, KernelWidth::deviation, KernelWidth::neighbours, KernelWidth::automatic}) {
    Fitted fitted(one(Integer{1, 12, Scale::log}), 6, width);
    constexpr double draws = 20000;
    std::vector<double> counts(13, 0.0);
    Random random(17);
    for (int i = 0; i < static_cast<int>(draws); ++i) {
      Configuration configuration(1);
      fitted.estimator.sample(configuration, random);
      ASSERT_TRUE(fitted.space.contains(configuration));
      counts[static_cast<std::size_t>(configuration[0])] += 1;
    }
    double statistic = 0.0;
    for (std::size_t value = 1; value <= 12; ++value) {
      Configuration configuration(1);
      configuration.set(0, static_cast<double>(value));
      const double expected = draws * fitted.density(configuration);
      statistic += (counts[value] - expected) * (counts[value] - expected) / expected;
    }
    EXPECT_LT(statistic, boost::math::quantile(boost::math::complement(boost::math::chi_squared(11), 1e-6)));
  }
}

// The same for the parent of a tree: 3 choices, false-alarm rate 1e-6.
TEST(Parzen, SamplesOfATreeFollowTheDensity) {
  Fitted fitted(conditional(), 9, KernelWidth::scott);
  constexpr double draws = 20000;
  std::vector<double> counts(3, 0.0);
  Random random(18);
  for (int i = 0; i < static_cast<int>(draws); ++i) {
    Configuration configuration(fitted.space.size());
    fitted.estimator.sample(configuration, random);
    ASSERT_TRUE(fitted.space.contains(configuration));
    counts[configuration.index(0)] += 1;
  }
  double statistic = 0.0;
  for (std::size_t choice = 0; choice < 3; ++choice) {
    double mass = 0.0;
    for (const Configuration& observation : fitted.observations)
      mass += ((observation.index(0) == choice ? 1.0 : 0.0) + 0.1) / 1.3 / 10.0;
    mass += 1.0 / 30.0;
    statistic += (counts[choice] - draws * mass) * (counts[choice] - draws * mass) / (draws * mass);
  }
  EXPECT_LT(statistic, boost::math::quantile(boost::math::complement(boost::math::chi_squared(2), 1e-6)));
}

TEST(Parzen, ManyCandidatesAtOnceAreTheSameAsOneByOne) {
  Fitted fitted(conditional(), 90, KernelWidth::scott);
  Random random(6);
  std::vector<Configuration> candidates;
  for (int i = 0; i < 30; ++i) candidates.push_back(fitted.space.sample(random));
  std::vector<double> together(candidates.size());
  fitted.estimator.log_density(candidates, together);
  for (std::size_t i = 0; i < candidates.size(); ++i)
    EXPECT_EQ(std::exp(together[i]), fitted.density(candidates[i])) << i;
}

TEST(Parzen, FarCandidatesKeepAFiniteDensity) {
  std::vector<Parameter> parameters;
  for (std::size_t i = 0; i < 400; ++i)
    parameters.push_back({.name = "x" + std::to_string(i), .domain = Real{0, 1}});
  const SearchSpace space(std::move(parameters));
  ParzenData data(space);
  Configuration zeros(space.size());
  Configuration ones(space.size());
  for (std::size_t i = 0; i < space.size(); ++i) {
    zeros.set(i, 0.0);
    ones.set(i, 1.0);
  }
  for (int i = 0; i < 30; ++i) data.append(zeros);
  ParzenEstimator estimator(data, all_parameters(space), KernelWidth::scott, 1.0, 25);
  estimator.fit(first_rows(30));
  const std::vector<Configuration> candidates = {zeros, ones};
  std::vector<double> logs(2);
  estimator.log_density(candidates, logs);
  EXPECT_TRUE(std::isfinite(logs[0]));
  EXPECT_TRUE(std::isfinite(logs[1]));
  EXPECT_GT(logs[0], logs[1]);
}

// Log-densities by Optuna's _ParzenEstimator (3.1.0, optuna.samplers._tpe.parzen_estimator; consider_prior,
// prior_weight 1, consider_magic_clip, no consider_endpoints, default_weights): `log_pdf` of the candidates
// below after the first n of optuna_observation(), plus the logarithm of the range of each real (of its
// logarithm for `log`), since densities here are per unit coordinate. Its truncnorm.logpdf was mended first,
// as releases since 3.5 do: 3.1 forgets -log(scale) (Optuna's issue 5109). "range": multivariate=True of 2.2 to 4, all four
// parameters. For the others its _calculate_numerical_params was given the widths of 5.0.0.dev (commit 1d8ce7bb6): neighbours
// without the prior, for one parameter and for joint kernels ("joint", all four).
struct OptunaDensity {
  std::size_t observations;
  const char* model;
  std::array<double, 3> log_density;
  friend void PrintTo(const OptunaDensity& d, std::ostream* out) { *out << d.model << d.observations; }
};

SearchSpace optuna_space() {
  return SearchSpace({{.name = "real", .domain = Real{-2.0, 7.0}},
                      {.name = "log", .domain = Real{1e-5, 1.0, Scale::log}},
                      {.name = "count", .domain = Integer{0, 201}},
                      {.name = "kind", .domain = Categorical{{"a", "b", "c"}}}});
}

Configuration four(double real, double log, double count, double kind) {
  Configuration configuration(4);
  configuration.set(0, real);
  configuration.set(1, log);
  configuration.set(2, count);
  configuration.set(3, kind);
  return configuration;
}

// Numbers without ties, so that the neighbours are defined; ages in mixed order.
Configuration optuna_observation(std::size_t i) {
  const double real = -2.0 + 9.0 * (static_cast<double>((i * 37 + 11) % 101) + 0.25) / 101.0;
  const double log = std::pow(1e-5, 1.0 - (static_cast<double>((i * 58 + 7) % 101) + 0.25) / 101.0);
  return four(real, log, 2.0 * static_cast<double>((i * 23 + 50) % 101), static_cast<double>(i * i % 3));
}

class Optuna : public ::testing::TestWithParam<OptunaDensity> {};

TEST_P(Optuna, HasTheSameDensity) {
  const OptunaDensity& optuna = GetParam();
  const SearchSpace space = optuna_space();
  ParzenData data(space);
  for (std::size_t i = 0; i < optuna.observations; ++i) data.append(optuna_observation(i));
  const bool range = std::string_view(optuna.model) == "range";
  const bool joint = range || std::string_view(optuna.model) == "joint";
  std::vector<std::size_t> parameters;
  for (std::size_t p = 0; p < space.size(); ++p)
    if (joint || space[p].name == optuna.model) parameters.push_back(p);
  ParzenEstimator estimator(data, parameters, range ? KernelWidth::scott : KernelWidth::neighbours, 1.0, 25);
  estimator.fit(first_rows(optuna.observations));

  const std::vector<Configuration> candidates = {four(-2.0, 1e-5, 0, 0), four(0.5, 3e-3, 77, 1),
                                                 four(6.8, 0.9, 201, 2)};
  std::vector<Configuration> alone(3, Configuration(4));
  for (std::size_t c = 0; c < 3; ++c)
    for (const std::size_t p : parameters) alone[c].set(p, candidates[c][p]);
  std::array<double, 3> ours{};
  estimator.log_density(alone, ours);
  const double tolerance =
      range && optuna.observations >= 64 ? 1e-7 : 1e-10;  // of the TruncationTable; of rounding
  for (std::size_t c = 0; c < 3; ++c) EXPECT_NEAR(ours[c], optuna.log_density[c], tolerance) << c;
}

INSTANTIATE_TEST_SUITE_P(
    Densities, Optuna,
    ::testing::Values(OptunaDensity{1, "range", {-5.77328767345, -6.26591383552, -7.33444428781}},
                      OptunaDensity{30, "range", {-9.95858427164, -5.69730252261, -8.39870660003}},
                      OptunaDensity{100, "range", {-6.87689423783, -5.41134226229, -10.3039182539}},
                      OptunaDensity{1, "joint", {-6.19451198192, -6.45995035275, -7.09442485157}},
                      OptunaDensity{1, "real", {0.0285825586777, 0.069543001277, -0.19669260474}},
                      OptunaDensity{1, "log", {0.0347919373643, 0.0403911373243, -0.203988304395}},
                      OptunaDensity{1, "count", {-5.50740600628, -5.22563279021, -5.51166999911}},
                      OptunaDensity{1, "kind", {-0.762140052047, -1.32175583998, -1.32175583998}},
                      OptunaDensity{2, "joint", {-6.86720365781, -6.06341152166, -7.45564458699}},
                      OptunaDensity{2, "real", {0.0587995391433, 0.224909656938, -0.655968420992}},
                      OptunaDensity{2, "log", {-0.0266475923918, 0.0720884207673, -0.275488286582}},
                      OptunaDensity{2, "count", {-6.23776888981, -5.22220318302, -5.63235879957}},
                      OptunaDensity{2, "kind", {-0.944461608841, -0.944461608841, -1.50407739678}},
                      OptunaDensity{30, "joint", {-10.01053659, -9.66220724227, -8.82912900575}},
                      OptunaDensity{30, "real", {0.00726379650841, 0.01674573141, -0.104115209975}},
                      OptunaDensity{30, "log", {-0.785319714356, -0.304722605812, 0.195669199563}},
                      OptunaDensity{30, "count", {-5.50734235468, -5.25446569637, -6.09027641386}},
                      OptunaDensity{30, "kind", {-1.13791875408, -0.447115455393, -3.21776171411}},
                      OptunaDensity{100, "joint", {-10.8146408412, -10.4723445734, -10.7992427695}},
                      OptunaDensity{100, "real", {-0.265806531605, 0.182068814277, 0.0801153404067}},
                      OptunaDensity{100, "log", {-0.314724880466, -0.626919290975, 0.0360758533789}},
                      OptunaDensity{100, "count", {-6.11251575528, -5.25433730165, -5.3630885469}},
                      OptunaDensity{100, "kind", {-1.08357333346, -0.435513439851, -4.22103931052}}));

TEST(ParzenWeights, RampUpToTheLastTwentyFive) {
  std::vector<double> weights;
  parzen_weights(25, 25, weights);
  EXPECT_EQ(weights, std::vector<double>(25, 1.0));
  parzen_weights(26, 25, weights);
  EXPECT_DOUBLE_EQ(weights[0], 1.0 / 26);
  EXPECT_EQ(weights[1], 1.0);
  parzen_weights(29, 25, weights);
  for (std::size_t i = 0; i < 4; ++i)
    EXPECT_DOUBLE_EQ(weights[i], 1.0 / 29 + (1 - 1.0 / 29) * static_cast<double>(i) / 3) << i;
  parzen_weights(0, 25, weights);
  EXPECT_TRUE(weights.empty());
}

}  // namespace
}  // namespace tonne
