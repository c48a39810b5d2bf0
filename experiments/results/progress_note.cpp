#include "experiments/results/progress_note.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <string>
#include <string_view>
#include <system_error>

namespace tonne {
namespace {

namespace fs = std::filesystem;

fs::path note_in(const fs::path& folder) {
  return folder / ".progress";
}

// Takes a number and what stands before it off the front.
bool take_number(std::string_view& text, std::string_view before, std::size_t& value) {
  if (!text.starts_with(before)) return false;
  text.remove_prefix(before.size());
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
  return error == std::errc{};
}

}  // namespace

void write_progress_note(const fs::path& folder, const ProgressNote& note) {
  const int file = ::open(note_in(folder).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666);
  if (file < 0) return;  // so too where it is a pipe that nobody reads, which must not hold up the run
  // Of one length, in one go, so that a reader finds the old or the new one.
  const std::string text =
      fmt::format("{{\"shard\":{:8},\"of\":{:8},\"cells_done\":{:8},\"cells\":{:8},\"planned\":{:8}}}\n",
                  note.shard.number, note.shard.of, note.done, note.cells, note.planned);
  [[maybe_unused]] const auto written = ::pwrite(file, text.data(), text.size(), 0);
  ::close(file);
}

std::optional<ProgressNote> read_progress_note(const fs::path& folder) {
  const int file = ::open(note_in(folder).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (file < 0) return std::nullopt;
  std::array<char, 256> buffer{};
  const auto size = ::read(file, buffer.data(), buffer.size());
  ::close(file);
  std::string_view text(buffer.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  ProgressNote note;
  const bool read =
      take_number(text, "{\"shard\":", note.shard.number) && take_number(text, ",\"of\":", note.shard.of) &&
      take_number(text, ",\"cells_done\":", note.done) && take_number(text, ",\"cells\":", note.cells) &&
      take_number(text, ",\"planned\":", note.planned) && text == "}\n";
  const bool sound = note.shard.number >= 1 && note.shard.number <= note.shard.of &&
                     note.shard.of <= kMostShards && note.done <= note.cells && note.cells <= note.planned;
  if (!read || !sound) return std::nullopt;
  return note;
}

std::optional<double> age_of_progress_note(const fs::path& folder) {
  std::error_code error;
  const auto written = fs::last_write_time(note_in(folder), error);
  if (error) return std::nullopt;
  return std::max(0.0, std::chrono::duration<double>(fs::file_time_type::clock::now() - written).count());
}

void remove_progress_note(const fs::path& folder) {
  ::unlink(note_in(folder).c_str());
}

}  // namespace tonne
