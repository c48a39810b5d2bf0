// Differential evolution: Storn and Price 1997, "Differential Evolution - A Simple and Efficient Heuristic for Global
// Optimization over Continuous Spaces", J. Global Optimization 11. The symbols are the paper's, with D parameters and NP
// members.
//
// A trial vector u crosses the target x_i with a donor v, and takes the target's place if it is not worse:
//     rand/1              v = x_r1 + F (x_r2 - x_r3)
//     best/1              v = x_best + F (x_r1 - x_r2)
//     current-to-best/1   v = x_i + F (x_best - x_i) + F (x_r1 - x_r2)
//
// Where the paper is silent:
// - Vectors live in the unit cube, one coordinate a parameter, and are brought back by reflection. Integers, ordinals and
//   categoricals take the value whose cell holds the coordinate (Awad et al. 2021, DEHB); the coordinates of inactive
//   parameters evolve along.
// - Workers: targets take turns, and a trial vector takes its target's place when it ends (asynchronous, as in the
//   implementations for parallel machines). Failed trial vectors lose; failed first ones are drawn anew.

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "core/recipe.h"
#include "search/strategies/evolution/trial_rows.h"
#include "search/strategies/sampling/moves.h"

namespace tonne {
namespace {

enum class Mutation : std::uint8_t { current_to_best, rand, best };
constexpr std::array<std::string_view, 3> kMutationNames = {"current_to_best", "rand", "best"};
/// The target and three others.
constexpr std::size_t kLeastMembers = 4;

struct DifferentialEvolutionSettings {
  std::int64_t population = 30;  ///< NP; at least the number of workers
  double f = 0.8;                ///< F, weight of differences
  double cr = 0.5;               ///< CR, probability that a coordinate comes from the donor
  Mutation mutation = Mutation::current_to_best;

  void visit(SettingsVisitor& visitor) {
    visitor.integer("population", population, Bounds::between(4, 1e6),
                    "population size; at least one per worker");
    visitor.number("f", f, {0.0, 2.0, true}, "scale factor of the difference vectors (F)");
    visitor.number("cr", cr, Bounds::between(0, 1),
                   "crossover rate: probability that a coordinate comes from the mutant (CR)");
    visitor.choice("mutation", mutation, kMutationNames, "mutation scheme");
  }
};

class DifferentialEvolution final : public Strategy {
 public:
  DifferentialEvolution(const DifferentialEvolutionSettings& settings, const StrategyContext& context)
      : settings_(settings),
        space_(context.space),
        fidelity_(context.fidelity),
        d_(space_.size()),
        losses_(std::max<std::size_t>(static_cast<std::size_t>(settings.population), context.workers), kUnborn),
        members_(losses_.size() * d_),
        trials_(d_) {}

  std::optional<Proposal> ask(TrialId id, Random random) override {
    const std::size_t row = trials_.put(id);
    double* const u = trials_[row];
    const std::size_t target = next_ % losses_.size();
    const bool is_first = living_ < kLeastMembers || next_ < losses_.size() || losses_[target] == kUnborn;
    is_first ? draw(u, random) : cross(target, u, random);
    trials_.label(row) = target;
    ++next_;
    return Proposal{.configuration = configuration_at(space_, {u, d_}), .fidelity = fidelity_};
  }

  void tell(const Trial& trial) override {
    const std::size_t row = trials_.take(trial.id);
    if (row == trials_.kNone) return;
    if (trial.completed() && trial.loss() < kUnborn) select(trials_.label(row), trials_[row], trial.loss());
    trials_.release(row);
  }

 private:
  /// The loss of a member that has not been evaluated yet; any result is better.
  static constexpr double kUnborn = std::numeric_limits<double>::infinity();

  void select(std::size_t target, const double* u, double loss) {
    if (loss > losses_[target]) return;
    if (losses_[target] == kUnborn) ++living_;
    losses_[target] = loss;
    std::copy(u, u + d_, member(target));
    if (loss <= losses_[best_]) best_ = target;
  }

  [[nodiscard]] double* member(std::size_t i) { return members_.data() + i * d_; }

  void draw(double* u, Random& random) const {
    for (std::size_t j = 0; j < d_; ++j) u[j] = random.uniform();
  }

  void cross(std::size_t i, double* u, Random& random) {
    mutate(i, u, random);
    const double* const target = member(i);
    const std::uint64_t certain = random.below(d_);
    for (std::size_t j = 0; j < d_; ++j) {
      const bool crosses = random.bernoulli(settings_.cr);
      u[j] = crosses || j == certain ? reflected(u[j]) : target[j];
    }
  }

  // The donor.
  void mutate(std::size_t i, double* v, Random& random) {
    const auto r = others(i, random);
    const double* const target = member(i);
    const double* const best = member(best_);
    const double* const a = member(r[0]);
    const double* const b = member(r[1]);
    const double* const c = member(r[2]);
    const double f = settings_.f;
    switch (settings_.mutation) {
      case Mutation::rand:
        for (std::size_t j = 0; j < d_; ++j) v[j] = a[j] + f * (b[j] - c[j]);
        return;
      case Mutation::best:
        for (std::size_t j = 0; j < d_; ++j) v[j] = best[j] + f * (a[j] - b[j]);
        return;
      case Mutation::current_to_best:
        for (std::size_t j = 0; j < d_; ++j) v[j] = target[j] + f * (best[j] - target[j]) + f * (a[j] - b[j]);
        return;
    }
  }

  // Three living members, different from the target and from one another.
  std::array<std::size_t, 3> others(std::size_t target, Random& random) const {
    std::array<std::size_t, 3> chosen{};
    for (std::size_t k = 0; k < chosen.size();) {
      const std::size_t drawn = random.below(losses_.size());
      const auto end = chosen.begin() + static_cast<std::ptrdiff_t>(k);
      if (drawn == target || losses_[drawn] == kUnborn || std::find(chosen.begin(), end, drawn) != end) continue;
      chosen[k++] = drawn;
    }
    return chosen;
  }

  DifferentialEvolutionSettings settings_;
  const SearchSpace& space_;
  double fidelity_;
  std::size_t d_;
  std::vector<double> losses_;   // of the members
  std::vector<double> members_;  // d_ coordinates each
  std::size_t living_ = 0;
  std::size_t best_ = 0;
  std::size_t next_ = 0;  // targets asked for so far
  TrialRows<std::size_t> trials_;  // trial vectors with their targets
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_differential_evolution_recipe() {
  return std::make_unique<BasicStrategyRecipe<DifferentialEvolutionSettings, DifferentialEvolution>>();
}

}  // namespace tonne
