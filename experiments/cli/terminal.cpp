#include "experiments/cli/terminal.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <system_error>

#include "experiments/results/records.h"

namespace tonne::cli {

bool is_terminal(int stream) { return ::isatty(stream) == 1; }

bool use_color(int stream) {
  const char* no_color = std::getenv("NO_COLOR");
  if (no_color && *no_color != '\0') return false;
  const char* term = std::getenv("TERM");
  return is_terminal(stream) && term && std::string_view(term) != "dumb";
}

std::size_t terminal_width() {
  constexpr std::size_t kUsual = 80, kLeast = 40;
  if (!is_terminal(1)) return 0;
  winsize size{};
  if (::ioctl(1, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return std::max<std::size_t>(size.ws_col, kLeast);
  const char* columns = std::getenv("COLUMNS");
  const std::size_t told = columns ? std::strtoul(columns, nullptr, 10) : 0;
  return told > 0 ? std::max(told, kLeast) : kUsual;
}

TextStyle text_style() { return {use_color(1), terminal_width()}; }

void print(const std::string& text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if (!written || std::fflush(stdout) != 0)
    throw StoreError("standard output cannot be written: " + std::error_code(errno, std::generic_category()).message());
}

void tell(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

}  // namespace tonne::cli
