#include "search/surrogates/parzen_data.h"

#include <algorithm>
#include <cassert>
#include <utility>
#include <variant>

namespace tonne {
namespace {

std::uint32_t code_of(const Domain& domain, double value) {
  if (std::holds_alternative<Real>(domain)) return 0;
  const auto* integer = std::get_if<Integer>(&domain);
  const double index = integer != nullptr ? value - static_cast<double>(integer->low) : value;
  return static_cast<std::uint32_t>(static_cast<std::uint64_t>(index) & 0x7fffffffU);
}

ParzenData::Kind kind_of(const Domain& domain) {
  const auto count = cardinality(domain);
  if (!count) return ParzenData::Kind::real;
  if (*count == 1) return ParzenData::Kind::fixed;
  return is_categorical(domain) ? ParzenData::Kind::categorical : ParzenData::Kind::cells;
}

}  // namespace

ParzenData::ParzenData(const SearchSpace& space) : space_(space), columns_(space.size()) {
  for (std::size_t i = 0; i < space.size(); ++i) {
    columns_[i].kind = kind_of(space[i].domain);
    columns_[i].cardinality = cardinality(space[i].domain).value_or(0);
  }
}

std::uint32_t ParzenData::append(const Configuration& configuration) {
  for (Column& column : columns_) {
    column.position.push_back(0.5);
    column.code.push_back(kInactive);
  }
  const auto row = static_cast<std::uint32_t>(rows_++);
  const std::uint64_t before = changes_;
  assign(row, configuration);
  changes_ = before;
  return row;
}

void ParzenData::assign(std::uint32_t row, const Configuration& configuration) {
  assert(row < rows_ && configuration.size() == columns_.size());
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    Column& column = columns_[i];
    const bool active = configuration.is_active(i);
    const Domain& domain = space_[i].domain;
    const double position = active ? to_unit(domain, configuration[i]) : 0.5;
    const std::uint32_t code = active ? code_of(domain, configuration[i]) : kInactive;
    if (position == column.position[row] && code == column.code[row]) continue;  // mostly: what ran has ended
    const bool is_number = column.kind == Kind::real || column.kind == Kind::cells;
    const auto place = [&] {
      return std::ranges::lower_bound(column.by_position, std::pair(column.position[row], row), {},
                                      [&](std::uint32_t r) { return std::pair(column.position[r], r); });
    };
    ++changes_;
    if (is_number && column.code[row] != kInactive) column.by_position.erase(place());
    column.position[row] = position;
    column.code[row] = code;
    if (is_number && active) column.by_position.insert(place(), row);
  }
}

}  // namespace tonne
