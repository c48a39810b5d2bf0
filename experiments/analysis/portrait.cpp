#include "experiments/analysis/portrait.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/error.h"
#include "core/random.h"

namespace tonne {
namespace {

constexpr std::uint32_t kSeeds = 4;
constexpr std::size_t kBins = 8;
constexpr int kSweeps = 30;
constexpr std::size_t kFewestOfClass = 5;
constexpr std::size_t kMostFront = 10;
constexpr double kStep = 0.1;  // sd of a step of a real parameter, in parts of its range

struct Sample {
  Configuration configuration;
  double loss = 0.0;  // the true value, smaller is better
  double flops = 0.0;
  double parameters = 0.0;
  double use_flops = 0.0;
};

double loss_of(const Problem& problem, const Configuration& configuration) {
  const double value = problem.true_value(configuration);
  return problem.traits().objectives.front().direction == Direction::maximise ? -value : value;
}

std::optional<std::string> failure_of(const Outcome& outcome) {
  if (outcome.failure) return to_string(*outcome.failure);
  if (std::ranges::any_of(outcome.constraints, [](double value) { return !(value <= 0.0); }))
    return to_string(Failure::infeasible);
  return std::nullopt;
}

Outcome train(const Problem& problem, const Configuration& configuration, double fidelity,
              std::uint32_t repeat, const Random& root) {
  const Random stream = root.child(configuration.digest()).child(repeat);
  return problem.evaluate({configuration, 0.0, fidelity, repeat, stream.name()}, stream);
}

// Another value for one active parameter that has more than one.
Configuration edited(const SearchSpace& space, const Configuration& from, Random& random) {
  std::vector<std::size_t> movable;
  for (std::size_t i = 0; i < space.size(); ++i)
    if (from.is_active(i) && cardinality(space[i].domain).value_or(2) > 1) movable.push_back(i);
  Configuration other = from;
  if (movable.empty()) return other;
  const std::size_t i = movable[random.below(movable.size())];
  const Domain& domain = space[i].domain;
  if (std::holds_alternative<Real>(domain)) {
    const double u = to_unit(domain, from[i]) + kStep * random.normal();
    other.set(i, from_unit(domain, std::clamp(u, 0.0, 1.0)));
  } else {
    for (int tries = 0; tries < 1000 && other[i] == from[i]; ++tries) other.set(i, sample(domain, random));
  }
  if (space.has_conditions()) space.repair(other, random);
  return other;
}

class Painter {
 public:
  Painter(const Problem& problem, const PortraitOptions& options)
      : problem_(problem),
        space_(problem.space()),
        options_(options),
        root_(Random(options.seed).child("portrait").child(problem.traits().name)) {}

  Portrait paint() {
    describe_space();
    draw();
    if (samples_.empty()) return std::move(portrait_);
    describe_values();
    describe_work();
    describe_walk();
    describe_edits();
    describe_optima();
    describe_distance();
    describe_effects();
    describe_fidelities();
    describe_seeds();
    return std::move(portrait_);
  }

 private:
  [[nodiscard]] double highest() const { return problem_.traits().fidelity.highest; }
  [[nodiscard]] bool maximised() const { return portrait_.objective.direction == Direction::maximise; }
  [[nodiscard]] double value(double loss) const { return maximised() ? -loss : loss; }

  void describe_space() {
    portrait_.problem = problem_.traits().name;
    portrait_.objective = problem_.traits().objectives.front();
    portrait_.parameters = space_.size();
    portrait_.configurations = space_.cardinality();
    portrait_.samples = options_.samples;
    portrait_.default_value = problem_.true_value(problem_.default_configuration());
    portrait_.optimum = problem_.optimum();
  }

  void draw() {
    for (std::size_t k = 0; k < options_.samples; ++k) {
      Random random = root_.child("sample").child(k);
      Sample sample;
      sample.configuration = space_.sample(random);
      const Outcome outcome = train(problem_, sample.configuration, highest(), 0, root_);
      if (const auto failure = failure_of(outcome)) {
        portrait_.failing[*failure] += 1.0 / static_cast<double>(options_.samples);
        continue;
      }
      sample.loss = loss_of(problem_, sample.configuration);
      if (!std::isfinite(sample.loss)) continue;
      sample.flops = outcome.workload.flops.base();
      sample.parameters = outcome.workload.parameters;
      if (const auto use = problem_.inference(sample.configuration)) sample.use_flops = use->flops.base();
      samples_.push_back(std::move(sample));
    }
    std::ranges::sort(
        samples_, {},
        &Sample::loss);  // equal ones are alike to all that follows but the walk, which does not use them
    for (const Sample& sample : samples_) losses_.push_back(sample.loss);
    ranks_ = mid_ranks(losses_);
  }

  // The best first.
  [[nodiscard]] std::size_t class_of(double share) const {
    std::size_t c = 0;
    while (c + 2 < kPortraitClasses.size() && share >= kPortraitClasses[c + 1]) ++c;
    return c;
  }
  [[nodiscard]] double share_at(std::size_t i) const {
    return (static_cast<double>(i) + 0.5) / static_cast<double>(samples_.size());
  }

  void describe_values() {
    const std::size_t last = losses_.size() - 1;
    for (const double q : kPortraitQuantiles) {
      const double at = (1.0 - q) * static_cast<double>(last);
      const auto below = static_cast<std::size_t>(at);
      const double t = at - static_cast<double>(below);
      const double above = losses_[std::min(below + 1, last)];
      portrait_.quantiles.push_back(value(losses_[below] + t * (above - losses_[below])));
    }
    const auto n = static_cast<double>(losses_.size());
    for (const double loss : losses_) portrait_.mean += value(loss) / n;
    double second = 0.0;
    double third = 0.0;
    for (const double loss : losses_) {
      const double d = value(loss) - portrait_.mean;
      second += d * d / n;
      third += d * d * d / n;
    }
    portrait_.deviation = std::sqrt(second);
    portrait_.skewness = second > 0.0 ? third / std::pow(second, 1.5) : 0.0;
  }

  void describe_work() {
    const auto rank = [&](const char* of, double Sample::*member) {
      std::vector<double> amounts;
      std::vector<double> goodness;
      for (const Sample& sample : samples_) {
        amounts.push_back(sample.*member);
        goodness.push_back(-sample.loss);
      }
      if (std::ranges::all_of(amounts, [&](double a) { return a == amounts.front(); })) return;
      const auto half = static_cast<std::ptrdiff_t>((samples_.size() + 1) / 2);
      portrait_.ranks.push_back({of, rank_correlation(amounts, goodness),
                                 rank_correlation({amounts.begin(), amounts.begin() + half},
                                                  {goodness.begin(), goodness.begin() + half})});
    };
    rank("training FLOPs", &Sample::flops);
    rank("parameters", &Sample::parameters);
    rank("FLOPs per use", &Sample::use_flops);
    if (portrait_.ranks.empty() || portrait_.ranks.front().of != "training FLOPs") return;
    std::vector<std::array<double, 2>> front;
    double least = std::numeric_limits<double>::infinity();
    for (const Sample& sample : samples_) {
      if (sample.flops >= least) continue;
      least = sample.flops;
      front.push_back({value(sample.loss), sample.flops});
    }
    const std::size_t shown = std::min(kMostFront, front.size());
    for (std::size_t k = 0; k < shown; ++k)
      portrait_.front.push_back(front[shown == 1 ? 0 : k * (front.size() - 1) / (shown - 1)]);
  }

  // Where a value would stand among the samples, from the best: 0 to 1.
  [[nodiscard]] double share_of(double loss) const {
    const auto low = std::ranges::lower_bound(losses_, loss) - losses_.begin();
    const auto high = std::ranges::upper_bound(losses_, loss) - losses_.begin();
    return 0.5 * static_cast<double>(low + high) / static_cast<double>(losses_.size());
  }

  [[nodiscard]] std::optional<double> loss_unless_failing(const Configuration& configuration) const {
    if (failure_of(train(problem_, configuration, highest(), 0, root_))) return std::nullopt;
    const double loss = loss_of(problem_, configuration);
    return std::isfinite(loss) ? std::optional(loss) : std::nullopt;
  }

  void describe_walk() {
    Random random = root_.child("walk");
    Configuration at = samples_[samples_.size() / 2].configuration;
    std::vector<double> series{share_of(loss_of(problem_, at))};
    // Failing steps count towards the length, so that a space full of failures ends too.
    for (std::size_t step = 0; step < 4 * options_.samples && series.size() < options_.samples; ++step) {
      Configuration next = edited(space_, at, random);
      const auto loss = loss_unless_failing(next);
      if (!loss) continue;
      at = std::move(next);
      series.push_back(share_of(*loss));
    }
    for (std::size_t l = 0; l < kPortraitLags.size(); ++l) {
      const auto lag = static_cast<std::ptrdiff_t>(kPortraitLags[l]);
      portrait_.autocorrelation[l] =
          static_cast<std::ptrdiff_t>(series.size()) > lag + 2
              ? correlation({series.begin(), series.end() - lag}, {series.begin() + lag, series.end()})
              : std::numeric_limits<double>::quiet_NaN();
    }
  }

  void describe_edits() {
    std::array<double, kPortraitClasses.size() - 1> better{};
    std::array<double, kPortraitClasses.size() - 1> all{};
    constexpr int kEdits = 4;
    for (std::size_t i = 0; i < samples_.size(); ++i) {
      Random random = root_.child("edit").child(i);
      const std::size_t c = class_of(share_at(i));
      for (int k = 0; k < kEdits; ++k) {
        const auto loss = loss_unless_failing(edited(space_, samples_[i].configuration, random));
        if (!loss) continue;
        better[c] += *loss < samples_[i].loss ? 1.0 : 0.0;
        all[c] += 1.0;
      }
    }
    for (std::size_t c = 0; c < all.size(); ++c)
      portrait_.improving[c] = all[c] >= static_cast<double>(kFewestOfClass)
                                   ? better[c] / all[c]
                                   : std::numeric_limits<double>::quiet_NaN();
  }

  void describe_optima() {
    std::vector<Configuration> configurations;
    for (const Sample& sample : samples_) configurations.push_back(sample.configuration);
    portrait_.optima = local_optima(space_, configurations,
                                    [this](const Configuration& c) { return loss_unless_failing(c); });
  }

  void describe_distance() {
    const Configuration& best = samples_.front().configuration;
    std::vector<double> distances;
    std::vector<double> goodness;
    for (std::size_t i = 1; i < samples_.size(); ++i) {
      double sum = 0.0;
      for (std::size_t p = 0; p < space_.size(); ++p) sum += difference(p, samples_[i].configuration, best);
      distances.push_back(sum);
      goodness.push_back(-ranks_[i]);
    }
    portrait_.distance_correlation = correlation(distances, goodness);
  }

  [[nodiscard]] double difference(std::size_t p, const Configuration& a, const Configuration& b) const {
    if (a.is_active(p) != b.is_active(p)) return 1.0;
    if (!a.is_active(p)) return 0.0;
    if (is_categorical(space_[p].domain)) return a[p] == b[p] ? 0.0 : 1.0;
    return std::abs(to_unit(space_[p].domain, a[p]) - to_unit(space_[p].domain, b[p]));
  }

  // A level for each value of a discrete parameter with few, else one of eight classes; level 0: inactive.
  [[nodiscard]] std::size_t level_of(std::size_t p, const Configuration& configuration) const {
    if (!configuration.is_active(p)) return 0;
    const Domain& domain = space_[p].domain;
    if (is_categorical(domain)) return 1 + static_cast<std::size_t>(configuration[p]);
    const double u = to_unit(domain, configuration[p]);
    return 1 + std::min(kBins - 1, static_cast<std::size_t>(u * static_cast<double>(kBins)));
  }

  // Backfitting (Friedman and Stuetzle 1981) on every other sample, judged on the rest.
  void describe_effects() {
    std::vector<std::vector<double>> effects(space_.size());
    for (std::size_t p = 0; p < space_.size(); ++p)
      effects[p].assign(
          1 + (is_categorical(space_[p].domain) ? static_cast<std::size_t>(*cardinality(space_[p].domain))
                                                : kBins),
          0.0);
    std::vector<std::vector<std::size_t>> levels(samples_.size(), std::vector<std::size_t>(space_.size()));
    for (std::size_t i = 0; i < samples_.size(); ++i)
      for (std::size_t p = 0; p < space_.size(); ++p) levels[i][p] = level_of(p, samples_[i].configuration);
    std::vector<double> residual(samples_.size());
    for (std::size_t i = 0; i < samples_.size(); ++i) residual[i] = ranks_[i] - 0.5;
    for (int sweep = 0; sweep < kSweeps; ++sweep)
      for (std::size_t p = 0; p < space_.size(); ++p) fit_effect(p, levels, effects[p], residual);
    double left = 0.0;
    double all = 0.0;
    for (std::size_t i = 1; i < samples_.size(); i += 2) {
      left += residual[i] * residual[i];
      all += (ranks_[i] - 0.5) * (ranks_[i] - 0.5);
    }
    portrait_.additive = all > 0.0 ? 1.0 - left / all : std::numeric_limits<double>::quiet_NaN();
  }

  static void fit_effect(std::size_t p, const std::vector<std::vector<std::size_t>>& levels,
                         std::vector<double>& effect, std::vector<double>& residual) {
    std::vector<double> sums(effect.size(), 0.0);
    std::vector<double> counts(effect.size(), 1.0);  // a little shrinkage for rare levels
    for (std::size_t i = 0; i < levels.size(); i += 2) {
      sums[levels[i][p]] += residual[i] + effect[levels[i][p]];
      counts[levels[i][p]] += 1.0;
    }
    for (std::size_t i = 0; i < levels.size(); ++i)
      residual[i] += effect[levels[i][p]] - sums[levels[i][p]] / counts[levels[i][p]];
    for (std::size_t l = 0; l < effect.size(); ++l) effect[l] = sums[l] / counts[l];
  }

  // Up to four amounts below the highest, evenly in the logarithm.
  [[nodiscard]] std::vector<double> amounts() const {
    const FidelityTraits& fidelity = problem_.traits().fidelity;
    if (!fidelity.levels.empty()) {
      std::vector<double> levels = fidelity.levels;
      std::erase_if(levels, [&](double level) { return level >= fidelity.highest; });
      return levels;
    }
    std::vector<double> result;
    for (int k = 0; k < 4 && fidelity.lowest < fidelity.highest; ++k) {
      double amount = fidelity.lowest * std::pow(fidelity.highest / fidelity.lowest, k / 4.0);
      if (fidelity.integral) amount = std::floor(amount + 0.5);
      if (amount < fidelity.highest && (result.empty() || amount > result.back())) result.push_back(amount);
    }
    return result;
  }

  void describe_fidelities() {
    std::vector<double> levels = amounts();
    if (levels.empty()) return;
    levels.push_back(highest());
    for (const double amount : levels) {
      std::vector<double> seen;
      std::vector<double> truth;
      std::vector<double> seen_best;
      std::vector<double> truth_best;
      for (std::size_t i = 0; i < samples_.size(); ++i) {
        const Outcome outcome = train(problem_, samples_[i].configuration, amount, 0, root_);
        if (outcome.failure) continue;
        seen.push_back(maximised() ? -outcome.objectives.front() : outcome.objectives.front());
        truth.push_back(samples_[i].loss);
        if (share_at(i) >= 0.1) continue;
        seen_best.push_back(seen.back());
        truth_best.push_back(truth.back());
      }
      portrait_.fidelities.push_back(
          {amount, rank_correlation(seen, truth), rank_correlation(seen_best, truth_best)});
    }
  }

  void describe_seeds() {
    std::array<double, kPortraitClasses.size() - 1> squares{};
    std::array<double, kPortraitClasses.size() - 1> counts{};
    for (std::size_t i = 0; i < samples_.size(); ++i) {
      std::vector<double> seen;
      for (std::uint32_t repeat = 0; repeat < kSeeds; ++repeat) {
        const Outcome outcome = train(problem_, samples_[i].configuration, highest(), repeat, root_);
        if (!outcome.failure) seen.push_back(outcome.objectives.front());
      }
      if (seen.size() < 2) continue;
      const double mean = std::accumulate(seen.begin(), seen.end(), 0.0) / static_cast<double>(seen.size());
      double sum = 0.0;
      for (const double v : seen) sum += (v - mean) * (v - mean);
      const std::size_t c = class_of(share_at(i));
      squares[c] += sum / static_cast<double>(seen.size() - 1);
      counts[c] += 1.0;
    }
    for (std::size_t c = 0; c < counts.size(); ++c)
      portrait_.seed_deviation[c] = counts[c] >= static_cast<double>(kFewestOfClass)
                                        ? std::sqrt(squares[c] / counts[c])
                                        : std::numeric_limits<double>::quiet_NaN();
    const double all = std::accumulate(counts.begin(), counts.end(), 0.0);
    portrait_.seed_deviation_all =
        all > 0.0 ? std::sqrt(std::accumulate(squares.begin(), squares.end(), 0.0) / all) : 0.0;
  }

  const Problem& problem_;
  const SearchSpace& space_;
  const PortraitOptions options_;
  const Random root_;
  Portrait portrait_;
  std::vector<Sample> samples_;  // that do not fail, the best first
  std::vector<double> losses_;
  std::vector<double> ranks_;
};

}  // namespace

Portrait portrait_of(const Problem& problem, const PortraitOptions& options) {
  Portrait portrait = Painter(problem, options).paint();
  portrait.notes = problem.traits().notes;
  return portrait;
}

}  // namespace tonne
