#include "experiments/analysis/leaderboard.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <tuple>
#include <utility>

#include "core/error.h"
#include "experiments/analysis/interruptions.h"
#include "experiments/analysis/judge.h"
#include "experiments/analysis/verdict_text.h"
#include "experiments/results/imported.h"
#include "experiments/results/store.h"
#include "experiments/text/quantity.h"
#include "experiments/text/text_table.h"

namespace tonne {
namespace {

using Table = TextRows;

// Columns to leave out where the terminal is narrow, the first to go first.
const TableLayout kBoard{.expendable = {"device-h", "kWh", "overhead", "gain/t", "failed", "evals", "hours", "found", "USD", "95 % interval"}};
const TableLayout kOverview{.expendable = {"overhead", "kWh", "kg of one training", "USD", "hours"}};
const TableLayout kPayback{.expendable = {"one training: winner / default", "one use: winner / default", "x search", "search", "total saved"}};

double mean_of(const std::vector<const CellRecord*>& cells, const auto& value) {
  double sum = 0.0;
  for (const CellRecord* cell : cells) sum += value(*cell);
  return sum / static_cast<double>(cells.size());
}

Usage mean_usage(const std::vector<const CellRecord*>& cells, Usage CellRecord::*member) {
  Usage sum;
  for (const CellRecord* cell : cells) sum += cell->*member;
  const auto n = static_cast<double>(cells.size());
  return {sum.energy / n, sum.operational / n, sum.embodied / n, sum.money / n, sum.water / n};
}

void judge_winners(LeaderboardRow& row, const std::vector<const CellRecord*>& cells, const StoredProblem& problem) {
  std::vector<double> values;
  std::vector<double> training;
  std::vector<double> searching;  // of those whose winner's training is known
  for (const CellRecord* cell : cells) {
    const bool found = cell->winner_true_value.has_value();
    row.without_winner += found ? 0U : 1U;
    row.outcomes.push_back({cell->seed, cell->winner_true_value.value_or(problem.default_true_value), found});
    values.push_back(row.outcomes.back().value);
    if (!found || !cell->winner_training) continue;
    training.push_back(cell->winner_training->carbon() / kilogram);
    searching.push_back(cell->search.carbon() / kilogram);
  }
  std::ranges::sort(row.outcomes, {}, &SeedOutcome::seed);
  row.value = estimate_mean(values);
  const bool up = problem.direction == Direction::maximise;
  const auto better_by = [&](double from, double to) { return up ? to - from : from - to; };
  if (problem.optimum) row.regret = regret_of_mean(problem.direction, row.value.mean, *problem.optimum);
  // A loss per tonne would rank those first who waste most.
  const double gain = better_by(problem.default_true_value, row.value.mean);
  const double tonnes = row.search.carbon() / tonne_co2e;
  if (tonnes > 0.0 && gain > 0.0) row.gain_per_tonne = gain / tonnes;
  if (std::accumulate(training.begin(), training.end(), 0.0) > 0.0) {
    row.overhead_over_seeds = estimate_ratio(searching, training);
    row.overhead = row.overhead_over_seeds->mean;
  }
}

std::vector<StageUsage> mean_stages(const std::vector<const CellRecord*>& cells) {
  std::vector<StageUsage> means = cells.front()->stages;
  for (StageUsage& mean : means) {
    mean.usage = {};
    for (const CellRecord* cell : cells)
      for (const StageUsage& stage : cell->stages)
        if (stage.stage == mean.stage) mean.usage += stage.usage;
    mean.usage *= 1.0 / static_cast<double>(cells.size());
  }
  return means;
}

LeaderboardRow make_row(const std::string& label, const std::vector<const CellRecord*>& cells, const StoredProblem& problem) {
  LeaderboardRow row;
  row.strategy = label;
  row.seeds = cells.size();
  row.evaluations = mean_of(cells, [](const CellRecord& c) { return static_cast<double>(c.evaluations); });
  row.screenings = mean_of(cells, [](const CellRecord& c) { return static_cast<double>(c.screenings); });
  row.failures = mean_of(cells, [](const CellRecord& c) { return static_cast<double>(c.failures); });
  row.makespan = mean_of(cells, [](const CellRecord& c) { return c.makespan / second; }) * second;
  row.worker_time = mean_of(cells, [](const CellRecord& c) { return c.worker_time / second; }) * second;
  row.search = mean_usage(cells, &CellRecord::search);
  row.retraining = mean_usage(cells, &CellRecord::retraining);
  row.stages = mean_stages(cells);
  judge_winners(row, cells, problem);
  return row;
}

void sort_rows(Leaderboard& board) {
  std::vector<LeaderboardRow> sorted;
  for (const std::size_t row : best_first(board)) sorted.push_back(std::move(board.rows[row]));
  board.rows = std::move(sorted);
}

std::vector<std::string> row_cells(const LeaderboardRow& row, const Leaderboard& board) {
  std::vector<std::string> cells{printable(row.strategy)};
  cells.push_back(value_text(row.value.mean, board.unit));
  cells.push_back(row.value.low ? value_text(*row.value.low, board.unit) + " .. " + value_text(*row.value.high, board.unit) : "-");
  cells.push_back(fmt::format("{} of {}", row.seeds - row.without_winner, row.seeds));
  cells.push_back(grouped(row.evaluations));
  cells.push_back(fmt::format("{:.3g}", row.failures));
  cells.push_back(significant_text(row.makespan / hour));
  cells.push_back(significant_text(row.worker_time / hour));
  cells.push_back(significant_text(row.search.energy / kilowatt_hour));
  cells.push_back(significant_text(row.search.carbon() / kilogram));
  cells.push_back(dollars_text(row.money));
  cells.push_back(row.gain_per_tonne ? significant_text(*row.gain_per_tonne) : "-");
  cells.push_back(row.overhead ? significant_text(*row.overhead) + "x" : "-");
  return cells;
}

// A line under the row: where its means lie, for all that is known of the figures.
std::vector<std::string> spread_cells(const LeaderboardSpread& spread) {
  const auto text = [](double low, double high) { return significant_text(low) + " .. " + significant_text(high); };
  std::vector<std::string> cells{fmt::format("  {:.4g} % of {} draws", 100.0 * spread.level, spread.draws)};
  cells.resize(8);
  cells.push_back(text(spread.energy.low / kilowatt_hour, spread.energy.high / kilowatt_hour));
  cells.push_back(text(spread.carbon.low / kilogram, spread.carbon.high / kilogram));
  cells.push_back(spread.money ? text(spread.money->low / dollar, spread.money->high / dollar) : "");
  for (const auto& interval : {spread.gain_per_tonne, spread.overhead})
    cells.push_back(interval ? text(interval->low, interval->high) : "-");
  return cells;
}

// Which figure moves the answer most: of the best strategy, for the others' bars are much the same.
std::string format_tornado(const LeaderboardRow& row, const TextStyle& style) {
  if (!row.spread) return "";
  Table table{{"uncertain figure", "5th percentile", "95th percentile", "kg CO2e per search"}};
  for (const TornadoBar& bar : row.spread->tornado)
    table.push_back({printable(bar.key), printable(bar.low_value), printable(bar.high_value),
                     significant_text(bar.at_low / kilogram) + " .. " + significant_text(bar.at_high / kilogram)});
  return "\n" + format_table(table, style, {.expendable = {"95th percentile", "5th percentile"}}) +
         wrapped(fmt::format("For {}, one figure varied at a time, the others at their medians; widest first.",
                             printable(row.strategy)), style.width);
}

// "Overhead, 95 % interval over seeds: tpe 102x .. 108x, random 125x .. 133x." Trainings that all cost the same have no spread.
std::string overhead_text(const Leaderboard& board, const TextStyle& style) {
  std::string text;
  for (const LeaderboardRow& row : board.rows) {
    if (!row.overhead_over_seeds || !row.overhead_over_seeds->low) continue;
    const std::string low = significant_text(std::max(0.0, *row.overhead_over_seeds->low));
    const std::string high = significant_text(*row.overhead_over_seeds->high);
    if (low != high) text += fmt::format("{}{} {}x .. {}x", text.empty() ? "" : ", ", printable(row.strategy), low, high);
  }
  return text.empty() ? "" : wrapped("Overhead, 95 % interval over seeds: " + text + ".", style.width);
}

std::string explain_spread(const std::vector<Leaderboard>& boards) {
  for (const Leaderboard& board : boards)
    for (const LeaderboardRow& row : board.rows)
      if (row.spread)
        return fmt::format(" Below each row: the interval that holds {:.4g} % of {} draws of the uncertain figures, "
                 "for the search as it runs with all of them at their medians.",
                           100.0 * row.spread->level, row.spread->draws);
  return "";
}

std::string pair_text(const std::optional<Usage>& winner, const std::optional<Usage>& standard) {
  return winner && standard ? mass_text(winner->carbon()) + " / " + mass_text(standard->carbon()) : "-";
}

std::string uses_text(const DeploymentSettings& deployment) {
  std::string text;
  if (deployment.trainings > 0.0) text = count_text(deployment.trainings) + (deployment.trainings == 1.0 ? " training" : " trainings");
  if (deployment.inferences > 0.0)
    text += (text.empty() ? "" : " and ") + count_text(deployment.inferences) + (deployment.inferences == 1.0 ? " use" : " uses");
  return text;
}

std::vector<std::string> payback_cells(std::string name, const PaybackBalance& balance, const DeploymentSettings& deployment) {
  return {std::move(name),
          mass_text(balance.search),
          pair_text(balance.winner_training, balance.standard_training),
          pair_text(balance.winner_inference, balance.standard_inference),
          mass_text(balance.saved),
          balance.search > Carbon{} ? significant_text(balance.saved / balance.search) : "-",
          break_even_text(balance, deployment)};
}

// The row below a strategy's: "  its cheapest", with the seeds where not all have one.
std::string cheapest_name(const LeaderboardRow& row) {
  const std::size_t found = row.payback_of_cheapest->seeds;
  return found == row.seeds ? "  its cheapest" : fmt::format("  its cheapest ({} of {})", found, row.seeds);
}

// What later trainings and uses of the results save, against what the searches cost.
std::string format_payback(const Leaderboard& board, const TextStyle& style) {
  if (!board.deployment.given()) return "";
  Table table{{"CO2e of", "search", "one training: winner / default", "one use: winner / default", "total saved", "x search", "pays back after"}};
  for (const LeaderboardRow& row : board.rows) {
    if (row.payback) {
      table.push_back(payback_cells(printable(row.strategy), *row.payback, board.deployment));
    } else {
      std::vector<std::string> cells{printable(row.strategy)};
      cells.resize(table.front().size() - 1, "-");
      cells.emplace_back("unknown");
      table.push_back(std::move(cells));
    }
    if (row.payback_of_cheapest)
      table.push_back(payback_cells(cheapest_name(row), *row.payback_of_cheapest, board.deployment));
  }
  const bool matched = board.deployment.train_until == TrainUntil::default_quality;
  const bool cheapest = std::ranges::any_of(board.rows, [](const LeaderboardRow& row) { return row.payback_of_cheapest.has_value(); });
  return "\n" + format_table(table, style, kPayback) + "\n" +
         wrapped(fmt::format("Payback over {} of each result, on {}. {} Saved: CO2e saved by using the winner instead "
                 "of the default configuration; negative: the extra cost of the winner's better value.{}",
                             uses_text(board.deployment), printable(board.deployment_summary),
                             matched ? "The winner is trained only until it matches the default." : "Both are trained to completion.",
                             cheapest ? " Its cheapest: instead of the winner, the candidate on each search's front that emits "
                 "the least in total and is no worse than the default; in brackets, how many seeds found "
                 "one."
                                      : ""), style.width);
}

// Which part of the bill is whose: the trials by stage, and what else the search used.
std::string format_stages(const Leaderboard& board, const TextStyle& style) {
  if (board.rows.front().stages.empty()) return "";
  Table table{{"CO2e by stage"}};
  for (const StageUsage& stage : board.rows.front().stages) table.front().push_back(printable(stage.stage));
  table.front().emplace_back("outside trials");
  for (const LeaderboardRow& row : board.rows) {
    std::vector<std::string> cells{printable(row.strategy)};
    const Carbon total = row.search.carbon();
    Carbon beside = total;
    const auto add = [&](Carbon carbon) {
      cells.push_back(total > Carbon{} ? fmt::format("{} ({:.0f} %)", mass_text(carbon), 100.0 * (carbon / total)) : mass_text(carbon));
    };
    for (const StageUsage& stage : row.stages) {
      add(stage.usage.carbon());
      beside -= stage.usage.carbon();
    }
    add(std::max(beside, Carbon{}));  // rounding may leave a negative nothing
    cells.resize(table.front().size(), "-");
    table.push_back(std::move(cells));
  }
  return "\n" + format_table(table, style) + "\n" +
         wrapped("Each trial's CO2e is split by the work of its stages. Outside trials: idle workers and "
                 "the strategy's own compute.", style.width);
}

std::string objective_head(const ObjectiveTraits& objective) {
  return printable(objective.name) + (objective.unit.empty() ? "" : " " + printable(objective.unit));
}

// The joint front, thinned to a readable length: its ends stay.
std::string format_front_points(const JointFront& front, const TextStyle& style) {
  constexpr std::size_t kMostPoints = 12;
  Table table{{"found by"}};
  for (const ObjectiveTraits& objective : front.objectives) table.front().push_back(objective_head(objective));
  const std::size_t shown = std::min(kMostPoints, front.points.size());
  for (std::size_t k = 0; k < shown; ++k) {
    const FrontPoint& point = front.points[shown == 1 ? 0 : k * (front.points.size() - 1) / (shown - 1)];
    std::vector<std::string> cells{printable(point.strategy)};
    for (std::size_t i = 0; i < point.values.size(); ++i)
      cells.push_back(front.objectives[i].unit == "%" ? value_text(point.values[i], "%") : significant_text(point.values[i]));
    table.push_back(std::move(cells));
  }
  const std::string all = shown < front.points.size() ? fmt::format(" Showing {} of its {} points.", shown, front.points.size()) : "";
  return format_table(table, style) + "\n" +
         wrapped("The joint front: candidates that no candidate of any search dominates, by observed "
                 "values." + all, style.width);
}

// Several objectives: how much of the joint front each strategy's searches find, and what the front looks like.
std::string format_fronts(const Leaderboard& board, const TextStyle& style) {
  if (!board.front) return "";
  Table table{{"all objectives", "hypervolume", "95 % interval", "front"}};
  std::vector<const LeaderboardRow*> rows;
  for (const LeaderboardRow& row : board.rows)
    if (row.front) rows.push_back(&row);
  std::ranges::sort(rows, [](const auto* a, const auto* b) {
    return std::tuple(-a->front->hypervolume.mean, a->strategy) < std::tuple(-b->front->hypervolume.mean, b->strategy);
  });
  for (const LeaderboardRow* row : rows) {
    const SeedMean& volume = row->front->hypervolume;
    table.push_back({printable(row->strategy), fmt::format("{:.4f}", volume.mean),
                     volume.low ? fmt::format("{:.4f} .. {:.4f}", *volume.low, *volume.high) : "-", fmt::format("{:.3g}", row->front->size)});
  }
  return "\n" + format_table(table, style) + "\n" +
         wrapped("hypervolume: of the values that a search observed, as a fraction of the joint front's; "
                 "objectives are scaled to that front, reference point 1.1. front: number of candidates "
                 "on a search's own front.", style.width) +
         "\n" + format_front_points(*board.front, style);
}

std::string format_board(const Leaderboard& board, const TextStyle& style) {
  const std::string unit = board.unit.empty() ? "" : " " + printable(board.unit);
  const bool failures = std::ranges::any_of(board.rows, [](const LeaderboardRow& row) { return row.failures > 0.0; });
  Table table{{"strategy", printable(board.objective + unit), "95 % interval", "found", "evals", "failed", "hours", "device-h",
                                               "kWh", "kg CO2e", "USD", "gain/t", "overhead"}};
  for (const LeaderboardRow& row : board.rows) {
    table.push_back(row_cells(row, board));
    if (row.spread) table.push_back(spread_cells(*row.spread));
  }
  const bool fruitless = std::ranges::any_of(board.rows, [](const LeaderboardRow& row) { return row.without_winner > 0; });
  constexpr std::ptrdiff_t kFound = 3, kFailed = 5;
  for (auto& cells : table) {
    if (!failures) cells.erase(cells.begin() + kFailed);
    if (!fruitless) cells.erase(cells.begin() + kFound);
  }
  std::size_t least = board.rows.front().seeds;
  std::size_t most = least;
  for (const LeaderboardRow& row : board.rows) {
    least = std::min(least, row.seeds);
    most = std::max(most, row.seeds);
  }
  const std::string seeds = least == most ? std::to_string(most) : fmt::format("{} to {}", least, most);
  std::string text = fmt::format("{}   {} {} x {} {}", printable(board.problem), board.rows.size(),
                                 board.rows.size() == 1 ? "strategy" : "strategies", seeds, most == 1 ? "seed" : "seeds");
  const std::string place = printable(board.scenario_summary);
  const bool fits = style.width == 0 || length_of(text) + length_of(place) + 3 <= style.width;
  text += fits ? "   " + place + "\n" : "\n" + wrapped(place, style.width);
  if (!board.scenario.empty()) text += "(" + printable(board.scenario) + ")\n";
  text += "\n";
  text += format_table(table, style, kBoard);
  text += "\n" + wrapped(printable(verdict_text(board)), style.width);
  text += wrapped(fmt::format("{}: {}{}.{}{}", board.real ? "First full training" : "Default configuration", value_text(board.default_value, board.unit), unit,
                              board.optimum ? fmt::format(" Best in the space: {}{}.", value_text(*board.optimum, board.unit), unit) : "",
                              fruitless ? " found: searches that found a candidate that trains; the others leave the "
                                          "default in place and count with its value." : ""),
                  style.width);
  for (const std::string& note : board.notes) text += wrapped("Note: " + printable(note), style.width);
  text += overhead_text(board, style);
  return text + format_stages(board, style) + format_fronts(board, style) + format_payback(board, style) +
         format_tornado(board.rows.front(), style);
}

// Many boards at a glance: the best strategy of each.
std::string format_overview(const std::vector<Leaderboard>& boards, const TextStyle& style) {
  constexpr std::size_t kWorthIt = 3;
  if (boards.size() < kWorthIt) return "";
  Table table{{"all problems", "verdict", "value", "hours", "kWh", "kg CO2e", "USD", "kg of one training", "overhead"}};
  for (const Leaderboard& board : boards) {
    const LeaderboardRow& best = board.rows.front();
    const double training = best.overhead ? best.search.carbon() / kilogram / *best.overhead : 0.0;
    table.push_back({printable(board.problem) + (board.scenario.empty() ? "" : " (" + printable(board.scenario) + ")"),
                     printable(verdict_label(board)),
                     value_text(best.value.mean, board.unit) + (board.unit.empty() ? "" : " " + printable(board.unit)),
                     significant_text(best.makespan / hour), significant_text(best.search.energy / kilowatt_hour),
                     significant_text(best.search.carbon() / kilogram), dollars_text(best.money),
                     best.overhead ? significant_text(training) : "-", best.overhead ? significant_text(*best.overhead) + "x" : "-"});
  }
  return "\n" + format_table(table, style, kOverview);
}

}  // namespace

std::vector<Leaderboard> leaderboards(const Store& store) {
  return leaderboards(store, store.cells());
}

std::vector<Leaderboard> leaderboards(const Store& store, const std::vector<CellRecord>& cells) {
  const auto problems = store.problems();
  const auto scenarios = store.scenarios();
  const auto strategies = store.strategies();
  // Keyed by number, so that the order is the experiment's.
  std::map<std::array<std::size_t, 2>, std::map<std::size_t, std::vector<const CellRecord*>>> groups;
  for (const CellRecord& cell : cells) groups[{cell.problem, cell.scenario}][cell.strategy].push_back(&cell);

  const VariantSums variants(store);
  const Fronts fronts(store);
  std::vector<Leaderboard> boards;
  for (const auto& [key, by_strategy] : groups) {
    const StoredProblem& problem = problems[key[0]];
    Leaderboard board;
    board.problem = problem.label;
    board.scenario = scenarios[key[1]].label;
    board.scenario_summary = scenarios[key[1]].summary;
    board.front = fronts.joint(key[0], key[1]);
    board.priced = scenarios[key[1]].priced;
    board.real = imported_search(problem).has_value();
    board.deployment_priced = scenarios[key[1]].deployment_priced;
    board.deployment = scenarios[key[1]].deployment;
    board.deployment_summary = scenarios[key[1]].deployment_summary;
    board.objective = problem.objective;
    board.unit = problem.unit;
    board.fidelity = problem.fidelity;
    board.direction = problem.direction;
    board.default_value = problem.default_true_value;
    board.optimum = problem.optimum;
    board.notes = problem.notes;
    if (std::string note = interruptions_note(scenarios[key[1]]); !note.empty()) board.notes.push_back(std::move(note));
    for (const auto& [strategy, records] : by_strategy) {
      LeaderboardRow row = make_row(strategies[strategy].label, records, problem);
      if (board.priced) row.money = row.search.money;
      const auto gain = row.gain_per_tonne ? std::optional(improvement(board, problem.default_true_value, row.value.mean))
                                           : std::nullopt;
      row.front = fronts.figures(key[0], key[1], strategy);
      row.payback = payback_balance(records, board.deployment);
      row.payback_of_cheapest = payback_balance(records, board.deployment, PaybackSide::cheapest);
      row.spread = variants.spread(key[0], key[1], strategy, gain, board.priced);
      board.rows.push_back(std::move(row));
    }
    sort_rows(board);
    board.verdict = judge(board);
    boards.push_back(std::move(board));
  }
  return boards;
}

std::string format_leaderboards(const std::vector<Leaderboard>& boards, const TextStyle& style) {
  std::string text;
  for (const Leaderboard& board : boards) text += (text.empty() ? "" : "\n") + format_board(board, style);
  if (boards.empty()) return "No search has finished yet.\n";
  text += format_overview(boards, style);
  return text + "\n" +
         wrapped(std::string("Means per search. evals: trials trained, including failures; hours: start to end; "
                 "device-h: hours billed for all workers; gain/t: improvement over the default "
                 "configuration per tonne of CO2e (favours cheap searches; '-': no improvement); "
                 "overhead: CO2e of the search divided by that of training its winner once.") +
                 explain_spread(boards), style.width);
}

}  // namespace tonne
