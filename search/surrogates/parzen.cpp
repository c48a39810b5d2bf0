#include "search/surrogates/parzen.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>

#include "search/surrogates/parzen_cells.h"

namespace tonne {
namespace {

// From so many kernels on, the table is cheaper than the formula.
constexpr std::size_t kTableWorth = 64;

// A density of fewer than this part of the data sorts its own rows instead of passing through all.
constexpr std::size_t kFewRows = 16;

// Whether the parameters are active together, all by this condition.
bool is_shared(const SearchSpace& space, const std::vector<std::size_t>& parameters,
               const Condition& condition) {
  return std::ranges::all_of(parameters, [&](std::size_t i) {
    const auto& own = space[i].active_when;
    return own && own->parent == condition.parent &&
           std::ranges::is_permutation(own->choices, condition.choices);
  });
}

// With more values than this a discrete number is fitted like a real one.
constexpr std::size_t kMostValues = 1024;

// Optuna's "magic clip".
double narrowest(std::size_t active) {
  return 1.0 / std::min(100.0, static_cast<double>(active) + 2.0);
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
    : data_(data),
      width_(width),
      prior_weight_(prior_weight),
      full_weights_(full_weights),
      unit_height_(std::exp(kLogSqrtTwoPi)),
      prior_height_(-kLogSqrtTwoPi - log_truncation(0.5, 1.0)) {
  assert(std::ranges::is_sorted(parameters) && prior_weight > 0.0);
  for (const std::size_t parameter : parameters) {
    columns_.emplace_back();
    columns_.back().parameter = parameter;
    const auto& condition = data.space()[parameter].active_when;
    columns_.back().conditional = condition && !is_shared(data.space(), parameters, *condition);
    columns_.back().has_wide_cells =
        data.column(parameter).kind == ParzenData::Kind::cells &&
        has_wide_cells(data.space()[parameter].domain, data.column(parameter).cardinality);
    Kernels& kernels = columns_.back();
    kernels.by_neighbours =
        width_ == KernelWidth::neighbours || (width_ == KernelWidth::automatic && !kernels.conditional);
    kernels.by_values = data.column(parameter).kind == ParzenData::Kind::cells &&
                        data.column(parameter).cardinality <= kMostValues &&
                        width_ != KernelWidth::deviation && (kernels.has_wide_cells || kernels.by_neighbours);
    kernels.has_normals = !kernels.by_values || has_narrow_cells(data.space()[parameter].domain,
                                                                 data.column(parameter).cardinality);
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
  padded_ = (kernels_ + Block{}.size() - 1) / Block{}.size() * Block{}.size();

  parzen_weights(rows.size(), full_weights_, weights_);
  std::swap(slot_, earlier_slot_);
  note_slots(rows);
  if (width_ == KernelWidth::neighbours || width_ == KernelWidth::automatic) rows = by_position(rows);
  note_changes(rows);
  weights_.push_back(rows.empty() ? 1.0 : prior_weight_);
  cumulative_.resize(kernels_);
  std::partial_sum(weights_.begin(), weights_.end(), cumulative_.begin());
  weights_.resize(padded_, 0.0);
  log_total_ = std::log(cumulative_.back());
  base_.assign(padded_, -std::numeric_limits<double>::infinity());
  std::fill_n(base_.begin(), kernels_, 0.0);

  const double dimensions = mean_active(rows);
  for (Kernels& kernels : columns_) {
    switch (data_.column(kernels.parameter).kind) {
      case ParzenData::Kind::fixed:
        break;
      case ParzenData::Kind::categorical:
        fit_categorical(kernels, rows);
        break;
      case ParzenData::Kind::real:
      case ParzenData::Kind::cells:
        fit_numeric(kernels, rows, dimensions);
        break;
    }
  }
  fitted_.assign(rows.begin(), rows.end());
  operations_ += 40.0 * static_cast<double>(kernels_) * static_cast<double>(columns_.size());
}

void ParzenEstimator::note_slots(std::span<const std::uint32_t> rows) {
  slot_.assign(data_.rows(), kNoKernel);
  for (std::size_t k = 0; k < rows.size(); ++k) slot_[rows[k]] = static_cast<std::uint32_t>(k);
}

// With one number alone the kernels stand by position instead of by age, their weights with them: those that
// are far from a candidate then fill whole blocks, which log_sum() leaves out.
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

void ParzenEstimator::fit_categorical(Kernels& kernels, std::span<const std::uint32_t> rows) const {
  static_assert(static_cast<std::int32_t>(ParzenData::kInactive) == -1);
  const ParzenData::Column& column = data_.column(kernels.parameter);
  kernels.choice.assign(padded_, -1.0);
  std::size_t inactive = 0;
  for (std::size_t k = 0; k < rows.size(); ++k) {
    const std::uint32_t code = column.code[rows[k]];
    inactive += code == ParzenData::kInactive ? 1U : 0U;
    kernels.choice[k] = static_cast<double>(static_cast<std::int32_t>(code));
  }
  kernels.smoothing = prior_weight_ / (static_cast<double>(rows.size() - inactive) + 1.0);
  const auto choices = static_cast<double>(column.cardinality);
  const double log_sum = std::log(1.0 + choices * kernels.smoothing);
  kernels.hit = std::log(1.0 + kernels.smoothing) - log_sum;
  kernels.miss = std::log(kernels.smoothing) - log_sum;
  kernels.unknown = -std::log(choices);
}

void ParzenEstimator::fit_numeric(Kernels& kernels, std::span<const std::uint32_t> rows, double dimensions) {
  if (kernels.by_values) return fit_values(kernels, rows, dimensions);
  if (kernels.by_neighbours && !kernels.conditional && !kernels.has_wide_cells) {
    const double least = least_bandwidth(kernels, dimensions, rows.size());
    const bool is_known = updates_ && kernels.least == least;
    kernels.least = least;
    if (is_known) {
      update_neighbours(kernels, rows);
      return add_heights(kernels);
    }
  }
  const ParzenData::Column& column = data_.column(kernels.parameter);
  kernels.mu.assign(padded_, 0.5);
  kernels.sigma.assign(padded_, 1.0);  // the prior's, and of kernels that lack the parameter
  kernels.half_precision.resize(padded_);
  kernels.log_height.resize(padded_);
  for (std::size_t k = 0; k < rows.size(); ++k)
    kernels.mu[k] = column.position[rows[k]];  // 1/2 where it lacks
  if (kernels.by_neighbours || kernels.has_wide_cells) {
    order_by_position(kernels, rows);
  } else {
    order_by_age(kernels, rows);
  }
  if (kernels.by_neighbours) {
    neighbour_bandwidths(kernels, dimensions);
  } else {
    shared_bandwidth(kernels, dimensions);
  }
  if (kernels.has_wide_cells) {
    fit_levels(kernels);
  } else if (kernels.by_neighbours) {
    known_heights(kernels, rows);
  } else {
    shared_heights(kernels);
  }
  add_heights(kernels);
}

// Those of a parameter that is always active are the same for every candidate.
void ParzenEstimator::add_heights(Kernels& kernels) {
  if (kernels.conditional) {
    kernels.greatest_height = *std::ranges::max_element(kernels.log_height);
    return;
  }
  for (std::size_t k = 0; k < padded_; ++k)
    base_[k] += kernels.log_height[k];  // minus infinity stays what it is
}

// For so many observations that have the parameter.
double ParzenEstimator::scott_bandwidth(double magnitude, double dimensions, std::size_t active) {
  const double width =
      magnitude * std::pow(std::max(static_cast<double>(active), 1.0), -1.0 / (dimensions + 4.0));
  return std::clamp(width, narrowest(active), 1.0);
}

void ParzenEstimator::shared_bandwidth(Kernels& kernels, double dimensions) {
  const bool by_range = width_ != KernelWidth::deviation || order_.size() < 2;
  const double sigma =
      scott_bandwidth(by_range ? kScott : 1.059 * deviation_of_centres(kernels), dimensions, order_.size());
  for (const std::uint32_t k : order_) kernels.sigma[k] = sigma;
}

void ParzenEstimator::shared_heights(Kernels& kernels) {
  const double shared_sigma = order_.empty() ? 1.0 : kernels.sigma[order_.front()];
  const bool tabulate = order_.size() >= kTableWorth;
  const double log_shared = std::log(shared_sigma);
  std::ranges::fill(kernels.log_height, prior_height_);
  std::ranges::fill(kernels.half_precision, 0.5);
  if (tabulate) truncation_.make(shared_sigma);
  for (const std::uint32_t k : order_) {
    const double mu = kernels.mu[k];
    if (mu == 0.5 && shared_sigma == 1.0) continue;
    kernels.half_precision[k] = 0.5 / (shared_sigma * shared_sigma);
    kernels.log_height[k] =
        -log_shared - kLogSqrtTwoPi - (tabulate ? truncation_(mu) : log_truncation(mu, shared_sigma));
  }
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

// The kernels that have the parameter.
void ParzenEstimator::order_by_age(const Kernels& kernels, std::span<const std::uint32_t> rows) {
  const ParzenData::Column& column = data_.column(kernels.parameter);
  order_.clear();
  for (std::size_t k = 0; k < rows.size(); ++k)
    if (column.code[rows[k]] != ParzenData::kInactive) order_.push_back(static_cast<std::uint32_t>(k));
}

// The same by position; those on one value by age.
void ParzenEstimator::order_by_position(const Kernels& kernels, std::span<const std::uint32_t> rows) {
  const ParzenData::Column& column = data_.column(kernels.parameter);
  order_.clear();
  if (rows.size() * kFewRows < data_.rows()) {
    order_by_age(kernels, rows);
    std::ranges::sort(order_, [&](std::uint32_t a, std::uint32_t b) {
      return kernels.mu[a] != kernels.mu[b] ? kernels.mu[a] < kernels.mu[b] : a < b;
    });
    return;
  }
  for (const std::uint32_t row : column.by_position)
    if (slot_[row] != kNoKernel) order_.push_back(slot_[row]);
  for (std::size_t i = 0; i < order_.size();) {
    std::size_t end = i + 1;
    while (end < order_.size() && kernels.mu[order_[end]] == kernels.mu[order_[i]]) ++end;
    if (end - i > 1) std::ranges::sort(std::span(order_).subspan(i, end - i));
    i = end;
  }
}

// Of widths by neighbours.
double ParzenEstimator::least_bandwidth(const Kernels& kernels, double dimensions, std::size_t active) const {
  const bool is_discrete = data_.column(kernels.parameter).kind == ParzenData::Kind::cells;
  const bool widened = width_ == KernelWidth::automatic && is_discrete;
  return widened ? scott_bandwidth(kScott, dimensions, active) : narrowest(active);
}

// The outermost kernels look inwards only (Optuna: consider_endpoints = false); a single one looks at the
// farther end.
void ParzenEstimator::neighbour_bandwidths(Kernels& kernels, double dimensions) {
  if (order_.empty()) return;
  const double least = least_bandwidth(kernels, dimensions, order_.size());
  const std::size_t last = order_.size() - 1;
  double mu = kernels.mu[order_.front()];
  double below = last == 0 ? mu : 0.0;
  for (std::size_t i = 0; i <= last; ++i) {
    const double next = i < last ? kernels.mu[order_[i + 1]] : mu;
    const double above = last == 0 ? 1.0 - mu : next - mu;
    kernels.sigma[order_[i]] = std::clamp(std::max(below, above), least, 1.0);
    below = next - mu;
    mu = next;
  }
}

// Between two fits few kernels get another bandwidth: those beside a new observation.
void ParzenEstimator::known_heights(Kernels& kernels, std::span<const std::uint32_t> rows) {
  kernels.known.resize(data_.rows(), {-1.0, -1.0, 0.0, 0.0});
  for (std::size_t k = 0; k < rows.size(); ++k) {
    const double mu = kernels.mu[k];
    const double sigma = kernels.sigma[k];
    auto& known = kernels.known[rows[k]];
    if (known.mu != mu || known.sigma != sigma)
      known = {mu, sigma, -std::log(sigma) - kLogSqrtTwoPi - log_truncation(mu, sigma),
               0.5 / (sigma * sigma)};
    kernels.log_height[k] = known.log_height;
    kernels.half_precision[k] = known.half_precision;
  }
  for (std::size_t k = rows.size(); k < padded_; ++k) {
    kernels.log_height[k] = prior_height_;
    kernels.half_precision[k] = 0.5;
  }
}

ParzenEstimator::Level ParzenEstimator::level_at(double mu, double sigma) const {
  return {mu, sigma, -std::log(sigma) - kLogSqrtTwoPi - log_truncation(mu, sigma), 0.5 / (sigma * sigma)};
}

// The kernels on one value, which follow one another in order_, have few bandwidths.
void ParzenEstimator::fit_levels(Kernels& kernels) {
  kernels.levels.assign(1, {0.5, 1.0, prior_height_, 0.5});
  kernels.level.assign(padded_, 0);
  std::size_t first = 1;  // of the levels on this value
  for (const std::uint32_t k : order_) {
    const double mu = kernels.mu[k];
    const double sigma = kernels.sigma[k];
    if (kernels.levels.back().mu != mu) first = kernels.levels.size();
    std::size_t level = first;
    while (level < kernels.levels.size() && kernels.levels[level].sigma != sigma) ++level;
    if (level == kernels.levels.size()) kernels.levels.push_back(level_at(mu, sigma));
    kernels.level[k] = static_cast<std::uint32_t>(level);
  }
  for (std::size_t k = 0; k < padded_; ++k) {
    kernels.log_height[k] = kernels.levels[kernels.level[k]].log_height;
    kernels.half_precision[k] = kernels.levels[kernels.level[k]].half_precision;
  }
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
      const bool by_level = kernels.by_values;
      const double mu = by_level ? kernels.levels[kernels.level[k]].mu : kernels.mu[k];
      const double sigma = by_level ? kernels.levels[kernels.level[k]].sigma : kernels.sigma[k];
      configuration.set(parameter, from_unit(domain, truncated_normal(mu, sigma, uniform)));
      continue;
    }
    const auto choices = static_cast<double>(column.cardinality);
    double choice = uniform * choices;
    if (kernels.choice[k] >= 0.0) {
      const double mass = uniform * (1.0 + choices * kernels.smoothing);
      choice = mass < 1.0 ? kernels.choice[k] : (mass - 1.0) / kernels.smoothing;
    }
    configuration.set(parameter, std::min(std::floor(choice), choices - 1.0));
  }
}

}  // namespace tonne
