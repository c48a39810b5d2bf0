// Zero-cost screening in front of any strategy: a proxy looks at each candidate for the price of a minibatch, and only the
// promising ones are trained. Mellor et al. 2021, "Neural Architecture Search without Training" (ICML); Abdelfattah et al. 2021,
// "Zero-Cost Proxies for Lightweight NAS" (ICLR), whose proposals for evolution and reinforcement learning screen likewise.
//
// A candidate of the inner strategy is looked at. It is trained if its score is among the best `share` of all scores so far;
// otherwise the inner strategy is asked again for the same trial, as if its candidate had been a duplicate, up to `candidates` times,
// and the last one is trained whatever its score. So an inner strategy learns of trained candidates only.
//
// The proxy is the simulator's Screening (core/trial.h): its correlation with the true value is a setting, given as Spearman's rank
// correlation rho over the whole space; that of the normal scores is 2 sin(pi rho / 6).

#include <algorithm>
#include <cmath>
#include <deque>
#include <map>
#include <numbers>
#include <optional>
#include <utility>
#include <vector>

#include "search/strategies/wrappers/inner_strategy.h"

namespace tonne {
namespace {

struct ZeroCostSettings {
  double correlation = 0.82;  ///< the best published on NAS-Bench-201: Abdelfattah et al. 2021, a vote of three proxies
  double cheap_bias = 0.0;
  double share = 0.25;
  std::int64_t candidates = 10;
  std::int64_t startup = 20;
  double epochs = 1.0 / 391.0;  ///< one minibatch of 128 of 50,000 images

  void visit(SettingsVisitor& visitor) {
    visitor.number("correlation", correlation, Bounds::between(-1, 1),
                   "Spearman rank correlation between the proxy and the true value");
    visitor.number("cheap_bias", cheap_bias, Bounds::between(-100, 100),
                   "score bias towards cheap candidates, in sd per sd of cost");
    visitor.number("share", share, {0.0, 1.0, true}, "fraction of scores so far that count as promising");
    visitor.integer("candidates", candidates, Bounds::between(1, 1e4), "most candidates scored per training");
    visitor.integer("startup", startup, Bounds::between(1, 1e6),
                    "scores collected before any candidate is rejected");
    visitor.number("epochs", epochs, {0.0, 1e6, true}, "cost of scoring one candidate, in fidelity units");
  }
  [[nodiscard]] std::optional<std::string> refuses(const StrategyContext&) const { return std::nullopt; }
};

class ZeroCost final : public Wrapper {
 public:
  ZeroCost(const ZeroCostSettings& settings, std::unique_ptr<Strategy> inner, const StrategyContext&)
      : Wrapper(std::move(inner)),
        settings_(settings),
        screening_{.correlation = 2.0 * std::sin(std::numbers::pi * settings.correlation / 6.0),
                   .cheap_bias = settings.cheap_bias,
                   .epochs = settings.epochs} {}

  std::optional<Proposal> ask(TrialId id, Random random) override {
    take_back(id);
    if (!promising_.empty()) {
      const Candidate next = promising_.front();
      promising_.pop_front();
      return train(id, next);
    }
    Candidate candidate;
    if (turned_down_.empty()) {
      candidate.inner_id = next_inner_;
    } else {
      candidate = turned_down_.front();
    }
    auto proposal = inner().ask(candidate.inner_id, random);
    if (!proposal) return proposal;
    turned_down_.empty() ? static_cast<void>(++next_inner_) : turned_down_.pop_front();
    candidate.proposal = std::move(*proposal);
    // What trains on has been looked at, and what is a look already needs no other.
    if (candidate.proposal.resumes || candidate.proposal.screening) return train(id, candidate);
    return look(id, candidate);
  }

  void tell(const Trial& trial) override {
    const auto found = running_.find(trial.id);
    if (found == running_.end()) return;
    const Running ended = std::move(found->second);
    running_.erase(found);
    if (ended.is_look) return judge(ended.candidate, trial);
    Wrapper::tell(as_inner(ended.candidate, trial));
  }

  // Of a training that goes on: a scheduler around this one tells of it later.
  void report(const Trial& trial) override {
    const auto found = running_.find(trial.id);
    if (found == running_.end() || found->second.is_look) return;
    Wrapper::report(as_inner(found->second.candidate, trial));
  }

 private:
  struct Candidate {
    TrialId inner_id = 0;
    std::int64_t looks = 0;  // for this training
    Proposal proposal;
  };
  struct Running {
    Candidate candidate;
    bool is_look;
  };

  [[nodiscard]] static Trial as_inner(const Candidate& candidate, Trial trial) {
    trial.id = candidate.inner_id;
    trial.proposal.resumes = candidate.proposal.resumes;
    return trial;
  }

  // A proposal that is asked for again was turned down: so is the inner strategy's.
  void take_back(TrialId id) {
    const auto found = running_.find(id);
    if (found == running_.end()) return;
    turned_down_.push_front(found->second.candidate);
    running_.erase(found);
  }

  Proposal look(TrialId id, Candidate candidate) {
    ++candidate.looks;
    Proposal proposal{.configuration = candidate.proposal.configuration, .fidelity = 0.0};
    proposal.not_before = candidate.proposal.not_before;
    proposal.screening = screening_;
    running_.emplace(id, Running{std::move(candidate), true});
    return proposal;
  }

  Proposal train(TrialId id, const Candidate& candidate) {
    outer_ids_.insert_or_assign(candidate.inner_id, id);
    running_.emplace(id, Running{candidate, false});
    Proposal proposal = candidate.proposal;
    if (proposal.resumes) proposal.resumes = outer_ids_.at(*proposal.resumes);
    return proposal;
  }

  void judge(const Candidate& candidate, const Trial& trial) {
    bool promising = candidate.looks >= settings_.candidates;
    if (trial.completed() && !std::isnan(trial.loss())) {
      promising = promising || is_promising(trial.loss());
      scores_.insert(std::ranges::upper_bound(scores_, trial.loss()), trial.loss());
    }
    (promising ? promising_ : turned_down_).push_back(candidate);
  }

  [[nodiscard]] bool is_promising(double score) const {
    if (scores_.size() < static_cast<std::size_t>(settings_.startup)) return true;
    const auto last = static_cast<std::size_t>(settings_.share * static_cast<double>(scores_.size() - 1));
    return score <= scores_[last];
  }

  ZeroCostSettings settings_;
  Screening screening_;
  TrialId next_inner_ = 0;
  std::map<TrialId, Running> running_;        // by outer id
  std::map<TrialId, TrialId> outer_ids_;      // of trainings, by inner id
  std::deque<Candidate> promising_;           // to be trained
  std::deque<Candidate> turned_down_;         // whose inner strategy is to be asked again
  std::vector<double> scores_;                // ascending
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_zero_cost_recipe() {
  return std::make_unique<WrapperRecipe<ZeroCostSettings, ZeroCost>>();
}

}  // namespace tonne
