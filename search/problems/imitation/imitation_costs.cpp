#include "search/problems/imitation/imitation_costs.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/random.h"

namespace tonne::imitation {
namespace {

constexpr std::size_t kCostDraws = 2'048;

MonotoneCurve cost_curve(const std::vector<double>& quantiles) {
  constexpr double kEnd = 5e-4;  // where the least and the most stand
  std::vector<double> scores;
  for (const double share : kCostShares) scores.push_back(normal_quantile(std::clamp(share, kEnd, 1.0 - kEnd)));
  return {std::move(scores), quantiles};
}

// By the order of kCostNames; those of a use begin again.
void set(Workload& work, std::size_t name, double amount) {
  if (name == 0) work.measured_time = amount * second;
  if (name == 1) work.measured_energy = amount * joule;
  if (name == 2) work.flops = amount * flop;
  if (name == 3) work.traffic = amount * byte;
  if (name == 4) work.memory = amount * byte;
  if (name == 5) work.steps = amount;
  if (name == 6) work.samples = amount;
  if (name == 7) work.parameters = amount;
}

}  // namespace

Costs::Costs(const SearchSpace& space, const Nodes& nodes, const Space& said, std::uint64_t seed,
             const Effects& effects)
    : space_(space), nodes_(nodes) {
  const Effects first = draw_effects(mix_bits(seed ^ 5), nodes, 0.0);
  const Random root = Random(seed).child("costs");
  for (std::size_t k = 0; k < said.costs.size(); ++k) {
    const Cost& cost = said.costs[k];
    const auto name = static_cast<std::size_t>(
        std::find(kCostNames.begin(), kCostNames.end(), cost.name) - kCostNames.begin());
    models_.push_back({name, cost.quantiles.front(), cost.direct, std::nullopt, {}, std::nullopt});
    if (cost.quantiles.size() == 1) continue;
    Model& model = models_.back();
    const Effects own =
        k == 0 ? first : mixed(first, cost.together, draw_effects(mix_bits(seed ^ (50 + k)), nodes, 0.0));
    model.field.emplace(mix_bits(seed ^ (90 + k)), nodes, cost.structure, mixed(effects, cost.quality, own));
    model.values = cost_curve(cost.quantiles);
    std::vector<double> values;
    for (std::size_t draw = 0; draw < kCostDraws; ++draw) {
      Random random = root.child(draw);
      Places places;
      nodes.place(space, space.sample(random), places);
      values.push_back(model.field->at(places));
    }
    model.curve = ScoreCurve(std::move(values));
  }
}

double Costs::amount(const Model& model, const Places& places, std::optional<double> score) {
  if (!model.field) return model.constant;
  const double own = model.curve(model.field->at(places));
  if (!score || model.direct == 0.0) return (*model.values)(own);
  return (*model.values)(model.direct * *score + std::sqrt(1.0 - model.direct * model.direct) * own);
}

Workload Costs::work(const Configuration& configuration, std::optional<double> score) const {
  Places places;
  nodes_.place(space_, configuration, places);
  Workload work;
  for (const Model& model : models_)
    if (model.name < kUseCosts) set(work, model.name, amount(model, places, score));
  return work;
}

std::optional<Workload> Costs::use(const Configuration& configuration, std::optional<double> score) const {
  Places places;
  nodes_.place(space_, configuration, places);
  std::optional<Workload> work;
  for (const Model& model : models_) {
    if (model.name < kUseCosts) continue;
    if (!work) work.emplace().samples = 1.0;
    set(*work, model.name - kUseCosts, amount(model, places, score));
  }
  return work;
}

}  // namespace tonne::imitation
