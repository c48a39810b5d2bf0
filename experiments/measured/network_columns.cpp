#include "experiments/measured/network_columns.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/search_space.h"
#include "search/problems/networks/convolutions.h"

namespace tonne {
namespace {

constexpr std::size_t kVertices = 7;

std::size_t column_of(const CsvTable& table, std::string_view name) {
  if (const auto column = table.find(name)) return *column;
  throw InputError({table.file(), 1, 0}, "", fmt::format("has no column '{}'", name));
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

// Index of graph_cell's operation.
double operation_of(std::string_view name, const CsvTable& table, std::size_t row) {
  if (name.starts_with("conv1x1")) return 0.0;
  if (name.starts_with("conv3x3")) return 1.0;
  if (name.starts_with("maxpool3x3")) return 2.0;
  throw InputError({table.file(), table.line(row), 0}, "",
                   fmt::format("'{}' is no operation of the cell: conv1x1, conv3x3 or maxpool3x3",
                               printable(name.substr(0, 40))));
}

// EfficientNet's block: expansion (none at 1), depthwise convolution, squeeze-and-excitation to a quarter of the
// block's inputs, projection.
struct MobileBlock {
  double in, expansion, out, kernel_side, in_positions, positions;
  bool excited;
};

// Sums over the layers. In use, normalisations are folded into the convolutions before them.
class MobileNetwork {
 public:
  explicit MobileNetwork(bool folded) : folded_(folded) {}

  void convolution(double in, double out, double kernel, double positions) {
    costs_.convolution(in, out, kernel, positions);
    normalise(out, positions, true);
  }
  void add(const MobileBlock& block) {
    const double width = block.in * block.expansion;
    if (block.expansion > 1.0) convolution(block.in, width, 1.0, block.in_positions);
    costs_.depthwise(width, block.kernel_side * block.kernel_side, block.in_positions, block.positions);
    normalise(width, block.positions, true);
    if (block.excited) excite(width, std::floor(block.in / 4.0), block.positions);
    costs_.convolution(width, block.out, 1.0, block.positions);
    normalise(block.out, block.positions, false);
  }
  void classify(double features, double classes) { costs_.linear(features, classes); }
  [[nodiscard]] const ConvolutionalCosts& costs() const { return costs_; }

 private:
  void normalise(double channels, double positions, bool activated) {
    if (folded_)
      costs_.parameters += 2.0 * channels;
    else
      costs_.normalisation(channels, positions, activated);
  }
  // The channels are pooled, weighed, and scaled.
  void excite(double width, double narrow, double positions) {
    costs_.reshaping(2.0 * width * positions, width * positions);
    costs_.activations += width * positions;
    costs_.linear(width, narrow);
    costs_.linear(narrow, width);
  }

  bool folded_;
  ConvolutionalCosts costs_;
};

}  // namespace

Configuration graph_cell_of(const SearchSpace& space, const CsvTable& table, std::size_t row) {
  const std::vector<std::string_view> operations = split(table.field(row, column_of(table, "ops")), '|');
  const std::string_view edges = table.field(row, column_of(table, "adjacency"));
  const std::size_t size = operations.size();
  if (size < 2 || size > kVertices || edges.size() != size * size ||
      edges.find_first_not_of("01") != std::string_view::npos)
    throw InputError({table.file(), table.line(row), 0}, "",
                     fmt::format("needs 2 to {} operations in 'ops' and as many rows of 0 and 1 in 'adjacency'",
                                 kVertices));
  const auto place = [&](std::size_t v) { return v + 1 == size ? kVertices - 1 : v; };
  Configuration configuration = space.default_configuration();
  for (std::size_t p = 0; p < space.size(); ++p)
    configuration.set(p, 0.0);  // no edge, and an operation that nothing reaches
  for (std::size_t s = 0; s < size; ++s)
    for (std::size_t t = s + 1; t < size; ++t)
      if (edges[s * size + t] == '1')
        configuration.set(*space.find(fmt::format("edge_{}_{}", place(s), place(t))), 1.0);
  for (std::size_t v = 1; v + 1 < size; ++v)
    configuration.set(*space.find(fmt::format("operation_{}", v)), operation_of(operations[v], table, row));
  return configuration;
}

Workload accel_network_work(const CsvTable& table, std::size_t row, const NetworkUse& use) {
  constexpr std::array<double, 7> kWidths = {16, 24, 40, 80, 112, 192, 320};
  constexpr std::array<double, 7> kStrides = {1, 2, 2, 2, 1, 2, 1};
  constexpr double kStem = 32.0;
  constexpr double kFeatures = 1'280.0;
  constexpr double kClasses = 1'000.0;
  MobileNetwork network(use.inference);
  double side = 112.0;
  double in = kStem;
  network.convolution(3.0, in, 9.0, side * side);
  for (std::size_t stage = 0; stage < kWidths.size(); ++stage) {
    const auto decision = [&](std::string_view name) {
      return table.number(row, column_of(table, fmt::format("block{}_{}", stage, name)));
    };
    const auto size = [&](std::string_view name, std::string_view unit) {
      const double value = decision(name);
      if (value >= 1.0 && value <= 100.0) return value;
      throw InputError({table.file(), table.line(row), 0}, "",
                       fmt::format("block{}_{} is {}: expected 1 to 100{}", stage, name, value, unit));
    };
    const double depth = size("l", " layers");
    const double expansion = size("e", "");
    const double kernel = size("k", " pixels");
    const bool excited = decision("se") > 0.0;
    for (int layer = 0; layer < static_cast<int>(depth); ++layer) {
      const double before = side;
      if (layer == 0) side /= kStrides[stage];
      network.add({in, expansion, kWidths[stage], kernel, before * before, side * side, excited});
      in = kWidths[stage];
    }
  }
  network.convolution(in, kFeatures, 1.0, side * side);
  network.classify(kFeatures, kClasses);
  const ConvolutionalCosts& costs = network.costs();
  if (!use.inference)
    return training_work(costs, use.samples, use.steps, use.batch, WorkKind::narrow_convolution);
  Workload work = inference_work(costs, Precision::fp32, WorkKind::narrow_convolution);
  // A batch reads the weights once.
  work.traffic = (2.0 * costs.activations + costs.parameters / use.batch) * 4.0 * byte;
  work.flops *= use.samples;
  work.traffic *= use.samples;
  work.samples = use.samples;
  return work;
}

}  // namespace tonne
