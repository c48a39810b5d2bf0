#include "experiments/measured/prediction.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <memory>
#include <numeric>

#include "core/error.h"

namespace tonne {
namespace {

Energy energy_of(const Charge& charge, MeasuredEnergy energy) {
  if (energy == MeasuredEnergy::total) return charge.total().energy;
  return charge[Line::device_dynamic].energy + charge[Line::device_idle].energy;
}

std::optional<double> r_squared(std::span<const double> measured, std::span<const double> predicted) {
  const double mean =
      std::accumulate(measured.begin(), measured.end(), 0.0) / static_cast<double>(measured.size());
  double residual = 0.0;
  double total = 0.0;
  for (std::size_t i = 0; i < measured.size(); ++i) {
    residual += (measured[i] - predicted[i]) * (measured[i] - predicted[i]);
    total += (measured[i] - mean) * (measured[i] - mean);
  }
  // What differs by rounding alone does not differ.
  const double least = 1e-12 * mean * mean * static_cast<double>(measured.size());
  return total > least ? std::optional(1.0 - residual / total) : std::nullopt;
}

}  // namespace

std::vector<Prediction> predict(const MachineParameters& machine, std::span<const MeasuredRun> runs,
                                MeasuredEnergy energy) {
  // One model for each power limit: most tables have one, scans have seven.
  std::map<double, MachineCostModel> models;
  std::vector<Prediction> predictions;
  predictions.reserve(runs.size());
  for (const MeasuredRun& run : runs) {
    const std::optional<Power> given = run.power_limit ? run.power_limit : machine.power_limit;
    const Power limit = given.value_or(machine.tdp);
    if (given && limit <= machine.idle)
      throw InputError(fmt::format("row in line {}: a power limit of {} W is not above the {} W idle power of {}",
                                   run.line, limit / watt, machine.idle / watt, machine.device));
    auto known = models.find(limit.base());
    if (known == models.end()) {
      MachineParameters limited = machine;
      limited.power_limit = limit;
      limited.grid = GridSignal::constant(Intensity{}, SignalNature{});  // a trace may end before the runs do
      known = models.emplace(limit.base(), MachineCostModel(std::move(limited))).first;
    }
    const Charge charge = known->second.charge(run.work, Duration{});
    predictions.push_back({charge.time, energy_of(charge, energy)});
  }
  return predictions;
}

void refuse_senseless(std::span<const MeasuredRun> runs, std::span<const Prediction> predictions) {
  const auto sensible = [](double value) { return value > 0.0 && std::isfinite(value); };
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const bool time = sensible(predictions[i].time / second);
    if (time && (!runs[i].energy || sensible(predictions[i].energy / joule))) continue;
    throw InputError(fmt::format("row in line {}: the cost model predicts {:g} {}, which nothing can be compared with: "
                                 "look at the row's work and at the cluster's {}",
                                 runs[i].line, time ? predictions[i].energy / joule : predictions[i].time / second,
                                 time ? "J" : "s", time ? "idle and activity" : "figures of time"));
  }
}

std::vector<ComparedRun> compare(std::span<const MeasuredRun> runs, std::span<const Prediction> predictions) {
  std::vector<ComparedRun> compared;
  for (std::size_t i = 0; i < runs.size(); ++i)
    compared.push_back({runs[i].job, runs[i].unseen, runs[i].time / second, predictions[i].time / second,
                        runs[i].energy ? *runs[i].energy / joule : 0.0, predictions[i].energy / joule});
  return compared;
}

std::vector<ComparedRun> compare_runs(const Measurements& measurements) {
  std::vector<ComparedRun> compared;
  for (const MeasuredJob& job : measurements.jobs) {
    const auto predictions = predict(resolve_machine(job.cluster), job.runs, measurements.energy);
    refuse_senseless(job.runs, predictions);
    std::ranges::copy(compare(job.runs, predictions), std::back_inserter(compared));
  }
  return compared;
}

Agreement agreement(std::span<const double> measured, std::span<const double> predicted) {
  Agreement result;
  result.rows = measured.size();
  if (measured.empty()) return result;
  std::vector<double> log_measured, log_predicted;
  double bias = 0.0;
  for (std::size_t i = 0; i < measured.size(); ++i) {
    result.mean_error += std::abs(predicted[i] / measured[i] - 1.0);
    log_measured.push_back(std::log(measured[i]));
    log_predicted.push_back(std::log(predicted[i]));
    bias += log_predicted.back() - log_measured.back();
  }
  const auto rows = static_cast<double>(measured.size());
  result.mean_error /= rows;
  result.bias = std::exp(bias / rows);
  result.r2 = r_squared(measured, predicted);
  result.r2_log = r_squared(log_measured, log_predicted);
  return result;
}

}  // namespace tonne
