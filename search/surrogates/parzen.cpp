#include "search/surrogates/parzen.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

namespace tonne {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Kernels are padded to blocks of this many: inner loops of constant length over a local array, which
// compilers turn into vector instructions without changing any result.
constexpr std::size_t kBlock = 32;

// Cells wider than this part of the range get their exact mass.
constexpr double kWideCell = 1.0 / 256.0;

constexpr std::uint32_t kNoKernel = 0xffffffff;

// From so many kernels on, the table is cheaper than the formula.
constexpr std::size_t kTableWorth = 64;

// exp(x) for x <= 0 to about 2e-16 relative, exp(-700) below -700: without branches, so that a loop of it becomes
// vector instructions. 2^n times the Taylor polynomial of degree 13 at |r| <= log(2) / 2, where the remainder
// is below 1e-17.
double exp_of_negative(double x) {
  constexpr double kLog2E = 1.44269504088896340736;
  constexpr double kLog2High = 6.93147180369123816490e-01;  // the last 32 bits are zero: n * high is exact
  constexpr double kLog2Low = 1.90821492927058770002e-10;
  constexpr double kRound = 0x1.8p52;  // adding it rounds to an integer, which then stands in the lowest bits
  // Clamped as an integer: compilers keep a branch for the comparison of doubles, which could trap.
  constexpr auto kLargest = std::bit_cast<std::int64_t>(700.0);
  const auto magnitude = std::bit_cast<std::int64_t>(std::abs(x));
  const double clamped = -std::bit_cast<double>(magnitude < kLargest ? magnitude : kLargest);
  const double shifted = clamped * kLog2E + kRound;
  const double n = shifted - kRound;
  const double r = (clamped - n * kLog2High) - n * kLog2Low;
  double sum = 1.0 / 6227020800.0;
  sum = sum * r + 1.0 / 479001600.0;
  sum = sum * r + 1.0 / 39916800.0;
  sum = sum * r + 1.0 / 3628800.0;
  sum = sum * r + 1.0 / 362880.0;
  sum = sum * r + 1.0 / 40320.0;
  sum = sum * r + 1.0 / 5040.0;
  sum = sum * r + 1.0 / 720.0;
  sum = sum * r + 1.0 / 120.0;
  sum = sum * r + 1.0 / 24.0;
  sum = sum * r + 1.0 / 6.0;
  sum = sum * r + 0.5;
  sum = sum * r + 1.0;
  sum = sum * r + 1.0;
  const std::uint64_t exponent = (std::bit_cast<std::uint64_t>(shifted) + 1023U) << 52U;
  return sum * std::bit_cast<double>(exponent);
}

struct Cell {
  double low;
  double high;
};
// The part of [0, 1] that from_unit maps to this value of an integer or ordinal.
Cell cell_of(const Domain& domain, std::uint64_t cardinality, double value) {
  const auto* integer = std::get_if<Integer>(&domain);
  if (integer != nullptr && integer->scale == Scale::log) {
    const double low = std::log(static_cast<double>(integer->low) - 0.5);
    const double range = std::log(static_cast<double>(integer->high) + 0.5) - low;
    return {(std::log(value - 0.5) - low) / range, (std::log(value + 0.5) - low) / range};
  }
  const double index = integer != nullptr ? value - static_cast<double>(integer->low) : value;
  const auto count = static_cast<double>(cardinality);
  return {index / count, (index + 1.0) / count};
}

}  // namespace

void parzen_weights(std::size_t n, std::size_t full, std::vector<double>& weights) {
  weights.assign(n, 1.0);
  if (n <= full) return;
  const std::size_t ramp = n - full;
  const double first = 1.0 / static_cast<double>(n);
  for (std::size_t i = 0; i < ramp; ++i) {
    const double t = ramp > 1 ? static_cast<double>(i) / static_cast<double>(ramp - 1) : 0.0;
    weights[i] = first + (1.0 - first) * t;
  }
}

ParzenEstimator::ParzenEstimator(const ParzenData& data, std::vector<std::size_t> parameters,
                                 KernelWidth width, double prior_weight, std::size_t full_weights)
    : data_(data), width_(width), prior_weight_(prior_weight), full_weights_(full_weights) {
  assert(std::ranges::is_sorted(parameters) && prior_weight > 0.0);
  for (const std::size_t parameter : parameters) {
    columns_.emplace_back();
    columns_.back().parameter = parameter;
    columns_.back().conditional = data.space()[parameter].active_when.has_value();
  }
}

double ParzenEstimator::mean_active(std::span<const std::uint32_t> rows) const {
  std::size_t active = 0;
  for (const Kernels& kernels : columns_) {
    const ParzenData::Column& column = data_.column(kernels.parameter);
    if (column.kind == ParzenData::Kind::fixed) continue;
    if (!kernels.conditional) {
      active += rows.size();
      continue;
    }
    for (const std::uint32_t row : rows) active += column.code[row] != ParzenData::kInactive ? 1U : 0U;
  }
  return static_cast<double>(active) / static_cast<double>(std::max<std::size_t>(rows.size(), 1));
}

void ParzenEstimator::fit(std::span<const std::uint32_t> rows) {
  kernels_ = rows.size() + 1;
  padded_ = (kernels_ + kBlock - 1) / kBlock * kBlock;

  parzen_weights(rows.size(), full_weights_, weights_);
  if (width_ == KernelWidth::neighbours) {
    note_slots(rows);
    rows = by_position(rows);
  }
  weights_.push_back(rows.empty() ? 1.0 : prior_weight_);
  cumulative_.resize(kernels_);
  std::partial_sum(weights_.begin(), weights_.end(), cumulative_.begin());
  const double log_total = std::log(cumulative_.back());
  base_.assign(padded_, -kInfinity);
  for (std::size_t k = 0; k < kernels_; ++k)  // most weigh 1
    base_[k] = (weights_[k] == 1.0 ? 0.0 : std::log(weights_[k])) - log_total;

  const double dimensions = mean_active(rows);
  for (Kernels& kernels : columns_) {
    switch (data_.column(kernels.parameter).kind) {
      case ParzenData::Kind::fixed:
        break;
      case ParzenData::Kind::categorical:
        fit_categorical(kernels, rows);
        break;
      case ParzenData::Kind::real:
        fit_numeric(kernels, rows, dimensions);
        break;
      case ParzenData::Kind::cells:
        fit_codes(kernels, rows);
        fit_numeric(kernels, rows, dimensions);
        break;
    }
  }
  operations_ += 40.0 * static_cast<double>(kernels_) * static_cast<double>(columns_.size());
}

void ParzenEstimator::note_slots(std::span<const std::uint32_t> rows) {
  slot_.assign(data_.rows(), kNoKernel);
  for (std::size_t k = 0; k < rows.size(); ++k) slot_[rows[k]] = static_cast<std::uint32_t>(k);
}

// With one number alone the kernels stand by position instead of by age, their weights with them: those that are far from a
// candidate then fill whole blocks, which log_sum() leaves out.
std::span<const std::uint32_t> ParzenEstimator::by_position(std::span<const std::uint32_t> rows) {
  if (columns_.size() != 1) return rows;
  const ParzenData::Column& column = data_.column(columns_.front().parameter);
  if (column.kind != ParzenData::Kind::real && column.kind != ParzenData::Kind::cells) return rows;
  sorted_rows_.clear();
  sorted_weights_.clear();
  for (const std::uint32_t row : column.by_position) {
    if (slot_[row] == kNoKernel) continue;
    sorted_rows_.push_back(row);
    sorted_weights_.push_back(weights_[slot_[row]]);
  }
  if (sorted_rows_.size() != rows.size()) return rows;  // some lack the parameter
  std::swap(weights_, sorted_weights_);
  note_slots(sorted_rows_);
  return sorted_rows_;
}

void ParzenEstimator::fit_codes(Kernels& kernels, std::span<const std::uint32_t> rows) const {
  const ParzenData::Column& column = data_.column(kernels.parameter);
  kernels.code.resize(kernels_);
  for (std::size_t k = 0; k < rows.size(); ++k) kernels.code[k] = column.code[rows[k]];
  kernels.code.back() = ParzenData::kInactive;
}

void ParzenEstimator::fit_categorical(Kernels& kernels, std::span<const std::uint32_t> rows) const {
  fit_codes(kernels, rows);
  const auto inactive = std::ranges::count(kernels.code, ParzenData::kInactive);  // the prior among them
  const double active = static_cast<double>(kernels_) - static_cast<double>(inactive);
  kernels.smoothing = prior_weight_ / (active + 1.0);
}

void ParzenEstimator::fit_numeric(Kernels& kernels, std::span<const std::uint32_t> rows, double dimensions) {
  const ParzenData::Column& column = data_.column(kernels.parameter);
  kernels.mu.assign(padded_, 0.5);
  kernels.sigma.assign(padded_, 1.0);  // the prior's, and of kernels that lack the parameter
  kernels.half_precision.resize(padded_);
  kernels.log_height.resize(padded_);

  order_.clear();
  for (std::size_t k = 0; k < rows.size(); ++k) {
    if (column.code[rows[k]] == ParzenData::kInactive) continue;
    kernels.mu[k] = column.position[rows[k]];
    order_.push_back(static_cast<std::uint32_t>(k));
  }
  const std::size_t active = order_.size();
  const double count = static_cast<double>(active);
  const double narrowest = 1.0 / std::min(100.0, count + 2.0);
  if (width_ != KernelWidth::neighbours) {
    const double magnitude = width_ == KernelWidth::scott || active < 2 ? 0.2 : 1.059 * deviation_of_centres(kernels);
    const double width = magnitude * std::pow(std::max(count, 1.0), -1.0 / (dimensions + 4.0));
    const double sigma = std::clamp(width, narrowest, 1.0);
    for (const std::uint32_t k : order_) kernels.sigma[k] = sigma;
  } else if (active > 0) {
    neighbour_bandwidths(kernels);
    for (std::size_t i = 0; i < order_.size(); ++i)
      if (order_[i] + 1 != kernels_)
        kernels.sigma[order_[i]] = std::clamp(kernels.sigma[order_[i]], narrowest, 1.0);
    kernels.sigma[kernels_ - 1] = 1.0;
    return known_heights(kernels, rows);
  }

  const double shared_sigma = active > 0 ? kernels.sigma[order_.front()] : 1.0;
  const bool tabulate = width_ != KernelWidth::neighbours && active >= kTableWorth;
  const double prior_truncation = log_truncation(0.5, 1.0);
  const double log_shared = std::log(shared_sigma);
  const auto heights = [&](const auto& truncation) {
    for (std::size_t k = 0; k < padded_; ++k) {
      const double sigma = kernels.sigma[k];
      kernels.half_precision[k] = 0.5 / (sigma * sigma);
      const bool prior = sigma == 1.0 && kernels.mu[k] == 0.5;
      const double log_sigma = prior ? 0.0 : (sigma == shared_sigma ? log_shared : std::log(sigma));
      const double log_mass = prior ? prior_truncation : truncation(kernels.mu[k], sigma);
      kernels.log_height[k] = -log_sigma - kLogSqrtTwoPi - log_mass;
    }
  };
  if (tabulate) {
    truncation_.make(shared_sigma);
    heights([&](double mu, double) { return truncation_(mu); });
  } else {
    heights(log_truncation);
  }
  if (kernels.conditional) return;
  for (std::size_t k = 0; k < kernels_; ++k) base_[k] += kernels.log_height[k];
}

// Of the observations that have the parameter (order_).
double ParzenEstimator::deviation_of_centres(const Kernels& kernels) const {
  double sum = 0.0;
  for (const std::uint32_t k : order_) sum += kernels.mu[k];
  const double n = static_cast<double>(order_.size());
  double squares = 0.0;
  for (const std::uint32_t k : order_) squares += (kernels.mu[k] - sum / n) * (kernels.mu[k] - sum / n);
  return std::sqrt(squares / n);
}

// The prior takes part as a neighbour. The outermost kernels look inwards only (Optuna: consider_endpoints =
// false).
void ParzenEstimator::neighbour_bandwidths(Kernels& kernels) {
  order_.clear();
  const auto prior = static_cast<std::uint32_t>(kernels_ - 1);
  bool is_placed = false;
  for (const std::uint32_t row : data_.column(kernels.parameter).by_position) {
    const std::uint32_t k = slot_[row];
    if (k == kNoKernel) continue;
    if (!is_placed && kernels.mu[k] > 0.5) order_.push_back(prior);
    is_placed = is_placed || kernels.mu[k] > 0.5;
    order_.push_back(k);
  }
  if (!is_placed) order_.push_back(prior);
  // Kernels on one value stand by age.
  for (std::size_t i = 0; i < order_.size();) {
    std::size_t end = i + 1;
    while (end < order_.size() && kernels.mu[order_[end]] == kernels.mu[order_[i]]) ++end;
    if (end - i > 1) std::ranges::sort(std::span(order_).subspan(i, end - i));
    i = end;
  }
  const std::size_t last = order_.size() - 1;
  for (std::size_t i = 0; i <= last; ++i) {
    const double mu = kernels.mu[order_[i]];
    const double below = i > 0 ? mu - kernels.mu[order_[i - 1]] : 0.0;
    const double above = i < last ? kernels.mu[order_[i + 1]] - mu : 0.0;
    kernels.sigma[order_[i]] = std::max(below, above);
  }
}

// Between two fits few kernels get another bandwidth: those beside a new observation.
void ParzenEstimator::known_heights(Kernels& kernels, std::span<const std::uint32_t> rows) {
  kernels.known.resize(data_.rows(), {-1.0, -1.0, 0.0});
  const double prior = -kLogSqrtTwoPi - log_truncation(0.5, 1.0);
  std::ranges::fill(kernels.log_height, prior);
  for (std::size_t k = 0; k < rows.size(); ++k) {
    const double mu = kernels.mu[k];
    const double sigma = kernels.sigma[k];
    if (mu == 0.5 && sigma == 1.0) continue;
    auto& known = kernels.known[rows[k]];
    if (known.mu != mu || known.sigma != sigma)
      known = {mu, sigma, -std::log(sigma) - kLogSqrtTwoPi - log_truncation(mu, sigma)};
    kernels.log_height[k] = known.log_height;
  }
  for (std::size_t k = 0; k < padded_; ++k) kernels.half_precision[k] = 0.5 / (kernels.sigma[k] * kernels.sigma[k]);
  if (kernels.conditional) return;
  for (std::size_t k = 0; k < kernels_; ++k) base_[k] += kernels.log_height[k];
}

void ParzenEstimator::sample(Configuration& configuration, Random& random) const {
  const double drawn = random.uniform() * cumulative_.back();
  const auto above = std::ranges::upper_bound(cumulative_, drawn);
  const std::size_t k =
      std::min<std::size_t>(static_cast<std::size_t>(above - cumulative_.begin()), kernels_ - 1);

  for (const Kernels& kernels : columns_) {
    const std::size_t parameter = kernels.parameter;
    if (!data_.space().should_be_active(parameter, configuration)) continue;
    const Domain& domain = data_.space()[parameter].domain;
    const ParzenData::Column& column = data_.column(parameter);
    if (column.kind == ParzenData::Kind::fixed) {
      configuration.set(parameter, from_unit(domain, 0.5));
      continue;
    }
    const double uniform = random.uniform();
    if (column.kind != ParzenData::Kind::categorical) {
      configuration.set(parameter,
                        from_unit(domain, truncated_normal(kernels.mu[k], kernels.sigma[k], uniform)));
      continue;
    }
    const auto choices = static_cast<double>(column.cardinality);
    double choice = uniform * choices;
    if (kernels.code[k] != ParzenData::kInactive) {
      const double mass = uniform * (1.0 + choices * kernels.smoothing);
      choice = mass < 1.0 ? static_cast<double>(kernels.code[k]) : (mass - 1.0) / kernels.smoothing;
    }
    configuration.set(parameter, std::min(std::floor(choice), choices - 1.0));
  }
}

void ParzenEstimator::add_categorical(const Kernels& kernels, double choice, std::span<double> scores) {
  const std::uint64_t cardinality = data_.column(kernels.parameter).cardinality;
  const auto choices = static_cast<double>(cardinality);
  const double log_sum = std::log(1.0 + choices * kernels.smoothing);
  const double hit = std::log(1.0 + kernels.smoothing) - log_sum;
  const double miss = std::log(kernels.smoothing) - log_sum;
  const double unknown = -std::log(choices);
  const auto code = static_cast<std::uint32_t>(choice);
  for (std::size_t k = 0; k < kernels_; ++k)
    scores[k] += kernels.code[k] == code ? hit : (kernels.code[k] == ParzenData::kInactive ? unknown : miss);
}

// Exact masses. Many kernels stand on the same value with the same bandwidth: a small direct-mapped cache.
void ParzenEstimator::add_cells(const Kernels& kernels, double low, double high, std::span<double> scores) {
  constexpr std::size_t kSlots = 1024;
  const double unit_height = std::exp(kLogSqrtTwoPi);
  cells_.assign(kSlots, {-1.0, 0.0, 0.0});
  for (std::size_t k = 0; k < kernels_; ++k) {
    CellMass& cell = cells_[kernels.code[k] % kSlots];
    const double mu = kernels.mu[k];
    const double sigma = kernels.sigma[k];
    if (cell.mu != mu || cell.sigma != sigma) {
      const double mass = normal_mass((low - mu) / sigma, (high - mu) / sigma);
      cell = {mu, sigma, std::log(mass * sigma * unit_height)};
    }
    scores[k] += cell.log_mass + (kernels.conditional ? kernels.log_height[k] : 0.0);
  }
}

void ParzenEstimator::add_normals(std::size_t candidates) {
  std::array<double, kBlock> block;
  for (std::size_t start = 0; start < padded_; start += kBlock) {
    for (std::size_t c = 0; c < candidates; ++c) {
      double* scores = &scores_[c * padded_ + start];
      std::copy_n(scores, kBlock, block.begin());
      for (std::size_t t = first_term_[c]; t < first_term_[c + 1]; ++t) {
        const double x = terms_[t].position;
        const double* mu = &terms_[t].kernels->mu[start];
        const double* half_precision = &terms_[t].kernels->half_precision[start];
        for (std::size_t k = 0; k < kBlock; ++k) block[k] -= (x - mu[k]) * (x - mu[k]) * half_precision[k];
        if (!terms_[t].kernels->conditional) continue;
        const double* log_height = &terms_[t].kernels->log_height[start];
        for (std::size_t k = 0; k < kBlock; ++k) block[k] += log_height[k];
      }
      std::copy_n(block.begin(), kBlock, scores);
    }
  }
}

// log(sum(exp(scores))) over whole blocks, in lanes whose order is fixed. The prior keeps the greatest term
// finite. Blocks whose greatest term is e^-45 of that or less add nothing that a double holds.
double ParzenEstimator::log_sum(std::span<const double> scores) {
  constexpr double kNothing = 45.0;
  std::array<double, kBlock> lanes;
  double greatest = -kInfinity;
  block_greatest_.clear();
  for (std::size_t start = 0; start < padded_; start += kBlock) {
    for (std::size_t k = 0; k < kBlock; ++k) lanes[k] = scores[start + k];
    for (std::size_t width = kBlock / 2; width > 0; width /= 2)
      for (std::size_t k = 0; k < width; ++k) lanes[k] = std::max(lanes[k], lanes[k + width]);
    block_greatest_.push_back(lanes[0]);
    greatest = std::max(greatest, lanes[0]);
  }
  lanes.fill(0.0);
  for (std::size_t start = 0; start < padded_; start += kBlock) {
    if (block_greatest_[start / kBlock] < greatest - kNothing) continue;
    for (std::size_t k = 0; k < kBlock; ++k) lanes[k] += exp_of_negative(scores[start + k] - greatest);
  }
  return greatest + std::log(std::accumulate(lanes.begin(), lanes.end(), 0.0));
}

void ParzenEstimator::log_density(std::span<const Configuration> candidates, std::span<double> result) {
  assert(kernels_ > 0 && candidates.size() == result.size());
  scores_.resize(candidates.size() * padded_);
  terms_.clear();
  first_term_.assign(1, 0);
  for (std::size_t c = 0; c < candidates.size(); ++c) {
    const std::span<double> scores(&scores_[c * padded_], padded_);
    std::ranges::copy(base_, scores.begin());
    result[c] = 0.0;
    for (const Kernels& kernels : columns_) {
      const std::size_t parameter = kernels.parameter;
      if (!candidates[c].is_active(parameter)) continue;
      const ParzenData::Column& column = data_.column(parameter);
      const double value = candidates[c][parameter];
      const Domain& domain = data_.space()[parameter].domain;
      if (column.kind == ParzenData::Kind::fixed) continue;
      if (column.kind == ParzenData::Kind::categorical) {
        add_categorical(kernels, value, scores);
        continue;
      }
      if (column.kind == ParzenData::Kind::cells) {
        const Cell cell = cell_of(domain, column.cardinality, value);
        if (cell.high - cell.low > kWideCell) {
          add_cells(kernels, cell.low, cell.high, scores);
          continue;
        }
        result[c] += std::log(cell.high - cell.low);
      }
      terms_.push_back({&kernels, to_unit(domain, value)});
    }
    first_term_.push_back(terms_.size());
  }
  add_normals(candidates.size());
  for (std::size_t c = 0; c < candidates.size(); ++c) result[c] += log_sum({&scores_[c * padded_], padded_});

  const auto kernels = static_cast<double>(kernels_);
  const auto points = static_cast<double>(candidates.size());
  operations_ += kernels * points * (4.0 * static_cast<double>(columns_.size()) + 20.0);
}

}  // namespace tonne
