#include "experiments/histories/table_cells.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "core/csv.h"
#include "core/error.h"
#include "core/units.h"

namespace tonne::histories {
namespace {

std::string lowered(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lower;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// "val_loss" of "metrics.val/loss" and "val-loss".
std::string last_part(std::string_view name) {
  for (const std::string_view prefix : {"metrics.", "metric_", "summary.", "values_"})
    if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
  return plain_name(name);
}

// A unit of time, in seconds; 0: none.
double unit_seconds(std::string_view unit) {
  constexpr std::pair<std::string_view, double> kUnits[] = {{"ms", 1e-3},
                                                            {"s", 1.0},
                                                            {"sec", 1.0},
                                                            {"secs", 1.0},
                                                            {"second", 1.0},
                                                            {"seconds", 1.0},
                                                            {"m", minute / second},
                                                            {"min", minute / second},
                                                            {"mins", minute / second},
                                                            {"minutes", minute / second},
                                                            {"h", hour / second},
                                                            {"hr", hour / second},
                                                            {"hours", hour / second},
                                                            {"d", day / second},
                                                            {"day", day / second},
                                                            {"days", day / second}};
  for (const auto& [name, seconds] : kUnits)
    if (unit == name) return seconds;
  return 0.0;
}

// "1h 2m 3s", "2.5min", "0 days".
std::optional<double> with_units(std::string_view text) {
  double sum = 0.0;
  bool any = false;
  for (text = trimmed(text); !text.empty(); text = trimmed(text)) {
    double number = 0.0;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    if (error != std::errc{}) return std::nullopt;
    text = trimmed(text.substr(static_cast<std::size_t>(end - text.data())));
    const std::size_t length = std::min(text.find_first_not_of("abcdefghijklmnopqrstuvwxyz"), text.size());
    const double unit = unit_seconds(text.substr(0, length));
    if (unit == 0.0) return std::nullopt;
    text.remove_prefix(length);
    sum += number * unit;
    any = true;
  }
  return any ? std::optional(sum) : std::nullopt;
}

// "01:02:03.5", "2:03".
std::optional<double> with_colons(std::string_view text) {
  double sum = 0.0;
  for (int parts = 0;; ++parts) {
    const std::size_t end = text.find(':');
    const auto number = parse_number(text.substr(0, end));
    if (!number || *number < 0.0 || parts > 2) return std::nullopt;
    sum = sum * (minute / second) + *number;
    if (end == std::string_view::npos) return parts > 0 ? std::optional(sum) : std::nullopt;
    text.remove_prefix(end + 1);
  }
}

// The likeliest first.
constexpr auto kObjectives = std::to_array<std::string_view>({"value",
                                                              "values",
                                                              "objective",
                                                              "metric_value",
                                                              "val_loss",
                                                              "valid_loss",
                                                              "validation_loss",
                                                              "eval_loss",
                                                              "val_error",
                                                              "valid_error",
                                                              "validation_error",
                                                              "val_accuracy",
                                                              "valid_accuracy",
                                                              "validation_accuracy",
                                                              "val_acc",
                                                              "eval_accuracy",
                                                              "eval_acc",
                                                              "val_score",
                                                              "mean_test_score",
                                                              "test_loss",
                                                              "test_error",
                                                              "test_accuracy",
                                                              "test_acc",
                                                              "loss",
                                                              "error",
                                                              "accuracy",
                                                              "acc",
                                                              "score",
                                                              "rmse",
                                                              "mse",
                                                              "mae",
                                                              "auc",
                                                              "roc_auc",
                                                              "f1",
                                                              "f1_score",
                                                              "r2",
                                                              "perplexity",
                                                              "reward",
                                                              "fitness",
                                                              "metric",
                                                              "result"});

constexpr auto kMaximised =
    std::to_array<std::string_view>({"acc", "accuracy", "auc", "f1", "score", "r2", "precision", "recall",
                                     "reward", "fitness", "bleu", "map", "iou", "dice", "throughput"});

constexpr auto kOtherMeasures = std::to_array<std::string_view>(
    {"runtime", "timestamp", "time", "duration", "loss", "error", "accuracy", "acc", "auc", "f1", "score",
     "rmse", "mse", "mae", "r2", "precision", "recall", "perplexity", "reward"});

std::vector<std::string> words_of(std::string_view name) {
  std::vector<std::string> words(1);
  for (const char c : plain_name(name)) {
    if (c == '_' || c == '/')
      words.emplace_back();
    else
      words.back() += c;
  }
  return words;
}

constexpr std::pair<std::string_view, CellState> kStates[] = {{"complete", {State::complete}},
                                                              {"completed", {State::complete}},
                                                              {"finished", {State::complete}},
                                                              {"succeeded", {State::complete}},
                                                              {"success", {State::complete}},
                                                              {"done", {State::complete}},
                                                              {"ok", {State::complete}},
                                                              {"terminated", {State::complete}},
                                                              {"pruned", {State::pruned}},
                                                              {"stopped", {State::pruned}},
                                                              {"stopping", {State::pruned}},
                                                              {"early_stopped", {State::pruned}},
                                                              {"paused", {State::pruned}},
                                                              {"killed", {State::pruned}},
                                                              {"failed", {State::failed}},
                                                              {"fail", {State::failed}},
                                                              {"error", {State::failed}},
                                                              {"crashed", {State::failed}},
                                                              {"timeout", {State::failed}},
                                                              {"preempted", {State::failed}},
                                                              {"running", {State::running}},
                                                              {"in_progress", {State::running}},
                                                              {"inprogress", {State::running}},
                                                              {"started", {State::running}},
                                                              {"waiting", {State::running, true}},
                                                              {"pending", {State::running, true}},
                                                              {"scheduled", {State::running, true}},
                                                              {"queued", {State::running, true}}};

}  // namespace

std::string plain_name(std::string_view name) {
  std::string plain = lowered(trimmed(name));
  std::ranges::replace_if(
      plain, [](char c) { return c == ' ' || c == '-' || c == '.'; }, '_');
  return plain;
}

bool is_missing_number(std::string_view cell) {
  const std::string text = lowered(trimmed(cell));
  for (const std::string_view name : {"", "nan", "na", "n/a", "none", "null", "<na>"})
    if (text == name) return true;
  return false;
}

std::optional<double> cell_number(std::string_view cell) {
  if (const auto number = parse_number(cell)) return number;
  const std::string text = lowered(trimmed(cell));
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (text == "nan") return std::numeric_limits<double>::quiet_NaN();
  if (text == "inf" || text == "+inf" || text == "infinity") return kInfinity;
  if (text == "-inf" || text == "-infinity") return -kInfinity;
  return std::nullopt;
}

std::optional<double> cell_seconds(std::string_view cell) {
  std::string text = lowered(trimmed(cell));
  if (const auto number = parse_number(text)) return *number >= 0.0 ? number : std::nullopt;
  if (text.size() > 100) return std::nullopt;
  double before = 0.0;
  std::string_view rest = text;
  // pandas: "1 days 00:00:01.5"
  if (const std::size_t days = text.find("days");
      days != std::string::npos && rest.find(':') != std::string_view::npos) {
    const auto whole = with_units(rest.substr(0, days + 4));
    if (!whole) return std::nullopt;
    before = *whole;
    rest = trimmed(rest.substr(days + 4));
  }
  auto seconds = with_colons(rest);
  if (!seconds && before == 0.0) seconds = with_units(rest);
  if (!seconds || *seconds + before < 0.0 || !std::isfinite(*seconds)) return std::nullopt;
  return *seconds + before;
}

std::optional<CellState> cell_state(std::string_view cell) {
  std::string name = lowered(trimmed(cell));
  if (name.starts_with("trialstate.")) name.erase(0, std::string_view("trialstate.").size());
  std::ranges::replace_if(
      name, [](char c) { return c == ' ' || c == '-'; }, '_');
  for (const auto& [text, state] : kStates)
    if (name == text) return state;
  return std::nullopt;
}

std::string known_states() {
  std::vector<std::string> names;
  for (const auto& [text, state] : kStates) names.emplace_back(text);
  return join_names(names);
}

std::optional<std::size_t> objective_rank(std::string_view name) {
  std::string part = last_part(name);
  std::ranges::replace(part, '/', '_');
  for (std::size_t i = 0; i < kObjectives.size(); ++i)
    if (part == kObjectives[i]) return i;
  return std::nullopt;
}

bool is_measure(std::string_view name) {
  if (objective_rank(name) || name.starts_with('_')) return true;
  const std::vector<std::string> words = words_of(last_part(name));
  return std::ranges::find(kOtherMeasures, words.back()) != kOtherMeasures.end();
}

Direction direction_of(std::string_view name) {
  const std::vector<std::string> words = words_of(name);
  const bool counts_up = std::ranges::any_of(
      words, [](const std::string& word) { return std::ranges::find(kMaximised, word) != kMaximised.end(); });
  const bool counts_down =
      std::ranges::any_of(words, [](const std::string& word) { return word == "loss" || word == "error"; });
  return counts_up && !counts_down ? Direction::maximise : Direction::minimise;
}

}  // namespace tonne::histories
