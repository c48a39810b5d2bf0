// REINFORCE: Williams 1992; for architectures Zoph and Le 2017, "Neural Architecture Search with Reinforcement
// Learning", ICLR.
//
//     theta <- theta + lr * Adam( (R - b) * grad log p(a; theta) ),   b <- decay * b + (1 - decay) * R
//
// Two controllers. independent: a softmax of its own for each decision, with the settings of NATS-Bench (Dong
// et al. 2021); it knows no decision from another. lstm: Zoph and Le's, which reads the decisions made so far
// (search/surrogates/lstm_policy.h).
//
// Where the references are silent, or this differs:
// - Workers: a reward that arrives late is applied to the policy as it then is, without importance weights.
//   With `batch` children an update is the mean of their gradients.
// - The reward is the negative loss; b starts at the first reward, which keeps a weight of decay^k after k more
//   (NATS-Bench's program corrects its average for that, and takes the newest reward in before it subtracts).
// - A failed candidate's reward is the least so far; before any reward has come it teaches nothing.
// - Zoph and Le cube the accuracy (their section 4.1); here the reward is as above for both controllers.

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "core/number_text.h"
#include "core/recipe.h"
#include "search/surrogates/lstm_policy.h"

namespace tonne {
namespace {

/// A decision with more values than this gets no softmax.
constexpr std::uint64_t kMostChoices = 1000;

enum class Controller : std::uint8_t { independent, lstm };
constexpr std::array<std::string_view, 2> kControllerNames = {"independent", "lstm"};
// Of Adam (beta .9, .999), by controller: NATS-Bench; Zoph and Le 2017, section 4.1.
constexpr std::array<double, 2> kLearningRates = {0.01, 0.0006};

/// Defaults: NATS-Bench; of the LSTM Zoph and Le 2017, section 4.1.
struct ReinforceSettings {
  Controller controller = Controller::independent;
  std::optional<double> learning_rate;  ///< none: kLearningRates
  double baseline = 0.9;                ///< decay of the moving average of rewards
  double initial = 1e-3;                ///< sd of the initial logits of the independent controller
  std::int64_t batch = 1;               ///< children an update; Zoph and Le: 8 for each replica of the controller
  std::int64_t layers = 2;              ///< of the LSTM
  std::int64_t hidden = 35;             ///< units of each layer
  double range = 0.08;                  ///< initial weights of the LSTM are uniform within it

  void visit(SettingsVisitor& visitor) {
    visitor.choice("controller", controller, kControllerNames,
                   "one softmax per decision, or an LSTM over the decisions made so far");
    visitor.optional_number("learning_rate", learning_rate, Bounds::between(0, 1e3),
                            "learning rate of Adam; default: " + shortest_text(kLearningRates[0]) + ", or " +
                                shortest_text(kLearningRates[1]) + " with lstm");
    visitor.number("baseline", baseline, Bounds::between(0, 1), "decay of the reward's moving average");
    visitor.number("initial", initial, Bounds::between(0, 100),
                   "sd of the initial logits of the independent controller");
    visitor.integer("batch", batch, Bounds::between(1, 1e6), "candidates per policy update");
    visitor.integer("layers", layers, Bounds::between(1, 8), "LSTM layers");
    visitor.integer("hidden", hidden, Bounds::between(1, 512), "units per LSTM layer");
    visitor.number("range", range, Bounds::between(0, 10), "initial LSTM weights are uniform within +- this");
  }
  [[nodiscard]] std::optional<std::string> refuses(const StrategyContext& context) const {
    for (const Parameter& parameter : context.space.parameters()) {
      const auto values = cardinality(parameter.domain);
      if (!values) return "its policy needs discrete parameters, and " + parameter.name + " is real";
      if (*values > kMostChoices)
        return "its policy handles at most " + std::to_string(kMostChoices) + " values per parameter, and " +
               parameter.name + " has " + std::to_string(*values);
    }
    return std::nullopt;
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

/// A distribution over configurations with parameters theta.
class Policy {
 public:
  virtual ~Policy() = default;
  virtual void initialise(Random random) = 0;
  [[nodiscard]] virtual std::vector<double>& parameters() = 0;
  [[nodiscard]] virtual Configuration sample(Random& random) = 0;
  /// gradient += weight * grad log p(configuration; theta)
  virtual void add_gradient(const Configuration& configuration, double weight,
                            std::vector<double>& gradient) = 0;
  /// So far, the updates left out.
  [[nodiscard]] virtual double operations() const = 0;
};

std::size_t draw(std::span<const double> p, double u) {
  std::size_t k = 0;
  while (k + 1 < p.size() && u >= p[k]) u -= p[k++];
  return k;
}

/// A softmax of its own for each decision.
class IndependentPolicy final : public Policy {
 public:
  IndependentPolicy(const SearchSpace& space, double initial) : space_(space), initial_(initial) {
    for (const Parameter& parameter : space.parameters())
      offsets_.push_back(offsets_.back() + cardinality(parameter.domain).value_or(0));
    logits_.resize(offsets_.back());
  }

  void initialise(Random random) override {
    for (double& logit : logits_) logit = initial_ * random.normal();
  }
  [[nodiscard]] std::vector<double>& parameters() override { return logits_; }

  [[nodiscard]] Configuration sample(Random& random) override {
    Configuration configuration(space_.size());
    for (std::size_t i = 0; i < space_.size(); ++i)
      if (space_.should_be_active(i, configuration))
        configuration.set(i, value_at(space_[i].domain, draw(probabilities(i), random.uniform())));
    return configuration;
  }

  // grad log softmax = 1[k = a] - p_k
  void add_gradient(const Configuration& configuration, double weight,
                    std::vector<double>& gradient) override {
    for (std::size_t i = 0; i < space_.size(); ++i) {
      if (!configuration.is_active(i)) continue;
      const std::vector<double> p = probabilities(i);
      for (std::size_t k = 0; k < p.size(); ++k) gradient[offsets_[i] + k] -= weight * p[k];
      gradient[offsets_[i] + index_of(space_[i].domain, configuration[i])] += weight;
    }
  }

  // A draw and a gradient are of the same order as an update, which counts for them.
  [[nodiscard]] double operations() const override { return 0.0; }

 private:
  [[nodiscard]] std::vector<double> probabilities(std::size_t i) const {
    std::vector<double> result(logits_.begin() + static_cast<std::ptrdiff_t>(offsets_[i]),
                               logits_.begin() + static_cast<std::ptrdiff_t>(offsets_[i + 1]));
    const double top = *std::ranges::max_element(result);
    double sum = 0.0;
    for (double& value : result) sum += value = std::exp(value - top);
    for (double& value : result) value /= sum;
    return result;
  }

  const SearchSpace& space_;
  double initial_;
  std::vector<std::size_t> offsets_ = {0};  // where the logits of each parameter begin; the last: their number
  std::vector<double> logits_;
};

/// Zoph and Le's controller; inactive parameters are no decisions.
class RecurrentPolicy final : public Policy {
 public:
  RecurrentPolicy(const SearchSpace& space, const ReinforceSettings& settings)
      : space_(space),
        range_(settings.range),
        network_(counts(space), static_cast<std::size_t>(settings.layers),
                 static_cast<std::size_t>(settings.hidden)) {}

  void initialise(Random random) override { network_.initialise(range_, random); }
  [[nodiscard]] std::vector<double>& parameters() override { return network_.parameters(); }

  [[nodiscard]] Configuration sample(Random& random) override {
    Configuration configuration(space_.size());
    network_.begin();
    for (std::size_t i = 0; i < space_.size(); ++i) {
      if (!space_.should_be_active(i, configuration)) continue;
      const std::size_t k = draw(network_.next(i), random.uniform());
      network_.choose(k);
      configuration.set(i, value_at(space_[i].domain, k));
    }
    return configuration;
  }

  void add_gradient(const Configuration& configuration, double weight,
                    std::vector<double>& gradient) override {
    sequence_.clear();
    for (std::size_t i = 0; i < space_.size(); ++i)
      if (configuration.is_active(i)) sequence_.push_back({i, index_of(space_[i].domain, configuration[i])});
    network_.add_gradient(sequence_, weight, gradient);
  }

  [[nodiscard]] double operations() const override { return network_.operations(); }

 private:
  static std::vector<std::size_t> counts(const SearchSpace& space) {
    std::vector<std::size_t> result;
    for (const Parameter& parameter : space.parameters())
      result.push_back(cardinality(parameter.domain).value_or(0));
    return result;
  }

  const SearchSpace& space_;
  double range_;
  LstmPolicy network_;
  std::vector<LstmPolicy::Choice> sequence_;  // scratch space
};

class Reinforce final : public Strategy {
 public:
  Reinforce(const ReinforceSettings& settings, const StrategyContext& context)
      : settings_(settings),
        rate_(settings.learning_rate.value_or(kLearningRates[static_cast<std::size_t>(settings.controller)])),
        fidelity_(context.fidelity),
        policy_(make_policy(settings, context.space)),
        gradient_(policy_->parameters().size(), 0.0),
        adam_(gradient_.size()) {}

  std::optional<Proposal> ask(TrialId id, Random random) override {
    if (!initialised_) policy_->initialise(random.child("logits"));
    initialised_ = true;
    Proposal proposal{.configuration = policy_->sample(random), .fidelity = fidelity_};
    pending_.insert(id);
    return proposal;
  }

  void tell(const Trial& trial) override {
    if (pending_.erase(trial.id) == 0) return;
    const std::optional<double> reward = reward_of(trial);
    if (!reward) return;
    lowest_ = std::min(lowest_.value_or(*reward), *reward);
    if (!baseline_) baseline_ = *reward;
    const double advantage = *reward - *baseline_;
    baseline_ = settings_.baseline * *baseline_ + (1.0 - settings_.baseline) * *reward;
    policy_->add_gradient(trial.proposal.configuration, advantage, gradient_);
    if (++gathered_ == settings_.batch) update();
  }

  // Per parameter of the policy Adam's dozen operations, and what draws and gradients take.
  [[nodiscard]] Work computed() const override {
    constexpr double operations = 20.0;
    return Work::from_base(policy_->operations() +
                           operations * static_cast<double>(gradient_.size()) * static_cast<double>(updates_));
  }

 private:
  static std::unique_ptr<Policy> make_policy(const ReinforceSettings& settings, const SearchSpace& space) {
    if (settings.controller == Controller::lstm) return std::make_unique<RecurrentPolicy>(space, settings);
    return std::make_unique<IndependentPolicy>(space, settings.initial);
  }

  [[nodiscard]] std::optional<double> reward_of(const Trial& trial) const {
    if (trial.completed() && std::isfinite(trial.loss())) return -trial.loss();
    return lowest_;
  }

  void update() {
    for (double& value : gradient_) value /= static_cast<double>(settings_.batch);
    adam_.ascend(policy_->parameters(), gradient_, rate_);
    std::ranges::fill(gradient_, 0.0);
    gathered_ = 0;
    ++updates_;
  }

  ReinforceSettings settings_;
  double rate_;
  double fidelity_;
  std::unique_ptr<Policy> policy_;
  std::vector<double> gradient_;
  Adam adam_;
  bool initialised_ = false;
  std::set<TrialId> pending_;
  std::optional<double> baseline_;
  std::optional<double> lowest_;
  std::int64_t gathered_ = 0;
  std::uint64_t updates_ = 0;
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_reinforce_recipe() {
  return std::make_unique<BasicStrategyRecipe<ReinforceSettings, Reinforce>>();
}

}  // namespace tonne
