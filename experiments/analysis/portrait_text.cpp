#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/error.h"
#include "experiments/analysis/portrait.h"
#include "experiments/text/text_table.h"

namespace tonne {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

std::string number(double value) {
  if (std::isnan(value)) return "-";
  if (value == 0.0) return "0";
  if (std::abs(value) >= 1e9) return fmt::format("{:.2e}", value);  // of FLOPs, nobody says trillions
  if (std::abs(value) >= 1e6 || std::abs(value) < 1e-3) return significant_text(value);
  return std::abs(value) < 1e3 ? fmt::format("{:.4g}", value) : grouped(value);
}
std::string share(double value) {
  if (std::isnan(value)) return "-";
  return fmt::format("{:.2f}", std::abs(value) < 0.005 ? 0.0 : value);  // no "-0.00"
}
std::string whole(double count) {
  return count < 1e6 ? grouped(count) : count_text(count);
}

// A head and its cells in columns that are the same in all tables; where the terminal is too narrow for
// these, as a table that leaves out what is least needed.
std::string columns(const TextRows& table, const TextStyle& style) {
  constexpr std::size_t kHead = 36, kColumn = 10;
  if (style.width > 0 && kHead + kColumn * (table.front().size() - 1) > style.width)
    return format_table(table, {false, style.width},
                        {.expendable = {"99 %", "5 %", "95 %", "25-50 %", "5-25 %", "2", "1 %"}});
  std::string text;
  for (const auto& cells : table) {
    std::string line = "  " + padded(cells.front(), kHead - 2, true);
    for (std::size_t i = 1; i < cells.size(); ++i) line += padded(cells[i], kColumn, false);
    text += line.erase(line.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

std::vector<std::string> row(std::string head, std::vector<std::string> cells) {
  cells.insert(cells.begin(), std::move(head));
  return cells;
}

template <class Values>
std::vector<std::string> texts(const Values& values, std::string (*text)(double)) {
  std::vector<std::string> result;
  for (const double value : values) result.push_back(text(value));
  return result;
}

std::vector<std::string> texts(const RankCorrelation& all, const RankCorrelation& best) {
  return {share(all.spearman), share(all.kendall), share(best.spearman), share(best.kendall)};
}

std::string optima_text(const LocalOptima& optima) {
  const std::string what = "no change of one parameter improves";
  if (optima.exhaustive)
    return fmt::format("local optima ({}): {} of all {} configurations that train", what,
                       number(optima.count), grouped(static_cast<double>(optima.examined)));
  return fmt::format("local optima ({}): {:.2f} +- {:.2f} % of {} samples", what, 100.0 * optima.share,
                     100.0 * optima.standard_error, grouped(static_cast<double>(optima.examined)));
}

// A line of its own, wrapped on a terminal only.
std::string line_of(const std::string& text, const TextStyle& style) {
  return style.width == 0 ? "  " + text + "\n" : wrapped(text, style.width);
}

std::string correlations_text(const Portrait& p, const TextStyle& style) {
  std::string text;
  if (!p.ranks.empty()) {
    TextRows table{row("quality vs size (Spearman; Kendall)", {"all", "", "top half", ""})};
    for (const PortraitRank& rank : p.ranks) table.push_back(row(rank.of, texts(rank.all, rank.better_half)));
    text += "\n" + columns(table, style);
  }
  if (!p.fidelities.empty()) {
    TextRows table{row("low fidelity vs true value", {"all", "", "top 10 %", ""})};
    for (const PortraitFidelity& f : p.fidelities)
      table.push_back(row(number(f.fidelity), texts(f.all, f.best_tenth)));
    text += "\n" + columns(table, style);
  }
  return text;
}

std::string front_text(const Portrait& p, const TextStyle& style) {
  if (p.front.empty()) return "";
  TextRows table{row(p.whole ? "Pareto front" : "Pareto front of the samples", {"value", "FLOPs"})};
  for (const auto& point : p.front) table.push_back(row("", {number(point[0]), number(point[1])}));
  return "\n" + columns(table, style);
}

std::string listed(const std::vector<std::string>& texts) {
  return fmt::format("{}", fmt::join(texts, " / "));
}
std::string listed(const PortraitSubsets& subsets) {
  return listed({share(subsets.better_half), share(subsets.best_tenth), share(subsets.best_hundredth)});
}

std::string head_text(const Portrait& p, const std::string& unit, const TextStyle& style) {
  const PortraitTail& tail = p.tail;
  std::string text = line_of(
      "quantiles 97 / 98 / 99 / 99.5 / 99.9 / 99.95 %: " + listed(texts(tail.quantiles, number)), style);
  std::vector<std::string> best;
  for (const PortraitBest& one : tail.best) best.push_back(number(one.value));
  text += line_of(fmt::format("best {}: {}", best.size(), listed(best)), style);
  std::vector<std::string> counts;
  for (const std::size_t count : tail.within) counts.push_back(grouped(static_cast<double>(count)));
  text += line_of(fmt::format("{} within {}{} of the best{}: {}", p.whole ? "candidates" : "samples",
                              listed(texts(tail.steps, number)), unit,
                              tail.relative_steps ? " (1 / 2 / 5 / 10 / 25 % of the way to the median)" : "",
                              listed(counts)),
                  style);
  return text;
}

std::string ascents_text(const Portrait& p, const std::string& unit, const TextStyle& style) {
  const PortraitTail& tail = p.tail;
  std::string text;
  if (const auto& ascents = tail.ascents)
    text += line_of(
        fmt::format("steepest ascents from {}{} candidates that end at the best{} / within {} / {}{}: {}; "
                    "mean regret of "
                    "their ends: {}",
                    ascents->from_all ? "all " : "", grouped(static_cast<double>(ascents->starts)),
                    p.whole ? "" : fmt::format(" known ({})", number(tail.best_known)), number(tail.steps[2]),
                    number(tail.steps[3]), unit,
                    listed({share(ascents->at_best), share(ascents->near[0]), share(ascents->near[1])}),
                    number(ascents->mean_regret)),
        style);
  text += line_of("chance that one edit improves, top 0.1 % / 0.1-1 / 1-5 / 5-25 / 25-50 / 50-100 %: " +
                      listed(texts(tail.improving, share)),
                  style);
  if (!tail.ascents) return text;
  text += line_of("mean gain by the best neighbour, top 1 % / 1-5 / 5-25 %: " +
                      listed(texts(tail.best_neighbour_gain, number)) +
                      "; neighbours of the best in the top 1 %: " + share(tail.best_neighbours_at_top),
                  style);
  return text;
}

std::string functions_text(const PortraitFunctions& functions, const TextStyle& style) {
  return line_of(
      fmt::format(
          "sd among candidates of equal function ({} functions, {} with several), median / top 10 %: {}",
          grouped(static_cast<double>(functions.count)), grouped(static_cast<double>(functions.with_several)),
          listed({number(functions.deviation), number(functions.deviation_best_tenth)})),
      style);
}

// Of the rank correlations above what matters at the top; the cheapest fidelity first.
std::string spearman_text(const Portrait& p, const TextStyle& style) {
  std::string text =
      "Spearman with the true value, top 50 % / 10 % / 1 %: one training " + listed(p.tail.one_training);
  if (p.tail.all_seeds) text += "; mean of its seeds " + listed(*p.tail.all_seeds);
  for (const PortraitFidelity& f : p.fidelities) {
    if (&f == &p.fidelities.back()) break;
    text += fmt::format("; trained to {} {}", number(f.fidelity),
                        listed({share(f.better_half.spearman), share(f.best_tenth.spearman),
                                share(f.best_hundredth.spearman)}));
  }
  for (const PortraitRank& rank : p.ranks)
    if (rank.of == "training FLOPs")
      text += fmt::format("; FLOPs {} (50 % / 10 %)",
                          listed({share(rank.better_half.spearman), share(rank.best_tenth.spearman)}));
  return line_of(text, style);
}

std::string tail_text(const Portrait& p, const TextStyle& style) {
  const std::string& told = p.objective.unit;
  const std::string unit = told.empty() ? "" : told == "%" ? " points" : " " + printable(told);
  std::string text = "\n  The last hundredth\n" + head_text(p, unit, style) + ascents_text(p, unit, style);
  if (p.tail.functions) text += functions_text(*p.tail.functions, style);
  text += spearman_text(p, style);
  text += line_of("variance of ranks explained by single / pairwise effects: " +
                      listed({share(p.additive), share(p.pairwise)}) +
                      "; by single effects in the top 10 %: " + share(p.additive_best_tenth),
                  style);
  const std::string of_ranks =
      listed({share(p.distance_correlation), share(p.distance_correlation_best_quarter),
              share(p.distance_correlation_best_twentieth)});
  return text + line_of("fitness-distance correlation, all / top 25 % / top 5 %: " +
                            listed(texts(p.value_distance_correlation, share)) + "; of ranks " + of_ranks,
                        style);
}

struct ComparedLine {
  std::string head;
  double (*of)(const Portrait&);
};

// What decides late regret first.
std::vector<ComparedLine> compared_lines() {
  return {
      {"best value", [](const Portrait& p) { return p.tail.best_known; }},
      {"99.9 % quantile", [](const Portrait& p) { return p.tail.quantiles[4]; }},
      {"99 % quantile", [](const Portrait& p) { return p.tail.quantiles[2]; }},
      {"median", [](const Portrait& p) { return p.quantiles[4]; }},
      {"candidates within the 3rd step of the best",
       [](const Portrait& p) { return static_cast<double>(p.tail.within[2]); }},
      {"ascents that end at the best",
       [](const Portrait& p) { return p.tail.ascents ? p.tail.ascents->at_best : kNone; }},
      {"mean regret of their ends",
       [](const Portrait& p) { return p.tail.ascents ? p.tail.ascents->mean_regret : kNone; }},
      {"local optima", [](const Portrait& p) { return p.optima ? p.optima->count : kNone; }},
      {"an edit improves, top 0.1-1 %", [](const Portrait& p) { return p.tail.improving[1]; }},
      {"an edit improves, bottom half", [](const Portrait& p) { return p.tail.improving[5]; }},
      {"gain by the best neighbour, top 1 %",
       [](const Portrait& p) { return p.tail.best_neighbour_gain[0]; }},
      {"Spearman of one training, top 10 %",
       [](const Portrait& p) { return p.tail.one_training.best_tenth; }},
      {"autocorrelation, lag 1", [](const Portrait& p) { return p.autocorrelation[0]; }},
      {"fitness-distance correlation", [](const Portrait& p) { return p.value_distance_correlation[0]; }},
      {"explained by single effects", [](const Portrait& p) { return p.additive; }},
      {"sd over training seeds", [](const Portrait& p) { return p.seed_deviation_all; }},
  };
}

std::string sum_up(const ComparedLine& line, const std::vector<Portrait>& portraits,
                   double (*sum)(const std::vector<double>&)) {
  std::vector<double> values;
  for (const Portrait& p : portraits)
    if (const double value = line.of(p); !std::isnan(value)) values.push_back(value);
  return values.empty() ? "-" : number(sum(values));
}

double average(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}
double lowest(const std::vector<double>& values) {
  return std::ranges::min(values);
}
double highest(const std::vector<double>& values) {
  return std::ranges::max(values);
}

}  // namespace

std::string format_side_by_side(const std::vector<Portrait>& portraits, const TextStyle& style) {
  constexpr std::size_t kMostColumns = 4;
  const bool comparable =
      portraits.size() > 1 && std::ranges::all_of(portraits, [&](const Portrait& p) {
        const ObjectiveTraits& first = portraits.front().objective;
        return !p.quantiles.empty() && p.objective.name == first.name && p.objective.unit == first.unit;
      });
  if (!comparable) return "";
  const bool single = portraits.size() <= kMostColumns;
  TextRows table{{"side by side, in the order above"}};
  for (std::size_t i = 0; single && i < portraits.size(); ++i)
    table.front().push_back(fmt::format("{}", i + 1));
  for (const char* head : {"mean", "lowest", "highest"})
    if (!single || head == std::string("mean")) table.front().push_back(head);
  for (const ComparedLine& line : compared_lines()) {
    std::vector<std::string>& cells = table.emplace_back(std::vector{line.head});
    for (std::size_t i = 0; single && i < portraits.size(); ++i)
      cells.push_back(number(line.of(portraits[i])));
    cells.push_back(sum_up(line, portraits, average));
    if (single) continue;
    cells.push_back(sum_up(line, portraits, lowest));
    cells.push_back(sum_up(line, portraits, highest));
  }
  return format_table(table, style);
}

std::string format_portrait(const Portrait& p, const TextStyle& style) {
  const std::string unit = p.objective.unit.empty() ? "" : " " + printable(p.objective.unit);
  std::string text =
      fmt::format("{}   {} parameters, {} configurations; {}\n\n", printable(p.problem), p.parameters,
                  p.configurations ? whole(*p.configurations) : "unlimited",
                  p.whole ? "all examined" : whole(static_cast<double>(p.samples)) + " sampled");
  text += line_of(fmt::format("{}{}, {}. Default configuration: {}.{}", printable(p.objective.name), unit,
                              p.objective.direction == Direction::maximise ? "maximised" : "minimised",
                              number(p.default_value),
                              p.optimum ? " Best value or its bound: " + number(*p.optimum) + "." : ""),
                  style);
  for (const std::string& note : p.notes) text += line_of(printable(note), style);
  for (const auto& [reason, part] : p.failing)
    text += line_of(fmt::format("{:.1f} % of the candidates fail: {}", 100.0 * part, reason), style);
  if (p.quantiles.empty()) return text + "  Every candidate fails.\n";
  text += "\n" +
          columns({row("quantile", {"worst", "1 %", "5 %", "25 %", "50 %", "75 %", "95 %", "99 %", "best"}),
                   row("true value", texts(p.quantiles, number))},
                  style);
  text += fmt::format("  mean {}, sd {}, skewness {}\n\n", number(p.mean), number(p.deviation),
                      number(p.skewness));
  text += columns({row("lag", {"1", "2", "3", "5", "10"}),
                   row("rank autocorrelation, random walk", texts(p.autocorrelation, share))},
                  style);
  text +=
      "\n" + columns({row("quality class, from the best", {"1 %", "1-5 %", "5-25 %", "25-50 %", "50-100 %"}),
                      row("chance that one mutation improves", texts(p.improving, share)),
                      row("sd over training seeds", texts(p.seed_deviation, number))},
                     style);
  text += line_of(fmt::format("sd over training seeds, all classes: {}; median {}, relative to the value {}",
                              number(p.seed_deviation_all), number(p.seed_deviation_median),
                              number(p.seed_variation_median)),
                  style);
  if (p.optima) text += line_of(optima_text(*p.optima), style);
  return text + correlations_text(p, style) + tail_text(p, style) + front_text(p, style);
}

}  // namespace tonne
