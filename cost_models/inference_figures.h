#pragma once
// What a device reaches when it runs a trained network: by kind of work and precision where somebody measured
// it.

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/problem.h"
#include "core/units.h"

namespace tonne {

/// Some of the figures below: those that somebody measured, or that the user gives.
struct InferenceFigures {
  std::optional<double> utilisation;            ///< share of the precision's peak that arithmetic reaches
  std::optional<double> bandwidth_utilisation;  ///< share of peak bandwidth that traffic reaches
  std::optional<Duration> launch;               ///< fixed time of each operation of a forward pass
  std::optional<Duration> call;                 ///< fixed time of a forward pass
  std::optional<Power> power;                   ///< all that the device is charged for while it infers
  std::optional<Energy> call_energy;            ///< fixed energy of a forward pass, on top of that power

  /// Each figure from here, else from there.
  [[nodiscard]] InferenceFigures or_else(const InferenceFigures& other) const;
};

/// A row of a catalogue's `inference:`.
struct MeasuredInference {
  std::optional<WorkKind> kind;        ///< none: of any kind
  std::optional<Precision> precision;  ///< none: of any precision
  InferenceFigures figures;
};

/// Whether an operation is launched while earlier ones still run: devices that a host feeds through a queue
/// ("gpu", "tpu", "accelerator", "edge"), so that launches cost time only where they take longer than the
/// work. A processor launches and computes itself, one after the other ("cpu", "microcontroller").
[[nodiscard]] bool launches_ahead(std::string_view device_kind);

/// `launch` and `call` where nobody measured, by the catalogue's kind of device; the other figures are
/// absent, and the training figures or the model of power stand for them. gpu, edge: 33 us (an eager
/// framework: 26 to 41 us explained the times of three GPUs at batch 1) and 3 ms (what a GTX 1080 Ti took
/// beyond that; a Titan RTX and an RTX 2080 Ti fit it too). cpu: 0.5 us and 0.2 ms, as on a Raspberry Pi 5
/// with an optimising runtime. tpu, accelerator: compiled to one launch; 3 ms is carried over from GPUs.
/// microcontroller: 1 us, no call; assumed.
[[nodiscard]] InferenceFigures default_inference_figures(std::string_view device_kind);

/// The figures of the rows for this work: of this kind and precision, then of this kind, then of this
/// precision, then of any; each figure by itself.
[[nodiscard]] InferenceFigures inference_figures(std::span<const MeasuredInference> measured, WorkKind kind,
                                                 Precision precision);

}  // namespace tonne
