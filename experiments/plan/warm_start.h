#pragma once
// `warm_start` of an experiment file: earlier results of this program that strategies may learn from.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/earlier_search.h"
#include "core/search_space.h"
#include "core/settings.h"
#include "core/trial.h"

namespace tonne {

enum class EarlierSeeds : std::uint8_t { all, same };

/// `warm_start: FOLDER`, or these keys.
struct WarmStartSettings {
  std::vector<std::string> results;     ///< finished results folders, as written
  std::vector<std::string> problems;    ///< labels in them; empty: all
  std::vector<std::string> strategies;  ///< likewise
  bool leave_out_same = false;          ///< trials of the very problem that is searched are not used
  EarlierSeeds seeds = EarlierSeeds::all;
  std::string carbon = "declared";  ///< or "counted", or a mass: what the earlier searches emitted, counted
  std::int64_t uses = 1;            ///< searches that share what is counted

  void visit(SettingsVisitor& visitor);
  /// Whether searches are charged a share of the earlier ones.
  [[nodiscard]] bool counts() const { return carbon != "declared"; }
};

/// A finished results folder, as a warm start reads it.
struct EarlierResults {
  struct Task {
    std::string label;
    std::string settings;  ///< canonical JSON: problems with equal settings are one landscape
    SearchSpace space;
  };
  struct Search {
    std::size_t task = 0;
    std::string strategy;  ///< label
    std::uint64_t seed = 0;
    std::vector<EarlierTrial>
        trials;     ///< completed trainings, in the order of their ends; in the task's space
    Charge charge;  ///< of the search, without the winner's retraining; no time
  };
  std::string digest;  ///< of every row of the folder's store
  std::vector<Task> tasks;
  std::vector<std::string> strategies;  ///< labels of all
  std::vector<Search> searches;         ///< those that were asked for
  bool priced = true;                   ///< whether what they cost is known
  bool warm_started = false;            ///< whether they started from earlier results without counting them
};

/// Reads one. `wanted` says of which problem and strategy (labels) the searches are asked for. Throws
/// InputError: there is no such folder, it is unfinished, damaged, of another version of the program, or
/// without trials.
using EarlierReader =
    std::function<EarlierResults(const std::filesystem::path& folder,
                                 const std::function<bool(const std::string&, const std::string&)>& wanted)>;

/// What the searches of one problem start from.
struct EarlierPlan {
  /// Those of one seed, or of all.
  struct Part {
    std::size_t first = 0, count = 0;  ///< of `searches`
    Charge share;                      ///< what a search is charged for them
  };
  std::vector<EarlierSearch> searches;
  std::vector<Part> parts;         ///< one; or one for each seed of the experiment
  std::vector<std::string> notes;  ///< sentences: what it started from, what that emitted, what did not fit
};

struct WarmStartPlan {
  WarmStartSettings settings;
  std::vector<std::string> digests;   ///< of the results; empty: there is no warm start
  std::vector<EarlierPlan> problems;  ///< one for each problem of the experiment
  std::vector<bool> learns;           ///< of each strategy: whether it learns from earlier results
  bool warm_started = false;  ///< whether the earlier searches themselves started from others, uncounted

  [[nodiscard]] bool given() const { return !digests.empty(); }
};

/// What a user says that the earlier searches emitted (`carbon: 3 kg`); none where it is taken from their
/// results. Throws InputError.
[[nodiscard]] std::optional<Carbon> stated_carbon(const WarmStartSettings& settings);

/// What decides results; empty where there is no warm start.
[[nodiscard]] std::string canonical_warm_start(const WarmStartPlan& plan);

}  // namespace tonne
