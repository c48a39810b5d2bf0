// A portfolio: chooses a strategy by what is known before the search: the space, the budget, the workers, the fidelities and the
// objectives. The role that NGOpt has in Nevergrad (Meunier et al. 2022, "Black-Box Optimization Revisited: Improving Algorithm
// Selection Wizards through Massive Benchmarking"); the rules are this program's, from the measurements in docs/strategies.md.
//
// No rule looks at a result, so the choice can be said before anything is spent (StrategyRecipe::remarks).

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "core/recipe.h"
#include "core/stand_in.h"
#include "core/yaml.h"
#include "search/catalogue.h"
#include "search/strategies/trial_cost.h"

namespace tonne {
namespace {

struct Features {
  std::size_t parameters = 0;  ///< with more than one value
  std::size_t categories = 0;  ///< of them categorical
  double active = 1.0;  ///< share of the parameters that a random candidate has
  std::size_t objectives = 1;  ///< the cost counted in
  unsigned workers = 1;
  double trainings = 0.0;  ///< in full, that the budget pays for
  bool told = false;       ///< whether that is known
};

struct Choice {
  std::string_view strategy;
  std::string_view settings;
  std::string why;
};

/// Where nobody says what ends the search.
constexpr double kUsualTrainings = 100.0;
/// From here on a model's own computing and its cubic cost buy less than many cheap steps do.
constexpr double kMany = 1000.0;
/// From here on even the densities of tpe take longer (docs/strategies.md) than is worth while.
constexpr double kTooMany = 10'000.0;
/// With more parameters than this cma_es may refuse: it takes 300 coordinates, and a category has several.
constexpr std::size_t kMostForCovariance = 60;
/// With more choices than this the trees of cqr see too few trials of each.
constexpr std::size_t kMostForTrees = 12;

struct AutoSettings {
  std::optional<double> trainings;
  TrialCost cost_objective = TrialCost::none;

  void visit(SettingsVisitor& visitor) {
    visitor.optional_number("trainings", trainings, Bounds::between(1, 1e15),
                            "full trainings that the budget pays for; default: estimated from the budget, else 100");
    visitor.choice("cost_objective", cost_objective, kTrialCostNames, "the trial's charge as a further objective");
  }
};

std::optional<double> trainings_of(const StrategyContext& context) {
  if (context.trainings) return context.trainings();
  if (context.budget != nullptr && context.budget->evaluations) return static_cast<double>(*context.budget->evaluations);
  return std::nullopt;
}

// Of a few candidates that are the same for every search of this space.
double active_share(const SearchSpace& space) {
  constexpr int kSamples = 64;
  Random random(0);
  std::size_t active = 0;
  for (int i = 0; i < kSamples; ++i) {
    const Configuration candidate = space.sample(random);
    for (std::size_t p = 0; p < space.size(); ++p) if (candidate.is_active(p)) ++active;
  }
  return static_cast<double>(active) / static_cast<double>(kSamples * std::max<std::size_t>(1, space.size()));
}

Features features_of(const AutoSettings& settings, const StrategyContext& context) {
  Features f;
  for (const Parameter& parameter : context.space.parameters()) {
    if (cardinality(parameter.domain) == std::uint64_t{1}) continue;
    ++f.parameters;
    if (is_categorical(parameter.domain)) ++f.categories;
  }
  if (context.space.has_conditions()) f.active = active_share(context.space);
  f.objectives = context.traits.objectives.size() + (settings.cost_objective == TrialCost::none ? 0 : 1);
  f.workers = context.workers;
  const std::optional<double> trainings = settings.trainings ? settings.trainings : trainings_of(context);
  f.told = trainings.has_value();
  f.trainings = trainings.value_or(kUsualTrainings);
  return f;
}

std::string budget_text(const Features& f) {
  const std::string count = std::to_string(std::llround(std::min(f.trainings, 1e15)));
  return f.told ? "about " + count + " full trainings" : count + " full trainings, assumed";
}

// With several objectives: docs/strategies.md, "Several objectives".
Choice of_many_objectives(const Features& f) {
  const std::string goals = std::to_string(f.objectives) + " objectives and " + budget_text(f) + ": ";
  if (f.trainings > 300.0) {
    if (f.objectives > 3) return {"nsga3", "{}", goals + "reference directions spread a population over many objectives"};
    if (f.trainings < 2000.0)
      return {"nsga2", "{population: 20}",
              goals + "too many for a model of each objective, and a small population gets some generations"};
    return {"sms_emoa", "{}", goals + "a population that grows its hypervolume"};
  }
  if (f.objectives > 3) return {"parego", "{}", goals + "a model of a weighted sum, redrawn at each step"};
  if (f.workers > 1) return {"qnehvi", "{}", goals + "a model of each objective that knows what other workers run"};
  return {"ehvi", "{}", goals + "a model of each objective and the hypervolume that a trial may gain"};
}

Choice of_one_objective(const Features& f) {
  const bool numeric = 2 * f.categories < f.parameters;
  const bool conditional = f.active < 0.5;
  const std::string budget = budget_text(f);
  if (conditional && f.trainings <= kTooMany)
    return {"tpe", "{}", budget + " on parameters of which most are inactive at a time: densities that leave those out"};
  if (conditional)
    return {"regularized_evolution", "{}",
            budget + " on parameters of which most are inactive at a time: mutations, at no cost of their own"};
  if (f.trainings > kMany && numeric && f.parameters > kMostForCovariance)
    return {"differential_evolution", "{}", budget + " on so many numeric parameters: differences between members, at no cost of their own"};
  if (f.trainings > kMany && numeric)
    return {"cma_es", "{}", budget + " on mostly numeric parameters: a distribution that adapts, at hardly any cost of its own"};
  if (f.trainings > kMany) return {"local_search", "{}", budget + " on choices: steps to better neighbours, at no cost of their own"};
  if (numeric) return {"gp", "{}", budget + " on mostly numeric parameters: a Gaussian process"};
  if (f.parameters > kMostForTrees)
    return {"tpe", "{}", budget + " on more than " + std::to_string(kMostForTrees) + " choices: a density of each"};
  return {"cqr", "{}", budget + " on a few choices: quantiles by boosted trees, which split on choices"};
}

Choice choose(const AutoSettings& settings, const StrategyContext& context) {
  const Features f = features_of(settings, context);
  return f.objectives > 1 ? of_many_objectives(f) : of_one_objective(f);
}

std::unique_ptr<StrategyRecipe> recipe_of(const AutoSettings& settings, const Choice& choice) {
  const auto catalogue = strategy_catalogue();
  const auto entry = std::ranges::find_if(catalogue, [&](const auto& e) { return e.name == choice.strategy; });
  if (entry == catalogue.end()) throw std::logic_error("no strategy is called " + std::string(choice.strategy));
  std::string text(choice.settings);
  if (settings.cost_objective != TrialCost::none) {
    text.pop_back();
    text += text == "{" ? "" : ", ";
    text += "cost_objective: " + std::string(kTrialCostNames[static_cast<std::size_t>(settings.cost_objective)]) + "}";
  }
  auto recipe = entry->make();
  const YamlNode root = parse_yaml(text, "auto");
  const YamlSource source{"auto", "."};
  SettingsReader reader(root, source, std::string(choice.strategy));
  recipe->visit(reader);
  reader.finish();
  return recipe;
}

/// Its strategy is the chosen one itself.
class AutoRecipe final : public StrategyRecipe, public StandIn {
 public:
  void visit(SettingsVisitor& visitor) override { settings_.visit(visitor); }
  [[nodiscard]] std::optional<std::string> refuses(const StrategyContext& context) const override {
    return chosen(context)->refuses(context);
  }
  [[nodiscard]] std::vector<std::string> remarks(const StrategyContext& context) const override {
    const Choice choice = choose(settings_, context);
    return {"runs " + std::string(choice.strategy) + ", because of " + choice.why + "."};
  }
  [[nodiscard]] std::unique_ptr<Strategy> make(const StrategyContext& context) const override {
    return chosen(context)->make(context);
  }
  [[nodiscard]] std::string stands_for(const StrategyContext& context) const override {
    return std::string(choose(settings_, context).strategy);
  }

 private:
  [[nodiscard]] std::unique_ptr<StrategyRecipe> chosen(const StrategyContext& context) const {
    return recipe_of(settings_, choose(settings_, context));
  }

  AutoSettings settings_;
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_auto_recipe() {
  return std::make_unique<AutoRecipe>();
}

}  // namespace tonne
