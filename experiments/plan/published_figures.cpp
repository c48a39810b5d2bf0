#include "experiments/plan/published_figures.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/json.h"

namespace tonne {

const std::vector<std::string>& published_figure_names() {
  static const std::vector<std::string> names = {"co2e",        "energy", "money",   "hours",
                                                 "evaluations", "value",  "overhead"};
  return names;
}

std::string encode_published_figures(const std::vector<PublishedFigure>& figures) {
  Json list = Json::array();
  for (const PublishedFigure& f : figures)
    list.push_back(
        {{"figure", f.figure}, {"value", f.value}, {"source", f.source}, {"strategy", f.strategy}});
  return json_line(list);
}

std::optional<std::vector<PublishedFigure>> decode_published_figures(const std::string& text) {
  const Json list = parse_json(text);
  if (!list.is_array()) return std::nullopt;
  std::vector<PublishedFigure> figures;
  try {
    for (const Json& item : list)
      figures.push_back({item.at("figure").get<std::string>(), item.at("value").get<double>(),
                         item.at("source").get<std::string>(), item.at("strategy").get<std::string>()});
  } catch (const Json::exception&) {
    return std::nullopt;
  }
  const bool finite = std::ranges::all_of(figures, [](const auto& f) { return std::isfinite(f.value); });
  return finite ? std::optional(std::move(figures)) : std::nullopt;
}

}  // namespace tonne
