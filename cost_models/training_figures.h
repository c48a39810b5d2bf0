#pragma once
// How much of what a data sheet promises a device reaches in training: by kind of work and precision where somebody
// measured it, else by one set of defaults.

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/problem.h"
#include "core/units.h"

namespace tonne {

inline constexpr std::size_t kPrecisions = 6;
/// By Precision, as settings have them.
inline constexpr std::array<std::string_view, kPrecisions> kPrecisionNames = {"fp32", "tf32", "fp16",
                                                                              "bf16", "fp8",  "int8"};
inline constexpr std::size_t kWorkKinds = 4;
/// By WorkKind, as the catalogue has them.
inline constexpr std::array<std::string_view, kWorkKinds> kWorkKindNames = {"other", "convolution",
                                                                            "narrow_convolution", "transformer"};

/// Bytes of an activation. In fp8 only the products are 8 bits wide, what is kept between them is 16 (NVIDIA
/// Transformer Engine; Micikevicius et al. 2022, "FP8 formats for deep learning").
[[nodiscard]] constexpr double bytes_of_activation(Precision precision) {
  if (precision == Precision::fp32 || precision == Precision::tf32) return 4.0;
  return precision == Precision::int8 ? 1.0 : 2.0;
}

/// Some of the figures below: those that somebody measured, or that the user gives.
struct TrainingFigures {
  std::optional<double> utilisation;            ///< share of the precision's peak that arithmetic reaches
  std::optional<double> bandwidth_utilisation;  ///< share of peak bandwidth that traffic reaches
  std::optional<Duration> step_overhead;        ///< fixed time of an optimiser step
  std::optional<Duration> startup;              ///< fixed time of a trial
  std::optional<double> compute;                ///< dynamic power as a share of (TDP - idle), while arithmetic is the limit
  std::optional<double> memory;                 ///< the same while traffic is
  std::optional<double> waiting;                ///< the same between kernels

  /// Each figure from here, else from there.
  [[nodiscard]] TrainingFigures or_else(const TrainingFigures& other) const;
};

/// A row of a catalogue's `training:`.
struct MeasuredTraining {
  std::optional<WorkKind> kind;        ///< none: of any kind
  std::optional<Precision> precision;  ///< none: of any precision
  TrainingFigures figures;
};

/// What stands where nobody measured. Fitted to half of the runs of EC-NAS-Bench: 91 small cell networks, trained
/// three times each on a Quadro RTX 6000 in mixed fp16 (docs/validation.md). `waiting` is assumed. In fp16 activations
/// are half as long, but traffic was not faster: it reached 0.285 of the bandwidth, which is 0.57 for numbers of 4
/// bytes. So convolutions below fp32 take 0.285 (inference in 16 bits: 0.20 on an A100, 0.24 on an RTX 3090).
[[nodiscard]] TrainingFigures default_training_figures(WorkKind kind, Precision precision);

/// The figures for this work: the row of this kind and precision, then of this kind, then of this precision, then of
/// any, then the defaults; each figure by itself. All are present.
[[nodiscard]] TrainingFigures training_figures(std::span<const MeasuredTraining> measured, WorkKind kind,
                                               Precision precision);

/// In which precision a device runs work that a problem counts in `counted`, when the user names none; the peaks
/// say what the device has. Frameworks run fp32 convolutions in TF32 where the device has it (PyTorch since 1.7,
/// torch.backends.cudnn.allow_tf32; TensorFlow since 2.4), but other products in fp32 (PyTorch since 1.12,
/// torch.backends.cuda.matmul.allow_tf32). A format that the device lacks is replaced by its nearest: bf16 and fp16
/// by each other, then by fp32; fp32 by the widest there is, as TPUs multiply fp32 in bf16. `counted` where the
/// device has no peak at all.
[[nodiscard]] Precision automatic_precision(Precision counted, WorkKind kind,
                                            const std::array<bool, kPrecisions>& has);

}  // namespace tonne
