#include "experiments/imitation/imitation_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/json.h"

namespace tonne {
namespace {

// "-" where there is none; no "-0".
std::string figure(double value) {
  if (!std::isfinite(value)) return "-";
  return fmt::format("{:.4g}", std::abs(value) < 5e-10 ? 0.0 : std::abs(value) < 1.0 && std::abs(value) > 0.01
                                                                 ? std::round(value * 1e3) / 1e3
                                                                 : value);
}

std::string size_of(const Imitation& imitation) {
  const auto candidates = grouped(imitation.space.candidates);
  return imitation.complete
             ? fmt::format("all {} candidates that work", candidates)
             : fmt::format("{} working ones of {} drawn", candidates, grouped(static_cast<double>(imitation.tried)));
}

Json finite(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

}  // namespace

std::string portrait_table(const Imitation& imitation) {
  constexpr std::size_t kColumn = 9;
  std::size_t head_width = 0;
  for (const ImitatedLine& line : imitation.lines) head_width = std::max(head_width, line.name.size());
  std::string text;
  const auto add = [&](const std::string& head, const std::array<std::string, 4>& cells, bool missed) {
    std::string line = padded(head, head_width, true);
    for (const std::string& cell : cells) line += padded(cell, kColumn, false);
    text += line + (missed ? " *" : "") + "\n";
  };
  add("", {"original", "imitated", "lowest", "highest"}, false);
  for (const ImitatedLine& line : imitation.lines)
    add(line.name, {figure(line.original), figure(line.mean), figure(line.low), figure(line.high)}, line.missed());
  return text;
}

std::string format_imitation(const Imitation& imitation, const TextStyle& style) {
  constexpr std::size_t kWidth = 80;
  std::string text = fmt::format("{}, {}\n\n", printable(imitation.space.name), size_of(imitation));
  text += portrait_table(imitation) + "\n";
  const auto missed = std::ranges::count_if(imitation.lines, &ImitatedLine::missed);
  text += wrapped(missed == 0 ? "Every line is met within its tolerance."
                              : fmt::format("* {} of {} lines missed: the mean over the landscapes is off by more "
                                            "than the line's tolerance (--json tells it).",
                                            missed, imitation.lines.size()),
                  style.width == 0 ? kWidth : std::min(style.width, kWidth));
  return text;
}

std::string imitation_json(const Imitation& imitation) {
  Json json;
  json["name"] = imitation.space.name;
  json["candidates"] = imitation.space.candidates;
  json["complete"] = imitation.complete;
  json["lines"] = Json::array();
  for (const ImitatedLine& line : imitation.lines)
    json["lines"].push_back({{"name", line.name},
                             {"original", finite(line.original)},
                             {"imitation", finite(line.mean)},
                             {"lowest", finite(line.low)},
                             {"highest", finite(line.high)},
                             {"tolerance", line.tolerance},
                             {"tolerance_is", line.factor ? "factor" : "difference"},
                             {"missed", line.missed()}});
  return json_document(json);
}

}  // namespace tonne
