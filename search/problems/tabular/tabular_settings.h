#pragma once
// What a user says of a table of evaluations.

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/problem.h"
#include "core/settings.h"
#include "core/units.h"

namespace tonne::tabular {

/// In a column's name this stands for each of `fidelities`.
inline constexpr std::string_view kFidelityMark = "{fidelity}";

enum class Missing : std::uint8_t { fail, error };
enum class Repeats : std::uint8_t { error, seeds };
/// What a column of FLOPs or traffic covers: an evaluation, or one sample's forward pass in its training.
enum class WorkPer : std::uint8_t { evaluation, sample };
/// What a column of cost holds at a fidelity: the total from scratch, or what the step from the fidelity
/// below adds.
enum class CostIs : std::uint8_t { cumulative, increment };
enum class Transform : std::uint8_t { none, log, log10, negate, one_minus, hundred_minus, logit };
inline constexpr auto kTransformNames = std::to_array<std::string_view>(
    {"none", "log", "log10", "negate", "one_minus", "hundred_minus", "logit"});

/// The transform of a value; nothing where it is not defined (the logarithm of 0).
[[nodiscard]] std::optional<double> transformed(Transform transform, double value);

/// Where the values of one objective stand.
struct ObjectiveColumns {
  std::vector<std::string> columns;  ///< several: one for each training seed
  std::string direction;
  std::string unit;
  double scale = 1.0;  ///< before the transform
  Transform transform = Transform::none;

  /// A further objective's.
  void visit(SettingsVisitor& v);
};

struct ConstraintColumn {
  std::string column;
  std::optional<double> at_most, at_least;  ///< exactly one of the two

  void visit(SettingsVisitor& v);
};

/// Columns of the work of one use of a configuration, after the search; empty: none.
struct InferenceColumns {
  std::string time, energy, flops, traffic;
  Duration time_unit = second;
  Energy energy_unit = joule;
  Work flops_unit = flop;
  Bytes traffic_unit = byte;

  void visit(SettingsVisitor& v);
  [[nodiscard]] bool given() const {
    return !time.empty() || !energy.empty() || !flops.empty() || !traffic.empty();
  }
};

/// How configurations without a row are answered.
struct SurrogateSettings {
  std::string model = "none";
  /// Twice as many have hardly a smaller error on the tables of docs/problems.md, and take twice as long to
  /// ask.
  std::int64_t trees = 16;
  std::int64_t folds = 5;
  double noise = 1.0;

  void visit(SettingsVisitor& v);
  [[nodiscard]] bool given() const { return model != "none"; }
};

/// Rows of a table that count: those with this value in a column.
struct RowFilter {
  std::string is;

  void visit(SettingsVisitor& v);
};

struct Settings {
  std::filesystem::path file;
  std::string table;
  std::vector<std::pair<std::string, RowFilter>> where;  ///< by column
  std::filesystem::path space;  ///< ConfigSpace's JSON, from which decisions are taken; empty: they are given
  std::vector<std::string> decisions;
  std::vector<std::string> categorical;
  std::map<std::string, std::vector<std::string>> order;
  ObjectiveColumns objective;
  std::string name = "objective";
  std::vector<std::pair<std::string, ObjectiveColumns>> further;
  std::vector<std::pair<std::string, ConstraintColumn>> constraints;
  std::vector<std::string> true_value;  ///< columns, in the objective's scale; empty: the objective's own
  std::string seed;
  Repeats repeats = Repeats::error;
  std::string fidelity;
  std::vector<std::string> fidelities;
  std::string fidelity_name = "epochs";
  std::string failure;
  std::string time;
  Duration time_unit = second;
  CostIs time_is = CostIs::cumulative;
  std::string energy;
  Energy energy_unit = joule;
  CostIs energy_is = CostIs::cumulative;
  std::string flops;
  Work flops_unit = flop;
  CostIs flops_is = CostIs::cumulative;
  WorkPer flops_per = WorkPer::evaluation;
  std::string traffic;
  Bytes traffic_unit = byte;
  CostIs traffic_is = CostIs::cumulative;
  WorkPer traffic_per = WorkPer::evaluation;
  double traffic_per_flop = 0.0;  ///< bytes
  WorkKind kind = WorkKind::other;
  /// What an evaluation trains, where FLOPs or traffic are those of one sample's forward pass: CIFAR-10's
  /// training split.
  double samples = 50'000;
  double epochs = 1;
  double batch = 256;
  std::optional<Duration> evaluation_time;
  std::optional<Work> evaluation_flops;
  std::optional<Bytes> evaluation_traffic;
  std::string parameters;
  InferenceColumns inference;
  Missing missing = Missing::fail;
  SurrogateSettings surrogate;
  Duration failed_time{};
  std::vector<std::string> default_values;

  void visit(SettingsVisitor& v);

 private:
  void visit_space(SettingsVisitor& v);
  void visit_order(SettingsVisitor& v);
  // Decisions and categories of `space`, but for columns that are something else.
  void take_space(SettingsVisitor& v);
  void visit_values(SettingsVisitor& v);
  void visit_costs(SettingsVisitor& v);
  void visit_traffic(SettingsVisitor& v);
  void require_true_value(SettingsVisitor& v) const;
  void require_fidelities(SettingsVisitor& v) const;
  void require_increments(SettingsVisitor& v) const;
  /// What a strategy decides cannot also be what it is told; costs may repeat a column (a run time that is
  /// minimised).
  void require_one_role_per_column(SettingsVisitor& v) const;
  [[nodiscard]] bool has_cost() const {
    return !time.empty() || !energy.empty() || !flops.empty() || evaluation_time || evaluation_flops;
  }
};

/// Whether the name has the mark, and stands for a column at each fidelity.
[[nodiscard]] bool is_by_fidelity(std::string_view column);
/// The column at one fidelity.
[[nodiscard]] std::string column_at(std::string column, std::string_view fidelity);

}  // namespace tonne::tabular
