#pragma once
// The parts of `hpo`: its settings, and what a model's landscape says to the problem.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "core/problem.h"
#include "core/search_space.h"
#include "core/settings.h"
#include "search/problems/landscape/quantile_map.h"
#include "search/problems/landscape/training_seeds.h"

namespace tonne::hpo {

enum class Model : std::uint8_t { mlp, cnn_finetune, gradient_boosting };
enum class Space : std::uint8_t { conditional, fcnet, lcbench };
enum class Dataset : std::uint8_t { protein, naval, parkinsons, slice };
enum class Schedule : std::uint8_t { cosine, step };
enum class Counts : std::uint8_t { epochs, data };
inline constexpr std::array<std::string_view, 3> kModelNames = {"mlp", "cnn_finetune", "gradient_boosting"};
inline constexpr std::array<std::string_view, 3> kSpaceNames = {"conditional", "fcnet", "lcbench"};
inline constexpr std::array<std::string_view, 4> kDatasetNames = {"protein", "naval", "parkinsons", "slice"};
inline constexpr std::array<std::string_view, 2> kScheduleNames = {"cosine", "step"};
inline constexpr std::array<std::string_view, 2> kCountsNames = {"epochs", "data"};

struct Settings {
  Model model = Model::mlp;
  Space space = Space::conditional;
  Dataset dataset = Dataset::protein;    ///< of fcnet
  Schedule schedule = Schedule::cosine;  ///< of lcbench
  std::int64_t landscape = 0;
  Counts fidelity = Counts::epochs;
  std::optional<std::int64_t> epochs;   ///< absent: the model's
  std::optional<std::int64_t> samples;  ///< absent: the model's
  double noise = 1.0;                   ///< 1: about that of the fcnet table, for the other models assumed
  TrainingSeedsSetting training_seeds;

  void visit(SettingsVisitor& visitor);
  [[nodiscard]] double full_epochs() const;
  [[nodiscard]] double full_samples() const;
  [[nodiscard]] TrainingSeeds seeds() const;
};

inline constexpr double kNever = -30.0;  // a logit

/// How what the rate's annealing still brings goes away: evenly, with a cosine, or at two drops.
enum class Annealing : std::uint8_t { even, cosine, step };

/// What a landscape says of a configuration.
struct Prospect {
  double end = 0.0;         ///< loss of a full training that neither dies nor diverges
  double unannealed = 0.0;  ///< by how much the loss is higher until the rate is annealed
  Annealing annealing = Annealing::even;
  double overfit = 0.0;        ///< part of `end` by which the loss has risen again ..
  double overfit_from = 1.0;   ///< .. since this share of the training
  double start = 1.0;          ///< loss before training
  double time_constant = 1.0;  ///< of the learning curve, in epochs or rounds
  double decay = 1.0;          ///< exponent of the curve's power law; 0: an exponential
  double data_hunger = 0.2;    ///< exponent of the excess loss in 1 / data
  double death = 0.0;          ///< probability that a training seed ends at `plateau`
  double plateau = 0.0;
  double spread = 0.0;  ///< sd of the training seed's effect on the logarithm of the loss
  double blow_up =
      0.0;  ///< logarithm of the factor in `end` by which an unstable training blew up; a seed scales it
  bool diverges = false;
};

/// The exact part: of one sample through the network (boosting: of one row and round), forward.
struct Costs {
  double multiply_accumulates = 0.0;
  double trained_share = 1.0;  ///< of the multiply-accumulates that gradients pass
  double parameters = 0.0;
  double trained_parameters = 0.0;
  double activations = 0.0;  ///< numbers
  double batch = 1.0;
  double flops_per_weight = 0.0;  ///< of an optimiser's step
  double operations = 1.0;  ///< of a forward pass, launched one by one; all rounds of boosting are one
};

/// Features of protein structure, the table of mlp and gradient_boosting; its rows that are trained on, 60 %
/// of 45,730 (Klein and Hutter 2019); the loss of a constant prediction on it.
inline constexpr double kInputs = 9.0;
inline constexpr double kRows = 27'438.0;
inline constexpr double kConstantLoss = .654;

/// Of a full training of the lcbench space: Zimmer, Lindauer and Hutter 2021.
inline constexpr std::int64_t kLcBenchEpochs = 50;

/// A space and what its configurations are worth.
class Landscape {
 public:
  virtual ~Landscape() = default;
  [[nodiscard]] virtual ObjectiveTraits objective() const = 0;
  [[nodiscard]] virtual SearchSpace space() const = 0;
  [[nodiscard]] virtual Prospect at(const Configuration& configuration) const = 0;
  [[nodiscard]] virtual Costs costs(const Configuration& configuration) const = 0;
  /// sd of the smooth ruggedness of the loss's logarithm.
  [[nodiscard]] virtual double ruggedness() const = 0;
  /// No loss is higher.
  [[nodiscard]] virtual double highest() const { return 1e3; }
};

[[nodiscard]] std::unique_ptr<const Landscape> make_fcnet(const Settings& settings);
[[nodiscard]] std::unique_ptr<const Landscape> make_mlp(const Settings& settings);
[[nodiscard]] std::unique_ptr<const Landscape> make_lcbench(const Settings& settings);
[[nodiscard]] std::unique_ptr<const Landscape> make_cnn_finetune(const Settings& settings);
[[nodiscard]] std::unique_ptr<const Landscape> make_gradient_boosting(const Settings& settings);

/// A table of the FCNet family (Klein and Hutter 2019).
struct FcNetTable {
  double inputs;
  double rows;  ///< that are trained on
  /// Factor on the sd of a seed's effect on the logarithm, so that the seeds' median coefficient of variation
  /// is the table's.
  double spread;
};
[[nodiscard]] const FcNetTable& fcnet_table(Dataset dataset);

/// From the losses of a landscape of the fcnet space to those of a table.
class FcNetMap {
 public:
  /// `losses`: of all configurations.
  FcNetMap(Dataset dataset, std::vector<double> losses);
  [[nodiscard]] double operator()(double loss) const { return from_protein_(to_protein_(loss)); }

 private:
  LogLogCurve to_protein_;
  LogLogCurve from_protein_;
};

}  // namespace tonne::hpo
