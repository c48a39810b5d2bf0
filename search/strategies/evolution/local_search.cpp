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
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "core/digest_table.h"
#include "core/recipe.h"
#include "search/strategies/sampling/moves.h"
#include "search/strategies/trial_table.h"

namespace tonne {
namespace {

enum class Improvement : std::uint8_t { first, best };
constexpr std::array<std::string_view, 2> kImprovementNames = {"first", "best"};
constexpr double kUnknown = std::numeric_limits<double>::infinity();
/// Draws of a start before one that is known already is taken.
constexpr int kMostDraws = 100;
/// Larger spaces are never listed: those with conditions, whose configurations are kept, and others, which are numbered.
constexpr double kMostKept = 1e5;
constexpr double kMostNumbered = 4e9;

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
        points_(context.space.cardinality().value_or(std::numeric_limits<double>::infinity())),
        is_parent_(context.space.size(), false) {
    for (const Parameter& parameter : space_.parameters())
      if (parameter.active_when) is_parent_[parameter.active_when->parent] = true;
  }

  std::optional<Proposal> ask(TrialId id, Random random) override {
    take_back(id);
    if (settled()) advance(random);
    if (!queue_.empty()) {
      const Neighbour next = queue_.back();
      queue_.pop_back();
      return propose(id, configuration_of(next), next.digest, Role::neighbour);
    }
    auto start = unknown_sample(random);
    if (!start) return std::nullopt;
    const std::uint64_t digest = start->digest();
    return propose(id, *std::move(start), digest, Role::start);
  }

  void tell(const Trial& trial) override {
    const std::optional<Pending> pending = pending_.take(trial.id);
    if (!pending) return;
    const bool usable = trial.completed() && !std::isnan(trial.loss());
    const double loss = usable ? trial.loss() : kUnknown;
    const Configuration& configuration = trial.proposal.configuration;
    double& known = known_[pending->digest].loss;
    if (known == kUnknown) known = loss;
    if (pending->role == Role::start) {
      ++started_;
      if (usable && loss < start_.loss) start_ = {configuration, loss};
      return;
    }
    // One of an earlier neighbourhood is no neighbour any more, but a move to it is still a move to something
    // better.
    if (pending->neighbourhood == neighbourhood_) --running_;
    if (usable && loss < best_.loss) best_ = {configuration, loss};
  }

 private:
  enum class Role : std::uint8_t { start, neighbour };
  struct Pending {
    Role role = Role::start;
    std::uint64_t neighbourhood = 0;
    std::uint64_t digest = 0;
  };
  // Differs from the current configuration in one parameter; where others depend on that, it is one of `repaired_`.
  struct Neighbour {
    std::uint64_t digest = 0;
    std::uint32_t parameter = 0;
    std::uint32_t repaired = 0;
    double value = 0.0;
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
    const std::optional<Pending> pending = pending_.take(id);
    if (pending && pending->role == Role::neighbour && pending->neighbourhood == neighbourhood_) --running_;
  }

  Proposal propose(TrialId id, Configuration configuration, std::uint64_t digest, Role role) {
    pending_.put(id, Pending{role, neighbourhood_, digest});
    known_[digest];
    if (role == Role::neighbour) ++running_;
    return {.configuration = std::move(configuration), .fidelity = fidelity_};
  }

  [[nodiscard]] Configuration configuration_of(const Neighbour& neighbour) const {
    if (is_parent_[neighbour.parameter]) return repaired_[neighbour.repaired];
    Configuration configuration = current_.configuration;
    configuration.set(neighbour.parameter, neighbour.value);
    return configuration;
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
    repairs_ = 0;
    running_ = 0;
    ++neighbourhood_;
    moved_ = current_.configuration;
    for (std::size_t i = 0; i < space_.size(); ++i) {
      if (!can_move(space_, current_.configuration, i)) continue;
      if (is_discrete(space_[i].domain) && !std::holds_alternative<Integer>(space_[i].domain))
        list_choices(i, random);
      else
        list_steps(i, random);
    }
    for (std::size_t i = queue_.size(); i > 1; --i) std::swap(queue_[i - 1], queue_[random.below(i)]);
  }

  void list_steps(std::size_t i, Random& random) {
    const std::size_t others = queue_.size();
    for (std::int64_t k = 0; k < settings_.neighbours; ++k) {
      perturb(space_, moved_, i, settings_.step, random);
      consider(i, others);
    }
  }

  void list_choices(std::size_t i, Random& random) {
    const auto count = static_cast<std::int64_t>(*cardinality(space_[i].domain));
    const auto own = static_cast<std::int64_t>(current_.configuration[i]);
    const bool ordered = !is_categorical(space_[i].domain);
    for (std::int64_t choice = 0; choice < count; ++choice) {
      if (choice == own || (ordered && std::abs(choice - own) > 1)) continue;
      moved_.set(i, static_cast<double>(choice));
      if (is_parent_[i]) space_.repair(moved_, random);
      consider(i, queue_.size());
    }
  }

  // What `moved_` is now, which then becomes the current configuration again. Those listed from `others` on differ in the
  // same parameter: different steps of an integer may lead to one value.
  void consider(std::size_t parameter, std::size_t others) {
    const std::uint64_t digest = moved_.digest();
    const Known* const known = known_.find(digest);
    if (known == nullptr) {
      list(digest, parameter, others);
    } else if (settings_.move == Improvement::best && known->loss < best_.loss) {
      best_ = {moved_, known->loss};
    }
    if (is_parent_[parameter])
      moved_ = current_.configuration;
    else
      moved_.set(parameter, current_.configuration[parameter]);
  }

  void list(std::uint64_t digest, std::size_t parameter, std::size_t others) {
    const auto listed = std::span(queue_).subspan(others);
    if (std::ranges::find(listed, digest, &Neighbour::digest) != listed.end()) return;
    queue_.push_back({digest, static_cast<std::uint32_t>(parameter), repairs_, moved_[parameter]});
    if (!is_parent_[parameter]) return;
    if (repairs_ == repaired_.size()) repaired_.emplace_back();
    repaired_[repairs_++] = moved_;
  }

  // Uniform over what was not proposed yet; nullopt where that is nothing.
  std::optional<Configuration> unknown_sample(Random& random) {
    if (points_ <= most_listed() && 2.0 * static_cast<double>(known_.size()) >= points_)
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
      Configuration sample = listed_configuration(rest_.back());
      rest_.pop_back();
      if (known_.find(sample.digest()) == nullptr) return sample;
    }
    return std::nullopt;
  }

  // Limits of the numbers in `rest_`, and of memory where each configuration is kept.
  [[nodiscard]] double most_listed() const { return space_.has_conditions() ? kMostKept : kMostNumbered; }

  void list_the_rest() {
    listed_ = true;
    Configuration configuration(space_.size());
    lower_from(space_, configuration, 0);
    std::uint32_t number = 0;
    do {
      if (known_.find(configuration.digest()) == nullptr) {
        rest_.push_back(space_.has_conditions() ? static_cast<std::uint32_t>(conditional_.size()) : number);
        if (space_.has_conditions()) conditional_.push_back(configuration);
      }
      ++number;
    } while (advance_in(space_, configuration));
  }

  [[nodiscard]] Configuration listed_configuration(std::uint32_t number) const {
    if (space_.has_conditions()) return conditional_[number];
    Configuration configuration(space_.size());
    for (std::size_t i = space_.size(); i-- > 0;) {
      const auto count = static_cast<std::uint32_t>(*cardinality(space_[i].domain));
      configuration.set(i, lowest_value(space_[i].domain) + static_cast<double>(number % count));
      number /= count;
    }
    return configuration;
  }

  LocalSearchSettings settings_;
  const SearchSpace& space_;
  double fidelity_;
  double points_;  // of the space
  std::vector<bool> is_parent_;  // whether the activity of others depends on a parameter

  Point current_;                     // whose neighbourhood is being evaluated
  Point best_;                        // of the neighbourhood
  Point start_;                       // the best random candidate since the last start
  std::int64_t started_ = 0;          // random candidates told since then
  std::vector<Neighbour> queue_;         // neighbours to evaluate
  std::vector<Configuration> repaired_;  // of them the first `repairs_`
  std::uint32_t repairs_ = 0;
  Configuration moved_;                  // the current configuration, while neighbours are listed one by one
  std::int64_t running_ = 0;             // neighbours being evaluated
  std::uint64_t neighbourhood_ = 0;      // counts them
  TrialTable<Pending> pending_;
  DigestTable<Known> known_;                // what was proposed
  bool listed_ = false;                     // the rest of the space has been
  std::vector<std::uint32_t> rest_;         // what was not proposed then: numbers in the order of a dictionary, or indices
  std::vector<Configuration> conditional_;  // into these, where the space has conditions
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_local_search_recipe() {
  return std::make_unique<BasicStrategyRecipe<LocalSearchSettings, LocalSearch>>();
}

}  // namespace tonne
