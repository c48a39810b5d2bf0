#include "experiments/imitation/terrain_lines.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <utility>

#include "experiments/analysis/correlations.h"
#include "experiments/imitation/variance.h"

namespace tonne {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kMostOfDesign = 12'000;
constexpr std::size_t kWalks = 12'000;
constexpr std::size_t kClimbs = 40;  // of a space that is not gone through
constexpr std::array<double, 7> kClasses = {0.0, 0.001, 0.01, 0.05, 0.25, 0.5, 1.0};
constexpr std::array<const char*, 6> kClassNames = {"top 0.1 %", "0.1-1 %", "1-5 %", "5-25 %", "25-50 %", "50-100 %"};
constexpr std::size_t kFewest = 4;

class LineMaker {
 public:
  explicit LineMaker(const Terrain& terrain) : t_(terrain) {}

  std::vector<TerrainLine> make() {
    if (t_.candidates().size() < 32) return {};
    effects();
    walks();
    neighbours();
    ascents();
    distance();
    return std::move(lines_);
  }

 private:
  void add(std::string name, double value, double tolerance, bool factor = false) {
    lines_.push_back({std::move(name), value, tolerance, factor, true});
  }

  void effects() {
    std::vector<std::size_t> chosen;
    const Design all(t_, t_.candidates(), kMostOfDesign, chosen);
    std::vector<double> ranks;
    for (const std::size_t i : chosen) ranks.push_back(t_.ranks()[i]);
    const VarianceShares shares = variance_shares(all, ranks);
    add("variance of ranks, single parameters", shares.additive, 0.05);
    add("variance of ranks, with pairs", shares.additive + shares.pairwise, 0.05);
    const std::size_t tenth = t_.candidates().size() / 10;
    const std::span best(t_.candidates().data(), tenth);
    const Design top(t_, best, kMostOfDesign, chosen);
    ranks.clear();
    for (const std::size_t i : chosen) ranks.push_back(t_.ranks()[i]);
    const double additive = tenth >= 100 ? variance_shares(top, ranks, false).additive : kNone;
    add("single parameters, best tenth", additive, 0.1);
  }

  // Correlation of ranks after so many changes of one parameter; those onto failing candidates are left out.
  void walks() {
    const Random root = Random(0).child("walks");
    std::array<std::vector<double>, 3> from;
    std::array<std::vector<double>, 3> to;
    const std::size_t n = t_.candidates().size();
    const std::size_t walks = std::min(kWalks, n);
    for (std::size_t k = 0; k < walks; ++k) {
      Random random = root.child(k);
      const std::size_t start = t_.complete() ? random.below(n) : k;
      Configuration at = t_.candidates()[start];
      for (std::size_t lag = 0; lag < 3; ++lag) {
        std::optional<double> loss;
        Configuration next;
        for (int tries = 0; tries < 10 && !loss; ++tries) {
          next = t_.edited(at, random);
          loss = t_.loss(next);
        }
        if (!loss) break;
        at = std::move(next);
        from[lag].push_back(t_.ranks()[start]);
        to[lag].push_back(t_.rank_of(*loss));
      }
    }
    for (std::size_t lag = 0; lag < 3; ++lag)
      add("rank correlation after " + std::to_string(lag + 1) + (lag == 0 ? " change" : " changes"),
          correlation(from[lag], to[lag]), 0.05);
  }

  struct Around {
    double better = 0.0, all = 0.0, failing = 0.0;
    double best = std::numeric_limits<double>::infinity();
  };
  [[nodiscard]] Around around(std::size_t i) const {
    Around around;
    t_.neighbours(t_.candidates()[i], [&](const Configuration& other) {
      const auto loss = t_.loss(other);
      if (!loss) {
        around.failing += 1.0;
        return;
      }
      around.all += 1.0;
      around.better += *loss < t_.losses()[i] ? 1.0 : 0.0;
      around.best = std::min(around.best, *loss);
    });
    return around;
  }

  // Of some of each class, fewer where each is to be evaluated.
  void neighbours() {
    const std::size_t most_of_class = t_.complete() ? 4'000 : 300;
    const std::size_t n = t_.candidates().size();
    std::array<double, 6> chance{};
    std::array<double, 6> gain{};
    std::array<double, 6> optima{};
    double failing = 0.0;
    for (std::size_t c = 0; c < chance.size(); ++c) {
      const auto low = static_cast<std::size_t>(std::llround(kClasses[c] * static_cast<double>(n)));
      const auto high = static_cast<std::size_t>(std::llround(kClasses[c + 1] * static_cast<double>(n)));
      const std::size_t asked = std::min(high - low, most_of_class);
      double better = 0.0;
      double all = 0.0;
      double count = 0.0;
      double failed = 0.0;
      for (std::size_t k = 0; k < asked; ++k) {
        const std::size_t i = low + k * (high - low) / asked;
        const Around found = around(i);
        better += found.better;
        all += found.all;
        failed += found.failing;
        optima[c] += found.better == 0.0 ? 1.0 : 0.0;
        if (found.all == 0.0) continue;
        gain[c] += std::max(0.0, t_.losses()[i] - found.best);
        count += 1.0;
      }
      const bool enough = asked >= kFewest;
      chance[c] = enough && all > 0.0 ? better / all : kNone;
      gain[c] = enough && count > 0.0 ? gain[c] / count : kNone;
      const double part = kClasses[c + 1] - kClasses[c];
      optima[c] = asked > 0 ? optima[c] / static_cast<double>(asked) * part : 0.0;
      if (all + failed > 0.0) failing += part * failed / (all + failed);
    }
    add("local optima per 1,000", 1000.0 * std::accumulate(optima.begin(), optima.end(), 0.0), 1.5, true);
    for (std::size_t c = 0; c < chance.size(); ++c)
      add(std::string("a change improves, ") + kClassNames[c], chance[c], 0.05);
    add("best neighbour's gain, top 0.1-1 %", gain[1], 1.4, true);
    add("best neighbour's gain, 1-5 %", gain[2], 1.4, true);
    add("best neighbour's gain, 5-25 %", gain[3], 1.4, true);
    if (!t_.failing().empty()) {
      add("a change fails", failing, 0.05);
      lines_.back().fitted = false;
    }
  }

  // Where steepest ascent from a candidate ends.
  [[nodiscard]] double ascended(const Configuration& start, double loss) const {
    Configuration at = start;
    for (;;) {
      Configuration next;
      double best = loss;
      t_.neighbours(at, [&](const Configuration& other) {
        const auto found = t_.loss(other);
        if (!found || *found >= best) return;
        best = *found;
        next = other;
      });
      if (best >= loss) return loss;
      at = std::move(next);
      loss = best;
    }
  }

  void ascents() {
    constexpr std::size_t kAscents = 400;
    const std::size_t n = t_.candidates().size();
    const double best = t_.losses().front();
    const Random root = Random(0).child("ascents");
    double reached = 0.0;
    double regret = 0.0;
    const std::size_t climbs = t_.complete() ? kAscents : kClimbs;
    for (std::size_t k = 0; k < climbs; ++k) {
      const std::size_t start = root.child(k).below(n);
      const double end = ascended(t_.candidates()[start], t_.losses()[start]);
      reached += end <= best ? 1.0 : 0.0;
      regret += end - best;
    }
    const auto count = static_cast<double>(climbs);
    if (!t_.complete()) {
      // The best of all is not known: against the way from the median to the best of the sample.
      const double way = t_.losses()[n / 2] - best;
      add("ascents' ends, in ways from median to best", way > 0.0 ? 1.0 - regret / count / way : kNone, 0.25);
      return;
    }
    add("steepest ascents that end at the best", reached / count, 0.15);
    add("mean regret of ascents' ends", regret / count, 1.5, true);
    const std::size_t hundredth = n / 100;
    double near = 0.0;
    double all = 0.0;
    t_.neighbours(t_.candidates().front(), [&](const Configuration& other) {
      const auto loss = t_.loss(other);
      all += loss ? 1.0 : 0.0;
      near += loss && *loss <= t_.losses()[hundredth] ? 1.0 : 0.0;
    });
    add("neighbours of the best in the top 1 %", all > 0.0 ? near / all : kNone, 0.15);
  }

  void distance() {
    const SearchSpace& space = t_.problem().space();
    const Configuration& best = t_.candidates().front();
    std::vector<double> far;
    std::vector<double> good;
    const std::size_t n = t_.candidates().size();
    const std::size_t step = std::max<std::size_t>(1, n / 20'000);
    const auto add_line = [&](const std::string& name) { add(name, correlation(far, good), 0.1); };
    bool quarter = false;
    for (std::size_t i = 1; i < n; i += step) {
      if (!quarter && i >= n / 4) {
        quarter = true;
        add_line("fitness-distance correlation, top quarter");
      }
      double sum = 0.0;
      for (std::size_t p = 0; p < space.size(); ++p) {
        const Domain& domain = space[p].domain;
        const double a = t_.candidates()[i][p];
        sum += is_categorical(domain) ? (a != best[p] ? 1.0 : 0.0)
                                      : std::abs(to_unit(domain, a) - to_unit(domain, best[p]));
      }
      far.push_back(sum);
      good.push_back(-t_.ranks()[i]);
    }
    add_line("fitness-distance correlation, all");
  }

  const Terrain& t_;
  std::vector<TerrainLine> lines_;
};

}  // namespace

std::vector<TerrainLine> terrain_lines(const Terrain& terrain) {
  return LineMaker(terrain).make();
}

double misses_by(const TerrainLine& line, double value) {
  if (std::isnan(line.value) || std::isnan(value)) return 0.0;
  if (!line.factor) return std::abs(value - line.value) / line.tolerance;
  if (line.value == value) return 0.0;
  constexpr double kLeast = 1e-12;
  const double ratio = std::log(std::max(value, kLeast) / std::max(line.value, kLeast));
  return std::min(9.0, std::abs(ratio) / std::log(line.tolerance));
}

}  // namespace tonne
