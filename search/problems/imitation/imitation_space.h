#pragma once
// What an imitation's file says: the shape of a space, and figures that describe its landscape. No row of a
// table stands in it, and no effect of a level: these are drawn again by hashing.

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/problem.h"

namespace tonne::imitation {

inline constexpr std::size_t kMostParameters = 64;
inline constexpr std::size_t kMostLevels = 10'000;
inline constexpr std::size_t kMostTrainings = 64;
inline constexpr std::size_t kMostShorter = 64;

/// Shares of the candidates from the worst, at which values are given; before the best few.
inline constexpr std::array<double, 16> kValueShares = {0.0,  0.001, 0.01, 0.05, 0.1,   0.25,  0.5,   0.75,
                                                        0.9,  0.95,  0.97, 0.98, 0.99,  0.995, 0.999, 0.9995};
/// The same of costs and of values after shorter trainings.
inline constexpr std::array<double, 9> kCostShares = {0.0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0};
/// Shares from the worst between which candidates share the spread of their training seeds; and the middles.
inline constexpr std::array<double, 8> kNoiseClasses = {0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0};

/// Of two parameters, as a share of the variance.
struct PairShare {
  std::size_t first = 0;
  std::size_t second = 0;
  double share = 0.0;
};

/// How the variance of a latent field is divided.
struct Structure {
  std::vector<double> importance;  ///< of each parameter alone, relative to one another
  double additive = 0.7;           ///< share of all parameters alone
  double pairwise = 0.0;           ///< share of all pairs; the rest is of three and more parameters
  std::vector<PairShare> pairs;    ///< the strongest; what they leave of `pairwise` goes to the others
  /// Of the rest: the chance that a parameter takes part in one of its terms. 1: each candidate for itself.
  double rugged = 0.5;
};

/// What only the quality has.
struct Shape {
  double outcast = 0.0;  ///< 0: levels' effects are normal; 1: one level of each parameter is the bad one
  double tilt = 0.0;     ///< the rest is exp(tilt) times as large a standard deviation above the mean
  /// What stands around the best candidate, in standard deviations; below 0, the best stands alone.
  double peak = 0.0;
  double reach = 2.0;    ///< how far, in changes of one parameter
};

struct Failures {
  double share = 0.0;
  Failure reason = Failure::invalid;
  double cost = 0.0;  ///< of a failed evaluation, relative to the others
  Structure structure;
};

struct Seeds {
  std::int64_t trainings = 0;     ///< different trainings of one candidate; 0: each is a new one
  std::vector<double> deviation;  ///< standard, geometric mean of each of kNoiseClasses; empty: none
  /// How much better than it is one of its trainings may make a candidate look, as a difference of normal scores of
  /// rank; empty: any.
  std::vector<double> better;
  std::vector<double> spread;     ///< sd of the logarithm of a candidate's deviation within each; empty: none
};

/// Values after a shorter training.
struct Shorter {
  double amount = 0.0;
  std::vector<double> quantiles;  ///< by kCostShares
  /// Of the order from that after a full training, in standard deviations; and among the best tenth.
  double deviation = 0.0;
  double deviation_best = 0.0;
  double noise = 1.0;  ///< seed deviation relative to that of a full training
};

struct Cost {
  std::string name;               ///< of kCostNames
  std::vector<double> quantiles;  ///< by kCostShares, of a full training, base units; one entry: a constant
  Structure structure;            ///< of the logarithm
  double quality = 0.0;           ///< how far its effects are those of the quality: -1 to 1
  double direct = 0.0;            ///< how far it is the quality itself: -1 to 1
  double together = 0.0;          ///< how far the rest of its effects is that of the first cost
};
/// The last four are of one use after the search.
inline constexpr auto kCostNames = std::to_array<std::string_view>(
    {"time", "energy", "flops", "traffic", "memory", "steps", "samples", "parameters", "use_time", "use_energy",
     "use_flops", "use_traffic"});
inline constexpr std::size_t kUseCosts = 8;  ///< the first of one use

inline constexpr auto kWorkKinds =
    std::to_array<std::string_view>({"other", "convolution", "narrow_convolution", "transformer"});

struct Space {
  std::string name;
  ObjectiveTraits objective;
  std::vector<Parameter> parameters;
  double candidates = 0.0;        ///< that the figures were measured on
  std::vector<double> quantiles;  ///< by kValueShares, from the worst
  std::vector<double> best;       ///< the best few, the best first
  Structure structure;
  Shape shape;
  Failures failures;
  Seeds seeds;
  FidelityTraits fidelity;
  std::vector<Shorter> shorter;  ///< ascending amounts below the highest
  WorkKind kind = WorkKind::other;  ///< of the work that costs tell
  std::vector<Cost> costs;
  std::vector<std::string> notes;
};

/// Reads and checks a file. Throws InputError with file, line and column.
[[nodiscard]] Space read_space(const std::filesystem::path& file);
/// The same of text; `file` is what messages call it.
[[nodiscard]] Space parse_space(const std::string& text, const std::string& file);

struct ProblemOptions {
  std::int64_t landscape = 0;
  double noise = 1.0;  ///< factor on the seeds' deviation
};
/// Precondition: the space is as parse_space() would accept it.
[[nodiscard]] std::shared_ptr<const Problem> make_problem(const Space& space, const ProblemOptions& options);

}  // namespace tonne::imitation
