#include "search/problems/tabular/tabular_forest.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <utility>

#include "core/error.h"
#include "core/rank_correlation.h"

namespace tonne::tabular {
namespace {

/// Fitted forests are part of the problem, the same for every search.
constexpr std::uint64_t kSeed = 2001;
constexpr std::size_t kFewest = 20;  // rows; fewer say nothing of an error either
/// Below these a ranking of strategies says more of the forest than of the table; a judgement.
constexpr double kPoorTau = 0.5;

ForestOptions forest_options(std::int64_t trees) {
  ForestOptions options;
  options.trees = static_cast<std::size_t>(trees);
  // Of 1/3, 1/2, 0.7 and 1 the one whose cross-validated error is lowest or next to it on the three tables of
  // docs/problems.md, with thresholds midway rather than drawn: what is wanted is a mean, not a variance.
  options.features = 0.7;
  options.min_leaf = 2;  // against 1: half the nodes, and hardly an error more
  options.random_thresholds = false;
  return options;
}

// A permutation (Fisher-Yates).
std::vector<std::size_t> shuffled(std::vector<std::size_t> indices, Random random) {
  for (std::size_t i = indices.size(); i > 1; --i) std::swap(indices[i - 1], indices[random.below(i)]);
  return indices;
}

}  // namespace

/// Of answers for rows that were left out.
struct TableForest::Error {
  double root_mean_square = 0.0;
  double explained = 0.0;  // R2
  double tau = 0.0;
};

TableForest::TableForest(const Rows& rows, const Settings& settings)
    : rows_(rows), settings_(settings.surrogate) {
  for (std::size_t i = 0; i < rows.space.size(); ++i) {
    const Domain& domain = rows.space[i].domain;
    const auto levels = static_cast<std::uint32_t>(*cardinality(domain));
    if (levels == 1) continue;
    decisions_.push_back(i);
    categories_.push_back(is_categorical(domain) ? levels : 0);
  }
  for (const Configuration& configuration : rows.configurations) {
    const Point point = encode(configuration);
    features_.insert(features_.end(), point.begin(), point.end());
  }

  require_moderate_work();

  const Random random = Random(kSeed);
  for (std::size_t i = 0; i < rows.objectives.size(); ++i) {
    std::vector<Regression>& by_level = objectives_.emplace_back();
    const std::size_t levels = rows.objectives[i].by_level() ? rows.levels.size() : 1;
    for (std::size_t level = 0; level < levels; ++level) {
      const std::size_t at = levels == 1 ? rows.top() : level;
      // The same stream at all fidelities: their forests see the same samples, and err alike along a curve.
      by_level.push_back(fit(means(rows.objectives[i], at), false, random.child("objective").child(i)));
    }
  }
  for (std::size_t i = 0; i < rows.constraints.size(); ++i)
    constraints_.push_back(
        fit(means(rows.constraints[i], rows.top()), false, random.child("constraint").child(i)));
  time_ = fit_cost(rows.time, random.child("time"));
  energy_ = fit_cost(rows.energy, random.child("energy"));
  flops_ = fit_cost(rows.flops, random.child("flops"));
  traffic_ = fit_cost(rows.traffic, random.child("traffic"));
  if (!rows.truth.empty()) truth_ = fit(rows.truth, false, random.child("truth"));
  if (!settings.parameters.empty()) parameters_ = fit_use(rows.parameters, random.child("parameters"));
  use_time_ = fit_use(rows.inference.time, random.child("use time"));
  use_energy_ = fit_use(rows.inference.energy, random.child("use energy"));
  use_flops_ = fit_use(rows.inference.flops, random.child("use flops"));
  use_traffic_ = fit_use(rows.inference.traffic, random.child("use traffic"));
  find_donors();
  describe(settings);
}

// A forest takes some 50 ns for each row, column and tree.
void TableForest::require_moderate_work() const {
  constexpr double kMost = 2e9;
  double forests = static_cast<double>(rows_.constraints.size()) + 4.0;
  if (!rows_.truth.empty()) forests += 1.0 + static_cast<double>(settings_.folds);
  for (const Series& series : rows_.objectives)
    forests += (series.by_level() ? static_cast<double>(rows_.levels.size()) : 1.0) +
               static_cast<double>(settings_.folds);
  const double work = forests * static_cast<double>(settings_.trees) * static_cast<double>(features_.size());
  if (work > kMost)
    throw InputError(
        {}, "surrogate",
        fmt::format("would take about {:.0f} minutes to fit {} rows: reduce trees, folds, fidelities or rows",
                    work * 50e-9 / 60.0, rows_.configurations.size()));
}

TableForest::Point TableForest::encode(const Configuration& configuration) const {
  Point point(decisions_.size(), boost::container::default_init);
  for (std::size_t k = 0; k < decisions_.size(); ++k) point[k] = configuration[decisions_[k]];
  return point;
}

double TableForest::Regression::value(const Point& point) const {
  const double mean = forest.mean(point.data());
  return logarithmic ? std::exp(mean) : mean;
}

double TableForest::objective(std::size_t index, std::size_t level, const Point& point) const {
  const std::vector<Regression>& by_level = objectives_[index];
  return by_level[by_level.size() == 1 ? 0 : level].value(point);
}

double TableForest::constraint(std::size_t index, const Point& point) const {
  return constraints_[index].value(point);
}

double TableForest::deviation(std::size_t index, std::size_t level, std::uint64_t run,
                              std::uint32_t repeat) const {
  if (donors_.empty()) return 0.0;
  const std::size_t point = donors_[mix_bits(run) % donors_.size()];
  const std::size_t seed = (static_cast<std::size_t>(run % rows_.seeds) + repeat) % rows_.seeds;
  const Series& series = rows_.objectives[index];
  // The mean of few seeds lies nearer to each of them than the true one.
  const auto seeds = static_cast<double>(rows_.seeds);
  const double widening = std::sqrt(seeds / (seeds - 1.0));
  return settings_.noise * widening * (series.at(point, level, seed) - rows_.mean(series, point, level));
}

std::optional<double> TableForest::cost(const std::optional<Cost>& cost, std::size_t level,
                                        const Point& point) const {
  if (!cost) return std::nullopt;
  return cost->at_top.value(point) * (cost->share.empty() ? 1.0 : cost->share[level]);
}

TableForest::Use TableForest::use(const Point& point) const {
  const auto value = [&](const std::optional<Regression>& regression) {
    return regression ? std::optional(regression->value(point)) : std::nullopt;
  };
  return {value(use_time_), value(use_energy_), value(use_flops_), value(use_traffic_)};
}

// By configuration, over the seeds that answer.
std::vector<double> TableForest::means(const Series& series, std::size_t level) const {
  std::vector<double> values;
  for (std::size_t point = 0; point < rows_.configurations.size(); ++point)
    values.push_back(rows_.mean(series, point, level));
  return values;
}

namespace {

// The rows of `points` as one matrix, and their values.
struct Sample {
  std::vector<double> features;
  std::vector<double> values;

  Sample(std::span<const double> all, std::size_t columns, const std::vector<double>& all_values,
         std::span<const std::size_t> points) {
    for (const std::size_t point : points) {
      const auto row = all.subspan(point * columns, columns);
      features.insert(features.end(), row.begin(), row.end());
      values.push_back(all_values[point]);
    }
  }
};

std::vector<std::size_t> present(const std::vector<double>& values) {
  std::vector<std::size_t> points;
  for (std::size_t point = 0; point < values.size(); ++point)
    if (is_present(values[point])) points.push_back(point);
  return points;
}

}  // namespace

TableForest::Regression TableForest::fit(const std::vector<double>& values, bool logarithmic,
                                         Random random) const {
  const std::vector<std::size_t> points = present(values);
  if (points.size() < kFewest)
    throw InputError({}, "surrogate",
                     fmt::format("needs at least {} configurations with results to fit, found {}", kFewest,
                                 points.size()));
  Sample sample(features_, decisions_.size(), values, points);
  Regression regression{RandomForest(categories_, forest_options(settings_.trees)), logarithmic};
  if (logarithmic)
    for (double& value : sample.values) value = std::log(value);
  regression.forest.fit(sample.features, sample.values, random);
  return regression;
}

TableForest::Error TableForest::cross_validate(const std::vector<double>& values, Random random) const {
  const std::vector<std::size_t> points = shuffled(present(values), random.child("folds"));
  const auto folds = static_cast<std::size_t>(settings_.folds);
  std::vector<double> truth;
  std::vector<double> answers;
  ForestPrediction prediction;
  for (std::size_t fold = 0; fold < folds; ++fold) {
    std::vector<std::size_t> kept;
    std::vector<std::size_t> left_out;
    for (std::size_t i = 0; i < points.size(); ++i)
      (i % folds == fold ? left_out : kept).push_back(points[i]);
    if (left_out.empty()) continue;
    const Sample training(features_, decisions_.size(), values, kept);
    const Sample test(features_, decisions_.size(), values, left_out);
    RandomForest forest(categories_, forest_options(settings_.trees));
    forest.fit(training.features, training.values, random.child(fold));
    forest.predict(test.features, prediction);
    truth.insert(truth.end(), test.values.begin(), test.values.end());
    answers.insert(answers.end(), prediction.mean.begin(), prediction.mean.end());
  }
  const auto count = static_cast<double>(truth.size());
  const double mean = std::accumulate(truth.begin(), truth.end(), 0.0) / count;
  double squares = 0.0;
  double total = 0.0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    squares += (answers[i] - truth[i]) * (answers[i] - truth[i]);
    total += (truth[i] - mean) * (truth[i] - mean);
  }
  return {std::sqrt(squares / count), total > 0.0 ? 1.0 - squares / total : 0.0, kendall_tau(truth, answers)};
}

namespace {

bool all_positive(const std::vector<double>& values) {
  return std::ranges::all_of(values, [](double value) { return !is_present(value) || value > 0.0; });
}

}  // namespace

std::optional<TableForest::Cost> TableForest::fit_cost(const Series& series, Random random) const {
  if (!series.given()) return std::nullopt;
  const std::size_t points = rows_.configurations.size();
  // Over all seeds that tell, whether they answer or not: a training that failed took time too.
  const auto mean_over_seeds = [&](std::size_t point, std::size_t level) {
    double sum = 0.0;
    double count = 0.0;
    for (std::size_t seed = 0; seed < rows_.seeds; ++seed) {
      const double value = series.at(point, level, seed);
      if (!is_present(value)) continue;
      sum += value;
      ++count;
    }
    return count > 0.0 ? sum / count : kAbsent;
  };
  std::vector<double> at_top;
  for (std::size_t point = 0; point < points; ++point) at_top.push_back(mean_over_seeds(point, rows_.top()));
  if (present(at_top).size() < kFewest) return std::nullopt;
  Cost cost{fit(at_top, all_positive(at_top), random), {}};
  if (!series.by_level()) return cost;
  for (std::size_t level = 0; level < rows_.levels.size(); ++level) {
    double shares = 0.0;
    double count = 0.0;
    for (std::size_t point = 0; point < points; ++point) {
      const double value = mean_over_seeds(point, level);
      if (!is_present(value) || !is_present(at_top[point]) || at_top[point] <= 0.0) continue;
      shares += value / at_top[point];
      ++count;
    }
    cost.share.push_back(count > 0.0 ? shares / count : rows_.levels[level] / rows_.levels.back());
  }
  return cost;
}

std::optional<TableForest::Regression> TableForest::fit_use(const std::vector<double>& values,
                                                            Random random) const {
  if (present(values).size() < kFewest) return std::nullopt;
  return fit(values, all_positive(values), random);
}

void TableForest::find_donors() {
  if (rows_.seeds < 2) return;
  for (std::size_t point = 0; point < rows_.configurations.size(); ++point) {
    bool whole = true;
    for (std::size_t level = 0; level < rows_.levels.size(); ++level)
      for (std::size_t seed = 0; seed < rows_.seeds; ++seed)
        whole = whole && rows_.answers(point, level, seed);
    if (whole) donors_.push_back(point);
  }
}

void TableForest::describe(const Settings& settings) {
  const std::size_t fitted = present(means(rows_.objectives.front(), rows_.top())).size();
  const auto all = rows_.space.cardinality();
  notes_.push_back(fmt::format(
      "{} configurations have a row that answers; the others{} are answered by random forests of {} trees "
      "fitted to the {} that "
      "succeed, {}.",
      rows_.configurations.size(),
      all ? fmt::format(" ({:.3g})", *all - static_cast<double>(rows_.configurations.size())) : "",
      settings_.trees, fitted,
      donors_.empty() ? "without noise" : "with a row's own deviations between seeds"));
  std::string text = fmt::format("Cross-validated in {} folds:", settings_.folds);
  std::string poor;
  const auto tell = [&](const std::string& name, const std::string& unit, const Error& error) {
    text += fmt::format("{} {}: root mean square error {:.3g}{}, R2 {:.2f}, Kendall's tau {:.2f}",
                        text.back() == ':' ? "" : ";", name, error.root_mean_square,
                        unit.empty() ? "" : " " + unit, error.explained, error.tau);
    if (error.tau < kPoorTau) poor += (poor.empty() ? "" : ", ") + name;
  };
  const Random random = Random(kSeed).child("cross-validation");
  for (std::size_t i = 0; i < rows_.objectives.size(); ++i) {
    const Error error = cross_validate(means(rows_.objectives[i], rows_.top()), random.child(i));
    i == 0 ? tell(settings.name, settings.objective.unit, error)
           : tell(settings.further[i - 1].first, settings.further[i - 1].second.unit, error);
  }
  if (!rows_.truth.empty())
    tell("true value", settings.objective.unit, cross_validate(rows_.truth, random.child("truth")));
  notes_.push_back(text + ".");
  if (!poor.empty())
    notes_.push_back(fmt::format(
        "Beware: the forest ranks {} poorly (Kendall's tau below {}); what a search finds there is more "
        "the forest's than the table's.",
        poor, kPoorTau));
}

}  // namespace tonne::tabular
