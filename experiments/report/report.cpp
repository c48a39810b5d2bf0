#include "experiments/report/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "cost_models/equivalents.h"
#include "experiments/analysis/anytime.h"
#include "experiments/analysis/board.h"
#include "experiments/analysis/comparison.h"
#include "experiments/analysis/trial_digest.h"
#include "experiments/report/report_data.h"
#include "experiments/report/svg.h"
#include "experiments/text/text_table.h"
#include "experiments/text/version.h"

namespace tonne {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kFewSeeds = 10;

std::string with_unit(const Board& board, double value) {
  return board_value(board, value) + (board.traits.unit.empty() ? "" : " " + board.traits.unit);
}

std::string interval_text(const IntervalEstimate& estimate, const auto& text) {
  return estimate.low ? text(*estimate.low) + " .. " + text(*estimate.high) : "-";
}

double gain(const Board& board, double from, double to) {
  return board.traits.direction == Direction::maximise ? to - from : from - to;
}

// --- one board in words ---

struct BoardParts {
  const Board& board;
  const BoardCurves& curves;
  const TrialDigest& digest;
  Comparison comparison;
  std::optional<double> target;
  std::vector<ExpectedCost> to_target;
  CarbonFigureTable figures;
};

std::vector<std::string> labels(const Board& board, const std::vector<std::size_t>& strategies) {
  std::vector<std::string> names;
  for (const std::size_t s : strategies) names.push_back(board.strategies[s].label);
  return names;
}

// Whether the best strategy's interval lies above what costs nothing.
bool beats_default(const Board& board) {
  const auto& value = board.leaderboard.rows.front().value;
  if (!value) return false;
  const double worst =
      value->low ? (board.traits.direction == Direction::maximise ? *value->low : *value->high) : value->mean;
  return gain(board, board.traits.default_true_value, worst) > 0.0;
}

// Of those that are not told apart, the one whose searches emit clearly less than the first's.
std::optional<std::size_t> cheaper_of(const Board& board, const std::vector<std::size_t>& level) {
  constexpr double kClearly = 0.95;
  const auto kilograms = [&](std::size_t s) { return board.leaderboard.rows[s].search.carbon() / kilogram; };
  const auto cheapest = *std::ranges::min_element(level, {}, kilograms);
  return kilograms(cheapest) < kClearly * kilograms(level.front()) ? std::optional(cheapest) : std::nullopt;
}

std::string advice(const BoardParts& parts) {
  const Board& board = parts.board;
  const LeaderboardRow& best = board.leaderboard.rows.front();
  if (!best.value) return "No strategy found a candidate that trains.";
  if (!beats_default(board))
    return fmt::format(
        "Do not search on this evidence: the best strategy, {}, ends at {} for {} kg CO2e, and the default "
        "configuration has {} for nothing.",
        best.strategy, with_unit(board, best.value->mean), significant_text(best.search.carbon() / kilogram),
        with_unit(board, board.traits.default_true_value));
  std::string text = fmt::format("Take {}: ", joined(labels(board, parts.comparison.level), "or"));
  text += fmt::format("{} ends at {} {} for {} kg CO2e a search, {} better than the default configuration",
                      best.strategy, board.traits.objective, with_unit(board, best.value->mean),
                      significant_text(best.search.carbon() / kilogram),
                      significant_text(gain(board, board.traits.default_true_value, best.value->mean)) + " " +
                          difference_unit(board));
  if (best.overhead)
    text += fmt::format(", and costs {} trainings of its winner", significant_text(*best.overhead));
  text += ".";
  if (parts.comparison.level.size() > 1) {
    text += fmt::format(" The seeds do not tell {} apart", joined(labels(board, parts.comparison.level)));
    if (const auto cheap = cheaper_of(board, parts.comparison.level))
      text += fmt::format("; {} emits least, {} kg a search", board.strategies[*cheap].label,
                          significant_text(board.leaderboard.rows[*cheap].search.carbon() / kilogram));
    text += ".";
  }
  return text;
}

// An estimate of that kind has no more than two digits.
std::string seeds_text(std::size_t seeds) {
  if (seeds > 1000) return "more than 1,000";
  return fmt::format("about {:.0f}", seeds < 100 ? static_cast<double>(seeds)
                                                 : std::round(static_cast<double>(seeds) / 10.0) * 10.0);
}

std::string certainty(const BoardParts& parts) {
  const Board& board = parts.board;
  const Comparison& comparison = parts.comparison;
  if (!board.leaderboard.rows.front().value) return "There is nothing to be sure of.";
  const std::string best = board.strategies.front().label;
  if (comparison.rivals.empty()) return "One strategy alone: there is nothing to compare it with.";
  const std::size_t seeds = comparison.rivals.front().seeds;
  if (!comparison.can_tell)
    return fmt::format(
        "Not sure at all: with {} seed{} in common no difference, however large, can reach p < .05 in {} "
        "comparison{}. Run more seeds.",
        seeds, seeds == 1 ? "" : "s", comparison.rivals.size(), comparison.rivals.size() == 1 ? "" : "s");
  std::vector<std::string> ahead, unsettled;
  for (const Rivalry& rival : comparison.rivals)
    (rival.apart ? ahead : unsettled).push_back(board.strategies[rival.other].label);
  std::string text;
  if (!ahead.empty())
    text += fmt::format(
        "{} is ahead of {}: over {} common seeds a difference like that would arise by chance in fewer than "
        "5 of 100 experiments. ",
        best, joined(ahead), seeds);
  if (!unsettled.empty()) {
    text += fmt::format("Its lead over {} is not settled by these seeds", joined(unsettled));
    const Rivalry& nearest = comparison.rivals.front();
    if (nearest.seeds_wanted && !nearest.apart)
      text += fmt::format("; against {} {} seeds would be wanted for a difference of the size seen",
                          board.strategies[nearest.other].label, seeds_text(*nearest.seeds_wanted));
    text += ".";
  }
  return text;
}

std::string p_text(double p) {
  return p < 0.001 ? "< .001" : fmt::format("{:.3f}", p);
}

std::string verdict(const Board& board, const Comparison& comparison, const Rivalry& rival) {
  const std::string best = board.strategies.front().label;
  if (rival.apart) return fmt::format("{} is better; the effect is {}", best, cliffs_word(rival.delta));
  if (!comparison.can_tell) return "too few seeds to tell";
  if (rival.p < 0.05) return "better on average, worse in most seeds";
  if (rival.difference.value == 0.0) return "equal";
  if (!rival.seeds_wanted) return "not told apart";
  return fmt::format("not told apart; {} seeds wanted", seeds_text(*rival.seeds_wanted));
}

// --- tables ---

std::string ordinary_target(const Board& board, double target) {
  return (board.traits.unit == "%" ? fmt::format("{:g}", std::round(target * 1000.0) / 1000.0)
                                   : fmt::format("{:.6g}", target)) +
         (board.traits.unit.empty() ? "" : " " + board.traits.unit);
}

TextTable leaderboard_table(const BoardParts& parts) {
  const Board& board = parts.board;
  const bool failures = std::ranges::any_of(board.leaderboard.rows,
                                            [](const LeaderboardRow& row) { return row.failures > 0.0; });
  TextTable table;
  table.head = {"strategy",
                board.traits.objective + (board.traits.unit.empty() ? "" : " " + board.traits.unit),
                "95 % interval"};
  if (board.traits.optimum) table.head.push_back("regret");
  table.head.insert(table.head.end(), {"seeds", "evals"});
  if (failures) table.head.push_back("failed");
  table.head.insert(table.head.end(), {"hours", "device-h", "kWh", "kg CO2e", "USD"});
  if (parts.target) table.head.push_back("kg to " + ordinary_target(board, *parts.target));
  table.head.insert(table.head.end(), {"gain/t", "overhead"});
  for (std::size_t s = 0; s < board.strategies.size(); ++s) {
    const LeaderboardRow& row = board.leaderboard.rows[s];
    std::vector<std::string> cells{
        row.strategy, row.value ? board_value(board, row.value->mean) : "none",
        row.value && row.value->low
            ? board_value(board, *row.value->low) + " .. " + board_value(board, *row.value->high)
            : "-"};
    if (board.traits.optimum) cells.push_back(row.regret ? significant_text(*row.regret) : "-");
    cells.push_back(std::to_string(row.seeds));
    cells.push_back(fmt::format("{:.0f}", row.evaluations));
    if (failures) cells.push_back(fmt::format("{:.3g}", row.failures));
    for (const double value : {row.makespan / hour, row.worker_time / hour, row.search.energy / kilowatt_hour,
                               row.search.carbon() / kilogram, row.search.money / dollar})
      cells.push_back(significant_text(value));
    if (parts.target) {
      const ExpectedCost& cost = parts.to_target[s];
      cells.push_back(cost.cost ? significant_text(cost.cost->value) : "not reached");
    }
    cells.push_back(row.gain_per_tonne ? significant_text(*row.gain_per_tonne) : "-");
    cells.push_back(row.overhead ? significant_text(*row.overhead) + "x" : "-");
    table.rows.push_back(std::move(cells));
  }
  table.caption =
      "evals: trainings, failed ones included; hours: start to end; device-h: paid hours of all workers; "
      "gain/t: improvement over the default configuration per "
      "tonne of CO2e; overhead: CO2e of the search over that of training its winner once.";
  return table;
}

TextTable pairs_table(const BoardParts& parts) {
  const Board& board = parts.board;
  TextTable table;
  table.caption = fmt::format(
      "Differences in {}, paired by seed; above 0: {} is better. p: Wilcoxon's signed-rank test, adjusted by "
      "Holm.",
      difference_unit(board), board.strategies.front().label);
  table.head = {"against",       "difference",    "95 % interval", "P(better)",
                "95 % interval", "Cliff's delta", "p, Holm",       "so"};
  const auto part = [](double value) { return fmt::format("{:.2f}", value); };
  for (const Rivalry& rival : parts.comparison.rivals)
    table.rows.push_back({board.strategies[rival.other].label, significant_text(rival.difference.value),
                          interval_text(rival.difference, significant_text), part(rival.probability.value),
                          interval_text(rival.probability, part), part(rival.delta), p_text(rival.p),
                          verdict(board, parts.comparison, rival)});
  return table;
}

TextTable target_table(const BoardParts& parts) {
  const Board& board = parts.board;
  TextTable table;
  table.caption =
      "Expected: all that was spent over the number of searches that reached it, what one pays who starts "
      "again until one does. A mean over the lucky ones alone would flatter.";
  table.head = {"strategy", "searches that reach it", "kg CO2e expected", "95 % interval",
                "median of those that reach it"};
  for (std::size_t s = 0; s < board.strategies.size(); ++s) {
    const ExpectedCost& cost = parts.to_target[s];
    const auto text = [](double value) {
      return std::isinf(value) ? std::string("no bound") : significant_text(value);
    };
    table.rows.push_back({board.strategies[s].label, fmt::format("{} of {}", cost.successes, cost.searches),
                          cost.cost ? significant_text(cost.cost->value) : "not reached",
                          cost.cost ? interval_text(*cost.cost, text) : "-",
                          cost.median_of_reached ? significant_text(*cost.median_of_reached) : "-"});
  }
  return table;
}

std::vector<double> values_of(const BoardStrategy& strategy) {
  std::vector<double> values;
  for (const BoardSearch& search : strategy.searches)
    if (search.value) values.push_back(*search.value);
  return values;
}

std::string overhead_interval(const LeaderboardRow& row) {
  if (!row.overhead_over_seeds || !row.overhead_over_seeds->low) return "-";
  return fmt::format("{}x .. {}x", significant_text(std::max(0.0, *row.overhead_over_seeds->low)),
                     significant_text(*row.overhead_over_seeds->high));
}

TextTable metrics_table(const BoardParts& parts) {
  const Board& board = parts.board;
  const bool payback = board.leaderboard.deployment.given();
  TextTable table;
  table.caption = fmt::format(
      "Interquartile mean: of the middle half of the searches. Over ln kg: {}. Dominated: part of the "
      "rectangle of CO2e and value "
      "that a search dominates, from the default configuration up. Worth until: the kg after which the mean "
      "curve gains less than {} {} per kg.",
      parts.figures.to > 0.0
          ? fmt::format("mean of the curve while the spend grows from {} to {} kg",
                        significant_text(parts.figures.from), significant_text(parts.figures.to))
          : "the strategies share no stretch of cost",
      significant_text(parts.figures.threshold), difference_unit(board));
  table.head = {"strategy",      "interquartile mean", "95 % interval",     "over ln kg",
                "95 % interval", "dominated",          "95 % interval",     "worth until, kg",
                "overhead",      "95 % interval",      "kg of one training"};
  if (payback) table.head.push_back("pays back after");
  for (std::size_t s = 0; s < board.strategies.size(); ++s) {
    const std::vector<double> values = values_of(board.strategies[s]);
    const CarbonFigures& figures = parts.figures.strategies[s];
    const LeaderboardRow& row = board.leaderboard.rows[s];
    std::vector<std::string> cells{row.strategy};
    const auto value = [&](double v) { return board_value(board, v); };
    if (values.empty()) {
      cells.insert(cells.end(), {"none", "-"});
    } else {
      const IntervalEstimate middle = bootstrap_interquartile_mean(values);
      cells.push_back(value(middle.value));
      cells.push_back(interval_text(middle, value));
    }
    const auto part = [](double v) { return fmt::format("{:.3f}", v); };
    cells.push_back(figures.log_area ? value(*figures.log_area) : "-");
    cells.push_back(figures.log_area_over_seeds ? interval_text(*figures.log_area_over_seeds, value) : "-");
    cells.push_back(figures.hypervolume ? part(*figures.hypervolume) : "-");
    cells.push_back(figures.hypervolume_over_seeds ? interval_text(*figures.hypervolume_over_seeds, part)
                                                   : "-");
    cells.push_back(figures.worth_until ? significant_text(*figures.worth_until) : "-");
    cells.push_back(row.overhead ? significant_text(*row.overhead) + "x" : "-");
    cells.push_back(overhead_interval(row));
    cells.push_back(row.overhead && *row.overhead > 0.0
                        ? significant_text(row.search.carbon() / kilogram / *row.overhead)
                        : "-");
    if (payback)
      cells.push_back(row.payback ? break_even_text(*row.payback, board.leaderboard.deployment)
                                  : "not known");
    table.rows.push_back(std::move(cells));
  }
  return table;
}

// Up to ten pictures, each standing for a round number.
EquivalentView equivalent_view(const Equivalent& equivalent, Carbon carbon, std::string_view icon) {
  const double amount = carbon / equivalent.each;
  const double each = std::pow(10.0, std::ceil(std::log10(amount / 10.0)));
  EquivalentView view;
  view.icon = icon;
  view.count = static_cast<std::size_t>(std::max(1.0, std::round(amount / each)));
  view.amount = significant_text(amount);
  view.what = fmt::format("{} (one picture: {:g})", equivalent.what, each);
  view.source = fmt::format("{}{}", equivalent.source, equivalent.verified ? "" : "; not verified");
  return view;
}

std::vector<EquivalentView> equivalent_views(Carbon carbon) {
  constexpr std::pair<std::string_view, std::string_view> kPictures[] = {{"smartphone_charges", "phone"},
                                                                         {"car_km_eu", "car"},
                                                                         {"tree_years", "tree"},
                                                                         {"flights_paris_london", "plane"},
                                                                         {"car_lifetimes", "life"}};
  std::vector<EquivalentView> views;
  if (carbon <= Carbon{}) return views;
  for (const auto& [key, icon] : kPictures) {
    for (const Equivalent& equivalent : equivalents()) {
      const double amount = carbon / equivalent.each;
      if (equivalent.key == key && amount >= 0.05 && amount < 1e6)
        views.push_back(equivalent_view(equivalent, carbon, icon));
    }
  }
  return views;
}

// --- one board ---

BoardParts parts_of(const Board& board, const BoardCurves& curves, const TrialDigest& digest,
                    const ReportOptions& options) {
  BoardParts parts{board,
                   curves,
                   digest,
                   compare_strategies(board),
                   options.target ? options.target : typical_target(board),
                   {},
                   carbon_figures(board, curves, options.worth)};
  if (parts.target) parts.to_target = carbon_to(board, curves, *parts.target);
  return parts;
}

std::string ranking_caption(const Comparison& comparison) {
  const Friedman& ranking = *comparison.ranking;
  return fmt::format(
      "Mean rank of each strategy over {} seeds, 1 is best; a bar joins what Wilcoxon's signed-rank tests of "
      "all pairs, adjusted by Holm, do not tell apart. Friedman: chi2 = {:.4g}, p {}. CD: "
      "Nemenyi's critical difference, for comparison. Ranks over seeds of one problem say how reliably a "
      "strategy leads here, not on other problems.",
      comparison.ranked_seeds, ranking.chi_squared,
      ranking.p < 0.001 ? "< .001" : fmt::format("= {:.3f}", ranking.p));
}

TextTable ranking_table(const BoardParts& parts) {
  TextTable table;
  table.head = {"strategy", "mean rank", "not told apart from"};
  const Comparison& comparison = parts.comparison;
  for (std::size_t s = 0; s < parts.board.strategies.size(); ++s) {
    std::vector<std::size_t> level;
    for (const auto& group : comparison.groups)
      if (std::ranges::find(group, s) != group.end())
        for (const std::size_t other : group)
          if (other != s && std::ranges::find(level, other) == level.end()) level.push_back(other);
    std::ranges::sort(level);
    table.rows.push_back({parts.board.strategies[s].label,
                          fmt::format("{:.2f}", comparison.ranking->mean_ranks[s]),
                          level.empty() ? "-" : joined(labels(parts.board, level))});
  }
  return table;
}

BoardView board_view(const BoardParts& parts, std::size_t index, bool ranks_known) {
  const Board& board = parts.board;
  const LeaderboardRow& best = board.leaderboard.rows.front();
  BoardView view;
  view.id = fmt::format("board-{}", index + 1);
  view.name = board.traits.label + (board.place.label.empty() ? "" : " (" + board.place.label + ")");
  view.summary = board.place.summary;
  view.value_name = board.traits.objective + (board.traits.unit.empty() ? "" : ", " + board.traits.unit);
  view.better = board.traits.direction == Direction::maximise ? "higher" : "lower";
  view.unit_words = difference_unit(board);
  view.best = best.strategy;
  view.best_value = best.value ? with_unit(board, best.value->mean) : "none";
  view.default_value = with_unit(board, board.traits.default_true_value);
  view.best_kilograms = significant_text(best.search.carbon() / kilogram);
  view.conclusion = advice(parts);
  view.certainty = certainty(parts);
  view.leaderboard = leaderboard_table(parts);
  view.ratio_warning =
      "gain/t is a plain ratio and rewards doing nothing: a search that spends next to nothing for next to "
      "no gain looks excellent. Compare value at equal CO2e, or CO2e to reach a value.";
  if (!parts.comparison.rivals.empty()) view.pairs = pairs_table(parts);
  if (parts.target) {
    view.target = target_table(parts);
    view.target_value = ordinary_target(board, *parts.target);
  }
  view.metrics = metrics_table(parts);
  view.has_curves = best.value.has_value();
  view.has_profile = best.value.has_value();
  view.profile_side =
      board.traits.direction == Direction::maximise ? "to the top and right" : "to the top and left";
  view.has_ranks = ranks_known;
  view.has_attainment = best.value.has_value();
  view.has_waterfall = true;
  view.waterfall_caption =
      "Mean of a search. The steps before the hosts are the devices' electricity by what it was for.";
  if (parts.digest.timeline) {
    const Timeline& timeline = *parts.digest.timeline;
    view.has_timeline = true;
    view.timeline_caption = fmt::format(
        "{}, seed {}: of its searches the one with the middle result. {} trials{}. The line above: grams of "
        "CO2e per kWh that the trials were charged, by the middle of each.",
        timeline.strategy, timeline.seed, timeline.trials,
        timeline.bars.size() < timeline.trials ? ", neighbours joined" : "");
  }
  if (parts.digest.importance) {
    view.has_importance = true;
    view.importance_caption = fmt::format(
        "A random forest over {} candidates trained in full, from all searches: the share of the variation "
        "of its prediction that each parameter explains alone, over the candidates that were "
        "tried. What is missing to 100 % lies in interactions. Grown on half of them it explains {:.0f} % of "
        "the other half{}.",
        parts.digest.importance->trials, 100.0 * std::max(0.0, parts.digest.importance->fit),
        parts.digest.importance->fit < 0.5 ? ": too little to lean on" : "");
  }
  if (auto ranking = ranking_svg(board, parts.comparison))
    view.ranking = Drawing{std::move(*ranking), ranking_caption(parts.comparison), ranking_table(parts)};
  view.has_parallel = best.value.has_value() && board.space.size() > 0;
  view.parallel_caption =
      fmt::format("Each line is what one search ended with{}.",
                  board.space.size() > 12 ? ", on the twelve most important parameters" : "");
  view.equivalents = equivalent_views(best.search.carbon());
  return view;
}

// Seven digits are more than any chart shows; they halve the file.
Json rounded(double value) {
  return std::isfinite(value) ? Json(std::stod(fmt::format("{:.7g}", value))) : Json();
}
Json rounded(const std::optional<double>& value) {
  return value ? rounded(*value) : Json();
}
Json rounded_list(const auto& values) {
  Json list = Json::array();
  for (const auto& value : values) list.push_back(rounded(value));
  return list;
}

Json curves_data(const BoardCurves& curves) {
  Json axes = Json::object();
  for (std::size_t axis = 0; axis < kCostAxes; ++axis) {
    const CurveTable table = mean_curves(curves, static_cast<CostAxis>(axis));
    if (table.costs.size() < 2) continue;  // nothing of that was spent
    Json series = Json::array();
    for (const MeanCurve& curve : table.strategies)
      series.push_back({{"mean", rounded_list(curve.mean)},
                        {"low", rounded_list(curve.low)},
                        {"high", rounded_list(curve.high)},
                        {"running", curve.running},
                        {"seeds", curve.searches}});
    axes[std::string(kCostAxisNames[axis])] = {{"x", rounded_list(table.costs)}, {"series", series}};
  }
  return axes;
}

Json attainment_data(const Board& board, const BoardCurves& curves) {
  constexpr std::size_t kMostCorners = 150;
  Json strategies = Json::array();
  for (const auto& searches : curves) {
    Json levels = Json::array();
    for (const AttainmentLevel& level : attainment(board, searches)) {
      Json x = Json::array(), y = Json::array();
      const std::size_t stride = level.values.size() / kMostCorners + 1;
      for (std::size_t i = 0; i < level.values.size(); ++i) {
        if (i % stride != 0 && i + 1 != level.values.size()) continue;
        x.push_back(rounded(level.kilograms[i]));
        y.push_back(rounded(level.values[i]));
      }
      levels.push_back({{"part", level.part}, {"x", x}, {"y", y}});
    }
    strategies.push_back(std::move(levels));
  }
  return strategies;
}

// JSON inside a script element: nothing in it may look like the element's end, or like a comment.
std::string embedded(const Json& data) {
  std::string text;
  for (const char c : data.dump(-1, ' ', true, Json::error_handler_t::replace)) {
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

// --- figures for programs ---

class Figures {
 public:
  Figures(std::vector<ReportFigure>& list, const BoardParts& parts, std::size_t strategy)
      : list_(list),
        problem_(parts.board.traits.label),
        scenario_(parts.board.place.label),
        strategy_(parts.board.strategies[strategy].label) {}
  void add(const std::string& metric, std::optional<double> value, const std::string& unit,
           std::optional<double> low = std::nullopt, std::optional<double> high = std::nullopt) {
    list_.push_back({problem_, scenario_, strategy_, metric, unit, value, low, high});
  }

 private:
  std::vector<ReportFigure>& list_;
  std::string problem_, scenario_, strategy_;
};

void add_costs(Figures& figures, const LeaderboardRow& row) {
  figures.add("evaluations", row.evaluations, "");
  figures.add("hours", row.makespan / hour, "h");
  figures.add("device_hours", row.worker_time / hour, "h");
  figures.add("energy", row.search.energy / kilowatt_hour, "kWh");
  figures.add("co2e", row.search.carbon() / kilogram, "kg");
  figures.add("money", row.search.money / dollar, "USD");
}

void add_target(Figures& figures, const BoardParts& parts, std::size_t strategy) {
  if (!parts.target) return;
  const ExpectedCost& cost = parts.to_target[strategy];
  const std::string target = ordinary_target(parts.board, *parts.target);
  const auto finite = [](const std::optional<double>& value) {
    return value && std::isfinite(*value) ? value : std::nullopt;
  };
  figures.add("searches that reach " + target, static_cast<double>(cost.successes), "");
  if (cost.cost)
    figures.add("expected co2e to reach " + target, cost.cost->value, "kg", finite(cost.cost->low),
                finite(cost.cost->high));
}

void add_strategy_figures(std::vector<ReportFigure>& list, const BoardParts& parts, std::size_t s) {
  const Board& board = parts.board;
  const std::string& unit = board.traits.unit;
  const LeaderboardRow& row = board.leaderboard.rows[s];
  Figures figures(list, parts, s);
  figures.add("seeds", static_cast<double>(row.seeds), "");
  if (row.value) figures.add(board.traits.objective, row.value->mean, unit, row.value->low, row.value->high);
  if (const auto values = values_of(board.strategies[s]); !values.empty()) {
    const IntervalEstimate middle = bootstrap_interquartile_mean(values);
    figures.add("interquartile mean", middle.value, unit, middle.low, middle.high);
  }
  if (row.regret) figures.add("regret", row.regret, unit);
  add_costs(figures, row);
  if (row.gain_per_tonne) figures.add("gain per tonne", row.gain_per_tonne, unit);
  if (row.overhead_over_seeds)
    figures.add("overhead", row.overhead, "", row.overhead_over_seeds->low, row.overhead_over_seeds->high);
  add_target(figures, parts, s);
  const CarbonFigures& carbon = parts.figures.strategies[s];
  if (const auto& area = carbon.log_area_over_seeds)
    figures.add("mean over log co2e", area->value, unit, area->low, area->high);
  if (const auto& volume = carbon.hypervolume_over_seeds)
    figures.add("hypervolume of value and co2e", volume->value, "", volume->low, volume->high);
  if (carbon.worth_until) figures.add("worth until", carbon.worth_until, "kg");
  const auto lines = carbon_breakdown(board.strategies[s]);
  for (std::size_t l = 0; l < shown_breakdown_lines(board); ++l)
    figures.add("co2e of " + std::string(kBreakdownLines[l]), lines[l], "kg");
}

void add_figures(std::vector<ReportFigure>& list, const BoardParts& parts) {
  for (std::size_t s = 0; s < parts.board.strategies.size(); ++s) add_strategy_figures(list, parts, s);
  for (const Rivalry& rival : parts.comparison.rivals) {
    Figures figures(list, parts, 0);
    const std::string against = " against " + parts.board.strategies[rival.other].label;
    figures.add("difference" + against, rival.difference.value, parts.board.traits.unit, rival.difference.low,
                rival.difference.high);
    figures.add("probability of improvement" + against, rival.probability.value, "", rival.probability.low,
                rival.probability.high);
    figures.add("Wilcoxon-Holm p" + against, rival.p, "");
  }
}

// --- the whole ---

std::size_t most_seeds(const std::vector<Board>& boards) {
  std::size_t most = 0;
  for (const Board& board : boards)
    for (const BoardStrategy& strategy : board.strategies) most = std::max(most, strategy.searches.size());
  return most;
}

std::size_t count_searches(const std::vector<Board>& boards) {
  std::size_t count = 0;
  for (const Board& board : boards)
    for (const BoardStrategy& strategy : board.strategies) count += strategy.searches.size();
  return count;
}

std::vector<std::string> warnings(const ReportInput& input, const std::vector<BoardParts>& boards) {
  std::vector<std::string> texts = input.notes;
  const std::size_t finished = count_searches(input.boards);
  if (finished < input.planned)
    texts.push_back(fmt::format("{} of {} searches have finished: this is a part of the experiment.",
                                finished, input.planned));
  const std::size_t seeds = most_seeds(input.boards);
  std::vector<std::string> unequal;
  if (seeds < kFewSeeds)
    texts.push_back(
        fmt::format("{} seed{}: intervals are wide and uncertain themselves; twenty are a good beginning.",
                    seeds, seeds == 1 ? "" : "s"));
  for (const BoardParts& parts : boards) {
    for (const std::string& note : parts.board.traits.notes) {  // once, however many scenarios there are
      const std::string text = parts.board.traits.label + ": " + note;
      if (std::ranges::find(texts, text) == texts.end()) texts.push_back(text);
    }
    for (const LeaderboardRow& row : parts.board.leaderboard.rows)
      if (row.without_winner > 0)
        texts.push_back(fmt::format(
            "{}: in {} of {} searches of {} every candidate failed; its value is the mean of the others.",
            parts.board.traits.label, row.without_winner, row.seeds, row.strategy));
    double least = 0.0, most = 0.0;
    for (const LeaderboardRow& row : parts.board.leaderboard.rows) {
      const double kilograms = row.search.carbon() / kilogram;
      least = least == 0.0 ? kilograms : std::min(least, kilograms);
      most = std::max(most, kilograms);
    }
    if (most > 1.25 * least)
      unequal.push_back(fmt::format("{} ({} to {} kg)", parts.board.leaderboard.problem,
                                    significant_text(least), significant_text(most)));
  }
  constexpr std::size_t kMostNamed = 4;
  const std::size_t more = unequal.size() > kMostNamed ? unequal.size() - kMostNamed : 0;
  unequal.resize(unequal.size() - more);
  if (more > 0) unequal.push_back(fmt::format("{} more", more));
  if (!unequal.empty())
    texts.push_back(
        fmt::format("Strategies emitted unequally much a search on {}: who spent more had more chances. "
                    "Compare them at equal cost, along the curves.",
                    joined(unequal)));
  if (!input.uncertain)
    texts.push_back(
        "The figures of devices, hosts and grid are taken as exact; given as distributions they would say "
        "how far they carry (docs/how-to.md, \"Say how sure you are\").");
  return texts;
}

// How often each strategy is the best or level with it, over boards.
std::string across(const std::vector<BoardParts>& boards) {
  if (boards.size() < 2) return "";
  std::vector<std::pair<std::string, std::size_t>> wins;
  for (const BoardParts& parts : boards) {
    for (const std::string& label : labels(parts.board, parts.comparison.level)) {
      const auto at = std::ranges::find(wins, label, &std::pair<std::string, std::size_t>::first);
      if (at == wins.end())
        wins.emplace_back(label, 1);
      else
        ++at->second;
    }
  }
  std::ranges::sort(wins, {},
                    [](const auto& win) { return std::pair(-static_cast<double>(win.second), win.first); });
  std::string text;
  for (std::size_t i = 0; i < std::min<std::size_t>(wins.size(), 6); ++i)
    text += fmt::format("{}{} on {} of {}", i == 0 ? "" : ", ", wins[i].first, wins[i].second, boards.size());
  text = "Best, or not told apart from the best: " + text + ".";
  const bool tells =
      std::ranges::any_of(boards, [](const BoardParts& parts) { return parts.comparison.can_tell; });
  return tells ? text : text + " There are too few seeds to tell any two strategies apart.";
}

// Losses of the strategies that have a value on every board: means over seeds, [strategy][board]. Ranks do
// not mind that boards have different units.
struct JointLosses {
  std::vector<std::string> names;
  std::vector<std::vector<double>> losses;
};
JointLosses joint_losses(const std::vector<Board>& boards) {
  JointLosses joint;
  for (const LeaderboardRow& candidate : boards.front().leaderboard.rows) {
    std::vector<double> losses;
    for (const Board& board : boards) {
      const auto row =
          std::ranges::find(board.leaderboard.rows, candidate.strategy, &LeaderboardRow::strategy);
      if (row != board.leaderboard.rows.end() && row->value)
        losses.push_back(gain(board, row->value->mean, 0.0));
    }
    if (losses.size() != boards.size()) continue;
    joint.names.push_back(candidate.strategy);
    joint.losses.push_back(std::move(losses));
  }
  return joint;
}

// Boards as blocks, as Demsar 2006 compares classifiers over data sets.
std::optional<Drawing> across_drawing(const std::vector<Board>& boards) {
  constexpr std::size_t kLeastBoards = 3, kFewBoards = 10;
  if (boards.size() < kLeastBoards) return std::nullopt;
  const JointLosses joint = joint_losses(boards);
  if (joint.names.size() < 3) return std::nullopt;
  const CriticalDifferences differences = critical_differences(joint.losses);
  RankChart chart;
  chart.title = "Mean ranks over the boards";
  chart.names = joint.names;
  chart.mean_ranks = differences.ranking.mean_ranks;
  chart.groups = differences.groups_by_ranks;
  chart.critical_difference = differences.critical_difference;
  return Drawing{
      rank_chart_svg(chart),
      fmt::format("Mean rank over {} boards, each strategy's mean over its seeds, 1 is best; a bar joins "
                  "ranks within Nemenyi's critical difference. Friedman: chi2 = {:.4g}, p {}.{}",
                  boards.size(), differences.ranking.chi_squared,
                  differences.ranking.p < 0.001 ? "< .001" : fmt::format("= {:.3f}", differences.ranking.p),
                  boards.size() < kFewBoards ? " So few boards find only large differences; boards that "
                                               "differ in the cluster alone are not independent."
                                             : "")};
}

std::string subtitle(const std::vector<Board>& boards) {
  std::size_t strategies = 0;
  for (const Board& board : boards) strategies = std::max(strategies, board.strategies.size());
  const auto counted = [](std::size_t count, const char* one, const char* many) {
    return fmt::format("{} {}", count, count == 1 ? one : many);
  };
  return fmt::format(
      "{}, {}, {}: {} simulated",
      boards.size() == 1 ? "One problem on one cluster" : counted(boards.size(), "board", "boards"),
      counted(strategies, "strategy", "strategies"), counted(most_seeds(boards), "seed", "seeds"),
      counted(count_searches(boards), "search", "searches"));
}

}  // namespace

Report make_report(const ReportInput& input, const ReportOptions& options) {
  const auto& [boards, curves, digests] = std::tie(input.boards, input.curves, input.digests);
  Report report;
  ReportView& view = report.view;
  std::vector<BoardParts> parts;
  Json data = {{"boards", Json::array()}};
  for (std::size_t b = 0; b < boards.size(); ++b) {
    parts.push_back(parts_of(boards[b], curves[b], digests[b], options));
    const auto ranks = rank_curves(boards[b], curves[b]);
    view.boards.push_back(board_view(parts.back(), b, ranks.has_value()));
    Json board = board_data(boards[b], digests[b]);
    board["curves"] = curves_data(curves[b]);
    board["attainment"] = attainment_data(boards[b], curves[b]);
    if (ranks) {
      Json lines = Json::array();
      for (const auto& line : ranks->mean) lines.push_back(rounded_list(line));
      board["ranks"] = {{"x", rounded_list(ranks->kilograms)}, {"mean", lines}};
      view.boards.back().ranks_caption = fmt::format(
          "Mean rank over {} seeds in common, from where every strategy has a first result to where the "
          "first search ends. Lines that cross say: it depends on the budget.",
          ranks->seeds);
    }
    data["boards"].push_back(std::move(board));
    add_figures(report.figures, parts.back());
    for (ChartFile& chart :
         board_charts(view.boards.back().id, boards[b], curves[b], parts.back().comparison, digests[b]))
      report.charts.push_back(std::move(chart));
  }
  report.data = embedded(data);
  view.title = input.name;
  view.subtitle = subtitle(boards);
  view.program = version();
  view.digest = input.digest;
  view.statement = input.statement;
  view.experiment = input.experiment;
  view.uncertain = input.uncertain;
  view.across_text = across(parts);
  view.across = across_drawing(boards);
  if (view.across) report.charts.push_back({"across-ranking.svg", view.across->svg});
  if (boards.size() == 1)
    view.headlines = {view.boards.front().conclusion};
  else
    view.headlines = {view.across_text};
  view.warnings = warnings(input, parts);
  return report;
}

std::string report_html(const Report& report) {
  return render_html(report.view, report.data);
}

std::string report_markdown(const Report& report) {
  return render_markdown(report.view);
}

std::string report_text(const Report& report) {
  return render_text(report.view);
}

}  // namespace tonne
