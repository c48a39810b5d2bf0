#include "experiments/footprint/estimate_paragraph.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error.h"
#include "experiments/footprint/figure_text.h"
#include "experiments/text/latex_text.h"
#include "experiments/text/version.h"

namespace tonne {
namespace {

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
  Paragraph(const Estimate& estimate, EstimateSources& sources) : estimate_(estimate), sources_(sources) {}

  [[nodiscard]] std::string text() {
    return run() + energy() + carbon() + money() + water() + comparison() + uncertainty() +
           fmt::format(" Estimated with tonne {}.", version());
  }

 private:
  [[nodiscard]] const EstimateFactor* factor(std::string_view key) const {
    const auto at =
        std::ranges::find_if(estimate_.factors, [&](const EstimateFactor& f) { return f.key == key; });
    return at == estimate_.factors.end() ? nullptr : &*at;
  }
  [[nodiscard]] const EstimateFactor* factor_beginning(std::string_view key) const {
    const auto at = std::ranges::find_if(estimate_.factors,
                                         [&](const EstimateFactor& f) { return f.key.starts_with(key); });
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
    std::string text = fmt::format(" performs {} FLOP", number(*estimate_.work / flop, 3));
    if (const EstimateFactor* rule = factor("FLOPs rule"))
      text += fmt::format(" ({} FLOP per parameter and token{}, {} parameters, {} tokens{})",
                          number(*rule->number), cite({rule}), number(*factor("parameters")->number),
                          number(*factor("tokens")->number), epochs());
    if (const EstimateFactor* passes = factor("training / forward"))
      text += fmt::format(" ({} times {} FLOP per forward pass{}, {} samples{})", number(*passes->number),
                          number(*factor("forward")->number), cite({passes}),
                          number(*factor("samples")->number), epochs());
    const EstimateFactor* peak = factor("peak");
    const EstimateFactor* share = factor("utilisation");
    return text + fmt::format(" and, at {} % of the {} TFLOP/s peak{},", number(100.0 * *share->number),
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
    return fmt::format("{} consists of {} training runs. Each{} takes {} on {} ({} in total).", name,
                       number(estimate_.trials, 7), work(), time_text(estimate_.use.time), machines(), hours);
  }
  [[nodiscard]] std::string energy() {
    const EstimateFactor* pue = factor("facility.pue");
    const bool measured = factor("watts") || factor("power");
    return fmt::format(
        " At a {}mean power of {} W per device, including its share of the host{}, and a PUE of {}{}, it "
        "uses {}.",
        measured ? "measured " : "", number(estimate_.use.power / watt),
        cite({factor("tdp"), factor("idle"), factor_beginning("activity."), factor("host_power")}),
        number(*pue->number), cite({pue}), energy_text(estimate_.use.energy()));
  }
  [[nodiscard]] std::string carbon() {
    const EstimatedUse& use = estimate_.use;
    const EstimateFactor* grid = factor_beginning("grid");
    const std::string place = grid->provenance ? fmt::format(" ({}{})", grid->meaning, cite({grid})) : "";
    std::string text = fmt::format(" At {} g CO2e/kWh{}, operation emits {}", number(*grid->number), place,
                                   carbon_text(use.operational));
    if (!use.embodied) return text + "; embodied emissions are not included.";
    return text +
           fmt::format(
               "; embodied emissions, by share of the hardware's service life{}, add {}, for a total of {}.",
               cite({factor("embodied.device"), factor("embodied.act"), factor("embodied.host"),
                     factor("embodied.host_act"), factor("embodied.lifetime")}),
               carbon_text(*use.embodied), carbon_text(use.carbon()));
  }
  [[nodiscard]] std::string money() {
    const EstimatedUse& use = estimate_.use;
    if (!use.money()) return "";
    const std::string rent = use.rent && *use.rent > Money{}
                                 ? fmt::format("renting the devices costs {} USD{}",
                                               number(*use.rent / dollar), cite({factor("price")}))
                                 : "";
    const std::string electricity =
        use.electricity ? fmt::format("electricity costs {} USD", number(*use.electricity / dollar)) : "";
    if (rent.empty() && electricity.empty()) return "";
    std::string sentence = rent + (rent.empty() || electricity.empty() ? "" : " and ") + electricity;
    sentence.front() = rent.empty() ? 'E' : 'R';
    return " " + sentence + ".";
  }
  [[nodiscard]] std::string water() {
    if (!estimate_.use.water) return "";
    const EstimateFactor* on_site = factor("facility.wue");
    const EstimateFactor* at_stations = factor("grid_water");
    const double all = *estimate_.use.water / litre;
    const double cooling = on_site ? *on_site->number * (estimate_.use.machines / kilowatt_hour) : 0.0;
    if (!at_stations) return fmt::format(" Cooling uses {} L of water{}.", number(all), cite({on_site}));
    const std::string stations =
        fmt::format("power generation {} L{}", number(all - cooling), cite({at_stations}));
    if (!on_site) return fmt::format(" Water use: {}; cooling is not included.", stations);
    return fmt::format(" Cooling uses {} L of water{}, {}.", number(cooling), cite({on_site}), stations);
  }
  [[nodiscard]] std::string comparison() {
    const Equivalent& car = equivalents().front();
    return fmt::format(" The emissions are equivalent to {} {} {}{}{}.",
                       number(estimate_.use.carbon() / car.each, 3), car.what, kCite, sources_.number_of(car),
                       kEnd);
  }

  [[nodiscard]] std::string uncertainty() const {
    if (!estimate_.spread) return "";
    const EstimateSpread& spread = *estimate_.spread;
    std::vector<std::string> ranges;
    for (const Swing& swing : spread.swings)
      ranges.push_back(fmt::format("{} {}", printable(swing.key), printable(swing.distribution)));
    return fmt::format(
        " With {}, the {:.4g} % interval is {} to {} for energy and {} to {} for emissions ({} draws); the "
        "emissions are most sensitive to {}.",
        fmt::join(ranges, ", "), 100.0 * spread.settings.level, energy_text(spread.energy.low),
        energy_text(spread.energy.high), carbon_text(spread.carbon.low), carbon_text(spread.carbon.high),
        spread.settings.draws, printable(spread.swings.front().key));
  }

  const Estimate& estimate_;
  EstimateSources& sources_;
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

}  // namespace

std::string plain_paragraph(const Estimate& estimate, EstimateSources& sources) {
  return rendered(
      Paragraph(estimate, sources).text(), [](std::string_view part) { return std::string(part); },
      [](char mark, std::string_view inner) {
        return mark == kCite ? fmt::format("[{}]", inner) : std::string(inner);
      });
}

std::string latex_paragraph(const Estimate& estimate, EstimateSources& sources) {
  std::string text =
      rendered(Paragraph(estimate, sources).text(), latex_text, [](char mark, std::string_view inner) {
        return mark == kCite ? latex_cite(inner) : latex_power(inner);
      });
  return replaced(std::move(text), " \\cite", "~\\cite");
}

}  // namespace tonne
