#include "experiments/histories/assembled_study.h"
#include "experiments/histories/optuna_study.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "core/error.h"
#include "core/units.h"
#include "experiments/histories/python_json.h"

namespace tonne::histories {
namespace {

constexpr std::string_view kConstraints = "constraints";
constexpr std::string_view kFailReason = "fail_reason";

[[noreturn]] void refuse(const Location& where, const std::string& what) {
  throw InputError(where, "", what);
}

double bound(const Json& attributes, const char* key, const Location& where) {
  const auto number = attributes.contains(key) ? number_in(attributes[key]) : std::nullopt;
  if (!number || !std::isfinite(*number))
    refuse(where, fmt::format("a distribution's '{}' is no finite number", key));
  return *number;
}

bool flag(const Json& attributes, const char* key) {
  return attributes.contains(key) && attributes[key].is_boolean() && attributes[key].get<bool>();
}

// 0: none.
double step_of(const Json& attributes, const char* key, const Location& where) {
  if (!attributes.contains(key) || attributes[key].is_null()) return 0.0;
  const double step = bound(attributes, key, where);
  if (!(step > 0.0)) refuse(where, fmt::format("a distribution's '{}' is not above 0", key));
  return step;
}

// Texts of the choices; where 1 and "1" are both there, the latter is in quotes.
RawDomain choices_of(const Json& attributes, const Location& where) {
  const auto at = attributes.find("choices");
  if (at == attributes.end() || !at->is_array() || at->empty())
    refuse(where, "a categorical distribution has no choices");
  if (at->size() > kMostChoices)
    refuse(where, fmt::format("a categorical distribution has more than {} choices", kMostChoices));
  RawDomain domain;
  domain.kind = RawDomain::Kind::choices;
  std::set<std::string> others;  // that are no texts
  for (const Json& choice : *at)
    if (!choice.is_string()) others.insert(python_text(choice));
  std::set<std::string> seen;
  for (const Json& choice : *at) {
    std::string text = python_text(choice);
    if (choice.is_string() && others.contains(text)) text = "'" + text + "'";
    while (!seen.insert(text).second) text += " (again)";
    domain.choices.push_back(std::move(text));
  }
  return domain;
}

RawDomain numbers_of(RawDomain::Kind kind, double step, bool log, const Json& attributes,
                     const Location& where) {
  RawDomain domain;
  domain.kind = kind;
  domain.low = bound(attributes, "low", where);
  domain.high = bound(attributes, "high", where);
  domain.step = step;
  domain.log = log;
  if (domain.low > domain.high) refuse(where, "a distribution's 'low' is above its 'high'");
  if (log && !(domain.low > 0.0))
    refuse(where, "a distribution on a log scale has a 'low' that is not above 0");
  // Optuna gives the last step only where it fits whole.
  if (step > 0.0) domain.high = domain.low + std::floor((domain.high - domain.low) / step + 1e-9) * step;
  if (!std::isfinite(domain.high - domain.low)) refuse(where, "a distribution's range is not finite");
  return domain;
}

std::vector<ObjectiveTraits> objectives_of(const OptunaStudy& study, const ReadOptions& options,
                                           const std::string& file, std::vector<std::string>& notes) {
  if (study.directions.empty())
    refuse({file, 0, 0}, fmt::format("the study '{}' has no objective", study.name));
  if (study.directions.size() > kMaxObjectives)
    refuse({file, 0, 0}, fmt::format("the study '{}' has {} objectives, at most {} are read", study.name,
                                     study.directions.size(), kMaxObjectives));
  if (!options.objectives.empty() && options.objectives.size() != study.directions.size())
    refuse({file, 0, 0}, fmt::format("the study '{}' has {} objectives, {} were named", study.name,
                                     study.directions.size(), options.objectives.size()));
  std::vector<ObjectiveTraits> objectives;
  for (std::size_t i = 0; i < study.directions.size(); ++i) {
    const std::string plain = study.directions.size() == 1 ? "value" : fmt::format("value {}", i);
    const bool is_told =
        study.metric_names.size() == study.directions.size() && !study.metric_names[i].empty();
    std::string name = !options.objectives.empty() ? options.objectives[i].column
                       : is_told                   ? study.metric_names[i]
                                                   : plain;
    const auto told = options.objectives.empty() ? std::nullopt : options.objectives[i].direction;
    if (told && study.directions[i] && *told != *study.directions[i])
      refuse({file, 0, 0},
             fmt::format("the study '{}' says that '{}' is to be {}", study.name, name,
                         *study.directions[i] == Direction::maximise ? "maximised" : "minimised"));
    const auto direction = study.directions[i] ? study.directions[i] : told;
    if (!direction)
      notes.push_back(
          fmt::format("The study does not say which way '{}' is better: taken as to be minimised.", name));
    objectives.push_back({std::move(name), "", direction.value_or(Direction::minimise)});
  }
  return objectives;
}

State state_of(OptunaState state) {
  if (state == OptunaState::complete) return State::complete;
  if (state == OptunaState::pruned) return State::pruned;
  return state == OptunaState::failed ? State::failed : State::running;
}

// What becomes of one trial; counts what had to be left out of any.
class Trials {
 public:
  explicit Trials(std::size_t objectives) : objectives_(objectives) {}

  RawTrial raw(OptunaTrial&& trial) {
    RawTrial raw;
    RecordedTrial& recorded = raw.recorded;
    recorded.number = trial.number;
    recorded.state = state_of(trial.state);
    recorded.start_s = trial.start_s;
    recorded.end_s = recorded.state == State::running ? std::nullopt : trial.end_s;
    if (recorded.start_s && recorded.end_s && *recorded.end_s < *recorded.start_s) {
      recorded.end_s.reset();
      ++backwards_;
    }
    recorded.values = values_of(trial, recorded.state);
    for (const auto& [step, value] : trial.reports)
      recorded.reports.push_back({static_cast<double>(step), value});
    reports_ += recorded.reports.size();
    recorded.constraints = std::move(trial.constraints);
    if (trial.kilowatt_hours) recorded.energy_j = *trial.kilowatt_hours * kilowatt_hour / joule;
    recorded.operational_kg = trial.kilograms;
    recorded.reason = std::move(trial.reason);
    raw.values = std::move(trial.parameters);
    return raw;
  }
  [[nodiscard]] std::size_t reports() const { return reports_; }
  void tell(std::vector<std::string>& notes) const {
    if (without_value_ > 0)
      notes.push_back(fmt::format("Of the completed trials, {} have no value.", without_value_));
    if (backwards_ > 0)
      notes.push_back(
          fmt::format("Of {} trials the recorded end lies before the start: it is left out.", backwards_));
  }

 private:
  std::vector<double> values_of(const OptunaTrial& trial, State state) {
    std::vector<double> values;
    for (std::size_t i = 0; i < objectives_; ++i)
      if (const auto at = trial.values.find(i); at != trial.values.end()) values.push_back(at->second);
    if (values.size() == objectives_) return values;
    without_value_ += state == State::complete ? 1 : 0;
    return {};
  }

  std::size_t objectives_;
  std::size_t without_value_ = 0;
  std::size_t backwards_ = 0;
  std::size_t reports_ = 0;
};

History history_of(OptunaStudy&& study, const std::string& source, const Clock& clock,
                   const ReadOptions& options, const std::string& file) {
  RawStudy raw;
  History& history = raw.history;
  history.name = study.name;
  history.source = source;
  history.time_zone = clock.description();
  history.objectives = objectives_of(study, options, file, history.notes);
  std::ranges::sort(study.trials, {}, &OptunaTrial::number);
  Trials trials(history.objectives.size());
  std::size_t waiting = 0, constraints = 0;
  for (OptunaTrial& trial : study.trials) {
    if (!raw.trials.empty() && raw.trials.back().recorded.number == trial.number)
      refuse({file, 0, 0},
             fmt::format("the study '{}' has two trials of number {}", study.name, trial.number));
    if (trial.state == OptunaState::waiting) {
      ++waiting;
      continue;
    }
    constraints = std::max(constraints, trial.constraints.size());
    raw.trials.push_back(trials.raw(std::move(trial)));
  }
  if (trials.reports() > kMostReports)
    refuse({file, 0, 0}, fmt::format("has more than {} intermediate values", kMostReports));
  if (trials.reports() > 0) history.step_name = "steps";
  for (std::size_t i = 0; i < constraints; ++i)
    history.constraints.push_back(fmt::format("constraint {}", i));
  for (RawTrial& trial : raw.trials)
    if (!trial.recorded.constraints.empty() && trial.recorded.constraints.size() != constraints)
      refuse({file, 0, 0},
             fmt::format("trial {} of the study '{}' has {} constraints, another has {}",
                         trial.recorded.number, study.name, trial.recorded.constraints.size(), constraints));
  if (waiting > 0)
    history.notes.push_back(
        fmt::format("Trials that were enqueued and had not begun are left out: {}.", waiting));
  if (clock.guessed())
    history.notes.push_back(
        "Optuna records local times without their zone: they are taken as UTC, since no zone was told.");
  trials.tell(history.notes);
  raw.parameters = std::move(study.parameters);
  raw.domains = std::move(study.domains);
  return assemble(std::move(raw), file);
}

}  // namespace

RawDomain parse_distribution(std::string_view json, const Location& where) {
  const Json parsed = parse_python_json(json);
  const auto name = parsed.is_object() ? parsed.find("name") : parsed.end();
  if (!parsed.is_object() || name == parsed.end() || !name->is_string() || !parsed.contains("attributes") ||
      !parsed["attributes"].is_object())
    refuse(where, "a distribution is not as Optuna writes it, {\"name\": ..., \"attributes\": {...}}");
  const auto& kind = name->get_ref<const std::string&>();
  const Json& attributes = parsed["attributes"];
  const auto real = [&](double step, bool log) {
    return numbers_of(RawDomain::Kind::real, step, log, attributes, where);
  };
  const auto integer = [&](double step, bool log) {
    RawDomain domain = numbers_of(RawDomain::Kind::integer, step > 0.0 ? step : 1.0, log, attributes, where);
    if (domain.low != std::floor(domain.low) || domain.high != std::floor(domain.high) ||
        domain.step != std::floor(domain.step))
      refuse(where, "a distribution of integers has a bound or step that is none");
    return domain;
  };
  if (kind == "CategoricalDistribution") return choices_of(attributes, where);
  if (kind == "FloatDistribution") return real(step_of(attributes, "step", where), flag(attributes, "log"));
  if (kind == "IntDistribution") return integer(step_of(attributes, "step", where), flag(attributes, "log"));
  if (kind == "UniformDistribution") return real(0.0, false);
  if (kind == "LogUniformDistribution") return real(0.0, true);
  if (kind == "DiscreteUniformDistribution") return real(step_of(attributes, "q", where), false);
  if (kind == "IntUniformDistribution") return integer(step_of(attributes, "step", where), false);
  if (kind == "IntLogUniformDistribution") return integer(1.0, true);
  refuse(where, fmt::format("'{}' is no distribution of Optuna that is known", kind.substr(0, 60)));
}

OptunaState optuna_state(std::int64_t number, const Location& where) {
  if (number < 0 || number > 4) refuse(where, fmt::format("{} is no state of a trial", number));
  return static_cast<OptunaState>(number);
}

std::optional<Direction> optuna_direction(std::int64_t number, const Location& where) {
  if (number < 0 || number > 2) refuse(where, fmt::format("{} is no direction of an objective", number));
  if (number == 0) return std::nullopt;
  return number == 1 ? Direction::minimise : Direction::maximise;
}

std::uint32_t OptunaStudy::domain(const std::string& distribution, const Location& where) {
  const std::uint32_t index = domain_indices.of(distribution);
  if (index == domains.size()) domains.push_back(parse_distribution(distribution, where));
  return index;
}

void OptunaStudy::set_parameter(OptunaTrial& trial, const std::string& parameter, double value,
                                const std::string& distribution, const Location& where) {
  const std::uint32_t index = parameter_indices.of(parameter);
  if (index == parameters.size()) parameters.push_back(parameter);
  if (parameters.size() > kMostParameters)
    refuse(where, fmt::format("the study '{}' has more than {} parameters", name, kMostParameters));
  const RawValue raw{index, domain(distribution, where), value};
  const auto at = std::ranges::find(trial.parameters, index, &RawValue::parameter);
  if (at != trial.parameters.end())
    *at = raw;
  else
    trial.parameters.push_back(raw);
}

bool is_read(std::string_view key, bool by_user, const ReadOptions& options) {
  if (by_user) return !key.empty() && (key == options.energy_kwh || key == options.co2_kg);
  return key == kConstraints || key.ends_with(":constraints") || key == kFailReason;
}

void set_attribute(OptunaTrial& trial, const std::string& key, bool by_user, const Json& value,
                   const ReadOptions& options, const Location& where) {
  if (!is_read(key, by_user, options)) return;
  if (by_user) {
    const auto number = number_in(value);
    if (!number || !std::isfinite(*number) || *number < 0.0)
      refuse(where, fmt::format("trial {}'s attribute '{}' is {}, expected a number of at least 0",
                                trial.number, key, python_text(value).substr(0, 40)));
    if (key == options.energy_kwh) trial.kilowatt_hours = number;
    if (key == options.co2_kg) trial.kilograms = number;
    return;
  }
  if (key == kFailReason) {
    trial.reason = python_text(value).substr(0, 400);
    return;
  }
  trial.constraints.clear();
  if (value.is_null()) return;  // of a trial that failed before they were known
  if (!value.is_array() || value.size() > 100)
    refuse(where, fmt::format("trial {}'s constraints are no list of at most 100 numbers", trial.number));
  for (const Json& constraint : value) {
    const auto number = number_in(constraint);
    if (!number) refuse(where, fmt::format("a constraint of trial {} is no number", trial.number));
    trial.constraints.push_back(*number);
  }
}

std::vector<std::string> metric_names(std::string_view key, const Json& value) {
  if ((key != "study:metric_names" && key != "dashboard:objective_names") || !value.is_array()) return {};
  std::vector<std::string> names;
  for (const Json& name : value) names.push_back(name.is_string() ? name.get<std::string>() : "");
  return names;
}

std::vector<History> optuna_histories(std::vector<OptunaStudy> studies, const std::string& source,
                                      const Clock& clock, const ReadOptions& options,
                                      const std::string& file) {
  std::vector<std::string> names;
  for (const OptunaStudy& study : studies) names.push_back(study.name);
  if (studies.empty()) refuse({file, 0, 0}, "has no study");
  if (!options.study.empty()) {
    if (std::ranges::find(names, options.study) == names.end()) {
      const std::string hint = did_you_mean(options.study, names);
      refuse({file, 0, 0}, fmt::format("has no study '{}'. {}Its studies: {}", options.study,
                                       hint.empty() ? "" : hint + " ", join_names(names)));
    }
    std::erase_if(studies, [&](const OptunaStudy& study) { return study.name != options.study; });
  } else if (studies.size() > 1) {
    std::erase_if(studies, [](const OptunaStudy& study) { return study.trials.empty(); });
    if (studies.empty()) refuse({file, 0, 0}, "none of its studies has trials: " + join_names(names));
  }
  std::vector<History> histories;
  for (OptunaStudy& study : studies)
    histories.push_back(history_of(std::move(study), source, clock, options, file));
  return histories;
}

}  // namespace tonne::histories
