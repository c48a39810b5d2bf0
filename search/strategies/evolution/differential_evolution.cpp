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
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "core/recipe.h"
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
        members_(std::max<std::size_t>(static_cast<std::size_t>(settings.population), context.workers)) {}

  std::optional<Proposal> ask(TrialId id, Random random) override {
    std::vector<double> u = living_ < kLeastMembers || next_ < members_.size() ? random_vector(random) : trial_vector(random);
    Proposal proposal{.configuration = configuration_at(space_, u), .fidelity = fidelity_};
    pending_.insert_or_assign(id, Pending{next_++ % members_.size(), std::move(u)});
    return proposal;
  }

  void tell(const Trial& trial) override {
    const auto found = pending_.find(trial.id);
    if (found == pending_.end()) return;
    Pending ended = std::move(found->second);
    pending_.erase(found);
    if (!trial.completed() || std::isnan(trial.loss())) return;
    Member& target = members_[ended.target];
    const bool is_first = target.x.empty();
    if (!is_first && trial.loss() > target.loss) return;
    living_ += is_first ? 1 : 0;
    target = {std::move(ended.u), trial.loss()};
    if (members_[best_].x.empty() || target.loss <= members_[best_].loss) best_ = ended.target;
  }

 private:
  struct Member {
    std::vector<double> x;  // empty until one has completed
    double loss = std::numeric_limits<double>::infinity();
  };
  struct Pending {
    std::size_t target;
    std::vector<double> u;
  };

  std::vector<double> random_vector(Random& random) const {
    std::vector<double> u(space_.size());
    for (double& coordinate : u) coordinate = random.uniform();
    return u;
  }

  std::vector<double> trial_vector(Random& random) {
    const std::size_t i = next_ % members_.size();
    if (members_[i].x.empty()) return random_vector(random);
    const auto r = others(i, random);
    const std::vector<double>& target = members_[i].x;
    const std::vector<double>& best = members_[best_].x;
    const std::vector<double>& a = members_[r[0]].x;
    const std::vector<double>& b = members_[r[1]].x;
    const std::vector<double>& c = members_[r[2]].x;
    const double f = settings_.f;
    std::vector<double> u = target;
    const std::uint64_t certain = random.below(u.size());
    for (std::size_t j = 0; j < u.size(); ++j) {
      const bool crosses = random.bernoulli(settings_.cr);
      if (!crosses && j != certain) continue;
      switch (settings_.mutation) {
        case Mutation::rand:
          u[j] = a[j] + f * (b[j] - c[j]);
          break;
        case Mutation::best:
          u[j] = best[j] + f * (a[j] - b[j]);
          break;
        case Mutation::current_to_best:
          u[j] = target[j] + f * (best[j] - target[j]) + f * (a[j] - b[j]);
          break;
      }
      u[j] = reflected(u[j]);
    }
    return u;
  }

  // Three living members, different from the target and from one another.
  std::array<std::size_t, 3> others(std::size_t target, Random& random) const {
    std::array<std::size_t, 3> chosen{};
    for (std::size_t k = 0; k < chosen.size();) {
      const std::size_t drawn = random.below(members_.size());
      const auto end = chosen.begin() + static_cast<std::ptrdiff_t>(k);
      if (drawn == target || members_[drawn].x.empty() || std::find(chosen.begin(), end, drawn) != end) continue;
      chosen[k++] = drawn;
    }
    return chosen;
  }

  DifferentialEvolutionSettings settings_;
  const SearchSpace& space_;
  double fidelity_;
  std::vector<Member> members_;
  std::size_t living_ = 0;
  std::size_t best_ = 0;
  std::size_t next_ = 0;  // targets asked for so far
  std::map<TrialId, Pending> pending_;
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_differential_evolution_recipe() {
  return std::make_unique<BasicStrategyRecipe<DifferentialEvolutionSettings, DifferentialEvolution>>();
}

}  // namespace tonne
