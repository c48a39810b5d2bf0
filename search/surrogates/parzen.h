#pragma once
// Parzen estimators over mixed and conditional search spaces: the densities of TPE.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/random.h"
#include "core/search_space.h"
#include "search/surrogates/parzen_data.h"
#include "search/surrogates/truncated_normal.h"

namespace tonne {

/// How wide the kernels of numbers are, in units of the parameter's range.
enum class KernelWidth : std::uint8_t {
  scott,  ///< 0.2 n^(-1/(d + 4)), the same for all kernels: Scott's rule as Optuna 2.2 to 4 scaled it, for
          ///< joint kernels
  deviation,  ///< 1.059 s n^(-1/(d + 4)), s: the standard deviation of the kernels' centres: the normal
              ///< reference rule, which Falkner, Klein and Hutter 2018 (BOHB), section 3.2, take for joint
              ///< kernels (by way of statsmodels)
  neighbours,  ///< in each parameter the distance to the farther neighbour: Bergstra et al. 2011,
               ///< section 4.2. As in Optuna since 4.9 the prior is no neighbour, and since 5 joint kernels
               ///< have these widths too
  automatic,  ///< as `neighbours`, but discrete numbers at least as wide as by `scott`, and numbers that not
              ///< every observation has as by `scott`
};

/// Weight of each of n observations, oldest first: the last `full` weigh 1, those before rise linearly from
/// 1/n (Hyperopt and Optuna: full = 25). Shape: n numbers.
void parzen_weights(std::size_t n, std::size_t full, std::vector<double>& weights);

/// A mixture of n + 1 product kernels over some parameters of a space, one on each observation and the prior.
///
/// Kernels, by parameter, in unit coordinates (Optuna, _ParzenEstimator):
/// - real: normal at the observation, truncated to [0, 1];
/// - integer, ordinal: its mass in the cell of the value (log-scaled integers: cells in the logarithm);
/// - categorical with C choices: (1[same choice] + w) / (1 + C w), w = prior weight / (n + 1);
/// - the prior kernel: normal(1/2, 1) truncated, or uniform over the choices.
/// Bandwidths are clipped to [1 / min(100, n + 2), 1] ("magic clip").
///
/// Conditions: a kernel is a density over the whole tree. Where the candidate has a parameter that the
/// kernel's own observation lacks, the prior kernel of that parameter stands in; so every kernel integrates
/// to 1 over the space, whatever the depth of the conditions. n above is the number of observations in which
/// the parameter is active, d their mean number of active parameters; without conditions this is Optuna's
/// multivariate estimator.
///
/// Where a cell is narrower than 1/256 of the range its mass is the density at its centre times its width
/// (relative error (width / bandwidth)^2 / 24).
class ParzenEstimator {
 public:
  /// Models `parameters` (ascending) of the data's space. The data must outlive the estimator.
  ParzenEstimator(const ParzenData& data, std::vector<std::size_t> parameters, KernelWidth width,
                  double prior_weight, std::size_t full_weights);

  /// Puts kernels on these rows of the data, oldest first; without rows the prior is left. In a conditional
  /// space rows may lack parameters, unless all of the estimator's are active by one condition: then they
  /// have them.
  void fit(std::span<const std::uint32_t> rows);

  /// Draws the estimator's parameters, where they are active, into a configuration in which earlier
  /// parameters that are not the estimator's are set and later ones are inactive.
  void sample(Configuration& configuration, Random& random) const;

  /// Logarithm of the density (of active parameters: per unit coordinate for reals, mass for the others) at
  /// each candidate.
  void log_density(std::span<const Configuration> candidates, std::span<double> result);

  /// Floating-point operations of all fits and densities so far, by formula: 40 for each kernel and parameter
  /// of a fit; 4 for each kernel, parameter and candidate of a density, and 20 for each kernel and candidate.
  [[nodiscard]] double operations() const { return operations_; }

 private:
  // A kernel of a discrete number; many kernels are alike.
  struct Level {
    double mu, sigma, log_height, half_precision;
  };
  // The kernels of one parameter, padded to whole blocks.
  struct Kernels {
    std::size_t parameter = 0;
    bool conditional = false;
    bool has_wide_cells = false;  // of a discrete number: `level` and `levels` are kept
    bool by_neighbours = false;   // the kernels' widths are
    bool by_values = false;       // of a discrete number: fitted by fit_values()
    bool has_normals = true;      // of those: mu, half_precision and log_height are kept
    double least = 0.0;           // bandwidth of the last fit by neighbours; 0: there was none
    std::vector<double> mu;
    std::vector<double> sigma;
    std::vector<double> half_precision;  // 1 / (2 sigma^2)
    std::vector<double> log_height;      // logarithm of the density at mu
    double greatest_height = 0.0;        // of log_height
    std::vector<double> choice;          // of a categorical: the kernels' choices; -1 of one that lacks the parameter
    double smoothing = 0.0;              // w of a categorical's kernels
    double hit = 0.0, miss = 0.0, unknown = 0.0;  // what a kernel of the same choice, of another, of none adds
    std::vector<std::uint32_t> level;    // which of `levels` a kernel is
    std::vector<Level> levels;           // the prior's first
    // By row: what was computed of its kernel last, for most kernels stay as they are from fit to fit.
    struct Known {
      double mu, sigma, log_height, half_precision;
    };
    std::vector<Known> known;
  };
  // A value of a discrete number: its first and last kernel by age, and the levels of these and of all others.
  struct Value {
    std::uint32_t count = 0;
    std::uint32_t first = 0;
    std::uint32_t last = 0;
    std::uint32_t level_of_first = 0;
    std::uint32_t level_of_last = 0;
    std::uint32_t level = 0;
    double position = 0.0;
  };
  // From a value to the nearest others that have kernels; 0 where there is none.
  struct Gaps {
    double below = 0.0;
    double above = 0.0;
  };
  // One parameter's part in the density of one candidate.
  struct Term {
    enum class Kind : std::uint8_t { normal, cell, choice };
    const Kernels* kernels;
    Kind kind;
    double position;  // normal: the candidate's; cell and choice: its value
    std::size_t table;  // cell: number of its table
    double later;     // what the terms after this one can add at most
  };
  // The masses of the levels of a discrete number in one cell, which many candidates and kernels share.
  struct Table {
    const Kernels* kernels;
    double value, low, high;
    std::size_t begin;    // in masses_
    std::size_t missing;  // so many levels have not been looked at: NaN
  };
  using Block = std::array<double, 32>;
  static constexpr std::uint32_t kNoKernel = 0xffffffff;
  static constexpr double kScott = 0.2;  // of Scott's rule: a fifth of the range (Optuna)

  void fit_categorical(Kernels& kernels, std::span<const std::uint32_t> rows) const;
  void fit_numeric(Kernels& kernels, std::span<const std::uint32_t> rows, double dimensions);
  void add_heights(Kernels& kernels);
  [[nodiscard]] static double scott_bandwidth(double magnitude, double dimensions, std::size_t active);
  void shared_bandwidth(Kernels& kernels, double dimensions);
  void shared_heights(Kernels& kernels);
  [[nodiscard]] double deviation_of_centres(const Kernels& kernels) const;
  void neighbour_bandwidths(Kernels& kernels, double dimensions);
  void known_heights(Kernels& kernels, std::span<const std::uint32_t> rows);
  void fit_levels(Kernels& kernels);
  [[nodiscard]] Level level_at(double mu, double sigma) const;
  [[nodiscard]] double least_bandwidth(const Kernels& kernels, double dimensions, std::size_t active) const;
  // parzen_values.cpp
  void fit_values(Kernels& kernels, std::span<const std::uint32_t> rows, double dimensions);
  std::size_t note_values(const Kernels& kernels, std::span<const std::uint32_t> rows);
  void add_value(Kernels& kernels, Value& value, const Gaps& gaps, double least) const;
  void set_levels(Kernels& kernels) const;
  void add_level_heights(Kernels& kernels);
  void set_normals(Kernels& kernels) const;
  // parzen_updates.cpp
  void note_changes(std::span<const std::uint32_t> rows);
  void update_neighbours(Kernels& kernels, std::span<const std::uint32_t> rows);
  void update_near(Kernels& kernels, std::uint32_t changed);
  void update_group(Kernels& kernels, std::size_t at);
  void set_kernel(Kernels& kernels, std::size_t k, std::uint32_t row, double sigma) const;
  [[nodiscard]] std::optional<std::size_t> member_below(const ParzenData::Column& column, std::size_t at) const;
  [[nodiscard]] std::optional<std::size_t> member_from(const ParzenData::Column& column, std::size_t at) const;
  void note_slots(std::span<const std::uint32_t> rows);
  void order_by_age(const Kernels& kernels, std::span<const std::uint32_t> rows);
  void order_by_position(const Kernels& kernels, std::span<const std::uint32_t> rows);
  std::span<const std::uint32_t> by_position(std::span<const std::uint32_t> rows);
  [[nodiscard]] double mean_active(std::span<const std::uint32_t> rows) const;

  // parzen_density.cpp
  double add_term(const Kernels& kernels, double value);
  void add_cell(const Kernels& kernels, double value, double low, double high);
  void fill(Table& table, const std::uint32_t* levels);
  void fill(Table& table, std::size_t level);
  [[nodiscard]] double score_of_prior(std::size_t candidate);
  double add_terms(std::size_t candidate, std::size_t start, double least, double* result);
  [[nodiscard]] double log_sum(std::size_t candidate) const;

  const ParzenData& data_;
  KernelWidth width_;
  double prior_weight_;
  std::size_t full_weights_;
  double unit_height_;   // square root of 2 pi
  double prior_height_;  // logarithm of the prior's density at 1/2
  std::vector<Kernels> columns_;
  std::size_t kernels_ = 0;         // observations and the prior, which is the last
  std::size_t padded_ = 0;          // kernels_ rounded up to whole blocks
  std::vector<double> weights_;     // 0 of the padding
  std::vector<double> cumulative_;  // weights, summed up
  double log_total_ = 0.0;          // of the last of these
  std::vector<double>
      base_;  // log heights of the parameters that are always active; -infinity of the padding
  TruncationTable truncation_;
  double operations_ = 0.0;

  // Scratch space, kept to spare allocations.
  std::vector<double> scores_;          // candidate-major, padded_ each
  std::vector<double> block_greatest_;  // candidate-major: the greatest score of each block
  std::vector<double> greatest_;        // of each candidate
  std::vector<Term> terms_;
  std::vector<std::size_t> first_term_;
  std::vector<Table> tables_;
  std::vector<double> masses_;
  std::vector<Value> values_;        // by code
  std::vector<std::uint32_t> met_;   // codes that kernels have, ascending
  std::vector<std::uint32_t> code_;  // of each kernel; kInactive of one that lacks the parameter
  std::vector<std::uint32_t> order_;
  std::vector<std::uint32_t> slot_;  // of a row: its kernel, kNoKernel
  std::vector<std::uint32_t> earlier_slot_;
  std::vector<std::uint32_t> fitted_;   // rows of the last fit
  std::uint64_t fitted_changes_ = 0;    // of the data, at the last fit
  std::vector<std::uint32_t> changed_;  // rows that have come or gone since
  std::size_t unchanged_ = 0;           // so many first kernels are the same as then
  bool updates_ = false;                // few have
  std::vector<std::uint32_t> sorted_rows_;
  std::vector<double> sorted_weights_;
};

}  // namespace tonne
