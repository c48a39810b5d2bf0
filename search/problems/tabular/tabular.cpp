// The problem `tabular`: a table of evaluations that the user has, as CSV or SQLite, answers instead of a
// model; where it has no row, forests fitted to its rows can (tabular_forest.h).

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/recipe.h"
#include "search/problems/tabular/tabular_file.h"
#include "search/problems/tabular/tabular_forest.h"
#include "search/problems/tabular/tabular_levels.h"
#include "search/problems/tabular/tabular_rows.h"
#include "search/problems/tabular/tabular_settings.h"

namespace tonne {
namespace {

using tabular::is_present;
using tabular::kAbsent;
using tabular::Rows;
using tabular::Series;
using tabular::TableForest;

/// The backward pass takes twice what the forward pass does (Kaplan et al. 2020, section 2.1).
constexpr double kTrainingPerForward = 3.0;

Direction direction_of(const tabular::ObjectiveColumns& objective) {
  return objective.direction == "maximise" ? Direction::maximise : Direction::minimise;
}

class TabularProblem final : public Problem {
 public:
  explicit TabularProblem(const tabular::Settings& settings) : settings_(settings) {
    CsvTable table = tabular::read_table_file(settings.file, settings.table);
    filter(table);
    rows_ = tabular::read_rows(table, settings);
    describe();
    judge();
    choose_default();
    if (settings.missing == tabular::Missing::error) require_complete(table);
    if (!settings.surrogate.given() || is_complete()) return;
    forest_.emplace(rows_, settings_);
    traits_.notes = forest_->notes();
  }
  TabularProblem(const TabularProblem&) = delete;  // the forest points at the rows
  TabularProblem& operator=(const TabularProblem&) = delete;

  [[nodiscard]] const ProblemTraits& traits() const override { return traits_; }
  [[nodiscard]] const SearchSpace& space() const override { return rows_.space; }

  [[nodiscard]] Outcome evaluate(const Evaluation& evaluation, Random) const override {
    const std::uint32_t* point = rows_.points.find(evaluation.configuration.digest());
    if (point) return row_outcome(*point - 1, evaluation);
    return forest_ ? fitted_outcome(evaluation) : failed({});
  }

  [[nodiscard]] double true_value(const Configuration& configuration) const override {
    const std::uint32_t* point = rows_.points.find(configuration.digest());
    if (point) return truth_[*point - 1];
    return forest_ ? forest_->truth(forest_->encode(configuration)) : worst_;
  }
  /// The best row that is feasible: forests average rows.
  [[nodiscard]] std::optional<double> optimum() const override { return best_; }
  [[nodiscard]] Configuration default_configuration() const override { return default_; }
  [[nodiscard]] std::optional<Workload> inference(const Configuration& configuration) const override {
    const bool by_sample = !settings_.flops.empty() && settings_.flops_per == tabular::WorkPer::sample;
    if (!settings_.inference.given() && !by_sample) return std::nullopt;
    const std::uint32_t* point = rows_.points.find(configuration.digest());
    if (point) return row_inference(*point - 1, by_sample);
    return forest_ ? fitted_inference(configuration, by_sample) : std::nullopt;
  }
  [[nodiscard]] std::optional<std::uint32_t> training_seeds(
      const Configuration& configuration) const override {
    const std::uint32_t* point = rows_.points.find(configuration.digest());
    if (!point) return std::nullopt;
    return static_cast<std::uint32_t>(count_seeds(*point - 1));
  }

 private:
  // Rows that `where` does not name are as if the file had no such rows.
  void filter(CsvTable& table) const {
    if (settings_.where.empty()) return;
    std::vector<bool> kept(table.rows(), true);
    for (const auto& [name, filter] : settings_.where) {
      const auto column = table.find(name);
      if (!column) throw InputError("where: the table has no column '" + name + "'. It has: " + join_names(table.columns()));
      for (std::size_t row = 0; row < table.rows(); ++row)
        if (!tabular::is_same_level(table.field(row, *column), filter.is)) kept[row] = false;
    }
    if (std::ranges::find(kept, true) == kept.end()) throw InputError("where: no row of the table is so");
    table.keep_rows(kept);
  }

  void describe() {
    traits_.name = "tabular/" + settings_.file.stem().string();
    traits_.objectives = {{settings_.name, settings_.objective.unit, direction_of(settings_.objective)}};
    for (const auto& [name, objective] : settings_.further)
      traits_.objectives.push_back({name, objective.unit, direction_of(objective)});
    for (const auto& [name, constraint] : settings_.constraints) traits_.constraints.push_back(name);
    traits_.fidelity = rows_.fidelity;
  }

  // The value of a configuration at the highest fidelity: its column, or the mean over its seeds; the worst
  // of all where it has none there, since what cannot be trained in full cannot be used.
  void judge() {
    const bool maximise = direction_of(settings_.objective) == Direction::maximise;
    best_ = maximise ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
    worst_ = -best_;
    for (std::size_t point = 0; point < rows_.configurations.size(); ++point) {
      const double value = value_at_top(point);
      truth_.push_back(value);
      if (!is_present(value)) continue;
      worst_ = maximise ? std::min(worst_, value) : std::max(worst_, value);
      if (!rows_.is_feasible(point)) continue;
      best_ = maximise ? std::max(best_, value) : std::min(best_, value);
    }
    if (!std::isfinite(best_))
      throw InputError({settings_.file.string(), 0, 0}, "",
                       settings_.constraints.empty()
                           ? "has no successful evaluation at the highest fidelity"
                           : "has no successful, feasible evaluation at the highest fidelity");
    for (double& value : truth_)
      if (!is_present(value)) value = worst_;
  }

  [[nodiscard]] double value_at_top(std::size_t point) const {
    return rows_.truth.empty() ? rows_.mean(rows_.objectives.front(), point, rows_.top())
                               : rows_.truth[point];
  }
  [[nodiscard]] bool is_usable(std::size_t point) const {
    return is_present(value_at_top(point)) && rows_.is_feasible(point);
  }

  void choose_default() {
    const SearchSpace& space = rows_.space;
    if (settings_.default_values.empty()) {
      std::vector<std::size_t> order;
      for (std::size_t point = 0; point < truth_.size(); ++point)
        if (is_usable(point)) order.push_back(point);
      std::ranges::sort(order, {}, [&](std::size_t point) { return std::pair(truth_[point], point); });
      default_ = rows_.configurations[order[(order.size() - 1) / 2]];
      return;
    }
    default_ = Configuration(space.size());
    for (std::size_t i = 0; i < space.size(); ++i) default_.set(i, index_of(i, settings_.default_values[i]));
    const std::uint32_t* point = rows_.points.find(default_.digest());
    if (!point || !is_usable(*point - 1))
      throw InputError("default: the table has no successful evaluation of " + space.describe(default_));
  }

  [[nodiscard]] double index_of(std::size_t parameter, const std::string& text) const {
    const Parameter& decision = rows_.space[parameter];
    const auto* ordinal = std::get_if<Ordinal>(&decision.domain);
    const auto& names = ordinal ? ordinal->levels : std::get<Categorical>(decision.domain).choices;
    for (std::size_t i = 0; i < names.size(); ++i)
      if (names[i] == text || (ordinal && tabular::is_same_level(names[i], text)))
        return static_cast<double>(i);
    throw InputError(fmt::format("default: column '{}' has no value '{}'; it has {}", decision.name, text,
                                 join_names(names)));
  }

  [[nodiscard]] bool is_complete() const {
    return static_cast<double>(rows_.configurations.size()) == *rows_.space.cardinality();
  }
  void require_complete(const CsvTable& table) const {
    if (is_complete()) return;
    throw InputError({table.file(), 0, 0}, "",
                     fmt::format("has {} of the {} combinations of its decisions, and missing is 'error'",
                                 rows_.configurations.size(), *rows_.space.cardinality()));
  }

  // --- a row answers
  // -------------------------------------------------------------------------------------------

  [[nodiscard]] Outcome row_outcome(std::size_t point, const Evaluation& evaluation) const {
    Outcome outcome;
    const std::size_t level = rows_.level_at(evaluation.to);
    const auto seed = choose_seed(point, level, evaluation);
    outcome.workload = workload(point, evaluation, seed.value_or(0));
    if (!seed) return failed(std::move(outcome));
    for (const Series& objective : rows_.objectives)
      outcome.objectives.push_back(objective.at(point, level, *seed));
    for (const Series& constraint : rows_.constraints)
      outcome.constraints.push_back(constraint.at(point, level, *seed));
    return outcome;
  }

  // The first seed is drawn by configuration, so that a resumed training keeps its own; repeats go on from
  // there, among those that are trained in full where there are any. Seeds without a value are passed over.
  [[nodiscard]] std::optional<std::size_t> choose_seed(std::size_t point, std::size_t level,
                                                       const Evaluation& evaluation) const {
    const auto first = static_cast<std::size_t>(evaluation.run % rows_.seeds);
    const std::size_t trained = count_seeds(point);
    std::size_t skipped = trained > 0 ? evaluation.repeat % trained : evaluation.repeat % rows_.seeds;
    std::size_t start = first;
    for (std::size_t i = 0; i < rows_.seeds; ++i) {
      start = (first + i) % rows_.seeds;
      if (trained > 0 && !rows_.answers(point, rows_.top(), start)) continue;
      if (skipped-- == 0) break;
    }
    for (std::size_t i = 0; i < rows_.seeds; ++i) {
      const std::size_t seed = (start + i) % rows_.seeds;
      if (rows_.answers(point, level, seed)) return seed;
    }
    return std::nullopt;
  }

  // That answer at the highest fidelity.
  [[nodiscard]] std::size_t count_seeds(std::size_t point) const {
    std::size_t count = 0;
    for (std::size_t seed = 0; seed < rows_.seeds; ++seed)
      count += rows_.answers(point, rows_.top(), seed) ? 1U : 0U;
    return count;
  }

  [[nodiscard]] Outcome failed(Outcome outcome) const {
    outcome.failure = Failure::invalid;
    const Workload& used = outcome.workload;
    if (!used.measured_time && used.flops <= Work{}) outcome.workload.measured_time = settings_.failed_time;
    return outcome;
  }

  // Part of a full training.
  [[nodiscard]] double part_of(const Evaluation& e) const {
    return (e.to - std::max(0.0, e.from)) / rows_.levels.back();
  }

  // What a column says up to `to`, less what it says up to `from`.
  [[nodiscard]] std::optional<double> spent(const Series& costs, std::size_t point, const Evaluation& e,
                                            std::size_t seed) const {
    const double total = costs.at(point, rows_.level_at(e.to), seed);
    if (!is_present(total)) return std::nullopt;
    if (!costs.by_level()) return total * part_of(e);
    if (e.from <= 0.0) return total;
    const double before = costs.at(point, rows_.level_at(e.from), seed);
    return is_present(before) ? std::max(0.0, total - before) : total;
  }

  // What every evaluation takes, unless a column tells more.
  [[nodiscard]] Workload usual_workload(double parameters, const Evaluation& e) const {
    Workload work;
    work.parameters = parameters;
    work.kind = settings_.kind;
    const double part = part_of(e);
    if (settings_.evaluation_traffic) work.traffic = *settings_.evaluation_traffic * part;
    if (settings_.evaluation_time) work.measured_time = *settings_.evaluation_time * part;
    if (settings_.evaluation_flops) work.flops = *settings_.evaluation_flops * part;
    return work;
  }

  [[nodiscard]] Workload workload(std::size_t point, const Evaluation& e, std::size_t seed) const {
    Workload work = usual_workload(rows_.parameters[point], e);
    if (rows_.time.given())
      if (const auto time = spent(rows_.time, point, e, seed)) work.measured_time = *time * second;
    if (rows_.energy.given())
      if (const auto energy = spent(rows_.energy, point, e, seed)) work.measured_energy = *energy * joule;
    if (settings_.flops_per == tabular::WorkPer::sample && rows_.flops.given()) {
      add_training(work, rows_.flops.at(point, rows_.level_at(e.to), seed), e);
    } else if (rows_.flops.given()) {
      if (const auto flops = spent(rows_.flops, point, e, seed)) work.flops = *flops * flop;
    }
    add_traffic(work, row_traffic(point, e, seed));
    return work;
  }

  [[nodiscard]] std::optional<double> row_traffic(std::size_t point, const Evaluation& e,
                                                  std::size_t seed) const {
    if (!rows_.traffic.given()) return std::nullopt;
    if (settings_.traffic_per == tabular::WorkPer::evaluation) return spent(rows_.traffic, point, e, seed);
    const double forward = rows_.traffic.at(point, rows_.level_at(e.to), seed);
    return is_present(forward) ? std::optional(kTrainingPerForward * forward * samples_of(e)) : std::nullopt;
  }

  // `told`: bytes, by a column or its forest.
  void add_traffic(Workload& work, const std::optional<double>& told) const {
    if (told) {
      work.traffic = *told * byte;
    } else if (settings_.traffic_per_flop > 0.0) {
      work.traffic = settings_.traffic_per_flop * work.flops.base() * byte;
    }
  }

  // What an evaluation trains.
  [[nodiscard]] double epochs_of(const Evaluation& e) const {
    const bool has_fidelity = !settings_.fidelity.empty() || !settings_.fidelities.empty();
    return has_fidelity ? e.to - e.from : settings_.epochs;
  }
  [[nodiscard]] double samples_of(const Evaluation& e) const { return settings_.samples * epochs_of(e); }

  // `forward`: FLOPs of a sample's forward pass.
  void add_training(Workload& work, double forward, const Evaluation& e) const {
    if (!is_present(forward)) return;
    work.samples = samples_of(e);
    work.flops = kTrainingPerForward * forward * work.samples * flop;
    work.steps = std::ceil(settings_.samples / settings_.batch) * epochs_of(e);
  }

  [[nodiscard]] std::optional<Workload> row_inference(std::size_t point, bool by_sample) const {
    const auto value = [&](const std::vector<double>& values) {
      return values.empty() || !is_present(values[point]) ? std::nullopt : std::optional(values[point]);
    };
    const tabular::InferenceRows& use = rows_.inference;
    std::optional<double> flops = value(use.flops);
    for (std::size_t seed = 0; by_sample && !flops && seed < rows_.seeds; ++seed) {
      const double forward = rows_.flops.at(point, rows_.top(), seed);
      if (is_present(forward)) flops = forward;
    }
    return one_use({value(use.time), value(use.energy), flops, value(use.traffic)}, rows_.parameters[point]);
  }

  // None where no column tells anything of it.
  static std::optional<Workload> one_use(const TableForest::Use& use, double parameters) {
    if (!use.time && !use.energy && !use.flops && !use.traffic) return std::nullopt;
    Workload work;
    work.samples = 1.0;
    work.parameters = parameters;
    if (use.time) work.measured_time = *use.time * second;
    if (use.energy) work.measured_energy = *use.energy * joule;
    if (use.flops) work.flops = *use.flops * flop;
    if (use.traffic) work.traffic = *use.traffic * byte;
    return work;
  }

  // --- the forests answer
  // --------------------------------------------------------------------------------------

  [[nodiscard]] Outcome fitted_outcome(const Evaluation& e) const {
    const TableForest::Point point = forest_->encode(e.configuration);
    const std::size_t level = rows_.level_at(e.to);
    Outcome outcome;
    outcome.workload = fitted_workload(point, e);
    for (std::size_t i = 0; i < rows_.objectives.size(); ++i)
      outcome.objectives.push_back(forest_->objective(i, level, point) +
                                   forest_->deviation(i, level, e.run, e.repeat));
    for (std::size_t i = 0; i < rows_.constraints.size(); ++i)
      outcome.constraints.push_back(forest_->constraint(i, point));
    return outcome;
  }

  [[nodiscard]] Workload fitted_workload(const TableForest::Point& point, const Evaluation& e) const {
    Workload work = usual_workload(forest_->parameters(point), e);
    const std::size_t to = rows_.level_at(e.to);
    // As spent(), of what a forest says of one column.
    const auto spent_on = [&](const Series& rows, auto cost) -> std::optional<double> {
      const std::optional<double> total = (*forest_.*cost)(to, point);
      if (!total) return std::nullopt;
      if (!rows.by_level()) return *total * part_of(e);
      if (e.from <= 0.0) return total;
      return std::max(0.0, *total - *(*forest_.*cost)(rows_.level_at(e.from), point));
    };
    if (const auto time = spent_on(rows_.time, &TableForest::time)) work.measured_time = *time * second;
    if (const auto energy = spent_on(rows_.energy, &TableForest::energy))
      work.measured_energy = *energy * joule;
    if (settings_.flops_per == tabular::WorkPer::sample && rows_.flops.given()) {
      add_training(work, forest_->flops(to, point).value_or(kAbsent), e);
    } else if (const auto flops = spent_on(rows_.flops, &TableForest::flops)) {
      work.flops = *flops * flop;
    }
    if (settings_.traffic_per == tabular::WorkPer::evaluation) {
      add_traffic(work, spent_on(rows_.traffic, &TableForest::traffic));
      return work;
    }
    const auto forward = forest_->traffic(to, point);
    add_traffic(work, forward ? std::optional(kTrainingPerForward * *forward * samples_of(e)) : std::nullopt);
    return work;
  }

  [[nodiscard]] std::optional<Workload> fitted_inference(const Configuration& configuration,
                                                         bool by_sample) const {
    const TableForest::Point point = forest_->encode(configuration);
    TableForest::Use use = forest_->use(point);
    if (!use.flops && by_sample) use.flops = forest_->flops(rows_.top(), point);
    return one_use(use, forest_->parameters(point));
  }

  const tabular::Settings settings_;
  ProblemTraits traits_;
  Rows rows_;
  std::optional<TableForest> forest_;
  std::vector<double> truth_;  // by row's configuration
  double best_ = 0.0;
  double worst_ = 0.0;
  Configuration default_;
};

class TabularRecipe final : public ProblemRecipe {
 public:
  void visit(SettingsVisitor& visitor) override { settings_.visit(visitor); }
  [[nodiscard]] std::shared_ptr<const Problem> make() const override {
    return std::make_shared<TabularProblem>(settings_);
  }
  [[nodiscard]] std::uint64_t content_digest() const override {
    constexpr std::size_t kLargest = std::size_t{1} << 30U;
    return hash_text(read_text_file(settings_.file, kLargest));
  }

 private:
  tabular::Settings settings_;
};

}  // namespace

std::unique_ptr<ProblemRecipe> make_tabular_recipe() {
  return std::make_unique<TabularRecipe>();
}

}  // namespace tonne
