#pragma once
// Trainings that are begun, frozen and gone on with, a step at a time: the book-keeping of strategies that
// model learning curves.

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <unordered_set>
#include <vector>

#include "core/settings.h"
#include "core/strategy.h"

namespace tonne {

/// One candidate's training.
struct TrainingCurve {
  Configuration configuration;
  std::vector<double> losses;         ///< after steps 1, 2, ..; all finite
  std::optional<TrialId> checkpoint;  ///< where the next step goes on from; none: it trains from scratch
  bool running = false;
  bool over = false;  ///< failed, or was turned down: it gets no more steps
  bool failed = false;
};

class TrainingCurves {
 public:
  /// Amounts of training at the ends of the steps, ascending. The space outlives the object.
  TrainingCurves(const SearchSpace& space, std::vector<double> steps);

  /// Begins with every ask: what was proposed under this id before was turned down, and gets no more steps.
  void withdraw(TrialId id);
  [[nodiscard]] Proposal begin(TrialId id, Configuration configuration);
  [[nodiscard]] Proposal go_on(TrialId id, std::size_t curve);
  /// go_on() of the training that is expected to end best, which is booked for finishing_due().
  [[nodiscard]] Proposal finish(TrialId id, std::size_t curve);
  /// Whether less than this share of all training so far was proposed by finish().
  [[nodiscard]] bool finishing_due(double share) const { return finishing_ < share * trained_; }
  /// The curve that has one loss more, or has failed; nullopt: the trial was not awaited.
  std::optional<std::size_t> tell(const Trial& trial);

  /// The next trial of the design before the model, so that it has seen curves to their end: one bracket of
  /// successive halving with a third going on each time, of `initial` random configurations for 1, 3, 9, ..
  /// steps. Workers that would wait for it begin further configurations. nullopt: the design has ended.
  [[nodiscard]] std::optional<Proposal> design(TrialId id, std::size_t initial, Random& random);

  [[nodiscard]] const std::vector<TrainingCurve>& all() const { return curves_; }
  [[nodiscard]] const std::vector<double>& steps() const { return steps_; }
  /// Curves that have a loss and may get another step; the best half and the latest half of `most`,
  /// where there are more.
  [[nodiscard]] std::vector<std::size_t> open(std::int64_t most) const;
  /// Curves of running trials.
  /// At most kMostRunning of them: each is a row of a process.
  [[nodiscard]] std::vector<std::size_t> running() const;
  static constexpr std::size_t kMostRunning = 100;
  /// The lowest loss so far after the given number of steps, from 1; of all steps where no training got so
  /// far; nullopt: nothing was learned.
  [[nodiscard]] std::optional<double> best_after(std::size_t steps) const;
  [[nodiscard]] std::optional<double> best() const;

  /// A uniform draw that was not begun; any one where 64 draws find none.
  [[nodiscard]] Configuration draw(Random& random) const;
  /// Up to `uniform` draws and up to `neighbours` that differ in one or two parameters from the four best
  /// curves; none that was begun.
  [[nodiscard]] std::vector<Configuration> fresh(std::size_t uniform, std::size_t neighbours,
                                                 Random& random) const;

 private:
  [[nodiscard]] std::vector<std::size_t> best_third() const;
  [[nodiscard]] double next_step(std::size_t curve) const;
  [[nodiscard]] Proposal propose(TrialId id, std::size_t curve);
  [[nodiscard]] bool is_new(const Configuration& configuration) const;
  [[nodiscard]] Configuration neighbour(Configuration configuration, Random& random) const;

  const SearchSpace& space_;
  std::vector<double> steps_;
  std::vector<TrainingCurve> curves_;
  std::vector<std::optional<double>> best_;  // after each step
  std::map<TrialId, std::size_t> pending_;
  std::unordered_set<std::uint64_t> begun_;  // digests; for membership only
  std::vector<std::size_t> members_;         // of the design's rung
  std::size_t rung_steps_ = 0;               // 0: not begun
  bool designed_ = false;
  double trained_ = 0.0;    // that was proposed
  double finishing_ = 0.0;  // of which by finish()
};

/// The settings that such strategies share.
struct CurveSettings {
  std::optional<double> interval;  ///< none: a tenth of the full training
  std::int64_t initial = 9;
  std::int64_t candidates = 200;
  std::int64_t neighbours = 50;
  std::int64_t max_fit_points = 150;
  double finish_share = 0.1;

  void visit(SettingsVisitor& visitor);
  [[nodiscard]] std::optional<std::string> refuses(const StrategyContext& context) const;
};

/// Twice the median less the least of at least one loss: losses above it are as good as this one, namely bad,
/// and would only teach a process how bad.
[[nodiscard]] double loss_cap(std::vector<double> losses);

/// Losses on a scale on which bad ones differ little, so that how bad they are does not make up most of what
/// a process sees: ln(1 + (loss - b) / u), with b the best loss and u the distance from it to the loss that a
/// fifth does better than; below b a straight line of the same slope. Strictly increasing.
class LossScale {
 public:
  LossScale() = default;
  /// Of at least one loss.
  explicit LossScale(std::vector<double> losses);
  [[nodiscard]] double operator()(double loss) const;
  [[nodiscard]] std::vector<double> operator()(std::span<const double> losses) const;
  [[nodiscard]] double worst() const { return (*this)(worst_); }

 private:
  double best_ = 0.0;
  double unit_ = 1.0;
  double worst_ = 0.0;
};

}  // namespace tonne
