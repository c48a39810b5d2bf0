// The density of a Parzen estimator at candidates.

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>

#include "search/surrogates/parzen.h"
#include "search/surrogates/parzen_cells.h"

namespace tonne {
namespace {

constexpr double kNoDensity = -std::numeric_limits<double>::infinity();  // of a logarithm

// What is e^-60 of the greatest term or less adds nothing that a double holds, even where the greatest has
// the weight 1 / n.
constexpr double kNothing = 60.0;

// After so many parameters of a block it is looked whether the others are worth the effort.
constexpr std::size_t kLook = 2;

// exp(x) for x <= 0 to about 2e-16 relative, exp(-700) below -700: without branches, so that a loop of it
// becomes vector instructions. 2^n times the Taylor polynomial of degree 13 at |r| <= log(2) / 2, where the
// remainder is below 1e-17.
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

using Block = std::array<double, 32>;

void add_normal(Block& sums, const double* mu, const double* half_precision, double x) {
  for (std::size_t k = 0; k < sums.size(); ++k) sums[k] -= (x - mu[k]) * (x - mu[k]) * half_precision[k];
}
void add_heights(Block& sums, const double* log_height) {
  for (std::size_t k = 0; k < sums.size(); ++k) sums[k] += log_height[k];
}
void add_levels(Block& sums, const std::uint32_t* level, const double* table) {
  for (std::size_t k = 0; k < sums.size(); ++k) sums[k] += table[level[k]];
}
struct ChoiceScores {
  double hit, miss, unknown;
};
void add_choice(Block& sums, const std::uint32_t* codes, std::uint32_t code, const ChoiceScores& scores) {
  for (std::size_t k = 0; k < sums.size(); ++k) {
    const double other = codes[k] == ParzenData::kInactive ? scores.unknown : scores.miss;
    sums[k] += codes[k] == code ? scores.hit : other;
  }
}

double greatest_of(const Block& block) {
  constexpr std::size_t kLanes = 8;
  std::array<double, kLanes> lanes;
  for (std::size_t k = 0; k < kLanes; ++k) lanes[k] = std::max(block[k], block[kLanes + k]);
  for (std::size_t k = 0; k < kLanes; ++k) lanes[k] = std::max(lanes[k], block[2 * kLanes + k]);
  for (std::size_t k = 0; k < kLanes; ++k) lanes[k] = std::max(lanes[k], block[3 * kLanes + k]);
  for (std::size_t k = 0; k < 4; ++k) lanes[k] = std::max(lanes[k], lanes[k + 4]);
  return std::max(std::max(lanes[0], lanes[1]), std::max(lanes[2], lanes[3]));
}

}  // namespace

// Adds a candidate's term of one parameter and returns what is the same for all kernels.
double ParzenEstimator::add_term(const Kernels& kernels, double value) {
  const ParzenData::Column& column = data_.column(kernels.parameter);
  Term term{&kernels, Term::Kind::normal, 0, value, 0, 0.0, 0.0, 0.0, 0.0};
  if (column.kind == ParzenData::Kind::fixed) return 0.0;
  if (column.kind == ParzenData::Kind::categorical) {
    const auto choices = static_cast<double>(column.cardinality);
    const double log_sum = std::log(1.0 + choices * kernels.smoothing);
    term.kind = Term::Kind::choice;
    term.code = static_cast<std::uint32_t>(value);
    term.hit = std::log(1.0 + kernels.smoothing) - log_sum;
    term.miss = std::log(kernels.smoothing) - log_sum;
    term.unknown = -std::log(choices);
    terms_.push_back(term);
    return 0.0;
  }
  const Domain& domain = data_.space()[kernels.parameter].domain;
  double log_width = 0.0;
  if (column.kind == ParzenData::Kind::cells) {
    const Cell cell = cell_of(domain, column.cardinality, value);
    if (cell.high - cell.low > kWideCell) {
      add_cell(kernels, value, cell.low, cell.high);
      return 0.0;
    }
    log_width = std::log(cell.high - cell.low);
  }
  term.position = to_unit(domain, value);
  terms_.push_back(term);
  return log_width;
}

// The exact mass of each level in the cell, in units of the kernel's height unless that is to be added.
// Candidates with the same value share a table.
void ParzenEstimator::add_cell(const Kernels& kernels, double value, double low, double high) {
  for (const Term& earlier : terms_) {
    if (earlier.kernels != &kernels || earlier.kind != Term::Kind::cell || earlier.position != value)
      continue;
    terms_.push_back(Term(earlier));
    return;
  }
  const double unit_height = std::exp(kLogSqrtTwoPi);
  terms_.push_back({&kernels, Term::Kind::cell, 0, value, tables_.size(), 0.0, 0.0, 0.0, 0.0});
  for (const Level& level : kernels.levels) {
    const double mass = normal_mass((low - level.mu) / level.sigma, (high - level.mu) / level.sigma);
    tables_.push_back(std::log(mass * level.sigma * unit_height) +
                      (kernels.conditional ? level.log_height : 0.0));
  }
}

// Puts the scores of a block of kernels into `result`, unless none of them can reach `least`: whether one can
// is looked at on the way. The sums stand in a local array, which nothing else can point to: so compilers
// make vector instructions of the loops.
bool ParzenEstimator::add_terms(std::size_t candidate, std::size_t start, double least, Block& result) const {
  Block sums;
  const double* base = &base_[start];
  for (std::size_t k = 0; k < sums.size(); ++k) sums[k] = base[k];
  const std::size_t first = first_term_[candidate];
  const std::size_t end = first_term_[candidate + 1];
  for (std::size_t t = first; t < end; ++t) {
    const Term& term = terms_[t];
    const Kernels& kernels = *term.kernels;
    switch (term.kind) {
      case Term::Kind::normal:
        add_normal(sums, &kernels.mu[start], &kernels.half_precision[start], term.position);
        if (kernels.conditional) add_heights(sums, &kernels.log_height[start]);
        break;
      case Term::Kind::cell:
        add_levels(sums, &kernels.level[start], &tables_[term.table]);
        break;
      case Term::Kind::choice:
        add_choice(sums, &kernels.code[start], term.code, {term.hit, term.miss, term.unknown});
        break;
    }
    const bool looks = (t - first) % kLook == kLook - 1 && t + 1 < end;
    if (looks && greatest_of(sums) + term.later < least) return false;
  }
  result = sums;
  return true;
}

// The prior's score bounds the greatest from below.
double ParzenEstimator::score_of_prior(std::size_t candidate) const {
  const std::size_t prior = kernels_ - 1;
  const std::size_t start = prior / Block{}.size() * Block{}.size();
  Block block;
  add_terms(candidate, start, kNoDensity, block);
  return block[prior - start];
}

// log(sum(weight exp(score)) / sum(weight)) in lanes whose order is fixed. The prior keeps the greatest term
// finite.
double ParzenEstimator::log_sum(std::size_t candidate) const {
  const std::size_t blocks = padded_ / Block{}.size();
  const double greatest = greatest_[candidate];
  Block lanes;
  lanes.fill(0.0);
  for (std::size_t b = 0; b < blocks; ++b) {
    if (block_greatest_[candidate * blocks + b] < greatest - kNothing) continue;
    const double* scores = &scores_[candidate * padded_ + b * lanes.size()];
    const double* weights = &weights_[b * lanes.size()];
    for (std::size_t k = 0; k < lanes.size(); ++k)
      lanes[k] += weights[k] * exp_of_negative(scores[k] - greatest);
  }
  return greatest + std::log(std::accumulate(lanes.begin(), lanes.end(), 0.0)) - log_total_;
}

void ParzenEstimator::log_density(std::span<const Configuration> candidates, std::span<double> result) {
  assert(kernels_ > 0 && candidates.size() == result.size());
  terms_.clear();
  tables_.clear();
  first_term_.assign(1, 0);
  greatest_.assign(candidates.size(), 0.0);
  for (std::size_t c = 0; c < candidates.size(); ++c) {
    result[c] = 0.0;
    for (const Kernels& kernels : columns_)
      if (candidates[c].is_active(kernels.parameter))
        result[c] += add_term(kernels, candidates[c][kernels.parameter]);
    double later = 0.0;
    for (std::size_t t = terms_.size(); t-- > first_term_.back();) {
      terms_[t].later = later;
      if (terms_[t].kernels->conditional) later += std::max(0.0, terms_[t].kernels->greatest_height);
    }
    first_term_.push_back(terms_.size());
    greatest_[c] = score_of_prior(c);
  }

  Block block;
  const std::size_t blocks = padded_ / block.size();
  scores_.resize(candidates.size() * padded_);
  block_greatest_.resize(candidates.size() * blocks);
  for (std::size_t b = 0; b < blocks; ++b) {
    for (std::size_t c = 0; c < candidates.size(); ++c) {
      const std::size_t start = b * block.size();
      double& greatest = block_greatest_[c * blocks + b];
      greatest = kNoDensity;
      if (!add_terms(c, start, greatest_[c] - kNothing, block)) continue;
      greatest = greatest_of(block);
      greatest_[c] = std::max(greatest_[c], greatest);
      std::ranges::copy(block, &scores_[c * padded_ + start]);
    }
  }
  for (std::size_t c = 0; c < candidates.size(); ++c) result[c] += log_sum(c);

  const auto kernels = static_cast<double>(kernels_);
  const auto points = static_cast<double>(candidates.size());
  operations_ += kernels * points * (4.0 * static_cast<double>(columns_.size()) + 20.0);
}

}  // namespace tonne
