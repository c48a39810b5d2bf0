// An imitation's file, read and checked.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>
#include <utility>

#include "core/csv.h"
#include "core/error.h"
#include "core/yaml.h"
#include "search/problems/imitation/imitation_space.h"

namespace tonne::imitation {
namespace {

constexpr double kMost = 1e300;
constexpr std::size_t kMostBest = 10;
constexpr std::size_t kMostPairs = 64;
constexpr std::size_t kMostCategories = 256;
constexpr std::size_t kMostNodes = 2'048;  // of all parameters; pairs of them are held in tables

class FileReader {
 public:
  FileReader(const YamlNode& root, const YamlSource& source) : source_(source), root_(root) {}

  Space read() {
    SettingsReader reader(root_, source_, "");
    double format = 0.0;
    reader.require(reader.take("imitation") != nullptr, "imitation",
                   "is missing: expected a file that tonne imitate wrote");
    reader.number("imitation", format, Bounds::between(1, 1), "");
    reader.text("name", space_.name, "");
    reader.texts("notes", space_.notes, "");
    group(reader, "objective", true, [&](SettingsReader& r, const YamlNode&) { read_objective(r); });
    group(reader, "parameters", true, [&](SettingsReader& r, const YamlNode& node) { read_parameters(r, node); });
    read_quantiles(reader);
    group(reader, "structure", true, [&](SettingsReader& r, const YamlNode& node) {
      read_structure(r, node, space_.structure);
      r.number("outcast", space_.shape.outcast, Bounds::between(0, 1), "");
      r.number("tilt", space_.shape.tilt, Bounds::between(-3, 3), "");
      r.number("peak", space_.shape.peak, Bounds::between(-100, 100), "");
      r.number("reach", space_.shape.reach, Bounds::between(0.01, 1000), "");
    });
    group(reader, "failures", false, [&](SettingsReader& r, const YamlNode& node) { read_failures(r, node); });
    group(reader, "seeds", false, [&](SettingsReader& r, const YamlNode&) { read_seeds(r); });
    group(reader, "fidelity", false, [&](SettingsReader& r, const YamlNode&) { read_fidelity(r); });
    reader.choice("kind", space_.kind, kWorkKinds, "");
    group(reader, "costs", true, [&](SettingsReader& r, const YamlNode& node) { read_costs(r, node); });
    reader.finish();
    return std::move(space_);
  }

 private:
  using Visit = std::function<void(SettingsReader&, const YamlNode&)>;

  [[noreturn]] void fail(const YamlNode& node, std::string_view path, const std::string& message) const {
    throw InputError({source_.file, node.line, node.column}, path, message);
  }

  void group(SettingsReader& reader, const std::string& key, bool needed, const Visit& visit) {
    const YamlNode* node = reader.take(key);
    if (!node && needed) fail(root_, key, "is missing");
    if (!node) return;
    SettingsReader nested(*node, source_, key);
    visit(nested, *node);
    nested.finish();
  }

  // A list of finite numbers within bounds.
  std::vector<double> numbers(SettingsReader& reader, const std::string& key, const std::string& path,
                              std::size_t least, std::size_t most, Bounds bounds) {
    std::vector<double> values;
    const YamlNode* node = reader.take(key);
    if (!node) return values;
    if (!node->is_sequence()) fail(*node, path, "found " + node->shown() + ", expected a list of numbers");
    if (node->items.size() < least || node->items.size() > most)
      fail(*node, path,
           least == most ? fmt::format("has {} numbers, expected {}", node->items.size(), least)
                         : fmt::format("has {} numbers, expected {} to {}", node->items.size(), least, most));
    for (const YamlNode& item : node->items) {
      const auto value = item.is_scalar() && !item.quoted ? parse_number(item.text) : std::nullopt;
      if (!value || std::abs(*value) > kMost) fail(item, path, "found " + item.shown() + ", expected a finite number");
      if (*value < bounds.low || *value > bounds.high)
        fail(item, path, fmt::format("{} is out of bounds: must be {} to {}", item.text, bounds.low, bounds.high));
      values.push_back(*value);
    }
    return values;
  }

  void require_order(const YamlNode& node, const std::string& path, const std::vector<double>& values, bool rising,
                     const std::string& order) const {
    for (std::size_t i = 0; i + 1 < values.size(); ++i)
      if (rising ? values[i] > values[i + 1] : values[i] < values[i + 1])
        fail(node, path, fmt::format("goes back from {} to {}: must be in order, {}", values[i], values[i + 1], order));
  }

  void read_objective(SettingsReader& reader) {
    ObjectiveTraits& objective = space_.objective;
    objective.name = "objective";
    reader.text("name", objective.name, "");
    reader.text("unit", objective.unit, "");
    static constexpr auto kDirections = std::to_array<std::string_view>({"minimise", "maximise"});
    if (!reader.take("direction")) reader.require(false, "direction", "is missing: minimise or maximise");
    reader.choice("direction", objective.direction, kDirections, "");
  }

  void read_parameters(SettingsReader& reader, const YamlNode& node) {
    if (node.entries.empty() || node.entries.size() > kMostParameters)
      fail(node, "parameters", fmt::format("has {} parameters, expected 1 to {}", node.entries.size(), kMostParameters));
    for (const YamlNode::Entry& entry : node.entries) {
      const YamlNode* settings = reader.take(entry.key);
      const std::string path = "parameters." + entry.key;
      if (entry.key.empty()) fail(entry.value, "parameters", "has a parameter without a name");
      SettingsReader nested(*settings, source_, path);
      space_.parameters.push_back({entry.key, read_domain(nested, *settings, path), std::nullopt, std::nullopt});
      read_importance(nested, "importance", space_.structure);
      read_importance(nested, "failing", space_.failures.structure);
      nested.finish();
    }
    std::size_t nodes = 0;
    for (const Parameter& parameter : space_.parameters)
      nodes += static_cast<std::size_t>(std::min<std::uint64_t>(
          cardinality(parameter.domain).value_or(32), is_categorical(parameter.domain) ? kMostCategories : 32));
    if (nodes > kMostNodes)
      fail(node, "parameters", fmt::format("have {} levels in all, expected at most {}", nodes, kMostNodes));
  }

  static void read_importance(SettingsReader& reader, std::string_view key, Structure& structure) {
    double value = 0.0;
    reader.number(key, value, Bounds::between(0, 1), "");
    structure.importance.push_back(value);
  }

  Domain read_domain(SettingsReader& reader, const YamlNode& node, const std::string& path) {
    const YamlNode* of[] = {reader.take("categories"), reader.take("levels"), reader.take("integer"),
                            reader.take("real")};
    if (std::ranges::count_if(of, [](const YamlNode* n) { return n != nullptr; }) != 1)
      fail(node, path, "needs exactly one of categories, levels, integer and real");
    if (of[0] || of[1]) {
      const std::vector<std::string> names =
          level_names(*(of[0] ? of[0] : of[1]), path, of[0] ? kMostCategories : kMostLevels);
      if (of[0]) return Categorical{names};
      return Ordinal{names};
    }
    Scale scale = Scale::linear;
    static constexpr auto kScales = std::to_array<std::string_view>({"linear", "log"});
    reader.choice("scale", scale, kScales, "");
    const std::string key = of[2] ? "integer" : "real";
    const double limit = of[2] ? 9007199254740992.0 : kMost;
    const auto ends = numbers(reader, key, path + "." + key, 2, 2, Bounds::between(-limit, limit));
    const YamlNode& at = *(of[2] ? of[2] : of[3]);
    if (of[2] ? ends[0] > ends[1] : ends[0] >= ends[1])
      fail(at, path, fmt::format("goes from {} to {}: the lower bound comes first", ends[0], ends[1]));
    if (scale == Scale::log && ends[0] <= 0.0) fail(at, path, "has a scale log, so that its bounds must be above 0");
    if (of[3]) return Real{ends[0], ends[1], scale};
    if (ends[0] != std::floor(ends[0]) || ends[1] != std::floor(ends[1])) fail(at, path, "needs whole numbers");
    return Integer{static_cast<std::int64_t>(ends[0]), static_cast<std::int64_t>(ends[1]), scale};
  }

  std::vector<std::string> level_names(const YamlNode& node, const std::string& path, std::size_t most) const {
    if (!node.is_sequence() || node.items.empty() || node.items.size() > most)
      fail(node, path, fmt::format("found {} levels, expected a list of 1 to {}", node.items.size(), most));
    std::vector<std::string> names;
    std::set<std::string> known;
    for (const YamlNode& item : node.items) {
      if (!item.is_scalar()) fail(item, path, "found " + item.shown() + " in a list of levels");
      if (!known.insert(item.text).second) fail(item, path, "has the level '" + item.text + "' twice");
      names.push_back(item.text);
    }
    return names;
  }

  void read_quantiles(SettingsReader& reader) {
    reader.number("candidates", space_.candidates, Bounds::between(1, 1e15), "");
    reader.require(space_.candidates >= 1.0, "candidates", "is missing: how many the figures were measured on");
    space_.quantiles =
        numbers(reader, "quantiles", "quantiles", kValueShares.size(), kValueShares.size(), {});
    space_.best = numbers(reader, "best", "best", 1, kMostBest, {});
    if (space_.quantiles.empty()) fail(root_, "quantiles", "is missing");
    if (space_.best.empty()) fail(root_, "best", "is missing");
    const bool rising = space_.objective.direction == Direction::maximise;
    require_order(*root_.find("quantiles"), "quantiles", space_.quantiles, rising, "from the worst to the best");
    require_order(*root_.find("best"), "best", space_.best, !rising, "the best first");
    if (rising ? space_.best.back() < space_.quantiles.front() : space_.best.back() > space_.quantiles.front())
      fail(*root_.find("best"), "best", "is worse than the worst of quantiles");
  }

  std::size_t parameter_of(const YamlNode& node, const std::string& path) const {
    std::vector<std::string> names;
    for (const Parameter& parameter : space_.parameters) names.push_back(parameter.name);
    const auto found = std::ranges::find(names, node.text);
    if (!node.is_scalar() || found == names.end())
      fail(node, path, "found " + node.shown() + ", expected a parameter: " + join_names(names));
    return static_cast<std::size_t>(found - names.begin());
  }

  // Shares and pairs; importances stand with the parameters, or by name where `own`.
  void read_structure(SettingsReader& reader, const YamlNode& node, Structure& structure, bool own = false,
                      const std::string& path = "structure") {
    reader.number("additive", structure.additive, Bounds::between(0, 1), "");
    reader.number("pairwise", structure.pairwise, Bounds::between(0, 1), "");
    reader.number("rugged", structure.rugged, Bounds::between(0.01, 1), "");
    if (structure.additive + structure.pairwise > 1.0 + 1e-9)
      fail(node, path, fmt::format("has shares of {} in all, more than 1", structure.additive + structure.pairwise));
    if (own) read_importances(reader, structure, path);
    const YamlNode* pairs = reader.take("pairs");
    if (!pairs) return;
    if (!pairs->is_sequence() || pairs->items.size() > kMostPairs)
      fail(*pairs, path + ".pairs", fmt::format("expected a list of at most {} pairs [NAME, NAME, SHARE]", kMostPairs));
    double sum = 0.0;
    std::set<std::pair<std::size_t, std::size_t>> known;
    for (const YamlNode& item : pairs->items) {
      structure.pairs.push_back(read_pair(item, path + ".pairs"));
      sum += structure.pairs.back().share;
      if (!known.emplace(structure.pairs.back().first, structure.pairs.back().second).second)
        fail(item, path + ".pairs", "stands twice");
    }
    if (sum > structure.pairwise + 1e-9)
      fail(*pairs, path + ".pairs", fmt::format("add up to {}, more than pairwise", sum));
  }

  PairShare read_pair(const YamlNode& item, const std::string& path) const {
    if (!item.is_sequence() || item.items.size() != 3) fail(item, path, "expected [NAME, NAME, SHARE]");
    PairShare pair{parameter_of(item.items[0], path), parameter_of(item.items[1], path), 0.0};
    if (pair.first == pair.second) fail(item, path, "needs two different parameters");
    if (pair.first > pair.second) std::swap(pair.first, pair.second);
    const auto share = item.items[2].is_scalar() ? parse_number(item.items[2].text) : std::nullopt;
    if (!share || *share < 0.0 || *share > 1.0)
      fail(item.items[2], path, "found " + item.items[2].shown() + ", expected a share from 0 to 1");
    pair.share = *share;
    return pair;
  }

  void read_importances(SettingsReader& reader, Structure& structure, const std::string& path) {
    structure.importance.assign(space_.parameters.size(), 0.0);
    const YamlNode* node = reader.take("importance");
    if (!node) return;
    SettingsReader nested(*node, source_, path + ".importance");
    for (std::size_t p = 0; p < space_.parameters.size(); ++p)
      nested.number(space_.parameters[p].name, structure.importance[p], Bounds::between(0, 1), "");
    nested.finish();
  }

  void read_failures(SettingsReader& reader, const YamlNode& node) {
    Failures& failures = space_.failures;
    reader.number("share", failures.share, Bounds::between(0, 0.9999), "");
    static constexpr auto kReasons = std::to_array<std::string_view>({"diverged", "out_of_memory", "invalid"});
    reader.choice("reason", failures.reason, kReasons, "");
    reader.number("cost", failures.cost, Bounds::between(0, 100), "");
    read_structure(reader, node, failures.structure, false, "failures");
  }

  void read_seeds(SettingsReader& reader) {
    Seeds& seeds = space_.seeds;
    reader.integer("trainings", seeds.trainings, Bounds::between(0, static_cast<double>(kMostTrainings)), "");
    constexpr std::size_t kClasses = kNoiseClasses.size() - 1;
    seeds.deviation = numbers(reader, "deviation", "seeds.deviation", kClasses, kClasses, Bounds::between(0, kMost));
    seeds.better = numbers(reader, "better", "seeds.better", kClasses, kClasses, Bounds::between(0, 20));
    seeds.spread = numbers(reader, "spread", "seeds.spread", kClasses, kClasses, Bounds::between(0, 3));
  }

  void read_fidelity(SettingsReader& reader) {
    FidelityTraits& fidelity = space_.fidelity;
    reader.text("name", fidelity.name, "");
    reader.number("lowest", fidelity.lowest, Bounds::between(1e-9, 1e12), "");
    reader.number("highest", fidelity.highest, Bounds::between(1e-9, 1e12), "");
    reader.flag("whole", fidelity.integral, "");
    reader.require(fidelity.lowest <= fidelity.highest, "lowest", "is above highest");
    bool only = false;
    reader.flag("only_these", only, "");
    const YamlNode* list = reader.take("shorter");
    if (!list) return;
    if (!list->is_sequence() || list->items.size() > kMostShorter)
      fail(*list, "fidelity.shorter", fmt::format("expected a list of at most {} amounts", kMostShorter));
    for (const YamlNode& item : list->items) read_shorter(item);
    if (!only) return;
    for (const Shorter& shorter : space_.shorter) fidelity.levels.push_back(shorter.amount);
    fidelity.levels.push_back(fidelity.highest);
    fidelity.lowest = fidelity.levels.front();
  }

  void read_shorter(const YamlNode& node) {
    const std::string path = "fidelity.shorter";
    SettingsReader reader(node, source_, path);
    Shorter shorter;
    reader.number("amount", shorter.amount, Bounds::between(1e-9, space_.fidelity.highest), "");
    const double before = space_.shorter.empty() ? 0.0 : space_.shorter.back().amount;
    reader.require(shorter.amount > before, "amount", "must be larger than the one before");
    reader.require(shorter.amount < space_.fidelity.highest, "amount", "must be below highest");
    shorter.quantiles = numbers(reader, "quantiles", path + ".quantiles", kCostShares.size(), kCostShares.size(), {});
    if (shorter.quantiles.empty()) fail(node, path + ".quantiles", "is missing");
    require_order(*node.find("quantiles"), path + ".quantiles", shorter.quantiles,
                  space_.objective.direction == Direction::maximise, "from the worst to the best");
    reader.number("deviation", shorter.deviation, Bounds::between(0, 100), "");
    reader.number("deviation_best", shorter.deviation_best, Bounds::between(0, 100), "");
    reader.number("noise", shorter.noise, Bounds::between(0, 1000), "");
    reader.finish();
    space_.shorter.push_back(std::move(shorter));
  }

  void read_costs(SettingsReader& reader, const YamlNode& node) {
    const std::vector<std::string> known(kCostNames.begin(), kCostNames.end());
    for (const YamlNode::Entry& entry : node.entries) {
      const YamlNode* settings = reader.take(entry.key);
      const std::string path = "costs." + entry.key;
      if (std::ranges::find(known, entry.key) == known.end())
        fail(*settings, path, "is no cost. Allowed: " + join_names(known));
      space_.costs.push_back(read_cost(*settings, path, entry.key));
    }
    reader.require(!space_.costs.empty(), "time", "is missing: at least one cost is needed");
  }

  // A number is a constant.
  Cost read_cost(const YamlNode& node, const std::string& path, const std::string& name) {
    Cost cost;
    cost.name = name;
    if (node.is_scalar()) {
      const auto value = parse_number(node.text);
      if (!value || *value < 0.0) fail(node, path, "found " + node.shown() + ", expected a number of at least 0");
      cost.quantiles = {*value};
      return cost;
    }
    SettingsReader reader(node, source_, path);
    cost.quantiles =
        numbers(reader, "quantiles", path + ".quantiles", kCostShares.size(), kCostShares.size(), Bounds::between(0, kMost));
    if (cost.quantiles.empty()) fail(node, path + ".quantiles", "is missing");
    require_order(*node.find("quantiles"), path + ".quantiles", cost.quantiles, true, "from the least to the most");
    reader.number("quality", cost.quality, Bounds::between(-1, 1), "");
    reader.number("direct", cost.direct, Bounds::between(-1, 1), "");
    reader.number("together", cost.together, Bounds::between(-1, 1), "");
    read_structure(reader, node, cost.structure, true, path);
    reader.finish();
    return cost;
  }

  const YamlSource& source_;
  const YamlNode& root_;
  Space space_;
};

}  // namespace

Space parse_space(const std::string& text, const std::string& file) {
  const YamlSource source{file, "."};
  const YamlNode root = parse_yaml(text, file);
  if (!root.is_map()) throw InputError({file, 0, 0}, "", "is no file that tonne imitate wrote");
  return FileReader(root, source).read();
}

Space read_space(const std::filesystem::path& file) {
  return parse_space(read_text_file(file, YamlLimits{}.bytes), file.string());
}

}  // namespace tonne::imitation
