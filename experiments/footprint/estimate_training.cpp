#include "experiments/footprint/estimate_training.h"

#include <fmt/format.h>

#include <utility>

#include "cost_models/used_factors.h"

namespace tonne {

const Provenance& fitted_default() {
  return fitted_provenance();
}

Provenance of_device(const Device& device, Provenance provenance) {
  provenance.source = device.name + ", " + provenance.source;
  return provenance;
}

Precision runs_in(const EstimateBasis& basis) {
  Workload work;
  work.precision = basis.request.settings.precision();
  work.kind = basis.request.settings.kind();
  return basis.machine.precision_of(work);
}

TrainingFigures figures_of(const EstimateBasis& basis) {
  const EstimateSettings& settings = basis.request.settings;
  return training_figures(settings.cluster, *basis.entries.device, settings.kind(), runs_in(basis));
}

Provenance measured_or_fitted(const EstimateBasis& basis, std::string_view figure) {
  if (!basis.entries.device) return fitted_default();  // a device without a name, of measured power
  const Device& device = *basis.entries.device;
  const auto kind = kWorkKindNames[static_cast<std::size_t>(basis.request.settings.kind())];
  const auto precision = kPrecisionNames[static_cast<std::size_t>(runs_in(basis))];
  for (const std::string_view of_kind : {kind, std::string_view("any")})
    for (const std::string_view in : {precision, std::string_view("any")})
      if (const FigureRecord* row =
              device.record.find(fmt::format("training.{}/{}.{}", of_kind, in, figure)))
        return of_device(device, row->provenance);
  return fitted_default();
}

}  // namespace tonne
