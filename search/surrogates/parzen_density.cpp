// The density of a Parzen estimator at candidates.

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>

#include "search/surrogates/lanes.h"
#include "search/surrogates/parzen.h"
#include "search/surrogates/parzen_cells.h"

namespace tonne {
namespace {

constexpr double kNoDensity = -std::numeric_limits<double>::infinity();  // of a logarithm

// What is e^-60 of the greatest term or less adds nothing that a double holds, even where the greatest has
// the weight 1 / n.
constexpr double kNothing = 60.0;

// A table of more levels than this is filled as kernels need it: most are too far off in other parameters.
constexpr std::size_t kFewLevels = 12;

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

// The scores of a block of kernels, in registers.
struct Scores {
  Lanes a, b, c, d, e, f, g, h;
};
constexpr std::size_t kKernelsAtOnce = sizeof(Scores) / sizeof(double);

// Changes each four by change(scores, index of the first).
template <class Change>
[[gnu::always_inline]] inline void each(Scores& scores, const Change& change) {
  scores.a = change(scores.a, std::size_t{0});
  scores.b = change(scores.b, kLaneCount);
  scores.c = change(scores.c, 2 * kLaneCount);
  scores.d = change(scores.d, 3 * kLaneCount);
  scores.e = change(scores.e, 4 * kLaneCount);
  scores.f = change(scores.f, 5 * kLaneCount);
  scores.g = change(scores.g, 6 * kLaneCount);
  scores.h = change(scores.h, 7 * kLaneCount);
}

[[gnu::always_inline]] inline void add_normal(Scores& scores, const double* mu, const double* half_precision,
                                              double x) {
  each(scores, [=](Lanes sum, std::size_t k) {
    const Lanes distance = x - lanes_at(mu + k);
    return sum - distance * distance * lanes_at(half_precision + k);
  });
}
[[gnu::always_inline]] inline void add(Scores& scores, const double* terms) {
  each(scores, [=](Lanes sum, std::size_t k) { return sum + lanes_at(terms + k); });
}
[[gnu::always_inline]] inline void add_levels(Scores& scores, const std::uint32_t* level,
                                              const double* table) {
  each(scores, [=](Lanes sum, std::size_t k) {
    return sum + Lanes{table[level[k]], table[level[k + 1]], table[level[k + 2]], table[level[k + 3]]};
  });
}
[[gnu::always_inline]] inline void add_choice(Scores& scores, const double* choice, double own,
                                              double of_same, double of_other) {
  const Lanes hit = of_same + Lanes{};
  const Lanes miss = of_other + Lanes{};
  each(scores, [=](Lanes sum, std::size_t k) { return sum + (lanes_at(choice + k) == own ? hit : miss); });
}
[[gnu::always_inline]] inline void add_choice_or_none(Scores& scores, const double* choice, double own,
                                                      double of_same, double of_other, double of_none) {
  const Lanes hit = of_same + Lanes{};
  const Lanes miss = of_other + Lanes{};
  const Lanes unknown = of_none + Lanes{};
  each(scores, [=](Lanes sum, std::size_t k) {
    const Lanes choices = lanes_at(choice + k);
    const Lanes other = choices < 0.0 ? unknown : miss;
    return sum + (choices == own ? hit : other);
  });
}

Lanes greater(Lanes a, Lanes b) {
  return a > b ? a : b;
}
[[gnu::always_inline]] inline double greatest_of(const Scores& s) {
  const Lanes m =
      greater(greater(greater(s.a, s.b), greater(s.c, s.d)), greater(greater(s.e, s.f), greater(s.g, s.h)));
  return std::max(std::max(m[0], m[1]), std::max(m[2], m[3]));
}

}  // namespace

// Adds a candidate's term of one parameter and returns what is the same for all kernels.
double ParzenEstimator::add_term(const Kernels& kernels, double value) {
  const ParzenData::Column& column = data_.column(kernels.parameter);
  Term term{&kernels, Term::Kind::normal, value, 0, 0.0};
  if (column.kind == ParzenData::Kind::fixed) return 0.0;
  if (column.kind == ParzenData::Kind::categorical) {
    term.kind = Term::Kind::choice;
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

// Candidates with the same value share a table.
void ParzenEstimator::add_cell(const Kernels& kernels, double value, double low, double high) {
  std::size_t number = 0;
  while (number < tables_.size() && (tables_[number].kernels != &kernels || tables_[number].value != value))
    ++number;
  terms_.push_back({&kernels, Term::Kind::cell, value, number, 0.0});
  if (number < tables_.size()) return;
  const std::size_t levels = kernels.levels.size();
  tables_.push_back({&kernels, value, low, high, masses_.size(), levels});
  masses_.resize(masses_.size() + levels, std::numeric_limits<double>::quiet_NaN());
  if (levels > kFewLevels) return;
  for (std::size_t level = 0; level < levels; ++level) fill(tables_.back(), level);
}

// What a block of kernels needs of a table.
void ParzenEstimator::fill(Table& table, const std::uint32_t* levels) {
  for (std::size_t k = 0; k < kKernelsAtOnce; ++k)
    if (std::isnan(masses_[table.begin + levels[k]])) fill(table, std::size_t{levels[k]});
}

// The exact mass of a level in the cell, in units of the kernel's height unless that is to be added.
void ParzenEstimator::fill(Table& table, std::size_t level) {
  const Level& of = table.kernels->levels[level];
  const double mass = normal_mass((table.low - of.mu) / of.sigma, (table.high - of.mu) / of.sigma);
  masses_[table.begin + level] =
      std::log(mass * of.sigma * unit_height_) + (table.kernels->conditional ? of.log_height : 0.0);
  --table.missing;
}

// Puts the scores of a block of kernels into `result` and returns the greatest, or minus infinity where none
// of them can reach `least`: whether one can is looked at on the way.
double ParzenEstimator::add_terms(std::size_t candidate, std::size_t start, double least, double* result) {
  static_assert(kKernelsAtOnce == Block{}.size());
  Scores scores;
  const double* const base = &base_[start];
  each(scores, [=](Lanes, std::size_t k) { return lanes_at(base + k); });
  const bool holds_prior = start + kKernelsAtOnce >= kernels_;
  const std::size_t first = first_term_[candidate];
  const std::size_t end = first_term_[candidate + 1];
  for (std::size_t t = first; t < end; ++t) {
    const Term& term = terms_[t];
    const Kernels& kernels = *term.kernels;
    switch (term.kind) {
      case Term::Kind::normal:
        add_normal(scores, &kernels.mu[start], &kernels.half_precision[start], term.position);
        if (kernels.conditional) add(scores, &kernels.log_height[start]);
        break;
      case Term::Kind::cell: {
        Table& table = tables_[term.table];
        if (table.missing > 0) fill(table, &kernels.level[start]);
        add_levels(scores, &kernels.level[start], &masses_[table.begin]);
        break;
      }
      case Term::Kind::choice: {
        const double* const choice = &kernels.choice[start];
        const bool may_lack = kernels.conditional || holds_prior;
        if (may_lack)
          add_choice_or_none(scores, choice, term.position, kernels.hit, kernels.miss, kernels.unknown);
        if (!may_lack) add_choice(scores, choice, term.position, kernels.hit, kernels.miss);
        break;
      }
    }
    const bool looks = (t - first) % kLook == kLook - 1 && t + 1 < end;
    if (looks && greatest_of(scores) + term.later < least) return kNoDensity;
  }
  each(scores, [=](Lanes sum, std::size_t k) {
    put_lanes(result + k, sum);
    return sum;
  });
  return greatest_of(scores);
}

// The prior's score bounds the greatest from below.
double ParzenEstimator::score_of_prior(std::size_t candidate) {
  const std::size_t prior = kernels_ - 1;
  const std::size_t start = prior / kKernelsAtOnce * kKernelsAtOnce;
  Block block;
  add_terms(candidate, start, kNoDensity, block.data());
  return block[prior - start];
}

// log(sum(weight exp(score)) / sum(weight)) in lanes whose order is fixed. The prior keeps the greatest term
// finite.
double ParzenEstimator::log_sum(std::size_t candidate) const {
  const std::size_t blocks = padded_ / kKernelsAtOnce;
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
  masses_.clear();
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

  const std::size_t blocks = padded_ / kKernelsAtOnce;
  scores_.resize(candidates.size() * padded_);
  block_greatest_.resize(candidates.size() * blocks);
  for (std::size_t b = 0; b < blocks; ++b) {
    for (std::size_t c = 0; c < candidates.size(); ++c) {
      const double greatest = add_terms(c, b * kKernelsAtOnce, greatest_[c] - kNothing,
                                        &scores_[c * padded_ + b * kKernelsAtOnce]);
      block_greatest_[c * blocks + b] = greatest;
      greatest_[c] = std::max(greatest_[c], greatest);
    }
  }
  for (std::size_t c = 0; c < candidates.size(); ++c) result[c] += log_sum(c);

  const auto kernels = static_cast<double>(kernels_);
  const auto points = static_cast<double>(candidates.size());
  operations_ += kernels * points * (4.0 * static_cast<double>(columns_.size()) + 20.0);
}

}  // namespace tonne
