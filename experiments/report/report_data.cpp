#include "experiments/report/report_data.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <variant>

#include "core/json.h"
#include "experiments/report/chart_choices.h"

namespace tonne {
namespace {

constexpr std::size_t kMostParallel = 300;

// A configuration as a text for a hover: "name=value;name=value".
std::string winner_text(const Board& board, const BoardSearch& search) {
  if (!search.winner) return "";
  std::string text;
  for (std::size_t i = 0; i < board.space.size(); ++i) {
    if (!search.winner->is_active(i)) continue;
    if (!text.empty()) text += ';';
    text += board.space[i].name + "=" + board.space.value_text(i, (*search.winner)[i]);
  }
  return text;
}

Json finals(const Board& board, const BoardStrategy& strategy) {
  Json columns = {{"seed", Json::array()},        {"value", Json::array()},        {"kg", Json::array()},
                  {"kwh", Json::array()},         {"hours", Json::array()},        {"usd", Json::array()},
                  {"evaluations", Json::array()}, {"configuration", Json::array()}};
  for (const BoardSearch& search : strategy.searches) {
    if (!search.value) continue;
    columns["seed"].push_back(std::to_string(search.seed));  // text: 64 bits do not fit a double
    columns["value"].push_back(*search.value);
    columns["kg"].push_back(search.kilograms);
    columns["kwh"].push_back(search.kilowatt_hours);
    columns["hours"].push_back(search.hours);
    columns["usd"].push_back(search.dollars ? Json(*search.dollars) : Json());
    columns["evaluations"].push_back(search.evaluations);
    columns["configuration"].push_back(winner_text(board, search));
  }
  return columns;
}

Json means(const LeaderboardRow& row) {
  const auto bound = [&](const auto member) {
    return row.value.*member ? Json(*(row.value.*member)) : Json();
  };
  return {{"value", row.value.mean},
          {"low", bound(&SeedMean::low)},
          {"high", bound(&SeedMean::high)},
          {"evaluations", row.evaluations},
          {"kg", row.search.carbon() / kilogram},
          {"kwh", row.search.energy / kilowatt_hour},
          {"hours", row.makespan / hour},
          {"usd", row.money ? Json(*row.money / dollar) : Json()}};
}

// Mean over the searches of what `of` finds in each.
double mean_over(const BoardStrategy& strategy, const auto& of) {
  double sum = 0.0;
  for (const BoardSearch& search : strategy.searches) sum += of(search);
  return sum / static_cast<double>(strategy.searches.size());
}

double line_kilograms(const BoardSearch& search, Line line) {
  double sum = 0.0;
  for (std::size_t account = 0; account < kLedgerAccounts; ++account)
    if (account != static_cast<std::size_t>(Account::retraining))
      sum += search.carbon[account][static_cast<std::size_t>(line)] / kilogram;
  return sum;
}

Json breakdown(const Board& board) {
  Json lines = Json::array(), kilograms = Json::array();
  const std::size_t shown = shown_breakdown_lines(board);
  for (std::size_t l = 0; l < shown; ++l) lines.push_back(kBreakdownLines[l].label);
  for (const BoardStrategy& strategy : board.strategies) {
    const auto all = carbon_breakdown(strategy);
    kilograms.push_back(
        Json(std::vector<double>(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(shown))));
  }
  return {{"lines", lines}, {"kg", kilograms}};
}

Json waterfall(const Board& board) {
  Json steps = Json::array(), kilograms = Json::array();
  for (const CarbonStep& step : carbon_steps(board.strategies.front())) {
    steps.push_back(step.name);
    kilograms.push_back(step.kilograms);
  }
  return {{"steps", steps}, {"kg", kilograms}};
}

// For each strategy the part of its searches that end at a value or better, at each value that occurs.
Json profile(const Board& board) {
  const bool up = board.traits.direction == Direction::maximise;
  std::vector<double> values;
  for (const BoardStrategy& strategy : board.strategies)
    for (const BoardSearch& search : strategy.searches)
      values.push_back(search.value.value_or(board.traits.default_true_value));
  std::ranges::sort(values);
  const auto repeated = std::ranges::unique(values);
  values.erase(repeated.begin(), repeated.end());
  constexpr std::size_t kMost = 200;
  if (values.size() > kMost) {
    std::vector<double> thinned;
    for (std::size_t i = 0; i < kMost; ++i) thinned.push_back(values[i * (values.size() - 1) / (kMost - 1)]);
    values = std::move(thinned);
  }
  Json series = Json::array();
  for (const BoardStrategy& strategy : board.strategies) {
    Json shares = Json::array();
    for (const double value : values)
      shares.push_back(mean_over(strategy, [&](const BoardSearch& search) {
        const double end = search.value.value_or(board.traits.default_true_value);
        return (up ? end >= value : end <= value) ? 1.0 : 0.0;
      }));
    series.push_back(std::move(shares));
  }
  return {{"x", values}, {"series", series}};
}

Json timeline_data(const Timeline& timeline) {
  Json bars = Json::array();
  for (const TimelineBar& bar : timeline.bars) {
    bars.push_back({{"worker", bar.worker},
                    {"start", bar.start_hours},
                    {"end", bar.end_hours},
                    {"status", bar.status},
                    {"count", bar.count},
                    {"kg", bar.kilograms}});
    if (!bar.site.empty()) bars.back()["site"] = bar.site;
  }
  return {{"workers", timeline.workers},
          {"bars", bars},
          {"intensity", {{"hours", timeline.intensity_hours}, {"grams", timeline.intensity_grams}}}};
}

Json importance_data(const Importance& importance) {
  Json parameters = Json::array();
  for (const ParameterShare& parameter : importance.parameters)
    parameters.push_back({{"name", parameter.name}, {"share", parameter.share}});
  return {{"parameters", parameters}, {"fit", importance.fit}};
}

Json axis_of(const Parameter& parameter) {
  Json axis = {{"name", parameter.name}};
  if (const auto* categorical = std::get_if<Categorical>(&parameter.domain))
    axis["choices"] = categorical->choices;
  if (const auto* ordinal = std::get_if<Ordinal>(&parameter.domain)) axis["choices"] = ordinal->levels;
  const auto numeric = [&](const auto& domain) {
    axis["low"] = domain.low;
    axis["high"] = domain.high;
    axis["log"] = domain.scale == Scale::log;
  };
  if (const auto* real = std::get_if<Real>(&parameter.domain)) numeric(*real);
  if (const auto* integer = std::get_if<Integer>(&parameter.domain)) numeric(*integer);
  return axis;
}

// What each search ended with; the most important parameters first, as many as fit a page.
Json parallel(const Board& board, const TrialDigest& digest) {
  constexpr std::size_t kMostAxes = 12;
  std::vector<std::size_t> shown;
  if (digest.importance)
    for (const ParameterShare& share : digest.importance->parameters)
      if (const auto index = board.space.find(share.name)) shown.push_back(*index);
  for (std::size_t i = 0; i < board.space.size(); ++i)
    if (std::ranges::find(shown, i) == shown.end()) shown.push_back(i);
  shown.resize(std::min(shown.size(), kMostAxes));

  std::size_t searches = 0;
  for (const BoardStrategy& strategy : board.strategies) searches += strategy.searches.size();
  const std::size_t stride = (searches + kMostParallel - 1) / kMostParallel;
  Json parameters = Json::array(), rows = Json::array();
  for (const std::size_t i : shown) parameters.push_back(axis_of(board.space[i]));
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (std::size_t s = 0; s < board.strategies.size(); ++s) {
    for (std::size_t k = 0; k < board.strategies[s].searches.size(); k += stride) {
      const BoardSearch& search = board.strategies[s].searches[k];
      if (!search.winner || !search.value) continue;
      Json values = Json::array();
      for (const std::size_t i : shown)
        values.push_back(search.winner->is_active(i) ? Json((*search.winner)[i]) : Json());
      rows.push_back({{"strategy", s}, {"value", *search.value}, {"values", values}});
      low = std::min(low, *search.value);
      high = std::max(high, *search.value);
    }
  }
  if (rows.empty()) return Json();
  return {{"parameters", parameters}, {"low", low}, {"high", high}, {"rows", rows}};
}

}  // namespace

std::size_t shown_breakdown_lines(const Board& board) {
  const bool moved = std::ranges::any_of(board.strategies, [](const BoardStrategy& strategy) {
    return carbon_breakdown(strategy).back() > 0.0;
  });
  return moved ? kBreakdownLines.size() : kBreakdownLines.size() - 1;
}

std::array<double, kBreakdownLines.size()> carbon_breakdown(const BoardStrategy& strategy) {
  constexpr std::array lines = {Line::device_dynamic, Line::device_idle, Line::host,
                                Line::facility,       Line::embodied,    Line::transfer};
  std::array<double, lines.size()> kilograms{};
  for (std::size_t l = 0; l < lines.size(); ++l)
    kilograms[l] =
        mean_over(strategy, [&](const BoardSearch& search) { return line_kilograms(search, lines[l]); });
  return kilograms;
}

std::vector<CarbonStep> carbon_steps(const BoardStrategy& strategy) {
  const auto devices_of = [&](std::size_t account) {
    return mean_over(strategy, [&](const BoardSearch& search) {
      const auto& lines = search.carbon[account];
      return (lines[static_cast<std::size_t>(Line::device_dynamic)] +
              lines[static_cast<std::size_t>(Line::device_idle)]) /
             kilogram;
    });
  };
  const auto devices = [&](Account account) { return devices_of(static_cast<std::size_t>(account)); };
  const auto [work, idle, hosts, facility, embodied, transfer] = carbon_breakdown(strategy);
  std::vector<CarbonStep> steps = {{"training candidates", devices(Account::search)},
                                   {"failed candidates", devices(Account::failed)},
                                   {"lost to preemption", devices(Account::lost)},
                                   {"strategy compute", devices(Account::strategy)},
                                   {"idle workers", devices(Account::idle)},
                                   {"earlier searches", devices_of(kAccounts)},
                                   {"hosts", hosts},
                                   {"cooling and distribution", facility},
                                   {"embodied in hardware", embodied},
                                   {"data transfer between sites", transfer}};
  std::erase_if(steps, [](const CarbonStep& step) { return step.kilograms == 0.0; });
  return steps;
}

Json board_data(const Board& board, const TrialDigest& digest) {
  Json data;
  data["objective"] = board.traits.objective;
  data["unit"] = board.traits.unit;
  data["better"] = board.traits.direction == Direction::maximise ? "higher" : "lower";
  data["default"] = board.traits.default_true_value;
  data["optimum"] = board.traits.optimum ? Json(*board.traits.optimum) : Json();
  for (const char* list : {"strategies", "finals", "means"}) data[list] = Json::array();
  for (std::size_t s = 0; s < board.strategies.size(); ++s) {
    data["strategies"].push_back(board.strategies[s].label);
    data["finals"].push_back(finals(board, board.strategies[s]));
    data["means"].push_back(means(board.leaderboard.rows[s]));
  }
  data["costs"] = Json::array();
  for (const CostAxis axis : costs_that_differ(board))
    data["costs"].push_back(std::string(kCostAxisNames[static_cast<std::size_t>(axis)]));
  data["breakdown"] = breakdown(board);
  data["waterfall"] = waterfall(board);
  data["profile"] = profile(board);
  if (digest.timeline) data["timeline"] = timeline_data(*digest.timeline);
  if (digest.importance) data["importance"] = importance_data(*digest.importance);
  data["parallel"] = parallel(board, digest);
  return data;
}

std::string script_text(const Json& data) {
  std::string text;
  for (const char c : json_line(data)) {
    if (c == '<')
      text += "\\u003c";
    else if (c == '>')
      text += "\\u003e";
    else if (c == '&')
      text += "\\u0026";
    else
      text += c;
  }
  return text;
}

}  // namespace tonne
