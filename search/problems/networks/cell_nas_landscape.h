#pragma once
// The landscape of `cell_nas`: what is calibrated for each task, and what follows from it for each cell.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "search/problems/networks/cell_network.h"
#include "search/problems/networks/cell_set.h"

namespace tonne::cell_nas {

/// How the latent quality of a function is made: weights of its structure, of a hashed interaction of each
/// pair of edges, and of a hashed deviation of its own. Fitted by an evolution strategy (CMA-ES) to the
/// table's portrait on five sets of hashed effects that no landscape uses. The fit never looked at what
/// strategies do.
struct LatentWeights {
  double capacity, depth, shortcut, paths, pooled, spatial;
  std::array<double, kCellOperations> operation;  ///< additive effect of an operation on a live edge
  std::array<double, kCellEdges> edge;            ///< .. multiplied by this for the edge
  double pair;       ///< of the sum of the pairs' hashed effects, which has an sd of about 1
  double own;        ///< of the function's own hashed deviation, in sds of the rest
  double own_slope;  ///< how the logarithm of that weight grows with the standardised rest, within 2 sds
  double spread;     ///< sd of cells of equal function, in sds of the training seeds
};

/// The lines of a portrait that decide how far a good search comes, and vary most from one set of hashed
/// effects to the next. A landscape takes the first set that meets them.
struct LateLines {
  struct Line {
    double target, tolerance;
  };
  std::optional<Line> local_optima{};  ///< cells that no edit improves
  std::optional<Line> ascents{};  ///< share of steepest ascents, one from each cell, that end at the best
  std::optional<Line> within_quarter{}, within_half{};  ///< .. within 0.25 and 0.5 of the best
  std::optional<Line> regret{};                         ///< mean regret of their ends
  std::optional<Line> neighbours{};  ///< share of the best cell's neighbours in the top 1 %
  std::optional<Line> gain{};        ///< mean gain of the best neighbour among the top 1 %
};

struct Knot {
  double x, y;
};

/// Everything that is calibrated for one task. Values and sds in the objective's unit.
struct Landscape {
  std::size_t operations;  ///< of CellSet
  double chance;           ///< before training
  double lowest, highest;  ///< that an observation can be
  /// Value after full training by quantile, and the best ones by name of their rank, the best first.
  std::span<const Knot> quantiles;
  std::span<const double> best;
  /// Value of the worst connected cell; the disconnected ones stay at chance. None: those are mapped by rank,
  /// too.
  std::optional<double> worst;
  LatentWeights latent;
  LateLines late;
  double full_epochs;
  /// Of a short training, the share of the way from chance to the asymptote that it reaches, by quantile.
  double early_epochs;
  std::span<const Knot> early_share;
  /// sd of the deviation of the short training's latent from the full one's, in normal scores, by rank: of
  /// the function; and, in the same unit, of the cell.
  std::span<const Knot> early_deviation;
  /// Training-seed sd by rank, and the spread of its logarithm between cells of equal rank.
  std::span<const Knot> noise;
  double noise_spread;
  /// The share of it that a search sees. 0: the table has one training of each cell, which is its true value.
  double noise_seen;
  std::int64_t training_seeds;  ///< of the table
  /// sd of a cell's constant difference between validation and test, by rank.
  std::span<const Knot> validation_gap;
};

/// All that evaluate() needs of a cell's accuracy.
struct Entry {
  double asymptote = 0.0;       ///< true value after full training
  double curve_constant = 1.0;  ///< epochs
  double noise_sd = 0.0;
  double validation_offset = 0.0;
  double divergence = 0.0;  ///< probability
};

struct EntrySettings {
  std::int64_t landscape = 0;
  double validation_gap = 0.0;  ///< of the median cell; others' in proportion
  double divergence = 0.0;
};

[[nodiscard]] double median_validation_gap(const Landscape& landscape);

/// The entries of all cells of CellSet::of(landscape.operations), by number.
[[nodiscard]] std::vector<Entry> make_entries(const Landscape& landscape, const EntrySettings& settings);

}  // namespace tonne::cell_nas
