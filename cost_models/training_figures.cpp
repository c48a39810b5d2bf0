#include "cost_models/training_figures.h"

#include <algorithm>

#include "cost_models/first_of.h"

namespace tonne {
namespace {

bool convolves(WorkKind kind) {
  return kind == WorkKind::convolution || kind == WorkKind::narrow_convolution;
}

// What stands for a format that a device lacks, the nearest first.
std::span<const Precision> substitutes(Precision counted) {
  using enum Precision;
  static constexpr std::array kOfFp32 = {tf32, bf16, fp16, fp8, int8};
  static constexpr std::array kOfTf32 = {fp32, bf16, fp16, fp8, int8};
  static constexpr std::array kOfFp16 = {bf16, fp32, tf32, fp8, int8};
  static constexpr std::array kOfBf16 = {fp16, fp32, tf32, fp8, int8};
  static constexpr std::array kOfFp8 = {bf16, fp16, fp32, tf32, int8};
  static constexpr std::array kOfInt8 = {fp8, fp16, bf16, fp32, tf32};
  switch (counted) {
    case fp32:
      return kOfFp32;
    case tf32:
      return kOfTf32;
    case fp16:
      return kOfFp16;
    case bf16:
      return kOfBf16;
    case fp8:
      return kOfFp8;
    case int8:
      return kOfInt8;
  }
  return kOfFp32;
}

}  // namespace

TrainingFigures TrainingFigures::or_else(const TrainingFigures& other) const {
  return {first_of(utilisation, other.utilisation),     first_of(bandwidth_utilisation, other.bandwidth_utilisation),
          first_of(step_overhead, other.step_overhead), first_of(startup, other.startup),
          first_of(compute, other.compute),             first_of(memory, other.memory),
          first_of(waiting, other.waiting)};
}

TrainingFigures default_training_figures(WorkKind kind, Precision precision) {
  constexpr double kOfBandwidth = 0.57;
  const bool halved = convolves(kind) && bytes_of_activation(precision) < 4.0;
  TrainingFigures figures;
  figures.utilisation = 0.275;
  figures.bandwidth_utilisation = halved ? 0.5 * kOfBandwidth : kOfBandwidth;
  figures.step_overhead = Duration::from_base(0.005);  // fitted: 4.9 ms
  // By so much the first run of a network took longer than its repeats.
  figures.startup = 2.0 * second;
  figures.compute = 0.97;
  figures.memory = 0.60;
  figures.waiting = 0.10;
  return figures;
}

TrainingFigures training_figures(std::span<const MeasuredTraining> measured, WorkKind kind,
                                 Precision precision) {
  TrainingFigures figures;
  const auto take = [&](std::optional<WorkKind> of_kind, std::optional<Precision> of_precision) {
    for (const MeasuredTraining& row : measured)
      if (row.kind == of_kind && row.precision == of_precision) figures = figures.or_else(row.figures);
  };
  take(kind, precision);
  take(kind, std::nullopt);
  take(std::nullopt, precision);
  take(std::nullopt, std::nullopt);
  return figures.or_else(default_training_figures(kind, precision));
}

Precision automatic_precision(Precision counted, WorkKind kind, const std::array<bool, kPrecisions>& has) {
  const auto there = [&](Precision p) { return has[static_cast<std::size_t>(p)]; };
  if (counted == Precision::fp32 && convolves(kind) && there(Precision::tf32)) return Precision::tf32;
  if (there(counted)) return counted;
  const auto nearest = std::ranges::find_if(substitutes(counted), there);
  return nearest == substitutes(counted).end() ? counted : *nearest;
}

}  // namespace tonne
