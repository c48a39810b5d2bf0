#include "search/problems/tabular/tabular_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "core/error.h"
#include "search/problems/tabular/tabular_levels.h"
#include "search/problems/tabular/tabular_objective.h"

namespace tonne::tabular {
namespace {

std::size_t column_of(const CsvTable& table, const std::string& name, std::string_view key) {
  if (const auto found = table.find(name)) return *found;
  const std::string hint = did_you_mean(name, table.columns());
  throw InputError({table.file(), 1, 0}, "",
                   fmt::format("has no column '{}' ({}). {}Its columns: {}", name, key,
                               hint.empty() ? "" : hint + " ", join_names(table.columns())));
}

std::optional<std::size_t> optional_column(const CsvTable& table, const std::string& name,
                                           std::string_view key) {
  return name.empty() ? std::nullopt : std::optional(column_of(table, name, key));
}

/// A column, or one for each fidelity.
using FidelityColumns = std::vector<std::size_t>;

class Reader {
 public:
  Reader(const CsvTable& table, const Settings& settings) : table_(table), settings_(settings) {}

  Rows read() && {
    read_space();
    read_fidelities();
    read_seeds();
    find_columns();
    point_of_row_.resize(table_.rows());
    for (std::size_t row = 0; row < table_.rows(); ++row) point_of_row_[row] = point_of(row);
    if (settings_.repeats == Repeats::seeds) count_repeats();
    allocate();
    row_of_slot_.assign(slots(), 0);
    for (std::size_t row = 0; row < table_.rows(); ++row) read_row(row);
    for (const Cost& cost : costs_) add_up(cost);
    drop_partial_answers();
    rows_.truth = truth_.judged(rows_);
    return std::move(rows_);
  }

 private:
  // Where one row goes.
  struct Place {
    std::size_t row, point, level, seed;
  };
  struct Objective {
    const ObjectiveColumns* settings;
    std::vector<FidelityColumns>
        of_seed;  // one entry where the values do not differ by seed, or seeds have rows
  };
  struct Cost {
    Series Rows::*series;
    FidelityColumns columns;
    double unit;
    bool optional;  // another setting stands in for an empty field
    std::string_view key;
    CostIs is;
    bool has_total = true;  // up to a fidelity; FLOPs of one sample have none
  };
  struct Use {
    std::vector<double> InferenceRows::*values;
    std::size_t column;
    double unit;
  };

  void read_space() {
    for (const std::string& name : settings_.categorical)
      if (std::ranges::find(settings_.decisions, name) == settings_.decisions.end())
        throw InputError("categorical: '" + name +
                         "' is not one of the decisions: " + join_names(settings_.decisions));
    std::vector<Parameter> parameters;
    for (const std::string& name : settings_.decisions) {
      const std::size_t column = column_of(table_, name, "decisions");
      const auto declared = settings_.order.find(name);
      const bool forced = std::ranges::find(settings_.categorical, name) != settings_.categorical.end();
      Levels levels = declared != settings_.order.end()
                          ? declared_levels(table_, column, declared->second)
                          : read_levels(table_, column, forced ? Kind::categorical : Kind::by_content);
      parameters.push_back({name, std::move(levels.domain), std::nullopt, std::nullopt});
      decision_rows_.push_back(std::move(levels.of_row));
    }
    rows_.space = SearchSpace(std::move(parameters));
  }

  void read_fidelities() {
    rows_.levels = {1.0};
    if (settings_.fidelity.empty() && settings_.fidelities.empty()) return;
    std::map<double, std::string> amounts;  // and how the user writes them
    if (!settings_.fidelity.empty()) {
      fidelity_ = column_of(table_, settings_.fidelity, "fidelity");
      for (std::size_t row = 0; row < table_.rows(); ++row) {
        const double amount = table_.number(row, *fidelity_);
        if (!(amount > 0.0)) fail_at(table_, row, *fidelity_, "must be above zero");
        amounts.try_emplace(amount);
      }
    }
    for (const std::string& text : settings_.fidelities) amounts[*parse_number(text)] = text;
    rows_.levels.clear();
    for (const auto& [amount, text] : amounts) {
      rows_.levels.push_back(amount);
      fidelity_texts_.push_back(text);
    }
    const std::vector<double>& levels = rows_.levels;
    const bool whole = std::ranges::all_of(levels, [](double l) { return l == std::floor(l); });
    rows_.fidelity = {settings_.fidelity_name, levels.front(), levels.back(), whole, levels};
  }

  void read_seeds() {
    rows_.seeds = settings_.objective.columns.size();
    if (settings_.seed.empty()) return;
    Levels seeds = read_levels(table_, column_of(table_, settings_.seed, "seed"), Kind::by_content);
    rows_.seeds = *cardinality(seeds.domain);
    seed_of_row_ = std::move(seeds.of_row);
  }

  [[nodiscard]] FidelityColumns columns_of(const std::string& name, std::string_view key) const {
    if (settings_.fidelities.empty() || !is_by_fidelity(name)) return {column_of(table_, name, key)};
    FidelityColumns columns;
    for (const std::string& text : fidelity_texts_)
      columns.push_back(column_of(table_, column_at(name, text), key));
    return columns;
  }

  void find_columns() {
    add_objective(settings_.objective, "objective");
    for (const auto& [name, columns] : settings_.further) add_objective(columns, "further_objectives");
    for (const auto& [name, constraint] : settings_.constraints)
      constraints_.push_back(column_of(table_, constraint.column, "constraints"));
    failure_ = optional_column(table_, settings_.failure, "failure");
    parameters_ = optional_column(table_, settings_.parameters, "parameters");
    const Settings& s = settings_;
    add_cost(s.time, {&Rows::time, {}, s.time_unit.base(), s.evaluation_time.has_value(), "time", s.time_is});
    add_cost(s.energy, {&Rows::energy, {}, s.energy_unit.base(), false, "energy", s.energy_is});
    add_cost(s.flops, {&Rows::flops,
                       {},
                       s.flops_unit.base(),
                       s.evaluation_flops.has_value(),
                       "flops",
                       s.flops_is,
                       s.flops_per == WorkPer::evaluation});
    add_cost(s.traffic, {&Rows::traffic,
                         {},
                         s.traffic_unit.base(),
                         s.evaluation_traffic.has_value() || s.traffic_per_flop > 0.0,
                         "traffic",
                         s.traffic_is,
                         s.traffic_per == WorkPer::evaluation});
    std::vector<std::size_t> judging;
    for (const std::string& name : s.true_value) judging.push_back(columns_of(name, "true_value").back());
    truth_ = TrueValues(table_, std::move(judging));
    const InferenceColumns& use = settings_.inference;
    add_use(&InferenceRows::time, use.time, use.time_unit.base());
    add_use(&InferenceRows::energy, use.energy, use.energy_unit.base());
    add_use(&InferenceRows::flops, use.flops, use.flops_unit.base());
    add_use(&InferenceRows::traffic, use.traffic, use.traffic_unit.base());
  }

  void add_objective(const ObjectiveColumns& columns, std::string_view key) {
    Objective objective{&columns, {}};
    for (const std::string& name : columns.columns) objective.of_seed.push_back(columns_of(name, key));
    const bool one_kind = std::ranges::all_of(objective.of_seed, [&](const FidelityColumns& columns_of_seed) {
      return columns_of_seed.size() == objective.of_seed.front().size();
    });
    if (!one_kind)
      throw InputError(fmt::format("{}: some of its columns are per fidelity, some are not: {}", key,
                                   join_names(columns.columns)));
    objectives_.push_back(std::move(objective));
  }
  void add_cost(const std::string& name, Cost cost) {
    if (name.empty()) return;
    cost.columns = columns_of(name, cost.key);
    costs_.push_back(std::move(cost));
  }
  void add_use(std::vector<double> InferenceRows::*values, const std::string& name, double unit) {
    if (!name.empty()) uses_.push_back({values, column_of(table_, name, "inference"), unit});
  }

  std::size_t point_of(std::size_t row) {
    Configuration configuration(decision_rows_.size());
    for (std::size_t i = 0; i < decision_rows_.size(); ++i) configuration.set(i, decision_rows_[i][row]);
    std::uint32_t& point = rows_.points[configuration.digest()];
    if (point == 0) {
      rows_.configurations.push_back(configuration);
      point = static_cast<std::uint32_t>(rows_.configurations.size());  // 0 means none
    }
    return point - 1;
  }

  void count_repeats() {
    std::map<std::pair<std::size_t, double>, std::uint32_t> repeats;  // by configuration and fidelity
    rows_.seeds = 1;
    for (std::size_t row = 0; row < table_.rows(); ++row) {
      std::uint32_t& repeat = repeats[{point_of_row_[row], fidelity_ ? table_.number(row, *fidelity_) : 0.0}];
      seed_of_row_.push_back(repeat++);
      rows_.seeds = std::max<std::size_t>(rows_.seeds, repeat);
    }
    if (rows_.seeds == 1) seed_of_row_.clear();
  }

  // Checked before anything is allocated: a key taken for the seed makes rows by rows of these.
  void allocate() {
    constexpr std::size_t kMostValues = std::size_t{1} << 26U;  // half a GiB of them
    const std::size_t points = rows_.configurations.size();
    const std::size_t cells = points * rows_.levels.size();
    const std::size_t series = objectives_.size() + constraints_.size() + costs_.size();
    if (cells * series > kMostValues / rows_.seeds)
      throw InputError({settings_.file.string(), 0, 0}, "",
                       fmt::format("has {} configurations, {} training seeds and {} fidelities, more than {} "
                                   "values in total; are these really the seed and fidelity columns?",
                                   points, rows_.seeds, rows_.levels.size(), kMostValues));
    const std::size_t row_levels = fidelity_ ? rows_.levels.size() : 1;
    const std::size_t row_seeds = seed_of_row_.empty() ? 1 : rows_.seeds;
    for (const Objective& objective : objectives_)
      rows_.objectives.emplace_back(points, std::max(row_levels, objective.of_seed.front().size()),
                                    std::max(row_seeds, objective.of_seed.size()));
    for (std::size_t i = 0; i < constraints_.size(); ++i)
      rows_.constraints.emplace_back(points, row_levels, row_seeds);
    for (const Cost& cost : costs_)
      rows_.*cost.series = Series(points, std::max(row_levels, cost.columns.size()), row_seeds);
    rows_.parameters.assign(points, 0.0);
    for (const Use& use : uses_) {
      (rows_.inference.*use.values).assign(points, kAbsent);
      use_counts_.emplace_back(points, 0);
    }
  }

  // One for each row that the table can have.
  [[nodiscard]] std::size_t slot_of(const Place& place) const {
    const std::size_t levels = fidelity_ ? rows_.levels.size() : 1;
    const std::size_t seeds = seed_of_row_.empty() ? 1 : rows_.seeds;
    return (place.point * levels + (fidelity_ ? place.level : 0)) * seeds + place.seed;
  }
  [[nodiscard]] std::size_t slots() const { return slot_of({0, rows_.configurations.size(), 0, 0}); }

  void read_row(std::size_t row) {
    const Place place{row, point_of_row_[row], fidelity_ ? rows_.level_at(table_.number(row, *fidelity_)) : 0,
                      seed_of_row_.empty() ? 0 : seed_of_row_[row]};
    require_first(place);
    const bool failed =
        (failure_ && !table_.field(row, *failure_).empty()) || is_empty(place, objectives_.front());
    for (const Cost& cost : costs_) read_cost(place, cost, failed);
    if (parameters_ && !table_.field(row, *parameters_).empty())
      rows_.parameters[place.point] = amount(row, *parameters_, 1.0);
    for (std::size_t i = 0; i < uses_.size(); ++i) read_use(place, i);
    for (std::size_t i = 0; i < constraints_.size(); ++i) read_constraint(place, i);
    if (failed) return;
    for (std::size_t i = 0; i < objectives_.size(); ++i) read_objective(place, i);
    if (!fidelity_ || place.level == rows_.top()) truth_.read(row, place.point, settings_.objective);
  }

  void require_first(const Place& place) {
    std::size_t& first = row_of_slot_[slot_of(place)];  // 1 + the row
    const bool has_seeds = !seed_of_row_.empty();
    if (first != 0)
      throw InputError(
          {table_.file(), table_.line(place.row), 0}, "",
          fmt::format("repeats the decisions{}{} of line {}{}", has_seeds ? ", the seed" : "",
                      fidelity_ ? ", the fidelity" : "", table_.line(first - 1),
                      has_seeds
                          ? ""
                          : " (training seeds in rows? give their column as seed:, or set repeats: seeds)"));
    first = place.row + 1;
  }

  [[nodiscard]] bool is_empty(const Place& place, const Objective& objective) const {
    return std::ranges::all_of(objective.of_seed, [&](const FidelityColumns& columns) {
      return std::ranges::all_of(columns,
                                 [&](std::size_t column) { return table_.field(place.row, column).empty(); });
    });
  }
  [[nodiscard]] bool is_empty_at(const Place& place, const Objective& objective, std::size_t level) const {
    return std::ranges::all_of(objective.of_seed, [&](const FidelityColumns& columns) {
      return table_.field(place.row, columns.size() > 1 ? columns[level] : columns.front()).empty();
    });
  }

  // A training that failed or ended early need not say what the rest would have cost; otherwise what nothing
  // tells must not count as nothing.
  void read_cost(const Place& place, const Cost& cost, bool failed) {
    for (std::size_t i = 0; i < cost.columns.size(); ++i) {
      const std::size_t column = cost.columns[i];
      const bool ended = cost.columns.size() > 1 && is_empty_at(place, objectives_.front(), i);
      if (table_.field(place.row, column).empty() && (failed || ended || cost.optional)) continue;
      const std::size_t level = cost.columns.size() > 1 ? i : place.level;
      (rows_.*cost.series).at(place.point, level, place.seed) = amount(place.row, column, cost.unit);
    }
  }

  // In base units.
  [[nodiscard]] double amount(std::size_t row, std::size_t column, double unit) const {
    const double value = table_.number(row, column);
    if (value < 0.0) fail_at(table_, row, column, "is negative");
    if (value * unit > kLargest) fail_at(table_, row, column, "is too large");
    return value * unit;
  }

  // A resumed training pays the difference of two totals, which is no cost unless totals grow with the
  // fidelity.
  void add_up(const Cost& cost) {
    const Series& series = rows_.*cost.series;
    if (!series.by_level() || !cost.has_total) return;
    const std::size_t seeds = seed_of_row_.empty() ? 1 : rows_.seeds;
    for (std::size_t point = 0; point < rows_.configurations.size(); ++point)
      for (std::size_t seed = 0; seed < seeds; ++seed)
        cost.is == CostIs::increment ? sum_increments(cost, point, seed) : require_growing(cost, point, seed);
  }

  void sum_increments(const Cost& cost, std::size_t point, std::size_t seed) {
    double total = 0.0;
    std::optional<std::size_t> lacking;  // a level
    for (std::size_t level = 0; level < rows_.levels.size(); ++level) {
      double& value = (rows_.*cost.series).at(point, level, seed);
      if (!is_present(value)) {
        lacking = lacking.value_or(level);
        continue;
      }
      if (lacking) {
        const auto [row, column] = field_of(cost, {0, point, level, seed});
        fail_at(table_, row, column,
                fmt::format(
                    "needs the {0} from scratch to fidelity {1}, and there is none at fidelity {2}, whose "
                    "increment is part of it ({0}_is: increment)",
                    cost.key, rows_.levels[level], rows_.levels[*lacking]));
      }
      total += value;
      value = total;
    }
  }

  // What a training that failed used up to there may be less.
  void require_growing(const Cost& cost, std::size_t point, std::size_t seed) const {
    std::optional<std::size_t> before;  // a level
    for (std::size_t level = 0; level < rows_.levels.size(); ++level) {
      const Series& series = rows_.*cost.series;
      if (!is_present(series.at(point, level, seed)) || !is_answered(point, level, seed)) continue;
      if (before && series.at(point, level, seed) < series.at(point, *before, seed)) {
        const auto [row, column] = field_of(cost, {0, point, level, seed});
        const auto [row_before, column_before] = field_of(cost, {0, point, *before, seed});
        fail_at(
            table_, row, column,
            fmt::format(
                "is {}, less than the {} at fidelity {}: {} at a fidelity is the total from scratch; where a "
                "table has it for each step from the fidelity below, set {}_is: increment",
                table_.field(row, column), table_.field(row_before, column_before), rows_.levels[*before],
                cost.key, cost.key));
      }
      before = level;
    }
  }

  // Whether any training seed of the row has the objective.
  [[nodiscard]] bool is_answered(std::size_t point, std::size_t level, std::size_t seed) const {
    if (!seed_of_row_.empty()) return rows_.answers(point, level, seed);
    for (std::size_t s = 0; s < rows_.seeds; ++s)
      if (rows_.answers(point, level, s)) return true;
    return false;
  }

  // Row and column of a cost.
  [[nodiscard]] std::pair<std::size_t, std::size_t> field_of(const Cost& cost, const Place& place) const {
    return {row_of_slot_[slot_of(place)] - 1,
            cost.columns.size() > 1 ? cost.columns[place.level] : cost.columns.front()};
  }

  // The mean over the rows of a configuration; of equal values exactly that value.
  void read_use(const Place& place, std::size_t i) {
    const Use& use = uses_[i];
    if (table_.field(place.row, use.column).empty()) return;
    const double value = amount(place.row, use.column, use.unit);
    double& mean = (rows_.inference.*use.values)[place.point];
    const int count = ++use_counts_[i][place.point];
    mean = count == 1 ? value : mean + (value - mean) / count;
  }

  // In parts of the bound, so that constraints of all units compare.
  void read_constraint(const Place& place, std::size_t i) {
    if (table_.field(place.row, constraints_[i]).empty()) return;
    const ConstraintColumn& constraint = settings_.constraints[i].second;
    const double value = table_.number(place.row, constraints_[i]);
    const double bound = constraint.at_most ? *constraint.at_most : *constraint.at_least;
    const double excess = constraint.at_most ? value - bound : bound - value;
    const double part = excess / (bound != 0.0 ? std::abs(bound) : 1.0);
    if (!(std::abs(part) <= kLargest))
      fail_at(table_, place.row, constraints_[i], "is too large relative to the bound");
    rows_.constraints[i].at(place.point, place.level, place.seed) = part;
  }

  void read_objective(const Place& place, std::size_t i) {
    const Objective& objective = objectives_[i];
    for (std::size_t seed = 0; seed < objective.of_seed.size(); ++seed) {
      const FidelityColumns& columns = objective.of_seed[seed];
      for (std::size_t level = 0; level < columns.size(); ++level) {
        if (table_.field(place.row, columns[level]).empty())
          continue;  // not evaluated with this seed, or ended before
        rows_.objectives[i].at(place.point, columns.size() > 1 ? level : place.level, place.seed + seed) =
            objective_value(table_, place.row, columns[level], *objective.settings);
      }
    }
  }

  void drop_partial_answers() {
    if (rows_.objectives.size() == 1 && rows_.constraints.empty()) return;
    for (std::size_t point = 0; point < rows_.configurations.size(); ++point)
      for (std::size_t level = 0; level < rows_.levels.size(); ++level)
        for (std::size_t seed = 0; seed < rows_.seeds; ++seed) {
          const auto lacks = [&](const Series& series) { return !is_present(series.at(point, level, seed)); };
          if (std::ranges::any_of(rows_.objectives, lacks) || std::ranges::any_of(rows_.constraints, lacks))
            rows_.objectives.front().at(point, level, seed) = kAbsent;
        }
  }

  const CsvTable& table_;
  const Settings& settings_;
  Rows rows_;
  std::vector<std::vector<std::uint32_t>> decision_rows_;
  std::vector<std::uint32_t> seed_of_row_;  // empty where seeds have no rows of their own
  std::vector<std::string> fidelity_texts_;
  std::vector<std::size_t> point_of_row_;
  std::vector<std::size_t> row_of_slot_;  // 1 + the row; 0: none
  std::optional<std::size_t> fidelity_, failure_, parameters_;
  std::vector<Objective> objectives_;
  std::vector<std::size_t> constraints_;
  std::vector<Cost> costs_;
  TrueValues truth_;
  std::vector<Use> uses_;
  std::vector<std::vector<int>> use_counts_;
};

}  // namespace

std::size_t Rows::level_at(double amount) const {
  const auto above = std::ranges::upper_bound(levels, amount);
  return above == levels.begin() ? 0 : static_cast<std::size_t>(above - levels.begin()) - 1;
}

double Rows::mean(const Series& series, std::size_t point, std::size_t level) const {
  double sum = 0.0;
  std::size_t count = 0;
  for (std::size_t seed = 0; seed < seeds; ++seed) {
    if (!answers(point, level, seed)) continue;
    sum += series.at(point, level, seed);
    ++count;
  }
  return count > 0 ? sum / static_cast<double>(count) : kAbsent;
}

bool Rows::is_feasible(std::size_t point) const {
  return std::ranges::none_of(constraints,
                              [&](const Series& series) { return mean(series, point, top()) > 0.0; });
}

Rows read_rows(const CsvTable& table, const Settings& settings) {
  if (table.rows() == 0) throw InputError({table.file(), 1, 0}, "", "has no rows");
  return Reader(table, settings).read();
}

}  // namespace tonne::tabular
