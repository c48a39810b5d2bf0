#include "experiments/analysis/portrait.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/random.h"
#include "experiments/analysis/portrait_effects.h"
#include "experiments/analysis/portrait_samples.h"
#include "experiments/analysis/portrait_tail.h"

namespace tonne {
namespace {

constexpr std::uint32_t kSeeds = 4;  // where trainings are unlimited
constexpr std::size_t kBins = 8;
constexpr double kFewestOfClass = 5.0;
constexpr std::size_t kMostFront = 10;
constexpr std::size_t kSteps = 50'000;  // of the walk, where steps are looked up

class Painter {
 public:
  Painter(const Problem& problem, const PortraitOptions& options)
      : problem_(problem),
        space_(problem.space()),
        examined_(problem, options),
        samples_(examined_.best_first()) {
    for (const PortraitSample& sample : samples_) losses_.push_back(sample.loss);
    ranks_ = mid_ranks(losses_);
  }

  Portrait paint() {
    describe_space();
    if (samples_.empty()) return std::move(portrait_);
    describe_values();
    describe_work();
    describe_walk();
    describe_edits();
    describe_optima();
    describe_distance();
    describe_effects();
    describe_fidelities();
    const std::vector<PortraitTrainings> trainings = portrait_trainings(problem_, examined_, kSeeds);
    describe_seeds(trainings);
    portrait_.tail = portrait_tail(problem_, examined_, trainings);
    return std::move(portrait_);
  }

 private:
  [[nodiscard]] double highest() const { return problem_.traits().fidelity.highest; }
  [[nodiscard]] double value(double loss) const { return examined_.value(loss); }

  void describe_space() {
    portrait_.problem = problem_.traits().name;
    portrait_.objective = problem_.traits().objectives.front();
    portrait_.parameters = space_.size();
    portrait_.configurations = space_.cardinality();
    portrait_.samples = examined_.examined();
    portrait_.whole = examined_.whole();
    portrait_.default_value = problem_.true_value(problem_.default_configuration());
    portrait_.optimum = problem_.optimum();
    portrait_.failing = examined_.failing();
  }

  // The best first.
  [[nodiscard]] std::size_t class_of(double share) const {
    std::size_t c = 0;
    while (c + 2 < kPortraitClasses.size() && share >= kPortraitClasses[c + 1]) ++c;
    return c;
  }
  [[nodiscard]] double share_at(std::size_t i) const { return examined_.share_at(i); }

  void describe_values() {
    for (const double q : kPortraitQuantiles) portrait_.quantiles.push_back(portrait_quantile(examined_, q));
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
    const auto rank = [&](const char* of, double PortraitSample::*member) {
      std::vector<double> amounts;
      std::vector<double> goodness;
      for (const PortraitSample& sample : samples_) {
        amounts.push_back(sample.*member);
        goodness.push_back(-sample.loss);
      }
      if (std::ranges::all_of(amounts, [&](double a) { return a == amounts.front(); })) return;
      const auto best = [&](std::size_t count) {
        const auto n = static_cast<std::ptrdiff_t>(count);
        return rank_correlation({amounts.begin(), amounts.begin() + n},
                                {goodness.begin(), goodness.begin() + n});
      };
      portrait_.ranks.push_back({of, rank_correlation(amounts, goodness), best((samples_.size() + 1) / 2),
                                 best(examined_.count_within(0.1))});
    };
    rank("training FLOPs", &PortraitSample::flops);
    rank("parameters", &PortraitSample::parameters);
    rank("FLOPs per use", &PortraitSample::use_flops);
    if (portrait_.ranks.empty() || portrait_.ranks.front().of != "training FLOPs") return;
    std::vector<std::array<double, 2>> front;
    double least = std::numeric_limits<double>::infinity();
    for (const PortraitSample& sample : samples_) {
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

  void describe_walk() {
    Random random = examined_.root().child("walk");
    Configuration at = samples_[samples_.size() / 2].configuration;
    std::vector<double> series{share_of(samples_[samples_.size() / 2].loss)};
    const std::size_t steps = examined_.whole() ? kSteps : examined_.examined();
    // Failing steps count towards the length, so that a space full of failures ends too.
    for (std::size_t step = 0; step < 4 * steps && series.size() < steps; ++step) {
      Configuration next = edited(space_, at, random);
      const auto loss = examined_.loss(next);
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
    const auto neighbours = count_neighbours(space_);
    const bool exactly =
        examined_.whole() && neighbours && *neighbours * samples_.size() <= kMostNeighboursKnown;
    for (std::size_t i = 0; i < samples_.size(); ++i) {
      const std::size_t c = class_of(share_at(i));
      const auto add = [&](const Configuration& other, double chance) {
        const auto loss = examined_.loss(other);
        if (!loss) return;
        better[c] += *loss < samples_[i].loss ? chance : 0.0;
        all[c] += chance;
      };
      exactly ? each_neighbour(space_, samples_[i].configuration, add) : draw_edits(i, add);
    }
    for (std::size_t c = 0; c < all.size(); ++c)
      portrait_.improving[c] =
          all[c] >= kFewestOfClass ? better[c] / all[c] : std::numeric_limits<double>::quiet_NaN();
  }

  template <class Add>
  void draw_edits(std::size_t i, Add add) const {
    constexpr int kEdits = 4;
    Random random = examined_.root().child("edit").child(i);
    for (int k = 0; k < kEdits; ++k) add(edited(space_, samples_[i].configuration, random), 1.0);
  }

  void describe_optima() {
    std::vector<Configuration> configurations;
    for (const PortraitSample& sample : samples_) configurations.push_back(sample.configuration);
    portrait_.optima =
        local_optima(space_, configurations, [this](const Configuration& c) { return examined_.loss(c); });
  }

  void describe_distance() {
    const Configuration& best = samples_.front().configuration;
    std::vector<double> distances;
    std::vector<double> ranks;  // larger is better, as of values
    std::vector<double> values;
    for (std::size_t i = 1; i < samples_.size(); ++i) {
      double sum = 0.0;
      for (std::size_t p = 0; p < space_.size(); ++p) sum += difference(p, samples_[i].configuration, best);
      distances.push_back(sum);
      ranks.push_back(-ranks_[i]);
      values.push_back(-losses_[i]);
    }
    const auto among = [&](const std::vector<double>& goodness, double share) {
      const auto n = static_cast<std::ptrdiff_t>(std::max<std::size_t>(examined_.count_within(share), 1) - 1);
      return correlation({distances.begin(), distances.begin() + n},
                         {goodness.begin(), goodness.begin() + n});
    };
    portrait_.distance_correlation = among(ranks, 1.0);
    portrait_.distance_correlation_best_quarter = among(ranks, 0.25);
    portrait_.distance_correlation_best_twentieth = among(ranks, 0.05);
    portrait_.value_distance_correlation = {among(values, 1.0), among(values, 0.25), among(values, 0.05)};
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

  [[nodiscard]] PortraitLevels levels_of_best(std::size_t count) const {
    PortraitLevels levels;
    for (const Parameter& parameter : space_.parameters())
      levels.counts.push_back(1 + (is_categorical(parameter.domain)
                                       ? static_cast<std::size_t>(*cardinality(parameter.domain))
                                       : kBins));
    for (std::size_t i = 0; i < count; ++i) {
      std::vector<std::size_t>& level = levels.level.emplace_back(space_.size());
      for (std::size_t p = 0; p < space_.size(); ++p) level[p] = level_of(p, samples_[i].configuration);
    }
    return levels;
  }

  void describe_effects() {
    const Judged judged = examined_.whole() ? Judged::whole : Judged::halves;
    const PortraitLevels levels = levels_of_best(samples_.size());
    portrait_.additive = explained(levels, ranks_, Effects::single, judged);
    portrait_.pairwise = explained(levels, ranks_, Effects::pairs, judged);
    const std::size_t tenth = examined_.count_within(0.1);
    const std::vector<double> ranks =
        mid_ranks({losses_.begin(), losses_.begin() + static_cast<std::ptrdiff_t>(tenth)});
    portrait_.additive_best_tenth = explained(levels_of_best(tenth), ranks, Effects::single, judged);
  }

  // Up to four amounts below the highest, evenly in the logarithm, and 6 % of it (12 of 200 epochs), for
  // which much is published.
  [[nodiscard]] std::vector<double> amounts() const {
    constexpr double kPublished = 0.06;
    const FidelityTraits& fidelity = problem_.traits().fidelity;
    if (!fidelity.levels.empty()) {
      std::vector<double> levels = fidelity.levels;
      std::erase_if(levels, [&](double level) { return level >= fidelity.highest; });
      return levels;
    }
    std::vector<double> result;
    const auto add = [&](double amount) {
      if (fidelity.integral) amount = std::floor(amount + 0.5);
      if (amount >= fidelity.lowest && amount < fidelity.highest) result.push_back(amount);
    };
    for (int k = 0; k < 4 && fidelity.lowest < fidelity.highest; ++k)
      add(fidelity.lowest * std::pow(fidelity.highest / fidelity.lowest, k / 4.0));
    add(kPublished * fidelity.highest);
    std::ranges::sort(result);
    const auto repeated = std::ranges::unique(result);
    result.erase(repeated.begin(), repeated.end());
    return result;
  }

  void describe_fidelities() {
    std::vector<double> levels = amounts();
    if (levels.empty()) return;
    levels.push_back(highest());
    for (const double amount : levels) {
      std::vector<double> seen;
      std::vector<double> truth;
      std::array<std::size_t, 3> counts{};  // of those that answer, within the shares
      constexpr std::array<double, 3> kShares = {0.5, 0.1, 0.01};
      for (std::size_t i = 0; i < samples_.size(); ++i) {
        const Outcome outcome = examined_.train(samples_[i].configuration, amount, 0);
        if (outcome.failure) continue;
        seen.push_back(value(outcome.objectives.front()));
        truth.push_back(samples_[i].loss);
        for (std::size_t k = 0; k < kShares.size(); ++k) counts[k] += share_at(i) < kShares[k] ? 1U : 0U;
      }
      const auto best = [&](std::size_t count) {
        const auto n = static_cast<std::ptrdiff_t>(count);
        return rank_correlation({seen.begin(), seen.begin() + n}, {truth.begin(), truth.begin() + n});
      };
      portrait_.fidelities.push_back(
          {amount, best(seen.size()), best(counts[1]), best(counts[0]), best(counts[2])});
    }
  }

  void describe_seeds(const std::vector<PortraitTrainings>& trainings) {
    std::array<double, kPortraitClasses.size() - 1> squares{};
    std::array<double, kPortraitClasses.size() - 1> counts{};
    std::vector<double> deviations;
    std::vector<double> variations;
    for (std::size_t i = 0; i < samples_.size(); ++i) {
      if (trainings[i].count < 2) continue;
      deviations.push_back(std::sqrt(trainings[i].variance));
      variations.push_back(deviations.back() / std::abs(trainings[i].mean));
      const std::size_t c = class_of(share_at(i));
      squares[c] += trainings[i].variance;
      counts[c] += 1.0;
    }
    constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
    for (std::size_t c = 0; c < counts.size(); ++c)
      portrait_.seed_deviation[c] =
          counts[c] >= kFewestOfClass ? std::sqrt(squares[c] / counts[c]) : kUnknown;
    portrait_.seed_deviation_median = portrait_median(std::move(deviations));
    portrait_.seed_variation_median = portrait_median(std::move(variations));
    const double all = std::accumulate(counts.begin(), counts.end(), 0.0);
    portrait_.seed_deviation_all =
        all > 0.0 ? std::sqrt(std::accumulate(squares.begin(), squares.end(), 0.0) / all) : kUnknown;
  }

  const Problem& problem_;
  const SearchSpace& space_;
  const PortraitSamples examined_;
  const std::vector<PortraitSample>& samples_;  // that do not fail, the best first
  Portrait portrait_;
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
