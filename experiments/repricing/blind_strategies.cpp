#include "experiments/repricing/blind_strategies.h"

#include <algorithm>
#include <array>
#include <string>

#include "core/json.h"
#include "experiments/results/records.h"

namespace tonne {
namespace {

constexpr std::array<std::string_view, 28> kBlindToCost = {
    "random", "grid", "sobol", "latin_hypercube", "local_search", "simulated_annealing", "genetic", "regularized_evolution",
    "differential_evolution", "cma_es", "tpe", "gp", "hebo", "bore", "cqr", "rf", "turbo", "bananas", "reinforce",
    "successive_halving", "hyperband", "asha", "pasha", "bohb", "dehb", "dyhpo", "median_stopping", "pruning"};

// As stored: {"name": ..., "settings": {...}}, where a scheduler's own strategy is one of its settings.
bool is_blind(const Json& stored) {
  if (!stored.is_object() || !stored.contains("settings")) return false;
  if (std::ranges::count(kBlindToCost, stored.value("name", "")) == 0) return false;
  const Json& settings = stored["settings"];
  const auto setting = [&](const char* key) { return settings.contains(key) && settings[key].is_string() ? settings[key].get<std::string>() : ""; };
  for (const char* key : {"cost_aware", "cost_objective"})
    if (const std::string value = setting(key); !value.empty() && value != "none") return false;
  if (setting("acquisition").find("_per_co2e") != std::string::npos) return false;
  return !settings.contains("strategy") || is_blind(settings["strategy"]);
}

}  // namespace

std::span<const std::string_view> blind_to_cost() { return kBlindToCost; }

bool is_blind_to_cost(const StoredStrategy& strategy) { return is_blind(parse_json(strategy.settings)); }

}  // namespace tonne
