#include "experiments/results/word_planes.h"

#include <zstd.h>

#include <algorithm>
#include <new>
#include <utility>

namespace tonne {
namespace {

constexpr int kZstdLevel = 1;
// Shorter planes are kept as they are: a frame of zstd has a dozen bytes of its own.
constexpr std::size_t kLeastPacked = 32;

}  // namespace

PlaneWriter::PlaneWriter() : zstd_(ZSTD_createCCtx()) {
  if (zstd_ == nullptr) throw std::bad_alloc();
  ZSTD_CCtx_setParameter(zstd_, ZSTD_c_compressionLevel, kZstdLevel);
  ZSTD_CCtx_setParameter(zstd_, ZSTD_c_contentSizeFlag, 0);
}
PlaneWriter::~PlaneWriter() { ZSTD_freeCCtx(zstd_); }

std::string PlaneWriter::take() { return std::exchange(out_, {}); }

void PlaneWriter::put_number(std::uint64_t number) {
  for (; number >= 0x80; number >>= 7U) out_.push_back(static_cast<char>(number | 0x80U));
  out_.push_back(static_cast<char>(number));
}

void PlaneWriter::put_word(std::uint64_t word) {
  for (unsigned shift = 0; shift < 64; shift += 8) out_.push_back(static_cast<char>(word >> shift));
}

void PlaneWriter::put_text(std::string_view text) {
  put_number(text.size());
  out_ += text;
}

void PlaneWriter::put_words(std::span<const std::uint64_t> words) {
  const std::uint64_t first = words.front();
  std::uint64_t varying = 0;
  for (const std::uint64_t word : words) varying |= word ^ first;
  put_number(first);
  unsigned planes = 0;
  for (unsigned p = 0; p < 8; ++p)
    if (((varying >> (8 * p)) & 0xffU) != 0) planes |= 1U << p;
  put_number(planes);
  for (unsigned p = 0; p < 8; ++p)
    if ((planes >> p & 1U) != 0) put_plane(words, 8 * p);
}

void PlaneWriter::put_plane(std::span<const std::uint64_t> words, unsigned shift) {
  plane_.resize(words.size());
  for (std::size_t i = 0; i < words.size(); ++i) plane_[i] = static_cast<std::uint8_t>(words[i] >> shift);
  const char* const raw = reinterpret_cast<const char*>(plane_.data());
  if (plane_.size() >= kLeastPacked) {
    packed_.resize(ZSTD_compressBound(plane_.size()));
    const std::size_t size = ZSTD_compress2(zstd_, packed_.data(), packed_.size(), plane_.data(), plane_.size());
    if (ZSTD_isError(size) == 0 && size < plane_.size())
      return put_text({reinterpret_cast<const char*>(packed_.data()), size});
  }
  put_text({raw, plane_.size()});
}

PlaneReader::PlaneReader() : zstd_(ZSTD_createDCtx()) {
  if (zstd_ == nullptr) throw std::bad_alloc();
}
PlaneReader::~PlaneReader() { ZSTD_freeDCtx(zstd_); }

std::string_view PlaneReader::take(std::size_t bytes) {
  if (bytes > text_.size()) throw DamagedBytes{};
  const std::string_view taken = text_.substr(0, bytes);
  text_.remove_prefix(bytes);
  return taken;
}

std::uint64_t PlaneReader::number() {
  std::uint64_t number = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const auto next = static_cast<std::uint8_t>(take(1).front());
    number |= static_cast<std::uint64_t>(next & 0x7fU) << shift;
    if (next < 0x80) return number;
  }
  throw DamagedBytes{};
}

std::uint64_t PlaneReader::word() {
  const std::string_view bytes = take(8);
  std::uint64_t word = 0;
  for (unsigned i = 0; i < 8; ++i) word |= static_cast<std::uint64_t>(static_cast<std::uint8_t>(bytes[i])) << (8 * i);
  return word;
}

std::string_view PlaneReader::text() { return take(number()); }

void PlaneReader::words(std::span<std::uint64_t> out) {
  const std::uint64_t first = number();
  const std::uint64_t planes = number();
  std::uint64_t kept = ~std::uint64_t{0};
  for (unsigned p = 0; p < 8; ++p)
    if ((planes >> p & 1U) != 0) kept &= ~(std::uint64_t{0xff} << (8 * p));
  std::ranges::fill(out, first & kept);
  for (unsigned p = 0; p < 8; ++p)
    if ((planes >> p & 1U) != 0) add_plane(out, 8 * p);
}

void PlaneReader::add_plane(std::span<std::uint64_t> out, unsigned shift) {
  const std::string_view packed = text();
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(packed.data());
  if (packed.size() != out.size()) {
    plane_.resize(out.size());
    const std::size_t size = ZSTD_decompressDCtx(zstd_, plane_.data(), plane_.size(), packed.data(), packed.size());
    if (ZSTD_isError(size) != 0 || size != out.size()) throw DamagedBytes{};
    bytes = plane_.data();
  }
  for (std::size_t i = 0; i < out.size(); ++i) out[i] |= static_cast<std::uint64_t>(bytes[i]) << shift;
}

}  // namespace tonne
