#pragma once
// A history made ready to be told as results: which of its trials count, what was trained of each, when, and how it ended.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/problem.h"
#include "core/search_space.h"
#include "core/units.h"
#include "experiments/histories/history.h"

namespace tonne::histories {

/// One real trial that ended, from its start to its end.
struct RecordedRun {
  std::uint64_t number = 0;  ///< the tool's own
  Configuration configuration;
  double fidelity = 1.0;  ///< how far it was trained
  Duration start{};       ///< since the search began
  Duration time{};        ///< that it took
  std::optional<Energy> energy;    ///< measured; none: not
  std::optional<Failure> failure;  ///< none: it has objectives
  Objectives objectives;           ///< in their own direction, finite
  Objectives constraints;          ///< satisfied where <= 0; empty: not recorded
  /// Finite values of the first objective on the way, by fidelity, ascending.
  std::vector<std::pair<double, double>> curve;

  [[nodiscard]] Duration end() const { return start + time; }
};

/// One real search.
struct RecordedSearch {
  std::string name, source, method;  ///< as History's
  SearchSpace space;
  std::vector<ObjectiveTraits> objectives;
  std::vector<std::string> constraints;
  /// Of trainings; a trial that completed was trained in full, whatever it reported last. Steps that count from 0 are moved
  /// so that the first is 1.
  FidelityTraits fidelity;
  double began = 0.0;             ///< first start, in seconds since 1970 UTC
  std::vector<RecordedRun> runs;  ///< at least one, by start, then by number; times are rounded to microseconds
  std::size_t at_once = 1;        ///< the most trials that ran at the same time
  std::vector<std::string> notes;  ///< the history's, and what was left out or changed here; whole sentences

  /// Of all trials.
  [[nodiscard]] Duration run_time() const;
  /// Until the last trial ended.
  [[nodiscard]] Duration makespan() const;
};

/// Pruned trials were trained up to their last report. Left out, with a note: trials that run or have no times. Failed, with a
/// note: trials whose value is infinite, no number or missing. Throws InputError where nothing is left, no trial was trained in
/// full with a value, a trial lies outside its space, or there are more objectives or constraints than a problem may have.
[[nodiscard]] RecordedSearch recorded_search(const History& history);

}  // namespace tonne::histories
