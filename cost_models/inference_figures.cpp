#include "cost_models/inference_figures.h"

#include "core/units.h"
#include "cost_models/first_of.h"

namespace tonne {
namespace {

InferenceFigures fixed_times(Duration launch, Duration call) {
  InferenceFigures figures;
  figures.launch = launch;
  figures.call = call;
  return figures;
}

}  // namespace

InferenceFigures InferenceFigures::or_else(const InferenceFigures& other) const {
  return {first_of(utilisation, other.utilisation),
          first_of(bandwidth_utilisation, other.bandwidth_utilisation),
          first_of(launch, other.launch),
          first_of(call, other.call),
          first_of(power, other.power),
          first_of(call_energy, other.call_energy)};
}

bool launches_ahead(std::string_view device_kind) {
  return device_kind != "cpu" && device_kind != "microcontroller";
}

InferenceFigures default_inference_figures(std::string_view device_kind) {
  if (device_kind == "cpu") return fixed_times(0.5e-6 * second, 0.2e-3 * second);
  if (device_kind == "microcontroller") return fixed_times(1e-6 * second, Duration{});
  if (device_kind == "tpu" || device_kind == "accelerator") return fixed_times(Duration{}, 3e-3 * second);
  return fixed_times(33e-6 * second, 3e-3 * second);
}

InferenceFigures inference_figures(std::span<const MeasuredInference> measured, WorkKind kind,
                                   Precision precision) {
  InferenceFigures figures;
  const auto take = [&](std::optional<WorkKind> of_kind, std::optional<Precision> of_precision) {
    for (const MeasuredInference& row : measured)
      if (row.kind == of_kind && row.precision == of_precision) figures = figures.or_else(row.figures);
  };
  take(kind, precision);
  take(kind, std::nullopt);
  take(std::nullopt, precision);
  take(std::nullopt, std::nullopt);
  return figures;
}

}  // namespace tonne
