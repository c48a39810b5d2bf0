#include "search/problems/tabular/tabular_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <set>

#include "core/config_space.h"
#include "core/csv.h"
#include "core/problem.h"

namespace tonne::tabular {
namespace {

constexpr std::size_t kMostSpaceBytes = std::size_t{4} << 20U;
constexpr auto kCostIsNames = std::to_array<std::string_view>({"cumulative", "increment"});
constexpr auto kWorkPerNames = std::to_array<std::string_view>({"evaluation", "sample"});
constexpr auto kKindNames =
    std::to_array<std::string_view>({"other", "convolution", "narrow_convolution", "transformer"});
constexpr auto kSurrogateNames = std::to_array<std::string_view>({"none", "random_forest"});

void require_direction(SettingsVisitor& v, const std::string& direction) {
  v.require(direction == "minimise" || direction == "maximise", "direction",
            "is '" + direction + "', expected minimise or maximise");
}

void visit_scaling(SettingsVisitor& v, ObjectiveColumns& objective) {
  v.text("unit", objective.unit, "unit, e.g. %");
  v.number("scale", objective.scale, {}, "factor applied to the column's values");
  v.choice("transform", objective.transform, kTransformNames,
           "transform applied to the scaled value: its logarithm, 1 - value, 100 - value, ...; unit and "
           "direction refer to the result");
  v.require(objective.scale != 0.0, "scale", "must not be 0");
}

}  // namespace

std::optional<double> transformed(Transform transform, double value) {
  double result = value;
  switch (transform) {
    case Transform::none:
      break;
    case Transform::log:
      result = std::log(value);
      break;
    case Transform::log10:
      result = std::log10(value);
      break;
    case Transform::negate:
      result = -value;
      break;
    case Transform::one_minus:
      result = 1.0 - value;
      break;
    case Transform::hundred_minus:
      result = 100.0 - value;
      break;
    case Transform::logit:
      result = std::log(value / (1.0 - value));
      break;
  }
  return std::isfinite(result) ? std::optional(result) : std::nullopt;
}

bool is_by_fidelity(std::string_view column) {
  return column.find(kFidelityMark) != std::string_view::npos;
}

std::string column_at(std::string column, std::string_view fidelity) {
  for (std::size_t at = column.find(kFidelityMark); at != std::string::npos;
       at = column.find(kFidelityMark, at + fidelity.size()))
    column.replace(at, kFidelityMark.size(), fidelity);
  return column;
}

void ObjectiveColumns::visit(SettingsVisitor& v) {
  v.texts("columns", columns, "its column; or several, one per training seed");
  v.text("direction", direction, "minimise or maximise");
  visit_scaling(v, *this);
  v.require(!columns.empty(), "columns", "is missing: give the objective's column");
  require_direction(v, direction);
}

void RowFilter::visit(SettingsVisitor& v) {
  v.text("is", is, "value of the column in rows that count");
}

void ConstraintColumn::visit(SettingsVisitor& v) {
  v.text("column", column, "column to bound");
  v.optional_number("at_most", at_most, {}, "upper bound; configurations above it are infeasible");
  v.optional_number("at_least", at_least, {}, "lower bound; configurations below it are infeasible");
  v.require(!column.empty(), "column", "is missing: give the column to bound");
  v.require(at_most.has_value() != at_least.has_value(), "at_most", "needs at_most or at_least");
}

void InferenceColumns::visit(SettingsVisitor& v) {
  v.text("time", time, "column with the measured time of one inference");
  v.quantity("time_unit", time_unit, Bounds::above(0.0), "unit of the time column: what 1 means");
  v.text("energy", energy, "column with the device's measured energy of one inference");
  v.quantity("energy_unit", energy_unit, Bounds::above(0.0), "unit of the energy column: what 1 means");
  v.text("flops", flops, "column with the FLOPs of one inference (a multiply-add counts as 2)");
  v.quantity("flops_unit", flops_unit, Bounds::above(0.0), "unit of the FLOPs column: what 1 means");
  v.text("traffic", traffic, "column with the bytes one inference moves between memory and chip");
  v.quantity("traffic_unit", traffic_unit, Bounds::above(0.0), "unit of the traffic column: what 1 means");
}

void SurrogateSettings::visit(SettingsVisitor& v) {
  v.component("surrogate", model, kSurrogateNames,
              "random_forest (with trees, folds, noise): predicts configurations without a row with a forest "
              "fitted to the rows, and reports its cross-validation error",
              [this](const std::string& name, SettingsVisitor& nested) {
                if (name == "none") return;
                nested.integer("trees", trees, Bounds::between(1, 1000), "trees per forest");
                nested.integer("folds", folds, Bounds::between(2, 100), "cross-validation folds");
                nested.number("noise", noise, Bounds::at_least(0.0),
                              "scale of the rows' seed-to-seed deviations that are added; 0: none");
              });
}

void Settings::visit(SettingsVisitor& v) {
  visit_space(v);
  visit_values(v);
  if (!space.empty()) {  // ConfigSpace's tables have the fidelity among the parameters
    const auto is_other = [this](const std::string& column) { return column == fidelity || column == seed; };
    std::erase_if(decisions, is_other);
    std::erase_if(categorical, is_other);
  }
  visit_costs(v);
  require_true_value(v);
  require_fidelities(v);
  require_increments(v);
  require_one_role_per_column(v);
}

void Settings::visit_space(SettingsVisitor& v) {
  v.path("file", file, "CSV file with a header line, or SQLite file (.sqlite, .sqlite3, .db)");
  v.text("table", table, "table or view in an SQLite file");
  v.groups("where", where, "rows that count, by column: {dataset: {is: 3945}}");
  v.path("space", space, "search space as ConfigSpace's JSON: gives decisions and categories, with numbers as levels of the table");
  v.texts("decisions", decisions,
          "columns that form the search space; purely numeric ones become ordered levels, others categories");
  v.texts("categorical", categorical, "numeric decisions to treat as categories");
  if (v.reading() && decisions.empty() && !space.empty()) take_space(v);
  visit_order(v);
  v.require(!file.empty(), "file", "is missing: give the table's file");
  v.require(!decisions.empty(), "decisions", "is missing: list the columns that form the search space");
}

void Settings::visit_order(SettingsVisitor& v) {
  v.group("order", "", [this](SettingsVisitor& nested) {
    constexpr std::string_view kMeaning =
        "order of a decision's levels, so that adjacent levels are neighbours";
    if (decisions.empty()) {  // a listing
      std::vector<std::string> none;
      nested.texts(kAnyName, none, kMeaning);
    }
    for (const std::string& decision : decisions) {
      std::vector<std::string> levels =
          order.contains(decision) ? order[decision] : std::vector<std::string>{};
      if (levels.empty() && !nested.reading()) continue;
      nested.texts(decision, levels, kMeaning);
      if (levels.empty()) continue;
      nested.require(std::set(levels.begin(), levels.end()).size() == levels.size(), decision,
                     "lists a level twice");
      nested.require(std::ranges::find(categorical, decision) == categorical.end(), decision,
                     "is declared categorical, which has no order");
      order[decision] = levels;
    }
  });
}

void Settings::take_space(SettingsVisitor& v) {
  std::ifstream stream(space, std::ios::binary);
  std::string text(kMostSpaceBytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  v.require(stream.is_open() && text.size() <= kMostSpaceBytes, "space", "cannot be read, or is larger than 4 MB");
  const ConfigSpaceRead read = read_config_space(text, space.string());
  v.require(!read.space.has_conditions(), "space", "has conditions, which a table does not tell: list decisions instead");
  for (const Parameter& parameter : read.space.parameters()) {
    const auto* choices = std::get_if<Categorical>(&parameter.domain);
    const bool is_filter = std::ranges::find(where, parameter.name, &std::pair<std::string, RowFilter>::first) != where.end();
    if (is_filter || (choices != nullptr && choices->choices.size() == 1)) continue;
    decisions.push_back(parameter.name);
    if (choices != nullptr) categorical.push_back(parameter.name);
  }
}

void Settings::visit_values(SettingsVisitor& v) {
  v.texts("objective", objective.columns, "column of the objective; or several, one per training seed");
  v.text("direction", objective.direction, "minimise or maximise");
  v.text("name", name, "name of the objective in results");
  visit_scaling(v, objective);
  v.groups("further_objectives", further, "columns of up to four more objectives, by name");
  v.groups("constraints", constraints, "bounded columns, by constraint name");
  v.texts(
      "true_value", true_value,
      "column by which configurations are judged, e.g. held-out test accuracy, scaled and transformed as the "
      "objective; or several, one per training seed; default: the objective's mean over the seeds");
  v.text("seed", seed, "column of the training seed, where each seed has its own row");
  v.choice("repeats", repeats, std::to_array<std::string_view>({"error", "seeds"}),
           "rows with equal decisions (and fidelity): refused, or read as training seeds in file order");
  v.text("fidelity", fidelity, "column of the fidelity (e.g. epochs), where each fidelity has its own row");
  v.texts("fidelities", fidelities,
          "fidelities with columns of their own: {fidelity} in a column name (of objectives, true_value, "
          "time, energy, "
          "flops or traffic) is replaced by each of them");
  v.text("fidelity_name", fidelity_name, "unit of the fidelity");
  v.text("failure", failure, "column that is non-empty where the evaluation failed");
  v.require(!objective.columns.empty(), "objective", "is missing: give the column of the objective");
  require_direction(v, objective.direction);
  v.require(seed.empty() || objective.columns.size() == 1, "seed",
            "several objective columns already stand for seeds: give one or the other");
  v.require(repeats == Repeats::error || (seed.empty() && objective.columns.size() == 1), "repeats",
            "stand for seeds, which the objective's columns or `seed` already give");
  v.require(further.size() < kMaxObjectives, "further_objectives",
            fmt::format("are {}; at most {} are possible", further.size(), kMaxObjectives - 1));
  v.require(constraints.size() <= kMaxObjectives, "constraints",
            fmt::format("are {}; at most {} are possible", constraints.size(), kMaxObjectives));
  std::set<std::string> names{name};
  for (const auto& [key, columns] : further) {
    v.require(names.insert(key).second, "further_objectives",
              fmt::format("'{}' is the name of another objective", key));
    v.require(columns.columns.size() == 1 || columns.columns.size() == objective.columns.size(),
              "further_objectives",
              fmt::format("'{}' has {} columns, expected 1 or, as the objective has, {}", key,
                          columns.columns.size(), objective.columns.size()));
  }
}

void Settings::visit_costs(SettingsVisitor& v) {
  v.text("time", time, "column with the measured time of an evaluation");
  v.quantity("time_unit", time_unit, Bounds::above(0.0), "unit of the time column: what 1 means");
  v.choice("time_is", time_is, kCostIsNames,
           "time at a fidelity: the total from scratch, or what the step from the fidelity below adds");
  v.text("energy", energy, "column with the device's measured energy, excluding host and facility");
  v.quantity("energy_unit", energy_unit, Bounds::above(0.0), "unit of the energy column: what 1 means");
  v.choice("energy_is", energy_is, kCostIsNames, "energy at a fidelity, as time_is");
  v.text("flops", flops, "column with the FLOPs (a multiply-add counts as 2)");
  v.quantity("flops_unit", flops_unit, Bounds::above(0.0), "unit of the FLOPs column: what 1 means");
  v.choice("flops_is", flops_is, kCostIsNames, "FLOPs at a fidelity, as time_is");
  v.choice("flops_per", flops_per, kWorkPerNames,
           "what the FLOPs cover: the whole evaluation, or one forward pass (sample), of which training "
           "takes 3 x samples x epochs");
  visit_traffic(v);
  v.number("samples", samples, Bounds::at_least(1),
           "training samples per epoch (flops_per: sample, traffic_per: sample)");
  v.number("epochs", epochs, Bounds::above(0), "epochs per evaluation (the same, without fidelities)");
  v.number("batch", batch, Bounds::at_least(1), "samples per optimiser step (flops_per: sample)");
  v.quantity("evaluation_time", evaluation_time, Bounds::at_least(0.0),
             "time of every evaluation, or of those where the column is empty");
  v.quantity("evaluation_flops", evaluation_flops, Bounds::at_least(0.0),
             "work of every evaluation, or of those where the column is empty");
  v.text("parameters", parameters, "column with the number of weights");
  v.group("inference", "", [this](SettingsVisitor& nested) { inference.visit(nested); });
  v.choice("missing", missing, std::to_array<std::string_view>({"fail", "error"}),
           "configuration without a row: the trial fails, or the table is refused");
  surrogate.visit(v);
  v.quantity("failed_time", failed_time, Bounds::at_least(0.0),
             "time of a failed evaluation where the table gives none");
  v.texts("default", default_values,
          "default configuration, one value per decision; default: the successful row with the (lower) "
          "median value");
  v.require(has_cost(), "time",
            "is missing: give a column of time, energy or flops, or evaluation_time or evaluation_flops, so "
            "that evaluations have a cost");
  v.require(missing == Missing::fail || !surrogate.given(), "missing",
            "is 'error', which leaves nothing for a surrogate to predict");
  v.require(default_values.empty() || default_values.size() == decisions.size(), "default",
            "needs one value per decision");
}

void Settings::visit_traffic(SettingsVisitor& v) {
  v.text("traffic", traffic, "column with the bytes moved between device memory and chip");
  v.quantity("traffic_unit", traffic_unit, Bounds::above(0.0), "unit of the traffic column: what 1 means");
  v.choice("traffic_is", traffic_is, kCostIsNames, "traffic at a fidelity, as time_is");
  v.choice("traffic_per", traffic_per, kWorkPerNames, "what the traffic covers, as flops_per");
  v.quantity("evaluation_traffic", evaluation_traffic, Bounds::at_least(0.0),
             "traffic of every evaluation, or of those where the column is empty");
  v.number("traffic_per_flop", traffic_per_flop, Bounds::at_least(0.0),
           "bytes moved for each FLOP of an evaluation, where nothing else gives its traffic");
  v.choice(
      "kind", kind, kKindNames,
      "kind of the FLOPs: devices reach other shares of their peaks with each (`tonne list devices NAME`)");
  v.require(traffic_per_flop == 0.0 || !flops.empty() || evaluation_flops, "traffic_per_flop",
            "needs FLOPs: give a column as flops, or evaluation_flops");
  v.require(traffic_per_flop == 0.0 || !evaluation_traffic, "traffic_per_flop",
            "and evaluation_traffic both stand for the traffic of an evaluation: give one of the two");
}

void Settings::require_true_value(SettingsVisitor& v) const {
  v.require(true_value.size() <= 1 || (seed.empty() && repeats == Repeats::error), "true_value",
            "several columns already stand for seeds, which have rows of their own: give one column");
  for (const std::string& column : true_value)
    v.require(!fidelities.empty() || !is_by_fidelity(column), "true_value",
              fmt::format("column '{}' contains {{fidelity}}: give fidelities", column));
}

void Settings::require_fidelities(SettingsVisitor& v) const {
  v.require(fidelity.empty() || fidelities.empty(), "fidelities",
            "the column given as fidelity already holds them: give one or the other");
  std::set<double> amounts;
  for (const std::string& text : fidelities) {
    const auto amount = parse_number(text);
    v.require(amount && *amount > 0.0, "fidelities", fmt::format("'{}' is not a positive number", text));
    v.require(!amount || amounts.insert(*amount).second, "fidelities",
              fmt::format("'{}' appears twice", text));
  }
  const auto check = [&](std::string_view key, const std::string& column) {
    v.require(fidelities.empty() ? !is_by_fidelity(column) : true, key,
              fmt::format("column '{}' contains {{fidelity}}: give fidelities", column));
  };
  for (const std::string& column : objective.columns) {
    check("objective", column);
    v.require(fidelities.empty() || is_by_fidelity(column), "objective",
              fmt::format("'{}' is the same column for every fidelity: put {} into the column name", column,
                          kFidelityMark));
  }
  for (const auto& [key, columns] : further)
    for (const std::string& column : columns.columns) check("further_objectives", column);
  check("time", time);
  check("energy", energy);
  check("flops", flops);
  check("traffic", traffic);
}

// A sum of increments is a total: it needs one increment a fidelity.
void Settings::require_increments(SettingsVisitor& v) const {
  const auto check = [&](std::string_view key, CostIs is, const std::string& column) {
    const bool several = !fidelity.empty() || (!fidelities.empty() && is_by_fidelity(column));
    v.require(is == CostIs::cumulative || (!column.empty() && several), key,
              "increment needs a column that differs by fidelity: give fidelity, or {fidelity} in the "
              "column's name");
  };
  check("time_is", time_is, time);
  check("energy_is", energy_is, energy);
  check("flops_is", flops_is, flops);
  check("traffic_is", traffic_is, traffic);
  v.require(flops_is == CostIs::cumulative || flops_per == WorkPer::evaluation, "flops_is",
            "increment contradicts flops_per: sample, which counts the samples of a step itself");
  v.require(traffic_is == CostIs::cumulative || traffic_per == WorkPer::evaluation, "traffic_is",
            "increment contradicts traffic_per: sample, which counts the samples of a step itself");
}

void Settings::require_one_role_per_column(SettingsVisitor& v) const {
  std::map<std::string, std::string_view> roles;
  const auto take = [&](std::string_view key, const std::string& column) {
    if (column.empty()) return;
    const auto [taken, is_new] = roles.emplace(column, key);
    v.require(is_new, key, fmt::format("column '{}' is already used by {}", column, taken->second));
  };
  for (const std::string& column : decisions) take("decisions", column);
  for (const std::string& column : objective.columns) take("objective", column);
  for (const auto& [key, columns] : further)
    for (const std::string& column : columns.columns) take("further_objectives", column);
  for (const std::string& column : true_value) take("true_value", column);
  take("seed", seed);
  take("fidelity", fidelity);
  take("failure", failure);
}

}  // namespace tonne::tabular
