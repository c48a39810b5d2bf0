#pragma once
// What a user says of a run whose footprint is asked, read and checked.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/settings.h"
#include "core/units.h"
#include "core/yaml.h"
#include "cost_models/cluster_settings.h"
#include "cost_models/training_work.h"
#include "experiments/plan/estimate_spread.h"

namespace tonne {

/// What a user says of the run. Time is given, or follows from arithmetic; power is given, or follows from
/// the device. A figure that is neither is an error.
struct EstimateSettings {
  EstimateSettings();

  std::string name = "The training";  ///< as the paragraph begins

  std::optional<double> hours;   ///< of one training, from start to end
  std::optional<Duration> time;  ///< the same with a unit
  std::optional<double> flops;   ///< of one training, all devices together
  std::optional<double> parameters;
  std::optional<double> tokens;   ///< in one epoch
  std::optional<double> forward;  ///< FLOPs of one forward pass over one sample, a multiply-add counted as 2
  std::optional<double> samples;  ///< in one epoch
  double epochs = 1.0;
  /// Tokens or samples in one step. Absent: steps are not counted, and the utilisation is that of the whole
  /// run; given: optimiser and fixed time of steps come on top, and the utilisation is that of the arithmetic
  /// alone.
  std::optional<double> batch;
  Optimizer optimizer = Optimizer::adam;

  std::optional<double> watts;         ///< mean of one device with its share of the host, as measured
  std::optional<Power> power;          ///< the same with a unit
  std::optional<double> share_of_tdp;  ///< the device's mean power; the host's share comes on top

  std::int64_t devices = 1;  ///< of one training
  double trials = 1.0;       ///< trainings in all; cluster.workers of them run at the same time
  /// Without defaults for device, facility and grid: whoever asks for a footprint knows where it arose.
  ClusterSettings cluster;
  SpreadSettings uncertainty;

  /// Mixed precision in 16 bits, in which most trainings since 2018 run, unless cluster.precision says another.
  [[nodiscard]] Precision precision() const { return cluster.precision.value_or(Precision::fp16); }
  /// A training of known tokens is a language model's; of others nothing is told.
  [[nodiscard]] WorkKind kind() const { return tokens ? WorkKind::transformer : WorkKind::other; }

  void visit(SettingsVisitor& visitor);
};

/// What was read.
struct EstimateRequest {
  EstimateSettings settings;                 ///< every figure at its median
  std::map<std::string, std::string> given;  ///< what the user wrote, by the key in full: "facility.pue"
  std::vector<UncertainInput> uncertain;
  /// The settings with other values of the uncertain figures, in their order.
  std::function<EstimateSettings(std::span<const double>)> settings_at;
};

/// Short forms of nested keys, in files and on the command line: pue, wue, intensity, trace.
struct ShortForm {
  std::string_view key;
  std::string_view stands_for;
};
[[nodiscard]] std::span<const ShortForm> estimate_short_forms();

/// One key of the command line with its value's text; `key` as in a file ("grid.intensity").
struct EstimateOption {
  std::string key;
  std::string value;
};
/// The tree with the options in it, which stand instead of what it had; their nodes have line 0. Throws
/// InputError when a name and settings are given for one key that takes either.
[[nodiscard]] YamlNode with_options(YamlNode tree, std::span<const EstimateOption> options);

/// Reads and checks settings. Throws InputError where anything is unknown, out of bounds, contradictory, or
/// not enough for an estimate.
[[nodiscard]] EstimateRequest read_estimate(const YamlNode& tree, const YamlSource& source);

/// The time of one training where it is given, and not to be computed.
[[nodiscard]] std::optional<Duration> given_time(const EstimateSettings& settings);
/// The power of one device with its share of the host, where it is given.
[[nodiscard]] std::optional<Power> given_power(const EstimateSettings& settings);
/// Tokens or samples in one epoch; 0: neither is given.
[[nodiscard]] double samples_of(const EstimateSettings& settings);

}  // namespace tonne
