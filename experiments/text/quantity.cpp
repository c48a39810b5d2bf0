#include "experiments/text/quantity.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>

#include "experiments/text/text_table.h"

namespace tonne {
namespace {

// A unit, and the amount in base units from which it is used.
struct Scale {
  double unit;
  double from;
  const char* name;
};

// "4.10" as "4.1", "3.00 million" as "3 million".
std::string without_zeros(std::string text) {
  const std::size_t end = std::min(text.find_first_of(" e"), text.size());
  const std::size_t point = text.find('.');
  if (point >= end) return text;
  const std::size_t last = text.find_last_not_of('0', end - 1);
  const std::size_t keep = last == point ? point : last + 1;
  return text.erase(keep, end - keep);
}

// In the largest unit that fits, the first where none does; the scales are sorted upwards.
std::string scaled(double amount, std::initializer_list<Scale> scales) {
  const Scale* fitting = scales.begin();
  if (amount == 0.0 || !std::isfinite(amount)) {
    for (const Scale& scale : scales)
      if (scale.unit == 1.0) fitting = &scale;
  } else {
    // 999.6 g are 1 kg, since they round to it.
    const double rounded = std::abs(rounded_to(amount, 3));
    for (const Scale& scale : scales)
      if (rounded >= scale.from * (1.0 - 1e-12)) fitting = &scale;
  }
  return without_zeros(significant_text(amount / fitting->unit)) + " " + fitting->name;
}

}  // namespace

std::string mass_text(Carbon mass) {
  return scaled(mass / gram,
                {{1e-6, 1e-6, "ug"}, {1e-3, 1e-3, "mg"}, {1.0, 1.0, "g"}, {1e3, 1e3, "kg"}, {1e6, 1e6, "t"}});
}

std::string dollars_text(const std::optional<Money>& money) {
  return money ? significant_text(*money / dollar) : "not known";
}

std::string money_text(Money money) {
  return scaled(money / dollar, {{1.0, 1.0, "USD"}, {1e6, 1e6, "M USD"}});
}

std::string energy_text(Energy energy) {
  return scaled(energy / watt_hour,
                {{1.0, 1.0, "Wh"}, {1e3, 1e3, "kWh"}, {1e6, 1e6, "MWh"}, {1e9, 1e9, "GWh"}});
}

std::string duration_text(Duration duration) {
  const double an_hour = hour / second;
  const double a_day = day / second;
  const double a_year = year / second;
  return scaled(duration / second, {{1e-3, 1e-3, "ms"},
                                    {1.0, 1.0, "s"},
                                    {60.0, 60.0, "min"},
                                    {an_hour, an_hour, "h"},
                                    {a_day, 2.0 * a_day, "days"},
                                    {a_year, 2.0 * a_year, "years"}});
}

}  // namespace tonne
