#include "experiments/report/chart_choices.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <limits>
#include <set>

#include "core/json.h"

namespace tonne {
namespace {

// The cost from which every strategy has a curve.
double all_begun(const CurveTable& table) {
  double begun = table.costs.front();
  for (const MeanCurve& curve : table.strategies)
    for (std::size_t c = 0; c < table.costs.size(); ++c) {
      if (!curve.mean[c]) continue;
      begun = std::max(begun, table.costs[c]);
      break;
    }
  return begun;
}

void set_values(AnytimeWindow& window, const CurveTable& table, double tenth, double default_value) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const MeanCurve& curve : table.strategies)
    for (std::size_t c = 0; c < table.costs.size(); ++c)
      if (table.costs[c] >= tenth && curve.mean[c]) {
        low = std::min(low, *curve.mean[c]);
        high = std::max(high, *curve.mean[c]);
      }
  if (low > high) low = high = default_value;
  const double span = high - low;
  window.shows_default = span == 0.0 || (default_value > low - span && default_value < high + span);
  if (window.shows_default) {
    low = std::min(low, default_value);
    high = std::max(high, default_value);
  }
  const double pad = 0.12 * (high > low ? high - low : std::max(1e-9, std::abs(high)));
  window.low = low - pad;
  window.high = high + pad;
}

// One step before the first curve comes into sight, so that it is seen to come.
double first_sight(const AnytimeWindow& window, const CurveTable& table, double begun) {
  for (std::size_t c = 0; c < table.costs.size(); ++c)
    for (const MeanCurve& curve : table.strategies)
      if (table.costs[c] >= begun && curve.mean[c] && *curve.mean[c] > window.low &&
          *curve.mean[c] < window.high)
        return std::max(begun, table.costs[c > 0 ? c - 1 : 0]);
  return begun;
}

double cost_of(const BoardSearch& search, CostAxis axis) {
  switch (axis) {
    case CostAxis::evaluations:
      return search.evaluations;
    case CostAxis::hours:
      return search.hours;
    case CostAxis::energy:
      return search.kilowatt_hours;
    case CostAxis::carbon:
      return search.kilograms;
    case CostAxis::money:
      return search.dollars.value_or(0.0);
  }
  return 0.0;
}

// How far apart the strategies' means lie, as a part of the greatest; of one strategy its searches.
double spread(const Board& board, CostAxis axis) {
  double low = std::numeric_limits<double>::infinity(), high = 0.0;
  const auto add = [&](double cost) {
    low = std::min(low, cost);
    high = std::max(high, cost);
  };
  for (const BoardStrategy& strategy : board.strategies) {
    double sum = 0.0;
    for (const BoardSearch& search : strategy.searches) {
      if (board.strategies.size() == 1) add(cost_of(search, axis));
      sum += cost_of(search, axis);
    }
    if (board.strategies.size() > 1 && !strategy.searches.empty())
      add(sum / static_cast<double>(strategy.searches.size()));
  }
  return high > 0.0 ? (high - low) / high : 0.0;
}

struct CostName {
  CostAxis axis;
  const char* budget;  // its key there
};
// Carbon first, as everywhere; then what a strategy can save.
constexpr std::array<CostName, kCostAxes> kPreferred = {{{CostAxis::carbon, "co2e"},
                                                         {CostAxis::evaluations, "evaluations"},
                                                         {CostAxis::hours, "time"},
                                                         {CostAxis::energy, "energy"},
                                                         {CostAxis::money, "money"}}};

Json budget_of(const Board& board) {
  const Json scenario = parse_json(board.place.settings);
  if (!scenario.is_object() || !scenario.contains("settings")) return Json::object();
  const Json& settings = scenario["settings"];
  return settings.is_object() && settings.contains("budget") ? settings["budget"] : Json::object();
}

std::string slug(const std::string& text) {
  constexpr std::size_t kMost = 60;
  std::string name;
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter || c == '_' || (c == '.' && !name.empty()))
      name += c;
    else if (!name.empty() && name.back() != '-')
      name += '-';
    if (name.size() == kMost) break;
  }
  while (!name.empty() && (name.back() == '-' || name.back() == '.')) name.pop_back();
  return name.empty() ? "board" : name;
}

std::string lower_case(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

}  // namespace

AnytimeWindow anytime_window(const CurveTable& table, double default_value) {
  assert(!table.costs.empty());
  const double tenth = 0.1 * table.costs.back();
  AnytimeWindow window;
  set_values(window, table, tenth, default_value);
  // A strategy that begins late must not hide what the others do before.
  window.from = std::min(first_sight(window, table, std::min(all_begun(table), tenth)),
                         std::max(tenth, table.costs.front()));
  return window;
}

std::vector<CostAxis> costs_that_differ(const Board& board) {
  constexpr double kSame = 0.02;   // of a cost: no more than the last training of a search
  constexpr double kSpent = 0.25;  // of the budget: some searches end before they reach it
  const Json budget = budget_of(board);
  double same = kSame;
  std::vector<CostAxis> spent;
  for (const auto& [axis, key] : kPreferred) {
    if (!budget.contains(key)) continue;
    const double apart = spread(board, axis);
    if (apart > kSpent) continue;
    spent.push_back(axis);
    same = std::max(same, 1.1 * apart);
  }
  std::vector<CostAxis> differing;
  for (const auto& [axis, key] : kPreferred)
    if (std::ranges::find(spent, axis) == spent.end() && spread(board, axis) > same)
      differing.push_back(axis);
  return differing;
}

std::vector<std::string> chart_names(const std::vector<Board>& boards) {
  std::set<std::string> taken = {"across"};  // of the charts over all boards
  std::vector<std::string> names;
  for (const Board& board : boards) {
    const std::string wanted = slug(board.traits.label + " " + board.place.label);
    std::string name = wanted;
    for (std::size_t k = 2; !taken.insert(lower_case(name)).second; ++k)
      name = fmt::format("{}-{}", wanted, k);
    names.push_back(std::move(name));
  }
  return names;
}

}  // namespace tonne
