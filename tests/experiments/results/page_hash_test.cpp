#include "experiments/results/page_hash.h"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace tonne {
namespace {

std::uint64_t hash_of_text(std::string_view text) {
  return page_hash(std::as_bytes(std::span(text)), 0);
}

// XXH64 with seed 0, from its reference implementation (xxhsum -H1).
TEST(PageHash, IsTheSameOnAllMachines) {
  EXPECT_EQ(hash_of_text(""), 0xEF46DB3751D8E999U);
  EXPECT_EQ(hash_of_text("abc"), 0x44BC2CF5AD770999U);
}

TEST(PageHash, KnowsEveryByteAndTheKey) {
  std::vector<std::byte> page(4088, std::byte{7});
  const std::uint64_t hash = page_hash(page, 5);
  EXPECT_NE(page_hash(page, 6), hash);
  for (std::byte& byte : page) {
    byte ^= std::byte{16};
    EXPECT_NE(page_hash(page, 5), hash);
    byte ^= std::byte{16};
  }
  EXPECT_EQ(page_hash(page, 5), hash);
}

}  // namespace
}  // namespace tonne
