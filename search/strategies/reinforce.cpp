// REINFORCE with an independent softmax for each decision: Williams 1992; for architectures Zoph and Le 2017,
// with the policy and the settings of NATS-Bench (Dong et al. 2021).
//
//     theta <- theta + lr * Adam( (R - b) * grad log p(a; theta) ),   b <- decay * b + (1 - decay) * R
//
// Zoph and Le's controller is a two-layer LSTM that reads the decisions made so far; this policy knows no
// decision from another.
//
// Where the references are silent, or this differs:
// - Workers: a reward that arrives late is applied to the policy as it then is, without importance weights.
//   With `batch` children an update is the mean of their gradients.
// - The reward is the negative loss; b starts at the first reward.
// - A failed candidate's reward is the least so far; before any reward has come it teaches nothing.

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "core/recipe.h"

namespace tonne {
namespace {

/// A decision with more values than this gets no softmax.
constexpr std::uint64_t kMostChoices = 1000;

/// Defaults: NATS-Bench.
struct ReinforceSettings {
  double learning_rate = 0.01;  ///< of Adam (beta .9, .999)
  double baseline = 0.9;        ///< decay of the moving average of rewards
  double initial = 1e-3;        ///< sd of the initial logits
  std::int64_t batch = 1;       ///< children an update; Zoph and Le: 8 for each replica of the controller

  void visit(SettingsVisitor& visitor) {
    visitor.number("learning_rate", learning_rate, Bounds::between(0, 1e3), "of Adam");
    visitor.number("baseline", baseline, Bounds::between(0, 1), "decay of the moving average of rewards");
    visitor.number("initial", initial, Bounds::between(0, 100), "sd of the initial logits");
    visitor.integer("batch", batch, Bounds::between(1, 1e6), "candidates that make one update of the policy");
  }
};

/// The k-th value of a discrete domain: the index of a choice, or the integer.
double value_at(const Domain& domain, std::size_t k) {
  if (const auto* integer = std::get_if<Integer>(&domain))
    return static_cast<double>(integer->low) + static_cast<double>(k);
  return static_cast<double>(k);
}
std::size_t index_of(const Domain& domain, double value) {
  if (const auto* integer = std::get_if<Integer>(&domain)) value -= static_cast<double>(integer->low);
  return static_cast<std::size_t>(value);
}

/// Adam (Kingma and Ba 2015), ascending.
class Adam {
 public:
  explicit Adam(std::size_t size) : mean_(size, 0.0), square_(size, 0.0) {}

  void ascend(std::vector<double>& theta, const std::vector<double>& gradient, double rate) {
    constexpr double beta1 = 0.9;
    constexpr double beta2 = 0.999;
    constexpr double epsilon = 1e-8;
    power1_ *= beta1;
    power2_ *= beta2;
    for (std::size_t i = 0; i < theta.size(); ++i) {
      mean_[i] = beta1 * mean_[i] + (1.0 - beta1) * gradient[i];
      square_[i] = beta2 * square_[i] + (1.0 - beta2) * gradient[i] * gradient[i];
      theta[i] += rate * (mean_[i] / (1.0 - power1_)) / (std::sqrt(square_[i] / (1.0 - power2_)) + epsilon);
    }
  }

 private:
  std::vector<double> mean_;
  std::vector<double> square_;
  double power1_ = 1.0;
  double power2_ = 1.0;
};

class Reinforce final : public Strategy {
 public:
  Reinforce(const ReinforceSettings& settings, const StrategyContext& context)
      : settings_(settings),
        space_(context.space),
        fidelity_(context.fidelity),
        offsets_(offsets(context.space)),
        gradient_(offsets_.back(), 0.0),
        adam_(offsets_.back()) {}

  std::optional<Proposal> ask(TrialId id, Random random) override {
    if (logits_.empty()) initialise(random.child("logits"));
    Configuration configuration(space_.size());
    for (std::size_t i = 0; i < space_.size(); ++i)
      if (space_.should_be_active(i, configuration))
        configuration.set(i, value_at(space_[i].domain, draw(i, random.uniform())));
    pending_.insert(id);
    return Proposal{.configuration = std::move(configuration), .fidelity = fidelity_};
  }

  void tell(const Trial& trial) override {
    if (pending_.erase(trial.id) == 0 || logits_.empty()) return;
    const std::optional<double> reward = reward_of(trial);
    if (!reward) return;
    lowest_ = std::min(lowest_.value_or(*reward), *reward);
    if (!baseline_) baseline_ = *reward;
    const double advantage = *reward - *baseline_;
    baseline_ = settings_.baseline * *baseline_ + (1.0 - settings_.baseline) * *reward;
    add_gradient(trial.proposal.configuration, advantage);
    if (++gathered_ == settings_.batch) update();
  }

  // Per parameter of the policy a draw, a gradient and Adam's dozen operations.
  [[nodiscard]] Work computed() const override {
    constexpr double operations = 20.0;
    return Work::from_base(operations * static_cast<double>(offsets_.back()) * static_cast<double>(updates_));
  }

 private:
  static std::vector<std::size_t> offsets(const SearchSpace& space) {
    std::vector<std::size_t> result = {0};
    for (const Parameter& parameter : space.parameters())
      result.push_back(result.back() + cardinality(parameter.domain).value_or(0));
    return result;
  }

  void initialise(Random random) {
    logits_.resize(offsets_.back());
    for (double& logit : logits_) logit = settings_.initial * random.normal();
  }

  [[nodiscard]] std::vector<double> probabilities(std::size_t i) const {
    std::vector<double> result(logits_.begin() + static_cast<std::ptrdiff_t>(offsets_[i]),
                               logits_.begin() + static_cast<std::ptrdiff_t>(offsets_[i + 1]));
    const double top = *std::ranges::max_element(result);
    double sum = 0.0;
    for (double& value : result) sum += value = std::exp(value - top);
    for (double& value : result) value /= sum;
    return result;
  }

  [[nodiscard]] std::size_t draw(std::size_t i, double u) const {
    const std::vector<double> p = probabilities(i);
    std::size_t k = 0;
    while (k + 1 < p.size() && u >= p[k]) u -= p[k++];
    return k;
  }

  [[nodiscard]] std::optional<double> reward_of(const Trial& trial) const {
    if (trial.completed() && std::isfinite(trial.loss())) return -trial.loss();
    return lowest_;
  }

  // grad log softmax = 1[k = a] - p_k
  void add_gradient(const Configuration& configuration, double advantage) {
    for (std::size_t i = 0; i < space_.size(); ++i) {
      if (!configuration.is_active(i)) continue;
      const std::vector<double> p = probabilities(i);
      for (std::size_t k = 0; k < p.size(); ++k) gradient_[offsets_[i] + k] -= advantage * p[k];
      gradient_[offsets_[i] + index_of(space_[i].domain, configuration[i])] += advantage;
    }
  }

  void update() {
    for (double& value : gradient_) value /= static_cast<double>(settings_.batch);
    adam_.ascend(logits_, gradient_, settings_.learning_rate);
    std::ranges::fill(gradient_, 0.0);
    gathered_ = 0;
    ++updates_;
  }

  ReinforceSettings settings_;
  const SearchSpace& space_;
  double fidelity_;
  std::vector<std::size_t> offsets_;  // where the logits of each parameter begin; the last: their number
  std::vector<double> logits_;
  std::vector<double> gradient_;
  Adam adam_;
  std::set<TrialId> pending_;
  std::optional<double> baseline_;
  std::optional<double> lowest_;
  std::int64_t gathered_ = 0;
  std::uint64_t updates_ = 0;
};

class ReinforceRecipe final : public StrategyRecipe {
 public:
  void visit(SettingsVisitor& visitor) override { settings_.visit(visitor); }

  [[nodiscard]] std::optional<std::string> refuses(const StrategyContext& context) const override {
    for (const Parameter& parameter : context.space.parameters()) {
      const auto values = cardinality(parameter.domain);
      if (!values)
        return "its policy chooses among values one by one, and " + parameter.name + " is a real number";
      if (*values > kMostChoices)
        return "its policy chooses among at most " + std::to_string(kMostChoices) + " values, and " +
               parameter.name + " has " + std::to_string(*values);
    }
    return std::nullopt;
  }
  [[nodiscard]] std::unique_ptr<Strategy> make(const StrategyContext& context) const override {
    return std::make_unique<Reinforce>(settings_, context);
  }

 private:
  ReinforceSettings settings_;
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_reinforce_recipe() {
  return std::make_unique<ReinforceRecipe>();
}

}  // namespace tonne
