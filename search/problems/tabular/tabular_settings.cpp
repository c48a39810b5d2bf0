#include "search/problems/tabular/tabular_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "core/csv.h"
#include "core/problem.h"

namespace tonne::tabular {
namespace {

constexpr auto kSurrogateNames = std::to_array<std::string_view>({"none", "random_forest"});

void require_direction(SettingsVisitor& v, const std::string& direction) {
  v.require(direction == "minimise" || direction == "maximise", "direction",
            "is '" + direction + "', expected minimise or maximise");
}

void visit_scaling(SettingsVisitor& v, ObjectiveColumns& objective) {
  v.text("unit", objective.unit, "its unit, as in %");
  v.number("scale", objective.scale, {}, "the column's values are multiplied by this");
  v.choice("transform", objective.transform, kTransformNames,
           "what is searched is this of the value (after scale): its logarithm, 1 - value, 100 - value, ...; "
           "unit and direction "
           "are the transformed value's");
  v.require(objective.scale != 0.0, "scale", "is 0, expected another number");
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
  v.texts("columns", columns, "its column; several: one for each training seed");
  v.text("direction", direction, "minimise or maximise");
  visit_scaling(v, *this);
  v.require(!columns.empty(), "columns", "is missing: name the objective's column");
  require_direction(v, direction);
}

void ConstraintColumn::visit(SettingsVisitor& v) {
  v.text("column", column, "the column that is bounded");
  v.optional_number("at_most", at_most, {}, "a configuration with more is infeasible");
  v.optional_number("at_least", at_least, {}, "a configuration with less is infeasible");
  v.require(!column.empty(), "column", "is missing: name the column that is bounded");
  v.require(at_most.has_value() != at_least.has_value(), "at_most", "needs either at_most or at_least");
}

void InferenceColumns::visit(SettingsVisitor& v) {
  v.text("time", time, "column of the measured time of one use");
  v.quantity("time_unit", time_unit, Bounds::above(0.0), "what 1 means in the column of time");
  v.text("energy", energy, "column of the device's measured energy of one use");
  v.quantity("energy_unit", energy_unit, Bounds::above(0.0), "what 1 means in the column of energy");
  v.text("flops", flops, "column of the FLOPs of one use (a multiply-add is 2)");
  v.quantity("flops_unit", flops_unit, Bounds::above(0.0), "what 1 means in the column of FLOPs");
  v.text("traffic", traffic, "column of the bytes that one use moves between memory and chip");
  v.quantity("traffic_unit", traffic_unit, Bounds::above(0.0), "what 1 means in the column of traffic");
}

void SurrogateSettings::visit(SettingsVisitor& v) {
  v.component("surrogate", model, kSurrogateNames,
              "random_forest (with trees, folds, noise): answers configurations without a row by a forest "
              "that is fitted to the rows; "
              "its cross-validated error is shown",
              [this](const std::string& name, SettingsVisitor& nested) {
                if (name == "none") return;
                nested.integer("trees", trees, Bounds::between(1, 1000), "trees of each forest");
                nested.integer("folds", folds, Bounds::between(2, 100), "of the cross-validation");
                nested.number("noise", noise, Bounds::at_least(0.0),
                              "the rows' deviations between training seeds are added, times this");
              });
}

void Settings::visit(SettingsVisitor& v) {
  visit_space(v);
  visit_values(v);
  visit_costs(v);
  require_fidelities(v);
  require_one_role_per_column(v);
}

void Settings::visit_space(SettingsVisitor& v) {
  v.path("file", file, "CSV with a header line, or SQLite (.sqlite, .sqlite3, .db)");
  v.text("table", table, "table or view of an SQLite file");
  v.texts("decisions", decisions,
          "columns that a strategy decides; all numbers: ordered levels, otherwise categories");
  v.texts("categorical", categorical, "decisions whose numbers are only names");
  v.group("order", "", [this](SettingsVisitor& nested) {
    constexpr std::string_view kMeaning =
        "the levels of a decision in their order, so that neighbours are those beside each other";
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
                     "names a level twice");
      nested.require(std::ranges::find(categorical, decision) == categorical.end(), decision,
                     "is among categorical, which has no order");
      order[decision] = levels;
    }
  });
  v.require(!file.empty(), "file", "is missing: name the table's file");
  v.require(!decisions.empty(), "decisions", "is missing: name the columns that a strategy decides");
}

void Settings::visit_values(SettingsVisitor& v) {
  v.texts("objective", objective.columns, "column of the objective; several: one for each training seed");
  v.text("direction", objective.direction, "minimise or maximise");
  v.text("name", name, "what tables call the objective");
  visit_scaling(v, objective);
  v.groups("further_objectives", further, "the columns of up to three more objectives, by their names");
  v.groups("constraints", constraints, "columns with a bound, by the constraints' names");
  v.text("seed", seed, "column that tells training seeds apart, where each has its own row");
  v.choice("repeats", repeats, std::to_array<std::string_view>({"error", "seeds"}),
           "rows of the same decisions (and fidelity): refused, or training seeds in the order in which they "
           "stand");
  v.text("fidelity", fidelity, "column of the fidelity (epochs), where each has its own row");
  v.texts("fidelities", fidelities,
          "the fidelities of which each has its own columns: {fidelity} in the name of a column (of "
          "objectives, time, energy, flops) "
          "stands for each of them");
  v.text("fidelity_name", fidelity_name, "what the fidelity counts");
  v.text("failure", failure, "column that is not empty where the evaluation failed");
  v.require(!objective.columns.empty(), "objective", "is missing: name the column of the objective");
  require_direction(v, objective.direction);
  v.require(seed.empty() || objective.columns.size() == 1, "seed",
            "several objective columns are seeds already: give one or the other");
  v.require(repeats == Repeats::error || (seed.empty() && objective.columns.size() == 1), "repeats",
            "are seeds, which the settings have already: in columns of the objective or by seed");
  v.require(further.size() < kMaxObjectives, "further_objectives",
            fmt::format("are {}, at most {} are possible", further.size(), kMaxObjectives - 1));
  v.require(constraints.size() <= kMaxObjectives, "constraints",
            fmt::format("are {}, at most {} are possible", constraints.size(), kMaxObjectives));
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
  v.text("time", time, "column of the measured time of an evaluation");
  v.quantity("time_unit", time_unit, Bounds::above(0.0), "what 1 means in the column of time");
  v.text("energy", energy, "column of the device's measured energy, without host and facility");
  v.quantity("energy_unit", energy_unit, Bounds::above(0.0), "what 1 means in the column of energy");
  v.text("flops", flops, "column of FLOPs (a multiply-add is 2)");
  v.quantity("flops_unit", flops_unit, Bounds::above(0.0), "what 1 means in the column of FLOPs");
  v.choice("flops_per", flops_per, std::to_array<std::string_view>({"evaluation", "sample"}),
           "evaluation: all of it; sample: one forward pass, training takes 3 x samples x epochs of them");
  v.number("samples", samples, Bounds::at_least(1), "training samples of an epoch (flops_per: sample)");
  v.number("epochs", epochs, Bounds::above(0),
           "epochs of an evaluation (flops_per: sample, without fidelities)");
  v.number("batch", batch, Bounds::at_least(1), "samples of an optimiser step (flops_per: sample)");
  v.quantity("evaluation_time", evaluation_time, Bounds::at_least(0.0),
             "time of every evaluation, or where the column is empty");
  v.quantity("evaluation_flops", evaluation_flops, Bounds::at_least(0.0),
             "arithmetic of every evaluation, or where the column is empty");
  v.text("parameters", parameters, "column of the number of weights");
  v.group("inference", "", [this](SettingsVisitor& nested) { inference.visit(nested); });
  v.choice("missing", missing, std::to_array<std::string_view>({"fail", "error"}),
           "a configuration without a row: fails when it is proposed, or the table is refused");
  surrogate.visit(v);
  v.quantity("failed_time", failed_time, Bounds::at_least(0.0),
             "time of a failed evaluation whose time the table does not tell");
  v.texts("default", default_values,
          "default configuration, one value per decision; without: the successful row of median value, of "
          "two the lower");
  v.require(has_cost(), "time",
            "is missing: name a column of time, energy or flops, or give evaluation_time or "
            "evaluation_flops, so that an evaluation costs something");
  v.require(missing == Missing::fail || !surrogate.given(), "missing",
            "is 'error', which leaves a surrogate nothing to answer");
  v.require(default_values.empty() || default_values.size() == decisions.size(), "default",
            "needs one value for each decision");
}

void Settings::require_fidelities(SettingsVisitor& v) const {
  v.require(fidelity.empty() || fidelities.empty(), "fidelities",
            "fidelity names a column that tells them already: give one or the other");
  std::set<double> amounts;
  for (const std::string& text : fidelities) {
    const auto amount = parse_number(text);
    v.require(amount && *amount > 0.0, "fidelities", fmt::format("'{}' is no number above zero", text));
    v.require(!amount || amounts.insert(*amount).second, "fidelities",
              fmt::format("'{}' stands twice", text));
  }
  const auto check = [&](std::string_view key, const std::string& column) {
    v.require(fidelities.empty() ? !is_by_fidelity(column) : true, key,
              fmt::format("column '{}' stands for one at each fidelity: give fidelities", column));
  };
  for (const std::string& column : objective.columns) {
    check("objective", column);
    v.require(fidelities.empty() || is_by_fidelity(column), "objective",
              fmt::format("'{}' is the same at each of fidelities: write {} where the column's name has it",
                          column, kFidelityMark));
  }
  for (const auto& [key, columns] : further)
    for (const std::string& column : columns.columns) check("further_objectives", column);
  check("time", time);
  check("energy", energy);
  check("flops", flops);
}

void Settings::require_one_role_per_column(SettingsVisitor& v) const {
  std::map<std::string, std::string_view> roles;
  const auto take = [&](std::string_view key, const std::string& column) {
    if (column.empty()) return;
    const auto [taken, is_new] = roles.emplace(column, key);
    v.require(is_new, key, fmt::format("column '{}' is taken already, by {}", column, taken->second));
  };
  for (const std::string& column : decisions) take("decisions", column);
  for (const std::string& column : objective.columns) take("objective", column);
  for (const auto& [key, columns] : further)
    for (const std::string& column : columns.columns) take("further_objectives", column);
  take("seed", seed);
  take("fidelity", fidelity);
  take("failure", failure);
}

}  // namespace tonne::tabular
