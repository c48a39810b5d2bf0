// Optuna's storages, told apart by how they begin.

#include <fstream>
#include <string>

#include "core/csv.h"
#include "core/error.h"
#include "experiments/histories/optuna_study.h"
#include "experiments/histories/readers.h"

namespace tonne::histories {
namespace {

constexpr std::size_t kLargestFile = std::size_t{1} << 30U;

std::string beginning_of(const std::filesystem::path& file) {
  std::string text(16, '\0');
  std::ifstream stream(file, std::ios::binary);
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  return text;
}

}  // namespace

std::vector<History> read_optuna(const std::filesystem::path& file, const ReadOptions& options) {
  std::error_code error;
  const Location where{file.string(), 0, 0};
  if (!std::filesystem::is_regular_file(file, error))
    throw InputError(where, "", "no such file, or not a regular file");
  if (is_sqlite(beginning_of(file))) {
    if (std::filesystem::file_size(file) > kLargestFile) throw InputError(where, "", "is larger than 1 GiB");
    return read_optuna_sqlite(file, options);
  }
  const std::string text = read_text_file(file, kLargestFile);
  if (!is_journal_line(std::string_view(text).substr(0, text.find('\n'))))
    throw InputError(
        {file.string(), 1, 0}, "",
        "is no storage of Optuna: neither SQLite nor a journal, whose lines are JSON with an \"op_code\"");
  return read_optuna_journal(text, file.string(), options);
}

}  // namespace tonne::histories
