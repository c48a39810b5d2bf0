#include "experiments/histories/assembled_study.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "core/error.h"
#include "experiments/histories/inferred_conditions.h"
#include "experiments/histories/joined_domain.h"

namespace tonne::histories {
namespace {

// A parameter on its way into the space.
struct Part {
  std::string name;
  Domain domain;
  Column column;
  std::optional<FoundCondition> condition;  // its parent: an index of a part
};

class Assembly {
 public:
  Assembly(RawStudy study, const std::string& where) : study_(std::move(study)), where_(where) {}

  History history() {
    drop_unused();
    check_limits();
    make_columns();
    infer();
    return finish();
  }

 private:
  [[nodiscard]] std::size_t trials() const { return study_.trials.size(); }
  void note(std::string sentence) { study_.history.notes.push_back(std::move(sentence)); }

  [[noreturn]] void refuse(const std::string& what) const { throw InputError({where_, 0, 0}, "", what); }

  void check_limits() const {
    const std::string of = study_.history.name.empty() ? "it" : "'" + study_.history.name + "'";
    if (study_.trials.empty()) refuse(of + " has no trials");
    if (study_.parameters.empty()) refuse("the trials of " + of + " have no parameters");
    if (study_.parameters.size() > kMostParameters)
      refuse(fmt::format("{} has {} parameters, at most {} are read", of, study_.parameters.size(),
                         kMostParameters));
    if (trials() > kMostTrials)
      refuse(fmt::format("{} has {} trials, at most {} are read", of, trials(), kMostTrials));
    if (trials() * study_.parameters.size() > kMostValues)
      refuse(fmt::format("{} has {} trials of {} parameters, at most {} values are read", of, trials(),
                         study_.parameters.size(), kMostValues));
  }

  // Parameters of trials that were left out.
  void drop_unused() {
    constexpr auto kNone = static_cast<std::uint32_t>(-1);
    std::vector<std::uint32_t> now(study_.parameters.size(), kNone);
    for (const RawTrial& trial : study_.trials)
      for (const RawValue& value : trial.values) now[value.parameter] = 0;
    std::vector<std::string> kept;
    for (std::size_t p = 0; p < now.size(); ++p) {
      if (now[p] == kNone) continue;
      now[p] = static_cast<std::uint32_t>(kept.size());
      kept.push_back(std::move(study_.parameters[p]));
    }
    study_.parameters = std::move(kept);
    for (RawTrial& trial : study_.trials)
      for (RawValue& value : trial.values) value.parameter = now[value.parameter];
  }

  void make_columns() {
    std::vector<std::vector<std::uint32_t>> domain_of(study_.parameters.size(),
                                                      std::vector<std::uint32_t>(trials(), 0));
    for (const std::string& name : study_.parameters)
      parts_.push_back({name, Categorical{}, Column(trials()), std::nullopt});
    for (std::size_t t = 0; t < trials(); ++t)
      for (const RawValue& raw : study_.trials[t].values) {
        parts_[raw.parameter].column.values[t] = raw.value;
        parts_[raw.parameter].column.present[t] = true;
        domain_of[raw.parameter][t] = raw.domain;
      }
    for (std::size_t p = 0; p < parts_.size(); ++p)
      parts_[p].domain = joined_domain(parts_[p].name, study_.domains, domain_of[p], parts_[p].column, where_,
                                       study_.history.notes);
  }

  // A trial that failed or still runs may lack parameters that it would have had; a pruned one hardly.
  [[nodiscard]] std::vector<Wholeness> wholeness(bool pruned_too) const {
    std::vector<Wholeness> result;
    for (const RawTrial& trial : study_.trials) {
      const State state = trial.recorded.state;
      const bool whole = state == State::complete || (pruned_too && state == State::pruned);
      result.push_back(whole ? Wholeness::whole : Wholeness::partial);
    }
    return result;
  }

  void infer() {
    std::vector<Domain> domains;
    std::vector<Column> columns;
    for (const Part& part : parts_) {
      domains.push_back(part.domain);
      columns.push_back(part.column);
    }
    const std::vector<Wholeness> most = wholeness(true), fewest = wholeness(false);
    const ConditionFinder finder(domains, columns, most), careful(domains, columns, fewest);
    const bool searches = domains.size() * domains.size() * trials() <= kMostSteps;
    std::vector<std::size_t> alone;
    for (std::size_t p = 0; p < domains.size(); ++p) {
      if (finder.is_always_there(p)) continue;
      auto found = searches ? finder.find(p) : std::nullopt;
      if (!found && careful.is_always_there(p)) continue;
      if (!found && searches) found = careful.find(p);
      if (found)
        take(p, *std::move(found));
      else
        alone.push_back(p);
    }
    make_levels();
    for (const std::size_t p : alone) add_switch(p);
    tell_conditions();
  }

  void take(std::size_t p, FoundCondition found) { parts_[p].condition = std::move(found); }

  // Integers on which a condition rests.
  void make_levels() {
    std::vector<bool> is_parent(parts_.size(), false);
    for (const Part& part : parts_)
      if (part.condition) is_parent[part.condition->parent] = true;
    for (std::size_t p = 0; p < parts_.size(); ++p)
      if (const auto* integer = std::get_if<Integer>(&parts_[p].domain); integer && is_parent[p]) {
        const Integer domain = *integer;
        parts_[p].domain = as_levels(domain, parts_[p].column);
        note(fmt::format("The integer '{}' is taken as ordered levels, since other parameters depend on it.",
                         parts_[p].name));
      }
  }

  [[nodiscard]] bool has_part(const std::string& name) const {
    return std::ranges::find(parts_, name, &Part::name) != parts_.end();
  }

  // A parameter that nothing explains gets one of its own which does: whether the trial has it. Two that
  // always stand together share it.
  void add_switch(std::size_t p) {
    for (const std::size_t other : switched_)
      if (parts_[other].column.present == parts_[p].column.present) {
        parts_[p].condition = parts_[other].condition;
        return;
      }
    std::string name = "uses " + parts_[p].name;
    while (has_part(name)) name += " '";
    Part part{name, Categorical{{"no", "yes"}}, Column(trials()), std::nullopt};
    for (std::size_t t = 0; t < trials(); ++t) {
      part.column.present[t] = true;
      part.column.values[t] = parts_[p].column.present[t] ? 1.0 : 0.0;
    }
    parts_[p].condition = FoundCondition{parts_.size(), {1}};
    parts_.push_back(std::move(part));
    switched_.push_back(p);
    note(fmt::format("No other parameter explains which trials have '{}': the added parameter '{}' says so.",
                     parts_[p].name, name));
  }

  // One sentence for all parameters of a condition.
  void tell_conditions() {
    std::vector<std::pair<FoundCondition, std::vector<std::string>>> told;
    for (const Part& part : parts_) {
      if (!part.condition || part.condition->parent >= study_.parameters.size()) continue;
      const auto same = [&](const auto& other) { return other.first == *part.condition; };
      const auto at = std::ranges::find_if(told, same);
      if (at == told.end())
        told.push_back({*part.condition, {"'" + part.name + "'"}});
      else
        at->second.push_back("'" + part.name + "'");
    }
    for (const auto& [condition, names] : told) {
      const Part& parent = parts_[condition.parent];
      const auto* ordinal = std::get_if<Ordinal>(&parent.domain);
      const auto& texts = ordinal ? ordinal->levels : std::get_if<Categorical>(&parent.domain)->choices;
      std::vector<std::string> choices;
      for (const std::size_t choice : condition.choices) choices.push_back(texts[choice]);
      note(fmt::format("Inferred from the trials: {} {} active where '{}' is {}.", join_names(names),
                       names.size() == 1 ? "is" : "are", parent.name, join_names(choices, 10)));
    }
  }

  // Parents before their children, else as they stand.
  [[nodiscard]] std::vector<std::size_t> order() const {
    std::vector<std::size_t> order;
    std::vector<bool> is_out(parts_.size(), false);
    while (order.size() < parts_.size()) {
      const std::size_t before = order.size();
      for (std::size_t p = 0; p < parts_.size(); ++p) {
        if (is_out[p] || (parts_[p].condition && !is_out[parts_[p].condition->parent])) continue;
        is_out[p] = true;
        order.push_back(p);
      }
      if (order.size() == before) refuse("the conditions of its parameters go round in a circle");
    }
    return order;
  }

  History finish() {
    const std::vector<std::size_t> places = order();
    std::vector<std::size_t> place_of(parts_.size(), 0);
    std::vector<Parameter> parameters;
    for (std::size_t i = 0; i < places.size(); ++i) {
      const Part& part = parts_[places[i]];
      place_of[places[i]] = i;
      Parameter parameter{part.name, part.domain};
      if (part.condition)
        parameter.active_when = Condition{place_of[part.condition->parent], part.condition->choices};
      parameters.push_back(std::move(parameter));
    }
    History history = std::move(study_.history);
    history.space = SearchSpace(std::move(parameters));
    std::size_t filled = 0;
    for (std::size_t t = 0; t < trials(); ++t) {
      RecordedTrial& trial = study_.trials[t].recorded;
      configure(trial, t, history.space, places);
      filled += trial.is_filled ? 1 : 0;
      history.trials.push_back(std::move(trial));
    }
    if (filled > 0)
      history.notes.push_back(
          fmt::format("Parameters that {} ended without stand at the middle of their domains.",
                      filled == 1 ? "one trial" : fmt::format("{} trials", filled)));
    return history;
  }

  void configure(RecordedTrial& trial, std::size_t t, const SearchSpace& space,
                 const std::vector<std::size_t>& places) const {
    trial.configuration = Configuration(space.size());
    for (std::size_t i = 0; i < space.size(); ++i) {
      if (!space.should_be_active(i, trial.configuration)) continue;
      const Column& column = parts_[places[i]].column;
      trial.is_filled = trial.is_filled || !column.present[t];
      trial.configuration.set(i, column.present[t] ? column.values[t] : from_unit(space[i].domain, 0.5));
    }
  }

  static constexpr std::size_t kMostSteps = 4'000'000'000;  // of the search for conditions

  RawStudy study_;
  const std::string& where_;
  std::vector<Part> parts_;            // first those of the study
  std::vector<std::size_t> switched_;  // parts with a switch of their own
};

}  // namespace

History assemble(RawStudy study, const std::string& where) {
  return Assembly(std::move(study), where).history();
}

}  // namespace tonne::histories
