#include "experiments/measured/calibration_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/json.h"

namespace tonne {
namespace {

constexpr double kPercent = 100.0;

std::string share_text(const std::optional<double>& r2) {
  return r2 ? fmt::format("{:.3f}", *r2) : "-";
}

std::vector<std::string> agreement_row(const std::string& what, const Agreement& a) {
  return {what,
          grouped(static_cast<double>(a.rows)),
          share_text(a.r2),
          share_text(a.r2_log),
          fmt::format("{:.1f} %", kPercent * a.mean_error),
          fmt::format("{:+.1f} %", kPercent * (a.bias - 1.0))};
}

const std::vector<std::string> kAgreementHead = {"", "rows", "R2", "R2 of logs", "mean error", "bias"};

void add_side(TextRows& rows, const std::string& what, const std::optional<SideAgreement>& side) {
  if (!side) return;
  rows.push_back(agreement_row(what + ", time", side->time));
  if (side->energy) rows.push_back(agreement_row(what + ", energy", *side->energy));
}

// "0.275", "4.9 ms", "20.3 W"
std::string value_of(FittedFigure figure, double value) {
  if (figure == FittedFigure::idle) return fmt::format("{:.4g} W", value);
  if (figure == FittedFigure::step_overhead) return fmt::format("{:.4g} ms", 1e3 * value);
  if (figure == FittedFigure::startup) return fmt::format("{:.4g} s", value);
  return fmt::format("{:.4g}", value);
}

std::string worked_on(const Calibration& c) {
  return fmt::format("{} in {}", kWorkKindNames[static_cast<std::size_t>(c.kind)],
                     kPrecisionNames[static_cast<std::size_t>(c.precision)]);
}

Json number(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}
Json agreement_json(const Agreement& a) {
  Json json = {{"rows", a.rows}, {"mean_error", number(a.mean_error)}, {"bias", number(a.bias)}};
  json["r2"] = a.r2 ? number(*a.r2) : Json(nullptr);
  json["r2_of_logarithms"] = a.r2_log ? number(*a.r2_log) : Json(nullptr);
  return json;
}
Json side_json(const std::optional<SideAgreement>& side) {
  if (!side) return nullptr;
  Json json = {{"time", agreement_json(side->time)}};
  json["energy"] = side->energy ? agreement_json(*side->energy) : Json(nullptr);
  return json;
}

std::string figures_table(const Calibration& c, const TextStyle& style) {
  TextRows rows = {{"figure", "before", "measured", "90 % interval", ""}};
  for (const CalibratedFigure& f : c.figures)
    rows.push_back({std::string(name_of(f.figure)), value_of(f.figure, f.before),
                    f.identified() ? value_of(f.figure, f.value) : "-",
                    f.identified() ? value_of(f.figure, f.low) + " .. " + value_of(f.figure, f.high) : "-",
                    f.identified() ? "" : "not told by these rows"});
  return format_table(std::move(rows), style, {.last = LastColumn::wrapped_text});
}

std::string missed_table(const Calibration& c, const TextStyle& style) {
  TextRows rows = {{"line", "of", "time, predicted / measured", "energy"}};
  for (const MissedRun& run : c.missed)
    rows.push_back({std::to_string(run.line), printable(run.group).substr(0, 24),
                    fmt::format("{:.2f}", run.time_ratio),
                    run.energy_ratio ? fmt::format("{:.2f}", *run.energy_ratio) : "-"});
  return format_table(std::move(rows), style, {.left = 2});
}

std::string without_measurement(const Measurements& measurements, const TextStyle& style) {
  if (measurements.empty == 0) return "";
  return wrapped(fmt::format("{} row{} without a time {} left out.", measurements.empty,
                             measurements.empty == 1 ? "" : "s", measurements.empty == 1 ? "was" : "were"), style.width);
}

std::string untold(const Calibration& c, const TextStyle& style) {
  std::string text;
  for (const CalibratedFigure& f : c.figures)
    if (!f.identified())
      text += wrapped(fmt::format("{} stays as it was. To measure it: {}.", name_of(f.figure),
                                  what_would_tell(f.figure)),
                      style.width);
  return text;
}

// A key of the entry with its interval.
std::string entry_figures(const CalibratedFigure& f) {
  const std::string name(name_of(f.figure));
  const auto written = [&](double value) {
    if (f.figure == FittedFigure::idle) return fmt::format("{:.4g} W", value);
    if (f.figure == FittedFigure::step_overhead || f.figure == FittedFigure::startup)
      return fmt::format("{:.4g} s", value);
    return fmt::format("{:.4g}", value);
  };
  const std::string key = f.figure == FittedFigure::idle ? "power" : name;
  return fmt::format("{0}: {1}, {0}_low: {2}, {0}_high: {3}", key, written(f.value), written(f.low),
                     written(f.high));
}

// A fit to few rows can be worse than figures that many rows have settled.
std::string worse_than_before(const Calibration& c, const TextStyle& style) {
  const auto& before = c.unseen_before ? c.unseen_before : c.crossed ? std::optional(c.before) : std::nullopt;
  const auto& after = c.unseen_before ? c.unseen : c.crossed;
  if (!before || !after) return "";
  std::string worse;
  if (after->time.mean_error > before->time.mean_error) worse = "time";
  if (after->energy && after->energy->mean_error > before->energy->mean_error)
    worse += worse.empty() ? "energy" : " and energy";
  if (worse.empty()) return "";
  return wrapped(fmt::format("On rows that the fit has not seen, {} {} predicted worse than by the figures before it: keep "
                             "those, or measure more.",
                             worse, worse == "time and energy" ? "are" : "is"),
                 style.width);
}

// What the cluster gives of the figures that fitted ones are shares of, or stand beside: "peak, startup".
std::string settings_to_keep(const ClusterSettings& cluster) {
  std::vector<std::string> keys;
  const auto add = [&](bool given, std::string_view key) {
    if (given) keys.emplace_back(key);
  };
  add(cluster.peak.has_value(), "peak");
  add(cluster.bandwidth.has_value(), "bandwidth");
  add(cluster.tdp.has_value(), "tdp");
  for (std::size_t i = 0; i < kFittedFigures; ++i)
    add(is_given(static_cast<FittedFigure>(i), cluster), figure_names()[i]);
  add(cluster.overlap > 0.0, "overlap");
  add(cluster.step_overlap > 0.0, "step_overlap");
  add(cluster.input_rate.has_value(), "input_rate");
  return keys.empty() ? "" : join_names(keys);
}

}  // namespace

std::string check_text(const Measurements& measurements, std::span<const CheckedJob> jobs,
                       const TextStyle& style) {
  const bool held_out = std::ranges::any_of(jobs, [](const CheckedJob& j) { return j.unseen.has_value(); });
  std::string text = printable(measurements.title) + "\n";
  TextRows rows = {kAgreementHead};
  for (const CheckedJob& job : jobs) {
    const std::string name = job.name.empty() ? (jobs.size() > 1 ? "all" : "runs") : printable(job.name);
    add_side(rows, name, held_out ? job.unseen : job.seen);
  }
  text += format_table(std::move(rows), style, {.expendable = {"R2 of logs", "bias"}});
  if (jobs.front().most_power > 0.0)
    text += wrapped(fmt::format("Mean power of a run: {:.0f} to {:.0f} W as predicted, {:.0f} to {:.0f} W as "
                                "measured.",
                                jobs.front().least_power, jobs.front().most_power, jobs.front().least_measured,
                                jobs.front().most_measured),
                    style.width);
  if (measurements.skipped > 0)
    text += wrapped(fmt::format("{} rows of the table belong to no job.", measurements.skipped), style.width);
  return text + without_measurement(measurements, style);
}

std::string check_legend(bool held_out, const TextStyle& style) {
  return "\n" + wrapped(fmt::format("{}. R2: of the figures themselves. Mean error: of |predicted / measured - 1|. Bias: "
                                    "predicted over measured, geometric mean.",
                                    held_out ? "Of rows that were kept out of the fit, where a file keeps any; else "
                                               "of all"
                                             : "Of all rows"),
                        style.width);
}

std::string calibration_text(const Measurements& measurements, const Calibration& c, const TextStyle& style) {
  std::string text =
      fmt::format("{}: {} rows of {} group{}, {} on {}\n\n", printable(measurements.title), c.rows, c.groups,
                  c.groups == 1 ? "" : "s", worked_on(c), c.device);
  text += figures_table(c, style) + "\n";
  TextRows rows = {kAgreementHead};
  add_side(rows, "before", c.before);
  add_side(rows, "fitted", c.after);
  add_side(rows, "out of fold", c.crossed);
  add_side(rows, "kept out, before", c.unseen_before);
  add_side(rows, "kept out, fitted", c.unseen);
  text += format_table(std::move(rows), style, {.expendable = {"R2 of logs", "bias"}}) + "\n";
  text += "Where it misses most:\n" + missed_table(c, style) + "\n";
  text += worse_than_before(c, style);
  if (!c.crossed)
    text += wrapped("Not cross-validated: that needs three groups of rows.", style.width);
  return text + without_measurement(measurements, style) + untold(c, style);
}

std::string where_it_counts(const Calibration& c) {
  return fmt::format("The entry counts for work of the kind {} that runs in {}; other work keeps the catalogue's figures.",
                     kWorkKindNames[static_cast<std::size_t>(c.kind)],
                     kPrecisionNames[static_cast<std::size_t>(c.precision)]);
}

std::string check_json(const Measurements& measurements, std::span<const CheckedJob> jobs) {
  Json list = Json::array();
  for (const CheckedJob& job : jobs)
    list.push_back({{"name", job.name}, {"seen", side_json(job.seen)}, {"unseen", side_json(job.unseen)}});
  return json_document({{"title", measurements.title}, {"jobs", list}});
}

std::string calibration_json(const Measurements& measurements, const Calibration& c) {
  Json figures = Json::array();
  for (const CalibratedFigure& f : c.figures)
    figures.push_back({{"figure", name_of(f.figure)},
                       {"before", f.before},
                       {"value", f.value},
                       {"low", f.low},
                       {"high", f.high},
                       {"identified", f.identified()}});
  Json missed = Json::array();
  for (const MissedRun& run : c.missed)
    missed.push_back({{"line", run.line},
                      {"group", run.group},
                      {"time_ratio", number(run.time_ratio)},
                      {"energy_ratio", run.energy_ratio ? number(*run.energy_ratio) : Json(nullptr)}});
  return json_document({{"title", measurements.title},
                        {"device", c.device},
                        {"work", kWorkKindNames[static_cast<std::size_t>(c.kind)]},
                        {"precision", kPrecisionNames[static_cast<std::size_t>(c.precision)]},
                        {"rows", c.rows},
                        {"groups", c.groups},
                        {"figures", figures},
                        {"before", side_json(c.before)},
                        {"fitted", side_json(c.after)},
                        {"out_of_fold", side_json(c.crossed)},
                        {"unseen_before", side_json(c.unseen_before)},
                        {"unseen", side_json(c.unseen)},
                        {"missed", missed}});
}

std::string calibration_entry(const Measurements& measurements, const Calibration& c, const std::string& name) {
  const std::string& date = measurements.date;
  const std::string source = fmt::format("measured {}: {} rows of {}, fitted by tonne calibrate", date, c.rows,
                                         printable(measurements.table.filename().string()));
  // JSON in UTF-8: YAML knows no pairs of surrogates, which JSON in ASCII has for what lies beyond U+FFFF.
  std::string quoted = json_document(Json(source));
  quoted.pop_back();  // its line feed
  const std::string provenance =
      fmt::format("source: {}, year: {}, verified: {}", quoted, date.substr(0, 4),
                  date.size() > 4 ? date : "true");
  std::string idle;
  std::string training;
  for (const CalibratedFigure& f : c.figures) {
    if (!f.identified()) continue;
    (f.figure == FittedFigure::idle ? idle : training) += entry_figures(f) + ", ";
  }
  const ClusterSettings& cluster = measurements.jobs.front().cluster;
  std::string text =
      cluster.catalogue.empty()
          ? fmt::format("# Measured: cluster: {{catalogue: this file, device: {}}}. Its other figures are those of {}.\n",
                        name, c.device)
          : fmt::format("# Measured: put it into {}, below {}, whose other figures it has.\n",
                        printable(cluster.catalogue.filename().string()), c.device);
  if (const std::string kept = settings_to_keep(cluster); !kept.empty())
    text += fmt::format("# It holds together with the cluster's settings in the fit: {}.\n", kept);
  text += fmt::format("devices:\n  {}:\n    like: {}\n", name, c.device);
  if (!idle.empty()) text += fmt::format("    idle: {{{}{}}}\n", idle, provenance);
  if (!training.empty())
    text += fmt::format("    training:\n      - {{work: {}, precision: {}, {}{}}}\n",
                        kWorkKindNames[static_cast<std::size_t>(c.kind)],
                        kPrecisionNames[static_cast<std::size_t>(c.precision)], training, provenance);
  return text;
}

}  // namespace tonne
