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
#include "search/strategies/evolution/columns.h"
#include "search/strategies/evolution/trial_rows.h"
#include "search/strategies/sampling/moves.h"
#include "search/strategies/sampling/unit_map.h"

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

// v = start + factor (a - b); v is none of them.
void add_difference(double* __restrict v, const double* start, double factor, const double* a, const double* b,
                    std::size_t count) {
  for (std::size_t k = 0; k < count; k += kLaneCount)
    for (std::size_t lane = 0; lane < kLaneCount; ++lane)
      v[k + lane] = start[k + lane] + factor * (a[k + lane] - b[k + lane]);
}

class DifferentialEvolution final : public Strategy {
 public:
  DifferentialEvolution(const DifferentialEvolutionSettings& settings, const StrategyContext& context)
      : settings_(settings),
        space_(context.space),
        fidelity_(context.fidelity),
        d_(space_.size()),
        values_(space_),
        crosses_below_(static_cast<std::uint64_t>(std::ceil(settings.cr * 0x1.0p53))),
        losses_(std::max<std::size_t>(static_cast<std::size_t>(settings.population), context.workers), kUnborn),
        members_(d_, losses_.size()),
        donor_(d_, 2),
        trials_(padded(d_)) {}

  std::optional<Proposal> ask(TrialId id, Random random) override {
    const std::size_t row = trials_.put(id);
    double* const u = trials_[row];
    const std::size_t target = next_ % losses_.size();
    const bool is_first = living_ < kLeastMembers || next_ < losses_.size() || losses_[target] == kUnborn;
    is_first ? draw(u, random) : cross(target, u, random);
    trials_.label(row) = target;
    ++next_;
    return Proposal{.configuration = values_.configuration(u), .fidelity = fidelity_};
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
    std::copy(u, u + members_.stride(), members_[target]);
    if (loss <= losses_[best_]) best_ = target;
  }

  void draw(double* u, Random& random) const {
    for (std::size_t j = 0; j < d_; ++j) u[j] = random.uniform();
  }

  void cross(std::size_t i, double* u, Random& random) {
    mutate(i, random);
    const std::array<const double*, 2> from = {members_[i], donor_[0]};
    const std::uint64_t certain = random.below(d_);
    for (std::size_t j = 0; j < d_; ++j) {
      const bool crosses = is_crossing(random);
      u[j] = from[crosses || j == certain ? 1 : 0][j];  // a branch would be guessed wrong every few coordinates
    }
    for (std::size_t j = 0; j < d_; ++j)
      if (!(u[j] >= 0.0 && u[j] <= 1.0)) u[j] = reflected(u[j]);
  }
  // random.bernoulli(CR), which asks of 53 bits whether they are below CR 2^53.
  [[nodiscard]] bool is_crossing(Random& random) const { return (random.next() >> 11U) < crosses_below_; }

  // The donor.
  void mutate(std::size_t i, Random& random) {
    const auto r = others(i, random);
    const double f = settings_.f;
    double* const v = donor_[0];
    switch (settings_.mutation) {
      case Mutation::rand:
        return add_difference(v, members_[r[0]], f, members_[r[1]], members_[r[2]], members_.stride());
      case Mutation::best:
        return add_difference(v, members_[best_], f, members_[r[0]], members_[r[1]], members_.stride());
      case Mutation::current_to_best:
        add_difference(donor_[1], members_[i], f, members_[best_], members_[i], members_.stride());
        return add_difference(v, donor_[1], f, members_[r[0]], members_[r[1]], members_.stride());
    }
  }

  // Three living members, different from the target and from one another.
  std::array<std::size_t, 3> others(std::size_t target, Random& random) const {
    const std::size_t a = other(random, target, target, target);
    const std::size_t b = other(random, target, a, a);
    return {a, b, other(random, target, a, b)};
  }
  // A living member that is none of these.
  std::size_t other(Random& random, std::size_t i, std::size_t j, std::size_t k) const {
    for (;;) {
      const std::size_t drawn = random.below(losses_.size());
      if (drawn != i && drawn != j && drawn != k && losses_[drawn] != kUnborn) return drawn;
    }
  }

  DifferentialEvolutionSettings settings_;
  const SearchSpace& space_;
  double fidelity_;
  std::size_t d_;
  UnitMap values_;
  std::uint64_t crosses_below_;  // of 53 random bits: CR
  std::vector<double> losses_;  // of the members
  Columns members_;             // one in each column
  Columns donor_;               // and, before it, the target moved towards the best
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
