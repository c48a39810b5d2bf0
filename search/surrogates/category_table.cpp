#include "search/surrogates/category_table.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cstring>
#include <utility>

namespace tonne {
namespace {

using Eigen::ArrayXd;
using Eigen::Index;

constexpr double kHighestCode = 253.0;  // so that it fits a byte raised by one, and one value is left for all others
constexpr std::uint8_t kForeign = 255;

// A register of bytes, in the notation that g++ and clang share.
constexpr std::size_t kBlock = 32;
using CodeLanes = std::uint8_t __attribute__((vector_size(kBlock)));

std::uint8_t byte_of(double code) {
  return code <= kHighestCode ? static_cast<std::uint8_t>(code + 1.0) : kForeign;
}

}  // namespace

CategoryTable::CategoryTable(const KernelLayout& layout) : columns_(layout.columns.size()) {
  applies_ = columns_ >= 1 && columns_ <= kMostColumns &&
          std::ranges::all_of(layout.columns, [](const KernelLayout::Column& column) { return column.categorical; });
}

// Sums and the exponential as KernelRow has them, in whole packets.
ArrayXd CategoryTable::values(const Eigen::VectorXd& inverse_scale, double signal) const {
  const Index combinations = PointSet::padded(Index{1} << columns_);
  ArrayXd distance = ArrayXd::Zero(combinations);
  for (Index pattern = 0; pattern < combinations; ++pattern)
    for (std::size_t c = 0; c < columns_; ++c)
      if ((static_cast<std::size_t>(pattern) >> c & 1U) != 0) distance[pattern] += inverse_scale[static_cast<Index>(c)];
  const ArrayXd decay = (-distance).exp();
  return signal * decay;
}

void CategoryTable::reserve(Index count) {
  const std::size_t wanted = static_cast<std::size_t>(PointSet::padded(count)) + kBlock;  // a last block may reach beyond
  if (wanted <= capacity_) return;
  const std::size_t capacity = std::max(wanted, capacity_ + capacity_ / 2);
  std::vector<std::uint8_t> grown(columns_ * capacity, 0);
  for (std::size_t c = 0; c < columns_ && capacity_ > 0; ++c)
    std::copy_n(codes_.data() + c * capacity_, capacity_, grown.data() + c * capacity);
  codes_ = std::move(grown);
  capacity_ = capacity;
}

void CategoryTable::set(const PointSet& points, Index row) {
  for (std::size_t c = 0; c < columns_; ++c) {
    const double code = points(row, static_cast<Index>(c));
    codes_fit_ = codes_fit_ && code <= kHighestCode;
    codes_[c * capacity_ + static_cast<std::size_t>(row)] = byte_of(code);
  }
}

void CategoryTable::take(const PointSet& points) {
  if (!applies_) return;
  codes_fit_ = true;
  reserve(points.count());
  for (Index row = 0; row < points.count(); ++row) set(points, row);
}

void CategoryTable::append(const PointSet& points) {
  if (!applies_) return;
  reserve(points.count());
  set(points, points.count() - 1);
}

void CategoryTable::look_up(const ArrayXd& values, const PointSet& others, Index row, Index first, Index size,
                            double* out) const {
  assert(usable() && size % 4 == 0);
  std::array<CodeLanes, kMostColumns> wanted{};
  for (std::size_t c = 0; c < columns_; ++c) wanted[c] = CodeLanes{} + byte_of(others(row, static_cast<Index>(c)));
  const double* table = values.data();
  for (std::size_t start = 0; start < static_cast<std::size_t>(size); start += kBlock) {
    const std::uint8_t* codes = codes_.data() + static_cast<std::size_t>(first) + start;
    CodeLanes differing{};
    for (std::size_t c = 0; c < columns_; ++c, codes += capacity_) {
      CodeLanes here;
      std::memcpy(&here, codes, kBlock);
      CodeLanes bit;
      std::memset(&bit, 1 << c, sizeof bit);
      differing |= std::bit_cast<CodeLanes>(here != wanted[c]) & bit;
    }
    const auto patterns = std::bit_cast<std::array<std::uint8_t, kBlock>>(differing);
    const std::size_t count = std::min(kBlock, static_cast<std::size_t>(size) - start);
    for (std::size_t k = 0; k < count; ++k) out[start + k] = table[patterns[k]];
  }
}

}  // namespace tonne
