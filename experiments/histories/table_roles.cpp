#include "experiments/histories/table_roles.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/error.h"
#include "experiments/histories/raw_study.h"
#include "experiments/histories/table_cells.h"

namespace tonne::histories {
namespace {

bool matches(std::string_view plain, std::string_view pattern) {
  if (pattern.ends_with('*')) return plain.starts_with(pattern.substr(0, pattern.size() - 1));
  return plain == pattern;
}

class RoleFinder {
 public:
  RoleFinder(const CsvTable& table, const ReadOptions& options, const KnownColumns& known)
      : table_(table), options_(options), known_(known), taken_(table.columns().size(), false) {}

  TableRoles roles() {
    for (const std::string& name : options_.ignored) taken_[named(name)] = true;
    take_named();
    find_objectives();
    take_known();
    find_parameters();
    return std::move(roles_);
  }

 private:
  [[nodiscard]] const std::string& name(std::size_t column) const { return table_.columns()[column]; }
  [[noreturn]] void refuse(const std::string& what) const {
    throw InputError({table_.file(), 1, 0}, "", what);
  }

  [[nodiscard]] std::size_t named(const std::string& wanted) const {
    if (const auto column = table_.find(wanted)) return *column;
    const std::string hint = did_you_mean(wanted, table_.columns());
    refuse(fmt::format("has no column '{}'. {}Its columns: {}", wanted, hint.empty() ? "" : hint + " ",
                       join_names(table_.columns())));
  }

  // A column has one use.
  std::size_t take(std::size_t column) {
    if (taken_[column]) refuse(fmt::format("the column '{}' is named for two things", name(column)));
    taken_[column] = true;
    return column;
  }

  struct Role {
    std::optional<std::size_t> TableRoles::*column;
    const std::string ReadOptions::*option;
    const std::vector<std::string_view> KnownColumns::*names;
  };
  [[nodiscard]] static std::vector<Role> all_roles() {
    return {{&TableRoles::trial, &ReadOptions::trial, &KnownColumns::trial},
            {&TableRoles::start, &ReadOptions::start, &KnownColumns::start},
            {&TableRoles::end, &ReadOptions::end, &KnownColumns::end},
            {&TableRoles::duration, &ReadOptions::duration, &KnownColumns::duration},
            {&TableRoles::state, &ReadOptions::state, &KnownColumns::state},
            {&TableRoles::step, &ReadOptions::step, &KnownColumns::step},
            {&TableRoles::energy, &ReadOptions::energy_kwh, &KnownColumns::energy},
            {&TableRoles::co2, &ReadOptions::co2_kg, &KnownColumns::co2}};
  }

  void take_named() {
    for (const Role& role : all_roles())
      if (const std::string& option = options_.*role.option; !option.empty())
        roles_.*role.column = take(named(option));
    for (const std::string& constraint : options_.constraints)
      roles_.constraints.push_back(take(named(constraint)));
    for (const std::string& parameter : options_.parameters)
      roles_.parameters.push_back({take(named(parameter)), parameter});
  }

  void add_objective(std::size_t column, std::string title, std::optional<Direction> direction) {
    if (!direction) {
      direction = direction_of(title);
      roles_.notes.push_back(fmt::format("'{}' is taken as to be {}, by its name.", title,
                                         *direction == Direction::maximise ? "maximised" : "minimised"));
    }
    roles_.objectives.push_back({take(column), std::move(title), *direction});
  }

  void find_objectives() {
    for (const NamedObjective& objective : options_.objectives)
      add_objective(named(objective.column), objective.column, objective.direction);
    if (roles_.objectives.empty()) guess_objectives();
    if (roles_.objectives.size() > kMaxObjectives)
      refuse(fmt::format("has {} objectives, at most {} are read", roles_.objectives.size(), kMaxObjectives));
  }

  void guess_objectives() {
    std::optional<std::size_t> best;
    for (std::size_t c = 0; c < taken_.size(); ++c) {
      if (taken_[c] || !is_numeric(table_, c)) continue;
      if (name(c).starts_with("values_")) add_objective(c, name(c), std::nullopt);
      const auto rank = objective_rank(name(c));
      if (rank && (!best || *rank < *objective_rank(name(*best)))) best = c;
    }
    if (!roles_.objectives.empty()) return;
    if (!best)
      refuse("no column is named like an objective: name it, such as accuracy:max. Its columns: " +
             join_names(table_.columns()));
    roles_.notes.push_back(
        fmt::format("The column '{}' is taken as the objective, by its name.", name(*best)));
    add_objective(*best, name(*best), std::nullopt);
  }

  void take_known() {
    for (const Role& role : all_roles()) {
      if (roles_.*role.column) continue;
      for (const std::string_view wanted : known_.*role.names) {
        const auto column = free_column(wanted);
        if (!column) continue;
        // Epochs are a parameter where each trial has one row.
        if (role.names == &KnownColumns::step && !(roles_.trial && repeats(*roles_.trial))) break;
        roles_.*role.column = take(*column);
        break;
      }
    }
  }

  [[nodiscard]] std::optional<std::size_t> free_column(std::string_view plain) const {
    for (std::size_t c = 0; c < taken_.size(); ++c)
      if (!taken_[c] && plain_name(name(c)) == plain) return c;
    return std::nullopt;
  }

  [[nodiscard]] bool repeats(std::size_t column) const {
    std::set<std::string_view> seen;
    for (std::size_t r = 0; r < table_.rows(); ++r)
      if (!seen.insert(table_.field(r, column)).second) return true;
    return false;
  }

  [[nodiscard]] std::string_view prefix_of(std::size_t column) const {
    for (const std::string_view prefix : known_.parameter_prefixes)
      if (name(column).starts_with(prefix) && name(column).size() > prefix.size()) return prefix;
    return {};
  }

  void find_parameters() {
    if (!roles_.parameters.empty()) return;
    std::string_view prefix;
    for (std::size_t c = 0; c < taken_.size() && prefix.empty(); ++c)
      if (!taken_[c]) prefix = prefix_of(c);
    std::vector<ParameterColumn> found, constant;
    std::vector<std::string> measures, texts, constants;
    for (std::size_t c = 0; c < taken_.size(); ++c) {
      if (taken_[c] || !name(c).starts_with(prefix)) continue;
      ParameterColumn parameter{c, name(c).substr(prefix.size())};
      if (prefix.empty()) {
        if (is_neither(c)) continue;
        const bool numeric = is_numeric(table_, c);
        if (numeric && is_measure(name(c))) {
          measures.push_back(name(c));
          continue;
        }
        if (!numeric && is_name(c)) {
          texts.push_back(name(c));
          continue;
        }
      }
      if (is_constant(c)) {
        constants.push_back(parameter.name);
        constant.push_back(std::move(parameter));
      } else {
        found.push_back(std::move(parameter));
      }
    }
    if (found.empty())
      found = std::move(constant);  // of a single trial, say
    else
      tell_left_out("have one value", constants);
    tell_left_out("are named like measures", measures);
    tell_left_out("have another text in each row", texts);
    if (found.empty())
      refuse("no column is left for a parameter. Its columns: " + join_names(table_.columns()));
    if (found.size() > kMostParameters)
      refuse(fmt::format("{} columns would be parameters, at most {} are read: name them with --parameters", found.size(), kMostParameters));
    roles_.parameters = std::move(found);
    check_names();
  }

  // Two prefixes could leave one name twice.
  void check_names() const {
    std::set<std::string> seen;
    for (const ParameterColumn& parameter : roles_.parameters)
      if (!seen.insert(parameter.name).second)
        refuse(fmt::format("two columns are the parameter '{}'", parameter.name));
  }

  void tell_left_out(const char* why, const std::vector<std::string>& names) {
    if (!names.empty())
      roles_.notes.push_back(
          fmt::format("Columns that {} are not taken as parameters: {}.", why, join_names(names)));
  }

  [[nodiscard]] bool is_neither(std::size_t column) const {
    const std::string plain = plain_name(name(column));
    return plain.empty() || plain.starts_with("unnamed:_") ||
           std::ranges::any_of(known_.neither,
                               [&](std::string_view pattern) { return matches(plain, pattern); });
  }

  [[nodiscard]] bool is_constant(std::size_t column) const {
    for (std::size_t r = 1; r < table_.rows(); ++r)
      if (table_.field(r, column) != table_.field(0, column)) return false;
    return true;
  }

  // A text that no two of many rows share: a name, a note, an address.
  [[nodiscard]] bool is_name(std::size_t column) const { return table_.rows() > 10 && !repeats(column); }

  const CsvTable& table_;
  const ReadOptions& options_;
  const KnownColumns& known_;
  std::vector<bool> taken_;
  TableRoles roles_;
};

}  // namespace

bool is_numeric(const CsvTable& table, std::size_t column) {
  bool any = false;
  for (std::size_t r = 0; r < table.rows(); ++r) {
    const std::string_view cell = table.field(r, column);
    if (is_missing_number(cell)) continue;
    if (!cell_number(cell)) return false;
    any = true;
  }
  return any;
}

TableRoles find_roles(const CsvTable& table, const ReadOptions& options, const KnownColumns& known) {
  return RoleFinder(table, options, known).roles();
}

}  // namespace tonne::histories
