// The parts of AutoML one after the other, as teams do it: around any strategy, for problems with stages
// (ProblemTraits::stages). Each stage's parameters are searched by a strategy of their own, in the problem's
// order or another, while those of the other stages stand at the best candidate so far, at first the space's
// default. A stage begins when all trials of the one before have ended. The last stage goes on until the
// search's budget ends.
//
// A problem without stages is one stage: the strategy within then searches the whole space.

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "search/strategies/wrappers/inner_strategy.h"

namespace tonne {
namespace {

struct InSequenceSettings {
  /// Trials of each stage but the last; the last number stands for all further ones. Assumed.
  std::vector<std::string> evaluations = {"30"};
  std::vector<std::string> order;  ///< none: the problem's

  void visit(SettingsVisitor& visitor) {
    visitor.texts("evaluations", evaluations, "trials per stage, except the last, which takes the rest");
    visitor.texts("order", order, "stage names in search order; default: the problem's order");
    visitor.require(!evaluations.empty(), "evaluations", "needs at least one number");
    visitor.require(std::ranges::all_of(evaluations, [](const auto& text) { return number(text) > 0; }),
                    "evaluations", "must be positive whole numbers");
  }

  /// 0: none.
  static std::uint64_t number(const std::string& text) {
    std::uint64_t value = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    return stop == end && error == std::errc{} ? value : 0;
  }
  [[nodiscard]] std::uint64_t trials(std::size_t turn) const {
    return number(evaluations[std::min(turn, evaluations.size() - 1)]);
  }
};

/// One stage: its parameters as a space of their own.
struct StageSpace {
  std::vector<std::size_t> fields;  // of the whole space
  SearchSpace space;
  ProblemTraits traits;
};

/// The stage numbers in their order, or the reason why there is none.
std::optional<std::string> order_of(const InSequenceSettings& settings, const ProblemTraits& traits,
                                    std::vector<std::size_t>& order) {
  order.clear();
  const std::size_t stages = std::max<std::size_t>(traits.stages.size(), 1);
  if (settings.order.empty())
    for (std::size_t s = 0; s < stages; ++s) order.push_back(s);
  for (const std::string& name : settings.order) {
    const auto found = std::ranges::find(traits.stages, name);
    if (found == traits.stages.end()) return traits.name + " has no stage " + name;
    const auto stage = static_cast<std::size_t>(found - traits.stages.begin());
    if (std::ranges::find(order, stage) != order.end())
      return "stage " + name + " appears twice in its order";
    order.push_back(stage);
  }
  if (order.size() != stages) return "its order must name every stage of " + traits.name;
  return std::nullopt;
}

/// None where a parameter's condition is another stage's.
std::optional<StageSpace> space_of(const StrategyContext& context, std::size_t stage) {
  StageSpace part;
  std::map<std::size_t, std::size_t> position;
  std::vector<Parameter> parameters;
  for (std::size_t i = 0; i < context.space.size(); ++i) {
    if (!context.traits.stages.empty() && context.traits.stage_of[i] != stage) continue;
    Parameter parameter = context.space[i];
    if (parameter.active_when) {
      const auto parent = position.find(parameter.active_when->parent);
      if (parent == position.end()) return std::nullopt;
      parameter.active_when->parent = parent->second;
    }
    position[i] = part.fields.size();
    part.fields.push_back(i);
    parameters.push_back(std::move(parameter));
  }
  part.space = SearchSpace(std::move(parameters));
  part.traits = context.traits;
  part.traits.stages.clear();
  part.traits.stage_of.clear();
  return part;
}

/// `fixed` with the stage's parameters as in `configuration`, which is one of the stage's space.
Configuration joined(const StageSpace& part, const Configuration& fixed, const Configuration& configuration) {
  Configuration all = fixed;
  for (std::size_t i = 0; i < part.fields.size(); ++i) {
    if (configuration.is_active(i)) {
      all.set(part.fields[i], configuration[i]);
    } else {
      all.deactivate(part.fields[i]);
    }
  }
  return all;
}

/// A candidate's work is that of the whole, the other stages as they then stand. `part` outlives the context.
StrategyContext context_of(const StageSpace& part, const StrategyContext& whole,
                           const std::shared_ptr<const Configuration>& fixed) {
  StrategyContext context{part.space, part.traits, whole.fidelity, whole.workers, whole.cost};
  context.budget = whole.budget;
  if (whole.work)
    context.work = [&part, fixed, work = whole.work](const Configuration& configuration) {
      return work(joined(part, *fixed, configuration));
    };
  return context;
}

class InSequence final : public Strategy {
 public:
  /// A stage with its strategy; stands where it is, for the strategy refers to its space.
  struct Turn {
    StageSpace part;
    std::unique_ptr<Strategy> inner;
    std::uint64_t trials = 0;     // what the last one takes is not limited
    std::vector<TrialId> global;  // by the inner strategy's ids
  };

  /// `fixed`: where the stages begin; the inner strategies see it change.
  InSequence(std::vector<std::unique_ptr<Turn>> turns, std::shared_ptr<Configuration> fixed)
      : turns_(std::move(turns)), fixed_(std::move(fixed)), best_(*fixed_) {}

  std::optional<Proposal> ask(TrialId id, Random random) override {
    const auto& asked = turns_[turn_]->global;
    const bool again = !asked.empty() && asked.back() == id && running_.contains(id);
    if (!again && is_over()) {
      if (!running_.empty()) return std::nullopt;
      begin_next();
    }
    auto proposal = ask_turn(id, again, random);
    if (proposal || !running_.empty() || is_last()) return proposal;
    begin_next();  // the strategy within has no more to propose
    return ask_turn(id, false, random);
  }

  void tell(const Trial& trial) override {
    if (running_.erase(trial.id) == 0) return;
    remember(trial);
    Turn& turn = *turns_[turn_];
    const auto found = std::ranges::find(turn.global.rbegin(), turn.global.rend(), trial.id);
    if (found == turn.global.rend()) return;
    Trial own = trial;
    own.id = static_cast<TrialId>(turn.global.rend() - found) - 1;
    own.proposal.configuration = part_of(turn.part, trial.proposal.configuration);
    if (own.proposal.resumes) own.proposal.resumes = local_of(turn, *own.proposal.resumes);
    turn.inner->tell(own);
  }

  [[nodiscard]] Work computed() const override {
    Work sum{};
    for (const auto& turn : turns_) sum += turn->inner->computed();
    return sum;
  }
  [[nodiscard]] bool may_resume() const override {
    return std::ranges::any_of(turns_, [](const auto& turn) { return turn->inner->may_resume(); });
  }

 private:
  [[nodiscard]] bool is_last() const { return turn_ + 1 == turns_.size(); }
  [[nodiscard]] bool is_over() const {
    return !is_last() && turns_[turn_]->global.size() >= turns_[turn_]->trials;
  }
  void begin_next() {
    ++turn_;
    *fixed_ = best_;
  }

  // `again`: the proposal of this id was turned down.
  std::optional<Proposal> ask_turn(TrialId id, bool again, Random random) {
    Turn& turn = *turns_[turn_];
    auto proposal = turn.inner->ask(turn.global.size() - (again ? 1 : 0), random);
    if (!proposal) {
      if (again) turn.global.pop_back();
      if (again) running_.erase(id);
      return proposal;
    }
    if (!again) turn.global.push_back(id);
    running_.insert(id);
    proposal->configuration = joined(turn.part, *fixed_, proposal->configuration);
    if (proposal->resumes) proposal->resumes = turn.global.at(*proposal->resumes);
    return proposal;
  }

  [[nodiscard]] static std::optional<TrialId> local_of(const Turn& turn, TrialId global) {
    const auto found = std::ranges::find(turn.global, global);
    if (found == turn.global.end()) return std::nullopt;
    return static_cast<TrialId>(found - turn.global.begin());
  }

  [[nodiscard]] static Configuration part_of(const StageSpace& part, const Configuration& configuration) {
    Configuration own(part.fields.size());
    for (std::size_t i = 0; i < part.fields.size(); ++i)
      if (configuration.is_active(part.fields[i])) own.set(i, configuration[part.fields[i]]);
    return own;
  }

  // As the simulator's incumbent: the most trained count first.
  void remember(const Trial& trial) {
    if (!trial.completed() || trial.proposal.screening || std::isnan(trial.loss())) return;
    const double fidelity = trial.proposal.fidelity;
    if (fidelity < best_fidelity_) return;
    if (fidelity == best_fidelity_ && trial.loss() >= best_loss_) return;
    best_fidelity_ = fidelity;
    best_loss_ = trial.loss();
    best_ = trial.proposal.configuration;
  }

  std::vector<std::unique_ptr<Turn>> turns_;
  std::size_t turn_ = 0;
  std::set<TrialId> running_;  // of this turn
  std::shared_ptr<Configuration> fixed_;
  Configuration best_;
  double best_fidelity_ = 0.0;
  double best_loss_ = 0.0;
};

class InSequenceRecipe final : public StrategyRecipe {
 public:
  void visit(SettingsVisitor& visitor) override {
    inner_.visit(visitor);
    settings_.visit(visitor);
  }
  [[nodiscard]] std::optional<std::string> refuses(const StrategyContext& context) const override {
    std::vector<std::size_t> order;
    if (auto reason = order_of(settings_, context.traits, order)) return reason;
    const auto fixed = std::make_shared<const Configuration>(context.space.default_configuration());
    for (const std::size_t stage : order) {
      const auto part = space_of(context, stage);
      if (!part || part->fields.empty())
        return context.traits.name +
               "'s stages are not independent spaces: one is empty or depends on another";
      if (auto reason = inner_.refuses(context_of(*part, context, fixed))) return reason;
    }
    return std::nullopt;
  }
  [[nodiscard]] std::optional<std::string> runs() const override { return inner_.runs(); }
  [[nodiscard]] std::uint64_t content_digest() const override { return inner_.content_digest(); }
  [[nodiscard]] std::unique_ptr<Strategy> make(const StrategyContext& context) const override {
    std::vector<std::size_t> order;
    static_cast<void>(order_of(settings_, context.traits, order));
    auto fixed = std::make_shared<Configuration>(context.space.default_configuration());
    std::vector<std::unique_ptr<InSequence::Turn>> turns;
    for (const std::size_t stage : order) {
      auto turn = std::make_unique<InSequence::Turn>();
      turn->part = space_of(context, stage).value();
      turn->inner = inner_.make(context_of(turn->part, context, fixed));
      turn->trials = settings_.trials(turns.size());
      turns.push_back(std::move(turn));
    }
    return std::make_unique<InSequence>(std::move(turns), std::move(fixed));
  }

 private:
  InnerRecipe inner_;
  InSequenceSettings settings_;
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_in_sequence_recipe() {
  return std::make_unique<InSequenceRecipe>();
}

}  // namespace tonne
