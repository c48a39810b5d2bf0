#include "experiments/analysis/portrait_samples.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace tonne {
namespace {

constexpr double kStep = 0.1;  // sd of a step of a real parameter, in parts of its range
constexpr std::uint64_t kMostLevels = 10'000;

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

}  // namespace

bool is_enumerable(const SearchSpace& space) {
  const auto all = space.cardinality();
  return !space.has_conditions() && all && *all <= kMostEnumerated;
}

std::optional<std::size_t> count_neighbours(const SearchSpace& space) {
  if (space.has_conditions()) return std::nullopt;
  std::size_t count = 0;
  for (const Parameter& parameter : space.parameters()) {
    const auto levels = cardinality(parameter.domain);
    if (!levels || *levels > kMostLevels) return std::nullopt;
    count += static_cast<std::size_t>(*levels) - 1;
  }
  return count;
}

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

PortraitSamples::PortraitSamples(const Problem& problem, const PortraitOptions& options)
    : problem_(problem), root_(Random(options.seed).child("portrait").child(problem.traits().name)) {
  const auto all = problem.space().cardinality();
  const bool wants_all = !options.samples || (all && static_cast<double>(*options.samples) >= *all);
  whole_ = wants_all && is_enumerable(problem.space());
  whole_ ? list() : draw(options.samples.value_or(kPortraitSamples));
  for (auto& [reason, share] : failing_) share /= static_cast<double>(examined_);
  std::vector<std::size_t> order(samples_.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::sort(order, {}, [this](std::size_t i) { return std::pair(samples_[i].loss, i); });
  std::vector<PortraitSample> sorted;
  sorted.reserve(order.size());
  for (const std::size_t i : order) sorted.push_back(std::move(samples_[i]));
  samples_ = std::move(sorted);
  for (std::size_t i = 0; whole_ && i < samples_.size(); ++i)
    places_[samples_[i].configuration.digest()] = static_cast<std::uint32_t>(i + 1);
}

// The last parameter changes fastest.
void PortraitSamples::list() {
  const SearchSpace& space = problem_.space();
  const auto low = [&](std::size_t p) {
    const auto* integer = std::get_if<Integer>(&space[p].domain);
    return integer ? static_cast<double>(integer->low) : 0.0;
  };
  Configuration at(space.size());
  for (std::size_t p = 0; p < space.size(); ++p) at.set(p, low(p));
  for (bool more = true; more;) {
    examine(at);
    more = false;
    for (std::size_t p = space.size(); p-- > 0 && !more;) {
      more = at[p] - low(p) + 1.0 < static_cast<double>(*cardinality(space[p].domain));
      at.set(p, more ? at[p] + 1.0 : low(p));
    }
  }
}

// Each at most once: of a finite space until there are enough, or hardly any new ones come.
void PortraitSamples::draw(std::size_t count) {
  constexpr std::size_t kTries = 30;
  DigestTable<bool> drawn;
  for (std::size_t k = 0; k < kTries * count && examined_ < count; ++k) {
    Random random = root_.child("sample").child(k);
    const Configuration configuration = problem_.space().sample(random);
    if (!std::exchange(drawn[configuration.digest()], true)) examine(configuration);
  }
}

void PortraitSamples::examine(const Configuration& configuration) {
  ++examined_;
  const Outcome outcome = train(configuration, problem_.traits().fidelity.highest, 0);
  if (const auto failure = failure_of(outcome)) {
    failing_[*failure] += 1.0;
    return;
  }
  PortraitSample sample;
  sample.loss = loss_of(problem_, configuration);
  if (!std::isfinite(sample.loss)) return;
  sample.configuration = configuration;
  sample.observed = value(outcome.objectives.front());
  sample.flops = outcome.workload.flops.base();
  sample.parameters = outcome.workload.parameters;
  if (const auto use = problem_.inference(configuration)) sample.use_flops = use->flops.base();
  samples_.push_back(std::move(sample));
}

std::size_t PortraitSamples::count_within(double share) const {
  std::size_t count = 0;
  while (count < samples_.size() && share_at(count) < share) ++count;
  return count;
}

std::optional<std::size_t> PortraitSamples::place(const Configuration& configuration) const {
  const std::uint32_t* found = whole_ ? places_.find(configuration.digest()) : nullptr;
  return found ? std::optional<std::size_t>(*found - 1) : std::nullopt;
}

std::optional<double> PortraitSamples::loss(const Configuration& configuration) const {
  if (whole_) {
    const auto at = place(configuration);
    return at ? std::optional(samples_[*at].loss) : std::nullopt;
  }
  if (failure_of(train(configuration, problem_.traits().fidelity.highest, 0))) return std::nullopt;
  const double loss = loss_of(problem_, configuration);
  return std::isfinite(loss) ? std::optional(loss) : std::nullopt;
}

Outcome PortraitSamples::train(const Configuration& configuration, double fidelity,
                               std::uint32_t repeat) const {
  const Random run = root_.child(configuration.digest());
  return problem_.evaluate({configuration, 0.0, fidelity, repeat, run.name()}, run.child(repeat));
}

}  // namespace tonne
