#include "experiments/footprint/estimate_report.h"

#include <fmt/format.h>

#include <optional>
#include <string>

#include "core/error.h"
#include "core/json.h"
#include "cost_models/equivalents.h"
#include "experiments/footprint/estimate_paragraph.h"
#include "experiments/footprint/estimate_sources.h"
#include "experiments/footprint/estimate_tables.h"
#include "experiments/footprint/figure_text.h"
#include "experiments/footprint/quantity_in.h"
#include "experiments/text/latex_text.h"
#include "experiments/text/version.h"

namespace tonne {
namespace {

Json or_null(const std::optional<double>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json factor_json(const EstimateFactor& factor) {
  Json json = {{"key", factor.key},   {"meaning", factor.meaning}, {"value", or_null(factor.number)},
               {"unit", factor.unit}, {"text", factor.value},      {"given", !factor.provenance.has_value()},
               {"source", nullptr},   {"year", nullptr},           {"verified", nullptr}};
  if (!factor.provenance) return json;
  json["source"] = factor.provenance->source;
  json["year"] = factor.provenance->published;
  json["verified"] = factor.provenance->verified;
  return json;
}

Json equivalent_json(const Equivalent& equivalent, Carbon carbon) {
  return {{"key", equivalent.key},
          {"what", equivalent.what},
          {"value", carbon / equivalent.each},
          {"kg_each", equivalent.each / kilogram},
          {"source", equivalent.source},
          {"year", equivalent.year},
          {"verified", equivalent.verified}};
}

template <class Q>
Json interval_json(const Interval<Q>& interval, Q unit) {
  return Json::array({interval.low / unit, interval.high / unit});
}

Json spread_json(const EstimateSpread& spread) {
  Json json = {{"draws", spread.settings.draws},
               {"seed", spread.settings.seed},
               {"level", spread.settings.level},
               {"time_h", interval_json(spread.time, hour)},
               {"energy_kwh", interval_json(spread.energy, kilowatt_hour)},
               {"operational_kg", interval_json(spread.operational, kilogram)},
               {"co2e_kg", interval_json(spread.carbon, kilogram)},
               {"usd", spread.money ? interval_json(*spread.money, dollar) : Json(nullptr)},
               {"water_l", spread.water ? interval_json(*spread.water, litre) : Json(nullptr)},
               {"tornado", Json::array()}};
  for (const Swing& swing : spread.swings)
    json["tornado"].push_back({{"key", swing.key},
                               {"distribution", swing.distribution},
                               {"low", swing.low_value},
                               {"high", swing.high_value},
                               {"co2e_kg_at_low", swing.at_low / kilogram},
                               {"co2e_kg_at_high", swing.at_high / kilogram}});
  return json;
}

std::string headline(const Estimate& estimate) {
  const std::string devices = figure_text(static_cast<double>(estimate.devices), 7);
  const std::string machines = estimate.device.empty()
                                   ? fmt::format("{} device{}", devices, estimate.devices == 1 ? "" : "s")
                                   : fmt::format("{} x {}", devices, estimate.device);
  const std::string count =
      estimate.trials == 1.0 ? "one training" : figure_text(estimate.trials, 7) + " trainings, each";
  return printable(fmt::format("{}: {} on {}", estimate.name, count, machines));
}

}  // namespace

std::string estimate_text(const Estimate& estimate) {
  EstimateSources sources(estimate);
  std::string text = headline(estimate) + "\n\n" + totals_table(estimate) + "\n" +
                     equivalents_table(estimate, sources) + "\n" +
                     (estimate.spread ? tornado_table(*estimate.spread) + "\n" : "") +
                     factor_table(estimate, sources) + "\nSources\n";
  std::size_t n = 0;
  for (const Provenance& source : sources.all())
    text += fmt::format("  [{}] {} ({}){}\n", ++n, source.source, source.published,
                        source.verified ? "" : ", unverified");
  if (!estimate.notes.empty()) text += "\nNotes\n";
  for (const std::string& note : estimate.notes) text += "  - " + printable(note) + "\n";
  return text + "\nFor a paper\n  " + plain_paragraph(estimate, sources) + "\n";
}

std::string estimate_latex(const Estimate& estimate) {
  EstimateSources sources(estimate);
  std::string text = latex_paragraph(estimate, sources);
  const auto is_cited = [cited = text](const std::string& key) {
    return cited.find(key + ",") != std::string::npos || cited.find(key + "}") != std::string::npos;
  };
  text += "\n\n% for the bibliography\n";
  std::size_t n = 0;
  for (const Provenance& source : sources.all()) {
    const std::string key = fmt::format("tonne:{}", ++n);
    if (!is_cited(key)) continue;
    text += fmt::format("\\bibitem{{{}}} {} ({}).{}\n", key, latex_text(source.source), source.published,
                        source.verified ? "" : " % unverified");
  }
  return text;
}

std::string estimate_json(const Estimate& estimate) {
  const EstimatedUse& use = estimate.use;
  EstimateSources sources(estimate);
  Json json;
  json["name"] = estimate.name;
  json["program_version"] = version();
  json["device"] = estimate.device.empty() ? Json(nullptr) : Json(estimate.device);
  json["devices"] = estimate.devices;
  json["trials"] = estimate.trials;
  json["flops"] = or_null(in(estimate.work, flop));
  json["time_h"] = use.time / hour;
  json["makespan_h"] = use.makespan / hour;
  json["device_h"] = use.device_time / hour;
  json["power_w"] = use.power / watt;
  json["energy_kwh"] = {{"machines", use.machines / kilowatt_hour},
                        {"facility", use.facility / kilowatt_hour},
                        {"total", use.energy() / kilowatt_hour}};
  json["grid_g_per_kwh"] = use.intensity / gram_per_kilowatt_hour;
  json["co2e_kg"] = {{"operational", use.operational / kilogram},
                     {"embodied", or_null(in(use.embodied, kilogram))},
                     {"total", use.carbon() / kilogram}};
  json["usd"] = {{"rent", or_null(in(use.rent, dollar))},
                 {"electricity", or_null(in(use.electricity, dollar))},
                 {"carbon_price", or_null(in(use.levies, dollar))},
                 {"total", or_null(in(use.money(), dollar))}};
  json["water_l"] = or_null(in(use.water, litre));
  json["uncertainty"] = estimate.spread ? spread_json(*estimate.spread) : Json(nullptr);
  json["equivalents"] = Json::array();
  for (const Equivalent& equivalent : equivalents())
    json["equivalents"].push_back(equivalent_json(equivalent, use.carbon()));
  json["factors"] = Json::array();
  for (const EstimateFactor& factor : estimate.factors) json["factors"].push_back(factor_json(factor));
  json["notes"] = estimate.notes;
  json["paragraph"] = plain_paragraph(estimate, sources);
  json["sources"] = Json::array();
  for (const Provenance& source : sources.all())
    json["sources"].push_back(
        {{"source", source.source}, {"year", source.published}, {"verified", source.verified}});
  return json_document(json);
}

}  // namespace tonne
