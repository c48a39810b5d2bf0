#pragma once
// Synthetic cell spaces with the shape, the exact costs and the measured portraits of NAS-Bench-201 and of
// TransNAS-Bench-101.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "core/problem.h"
#include "core/recipe.h"
#include "core/settings.h"
#include "search/problems/landscape/training_seeds.h"
#include "search/problems/networks/cell_network.h"
#include "search/problems/networks/transnas_network.h"

namespace tonne {

/// Image classification tasks of NAS-Bench-201.
enum class CellTask : std::uint8_t { cifar10, cifar100, imagenet16 };
inline constexpr std::array<std::string_view, 3> kCellTaskNames = {"cifar10", "cifar100", "imagenet16"};
/// The table whose shape, costs and portrait the space has.
enum class CellFamily : std::uint8_t { nasbench201, transnas };
inline constexpr std::array<std::string_view, 2> kCellFamilyNames = {"nasbench201", "transnas"};
inline constexpr std::array<std::string_view, 2> kEdgeCountNames = {"all_edges", "live_edges"};

struct CellNasSettings {
  CellFamily family = CellFamily::nasbench201;
  /// Of NAS-Bench-201. cifar10: 32x32, 10 classes; cifar100: 32x32, 100 classes; imagenet16: 16x16, 120
  /// classes.
  CellTask task = CellTask::cifar10;
  /// Of TransNAS-Bench-101, in the other's place.
  TransnasTask transnas_task = TransnasTask::object;
  /// Seed of the landscape's random part. Tests hold 0 to 4 to the table's portrait; the fit saw none of
  /// them.
  std::int64_t landscape = 0;
  /// What training pays for: a training framework computes edges that lie on no path to the output too.
  EdgeCount count = EdgeCount::all_edges;
  /// Epochs of a full training. None: as published (NAS-Bench-201: 200).
  std::optional<std::int64_t> epochs;
  /// Samples per step. None: as published (NAS-Bench-201: 256).
  std::optional<std::int64_t> batch;
  /// sd, in the objective's unit, of a cell's constant difference between the validation value that a search
  /// sees and the test value that it is judged by; of the median cell, less for the best. None: what the
  /// table has. 0: only the training seed blurs.
  std::optional<double> validation_gap;
  /// NAS-Bench-201 has up to three trainings of each cell, TransNAS-Bench-101 one.
  TrainingSeedsSetting training_seeds;
  /// Mean share of trainings that diverge, over all cells. A cell's own share is linear in its rank: up to .5
  /// it runs from 0 (the best) to twice the mean (the worst), above from twice the mean less 1 to 1. The
  /// training is lost after a uniformly drawn part of its epochs.
  double divergence = 0.0;

  void visit(SettingsVisitor& visitor);
};

/// The shape of a task's network.
[[nodiscard]] NetworkShape network_shape(CellTask task);
/// Training images: 50,000 for both CIFAR, 151,700 for ImageNet16-120.
[[nodiscard]] std::int64_t training_samples(CellTask task);
/// The configuration of the space (six categorical parameters `edge_0_1` ..) that stands for a cell.
[[nodiscard]] Configuration to_configuration(const Cell& cell);

/// The space: 15,625 cells, of which 341 connect nothing and stay at chance (TransNAS-Bench-101: 4,096 and
/// 169). Costs follow from the derived network. Accuracy is generative: a latent quality of the function that
/// a cell computes (capacity, depth, paths, effect of each operation by edge, pairwise interactions and the
/// function's own deviation, hashed from the landscape's seed) is mapped by rank to the published quantiles
/// of test accuracy after 200 epochs, from which cells of equal function deviate a little. Of the sets of
/// hashed deviations that a landscape could have, it takes the first that meets the table's lines of late
/// search (local optima, where steepest ascents end). A second, correlated latent gives the accuracy after 12
/// epochs, and the learning curve through both is the power law chance + (asymptote - chance) (1 - c /
/// (epochs + c)), scaled to end at 200. A training deviates by one of the table's seeds, the same one at
/// every fidelity, centred so that the true value is their mean; more for poor cells. What a search sees is a
/// validation value, which differs from the test value by a constant of the cell. Evaluated in well under 100
/// ns: everything of a cell stands in a table.
///
/// docs/models.md says where it misses the real table.
[[nodiscard]] std::shared_ptr<const Problem> make_cell_nas(const CellNasSettings& settings);

[[nodiscard]] std::unique_ptr<ProblemRecipe> make_cell_nas_recipe();

}  // namespace tonne
