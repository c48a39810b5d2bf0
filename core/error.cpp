#include "core/error.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>
#include <vector>

namespace tonne {
namespace {

std::string compose(const Location& where, std::string_view path, std::string_view message) {
  std::string text;
  if (!where.file.empty()) {
    text += where.file;
    if (where.line > 0) text += ":" + std::to_string(where.line);
    if (where.line > 0 && where.column > 0) text += ":" + std::to_string(where.column);
    text += ": ";
  }
  if (!path.empty()) text += std::string(path) + ": ";
  return printable(text + std::string(message));
}

// Bytes of the UTF-8 character at the start of `text`; 0: these bytes are none (a terminal may take them for controls of
// another encoding).
std::size_t character_length(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((static_cast<unsigned char>(text[i]) & 0xc0U) != 0x80U) return 0;
  return length;
}

// Controls, those of ISO 6429's upper half, separators of lines, and what turns the direction of a text. `text` begins with a
// whole character.
bool is_unprintable(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  if (byte(0) < 0x20 || byte(0) == 0x7f) return true;
  if (byte(0) == 0xc2) return byte(1) < 0xa0;
  if (byte(0) == 0xd8) return byte(1) == 0x9c;  // U+061C, the Arabic letter mark
  if (byte(0) != 0xe2) return false;
  const bool mark = byte(1) == 0x80 && (byte(2) == 0x8e || byte(2) == 0x8f);     // U+200E, U+200F
  const bool embedding = byte(1) == 0x80 && byte(2) >= 0xa8 && byte(2) <= 0xae;  // U+2028 to U+202E
  const bool isolate = byte(1) == 0x81 && byte(2) >= 0xa6 && byte(2) <= 0xa9;    // U+2066 to U+2069
  return mark || embedding || isolate;
}

// Two neighbours exchanged are one edit ("optimal string alignment"): that is how keys are mistyped.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);  // two rows above
  std::vector<std::size_t> above(b.size() + 1);
  std::iota(above.begin(), above.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::vector<std::size_t> row(b.size() + 1, i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before = std::move(above);
    above = std::move(row);
  }
  return above.back();
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

// What others call a thing, and its names here; of several, the first that is known where it is looked up.
constexpr auto kSynonyms = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"algorithm", "strategies"}, {"algorithms", "strategies"}, {"searcher", "strategies"}, {"searchers", "strategies"},
    {"sampler", "strategies"}, {"samplers", "strategies"}, {"optimizers", "strategies"}, {"methods", "strategies"},
    {"benchmark", "problems"}, {"benchmarks", "problems"}, {"tasks", "problems"}, {"task", "problems"},
    {"hardware", "cluster"}, {"machine", "cluster"}, {"machines", "cluster"}, {"repeats", "seeds"}, {"repetitions", "seeds"},
    {"runs", "seeds"}, {"limit", "budget"}, {"limits", "budget"}, {"carbon", "co2e"}, {"co2", "co2e"}, {"emissions", "co2e"},
    {"kg", "co2e"}, {"kgco2e", "co2e"}, {"kwh", "energy"}, {"trials", "evaluations"}, {"n_trials", "evaluations"}, {"max_trials", "evaluations"},
    {"duration", "time"}, {"hours", "time"}, {"walltime", "time"}, {"usd", "money"}, {"cost", "money"}, {"price", "money"},
    {"gpu", "device"}, {"gpus", "device"}, {"accelerator", "device"}, {"n_jobs", "workers"}, {"parallel", "workers"},
    {"country", "grid"}, {"region", "grid"}, {"location", "grid"}, {"carbon_intensity", "intensity"},
    {"bo", "gp"}, {"bayesian", "gp"}, {"bayesian_optimization", "gp"}, {"gaussian_process", "gp"}, {"random_search", "random"},
    {"evolution", "regularized_evolution"}, {"ea", "regularized_evolution"}, {"genetic", "regularized_evolution"},
    {"aging_evolution", "regularized_evolution"}, {"parzen", "tpe"}, {"sha", "successive_halving"},
});

bool is_word_end(char c) { return c == '-' || c == '_' || c == '.' || c == ' '; }

// "Did you mean A100-40GB or A100-80GB?" for names that go on where the found one ends, be it within a word or not; empty where
// none does, or too many do.
std::string continued(const std::string& found, std::span<const std::string> known, bool within_word) {
  constexpr std::size_t kShortest = 3;  // two letters begin too many names
  constexpr std::size_t kMostNames = 4;
  std::vector<std::string_view> names;
  for (const std::string& name : known)
    if (name.size() > found.size() && lower(name).starts_with(found) && (within_word || is_word_end(name[found.size()]))) names.emplace_back(name);
  if (names.empty() || names.size() > kMostNames || found.empty() || (within_word && found.size() < kShortest)) return "";
  std::string text = "Did you mean ";
  for (std::size_t i = 0; i < names.size(); ++i) text += (i == 0 ? "" : i + 1 == names.size() ? " or " : ", ") + std::string(names[i]);
  return text + "?";
}

}  // namespace

std::string printable(std::string_view text, bool lines) {
  std::string safe;
  safe.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = character_length(text);
    const bool stands = length > 0 && ((lines && text.front() == '\n') || !is_unprintable(text));
    safe += stands ? text.substr(0, length) : std::string_view("?");
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return safe;
}

InputError::InputError(const Location& where, std::string_view path, std::string_view message)
    : InputError(where, path, message, "") {}

InputError::InputError(const Location& where, std::string_view path, std::string_view message, std::string_view excerpt)
    : std::runtime_error(compose(where, path, message) + (excerpt.empty() ? "" : "\n" + printable(excerpt, true))),
      message_(message),
      path_(path),
      has_location_(!where.file.empty()),
      line_(where.line) {}

std::string did_you_mean(std::string_view found, std::span<const std::string> known) {
  constexpr std::size_t kLongestName = 64;  // what is longer is no misspelling, and the distance is quadratic
  if (found.size() > kLongestName) return "";
  std::string plain = lower(found);
  const std::string* nearest = nullptr;
  std::size_t best = std::max<std::size_t>(2, found.size() / 3) + 1;
  for (const std::string& name : known) {
    const std::size_t distance = edit_distance(plain, lower(name));
    if (distance >= best) continue;
    best = distance;
    nearest = &name;
  }
  if (const std::string names = continued(plain, known, false); !names.empty()) return names;
  if (nearest && best <= 1) return "Did you mean " + *nearest + "?";
  if (const std::string names = continued(plain, known, true); !names.empty()) return names;
  std::ranges::replace(plain, '-', '_');
  std::ranges::replace(plain, ' ', '_');
  for (const auto& [synonym, name] : kSynonyms)
    if (synonym == plain && std::ranges::find(known, name) != known.end()) return "Did you mean " + std::string(name) + "?";
  return nearest ? "Did you mean " + *nearest + "?" : "";
}

std::string join_names(std::span<const std::string> names, std::size_t most) {
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), most); ++i) text += (i == 0 ? "" : ", ") + names[i];
  if (names.size() > most) text += ", ... (" + std::to_string(names.size()) + " in all)";
  return text;
}

}  // namespace tonne
