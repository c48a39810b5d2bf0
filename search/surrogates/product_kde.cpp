#include "search/surrogates/product_kde.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "search/surrogates/truncated_normal.h"

namespace tonne {

ProductKde::ProductKde(const ParzenData& data, double min_bandwidth)
    : data_(data), min_bandwidth_(min_bandwidth), bandwidth_(data.space().size(), 0.0) {}

void ProductKde::fit(std::span<const std::uint32_t> rows) {
  assert(!rows.empty());
  rows_.assign(rows.begin(), rows.end());
  const auto n = static_cast<double>(rows.size());
  const auto d = static_cast<double>(bandwidth_.size());
  const double reference = 1.06 * std::pow(n, -1.0 / (4.0 + d));
  for (std::size_t i = 0; i < bandwidth_.size(); ++i) {
    const ParzenData::Column& column = data_.column(i);
    if (column.kind == ParzenData::Kind::fixed) continue;
    bandwidth_[i] = std::max(reference * spread(i), min_bandwidth_);
    if (column.kind != ParzenData::Kind::categorical) continue;
    const auto choices = static_cast<double>(column.cardinality);
    bandwidth_[i] = std::min(bandwidth_[i], (choices - 1.0) / choices);
  }
  operations_ += 8.0 * n * d;
}

// sigma of the observations that have the parameter.
double ProductKde::spread(std::size_t parameter) {
  const ParzenData::Column& column = data_.column(parameter);
  const bool categorical = column.kind == ParzenData::Kind::categorical;
  if (categorical) counts_.assign(column.cardinality, 0.0);
  double n = 0.0;
  double mean = 0.0;
  double squares = 0.0;
  for (const std::uint32_t row : rows_) {
    if (column.code[row] == ParzenData::kInactive) continue;
    n += 1.0;
    if (categorical) {
      counts_[column.code[row]] += 1.0;
      continue;
    }
    const double step = column.position[row] - mean;
    mean += step / n;
    squares += step * (column.position[row] - mean);
  }
  if (n == 0.0) return 0.0;
  if (!categorical) return std::sqrt(squares / n);
  double same = 0.0;
  for (const double count : counts_) same += count / n * (count / n);
  return std::sqrt(0.5 * std::max(0.0, 1.0 - same));
}

void ProductKde::sample(Configuration& configuration, double factor, Random& random) const {
  const std::uint32_t row = rows_[random.below(rows_.size())];
  for (std::size_t i = 0; i < bandwidth_.size(); ++i) {
    if (!data_.space().should_be_active(i, configuration)) continue;
    const Domain& domain = data_.space()[i].domain;
    const ParzenData::Column& column = data_.column(i);
    const bool uniform = column.kind == ParzenData::Kind::fixed || column.code[row] == ParzenData::kInactive;
    if (uniform || (column.kind == ParzenData::Kind::categorical && random.bernoulli(bandwidth_[i]))) {
      configuration.set(i, tonne::sample(domain, random));
    } else if (column.kind == ParzenData::Kind::categorical) {
      configuration.set(i, static_cast<double>(column.code[row]));
    } else {
      const double u = truncated_normal(column.position[row], factor * bandwidth_[i], random.uniform());
      configuration.set(i, from_unit(domain, u));
    }
  }
}

double ProductKde::density(const Configuration& configuration) {
  scores_.assign(rows_.size(), 0.0);
  for (std::size_t i = 0; i < bandwidth_.size(); ++i) {
    const ParzenData::Column& column = data_.column(i);
    if (!configuration.is_active(i) || column.kind == ParzenData::Kind::fixed) continue;
    if (column.kind == ParzenData::Kind::categorical) {
      add_categorical(i, configuration[i]);
    } else {
      add_number(i, to_unit(data_.space()[i].domain, configuration[i]));
    }
  }
  double sum = 0.0;
  for (const double score : scores_) sum += std::exp(score);
  const auto n = static_cast<double>(rows_.size());
  operations_ += n * (4.0 * static_cast<double>(bandwidth_.size()) + 20.0);
  return sum / n;
}

void ProductKde::add_categorical(std::size_t parameter, double choice) {
  const ParzenData::Column& column = data_.column(parameter);
  const auto choices = static_cast<double>(column.cardinality);
  const double hit = std::log1p(-bandwidth_[parameter]);
  const double miss = std::log(bandwidth_[parameter] / (choices - 1.0));
  const double unknown = -std::log(choices);
  const auto code = static_cast<std::uint32_t>(choice);
  for (std::size_t k = 0; k < rows_.size(); ++k) {
    const std::uint32_t of_kernel = column.code[rows_[k]];
    scores_[k] += of_kernel == code ? hit : (of_kernel == ParzenData::kInactive ? unknown : miss);
  }
}

void ProductKde::add_number(std::size_t parameter, double position) {
  const ParzenData::Column& column = data_.column(parameter);
  const double h = bandwidth_[parameter];
  const double log_height = -std::log(h) - kLogSqrtTwoPi;
  const double half_precision = 0.5 / (h * h);
  for (std::size_t k = 0; k < rows_.size(); ++k) {
    if (column.code[rows_[k]] == ParzenData::kInactive) continue;
    const double distance = position - column.position[rows_[k]];
    scores_[k] += log_height - distance * distance * half_precision;
  }
}

}  // namespace tonne
