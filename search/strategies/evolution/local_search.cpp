// Local search: White, Nolen and Savani 2021, "Exploring the Loss Landscape in Neural Architecture Search",
// UAI, Algorithm 1: evaluate the whole neighbourhood, move to its best, and begin anew at a random point
// where nothing near is better.
//
// Where the paper is silent, or this differs:
// - Each ascent begins at the best of `starts` random candidates, and `move: first` goes to the first
//   neighbour that is better: so does the authors' program, naszilla. With `starts: 1` and `move: best` it
//   is Algorithm 1.
// - Neighbours differ in one parameter: categorical ones in any other choice, ordinal ones by one level,
//   numbers by `neighbours` normal steps (SMAC's local search: four steps of deviation 0.2; Hutter et al.
//   2011).
// - What was proposed is not proposed again. A known neighbour counts with its first loss under `best`;
//   `first` passes it over, as naszilla does, so that an ascent through known ground takes another way. When
//   half of a finite space is known, what is left is listed, and when nothing is left the search ends.
// - Workers share one neighbourhood. When all of it is running, idle workers draw random candidates for a
//   later start.
// - Failed candidates are never moved to.

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "core/digest_table.h"
#include "core/recipe.h"
#include "search/strategies/sampling/moves.h"

namespace tonne {
namespace {

enum class Improvement : std::uint8_t { first, best };
constexpr std::array<std::string_view, 2> kImprovementNames = {"first", "best"};
constexpr double kUnknown = std::numeric_limits<double>::infinity();
/// Draws of a start before one that is known already is taken.
constexpr int kMostDraws = 100;
/// Larger spaces are never listed: half of one is more evaluations than searches have.
constexpr double kMostListed = 1e5;

/// The value from which a discrete domain's values are counted up.
double lowest_value(const Domain& domain) {
  const auto* integer = std::get_if<Integer>(&domain);
  return integer == nullptr ? 0.0 : static_cast<double>(integer->low);
}

/// The lowest values of what is active from parameter `first` on.
void lower_from(const SearchSpace& space, Configuration& configuration, std::size_t first) {
  for (std::size_t i = first; i < space.size(); ++i) {
    if (space.should_be_active(i, configuration))
      configuration.set(i, lowest_value(space[i].domain));
    else
      configuration.deactivate(i);
  }
}

/// The next configuration of a finite space in the order of a dictionary; false behind the last one.
bool advance_in(const SearchSpace& space, Configuration& configuration) {
  for (std::size_t i = space.size(); i-- > 0;) {
    if (!configuration.is_active(i)) continue;
    const double next = configuration[i] + 1.0;
    if (next - lowest_value(space[i].domain) >= static_cast<double>(*cardinality(space[i].domain))) continue;
    configuration.set(i, next);
    lower_from(space, configuration, i + 1);
    return true;
  }
  return false;
}

struct LocalSearchSettings {
  std::int64_t starts = 10;     ///< naszilla, the authors' program
  std::int64_t neighbours = 4;  ///< of each number; SMAC
  double step = 0.2;            ///< deviation of a number's step, part of its range; SMAC
  Improvement move =
      Improvement::first;  ///< naszilla; fewer evaluations to the optimum than `best` (docs/strategies.md)

  void visit(SettingsVisitor& visitor) {
    visitor.integer("starts", starts, Bounds::between(1, 1e6),
                    "random candidates before each ascent, which starts from the best");
    visitor.integer("neighbours", neighbours, Bounds::between(1, 1e4), "neighbours per numeric parameter");
    visitor.number("step", step, {0.0, 1.0, true}, "sd of a numeric step, as a fraction of the range");
    visitor.choice(
        "move", move, kImprovementNames,
        "move to the first new neighbour that is better, or to the best of the whole neighbourhood");
  }
};

class LocalSearch final : public Strategy {
 public:
  LocalSearch(const LocalSearchSettings& settings, const StrategyContext& context)
      : settings_(settings),
        space_(context.space),
        fidelity_(context.fidelity),
        points_(context.space.cardinality().value_or(std::numeric_limits<double>::infinity())) {}

  std::optional<Proposal> ask(TrialId id, Random random) override {
    take_back(id);
    if (settled()) advance(random);
    if (!queue_.empty()) {
      const Configuration next = queue_.back();
      queue_.pop_back();
      return propose(id, next, Role::neighbour);
    }
    const auto start = unknown_sample(random);
    if (!start) return std::nullopt;
    return propose(id, *start, Role::start);
  }

  void tell(const Trial& trial) override {
    const auto found = pending_.find(trial.id);
    if (found == pending_.end()) return;
    const Pending pending = found->second;
    pending_.erase(found);
    const bool usable = trial.completed() && !std::isnan(trial.loss());
    const double loss = usable ? trial.loss() : kUnknown;
    const Configuration& configuration = trial.proposal.configuration;
    double& known = known_[configuration.digest()].loss;
    if (known == kUnknown) known = loss;
    if (pending.role == Role::start) {
      ++started_;
      if (usable && loss < start_.loss) start_ = {configuration, loss};
      return;
    }
    // One of an earlier neighbourhood is no neighbour any more, but a move to it is still a move to something
    // better.
    if (pending.neighbourhood == neighbourhood_) --running_;
    if (usable && loss < best_.loss) best_ = {configuration, loss};
  }

 private:
  enum class Role : std::uint8_t { start, neighbour };
  struct Pending {
    Role role;
    std::uint64_t neighbourhood;
  };
  struct Known {
    double loss = kUnknown;  // the first; while it runs, or where it failed: unknown
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
    known_[configuration.digest()];
    if (role == Role::neighbour) ++running_;
    return {.configuration = configuration, .fidelity = fidelity_};
  }

  // Whether the neighbourhood is known, or enough of it.
  [[nodiscard]] bool settled() const {
    if (settings_.move == Improvement::first && best_.loss < current_.loss) return true;
    return queue_.empty() && running_ == 0;
  }

  // Moves and begins neighbourhoods until something in one is unknown, or a start is wanted. A known space
  // has known neighbourhoods only: each move lowers the loss, so this ends.
  void advance(Random& random) {
    while (settled()) {
      if (best_.loss < current_.loss) {
        current_ = best_;
      } else if (start_.loss < kUnknown && started_ >= settings_.starts) {
        current_ = start_;
        start_ = {};
        started_ = 0;
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
    drop_repetitions();
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
    const Known* const known = known_.find(neighbour.digest());
    if (known == nullptr) {
      queue_.push_back(neighbour);
    } else if (settings_.move == Improvement::best && known->loss < best_.loss) {
      best_ = {neighbour, known->loss};
    }
  }

  // Different steps of an integer may lead to one value.
  void drop_repetitions() {
    std::vector<Configuration> distinct;
    DigestTable<bool> listed;
    for (Configuration& neighbour : queue_)
      if (bool& is_listed = listed[neighbour.digest()]; !is_listed) {
        is_listed = true;
        distinct.push_back(std::move(neighbour));
      }
    queue_ = std::move(distinct);
  }

  // Uniform over what was not proposed yet; nullopt where that is nothing.
  std::optional<Configuration> unknown_sample(Random& random) {
    if (points_ <= kMostListed && 2.0 * static_cast<double>(known_.size()) >= points_)
      return listed_sample(random);
    Configuration sample = space_.sample(random);
    for (int i = 0; i < kMostDraws && known_.find(sample.digest()) != nullptr; ++i)
      sample = space_.sample(random);
    return sample;
  }

  std::optional<Configuration> listed_sample(Random& random) {
    if (!listed_) list_the_rest();
    while (!rest_.empty()) {
      std::swap(rest_[random.below(rest_.size())], rest_.back());
      const Configuration sample = std::move(rest_.back());
      rest_.pop_back();
      if (known_.find(sample.digest()) == nullptr) return sample;
    }
    return std::nullopt;
  }

  void list_the_rest() {
    listed_ = true;
    Configuration configuration(space_.size());
    lower_from(space_, configuration, 0);
    do {
      if (known_.find(configuration.digest()) == nullptr) rest_.push_back(configuration);
    } while (advance_in(space_, configuration));
  }

  LocalSearchSettings settings_;
  const SearchSpace& space_;
  double fidelity_;
  double points_;  // of the space

  Point current_;                     // whose neighbourhood is being evaluated
  Point best_;                        // of the neighbourhood
  Point start_;                       // the best random candidate since the last start
  std::int64_t started_ = 0;          // random candidates told since then
  std::vector<Configuration> queue_;  // neighbours to evaluate
  std::int64_t running_ = 0;          // neighbours being evaluated
  std::uint64_t neighbourhood_ = 0;   // counts them
  std::map<TrialId, Pending> pending_;
  DigestTable<Known> known_;         // what was proposed
  bool listed_ = false;              // the rest of the space has been
  std::vector<Configuration> rest_;  // what was not proposed then
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_local_search_recipe() {
  return std::make_unique<BasicStrategyRecipe<LocalSearchSettings, LocalSearch>>();
}

}  // namespace tonne
