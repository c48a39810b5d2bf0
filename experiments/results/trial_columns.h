#pragma once
// Trials of one cell as columns of 64-bit words: what the store keeps of them, and what is fast to go through.

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "experiments/results/content_sum.h"
#include "experiments/results/records.h"

namespace tonne {


/// Columns that trials of every problem have; of a TrialRow's members of these names. Whole numbers, then real ones as their bits.
/// A column for each further objective and constraint follows the first, up to kMaxObjectives.
enum class TrialColumn : std::size_t {
  trial, worker, repeat,
  resumes,  ///< plus one; 0: nothing
  status, site, preemptions,
  objectives, constraints,  ///< how many
  fidelity, trained_from, start_s, end_s, charged_s,
  device_dynamic_j, device_idle_j, host_j, facility_j, transfer_j,
  operational_kg, embodied_kg, usd, lost_s, lost_j, lost_kg, lost_usd,
  objective,
  constraint = objective + kMaxObjectives,
  end = constraint + kMaxObjectives
};
inline constexpr std::size_t kTrialColumns = static_cast<std::size_t>(TrialColumn::end);

/// Trials in one block of a store, at most: kMostBlockTrials, and fewer where configurations are long, so that a block takes no more
/// than about 16 MB of memory.
inline constexpr std::size_t kMostBlockTrials = 4096;
[[nodiscard]] constexpr std::size_t block_trials(std::size_t parameters) {
  constexpr std::size_t kWords = 1U << 21U, kLeast = 16;
  return std::clamp(std::bit_floor(kWords / (kTrialColumns + parameters)), kLeast, kMostBlockTrials);
}

/// At most block_trials() trials whose configurations have one size.
class TrialColumns {
 public:
  /// Precondition: rows <= kMostBlockTrials. Their words are yet to be set.
  void reset(std::size_t parameters, std::size_t rows);
  /// Sets the row at a place, which may lie beyond the last one. Precondition: place < kMostBlockTrials; as many parameters as all
  /// others. `row.cell` is not kept.
  void put(std::size_t place, const TrialRow& row);
  /// Moves these rows to the front and forgets the others. Precondition: places ascend.
  void keep(const std::vector<std::size_t>& places);
  void clear() { rows_ = 0, sites_.clear(); }

  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] std::size_t parameters() const { return parameters_; }
  /// Fixed columns, then which parameters are active (a bit each), then the parameters' values.
  [[nodiscard]] std::size_t columns() const { return kTrialColumns + mask_columns() + parameters_; }
  [[nodiscard]] std::size_t mask_columns() const { return (parameters_ + 63) / 64; }

  [[nodiscard]] std::uint64_t* words(std::size_t column) { return words_.get() + column * stride_; }
  [[nodiscard]] const std::uint64_t* words(std::size_t column) const { return words_.get() + column * stride_; }
  [[nodiscard]] std::uint64_t* words(TrialColumn column) { return words(static_cast<std::size_t>(column)); }
  [[nodiscard]] const std::uint64_t* words(TrialColumn column) const { return words(static_cast<std::size_t>(column)); }
  [[nodiscard]] std::uint64_t word(TrialColumn column, std::size_t row) const { return words(column)[row]; }
  [[nodiscard]] double number(TrialColumn column, std::size_t row) const {
    return std::bit_cast<double>(words(column)[row]);
  }
  [[nodiscard]] TrialStatus status(std::size_t row) const {
    return static_cast<TrialStatus>(word(TrialColumn::status, row));
  }
  [[nodiscard]] bool is_active(std::size_t parameter, std::size_t row) const {
    return ((words(kTrialColumns + parameter / 64)[row] >> (parameter % 64)) & 1U) != 0;
  }
  /// 0 where inactive.
  [[nodiscard]] double value(std::size_t parameter, std::size_t row) const {
    return std::bit_cast<double>(words(kTrialColumns + mask_columns() + parameter)[row]);
  }
  /// Names of the sites, by TrialColumn::site less one; 0 is home.
  [[nodiscard]] const std::vector<std::string>& sites() const { return sites_; }
  void set_sites(std::vector<std::string> sites) { sites_ = std::move(sites); }

  /// All members but `cell`.
  void get(std::size_t row, TrialRow& out) const;
  void get_configuration(std::size_t row, Configuration& out) const;

 private:
  void make_room(std::size_t rows);
  [[nodiscard]] std::uint64_t number_of_site(const std::string& name);

  std::unique_ptr<std::uint64_t[]> words_;
  std::size_t capacity_ = 0, stride_ = 0, allocated_ = 0;
  std::size_t parameters_ = 0, rows_ = 0;
  std::vector<std::string> sites_;
};

/// Adds up a block's rows, column by column.
class ColumnSums {
 public:
  explicit ColumnSums(std::size_t rows) : a_(rows, 0), b_(rows, 0) {}

  /// Of a column that holds one word in every row.
  void add_same(std::size_t column, std::uint64_t word) { ColumnTerm(column).add(word, same_a_, same_b_); }
  void add(std::size_t column, const std::uint64_t* words);
  /// What has been added of a row so far; equal where all columns so far are.
  [[nodiscard]] std::uint64_t so_far(std::size_t row) const { return a_[row]; }
  [[nodiscard]] ContentSum sum() const;

 private:
  std::uint64_t same_a_ = 0, same_b_ = 0;
  std::vector<std::uint64_t> a_, b_;
};

}  // namespace tonne
