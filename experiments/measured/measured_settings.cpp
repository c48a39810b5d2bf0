#include "experiments/measured/measured_settings.h"

#include <array>

#include "cost_models/time.h"

namespace tonne {
namespace {

constexpr std::array<std::string_view, 2> kEnergies = {"device", "total"};

// A day, or a year alone.
bool is_date(const std::string& text) {
  return (text.size() == 10 && parse_utc(text).has_value()) ||
         (text.size() == 4 && text.find_first_not_of("0123456789") == std::string::npos && text >= "1900");
}

}  // namespace

void MeasuredSettings::visit(SettingsVisitor& visitor) {
  visitor.path("table", table, "CSV file, one row per run");
  visitor.text("seconds", seconds, "column of the run's time");
  visitor.text("rate", rate, "column of runs per second, instead of seconds");
  visitor.text("joules", joules, "column of the run's energy");
  visitor.text("watts", watts, "column of the mean power over the run, instead of joules");
  visitor.text("idle_watts", idle_watts, "column of the device's idle power, read before or after a run");
  visitor.text("kwh", kwh, "column of the run's energy in kWh, instead of joules");
  visitor.choice("energy", energy, kEnergies, "whose energy it is: the device's, or device, host and facility");
  visitor.text("group", group, "column whose equal values are repeats of one thing");
  visitor.text("hold_out", hold_out, "column of which every second value is kept out of fits; rows: every second row");
  visitor.text("date", date, "day (2026-11-30) or year of the measurement; a fit needs it");
  visitor.texts("fit", fit, "figures to fit; default: all that the rows can tell");
  visitor.require(!table.empty(), "table", "is missing: the CSV file with the measured runs");
  visitor.require(!seconds.empty() || !rate.empty(), "seconds", "is missing: the column with each run's time");
  visitor.require(seconds.empty() || rate.empty(), "rate", "seconds is given too; expected one of them");
  visitor.require(date.empty() || is_date(date), "date", "is no day such as 2026-11-30 and no year");
  const int energies = (joules.empty() ? 0 : 1) + (kwh.empty() ? 0 : 1) + (watts.empty() ? 0 : 1);
  visitor.require(energies <= 1, watts.empty() ? "kwh" : "watts", "another energy is given too; expected one of them");
}

void WorkSettings::visit(SettingsVisitor& visitor) {
  constexpr std::array<std::string_view, 2> kNetworks = {"none", "accel_nasbench"};
  std::size_t counted = network.empty() ? 0 : 1;
  visitor.choice_index("network", counted, kNetworks, "network whose layers are counted from columns");
  network = counted == 0 ? "" : std::string(kNetworks[counted]);
  visitor.choice("kind", kind, kWorkKindNames, "kind of work");
  visitor.choice("precision", precision, kPrecisionNames, "number format in which traffic is counted");
  visitor.flag("inference", inference, "one forward pass per sample instead of a training");
  const auto amount = [&](const char* key, std::string& value, const char* meaning) {
    visitor.text(key, value, std::string(meaning) + ": a number or a column");
  };
  amount("flops", flops, "FLOPs of the run");
  amount("flops_per_sample", flops_per_sample, "further FLOPs of each sample");
  amount("traffic", traffic, "bytes moved in the run");
  amount("traffic_per_sample", traffic_per_sample, "further bytes of each sample");
  amount("traffic_per_step", traffic_per_step, "further bytes of each step");
  amount("samples", samples, "samples seen");
  amount("batch", batch, "samples of a step");
  amount("steps", steps, "steps; default: samples / batch");
  amount("parameters", parameters, "trainable weights");
  amount("scale", scale, "factor on all of the work");
  amount("power_limit", power_limit, "power limit of the device in W");
  visitor.number("activation_traffic", activation_traffic, Bounds::between(0.0, 1.0),
                 "share of the traffic whose size follows the precision");
}

}  // namespace tonne
