#include "experiments/footprint/estimate_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>

#include "core/error.h"
#include "core/uncertainty.h"
#include "cost_models/catalogue.h"
#include "experiments/footprint/figure_text.h"

namespace tonne {
namespace {

constexpr std::array<ShortForm, 4> kShortForms = {{
    {"pue", "facility.pue"},
    {"wue", "facility.wue"},
    {"intensity", "grid.intensity"},
    {"trace", "grid.trace"},
}};

std::size_t count_true(std::initializer_list<bool> conditions) {
  return static_cast<std::size_t>(std::ranges::count(conditions, true));
}

// --- checks -------------------------------------------------------------------------------------------

void check_run(const EstimateSettings& settings) {
  const bool by_tokens = settings.parameters && settings.tokens;
  const bool by_samples = settings.forward && settings.samples;
  const bool has_time = given_time(settings).has_value();
  const bool has_work = settings.flops || by_tokens || by_samples;
  if (has_time && has_work)
    throw InputError({}, settings.hours ? "hours" : "time",
                     "time and compute are both given, and either one determines how long the run takes: "
                     "give one of them");
  if (has_time || has_work) {
    if (count_true({settings.flops.has_value(), by_tokens, by_samples}) > 1)
      throw InputError(
          {}, "flops",
          "compute is given in two ways: give flops, or parameters and tokens, or forward and samples");
    return;
  }
  if (settings.parameters || settings.tokens)
    throw InputError({}, settings.parameters ? "parameters" : "tokens",
                     fmt::format("needs {} too", settings.parameters ? "tokens" : "parameters"));
  if (settings.forward || settings.samples)
    throw InputError({}, settings.forward ? "forward" : "samples",
                     fmt::format("needs {} too", settings.forward ? "samples" : "forward"));
  throw InputError(
      "an estimate needs the run: give hours, or flops, or parameters and tokens, or forward and samples");
}

void check_batch(const EstimateSettings& settings) {
  if (!settings.batch) return;
  if (!settings.parameters || samples_of(settings) <= 0.0)
    throw InputError({}, "batch",
                     "counts steps and the optimiser's work, so it needs parameters, and tokens or samples");
  if (settings.flops)
    throw InputError({}, "batch", "adds the optimiser's work, which flops already includes: leave one out");
}

void check_place(const EstimateSettings& settings) {
  const ClusterSettings& cluster = settings.cluster;
  if (cluster.facility.name.empty() && !cluster.facility.pue)
    throw InputError("an estimate needs the facility: pue, or facility with a name (tonne list facilities)");
  if (cluster.grid.empty() && !cluster.own_grid.given())
    throw InputError(
        "an estimate needs the grid: grid with a name (tonne list grids), or intensity, or trace");
  if (!cluster.device.empty()) return;
  if (!given_time(settings) || !given_power(settings))
    throw InputError(
        "an estimate needs the device (tonne list devices), unless both hours and watts are given");
}

// --- reading ------------------------------------------------------------------------------------------

void collect_keys(const YamlNode& node, const std::string& path, std::map<std::string, std::string>& keys) {
  if (!node.is_map()) {
    keys[path] = node.text;
    return;
  }
  for (const YamlNode::Entry& entry : node.entries)
    collect_keys(entry.value, path.empty() ? entry.key : path + "." + entry.key, keys);
}

YamlNode::Entry* entry_of(YamlNode& map, std::string_view key) {
  const auto found = std::ranges::find(map.entries, key, &YamlNode::Entry::key);
  return found == map.entries.end() ? nullptr : &*found;
}

// The map under `key`, made where there is none. A facility's name goes along: {name: AWS-2024, pue: 1.2}. An
// option's settings stand instead of a file's name.
YamlNode& map_under(YamlNode& parent, const std::string& key, const YamlNode& because) {
  if (!entry_of(parent, key)) {
    YamlNode empty;
    empty.line = because.line;
    empty.column = because.column;
    parent.entries.push_back({key, because.line, because.column, std::move(empty)});
  }
  YamlNode& node = entry_of(parent, key)->value;
  if (node.is_scalar()) {
    const bool overrides = node.line > 0 && because.line == 0;
    if (key != "facility" && !overrides)
      throw InputError({}, key,
                       fmt::format("'{}' and custom settings are both given: give one of them", node.text));
    YamlNode name = std::exchange(node, YamlNode{});
    node.line = name.line;
    node.column = name.column;
    if (key == "facility") node.entries.push_back({"name", name.line, name.column, std::move(name)});
  }
  if (node.is_null() || node.is_scalar()) node.kind = YamlNode::Kind::map;
  return node;
}

void put(YamlNode& map, std::string_view path, YamlNode value) {
  const std::size_t dot = path.find('.');
  const std::string key(path.substr(0, dot));
  if (dot != std::string_view::npos)
    return put(map_under(map, key, value), path.substr(dot + 1), std::move(value));
  if (YamlNode::Entry* entry = entry_of(map, key))
    entry->value = std::move(value);
  else
    map.entries.push_back({key, value.line, value.column, std::move(value)});
}

// Short forms in full.
YamlNode expanded(YamlNode tree) {
  if (!tree.is_map()) return tree;
  for (const ShortForm& form : kShortForms) {
    const auto at = std::ranges::find(tree.entries, form.key, &YamlNode::Entry::key);
    if (at == tree.entries.end()) continue;
    YamlNode value = std::move(at->value);
    tree.entries.erase(at);
    put(tree, form.stands_for, std::move(value));
  }
  return tree;
}

// With every uncertain figure at its median.
EstimateSettings read_settings(const YamlNode& tree, const YamlSource& source,
                               std::vector<UncertainSetting>& uncertain) {
  EstimateSettings settings;
  SettingsReader reader(tree, source, "", &uncertain);
  settings.visit(reader);
  reader.finish();
  for (const UncertainSetting& setting : uncertain)
    if (setting.key.starts_with("uncertainty."))
      throw InputError(setting.where, setting.key,
                       "configures the draws and cannot be a distribution itself: give one value");
  return settings;
}

UncertainInput input_of(const UncertainSetting& setting) {
  const Distribution& distribution = setting.distribution;
  return {setting.key, setting.text, [distribution](double p) { return distribution.quantile(p); },
          [distribution](double value) {
            const std::string& unit = distribution.unit();
            return figure_text(value / distribution.unit_size()) + (unit.empty() ? "" : " " + unit);
          }};
}

}  // namespace

std::optional<Duration> given_time(const EstimateSettings& settings) {
  return settings.hours ? std::optional(*settings.hours * hour) : settings.time;
}

std::optional<Power> given_power(const EstimateSettings& settings) {
  return settings.watts ? std::optional(*settings.watts * watt) : settings.power;
}

double samples_of(const EstimateSettings& settings) {
  return settings.tokens ? *settings.tokens : settings.samples.value_or(0.0);
}

EstimateSettings::EstimateSettings() {
  cluster.device.clear();
  cluster.facility.name.clear();
  cluster.grid.clear();
}

void EstimateSettings::visit(SettingsVisitor& visitor) {
  visitor.text("name", name, "what was trained; the paragraph begins with it");
  visitor.optional_number("hours", hours, Bounds::above(0.0),
                          "duration of one training in hours, start to end");
  visitor.quantity("time", time, Bounds::above(0.0), "the same with a unit");
  visitor.optional_number("flops", flops, Bounds::above(0.0), "total FLOPs of one training");
  visitor.optional_number("parameters", parameters, Bounds::above(0.0),
                          "trainable weights; of a mixture of experts, those that a token activates");
  visitor.optional_number("tokens", tokens, Bounds::above(0.0),
                          "tokens in one epoch: FLOPs are 6 x parameters x tokens");
  visitor.optional_number(
      "forward", forward, Bounds::above(0.0),
      "FLOPs of one forward pass over one sample (multiply-add: 2): training does 3 x forward x samples");
  visitor.optional_number("samples", samples, Bounds::above(0.0), "samples in one epoch, with forward");
  visitor.number("epochs", epochs, Bounds::above(0.0), "passes over tokens or samples");
  visitor.optional_number("batch", batch, Bounds::above(0.0),
                          "tokens or samples per step: adds the optimiser's work and the steps' fixed time");
  visitor.choice("optimizer", optimizer, kOptimizerNames, "with batch");
  visitor.optional_number("watts", watts, Bounds::above(0.0),
                          "measured mean power per device, including its share of the host");
  visitor.quantity("power", power, Bounds::above(0.0), "the same with a unit");
  visitor.optional_number("share_of_tdp", share_of_tdp, Bounds{0.0, 1.0, true},
                          "mean power of a device, as a share of its TDP; the host's share comes on top");
  visitor.integer("devices", devices, Bounds::between(1.0, 1e7), "devices per training");
  visitor.number("trials", trials, Bounds::at_least(1.0), "number of trainings: 1, or all of a search");
  visitor.require(!hours || !time, "time", "hours is given too, expected one of them");
  visitor.require(count_true({watts.has_value(), power.has_value(), share_of_tdp.has_value()}) <= 1,
                  share_of_tdp ? "share_of_tdp" : "power",
                  "power is given in two ways, expected one of them");
  cluster.visit(visitor);
  visitor.group("uncertainty", "intervals, where a figure is a range",
                [this](SettingsVisitor& v) { uncertainty.visit(v); });
}

std::span<const ShortForm> estimate_short_forms() {
  return kShortForms;
}

YamlNode with_options(YamlNode tree, std::span<const EstimateOption> options) {
  tree = expanded(std::move(tree));
  if (tree.is_null()) tree.kind = YamlNode::Kind::map;
  for (const EstimateOption& option : options) {
    YamlNode value;
    value.kind = YamlNode::Kind::scalar;
    value.text = option.value;
    put(tree, option.key, std::move(value));
  }
  return tree;
}

EstimateRequest read_estimate(const YamlNode& tree, const YamlSource& source) {
  EstimateRequest request;
  const YamlNode full = expanded(tree);
  collect_keys(full, "", request.given);
  std::vector<UncertainSetting> uncertain;
  request.settings = read_settings(full, source, uncertain);
  for (const UncertainSetting& setting : uncertain) request.uncertain.push_back(input_of(setting));
  request.settings_at = [settings = request.settings, uncertain](std::span<const double> values) {
    EstimateSettings moved = settings;
    set_values([&](SettingsVisitor& visitor) { moved.visit(visitor); }, "", uncertain, values);
    return moved;
  };
  if (request.given.contains("devices_per_worker"))
    throw InputError({}, "devices_per_worker", "an estimate counts devices per training: give devices");
  check_run(request.settings);
  check_batch(request.settings);
  check_place(request.settings);
  return request;
}

}  // namespace tonne
