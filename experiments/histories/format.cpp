// Formats: names, guesses, and which reader is whose.

#include <algorithm>
#include <array>
#include <fstream>
#include <vector>

#include "core/csv.h"
#include "core/error.h"
#include "experiments/histories/optuna_study.h"
#include "experiments/histories/readers.h"

namespace tonne::histories {
namespace {

struct Kind {
  Format format;
  std::string_view name;
  std::string_view title;
  std::vector<History> (*read)(const std::filesystem::path&, const ReadOptions&);
};

constexpr std::array<Kind, 5> kKinds = {{{Format::optuna, "optuna", "Optuna", &read_optuna},
                                         {Format::syne_tune, "syne-tune", "Syne Tune", &read_syne_tune},
                                         {Format::csv, "csv", "a table of trials", &read_csv},
                                         {Format::wandb, "wandb", "Weights & Biases", &read_wandb},
                                         {Format::mlflow, "mlflow", "MLflow", &read_mlflow}}};

const Kind& kind_of(Format format) {
  return *std::ranges::find(kKinds, format, &Kind::format);
}

// The first line, of at most 1 MiB.
std::string beginning(const std::filesystem::path& file) {
  constexpr std::size_t kMost = std::size_t{1} << 20U;
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error))
    throw InputError({file.string(), 0, 0}, "", "no such file, or not a regular file");
  std::string text(kMost, '\0');
  std::ifstream stream(file, std::ios::binary);
  stream.read(text.data(), static_cast<std::streamsize>(kMost));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  return is_sqlite(text) ? text.substr(0, 16) : text.substr(0, text.find('\n'));
}

bool has(const CsvTable& header, std::initializer_list<std::string_view> columns) {
  return std::ranges::all_of(columns,
                             [&](std::string_view column) { return header.find(column).has_value(); });
}

}  // namespace

std::string_view format_name(Format format) {
  return kind_of(format).name;
}
std::string_view format_title(Format format) {
  return kind_of(format).title;
}

Format format_from_name(std::string_view name) {
  std::vector<std::string> names;
  for (const Kind& kind : kKinds) {
    if (kind.name == name) return kind.format;
    names.emplace_back(kind.name);
  }
  const std::string hint = did_you_mean(name, names);
  throw InputError("'" + std::string(name.substr(0, 40)) + "' is no format of a history. " +
                   (hint.empty() ? "" : hint + " ") + "The formats: " + join_names(names));
}

Format format_of(const std::filesystem::path& file) {
  const std::string text = beginning(file);
  if (is_sqlite(text) || is_journal_line(text)) return Format::optuna;
  CsvForm form;
  form.nameless_first = true;
  const CsvTable header = CsvTable::parse(text + "\n", file.string(), form);
  if (has(header, {"trial_id", "st_worker_time"}) || has(header, {"trial_id", "st_decision"}) ||
      has(header, {"trial_id", "st_tuner_time"}))
    return Format::syne_tune;
  if (has(header, {"Start Time", "Run ID", "Status"}) || has(header, {"run_id", "status", "artifact_uri"}))
    return Format::mlflow;
  if (has(header, {"Name", "State", "Runtime"}) || has(header, {"Name", "State", "Created"}) ||
      has(header, {"Name", "Runtime", "Notes"}))
    return Format::wandb;
  return Format::csv;
}

std::vector<History> read_history(const std::filesystem::path& file, Format format,
                                  const ReadOptions& options) {
  return kind_of(format).read(file, options);
}

}  // namespace tonne::histories
