#include "search/surrogates/model_settings.h"

#include <algorithm>
#include <numeric>

namespace tonne {
namespace {

std::vector<std::size_t> indices(std::size_t count) {
  std::vector<std::size_t> all(count);
  std::iota(all.begin(), all.end(), std::size_t{0});
  return all;
}

}  // namespace

void CandidateSettings::visit(SettingsVisitor& visitor, std::string_view candidates_meaning) {
  visitor.integer("candidates", candidates, Bounds::between(1, 65536), candidates_meaning);
  visitor.integer("local_starts", local_starts, Bounds::between(0, 1000),
                  "best candidates refined by local search");
}

void RefitSettings::visit(SettingsVisitor& visitor) {
  visitor.integer("refit_every", every, Bounds::between(1, 1e6),
                  "trials between fits of the kernel; between fits the model is updated in O(n^2)");
  visitor.number("refit_growth", growth, Bounds::between(0, 10),
                 "wait between fits, at least this fraction of the trials at the last fit");
}

bool RefitSettings::due(std::size_t count, std::size_t fitted_at) const {
  if (fitted_at == 0) return true;
  const auto waited = static_cast<double>(count - fitted_at);
  return waited >= std::max(static_cast<double>(every), growth * static_cast<double>(fitted_at));
}

void visit_max_fit_points(SettingsVisitor& visitor, std::int64_t& max_fit_points) {
  visitor.integer("max_fit_points", max_fit_points, Bounds::between(10, 5000),
                  "most trials the model is fitted to; with more, half are the best and half the latest");
}

void visit_noise_floor(SettingsVisitor& visitor, double& noise_floor) {
  visitor.number("noise_floor", noise_floor, Bounds::between(1e-8, 1),
                 "smallest noise variance, relative to the variance of the losses");
}

std::vector<std::size_t> fit_points(std::size_t observations, std::int64_t most,
                                    const BetterObservation& better) {
  std::vector<std::size_t> order = indices(observations);
  const auto limit = static_cast<std::size_t>(most);
  if (order.size() <= limit) return order;
  const std::size_t latest = limit / 2;
  const auto older = order.end() - static_cast<std::ptrdiff_t>(latest);
  std::sort(order.begin(), older, better);
  order.erase(order.begin() + static_cast<std::ptrdiff_t>(limit - latest), older);
  std::ranges::sort(order);
  return order;
}

std::vector<std::size_t> best_observations(std::size_t observations, std::size_t most,
                                           const BetterObservation& better) {
  std::vector<std::size_t> order = indices(observations);
  const std::size_t count = std::min(most, order.size());
  std::ranges::partial_sort(order, order.begin() + static_cast<std::ptrdiff_t>(count), better);
  order.resize(count);
  return order;
}

}  // namespace tonne
