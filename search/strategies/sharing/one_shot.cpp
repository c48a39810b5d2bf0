// One-shot search with shared weights: a supernet that holds every candidate is trained once, candidates are
// judged with its weights at the price of a validation pass, and the best are trained on their own. Pham et al.
// 2018 (ENAS) for training the supernet by sampled paths, Guo et al. 2020 (SPOS) for uniform sampling.
//
// The three phases as trials:
// 1. `supernet_epochs` trials of one `epoch`. `supernet_path: sampled`: each of a candidate drawn at random, what a
//    supernet costs that trains one sampled path a step (ENAS, SPOS). `largest`: each of the costliest candidate, for
//    supernets that are trained as a whole from their largest member down (Cai et al. 2020, Once-for-All). It is found by
//    counting work: from the costliest of 64 random candidates, each parameter in turn at its costliest value, until none
//    helps any more. Their losses are not used.
// 2. `samples` candidates at the problem's least fidelity. In a problem with shared weights (macro_nas,
//    `sharing`) that is a validation pass with the supernet's weights, and how well its ranking agrees with the
//    candidates' own training is the problem's setting. In any other problem it is the shortest training.
//    With `rank_correlation` the candidates are looked at instead (Screening in core/trial.h), in any problem: the
//    setting is Kendall's tau between the supernet's ranking and the candidates' own training, 0.2 to 0.8 in the
//    literature, and `cheap_bias` draws the ranking towards cheap operations, as DARTS is drawn towards skip
//    connections, which train faster than the operations beside them (Zela et al. 2020).
//    Candidates are drawn uniformly (`candidates: uniform`), or bred as in SPOS (Guo et al. 2020, algorithm 1; `evolution`):
//    after a first `population`, each is either the crossover of two of the `parents` best so far or a mutant of one of them,
//    with equal probability. The paper breeds in generations; here the parents are those known when a candidate is asked for,
//    so that no worker waits. In a space where most candidates are poor uniform draws find nothing (evolved_transformer: the
//    winners of 1,000 are far worse than the default), and with `warm_start` the first population descends from the default.
// 3. The `retrain` best from scratch at the strategy's fidelity.
// ENAS draws the candidates of the second phase from a controller that learns along with the supernet; there is none here.
// A phase begins when the one before has ended. A candidate that fails to be judged is
// replaced by another; a phase whose proposals are turned down 100 times in a row has no more to propose, and ends.
//
// Where evaluations are not repeated (`duplicates: forbid` or `cache`) a second epoch of the largest path would be
// refused, or had for nothing. From then on such epochs go on from the first one, to the next amount of training, which
// is paid each time.

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <map>
#include <numbers>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include "core/recipe.h"
#include "search/strategies/sampling/moves.h"

namespace tonne {
namespace {

enum class SupernetPath : std::uint8_t { sampled, largest };
constexpr std::array<std::string_view, 2> kSupernetPathNames = {"sampled", "largest"};
enum class Candidates : std::uint8_t { uniform, evolution };
constexpr std::array<std::string_view, 2> kCandidatesNames = {"uniform", "evolution"};

struct OneShotSettings {
  /// ENAS trains its macro space for 310 epochs (from memory of the authors' scripts, not checked).
  std::int64_t supernet_epochs = 310;
  double epoch = 1.0;
  SupernetPath supernet_path = SupernetPath::sampled;
  std::int64_t samples = 1000;  ///< SPOS evaluates 1,000 candidates
  std::int64_t retrain = 5;
  Candidates candidates = Candidates::uniform;
  std::int64_t population = 50;  ///< this, `parents` and `mutation`: SPOS, from memory of the paper, not checked
  std::int64_t parents = 10;
  double mutation = 0.1;
  bool warm_start = false;
  std::optional<double> rank_correlation;
  double cheap_bias = 0.0;
  double validation_epochs = 0.1;  ///< a forward pass is a third of a training step; over 30 % of the samples

  void visit(SettingsVisitor& visitor) {
    visitor.integer("supernet_epochs", supernet_epochs, Bounds::between(0, 1e7),
                    "epochs of supernet training");
    visitor.number("epoch", epoch, {0.0, 1e12, true},
                   "length of an epoch of the supernet, in fidelity units: a problem may count steps or tokens");
    visitor.choice("supernet_path", supernet_path, kSupernetPathNames,
                   "cost of a supernet epoch: that of a randomly sampled candidate or of the largest one");
    visitor.integer("samples", samples, Bounds::between(1, 1e9), "candidates evaluated with shared weights");
    visitor.integer("retrain", retrain, Bounds::between(1, 1e6),
                    "best candidates trained from scratch at the end");
    visitor.choice("candidates", candidates, kCandidatesNames,
                   "candidates judged: uniform draws, or children of the best so far");
    visitor.integer("population", population, Bounds::between(1, 1e9),
                    "candidates judged before the first child; with candidates: evolution");
    visitor.integer("parents", parents, Bounds::between(1, 1e6), "best candidates that have children; with candidates: evolution");
    visitor.number("mutation", mutation, Bounds::between(0, 1),
                   "mutation probability per parameter, at least one changes; with candidates: evolution");
    visitor.flag("warm_start", warm_start,
                 "first population: mutants of the default configuration instead of uniform draws; with candidates: evolution");
    visitor.optional_number(
        "rank_correlation", rank_correlation, Bounds::between(-1, 1),
        "Kendall's tau of the shared-weight ranking; default: rank by the problem's shortest training");
    visitor.number("cheap_bias", cheap_bias, Bounds::between(-100, 100),
                   "score bias towards cheap candidates, in sd per sd of cost; with rank_correlation");
    visitor.number("validation_epochs", validation_epochs, {0.0, 1e6, true},
                   "cost of a validation pass, in fidelity units; with rank_correlation");
  }
  [[nodiscard]] std::optional<std::string> refuses(const StrategyContext& context) const {
    if (warm_start && candidates == Candidates::uniform) return "warm_start needs candidates: evolution";
    if (supernet_path == SupernetPath::sampled || context.work) return std::nullopt;
    return "its largest path cannot be determined because the problem does not give a candidate's work";
  }
};

/// Counts the work of candidates.
using Count = std::function<Work(const Configuration&)>;

// The values of a parameter that may be the costliest: all of them, of numbers the ends.
std::vector<double> extreme_values(const Domain& domain) {
  const auto count = cardinality(domain);
  if (std::holds_alternative<Real>(domain) || std::holds_alternative<Integer>(domain))
    return {from_unit(domain, 0.0), from_unit(domain, 1.0)};
  std::vector<double> values(*count);
  std::iota(values.begin(), values.end(), 0.0);
  return values;
}

// Sets parameter i where it is active to its costliest value; whether that helped.
bool raise(const SearchSpace& space, const Count& work, std::size_t i, Configuration& costliest, Random& random) {
  if (!costliest.is_active(i)) return false;
  bool helped = false;
  for (const double value : extreme_values(space[i].domain)) {
    Configuration other = costliest;
    other.set(i, value);
    if (space.has_conditions()) space.repair(other, random);
    if (!(work(other) > work(costliest))) continue;
    costliest = std::move(other);
    helped = true;
  }
  return helped;
}

Configuration costliest_candidate(const SearchSpace& space, const Count& work, Random random) {
  constexpr int kStarts = 64;
  constexpr int kSweeps = 10;
  Configuration costliest = space.sample(random);
  for (int i = 1; i < kStarts; ++i)
    if (Configuration other = space.sample(random); work(other) > work(costliest)) costliest = std::move(other);
  for (int sweep = 0; sweep < kSweeps; ++sweep) {
    bool helped = false;
    for (std::size_t i = 0; i < space.size(); ++i) helped = raise(space, work, i, costliest, random) || helped;
    if (!helped) break;
  }
  return costliest;
}

class OneShot final : public Strategy {
 public:
  OneShot(const OneShotSettings& settings, const StrategyContext& context)
      : settings_(settings),
        space_(context.space),
        epoch_(at_least(context.traits.fidelity, settings.epoch)),
        second_epoch_(at_least(context.traits.fidelity, 2.0 * epoch_)),
        cheapest_(context.traits.fidelity.lowest),
        full_(context.fidelity) {
    if (settings.supernet_path == SupernetPath::largest)
      largest_ = costliest_candidate(context.space, context.work, Random(0).child("costliest"));
  }

  std::optional<Proposal> ask(TrialId id, Random random) override {
    take_back(id);
    while (phase_ != Phase::done && asked_[index(phase_)] == length(phase_)) {
      if (!pending_.empty()) return std::nullopt;
      phase_ = static_cast<Phase>(index(phase_) + 1);
    }
    if (phase_ == Phase::done) return std::nullopt;
    if (phase_ == Phase::supernet && awaits_first_epoch()) return std::nullopt;
    const auto number = static_cast<std::size_t>(asked_[index(phase_)]++);
    pending_.emplace(id, phase_);
    if (phase_ == Phase::retraining)
      return Proposal{.configuration = best_[number].configuration, .fidelity = full_};
    if (phase_ == Phase::judging && settings_.rank_correlation) return look(number, random);
    if (phase_ == Phase::supernet) return train_supernet(random);
    return Proposal{.configuration = candidate(number, random), .fidelity = cheapest_};
  }

  void tell(const Trial& trial) override {
    const auto found = pending_.find(trial.id);
    if (found == pending_.end()) return;
    const Phase phase = found->second;
    pending_.erase(found);
    if (phase == Phase::supernet) return enter_epoch(trial);
    if (phase != Phase::judging) return;
    if (trial.completed() && !std::isnan(trial.loss()))
      remember(trial);
    else
      --asked_[index(phase)];
  }

  [[nodiscard]] bool may_resume() const override { return largest_.has_value(); }

 private:
  static constexpr unsigned kMostRefused = 100;
  enum class Phase : std::uint8_t { supernet, judging, retraining, done };
  struct Candidate {
    Configuration configuration;
    double loss;
  };

  // A proposal that is asked for again was turned down. One to be retrained is known at that fidelity: the next one is due.
  void take_back(TrialId id) {
    const auto found = pending_.find(id);
    if (found == pending_.end()) {
      refused_in_a_row_ = 0;
      return;
    }
    const Phase phase = found->second;
    pending_.erase(found);
    if (phase == Phase::retraining) return;
    --asked_[index(phase)];
    if (phase == Phase::supernet) is_repeated_ = true;
    if (++refused_in_a_row_ < kMostRefused) return;
    asked_[index(phase)] = length(phase);
    refused_in_a_row_ = 0;
  }

  [[nodiscard]] bool awaits_first_epoch() const {
    return largest_ && is_repeated_ && !first_epoch_ && !pending_.empty();
  }

  [[nodiscard]] Proposal train_supernet(Random& random) const {
    if (!largest_) return {.configuration = space_.sample(random), .fidelity = epoch_};
    if (is_repeated_ && first_epoch_) return {.configuration = *largest_, .fidelity = second_epoch_, .resumes = first_epoch_};
    return {.configuration = *largest_, .fidelity = epoch_};
  }

  // A cached epoch was not paid: it does not count.
  void enter_epoch(const Trial& trial) {
    const auto* completed = std::get_if<Completed>(&trial.result);
    if (completed == nullptr || !largest_ || second_epoch_ == epoch_) return;
    if (completed->cached) {
      is_repeated_ = true;
      --asked_[index(Phase::supernet)];
    } else if (!first_epoch_) {
      first_epoch_ = trial.id;
    }
  }

  // The `number`-th candidate to be judged.
  [[nodiscard]] Configuration candidate(std::size_t number, Random& random) const {
    if (settings_.candidates == Candidates::uniform) return space_.sample(random);
    const std::size_t parents = std::min(best_.size(), static_cast<std::size_t>(settings_.parents));
    if (number < static_cast<std::size_t>(settings_.population) || parents == 0) return founder(number, random);
    const Configuration& parent = best_[random.below(parents)].configuration;
    if (random.bernoulli(0.5)) return mutant(space_, parent, settings_.mutation, random);
    return crossover(space_, parent, best_[random.below(parents)].configuration, random);
  }

  [[nodiscard]] Configuration founder(std::size_t number, Random& random) const {
    if (!settings_.warm_start) return space_.sample(random);
    const Configuration origin = space_.default_configuration();
    return number == 0 ? origin : mutant(space_, origin, settings_.mutation, random);
  }

  [[nodiscard]] Proposal look(std::size_t number, Random& random) const {
    Proposal proposal{.configuration = candidate(number, random), .fidelity = 0.0};
    proposal.screening = {.correlation = std::sin(std::numbers::pi * *settings_.rank_correlation / 2.0),
                          .cheap_bias = settings_.cheap_bias,
                          .epochs = settings_.validation_epochs};
    return proposal;
  }

  static std::size_t index(Phase phase) { return static_cast<std::size_t>(phase); }

  // The amount where the problem has it, otherwise the next above.
  static double at_least(const FidelityTraits& fidelity, double amount) {
    if (fidelity.levels.empty()) return std::clamp(amount, fidelity.lowest, fidelity.highest);
    const auto level = std::ranges::lower_bound(fidelity.levels, amount);
    return level == fidelity.levels.end() ? fidelity.levels.back() : *level;
  }

  [[nodiscard]] std::int64_t length(Phase phase) const {
    if (phase == Phase::supernet) return settings_.supernet_epochs;
    return phase == Phase::judging ? settings_.samples : std::min(settings_.retrain, static_cast<std::int64_t>(best_.size()));
  }

  // The best so far, each configuration once.
  void remember(const Trial& trial) {
    const auto same = [&](const Candidate& c) { return c.configuration == trial.proposal.configuration; };
    if (std::ranges::any_of(best_, same)) return;
    best_.insert(std::ranges::upper_bound(best_, trial.loss(), {}, &Candidate::loss),
                 {trial.proposal.configuration, trial.loss()});
    const bool breeds = settings_.candidates == Candidates::evolution;
    const std::int64_t kept = breeds ? std::max(settings_.retrain, settings_.parents) : settings_.retrain;
    if (best_.size() > static_cast<std::size_t>(kept)) best_.pop_back();
  }

  OneShotSettings settings_;
  const SearchSpace& space_;
  std::optional<Configuration> largest_;  // what an epoch of the supernet costs, where it is not a sampled candidate
  double epoch_;
  double second_epoch_;                  // where an epoch ends that goes on from the first; equal to epoch_: there is none
  std::optional<TrialId> first_epoch_;   // of the largest path, paid
  bool is_repeated_ = false;             // an epoch was refused, or had from the cache
  unsigned refused_in_a_row_ = 0;
  double cheapest_;
  double full_;
  Phase phase_ = Phase::supernet;
  std::array<std::int64_t, 3> asked_{};
  std::map<TrialId, Phase> pending_;
  std::vector<Candidate> best_;  // ascending in loss
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_one_shot_recipe() {
  return std::make_unique<BasicStrategyRecipe<OneShotSettings, OneShot>>();
}

}  // namespace tonne
