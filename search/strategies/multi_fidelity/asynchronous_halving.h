#pragma once
// Asynchronous successive halving by any kind of rung: ASHA ranks by a loss, its form for several objectives by fronts.

#include <cmath>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "search/strategies/multi_fidelity/brackets.h"
#include "search/strategies/multi_fidelity/candidate_source.h"
#include "search/strategies/multi_fidelity/loss_rung.h"
#include "search/strategies/trial_table.h"

namespace tonne {

enum class AshaType : std::uint8_t { promotion, stopping };
/// How a new candidate's bracket is drawn.
enum class BracketDraw : std::uint8_t {
  by_size,  ///< in proportion to Hyperband's bracket sizes: Syne Tune before version 1
  softmax,  ///< in proportion to e^rungs of the bracket: Ray Tune, Syne Tune 1
};

/// What asynchronous halving can be set to. Defaults: Li et al. 2020 (eta and the grace of strategies in practice: Ray
/// Tune, Syne Tune).
struct AsynchronousSettings {
  AshaType type = AshaType::promotion;
  double eta = 3.0;
  std::optional<double> min_fidelity;  ///< r, the grace period; none: the least that the problem has
  std::int64_t brackets = 1;           ///< s = 0 .. brackets - 1; no more than there are rungs
  BracketDraw bracket_draw = BracketDraw::by_size;

  void visit(SettingsVisitor& visitor);
  [[nodiscard]] std::optional<std::string> refuses(const StrategyContext& context) const {
    return refuses_least(min_fidelity, context);
  }
  [[nodiscard]] RungRule rule() const { return {eta, type == AshaType::promotion}; }
  /// The fidelities of each bracket's rungs.
  [[nodiscard]] std::vector<std::vector<double>> ladders(const StrategyContext& context) const;
  /// Weights of the brackets in the draw, summed up.
  [[nodiscard]] std::vector<double> shares(const StrategyContext& context) const;
};

/// `RungKind` has a `Settings` (an AsynchronousSettings with more) of which it is made, `enter(candidate, trial, pool)`, where
/// a trial that failed is an entry that never goes on, and `take()`: the next candidate to go on. It releases those that
/// cannot. The top rung keeps nobody.
template <class RungKind>
class AsynchronousHalving final : public Strategy {
 public:
  using Settings = typename RungKind::Settings;

  AsynchronousHalving(const Settings& settings, CandidateSource source, const StrategyContext& context)
      : source_(std::move(source)), pool_(context.space), shares_(settings.shares(context)) {
    for (const std::vector<double>& ladder : settings.ladders(context)) {
      std::vector<Step>& bracket = brackets_.emplace_back();
      for (const double fidelity : ladder) bracket.push_back({fidelity, RungKind(settings)});
    }
  }

  std::optional<Proposal> ask(TrialId id, Random random) override {
    give_up(id);
    if (auto proposal = promote(id)) return proposal;
    const std::size_t bracket = draw_bracket(random);
    auto proposal = source_.ask(id, random);
    if (!proposal || proposal->screening) return proposal;
    pending_.put(id, Place{.bracket = static_cast<std::uint32_t>(bracket)});
    proposal->fidelity = brackets_[bracket].front().fidelity;
    return proposal;
  }

  void tell(const Trial& trial) override {
    if (source_.take_look(trial)) return;
    const std::optional<Place> place = pending_.take(trial.id);
    if (!place) return;
    const CandidatePool::Number candidate =
        place->rung == 0 ? pool_.add(trial.proposal.configuration, trial.id) : place->candidate;
    const TrialId first = pool_.first(candidate);
    const auto* completed = std::get_if<Completed>(&trial.result);
    // A cached answer was not trained: there is no checkpoint.
    const bool trained = completed != nullptr && !completed->cached;
    pool_.set_checkpoint(candidate, trained ? std::optional(trial.id) : std::nullopt);
    std::vector<Step>& bracket = brackets_[place->bracket];
    if (place->rung + 1 < bracket.size())
      bracket[place->rung].rung.enter(candidate, trial, pool_);
    else
      pool_.release(candidate);
    source_.tell(first, trial);
  }

  [[nodiscard]] Work computed() const override { return source_.computed(); }
  [[nodiscard]] bool may_resume() const override { return true; }

 private:
  struct Step {
    double fidelity = 0.0;
    RungKind rung;
  };
  struct Place {
    std::uint32_t bracket = 0;
    std::uint32_t rung = 0;
    CandidatePool::Number candidate = 0;  // above the first rung; before, it is not in the pool
  };

  // Asked again: what was proposed was turned down.
  void give_up(TrialId id) {
    const std::optional<Place> place = pending_.take(id);
    if (place && place->rung > 0) pool_.release(place->candidate);
  }

  // Algorithm 2 of Li et al. 2020, get_job: the highest rung first.
  std::optional<Proposal> promote(TrialId id) {
    for (std::size_t height = 1; height < brackets_.front().size(); ++height) {
      for (std::size_t b = 0; b < brackets_.size(); ++b) {
        if (brackets_[b].size() <= height) continue;
        const std::size_t k = brackets_[b].size() - 1 - height;
        const std::optional<CandidatePool::Number> best = brackets_[b][k].rung.take();
        if (!best) continue;
        pending_.put(id, Place{static_cast<std::uint32_t>(b), static_cast<std::uint32_t>(k + 1), *best});
        return Proposal{.configuration = pool_.configuration(*best),
                        .fidelity = brackets_[b][k + 1].fidelity,
                        .resumes = pool_.checkpoint(*best)};
      }
    }
    return std::nullopt;
  }

  [[nodiscard]] std::size_t draw_bracket(Random& random) const {
    if (brackets_.size() == 1) return 0;
    const double drawn = random.uniform() * shares_.back();
    std::size_t bracket = 0;
    while (bracket + 1 < shares_.size() && drawn >= shares_[bracket]) ++bracket;
    return bracket;
  }

  CandidateSource source_;
  CandidatePool pool_;
  std::vector<std::vector<Step>> brackets_;
  std::vector<double> shares_;
  TrialTable<Place> pending_;
};

}  // namespace tonne
