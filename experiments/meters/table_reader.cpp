// Tables of readings: nvidia-smi --query-gpu, DCGM's fields, Zeus's power monitors, RAPL's counters.

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

#include "core/csv.h"
#include "experiments/meters/readers.h"
#include "experiments/meters/table_layout.h"

namespace tonne::meters {
namespace {

char separator_of(std::string_view line) {
  char best = ',';
  for (const char c : {';', '\t'})
    if (std::ranges::count(line, c) > std::ranges::count(line, best)) best = c;
  return best;
}

class TableReader {
 public:
  TableReader(const std::string& file, Format format, const ReadOptions& options, TableLayout layout,
              std::string head, char separator)
      : file_(file),
        options_(options),
        layout_(std::move(layout)),
        head_(std::move(head)),
        separator_(separator),
        builder_(file, format, layout_.quantities) {
    for (const std::string& note : layout_.notes) builder_.note(note);
  }

  void row(const Lines& lines) {
    // An appended log repeats its head.
    if (lines.line() == head_) return;
    const Fields fields = split_fields(lines.line(), separator_);
    const Place place{file_, lines.number()};
    if (fields.size() != layout_.width) {
      odd_row(lines, fields, place);
      return;
    }
    for (const ValueColumn& column : layout_.values) value(fields, column, place);
  }

  [[nodiscard]] MeterLog finish() {
    if (messages_ > 0)
      builder_.note(fmt::format("left out, since no rows: {}, the first, line {}, is {}",
                                counted(messages_, "line"), first_message_, in_quotes(message_)));
    return builder_.finish();
  }

 private:
  // A row that was cut, or what the program said of its troubles between rows.
  void odd_row(const Lines& lines, const Fields& fields, const Place& place) {
    if (lines.may_be_cut()) {
      builder_.note(fmt::format("the last line, {}, is cut off and was left out", place.line));
      return;
    }
    if (fields.size() > 1)
      refuse(place, fmt::format("has {} fields, the header has {}", fields.size(), layout_.width));
    if (messages_++ == 0) {
      message_ = fields[0].text;
      first_message_ = place.line;
    }
  }

  [[nodiscard]] std::string device_id(const Fields& fields, const ValueColumn& column) const {
    std::string id = column.device;
    if (id.empty() && layout_.device) {
      const std::string& text = fields[*layout_.device].text;
      id = layout_.is_numbered && parse_number(text) ? "GPU " + text : text;
    }
    if (id.empty()) id = "device";
    return layout_.host && !fields[*layout_.host].text.empty() ? fields[*layout_.host].text + " " + id : id;
  }

  [[nodiscard]] LogTime time_of(const Fields& fields, std::size_t device, std::size_t column,
                                const Place& place) {
    if (layout_.time) return time_in(place, fields[*layout_.time]);
    if (!options_.step)
      refuse(place, "has no column of times: say how far apart the readings are with --step");
    return {static_cast<double>(counts_[{device, column}]++) * *options_.step, TimeBasis::relative};
  }

  void value(const Fields& fields, const ValueColumn& column, const Place& place) {
    const std::string model = layout_.model ? fields[*layout_.model].text : "";
    const std::size_t device = builder_.device(device_id(fields, column), model, place);
    const LogTime time = time_of(fields, device, column.index, place);
    const Field& field = fields[column.index];
    if (!layout_.quantities[column.quantity].is_counter) {
      const auto power = power_in(place, field, column.unit * watt);
      builder_.add(device, column.quantity, place, time, power ? std::optional(*power / watt) : std::nullopt);
      return;
    }
    const auto energy = energy_in(place, field, column.unit * joule);
    builder_.add(device, column.quantity, place, time,
                 energy ? std::optional(*energy / joule) : std::nullopt);
    if (!column.range) return;
    if (const auto range = energy_in(place, fields[*column.range], column.unit * joule))
      builder_.wraps_at(device, *range);
  }

  const std::string& file_;
  const ReadOptions& options_;
  TableLayout layout_;
  std::string head_;
  char separator_;
  LogBuilder builder_;
  std::map<std::pair<std::size_t, std::size_t>, std::size_t> counts_;  // of readings, by device and column
  std::size_t messages_ = 0;
  std::string message_;
  int first_message_ = 0;
};

// Steps within one round over several devices: a few milliseconds, and much less than the mean step. The
// longest hundredth of the steps may be gaps, and tells nothing.
bool has_rounds(const std::vector<PowerReading>& power) {
  constexpr double kWithinRound = 0.05;
  if (power.size() < 8) return false;
  std::vector<double> steps;
  for (std::size_t i = 1; i < power.size(); ++i)
    steps.push_back((power[i].time - power[i - 1].time) / second);
  std::ranges::sort(steps);
  steps.resize(steps.size() - std::max<std::size_t>(1, steps.size() / 100));
  const double mean = std::accumulate(steps.begin(), steps.end(), 0.0) / static_cast<double>(steps.size());
  const auto close =
      std::ranges::count_if(steps, [&](double step) { return step < std::min(kWithinRound, 0.2 * mean); });
  return 4 * close >= std::ssize(steps);
}

// Several GPUs, or RAPL domains of several sockets, that no column tells apart would pass for one: of their
// mean power, or of the first one's.
void refuse_mixed_devices(const MeterLog& log) {
  constexpr std::size_t kMany = 8;
  for (const Device& device : log.devices) {
    const std::size_t kept = device.power.size() + device.counter.size();
    if (device.repeated >= kMany && device.repeated * 4 >= kept)
      throw InputError(
          {log.file, 0, 0}, "",
          fmt::format(
              "{} has several readings at one time: of several devices (log index, uuid or domain too), or "
              "times without fractions of a second",
              device.id));
  }
  if (log.devices.size() == 1 && log.devices[0].id == "device" && has_rounds(log.devices[0].power))
    throw InputError(
        {log.file, 0, 0}, "",
        "its readings come in groups, as of several devices, but no column says which is whose: log index "
        "or uuid too");
}

}  // namespace

Format table_format(std::string_view header) {
  const TableLayout layout = layout_of(split_fields(header, separator_of(header)), "");
  if (layout.values.empty()) return Format::automatic;
  const auto has = [&](std::string_view part) {
    return std::ranges::any_of(layout.quantities,
                               [&](const Quantity& q) { return q.name.starts_with(part); });
  };
  if (has("power.draw")) return Format::nvidia_smi;
  if (has("dcgm_")) return Format::dcgm_csv;
  return has("energy_uj") ? Format::rapl : Format::zeus_power;
}

bool is_bare_table(std::string_view first_line) {
  const Fields fields = split_fields(first_line, ',');
  if (fields.size() < 2) return false;
  const auto time = parse_number(fields[0].text);
  return time && *time >= 1e8 &&
         std::ranges::all_of(fields, [](const Field& field) { return parse_number(field.text).has_value(); });
}

MeterLog read_table(std::string_view text, const std::string& file, Format format,
                    const ReadOptions& options) {
  Lines lines(text);
  if (!lines.next()) throw InputError({file, 1, 0}, "", "is empty");
  const std::string head(lines.line());
  const char separator = separator_of(head);
  const Fields heads = split_fields(head, separator);
  const bool is_bare = is_bare_table(head);
  TableLayout layout = is_bare ? bare_layout(heads.size()) : layout_of(heads, options.column);
  if (layout.values.empty()) {
    std::vector<std::string> names;
    for (const Field& field : heads) names.push_back(in_quotes(field.text));
    throw InputError({file, lines.number(), 0}, "",
                     fmt::format("has no column {} of power or energy; it has {}",
                                 options.column.empty() ? "that is known to be" : in_quotes(options.column),
                                 join_names(names, 20)));
  }
  // A first row that is no head may be repeated by readings.
  TableReader reader(file, format, options, std::move(layout), is_bare ? "" : head, separator);
  if (is_bare) lines = Lines(text);
  while (lines.next()) reader.row(lines);
  MeterLog log = reader.finish();
  refuse_mixed_devices(log);
  return log;
}

}  // namespace tonne::meters
