#pragma once
// The work of networks that tables describe by columns of their own.

#include <cstddef>

#include "core/csv.h"
#include "core/problem.h"

namespace tonne {

/// Decisions of `graph_cell` from NAS-Bench-101's own form: column `adjacency`, the rows of the matrix one after the
/// other ("0110..."), and column `ops`, the vertices' operations ("in|conv3x3|maxpool3x3|out"; NAS-Bench-101's
/// "conv3x3-bn-relu" too). Cells of fewer than seven vertices leave the last operations unused. Throws InputError with
/// the line for what is no such cell.
[[nodiscard]] Configuration graph_cell_of(const SearchSpace& space, const CsvTable& table, std::size_t row);

/// One image through a network of Accel-NASBench (Ahmad et al. 2024): seven stages with the widths and strides of
/// EfficientNet-B0 (Tan & Le 2019) and the columns' expansion (blockN_e), kernel (blockN_k), depth (blockN_l) and
/// squeeze-and-excitation (blockN_se), ImageNet's 224 pixels and 1,000 classes. Of the parameters that the table has,
/// all agree. A training is forward and backward for `samples` images in `steps` steps of `batch`; an inference one
/// forward pass for each image, normalisations folded into the convolutions before them.
struct NetworkUse {
  bool inference = false;
  double samples = 1.0;
  double steps = 0.0;
  double batch = 1.0;
};
[[nodiscard]] Workload accel_network_work(const CsvTable& table, std::size_t row, const NetworkUse& use);

}  // namespace tonne
