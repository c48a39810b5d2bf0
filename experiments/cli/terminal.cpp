#include "experiments/cli/terminal.h"

#include <fmt/format.h>
#include <unistd.h>

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

void print(const std::string& text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if (!written || std::fflush(stdout) != 0)
    throw StoreError("standard output cannot be written: " + std::error_code(errno, std::generic_category()).message());
}

}  // namespace tonne::cli
