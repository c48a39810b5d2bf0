#include "experiments/exports/study_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <set>
#include <utility>

#include "core/json.h"
#include "experiments/text/percent.h"

namespace tonne {

std::string simulated_moment(double seconds) {
  using namespace std::chrono;
  constexpr sys_days kStart = 2000y / January / 1;
  constexpr double kMost = 8000.0 * 365.2425 * 86400.0 * 0.99;
  const microseconds elapsed{std::llround(std::clamp(seconds, 0.0, kMost) * 1e6)};
  const auto whole_days = floor<days>(elapsed);
  const year_month_day date{kStart + whole_days};
  const hh_mm_ss time{elapsed - whole_days};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}", int{date.year()}, unsigned{date.month()},
                     unsigned{date.day()}, time.hours().count(), time.minutes().count(),
                     time.seconds().count(), time.subseconds().count());
}

StudyNames::StudyNames(const Store& store) : problems(store.problems()), scenarios(store.scenarios()), strategies(store.strategies()) {
  for (std::size_t p = 0; p < problems.size(); ++p) spaces.push_back(store.space(p));
  for (CellRecord& cell : store.cells(CellDetail::own)) {
    const std::size_t index = cell.index;
    cells.emplace(index, std::move(cell));
  }
  for (const auto& [index, cell] : cells) full[cell.problem] = 0.0;
  escapes_ = repeated_study().has_value();
  if (const auto repeated = escapes_ ? repeated_study() : std::nullopt)
    throw StoreError(
        "two of the searches would be called '" + *repeated +
        "', and another tool would take them for one: their labels are the same. Give the problems, "
        "scenarios and strategies labels that differ, and run the experiment again");
}

std::string StudyNames::study(const CellRecord& cell) const {
  const auto part = [&](const std::string& label) { return escapes_ ? percent_encoded(label, "/") : label; };
  const std::string scenario = scenarios[cell.scenario].label;
  return problems[cell.problem].label + (scenario.empty() ? "" : "/" + part(scenario)) + "/" +
         part(strategies[cell.strategy].label) + "/" + std::to_string(cell.seed);
}

std::optional<std::string> StudyNames::repeated_study() const {
  std::set<std::string> seen;
  for (const auto& [index, cell] : cells)
    if (const auto [at, is_new] = seen.insert(json_line(study(cell))); !is_new) return study(cell);
  return std::nullopt;
}

void find_full_fidelities(const Store& store, StudyNames& names) {
  store.each_trial([&](const TrialRow& row) {
    const auto cell = names.cells.find(row.cell);
    if (cell == names.cells.end()) return;
    double& full = names.full[cell->second.problem];
    full = std::max(full, row.fidelity);
  });
}

void TrialCounts::check(const Store& store, const StudyNames& names) const {
  if (store.meta("record") != "trials") return;
  for (const auto& [index, cell] : names.cells) {
    const auto at = written_.find(index);
    const std::uint64_t written = at == written_.end() ? 0 : at->second;
    if (written != cell.evaluations + cell.cached)
      throw StoreError(fmt::format("the results hold {} trials of the search '{}', which had {}: they are damaged", written,
                                   names.study(cell), cell.evaluations + cell.cached));
  }
}

std::vector<std::string> parameter_names(const std::vector<SearchSpace>& spaces) {
  std::vector<std::string> names;
  std::set<std::string> seen;
  for (const SearchSpace& space : spaces)
    for (const Parameter& parameter : space.parameters())
      if (seen.insert(parameter.name).second) names.push_back(parameter.name);
  return names;
}

double trial_joules(const TrialRow& row) {
  double joules = 0.0;
  for (const double line : row.energy_j) joules += line;
  return joules;
}

bool is_completed(const TrialRow& row) { return row.status == TrialStatus::completed || row.status == TrialStatus::cached; }

}  // namespace tonne
