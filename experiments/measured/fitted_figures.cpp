#include "experiments/measured/fitted_figures.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace tonne {
namespace {

constexpr std::array<std::string_view, kFittedFigures> kNames = {
    "utilisation", "bandwidth_utilisation", "step_overhead", "startup", "idle", "compute", "memory", "waiting"};


using enum FittedFigure;

bool is_share(FittedFigure figure) {
  return figure != step_overhead && figure != startup && figure != idle;
}

}  // namespace

std::string_view name_of(FittedFigure figure) {
  return kNames[static_cast<std::size_t>(figure)];
}

std::span<const std::string_view> figure_names() {
  return kNames;
}

bool needs_energy(FittedFigure figure) {
  return figure == idle || figure == compute || figure == memory || figure == waiting;
}


double to_line(FittedFigure figure, double value) {
  constexpr double kEdge = 1e-4;
  if (!is_share(figure)) return std::log(std::max(value, 1e-6));
  const double share = std::clamp(value, kEdge, 1.0 - kEdge);
  return std::log(share / (1.0 - share));
}
double from_line(FittedFigure figure, double x) {
  return is_share(figure) ? 1.0 / (1.0 + std::exp(-x)) : std::exp(x);
}

double prior_spread(FittedFigure figure) {
  switch (figure) {
    case utilisation:
    case bandwidth_utilisation:
      return 0.9;
    case step_overhead:
      return 1.4;
    case startup:
      return 1.0;
    case idle:
      return 0.3;
    case compute:
      return 1.2;
    case memory:
      return 0.7;
    case waiting:
      return 0.8;
  }
  return 1.0;
}

bool is_given(FittedFigure figure, const ClusterSettings& cluster) {
  switch (figure) {
    case utilisation:
      return cluster.utilisation.has_value();
    case bandwidth_utilisation:
      return cluster.bandwidth_utilisation.has_value();
    case step_overhead:
      return cluster.step_overhead.has_value();
    case startup:
      return cluster.startup.has_value();
    case idle:
      return cluster.idle.has_value();
    case compute:
      return cluster.activity.compute.has_value();
    case memory:
      return cluster.activity.memory.has_value();
    case waiting:
      return cluster.activity.waiting.has_value();
  }
  return false;
}

std::string_view what_would_tell(FittedFigure figure) {
  switch (figure) {
    case utilisation:
      return "runs with much arithmetic for each byte: wide convolutions, large matrices";
    case bandwidth_utilisation:
      return "runs with little arithmetic for each byte: pooling, narrow or depthwise convolutions";
    case step_overhead:
      return "the same training with smaller batches, so with more steps";
    case startup:
      return "short and long runs of the same training";
    case idle:
      return "a reading of the idle device: tonne meter shows one before and after a run";
    case compute:
      return "joules or watts of runs with much arithmetic for each byte";
    case memory:
      return "joules or watts of runs with little arithmetic for each byte";
    case waiting:
      return "joules or watts of runs with tiny batches, whose device mostly waits";
  }
  return "";
}

}  // namespace tonne
