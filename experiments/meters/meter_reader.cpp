// Reads a log: which reader it is for.

#include <algorithm>

#include "core/csv.h"
#include "core/error.h"
#include "experiments/meters/log_text.h"
#include "experiments/meters/meter_log.h"
#include "experiments/meters/readers.h"

namespace tonne::meters {
namespace {

constexpr std::size_t kLargestLog = std::size_t{1} << 30U;

void refuse_binary(std::string_view text, const std::string& file) {
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF"))
    throw InputError(
        {file, 1, 0}, "",
        "is UTF-16 text, as PowerShell's > writes it: expected UTF-8 (| Out-File -Encoding utf8)");
  const std::size_t zero = text.find('\0');
  if (zero == std::string_view::npos) return;
  const int line = 1 + static_cast<int>(std::ranges::count(text.substr(0, zero), '\n'));
  throw InputError({file, line, 0}, "", "holds a zero byte: expected the text of a power meter's log");
}

// Longer lines are no log's, and would be split into as many fields as memory has room for.
void refuse_long_lines(std::string_view text, const std::string& file) {
  constexpr std::size_t kLongest = std::size_t{1} << 20U;
  int line = 1;
  for (std::size_t begin = 0; begin < text.size(); ++line) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    if (end - begin > kLongest)
      throw InputError({file, line, 0}, "", "is a line of more than 1 MiB: no power meter writes such");
    begin = end + 1;
  }
}

bool has_word(std::string_view line, std::string_view word) {
  return std::ranges::any_of(split_words(line), [&](const Field& field) { return field.text == word; });
}

// What a line says of the format of its file; automatic: nothing.
Format format_by_line(std::string_view line) {
  const std::string low = lowered(line);
  const auto has = [&](std::string_view part) { return low.find(part) != std::string::npos; };
  if (has("start_time") && has("window_name") && has("elapsed_time")) return Format::zeus_windows;
  if (has("energy_consumed") && has("duration") && has("timestamp")) return Format::codecarbon;
  if (trimmed(low).starts_with("jobid") || has("|jobid") || has("|consumedenergy")) return Format::slurm;
  if (has("#") && has("entity")) return Format::dcgm_dmon;
  if (has("#") && has("gpu") && has("pwr")) return Format::nvidia_dmon;
  if (has("dcgm_fi_dev_") && has("{")) return Format::prometheus;
  if (has("joules") && (has("energy-") || has("joules,") || has("joules;"))) return Format::perf;
  if (has_word(line, "PkgWatt")) return Format::turbostat;
  const Format table = table_format(line);
  if (table != Format::automatic) return table;
  return is_bare_table(line) ? Format::zeus_power : Format::automatic;
}

// Options that this log has no use for.
void tell_useless(MeterLog& log, const ReadOptions& options) {
  const bool has_counter =
      std::ranges::any_of(log.devices, [](const Device& device) { return !device.counter.empty(); });
  const bool is_table = log.format == Format::nvidia_smi || log.format == Format::dcgm_csv ||
                        log.format == Format::zeus_power || log.format == Format::rapl;
  if (options.step && (log.basis != TimeBasis::relative || log.devices.empty()))
    log.notes.emplace_back("--step has no effect: the log has times");
  if (options.counter_range && !has_counter)
    log.notes.emplace_back("--counter-range has no effect: the log has no counter");
  if (!options.column.empty() && !is_table)
    log.notes.emplace_back("--column has no effect on logs of this kind");
}

bool is_headless_nvidia(std::string_view line) {
  const Fields fields = split_fields(line, ',');
  return fields.size() > 1 && fields[0].text.size() > 10 && fields[0].text[4] == '/' &&
         parse_log_time(fields[0].text);
}

Format detect(std::string_view text, const std::string& file) {
  constexpr int kLookedAt = 200;
  Lines lines(text);
  for (int i = 0; i < kLookedAt && lines.next(); ++i) {
    const Format format = format_by_line(lines.line());
    if (format != Format::automatic) return format;
    if (is_headless_nvidia(lines.line()))
      throw InputError({file, lines.number(), 0}, "",
                       "has no header, so that nobody knows which column is the power: log with "
                       "--format=csv, not noheader");
  }
  if (trimmed(lines.line()).empty()) throw InputError({file, 0, 0}, "", "is empty");
  throw InputError({file, 0, 0}, "",
                   "is no power meter's log that is known: expected CodeCarbon, nvidia-smi, DCGM, Zeus, "
                   "sacct -P, RAPL, perf or turbostat (docs/how-to.md)");
}

// Programs that go on writing end each line, so that a last line without an end was cut off, maybe within its
// number.
bool ends_each_line(Format format) {
  return format == Format::nvidia_smi || format == Format::nvidia_dmon || format == Format::dcgm_dmon ||
         format == Format::prometheus || format == Format::perf || format == Format::turbostat;
}

}  // namespace

MeterLog parse_log(std::string text, const std::string& file, const ReadOptions& options) {
  refuse_binary(text, file);
  refuse_long_lines(text, file);
  std::string_view rest = text;
  if (rest.starts_with("\xEF\xBB\xBF")) rest.remove_prefix(3);
  const Format format = options.format == Format::automatic ? detect(rest, file) : options.format;
  const std::size_t end = rest.rfind('\n');
  const bool is_cut = ends_each_line(format) && end != std::string_view::npos && end + 1 < rest.size();
  if (is_cut) rest = rest.substr(0, end + 1);
  MeterLog log;
  switch (format) {
    case Format::codecarbon:
      log = read_codecarbon(rest, file);
      break;
    case Format::slurm:
      log = read_slurm(rest, file);
      break;
    case Format::zeus_windows:
      log = read_zeus_windows(rest, file);
      break;
    case Format::nvidia_dmon:
    case Format::dcgm_dmon:
    case Format::turbostat:
      log = read_columns(rest, file, format, options);
      break;
    case Format::prometheus:
      log = read_prometheus(rest, file, options);
      break;
    case Format::perf:
      log = read_perf(rest, file, options);
      break;
    default:
      log = read_table(rest, file, format, options);
  }
  if (is_cut) log.notes.emplace_back("the last line has no end, as if it were cut off: left out");
  tell_useless(log, options);
  if (options.counter_range)
    for (Device& device : log.devices)
      if (!device.counter_range) device.counter_range = options.counter_range;
  return log;
}

MeterLog read_log(const std::filesystem::path& file, const ReadOptions& options) {
  return parse_log(read_text_file(file, kLargestLog), file.string(), options);
}

}  // namespace tonne::meters
