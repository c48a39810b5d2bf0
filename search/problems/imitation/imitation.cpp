// The problem `imitation`: a synthetic landscape with the portrait of another problem, a user's table say, from
// the file that `tonne imitate` writes.

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/csv.h"
#include "core/error.h"
#include "core/recipe.h"
#include "core/yaml.h"
#include "search/problems/imitation/imitation_costs.h"
#include "search/problems/imitation/imitation_field.h"
#include "search/problems/imitation/imitation_scores.h"
#include "search/problems/imitation/imitation_space.h"
#include "search/problems/landscape/hashed.h"
#include "search/problems/landscape/monotone_curve.h"

namespace tonne::imitation {
namespace {

double score_of(double share) {
  return normal_quantile(std::clamp(share, 1e-15, 1.0 - 1e-15));
}

// Values by score: shares from the worst, then the best few of `candidates`.
MonotoneCurve value_curve(const Space& space) {
  std::vector<std::pair<double, double>> knots;
  const double n = space.candidates;
  for (std::size_t k = 0; k < kValueShares.size(); ++k)
    knots.emplace_back(std::max(kValueShares[k], 0.5 / n), space.quantiles[k]);
  std::vector<double> scores;
  std::vector<double> values;
  const double first_of_best = 1.0 - (static_cast<double>(space.best.size()) - 0.5) / n;
  for (const auto& [share, value] : knots) {
    if (share >= first_of_best || (!scores.empty() && score_of(share) <= scores.back())) continue;
    scores.push_back(score_of(share));
    values.push_back(value);
  }
  for (std::size_t k = space.best.size(); k-- > 0;) {
    const double score = score_of(1.0 - (static_cast<double>(k) + 0.5) / n);
    if (!scores.empty() && score <= scores.back()) continue;
    scores.push_back(score);
    values.push_back(space.best[k]);
  }
  return {std::move(scores), std::move(values)};
}

// True values by score. Of a space that cannot be ranked as a whole, the best that was measured is one of a
// sample: better ones go on as the last hundredth does.
class ValueCurve {
 public:
  ValueCurve(const Space& space, bool open) : curve_(value_curve(space)), best_(space.best.front()) {
    last_ = score_of(1.0 - 0.5 / space.candidates);
    if (!open) return;
    constexpr double kFrom = 0.99;
    if (last_ > score_of(kFrom) + 0.5) slope_ = (best_ - curve_(score_of(kFrom))) / (last_ - score_of(kFrom));
    // A positive loss is never negative.
    shrinks_ = slope_ < 0.0 && best_ > 0.0;
  }
  [[nodiscard]] double operator()(double score) const {
    if (score <= last_ || slope_ == 0.0) return curve_(score);
    const double more = slope_ * (score - last_);
    return shrinks_ ? best_ * std::exp(more / best_) : best_ + more;
  }
  /// The score of the best that was measured.
  [[nodiscard]] double last() const { return last_; }

 private:
  MonotoneCurve curve_;
  double best_;
  double last_ = 0.0;
  double slope_ = 0.0;
  bool shrinks_ = false;
};

// By class of quality. Classes differ by orders of magnitude where bad candidates blow up: nothing between two
// classes would be right.
class ClassSteps {
 public:
  explicit ClassSteps(const std::vector<double>& values) : by_class_(values) {}
  [[nodiscard]] double at(double share) const {
    if (by_class_.empty()) return 0.0;
    std::size_t k = 0;
    while (k + 1 < by_class_.size() && share >= kNoiseClasses[k + 1]) ++k;
    return by_class_[k];
  }

 private:
  std::vector<double> by_class_;
};

class ImitationProblem final : public Problem {
 public:
  ImitationProblem(Space space, const ProblemOptions& options)
      : said_(std::move(space)),
        noise_factor_(options.noise),
        seed_(mix_bits(static_cast<std::uint64_t>(options.landscape) ^ 0x696d6974617465ULL)),
        space_(said_.parameters),
        nodes_(space_),
        effects_(draw_effects(mix_bits(seed_ ^ 1), nodes_, said_.shape.outcast)),
        scores_(space_, nodes_, said_, seed_, effects_),
        costs_(space_, nodes_, said_, seed_, effects_),
        values_(said_, !scores_.best()),
        noise_(said_.seeds.deviation),
        spread_(said_.seeds.spread),
        better_(said_.seeds.better) {
    traits_.name = "imitation/" + said_.name;
    traits_.objectives = {said_.objective};
    traits_.fidelity = said_.fidelity;
    traits_.notes = said_.notes;
    for (const Shorter& shorter : said_.shorter) {
      std::vector<double> scores;
      for (const double share : kCostShares) scores.push_back(score_of(std::clamp(share, 5e-4, 1.0 - 5e-4)));
      shorter_values_.emplace_back(std::move(scores), shorter.quantiles);
    }
    default_ = scores_.middle();
  }
  ImitationProblem(const ImitationProblem&) = delete;  // fields point at the nodes
  ImitationProblem& operator=(const ImitationProblem&) = delete;

  [[nodiscard]] const ProblemTraits& traits() const override { return traits_; }
  [[nodiscard]] const SearchSpace& space() const override { return space_; }
  [[nodiscard]] Configuration default_configuration() const override { return default_; }

  [[nodiscard]] double true_value(const Configuration& configuration) const override {
    const auto score = scores_.score(configuration);
    return score ? values_(*score) : said_.quantiles.front();
  }
  [[nodiscard]] std::optional<double> optimum() const override {
    const auto best = scores_.best();
    return best ? std::optional(values_(*best)) : std::nullopt;
  }

  [[nodiscard]] Outcome evaluate(const Evaluation& e, Random random) const override {
    Outcome outcome;
    const std::uint64_t name = mix_bits(seed_ ^ e.configuration.digest());
    const auto score = scores_.score(e.configuration);
    outcome.workload = costs_.work(e.configuration, score);
    outcome.workload.kind = said_.kind;
    scale(outcome.workload, part_of(e) * (score ? 1.0 : said_.failures.cost));
    if (!score) {
      outcome.failure = said_.failures.reason;
      return outcome;
    }
    const double share = normal_cdf(*score);
    const double value = value_at(*score, share, e.to, name);
    outcome.objectives.push_back(value + noise_at(e.to) * deviation(*score, share, e, name, random));
    return outcome;
  }

  [[nodiscard]] std::optional<Workload> inference(const Configuration& configuration) const override {
    std::optional<Workload> use = costs_.use(configuration, scores_.score(configuration));
    if (use) use->kind = said_.kind;
    return use;
  }
  [[nodiscard]] std::optional<std::uint32_t> training_seeds(const Configuration&) const override {
    if (said_.seeds.trainings == 0) return std::nullopt;
    return static_cast<std::uint32_t>(said_.seeds.trainings);
  }

 private:
  [[nodiscard]] double part_of(const Evaluation& e) const {
    return (e.to - std::max(0.0, e.from)) / said_.fidelity.highest;
  }
  // Memory and parameters are the same however long the training.
  static void scale(Workload& work, double part) {
    work.flops = work.flops * part;
    work.traffic = work.traffic * part;
    work.steps = std::ceil(work.steps * part);
    work.samples *= part;
    if (work.measured_time) work.measured_time = *work.measured_time * part;
    if (work.measured_energy) work.measured_energy = *work.measured_energy * part;
  }

  // The step of `shorter` below an amount, and how far it is to the next, in the logarithm.
  [[nodiscard]] std::pair<std::size_t, double> step_at(double amount) const {
    std::size_t k = 0;
    while (k + 1 < said_.shorter.size() && amount >= said_.shorter[k + 1].amount) ++k;
    const double low = said_.shorter[k].amount;
    const double high = k + 1 < said_.shorter.size() ? said_.shorter[k + 1].amount : said_.fidelity.highest;
    const double t = std::log(std::max(amount, low) / low) / std::log(high / low);
    return {k, std::clamp(t, 0.0, 1.0)};
  }

  [[nodiscard]] double value_at(double score, double share, double amount, std::uint64_t name) const {
    if (said_.shorter.empty() || amount >= said_.fidelity.highest) return values_(score);
    const auto [k, t] = step_at(amount);
    const double low = shorter_value(k, score, share, name);
    const double high =
        k + 1 < said_.shorter.size() ? shorter_value(k + 1, score, share, name) : values_(score);
    return low + t * (high - low);
  }

  // A candidate that is ahead early is likely to be so a little later: from step to step, half of the variance
  // of what it deviates is kept.
  [[nodiscard]] double shorter_value(std::size_t k, double score, double share, std::uint64_t name) const {
    double own = 0.0;
    double weight = 1.0;
    for (std::size_t step = k; step < said_.shorter.size() && weight > 0.05; ++step) {
      const bool last = step + 1 == said_.shorter.size();
      own += weight * (last ? 1.0 : std::sqrt(0.5)) * hashed_normal(mix_bits(name ^ (900 + step)));
      weight *= std::sqrt(0.5);
    }
    const Shorter& shorter = said_.shorter[k];
    const double t = std::clamp((share - 0.85) / 0.1, 0.0, 1.0);
    const double deviation = shorter.deviation + t * (shorter.deviation_best - shorter.deviation);
    return shorter_values_[k]((score + deviation * own) / std::hypot(1.0, shorter.deviation));
  }

  [[nodiscard]] double noise_at(double amount) const {
    if (said_.shorter.empty() || amount >= said_.fidelity.highest) return 1.0;
    const auto [k, t] = step_at(amount);
    const double high = k + 1 < said_.shorter.size() ? said_.shorter[k + 1].noise : 1.0;
    return said_.shorter[k].noise + t * (high - said_.shorter[k].noise);
  }

  // How much better than it is a candidate may look.
  [[nodiscard]] double most_better(double score, double share) const {
    const double limit = score + better_.at(share);
    if (said_.seeds.better.empty() || limit >= values_.last()) return std::numeric_limits<double>::infinity();
    return std::abs(values_(limit) - values_(score));
  }

  // Of one training from the mean of all, which is the true value. Spreads differ much among bad candidates, of which
  // some trainings blow up; without a limit the luckiest of these would be taken for the best of all.
  [[nodiscard]] double deviation(double score, double share, const Evaluation& e, std::uint64_t name,
                                 Random& random) const {
    const double usual = noise_factor_ * noise_.at(share);
    if (usual == 0.0 || said_.seeds.trainings == 1) return 0.0;
    const double spread = spread_.at(share);
    const double sd = spread > 0.0 ? usual * std::exp(spread * hashed_normal(mix_bits(name ^ 500))) : usual;
    const double better = said_.objective.direction == Direction::maximise ? 1.0 : -1.0;
    const double most = most_better(score, share);
    const auto trainings = static_cast<std::uint64_t>(said_.seeds.trainings);
    if (trainings == 0) return better * std::min(sd * random.normal(), most);
    const std::uint64_t own = (e.run % trainings + e.repeat) % trainings;
    double mean = 0.0;
    double drawn = 0.0;
    double best = 0.0;
    for (std::uint64_t t = 0; t < trainings; ++t) {
      const double normal = better * hashed_normal(mix_bits(name ^ (600 + t)));
      mean += normal / static_cast<double>(trainings);
      best = t == 0 ? normal : std::max(best, normal);
      if (t == own) drawn = normal;
    }
    return better * std::min(sd, most / (best - mean)) * (drawn - mean);
  }

  const Space said_;
  const double noise_factor_;
  const std::uint64_t seed_;
  const SearchSpace space_;
  const Nodes nodes_;
  const Effects effects_;
  const Scores scores_;
  const Costs costs_;
  const ValueCurve values_;
  const ClassSteps noise_;
  const ClassSteps spread_;
  const ClassSteps better_;
  std::vector<MonotoneCurve> shorter_values_;
  ProblemTraits traits_;
  Configuration default_;
};

struct Settings {
  std::filesystem::path file;
  ProblemOptions options;

  void visit(SettingsVisitor& v) {
    v.path("file", file, "what `tonne imitate` wrote; may be edited");
    v.integer("landscape", options.landscape, Bounds::at_least(0), "which of the landscapes with this portrait");
    v.number("noise", options.noise, Bounds::at_least(0), "factor on the sd of training seeds; 0: none");
    v.require(!file.empty(), "file", "is missing: the file that tonne imitate wrote");
  }
};

class ImitationRecipe final : public ProblemRecipe {
 public:
  void visit(SettingsVisitor& visitor) override { settings_.visit(visitor); }
  [[nodiscard]] std::shared_ptr<const Problem> make() const override {
    return make_problem(read_space(settings_.file), settings_.options);
  }
  [[nodiscard]] std::uint64_t content_digest() const override {
    return hash_text(read_text_file(settings_.file, YamlLimits{}.bytes));
  }

 private:
  Settings settings_;
};

}  // namespace

std::shared_ptr<const Problem> make_problem(const Space& space, const ProblemOptions& options) {
  return std::make_shared<const ImitationProblem>(space, options);
}

}  // namespace tonne::imitation

namespace tonne {

std::unique_ptr<ProblemRecipe> make_imitation_recipe() {
  return std::make_unique<imitation::ImitationRecipe>();
}

}  // namespace tonne
