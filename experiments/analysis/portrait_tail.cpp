#include "experiments/analysis/portrait_tail.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <unordered_map>
#include <utility>

namespace tonne {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kClasses = kPortraitTailClasses.size() - 1;
/// Neighbours that are asked for where not all configurations are known.
constexpr std::size_t kMostAsked = 150'000;
constexpr std::array<double, 5> kPoints = {0.05, 0.1, 0.25, 0.5, 1.0};
constexpr std::array<double, 5> kParts = {0.01, 0.02, 0.05, 0.1, 0.25};

std::uint32_t trainings_of(const Problem& problem, const Configuration& configuration,
                           std::uint32_t otherwise) {
  return problem.training_seeds(configuration).value_or(otherwise);
}

double deviation_of(const std::vector<double>& values, double mean) {
  double sum = 0.0;
  for (const double v : values) sum += (v - mean) * (v - mean);
  return std::sqrt(sum / static_cast<double>(values.size() - 1));
}

class TailPainter {
 public:
  TailPainter(const Problem& problem, const PortraitSamples& samples)
      : problem_(problem), space_(problem.space()), samples_(samples), best_first_(samples.best_first()) {}

  PortraitTail paint(const std::vector<PortraitTrainings>& trainings) {
    for (std::size_t k = 0; k < kPortraitTailQuantiles.size(); ++k)
      tail_.quantiles[k] = portrait_quantile(samples_, kPortraitTailQuantiles[k]);
    for (std::size_t i = 0; i < std::min(kPortraitBest, best_first_.size()); ++i)
      tail_.best.push_back(
          {samples_.value(best_first_[i].loss), space_.describe(best_first_[i].configuration)});
    best_known_ = best_first_.front().loss;
    describe_neighbourhoods();
    describe_ascents();
    tail_.best_known = samples_.value(best_known_);
    describe_distances();
    describe_functions();
    describe_observations(trainings);
    return std::move(tail_);
  }

 private:
  // Rounding must not decide whether 94.37 - 94.32 is within 0.05.
  [[nodiscard]] bool is_within(double loss, double step) const {
    return loss - best_known_ <= step + 1e-9 * std::max(step, std::abs(best_known_));
  }

  void describe_distances() {
    tail_.relative_steps = problem_.traits().objectives.front().unit != "%";
    const double spread = std::abs(portrait_quantile(samples_, 0.5) - samples_.value(best_known_));
    for (std::size_t k = 0; k < kPoints.size(); ++k)
      tail_.steps[k] = tail_.relative_steps ? kParts[k] * spread : kPoints[k];
    for (std::size_t k = 0; k < kPoints.size(); ++k)
      while (tail_.within[k] < best_first_.size() &&
             is_within(best_first_[tail_.within[k]].loss, tail_.steps[k]))
        ++tail_.within[k];
    if (!tail_.ascents) return;
    const auto share = [&](double step) {
      const auto near = std::ranges::count_if(ends_, [&](double end) { return is_within(end, step); });
      return static_cast<double>(near) / static_cast<double>(ends_.size());
    };
    tail_.ascents->at_best = share(0.0);
    tail_.ascents->near = {share(tail_.steps[2]), share(tail_.steps[3])};
    for (const double end : ends_)
      tail_.ascents->mean_regret += (end - best_known_) / static_cast<double>(ends_.size());
  }

  // Classes of candidates, the best first: places from .. to.
  [[nodiscard]] std::pair<std::size_t, std::size_t> places(std::size_t c) const {
    return {samples_.count_within(kPortraitTailClasses[c]),
            samples_.count_within(kPortraitTailClasses[c + 1])};
  }

  // What the neighbours of one class are like, summed over its members.
  struct Sums {
    double better = 0.0, changes = 0.0;  // chances
    double gain = 0.0, members = 0.0;    // of the best neighbour
  };

  void describe_neighbourhoods() {
    const auto neighbours = count_neighbours(space_);
    std::array<Sums, kClasses> sums{};
    for (std::size_t c = 0; c < kClasses; ++c) {
      const auto [from, to] = places(c);
      const std::size_t members = to - from;
      const std::size_t wanted = neighbours ? most_members(*neighbours) : members;
      const std::size_t asked = std::min(members, wanted);
      for (std::size_t k = 0; k < asked; ++k) {
        const std::size_t i = from + k * members / asked;
        neighbours ? look_around(i, sums[c]) : try_edits(i, asked, sums[c]);
      }
      tail_.improving[c] = sums[c].changes > 0.0 ? sums[c].better / sums[c].changes : kUnknown;
    }
    const auto gain = [&](std::size_t first, std::size_t last) {
      double gained = 0.0;
      double members = 0.0;
      for (std::size_t c = first; c <= last; ++c) {
        gained += sums[c].gain;
        members += sums[c].members;
      }
      return members > 0.0 ? gained / members : kUnknown;
    };
    tail_.best_neighbour_gain = {gain(0, 1), gain(2, 2), gain(3, 3)};
    tail_.best_neighbours_at_top = neighbours ? neighbours_at_top() : kUnknown;
  }

  // Of one class.
  [[nodiscard]] std::size_t most_members(std::size_t neighbours) const {
    const std::size_t most = samples_.whole() ? kMostNeighboursKnown : kMostAsked;
    return std::max<std::size_t>(10, most / kClasses / std::max<std::size_t>(neighbours, 1));
  }

  void look_around(std::size_t i, Sums& sums) const {
    const double own = best_first_[i].loss;
    double best = std::numeric_limits<double>::infinity();
    each_neighbour(space_, best_first_[i].configuration, [&](const Configuration& neighbour, double chance) {
      const auto loss = samples_.loss(neighbour);
      if (!loss) return;
      sums.changes += chance;
      sums.better += *loss < own ? chance : 0.0;
      best = std::min(best, *loss);
    });
    if (!std::isfinite(best)) return;
    sums.gain += own - best;
    sums.members += 1.0;
  }

  // Where neighbours cannot be listed; a small class needs more of each member.
  void try_edits(std::size_t i, std::size_t members, Sums& sums) const {
    constexpr std::size_t kEdits = 2'000;
    const std::size_t edits = std::clamp<std::size_t>(kEdits / members, 4, 200);
    Random random = samples_.root().child("tail edit").child(i);
    for (std::size_t k = 0; k < edits; ++k) {
      const auto loss = samples_.loss(edited(space_, best_first_[i].configuration, random));
      if (!loss) continue;
      sums.changes += 1.0;
      sums.better += *loss < best_first_[i].loss ? 1.0 : 0.0;
    }
  }

  // By rank: equal to the last of the best hundredth is not among them, unless all of these are.
  [[nodiscard]] double neighbours_at_top() const {
    const std::size_t top = std::max<std::size_t>(1, samples_.count_within(kPortraitTailClasses[2]));
    const double last = best_first_[top - 1].loss;
    double among = 0.0;
    double all = 0.0;
    each_neighbour(space_, best_first_.front().configuration, [&](const Configuration& neighbour, double) {
      all += 1.0;
      const auto place = samples_.place(neighbour);
      const auto loss = samples_.loss(neighbour);
      among += samples_.whole() ? (place && *place < top ? 1.0 : 0.0) : (loss && *loss <= last ? 1.0 : 0.0);
    });
    return all > 0.0 ? among / all : kUnknown;
  }

  void describe_ascents() {
    const auto neighbours = count_neighbours(space_);
    if (!neighbours) return;
    const bool all = samples_.whole() && *neighbours * best_first_.size() <= kMostNeighboursKnown;
    all ? ascend_from_all() : ascend_from_some();
    for (const double end : ends_) best_known_ = std::min(best_known_, end);
    tail_.ascents = PortraitAscents{.starts = ends_.size(), .from_all = all};
  }

  // A better neighbour stands earlier, and its own ascent is known by then.
  void ascend_from_all() {
    for (std::size_t i = 0; i < best_first_.size(); ++i) {
      std::size_t next = i;
      each_neighbour(space_, best_first_[i].configuration, [&](const Configuration& neighbour, double) {
        const auto place = samples_.place(neighbour);
        if (place && best_first_[*place].loss < best_first_[next].loss) next = *place;
      });
      ends_.push_back(next == i ? best_first_[i].loss : ends_[next]);
    }
  }

  // Evenly by rank however soon the neighbours that may be asked for are used up: steps of the golden
  // section.
  void ascend_from_some() {
    constexpr std::size_t kFewest = 20;
    constexpr std::size_t kMost = 1'000;
    const std::size_t n = best_first_.size();
    auto step = static_cast<std::size_t>(0.6180339887 * static_cast<double>(n));
    while (std::gcd(step, n) != 1) ++step;
    std::size_t asked = 0;
    for (std::size_t k = 0; k < std::min(n, kMost) && (k < kFewest || asked < kMostAsked); ++k)
      ends_.push_back(ascend(best_first_[(n / 2 + k * step) % n], asked));
  }

  // The loss where it ends.
  [[nodiscard]] double ascend(const PortraitSample& start, std::size_t& asked) const {
    Configuration at = start.configuration;
    double loss = start.loss;
    for (bool better = true; better;) {
      better = false;
      Configuration next = at;
      each_neighbour(space_, at, [&](const Configuration& neighbour, double) {
        ++asked;
        const auto found = samples_.loss(neighbour);
        if (!found || *found >= loss) return;
        loss = *found;
        next = neighbour;
        better = true;
      });
      at = std::move(next);
    }
    return loss;
  }

  void describe_functions() {
    std::unordered_map<std::uint64_t, std::size_t> index;
    std::vector<std::vector<double>> losses;  // by function, in the order of their best
    for (const PortraitSample& sample : best_first_) {
      const auto function = problem_.function_of(sample.configuration);
      if (!function) continue;
      const auto [at, is_new] = index.emplace(*function, losses.size());
      if (is_new) losses.emplace_back();
      losses[at->second].push_back(sample.loss);
    }
    if (losses.empty()) return;
    const double last_of_tenth = best_first_[std::max<std::size_t>(1, samples_.count_within(0.1)) - 1].loss;
    PortraitFunctions functions{.count = losses.size()};
    std::vector<double> deviations;
    std::vector<double> deviations_of_tenth;
    for (const std::vector<double>& of_one : losses) {
      if (of_one.size() < 2) continue;
      const double mean =
          std::accumulate(of_one.begin(), of_one.end(), 0.0) / static_cast<double>(of_one.size());
      deviations.push_back(deviation_of(of_one, mean));
      if (mean <= last_of_tenth) deviations_of_tenth.push_back(deviations.back());
    }
    functions.with_several = deviations.size();
    functions.deviation = portrait_median(std::move(deviations));
    functions.deviation_best_tenth = portrait_median(std::move(deviations_of_tenth));
    tail_.functions = functions;
  }

  void describe_observations(const std::vector<PortraitTrainings>& trainings) {
    std::vector<double> one;
    std::vector<double> all;
    bool finite = true;
    for (std::size_t i = 0; i < best_first_.size(); ++i) {
      one.push_back(best_first_[i].observed);
      all.push_back(trainings[i].count > 0 ? samples_.value(trainings[i].mean) : kUnknown);
      finite = finite && problem_.training_seeds(best_first_[i].configuration).has_value();
    }
    tail_.one_training = spearman_among_best(samples_, one);
    if (finite) tail_.all_seeds = spearman_among_best(samples_, all);
  }

  const Problem& problem_;
  const SearchSpace& space_;
  const PortraitSamples& samples_;
  const std::vector<PortraitSample>& best_first_;
  double best_known_ = 0.0;   // a loss
  std::vector<double> ends_;  // losses where ascents end
  PortraitTail tail_;
};

}  // namespace

std::vector<PortraitTrainings> portrait_trainings(const Problem& problem, const PortraitSamples& samples,
                                                  std::uint32_t otherwise) {
  std::vector<PortraitTrainings> result;
  for (const PortraitSample& sample : samples.best_first()) {
    std::vector<double> seen;
    const std::uint32_t repeats = trainings_of(problem, sample.configuration, otherwise);
    for (std::uint32_t repeat = 0; repeat < repeats; ++repeat) {
      const Outcome outcome = samples.train(sample.configuration, problem.traits().fidelity.highest, repeat);
      if (!outcome.failure) seen.push_back(outcome.objectives.front());
    }
    PortraitTrainings trainings{.count = seen.size()};
    if (!seen.empty())
      trainings.mean = std::accumulate(seen.begin(), seen.end(), 0.0) / static_cast<double>(seen.size());
    if (seen.size() > 1) trainings.variance = std::pow(deviation_of(seen, trainings.mean), 2);
    result.push_back(trainings);
  }
  return result;
}

PortraitTail portrait_tail(const Problem& problem, const PortraitSamples& samples,
                           const std::vector<PortraitTrainings>& trainings) {
  return TailPainter(problem, samples).paint(trainings);
}

double portrait_quantile(const PortraitSamples& samples, double share) {
  const std::vector<PortraitSample>& best_first = samples.best_first();
  const std::size_t last = best_first.size() - 1;
  const double at = (1.0 - share) * static_cast<double>(last);
  const auto below = static_cast<std::size_t>(at);
  const double t = at - static_cast<double>(below);
  const double better = best_first[below].loss;
  return samples.value(better + t * (best_first[std::min(below + 1, last)].loss - better));
}

double portrait_median(std::vector<double> values) {
  if (values.empty()) return kUnknown;
  std::ranges::sort(values);
  const std::size_t n = values.size();
  return 0.5 * (values[(n - 1) / 2] + values[n / 2]);
}

PortraitSubsets spearman_among_best(const PortraitSamples& samples, const std::vector<double>& seen) {
  const auto within = [&](double share) {
    std::vector<double> a;
    std::vector<double> b;
    const std::size_t count = samples.count_within(share);
    for (std::size_t i = 0; i < count; ++i) {
      if (std::isnan(seen[i])) continue;
      a.push_back(seen[i]);
      b.push_back(samples.best_first()[i].loss);
    }
    return correlation(mid_ranks(a), mid_ranks(b));
  };
  return {within(0.5), within(0.1), within(0.01)};
}

}  // namespace tonne
