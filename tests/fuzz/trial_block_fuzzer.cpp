// Whatever bytes stand where a store keeps a block of trials, they are read as rows or refused; rows that were read are written
// and read back the same. Each input is also read with a hash that fits, as somebody would make it who means harm.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "experiments/results/trial_block.h"

namespace {

constexpr std::size_t kEmptyBlock = 25;  // version, hash and content

void check(const std::string& data) {
  static tonne::BlockScratch scratch;
  static tonne::TrialColumns columns, again;
  try {
    (void)tonne::decode_block(data, columns, scratch);
  } catch (const tonne::DamagedBytes&) {
    return;
  }
  if (columns.rows() == 0) return;
  const std::size_t rows = columns.rows();
  const tonne::TrialBlock block = tonne::encode_block(columns, scratch);
  if (block.trials != rows) std::abort();
  (void)tonne::decode_block(block.data, again, scratch);
  if (again.rows() != rows) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  check(text);
  if (size >= kEmptyBlock) check(tonne::resealed_block(text));
  return 0;
}
