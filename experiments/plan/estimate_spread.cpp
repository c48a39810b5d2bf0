#include "experiments/plan/estimate_spread.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "core/random.h"
#include "core/settings.h"
#include "core/uncertainty.h"

namespace tonne {
namespace {

constexpr double kMedian = 0.5;

// Within (0, 1): a distribution without bounds has no quantile at the ends.
double probability(Random stream) {
  return (static_cast<double>(stream.next() >> 12U) + 0.5) * 0x1.0p-52;
}

template <class Q, class Get>
Interval<Q> interval_of(const std::vector<EstimatedUse>& uses, double level, const Get& get) {
  std::vector<double> values;
  values.reserve(uses.size());
  for (const EstimatedUse& use : uses) values.push_back(get(use).base());
  std::ranges::sort(values);
  const double tail = (1.0 - level) / 2.0;
  return {Q::from_base(quantile_of_sorted(values, tail)), Q::from_base(quantile_of_sorted(values, 1.0 - tail))};
}

std::vector<EstimatedUse> draws_of(const SpreadSettings& settings, std::span<const UncertainInput> inputs,
                                   const UseAt& use_at) {
  const Random root = Random(static_cast<std::uint64_t>(settings.seed)).child("uncertainty");
  std::vector<EstimatedUse> uses;
  std::vector<double> values(inputs.size());
  for (std::int64_t k = 0; k < settings.draws; ++k) {
    for (std::size_t i = 0; i < inputs.size(); ++i)
      values[i] =
          inputs[i].quantile(probability(root.child(inputs[i].key).child(static_cast<std::uint64_t>(k))));
    uses.push_back(use_at(values));
  }
  return uses;
}

std::vector<Swing> swings_of(std::span<const UncertainInput> inputs, const UseAt& use_at) {
  std::vector<double> values;
  for (const UncertainInput& input : inputs) values.push_back(input.quantile(kMedian));
  std::vector<Swing> swings;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const auto carbon_at = [&](double value) {
      std::vector<double> moved = values;
      moved[i] = value;
      return use_at(moved).carbon();
    };
    const double low = inputs[i].quantile(kTornadoLow);
    const double high = inputs[i].quantile(kTornadoHigh);
    swings.push_back({inputs[i].key, inputs[i].text, inputs[i].shown(low), inputs[i].shown(high),
                      carbon_at(low), carbon_at(high)});
  }
  const auto wider = [](const Swing& a, const Swing& b) {
    const Carbon of_a = a.at_high - a.at_low;
    const Carbon of_b = b.at_high - b.at_low;
    if (const auto order = std::abs(of_b.base()) <=> std::abs(of_a.base()); order != 0) return order < 0;
    return a.key < b.key;
  };
  std::ranges::sort(swings, wider);
  return swings;
}

}  // namespace

void SpreadSettings::visit(SettingsVisitor& visitor) {
  visitor.integer("draws", draws, Bounds::between(2.0, 1e6), "draws of the uncertain figures");
  visitor.integer("seed", seed, Bounds::at_least(0.0), "seed of the draws");
  visitor.number("level", level, Bounds{0.5, 0.999, false}, "coverage of the intervals");
}

EstimateSpread estimate_spread(const SpreadSettings& settings, std::span<const UncertainInput> inputs,
                               const UseAt& use_at) {
  assert(!inputs.empty() && settings.draws >= 2);
  const std::vector<EstimatedUse> uses = draws_of(settings, inputs, use_at);
  EstimateSpread spread;
  spread.settings = settings;
  const double level = settings.level;
  spread.time = interval_of<Duration>(uses, level, [](const EstimatedUse& use) { return use.time; });
  spread.energy = interval_of<Energy>(uses, level, [](const EstimatedUse& use) { return use.energy(); });
  spread.operational =
      interval_of<Carbon>(uses, level, [](const EstimatedUse& use) { return use.operational; });
  spread.carbon = interval_of<Carbon>(uses, level, [](const EstimatedUse& use) { return use.carbon(); });
  if (uses.front().money())
    spread.money = interval_of<Money>(uses, level, [](const EstimatedUse& use) { return *use.money(); });
  if (uses.front().water)
    spread.water = interval_of<Water>(uses, level, [](const EstimatedUse& use) { return *use.water; });
  spread.swings = swings_of(inputs, use_at);
  return spread;
}

}  // namespace tonne
