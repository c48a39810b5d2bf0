#include "search/strategies/multi_objective/objective_search.h"

#include <algorithm>
#include <utility>

namespace tonne {

void ObjectiveSearchSettings::visit_design(SettingsVisitor& visitor, std::string_view initial_meaning) {
  visitor.optional_integer("initial", initial, Bounds::between(1, 1e6), initial_meaning);
  visitor.integer("initial_most", initial_most, Bounds::between(1, 1e6),
                  "upper limit of the default of `initial`");
}

void ObjectiveSearchSettings::visit_model(SettingsVisitor& visitor) {
  visit_max_fit_points(visitor, max_fit_points);
  acquisition.visit(visitor);
  visit_noise_floor(visitor, noise_floor);
  visitor.choice("cost_objective", cost_objective, kTrialCostNames, kCostObjectiveMeaning);
}

ObjectiveSearch::ObjectiveSearch(const ObjectiveSearchSettings& settings, const StrategyContext& context,
                                 std::int64_t usual_initial)
    : space_(context.space),
      fidelity_(context.fidelity),
      noise_floor_(settings.noise_floor),
      objectives_(objective_count(context.traits, settings.cost_objective)),
      initial_(static_cast<std::size_t>(
          settings.initial.value_or(std::clamp<std::int64_t>(usual_initial, 1, settings.initial_most)))),
      log_(context.fidelity, settings.cost_objective),
      encoding_(context.space),
      acquisition_search_(context.space, encoding_, settings.acquisition.options()) {}

bool ObjectiveSearch::begin_ask(TrialId id, const Random& random) {
  if (!design_) design_.emplace(space_, initial_, random.child("design"));
  return log_.begin_ask(id);
}

void ObjectiveSearch::replay(TrialId id, const Random& random, const Configuration& configuration) {
  begin_ask(id, random);
  log_.propose(id, configuration);
}

Proposal ObjectiveSearch::ask(TrialId id, Random& random, bool has_model, const Improve& improve) {
  const bool again = begin_ask(id, random);
  const auto excluded = [&](const Configuration& configuration) { return log_.excludes(configuration); };
  Configuration next;
  if (has_model) {
    next = improve(excluded);
  } else {
    if (id < initial_ && !again) next = design_->point(id, random);
    if (next.size() == 0 || excluded(next)) next = acquisition_search_.draw(excluded, random);
  }
  log_.propose(id, next);
  return Proposal{.configuration = std::move(next), .fidelity = fidelity_};
}

GaussianProcess ObjectiveSearch::new_process() const {
  GaussianProcessOptions options;
  options.noise_floor = noise_floor_;
  return GaussianProcess(encoding_.layout(), options);
}

PointSet ObjectiveSearch::encoded(const std::vector<std::size_t>& observations) const {
  PointSet points(static_cast<Eigen::Index>(observations.size()), encoding_.columns());
  for (std::size_t k = 0; k < observations.size(); ++k)
    encoding_.encode(log_.observations()[observations[k]].configuration, points,
                     static_cast<Eigen::Index>(k));
  return points;
}

}  // namespace tonne
