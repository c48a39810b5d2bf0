#include "experiments/analysis/published_match.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "experiments/text/quantity.h"
#include "experiments/text/text_table.h"

namespace tonne {
namespace {

// How people call a figure.
std::string name_of(const std::string& figure) {
  using Name = std::pair<std::string_view, std::string_view>;
  constexpr std::array<Name, 7> kNames = {
      {{"co2e", "CO2e of a search"},
       {"energy", "Energy of a search"},
       {"money", "Cost of a search"},
       {"hours", "Duration of a search"},
       {"evaluations", "Evaluations of a search"},
       {"value", "Value found"},
       {"overhead", "CO2e of a search / of one training of its winner,"}}};
  const auto at = std::ranges::find(kNames, figure, &Name::first);
  return at == kNames.end() ? "All trainings of a search" : std::string(at->second);
}

struct Figure {
  std::optional<double> value;
  std::string unit;
};

Figure figure_of(const std::string& name, const LeaderboardRow& row, const Leaderboard& board) {
  if (name == "co2e") return {row.search.carbon() / kilogram, "kg"};
  if (name == "energy") return {row.search.energy / kilowatt_hour, "kWh"};
  if (name == "money") return {row.money ? std::optional(*row.money / dollar) : std::nullopt, "USD"};
  if (name == "hours") return {row.makespan / hour, "h"};
  if (name == "evaluations") return {row.evaluations, ""};
  if (name == "value") return {row.value.mean, board.unit};
  if (name == "overhead") return {row.overhead, "x"};
  return {};
}

// "2.5 % more", "88 times as much", "the same".
std::string ratio_text(double published, double simulated) {
  if (!(published > 0.0) || !(simulated > 0.0)) return "";
  const double ratio = simulated / published;
  if (ratio >= 10.0 || ratio <= 0.1)
    return ratio > 1.0 ? significant_text(ratio) + " times as much"
                       : "1/" + significant_text(1.0 / ratio) + " of it";
  const double percent = 100.0 * std::abs(ratio - 1.0);
  if (percent < 0.05) return "the same";
  return fmt::format("{:.{}f} % {}", percent, percent < 10.0 ? 1 : 0, ratio > 1.0 ? "more" : "less");
}

}  // namespace

std::vector<PublishedMatch> match_published(const std::vector<PublishedFigure>& figures,
                                            const Leaderboard& board, const std::string& fidelity,
                                            const std::function<double(const std::string&)>& trained) {
  std::vector<PublishedMatch> matches;
  for (const PublishedFigure& published : figures) {
    const auto row = published.strategy.empty()
                         ? board.rows.begin()
                         : std::ranges::find(board.rows, published.strategy, &LeaderboardRow::strategy);
    if (row == board.rows.end()) continue;
    Figure simulated = figure_of(published.figure, *row, board);
    if (published.figure == fidelity) simulated = {trained(row->strategy), fidelity};
    if (!simulated.value) continue;
    matches.push_back({published.figure, simulated.unit, published.source, row->strategy, published.value,
                       *simulated.value});
  }
  return matches;
}

std::string published_amount(const PublishedMatch& match, double value) {
  if (match.figure == "co2e") return mass_text(value * kilogram);
  if (match.figure == "energy") return energy_text(value * kilowatt_hour);
  if (match.figure == "money") return money_text(value * dollar);
  if (match.figure == "hours") return duration_text(value * hour);
  if (match.figure == "overhead") return significant_text(value) + "x";
  if (match.figure == "value")
    return value_text(value, match.unit) + (match.unit.empty() ? "" : " " + match.unit);
  const std::string count =
      value >= 1e9 ? grouped(std::round(value / 1e7) * 10.0) + " million" : count_text(value);
  return count + (match.unit.empty() ? "" : " " + match.unit);
}

std::string published_sentence(const PublishedMatch& match) {
  const std::string ratio = match.figure == "value" ? "" : ratio_text(match.published, match.simulated);
  return fmt::format("{} with {}: published: {} ({}) / simulated: {}{}", name_of(match.figure),
                     match.strategy, published_amount(match, match.published), match.source,
                     published_amount(match, match.simulated), ratio.empty() ? "" : " (" + ratio + ")");
}

}  // namespace tonne
