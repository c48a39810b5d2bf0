// Machine learning pipelines for a table of rows and columns: the features are made, a model is chosen, and
// both have settings of their own. Combined algorithm selection and hyper-parameter optimisation (CASH) as
// Thornton et al. 2013 (Auto-WEKA) and Feurer et al. 2015 (auto-sklearn) pose it; a conditional tree of 34
// parameters. Stages: features (imputation, encoding, scaling, generation, selection) and model.
//
// Computed: sizes and work, from the standard algorithms' complexity in rows n and columns p; the constants
// of one row and column are counted, not measured. Memory is the table of doubles after generation, before
// selection; more than `memory` fails.
//
// Assumed: the accuracy. Of the signal that the traits put into the columns,
//     accuracy = 50 + 50 signal (kept by the features) (captured by the model) - overfitting,
// each a product of plain effects: what imputation loses of missing cells, encodings of categories, models of
// nonlinearity; overfitting grows with the model's freedom per row. Models that need scales or complete
// columns pay or fail for want of them.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/random.h"
#include "core/recipe.h"
#include "core/settings.h"
#include "core/units.h"
#include "search/problems/hyper_parameters/pipeline_space.h"
#include "search/problems/landscape/hashed.h"
#include "search/square.h"

namespace tonne {
namespace {

using namespace pipeline;

constexpr std::size_t kFeatureStage = 0;
constexpr std::size_t kModelStage = 1;
constexpr double kTestShare = 0.25;  // of the rows, beside those trained on
constexpr double kBytes = 8.0;

// Shares of the signal that stay; assumed.
constexpr std::array<double, 5> kLostOfMissing = {0.3, 0.5, 0.45, 0.28, 0.2};
constexpr double kIndicated = 0.7;  // of that loss, where indicators tell what was missing
// By model: what an order among unordered categories costs, what a missing scale costs, how much nonlinearity
// the model captures at its best.
constexpr std::array<double, kModels> kLostOfOrder = {0.5, 0.12, 0.12, 0.4, 0.5};
constexpr std::array<double, kModels> kLostOfScale = {0.08, 0.0, 0.0, 0.3, 0.4};
constexpr std::array<double, kModels> kNonlinear = {0.0, 0.9, 0.97, 0.95, 0.6};

struct PipelineSettings {
  std::int64_t rows = 20'000;
  std::int64_t numeric = 20;
  std::int64_t categorical = 8;
  std::int64_t categories = 12;
  double missing = 0.08;
  double informative = 0.4;
  double nonlinearity = 0.5;
  double signal = 0.85;
  Bytes memory = 64.0 * gigabyte;
  std::int64_t landscape = 0;
  double noise = 0.25;

  void visit(SettingsVisitor& visitor) {
    visitor.integer("rows", rows, Bounds::between(50, 1e9), "training rows");
    visitor.integer("numeric", numeric, Bounds::between(1, 1e6), "numeric columns");
    visitor.integer("categorical", categorical, Bounds::between(0, 1e6), "categorical columns");
    visitor.integer("categories", categories, Bounds::between(2, 1e6),
                    "mean number of categories per categorical column");
    visitor.number("missing", missing, Bounds::between(0, 0.9), "fraction of cells that are missing");
    visitor.number("informative", informative, Bounds::between(0.01, 1),
                   "fraction of columns that are informative");
    visitor.number("nonlinearity", nonlinearity, Bounds::between(0, 1),
                   "fraction of the signal that is non-linear");
    visitor.number("signal", signal, Bounds::between(0, 1),
                   "accuracy of a perfect model, from 50 % (0) to 100 % (1)");
    visitor.quantity("memory", memory, Bounds::above(0), "host memory; a table that does not fit fails");
    visitor.integer("landscape", landscape, Bounds::at_least(0),
                    "seed of the landscape: where the best settings lie");
    visitor.number("noise", noise, Bounds::between(0, 100),
                   "sd of the training seed's effect, in percentage points");
  }
};

/// Columns on their way, and work in FLOPs, for n rows.
struct Table {
  double made = 0.0;      // columns before selection
  double columns = 0.0;   // after
  double useful = 0.0;    // those of the columns that tell something
  double features = 0.0;  // work
};

class Pipeline final : public Problem {
 public:
  explicit Pipeline(const PipelineSettings& settings)
      : settings_(settings),
        rows_(static_cast<double>(settings.rows)),
        numeric_(static_cast<double>(settings.numeric)),
        categorical_(static_cast<double>(settings.categorical)),
        categories_(static_cast<double>(settings.categories)),
        space_(pipeline::make_space()) {
    traits_.name = "pipeline";
    traits_.objectives = {{"accuracy", "%", Direction::maximise}};
    traits_.fidelity = {"shares of the rows", 1.0 / 32.0, 1.0, false};
    traits_.stages = {"features", "model"};
    for (std::size_t field = 0; field < kFields; ++field)
      traits_.stage_of.push_back(field < kModel ? kFeatureStage : kModelStage);
    const std::uint64_t seed = mix_bits(static_cast<std::uint64_t>(settings.landscape) ^ 0x919e11ULL);
    for (std::size_t i = 0; i < shifts_.size(); ++i) shifts_[i] = hashed_normal(seed ^ i);
  }

  [[nodiscard]] const ProblemTraits& traits() const override { return traits_; }
  [[nodiscard]] const SearchSpace& space() const override { return space_; }

  /// A pipeline that fails is as good as guessing.
  [[nodiscard]] double true_value(const Configuration& configuration) const override {
    const Table table = make_table(configuration, rows_);
    return fails(configuration, table) ? 50.0 : accuracy(configuration, table, 1.0);
  }

  [[nodiscard]] Outcome evaluate(const Evaluation& evaluation, Random) const override {
    const Configuration& configuration = evaluation.configuration;
    const Table table = make_table(configuration, rows_ * evaluation.to);
    Outcome outcome;
    outcome.failure = fails(configuration, table);
    std::array<double, 2> work{};
    for (const auto& [share, sign] : {std::pair(evaluation.to, 1.0), std::pair(evaluation.from, -1.0)}) {
      if (share == 0.0) continue;
      const double n = rows_ * share;
      const Table at = make_table(configuration, n);
      work[kFeatureStage] += sign * at.features;
      if (!outcome.failure || outcome.failure == Failure::diverged)
        work[kModelStage] += sign * fitting(configuration, at, n);
    }
    const double sum = work[kFeatureStage] + work[kModelStage];
    for (const double part : work) outcome.stage_shares.push_back(sum > 0.0 ? part / sum : 0.5);
    outcome.workload.flops = Work::from_base(sum);
    outcome.workload.samples = rows_ * (evaluation.to - evaluation.from);
    if (outcome.failure) return outcome;
    const std::uint64_t seed = mix_bits(evaluation.run + mix_bits(evaluation.repeat));
    const double value = accuracy(configuration, table, evaluation.to) +
                         settings_.noise / std::sqrt(evaluation.to) * hashed_normal(seed);
    outcome.objectives.push_back(std::clamp(value, 0.0, 100.0));
    return outcome;
  }

  /// One row: its features made, and judged by the model.
  [[nodiscard]] std::optional<Workload> inference(const Configuration& configuration) const override {
    const Table table = make_table(configuration, rows_);
    const double features = numeric_ + categorical_ + 2.0 * table.made;
    const double imputed = configuration.index(kImputation) == kNearest
                               ? 2.0 * rows_ * (numeric_ + categorical_) * std::min(1.0, missing_columns())
                               : 0.0;
    Workload work;
    work.samples = 1.0;
    work.flops = Work::from_base(features + imputed + judging(configuration, table));
    return work;
  }

 private:
  // Expected number of missing cells in a row, as a share that stops at all rows.
  [[nodiscard]] double missing_columns() const { return settings_.missing * (numeric_ + categorical_); }

  [[nodiscard]] Table make_table(const Configuration& configuration, double n) const {
    Table table;
    const double raw = numeric_ + categorical_;
    impute(configuration, n, table);
    double columns = numeric_ + encoded(configuration, n);
    if (configuration.is_active(kIndicator) && configuration.index(kIndicator) == 1 &&
        settings_.missing > 0.0)
      columns += raw;
    table.features += n * (raw + columns);
    if (configuration.index(kScaling) != kUnscaled)
      table.features += n * columns * (configuration.index(kScaling) == kQuantile ? std::log2(n) : 4.0);
    table.useful = settings_.informative * columns;
    const double generated = generate(configuration, columns);
    table.made = columns + generated;
    table.features += 2.0 * n * generated * (configuration.index(kGenerated) == kRandom ? columns : 1.0);
    table.useful += 0.1 * settings_.informative * generated;
    select(configuration, n, table);
    return table;
  }

  void impute(const Configuration& configuration, double n, Table& table) const {
    const double raw = numeric_ + categorical_;
    switch (configuration.index(kImputation)) {
      case kMean:
        table.features += n * raw;
        break;
      case kMedian:
        table.features += 2.0 * n * raw;  // by selection
        break;
      case kNearest:  // each row with a missing cell against all
        table.features += 2.0 * n * n * raw * std::min(1.0, missing_columns());
        break;
      case kIterative:  // a regression for each column and round
        table.features += configuration[kImputationRounds] * raw * n * square(raw);
        break;
      default:
        break;
    }
  }

  // Columns that the categorical ones become.
  [[nodiscard]] double encoded(const Configuration& configuration, double n) const {
    switch (configuration.index(kEncoding)) {
      case kOneHot: {
        const double shown = std::min(categories_, n);
        return categorical_ * std::min(shown, std::max(2.0, 0.5 / configuration[kRareShare]));
      }
      case kHash:
        return categorical_ == 0.0 ? 0.0
                                   : std::ldexp(16.0, 2 * static_cast<int>(configuration.index(kBuckets)));
      default:
        return categorical_;
    }
  }

  [[nodiscard]] static double generate(const Configuration& configuration, double columns) {
    switch (configuration.index(kGenerated)) {
      case kPolynomial: {
        const double pairs = columns * (columns + 1.0) / 2.0;
        return configuration.index(kDegree) == 0 ? pairs : pairs * (1.0 + (columns + 2.0) / 3.0);
      }
      case kAggregates:
        return 3.0 * configuration[kGroups];
      case kRandom:
        return configuration[kRandomFeatures];
      default:
        return 0.0;
    }
  }

  // Which columns stay; selection knows the useful ones only so well.
  void select(const Configuration& configuration, double n, Table& table) const {
    const double all = table.made;
    table.columns = all;
    const std::size_t selection = configuration.index(kSelection);
    if (selection == kEverything) return;
    if (selection == kPca) {
      table.columns = std::max(1.0, all * std::pow(configuration[kExplained], 8.0));
      table.useful *= configuration[kExplained];
      const double least = std::min(n, all);
      table.features += 2.0 * n * all * least;
    } else {
      table.columns = std::max(1.0, all * configuration[kKept]);
      table.features += selection == kUnivariate ? 4.0 * n * all
                                                 : configuration[kTrees] * n * std::log2(n) * std::sqrt(all);
    }
    table.useful = std::min(table.useful, table.columns);
  }

  [[nodiscard]] std::optional<Failure> fails(const Configuration& configuration, const Table& table) const {
    if (kBytes * rows_ * table.made > settings_.memory.base()) return Failure::out_of_memory;
    const std::size_t model = configuration.index(kModel);
    const bool holes = settings_.missing > 0.0 && configuration.index(kImputation) == kNoImputation;
    const bool tolerates = model == kBoosting && configuration.index(kSelection) != kPca &&
                           configuration.index(kSelection) != kUnivariate &&
                           configuration.index(kGenerated) != kPolynomial &&
                           configuration.index(kGenerated) != kRandom;
    if (holes && !tolerates) return Failure::invalid;
    const double limit = configuration.index(kScaling) == kUnscaled ? 0.01 : 0.1;
    if (model == kPerceptron && configuration[kLearningRate] > limit) return Failure::diverged;
    return std::nullopt;
  }

  // --- the accuracy, %, without noise ---

  [[nodiscard]] double accuracy(const Configuration& configuration, const Table& table, double share) const {
    const double n = rows_ * share;
    const double q = kept_signal(configuration, table, n) * captured(configuration, table, n);
    const double over = overfitting(configuration, table, n);
    return 50.0 + 50.0 * settings_.signal * q / (1.0 + over);
  }

  [[nodiscard]] double kept_signal(const Configuration& configuration, const Table& table, double n) const {
    const std::size_t model = configuration.index(kModel);
    double lost = kLostOfMissing[configuration.index(kImputation)];
    if (configuration.is_active(kImputationNeighbours))
      lost += 0.03 * square(std::log(configuration[kImputationNeighbours] / 7.0));
    if (configuration.is_active(kImputationRounds)) lost += 0.15 / configuration[kImputationRounds];
    if (configuration.is_active(kIndicator) && configuration.index(kIndicator) == 1) lost *= kIndicated;
    const double complete = 1.0 - settings_.missing * lost;
    const double of_categories = categorical_ / (numeric_ + categorical_);
    const double understood = 1.0 - of_categories * lost_of_encoding(configuration, model, n);
    const double scaled = 1.0 - lost_of_scaling(configuration, model);
    const double there = settings_.informative * (numeric_ + categorical_);
    const double selected =
        1.0 - 0.9 * std::exp(-3.0 * table.useful / there) - lost_of_selection(configuration, model);
    return complete * understood * scaled * selected;
  }

  [[nodiscard]] double lost_of_encoding(const Configuration& configuration, std::size_t model,
                                        double n) const {
    const double rows_of_category = n / categories_;
    switch (configuration.index(kEncoding)) {
      case kOrdinal:
        return kLostOfOrder[model];
      case kOneHot:  // rare ones are one; trees cut many columns one by one
        return 0.5 * std::min(1.0, configuration[kRareShare] * categories_) +
               (model == kForest ? 0.02 * std::log2(categories_) : 0.0);
      case kTarget: {  // leaks where a category's mean is of few rows, tells nothing where it is all prior
        const double smoothing = configuration[kSmoothing];
        return 0.06 + 0.3 / (1.0 + rows_of_category * smoothing / 50.0) +
               0.5 * smoothing / (smoothing + rows_of_category);
      }
      default: {  // collisions
        const double buckets = std::ldexp(16.0, 2 * static_cast<int>(configuration.index(kBuckets)));
        return 0.03 + 0.6 * (1.0 - std::exp(-categorical_ * categories_ / (2.0 * buckets)));
      }
    }
  }

  [[nodiscard]] static double lost_of_scaling(const Configuration& configuration, std::size_t model) {
    constexpr std::array<double, 4> kShare = {1.0, 0.0, 0.12, 0.05};
    return kLostOfScale[model] * kShare[configuration.index(kScaling)];
  }

  [[nodiscard]] double lost_of_selection(const Configuration& configuration, std::size_t model) const {
    switch (configuration.index(kSelection)) {
      case kUnivariate:  // sees no interactions
        return 0.1 * settings_.nonlinearity * (1.0 - configuration[kKept]);
      case kByForest:
        return 0.2 * (1.0 - configuration[kKept]) / std::sqrt(configuration[kTrees]);
      case kPca:
        return model == kForest || model == kBoosting ? 0.06 : 0.02;
      default:
        return 0.0;
    }
  }

  // Of the signal that is there: the linear part, and as much of the rest as features or model catch.
  [[nodiscard]] double captured(const Configuration& configuration, const Table& table, double n) const {
    const std::size_t model = configuration.index(kModel);
    const double settings = fit_of_settings(configuration, n);
    const double own = kNonlinear[model] * settings;
    const double caught = 1.0 - (1.0 - own) * (1.0 - nonlinearity_generated(configuration));
    const double linear = model == kKnn ? 0.9 : model == kLinear ? settings : 0.85 + 0.15 * settings;
    // A nearest neighbour drowns in columns that tell nothing.
    const double drowned =
        model == kKnn ? 1.0 / (1.0 + 0.15 * std::log1p(table.columns - table.useful)) : 1.0;
    return drowned * ((1.0 - settings_.nonlinearity) * linear + settings_.nonlinearity * caught);
  }

  [[nodiscard]] static double nonlinearity_generated(const Configuration& configuration) {
    switch (configuration.index(kGenerated)) {
      case kPolynomial:
        return configuration.index(kDegree) == 0 ? 0.5 : 0.65;
      case kAggregates:
        return 0.04 * std::sqrt(configuration[kGroups]);
      case kRandom:
        return 0.75 * (1.0 - std::exp(-configuration[kRandomFeatures] / 600.0));
      default:
        return 0.0;
    }
  }

  // 1 at the model's best settings; the optima lie where the landscape moves them.
  [[nodiscard]] double fit_of_settings(const Configuration& configuration, double n) const {
    const auto off = [&](Field field, double best, double width, std::size_t shift) {
      return square(std::log(configuration[field] / best) / width + 0.3 * shifts_[shift]);
    };
    double harm = 0.0;
    switch (configuration.index(kModel)) {
      case kLinear:
        harm = 0.01 * off(kRegularisation, 0.1, 2.0, 0) + (configuration.index(kPenalty) == 0 ? 0.005 : 0.0);
        break;
      case kForest:
        harm = 1.5 / configuration[kForestTrees] + std::exp(-configuration[kForestDepth] / 4.0) +
               0.01 * off(kForestColumns, 0.3, 0.7, 1);
        break;
      case kBoosting:  // rounds and shrinkage trade against each other
        harm = 0.02 * square(std::log(configuration[kRounds] * configuration[kShrinkage] / 20.0) +
                             0.3 * shifts_[2]) +
               0.05 * configuration[kShrinkage] + 0.01 * off(kBoostDepth, 5.0, 0.6, 3) +
               0.05 * square(configuration[kSubsample] - 0.75);
        break;
      case kPerceptron:
        harm = 0.03 * off(kLearningRate, 2e-3, 1.0, 4) + 0.004 * off(kWeightDecay, 1e-4, 1.5, 5) +
               0.02 * square(configuration[kLayers] - 2.5) +
               0.4 * std::exp(-configuration[kEpochs] * std::sqrt(n / 2e4) / 12.0);
        break;
      default:
        harm = 0.03 * off(kNeighbours, 3.0 * std::pow(n, 0.2), 0.8, 6) -
               (configuration.index(kWeighting) == 1 ? 0.01 : 0.0);
        break;
    }
    return 1.0 / (1.0 + std::max(0.0, harm));
  }

  // Freedom per row, by columns that tell nothing and by the model's size.
  [[nodiscard]] double overfitting(const Configuration& configuration, const Table& table, double n) const {
    const double idle = std::max(0.0, table.columns - table.useful);
    switch (configuration.index(kModel)) {
      case kLinear: {
        const double shrunk = 1.0 + 10.0 * configuration[kRegularisation];
        return (configuration.index(kPenalty) == 0 ? 2.0 * std::log1p(idle) : idle) /
               (n * std::sqrt(shrunk)) * 3.0;
      }
      case kForest:
        return (20.0 + 4.0 * std::sqrt(idle)) * configuration[kForestDepth] / (20.0 * n);
      case kBoosting: {
        const double leaves = std::ldexp(1.0, static_cast<int>(configuration[kBoostDepth]));
        return configuration[kRounds] * configuration[kShrinkage] * leaves * (1.0 + 0.1 * std::log1p(idle)) /
               (n * 8.0);
      }
      case kPerceptron:
        return 0.15 * std::sqrt((table.columns + configuration[kWidth] * configuration[kLayers]) / n) *
               std::pow(1e-4 / configuration[kWeightDecay], 0.05);
      default:
        return 30.0 / (n * configuration[kNeighbours]) + 0.1 / configuration[kNeighbours];
    }
  }

  // --- the model's work ---

  [[nodiscard]] double fitting(const Configuration& configuration, const Table& table, double n) const {
    const double p = table.columns;
    const double judged = kTestShare * n * judging(configuration, table, n);
    switch (configuration.index(kModel)) {
      case kLinear:
        return 100.0 * 4.0 * n * p + judged;  // a hundred passes
      case kForest:
        return configuration[kForestTrees] * n * std::max(1.0, p * configuration[kForestColumns]) *
                   std::min(configuration[kForestDepth], std::log2(n)) * 2.0 +
               judged;
      case kBoosting:  // by histograms
        return configuration[kRounds] * configuration[kSubsample] * n * p * configuration[kBoostDepth] * 2.0 +
               judged;
      case kPerceptron:  // three passes
        return 3.0 * judging(configuration, table, n) * n * configuration[kEpochs] + judged;
      default:
        return judged;
    }
  }

  [[nodiscard]] double judging(const Configuration& configuration, const Table& table) const {
    return judging(configuration, table, rows_);
  }

  // One row, of a model of n rows.
  [[nodiscard]] static double judging(const Configuration& configuration, const Table& table, double n) {
    const double p = table.columns;
    switch (configuration.index(kModel)) {
      case kLinear:
        return 2.0 * p;
      case kForest:
        return configuration[kForestTrees] * std::min(configuration[kForestDepth], std::log2(n));
      case kBoosting:
        return configuration[kRounds] * configuration[kBoostDepth];
      case kPerceptron: {
        const double width = configuration[kWidth];
        return 2.0 * (p * width + (configuration[kLayers] - 1.0) * square(width) + width);
      }
      default:
        return 3.0 * n * p;
    }
  }

  PipelineSettings settings_;
  double rows_;
  double numeric_;
  double categorical_;
  double categories_;
  SearchSpace space_;
  ProblemTraits traits_;
  std::array<double, 7> shifts_{};
};

}  // namespace

std::unique_ptr<ProblemRecipe> make_pipeline_recipe() {
  return std::make_unique<BasicProblemRecipe<PipelineSettings, Pipeline>>();
}

}  // namespace tonne
