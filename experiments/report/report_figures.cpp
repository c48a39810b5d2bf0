#include "experiments/report/report_figures.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "experiments/report/report_data.h"

namespace tonne {
namespace {

class Figures {
 public:
  Figures(std::vector<ReportFigure>& list, const BoardFacts& facts, std::size_t strategy)
      : list_(list),
        problem_(facts.board.traits.label),
        scenario_(facts.board.place.label),
        strategy_(facts.board.strategies[strategy].label) {}
  void add(const std::string& metric, std::optional<double> value, const std::string& unit,
           std::optional<double> low = std::nullopt, std::optional<double> high = std::nullopt) {
    list_.push_back({problem_, scenario_, strategy_, metric, unit, value, low, high});
  }

 private:
  std::vector<ReportFigure>& list_;
  std::string problem_, scenario_, strategy_;
};

// Of a difference of two values: of percentages it is none.
std::string unit_of_differences(const Board& board) {
  return board.traits.unit == "%" ? "points" : board.traits.unit;
}

void add_costs(Figures& figures, const LeaderboardRow& row) {
  figures.add("evaluations", row.evaluations, "");
  figures.add("hours", row.makespan / hour, "h");
  figures.add("device_hours", row.worker_time / hour, "h");
  figures.add("energy", row.search.energy / kilowatt_hour, "kWh");
  figures.add("co2e", row.search.carbon() / kilogram, "kg");
  figures.add("money", row.money ? std::optional(*row.money / dollar) : std::nullopt, "USD");
}

void add_target(Figures& figures, const BoardFacts& facts, std::size_t strategy) {
  if (!facts.target) return;
  const ExpectedCost& cost = facts.to_target[strategy];
  const std::string target = target_text(facts.board, *facts.target);
  const auto finite = [](const std::optional<double>& value) {
    return value && std::isfinite(*value) ? value : std::nullopt;
  };
  figures.add("searches that reach " + target, static_cast<double>(cost.successes), "");
  if (cost.cost)
    figures.add("expected co2e to reach " + target, cost.cost->value, "kg", finite(cost.cost->low),
                finite(cost.cost->high));
}

void add_strategy_figures(std::vector<ReportFigure>& list, const BoardFacts& facts, std::size_t s) {
  const Board& board = facts.board;
  const std::string& unit = board.traits.unit;
  const LeaderboardRow& row = board.leaderboard.rows[s];
  Figures figures(list, facts, s);
  figures.add("seeds", static_cast<double>(row.seeds), "");
  const BoardVerdict& verdict = board.leaderboard.verdict;
  figures.add("leader", s == 0 && !verdict.candidates.empty() ? 1.0 : 0.0, "");
  figures.add("candidate", std::ranges::find(verdict.candidates, s) != verdict.candidates.end() ? 1.0 : 0.0, "");
  figures.add("searches that found something", static_cast<double>(row.seeds - row.without_winner), "");
  figures.add(board.traits.objective, row.value.mean, unit, row.value.low, row.value.high);
  const IntervalEstimate& middle = facts.middles[s];
  figures.add("interquartile mean", middle.value, unit, middle.low, middle.high);
  const std::string difference = unit_of_differences(board);
  if (row.regret) figures.add("regret", row.regret, difference);
  add_costs(figures, row);
  if (row.gain_per_tonne)
    figures.add("gain per tonne", row.gain_per_tonne, (difference.empty() ? "1" : difference) + "/t");
  if (row.overhead_over_seeds)
    figures.add("overhead", row.overhead, "", row.overhead_over_seeds->low, row.overhead_over_seeds->high);
  add_target(figures, facts, s);
  const CarbonFigures& carbon = facts.figures.strategies[s];
  if (const auto& area = carbon.log_area_over_seeds)
    figures.add("mean over log co2e", area->value, unit, area->low, area->high);
  if (const auto& volume = carbon.hypervolume_over_seeds)
    figures.add("hypervolume of value and co2e", volume->value, "", volume->low, volume->high);
  if (carbon.worth_until) figures.add("worth until", carbon.worth_until, "kg");
  const auto lines = carbon_breakdown(board.strategies[s]);
  for (std::size_t l = 0; l < shown_breakdown_lines(board); ++l)
    figures.add("co2e of " + std::string(kBreakdownLines[l].metric), lines[l], "kg");
}

}  // namespace

std::vector<ReportFigure> board_figures(const BoardFacts& facts) {
  std::vector<ReportFigure> list;
  for (std::size_t s = 0; s < facts.board.strategies.size(); ++s) add_strategy_figures(list, facts, s);
  for (const Rivalry& rival : facts.comparison.rivals) {
    Figures figures(list, facts, 0);
    const std::string against = " against " + facts.board.strategies[rival.other].label;
    figures.add("difference" + against, rival.difference.value, unit_of_differences(facts.board),
                rival.difference.low, rival.difference.high);
    figures.add("probability of improvement" + against, rival.probability.value, "", rival.probability.low,
                rival.probability.high);
    figures.add("ahead" + against, rival.verdict.apart ? 1.0 : 0.0, "");
    figures.add("Wilcoxon-Holm p" + against, rival.verdict.p, "");
  }
  return list;
}

}  // namespace tonne
