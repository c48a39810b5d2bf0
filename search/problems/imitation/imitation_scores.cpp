#include "search/problems/imitation/imitation_scores.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "core/random.h"

namespace tonne::imitation {
namespace {

constexpr std::size_t kDraws = 16'384;
constexpr std::size_t kClimbs = 8;
constexpr double kFailed = std::numeric_limits<double>::quiet_NaN();

double score_of_rank(std::size_t rank, std::size_t count) {
  return normal_quantile((static_cast<double>(rank) + 0.5) / static_cast<double>(count));
}

std::vector<std::size_t> levels_of(const SearchSpace& space) {
  std::vector<std::size_t> levels;
  for (const Parameter& parameter : space.parameters())
    levels.push_back(static_cast<std::size_t>(*cardinality(parameter.domain)));
  return levels;
}

double first_value(const Domain& domain) {
  const auto* integer = std::get_if<Integer>(&domain);
  return integer ? static_cast<double>(integer->low) : 0.0;
}

bool can_be_ranked(const SearchSpace& space) {
  const auto all = space.cardinality();
  return all && *all <= kMostRanked;
}

}  // namespace

ScoreCurve::ScoreCurve(std::vector<double> values) {
  constexpr std::array kShares = {0.001, 0.005, 0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 0.98, 0.995, 0.999};
  std::sort(values.begin(), values.end());
  const auto last = static_cast<double>(values.size() - 1);
  for (const double share : kShares) {
    const double value = values[static_cast<std::size_t>(share * last)];
    if (!values_.empty() && value <= values_.back()) continue;
    values_.push_back(value);
    scores_.push_back(normal_quantile(share));
  }
}

double ScoreCurve::operator()(double value) const {
  if (values_.size() < 2) return 0.0;
  const auto above = static_cast<std::size_t>(std::upper_bound(values_.begin(), values_.end(), value) -
                                              values_.begin());
  const std::size_t i = std::clamp<std::size_t>(above, 1, values_.size() - 1);
  const double t = (value - values_[i - 1]) / (values_[i] - values_[i - 1]);
  return scores_[i - 1] + t * (scores_[i] - scores_[i - 1]);
}

Scores::Scores(const SearchSpace& space, const Nodes& nodes, const Space& said, std::uint64_t seed,
               const Effects& effects)
    : space_(space),
      nodes_(nodes),
      shape_(said.shape),
      failing_(said.failures.share),
      seed_(seed),
      quality_(mix_bits(seed ^ 2), nodes, said.structure, effects),
      failure_(mix_bits(seed ^ 3), nodes, said.failures.structure, draw_effects(mix_bits(seed ^ 4), nodes, 0.0)),
      ranked_(can_be_ranked(space)) {
  if (ranked_) {
    rank_all();
  } else {
    estimate();
  }
}

Places Scores::places(const Configuration& configuration) const {
  Places places;
  nodes_.place(space_, configuration, places);
  return places;
}

double Scores::without_peak(const Places& places) const {
  const double structured = quality_.structured(places);
  return structured + std::exp(shape_.tilt * structured) * quality_.own(places);
}

double Scores::latent(const Places& places) const {
  double value = without_peak(places);
  if (!peak_) return value;
  double distance = 0.0;
  for (std::size_t p = 0; p < nodes_.size(); ++p) {
    const double apart = std::abs(static_cast<double>(places.low[p]) + places.above[p] -
                                  static_cast<double>(peak_->low[p]) - peak_->above[p]);
    if (apart == 0.0) continue;
    distance += nodes_.ordered(p) ? 0.5 + 0.5 * apart / static_cast<double>(nodes_.count(p) - 1) : 1.0;
  }
  // Below 0, the best stands alone: what is around it gets worse, itself not.
  if (shape_.peak < 0.0 && distance == 0.0) return value;
  return value + shape_.peak * std::exp(-distance / shape_.reach);
}

std::size_t Scores::index(const Configuration& configuration) const {
  std::size_t index = 0;
  for (std::size_t p = levels_.size(); p-- > 0;)
    index = index * levels_[p] + static_cast<std::size_t>(configuration[p] - first_value(space_[p].domain));
  return index;
}

Configuration Scores::at(std::size_t index) const {
  Configuration configuration(levels_.size());
  for (std::size_t p = 0; p < levels_.size(); ++p) {
    configuration.set(p, static_cast<double>(index % levels_[p]) + first_value(space_[p].domain));
    index /= levels_[p];
  }
  return configuration;
}

void Scores::rank_all() {
  levels_ = levels_of(space_);
  std::size_t count = 1;
  for (const std::size_t n : levels_) count *= n;
  scores_.assign(count, 0.0);
  std::vector<std::pair<double, std::size_t>> order(count);
  if (failing_ > 0.0) {
    for (std::size_t i = 0; i < count; ++i) order[i] = {failure_.at(places(at(i))), i};
    std::sort(order.begin(), order.end());
    const auto working = std::max<std::size_t>(
        1, static_cast<std::size_t>(std::lround((1.0 - failing_) * static_cast<double>(count))));
    for (std::size_t k = working; k < count; ++k) scores_[order[k].second] = kFailed;
  }
  order.clear();
  for (std::size_t i = 0; i < count; ++i)
    if (!std::isnan(scores_[i])) order.emplace_back(without_peak(places(at(i))), i);
  if (shape_.peak != 0.0) {
    peak_ = places(at(std::max_element(order.begin(), order.end())->second));
    for (auto& [value, i] : order) value = latent(places(at(i)));
  }
  std::sort(order.begin(), order.end());
  for (std::size_t k = 0; k < order.size(); ++k) scores_[order[k].second] = score_of_rank(k, order.size());
  middle_ = at(order[(order.size() - 1) / 2].second);
}

void Scores::estimate() {
  const Random root = Random(seed_).child("draws");
  std::vector<Configuration> drawn;
  for (std::size_t k = 0; k < kDraws; ++k) {
    Random random = root.child(k);
    const Configuration configuration = space_.sample(random);
    drawn.push_back(configuration);
  }
  if (failing_ > 0.0) {
    std::vector<double> fields;
    for (const Configuration& configuration : drawn) fields.push_back(failure_.at(places(configuration)));
    std::vector<double> sorted = fields;
    std::sort(sorted.begin(), sorted.end());
    threshold_ = sorted[static_cast<std::size_t>((1.0 - failing_) * static_cast<double>(kDraws - 1))];
    std::vector<Configuration> working;
    for (std::size_t k = 0; k < kDraws; ++k)
      if (fields[k] <= threshold_) working.push_back(drawn[k]);
    drawn = std::move(working);
  }
  if (shape_.peak != 0.0) climb_to_peak();
  std::vector<std::pair<double, std::size_t>> order;
  std::vector<double> values;
  for (std::size_t k = 0; k < drawn.size(); ++k) {
    values.push_back(latent(places(drawn[k])));
    order.emplace_back(values.back(), k);
  }
  std::sort(order.begin(), order.end());
  middle_ = drawn[order[(order.size() - 1) / 2].second];
  curve_ = ScoreCurve(std::move(values));
}

// The best that climbs by single parameters find: the best of all cannot be known.
void Scores::climb_to_peak() {
  double best = -std::numeric_limits<double>::infinity();
  std::optional<Places> found;
  for (std::size_t climb = 0; climb < kClimbs; ++climb) {
    Random random = Random(seed_).child("climb").child(climb);
    Places here = places(space_.sample(random));
    double value = without_peak(here);
    for (bool moved = true; moved;) {
      moved = false;
      for (std::size_t p = 0; p < nodes_.size(); ++p)
        for (std::size_t i = 0; i < nodes_.count(p); ++i) {
          Places next = here;
          next.low[p] = static_cast<std::uint32_t>(i);
          next.above[p] = 0.0;
          const double other = without_peak(next);
          if (other <= value) continue;
          here = next;
          value = other;
          moved = true;
        }
    }
    if (value <= best) continue;
    best = value;
    found = here;
  }
  peak_ = found;
}

std::optional<double> Scores::score(const Configuration& configuration) const {
  if (ranked_) {
    const double score = scores_[index(configuration)];
    return std::isnan(score) ? std::nullopt : std::optional(score);
  }
  const Places here = places(configuration);
  if (failing_ > 0.0 && failure_.at(here) > threshold_) return std::nullopt;
  return curve_(latent(here));
}

std::optional<double> Scores::best() const {
  if (!ranked_) return std::nullopt;
  double best = -std::numeric_limits<double>::infinity();
  for (const double score : scores_)
    if (!std::isnan(score)) best = std::max(best, score);
  return best;
}

}  // namespace tonne::imitation
