#include "experiments/imitation/variance.h"

#include <algorithm>
#include <numeric>

#include "core/random.h"

namespace tonne {
namespace {

constexpr int kSweeps = 8;
constexpr int kPairSweeps = 2;

double mean_square(const std::vector<double>& values) {
  double sum = 0.0;
  for (const double value : values) sum += value * value;
  return sum / static_cast<double>(values.size());
}

// Takes the means by cell out of the residual, and adds them to the effects. Gives their mean square.
class CellFit {
 public:
  explicit CellFit(std::size_t cells) : effects_(cells, 0.0) {}

  template <class Cell>
  void sweep(std::vector<double>& residual, const Cell& cell) {
    std::vector<double> sums(effects_.size(), 0.0);
    std::vector<double> counts(effects_.size(), 0.0);
    for (std::size_t i = 0; i < residual.size(); ++i) {
      sums[cell(i)] += residual[i];
      counts[cell(i)] += 1.0;
    }
    for (std::size_t c = 0; c < sums.size(); ++c) {
      sums[c] = counts[c] > 0.0 ? sums[c] / counts[c] : 0.0;
      effects_[c] += sums[c];
    }
    variance_ = 0.0;
    for (std::size_t c = 0; c < sums.size(); ++c)
      variance_ += counts[c] / static_cast<double>(residual.size()) * effects_[c] * effects_[c];
    for (std::size_t i = 0; i < residual.size(); ++i) residual[i] -= sums[cell(i)];
  }
  [[nodiscard]] double variance() const { return variance_; }

 private:
  std::vector<double> effects_;
  double variance_ = 0.0;
};

}  // namespace

Design::Design(const Terrain& terrain, std::span<const Configuration> candidates, std::size_t most,
               std::vector<std::size_t>& chosen) {
  const std::size_t parameters = terrain.problem().space().size();
  chosen.clear();
  const double part = static_cast<double>(most) / static_cast<double>(candidates.size());
  for (std::size_t i = 0; i < candidates.size(); ++i)
    if (part >= 1.0 || static_cast<double>(mix_bits(i) >> 11U) * 0x1.0p-53 < part) chosen.push_back(i);
  of.resize(parameters);
  for (std::size_t p = 0; p < parameters; ++p) {
    classes.push_back(terrain.classes(p));
    for (const std::size_t i : chosen)
      of[p].push_back(static_cast<std::uint16_t>(terrain.class_of(p, candidates[i])));
  }
}

VarianceShares variance_shares(const Design& design, std::vector<double> values, bool pairs) {
  VarianceShares shares;
  const std::size_t parameters = design.classes.size();
  shares.main.assign(parameters, 0.0);
  const auto n = static_cast<double>(values.size());
  if (values.size() < 8) return shares;
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  for (double& value : values) value -= mean;
  const double all = mean_square(values);
  if (!(all > 0.0)) return shares;
  std::vector<CellFit> fits;
  double freedom = 1.0;
  for (const std::size_t classes : design.classes) {
    fits.emplace_back(classes);
    freedom += static_cast<double>(classes - 1);
  }
  for (int sweep = 0; sweep < kSweeps; ++sweep)
    for (std::size_t p = 0; p < parameters; ++p)
      fits[p].sweep(values, [&](std::size_t i) { return design.of[p][i]; });
  const double noise = mean_square(values) / std::max(1.0, n - freedom) * n;  // of one candidate
  for (std::size_t p = 0; p < parameters; ++p)
    shares.main[p] =
        std::max(0.0, fits[p].variance() - noise * static_cast<double>(design.classes[p] - 1) / n) / all;
  shares.additive = std::clamp(1.0 - noise / all, 0.0, 1.0);
  if (!pairs || freedom >= n) return shares;

  std::vector<CellFit> pair_fits;
  std::vector<imitation::PairShare> found;
  for (int sweep = 0; sweep < kPairSweeps; ++sweep) {
    std::size_t k = 0;
    for (std::size_t a = 0; a < parameters; ++a)
      for (std::size_t b = a + 1; b < parameters; ++b) {
        const double own = static_cast<double>((design.classes[a] - 1) * (design.classes[b] - 1));
        if (own == 0.0) continue;
        if (sweep == 0) {
          pair_fits.emplace_back(design.classes[a] * design.classes[b]);
          found.push_back({a, b, own});
          freedom += own;
        }
        pair_fits[k++].sweep(
            values, [&](std::size_t i) { return design.of[a][i] * design.classes[b] + design.of[b][i]; });
      }
  }
  const double left = freedom < 0.7 * n ? mean_square(values) / (n - freedom) * n : noise;
  shares.pairwise = std::clamp(1.0 - left / all, shares.additive, 1.0) - shares.additive;
  double sum = 0.0;
  for (std::size_t k = 0; k < found.size(); ++k) {
    found[k].share = std::max(0.0, pair_fits[k].variance() - left * found[k].share / n) / all;
    sum += found[k].share;
  }
  for (imitation::PairShare& pair : found) pair.share *= sum > 0.0 ? shares.pairwise / sum : 0.0;
  std::ranges::sort(found, [](const auto& x, const auto& y) {
    return x.share != y.share ? x.share > y.share : std::pair(x.first, x.second) < std::pair(y.first, y.second);
  });
  shares.pairs = std::move(found);
  return shares;
}

}  // namespace tonne
