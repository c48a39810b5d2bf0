#include "experiments/analysis/best_configuration.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <string_view>
#include <tuple>

#include "core/csv.h"
#include "core/json.h"
#include "experiments/results/store.h"
#include "experiments/results/stored_space.h"

namespace tonne {
namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Words that some reader of YAML takes for a boolean or for nothing.
bool is_reserved(std::string_view text) {
  constexpr std::array<std::string_view, 12> kWords = {"true", "false", "yes", "no",  "on",  "off",
                                                       "null", "y",     "n",   "nan", "inf", "infinity"};
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return std::ranges::find(kWords, lower) != kWords.end();
}

// Letters, digits and marks that mean nothing to YAML within a word. A letter first, so that no number looks
// like it.
bool is_plain(const std::string& text) {
  if (text.empty() || !is_letter(text.front()) || is_reserved(text)) return false;
  return std::ranges::all_of(text, [](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.' || c == '/' || c == '+';
  });
}

// What is no UTF-8 becomes U+FFFD.
std::string as_utf8(const std::string& text) {
  return parse_json(json_line(Json(text))).get<std::string>();
}

// Characters beyond ASCII that would break or turn a line, and how YAML escapes them.
constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kSpecial = {
    {{"\xE2\x80\xA8", "\\L"}, {"\xE2\x80\xA9", "\\P"}, {"\xEF\xBB\xBF", "\\uFEFF"}}};

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const std::string_view rest = std::string_view(text).substr(i);
    const auto special =
        std::ranges::find_if(kSpecial, [&](const auto& s) { return rest.starts_with(s.first); });
    if (special != kSpecial.end()) {
      out += special->second;
      i += special->first.size() - 1;
    } else if (byte == 0xC2U && rest.size() > 1 && static_cast<unsigned char>(rest[1]) < 0xA0U) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(rest[1]));  // a control character of C1
      ++i;
    } else if (byte < 0x20U || byte == 0x7FU) {
      out += fmt::format("\\x{:02x}", byte);
    } else {
      if (text[i] == '"' || text[i] == '\\') out += '\\';
      out += text[i];
    }
  }
  return out + "\"";
}

// Levels that all are numbers, each another one, as other programs are to read them.
bool has_numeric_levels(const Domain& domain) {
  const auto* const ordinal = std::get_if<Ordinal>(&domain);
  if (!ordinal) return false;
  std::set<double> seen;
  return std::ranges::all_of(ordinal->levels, [&](const std::string& level) {
    const auto number = parse_number(level);
    return number && seen.insert(*number).second;
  });
}

// One value: whole numbers as such, what is no number as text.
Json value_json(const SearchSpace& space, std::size_t i, double value) {
  const Domain& domain = space[i].domain;
  if (std::holds_alternative<Real>(domain)) return value;
  if (std::holds_alternative<Integer>(domain)) return static_cast<std::int64_t>(value);
  const std::string text = space.value_text(i, value);
  if (!has_numeric_levels(domain)) return text;
  constexpr double kExact = 9007199254740992.0;  // 2^53
  const double number = *parse_number(text);
  if (number == std::floor(number) && std::abs(number) < kExact) return static_cast<std::int64_t>(number);
  return number;
}

}  // namespace

bool is_better(const BestConfiguration& a, const BestConfiguration& b, Direction direction) {
  const auto key = [&](const BestConfiguration& c) {
    return std::tuple(direction == Direction::maximise ? -c.value : c.value, c.kilograms, c.seed);
  };
  return key(a) < key(b);
}

std::optional<BestConfiguration> best_configuration(const Store& store,
                                                    const std::vector<const CellRecord*>& cells,
                                                    const StoredProblem& problem,
                                                    const std::vector<StoredStrategy>& strategies) {
  const auto loss = [&](const CellRecord& cell) {
    return problem.direction == Direction::maximise ? -*cell.winner_true_value : *cell.winner_true_value;
  };
  std::optional<double> least;
  for (const CellRecord* const cell : cells)
    if (cell->winner_true_value) least = least ? std::min(*least, loss(*cell)) : loss(*cell);
  std::optional<BestConfiguration> best;
  const CellRecord* found = nullptr;
  for (const CellRecord* const cell :
       cells) {  // what a search emitted is asked of those alone that may win by it
    if (!cell->winner_true_value || loss(*cell) != *least) continue;
    BestConfiguration candidate{strategies.at(cell->strategy).label,
                                cell->seed,
                                *cell->winner_true_value,
                                store.search_usage(cell->index).carbon() / kilogram,
                                {},
                                {}};
    if (best && !is_better(candidate, *best, problem.direction)) continue;
    best = std::move(candidate);
    found = cell;
  }
  if (!best) return best;
  const auto incumbent = store.final_incumbent(found->index);
  if (!incumbent) throw StoreError("the results are damaged: the winner of a search is missing");
  best->space = store.space(found->problem);
  best->configuration = decode_configuration(incumbent->configuration, best->space);
  return best;
}

std::string yaml_text(const std::string& text) {
  const std::string valid = as_utf8(text);
  return is_plain(valid) ? valid : quoted(valid);
}

namespace {

// Readers of YAML 1.1 take "1e-05" for a text, and "1.0e-05" for the number.
std::string yaml_value(const Json& value) {
  if (value.is_string()) return yaml_text(value.get<std::string>());
  std::string text = json_line(value);
  if (const std::size_t e = text.find('e'); e != std::string::npos && text.find('.') == std::string::npos)
    text.insert(e, ".0");
  return text;
}

}  // namespace

std::string configuration_yaml(const SearchSpace& space, const Configuration& configuration) {
  std::string text;
  for (std::size_t i = 0; i < space.size(); ++i) {
    if (!configuration.is_active(i)) continue;
    text += yaml_text(space[i].name) + ": " + yaml_value(value_json(space, i, configuration[i])) + "\n";
  }
  return text.empty() ? "{}\n" : text;
}

Json configuration_json(const SearchSpace& space, const Configuration& configuration) {
  Json json = Json::object();
  for (std::size_t i = 0; i < space.size(); ++i)
    if (configuration.is_active(i)) json[space[i].name] = value_json(space, i, configuration[i]);
  return json;
}

}  // namespace tonne
