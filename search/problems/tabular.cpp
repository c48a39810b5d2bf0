// The problem `tabular`: a table of evaluations that the user has, as CSV or SQLite, answers instead of a model.

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "core/csv.h"
#include "core/digest_table.h"
#include "core/error.h"
#include "core/recipe.h"

namespace tonne {
namespace {

constexpr double kAbsent = std::numeric_limits<double>::quiet_NaN();  // within tables only, never handed out

enum class Missing : std::uint8_t { fail, error };
enum class FlopsPer : std::uint8_t { evaluation, sample };

struct TabularSettings {
  std::filesystem::path file;
  std::string table;
  std::vector<std::string> decisions;
  std::vector<std::string> categorical;
  std::vector<std::string> objective;
  std::string direction;
  std::string name = "objective";
  std::string unit;
  std::string seed;
  std::string fidelity;
  std::string fidelity_name = "epochs";
  std::string failure;
  std::string time;
  Duration time_unit = second;
  std::string energy;
  Energy energy_unit = joule;
  std::string flops;
  Work flops_unit = flop;
  FlopsPer flops_per = FlopsPer::evaluation;
  /// What an evaluation trains, where FLOPs are those of one sample's forward pass: CIFAR-10's training split.
  double samples = 50'000;
  double epochs = 1;
  double batch = 256;
  std::optional<Duration> evaluation_time;
  std::optional<Work> evaluation_flops;
  std::string parameters;
  Missing missing = Missing::fail;
  Duration failed_time{};
  std::vector<std::string> default_values;

  void visit(SettingsVisitor& v);
  [[nodiscard]] bool has_cost() const {
    return !time.empty() || !energy.empty() || !flops.empty() || evaluation_time || evaluation_flops;
  }
  /// What a strategy decides cannot also be what it is told; costs may repeat a column (a run time that is
  /// minimised).
  void require_one_role_per_column(SettingsVisitor& v) const;
};

void TabularSettings::visit(SettingsVisitor& v) {
  v.path("file", file, "CSV with a header line, or SQLite (.sqlite, .sqlite3, .db)");
  v.text("table", table, "table or view of an SQLite file");
  v.texts("decisions", decisions, "columns that a strategy decides; all numbers: ordered levels, otherwise categories");
  v.texts("categorical", categorical, "decisions whose numbers are only names");
  v.texts("objective", objective, "column of the objective; several: one for each training seed");
  v.text("direction", direction, "minimise or maximise");
  v.text("name", name, "what tables call the objective");
  v.text("unit", unit, "its unit, as in %");
  v.text("seed", seed, "column that tells training seeds apart, where each has its own row");
  v.text("fidelity", fidelity, "column of the fidelity (epochs), where each has its own row");
  v.text("fidelity_name", fidelity_name, "what the fidelity counts");
  v.text("failure", failure, "column that is not empty where the evaluation failed");
  v.text("time", time, "column of the measured time of an evaluation");
  v.quantity("time_unit", time_unit, Bounds::above(0.0), "what 1 means in the column of time");
  v.text("energy", energy, "column of the device's measured energy, without host and facility");
  v.quantity("energy_unit", energy_unit, Bounds::above(0.0), "what 1 means in the column of energy");
  v.text("flops", flops, "column of FLOPs (a multiply-add is 2)");
  v.quantity("flops_unit", flops_unit, Bounds::above(0.0), "what 1 means in the column of FLOPs");
  v.choice("flops_per", flops_per, std::to_array<std::string_view>({"evaluation", "sample"}),
           "evaluation: all of it; sample: one forward pass, training takes 3 x samples x epochs of them");
  v.number("samples", samples, Bounds::at_least(1), "training samples of an epoch (flops_per: sample)");
  v.number("epochs", epochs, Bounds::above(0), "epochs of an evaluation (flops_per: sample, without a fidelity column)");
  v.number("batch", batch, Bounds::at_least(1), "samples of an optimiser step (flops_per: sample)");
  v.quantity("evaluation_time", evaluation_time, Bounds::at_least(0.0),
             "time of every evaluation, or where the column is empty");
  v.quantity("evaluation_flops", evaluation_flops, Bounds::at_least(0.0),
             "arithmetic of every evaluation, or where the column is empty");
  v.text("parameters", parameters, "column of the number of weights");
  v.choice("missing", missing, std::to_array<std::string_view>({"fail", "error"}),
           "a configuration without a row: fails when it is proposed, or the table is refused");
  v.quantity("failed_time", failed_time, Bounds::at_least(0.0), "time of a failed evaluation whose time the table does not tell");
  v.texts("default", default_values,
          "default configuration, one value per decision; without: the successful row of median value, of "
          "two the lower");
  v.require(!file.empty(), "file", "is missing: name the table's file");
  v.require(!decisions.empty(), "decisions", "is missing: name the columns that a strategy decides");
  v.require(!objective.empty(), "objective", "is missing: name the column of the objective");
  v.require(direction == "minimise" || direction == "maximise", "direction",
            "is '" + direction + "', expected minimise or maximise");
  v.require(seed.empty() || objective.size() == 1, "seed", "several objective columns are seeds already: give one or the other");
  v.require(has_cost(), "time", "is missing: name a column of time, energy or flops, or give evaluation_time or evaluation_flops, so that an evaluation costs something");
  v.require(default_values.empty() || default_values.size() == decisions.size(), "default", "needs one value for each decision");
  require_one_role_per_column(v);
}

void TabularSettings::require_one_role_per_column(SettingsVisitor& v) const {
  std::map<std::string, std::string_view> roles;
  const auto take = [&](std::string_view key, const std::string& column) {
    if (column.empty()) return;
    const auto [taken, is_new] = roles.emplace(column, key);
    v.require(is_new, key, fmt::format("column '{}' is taken already, by {}", column, taken->second));
  };
  for (const std::string& column : decisions) take("decisions", column);
  for (const std::string& column : objective) take("objective", column);
  take("seed", seed);
  take("fidelity", fidelity);
  take("failure", failure);
}

bool is_sqlite(const std::filesystem::path& file) {
  const auto ending = file.extension().string();
  return ending == ".sqlite" || ending == ".sqlite3" || ending == ".db";
}

std::string quoted_identifier(const std::string& name) {
  std::string quoted = "\"";
  for (const char c : name) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

void require_table(const SQLite::Database& database, const TabularSettings& settings) {
  std::vector<std::string> tables;
  SQLite::Statement query(database,
                          "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY name");
  while (query.executeStep()) tables.push_back(query.getColumn(0).getString());
  if (std::ranges::find(tables, settings.table) != tables.end()) return;
  const Location file{settings.file.string(), 0, 0};
  if (settings.table.empty())
    throw InputError(file, "", "is an SQLite file: name its table with table:, one of " + join_names(tables));
  const std::string hint = did_you_mean(settings.table, tables);
  throw InputError(file, "",
                   fmt::format("has no table '{}'. {}Its tables: {}", settings.table,
                               hint.empty() ? "" : hint + " ", join_names(tables)));
}

// SQLite's own text of a real has 15 digits, too few to tell all doubles apart.
std::string text_of(const SQLite::Column& value) {
  return value.isFloat() ? fmt::format("{}", value.getDouble()) : value.getString();
}

// Ends a query that somebody else's view makes run for ever; the steps are SQLite's virtual instructions.
class StepLimit {
 public:
  explicit StepLimit(const SQLite::Database& database) : handle_(database.getHandle()) {
    sqlite3_progress_handler(handle_, kInterval, &StepLimit::count, this);
  }
  ~StepLimit() { sqlite3_progress_handler(handle_, 0, nullptr, nullptr); }
  StepLimit(const StepLimit&) = delete;
  StepLimit& operator=(const StepLimit&) = delete;

 private:
  static constexpr int kInterval = 1'000'000;
  static constexpr int kMostIntervals = 5000;  // about a minute, more than a table of a gibibyte should need
  static int count(void* self) { return ++static_cast<StepLimit*>(self)->intervals_ > kMostIntervals ? 1 : 0; }

  sqlite3* handle_;
  int intervals_ = 0;
};

// An SQLite table as CSV text, so that one path checks both; "lines" are then rows, the header being the first.
CsvTable read_sqlite(const TabularSettings& settings) {
  const std::string file = settings.file.string();
  constexpr std::size_t kLargest = std::size_t{1} << 30U;
  try {
    if (!std::filesystem::is_regular_file(settings.file)) throw InputError({file, 0, 0}, "", "no such file, or no regular file");
    const SQLite::Database database(file, SQLite::OPEN_READONLY);
    const StepLimit limit(database);
    require_table(database, settings);
    SQLite::Statement query(database, "SELECT * FROM " + quoted_identifier(settings.table));
    std::string text;
    const auto add = [&](const std::string& field, bool last) {
      text += quoted_identifier(field) + (last ? "\n" : ",");  // the same quoting rule as CSV's
    };
    for (int i = 0; i < query.getColumnCount(); ++i) add(query.getColumnName(i), i + 1 == query.getColumnCount());
    while (query.executeStep()) {
      for (int i = 0; i < query.getColumnCount(); ++i)
        add(text_of(query.getColumn(i)), i + 1 == query.getColumnCount());
      if (text.size() > kLargest) throw InputError({file, 0, 0}, "", "is larger than 1 GiB as text");
    }
    return CsvTable::parse(std::move(text), file);
  } catch (const SQLite::Exception& error) {
    throw InputError({file, 0, 0}, "", std::string("cannot be read: ") + error.what());
  }
}

std::size_t column_of(const CsvTable& table, const std::string& name, std::string_view key) {
  if (const auto found = table.find(name)) return *found;
  const std::string hint = did_you_mean(name, table.columns());
  throw InputError({table.file(), 1, 0}, "", fmt::format("has no column '{}' ({}). {}Its columns: {}", name, key,
                                                          hint.empty() ? "" : hint + " ", join_names(table.columns())));
}

std::optional<std::size_t> optional_column(const CsvTable& table, const std::string& name, std::string_view key) {
  return name.empty() ? std::nullopt : std::optional(column_of(table, name, key));
}

// The levels of one column, and for each row which of them stands there.
struct Levels {
  Domain domain;
  std::vector<std::uint32_t> of_row;
};

Levels read_levels(const CsvTable& table, std::size_t column, bool force_categorical) {
  Levels levels;
  levels.of_row.resize(table.rows());
  std::map<double, std::string> numbers;
  bool numeric = !force_categorical;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const std::string_view field = table.field(row, column);
    if (field.empty())
      throw InputError({table.file(), table.line(row), 0}, "column '" + table.columns()[column] + "'", "is empty, expected a decision");
    if (!numeric) continue;
    const auto value = parse_number(field);
    numeric = value.has_value();
    if (value) numbers.try_emplace(*value, field);
  }
  if (numeric) {
    Ordinal ordinal;
    std::map<double, std::uint32_t> index;
    for (const auto& [value, text] : numbers) {
      index[value] = static_cast<std::uint32_t>(ordinal.levels.size());
      ordinal.levels.push_back(text);
    }
    for (std::size_t row = 0; row < table.rows(); ++row) levels.of_row[row] = index[*parse_number(table.field(row, column))];
    levels.domain = std::move(ordinal);
    return levels;
  }
  Categorical categorical;
  std::map<std::string, std::uint32_t, std::less<>> index;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const std::string_view field = table.field(row, column);
    auto at = index.find(field);
    if (at == index.end()) {
      at = index.emplace(std::string(field), static_cast<std::uint32_t>(categorical.choices.size())).first;
      categorical.choices.emplace_back(field);
    }
    levels.of_row[row] = at->second;
  }
  levels.domain = std::move(categorical);
  return levels;
}

class TabularProblem final : public Problem {
 public:
  explicit TabularProblem(const TabularSettings& settings)
      : settings_(settings), maximise_(settings.direction == "maximise") {
    const CsvTable table = is_sqlite(settings.file) ? read_sqlite(settings) : CsvTable::read(settings.file);
    if (table.rows() == 0) throw InputError({table.file(), 1, 0}, "", "has no rows");
    read_space(table);
    read_layout(table);
    read_rows(table);
    judge();
    traits_.name = "tabular/" + settings.file.stem().string();
    traits_.objectives = {{settings.name, settings.unit, maximise_ ? Direction::maximise : Direction::minimise}};
    choose_default();
    if (settings.missing == Missing::error) require_complete(table);
  }

  [[nodiscard]] const ProblemTraits& traits() const override { return traits_; }
  [[nodiscard]] const SearchSpace& space() const override { return space_; }

  [[nodiscard]] Outcome evaluate(const Evaluation& evaluation, Random) const override {
    Outcome outcome;
    const std::uint32_t* point = points_.find(evaluation.configuration.digest());
    if (!point) return failed(std::move(outcome));
    const std::size_t level = level_at(evaluation.to);
    const std::size_t cell = (*point - 1) * levels_.size() + level;
    const auto seed = choose_seed(cell, evaluation);
    outcome.workload = workload(*point - 1, evaluation, seed.value_or(0));
    if (!seed) return failed(std::move(outcome));
    outcome.objectives.push_back(values_[cell * seeds_ + *seed]);
    return outcome;
  }

  [[nodiscard]] double true_value(const Configuration& configuration) const override {
    const std::uint32_t* point = points_.find(configuration.digest());
    return point ? truth_[*point - 1] : worst_;
  }
  [[nodiscard]] std::optional<double> optimum() const override { return best_; }
  [[nodiscard]] Configuration default_configuration() const override { return default_; }

 private:
  // --- reading ------------------------------------------------------------------------------------------------

  void read_space(const CsvTable& table) {
    for (const std::string& name : settings_.categorical)
      if (std::ranges::find(settings_.decisions, name) == settings_.decisions.end())
        throw InputError("categorical: '" + name + "' is not among the decisions: " + join_names(settings_.decisions));
    std::vector<Parameter> parameters;
    for (const std::string& name : settings_.decisions) {
      const bool forced = std::ranges::find(settings_.categorical, name) != settings_.categorical.end();
      Levels levels = read_levels(table, column_of(table, name, "decisions"), forced);
      parameters.push_back({name, std::move(levels.domain), std::nullopt, std::nullopt});
      decision_rows_.push_back(std::move(levels.of_row));
    }
    space_ = SearchSpace(std::move(parameters));
  }

  void read_layout(const CsvTable& table) {
    levels_ = {1.0};
    if (!settings_.fidelity.empty()) {
      const std::size_t column = column_of(table, settings_.fidelity, "fidelity");
      std::set<double> amounts;
      for (std::size_t row = 0; row < table.rows(); ++row) {
        const double amount = table.number(row, column);
        if (!(amount > 0.0))
          throw InputError({table.file(), table.line(row), 0}, "column '" + settings_.fidelity + "'", "must be above zero");
        amounts.insert(amount);
      }
      levels_.assign(amounts.begin(), amounts.end());
      const bool whole = std::ranges::all_of(levels_, [](double l) { return l == std::floor(l); });
      traits_.fidelity = {settings_.fidelity_name, levels_.front(), levels_.back(), whole, levels_};
    }
    seeds_ = settings_.objective.size();
    if (settings_.seed.empty()) return;
    seed_rows_ = read_levels(table, column_of(table, settings_.seed, "seed"), false);
    seeds_ = *cardinality(seed_rows_.domain);
  }

  [[nodiscard]] Configuration configuration_of(std::size_t row) const {
    Configuration configuration(decision_rows_.size());
    for (std::size_t i = 0; i < decision_rows_.size(); ++i) configuration.set(i, decision_rows_[i][row]);
    return configuration;
  }

  void read_rows(const CsvTable& table) {
    std::vector<std::size_t> objectives;
    for (const std::string& name : settings_.objective) objectives.push_back(column_of(table, name, "objective"));
    const auto fidelity = optional_column(table, settings_.fidelity, "fidelity");
    const auto failure = optional_column(table, settings_.failure, "failure");
    const auto time = optional_column(table, settings_.time, "time");
    const auto energy = optional_column(table, settings_.energy, "energy");
    const auto flops = optional_column(table, settings_.flops, "flops");
    const auto parameters = optional_column(table, settings_.parameters, "parameters");

    std::vector<std::size_t> points(table.rows());
    for (std::size_t row = 0; row < table.rows(); ++row) points[row] = point_of(row);
    allocate();
    std::vector<int> lines(slots(), 0);  // by cost slot: where its row stands, to tell duplicates
    for (std::size_t row = 0; row < table.rows(); ++row) {
      const std::size_t point = points[row];
      const std::size_t level = fidelity ? level_at(table.number(row, *fidelity)) : 0;
      const std::size_t seed = settings_.seed.empty() ? 0 : seed_rows_.of_row[row];
      const std::size_t slot = cost_slot(point, level, seed);
      if (lines[slot] != 0)
        throw InputError({table.file(), table.line(row), 0}, "",
                         fmt::format("repeats the decisions{}{} of line {}{}", settings_.seed.empty() ? "" : ", the seed",
                                     fidelity ? ", the fidelity" : "", lines[slot],
                                     settings_.seed.empty() ? " (training seeds in rows? name their column with seed:)" : ""));
      lines[slot] = table.line(row);
      const bool failed =
          (failure && !table.field(row, *failure).empty()) ||
          std::ranges::all_of(objectives, [&](std::size_t o) { return table.field(row, o).empty(); });
      if (time)
        times_[slot] =
            cost(table, row, *time, failed || settings_.evaluation_time) * settings_.time_unit.base();
      if (energy) energies_[slot] = cost(table, row, *energy, failed) * settings_.energy_unit.base();
      if (flops)
        flops_[slot] =
            cost(table, row, *flops, failed || settings_.evaluation_flops) * settings_.flops_unit.base();
      if (parameters && !table.field(row, *parameters).empty())
        parameters_[point] = cost(table, row, *parameters, true);
      if (failed) continue;
      for (std::size_t i = 0; i < objectives.size(); ++i) {
        if (table.field(row, objectives[i]).empty()) continue;  // not evaluated with this seed
        values_[(point * levels_.size() + level) * seeds_ + seed + i] = table.number(row, objectives[i]);
      }
    }
    decision_rows_.clear();
    decision_rows_.shrink_to_fit();
  }

  std::size_t point_of(std::size_t row) {
    const Configuration configuration = configuration_of(row);
    std::uint32_t& point = points_[configuration.digest()];
    if (point == 0) {
      configurations_.push_back(configuration);
      point = static_cast<std::uint32_t>(configurations_.size());  // 0 means none
    }
    return point - 1;
  }

  // Checked before anything is allocated: a key taken for the seed makes rows by rows of these.
  void allocate() {
    constexpr std::size_t kMostValues = std::size_t{1} << 26U;  // half a GiB of them
    const std::size_t cells = configurations_.size() * levels_.size();
    if (cells > kMostValues / seeds_)
      throw InputError({settings_.file.string(), 0, 0}, "",
                       fmt::format("has {} configurations, {} training seeds and {} fidelities: more than {} values in "
                                   "all; do these columns hold seeds and fidelities?",
                                   configurations_.size(), seeds_, levels_.size(), kMostValues));
    values_.assign(cells * seeds_, kAbsent);
    if (!settings_.time.empty()) times_.assign(slots(), kAbsent);
    if (!settings_.energy.empty()) energies_.assign(slots(), kAbsent);
    if (!settings_.flops.empty()) flops_.assign(slots(), kAbsent);
    parameters_.assign(configurations_.size(), 0.0);
  }

  // Costs stand once for each row of the table.
  [[nodiscard]] std::size_t cost_slot(std::size_t point, std::size_t level, std::size_t seed) const {
    return settings_.seed.empty() ? point * levels_.size() + level : (point * levels_.size() + level) * seeds_ + seed;
  }

  [[nodiscard]] std::size_t slots() const { return cost_slot(configurations_.size(), 0, 0); }

  // What nothing tells must not count as nothing: only where `optional` may the field be empty.
  static double cost(const CsvTable& table, std::size_t row, std::size_t column, bool optional) {
    if (optional && table.field(row, column).empty()) return kAbsent;
    const double value = table.number(row, column);
    if (value < 0.0)
      throw InputError({table.file(), table.line(row), 0}, "column '" + table.columns()[column] + "'", "is negative");
    return value;
  }

  // The value of a configuration: the mean over its seeds at the highest fidelity; the worst of all where it has none
  // there, since what cannot be trained in full cannot be used.
  void judge() {
    truth_.assign(configurations_.size(), kAbsent);
    best_ = maximise_ ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
    worst_ = -best_;
    for (std::size_t point = 0; point < configurations_.size(); ++point) {
      truth_[point] = mean_at_full(point);
      if (std::isnan(truth_[point])) continue;
      best_ = maximise_ ? std::max(best_, truth_[point]) : std::min(best_, truth_[point]);
      worst_ = maximise_ ? std::min(worst_, truth_[point]) : std::max(worst_, truth_[point]);
    }
    if (!std::isfinite(best_)) throw InputError({settings_.file.string(), 0, 0}, "", "holds no evaluation at the highest fidelity that succeeded");
    for (double& value : truth_)
      if (std::isnan(value)) value = worst_;
  }

  [[nodiscard]] double mean_at_full(std::size_t point) const {
    double sum = 0.0;
    std::size_t count = 0;
    for (std::size_t seed = 0; seed < seeds_; ++seed) {
      const double value = values_[((point + 1) * levels_.size() - 1) * seeds_ + seed];
      if (std::isnan(value)) continue;
      sum += value;
      ++count;
    }
    return count > 0 ? sum / static_cast<double>(count) : kAbsent;
  }

  void choose_default() {
    if (settings_.default_values.empty()) {
      std::vector<std::size_t> order;  // of those that succeed
      for (std::size_t point = 0; point < truth_.size(); ++point)
        if (!std::isnan(mean_at_full(point))) order.push_back(point);
      std::ranges::sort(order, {}, [&](std::size_t point) { return std::pair(truth_[point], point); });
      default_ = configurations_[order[(order.size() - 1) / 2]];
      return;
    }
    default_ = Configuration(space_.size());
    for (std::size_t i = 0; i < space_.size(); ++i) default_.set(i, index_of(i, settings_.default_values[i]));
    const std::uint32_t* point = points_.find(default_.digest());
    if (!point || std::isnan(mean_at_full(*point - 1)))
      throw InputError("default: the table holds no successful evaluation of " + space_.describe(default_));
  }

  [[nodiscard]] double index_of(std::size_t parameter, const std::string& text) const {
    const Domain& domain = space_[parameter].domain;
    const auto* ordinal = std::get_if<Ordinal>(&domain);
    const auto& names = ordinal ? ordinal->levels : std::get<Categorical>(domain).choices;
    const auto number = parse_number(text);
    for (std::size_t i = 0; i < names.size(); ++i)
      if (names[i] == text || (ordinal && number && parse_number(names[i]) == number)) return static_cast<double>(i);
    throw InputError(fmt::format("default: column '{}' never holds '{}'; it holds {}", space_[parameter].name, text, join_names(names)));
  }

  void require_complete(const CsvTable& table) const {
    const double all = *space_.cardinality();
    if (static_cast<double>(configurations_.size()) == all) return;
    throw InputError({table.file(), 0, 0}, "", fmt::format("holds {} of the {} combinations of its decisions, and missing is 'error'",
                                                           configurations_.size(), all));
  }

  // --- answering ----------------------------------------------------------------------------------------------

  // The highest level that does not exceed the amount; the lowest for less.
  [[nodiscard]] std::size_t level_at(double amount) const {
    const auto above = std::ranges::upper_bound(levels_, amount);
    return above == levels_.begin() ? 0 : static_cast<std::size_t>(above - levels_.begin()) - 1;
  }

  // The first seed is drawn by configuration, so that a resumed training keeps its own; repeats go on from there. Seeds
  // without a value are passed over.
  [[nodiscard]] std::optional<std::size_t> choose_seed(std::size_t cell, const Evaluation& evaluation) const {
    const std::size_t first = static_cast<std::size_t>(evaluation.run % seeds_) + evaluation.repeat;
    for (std::size_t i = 0; i < seeds_; ++i) {
      const std::size_t seed = (first + i) % seeds_;
      if (!std::isnan(values_[cell * seeds_ + seed])) return seed;
    }
    return std::nullopt;
  }

  [[nodiscard]] Outcome failed(Outcome outcome) const {
    outcome.failure = Failure::invalid;
    const Workload& used = outcome.workload;
    if (!used.measured_time && used.flops <= Work{}) outcome.workload.measured_time = settings_.failed_time;
    return outcome;
  }

  // What a column says up to `to`, less what it says up to `from`.
  [[nodiscard]] std::optional<double> spent(const std::vector<double>& costs, std::size_t point, const Evaluation& e, std::size_t seed) const {
    const double total = costs[cost_slot(point, level_at(e.to), seed)];
    if (std::isnan(total)) return std::nullopt;
    if (e.from <= 0.0) return total;
    const double before = costs[cost_slot(point, level_at(e.from), seed)];
    return std::isnan(before) ? total : std::max(0.0, total - before);
  }

  [[nodiscard]] Workload workload(std::size_t point, const Evaluation& e, std::size_t seed) const {
    Workload work;
    work.parameters = parameters_[point];
    const double share = (e.to - std::max(0.0, e.from)) / levels_.back();
    if (settings_.evaluation_time) work.measured_time = *settings_.evaluation_time * share;
    if (settings_.evaluation_flops) work.flops = *settings_.evaluation_flops * share;
    if (!settings_.time.empty())
      if (const auto time = spent(times_, point, e, seed)) work.measured_time = *time * second;
    if (!settings_.energy.empty())
      if (const auto energy = spent(energies_, point, e, seed)) work.measured_energy = *energy * joule;
    if (!settings_.flops.empty()) add_flops(work, point, e, seed);
    return work;
  }

  void add_flops(Workload& work, std::size_t point, const Evaluation& e, std::size_t seed) const {
    if (settings_.flops_per == FlopsPer::evaluation) {
      if (const auto flops = spent(flops_, point, e, seed)) work.flops = *flops * flop;
      return;
    }
    // Of a forward pass: the backward pass takes two more (Kaplan et al. 2020, section 2.1).
    constexpr double kTrainingPerForward = 3.0;
    const double forward = flops_[cost_slot(point, level_at(e.to), seed)];
    if (std::isnan(forward)) return;
    const double epochs = settings_.fidelity.empty() ? settings_.epochs : e.to - e.from;
    work.samples = settings_.samples * epochs;
    work.flops = kTrainingPerForward * forward * work.samples * flop;
    work.steps = std::ceil(settings_.samples / settings_.batch) * epochs;
  }

  const TabularSettings settings_;
  const bool maximise_;
  ProblemTraits traits_;
  SearchSpace space_;
  std::vector<std::vector<std::uint32_t>> decision_rows_;  // while reading
  Levels seed_rows_;                                       // while reading
  std::vector<double> levels_;                             // fidelities, ascending
  std::size_t seeds_ = 1;
  DigestTable<std::uint32_t> points_;  // 1 + index into configurations_
  std::vector<Configuration> configurations_;
  std::vector<double> values_;  // [point][level][seed]
  std::vector<double> times_, energies_, flops_;  // [cost slot], base units; empty without a column
  std::vector<double> parameters_;                // [point]
  std::vector<double> truth_;                     // [point]
  double best_ = 0.0;
  double worst_ = 0.0;
  Configuration default_;
};

class TabularRecipe final : public ProblemRecipe {
 public:
  void visit(SettingsVisitor& visitor) override { settings_.visit(visitor); }
  [[nodiscard]] std::shared_ptr<const Problem> make() const override { return std::make_shared<TabularProblem>(settings_); }
  [[nodiscard]] std::uint64_t content_digest() const override {
    constexpr std::size_t kLargest = std::size_t{1} << 30U;
    return hash_text(read_text_file(settings_.file, kLargest));
  }

 private:
  TabularSettings settings_;
};

}  // namespace

std::unique_ptr<ProblemRecipe> make_tabular_recipe() { return std::make_unique<TabularRecipe>(); }

}  // namespace tonne
