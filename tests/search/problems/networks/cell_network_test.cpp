#include "search/problems/networks/cell_network.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "search/problems/networks/cell_nas.h"

namespace tonne {
namespace {

constexpr auto kNone = CellOperation::none;
constexpr auto kSkip = CellOperation::skip_connect;
constexpr auto kOne = CellOperation::nor_conv_1x1;
constexpr auto kThree = CellOperation::nor_conv_3x3;
constexpr auto kPool = CellOperation::avg_pool_3x3;

std::int64_t edges_with(const Cell& cell, CellOperation operation) {
  return std::count(cell.begin(), cell.end(), operation);
}

Cell filled(CellOperation operation) {
  Cell cell{};
  cell.fill(operation);
  return cell;
}

TEST(Cell, IndexAndCellAreInverse) {
  for (std::size_t i = 0; i < kCells; ++i) ASSERT_EQ(cell_index(cell_at(i)), i);
}

TEST(Cell, LiveEdgesLieOnPathsToTheOutput) {
  EXPECT_EQ(live_edges(filled(kThree)), 0b111111);
  EXPECT_EQ(live_edges(filled(kNone)), 0);
  // 0->1 leads nowhere, 2->3 starts from nothing; only 0->3 carries.
  EXPECT_EQ(live_edges({kThree, kNone, kNone, kSkip, kNone, kThree}), 0b001000);
  EXPECT_EQ(live_edges({kThree, kNone, kThree, kNone, kNone, kThree}), 0b100101);
  EXPECT_EQ(live_edges({kThree, kThree, kThree, kNone, kNone, kNone}), 0);
}

TEST(Cell, ThreeHundredFortyOneAreDisconnected) {
  int disconnected = 0;
  for (std::size_t i = 0; i < kCells; ++i) disconnected += live_edges(cell_at(i)) == 0 ? 1 : 0;
  EXPECT_EQ(disconnected, 341);
}

// The published rule, in single operations: 7,943,872 + 4,362,240 per 1x1 + 35,819,520 per 3x3 + 1,290,240
// per pool.
TEST(DerivedNetwork, MultiplyAccumulatesAgreeToTheLastDigit) {
  const NetworkShape shape = network_shape(CellTask::cifar10);
  for (std::size_t i = 0; i < kCells; ++i) {
    const Cell cell = cell_at(i);
    const std::int64_t published = 7'943'872 + 4'362'240 * edges_with(cell, kOne) +
                                   35'819'520 * edges_with(cell, kThree) +
                                   1'290'240 * edges_with(cell, kPool);
    ASSERT_EQ(total(derive_network(cell, shape, EdgeCount::all_edges)).multiply_accumulates, published) << i;
  }
}

/// Smallest and largest network of a task as the benchmark's own table reports them: parameters, and
/// operations of convolutions and classifier alone (bias included).
struct Reported {
  CellTask task;
  std::int64_t least_parameters, most_parameters, least_operations, most_operations;
};
constexpr std::array<Reported, 3> kReported = {{
    {CellTask::cifar10, 73'306, 1'531'546, 7'783'050, 220'119'690},
    {CellTask::cifar100, 79'156, 1'537'396, 7'788'900, 220'125'540},
    {CellTask::imagenet16, 80'456, 1'538'696, 1'953'400, 55'037'560},
}};

TEST(DerivedNetwork, ParametersAgreeWithTheBenchmarksTable) {
  for (const Reported& reported : kReported) {
    const NetworkShape shape = network_shape(reported.task);
    EXPECT_EQ(total(derive_network(filled(kSkip), shape, EdgeCount::all_edges)).parameters,
              reported.least_parameters);
    EXPECT_EQ(total(derive_network(filled(kThree), shape, EdgeCount::all_edges)).parameters,
              reported.most_parameters);
  }
}

TEST(DerivedNetwork, ConvolutionsAloneAgreeWithTheBenchmarksTable) {
  const auto operations = [](CellTask task, CellOperation operation) {
    std::int64_t sum = 0;
    for (const Layer& layer : derive_network(filled(operation), network_shape(task), EdgeCount::all_edges)) {
      if (layer.kind == LayerKind::convolution) sum += layer.multiply_accumulates();
      if (layer.kind == LayerKind::linear) sum += layer.multiply_accumulates() + layer.out_channels;
    }
    return sum;
  };
  for (const Reported& reported : kReported) {
    EXPECT_EQ(operations(reported.task, kSkip), reported.least_operations);
    EXPECT_EQ(operations(reported.task, kThree), reported.most_operations);
  }
}

// 16x16 images need a quarter of what 32x32 ones do everywhere but in the last, per-channel layers.
TEST(DerivedNetwork, OtherTasksFollowTheSameRule) {
  const auto multiply_accumulates = [](CellTask task, const Cell& cell) {
    return total(derive_network(cell, network_shape(task), EdgeCount::all_edges)).multiply_accumulates;
  };
  for (const CellOperation operation : {kNone, kSkip, kOne, kThree, kPool}) {
    const Cell cell = filled(operation);
    const std::int64_t cifar10 = multiply_accumulates(CellTask::cifar10, cell);
    EXPECT_EQ(multiply_accumulates(CellTask::cifar100, cell), cifar10 + 64 * 90);
    const std::int64_t per_channel = 64 * 17;
    EXPECT_EQ(4 * (multiply_accumulates(CellTask::imagenet16, cell) - per_channel - 64 * 120),
              cifar10 - per_channel - 64 * 10);
  }
}

TEST(DerivedNetwork, EachLayerTakesWhatTheOneBeforeGives) {
  const Cell chain = {kThree, kNone, kThree, kNone, kNone, kThree};
  const auto layers = derive_network(chain, network_shape(CellTask::cifar10), EdgeCount::live_edges);
  EXPECT_EQ(layers.front().in_channels, 3);
  EXPECT_EQ(layers.back().out_channels, 10);
  // Stem 2, 15 cells of 3 edges of 3 layers and 3 sums, two reductions of 9, head 5.
  EXPECT_EQ(layers.size(), 2U + 15 * (3 * 3 + 3) + 2 * 9 + 5);
}

TEST(NetworkCounter, EqualsTheSumOverLayers) {
  for (const CellTask task : {CellTask::cifar10, CellTask::imagenet16}) {
    const NetworkShape shape = network_shape(task);
    const NetworkCounter counter(shape);
    for (const EdgeCount count : {EdgeCount::all_edges, EdgeCount::live_edges})
      for (std::size_t i = 0; i < kCells; ++i)
        ASSERT_EQ(counter.count(cell_at(i), count), total(derive_network(cell_at(i), shape, count))) << i;
  }
}

// The residual cell: two convolutions of three operations and one addition, 15 times; stem 2, reductions of 9, head 4.
TEST(NetworkCounter, OperationsByHand) {
  const NetworkCounter counter(network_shape(CellTask::cifar10));
  const Cell residual = {kThree, kNone, kThree, kSkip, kNone, kSkip};
  EXPECT_EQ(counter.count(residual, EdgeCount::live_edges).operations, 15 * (3 + 3 + 1) + 2 + 2 * 9 + 4);
  // All six edges join three nodes: three additions.
  EXPECT_EQ(counter.count(filled(kThree), EdgeCount::all_edges).operations, 15 * (6 * 3 + 3) + 24);
  EXPECT_EQ(counter.count(filled(kNone), EdgeCount::live_edges).operations, 24);
}

TEST(NetworkCounter, DeadEdgesCostOnlyWhereAllAreCounted) {
  const NetworkCounter counter(network_shape(CellTask::cifar10));
  const Cell dead = {kThree, kNone, kNone, kSkip, kNone, kThree};
  const Cell clean = {kNone, kNone, kNone, kSkip, kNone, kNone};
  EXPECT_EQ(counter.count(dead, EdgeCount::live_edges), counter.count(clean, EdgeCount::live_edges));
  EXPECT_EQ(counter.count(dead, EdgeCount::all_edges).multiply_accumulates,
            counter.count(clean, EdgeCount::all_edges).multiply_accumulates + 2 * 35'819'520);
}

}  // namespace
}  // namespace tonne
