#include "experiments/run/observed_front.h"

#include <algorithm>
#include <cmath>

namespace tonne {

void ObservedFront::add(const Configuration& configuration, const Objectives& losses) {
  if (!std::ranges::all_of(losses, [](double loss) { return std::isfinite(loss); })) return;
  const auto beats = [&](const Objectives& other) { return other == losses || dominates(other, losses); };
  if (std::ranges::any_of(losses_, beats)) return;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < losses_.size(); ++i) {
    if (dominates(losses, losses_[i])) continue;
    if (kept != i) {
      losses_[kept] = losses_[i];
      configurations_[kept] = configurations_[i];
    }
    ++kept;
  }
  losses_.resize(kept);
  configurations_.erase(configurations_.begin() + static_cast<std::ptrdiff_t>(kept), configurations_.end());
  losses_.push_back(losses);
  configurations_.push_back(configuration);
}

}  // namespace tonne
