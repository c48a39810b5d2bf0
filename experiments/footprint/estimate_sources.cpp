#include "experiments/footprint/estimate_sources.h"

#include <algorithm>
#include <string>

namespace tonne {

EstimateSources::EstimateSources(const Estimate& estimate) {
  for (const EstimateFactor& factor : estimate.factors)
    if (factor.provenance) number_of(*factor.provenance);
  for (const Equivalent& equivalent : equivalents()) number_of(equivalent);
}

std::size_t EstimateSources::number_of(const Provenance& provenance) {
  const auto same = [&](const Provenance& p) {
    return p.source == provenance.source && p.published == provenance.published;
  };
  const auto at = std::ranges::find_if(all_, same);
  if (at != all_.end()) return static_cast<std::size_t>(at - all_.begin()) + 1;
  all_.push_back(provenance);
  return all_.size();
}

std::size_t EstimateSources::number_of(const Equivalent& equivalent) {
  return number_of(Provenance{std::string(equivalent.source), equivalent.year, equivalent.verified});
}

}  // namespace tonne
