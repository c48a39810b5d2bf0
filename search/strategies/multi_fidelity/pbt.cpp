// Population based training: Jaderberg, Dalibard, Osindero, Czarnecki, Donahue, Razavi, Vinyals, Green,
// Dunning, Simonyan, Fernando and Kavukcuoglu 2017, "Population Based Training of Neural Networks",
// arXiv:1711.09846. The names are those of algorithm 1.
//
// Every member of a population trains its weights with its hyper-parameters h. Whenever it is ready, each
// `interval` of training, it may exploit: if it stands in the lowest quantile of the population, it copies
// weights and h of a member drawn from the highest (truncation selection); and then explores: each
// hyper-parameter is resampled or perturbed.
//
// WHAT A SIMULATOR CANNOT KNOW: how weights go on under h that were trained under another h. A problem here
// answers what its own curve says of h at that amount of training, as if it had trained with h all along,
// while only the new part is paid. So a late change of h counts as if it had been made at the start:
// schedules of h, which are half of the method's gain in the paper, do not show, and mending bad weights
// costs nothing.
//
// Where the paper is silent, or this differs:
// - Members are compared, and copied, at the same amount of training; who reaches it first finds few to
// compare with,
//   unless `synchronous`. (The paper compares what there is; with few workers that would set members back by
//   the mere order in which they train.)
// - A free worker takes the member that has trained least. Workers beyond the population wait.
// - A member that fails to train on takes over from one of the highest quantile (from itself where it is
// alone) and
//   explores; one that fails at its start is drawn anew.
// - Perturbing multiplies numbers by .8 or 1.2 inside their bounds (integers move by one at least); ordinals
// move to a
//   neighbouring level; categoricals keep their choice, so only resampling changes them. Parameters whose
//   condition begins to hold are drawn.
// - Once all members have trained in full a new population starts (`restart`).

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>

#include "core/recipe.h"
#include "search/strategies/multi_fidelity/brackets.h"
#include "search/strategies/multi_fidelity/population.h"

namespace tonne {
namespace {

/// Defaults: Jaderberg et al. 2017, section 4 (truncation selection, factors .8 and 1.2, populations of 10 to
/// 80); quantile and resampling probability as in Ray Tune (from memory, not checked; the paper's quantile is
/// .2).
struct PbtSettings {
  PopulationSettings population;
  double resample = 0.25;  ///< probability that a parameter is drawn anew and not perturbed
  double shrink = 0.8;     ///< one factor of a perturbed number
  double grow = 1.2;       ///< the other, as probable

  void visit(SettingsVisitor& visitor) {
    population.visit_selection(visitor);
    visitor.number("resample", resample, Bounds::between(0, 1),
                   "probability of resampling a parameter instead of perturbing it");
    visitor.number("shrink", shrink, Bounds::between(0, 1), "lower perturbation factor of a number");
    visitor.number("grow", grow, Bounds::between(1, 1e6), "upper perturbation factor of a number");
    population.visit_schedule(visitor);
  }
  [[nodiscard]] std::optional<std::string> refuses(const StrategyContext& context) const {
    return refuses_interval(population.interval, context);
  }
};

class Pbt final : public Strategy {
 public:
  Pbt(const PbtSettings& settings, const StrategyContext& context)
      : settings_(settings), space_(context.space), population_(settings.population, context) {}

  std::optional<Proposal> ask(TrialId id, Random random) override {
    return population_.ask(id, random, [this](const Population::State& source, std::size_t, Random& stream) {
      return explore(source.configuration, stream);
    });
  }
  void tell(const Trial& trial) override { population_.tell(trial); }
  [[nodiscard]] bool may_resume() const override { return true; }

 private:
  [[nodiscard]] Configuration explore(const Configuration& h, Random& random) const {
    Configuration result = h;
    for (std::size_t i = 0; i < space_.size(); ++i) {
      if (!h.is_active(i)) continue;
      const bool resamples = random.bernoulli(settings_.resample);
      result.set(i, resamples ? sample(space_[i].domain, random) : perturb(space_[i].domain, h[i], random));
    }
    space_.repair(result, random);
    return result;
  }

  [[nodiscard]] double perturb(const Domain& domain, double value, Random& random) const {
    if (is_categorical(domain)) return value;
    const bool up = random.bernoulli(0.5);
    const double scaled = value * (up ? settings_.grow : settings_.shrink);
    if (const auto* real = std::get_if<Real>(&domain)) return std::clamp(scaled, real->low, real->high);
    if (const auto* integer = std::get_if<Integer>(&domain)) {
      const double direction = scaled < value ? -1.0 : 1.0;
      const double moved = std::abs(scaled - value) < 1.0 ? value + direction : std::round(scaled);
      return std::clamp(moved, static_cast<double>(integer->low), static_cast<double>(integer->high));
    }
    const auto last = static_cast<double>(std::get<Ordinal>(domain).levels.size() - 1);
    return std::clamp(value + (up ? 1.0 : -1.0), 0.0, last);
  }

  PbtSettings settings_;
  const SearchSpace& space_;
  Population population_;
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_pbt_recipe() {
  return std::make_unique<BasicStrategyRecipe<PbtSettings, Pbt>>();
}

}  // namespace tonne
