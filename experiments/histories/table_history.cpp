#include "experiments/histories/table_history.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "core/error.h"
#include "core/number_text.h"
#include "core/units.h"
#include "experiments/histories/assembled_study.h"
#include "experiments/histories/raw_study.h"

namespace tonne::histories {
namespace {

constexpr double kLongestTrial = 1000.0 * (year / second);  // seconds
constexpr double kLogSpan = 1e3;  // positive numbers that span so much are taken as of a log scale

// The index of a text among choices, or of the same number written in another way.
std::optional<std::size_t> index_of(const std::vector<std::string>& choices, std::string_view cell) {
  const auto at = std::ranges::find(choices, cell);
  if (at != choices.end()) return static_cast<std::size_t>(at - choices.begin());
  const auto number = parse_number(cell);
  for (std::size_t i = 0; number && i < choices.size(); ++i)
    if (parse_number(choices[i]) == number) return i;
  return std::nullopt;
}

class TableReader {
 public:
  TableReader(const CsvTable& table, const TableRoles& roles, const TableDescription& description,
              const ReadOptions& options)
      : table_(table),
        roles_(roles),
        description_(description),
        options_(options),
        clock_(options.time_zone) {}

  History history() {
    group_rows();
    describe();
    for (const ParameterColumn& parameter : roles_.parameters) study_.domains.push_back(domain_of(parameter));
    for (std::size_t t = 0; t < groups_.size(); ++t) add_trial(t);
    lay_end_to_end();
    std::ranges::sort(study_.trials, {}, [](const RawTrial& trial) { return trial.recorded.number; });
    tell();
    return assemble(std::move(study_), table_.file());
  }

 private:
  using Rows = std::vector<std::size_t>;

  [[nodiscard]] std::string_view cell(std::size_t row, std::size_t column) const {
    return table_.field(row, column);
  }
  [[noreturn]] void refuse(std::size_t row, std::size_t column, const std::string& what) const {
    throw InputError({table_.file(), table_.line(row), 0}, "",
                     fmt::format("column '{}': {}", table_.columns()[column], what));
  }
  [[nodiscard]] std::string shown(std::size_t row, std::size_t column) const {
    return "'" + std::string(cell(row, column).substr(0, 60)) + "'";
  }
  void note(std::string sentence) { study_.history.notes.push_back(std::move(sentence)); }

  // Rows of one trial, where they are its reports.
  void group_rows() {
    if (roles_.step && roles_.trial) {
      std::map<std::string_view, std::size_t> group_of;
      for (const std::size_t row : description_.rows) {
        const auto [at, is_new] = group_of.try_emplace(cell(row, *roles_.trial), groups_.size());
        if (is_new) groups_.emplace_back();
        groups_[at->second].push_back(row);
      }
    } else {
      for (const std::size_t row : description_.rows) groups_.push_back({row});
    }
    number_trials();
  }

  // The tool's own numbers where they are whole and different, else in the order of the file.
  void number_trials() {
    std::set<std::uint64_t> seen;
    for (std::size_t t = 0; t < groups_.size(); ++t) {
      const auto number = roles_.trial ? parse_number(cell(groups_[t].front(), *roles_.trial)) : std::nullopt;
      if (!number || *number < 0.0 || *number > kLargestInteger || *number != std::floor(*number) ||
          !seen.insert(static_cast<std::uint64_t>(*number)).second)
        break;
      numbers_.push_back(static_cast<std::uint64_t>(*number));
    }
    if (numbers_.size() == groups_.size()) return;
    numbers_.clear();
    for (std::size_t t = 0; t < groups_.size(); ++t) numbers_.push_back(t);
  }

  void describe() {
    History& history = study_.history;
    history.name = description_.name;
    history.source = description_.source;
    history.method = description_.method;
    history.notes = roles_.notes;
    for (const ObjectiveColumn& objective : roles_.objectives)
      history.objectives.push_back({objective.name, "", objective.direction});
    for (const std::size_t constraint : roles_.constraints)
      history.constraints.push_back(table_.columns()[constraint]);
    if (roles_.step) history.step_name = table_.columns()[*roles_.step];
    for (const ParameterColumn& parameter : roles_.parameters) study_.parameters.push_back(parameter.name);
    is_clocked_ = roles_.start || (roles_.end && (!roles_.end_is_relative || description_.began > 0.0));
    history.has_clock = is_clocked_;
  }

  [[nodiscard]] const Domain* told_domain(const ParameterColumn& parameter) const {
    for (const auto& [name, domain] : options_.domains)
      if (name == parameter.name || name == table_.columns()[parameter.column]) return &domain;
    return nullptr;
  }

  RawDomain domain_of(const ParameterColumn& parameter) {
    RawDomain domain;
    const Domain* const told = told_domain(parameter);
    if (told == nullptr) return inferred(parameter);
    if (const auto* real = std::get_if<Real>(told))
      domain = {RawDomain::Kind::real, real->low, real->high, 0.0, real->scale == Scale::log, {}};
    if (const auto* integer = std::get_if<Integer>(told))
      domain = {RawDomain::Kind::integer,           static_cast<double>(integer->low),
                static_cast<double>(integer->high), 1.0,
                integer->scale == Scale::log,       {}};
    if (const auto* choices = std::get_if<Categorical>(told))
      domain = {RawDomain::Kind::choices, 0.0, 0.0, 0.0, false, choices->choices};
    if (const auto* levels = std::get_if<Ordinal>(told))
      domain = {RawDomain::Kind::levels, 0.0, 0.0, 0.0, false, levels->levels};
    return domain;
  }

  // A bound is the extreme that a trial had.
  RawDomain inferred(const ParameterColumn& parameter) {
    any_inferred_ = true;
    RawDomain domain;
    bool is_whole = true, any = false;
    for (const std::size_t row : description_.rows) {
      const std::string_view text = cell(row, parameter.column);
      if (is_missing_number(text)) continue;
      const auto number = parse_number(text);
      if (!number) return inferred_choices(parameter);
      is_whole = is_whole && *number == std::floor(*number) && std::abs(*number) <= kLargestInteger;
      domain.low = any ? std::min(domain.low, *number) : *number;
      domain.high = any ? std::max(domain.high, *number) : *number;
      any = true;
    }
    domain.kind = is_whole ? RawDomain::Kind::integer : RawDomain::Kind::real;
    domain.step = is_whole ? 1.0 : 0.0;
    domain.log = domain.low > 0.0 && domain.high / domain.low >= kLogSpan;
    return domain;
  }

  RawDomain inferred_choices(const ParameterColumn& parameter) const {
    RawDomain domain;
    domain.kind = RawDomain::Kind::choices;
    Interned seen;
    for (const std::size_t row : description_.rows) {
      const std::string_view text = cell(row, parameter.column);
      if (text.empty() || seen.of(text) < domain.choices.size()) continue;
      domain.choices.emplace_back(text);
      if (domain.choices.size() > kMostChoices)
        refuse(row, parameter.column, fmt::format("has more than {} different texts", kMostChoices));
    }
    return domain;
  }

  [[nodiscard]] bool is_missing(const RawDomain& domain, std::string_view text) const {
    const bool has_choices =
        domain.kind == RawDomain::Kind::choices || domain.kind == RawDomain::Kind::levels;
    return has_choices ? text.empty() || (is_missing_number(text) && !index_of(domain.choices, text))
                       : is_missing_number(text);
  }

  [[nodiscard]] double value_in(const RawDomain& domain, std::size_t row, std::size_t column) const {
    const std::string_view text = cell(row, column);
    if (domain.kind == RawDomain::Kind::choices || domain.kind == RawDomain::Kind::levels) {
      const auto index = index_of(domain.choices, text);
      if (!index)
        refuse(row, column,
               shown(row, column) + " is none of the values that were told: " + join_names(domain.choices));
      return static_cast<double>(*index);
    }
    const auto number = parse_number(text);
    if (!number) refuse(row, column, shown(row, column) + " is no finite number");
    if (*number < domain.low || *number > domain.high)
      refuse(row, column,
             fmt::format("{} lies outside of what was told, {} to {}", shown(row, column),
                         shortest_text(domain.low), shortest_text(domain.high)));
    if (domain.kind == RawDomain::Kind::integer && *number != std::floor(*number))
      refuse(row, column, shown(row, column) + " is no integer");
    return *number;
  }

  void add_trial(std::size_t t) {
    const Rows& rows = groups_[t];
    const auto state = state_of(rows);
    if (state.waits) {
      ++waiting_;
      return;
    }
    RawTrial trial;
    RecordedTrial& recorded = trial.recorded;
    recorded.number = numbers_[t];
    recorded.state = state.state;
    take_parameters(rows, trial);
    take_values(rows.back(), recorded);
    if (roles_.step) take_reports(rows, recorded);
    take_times(rows, recorded);
    for (const std::size_t column : roles_.constraints) take_constraint(rows.back(), column, recorded);
    if (roles_.constraints.size() != recorded.constraints.size()) recorded.constraints.clear();
    if (const auto kilowatt_hours = amount(rows.back(), roles_.energy))
      recorded.energy_j = *kilowatt_hours * kilowatt_hour / joule;
    recorded.operational_kg = amount(rows.back(), roles_.co2);
    study_.trials.push_back(std::move(trial));
  }

  [[nodiscard]] CellState state_of(const Rows& rows) {
    const std::size_t row = rows.back();
    if (description_.state)
      if (const auto state = description_.state(row)) return *state;
    if (roles_.state && !is_missing_number(cell(row, *roles_.state))) {
      const auto state = cell_state(cell(row, *roles_.state));
      if (!state)
        refuse(row, *roles_.state,
               shown(row, *roles_.state) + " is no state of a trial that is known: " + known_states());
      return *state;
    }
    const auto value = cell_number(cell(row, roles_.objectives.front().column));
    if (value && !std::isnan(*value)) return {State::complete};
    ++taken_as_failed_;
    return {State::failed};
  }

  void take_parameters(const Rows& rows, RawTrial& trial) const {
    for (std::size_t p = 0; p < roles_.parameters.size(); ++p) {
      const std::size_t column = roles_.parameters[p].column;
      for (const std::size_t row : rows)
        if (cell(row, column) != cell(rows.front(), column))
          refuse(row, column, "is not what it was in the trial's first row");
      const auto index = static_cast<std::uint32_t>(p);
      if (!is_missing(study_.domains[p], cell(rows.front(), column)))
        trial.values.push_back({index, index, value_in(study_.domains[p], rows.front(), column)});
    }
  }

  void take_values(std::size_t row, RecordedTrial& trial) {
    for (const ObjectiveColumn& objective : roles_.objectives) {
      const auto number = cell_number(cell(row, objective.column));
      if (!number && !is_missing_number(cell(row, objective.column)))
        refuse(row, objective.column, shown(row, objective.column) + " is no number");
      if (number) trial.values.push_back(*number);
    }
    if (trial.values.size() == roles_.objectives.size()) return;
    trial.values.clear();
    without_value_ += trial.state == State::complete ? 1 : 0;
  }

  void take_reports(const Rows& rows, RecordedTrial& trial) const {
    std::map<double, double> reports;
    for (const std::size_t row : rows) {
      const auto value = cell_number(cell(row, roles_.objectives.front().column));
      if (!value) continue;
      const auto step = parse_number(cell(row, *roles_.step));
      if (!step) refuse(row, *roles_.step, shown(row, *roles_.step) + " is no finite number");
      reports[*step] = *value;
    }
    for (const auto& [step, value] : reports) trial.reports.push_back({step, value});
  }

  [[nodiscard]] std::optional<double> seconds(std::size_t row, std::optional<std::size_t> column) const {
    if (!column || is_missing_number(cell(row, *column))) return std::nullopt;
    const auto found = cell_seconds(cell(row, *column));
    if (!found)
      refuse(row, *column,
             shown(row, *column) + " is no duration: expected seconds, '1h 2m 3s', '2.5min' or '01:02:03'");
    // Sums of such would lose the seconds, and in the end be infinite.
    if (*found > kLongestTrial) refuse(row, *column, shown(row, *column) + " is longer than 1000 years");
    return found;
  }

  [[nodiscard]] std::optional<double> moment(std::size_t row, std::optional<std::size_t> column) {
    if (!column || is_missing_number(cell(row, *column))) return std::nullopt;
    const auto found = clock_.read(cell(row, *column));
    if (!found)
      refuse(row, *column,
             shown(row, *column) + " is no time: expected ISO 8601, or seconds or milliseconds since 1970");
    return found;
  }

  [[nodiscard]] std::optional<double> end_of(std::size_t row) {
    if (!roles_.end_is_relative) return moment(row, roles_.end);
    const auto since = seconds(row, roles_.end);
    return since ? std::optional(description_.began + *since) : std::nullopt;
  }

  void take_times(const Rows& rows, RecordedTrial& trial) {
    for (const std::size_t row : rows) {
      const auto end = end_of(row), duration = seconds(row, roles_.duration);
      auto start = moment(row, roles_.start);
      if (!start && end && duration) start = *end - *duration;
      if (start) trial.start_s = trial.start_s ? std::min(*trial.start_s, *start) : *start;
      if (end) trial.end_s = trial.end_s ? std::max(*trial.end_s, *end) : *end;
      if (!end && start && duration) trial.end_s = std::max(trial.end_s.value_or(*start), *start + *duration);
      if (!roles_.start && !roles_.end && duration)
        trial.end_s = std::max(trial.end_s.value_or(0.0), *duration);
    }
    if (trial.state == State::running && (roles_.start || roles_.end)) trial.end_s.reset();
    if (trial.start_s && trial.end_s && *trial.end_s < *trial.start_s) {
      trial.end_s.reset();
      ++backwards_;
    }
  }

  // Where there are durations alone: they stand in end_s.
  void lay_end_to_end() {
    if (roles_.start || roles_.end || !roles_.duration) return;
    double now = 0.0;
    for (RawTrial& trial : study_.trials) {
      if (!trial.recorded.end_s) continue;
      trial.recorded.start_s = now;
      now += *trial.recorded.end_s;
      trial.recorded.end_s = now;
    }
    note("The file has durations but no times: the trials are laid one after another.");
  }

  void take_constraint(std::size_t row, std::size_t column, RecordedTrial& trial) const {
    const auto number = cell_number(cell(row, column));
    if (!number && !is_missing_number(cell(row, column)))
      refuse(row, column, shown(row, column) + " is no number");
    if (number) trial.constraints.push_back(*number);
  }

  [[nodiscard]] std::optional<double> amount(std::size_t row, std::optional<std::size_t> column) const {
    if (!column || is_missing_number(cell(row, *column))) return std::nullopt;
    const auto number = parse_number(cell(row, *column));
    if (!number || *number < 0.0) refuse(row, *column, shown(row, *column) + " is no number of at least 0");
    return number;
  }

  void tell() {
    History& history = study_.history;
    history.time_zone = clock_.description();
    if (any_inferred_) note("Domains are inferred from the data: a bound is the extreme that a trial had.");
    if (waiting_ > 0) note(fmt::format("Trials that waited and had not begun are left out: {}.", waiting_));
    if (taken_as_failed_ > 0)
      note(fmt::format("Trials without a value are taken as failed, since no state says otherwise: {}.",
                       taken_as_failed_));
    if (without_value_ > 0) note(fmt::format("Of the completed trials, {} have no value.", without_value_));
    if (backwards_ > 0)
      note(fmt::format("Of {} trials the recorded end lies before the start: it is left out.", backwards_));
    if (clock_.guessed())
      note("The file's times do not say their zone: they are taken as UTC, since no zone was told.");
    if (!is_clocked_ && roles_.end)
      note("The file's times count from the beginning of the search, which it does not tell.");
  }

  const CsvTable& table_;
  const TableRoles& roles_;
  const TableDescription& description_;
  const ReadOptions& options_;
  Clock clock_;
  std::vector<Rows> groups_;  // of each trial
  std::vector<std::uint64_t> numbers_;
  RawStudy study_;
  bool any_inferred_ = false;
  bool is_clocked_ = false;
  std::size_t waiting_ = 0, taken_as_failed_ = 0, without_value_ = 0, backwards_ = 0;
};

}  // namespace

History table_history(const CsvTable& table, const TableRoles& roles, const TableDescription& description,
                      const ReadOptions& options) {
  return TableReader(table, roles, description, options).history();
}

CsvTable read_trial_table(const std::filesystem::path& file) {
  constexpr std::size_t kLargest = std::size_t{1} << 30U;
  CsvForm form;
  form.nameless_first = true;
  CsvTable table = CsvTable::parse(read_text_file(file, kLargest), file.string(), form);
  if (table.rows() == 0) throw InputError({file.string(), 1, 0}, "", "has a header but no rows");
  return table;
}

}  // namespace tonne::histories
