#include "experiments/plan/published_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/yaml.h"
#include "experiments/plan/experiment.h"
#include "experiments/plan/published_figures.h"

namespace tonne {
namespace {

// Figures whose value is written with a unit, and in what they are kept.
struct Dimension {
  std::string_view figure;
  QuantityKind kind;
  double unit;  // in base units
};
const std::vector<Dimension>& dimensions() {
  static const std::vector<Dimension> all = {{"co2e", QuantityKind::carbon, kilogram.base()},
                                             {"energy", QuantityKind::energy, kilowatt_hour.base()},
                                             {"money", QuantityKind::money, dollar.base()},
                                             {"hours", QuantityKind::duration, hour.base()}};
  return all;
}

// Null for plain numbers.
const Dimension* dimension_of(std::string_view figure) {
  const auto known = std::ranges::find(dimensions(), figure, &Dimension::figure);
  return known == dimensions().end() ? nullptr : &*known;
}

// What may be compared in this experiment: the figures of any, and its problems' fidelities by their names.
std::vector<std::string> figures_of(const Experiment& experiment) {
  std::vector<std::string> names = published_figure_names();
  for (const ProblemPlan& plan : experiment.problems)
    if (const std::string& name = plan.problem->traits().fidelity.name;
        !name.empty() && std::ranges::find(names, name) == names.end())
      names.push_back(name);
  return names;
}

void require_known(const SettingsReader& reader, const YamlNode& place, std::string_view key,
                   const std::string& text, const std::vector<std::string>& known) {
  if (std::ranges::find(known, text) != known.end()) return;
  const std::string hint = did_you_mean(text, known);
  reader.fail(
      place, key,
      "unknown " + place.shown() + ". " + (hint.empty() ? "" : hint + " ") + "Allowed: " + join_names(known));
}

std::vector<std::string> labels_of(const Experiment& experiment) {
  std::vector<std::string> labels;
  for (const StrategyPlan& strategy : experiment.strategies) labels.push_back(strategy.label);
  return labels;
}

double read_value(SettingsReader& reader, const YamlNode& node, const std::string& figure) {
  std::optional<double> value;
  const Dimension* const known = dimension_of(figure);
  if (known) {
    reader.quantity_base("value", value, known->kind, Bounds::above(0.0), "");
    if (value) value = *value / known->unit;
  } else {
    reader.optional_number("value", value, figure == "value" ? Bounds{} : Bounds::above(0.0), "");
  }
  if (!value) reader.fail(node, "value", "is missing: the published figure");
  return *value;
}

PublishedFigure read_figure(const YamlNode& node, const YamlSource& source, const std::string& path,
                            const Experiment& experiment) {
  SettingsReader reader(node, source, path);
  PublishedFigure read;
  const auto place = [&](std::string_view key) -> const YamlNode& {
    const YamlNode* const at = node.is_map() ? node.find(key) : nullptr;
    return at ? *at : node;
  };
  reader.text("figure", read.figure, "");
  if (read.figure.empty())
    reader.fail(node, "figure", "is missing. Allowed: " + join_names(figures_of(experiment)));
  require_known(reader, place("figure"), "figure", read.figure, figures_of(experiment));
  read.value = read_value(reader, node, read.figure);
  reader.text("source", read.source, "");
  if (read.source.empty()) reader.fail(node, "source", "is missing: where the figure was published");
  reader.text("strategy", read.strategy, "");
  if (!read.strategy.empty())
    require_known(reader, place("strategy"), "strategy", read.strategy, labels_of(experiment));
  reader.finish();
  return read;
}

}  // namespace

std::optional<QuantityKind> published_kind(std::string_view figure) {
  const auto* const known = dimension_of(figure);
  return known ? std::optional(known->kind) : std::nullopt;
}

void read_published_figures(SettingsReader& top, const YamlSource& source, Experiment& experiment) {
  if (const YamlNode* const node = top.take("reference")) {
    if (node->is_map()) {
      experiment.published.push_back(read_figure(*node, source, "reference", experiment));
    } else if (node->is_sequence()) {
      for (std::size_t i = 0; i < node->items.size(); ++i)
        experiment.published.push_back(
            read_figure(node->items[i], source, fmt::format("reference[{}]", i), experiment));
    } else {
      top.fail(*node, "reference",
               "found " + node->shown() +
                   ", expected {figure: co2e, value: 284 t, source: where it stands}, "
                   "or a list of these");
    }
  }
  if (const YamlNode* const node = top.take("baseline")) {
    top.text("baseline", experiment.baseline, "");
    require_known(top, *node, "baseline", experiment.baseline, labels_of(experiment));
  }
}

}  // namespace tonne
