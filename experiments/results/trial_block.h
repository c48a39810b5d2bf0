#pragma once
// A block of trials as the store keeps it: columns, predicted from one another, compressed, with hashes of both.
//
// A byte for the version of this form, a 64-bit hash of all bytes that follow, the sum of the rows' content (ContentSum), and the
// columns. Most are known from others: a trial starts when its worker's last one ended, ends after the time that it is charged,
// and what it used was the same when that time was the same, or in proportion to it. What differs from the prediction is kept,
// so that nothing is lost: rows come back to the bit.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "experiments/results/content_sum.h"
#include "experiments/results/trial_columns.h"
#include "experiments/results/word_planes.h"

namespace tonne {

/// As it stands in a row of `trial_blocks`.
struct TrialBlock {
  std::uint64_t first_trial = 0;  ///< the smallest id
  std::size_t trials = 0;
  std::string data;
  ContentSum content;
};

/// What is allocated once for many blocks; not for several threads at once.
struct BlockScratch {
  PlaneWriter writer;
  PlaneReader reader;
  std::vector<std::uint64_t> residuals, more_residuals;
  std::vector<std::int32_t> earlier, table;
  std::vector<double> worker_ends, energies;
};

/// Precondition: it has rows.
[[nodiscard]] TrialBlock encode_block(TrialColumns& columns, BlockScratch& scratch);
/// With its hash computed anew, as somebody would who changed the data on purpose. Precondition: as long as an empty block.
[[nodiscard]] std::string resealed_block(std::string data);
/// The content of the rows that it read. Throws DamagedBytes where the data are not as encode_block() made them.
ContentSum decode_block(std::string_view data, TrialColumns& columns, BlockScratch& scratch);

}  // namespace tonne
