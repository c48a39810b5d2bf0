#pragma once
// What a plan compares, as experiments: from an experiment file or from a problem's name, with what the request sets.

#include <filesystem>
#include <string>
#include <vector>

#include "core/yaml.h"

namespace tonne {

struct PlanRequest;

/// The machines of one choice, as they are written in an experiment file; empty: as the source has them.
struct PlanMachines {
  std::string device, grid, workers, start;
};

class PlanSource {
 public:
  /// Reads and checks the request's experiment file, if it names one. Throws InputError.
  explicit PlanSource(const PlanRequest& request);

  /// The strategies to choose from, on one line each: "tpe: {startup: 5}" or "tpe".
  [[nodiscard]] const std::vector<std::string>& strategies() const { return strategies_; }
  /// Every combination of what there is to choose of device, grid, workers and start.
  [[nodiscard]] const std::vector<PlanMachines>& machines() const { return machines_; }
  /// Where relative paths of text() start.
  [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }
  /// An experiment of one strategy on such machines within a part of the limits, in YAML. `seeds` as in an experiment file.
  /// `last`: the one that is to be run, which records every trial.
  [[nodiscard]] std::string text(const std::string& strategy, const PlanMachines& machines, const std::string& seeds, double part,
                                 bool last = false) const;

 private:
  void read_file(const PlanRequest& request);
  void set_cluster(const PlanRequest& request);
  void set_budget(const PlanRequest& request);

  YamlNode root_;
  std::filesystem::path directory_ = ".";
  std::vector<std::string> strategies_;
  std::vector<PlanMachines> machines_;
};

/// The same experiment for a file in another folder: `name`, and the files that it names by their paths from there. What is not
/// the path of a file that exists stays.
[[nodiscard]] std::string moved_experiment(const std::string& text, const std::filesystem::path& from, const std::filesystem::path& to,
                                           const std::string& name);

}  // namespace tonne
