#pragma once
// What tells that a block of bytes is what was written.

#include <cstddef>
#include <cstdint>
#include <span>

namespace tonne {

/// 64 bits of `bytes` under `key`, the same on all machines; about as fast as memory. Any change within one
/// aligned word of 8 bytes changes it with certainty, any other one but for a chance of 2^-64. Not against an
/// attacker. After XXH64 (github.com/Cyan4973/xxHash, its specification), with `key` as the seed.
[[nodiscard]] std::uint64_t page_hash(std::span<const std::byte> bytes, std::uint64_t key);

}  // namespace tonne
