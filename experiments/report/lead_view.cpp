#include "experiments/report/lead_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "experiments/report/board_facts.h"
#include "experiments/report/svg_overview.h"
#include "experiments/text/quantity.h"
#include "experiments/text/text_table.h"

namespace tonne {
namespace {

constexpr std::size_t kManyBoards = 4;
constexpr std::size_t kMostStrategies = 6;  // with a column or a dot each

double kilograms_of(const LeaderboardRow& row) {
  return row.search.carbon() / kilogram;
}

std::string mass(double kilograms) {
  return mass_text(kilograms * kilogram);
}

// "-43 %": a change that is below half a percent is none.
std::string change_text(double from, double to) {
  if (!(from > 0.0)) return "-";
  const double percent = 100.0 * (to / from - 1.0);
  return std::abs(percent) < 0.5 ? "0 %" : fmt::format("{:+.0f} %", percent);
}

const LeaderboardRow* row_of(const Board& board, const std::string& strategy) {
  const auto at = std::ranges::find(board.leaderboard.rows, strategy, &LeaderboardRow::strategy);
  return at == board.leaderboard.rows.end() ? nullptr : &*at;
}

// Labels of several words would run into the sentence.
std::string in_words(const std::string& label) {
  return label.find(' ') == std::string::npos ? label : '"' + label + '"';
}

// ---- published figures

std::optional<LeadView> published_lead(const std::vector<Board>& boards,
                                       const std::vector<BoardFindings>& findings) {
  LeadView view{"lead-published", "Published and simulated", "", {}, std::nullopt, std::nullopt};
  for (std::size_t b = 0; b < boards.size(); ++b)
    for (const PublishedMatch& match : findings[b].published)
      view.items.push_back((boards.size() > 1 ? board_name(boards[b]) + ": " : "") +
                           published_sentence(match) + ".");
  return view.items.empty() ? std::nullopt : std::optional(std::move(view));
}

// ---- payback

// "120 trainings and 1 million uses"
std::string plan_text(const DeploymentSettings& deployment) {
  const auto counted = [](double count, const std::string& what) {
    return count_text(count) + " " + what + (count == 1.0 ? "" : "s");
  };
  std::vector<std::string> parts;
  if (deployment.trainings > 0.0) parts.push_back(counted(deployment.trainings, "training"));
  if (deployment.inferences > 0.0) parts.push_back(counted(deployment.inferences, "use"));
  return joined(parts);
}

std::string payback_sentence(const Board& board, bool named) {
  const LeaderboardRow& best = board.leaderboard.rows.front();
  const DeploymentSettings& deployment = board.leaderboard.deployment;
  const std::string where = named ? board_name(board) + ": " : "";
  if (!best.payback)
    return where + fmt::format(
                       "It is unknown whether a search with {} pays back: what it found, or the "
                       "default configuration, cannot be trained or used there.",
                       best.strategy);
  const PaybackBalance& balance = *best.payback;
  const std::string emits =
      fmt::format("A search with {} emits {}", best.strategy, mass(balance.search / kilogram));
  if (!balance.break_even)
    return where + fmt::format(
                       "{} and never pays back: using its result instead of the default configuration "
                       "saves nothing. Over {} it emits {}.",
                       emits, plan_text(deployment),
                       balance.saved < Carbon{} ? mass(-(balance.saved / kilogram)) + " more" : "as much");
  return where + fmt::format(
                     "{} and pays back after {}. Over the planned {} its result saves {} against the "
                     "default configuration: {}.",
                     emits, break_even_text(balance, deployment), plan_text(deployment),
                     mass(balance.saved / kilogram),
                     *balance.break_even <= 1.0
                         ? significant_text(1.0 / *balance.break_even) + " times what the search emitted"
                         : "less than the search emitted");
}

std::optional<LeadView> payback_lead(const std::vector<Board>& boards) {
  LeadView view{"lead-payback", "Does the search pay back?", "", {}, std::nullopt, std::nullopt};
  TextTable table{"", {"board", "strategy", "search", "saved by the plan", "pays back after"}, {}};
  for (const Board& board : boards) {
    if (!board.leaderboard.deployment.given()) continue;
    const LeaderboardRow& best = board.leaderboard.rows.front();
    if (view.text.empty()) view.text = payback_sentence(board, boards.size() > 1);
    table.rows.push_back(
        {board_name(board), best.strategy, mass(kilograms_of(best)),
         best.payback ? mass(best.payback->saved / kilogram) : "unknown",
         best.payback ? break_even_text(*best.payback, board.leaderboard.deployment) : "unknown"});
  }
  if (table.rows.empty()) return std::nullopt;
  if (table.rows.size() > 1) view.table = std::move(table);
  return view;
}

// ---- scenarios

// The boards of one problem, of which there are two or more.
using Group = std::vector<const Board*>;

std::vector<Group> groups_by_problem(const std::vector<Board>& boards) {
  std::vector<Group> groups;
  for (const Board& board : boards) {
    const auto at = std::ranges::find_if(
        groups, [&](const Group& g) { return g.front()->traits.label == board.traits.label; });
    if (at == groups.end())
      groups.push_back({&board});
    else
      at->push_back(&board);
  }
  std::erase_if(groups, [](const Group& group) { return group.size() < 2; });
  return groups;
}

// Leads most of the boards; of equals the one that leads first. It has a row on each of them, or is no
// measure.
std::optional<std::string> common_leader(const Group& group) {
  std::optional<std::string> leader;
  std::ptrdiff_t most = 0;
  for (const Board* const board : group) {
    const std::string& name = board->leaderboard.rows.front().strategy;
    const auto leads = std::ranges::count_if(
        group, [&](const Board* b) { return b->leaderboard.rows.front().strategy == name; });
    const bool everywhere =
        std::ranges::all_of(group, [&](const Board* b) { return row_of(*b, name) != nullptr; });
    if (!everywhere || leads <= most) continue;
    leader = name;
    most = leads;
  }
  return leader;
}

// Those that a table has room for: all, or the leader and the baseline.
std::vector<std::string> shown_strategies(const Group& group, const std::string& leader,
                                          const std::string& baseline) {
  std::vector<std::string> names;
  for (const LeaderboardRow& row : group.front()->leaderboard.rows) names.push_back(row.strategy);
  if (names.size() <= kMostStrategies) return names;
  std::vector<std::string> few{leader};
  if (!baseline.empty() && baseline != leader) few.push_back(baseline);
  return few;
}

TextTable scenario_table(const Group& group, const ShortLabels& labels,
                         const std::vector<std::string>& strategies, const std::string& baseline) {
  TextTable table;
  table.head = {labels.heading};
  for (const std::string& name : strategies) table.head.push_back(name + ", kg CO2e");
  table.head.push_back(strategies.front() + ", USD");
  for (std::size_t b = 0; b < group.size(); ++b) {
    std::vector<std::string> cells{labels.labels[b]};
    const LeaderboardRow* const base = row_of(*group[b], baseline);
    for (const std::string& name : strategies) {
      const LeaderboardRow* const row = row_of(*group[b], name);
      std::string cell = row ? significant_text(kilograms_of(*row)) : "-";
      if (row && base && row != base)
        cell += " (" + change_text(kilograms_of(*base), kilograms_of(*row)) + ")";
      cells.push_back(std::move(cell));
    }
    const LeaderboardRow* const first = row_of(*group[b], strategies.front());
    cells.push_back(first ? dollars_text(first->money) : "-");
    table.rows.push_back(std::move(cells));
  }
  table.caption = "Mean per search.";
  if (!baseline.empty() && strategies.size() > 1 && row_of(*group.front(), baseline))
    table.caption += " In brackets: against " + baseline + " in the same row.";
  return table;
}

// What the leading strategy costs in each scenario of a group.
struct ScenarioCosts {
  std::string strategy;
  std::vector<double> kilograms;
  std::size_t dearest = 0, cleanest = 0;
};

ScenarioCosts scenario_costs(const Group& group, const std::string& strategy) {
  ScenarioCosts costs{strategy, {}, 0, 0};
  for (const Board* const board : group) costs.kilograms.push_back(kilograms_of(*row_of(*board, strategy)));
  const auto begin = costs.kilograms.begin();
  costs.dearest = static_cast<std::size_t>(std::ranges::max_element(costs.kilograms) - begin);
  costs.cleanest = static_cast<std::size_t>(std::ranges::min_element(costs.kilograms) - begin);
  return costs;
}

Drawing scenario_drawing(const ScenarioCosts& costs, const ShortLabels& labels) {
  LabelledBarChart chart{"CO2e of a search by scenario", "kg CO2e per search, " + costs.strategy, {}};
  const double most = costs.kilograms[costs.dearest];
  for (std::size_t b = 0; b < costs.kilograms.size(); ++b)
    chart.bars.push_back(
        {labels.labels[b],
         mass(costs.kilograms[b]) + (b == costs.dearest ? "" : ", " + change_text(most, costs.kilograms[b])),
         costs.kilograms[b]});
  return {labelled_bar_chart_svg(chart), fmt::format("Mean of a search with {}, which leads on most of these "
                                                     "boards; behind the bars the difference from the "
                                                     "one that emits most.",
                                                     in_words(costs.strategy))};
}

// "-43 % to -12 %": what a search with the strategy emits against one with the baseline, over the scenarios.
std::optional<std::string> change_range(const Group& group, const std::string& strategy,
                                        const std::string& baseline) {
  std::vector<double> shares;
  for (const Board* const board : group) {
    const LeaderboardRow* const row = row_of(*board, strategy);
    const LeaderboardRow* const base = row_of(*board, baseline);
    if (!row || !base || !(kilograms_of(*base) > 0.0)) return std::nullopt;
    shares.push_back(kilograms_of(*row) / kilograms_of(*base));
  }
  const auto [least, most] = std::ranges::minmax(shares);
  const std::string low = change_text(1.0, least), high = change_text(1.0, most);
  return low == high ? low : low + " to " + high;
}

// " Against random, tpe emits -43 % to -12 %, gp ...".
std::string against_text(const Group& group, const std::vector<std::string>& strategies,
                         const std::string& baseline) {
  std::string text;
  for (const std::string& strategy : strategies) {
    if (strategy == baseline) continue;
    if (const auto range = change_range(group, strategy, baseline))
      text += (text.empty() ? " CO2e against " + in_words(baseline) + ": " : ", ") + in_words(strategy) +
              " " + *range;
  }
  return text.empty() ? text : text + ".";
}

// None where no strategy has finished a search in every scenario.
std::optional<LeadView> scenario_lead(const Group& group, const std::string& baseline, std::size_t number) {
  const auto leader = common_leader(group);
  if (!leader) return std::nullopt;
  std::vector<std::string> places;
  for (const Board* const board : group) places.push_back(board->place.label);
  const ShortLabels labels = short_labels(places);
  LeadView view{fmt::format("lead-scenarios-{}", number),
                "What the scenario changes: " + group.front()->traits.label,
                "",
                {},
                std::nullopt,
                std::nullopt};
  const auto strategies = shown_strategies(group, *leader, baseline);
  view.table = scenario_table(group, labels, strategies, baseline);
  const ScenarioCosts costs = scenario_costs(group, *leader);
  const auto place = [&](std::size_t b) {
    return labels.heading == "scenario" ? in_words(labels.labels[b])
                                        : labels.heading + " " + labels.labels[b];
  };
  view.text = fmt::format("A search with {} emits most with {}, {}, and least with {}, {} ({}).",
                          in_words(*leader), place(costs.dearest), mass(costs.kilograms[costs.dearest]),
                          place(costs.cleanest), mass(costs.kilograms[costs.cleanest]),
                          change_text(costs.kilograms[costs.dearest], costs.kilograms[costs.cleanest])) +
              against_text(group, strategies, baseline);
  view.drawing = scenario_drawing(costs, labels);
  return view;
}

// ---- many boards

std::vector<std::string> board_labels(const std::vector<Board>& boards) {
  const bool one_problem = std::ranges::all_of(
      boards, [&](const Board& b) { return b.traits.label == boards.front().traits.label; });
  std::vector<std::string> places;
  for (const Board& board : boards) places.push_back(board.place.label);
  const std::vector<std::string> shorter = short_labels(places).labels;
  std::vector<std::string> names;
  for (std::size_t b = 0; b < boards.size(); ++b)
    names.push_back(one_problem                     ? shorter[b]
                    : boards[b].place.label.empty() ? boards[b].traits.label
                                                    : boards[b].traits.label + " (" + shorter[b] + ")");
  return names;
}

DotChart dots_of(const std::vector<Board>& boards, const std::vector<std::string>& names) {
  DotChart chart{"CO2e of a search on all boards", "kg CO2e per search (logarithmic)", {}, {}};
  const bool all = std::ranges::all_of(
      boards, [](const Board& b) { return b.leaderboard.rows.size() <= kMostStrategies; });
  if (!all) chart.series = {"the leading strategy"};
  for (const Board& board : boards)
    for (const LeaderboardRow& row : board.leaderboard.rows)
      if (all && std::ranges::find(chart.series, row.strategy) == chart.series.end())
        chart.series.push_back(row.strategy);
  for (std::size_t b = 0; b < boards.size(); ++b) {
    DotRow& line = chart.rows.emplace_back(DotRow{names[b], {}});
    for (const std::string& name : chart.series) {
      const LeaderboardRow* const row = all ? row_of(boards[b], name) : &boards[b].leaderboard.rows.front();
      const bool shown = row && kilograms_of(*row) > 0.0;
      line.values.push_back(shown ? std::optional(kilograms_of(*row)) : std::nullopt);
    }
  }
  return chart;
}

std::optional<LeadView> range_lead(const std::vector<Board>& boards) {
  if (boards.size() < kManyBoards) return std::nullopt;
  const std::vector<std::string> names = board_labels(boards);
  const auto best = [&](std::size_t b) { return kilograms_of(boards[b].leaderboard.rows.front()); };
  std::size_t least = boards.size(), most = 0;
  for (std::size_t b = 0; b < boards.size(); ++b) {
    if (best(b) > best(most)) most = b;
    if (best(b) > 0.0 && (least == boards.size() || best(b) < best(least))) least = b;
  }
  if (least == boards.size()) return std::nullopt;
  LeadView view{"lead-range", "From the smallest search to the largest", "", {}, std::nullopt, std::nullopt};
  const double factor = best(most) / best(least);
  view.text =
      fmt::format("With the leading strategy a search emits from {} ({}) to {} ({}) of CO2e: a factor of {}.",
                  mass(best(least)), names[least], mass(best(most)), names[most],
                  factor < 10.0 ? significant_text(factor) : count_text(factor));
  view.drawing = Drawing{dot_chart_svg(dots_of(boards, names)),
                         "Mean of a search, one row a board, one mark a strategy. A step of "
                         "the axis is a factor, not an amount."};
  return view;
}

}  // namespace

std::vector<LeadView> lead_views(const std::vector<Board>& boards,
                                 const std::vector<BoardFindings>& findings) {
  std::vector<LeadView> views;
  if (auto published = published_lead(boards, findings)) views.push_back(std::move(*published));
  if (auto payback = payback_lead(boards)) views.push_back(std::move(*payback));
  const std::string baseline = findings.empty() ? "" : findings.front().baseline;
  const std::vector<Group> groups = groups_by_problem(boards);
  constexpr std::size_t kMostGroups = 4;  // more of them are told by the range alone
  for (std::size_t g = 0; g < groups.size() && groups.size() <= kMostGroups; ++g)
    if (auto scenarios = scenario_lead(groups[g], baseline, g + 1)) views.push_back(std::move(*scenarios));
  const bool one_problem = groups.size() == 1 && groups.front().size() == boards.size();
  if (auto range = one_problem ? std::nullopt : range_lead(boards)) views.push_back(std::move(*range));
  return views;
}

}  // namespace tonne
