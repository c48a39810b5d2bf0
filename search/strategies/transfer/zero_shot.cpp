// A portfolio of configurations that were good on earlier tasks, one after the other, and then another
// strategy: Wistuba, Schilling and Schmidt-Thieme 2015, "Sequential Model-Free Hyperparameter Tuning", ICDM;
// Winkelmolen et al. 2020, "Practical and sample efficient zero-shot HPO", arXiv:2007.13382.
//
// Each candidate has a normalised loss on each earlier task, from 0 (the best there) to 1. The portfolio
// grows by the candidate that lowers the most the mean over tasks of the lowest loss within the portfolio.
// Where none lowers it, which happens when the best candidate of each task is in, a next layer begins: the
// same again among those that are left. (Syne Tune goes on in arbitrary order there.)
//
// Earlier searches seldom trained the same configurations on all tasks. What was not observed is predicted by
// a random forest for each task (Winkelmolen et al., section 4; Syne Tune's use_surrogates); what was
// observed is taken as it is, its mean where it was trained several times.
//
// The strategy within is told the portfolio's trials too; those that ask for candidates of their own only
// (evolution in generations) leave them out.

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "search/strategies/inner_recipe.h"
#include "search/strategies/transfer/transfer_tasks.h"
#include "search/surrogates/forest_encoding.h"
#include "search/surrogates/random_forest.h"

namespace tonne {
namespace {

enum class LossScale : std::uint8_t { rank, range };

struct ZeroShotSettings {
  std::int64_t portfolio = 10;         ///< own choice: see docs/strategies.md
  LossScale losses = LossScale::rank;  ///< Syne Tune's; Wistuba et al. 2015 divide by the range
  bool surrogates = true;
  std::int64_t candidates = 500;   ///< own choice: the good ones are among the best of each task
  std::int64_t fit_points = 1000;  ///< own choice: bounds the forests' work
  std::int64_t trees = 30;         ///< own choice

  void visit(SettingsVisitor& v) {
    v.integer("portfolio", portfolio, Bounds::between(1, 1e4),
              "configurations proposed before the inner strategy");
    v.choice("losses", losses, std::to_array<std::string_view>({"rank", "range"}),
             "losses of a task are compared by rank, or by their place between the lowest and the highest");
    v.flag("surrogates", surrogates,
           "predict a configuration's loss on tasks where it was not trained; else it counts as the worst "
           "there");
    v.integer("candidates", candidates, Bounds::between(1, 1e5),
              "earlier configurations considered: the best of each task in turn");
    v.integer("fit_points", fit_points, Bounds::between(1, 1e6),
              "earlier trials used per task, evenly spaced");
    v.integer("trees", trees, Bounds::between(1, 1e4), "trees in each task's forest");
  }
};

// Losses by configuration: the mean of its trainings.
class Observed {
 public:
  explicit Observed(const TransferTask& task) {
    for (std::size_t i = 0; i < task.losses.size(); ++i) {
      auto& [sum, count] = sums_[task.configurations[i].digest()];
      sum += task.losses[i];
      count += 1.0;
    }
  }
  [[nodiscard]] std::optional<double> find(const Configuration& configuration) const {
    const auto at = sums_.find(configuration.digest());
    return at == sums_.end() ? std::nullopt : std::optional(at->second.first / at->second.second);
  }

 private:
  std::map<std::uint64_t, std::pair<double, double>> sums_;
};

// The earlier configurations, none twice: the best of each task, then the second best of each, and so on.
std::vector<Configuration> candidates_of(const std::vector<TransferTask>& tasks, std::size_t most) {
  std::vector<std::vector<std::size_t>> orders;
  std::size_t longest = 0;
  for (const TransferTask& task : tasks)
    longest = std::max(longest, orders.emplace_back(best_first(task)).size());
  std::vector<Configuration> candidates;
  std::map<std::uint64_t, bool> known;
  for (std::size_t i = 0; i < longest; ++i)
    for (std::size_t t = 0; t < tasks.size(); ++t) {
      if (i >= orders[t].size() || candidates.size() >= most) continue;
      const Configuration& configuration = tasks[t].configurations[orders[t][i]];
      if (known.emplace(configuration.digest(), true).second) candidates.push_back(configuration);
    }
  return candidates;
}

// From 0 to 1; equal losses are all 0.
std::vector<double> by_range(std::vector<double> losses) {
  const auto [low, high] = std::ranges::minmax(losses);
  const double range = high - low;
  for (double& loss : losses) loss = range > 0.0 && std::isfinite(range) ? (loss - low) / range : 0.0;
  return losses;
}

// Chooses the portfolio.
class PortfolioMaker {
 public:
  PortfolioMaker(const ZeroShotSettings& settings, const StrategyContext& context)
      : settings_(settings),
        encoding_(context.space),
        tasks_(transfer_tasks(context.earlier, static_cast<std::size_t>(settings.fit_points))),
        candidates_(candidates_of(tasks_, static_cast<std::size_t>(settings.candidates))) {
    for (const TransferTask& task : tasks_) {
      const std::vector<double> losses = losses_on(task);
      losses_.push_back(settings.losses == LossScale::rank ? relative_ranks(losses) : by_range(losses));
    }
  }

  std::vector<Configuration> choose() {
    std::vector<Configuration> portfolio;
    const std::size_t size = std::min(candidates_.size(), static_cast<std::size_t>(settings_.portfolio));
    taken_.assign(candidates_.size(), false);
    begin_layer();
    while (portfolio.size() < size) {
      std::size_t next = best_next();
      if (!lowers(next)) {
        begin_layer();
        next = best_next();
      }
      take(next);
      portfolio.push_back(candidates_[next]);
    }
    work_ += static_cast<double>(size * candidates_.size() * tasks_.size()) * flop;
    return portfolio;
  }

  [[nodiscard]] Work computed() const { return work_; }

 private:
  // Of every candidate, observed or predicted.
  std::vector<double> losses_on(const TransferTask& task) {
    const Observed observed(task);
    const double worst = std::ranges::max(task.losses);
    std::vector<double> losses(candidates_.size(), worst);
    if (settings_.surrogates && encoding_.columns() > 0) losses = predicted(task);
    for (std::size_t c = 0; c < candidates_.size(); ++c)
      if (const auto known = observed.find(candidates_[c])) losses[c] = *known;
    return losses;
  }

  std::vector<double> predicted(const TransferTask& task) {
    const double limit = 1e99;  // what a forest takes
    std::vector<double> clipped = task.losses;
    for (double& loss : clipped) loss = std::clamp(loss, -limit, limit);
    RandomForest forest(encoding_.categories(), {.trees = static_cast<std::size_t>(settings_.trees)});
    forest.fit(rows_of(task.configurations), clipped, Random(0).child("zero_shot").child(task.problem));
    ForestPrediction prediction;
    forest.predict(rows_of(candidates_), prediction);
    work_ += forest.computed() + static_cast<double>(candidates_.size()) * forest.prediction_work();
    return prediction.mean;
  }

  [[nodiscard]] std::vector<double> rows_of(const std::vector<Configuration>& configurations) const {
    std::vector<double> rows(configurations.size() * encoding_.columns());
    for (std::size_t i = 0; i < configurations.size(); ++i)
      encoding_.encode(configurations[i], rows.data() + i * encoding_.columns());
    return rows;
  }

  void begin_layer() { lowest_.assign(tasks_.size(), 1.0); }

  // Sum over tasks of the lowest loss, with the candidate in the portfolio; then of its own losses, which
  // break ties.
  [[nodiscard]] std::pair<double, double> sums_with(std::size_t candidate) const {
    double lowest = 0.0, own = 0.0;
    for (std::size_t t = 0; t < tasks_.size(); ++t) {
      lowest += std::min(lowest_[t], losses_[t][candidate]);
      own += losses_[t][candidate];
    }
    return {lowest, own};
  }

  // Among those that are left.
  [[nodiscard]] std::size_t best_next() const {
    std::optional<std::size_t> best;
    std::pair<double, double> least;
    for (std::size_t c = 0; c < candidates_.size(); ++c) {
      if (taken_[c]) continue;
      const auto sums = sums_with(c);
      if (best && !(sums < least)) continue;
      best = c;
      least = sums;
    }
    return *best;
  }

  [[nodiscard]] bool lowers(std::size_t candidate) const {
    for (std::size_t t = 0; t < tasks_.size(); ++t)
      if (losses_[t][candidate] < lowest_[t]) return true;
    return false;
  }

  void take(std::size_t candidate) {
    taken_[candidate] = true;
    for (std::size_t t = 0; t < tasks_.size(); ++t) lowest_[t] = std::min(lowest_[t], losses_[t][candidate]);
  }

  const ZeroShotSettings& settings_;
  ForestEncoding encoding_;
  std::vector<TransferTask> tasks_;
  std::vector<Configuration> candidates_;
  std::vector<std::vector<double>> losses_;  // [task][candidate], 0 to 1
  std::vector<double> lowest_;               // within the present layer, by task
  std::vector<bool> taken_;
  Work work_{};
};

class ZeroShot final : public Strategy {
 public:
  ZeroShot(const ZeroShotSettings& settings, std::unique_ptr<Strategy> inner, const StrategyContext& context)
      : fidelity_(context.fidelity), inner_(std::move(inner)) {
    PortfolioMaker maker(settings, context);
    portfolio_ = maker.choose();
    work_ = maker.computed();
  }

  // What is asked for again was turned down: the next one is tried.
  std::optional<Proposal> ask(TrialId id, Random random) override {
    if (next_ < portfolio_.size())
      return Proposal{.configuration = portfolio_[next_++], .fidelity = fidelity_};
    return inner_->ask(id, random);
  }
  void tell(const Trial& trial) override { inner_->tell(trial); }
  void report(const Trial& trial) override { inner_->report(trial); }
  [[nodiscard]] bool learns_from_reports() const override { return inner_->learns_from_reports(); }
  [[nodiscard]] Work computed() const override { return work_ + inner_->computed(); }
  [[nodiscard]] bool may_resume() const override { return inner_->may_resume(); }

 private:
  double fidelity_;
  std::unique_ptr<Strategy> inner_;
  std::vector<Configuration> portfolio_;
  std::size_t next_ = 0;
  Work work_{};
};

class ZeroShotRecipe final : public StrategyRecipe {
 public:
  void visit(SettingsVisitor& visitor) override {
    inner_.visit(visitor);
    settings_.visit(visitor);
  }
  [[nodiscard]] std::optional<std::string> refuses(const StrategyContext& context) const override {
    if (auto reason = refuses_without_earlier(context)) return reason;
    return inner_.refuses(context);
  }
  [[nodiscard]] std::optional<std::string> runs() const override { return inner_.runs(); }
  [[nodiscard]] std::uint64_t content_digest() const override { return inner_.content_digest(); }
  [[nodiscard]] std::unique_ptr<Strategy> make(const StrategyContext& context) const override {
    return std::make_unique<ZeroShot>(settings_, inner_.make(context), context);
  }

 private:
  InnerRecipe inner_{"tpe"};
  ZeroShotSettings settings_;
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_zero_shot_recipe() {
  return std::make_unique<ZeroShotRecipe>();
}

}  // namespace tonne
