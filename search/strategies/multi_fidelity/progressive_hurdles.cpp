// Tournament evolution with progressive dynamic hurdles: So, Liang and Le 2019, "The Evolved Transformer",
// ICML, appendix A. The symbols are the paper's.
//
// A child trains s_0 steps. Once m children have ended, hurdle h_0 is the mean fitness of the population, and
// a later child whose fitness exceeds h_0 trains s_1 steps more, from its checkpoint. After m more, h_1 is
// the mean fitness of those of the population that trained s_0 + s_1 steps; and so on, until there is a
// hurdle before each increment. A child joins the population with the fitness at which it stopped.
//
// Where the paper is silent, or this differs:
// - Workers: a child is made from the population that there is when a worker asks. The child that passes a
//   hurdle goes on before a new one is made.
// - Who dies for a child is the worst of a second sample, as in Real et al. 2017; its draws belong to the
//   child. Both samples are drawn with replacement.
// - A child changes each field with the probability `mutation`, at least one; a field may be drawn twice.
// - Failed children end and do not join. One that fails beyond a hurdle is lost.
// - Where a hurdle is due and nobody of the population has trained that long, it is made when somebody has.

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/number_text.h"
#include "core/recipe.h"
#include "search/strategies/multi_fidelity/brackets.h"
#include "search/strategies/sampling/moves.h"

namespace tonne {
namespace {

/// Defaults: So et al. 2019: population 100, tournament 30, 15K children, the 20 best trained in
/// full. The mutation rate and the children before a hurdle are from memory of that paper, not checked.
struct ProgressiveHurdlesSettings {
  std::int64_t population = 100;
  std::int64_t sample = 30;
  std::int64_t children = 15'000;
  /// s_0, s_1, ... in the problem's unit; empty: 1/4, 1/4 and 1/2 of the strategy's fidelity, which are the
  /// 60K, 60K and 120K steps of a search up to 240K.
  std::vector<std::string> increments;
  std::int64_t hurdle_every = 5'000;  ///< m
  double mutation = 0.025;            ///< probability that a field changes
  bool warm_start = true;             ///< the first candidates descend from the default configuration
  std::int64_t retrain = 20;          ///< the best at the end, trained from scratch at the highest fidelity

  void visit(SettingsVisitor& visitor) {
    visitor.integer("population", population, Bounds::between(1, 1e6), "population size");
    visitor.integer("sample", sample, Bounds::between(1, 1e6),
                    "sample size: the best of one sample becomes the parent, the worst of a second one dies");
    visitor.integer("children", children, Bounds::between(1, 1e9),
                    "total candidates, the initial population included");
    visitor.texts("increments", increments,
                  "training before the first hurdle, then after each hurdle; default: 1/4, 1/4 and 1/2 of "
                  "the fidelity");
    visitor.integer("hurdle_every", hurdle_every, Bounds::between(1, 1e9), "children between new hurdles");
    visitor.number("mutation", mutation, Bounds::between(0, 1),
                   "mutation probability per parameter; at least one changes");
    visitor.flag("warm_start", warm_start,
                 "start from mutants of the default configuration instead of random candidates");
    visitor.integer("retrain", retrain, Bounds::between(0, 1e6),
                    "best candidates retrained from scratch at the highest fidelity at the end");
    for (const std::string& text : increments)
      visitor.require(number_of(text).has_value(), "increments", "'" + text + "' is not a positive number");
  }

  /// The number above 0 that a text holds.
  [[nodiscard]] static std::optional<double> number_of(const std::string& text) {
    double value = 0.0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = error == std::errc{} && end == text.data() + text.size();
    return whole && std::isfinite(value) && value > 0.0 ? std::optional(value) : std::nullopt;
  }

  /// s_0, s_0 + s_1, ...: given, or by the default shares at amounts that the problem has, each once.
  [[nodiscard]] std::vector<double> rungs(const StrategyContext& context) const {
    std::vector<double> result;
    if (!increments.empty()) {
      double sum = 0.0;
      for (const std::string& text : increments) result.push_back(sum += number_of(text).value_or(0.0));
      return result;
    }
    for (const double share : {0.25, 0.5, 1.0}) {
      const double amount = attainable(context.traits.fidelity, share * context.fidelity);
      if (result.empty() || amount > result.back()) result.push_back(amount);
    }
    return result;
  }
  [[nodiscard]] std::optional<std::string> refuses(const StrategyContext& context) const;
};

class ProgressiveHurdles final : public Strategy {
 public:
  ProgressiveHurdles(const ProgressiveHurdlesSettings& settings, const StrategyContext& context)
      : settings_(settings),
        space_(context.space),
        rungs_(settings.rungs(context)),
        full_(context.traits.fidelity.highest),
        capacity_(static_cast<std::size_t>(settings.population)) {}

  std::optional<Proposal> ask(TrialId id, Random random) override {
    take_back(id);
    if (!promoted_.empty()) return go_on(id);
    if (created_ < settings_.children) return make_child(id, random);
    if (ended_ < created_) return std::nullopt;
    return retrain(id, random);
  }

  void tell(const Trial& trial) override {
    const auto found = pending_.find(trial.id);
    if (found == pending_.end()) return;
    const Running running = found->second;
    pending_.erase(found);
    if (running.stage == Stage::retraining) return;
    if (!trial.completed() || std::isnan(trial.loss())) return end_child();
    const Candidate candidate = {trial.proposal.configuration, trial.loss(), running.rung};
    if (passes(candidate)) {
      // A cached answer was not trained: there is no checkpoint.
      const bool cached = std::get<Completed>(trial.result).cached;
      promoted_.push_back({candidate, cached ? std::nullopt : std::optional(trial.id), running.replacement});
      return;
    }
    settle(candidate, running.replacement);
  }

  [[nodiscard]] bool may_resume() const override { return true; }

 private:
  struct Candidate {
    Configuration configuration;
    double loss = 0.0;  ///< negative fitness after rungs_[rung]
    std::size_t rung = 0;
  };
  enum class Stage : std::uint8_t { child, retraining };
  struct Running {
    Stage stage;
    std::size_t rung;
    Random replacement;                              ///< draws who dies for the child
    std::optional<Candidate> before = std::nullopt;  ///< as it stood when it passed its last hurdle
  };
  struct Promoted {
    Candidate candidate;
    std::optional<TrialId> checkpoint;
    Random replacement;
  };

  // --- asking ---

  // A proposal that is asked for again was turned down: no tell will come of it.
  void take_back(TrialId id) {
    const auto found = pending_.find(id);
    if (found == pending_.end()) return;
    const Running running = found->second;
    pending_.erase(found);
    if (running.stage == Stage::retraining) return;
    if (!running.before) {
      --created_;
      return;
    }
    settle(*running.before, running.replacement);
  }

  Proposal go_on(TrialId id) {
    const Promoted next = promoted_.front();
    promoted_.pop_front();
    const std::size_t rung = next.candidate.rung + 1;
    pending_.emplace(id, Running{Stage::child, rung, next.replacement, next.candidate});
    return {
        .configuration = next.candidate.configuration, .fidelity = rungs_[rung], .resumes = next.checkpoint};
  }

  Proposal make_child(TrialId id, Random random) {
    const Random replacement = random.child("replacement");
    Proposal proposal{.configuration = child(random), .fidelity = rungs_.front()};
    ++created_;
    pending_.emplace(id, Running{Stage::child, 0, replacement});
    return proposal;
  }

  // Until the population is full there is no tournament: the default configuration, then mutants of it.
  [[nodiscard]] Configuration child(Random& random) const {
    if (population_.size() >= capacity_) return mutant(space_, tournament(random), settings_.mutation, random);
    if (!settings_.warm_start) return space_.sample(random);
    const Configuration origin = space_.default_configuration();
    return created_ == 0 ? origin : mutant(space_, origin, settings_.mutation, random);
  }

  // The best of the sample; the first drawn among equals.
  [[nodiscard]] const Configuration& tournament(Random& random) const {
    const Candidate* best = nullptr;
    for (std::int64_t i = 0; i < settings_.sample; ++i) {
      const Candidate& drawn = population_[random.below(population_.size())];
      if (best == nullptr || drawn.loss < best->loss) best = &drawn;
    }
    return best->configuration;
  }

  std::optional<Proposal> retrain(TrialId id, Random random) {
    if (retrained_ >= best_.size()) return std::nullopt;
    const Candidate& candidate = best_[retrained_++];
    pending_.emplace(id, Running{Stage::retraining, 0, random});
    return Proposal{.configuration = candidate.configuration, .fidelity = full_};
  }

  // --- telling ---

  [[nodiscard]] bool passes(const Candidate& candidate) const {
    return candidate.rung + 1 < rungs_.size() && candidate.rung < hurdles_.size() &&
           candidate.loss < hurdles_[candidate.rung];
  }

  // The child trains no further.
  void settle(const Candidate& candidate, Random random) {
    join(candidate, random);
    remember(candidate);
    end_child();
  }

  void join(const Candidate& candidate, Random& random) {
    if (population_.size() < capacity_) {
      population_.push_back(candidate);
      return;
    }
    Candidate* worst = nullptr;
    for (std::int64_t i = 0; i < settings_.sample; ++i) {
      Candidate& drawn = population_[random.below(population_.size())];
      if (worst == nullptr || drawn.loss > worst->loss) worst = &drawn;
    }
    *worst = candidate;
  }

  void end_child() {
    ++ended_;
    make_hurdle();
  }

  // h_k: the mean fitness of those members that trained s_0 + .. + s_k.
  void make_hurdle() {
    const std::size_t k = hurdles_.size();
    if (k + 1 >= rungs_.size()) return;
    if (ended_ < settings_.hurdle_every * static_cast<std::int64_t>(k + 1)) return;
    double sum = 0.0;
    std::size_t count = 0;
    for (const Candidate& member : population_) {
      if (member.rung != k) continue;
      sum += member.loss;
      ++count;
    }
    if (count > 0) hurdles_.push_back(sum / static_cast<double>(count));
  }

  // The best of all candidates so far, each configuration once, for the final training.
  void remember(const Candidate& candidate) {
    const auto capacity = static_cast<std::size_t>(settings_.retrain);
    if (capacity == 0 || (best_.size() == capacity && !(candidate.loss < best_.back().loss))) return;
    const auto twin = std::ranges::find(best_, candidate.configuration, &Candidate::configuration);
    if (twin != best_.end()) {
      if (!(candidate.loss < twin->loss)) return;
      best_.erase(twin);
    }
    best_.insert(std::ranges::upper_bound(best_, candidate.loss, {}, &Candidate::loss), candidate);
    if (best_.size() > capacity) best_.pop_back();
  }

  ProgressiveHurdlesSettings settings_;
  const SearchSpace& space_;
  std::vector<double> rungs_;
  double full_;
  std::size_t capacity_;

  std::vector<Candidate> population_;
  std::vector<double> hurdles_;
  std::deque<Promoted> promoted_;
  std::map<TrialId, Running> pending_;
  std::vector<Candidate> best_;  // ascending in loss
  std::size_t retrained_ = 0;
  std::int64_t created_ = 0;
  std::int64_t ended_ = 0;
};

bool has(const FidelityTraits& fidelity, double amount) {
  if (amount < fidelity.lowest || (fidelity.integral && amount != std::floor(amount))) return false;
  return fidelity.levels.empty() || std::ranges::find(fidelity.levels, amount) != fidelity.levels.end();
}

std::optional<std::string> ProgressiveHurdlesSettings::refuses(const StrategyContext& context) const {
  const FidelityTraits& fidelity = context.traits.fidelity;
  if (increments.empty()) return std::nullopt;
  const double highest = rungs(context).back();
  if (highest > fidelity.highest)
    return "its increments add up to " + shortest_text(highest) + " " + fidelity.name +
           "; the problem trains at most " + shortest_text(fidelity.highest);
  for (const double rung : rungs(context))
    if (!has(fidelity, rung))
      return "its increments lead to " + shortest_text(rung) + " " + fidelity.name +
             ", which the problem does not offer";
  return std::nullopt;
}

}  // namespace

std::unique_ptr<StrategyRecipe> make_progressive_hurdles_recipe() {
  return std::make_unique<BasicStrategyRecipe<ProgressiveHurdlesSettings, ProgressiveHurdles>>();
}

}  // namespace tonne
