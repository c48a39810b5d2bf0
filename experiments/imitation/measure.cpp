#include "experiments/imitation/measure.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>

#include "core/error.h"
#include "experiments/analysis/correlations.h"
#include "experiments/imitation/variance.h"

namespace tonne {
namespace {

using imitation::kCostNames;
using imitation::kCostShares;
using imitation::kNoiseClasses;
using imitation::kValueShares;

constexpr std::size_t kMostAsked = 4'000;
constexpr std::size_t kMostPairs = 16;

bool maximised(const Terrain& terrain) {
  return terrain.problem().traits().objectives.front().direction == Direction::maximise;
}

// Five digits: enough to tell the best apart, and no row's value in full.
double rounded(double value) {
  if (value == 0.0 || !std::isfinite(value)) return 0.0;
  const double scale = std::pow(10.0, 4.0 - std::floor(std::log10(std::abs(value))));
  return std::round(value * scale) / scale;
}

// At a share of ascending values.
double quantile(const std::vector<double>& ascending, double share) {
  const double at = share * static_cast<double>(ascending.size() - 1);
  const auto low = static_cast<std::size_t>(at);
  const double high = ascending[std::min(low + 1, ascending.size() - 1)];
  return ascending[low] + (at - static_cast<double>(low)) * (high - ascending[low]);
}

template <class Shares>
std::vector<double> quantiles(std::vector<double> values, const Shares& shares, bool falling = false) {
  std::ranges::sort(values);
  std::vector<double> result;
  for (const double share : shares) result.push_back(rounded(quantile(values, falling ? 1.0 - share : share)));
  return result;
}

// Evenly among the candidates, the best included.
std::vector<std::size_t> some(std::size_t count, std::size_t most) {
  std::vector<std::size_t> places;
  const std::size_t shown = std::min(count, most);
  for (std::size_t k = 0; k < shown; ++k) places.push_back(k * count / shown);
  return places;
}

void round_shares(imitation::Structure& structure) {
  const auto cut = [](double share) { return std::floor(share * 1e4) / 1e4; };
  structure.additive = cut(structure.additive);
  structure.pairwise = cut(structure.pairwise);
  for (double& importance : structure.importance) importance = cut(importance);
  for (imitation::PairShare& pair : structure.pairs) pair.share = cut(pair.share);
}

imitation::Structure structure_of(const VarianceShares& shares) {
  imitation::Structure structure;
  structure.importance = shares.main;
  structure.additive = shares.additive;
  structure.pairwise = shares.pairwise;
  for (const imitation::PairShare& pair : shares.pairs)
    if (structure.pairs.size() < kMostPairs && pair.share > 0.01 * shares.pairwise && pair.share >= 0.0005)
      structure.pairs.push_back(pair);
  round_shares(structure);
  return structure;
}

void measure_quality(const Terrain& terrain, imitation::Space& space) {
  std::vector<std::size_t> chosen;
  const Design design(terrain, terrain.candidates(), 30'000, chosen);
  std::vector<double> scores;
  const auto n = static_cast<double>(terrain.losses().size());
  for (const std::size_t i : chosen)
    scores.push_back(-normal_quantile(std::clamp(terrain.ranks()[i], 0.5 / n, 1.0 - 0.5 / n)));
  space.structure = structure_of(variance_shares(design, scores));
  const double sign = maximised(terrain) ? -1.0 : 1.0;
  std::vector<double> values;
  for (const double loss : terrain.losses()) values.push_back(sign * loss);
  space.candidates = n;
  space.quantiles = quantiles(values, kValueShares, !maximised(terrain));
  for (std::size_t k = 0; k < std::min<std::size_t>(10, values.size()); ++k)
    space.best.push_back(rounded(values[k]));
}

void measure_failures(const Terrain& terrain, imitation::Space& space) {
  imitation::Failures& failures = space.failures;
  failures.structure.importance.assign(terrain.problem().space().size(), 0.0);
  if (terrain.failing().empty()) return;
  const auto tried = static_cast<double>(terrain.tried());
  failures.share = std::min(0.9999, std::round((1.0 - static_cast<double>(terrain.candidates().size()) / tried) * 1e5) / 1e5);
  failures.reason = terrain.reason() == Failure::infeasible ? Failure::invalid : *terrain.reason();
  // As many of both as there are: each kind's share is that of the space.
  std::vector<Configuration> both = terrain.candidates();
  const std::size_t kept = terrain.complete()
                               ? terrain.failing().size()
                               : std::min(terrain.failing().size(), static_cast<std::size_t>(
                                     static_cast<double>(both.size()) * failures.share / (1.0 - failures.share)));
  both.insert(both.end(), terrain.failing().begin(),
              terrain.failing().begin() + static_cast<std::ptrdiff_t>(kept));
  std::vector<std::size_t> chosen;
  const Design design(terrain, both, 30'000, chosen);
  std::vector<double> fails;
  for (const std::size_t i : chosen) fails.push_back(i >= terrain.candidates().size() ? 1.0 : 0.0);
  failures.structure = structure_of(variance_shares(design, fails));
}

// The share of a failing candidate's first cost in that of the others.
void measure_cost_of_failing(const Terrain& terrain, imitation::Space& space) {
  if (terrain.failing().empty() || space.costs.empty()) return;
  const auto mean = [&](const std::vector<Configuration>& of) {
    double sum = 0.0;
    const auto places = some(of.size(), 500);
    for (const std::size_t i : places) sum += cost_amount(terrain.problem(), of[i], space.costs.front().name);
    return sum / static_cast<double>(places.size());
  };
  const double working = mean(terrain.candidates());
  if (working > 0.0) space.failures.cost = std::min(100.0, rounded(mean(terrain.failing()) / working));
}

// --- Training seeds

// As the problem tells, the most that a candidate has; else as many as differ, where these are few.
std::int64_t trainings_of(const Terrain& terrain) {
  std::uint32_t told = 0;
  for (const std::size_t i : some(terrain.candidates().size(), 50))
    told = std::max(told, terrain.problem().training_seeds(terrain.candidates()[i]).value_or(0));
  if (told > 0) return std::min<std::int64_t>(told, static_cast<std::int64_t>(imitation::kMostTrainings));
  constexpr std::uint32_t kRepeats = 12;
  constexpr std::size_t kMostTrainings = 8;
  std::size_t most = 1;
  for (const std::size_t i : some(terrain.candidates().size(), 50)) {
    std::set<double> values;
    for (std::uint32_t repeat = 0; repeat < kRepeats; ++repeat) {
      const Outcome outcome =
          trained(terrain.problem(), terrain.candidates()[i], terrain.problem().traits().fidelity.highest, repeat);
      if (!outcome.failure) values.insert(outcome.objectives.front());
    }
    most = std::max(most, values.size());
  }
  return most <= kMostTrainings ? static_cast<std::int64_t>(most) : 0;
}

std::vector<double> trainings(const Problem& problem, const Configuration& configuration, double amount,
                              std::uint32_t repeats) {
  std::vector<double> values;
  for (std::uint32_t repeat = 0; repeat < repeats; ++repeat) {
    const Outcome outcome = trained(problem, configuration, amount, repeat);
    if (!outcome.failure) values.push_back(outcome.objectives.front());
  }
  return values;
}

// Standard deviation; nothing of fewer than two.
std::optional<double> deviation_of(const std::vector<double>& values) {
  if (values.size() < 2) return std::nullopt;
  const auto n = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  double sum = 0.0;
  for (const double value : values) sum += (value - mean) * (value - mean);
  return std::sqrt(sum / (n - 1.0));
}

// By how many normal scores its best training is ahead of the i-th candidate.
double ahead(const Terrain& terrain, std::size_t i, const std::vector<double>& values) {
  const auto n = static_cast<double>(terrain.candidates().size());
  const double best = maximised(terrain) ? -std::ranges::max(values) : std::ranges::min(values);
  const auto score = [&](double rank) { return -normal_quantile(std::clamp(rank, 0.5 / n, 1.0 - 0.5 / n)); };
  return std::max(0.0, score(terrain.rank_of(best)) - score(terrain.ranks()[i]));
}

// Of the logarithms of deviations with so many degrees of freedom: what a sample's is too low by, and its
// variance (from the expansions of digamma and trigamma).
double log_bias(double freedom) { return 1.0 / (2.0 * freedom) + 1.0 / (6.0 * freedom * freedom); }
double log_variance(double freedom) {
  return 0.25 * (2.0 / freedom + 2.0 / (freedom * freedom) + 4.0 / (3.0 * freedom * freedom * freedom));
}

struct Spread {
  double middle = 0.0;    ///< geometric mean; 0 where most have none
  double variance = 0.0;  ///< of the logarithm, beyond that of few seeds
  bool known = false;
};

Spread spread_of(const std::vector<double>& deviations, double freedom) {
  std::vector<double> logs;
  for (const double deviation : deviations)
    if (deviation > 0.0) logs.push_back(std::log(deviation));
  if (logs.size() < 4 || 2 * logs.size() < deviations.size()) return {};
  const auto n = static_cast<double>(logs.size());
  const double mean = std::accumulate(logs.begin(), logs.end(), 0.0) / n;
  double variance = 0.0;
  for (const double value : logs) variance += (value - mean) * (value - mean) / (n - 1.0);
  return {std::exp(mean + log_bias(freedom)), std::max(0.0, variance - log_variance(freedom)), true};
}

void measure_seeds(const Terrain& terrain, imitation::Space& space) {
  space.seeds.trainings = trainings_of(terrain);
  if (space.seeds.trainings == 1) return;
  const auto repeats = static_cast<std::uint32_t>(space.seeds.trainings == 0 ? 4 : space.seeds.trainings);
  std::array<std::vector<double>, kNoiseClasses.size() - 1> found;
  std::array<std::vector<double>, kNoiseClasses.size() - 1> better;
  const auto n = static_cast<double>(terrain.candidates().size());
  const auto places = some(terrain.candidates().size(), kMostAsked);
  const std::size_t hundredth = std::min<std::size_t>(terrain.candidates().size(), std::max<std::size_t>(40, terrain.candidates().size() / 50));
  std::set<std::size_t> asked(places.begin(), places.end());
  for (std::size_t i = 0; i < std::min<std::size_t>(hundredth, 400); ++i) asked.insert(i);
  for (const std::size_t i : asked) {
    const double share = 1.0 - (static_cast<double>(i) + 0.5) / n;
    std::size_t c = 0;
    while (c + 2 < kNoiseClasses.size() && share >= kNoiseClasses[c + 1]) ++c;
    const auto values =
        trainings(terrain.problem(), terrain.candidates()[i], terrain.problem().traits().fidelity.highest, repeats);
    const auto deviation = deviation_of(values);
    if (!deviation) continue;
    found[c].push_back(*deviation);
    better[c].push_back(ahead(terrain, i, values));
  }
  // Few candidates are that lucky, and nearly all stay below.
  constexpr double kNearlyAll = 0.98;
  for (std::vector<double>& scores : better) {
    std::ranges::sort(scores);
    space.seeds.better.push_back(scores.empty() ? 20.0 : rounded(quantile(scores, kNearlyAll)));
  }
  Spread last;
  for (const auto& deviations : found) {
    const Spread spread = spread_of(deviations, repeats - 1.0);
    if (spread.known || !deviations.empty()) last = spread;
    space.seeds.deviation.push_back(rounded(last.middle));
    space.seeds.spread.push_back(std::min(3.0, std::round(std::sqrt(last.variance) * 1e3) / 1e3));
  }
}

// --- Short trainings

std::vector<double> short_amounts(const FidelityTraits& fidelity) {
  std::vector<double> amounts;
  if (!fidelity.levels.empty()) {
    amounts = fidelity.levels;
  } else if (fidelity.lowest < fidelity.highest) {
    for (int k = 0; k < 4; ++k) {
      const double amount = fidelity.lowest * std::pow(fidelity.highest / fidelity.lowest, k / 4.0);
      amounts.push_back(fidelity.integral ? std::round(amount) : rounded(amount));
    }
  }
  std::erase_if(amounts, [&](double amount) { return amount >= fidelity.highest; });
  amounts.erase(std::unique(amounts.begin(), amounts.end()), amounts.end());
  return amounts;
}

void measure_fidelities(const Terrain& terrain, imitation::Space& space) {
  space.fidelity = terrain.problem().traits().fidelity;
  const auto places = some(terrain.candidates().size(), kMostAsked);
  const auto few = some(terrain.candidates().size(), 300);
  const auto noise = [&](double amount) {
    std::vector<double> deviations;
    for (const std::size_t i : few)
      if (const auto d = deviation_of(trainings(terrain.problem(), terrain.candidates()[i], amount, 4)))
        deviations.push_back(*d);
    return spread_of(deviations, 3.0).middle;
  };
  const double full = noise(space.fidelity.highest);
  for (const double amount : short_amounts(space.fidelity)) {
    imitation::Shorter shorter;
    shorter.amount = amount;
    std::vector<double> values;
    for (const std::size_t i : places) {
      const Outcome outcome = trained(terrain.problem(), terrain.candidates()[i], amount, 0);
      if (!outcome.failure) values.push_back(outcome.objectives.front());
    }
    if (values.size() < 32) continue;
    shorter.quantiles = quantiles(values, kCostShares, !maximised(terrain));
    shorter.noise = full > 0.0 ? std::min(1000.0, rounded(noise(amount) / full)) : 1.0;
    space.shorter.push_back(std::move(shorter));
  }
}

// --- Costs

std::vector<double> logs_of(const Terrain& terrain, const std::vector<std::size_t>& places, std::string_view name) {
  std::vector<double> amounts;
  for (const std::size_t i : places)
    amounts.push_back(std::log(std::max(1e-300, cost_amount(terrain.problem(), terrain.candidates()[i], name))));
  return amounts;
}

void measure_costs(const Terrain& terrain, imitation::Space& space) {
  std::vector<std::size_t> chosen;
  const Design design(terrain, terrain.candidates(), kMostAsked, chosen);
  std::vector<double> first;
  space.kind =
      trained(terrain.problem(), terrain.candidates().front(), terrain.problem().traits().fidelity.highest, 0).workload.kind;
  for (const std::string_view name : kCostNames) {
    std::vector<double> amounts;
    for (const std::size_t i : chosen)
      amounts.push_back(cost_amount(terrain.problem(), terrain.candidates()[i], name));
    const auto [least, most] = std::ranges::minmax(amounts);
    if (most <= 0.0) continue;
    imitation::Cost cost;
    cost.name = name;
    if (least == most) {
      cost.quantiles = {most};
    } else {
      cost.quantiles = quantiles(amounts, kCostShares);
      std::vector<double> logs = logs_of(terrain, chosen, name);
      cost.structure = structure_of(variance_shares(design, logs));
      cost.structure.rugged = 1.0;
      cost.structure.pairs.clear();  // by the importances of their parameters
      if (first.empty()) {
        first = std::move(logs);
      } else {
        cost.together = correlation(first, logs);  // made partial once the bonds to quality are fitted
      }
    }
    space.costs.push_back(std::move(cost));
  }
}

}  // namespace

double cost_amount(const Problem& problem, const Configuration& configuration, std::string_view name) {
  const auto k = static_cast<std::size_t>(std::ranges::find(kCostNames, name) - kCostNames.begin());
  std::optional<Workload> work;
  if (k < imitation::kUseCosts) {
    work = trained(problem, configuration, problem.traits().fidelity.highest, 0).workload;
  } else {
    work = problem.inference(configuration);
  }
  if (!work) return 0.0;
  switch (k % imitation::kUseCosts) {
    case 0: return work->measured_time ? work->measured_time->base() : 0.0;
    case 1: return work->measured_energy ? work->measured_energy->base() : 0.0;
    case 2: return work->flops.base();
    case 3: return work->traffic.base();
    case 4: return work->memory.base();
    case 5: return work->steps;
    case 6: return work->samples;
    default: return work->parameters;
  }
}

imitation::Space measured_space(const Terrain& terrain) {
  const Problem& problem = terrain.problem();
  constexpr std::size_t kFewest = 50;
  if (terrain.candidates().size() < kFewest)
    throw InputError(fmt::format("{}: {} of {} candidates work, too few to imitate: at least {} are needed{}",
                                 problem.traits().name, terrain.candidates().size(), terrain.tried(), kFewest,
                                 terrain.complete() ? "" : " (of a table that is a sample of its space, fit the rest: "
                                                           "surrogate: forest)"));
  imitation::Space space;
  space.name = problem.traits().name;
  space.objective = problem.traits().objectives.front();
  space.notes = problem.traits().notes;
  for (const Parameter& parameter : problem.space().parameters())
    space.parameters.push_back({parameter.name, parameter.domain, std::nullopt, std::nullopt});
  measure_quality(terrain, space);
  measure_failures(terrain, space);
  measure_seeds(terrain, space);
  measure_fidelities(terrain, space);
  measure_costs(terrain, space);
  measure_cost_of_failing(terrain, space);
  return space;
}

std::vector<FidelityMatch> fidelity_matches(const Terrain& terrain) {
  std::vector<FidelityMatch> matches;
  const std::size_t n = terrain.candidates().size();
  const bool up = maximised(terrain);
  const auto match = [&](double amount, const std::vector<std::size_t>& places) {
    std::vector<double> seen;
    std::vector<double> truth;
    for (const std::size_t i : places) {
      const Outcome outcome = trained(terrain.problem(), terrain.candidates()[i], amount, 0);
      if (outcome.failure) continue;
      seen.push_back(up ? -outcome.objectives.front() : outcome.objectives.front());
      truth.push_back(terrain.losses()[i]);
    }
    return rank_correlation(seen, truth).spearman;
  };
  for (const double amount : short_amounts(terrain.problem().traits().fidelity))
    matches.push_back({amount, match(amount, some(n, 2'000)), match(amount, some(n / 10, 2'000))});
  return matches;
}

std::vector<CostMatch> cost_matches(const Terrain& terrain) {
  std::vector<CostMatch> matches;
  const std::size_t n = terrain.candidates().size();
  const auto match = [&](std::string_view name, const std::vector<std::size_t>& places) {
    std::vector<double> amounts;
    std::vector<double> goodness;
    for (const std::size_t i : places) {
      amounts.push_back(cost_amount(terrain.problem(), terrain.candidates()[i], name));
      goodness.push_back(-terrain.losses()[i]);
    }
    return rank_correlation(amounts, goodness).spearman;
  };
  for (const std::string_view name : kCostNames) {
    const double all = match(name, some(n, 2'000));
    if (std::isnan(all)) continue;
    matches.push_back({std::string(name), all, match(name, some(n / 2, 2'000))});
  }
  return matches;
}

std::array<double, 2> seed_matches(const Terrain& terrain) {
  const std::size_t n = terrain.candidates().size();
  const auto match = [&](const std::vector<std::size_t>& places) {
    std::vector<double> seen;
    std::vector<double> truth;
    for (const std::size_t i : places) {
      const Outcome outcome =
          trained(terrain.problem(), terrain.candidates()[i], terrain.problem().traits().fidelity.highest, 1);
      if (outcome.failure) continue;
      seen.push_back(maximised(terrain) ? -outcome.objectives.front() : outcome.objectives.front());
      truth.push_back(terrain.losses()[i]);
    }
    return rank_correlation(seen, truth).spearman;
  };
  return {match(some(n / 2, 4'000)), match(some(n / 10, 4'000))};
}

}  // namespace tonne
