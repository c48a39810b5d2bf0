#pragma once
// Columns of 64-bit words as compressed bytes: split into planes, one for each byte of a word, and each plane by zstd.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

namespace tonne {

/// Appends to a text of bytes: whole numbers take a byte for each seven bits that they need.
class PlaneWriter {
 public:
  PlaneWriter();
  PlaneWriter(const PlaneWriter&) = delete;
  PlaneWriter& operator=(const PlaneWriter&) = delete;
  ~PlaneWriter();

  /// What has been written since the last call.
  [[nodiscard]] std::string take();
  void put_number(std::uint64_t number);
  /// Eight bytes, the lowest first.
  void put_word(std::uint64_t word);
  void put_text(std::string_view text);
  /// Planes that are the same in all words take no bytes; the others as few as zstd makes of them. Precondition: not empty.
  void put_words(std::span<const std::uint64_t> words);

 private:
  void put_plane(std::span<const std::uint64_t> words, unsigned shift);

  ZSTD_CCtx_s* zstd_;
  std::string out_;
  std::vector<std::uint8_t> plane_, packed_;
};

/// Reads back what PlaneWriter wrote. Throws DamagedBytes, and reads nothing beyond its text, whatever that holds.
class PlaneReader {
 public:
  PlaneReader();
  PlaneReader(const PlaneReader&) = delete;
  PlaneReader& operator=(const PlaneReader&) = delete;
  ~PlaneReader();

  /// From here on; the text must outlive what follows.
  void open(std::string_view text) { text_ = text; }
  [[nodiscard]] std::uint64_t number();
  [[nodiscard]] std::uint64_t word();
  [[nodiscard]] std::string_view text();
  void words(std::span<std::uint64_t> out);
  [[nodiscard]] bool at_end() const { return text_.empty(); }

 private:
  [[nodiscard]] std::string_view take(std::size_t bytes);
  void add_plane(std::span<std::uint64_t> out, unsigned shift);

  ZSTD_DCtx_s* zstd_;
  std::string_view text_;
  std::vector<std::uint8_t> plane_;
};

/// The bytes are not what a PlaneWriter wrote.
struct DamagedBytes {};

}  // namespace tonne
