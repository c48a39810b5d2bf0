#include "experiments/results/page_hash.h"

#include <array>
#include <bit>
#include <cstring>

namespace tonne {
namespace {

constexpr std::uint64_t kPrime1 = 0x9E3779B185EBCA87U, kPrime2 = 0xC2B2AE3D27D4EB4FU,
                        kPrime3 = 0x165667B19E3779F9U, kPrime4 = 0x85EBCA77C2B2AE63U,
                        kPrime5 = 0x27D4EB2F165667C5U;
static_assert(std::endian::native == std::endian::little, "hashes are of words as they lie in memory");

template <class Word>
Word word_at(const std::byte* at) {
  Word word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

std::uint64_t absorbed(std::uint64_t lane, std::uint64_t word) {
  return std::rotl(lane + word * kPrime2, 31) * kPrime1;
}

// Whole stripes of four words: four lanes that do not wait for one another.
std::uint64_t hash_of_stripes(const std::byte*& at, const std::byte* end, std::uint64_t key) {
  std::array<std::uint64_t, 4> lanes = {key + kPrime1 + kPrime2, key + kPrime2, key, key - kPrime1};
  for (; end - at >= 32; at += 32)
    for (std::size_t i = 0; i < 4; ++i) lanes[i] = absorbed(lanes[i], word_at<std::uint64_t>(at + 8 * i));
  std::uint64_t hash =
      std::rotl(lanes[0], 1) + std::rotl(lanes[1], 7) + std::rotl(lanes[2], 12) + std::rotl(lanes[3], 18);
  for (const std::uint64_t lane : lanes) hash = (hash ^ absorbed(0, lane)) * kPrime1 + kPrime4;
  return hash;
}

}  // namespace

std::uint64_t page_hash(std::span<const std::byte> bytes, std::uint64_t key) {
  const std::byte* at = bytes.data();
  const std::byte* const end = at + bytes.size();
  std::uint64_t hash = bytes.size() >= 32 ? hash_of_stripes(at, end, key) : key + kPrime5;
  hash += bytes.size();
  for (; end - at >= 8; at += 8)
    hash = std::rotl(hash ^ absorbed(0, word_at<std::uint64_t>(at)), 27) * kPrime1 + kPrime4;
  for (; end - at >= 4; at += 4)
    hash = std::rotl(hash ^ (word_at<std::uint32_t>(at) * kPrime1), 23) * kPrime2 + kPrime3;
  for (; at != end; ++at)
    hash = std::rotl(hash ^ (std::to_integer<std::uint64_t>(*at) * kPrime5), 11) * kPrime1;
  hash = (hash ^ (hash >> 33)) * kPrime2;
  hash = (hash ^ (hash >> 29)) * kPrime3;
  return hash ^ (hash >> 32);
}

}  // namespace tonne
