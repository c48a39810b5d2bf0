#include "experiments/plan/variants.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>

#include "core/uncertainty.h"
#include "experiments/plan/estimate_spread.h"

namespace tonne {
namespace {

constexpr double kMedian = 0.5;

}  // namespace

std::vector<std::vector<double>> variant_values(std::span<const UncertainSetting> uncertain,
                                                const SpreadSettings& spread) {
  const auto draws = static_cast<std::size_t>(spread.draws);
  std::vector<std::vector<double>> variants(draws);
  std::vector<double> medians;
  for (const UncertainSetting& setting : uncertain) {
    const auto probabilities =
        stratified_probabilities(static_cast<std::uint64_t>(spread.seed), setting.key, draws);
    for (std::size_t k = 0; k < draws; ++k)
      variants[k].push_back(setting.distribution.quantile(probabilities[k]));
    medians.push_back(setting.distribution.quantile(kMedian));
  }
  for (std::size_t i = 0; i < uncertain.size(); ++i)
    for (const double p : {kTornadoLow, kTornadoHigh}) {
      variants.push_back(medians);
      variants.back()[i] = uncertain[i].distribution.quantile(p);
    }
  return variants;
}

std::string value_text(const UncertainSetting& setting, double value) {
  const std::string& unit = setting.distribution.unit();
  return fmt::format("{:.4g}{}{}", value / setting.distribution.unit_size(), unit.empty() ? "" : " ", unit);
}

std::string values_text(std::span<const UncertainSetting> uncertain, std::span<const double> values) {
  std::string text;
  for (std::size_t i = 0; i < uncertain.size(); ++i)
    text += fmt::format("{}{} = {}", text.empty() ? "" : ", ", uncertain[i].key,
                        value_text(uncertain[i], values[i]));
  return text;
}

}  // namespace tonne
