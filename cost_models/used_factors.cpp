#include "cost_models/used_factors.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "cost_models/catalogue.h"
#include "cost_models/training_figures.h"

namespace tonne {
namespace {

const Provenance kGiven = {"given in the experiment", 0, false};
const Provenance kAssumed = {"assumed", 0, false};
const Provenance kCapped = {"tonne's fit to six jobs under seven power limits on one V100 (docs/validation.md)", 0,
                            false};
const Provenance kPciExpress = {"PCI Express 3.0 x16, PCI-SIG", 2010, true};

// A kind of work in the precision in which it runs.
using Run = std::pair<WorkKind, Precision>;

template <class Q>
std::string text_of(const Q& value) {
  if constexpr (std::is_same_v<Q, double>)
    return fmt::format("{:.12g}", value);
  else
    return format_quantity(value.base(), kKindOf<Q>);
}

template <class Q>
std::string text_of(const std::optional<Q>& value) {
  return value ? text_of(*value) : "";
}

// What a row of the catalogue's `training:` calls a figure, and what the settings do; in the order of figure_texts().
constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kTrainingFigures = {
    {{"utilisation", "utilisation"},
     {"bandwidth_utilisation", "bandwidth_utilisation"},
     {"step_overhead", "step_overhead"},
     {"startup", "startup"},
     {"compute", "activity.compute"},
     {"memory", "activity.memory"},
     {"waiting", "activity.waiting"}}};

// Empty: none.
std::array<std::string, 7> figure_texts(const TrainingFigures& figures) {
  return {text_of(figures.utilisation), text_of(figures.bandwidth_utilisation), text_of(figures.step_overhead),
          text_of(figures.startup),     text_of(figures.compute),               text_of(figures.memory),
          text_of(figures.waiting)};
}

Precision runs_in(const ClusterSettings& settings, const Device& device, const Workload& work) {
  if (settings.precision && !work.fixed_precision) return *settings.precision;
  return automatic_precision(settings, device, work.kind, work.precision);
}

bool has_work(const Workload& work) { return work.flops > Work{} || work.traffic > Bytes{}; }

// A time that was measured, of work that nobody counted.
bool needs_mean_activity(const Workload& work) {
  return work.measured_time && !work.measured_energy && !has_work(work);
}

// Those of inferences apart: a device has other figures for them.
struct Runs {
  std::set<Run> trainings, inferences;

  [[nodiscard]] bool empty() const { return trainings.empty() && inferences.empty(); }
  [[nodiscard]] bool in(Precision precision) const {
    const auto same = [&](const Run& run) { return run.second == precision; };
    return std::ranges::any_of(trainings, same) || std::ranges::any_of(inferences, same);
  }
};

Runs modelled_runs(const ClusterSettings& settings, const Device& device, std::span<const Workload> works) {
  Runs runs;
  for (const Workload& work : works)
    if (!(work.measured_time && (work.measured_energy || !has_work(work))))
      (work.inference ? runs.inferences : runs.trainings).emplace(work.kind, runs_in(settings, device, work));
  return runs;
}

// "device.training.transformer/fp16.utilisation": the catalogue's row that such a run takes the figure from, in the
// order of training_figures() and inference_figures(). Empty: no row has it.
std::string row_of(const std::vector<Factor>& factors, std::string_view group, const Run& run,
                   std::string_view figure) {
  const std::string_view kind = kWorkKindNames[static_cast<std::size_t>(run.first)];
  const std::string_view precision = kPrecisionNames[static_cast<std::size_t>(run.second)];
  for (const auto& [of_kind, in_precision] :
       {std::pair{kind, precision}, {kind, "any"}, {"any", precision}, {"any", "any"}}) {
    std::string key = fmt::format("device.{}.{}/{}.{}", group, of_kind, in_precision, figure);
    if (std::ranges::find(factors, key, &Factor::key) != factors.end()) return key;
  }
  return "";
}

class UsedFactors {
 public:
  UsedFactors(const ClusterSettings& settings, const Device& device, std::vector<Factor> factors)
      : settings_(settings), device_(device), factors_(std::move(factors)) {}

  void keep_used_by(std::span<const Workload> works) {
    if (works.empty()) return;
    const Runs runs = modelled_runs(settings_, device_, works);
    for (std::size_t f = 0; f < kTrainingFigures.size(); ++f)
      for (const Run& run : runs.trainings) use_in_training(f, run);
    for (const Run& run : runs.inferences) use_in_inference(run);
    if (!runs.inferences.empty()) add("inference.batch", static_cast<double>(settings_.inference.batch), 1.0, kAssumed);
    erase_unused(runs);
    if (std::ranges::any_of(works, needs_mean_activity))
      add("activity.measured", settings_.activity.measured, ActivitySettings{}.measured, fitted_provenance());
    if (runs.empty()) return;
    add("overlap", settings_.overlap, ClusterSettings{}.overlap, fitted_provenance());
    add("step_overlap", settings_.step_overlap, ClusterSettings{}.step_overlap, kAssumed);
  }

  void add_rules() {
    const ClusterSettings standard;
    if (settings_.devices_per_worker > 1) {
      const InterconnectSettings& link = settings_.interconnect;
      add("interconnect.bandwidth", link.bandwidth, standard.interconnect.bandwidth, kPciExpress);
      add("interconnect.latency", link.latency, standard.interconnect.latency, kAssumed);
      add("interconnect.overlap", link.overlap, standard.interconnect.overlap, kAssumed);
    }
    if (settings_.power_limit) {
      add("voltage_floor", settings_.voltage_floor, standard.voltage_floor, kCapped);
      add("unclocked", settings_.unclocked, standard.unclocked, kCapped);
    }
    if (settings_.preemption.interval) {
      add("preemption.interval", text_of(settings_.preemption.interval), kGiven);
      add("preemption.restart", settings_.preemption.restart, standard.preemption.restart, kAssumed);
    }
    if (settings_.embodied.count) {
      add("embodied.lifetime", settings_.embodied.lifetime, standard.embodied.lifetime, service_life_provenance());
      add("embodied.use", settings_.embodied.use, standard.embodied.use, service_life_provenance());
    }
    constexpr std::array<std::string_view, 3> kCharged = {"full", "device_only", "none"};
    add("idle_workers", std::string(kCharged[static_cast<std::size_t>(settings_.idle_workers)]),
        settings_.idle_workers == standard.idle_workers ? kAssumed : kGiven);
  }

  // Of the host, how many devices share it does not matter where power and manufacture are given by the device.
  void drop_unused_slots() {
    const EmbodiedSettings& embodied = settings_.embodied;
    if (settings_.host_power && (!embodied.count || embodied.host || embodied.host_act.given())) drop("host.shape.slots");
  }

  void drop(std::string_view prefix) {
    std::erase_if(factors_, [&](const Factor& factor) { return factor.key.starts_with(prefix); });
  }
  [[nodiscard]] std::vector<Factor> take() { return std::move(factors_); }

 private:
  void use_in_training(std::size_t f, const Run& run) {
    const auto& [of_row, of_settings] = kTrainingFigures[f];
    const std::string given = figure_texts(given_figures(settings_))[f];
    if (!given.empty()) return add(of_settings, given, kGiven);
    if (use_row("training", run, of_row)) return;
    add(of_settings, figure_texts(default_training_figures(run.first, run.second))[f],
        of_row == "waiting" ? kAssumed : fitted_provenance());
  }

  // Shares of the peaks that no row of inference has are those of training; nothing starts up. Where the power was
  // measured, that of activities does not count.
  void use_in_inference(const Run& run) {
    const InferenceFigures taken = inference_figures(settings_, device_, run.first, run.second);
    for (std::size_t f = 0; f < kTrainingFigures.size(); ++f) {
      const auto& [of_row, of_settings] = kTrainingFigures[f];
      if (of_row == "step_overhead" || of_row == "startup" || (taken.power && of_settings.starts_with("activity.")))
        continue;
      if (!use_of_inference(f, run)) use_in_training(f, run);
    }
    const InferenceFigures& given = settings_.inference.figures;
    const InferenceFigures standard = default_inference_figures(device_.kind);
    use_fixed("launch", given.launch, standard.launch, run);
    use_fixed("call", given.call, standard.call, run);
    use_fixed("power", given.power, {}, run);
    use_fixed("call_energy", given.call_energy, {}, run);
  }
  // Whether the figure is one of inference itself.
  bool use_of_inference(std::size_t f, const Run& run) {
    const std::string_view figure = kTrainingFigures[f].first;
    if (figure != "utilisation" && figure != "bandwidth_utilisation") return false;
    const InferenceFigures& given = settings_.inference.figures;
    const std::optional<double>& own = figure == "utilisation" ? given.utilisation : given.bandwidth_utilisation;
    if (own) add(fmt::format("inference.{}", figure), text_of(*own), kGiven);
    return own || (figure_texts(given_figures(settings_))[f].empty() && use_row("inference", run, figure));
  }
  template <class Q>
  void use_fixed(std::string_view figure, const std::optional<Q>& given, const std::optional<Q>& standard,
                 const Run& run) {
    const std::string key = fmt::format("inference.{}", figure);
    if (given) return add(key, text_of(*given), kGiven);
    if (!use_row("inference", run, figure) && standard) add(key, text_of(*standard), inference_provenance());
  }
  // False: no row has the figure.
  bool use_row(std::string_view group, const Run& run, std::string_view figure) {
    std::string row = row_of(factors_, group, run, figure);
    if (row.empty()) return false;
    rows_.insert(std::move(row));
    return true;
  }

  // Rows of other work, peaks of other precisions; of times and energies that were all measured, every rate.
  void erase_unused(const Runs& runs) {
    constexpr std::string_view kPeak = "device.specification.";
    std::erase_if(factors_, [&](const Factor& factor) {
      if (factor.key.starts_with("device.training.") || factor.key.starts_with("device.inference."))
        return !rows_.contains(factor.key);
      if (!factor.key.starts_with(kPeak)) return false;
      const std::string_view name = std::string_view(factor.key).substr(kPeak.size());
      if (name == "bandwidth") return runs.empty();
      const auto* precision = std::ranges::find(kPrecisionNames, name);
      return precision != kPrecisionNames.end() &&
             !runs.in(static_cast<Precision>(precision - kPrecisionNames.begin()));
    });
  }
  void add(std::string_view key, std::string value, const Provenance& provenance) {
    Factor factor{fmt::format("cluster.{}", key), std::move(value), provenance};
    const bool there = std::ranges::any_of(
        factors_, [&](const Factor& f) { return f.key == factor.key && f.value == factor.value; });
    if (!there) factors_.push_back(std::move(factor));
  }
  // A value that nobody gave is the default's, with its source. Who gives the default's own value agrees with it.
  template <class Q>
  void add(std::string_view key, const Q& value, const Q& standard, const Provenance& otherwise) {
    add(key, text_of(value), value == standard ? otherwise : kGiven);
  }

  const ClusterSettings& settings_;
  const Device& device_;
  std::vector<Factor> factors_;
  std::set<std::string> rows_;  // of the catalogue's lists, those that are used
};

}  // namespace

const Provenance& fitted_provenance() {
  static const Provenance fitted = {
      "tonne's fit to EC-NAS-Bench (Bakhtiarifar, Igel & Selvan 2022, arXiv:2210.06015), one "
      "Quadro RTX 6000; carried over to other devices",
      2022, false};
  return fitted;
}

const Provenance& inference_provenance() {
  static const Provenance read = {
      "by the kind of device: fitted to measured latencies of cells of NAS-Bench-201 on GTX 1080 Ti, Titan RTX, RTX 2080 "
      "Ti and Raspberry Pi 5, or assumed (docs/models.md)",
      0, false};
  return read;
}

const Provenance& service_life_provenance() {
  static const Provenance life = {"Luccioni, Viguier & Ligozat 2022 (BLOOM), arXiv:2211.02001", 2022, true};
  return life;
}

std::vector<Factor> used_factors(const ClusterSettings& home, const SitesSettings& sites,
                                 std::span<const Workload> works, bool charges_strategies) {
  const auto catalogue = Catalogue::with_file(home.catalogue);
  std::vector<Factor> factors = factors_of(home, sites);  // refuses an unknown device under its key
  UsedFactors used(home, catalogue->device(home.device), std::move(factors));
  used.keep_used_by(works);
  used.add_rules();
  used.drop_unused_slots();
  if (!charges_strategies) used.drop("host.computing.");
  return used.take();
}

}  // namespace tonne
