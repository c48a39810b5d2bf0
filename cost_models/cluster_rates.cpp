#include "cost_models/cluster_rates.h"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/error.h"
#include "cost_models/catalogue.h"
#include "cost_models/first_of.h"
#include "cost_models/machine_model.h"

namespace tonne {
namespace {

// "V100 has no bf16 (it has fp32, fp16); a peak of your own goes into cluster.peak"
std::string refused_precision(Precision asked, const Device& device,
                              const std::array<bool, kPrecisions>& has) {
  std::vector<std::string> known;
  for (std::size_t p = 0; p < kPrecisions; ++p)
    if (has[p]) known.emplace_back(kPrecisionNames[p]);
  return fmt::format(
      "the catalogue has no {} peak for {} (it has {}): give cluster.peak, or another precision",
      kPrecisionNames[static_cast<std::size_t>(asked)], device.name,
      known.empty() ? "none" : join_names(known));
}

// Arithmetic and traffic, as far as peak and bandwidth are known.
void set_reached(MachineRates& rates, const ClusterSettings& settings, const Device& device,
                 Precision precision, double utilisation, double bandwidth_utilisation) {
  if (const auto peak = first_of(settings.peak, device.peak_of(precision)))
    rates.arithmetic = *peak * utilisation;
  if (const auto bandwidth = first_of(settings.bandwidth, device.bandwidth))
    rates.traffic = *bandwidth * bandwidth_utilisation;
}

MachineRates rates_for(const ClusterSettings& settings, const Device& device, WorkKind kind,
                       Precision precision) {
  const TrainingFigures figures = training_figures(settings, device, kind, precision);
  MachineRates rates;
  set_reached(rates, settings, device, precision, *figures.utilisation, *figures.bandwidth_utilisation);
  rates.step_overhead = *figures.step_overhead;
  rates.startup = *figures.startup;
  rates.compute = *figures.compute;
  rates.memory = *figures.memory;
  rates.waiting = *figures.waiting;
  return rates;
}

MachineRates inference_rates_for(const ClusterSettings& settings, const Device& device, WorkKind kind,
                                 Precision precision) {
  const InferenceFigures figures = inference_figures(settings, device, kind, precision);
  MachineRates rates = rates_for(settings, device, kind, precision);
  set_reached(rates, settings, device, precision, *figures.utilisation, *figures.bandwidth_utilisation);
  rates.launch = *figures.launch;
  rates.call = *figures.call;
  rates.power = figures.power;
  rates.call_energy = figures.call_energy.value_or(Energy{});
  return rates;
}

}  // namespace

TrainingFigures given_figures(const ClusterSettings& settings) {
  return {settings.utilisation,     settings.bandwidth_utilisation, settings.step_overhead,
          settings.startup,         settings.activity.compute,      settings.activity.memory,
          settings.activity.waiting};
}

Precision automatic_precision(const ClusterSettings& settings, const Device& device, WorkKind kind,
                              Precision counted) {
  if (settings.peak) return counted;
  std::array<bool, kPrecisions> has{};
  for (std::size_t p = 0; p < kPrecisions; ++p) has[p] = device.peak[p].has_value();
  return automatic_precision(counted, kind, has);
}

TrainingFigures training_figures(const ClusterSettings& settings, const Device& device, WorkKind kind,
                                 Precision precision) {
  return given_figures(settings).or_else(training_figures(device.training, kind, precision));
}

InferenceFigures inference_figures(const ClusterSettings& settings, const Device& device, WorkKind kind,
                                   Precision precision) {
  InferenceFigures of_cluster;  // what the user says of the device holds of its uses, too
  of_cluster.utilisation = settings.utilisation;
  of_cluster.bandwidth_utilisation = settings.bandwidth_utilisation;
  const TrainingFigures training = training_figures(settings, device, kind, precision);
  InferenceFigures of_training;
  of_training.utilisation = training.utilisation;
  of_training.bandwidth_utilisation = training.bandwidth_utilisation;
  return settings.inference.figures.or_else(of_cluster)
      .or_else(inference_figures(device.inference, kind, precision))
      .or_else(default_inference_figures(device.kind))
      .or_else(of_training);
}

void resolve_rates(const ClusterSettings& settings, const Device& device, MachineParameters& machine) {
  std::array<bool, kPrecisions> has{};
  for (std::size_t p = 0; p < kPrecisions; ++p) has[p] = settings.peak || device.peak[p];
  if (settings.precision && !has[static_cast<std::size_t>(*settings.precision)])
    throw InputError({}, "cluster.precision", refused_precision(*settings.precision, device, has));
  machine.precision = settings.precision;
  for (std::size_t k = 0; k < kWorkKinds; ++k) {
    const auto kind = static_cast<WorkKind>(k);
    for (std::size_t p = 0; p < kPrecisions; ++p) {
      const auto precision = static_cast<Precision>(p);
      machine.automatic[k][p] = automatic_precision(settings, device, kind, precision);
      machine.rates[k][p] = rates_for(settings, device, kind, precision);
      machine.inference_rates[k][p] = inference_rates_for(settings, device, kind, precision);
    }
  }
}

}  // namespace tonne
