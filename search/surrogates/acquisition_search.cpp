#include "search/surrogates/acquisition_search.h"

#include <nlopt.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>

#include "core/sobol.h"

namespace tonne {
namespace {

using Eigen::Index;

constexpr int kAscentEvaluations = 50;              // of one gradient ascent
constexpr int kRounds = 20;                         // of ascent and discrete step from one start
constexpr std::uint64_t kValues = 20;               // tried of a discrete parameter with more
constexpr std::size_t kMostSobolDimensions = 1000;  // further parameters are drawn
constexpr int kMostDraws = 1000;                    // before the space counts as exhausted

double lowest(const Domain& domain) {
  const auto* integer = std::get_if<Integer>(&domain);
  return integer != nullptr ? static_cast<double>(integer->low) : 0.0;
}

}  // namespace

AcquisitionSearch::AcquisitionSearch(const SearchSpace& space, const PointEncoding& encoding,
                                     const AcquisitionSearchOptions& options)
    : space_(space), encoding_(encoding), options_(options) {
  for (std::size_t i = 0; i < space_.size(); ++i)
    (is_discrete(space_[i].domain) ? discrete_ : real_).push_back(i);
  const auto cardinality = space_.cardinality();
  if (!cardinality || *cardinality > static_cast<double>(options_.candidates)) {
    tabulate_sobol();
    return;
  }
  Configuration configuration(space_.size());
  enumerate(configuration, 0);
}

Configuration AcquisitionSearch::maximise(AcquisitionFunction& function,
                                          std::span<const Configuration> incumbents, const Excluded& excluded,
                                          Random& random) {
  candidates_.clear();
  for (const Configuration& configuration : all_)
    if (!excluded(configuration)) candidates_.push_back({configuration});
  if (all_.empty()) {
    add_sobol(excluded, random);
    add_neighbours(incumbents, excluded, random);
  }
  score(candidates_, function, std::max<std::size_t>(1, all_.empty() ? options_.local_starts : 1), kPassedOver);
  if (all_.empty()) refine(function, excluded, random);
  const auto best = std::ranges::max_element(candidates_, {}, &Candidate::score);
  return best == candidates_.end() ? draw(excluded, random) : best->configuration;
}

Configuration AcquisitionSearch::draw(const Excluded& excluded, Random& random) const {
  for (int i = 0; i < kMostDraws; ++i) {
    Configuration configuration = space_.sample(random);
    if (!excluded(configuration)) return configuration;
  }
  for (const Configuration& configuration : all_)
    if (!excluded(configuration)) return configuration;
  return space_.sample(random);
}

// All configurations of a small finite space, the first parameters varying slowest.
void AcquisitionSearch::enumerate(Configuration& configuration, std::size_t i) {
  if (i == space_.size()) {
    all_.push_back(configuration);
    return;
  }
  if (!space_.should_be_active(i, configuration)) {
    configuration.deactivate(i);
    return enumerate(configuration, i + 1);
  }
  const std::uint64_t count = *cardinality(space_[i].domain);
  for (std::uint64_t k = 0; k < count; ++k) {
    configuration.set(i, lowest(space_[i].domain) + static_cast<double>(k));
    enumerate(configuration, i + 1);
  }
}

void AcquisitionSearch::tabulate_sobol() {
  sobol_dimensions_ = std::min(space_.size(), kMostSobolDimensions);
  SobolSequence generator(sobol_dimensions_);
  sobol_.resize(options_.candidates * sobol_dimensions_);
  for (auto& digits : sobol_) digits = static_cast<std::uint32_t>(generator.next() >> 32U);
}

void AcquisitionSearch::add_sobol(const Excluded& excluded, Random& random) {
  std::vector<std::uint32_t> shift(sobol_dimensions_);
  for (auto& digits : shift) digits = static_cast<std::uint32_t>(random.next() >> 32U);
  Configuration configuration(space_.size());
  for (std::size_t k = 0; k < options_.candidates; ++k) {
    for (std::size_t i = 0; i < space_.size(); ++i) {
      if (!space_.should_be_active(i, configuration)) {
        configuration.deactivate(i);
        continue;
      }
      const double u =
          i < sobol_dimensions_
              ? (static_cast<double>(sobol_[k * sobol_dimensions_ + i] ^ shift[i]) + 0.5) * 0x1.0p-32
              : random.uniform();
      configuration.set(i, from_unit(space_[i].domain, u));
    }
    if (!excluded(configuration)) candidates_.push_back({configuration});
  }
}

// Reals by normal steps of widths from 1e-3 to 1e-1, discrete ones by mutation.
void AcquisitionSearch::add_neighbours(std::span<const Configuration> incumbents, const Excluded& excluded,
                                       Random& random) {
  if (incumbents.empty()) return;
  for (std::size_t k = 0; k < options_.neighbours; ++k) {
    Configuration child = incumbents[k % incumbents.size()];
    const double width = std::pow(10.0, random.uniform(-3.0, -1.0));
    for (const std::size_t i : real_) {
      if (!child.is_active(i)) continue;
      const double u = to_unit(space_[i].domain, child[i]);
      child.set(i, from_unit(space_[i].domain, u + width * random.normal()));
    }
    const bool mutates = real_.empty() || k / incumbents.size() % 2 == 1;
    if (!discrete_.empty() && mutates) mutate_discrete(child, random);
    if (!excluded(child)) candidates_.push_back({child});
  }
}

void AcquisitionSearch::mutate_discrete(Configuration& child, Random& random) const {
  const std::size_t i = discrete_[random.below(discrete_.size())];
  if (!child.is_active(i)) return;
  child.set(i, sample(space_[i].domain, random));
  if (space_.has_conditions()) space_.repair(child, random);
}

void AcquisitionSearch::score(std::vector<Candidate>& candidates, AcquisitionFunction& function, std::size_t most,
                              double least) {
  if (candidates.empty()) return;
  points_.resize(static_cast<Index>(candidates.size()), encoding_.columns());
  for (std::size_t i = 0; i < candidates.size(); ++i)
    encoding_.encode(candidates[i].configuration, points_, static_cast<Index>(i));
  function.score_best(points_, most, least, scores_);
  for (std::size_t i = 0; i < candidates.size(); ++i) candidates[i].score = scores_[i];
}

// Local search from the best candidates; what it finds joins them.
void AcquisitionSearch::refine(AcquisitionFunction& function, const Excluded& excluded, Random& random) {
  std::vector<std::size_t> order(candidates_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const std::size_t starts = std::min(options_.local_starts, order.size());
  std::ranges::partial_sort(order, order.begin() + static_cast<std::ptrdiff_t>(starts),
                            [&](std::size_t a, std::size_t b) {
                              const double score_a = candidates_[a].score;
                              const double score_b = candidates_[b].score;
                              return score_a != score_b ? score_a > score_b : a < b;
                            });
  for (std::size_t k = 0; k < starts; ++k) {
    Candidate refined = candidates_[order[k]];
    climb(refined, function, excluded, random);
    if (!excluded(refined.configuration)) candidates_.push_back(refined);
  }
}

void AcquisitionSearch::climb(Candidate& current, AcquisitionFunction& function, const Excluded& excluded,
                              Random& random) {
  for (int round = 0; round < kRounds; ++round) {
    ascend(current, function);
    if (discrete_.empty() || !step(current, function, excluded, random)) return;
  }
}

// Moves to the best configuration that differs in one discrete parameter, if that is better.
bool AcquisitionSearch::step(Candidate& current, AcquisitionFunction& function, const Excluded& excluded,
                             Random& random) {
  steps_.clear();
  for (const std::size_t i : discrete_)
    if (current.configuration.is_active(i)) add_values(current.configuration, i, excluded, random);
  score(steps_, function, 1, current.score);
  const auto best = std::ranges::max_element(steps_, {}, &Candidate::score);
  if (best == steps_.end() || !(best->score > current.score)) return false;
  current = *best;
  return true;
}

// Neighbours by parameter i: every other value where there are few; else those next to it, and random ones.
void AcquisitionSearch::add_values(const Configuration& from, std::size_t i, const Excluded& excluded,
                                   Random& random) {
  const Domain& domain = space_[i].domain;
  const auto try_value = [&](double value) {
    if (value == from[i] || !contains(domain, value)) return;
    Configuration neighbour = from;
    neighbour.set(i, value);
    if (space_.has_conditions()) space_.repair(neighbour, random);
    if (!excluded(neighbour)) steps_.push_back({neighbour});
  };
  const std::uint64_t count = *cardinality(domain);
  if (count <= kValues) {
    for (std::uint64_t k = 0; k < count; ++k) try_value(lowest(domain) + static_cast<double>(k));
    return;
  }
  try_value(from[i] - 1.0);
  try_value(from[i] + 1.0);
  for (std::uint64_t k = 2; k < kValues; ++k) try_value(sample(domain, random));
}

// Gradient ascent (L-BFGS within the unit cube) over the active reals.
void AcquisitionSearch::ascend(Candidate& current, AcquisitionFunction& function) const {
  struct Ascent {
    AcquisitionFunction& function;
    PointSet point;
    std::vector<Index> columns;
    Eigen::VectorXd gradient;
    std::vector<double> best;
    double best_score;
  };
  Ascent ascent{function, PointSet(1, encoding_.columns()), {}, {}, {}, current.score};
  std::vector<std::size_t> parameters;
  std::vector<double> x;
  encoding_.encode(current.configuration, ascent.point, 0);
  for (const std::size_t i : real_) {
    if (!current.configuration.is_active(i)) continue;
    parameters.push_back(i);
    ascent.columns.push_back(encoding_.column_of(i));
    x.push_back(ascent.point(0, ascent.columns.back()));
  }
  if (x.empty()) return;
  const auto objective = [](unsigned count, const double* u, double* gradient, void* data) -> double {
    auto& self = *static_cast<Ascent*>(data);
    for (unsigned k = 0; k < count; ++k) self.point(0, self.columns[k]) = u[k];
    const double value = self.function.score(self.point, 0, self.gradient);
    for (unsigned k = 0; gradient != nullptr && k < count; ++k) gradient[k] = self.gradient[self.columns[k]];
    if (value > self.best_score) {
      self.best_score = value;
      self.best.assign(u, u + count);
    }
    return value;
  };
  const std::unique_ptr<nlopt_opt_s, decltype(&nlopt_destroy)> optimiser(
      nlopt_create(NLOPT_LD_LBFGS, static_cast<unsigned>(x.size())), &nlopt_destroy);
  nlopt_set_max_objective(optimiser.get(), objective, &ascent);
  nlopt_set_lower_bounds1(optimiser.get(), 0.0);
  nlopt_set_upper_bounds1(optimiser.get(), 1.0);
  nlopt_set_maxeval(optimiser.get(), kAscentEvaluations);
  nlopt_set_ftol_abs(optimiser.get(), 1e-4);
  double value = 0.0;
  // Whatever it returns (it may stop at round-off), the best point that it visited counts.
  static_cast<void>(nlopt_optimize(optimiser.get(), x.data(), &value));
  if (ascent.best.empty()) return;
  for (std::size_t k = 0; k < parameters.size(); ++k)
    current.configuration.set(parameters[k], from_unit(space_[parameters[k]].domain, ascent.best[k]));
  current.score = ascent.best_score;
}

}  // namespace tonne
