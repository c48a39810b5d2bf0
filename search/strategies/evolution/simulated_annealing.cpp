// Simulated annealing: Kirkpatrick, Gelatt and Vecchi 1983, "Optimization by Simulated Annealing", Science 220.
//
// A neighbour x' of the state x is accepted with probability min(1, exp(-(f(x') - f(x)) / T)) (Metropolis et al. 1953). T
// falls by the factor `cooling` every `plateau` candidates. The first T accepts the mean worsening among the first
// random candidates with probability `first_acceptance` (Johnson et al. 1989, Operations Research 37).
//
// Where the paper is silent:
// - The state begins at the best of the random candidates. When T has fallen to `last_temperature` of its first value it
//   begins again there, from the best point so far.
// - A neighbour differs in one parameter: another choice, the level above or below, or a normal step.
// - Workers: each makes a neighbour of the state as it stands; whoever ends is compared with the state that then stands.
// - Failed candidates are rejected.

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <vector>

#include "core/recipe.h"
#include "search/strategies/sampling/moves.h"

namespace tonne {
namespace {

struct SimulatedAnnealingSettings {
  std::int64_t startup = 10;
  double first_acceptance = 0.4;  ///< Johnson et al. 1989 find 0.4 enough (from memory, not checked)
  double cooling = 0.95;          ///< Johnson et al. 1989 (from memory, not checked)
  /// With these T falls to its thousandth in 270 candidates; textbooks take plateaus as long as the neighbourhood, for
  /// evaluations that cost nothing.
  std::int64_t plateau = 2;
  double last_temperature = 1e-3;
  double step = 0.1;

  void visit(SettingsVisitor& visitor) {
    visitor.integer("startup", startup, Bounds::between(2, 1e6),
                    "initial random candidates, which set the initial temperature");
    visitor.number("first_acceptance", first_acceptance, Bounds::between(0.01, 0.99),
                   "probability of accepting an average worsening at the initial temperature");
    visitor.number("cooling", cooling, Bounds::between(0.01, 0.9999), "cooling factor after each plateau");
    visitor.integer("plateau", plateau, Bounds::between(1, 1e9), "candidates per temperature");
    visitor.number("last_temperature", last_temperature, Bounds::between(1e-12, 0.999),
                   "fraction of the initial temperature at which the search reheats");
    visitor.number("step", step, {0.0, 1.0, true}, "sd of a numeric step, as a fraction of the range");
  }
};

class SimulatedAnnealing final : public Strategy {
 public:
  SimulatedAnnealing(const SimulatedAnnealingSettings& settings, const StrategyContext& context)
      : settings_(settings), space_(context.space), fidelity_(context.fidelity) {}

  std::optional<Proposal> ask(TrialId id, Random random) override {
    pending_.insert_or_assign(id, random.child("acceptance"));
    if (!heated()) return Proposal{.configuration = space_.sample(random), .fidelity = fidelity_};
    return Proposal{.configuration = neighbour(random), .fidelity = fidelity_};
  }

  void tell(const Trial& trial) override {
    const auto found = pending_.find(trial.id);
    if (found == pending_.end()) return;
    Random random = found->second;
    pending_.erase(found);
    if (!trial.completed() || std::isnan(trial.loss())) return;
    const Point point = {trial.proposal.configuration, trial.loss()};
    if (point.loss < best_.loss || first_losses_.empty()) best_ = point;
    if (!heated()) return begin(point);
    const double worsening = point.loss - state_.loss;
    if (on_plateau()) heat(std::abs(worsening));
    if (accepts(worsening, random)) state_ = point;
    if (!on_plateau()) cool();
  }

 private:
  struct Point {
    Configuration configuration;
    double loss = std::numeric_limits<double>::infinity();
  };

  [[nodiscard]] bool heated() const { return first_losses_.size() == static_cast<std::size_t>(settings_.startup); }

  void begin(const Point& point) {
    first_losses_.push_back(point.loss);
    if (!heated()) return;
    state_ = best_;
    heat(mean_worsening());
  }

  void heat(double mean_worsening) {
    first_temperature_ = -mean_worsening / std::log(settings_.first_acceptance);
    temperature_ = first_temperature_;
  }

  // All losses so far were equal: the walk goes on at any of them, and the first other one tells the temperature.
  [[nodiscard]] bool on_plateau() const { return first_temperature_ == 0.0; }

  // Over all pairs of the first candidates.
  [[nodiscard]] double mean_worsening() const {
    double sum = 0.0;
    double pairs = 0.0;
    for (std::size_t i = 0; i < first_losses_.size(); ++i)
      for (std::size_t j = 0; j < i; ++j) {
        sum += std::abs(first_losses_[i] - first_losses_[j]);
        pairs += 1.0;
      }
    return sum / pairs;
  }

  [[nodiscard]] Configuration neighbour(Random& random) const {
    Configuration next = state_.configuration;
    std::size_t movable = 0;
    for (std::size_t i = 0; i < space_.size(); ++i)
      if (can_move(space_, next, i)) ++movable;
    if (movable == 0) return next;
    std::uint64_t chosen = random.below(movable);
    for (std::size_t i = 0; i < space_.size(); ++i) {
      if (!can_move(space_, state_.configuration, i) || chosen-- != 0) continue;
      perturb(space_, next, i, settings_.step, random);
      break;
    }
    return next;
  }

  [[nodiscard]] bool accepts(double worsening, Random& random) const {
    const double u = random.uniform();
    return worsening <= 0.0 || u < std::exp(-worsening / temperature_);
  }

  void cool() {
    if (++at_temperature_ < settings_.plateau) return;
    at_temperature_ = 0;
    temperature_ *= settings_.cooling;
    if (temperature_ > settings_.last_temperature * first_temperature_) return;
    temperature_ = first_temperature_;
    state_ = best_;
  }

  SimulatedAnnealingSettings settings_;
  const SearchSpace& space_;
  double fidelity_;
  std::vector<double> first_losses_;
  Point state_;
  Point best_;
  double first_temperature_ = 0.0;
  double temperature_ = 0.0;
  std::int64_t at_temperature_ = 0;
  std::map<TrialId, Random> pending_;  // the draw that accepts or rejects belongs to the trial
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_simulated_annealing_recipe() {
  return std::make_unique<BasicStrategyRecipe<SimulatedAnnealingSettings, SimulatedAnnealing>>();
}

}  // namespace tonne
