#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "core/error.h"
#include "core/number_text.h"
#include "experiments/analysis/best_configuration.h"
#include "experiments/imitation/imitation_text.h"
#include "experiments/text/version.h"

namespace tonne {
namespace {

using imitation::Space;
using imitation::Structure;

std::string list(const std::vector<double>& values) {
  std::string text;
  for (const double value : values) text += (text.empty() ? "" : ", ") + shortest_text(value);
  return "[" + text + "]";
}

template <class Shares>
std::string percents(const Shares& shares) {
  std::string text;
  for (const double share : shares) text += fmt::format("{}{:g}", text.empty() ? "" : ", ", 100.0 * share);
  return text;
}

// Always in quotes: a level "no" or "1e3" stays the text that it was.
std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + "\"";
}

std::string names(const std::vector<std::string>& texts) {
  std::string text;
  for (const std::string& name : texts) text += (text.empty() ? "" : ", ") + quoted(printable(name));
  return "[" + text + "]";
}

struct DomainText {
  std::string operator()(const Real& real) const {
    return fmt::format("real: [{}, {}]{}", shortest_text(real.low), shortest_text(real.high), scale(real.scale));
  }
  std::string operator()(const Integer& integer) const {
    return fmt::format("integer: [{}, {}]{}", integer.low, integer.high, scale(integer.scale));
  }
  std::string operator()(const Categorical& categorical) const { return "categories: " + names(categorical.choices); }
  std::string operator()(const Ordinal& ordinal) const { return "levels: " + names(ordinal.levels); }
  static std::string scale(Scale scale) { return scale == Scale::log ? ", scale: log" : ""; }
};

std::string shares_text(const Space& space, const Structure& structure, std::string_view indent) {
  std::string text = fmt::format("{0}additive: {1}\n{0}pairwise: {2}\n{0}rugged: {3}\n", indent,
                                 shortest_text(structure.additive), shortest_text(structure.pairwise),
                                 shortest_text(structure.rugged));
  if (structure.pairs.empty()) return text;
  text += fmt::format("{}pairs:\n", indent);
  for (const imitation::PairShare& pair : structure.pairs)
    text += fmt::format("{}  - [{}, {}, {}]\n", indent, quoted(printable(space.parameters[pair.first].name)),
                        quoted(printable(space.parameters[pair.second].name)), shortest_text(pair.share));
  return text;
}

std::string parameters_text(const Space& space) {
  std::string text =
      "# Levels may be added, and parameters: the landscape is drawn again over the larger space.\nparameters:\n";
  for (std::size_t p = 0; p < space.parameters.size(); ++p) {
    text += fmt::format("  {}: {{{}, importance: {}", quoted(printable(space.parameters[p].name)),
                        std::visit(DomainText{}, space.parameters[p].domain),
                        shortest_text(space.structure.importance[p]));
    if (space.failures.share > 0.0)
      text += fmt::format(", failing: {}", shortest_text(space.failures.structure.importance[p]));
    text += "}\n";
  }
  return text;
}

std::string failures_text(const Space& space) {
  if (space.failures.share <= 0.0) return "";
  const char* reason = space.failures.reason == Failure::diverged        ? "diverged"
                       : space.failures.reason == Failure::out_of_memory ? "out_of_memory"
                                                                         : "invalid";
  return fmt::format("failures:\n  share: {}\n  reason: {}\n  cost: {}   # of a failed evaluation, relative to others\n",
                     shortest_text(space.failures.share), reason, shortest_text(space.failures.cost)) +
         shares_text(space, space.failures.structure, "  ");
}

std::string seeds_text(const Space& space) {
  std::string text = fmt::format("seeds:\n  trainings: {}   # different ones of a candidate; 0: each is a new one\n",
                                 space.seeds.trainings);
  if (space.seeds.deviation.empty()) return text;
  return text + fmt::format("  # sd between {} % from the worst; how far ahead a training may look, in normal scores of rank; and\n"
                            "  # the sd of the logarithm of the sd\n  deviation: {}\n  better: {}\n  spread: {}\n",
                            percents(imitation::kNoiseClasses), list(space.seeds.deviation), list(space.seeds.better),
                            list(space.seeds.spread));
}

std::string fidelity_text(const Space& space) {
  const FidelityTraits& fidelity = space.fidelity;
  if (space.shorter.empty() && fidelity.lowest == fidelity.highest && fidelity.highest == 1.0) return "";
  std::string text = fmt::format("fidelity:\n  name: {}\n  lowest: {}\n  highest: {}\n  whole: {}\n",
                                 quoted(printable(fidelity.name)), shortest_text(fidelity.lowest),
                                 shortest_text(fidelity.highest), fidelity.integral);
  if (!fidelity.levels.empty()) text += "  only_these: true\n";
  if (space.shorter.empty()) return text;
  text += fmt::format("  # values at {} % from the worst; deviation of the order from that after a full training\n"
                      "  shorter:\n",
                      percents(imitation::kCostShares));
  for (const imitation::Shorter& shorter : space.shorter)
    text += fmt::format(
        "    - {{amount: {}, deviation: {}, deviation_best: {}, noise: {},\n       quantiles: {}}}\n",
        shortest_text(shorter.amount), shortest_text(shorter.deviation), shortest_text(shorter.deviation_best),
        shortest_text(shorter.noise), list(shorter.quantiles));
  return text;
}

std::string costs_text(const Space& space) {
  std::string text = fmt::format(
      "# Of a full evaluation, base units (seconds, joules, FLOP, bytes), at {} % from the least.\ncosts:\n",
      percents(imitation::kCostShares));
  if (space.kind != WorkKind::other)
    text = fmt::format("kind: {}   # of the work\n", imitation::kWorkKinds[static_cast<std::size_t>(space.kind)]) + text;
  for (const imitation::Cost& cost : space.costs) {
    if (cost.quantiles.size() == 1) {
      text += fmt::format("  {}: {}\n", cost.name, shortest_text(cost.quantiles.front()));
      continue;
    }
    text += fmt::format("  {}:\n    quantiles: {}\n    quality: {}\n    direct: {}\n    together: {}\n", cost.name,
                        list(cost.quantiles), shortest_text(cost.quality), shortest_text(cost.direct),
                        shortest_text(cost.together));
    text += shares_text(space, cost.structure, "    ");
    std::string importances;
    for (std::size_t p = 0; p < space.parameters.size(); ++p)
      if (cost.structure.importance[p] > 0.0)
        importances += fmt::format("{}{}: {}", importances.empty() ? "" : ", ", quoted(printable(space.parameters[p].name)),
                                   shortest_text(cost.structure.importance[p]));
    text += fmt::format("    importance: {{{}}}\n", importances);
  }
  return text;
}

std::string head(const Imitation& imitation, const std::string& digest) {
  std::string text = fmt::format(
      "# A synthetic space with the portrait of {}, by tonne imitate (tonne {}).\n"
      "# Made from {} candidates of {} parameters; digest of settings and files: {}.\n"
      "# It holds no row and no effect of a level: effects are drawn by hashing from `landscape`. What it holds of\n"
      "# single candidates are the values (to five digits) of the best ten, the worst, and those at the quantiles,\n"
      "# without their configurations.\n"
      "# Use it: problems: [{{imitation: {{file: THIS.yaml, landscape: 0}}}}]\n#\n"
      "# The portrait, and that of the landscapes from 0 on: mean, lowest, highest; *: missed.\n",
      printable(imitation.space.name), version(), grouped(imitation.space.candidates),
      imitation.space.parameters.size(), digest);
  return text;
}

}  // namespace

std::string imitation_yaml(const Imitation& imitation, const std::string& digest) {
  const Space& space = imitation.space;
  std::string text = head(imitation, digest);
  std::string table = portrait_table(imitation);
  for (std::size_t at = 0; at < table.size();) {
    const std::size_t end = table.find('\n', at);
    text += "#  " + table.substr(at, end - at) + "\n";
    at = end + 1;
  }
  text += fmt::format("imitation: 1\nname: {}\n", quoted(printable(space.name)));
  if (!space.notes.empty()) text += "notes: " + names(space.notes) + "\n";
  text += fmt::format("objective: {{name: {}, {}direction: {}}}\n", quoted(printable(space.objective.name)),
                      space.objective.unit.empty() ? "" : "unit: " + quoted(printable(space.objective.unit)) + ", ",
                      space.objective.direction == Direction::maximise ? "maximise" : "minimise");
  text += fmt::format("candidates: {}\n# True values at {} % from the worst, and of the best ten.\nquantiles: {}\nbest: {}\n",
                      shortest_text(space.candidates), percents(imitation::kValueShares), list(space.quantiles),
                      list(space.best));
  text += parameters_text(space) + "# Shares of the variance of the normal scores; the rest is of three and more.\nstructure:\n" +
          shares_text(space, space.structure, "  ");
  text += fmt::format("  outcast: {}\n  tilt: {}\n  peak: {}\n  reach: {}\n", shortest_text(space.shape.outcast),
                      shortest_text(space.shape.tilt), shortest_text(space.shape.peak), shortest_text(space.shape.reach));
  return text + failures_text(space) + seeds_text(space) + fidelity_text(space) + costs_text(space);
}

}  // namespace tonne
