#pragma once
// The sources of an estimate, numbered for citation.

#include <cstddef>
#include <vector>

#include "cost_models/catalogue.h"
#include "cost_models/equivalents.h"
#include "experiments/footprint/estimate.h"

namespace tonne {

/// Each source once, numbered from 1 in the order in which the factors need it; the equivalents' sources
/// follow.
class EstimateSources {
 public:
  explicit EstimateSources(const Estimate& estimate);
  /// One that is not there yet is added.
  std::size_t number_of(const Provenance& provenance);
  std::size_t number_of(const Equivalent& equivalent);
  [[nodiscard]] const std::vector<Provenance>& all() const { return all_; }

 private:
  std::vector<Provenance> all_;
};

}  // namespace tonne
