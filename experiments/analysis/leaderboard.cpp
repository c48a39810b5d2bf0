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
#include "experiments/results/store.h"
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

double improvement(Direction direction, double from, double to) {
  return direction == Direction::maximise ? to - from : from - to;
}

void judge_winners(LeaderboardRow& row, const std::vector<const CellRecord*>& cells, const StoredProblem& problem) {
  std::vector<double> values;
  double tonnes = 0.0;  // of the searches that have a winner
  std::vector<double> training;
  std::vector<double> searching;  // of those whose winner's training is known
  for (const CellRecord* cell : cells) {
    if (!cell->winner_true_value) continue;
    values.push_back(*cell->winner_true_value);
    tonnes += cell->search.carbon() / tonne_co2e;
    if (!cell->winner_training) continue;
    training.push_back(cell->winner_training->carbon() / kilogram);
    searching.push_back(cell->search.carbon() / kilogram);
  }
  row.without_winner = cells.size() - values.size();
  if (values.empty()) return;
  row.value = estimate_mean(values);
  if (problem.optimum) row.regret = improvement(problem.direction, row.value->mean, *problem.optimum);
  tonnes /= static_cast<double>(values.size());
  // A loss per tonne would rank those first who waste most.
  const double gain = improvement(problem.direction, problem.default_true_value, row.value->mean);
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

// Equal means keep the experiment's order; strategies without a winner come last.
void sort_best_first(Leaderboard& board) {
  std::vector<std::size_t> order(board.rows.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) {
    const auto& value = board.rows[i].value;
    const double loss = !value ? 0.0 : board.direction == Direction::maximise ? -value->mean : value->mean;
    return std::tuple(!value, loss, i);
  });
  std::vector<LeaderboardRow> sorted;
  for (const std::size_t i : order) sorted.push_back(std::move(board.rows[i]));
  board.rows = std::move(sorted);
}

// The difference between two strategies, paired by seed.
std::optional<SeedMean> paired_difference(const std::vector<const CellRecord*>& a, const std::vector<const CellRecord*>& b) {
  std::map<std::uint64_t, double> by_seed;
  for (const CellRecord* cell : b)
    if (cell->winner_true_value) by_seed[cell->seed] = *cell->winner_true_value;
  std::vector<double> differences;
  for (const CellRecord* cell : a)
    if (const auto other = by_seed.find(cell->seed); cell->winner_true_value && other != by_seed.end())
      differences.push_back(*cell->winner_true_value - other->second);
  if (differences.size() < 2) return std::nullopt;
  return estimate_mean(differences);
}

// A difference needs its digits where the values beside it agree.
std::string difference_text(double value, const std::string& unit) {
  return std::abs(value) < 0.1 ? fmt::format("{:.2g}", value) : value_text(value, unit);
}

std::string conclude(const Leaderboard& board, const std::vector<const CellRecord*>& best,
                     const std::vector<const CellRecord*>& second_best) {
  const LeaderboardRow& first = board.rows.front();
  if (!first.value) return "No strategy found a candidate that trains.";
  const std::string unit = board.unit.empty() ? "" : " " + board.unit;
  std::string text = fmt::format("{} ends at {} {}{} for {} kg CO2e a search", first.strategy, board.objective,
                                 value_text(first.value->mean, board.unit), unit, significant_text(first.search.carbon() / kilogram));
  const std::string difference_unit = board.unit == "%" ? " points" : unit;  // a difference of percentages is none
  const double gain = improvement(board.direction, board.default_value, first.value->mean);
  text += gain > 0.0 ? fmt::format(", {}{} better than the default configuration", difference_text(gain, board.unit), difference_unit)
                     : fmt::format(", no better than the default configuration ({}{})", value_text(board.default_value, board.unit), unit);
  if (board.rows.size() < 2 || !board.rows[1].value) return text + ".";
  const auto difference = paired_difference(best, second_best);
  const std::string& rival = board.rows[1].strategy;
  if (!difference) return text + fmt::format("; one seed says nothing of its lead over {}.", rival);
  if (*difference->low == 0.0 && *difference->high == 0.0)
    return text + fmt::format("; {} ends equal in every seed.", rival);
  const bool distinct = *difference->low > 0.0 || *difference->high < 0.0;
  const double low = std::min(std::abs(*difference->low), std::abs(*difference->high));
  const double high = std::max(std::abs(*difference->low), std::abs(*difference->high));
  if (!distinct)
    return text + fmt::format("; its lead over {} is within the noise of {} seeds.", rival, difference->count);
  return text + fmt::format("; its lead over {} is {} to {}{} (95 %, paired by seed).", rival, difference_text(low, board.unit),
                            difference_text(high, board.unit), difference_unit);
}

std::vector<std::string> row_cells(const LeaderboardRow& row, const Leaderboard& board) {
  std::vector<std::string> cells{printable(row.strategy)};
  cells.push_back(row.value ? value_text(row.value->mean, board.unit) : "none");
  cells.push_back(row.value && row.value->low
                      ? value_text(*row.value->low, board.unit) + " .. " + value_text(*row.value->high, board.unit)
                      : "-");
  cells.push_back(grouped(row.evaluations));
  cells.push_back(fmt::format("{:.3g}", row.failures));
  cells.push_back(significant_text(row.makespan / hour));
  cells.push_back(significant_text(row.worker_time / hour));
  cells.push_back(significant_text(row.search.energy / kilowatt_hour));
  cells.push_back(significant_text(row.search.carbon() / kilogram));
  cells.push_back(significant_text(row.search.money / dollar));
  cells.push_back(row.gain_per_tonne ? significant_text(*row.gain_per_tonne) : "-");
  cells.push_back(row.overhead ? significant_text(*row.overhead) + "x" : "-");
  return cells;
}

// A line under the row: where its means lie, for all that is known of the figures.
std::vector<std::string> spread_cells(const LeaderboardSpread& spread) {
  const auto text = [](double low, double high) { return significant_text(low) + " .. " + significant_text(high); };
  std::vector<std::string> cells{fmt::format("  {:.4g} % of {} draws", 100.0 * spread.level, spread.draws)};
  cells.resize(7);
  cells.push_back(text(spread.energy.low / kilowatt_hour, spread.energy.high / kilowatt_hour));
  cells.push_back(text(spread.carbon.low / kilogram, spread.carbon.high / kilogram));
  cells.push_back(text(spread.money.low / dollar, spread.money.high / dollar));
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

std::string carbon_text(Carbon carbon) {
  const double grams = carbon / gram;
  if (std::abs(grams) >= 1e6) return significant_text(grams / 1e6) + " t";
  if (std::abs(grams) >= 1e3) return significant_text(grams / 1e3) + " kg";
  if (std::abs(grams) >= 1.0 || grams == 0.0) return significant_text(grams) + " g";
  return std::abs(grams) >= 1e-3 ? significant_text(grams * 1e3) + " mg" : significant_text(grams * 1e6) + " ug";
}

std::string pair_text(const std::optional<Usage>& winner, const std::optional<Usage>& standard) {
  return winner && standard ? carbon_text(winner->carbon()) + " / " + carbon_text(standard->carbon()) : "-";
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
          carbon_text(balance.search),
          pair_text(balance.winner_training, balance.standard_training),
          pair_text(balance.winner_inference, balance.standard_inference),
          carbon_text(balance.saved),
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
      cells.push_back(total > Carbon{} ? fmt::format("{} ({:.0f} %)", carbon_text(carbon), 100.0 * (carbon / total)) : carbon_text(carbon));
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
  Table table{{"strategy", printable(board.objective + unit), "95 % interval", "evals", "failed", "hours", "device-h",
                                               "kWh", "kg CO2e", "USD", "gain/t", "overhead"}};
  for (const LeaderboardRow& row : board.rows) {
    table.push_back(row_cells(row, board));
    if (row.spread) table.push_back(spread_cells(*row.spread));
  }
  constexpr std::ptrdiff_t kFailed = 4;
  if (!failures)
    for (auto& cells : table) cells.erase(cells.begin() + kFailed);
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
  text += "\n" + wrapped(fmt::format("Default configuration: {}{}.{} {}", value_text(board.default_value, board.unit), unit,
                                     board.optimum ? fmt::format(" Best in the space: {}{}.", value_text(*board.optimum, board.unit), unit) : "",
                                     printable(board.conclusion)), style.width);
  for (const std::string& note : board.notes) text += wrapped("Note: " + printable(note), style.width);
  text += overhead_text(board, style);
  return text + format_stages(board, style) + format_fronts(board, style) + format_payback(board, style) + format_tornado(board.rows.front(), style);
}

// Many boards at a glance: the best strategy of each.
std::string format_overview(const std::vector<Leaderboard>& boards, const TextStyle& style) {
  constexpr std::size_t kWorthIt = 3;
  if (boards.size() < kWorthIt) return "";
  Table table{{"all problems", "best strategy", "value", "hours", "kWh", "kg CO2e", "USD", "kg of one training", "overhead"}};
  for (const Leaderboard& board : boards) {
    const LeaderboardRow& best = board.rows.front();
    const double training = best.overhead ? best.search.carbon() / kilogram / *best.overhead : 0.0;
    table.push_back({printable(board.problem) + (board.scenario.empty() ? "" : " (" + printable(board.scenario) + ")"),
                     printable(best.strategy),
                     best.value ? value_text(best.value->mean, board.unit) + (board.unit.empty() ? "" : " " + printable(board.unit)) : "none",
                     significant_text(best.makespan / hour), significant_text(best.search.energy / kilowatt_hour),
                     significant_text(best.search.carbon() / kilogram), significant_text(best.search.money / dollar),
                     best.overhead ? significant_text(training) : "-", best.overhead ? significant_text(*best.overhead) + "x" : "-"});
  }
  return "\n" + format_table(table, style, kOverview);
}

}  // namespace

std::vector<Leaderboard> leaderboards(const Store& store) {
  const auto problems = store.problems();
  const auto scenarios = store.scenarios();
  const auto strategies = store.strategies();
  const auto cells = store.cells();
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
    board.deployment = scenarios[key[1]].deployment;
    board.deployment_summary = scenarios[key[1]].deployment_summary;
    board.objective = problem.objective;
    board.unit = problem.unit;
    board.direction = problem.direction;
    board.default_value = problem.default_true_value;
    board.optimum = problem.optimum;
    board.notes = problem.notes;
    std::map<std::string, std::vector<const CellRecord*>> by_label;
    for (const auto& [strategy, records] : by_strategy) {
      LeaderboardRow row = make_row(strategies[strategy].label, records, problem);
      const auto gain = row.gain_per_tonne ? std::optional(improvement(problem.direction, problem.default_true_value, row.value->mean))
                                           : std::nullopt;
      row.front = fronts.figures(key[0], key[1], strategy);
      row.payback = payback_balance(records, board.deployment);
      row.payback_of_cheapest = payback_balance(records, board.deployment, PaybackSide::cheapest);
      row.spread = variants.spread(key[0], key[1], strategy, gain);
      board.rows.push_back(std::move(row));
      by_label[strategies[strategy].label] = records;
    }
    sort_best_first(board);
    const auto& rival = board.rows[std::min<std::size_t>(1, board.rows.size() - 1)].strategy;
    board.conclusion = conclude(board, by_label[board.rows.front().strategy], by_label[rival]);
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
