#include "experiments/measured/calibration.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <set>
#include <span>
#include <utility>

#include "core/error.h"
#include "cost_models/machine_model.h"

namespace tonne {
namespace {

SideAgreement agreement_of(std::span<const ComparedRun> runs) {
  std::vector<double> seconds, predicted_seconds, joules, predicted_joules;
  for (const ComparedRun& run : runs) {
    seconds.push_back(run.seconds);
    predicted_seconds.push_back(run.predicted_seconds);
    if (run.joules == 0.0) continue;
    joules.push_back(run.joules);
    predicted_joules.push_back(run.predicted_joules);
  }
  SideAgreement side;
  side.time = agreement(seconds, predicted_seconds);
  if (!joules.empty()) side.energy = agreement(joules, predicted_joules);
  return side;
}

SideAgreement side_of(std::span<const MeasuredRun> runs, std::span<const Prediction> predictions) {
  return agreement_of(compare(runs, predictions));
}

// --- Which rows and figures

std::vector<FittedFigure> figures_of(const Measurements& measurements, const ClusterSettings& cluster,
                                     std::span<const MeasuredRun> runs) {
  const bool any_energy = std::ranges::any_of(runs, [](const auto& run) { return run.energy.has_value(); });
  const bool any_idle = std::ranges::any_of(runs, [](const auto& run) { return run.idle.has_value(); });
  std::vector<FittedFigure> figures;
  for (std::size_t i = 0; i < kFittedFigures; ++i) {
    const auto figure = static_cast<FittedFigure>(i);
    const bool readable = figure == FittedFigure::idle && any_idle;
    if ((!any_energy && needs_energy(figure) && !readable) || is_given(figure, cluster)) continue;
    if (measurements.fit.empty() || std::ranges::find(measurements.fit, name_of(figure)) != measurements.fit.end())
      figures.push_back(figure);
  }
  for (const std::string& name : measurements.fit)
    if (std::ranges::find(figure_names(), name) == figure_names().end())
      throw InputError({}, "measured.fit",
                       fmt::format("'{}' is no figure that can be fitted: {}", printable(name.substr(0, 40)),
                                   fmt::join(figure_names(), ", ")));
  if (figures.empty())
    throw InputError({}, "measured.fit",
                     "nothing is left to fit: figures that the cluster gives are kept, and power needs joules or "
                     "watts of the runs");
  return figures;
}

// Every n-th row, so that all of a table is seen.
std::vector<MeasuredRun> spread_over(std::vector<MeasuredRun> runs, std::size_t limit) {
  if (limit == 0 || runs.size() <= limit) return runs;
  std::vector<MeasuredRun> chosen;
  for (std::size_t i = 0; i < limit; ++i) chosen.push_back(runs[i * runs.size() / limit]);
  return chosen;
}

std::vector<MeasuredRun> side(const MeasuredJob& job, bool unseen) {
  std::vector<MeasuredRun> runs;
  std::ranges::copy_if(job.runs, std::back_inserter(runs), [&](const auto& run) { return run.unseen == unseen; });
  return runs;
}

const MeasuredJob& the_job(const Measurements& measurements) {
  const MeasuredJob& job = measurements.jobs.front();
  if (measurements.jobs.size() > 1)
    throw InputError({}, "jobs", "a fit is of one job: give the file one of them, or use --check");
  for (const MeasuredRun& run : job.runs)
    if (run.work.kind != job.runs.front().work.kind || run.work.precision != job.runs.front().work.precision)
      throw InputError({}, "work", "the rows are of several kinds of work or precisions: fit each by itself");
  return job;
}

// A unit that is wrong by a thousand would be fitted without a word.
void expect_plausible_power(std::span<const MeasuredRun> runs, const MachineParameters& machine) {
  std::vector<double> watts;
  for (const MeasuredRun& run : runs)
    if (run.energy) watts.push_back(*run.energy / run.time / watt);
  if (watts.empty()) return;
  std::ranges::sort(watts);
  const double middle = watts[watts.size() / 2];
  constexpr double kSlack = 1.5;
  if (middle <= kSlack * (machine.tdp / watt) && kSlack * middle >= machine.idle / watt) return;
  throw InputError({}, "measured",
                   fmt::format("half of the runs have {} {:.4g} W, but {} draws {:.4g} W idle and {:.4g} W at most: are "
                               "the units of time and energy right, and is it the device's energy?",
                               middle > machine.tdp / watt ? "more than" : "less than", middle, machine.device,
                               machine.idle / watt, machine.tdp / watt));
}

// A device that does nothing draws less than it can.
void refuse_hot_readings(std::span<const MeasuredRun> runs, const MachineParameters& machine) {
  for (const MeasuredRun& run : runs) {
    const Power most = std::min(machine.tdp, run.power_limit.value_or(machine.power_limit.value_or(machine.tdp)));
    if (run.idle && *run.idle >= most)
      throw InputError(fmt::format("row in line {}: an idle power of {:.6g} W is not below the {:.6g} W that {} may draw",
                                   run.line, *run.idle / watt, most / watt, machine.device));
  }
}

// Predictions of each group by a fit to the others, in up to ten folds.
std::optional<SideAgreement> crossed(const FittedMachine& model, const std::vector<FittedFigure>& figures,
                                     const std::vector<MeasuredRun>& runs, MeasuredEnergy energy) {
  constexpr std::size_t kMostFolds = 10;
  std::map<std::string, std::size_t> groups;
  for (const MeasuredRun& run : runs) groups.try_emplace(run.group, groups.size());
  if (groups.size() < 3 || figures.empty()) return std::nullopt;
  const std::size_t folds = std::min(kMostFolds, groups.size());
  std::vector<Prediction> predictions(runs.size());
  for (std::size_t fold = 0; fold < folds; ++fold) {
    std::vector<MeasuredRun> others;
    std::vector<MeasuredRun> left;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < runs.size(); ++i) {
      if (groups.at(runs[i].group) % folds == fold) {
        left.push_back(runs[i]);
        places.push_back(i);
      } else {
        others.push_back(runs[i]);
      }
    }
    MachineFit fit(model, figures, others, energy);
    fit.run();
    const auto of_left = predict(fit.machine(), left, energy);
    for (std::size_t i = 0; i < places.size(); ++i) predictions[places[i]] = of_left[i];
  }
  return side_of(runs, predictions);
}

std::vector<MissedRun> worst(std::span<const MeasuredRun> runs, std::span<const Prediction> predictions) {
  constexpr std::size_t kShown = 5;
  std::vector<MissedRun> missed;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    MissedRun run{runs[i].line, runs[i].group, predictions[i].time / runs[i].time, std::nullopt};
    if (runs[i].energy) run.energy_ratio = predictions[i].energy / *runs[i].energy;
    missed.push_back(std::move(run));
  }
  const auto distance = [](const MissedRun& run) {
    return std::max(std::abs(std::log(run.time_ratio)), std::abs(std::log(run.energy_ratio.value_or(1.0))));
  };
  std::ranges::sort(missed, [&](const MissedRun& a, const MissedRun& b) {
    return std::pair(-distance(a), a.line) < std::pair(-distance(b), b.line);
  });
  if (missed.size() > kShown) missed.resize(kShown);
  return missed;
}

std::optional<SideAgreement> side_of(std::span<const ComparedRun> runs, bool unseen) {
  std::vector<ComparedRun> own;
  std::ranges::copy_if(runs, std::back_inserter(own), [&](const auto& run) { return run.unseen == unseen; });
  return own.empty() ? std::nullopt : std::optional(agreement_of(own));
}

CheckedJob checked(const std::string& name, std::span<const ComparedRun> runs) {
  CheckedJob job;
  job.name = name;
  job.seen = side_of(runs, false).value_or(SideAgreement{});
  job.unseen = side_of(runs, true);
  for (const ComparedRun& run : runs) {
    if (run.joules == 0.0) continue;
    const double predicted = run.predicted_joules / run.predicted_seconds;
    const double measured = run.joules / run.seconds;
    const bool first = job.most_power == 0.0;
    job.least_power = first ? predicted : std::min(job.least_power, predicted);
    job.most_power = std::max(job.most_power, predicted);
    job.least_measured = first ? measured : std::min(job.least_measured, measured);
    job.most_measured = std::max(job.most_measured, measured);
  }
  return job;
}

}  // namespace

bool Calibration::told_anything() const {
  return std::ranges::any_of(figures, &CalibratedFigure::identified);
}

Calibration calibrate(const Measurements& measurements, std::size_t limit) {
  const MeasuredJob& job = the_job(measurements);
  const std::vector<MeasuredRun> runs = spread_over(side(job, false), limit);
  if (runs.size() < 2)
    throw InputError({}, "measured.table",
                     fmt::format("has {} row{} to fit: two are the least, twenty are enough", runs.size(),
                                 runs.size() == 1 ? "" : "s"));
  const FittedMachine model(job.cluster, runs.front().work);
  const auto predictions_before = predict(model.machine(), runs, measurements.energy);
  refuse_senseless(runs, predictions_before);
  refuse_hot_readings(runs, model.machine());
  if (measurements.energy == MeasuredEnergy::device) expect_plausible_power(runs, model.machine());
  const std::vector<FittedFigure> figures = figures_of(measurements, job.cluster, runs);
  MachineFit everything(model, figures, runs, measurements.energy);
  everything.run();
  // What the rows do not tell keeps its figure, and the others are fitted anew around that: so the entry that is
  // written predicts what is reported here.
  Calibration result;
  std::vector<FittedFigure> told;
  for (std::size_t i = 0; i < figures.size(); ++i) {
    result.figures.push_back(everything.figure(i));
    if (result.figures.back().identified())
      told.push_back(figures[i]);
    else
      result.figures.back().value = result.figures.back().before;
  }
  MachineFit fit(model, told, runs, measurements.energy);
  if (!told.empty()) fit.run();
  for (std::size_t i = 0; i < told.size(); ++i) {
    auto& figure = *std::ranges::find(result.figures, told[i], &CalibratedFigure::figure);
    const CalibratedFigure among_all = figure;
    figure = fit.figure(i);
    figure.told = among_all.told;
    figure.moved = among_all.moved;
  }
  result.device = job.cluster.device;
  result.kind = model.kind();
  result.precision = model.precision();
  result.rows = runs.size();
  std::set<std::string> groups;
  for (const MeasuredRun& run : runs) groups.insert(run.group);
  result.groups = groups.size();
  const auto predictions = predict(fit.machine(), runs, measurements.energy);
  result.before = side_of(runs, predictions_before);
  result.after = side_of(runs, predictions);
  result.crossed = crossed(model, told, runs, measurements.energy);
  result.missed = worst(runs, predictions);
  if (const auto unseen = side(job, true); !unseen.empty()) {
    const auto predicted = predict(model.machine(), unseen, measurements.energy);
    refuse_senseless(unseen, predicted);
    result.unseen_before = side_of(unseen, predicted);
    result.unseen = side_of(unseen, predict(fit.machine(), unseen, measurements.energy));
  }
  return result;
}

std::vector<CheckedJob> check(const Measurements& measurements) {
  const std::vector<ComparedRun> runs = compare_runs(measurements);
  std::vector<CheckedJob> jobs = {checked("", runs)};
  if (measurements.jobs.size() < 2) return jobs;
  for (const MeasuredJob& job : measurements.jobs) {
    std::vector<ComparedRun> own;
    std::ranges::copy_if(runs, std::back_inserter(own), [&](const auto& run) { return run.job == job.name; });
    jobs.push_back(checked(job.name, own));
  }
  return jobs;
}

}  // namespace tonne
