#pragma once
// Rules that stop trials by the losses that they report at steps 1, 2, .. of their training.

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace tonne {

/// Told of the reports of all trials, it says which go on. Losses are never NaN.
class StoppingRule {
 public:
  virtual ~StoppingRule() = default;
  /// Whether a trial stops after the last of its losses so far (at least one), of which none is from the full training.
  [[nodiscard]] virtual bool stops(std::span<const double> losses) const = 0;
  /// A trial was trained in full; its losses at all steps.
  virtual void complete(std::span<const double> losses) = 0;
};

/// A percentile of numbers that come one by one; each takes O(log n). Between two of them it is interpolated linearly, as
/// numpy's percentile.
class RunningPercentile {
 public:
  explicit RunningPercentile(double percent) : part_(percent / 100.0) {}
  void add(double value);
  [[nodiscard]] std::size_t count() const { return low_.size() + high_.size(); }
  /// Precondition: count() > 0.
  [[nodiscard]] double value() const;

 private:
  [[nodiscard]] double position() const { return part_ * static_cast<double>(count() - 1); }

  double part_;
  std::vector<double> low_;   // heap, the greatest first: all up to the percentile
  std::vector<double> high_;  // heap, the least first
};

/// What a trial's best loss so far is compared with: a percentile of what the completed trials had at this step.
enum class ComparedValues { running_averages, reported };

/// Stops a trial whose best loss is strictly worse than the percentile of the completed trials' values at its step: their
/// running averages (Golovin et al. 2017, section 3.2.2, at 50 percent) or the losses that they reported there (Optuna's
/// PercentilePruner, and at 50 percent its MedianPruner). Rests until `grace` trials have completed.
class PercentileRule final : public StoppingRule {
 public:
  PercentileRule(std::size_t steps, double percent, std::size_t grace, ComparedValues compared)
      : grace_(grace), compared_(compared), values_(steps, RunningPercentile(percent)) {}
  [[nodiscard]] bool stops(std::span<const double> losses) const override;
  void complete(std::span<const double> losses) override;

 private:
  std::size_t grace_;
  ComparedValues compared_;
  std::vector<RunningPercentile> values_;  // by step
};

/// Stops a trial if Wilcoxon's signed rank test finds its losses worse than those of the best completed trial at the same
/// steps, at a one-sided p-value below `p`, as Optuna's WilcoxonPruner: never before `startup` steps (at least two), and
/// not while the mean of its losses is no worse than that of all the best trial's.
class WilcoxonRule final : public StoppingRule {
 public:
  WilcoxonRule(double p, std::size_t startup) : p_(p), startup_(startup) {}
  [[nodiscard]] bool stops(std::span<const double> losses) const override;
  void complete(std::span<const double> losses) override;

 private:
  double p_;
  std::size_t startup_;
  std::vector<double> best_;  // the losses of the trial with the least last one
};

/// The probability, if the differences are as likely positive as negative, that the ranks of the positive ones add up to
/// what they do or more (Wilcoxon 1945). Zeros give half their ranks to each side, ties have their mean rank (SciPy's
/// zero_method "zsplit"). Exact up to 50 differences, given the ties and zeros; a normal approximation beyond.
[[nodiscard]] double signed_rank_p_greater(std::span<const double> differences);

/// Stops a trial whose last loss is outside the limits (Optuna's ThresholdPruner).
class ThresholdRule final : public StoppingRule {
 public:
  ThresholdRule(std::optional<double> least, std::optional<double> most) : least_(least), most_(most) {}
  [[nodiscard]] bool stops(std::span<const double> losses) const override {
    return (least_ && losses.back() < *least_) || (most_ && losses.back() > *most_);
  }
  void complete(std::span<const double>) override {}

 private:
  std::optional<double> least_;
  std::optional<double> most_;
};

/// Lets another rule stop a trial only once its last patience + 1 losses are all worse than its best one before them by
/// more than `min_delta` (Optuna's PatientPruner). Without another rule that alone stops it.
class PatientRule final : public StoppingRule {
 public:
  PatientRule(std::unique_ptr<StoppingRule> other, std::size_t patience, double min_delta)
      : other_(std::move(other)), patience_(patience), min_delta_(min_delta) {}
  [[nodiscard]] bool stops(std::span<const double> losses) const override;
  void complete(std::span<const double> losses) override {
    if (other_) other_->complete(losses);
  }

 private:
  std::unique_ptr<StoppingRule> other_;
  std::size_t patience_;
  double min_delta_;
};

}  // namespace tonne
