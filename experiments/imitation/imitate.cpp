#include "experiments/imitation/imitate.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <utility>

#include "core/error.h"
#include "experiments/analysis/correlations.h"
#include "experiments/imitation/measure.h"
#include "experiments/imitation/terrain_lines.h"

namespace tonne {
namespace {

using imitation::Space;

// Others than those that are shown.
constexpr std::int64_t kFirstFitted = 100;
constexpr std::size_t kFitted = 4;       // landscapes
constexpr std::size_t kFittedCosts = 6;  // the costs' bonds differ more from one to another
constexpr int kHalvings = 7;

double square_of(double x) { return x * x; }

// Names of lines are the same for a problem and its imitations but where one has no such figure.
const TerrainLine* find_line(const std::vector<TerrainLine>& lines, const std::string& name) {
  const auto found = std::ranges::find(lines, name, &TerrainLine::name);
  return found == lines.end() ? nullptr : &*found;
}

class Fit {
 public:
  Fit(const Terrain& original, const ImitateOptions& options)
      : original_(original), options_(options), space_(measured_space(original)), lines_(terrain_lines(original)) {}

  Space fit() {
    fit_failures();
    fit_structure();
    fit_costs();
    fit_fidelities();
    return std::move(space_);
  }

 private:
  // Mean over the fitted landscapes of what `figures` tells of each.
  std::vector<double> means(std::size_t landscapes,
                            const std::function<std::vector<double>(const Terrain&)>& figures) const {
    std::vector<double> sums;
    for (std::size_t k = 0; k < landscapes; ++k) {
      const auto problem = imitation::make_problem(space_, {kFirstFitted + static_cast<std::int64_t>(k), 0.0});
      const Terrain terrain(*problem, {options_.samples});
      const std::vector<double> found = figures(terrain);
      sums.resize(found.size(), 0.0);
      for (std::size_t i = 0; i < found.size(); ++i) sums[i] += found[i] / static_cast<double>(landscapes);
    }
    return sums;
  }

  std::vector<double> line_means() const {
    return means(kFitted, [&](const Terrain& terrain) {
      const auto found = terrain_lines(terrain);
      std::vector<double> values;
      for (const TerrainLine& line : lines_) {
        const TerrainLine* own = find_line(found, line.name);
        values.push_back(own ? own->value : std::numeric_limits<double>::quiet_NaN());
      }
      return values;
    });
  }

  // Squares of misses, but that a hopeless line does not outweigh the others.
  [[nodiscard]] double badness() const {
    const auto found = line_means();
    double sum = 0.0;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      if (!lines_[i].fitted) continue;
      const double miss = misses_by(lines_[i], found[i]);
      sum += miss < 2.0 ? square_of(miss) : 4.0 * miss - 4.0;
    }
    return sum;
  }

  // The chance that a change fails decides how rugged failing is: without the rest the pairs' share is what
  // can vary, then the rest's, then how rugged that is. A field that is cut at a threshold is smoother than the
  // shares of failing or not failing tell.
  void fit_failures() {
    const TerrainLine* target = find_line(lines_, "a change fails");
    if (!target || space_.failures.share <= 0.0) return;
    const imitation::Structure measured = space_.failures.structure;
    double roughness = 0.0;
    const auto settle = [&] {
      imitation::Structure& structure = space_.failures.structure;
      const double rest = 1.0 - measured.additive - measured.pairwise;
      const double pairs = measured.pairwise * std::min(1.0, roughness);
      const double kept = measured.additive + pairs + rest * std::clamp(roughness - 1.0, 0.0, 1.0);
      structure.additive = std::floor(1e4 * measured.additive / kept) / 1e4;
      structure.pairwise = std::floor(1e4 * pairs / kept) / 1e4;
      structure.rugged = rounded(std::clamp(0.1 + 0.9 * (roughness - 2.0), 0.1, 1.0));
      for (std::size_t k = 0; k < measured.pairs.size(); ++k)
        structure.pairs[k].share =
            measured.pairwise > 0.0
                ? std::floor(1e4 * measured.pairs[k].share * structure.pairwise / measured.pairwise) / 1e4
                : 0.0;
    };
    double low = 0.0;
    double high = 3.0;
    for (int k = 0; k < kHalvings; ++k) {
      roughness = 0.5 * (low + high);
      settle();
      const auto found = line_means();
      (found[static_cast<std::size_t>(target - lines_.data())] < target->value ? low : high) = roughness;
    }
    settle();
  }

  static double rounded(double x) { return std::round(x * 1e4) / 1e4; }

  struct Knob {
    double* value;
    double low, high, step;
  };

  // One number at a time, with steps that get smaller.
  void fit_structure() {
    imitation::Structure& structure = space_.structure;
    const imitation::Structure measured = structure;
    space_.shape = {.outcast = 0.1, .tilt = 0.0, .peak = 0.2, .reach = 1.5};
    double pairwise = structure.pairwise;
    double rest = std::max(0.02, 1.0 - structure.additive - structure.pairwise);
    std::array<Knob, 7> knobs = {{{&rest, 0.005, 0.9, 0.5 * rest},
                                  {&pairwise, 0.0, 0.9, std::max(0.02, 0.3 * pairwise)},
                                  {&structure.rugged, 0.05, 1.0, 0.3},
                                  {&space_.shape.tilt, -1.5, 1.5, 0.4},
                                  {&space_.shape.peak, -3.0, 5.0, 0.3},
                                  {&space_.shape.reach, 0.3, 10.0, 0.7},
                                  {&space_.shape.outcast, 0.0, 0.9, 0.3}}};
    const auto settle = [&] {
      const double all = std::max(1.0, rest + pairwise);
      structure.pairwise = std::floor(1e4 * pairwise / all) / 1e4;
      structure.additive = std::floor(1e4 * std::max(0.0, 1.0 - (rest + pairwise) / all)) / 1e4;
      structure.pairs = measured.pairs;
      const double scale = measured.pairwise > 0.0 ? structure.pairwise / measured.pairwise : 0.0;
      for (imitation::PairShare& pair : structure.pairs) pair.share = std::floor(1e4 * pair.share * scale) / 1e4;
    };
    settle();
    if (options_.rounds == 0) return;
    double best = badness();
    start_anywhere(knobs, settle, best);
    for (std::size_t round = 0; round < options_.rounds; ++round)
      for (Knob& knob : knobs) {
        const bool improved = improve(knob, settle, best);
        if (!improved) knob.step *= 0.5;
      }
    settle();
  }

  // Draws around the measured start, so that the steps do not begin in a corner.
  template <class Knobs>
  void start_anywhere(Knobs& knobs, const std::function<void()>& settle, double& best) {
    constexpr std::size_t kDraws = 16;
    const auto values = [&] {
      std::vector<double> now;
      for (const Knob& knob : knobs) now.push_back(*knob.value);
      return now;
    };
    const auto set = [&](const std::vector<double>& to) {
      for (std::size_t i = 0; i < knobs.size(); ++i) *knobs[i].value = to[i];
      settle();
    };
    const std::vector<double> measured = values();
    std::vector<double> chosen = measured;
    for (std::size_t draw = 0; draw < kDraws; ++draw) {
      Random random = Random(0).child("starts").child(draw);
      std::vector<double> drawn;
      for (std::size_t i = 0; i < knobs.size(); ++i)
        drawn.push_back(rounded(std::clamp(measured[i] + 1.5 * knobs[i].step * random.uniform(-1.0, 1.0), knobs[i].low,
                                           knobs[i].high)));
      set(drawn);
      const double found = badness();
      if (found >= best) continue;
      best = found;
      chosen = drawn;
    }
    set(chosen);
  }

  bool improve(Knob& knob, const std::function<void()>& settle, double& best) {
    const double start = *knob.value;
    for (const double step : {knob.step, -knob.step}) {
      *knob.value = rounded(std::clamp(start + step, knob.low, knob.high));
      if (*knob.value == start) continue;
      settle();
      const double found = badness();
      if (found < best) {
        best = found;
        knob.step = step;
        return true;
      }
    }
    *knob.value = start;
    settle();
    return false;
  }

  // All costs at once: they do not depend on one another.
  void fit_costs() {
    const auto targets = cost_matches(original_);
    bond_costs(targets, &imitation::Cost::quality);
    const auto reached = matches_now();
    std::vector<CostMatch> beyond;
    for (const CostMatch& target : targets) {
      const auto found = std::ranges::find(reached, target.name, &CostMatch::name);
      if (found != reached.end() && std::abs(found->all - target.all) > 0.03) beyond.push_back(target);
    }
    bond_costs(beyond, &imitation::Cost::direct);
    const imitation::Cost* first = nullptr;
    for (imitation::Cost& cost : space_.costs) {
      if (cost.quantiles.size() == 1) continue;
      if (!first) {
        first = &cost;
        continue;
      }
      const double rest = std::sqrt((1.0 - square_of(first->quality)) * (1.0 - square_of(cost.quality)));
      cost.together = rest > 1e-3 ? std::clamp((cost.together - first->quality * cost.quality) / rest, -1.0, 1.0) : 0.0;
      cost.together = rounded(cost.together);
    }
  }

  [[nodiscard]] std::vector<CostMatch> matches_now() const {
    std::vector<CostMatch> mean;
    means(kFittedCosts, [&](const Terrain& terrain) {
      const auto found = cost_matches(terrain);
      if (mean.empty())
        for (const CostMatch& match : found) mean.push_back({match.name, 0.0, 0.0});
      for (std::size_t i = 0; i < std::min(mean.size(), found.size()); ++i)
        mean[i].all += found[i].all / static_cast<double>(kFittedCosts);
      return std::vector<double>{};
    });
    return mean;
  }

  void bond_costs(const std::vector<CostMatch>& targets, double imitation::Cost::*bond) {
    if (targets.empty()) return;
    std::vector<std::array<double, 2>> ends(targets.size(), {-1.0, 1.0});
    const auto cost_of = [&](const CostMatch& target) -> imitation::Cost& {
      return *std::ranges::find(space_.costs, target.name, &imitation::Cost::name);
    };
    const auto middle = [](const std::array<double, 2>& e) { return 0.5 * (e[0] + e[1]); };
    for (int k = 0; k < kHalvings; ++k) {
      for (std::size_t i = 0; i < targets.size(); ++i) cost_of(targets[i]).*bond = middle(ends[i]);
      const auto found = matches_now();
      for (std::size_t i = 0; i < targets.size(); ++i) {
        const auto own = std::ranges::find(found, targets[i].name, &CostMatch::name);
        if (own == found.end()) continue;
        ends[i][own->all < targets[i].all ? 0 : 1] = middle(ends[i]);
      }
    }
    for (std::size_t i = 0; i < targets.size(); ++i) cost_of(targets[i]).*bond = rounded(middle(ends[i]));
  }

  // Both deviations of all amounts at once, on one landscape: the order of what a short training shows hardly
  // depends on which.
  void fit_fidelities() {
    const auto targets = fidelity_matches(original_);
    constexpr double kLargest = 8.0;
    std::vector<std::array<double, 2>> all(space_.shorter.size(), {0.0, kLargest});
    std::vector<std::array<double, 2>> best(space_.shorter.size(), {0.0, kLargest});
    if (space_.shorter.empty()) return;
    for (int k = 0; k <= kHalvings + 2; ++k) {
      for (std::size_t i = 0; i < space_.shorter.size(); ++i) {
        space_.shorter[i].deviation = rounded(0.5 * (all[i][0] + all[i][1]));
        space_.shorter[i].deviation_best = rounded(0.5 * (best[i][0] + best[i][1]));
      }
      const auto problem = imitation::make_problem(space_, {kFirstFitted, 1.0});
      const Terrain terrain(*problem, {options_.samples});
      const auto found = fidelity_matches(terrain);
      for (std::size_t i = 0; i < space_.shorter.size(); ++i) {
        const auto at = [&](const std::vector<FidelityMatch>& matches) {
          return std::ranges::find(matches, space_.shorter[i].amount, &FidelityMatch::amount);
        };
        if (at(found) == found.end() || at(targets) == targets.end()) continue;
        all[i][at(found)->all > at(targets)->all ? 0 : 1] = space_.shorter[i].deviation;
        best[i][at(found)->best_tenth > at(targets)->best_tenth ? 0 : 1] = space_.shorter[i].deviation_best;
      }
    }
  }

  const Terrain& original_;
  const ImitateOptions options_;
  Space space_;
  std::vector<TerrainLine> lines_;
};

void require_no_conditions(const Problem& problem) {
  if (problem.space().size() > imitation::kMostParameters)
    throw InputError(fmt::format("{}: has {} parameters; at most {} are imitated", problem.traits().name,
                                 problem.space().size(), imitation::kMostParameters));
  for (const Parameter& parameter : problem.space().parameters())
    if (parameter.active_when)
      throw InputError(fmt::format("{}: parameter '{}' is conditional: spaces with conditional parameters cannot be "
                                   "imitated",
                                   problem.traits().name, parameter.name));
}

void add_values(const Terrain& terrain, std::vector<TerrainLine>& lines) {
  const std::size_t n = terrain.losses().size();
  const double sign = terrain.problem().traits().objectives.front().direction == Direction::maximise ? -1.0 : 1.0;
  const auto loss_at = [&](double share) {
    return terrain.losses()[std::min(n - 1, static_cast<std::size_t>((1.0 - share) * static_cast<double>(n)))];
  };
  const double scale = std::abs(loss_at(0.25) - terrain.losses().front());
  for (const auto& [name, share] : {std::pair{"true value, 25 %", 0.25}, std::pair{"true value, median", 0.5},
                                    std::pair{"true value, 95 %", 0.95}, std::pair{"true value, 99 %", 0.99},
                                    std::pair{"true value, 99.9 %", 0.999}})
    lines.push_back({name, sign * loss_at(share), 0.02 * scale, false, false});
  lines.push_back({"true value, best", sign * terrain.losses().front(), 0.02 * scale, false, false});
}

}  // namespace

bool ImitatedLine::missed() const {
  return misses_by({name, original, tolerance, factor, true}, mean) > 1.0;
}

std::vector<TerrainLine> portrait_lines(const Terrain& terrain) {
  std::vector<TerrainLine> lines;
  const auto failing =
      1.0 - static_cast<double>(terrain.candidates().size()) / static_cast<double>(terrain.tried());
  lines.push_back({"candidates that fail", failing, 0.01, false, false});
  add_values(terrain, lines);
  for (TerrainLine& line : terrain_lines(terrain)) lines.push_back(std::move(line));
  const auto seeds = seed_matches(terrain);
  lines.push_back({"one training with the truth, upper half", seeds[0], 0.05, false, false});
  lines.push_back({"one training with the truth, best tenth", seeds[1], 0.1, false, false});
  for (const FidelityMatch& match : fidelity_matches(terrain)) {
    lines.push_back({fmt::format("fidelity {:g} with the truth", match.amount), match.all, 0.05, false, false});
    lines.push_back({fmt::format("fidelity {:g}, best tenth", match.amount), match.best_tenth, 0.1, false, false});
  }
  for (const CostMatch& match : cost_matches(terrain)) {
    lines.push_back({"quality with " + match.name, match.all, 0.05, false, false});
    lines.push_back({"quality with " + match.name + ", better half", match.better_half, 0.15, false, false});
  }
  return lines;
}

Imitation imitate(const Problem& problem, const ImitateOptions& options) {
  require_no_conditions(problem);
  const Terrain original(problem, {options.samples});
  Imitation result;
  result.space = Fit(original, options).fit();
  result.complete = original.complete();
  result.tried = original.tried();
  for (const TerrainLine& line : portrait_lines(original))
    result.lines.push_back({line.name, line.value, 0.0, std::numeric_limits<double>::infinity(),
                            -std::numeric_limits<double>::infinity(), line.tolerance, line.factor});
  for (std::size_t k = 0; k < options.landscapes; ++k) {
    const auto own = imitation::make_problem(result.space, {static_cast<std::int64_t>(k), 1.0});
    const Terrain terrain(*own, {options.samples});
    const auto found = portrait_lines(terrain);
    for (ImitatedLine& line : result.lines) {
      const TerrainLine* value = find_line(found, line.name);
      const double v = value ? value->value : std::numeric_limits<double>::quiet_NaN();
      line.mean += v / static_cast<double>(options.landscapes);
      line.low = std::min(line.low, v);
      line.high = std::max(line.high, v);
    }
  }
  return result;
}

}  // namespace tonne
