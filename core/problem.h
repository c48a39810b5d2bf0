#pragma once
// What a problem is: a search space, and an answer of accuracy and work for each candidate.

#include <boost/container/static_vector.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/configuration.h"
#include "core/random.h"
#include "core/search_space.h"
#include "core/units.h"

namespace tonne {

/// The format of the numbers in the products of layers. Narrower than fp32 means mixed, as frameworks train:
/// products in the format, sums, normalisation, loss and optimiser in fp32.
enum class Precision : std::uint8_t { fp32, tf32, fp16, bf16, fp8, int8 };

/// What kind of work it is, for devices reach other shares of their peaks on each: dense convolutions; convolutions
/// of few channels (16 to 64) or depthwise ones, which leave arithmetic idle; products of large matrices; anything
/// else.
enum class WorkKind : std::uint8_t { other, convolution, narrow_convolution, transformer };

/// The work of one evaluation, from which a cost model computes time and energy. Where a table gives measured
/// time or device energy, that stands instead of the model's.
struct Workload {
  Work flops{};              ///< arithmetic in all: forward and backward passes, optimiser; 1 multiply-add = 2
  Bytes traffic{};           ///< bytes moved between device memory and chip in all
  Bytes memory{};            ///< peak device memory; a device with less fails the candidate (0: unknown, always fits)
  double steps = 0.0;        ///< optimiser steps (each has a fixed cost in time)
  double samples = 0.0;      ///< training samples seen
  double parameters = 0.0;   ///< trainable weights
  Precision precision = Precision::fp32;  ///< what the problem counts in; a cluster may run it in another
  bool fixed_precision = false;           ///< the precision is a decision of the candidate: no cluster changes it
  WorkKind kind = WorkKind::other;
  double activation_traffic = 0.0;  ///< share of `traffic` whose size follows the precision; the rest stays as it is
  double activation_memory = 0.0;   ///< the same share of `memory`
  std::optional<Duration> measured_time = std::nullopt;
  std::optional<Energy> measured_energy = std::nullopt;  ///< of the device, without host and facility
  /// A use of what was trained, not a training: nothing starts up, and a device serves as many at once as its
  /// `inference.batch` says. Set by who charges a use (experiments/plan/deployment.h).
  bool inference = false;
  /// Of an inference: forward passes where uses come one by one; 0 where a problem counts its use in a batch so large
  /// that nothing fixed of a pass is left.
  double passes = 1.0;
  /// Of an inference: operations of one forward pass that a framework launches one by one (a convolution, a
  /// normalisation, a sum of two), whatever the batch. 0: not told, or launched as one.
  double operations = 0.0;
  Bytes shared_traffic{};  ///< of an inference: the part of `traffic` that a batch shares, its weights
};

/// At most this many objectives at once.
inline constexpr std::size_t kMaxObjectives = 5;
/// One value per objective, in the order of ProblemTraits::objectives.
using Objectives = boost::container::static_vector<double, kMaxObjectives>;

/// At most this many stages (feature engineering, hyper-parameters, architecture, compilation).
inline constexpr std::size_t kMaxStages = 4;
using StageShares = boost::container::static_vector<double, kMaxStages>;

/// Why a candidate cannot be had. An infeasible one was trained and violates a constraint of the problem.
enum class Failure : std::uint8_t { diverged, out_of_memory, invalid, infeasible };
[[nodiscard]] const char* to_string(Failure failure);

/// What a problem says of an evaluation. Of a failed one the workload is what it used until it failed, and the
/// objectives are empty.
struct Outcome {
  Objectives objectives;  ///< observed, in the objective's own direction
  Workload workload;
  std::optional<Failure> failure = std::nullopt;
  /// One value per constraint of the problem, satisfied where <= 0; empty of a failed evaluation. The simulator turns
  /// a violation into Failure::infeasible.
  Objectives constraints = {};
  /// Share of the workload by stage of the problem, summing to 1; empty where the problem has no stages.
  StageShares stage_shares = {};
};

enum class Direction : std::uint8_t { minimise, maximise };

struct ObjectiveTraits {
  std::string name;  ///< "accuracy", "regret", ...
  std::string unit;  ///< "%" or empty
  Direction direction = Direction::minimise;
};

/// How long a candidate can be trained. An amount of 1 with lowest == highest == 1 means: no fidelity.
struct FidelityTraits {
  std::string name = "evaluations";  ///< what is counted, usually "epochs"
  double lowest = 1.0;
  double highest = 1.0;
  bool integral = true;  ///< amounts are whole numbers
  std::vector<double> levels = {};  ///< the only amounts there are, ascending; empty: any within the bounds
};

struct ProblemTraits {
  std::string name;                          ///< as in a table's head: "cell_nas/cifar10"
  std::vector<ObjectiveTraits> objectives;   ///< the first is the one that single-objective strategies minimise
  FidelityTraits fidelity;
  std::vector<std::string> constraints = {};  ///< names; at most kMaxObjectives
  std::vector<std::string> stages = {};  ///< the parts of AutoML that the problem joins; at most kMaxStages
  std::vector<std::size_t> stage_of = {};  ///< the stage of each parameter of the space; empty without stages
  /// What whoever reads a result must know of where its answers come from ("fitted, cross-validated error ..."), as
  /// whole sentences.
  std::vector<std::string> notes = {};
};

/// One evaluation: train `configuration` from fidelity `from` (0: from scratch) to fidelity `to`, with the
/// repeat-th training seed.
struct Evaluation {
  const Configuration& configuration;
  double from = 0.0;
  double to = 1.0;
  std::uint32_t repeat = 0;
  /// 64 random bits of this configuration in this search, the same at every fidelity and for every repeat: with `repeat`
  /// they choose a training seed that a resumed training keeps.
  std::uint64_t run = 0;
};

/// A problem is immutable once made, and shared by all threads.
class Problem {
 public:
  virtual ~Problem() = default;
  [[nodiscard]] virtual const ProblemTraits& traits() const = 0;
  [[nodiscard]] virtual const SearchSpace& space() const = 0;
  /// `random` is the stream of this (configuration, fidelity, repeat), the same for every strategy. Precondition:
  /// space().contains(configuration), 0 <= from < to <= highest.
  [[nodiscard]] virtual Outcome evaluate(const Evaluation& evaluation, Random random) const = 0;
  /// Noise-free (or held-out) value of the first objective after training at the highest fidelity: what a
  /// search is judged by. In the objective's own direction.
  [[nodiscard]] virtual double true_value(const Configuration& configuration) const = 0;
  /// The best true value that the space holds, where it is known.
  [[nodiscard]] virtual std::optional<double> optimum() const { return std::nullopt; }
  /// What a practitioner would train without a search.
  [[nodiscard]] virtual Configuration default_configuration() const { return space().default_configuration(); }
  /// The work of one use of what was found, after the search: one sample through the trained network, one run of the
  /// compiled kernel. None where that is not known.
  [[nodiscard]] virtual std::optional<Workload> inference(const Configuration& configuration) const {
    static_cast<void>(configuration);
    return std::nullopt;
  }
  /// The same for two configurations that compute the same function once trained (cells that differ only in dead edges,
  /// say); none where the problem does not tell. Landscapes are described with it, no strategy sees it.
  [[nodiscard]] virtual std::optional<std::uint64_t> function_of(const Configuration& configuration) const {
    static_cast<void>(configuration);
    return std::nullopt;
  }
  /// How many different full trainings of this configuration there are, where a repeat returns one of a fixed few (the
  /// seeds of a table): repeats 0 .. n - 1 of one run are those n. None where every repeat is a new training.
  [[nodiscard]] virtual std::optional<std::uint32_t> training_seeds(const Configuration& configuration) const {
    static_cast<void>(configuration);
    return std::nullopt;
  }
};

}  // namespace tonne
