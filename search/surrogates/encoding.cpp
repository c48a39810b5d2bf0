#include "search/surrogates/encoding.h"

#include <algorithm>
#include <cassert>

namespace tonne {

void PointSet::resize(Eigen::Index count, Eigen::Index columns) {
  const Eigen::Index rows = std::max(padded(count), values_.rows());
  if (rows == values_.rows() && columns == values_.cols())
    values_.topRows(count_).setZero();  // those beyond are zero already
  else
    values_.setZero(rows, columns);
  count_ = count;
}

void PointSet::append() {
  if (count_ == values_.rows()) {
    const Eigen::Index rows = std::max<Eigen::Index>(16, 2 * values_.rows());
    values_.conservativeResize(rows, Eigen::NoChange);
    values_.bottomRows(rows - count_).setZero();
  }
  ++count_;
}

void PointSet::truncate(Eigen::Index count) {
  assert(count <= count_);
  values_.middleRows(count, count_ - count).setZero();
  count_ = count;
}

PointEncoding::PointEncoding(const SearchSpace& space) : space_(space), parameters_(space.size()) {
  for (std::size_t i = 0; i < space.size(); ++i) {
    if (tonne::cardinality(space[i].domain) == 1U && !space[i].active_when) continue;
    Parameter& parameter = parameters_[i];
    parameter.column = columns();
    parameter.categorical = is_categorical(space[i].domain);
    parameter.conditional = space[i].active_when.has_value();
    layout_.columns.push_back({layout_.scales, parameter.categorical});
    if (parameter.conditional && !parameter.categorical) layout_.columns.push_back({layout_.scales, false});
    ++layout_.scales;
  }
}

void PointEncoding::encode(const Configuration& configuration, PointSet& points, Eigen::Index row) const {
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const Parameter& parameter = parameters_[i];
    if (parameter.column < 0) continue;
    const bool active = configuration.is_active(i);
    if (parameter.categorical) {
      points(row, parameter.column) = active ? configuration[i] : -1.0;
      continue;
    }
    points(row, parameter.column) = active ? to_unit(space_[i].domain, configuration[i]) : 0.5;
    if (parameter.conditional) points(row, parameter.column + 1) = active ? 0.0 : 1.0;
  }
}

}  // namespace tonne
