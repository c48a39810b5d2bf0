#include "experiments/footprint/estimate_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "experiments/footprint/figure_text.h"
#include "experiments/footprint/quantity_in.h"

namespace tonne {
namespace {

std::string aligned(const std::vector<std::vector<std::string>>& rows, std::string_view indent) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line(indent);
    for (std::size_t i = 0; i < row.size(); ++i) line += fmt::format("{:<{}}", row[i], widths[i] + 3);
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

std::string unknown_or(const std::optional<double>& value, std::string_view unit) {
  return value ? fmt::format("{} {}", figure_text(*value), unit) : "unknown";
}

// "1,100 .. 1,500", where it is known.
template <class Q>
std::string interval_text(const std::optional<Interval<Q>>& interval, Q unit) {
  if (!interval) return "";
  return fmt::format("{} .. {}", figure_text(interval->low / unit), figure_text(interval->high / unit));
}

template <class Q>
std::optional<Interval<Q>> of_spread(const Estimate& estimate, Interval<Q> EstimateSpread::*member) {
  return estimate.spread ? std::optional(*estimate.spread.*member) : std::nullopt;
}

std::string money_parts(const EstimatedUse& use) {
  std::vector<std::string> parts;
  if (use.rent) parts.push_back("rent " + figure_text(*use.rent / dollar));
  if (use.electricity) parts.push_back("electricity " + figure_text(*use.electricity / dollar));
  if (use.levies) parts.push_back("carbon price " + figure_text(*use.levies / dollar));
  return join_names(parts);
}

}  // namespace

std::string totals_table(const Estimate& estimate) {
  const EstimatedUse& use = estimate.use;
  const auto kwh = [](Energy energy) { return figure_text(energy / kilowatt_hour); };
  const auto kg = [](Carbon carbon) { return figure_text(carbon / kilogram); };
  std::vector<std::vector<std::string>> rows;
  if (estimate.spread)
    rows.push_back({"", "", fmt::format("{:.4g} % interval", 100.0 * estimate.spread->settings.level), ""});
  rows.push_back({"time", figure_text(use.time / hour) + " h",
                  interval_text(of_spread(estimate, &EstimateSpread::time), hour),
                  fmt::format("{} days; {} device-hours", figure_text(use.time / day),
                              figure_text(use.device_time / hour))});
  if (estimate.trials != 1.0)
    rows.push_back({"total time", figure_text(use.makespan / hour) + " h", "",
                    fmt::format("{} trainings", figure_text(estimate.trials, 7))});
  if (estimate.work)
    rows.push_back({"compute", figure_text(*estimate.work / flop) + " FLOP", "", "per training"});
  rows.push_back(
      {"power", figure_text(use.power / watt) + " W", "", "per device, including its share of the host"});
  rows.push_back({"energy", kwh(use.energy()) + " kWh",
                  interval_text(of_spread(estimate, &EstimateSpread::energy), kilowatt_hour),
                  fmt::format("machines {}, facility {}", kwh(use.machines), kwh(use.facility))});
  rows.push_back({"CO2e", kg(use.carbon()) + " kg",
                  interval_text(of_spread(estimate, &EstimateSpread::carbon), kilogram),
                  fmt::format("operational {}, embodied {}", kg(use.operational),
                              use.embodied ? kg(*use.embodied) : "not counted")});
  rows.push_back({"cost", unknown_or(in(use.money(), dollar), "USD"),
                  estimate.spread ? interval_text(estimate.spread->money, dollar) : "", money_parts(use)});
  rows.push_back({"water", unknown_or(in(use.water, litre), "L"),
                  estimate.spread ? interval_text(estimate.spread->water, litre) : "", ""});
  if (!estimate.spread)
    for (auto& row : rows) row.erase(row.begin() + 2);
  return aligned(rows, "  ");
}

std::string tornado_table(const EstimateSpread& spread) {
  constexpr double kWidest = 30.0;
  std::vector<std::vector<std::string>> rows{
      {"sensitivity", "5th percentile", "95th percentile", "kg CO2e", ""}};
  const auto width = [](const Swing& swing) { return std::abs((swing.at_high - swing.at_low) / kilogram); };
  for (const Swing& swing : spread.swings) {
    const double share =
        width(spread.swings.front()) > 0.0 ? width(swing) / width(spread.swings.front()) : 0.0;
    rows.push_back(
        {swing.key, swing.low_value, swing.high_value,
         fmt::format("{} .. {}", figure_text(swing.at_low / kilogram), figure_text(swing.at_high / kilogram)),
         std::string(static_cast<std::size_t>(std::lround(kWidest * share)), '#')});
  }
  return aligned(rows, "  ");
}

std::string equivalents_table(const Estimate& estimate, EstimateSources& sources) {
  std::vector<std::vector<std::string>> rows;
  for (const Equivalent& equivalent : equivalents())
    rows.push_back({rows.empty() ? "equivalent to" : "",
                    figure_text(estimate.use.carbon() / equivalent.each, 3),
                    fmt::format("{} [{}]", equivalent.what, sources.number_of(equivalent))});
  return aligned(rows, "  ");
}

std::string factor_table(const Estimate& estimate, EstimateSources& sources) {
  std::vector<std::vector<std::string>> rows{{"figure", "value", "source", "meaning"}};
  for (const EstimateFactor& factor : estimate.factors)
    rows.push_back({factor.key, factor.value,
                    factor.provenance ? fmt::format("[{}]{}", sources.number_of(*factor.provenance),
                                                    factor.provenance->verified ? "" : " unverified")
                                      : "given",
                    factor.meaning});
  return aligned(rows, "  ");
}

}  // namespace tonne
