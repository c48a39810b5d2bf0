#include "experiments/repricing/recorded_work.h"

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "core/error.h"
#include "core/fidelity_names.h"
#include "core/json.h"
#include "core/random.h"
#include "core/recipe.h"
#include "experiments/results/records.h"
#include "experiments/results/stored_settings.h"
#include "search/catalogue.h"

namespace tonne {

std::shared_ptr<const Problem> problem_again(const StoredProblem& stored) {
  const Json parsed = parse_json(stored.settings);
  if (!parsed.is_object() || !parsed.contains("settings")) return nullptr;
  const std::string name = parsed.value("name", "");
  for (const auto& entry : problem_catalogue()) {
    if (entry.name != name) continue;
    const auto recipe = entry.make();
    try {
      read_stored_settings(parsed["settings"], [&](SettingsVisitor& v) { recipe->visit(v); });
      const std::string content = parsed.value("content", "");
      if (!content.empty() && content != fmt::format("{:016x}", recipe->content_digest())) return nullptr;
      return recipe->make();
    } catch (const InputError&) {  // a file that is not at hand
      return nullptr;
    } catch (const StoreError&) {  // a choice that this version does not have
      return nullptr;
    }
  }
  return nullptr;
}

// The names of the streams are those of core/simulator.cpp: the same noise decides where a training diverges.
std::optional<Workload> workload_again(const Problem& problem, std::uint64_t seed, const TrialRow& trial) {
  if (trial.status == TrialStatus::cached || trial.status == TrialStatus::screened) return std::nullopt;
  if (!(trial.fidelity > trial.trained_from) || !problem.space().contains(trial.configuration)) return std::nullopt;
  FidelityNames names;
  names.take(trial.fidelity);
  const Random of_configuration =
      Random(seed).child("evaluate").child(problem.traits().name).child(trial.configuration.digest());
  const Random stream = of_configuration.child(names.stream()).child(std::uint64_t{trial.repeat});
  return problem
      .evaluate({trial.configuration, trial.trained_from, trial.fidelity, trial.repeat,
                 of_configuration.child(std::string_view("run")).name()},
                stream)
      .workload;
}

}  // namespace tonne
