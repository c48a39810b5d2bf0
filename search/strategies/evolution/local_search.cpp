// Local search: White, Nolen and Savani 2021, "Exploring the Loss Landscape in Neural Architecture Search", UAI,
// Algorithm 1: evaluate the whole neighbourhood, move to its best, and begin anew at a random point where nothing near
// is better.
//
// Where the paper is silent, or this differs:
// - The first start is the best of `starts` random candidates; later ones are a single random candidate each, or the best
//   of those drawn while workers had nothing to do. The authors' program draws `starts` for each, and by default moves to
//   the first neighbour that is better (`move: first`), while their Algorithm 1 has the best one.
// - Neighbours differ in one parameter: categorical ones in any other choice, ordinal ones by one level, numbers by
//   `neighbours` normal steps (SMAC's local search: four steps of deviation 0.2; Hutter et al. 2011).
// - What was evaluated is not evaluated again: a known neighbour counts with its first loss.
// - Workers share one neighbourhood. When all of it is running, idle workers draw random candidates for a later start.
// - Failed candidates are never moved to.

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/recipe.h"
#include "search/strategies/sampling/moves.h"

namespace tonne {
namespace {

enum class Improvement : std::uint8_t { best, first };
constexpr std::array<std::string_view, 2> kImprovementNames = {"best", "first"};
constexpr double kUnknown = std::numeric_limits<double>::infinity();
/// Draws of a start before one that is known already is taken: the space may be exhausted.
constexpr int kMostDraws = 100;

struct LocalSearchSettings {
  std::int64_t starts = 10;     ///< NASLib's implementation of the paper
  std::int64_t neighbours = 4;  ///< of each number; SMAC
  double step = 0.2;            ///< deviation of a number's step, part of its range; SMAC
  Improvement move = Improvement::best;

  void visit(SettingsVisitor& visitor) {
    visitor.integer("starts", starts, Bounds::between(1, 1e6),
                    "initial random candidates; the search starts from the best");
    visitor.integer("neighbours", neighbours, Bounds::between(1, 1e4), "neighbours per numeric parameter");
    visitor.number("step", step, {0.0, 1.0, true}, "sd of a numeric step, as a fraction of the range");
    visitor.choice("move", move, kImprovementNames,
                   "move to the best of the whole neighbourhood, or to the first improvement");
  }
};

class LocalSearch final : public Strategy {
 public:
  LocalSearch(const LocalSearchSettings& settings, const StrategyContext& context)
      : settings_(settings), space_(context.space), fidelity_(context.fidelity) {}

  std::optional<Proposal> ask(TrialId id, Random random) override {
    take_back(id);
    if (settled()) advance(random);
    if (!queue_.empty()) {
      const Configuration next = queue_.back();
      queue_.pop_back();
      return propose(id, next, Role::neighbour);
    }
    return propose(id, unknown_sample(random), Role::start);
  }

  void tell(const Trial& trial) override {
    const auto found = pending_.find(trial.id);
    if (found == pending_.end()) return;
    const Pending pending = found->second;
    pending_.erase(found);
    const bool usable = trial.completed() && !std::isnan(trial.loss());
    const double loss = usable ? trial.loss() : kUnknown;
    const Configuration& configuration = trial.proposal.configuration;
    known_.try_emplace(configuration.digest(), loss);
    if (pending.role == Role::start) {
      ++started_;
      if (usable && loss < start_.loss) start_ = {configuration, loss};
      return;
    }
    // One of an earlier neighbourhood is no neighbour any more, but a move to it is still a move to something better.
    if (pending.neighbourhood == neighbourhood_) --running_;
    if (usable && loss < best_.loss) best_ = {configuration, loss};
  }

 private:
  enum class Role : std::uint8_t { start, neighbour };
  struct Pending {
    Role role;
    std::uint64_t neighbourhood;
  };
  struct Point {
    Configuration configuration;
    double loss = kUnknown;
  };

  // A proposal that is asked for again was turned down: the candidate is known to the simulator.
  void take_back(TrialId id) {
    const auto found = pending_.find(id);
    if (found == pending_.end()) return;
    const Pending pending = found->second;
    pending_.erase(found);
    if (pending.role == Role::neighbour && pending.neighbourhood == neighbourhood_) --running_;
  }

  Proposal propose(TrialId id, const Configuration& configuration, Role role) {
    pending_.emplace(id, Pending{role, neighbourhood_});
    if (role == Role::neighbour) ++running_;
    return {.configuration = configuration, .fidelity = fidelity_};
  }

  // Whether the neighbourhood is known, or enough of it.
  [[nodiscard]] bool settled() const {
    if (settings_.move == Improvement::first && best_.loss < current_.loss) return true;
    return queue_.empty() && running_ == 0;
  }

  // Moves and begins neighbourhoods until something in one is unknown, or a start is wanted. A known space has known
  // neighbourhoods only: each move lowers the loss, so this ends.
  void advance(Random& random) {
    while (settled()) {
      if (best_.loss < current_.loss) {
        current_ = best_;
      } else if (start_.loss < kUnknown && started_ >= settings_.starts) {
        current_ = start_;
        start_ = {};
      } else {
        current_ = {};
        best_ = {};
        return;
      }
      best_ = {};
      list_neighbours(random);
    }
  }

  void list_neighbours(Random& random) {
    queue_.clear();
    running_ = 0;
    ++neighbourhood_;
    for (std::size_t i = 0; i < space_.size(); ++i) {
      if (!can_move(space_, current_.configuration, i)) continue;
      if (is_discrete(space_[i].domain) && !std::holds_alternative<Integer>(space_[i].domain)) {
        list_choices(i, random);
        continue;
      }
      for (std::int64_t k = 0; k < settings_.neighbours; ++k) {
        Configuration neighbour = current_.configuration;
        perturb(space_, neighbour, i, settings_.step, random);
        consider(neighbour);
      }
    }
    for (std::size_t i = queue_.size(); i > 1; --i) std::swap(queue_[i - 1], queue_[random.below(i)]);
  }

  void list_choices(std::size_t i, Random& random) {
    const auto count = static_cast<std::int64_t>(*cardinality(space_[i].domain));
    const auto own = static_cast<std::int64_t>(current_.configuration[i]);
    const bool ordered = !is_categorical(space_[i].domain);
    for (std::int64_t choice = 0; choice < count; ++choice) {
      if (choice == own || (ordered && std::abs(choice - own) > 1)) continue;
      Configuration neighbour = current_.configuration;
      neighbour.set(i, static_cast<double>(choice));
      if (space_.has_conditions()) space_.repair(neighbour, random);
      consider(neighbour);
    }
  }

  void consider(const Configuration& neighbour) {
    const auto known = known_.find(neighbour.digest());
    if (known == known_.end()) {
      queue_.push_back(neighbour);
    } else if (known->second < best_.loss) {
      best_ = {neighbour, known->second};
    }
  }

  Configuration unknown_sample(Random& random) const {
    Configuration sample = space_.sample(random);
    for (int i = 0; i < kMostDraws && known_.contains(sample.digest()); ++i) sample = space_.sample(random);
    return sample;
  }

  LocalSearchSettings settings_;
  const SearchSpace& space_;
  double fidelity_;

  Point current_;                     // whose neighbourhood is being evaluated
  Point best_;                        // of the neighbourhood
  Point start_;                       // the best random candidate since the last start
  std::int64_t started_ = 0;          // random candidates told
  std::vector<Configuration> queue_;  // neighbours to evaluate
  std::int64_t running_ = 0;          // neighbours being evaluated
  std::uint64_t neighbourhood_ = 0;   // counts them
  std::map<TrialId, Pending> pending_;
  std::unordered_map<std::uint64_t, double> known_;  // by digest; looked up, never iterated
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_local_search_recipe() {
  return std::make_unique<BasicStrategyRecipe<LocalSearchSettings, LocalSearch>>();
}

}  // namespace tonne
