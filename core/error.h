#pragma once
// The one exception for bad input.

#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace tonne {

/// Where something stands in the user's input; empty file: unknown, line and column count from 1, 0: unknown. A line below 0 is
/// that of an option of the command line (experiments/plan/setting_changes.h).
struct Location {
  std::string file;
  int line = 0;
  int column = 0;
};

/// Bad input, told in one sentence: "file:line:column: key.path: what was found, what is allowed". The program
/// prints what() and exits with 2. For programmer errors there is assert.
class InputError : public std::runtime_error {
 public:
  explicit InputError(const std::string& message) : InputError({}, "", message) {}
  InputError(const Location& where, std::string_view path, std::string_view message);
  /// With lines of the user's text that what() shows below the sentence.
  InputError(const Location& where, std::string_view path, std::string_view message, std::string_view excerpt);

  /// The sentence without the place.
  [[nodiscard]] const std::string& message() const { return message_; }
  /// The key's path; empty where the thrower did not know it.
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] bool has_location() const { return has_location_; }
  /// Location::line.
  [[nodiscard]] int line() const { return line_; }

 private:
  std::string message_;
  std::string path_;
  bool has_location_ = false;
  int line_ = 0;
};

/// The text with '?' for whatever could steer a terminal or reorder what stands around it: control characters (C0, DEL,
/// C1), separators of lines and paragraphs, bidirectional controls. User's names, labels and paths pass through it on their way to people. `lines` keeps
/// line feeds.
[[nodiscard]] std::string printable(std::string_view text, bool lines = false);

/// "Did you mean X?" with the name that was mistyped, those that go on where it ends ("A100-40GB or A100-80GB"), what others
/// call so, or the nearest by edit distance; an empty string when there is none.
[[nodiscard]] std::string did_you_mean(std::string_view found, std::span<const std::string> known);
/// "a, b, c", cut after `most` with "... (N in all)".
[[nodiscard]] std::string join_names(std::span<const std::string> names, std::size_t most = 40);

}  // namespace tonne
