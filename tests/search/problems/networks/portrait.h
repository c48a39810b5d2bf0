#pragma once
// The portrait of a cell space: what is known of real ones, measured over all 15,625 cells.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <utility>
#include <vector>

#include "search/problems/networks/cell_nas.h"
#include "tests/support/correlation.h"

namespace tonne::testing {

using Values = std::vector<double>;

inline std::vector<std::size_t> order_of(const Values& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return values[a] != values[b] ? values[a] < values[b] : a < b;
  });
  return order;
}

/// Spearman's correlation within the cells whose `by` is among the best `share`.
inline double spearman_within(const Values& a, const Values& b, const Values& by, double share) {
  const auto order = order_of(by);
  Values x;
  Values y;
  const auto first = static_cast<std::size_t>((1.0 - share) * static_cast<double>(order.size()));
  for (std::size_t k = first; k < order.size(); ++k) {
    x.push_back(a[order[k]]);
    y.push_back(b[order[k]]);
  }
  return spearman(x, y);
}

inline double quantile(Values values, double p) {
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(std::lround(p * static_cast<double>(values.size() - 1)))];
}

template <class Function>
Values over_cells(Function function) {
  Values values(kCells);
  for (std::size_t i = 0; i < kCells; ++i) values[i] = function(cell_at(i));
  return values;
}

/// The cells that differ from cell i in the operation of edge e, itself among them.
inline std::array<std::size_t, kCellOperations> along_edge(std::size_t i, std::size_t e) {
  Cell cell = cell_at(i);
  std::array<std::size_t, kCellOperations> line{};
  for (std::size_t o = 0; o < kCellOperations; ++o) {
    cell[e] = static_cast<CellOperation>(o);
    line[o] = cell_index(cell);
  }
  return line;
}

/// Autocorrelation of a random walk of one-operation edits, exact: covariance of a cell's value with the
/// expected value after `lag` edits, over the variance.
inline double walk_autocorrelation(const Values& values, int lag) {
  const double m = mean(values);
  Values expected(values);
  for (int step = 0; step < lag; ++step) {
    Values next(values.size(), 0.0);
    for (std::size_t i = 0; i < values.size(); ++i) {
      for (std::size_t e = 0; e < kCellEdges; ++e)
        for (const std::size_t j : along_edge(i, e))
          if (j != i) next[i] += expected[j];
      next[i] /= static_cast<double>(kCellEdges * (kCellOperations - 1));
    }
    expected.swap(next);
  }
  double covariance = 0.0;
  double variance = 0.0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    covariance += (values[i] - m) * (expected[i] - m);
    variance += (values[i] - m) * (values[i] - m);
  }
  return covariance / variance;
}

/// Share of the variance that an additive model of one-hot operations explains. Over the full product of
/// operations main effects are orthogonal, so their sums of squares add up.
inline double additive_share(const Values& values) {
  const double m = mean(values);
  double total = 0.0;
  std::array<std::array<double, kCellOperations>, kCellEdges> sums{};
  for (std::size_t i = 0; i < values.size(); ++i) {
    total += (values[i] - m) * (values[i] - m);
    const Cell cell = cell_at(i);
    for (std::size_t e = 0; e < kCellEdges; ++e) sums[e][static_cast<std::size_t>(cell[e])] += values[i] - m;
  }
  double explained = 0.0;
  const double cells_per_operation = static_cast<double>(kCells) / static_cast<double>(kCellOperations);
  for (const auto& edge : sums)
    for (const double sum : edge) explained += sum * sum / cells_per_operation;
  return explained / total;
}

/// For each cell the share of its 24 one-operation edits that improve it.
inline Values improving_edits(const Values& values) {
  Values improving(values.size(), 0.0);
  for (std::size_t i = 0; i < values.size(); ++i) {
    for (std::size_t e = 0; e < kCellEdges; ++e)
      for (const std::size_t j : along_edge(i, e))
        if (values[j] > values[i]) improving[i] += 1.0;
    improving[i] /= static_cast<double>(kCellEdges * (kCellOperations - 1));
  }
  return improving;
}

/// Mean of `values` over cells whose rank by `by`, as a share, lies in [low, high).
inline double mean_between(const Values& values, const Values& by, double low, double high) {
  const auto order = order_of(by);
  const auto n = static_cast<double>(order.size());
  double sum = 0.0;
  double count = 0.0;
  for (auto k = static_cast<std::size_t>(low * n); k < static_cast<std::size_t>(high * n); ++k) {
    sum += values[order[k]];
    count += 1.0;
  }
  return sum / count;
}

struct Portrait {
  Values accuracy;  ///< noise-free, 200 epochs
  Values early;     ///< one training seed, 12 epochs
  Values seed_sd;   ///< of the table's three trainings, 200 epochs
  Values log_macs;
  Values log_parameters;
  static constexpr std::uint64_t kSeeds = 3;  ///< as in the published tables
};

inline Portrait portrait(CellTask task, std::int64_t landscape) {
  CellNasSettings settings;
  settings.task = task;
  settings.landscape = landscape;
  const auto problem = make_cell_nas(settings);
  const NetworkCounter counter(network_shape(task));
  const Random root = Random(20'201).child("portrait");
  const auto observe = [&](const Cell& cell, double epochs, std::uint64_t repeat) {
    const Configuration configuration = to_configuration(cell);
    const Random stream =
        root.child(configuration.digest()).child(static_cast<std::uint64_t>(epochs)).child(repeat);
    return problem->evaluate({configuration, 0.0, epochs, static_cast<std::uint32_t>(repeat)}, stream).objectives.front();
  };
  Portrait result;
  result.accuracy = over_cells([&](const Cell& cell) { return problem->true_value(to_configuration(cell)); });
  result.early = over_cells([&](const Cell& cell) { return observe(cell, 12.0, 0); });
  result.seed_sd = over_cells([&](const Cell& cell) {
    Values seeds;
    for (std::uint64_t repeat = 0; repeat < Portrait::kSeeds; ++repeat)
      seeds.push_back(observe(cell, 200.0, repeat));
    const double m = mean(seeds);
    double squares = 0.0;
    for (const double value : seeds) squares += (value - m) * (value - m);
    return std::sqrt(squares / static_cast<double>(Portrait::kSeeds - 1));
  });
  result.log_macs = over_cells([&](const Cell& cell) {
    return std::log(static_cast<double>(counter.count(cell, EdgeCount::all_edges).multiply_accumulates));
  });
  result.log_parameters = over_cells([&](const Cell& cell) {
    return std::log(static_cast<double>(counter.count(cell, EdgeCount::all_edges).parameters));
  });
  return result;
}

/// Pooled sd between ranks, as shares.
inline double pooled_sd(const Portrait& p, double low, double high) {
  Values variance(p.seed_sd);
  for (double& value : variance) value *= value;
  return std::sqrt(mean_between(variance, p.accuracy, low, high));
}

}  // namespace tonne::testing
