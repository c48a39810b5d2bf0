#include "search/surrogates/forest_encoding.h"

namespace tonne {

ForestEncoding::ForestEncoding(const SearchSpace& space) : space_(space) {
  for (std::size_t i = 0; i < space.size(); ++i) {
    const bool conditional = space[i].active_when.has_value();
    const auto count = tonne::cardinality(space[i].domain);
    if (count == 1U && !conditional) continue;
    parameters_.push_back(i);
    const std::uint32_t choices = is_categorical(space[i].domain) ? static_cast<std::uint32_t>(*count) : 0;
    categories_.push_back(choices > 0 && conditional ? choices + 1 : choices);
  }
}

void ForestEncoding::encode(const Configuration& configuration, double* row) const {
  for (std::size_t k = 0; k < parameters_.size(); ++k) {
    const std::size_t i = parameters_[k];
    const bool active = configuration.is_active(i);
    if (categories_[k] > 0)
      row[k] = active ? configuration[i] : static_cast<double>(categories_[k] - 1);
    else
      row[k] = active ? to_unit(space_[i].domain, configuration[i]) : -1.0;
  }
}

}  // namespace tonne
