#include "experiments/footprint/estimate_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/error.h"
#include "cost_models/equivalents.h"
#include "experiments/footprint/estimate_figures.h"
#include "experiments/text/version.h"

namespace tonne {
namespace {

using Json = nlohmann::ordered_json;

// --- sources ------------------------------------------------------------------------------------------

// Each source once, numbered from 1 in the order in which the factors need it.
class Sources {
 public:
  explicit Sources(const Estimate& estimate) {
    for (const EstimateFactor& factor : estimate.factors)
      if (factor.provenance) number_of(*factor.provenance);
    for (const Equivalent& equivalent : equivalents()) number_of(provenance_of(equivalent));
  }
  static Provenance provenance_of(const Equivalent& equivalent) {
    return {std::string(equivalent.source), equivalent.year, equivalent.verified};
  }
  std::size_t number_of(const Provenance& provenance) {
    const auto same = [&](const Provenance& p) {
      return p.source == provenance.source && p.published == provenance.published;
    };
    const auto at = std::ranges::find_if(all_, same);
    if (at != all_.end()) return static_cast<std::size_t>(at - all_.begin()) + 1;
    all_.push_back(provenance);
    return all_.size();
  }
  [[nodiscard]] const std::vector<Provenance>& all() const { return all_; }

 private:
  std::vector<Provenance> all_;
};

// --- the paragraph ------------------------------------------------------------------------------------
// It is written once, with marks around what text and LaTeX show differently: citations and powers of ten.

constexpr char kCite = '\x01';
constexpr char kPower = '\x02';
constexpr char kEnd = '\x03';

std::string number(double value, int digits = 4) {
  const std::string text = figure_text(value, digits);
  return text.find('e') == std::string::npos ? text : kPower + text + kEnd;
}

// In the unit that leaves few digits before the point.
std::string scaled(double base, std::string_view small, std::string_view large) {
  constexpr double kThousand = 1e3;
  return base < 10.0 * kThousand ? fmt::format("{} {}", number(base), small)
                                 : fmt::format("{} {}", number(base / kThousand), large);
}

std::string energy_text(Energy energy) {
  return scaled(energy / kilowatt_hour, "kWh", "MWh");
}
std::string carbon_text(Carbon carbon) {
  return scaled(carbon / kilogram, "kg CO2e", "t CO2e");
}

std::string time_text(Duration time) {
  constexpr double kLongHours = 48.0;
  return time / hour < kLongHours ? fmt::format("{} h", number(time / hour))
                                  : fmt::format("{} days", number(time / day));
}

class Paragraph {
 public:
  Paragraph(const Estimate& estimate, Sources& sources) : estimate_(estimate), sources_(sources) {}

  [[nodiscard]] std::string text() {
    return run() + energy() + carbon() + money() + water() + comparison() + uncertainty() +
           fmt::format(" Estimated with tonne {}.", version());
  }

 private:
  [[nodiscard]] const EstimateFactor* factor(std::string_view key) const {
    const auto at = std::ranges::find_if(estimate_.factors, [&](const EstimateFactor& f) { return f.key == key; });
    return at == estimate_.factors.end() ? nullptr : &*at;
  }
  [[nodiscard]] const EstimateFactor* factor_beginning(std::string_view key) const {
    const auto at =
        std::ranges::find_if(estimate_.factors, [&](const EstimateFactor& f) { return f.key.starts_with(key); });
    return at == estimate_.factors.end() ? nullptr : &*at;
  }
  // " [1, 2]" of those factors that have a source.
  [[nodiscard]] std::string cite(std::initializer_list<const EstimateFactor*> factors) {
    std::vector<std::size_t> numbers;
    for (const EstimateFactor* f : factors)
      if (f && f->provenance) numbers.push_back(sources_.number_of(*f->provenance));
    std::ranges::sort(numbers);
    const auto rest = std::ranges::unique(numbers);
    numbers.erase(rest.begin(), rest.end());
    if (numbers.empty()) return "";
    return fmt::format(" {}{}{}", kCite, fmt::join(numbers, ","), kEnd);
  }

  [[nodiscard]] std::string machines() const {
    const std::string name = estimate_.device.empty() ? (estimate_.devices == 1 ? "device" : "devices")
                                                      : printable(estimate_.device);
    return fmt::format("{} {}", number(static_cast<double>(estimate_.devices), 7), name);
  }
  [[nodiscard]] std::string work() {
    if (!estimate_.work) return "";
    std::string text = fmt::format(" does {} FLOP", number(*estimate_.work / flop, 3));
    if (const EstimateFactor* rule = factor("FLOPs rule"))
      text += fmt::format(" ({} FLOP per parameter and token{}, {} parameters, {} tokens{})",
                          number(*rule->number), cite({rule}), number(*factor("parameters")->number),
                          number(*factor("tokens")->number), epochs());
    if (const EstimateFactor* passes = factor("training / forward"))
      text += fmt::format(" ({} times {} FLOP of a forward pass{}, {} samples{})", number(*passes->number),
                          number(*factor("forward")->number), cite({passes}),
                          number(*factor("samples")->number), epochs());
    const EstimateFactor* peak = factor("peak");
    const EstimateFactor* share = factor("utilisation");
    return text + fmt::format(" and, at {} % of the peak of {} TFLOP/s{},", number(100.0 * *share->number),
                              number(*peak->number), cite({peak, share}));
  }
  [[nodiscard]] std::string epochs() const {
    const EstimateFactor* f = factor("epochs");
    return f ? fmt::format(", {} epochs", number(*f->number)) : "";
  }
  [[nodiscard]] std::string run() {
    const std::string name = printable(estimate_.name);
    const std::string hours = fmt::format("{} device-hours", number(estimate_.use.device_time / hour));
    if (estimate_.trials == 1.0)
      return fmt::format("{}{} takes {} on {} ({}).", name, work(), time_text(estimate_.use.time), machines(),
                         hours);
    return fmt::format("{} consists of {} trainings. Each{} takes {} on {} ({} in all).", name,
                       number(estimate_.trials, 7), work(), time_text(estimate_.use.time), machines(), hours);
  }
  [[nodiscard]] std::string energy() {
    const EstimateFactor* pue = factor("facility.pue");
    const bool measured = factor("watts") || factor("power");
    return fmt::format(
        " At a {}mean power of {} W per device with its share of the host{} and a PUE of {}{} it uses {}.",
        measured ? "measured " : "", number(estimate_.use.power / watt),
        cite({factor("tdp"), factor("idle"), factor_beginning("activity."), factor("host_power")}),
        number(*pue->number), cite({pue}), energy_text(estimate_.use.energy()));
  }
  [[nodiscard]] std::string carbon() {
    const EstimatedUse& use = estimate_.use;
    const EstimateFactor* grid = factor_beginning("grid");
    const std::string place = grid->provenance ? fmt::format(" ({}{})", grid->meaning, cite({grid})) : "";
    std::string text = fmt::format(" At {} g CO2e/kWh{} this emits {} in operation", number(*grid->number),
                                   place, carbon_text(use.operational));
    if (!use.embodied) return text + "; the manufacture of the machines is not counted.";
    return text + fmt::format(
                      "; the manufacture of the machines, by share of their life in use{}, adds {}, which "
                      "makes {} in all.",
                      cite({factor("embodied.device"), factor("embodied.act"), factor("embodied.host"), factor("embodied.host_act"),
                            factor("embodied.lifetime")}),
                      carbon_text(*use.embodied), carbon_text(use.carbon()));
  }
  [[nodiscard]] std::string money() {
    const EstimatedUse& use = estimate_.use;
    if (!use.money()) return "";
    const std::string rent = use.rent && *use.rent > Money{}
                                 ? fmt::format("the rent of the devices costs {} USD{}",
                                               number(*use.rent / dollar), cite({factor("price")}))
                                 : "";
    const std::string electricity =
        use.electricity ? fmt::format("electricity costs {} USD", number(*use.electricity / dollar)) : "";
    if (rent.empty() && electricity.empty()) return "";
    std::string sentence = rent + (rent.empty() || electricity.empty() ? "" : " and ") + electricity;
    sentence.front() = sentence.front() == 't' ? 'T' : 'E';
    return " " + sentence + ".";
  }
  [[nodiscard]] std::string water() {
    if (!estimate_.use.water) return "";
    const EstimateFactor* on_site = factor("facility.wue");
    const EstimateFactor* at_stations = factor("grid_water");
    const double all = *estimate_.use.water / litre;
    const double cooling = on_site ? *on_site->number * (estimate_.use.machines / kilowatt_hour) : 0.0;
    if (!at_stations) return fmt::format(" Cooling takes {} L of water{}.", number(all), cite({on_site}));
    const std::string stations =
        fmt::format("the power stations {} L{}", number(all - cooling), cite({at_stations}));
    if (!on_site) return fmt::format(" Of water {}, cooling not counted.", stations);
    return fmt::format(" Cooling takes {} L of water{}, {}.", number(cooling), cite({on_site}), stations);
  }
  [[nodiscard]] std::string comparison() {
    const Equivalent& car = equivalents().front();
    return fmt::format(" The emissions are those of {} {} {}{}{}.",
                       number(estimate_.use.carbon() / car.each, 3), car.what, kCite,
                       sources_.number_of(Sources::provenance_of(car)), kEnd);
  }

  [[nodiscard]] std::string uncertainty() const {
    if (!estimate_.spread) return "";
    const EstimateSpread& spread = *estimate_.spread;
    std::vector<std::string> ranges;
    for (const Swing& swing : spread.swings)
      ranges.push_back(fmt::format("{} {}", printable(swing.key), printable(swing.distribution)));
    return fmt::format(
        " With {} the {:.4g} % interval of the energy is {} to {}, of the emissions {} to {} ({} draws); {} "
        "moves them most.",
        fmt::join(ranges, ", "), 100.0 * spread.settings.level, energy_text(spread.energy.low),
        energy_text(spread.energy.high), carbon_text(spread.carbon.low), carbon_text(spread.carbon.high),
        spread.settings.draws, printable(spread.swings.front().key));
  }

  const Estimate& estimate_;
  Sources& sources_;
};

// Shows what stands between a mark and its end.
template <class Plain, class Marked>
std::string rendered(std::string_view text, const Plain& plain, const Marked& marked) {
  std::string out;
  while (!text.empty()) {
    const std::size_t mark = std::min(text.find_first_of(std::string{kCite, kPower}), text.size());
    out += plain(text.substr(0, mark));
    text.remove_prefix(mark);
    if (text.empty()) break;
    const std::size_t end = text.find(kEnd);
    out += marked(text.front(), text.substr(1, end - 1));
    text.remove_prefix(end + 1);
  }
  return out;
}

std::string plain_paragraph(std::string_view text) {
  return rendered(
      text, [](std::string_view part) { return std::string(part); },
      [](char mark, std::string_view inner) {
        return mark == kCite ? fmt::format("[{}]", inner) : std::string(inner);
      });
}

std::string latex_power(std::string_view text) {
  const std::size_t e = text.find('e');
  return fmt::format("${} \\times 10^{{{}}}$", text.substr(0, e), text.substr(e + 1));
}

std::string latex_cite(std::string_view numbers) {
  std::string keys = "tonne:";
  for (const char c : numbers) keys += c == ',' ? std::string(",tonne:") : std::string(1, c);
  return fmt::format("\\cite{{{}}}", keys);
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
  return text;
}

std::string latex_text(std::string_view text) {
  return replaced(latex_escaped(text), "CO2e", "CO$_2$e");
}

// --- tables -------------------------------------------------------------------------------------------

std::string padded(const std::vector<std::vector<std::string>>& rows, std::string_view indent) {
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
  return value ? fmt::format("{} {}", figure_text(*value), unit) : "not known";
}

template <class Q>
std::optional<double> in(const std::optional<Q>& value, Q unit) {
  return value ? std::optional(*value / unit) : std::nullopt;
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

std::string totals(const Estimate& estimate) {
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
    rows.push_back({"time in all", figure_text(use.makespan / hour) + " h", "",
                    fmt::format("{} trainings", figure_text(estimate.trials, 7))});
  if (estimate.work)
    rows.push_back({"arithmetic", figure_text(*estimate.work / flop) + " FLOP", "", "of one training"});
  rows.push_back(
      {"power", figure_text(use.power / watt) + " W", "", "per device with its share of the host"});
  rows.push_back({"energy", kwh(use.energy()) + " kWh",
                  interval_text(of_spread(estimate, &EstimateSpread::energy), kilowatt_hour),
                  fmt::format("machines {}, facility {}", kwh(use.machines), kwh(use.facility))});
  rows.push_back({"CO2e", kg(use.carbon()) + " kg",
                  interval_text(of_spread(estimate, &EstimateSpread::carbon), kilogram),
                  fmt::format("operational {}, embodied {}", kg(use.operational),
                              use.embodied ? kg(*use.embodied) : "not counted")});
  rows.push_back({"money", unknown_or(in(use.money(), dollar), "USD"),
                  estimate.spread ? interval_text(estimate.spread->money, dollar) : "", money_parts(use)});
  rows.push_back({"water", unknown_or(in(use.water, litre), "L"),
                  estimate.spread ? interval_text(estimate.spread->water, litre) : "", ""});
  if (!estimate.spread)
    for (auto& row : rows) row.erase(row.begin() + 2);
  return padded(rows, "  ");
}

// Bars as long as the swing, from the widest.
std::string tornado(const EstimateSpread& spread) {
  constexpr double kWidest = 30.0;
  std::vector<std::vector<std::string>> rows{{"what moves it", "from its 5 %", "to its 95 %", "kg CO2e", ""}};
  const auto width = [](const Swing& swing) { return std::abs((swing.at_high - swing.at_low) / kilogram); };
  for (const Swing& swing : spread.swings) {
    const double share =
        width(spread.swings.front()) > 0.0 ? width(swing) / width(spread.swings.front()) : 0.0;
    rows.push_back(
        {swing.key, swing.low_value, swing.high_value,
         fmt::format("{} .. {}", figure_text(swing.at_low / kilogram), figure_text(swing.at_high / kilogram)),
         std::string(static_cast<std::size_t>(std::lround(kWidest * share)), '#')});
  }
  return padded(rows, "  ");
}

std::string comparisons(const Estimate& estimate, Sources& sources) {
  std::vector<std::vector<std::string>> rows;
  for (const Equivalent& equivalent : equivalents())
    rows.push_back(
        {rows.empty() ? "as much as" : "", figure_text(estimate.use.carbon() / equivalent.each, 3),
         fmt::format("{} [{}]", equivalent.what, sources.number_of(Sources::provenance_of(equivalent)))});
  return padded(rows, "  ");
}

std::string factor_table(const Estimate& estimate, Sources& sources) {
  std::vector<std::vector<std::string>> rows{{"figure", "value", "from", "what"}};
  for (const EstimateFactor& factor : estimate.factors)
    rows.push_back({factor.key, factor.value,
                    factor.provenance ? fmt::format("[{}]{}", sources.number_of(*factor.provenance),
                                                    factor.provenance->verified ? "" : " unverified")
                                      : "given",
                    factor.meaning});
  return padded(rows, "  ");
}

// --- JSON ---------------------------------------------------------------------------------------------

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
  Sources sources(estimate);
  std::string text = headline(estimate) + "\n\n" + totals(estimate) + "\n" + comparisons(estimate, sources) +
                     "\n" + (estimate.spread ? tornado(*estimate.spread) + "\n" : "") +
                     factor_table(estimate, sources) + "\nSources\n";
  std::size_t n = 0;
  for (const Provenance& source : sources.all())
    text += fmt::format("  [{}] {} ({}){}\n", ++n, source.source, source.published,
                        source.verified ? "" : ", unverified");
  if (!estimate.notes.empty()) text += "\nTo know\n";
  for (const std::string& note : estimate.notes) text += "  - " + printable(note) + "\n";
  return text + "\nFor a paper\n  " + plain_paragraph(Paragraph(estimate, sources).text()) + "\n";
}

std::string estimate_latex(const Estimate& estimate) {
  Sources sources(estimate);
  const std::string paragraph = Paragraph(estimate, sources).text();
  std::string text = rendered(paragraph, latex_text, [](char mark, std::string_view inner) {
    return mark == kCite ? latex_cite(inner) : latex_power(inner);
  });
  text = replaced(std::move(text), " \\cite", "~\\cite");
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
  Sources sources(estimate);
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
  json["paragraph"] = plain_paragraph(Paragraph(estimate, sources).text());
  json["sources"] = Json::array();
  for (const Provenance& source : sources.all())
    json["sources"].push_back(
        {{"source", source.source}, {"year", source.published}, {"verified", source.verified}});
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string latex_escaped(std::string_view text) {
  std::string out;
  for (const char c : printable(text)) {
    switch (c) {
      case '\\':
        out += "\\textbackslash{}";
        break;
      case '~':
        out += "\\textasciitilde{}";
        break;
      case '^':
        out += "\\textasciicircum{}";
        break;
      case '<':
        out += "$<$";
        break;
      case '>':
        out += "$>$";
        break;
      case '|':
        out += "$|$";
        break;
      case '"':
        out += "''";
        break;
      case '&':
      case '%':
      case '$':
      case '#':
      case '_':
      case '{':
      case '}':
        out += '\\';
        [[fallthrough]];
      default:
        out += c;
    }
  }
  return out;
}

}  // namespace tonne
