#pragma once
// What the training and the use of each cell of `cell_nas` take.

#include <cstddef>
#include <vector>

#include "core/problem.h"
#include "search/problems/networks/cell_nas.h"
#include "search/problems/networks/cell_set.h"

namespace tonne::cell_nas {

/// Of one family, task and way of training. Immutable.
class CellCosts {
 public:
  CellCosts(const CellSet& cells, const CellNasSettings& settings);

  /// Of that many epochs of training.
  [[nodiscard]] Workload training(std::size_t cell, double epochs) const;
  /// Of one example, forward: each activation is written and read, each weight read.
  [[nodiscard]] Workload inference(std::size_t cell) const;

 private:
  struct Cost {
    double training_flops = 0.0;  ///< of one example, forward and backward
    double activations = 0.0;     ///< elements that the forward passes of a step write for one example
    double weights = 0.0;         ///< that are trained
    double use_flops = 0.0;  ///< of one example, forward, through what is live: who uses a network prunes it
    double use_activations = 0.0;
    double use_weights = 0.0;
    double use_operations = 0.0;  ///< that are launched one by one
  };

  void count_nasbench201(const CellSet& cells, const CellNasSettings& settings);
  void count_transnas(const CellSet& cells, const CellNasSettings& settings);

  WorkKind kind_ = WorkKind::other;
  double samples_ = 0.0;  // of an epoch
  double steps_ = 0.0;    // likewise
  double batch_ = 0.0;
  double numbers_per_weight_ = 0.0;   // in memory
  double accesses_per_weight_ = 0.0;  // of a step
  std::vector<Cost> costs_;           // by cell
};

/// The epochs and the examples per step of the published trainings.
[[nodiscard]] std::int64_t published_epochs(const CellNasSettings& settings);
[[nodiscard]] std::int64_t published_batch(const CellNasSettings& settings);

}  // namespace tonne::cell_nas
