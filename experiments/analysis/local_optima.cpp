#include "experiments/analysis/local_optima.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

namespace tonne {
namespace {

constexpr double kFailed = std::numeric_limits<double>::infinity();
/// Of the neighbours of samples, at most so many are asked for: half a second at a microsecond each.
constexpr std::size_t kMostNeighbours = 500'000;

using Loss = std::function<std::optional<double>(const Configuration&)>;

// The value of a discrete parameter's k-th level.
double level_value(const Domain& domain, std::uint64_t k) {
  const auto* integer = std::get_if<Integer>(&domain);
  return integer ? static_cast<double>(integer->low) + static_cast<double>(k) : static_cast<double>(k);
}

// Losses of all configurations; the first parameter changes fastest.
std::vector<double> all_losses(const SearchSpace& space, const std::vector<std::size_t>& levels,
                               const Loss& loss) {
  std::size_t count = 1;
  for (const std::size_t n : levels) count *= n;
  std::vector<double> losses(count);
  Configuration at(levels.size());
  for (std::size_t i = 0; i < count; ++i) {
    std::size_t rest = i;
    for (std::size_t p = 0; p < levels.size(); ++p) {
      at.set(p, level_value(space[p].domain, rest % levels[p]));
      rest /= levels[p];
    }
    losses[i] = loss(at).value_or(kFailed);
  }
  return losses;
}

bool is_optimum(const std::vector<double>& losses, const std::vector<std::size_t>& levels, std::size_t i) {
  std::size_t stride = 1;
  for (const std::size_t n : levels) {
    const std::size_t own = i / stride % n;
    for (std::size_t k = 0; k < n; ++k)
      if (losses[i - own * stride + k * stride] < losses[i]) return false;
    stride *= n;
  }
  return true;
}

LocalOptima enumerated(const SearchSpace& space, const std::vector<std::size_t>& levels, const Loss& loss) {
  const std::vector<double> losses = all_losses(space, levels, loss);
  LocalOptima result;
  result.exhaustive = true;
  for (std::size_t i = 0; i < losses.size(); ++i) {
    if (losses[i] == kFailed) continue;
    ++result.examined;
    result.count += is_optimum(losses, levels, i) ? 1.0 : 0.0;
  }
  if (result.examined > 0) result.share = result.count / static_cast<double>(result.examined);
  return result;
}

bool is_optimum(const SearchSpace& space, const std::vector<std::size_t>& levels, const Configuration& at,
                const Loss& loss) {
  const double own = loss(at).value_or(kFailed);
  Configuration neighbour = at;
  for (std::size_t p = 0; p < levels.size(); ++p) {
    for (std::size_t k = 0; k < levels[p]; ++k) {
      neighbour.set(p, level_value(space[p].domain, k));
      if (neighbour[p] != at[p] && loss(neighbour).value_or(kFailed) < own) return false;
    }
    neighbour.set(p, at[p]);
  }
  return true;
}

LocalOptima sampled(const SearchSpace& space, const std::vector<std::size_t>& levels,
                    std::span<const Configuration> samples, const Loss& loss) {
  std::size_t neighbours = 0;
  for (const std::size_t n : levels) neighbours += n - 1;
  LocalOptima result;
  result.examined =
      std::clamp<std::size_t>(kMostNeighbours / std::max<std::size_t>(neighbours, 1), 1, samples.size());
  std::size_t optima = 0;
  for (std::size_t k = 0; k < result.examined; ++k)
    optima += is_optimum(space, levels, samples[k * samples.size() / result.examined], loss) ? 1U : 0U;
  const auto n = static_cast<double>(result.examined);
  result.share = static_cast<double>(optima) / n;
  result.standard_error = std::sqrt(result.share * (1.0 - result.share) / n);
  result.count = result.share * space.cardinality().value_or(std::numeric_limits<double>::infinity());
  return result;
}

}  // namespace

std::optional<LocalOptima> local_optima(const SearchSpace& space, std::span<const Configuration> samples,
                                        const Loss& loss) {
  constexpr std::uint64_t kMostLevels = 10'000;
  if (samples.empty() || space.has_conditions()) return std::nullopt;
  std::vector<std::size_t> levels;
  for (const Parameter& parameter : space.parameters()) {
    const auto count = cardinality(parameter.domain);
    if (!count || *count > kMostLevels) return std::nullopt;
    levels.push_back(static_cast<std::size_t>(*count));
  }
  const auto all = space.cardinality();
  return all && *all <= kMostEnumerated ? enumerated(space, levels, loss)
                                        : sampled(space, levels, samples, loss);
}

}  // namespace tonne
