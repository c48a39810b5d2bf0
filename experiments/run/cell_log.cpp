#include "experiments/run/cell_log.h"

#include <fmt/format.h>

namespace tonne {

CellLog::CellLog(const Experiment& experiment, const Cell& cell, const Shard& shard)
    : cell_(cell),
      problem_(experiment.problems[cell.problem].label),
      scenario_(experiment.scenarios[cell.scenario].label),
      strategy_(experiment.strategies[cell.strategy].label),
      shard_(fmt::format("{}/{}", shard.number, shard.of)) {
  log(LogLevel::debug, "cell_started");
}

void CellLog::note(const Note& note) { log(LogLevel::debug, note.event, note.text); }

void CellLog::goes_on(std::size_t answers) const {
  log(LogLevel::info, "cell_goes_on", fmt::format("{} answers of its strategy are known from a run that was cut short", answers));
}

void CellLog::failed(std::string_view why) const { log(LogLevel::error, "cell_failed", why); }

void CellLog::interrupted() const { log(LogLevel::info, "cell_interrupted"); }

void CellLog::finished(const SearchResult& result) const {
  log_event(LogLevel::info, "cell_finished",
            {{"cell", cell_.index},
             {"problem", problem_},
             {"scenario", scenario_},
             {"strategy", strategy_},
             {"seed", cell_.seed},
             {"shard", shard_},
             {"seconds", watch_.seconds()},
             {"evaluations", result.evaluations},
             {"failures", result.failures},
             {"stop", std::string(to_string(result.stop))}});
}

std::string CellLog::name() const {
  return fmt::format("{} by {}{}, seed {}", problem_, strategy_, scenario_.empty() ? "" : " (" + scenario_ + ")", cell_.seed);
}

void CellLog::log(LogLevel level, std::string_view event, std::string_view message) const {
  if (!is_logged(level)) return;
  log_event(level, event,
            {{"cell", cell_.index},
             {"problem", problem_},
             {"scenario", scenario_},
             {"strategy", strategy_},
             {"seed", cell_.seed},
             {"shard", shard_},
             {"seconds", watch_.seconds()}},
            message);
}

}  // namespace tonne
