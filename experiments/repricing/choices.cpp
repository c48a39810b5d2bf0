#include "experiments/repricing/choices.h"

#include <fmt/format.h>

#include <string_view>

#include "core/error.h"
#include "core/settings.h"
#include "core/yaml.h"
#include "cost_models/time.h"

namespace tonne {
namespace {

std::string trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t\n");
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\n") - first + 1);
}

Duration time_at(const std::string& text) {
  const auto time = parse_utc(text);
  if (!time) throw InputError("--start-range: '" + text + "' is no UTC time such as 2022-06-01T02:00Z");
  return *time;
}

Duration step_of(const std::string& text) {
  std::optional<Duration> step;
  const YamlSource source{"the command line", "."};
  const YamlNode node = parse_yaml("{step: " + text + "}", source.file);
  SettingsReader reader(node, source, "--step");
  reader.quantity("step", step, Bounds::above(0.0), "");
  reader.finish();
  if (!step) throw InputError("--step: expected a time such as 6 h");
  return *step;
}

constexpr std::string_view kTraceBegin = "{trace: '", kTraceEnd = "'}";

// As the user wrote it: a trace by its file's name.
std::string shown_value(const std::string& value) {
  if (!value.starts_with(kTraceBegin) || !value.ends_with(kTraceEnd)) return value;
  return value.substr(kTraceBegin.size(), value.size() - kTraceBegin.size() - kTraceEnd.size());
}

}  // namespace

std::vector<std::string> list_parts(const std::string& text) {
  std::vector<std::string> parts(1);
  int depth = 0;
  for (const char c : text) {
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    if (c == ',' && depth <= 0)
      parts.emplace_back();
    else
      parts.back() += c;
  }
  for (std::string& part : parts) part = trimmed(part);
  std::erase(parts, "");
  return parts;
}

std::vector<std::string> starts_in(const std::string& range, const std::string& step) {
  const std::size_t dots = range.find("..");
  if (dots == std::string::npos) throw InputError("--start-range: expected FROM..TO, such as 2022-06-01..2022-06-07");
  const Duration from = time_at(range.substr(0, dots));
  const Duration until = time_at(range.substr(dots + 2));
  const Duration every = step_of(step);
  if (until < from) throw InputError("--start-range: ends before it starts");
  if ((until - from) / every >= static_cast<double>(kMostPlaces))
    throw InputError(fmt::format("--start-range: more than {} starts", kMostPlaces));
  std::vector<std::string> starts;
  for (Duration time = from; time <= until; time += every) starts.push_back(format_utc(time));
  return starts;
}

std::string grid_setting(const std::string& text) {
  const bool is_file = text.ends_with(".csv") || text.ends_with(".json");
  if (!is_file || text.starts_with('{')) return text;
  std::string quoted;
  for (const char c : text) quoted += c == '\'' ? "''" : std::string(1, c);
  return std::string(kTraceBegin) + quoted + std::string(kTraceEnd);
}

std::vector<Elsewhere> combined(const std::vector<std::pair<std::string, std::vector<std::string>>>& lists) {
  double count = 1.0;
  for (const auto& [key, values] : lists)
    if (!values.empty()) count *= static_cast<double>(values.size());
  if (count > static_cast<double>(kMostPlaces))
    throw InputError(fmt::format("{:.0f} combinations of settings are more than {}", count, kMostPlaces));
  std::vector<Elsewhere> places(1);
  for (const auto& [key, values] : lists) {
    std::vector<Elsewhere> longer;
    for (const Elsewhere& place : places)
      for (const std::string& value : values) {
        Elsewhere next = place;
        next.changes.push_back({key, value});
        const bool tells = values.size() > 1 || count < 2.0;
        const std::string shown = key == "grid" || key == "device" || key == "host" || key == "start" ? shown_value(value) : key + " " + value;
        if (tells) next.label += (next.label.empty() ? "" : ", ") + shown;
        longer.push_back(std::move(next));
      }
    if (!values.empty()) places = std::move(longer);
  }
  if (places.size() == 1 && places.front().changes.empty()) places.front().label = "as it was";
  return places;
}

}  // namespace tonne
