// What a log says, as text, JSON and CSV.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "core/error.h"
#include "core/json.h"
#include "core/number_text.h"
#include "experiments/meters/log_text.h"
#include "experiments/meters/meter_report.h"
#include "experiments/text/csv_text.h"
#include "experiments/text/quantity.h"

namespace tonne::meters {
namespace {

constexpr std::size_t kMostRows = 100;

std::string head_line(const MeterReport& report) {
  const MeterLog& log = *report.log;
  std::size_t readings = 0;
  for (const DeviceFigures& figures : report.devices) readings += figures.readings;
  const std::string name = printable(std::filesystem::path(log.file).filename().string());
  const std::string count =
      log.runs.empty()
          ? fmt::format("{}, {} {}", counted(report.devices.size(), "device"),
                        grouped(static_cast<double>(readings)), readings == 1 ? "reading" : "readings")
          : counted(report.runs.size(), "run");
  return fmt::format("{}: {}, {}\n", name, format_title(log.format), count);
}

std::string span_line(const MeterLog& log, const char* what, const Span& span, const std::string& why) {
  return wrapped(fmt::format("{:<6} {} to {}, {}{}", what, time_text(log, span.from), time_text(log, span.to),
                             duration_text(span.length()), why),
                 78);
}

// Differences of times, without a double's last digits.
double exact_seconds(Duration duration) {
  return std::round(duration / second * 1e6) / 1e6;
}

// "  - The sentence", with further lines below its first word.
std::string item(const std::string& sentence) {
  constexpr std::size_t kWidth = 76;
  std::string text = wrapped(sentence + ".", kWidth);
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) text.insert(at, "  ");
  text[2] = '-';
  return text;
}

const char* words_of_run(RunSpan run_is) {
  if (run_is == RunSpan::named) return " (as named)";
  return run_is == RunSpan::found ? " (found by the power)" : " (the whole log)";
}

std::string watts_text(const std::optional<Power>& power) {
  return power ? value_text(*power / watt, "W") : "-";
}

std::string joules_text(Energy energy) {
  return value_text(energy / joule, "J");
}

TextRows device_rows(const MeterReport& report) {
  TextRows rows{{"device", "readings", "step", "log, J", "run, J", "mean W", "idle W", "model"}};
  for (const DeviceFigures& figures : report.devices) {
    if (rows.size() > kMostRows) break;
    rows.push_back({figures.device->id, grouped(static_cast<double>(figures.readings)),
                    duration_text(figures.step), joules_text(figures.whole.energy),
                    joules_text(figures.in_run.energy), watts_text(figures.mean), watts_text(figures.idle),
                    figures.device->model.empty() ? "-" : figures.device->model});
  }
  if (report.devices.size() > 1)
    rows.push_back({"sum", "", "", "", joules_text(report.total.energy),
                    watts_text(report.total.energy / report.run.length()), "", ""});
  return rows;
}

TextRows run_rows(const MeterReport& report) {
  TextRows rows{{"run", "start", "time", "energy", "J", "mean W", "of"}};
  for (const Run& run : report.runs) {
    if (rows.size() > kMostRows) break;
    std::string parts;
    for (const Run::Part& part : run.parts) parts += (parts.empty() ? "" : " ") + part.component;
    rows.push_back({printable(run.name),
                    run.start ? time_text(*report.log, std::round(*run.start / second) * second) : "-",
                    duration_text(run.time), energy_text(run.energy()), joules_text(run.energy()),
                    run.time > Duration{} ? watts_text(run.energy() / run.time) : "-", printable(parts)});
  }
  return rows;
}

std::string more_rows(std::size_t count) {
  return count > kMostRows
             ? wrapped(fmt::format("The first {} of {}; all with --json.", kMostRows, count), 78)
             : "";
}

Json watts_or_null(const std::optional<Power>& power) {
  if (!power) return nullptr;
  return *power / watt;
}

Json span_json(const MeterLog& log, const Span& span) {
  return {{"from", time_text(log, span.from)},
          {"to", time_text(log, span.to)},
          {"seconds", exact_seconds(span.length())}};
}

Json device_json(const MeterReport& report, const DeviceFigures& figures) {
  const MeterLog& log = *report.log;
  const Device& device = *figures.device;
  Json json{{"device", device.id},
            {"model", device.model},
            {"source", device.source},
            {"readings", figures.readings},
            {"step_seconds", exact_seconds(figures.step)},
            {"log", span_json(log, figures.span)},
            {"log_joules", figures.whole.energy / joule},
            {"run", span_json(log, figures.run)},
            {"run_joules", figures.in_run.energy / joule},
            {"run_joules_guessed", figures.in_run.guessed / joule},
            {"mean_watts", figures.mean / watt},
            {"idle_watts", watts_or_null(figures.idle)},
            {"has_counter", device.counter.size() > 1},
            {"missing", device.missing},
            {"repeated", device.repeated}};
  json["part_of"] = device.part_of.empty() ? Json(nullptr) : Json(device.part_of);
  return json;
}

Json run_json(const MeterLog& log, const Run& run) {
  Json parts = Json::object();
  for (const Run::Part& part : run.parts) parts[part.component] = part.energy / joule;
  Json json{{"name", run.name}, {"line", run.line}};
  json["start"] = run.start ? Json(time_text(log, *run.start)) : Json(nullptr);
  json["seconds"] = exact_seconds(run.time);
  json["joules"] = run.energy() / joule;
  json["parts"] = std::move(parts);
  return json;
}

const char* basis_name(TimeBasis basis) {
  if (basis == TimeBasis::utc) return "utc";
  return basis == TimeBasis::local ? "local" : "relative";
}

// "relative" times without their unit.
std::string csv_time(const MeterLog& log, Duration offset) {
  std::string text = time_text(log, offset);
  if (log.basis == TimeBasis::relative) text.resize(text.size() - 2);
  return text;
}

std::string csv_row(const std::string& source, const std::string& device, const std::string& start,
                    Duration time, Energy energy, const std::optional<Power>& idle) {
  const std::string mean = time > Duration{} ? shortest_text(energy / time / watt) : "";
  return fmt::format("{},{},{},{},{},{},{}\n", csv_text(source), csv_text(device), start,
                     shortest_text(exact_seconds(time)), shortest_text(energy / joule), mean,
                     idle ? shortest_text(*idle / watt) : "");
}

}  // namespace

std::string meter_text(const MeterReport& report, const TextStyle& style) {
  const MeterLog& log = *report.log;
  std::string text = head_line(report) + "\n";
  if (log.runs.empty()) {
    Span whole = report.devices.front().span;
    for (const DeviceFigures& figures : report.devices)
      whole = {std::min(whole.from, figures.span.from), std::max(whole.to, figures.span.to)};
    text += span_line(log, "log", whole, "");
    text += span_line(log, "run", report.run, words_of_run(report.run_is)) + "\n";
    text += format_table(device_rows(report), style,
                         {{"model", "log, J", "readings"}, 1, LastColumn::clipped_text});
    text += more_rows(report.devices.size());
  } else {
    text += format_table(run_rows(report), style, {{"of", "energy", "start"}, 2, LastColumn::clipped_text});
    text += more_rows(report.runs.size());
  }
  if (!report.warnings.empty()) text += "\n";
  for (const std::string& warning : report.warnings) text += item(warning);
  return text;
}

std::string meter_json(const MeterReport& report) {
  const MeterLog& log = *report.log;
  Json json{{"file", std::filesystem::path(log.file).filename().string()},
            {"format", std::string(format_name(log.format))},
            {"times", basis_name(log.basis)}};
  if (log.runs.empty()) {
    json["run"] = span_json(log, report.run);
    json["run"]["is"] = report.run_is == RunSpan::named   ? "named"
                        : report.run_is == RunSpan::found ? "found"
                                                          : "whole";
    json["joules"] = report.total.energy / joule;
    json["joules_guessed"] = report.total.guessed / joule;
    json["devices"] = Json::array();
    for (const DeviceFigures& figures : report.devices)
      json["devices"].push_back(device_json(report, figures));
  } else {
    json["runs"] = Json::array();
    for (const Run& run : report.runs) json["runs"].push_back(run_json(log, run));
  }
  json["warnings"] = report.warnings;
  return json_document(json);
}

std::string meter_csv(const MeterReport& report) {
  const MeterLog& log = *report.log;
  const std::string file = std::filesystem::path(log.file).filename().string();
  std::string text = "source,device,start,seconds,joules,mean_watts,idle_watts\n";
  for (const DeviceFigures& figures : report.devices) {
    // Whoever adds up rows must not count a device twice.
    if (!is_in_sum(report, figures) || figures.run.length() <= Duration{}) continue;
    text += csv_row(file, figures.device->id, csv_time(log, figures.run.from), figures.run.length(),
                    figures.in_run.energy, figures.idle);
  }
  for (const Run& run : report.runs)
    for (const Run::Part& part : run.parts)
      text += csv_row(run.name.empty() ? file : file + ":" + run.name, part.component,
                      run.start ? csv_time(log, *run.start) : "", run.time, part.energy, std::nullopt);
  return text;
}

}  // namespace tonne::meters
