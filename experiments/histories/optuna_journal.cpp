// Journal files of Optuna 3.1 to 4: a line for each operation, in JSON. Written after
// optuna/storages/journal/_storage.py, whose rules decide what a line changes: an operation on a trial that
// has ended, or on a study that is gone, changes nothing.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <utility>

#include "core/error.h"
#include "experiments/histories/optuna_study.h"
#include "experiments/histories/python_json.h"

namespace tonne::histories {
namespace {

enum class Operation : std::int64_t {
  create_study = 0,
  delete_study = 1,
  set_study_user_attribute = 2,
  set_study_system_attribute = 3,
  create_trial = 4,
  set_trial_parameter = 5,
  set_trial_state_values = 6,
  set_trial_intermediate_value = 7,
  set_trial_user_attribute = 8,
  set_trial_system_attribute = 9,
};

constexpr std::size_t kLongestLine = std::size_t{8} << 20U;

// A line, and what must stand in it. Refusals are at its place.
class Entry {
 public:
  Entry(const Json& json, const Location& where) : json_(json), where_(where) {}

  [[nodiscard]] const Location& where() const { return where_; }
  [[noreturn]] void refuse(const std::string& what) const { throw InputError(where_, "", what); }
  // Null where it is absent or null.
  [[nodiscard]] const Json* find(const char* key) const {
    const auto at = json_.find(key);
    return at == json_.end() || at->is_null() ? nullptr : &*at;
  }
  [[nodiscard]] const Json& at(const char* key) const {
    if (const Json* value = find(key)) return *value;
    refuse(fmt::format("this operation lacks '{}'", key));
  }
  [[nodiscard]] std::int64_t integer(const char* key) const {
    const Json& value = at(key);
    if (!value.is_number_integer()) refuse(fmt::format("'{}' is no integer", key));
    return value.get<std::int64_t>();
  }
  [[nodiscard]] std::string text(const char* key) const {
    const Json& value = at(key);
    if (!value.is_string()) refuse(fmt::format("'{}' is no text", key));
    return value.get<std::string>();
  }
  [[nodiscard]] double number(const char* key) const {
    const auto value = number_in(at(key));
    if (!value) refuse(fmt::format("'{}' is no number", key));
    return *value;
  }
  // Null where it is absent.
  [[nodiscard]] const Json* object(const char* key) const {
    const Json* value = find(key);
    if (value != nullptr && !value->is_object()) refuse(fmt::format("'{}' is no object", key));
    return value;
  }

 private:
  const Json& json_;
  const Location& where_;
};

class Journal {
 public:
  explicit Journal(const ReadOptions& options) : options_(options), clock_(options.time_zone) {}

  void apply(const Entry& entry) {
    switch (static_cast<Operation>(entry.integer("op_code"))) {
      case Operation::create_study:
        return create_study(entry);
      case Operation::delete_study:
        return delete_study(entry);
      case Operation::set_study_user_attribute:
        return;
      case Operation::set_study_system_attribute:
        return set_study_attribute(entry);
      case Operation::create_trial:
        return create_trial(entry);
      case Operation::set_trial_parameter:
        return set_parameter(entry);
      case Operation::set_trial_state_values:
        return set_state(entry);
      case Operation::set_trial_intermediate_value:
        return set_report(entry);
      case Operation::set_trial_user_attribute:
        return set_attributes(entry, "user_attr", true);
      case Operation::set_trial_system_attribute:
        return set_attributes(entry, "system_attr", false);
    }
    entry.refuse(fmt::format("{} is no operation of Optuna's journal", entry.integer("op_code")));
  }
  std::vector<OptunaStudy> studies() {
    std::vector<OptunaStudy> studies;
    for (auto& [id, study] : studies_) studies.push_back(std::move(study));
    return studies;
  }
  [[nodiscard]] const Clock& clock() const { return clock_; }

 private:
  struct Place {
    std::int64_t study = 0;
    std::size_t index = 0;  // in its trials
  };

  void create_study(const Entry& entry) {
    OptunaStudy study;
    study.name = entry.text("study_name");
    for (const auto& [id, other] : studies_)
      if (other.name == study.name) return;
    const Json& directions = entry.at("directions");
    if (!directions.is_array() || directions.size() > 100) entry.refuse("'directions' is no list");
    for (const Json& direction : directions) {
      if (!direction.is_number_integer()) entry.refuse("a direction is no integer");
      study.directions.push_back(optuna_direction(direction.get<std::int64_t>(), entry.where()));
    }
    if (studies_.size() >= kMostStudies)
      entry.refuse(fmt::format("this is one more than {} studies", kMostStudies));
    studies_.emplace(next_study_++, std::move(study));
  }

  void delete_study(const Entry& entry) { studies_.erase(entry.integer("study_id")); }

  void set_study_attribute(const Entry& entry) {
    const auto study = studies_.find(entry.integer("study_id"));
    const Json* attributes = entry.object("system_attr");
    if (study == studies_.end() || attributes == nullptr) return;
    for (const auto& [key, value] : attributes->items())
      if (auto names = metric_names(key, value); !names.empty())
        study->second.metric_names = std::move(names);
  }

  std::optional<double> moment(const Entry& entry, const char* key) {
    if (entry.find(key) == nullptr) return std::nullopt;
    const std::string text = entry.text(key);
    const auto seconds = clock_.read(text);
    if (!seconds) entry.refuse(fmt::format("'{}' is no time: {}", key, text.substr(0, 40)));
    return seconds;
  }

  void create_trial(const Entry& entry) {
    const std::int64_t id = entry.integer("study_id");
    const auto study = studies_.find(id);
    if (study == studies_.end()) return;
    if (places_.size() >= kMostTrials)
      entry.refuse(fmt::format("this is one more than {} trials", kMostTrials));
    OptunaTrial trial;
    trial.number = study->second.trials.size();
    if (entry.find("state") != nullptr) trial.state = optuna_state(entry.integer("state"), entry.where());
    trial.start_s = moment(entry, "datetime_start");
    trial.end_s = moment(entry, "datetime_complete");
    if (entry.find("value") != nullptr) trial.values[0] = entry.number("value");
    take_values(entry, trial);
    take_parameters(entry, study->second, trial);
    take_reports(entry, trial);
    take_attributes(entry, trial, "user_attrs", true);
    take_attributes(entry, trial, "system_attrs", false);
    places_.push_back({id, study->second.trials.size()});
    study->second.trials.push_back(std::move(trial));
  }

  static void take_values(const Entry& entry, OptunaTrial& trial) {
    const Json* values = entry.find("values");
    if (values == nullptr) return;
    if (!values->is_array() || values->size() > 100) entry.refuse("'values' is no list");
    trial.values.clear();
    for (std::size_t i = 0; i < values->size(); ++i) {
      const auto number = number_in((*values)[i]);
      if (!number) entry.refuse("a value is no number");
      trial.values[i] = *number;
    }
  }

  static void take_parameters(const Entry& entry, OptunaStudy& study, OptunaTrial& trial) {
    const Json* parameters = entry.object("params");
    if (parameters == nullptr) return;
    const Json* distributions = entry.object("distributions");
    for (const auto& [name, value] : parameters->items()) {
      const auto distribution = distributions != nullptr ? distributions->find(name) : parameters->end();
      if (distributions == nullptr || distribution == distributions->end() || !distribution->is_string())
        entry.refuse(fmt::format("the parameter '{}' has no distribution", name));
      const auto number = number_in(value);
      if (!number) entry.refuse(fmt::format("the parameter '{}' has no number", name));
      study.set_parameter(trial, name, *number, distribution->get<std::string>(), entry.where());
    }
  }

  static void take_reports(const Entry& entry, OptunaTrial& trial) {
    const Json* reports = entry.object("intermediate_values");
    if (reports == nullptr) return;
    for (const auto& [step, value] : reports->items()) {
      std::int64_t whole = 0;
      const auto [end, error] = std::from_chars(step.data(), step.data() + step.size(), whole);
      const auto number = number_in(value);
      if (error != std::errc{} || end != step.data() + step.size())
        entry.refuse("the step of an intermediate value is no integer");
      if (!number) entry.refuse("an intermediate value is no number");
      trial.reports[whole] = *number;
    }
  }

  void take_attributes(const Entry& entry, OptunaTrial& trial, const char* key, bool by_user) const {
    const Json* attributes = entry.object(key);
    if (attributes == nullptr) return;
    for (const auto& [name, value] : attributes->items())
      set_attribute(trial, name, by_user, value, options_, entry.where());
  }

  // Null where an operation on it changes nothing.
  OptunaTrial* open_trial(const Entry& entry) {
    const std::int64_t id = entry.integer("trial_id");
    if (id < 0 || static_cast<std::size_t>(id) >= places_.size()) return nullptr;
    const Place& place = places_[static_cast<std::size_t>(id)];
    const auto study = studies_.find(place.study);
    if (study == studies_.end()) return nullptr;
    OptunaTrial& trial = study->second.trials[place.index];
    return trial.state == OptunaState::running || trial.state == OptunaState::waiting ? &trial : nullptr;
  }

  void set_parameter(const Entry& entry) {
    OptunaTrial* trial = open_trial(entry);
    if (trial == nullptr) return;
    OptunaStudy& study = studies_.at(places_[static_cast<std::size_t>(entry.integer("trial_id"))].study);
    study.set_parameter(*trial, entry.text("param_name"), entry.number("param_value_internal"),
                        entry.text("distribution"), entry.where());
  }

  void set_state(const Entry& entry) {
    OptunaTrial* trial = open_trial(entry);
    if (trial == nullptr) return;
    const OptunaState state = optuna_state(entry.integer("state"), entry.where());
    if (state == OptunaState::running && trial->state == OptunaState::running) return;
    if (state == OptunaState::running) trial->start_s = moment(entry, "datetime_start");
    if (state != OptunaState::running && state != OptunaState::waiting)
      trial->end_s = moment(entry, "datetime_complete");
    trial->state = state;
    take_values(entry, *trial);
  }

  void set_report(const Entry& entry) {
    OptunaTrial* trial = open_trial(entry);
    if (trial != nullptr) trial->reports[entry.integer("step")] = entry.number("intermediate_value");
  }

  void set_attributes(const Entry& entry, const char* key, bool by_user) {
    if (OptunaTrial* trial = open_trial(entry)) take_attributes(entry, *trial, key, by_user);
  }

  static constexpr std::size_t kMostStudies = 10'000;

  const ReadOptions& options_;
  Clock clock_;
  std::map<std::int64_t, OptunaStudy> studies_;
  std::int64_t next_study_ = 0;
  std::vector<Place> places_;  // by trial id
};

}  // namespace

bool is_journal_line(std::string_view line) {
  if (line.size() > kLongestLine || !line.starts_with('{') ||
      line.find("\"op_code\"") == std::string_view::npos)
    return false;
  const Json json = parse_python_json(line);
  return json.is_object() && json.contains("op_code");
}

std::vector<History> read_optuna_journal(std::string_view text, const std::string& file,
                                         const ReadOptions& options) {
  Journal journal(options);
  Location where{file, 0, 0};
  bool is_cut = false;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const bool is_last = end == std::string_view::npos;
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(is_last ? text.size() : end + 1);
    ++where.line;
    where.column = 0;
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    if (line.size() > kLongestLine) throw InputError(where, "", "is a line of more than 8 MiB");
    JsonFault fault;
    const Json json = parse_python_json(line, &fault);
    // Whoever wrote the last line may have been stopped within it; Optuna leaves it out too.
    is_cut = is_last && !json.is_object();
    if (is_cut) break;
    where.column = fault.column;
    if (json.is_discarded()) throw InputError(where, "", fault.what);
    if (!json.is_object()) throw InputError(where, "", "is no operation of Optuna's journal");
    journal.apply(Entry(json, where));
  }
  std::vector<History> histories =
      optuna_histories(journal.studies(), "Optuna journal", journal.clock(), options, file);
  if (is_cut)
    for (History& history : histories)
      history.notes.push_back(fmt::format("The last line, {}, is not whole: it is left out.", where.line));
  return histories;
}

}  // namespace tonne::histories
