#include "experiments/results/earlier_results.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "core/error.h"
#include "core/json.h"
#include "core/trial.h"
#include "experiments/results/store.h"
#include "experiments/results/stored_space.h"

namespace tonne {
namespace {

class Reader {
 public:
  Reader(const std::filesystem::path& folder,
         const std::function<bool(const std::string&, const std::string&)>& wanted)
      : folder_(printable(folder.string())), store_(Store::open(folder)), wanted_(wanted) {}

  EarlierResults read() {
    check_whole();
    result_.digest = store_.content_digest();
    read_plan();
    read_searches();
    read_trials();
    read_charges();
    read_own_start();
    return std::move(result_);
  }

 private:
  struct Row {
    double end_s = 0.0;
    std::uint64_t trial = 0;
    EarlierTrial kept;
  };

  void check_whole() const {
    if (const std::string shard = store_.meta("shard"); !shard.empty())
      throw InputError(fmt::format("{} is shard {} of its experiment: join the shards first (tonne merge)",
                                   folder_, printable(shard)));
    const std::size_t done = store_.cells(CellDetail::own).size();
    if (const std::size_t planned = store_.planned_cells(); done < planned)
      throw InputError(
          fmt::format("{} is unfinished: {} of {} searches have ended. Finish it first (tonne run --resume)",
                      folder_, done, planned));
    if (store_.meta("record") != "trials")
      throw InputError(
          folder_ +
          " was recorded with record: incumbents, so that its trials are not there to learn from: "
          "run it with record: trials");
  }

  void read_plan() {
    const std::vector<StoredProblem> problems = store_.problems();
    for (std::size_t p = 0; p < problems.size(); ++p) {
      result_.tasks.push_back({problems[p].label, problems[p].settings, store_.space(p)});
      maximises_.push_back(problems[p].direction == Direction::maximise);
    }
    for (const StoredStrategy& strategy : store_.strategies()) result_.strategies.push_back(strategy.label);
    for (const StoredScenario& scenario : store_.scenarios())
      result_.priced = result_.priced && scenario.priced;
  }

  void read_searches() {
    for (const CellRecord& cell : store_.cells(CellDetail::own)) {
      const std::string& strategy = result_.strategies.at(cell.strategy);
      if (!wanted_(result_.tasks.at(cell.problem).label, strategy)) continue;
      place_[cell.index] = result_.searches.size();
      result_.searches.push_back({cell.problem, strategy, cell.seed, {}, {}});
    }
  }

  void read_trials() {
    std::vector<std::vector<Row>> rows(result_.searches.size());
    std::size_t count = 0;
    store_.each_trial([&](const TrialRow& row) {
      const auto at = place_.find(row.cell);
      if (at == place_.end() || row.status != TrialStatus::completed || !std::isfinite(row.objective().value_or(NAN)))
        return;
      if (!(row.fidelity > 0.0) || !std::isfinite(row.fidelity) || !std::isfinite(row.end_s))
        throw StoreError(folder_ + ": is damaged: a trial has an impossible fidelity or end");
      if (++count > kMostEarlierTrials)
        throw InputError(
            fmt::format("{} holds more than {} trials: choose some of its problems or strategies", folder_,
                        kMostEarlierTrials));
      const std::size_t task = result_.searches[at->second].task;
      check_configuration(row.configuration, result_.tasks[task].space);
      const double objective = row.objectives.front();
      EarlierTrial trial{row.configuration, row.fidelity, maximises_[task] ? -objective : objective,
                         (row.operational_kg + row.embodied_kg) * kilogram};
      rows[at->second].push_back({row.end_s, row.trial, std::move(trial)});
    });
    for (std::size_t s = 0; s < rows.size(); ++s) {
      std::ranges::sort(rows[s], {}, [](const Row& row) { return std::pair(row.end_s, row.trial); });
      for (Row& row : rows[s]) result_.searches[s].trials.push_back(std::move(row.kept));
    }
  }

  void read_charges() {
    store_.each_ledger_row([&](const LedgerRow& row) {
      const auto at = place_.find(row.cell);
      if (at == place_.end() || row.account == kAccountNames[static_cast<std::size_t>(Account::retraining)])
        return;
      const auto line = std::ranges::find(kLineNames, row.line);
      if (line == kLineNames.end())
        throw StoreError(folder_ + ": is damaged: its ledger has an unknown line");
      for (const double used : {row.energy_j, row.operational_kg, row.embodied_kg, row.usd, row.water_l})
        if (!(used >= 0.0) || !std::isfinite(used)) throw StoreError(folder_ + ": is damaged: its ledger has an impossible charge");
      result_.searches[at->second].charge.lines[static_cast<std::size_t>(line - kLineNames.begin())] +=
          Usage{row.energy_j * joule, row.operational_kg * kilogram, row.embodied_kg * kilogram,
                row.usd * dollar, row.water_l * litre};
    });
  }

  // What its searches learned from, and did not count, is not in their charges.
  void read_own_start() {
    const std::string text = store_.meta("warm_start");
    if (text.empty()) return;
    const Json start = parse_json(text);
    result_.warm_started = !start.is_object() || start.value("carbon", Json("declared")) == Json("declared");
  }

  std::string folder_;
  Store store_;
  const std::function<bool(const std::string&, const std::string&)>& wanted_;
  EarlierResults result_;
  std::vector<bool> maximises_;               // of each task
  std::map<std::size_t, std::size_t> place_;  // of cells among the searches
};

}  // namespace

EarlierResults read_earlier_results(
    const std::filesystem::path& folder,
    const std::function<bool(const std::string&, const std::string&)>& wanted) {
  try {
    return Reader(folder, wanted).read();
  } catch (const StoreError& error) {
    throw InputError(printable(error.what()));
  }
}

}  // namespace tonne
