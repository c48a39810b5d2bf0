#include "experiments/analysis/portrait_effects.h"

#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

namespace tonne {
namespace {

constexpr int kSweeps = 30;
constexpr double kSettled = 1e-7;  // of the variance, by a sweep

// One table of effects, over a parameter's levels or those of two.
struct EffectTable {
  std::size_t first = 0;
  std::size_t second = 0;
  std::size_t columns = 1;  // levels of the second; 1: of the first alone
  std::vector<double> effect = {};

  [[nodiscard]] std::size_t cell(const std::vector<std::size_t>& level) const {
    return columns == 1 ? level[first] : level[first] * columns + level[second];
  }
};

std::vector<EffectTable> effect_tables(const PortraitLevels& levels, Effects effects) {
  std::vector<EffectTable> tables;
  const std::size_t parameters = levels.counts.size();
  for (std::size_t p = 0; p < parameters; ++p) {
    if (effects == Effects::single) tables.push_back({p, p, 1, std::vector<double>(levels.counts[p], 0.0)});
    for (std::size_t q = p + 1; effects == Effects::pairs && q < parameters; ++q)
      tables.push_back(
          {p, q, levels.counts[q], std::vector<double>(levels.counts[p] * levels.counts[q], 0.0)});
  }
  return tables;
}

// `step`: every so many candidates are fitted to; what is added to a cell's count shrinks rare ones.
void fit_table(EffectTable& table, const PortraitLevels& levels, std::size_t step, double shrinkage,
               std::vector<double>& residual) {
  std::vector<double> sums(table.effect.size(), 0.0);
  std::vector<double> counts(table.effect.size(), shrinkage);
  for (std::size_t i = 0; i < residual.size(); i += step) {
    const std::size_t cell = table.cell(levels.level[i]);
    sums[cell] += residual[i] + table.effect[cell];
    counts[cell] += 1.0;
  }
  for (std::size_t cell = 0; cell < sums.size(); ++cell)
    sums[cell] = counts[cell] > 0.0 ? sums[cell] / counts[cell] : 0.0;
  for (std::size_t i = 0; i < residual.size(); ++i) {
    const std::size_t cell = table.cell(levels.level[i]);
    residual[i] += table.effect[cell] - sums[cell];
  }
  table.effect = std::move(sums);
}

// Of those that it is judged on.
double squares(const std::vector<double>& values, Judged judged) {
  double sum = 0.0;
  const std::size_t step = judged == Judged::whole ? 1 : 2;
  for (std::size_t i = step - 1; i < values.size(); i += step) sum += values[i] * values[i];
  return sum;
}

}  // namespace

double explained(const PortraitLevels& levels, const std::vector<double>& values, Effects effects,
                 Judged judged) {
  constexpr std::size_t kMostCells = 10'000'000;
  constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();
  std::vector<EffectTable> tables = effect_tables(levels, effects);
  if (values.empty() || tables.empty() ||
      (effects == Effects::pairs && tables.size() > kMostCells / values.size()))
    return kNothing;
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  std::vector<double> residual;
  for (const double value : values) residual.push_back(value - mean);
  const double all = squares(residual, judged);
  if (all <= 0.0) return kNothing;
  const std::size_t step = judged == Judged::whole ? 1 : 2;
  const double shrinkage = judged == Judged::whole ? 0.0 : 1.0;
  double before = all;
  for (int sweep = 0; sweep < kSweeps; ++sweep) {
    for (EffectTable& table : tables) fit_table(table, levels, step, shrinkage, residual);
    const double now = squares(residual, judged);
    if (judged == Judged::whole && before - now < kSettled * all) break;
    before = now;
  }
  return 1.0 - squares(residual, judged) / all;
}

}  // namespace tonne
