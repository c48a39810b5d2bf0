#pragma once
// Which training figures an estimate uses, and where they come from.

#include <string_view>

#include "cost_models/catalogue.h"
#include "experiments/footprint/estimate_basis.h"

namespace tonne {

/// Of the defaults that nobody measured on this device.
[[nodiscard]] const Provenance& fitted_default();
/// A source such as "vendor's data sheet" says nothing without the device.
[[nodiscard]] Provenance of_device(const Device& device, Provenance provenance);
/// The precision that the training runs in.
[[nodiscard]] Precision runs_in(const EstimateBasis& basis);
[[nodiscard]] TrainingFigures figures_of(const EstimateBasis& basis);
/// The source of the catalogue's row, where it has one for this kind of work and precision; else fitted_default().
[[nodiscard]] Provenance measured_or_fitted(const EstimateBasis& basis, std::string_view figure);

}  // namespace tonne
