#pragma once
// The landscape of `cell_nas`: what is calibrated for each task, and what follows from it for each cell.

#include <array>
#include <cstdint>
#include <vector>

#include "search/problems/networks/cell_nas.h"

namespace tonne::cell_nas {

inline constexpr double kFullEpochs = 200.0;  // of the published trainings, to which the asymptotes belong

/// How the latent quality of a cell is made. Fitted by random search to the portrait of landscape 0 after 200
/// epochs: local optima, autocorrelation, additive share of variance, chance that an edit improves,
/// correlation with FLOPs and parameters, correlation between tasks; and, weakly, to 93.97/70.86/43.63 % for
/// the residual cell, figures whose source was not at hand to check. The fit never looked at what strategies
/// do.
struct LatentWeights {
  double capacity;  ///< log(1 + sum of k*k over live convolutions): FLOPs correlation
  double depth;     ///< convolutions on the longest path, a 1x1 counts half
  double shortcut;  ///< convolutions on the shortest path, likewise
  double paths;     ///< log of the number of live paths
  double pooled;    ///< fewest poolings on a path
  double spatial;   ///< some live 3x3
  std::array<double, kCellOperations>
      operation;                        ///< additive effect of an operation on a live edge: additive R2
  std::array<double, kCellEdges> edge;  ///< .. multiplied by this for the edge
  double pair;                          ///< hashed interaction of each pair of edges
  double cell;                          ///< hashed deviation of the cell: local optima, ruggedness at the top
};

/// Everything that is calibrated for one task. Accuracies and sds in points.
struct Landscape {
  NetworkShape shape;
  std::int64_t samples;
  double chance;
  /// Published 5/25/50/75/95/99/100 % quantiles of test accuracy after 200 epochs.
  std::array<double, 7> quantiles;
  /// Accuracy of the worst connected cell: with the disconnected ones it sets the variance, and so the
  /// autocorrelation and the additive share.
  double worst;
  LatentWeights latent;
  /// Quantiles, as above, of the share of the way from chance to the asymptote that 12 epochs reach.
  std::array<double, 7> early_share;
  /// sd of the deviation of the 12-epoch latent from the 200-epoch one, in normal scores: rank correlation
  /// over all cells; and how fast it grows with the score above 0: rank correlation among the best.
  double early_deviation;
  double early_deviation_slope;
  /// Training-seed sd at the ranks of kNoiseRanks.
  std::array<double, 6> noise;
};

[[nodiscard]] const Landscape& landscape_of(CellTask task);

/// All that evaluate() needs of a cell.
struct Entry {
  double asymptote = 0.0;          ///< noise-free accuracy after 200 epochs, %
  double curve_constant = 1.0;     ///< epochs
  double noise_sd = 0.0;           ///< points
  double validation_offset = 0.0;  ///< points
  double divergence = 0.0;         ///< probability
  double multiply_accumulates = 0.0;
  double activations = 0.0;
  double parameters = 0.0;
};

/// The entries of all cells by number.
[[nodiscard]] std::vector<Entry> make_entries(const CellNasSettings& settings);

}  // namespace tonne::cell_nas
