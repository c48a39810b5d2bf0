// Words in columns below a head that is repeated: nvidia-smi dmon, dcgmi dmon, turbostat.

#include <fmt/format.h>

#include <algorithm>

#include "experiments/meters/log_builder.h"
#include "experiments/meters/readers.h"
#include "experiments/meters/row_clock.h"

namespace tonne::meters {
namespace {

// A head begins with '#', which may stand alone; what stands before it (a time, by ts or a wrapper) stands
// before each row.
struct ColumnHead {
  std::size_t prefix = 0;
  std::vector<std::string> names;
};

std::optional<ColumnHead> head_in(const Fields& words, std::initializer_list<std::string_view> must_have) {
  ColumnHead head;
  while (head.prefix < words.size() && !words[head.prefix].text.starts_with('#')) ++head.prefix;
  for (std::size_t i = head.prefix; i < words.size(); ++i) {
    std::string name = lowered(words[i].text);
    if (i == head.prefix) name.erase(0, 1);
    if (!name.empty()) head.names.push_back(name);
  }
  if (!find_head(head.names, must_have)) return std::nullopt;
  return head;
}

// Of rows that are no readings: what a program says between them.
struct OtherLines {
  std::size_t count = 0;
  int first = 0;

  void add(int line) {
    if (count++ == 0) first = line;
  }
  void tell(LogBuilder& builder) const {
    if (count > 0)
      builder.note(fmt::format("left out, since no readings: {}, the first is line {}",
                               counted(count, "line"), first));
  }
};

std::optional<double> watts_in(const Place& place, const Field& field) {
  const auto power = power_in(place, field, watt);
  return power ? std::optional(*power / watt) : std::nullopt;
}

// As split_words, also of --format csv.
Fields dmon_words(std::string_view line) {
  std::string text(line);
  std::ranges::replace(text, ',', ' ');
  return split_words(text);
}

MeterLog read_dmon(std::string_view text, const std::string& file, const ReadOptions& options) {
  LogBuilder builder(file, Format::nvidia_dmon, {{"pwr", PowerKind::instant, false}});
  RowClock clock(options.step, "such as --step '1 s' for nvidia-smi dmon without -d, or log with -o DT");
  std::optional<ColumnHead> head;
  OtherLines others;
  for (Lines lines(text); lines.next();) {
    const Fields words = dmon_words(lines.line());
    const Place place{file, lines.number()};
    if (lines.line().find('#') != std::string_view::npos) {
      if (auto found = head_in(words, {"pwr"})) head = std::move(found);
      continue;
    }
    if (!head || words.size() != head->prefix + head->names.size()) {
      others.add(place.line);
      continue;
    }
    const auto gpu = find_head(head->names, {"gpu", "idx"});
    if (!gpu) refuse(place, "dmon's head has no column gpu");
    const std::size_t device = builder.device("GPU " + words[head->prefix + *gpu].text, "", place);
    // The columns before gpu are the date and the time; a prefix serves where there are none.
    const bool is_dated = *gpu > 0;
    const std::size_t begin = is_dated ? head->prefix : 0;
    const Field written = joined_words(words, begin, is_dated ? head->prefix + *gpu : head->prefix);
    const Field& power = words[head->prefix + *find_head(head->names, {"pwr"})];
    builder.add(device, 0, place, clock.at(place, written, device), watts_in(place, power));
  }
  others.tell(builder);
  return builder.finish();
}

MeterLog read_dcgmi(std::string_view text, const std::string& file, const ReadOptions& options) {
  LogBuilder builder(file, Format::dcgm_dmon,
                     {{"POWER", PowerKind::instant, false}, {"TOTEC", PowerKind::instant, true}});
  RowClock clock(options.step, "such as --step '1 s' for dcgmi dmon without -d, or log through ts '%.s'");
  std::optional<ColumnHead> head;
  OtherLines others;
  for (Lines lines(text); lines.next();) {
    const Fields words = split_words(lines.line());
    const Place place{file, lines.number()};
    if (lines.line().find('#') != std::string_view::npos) {
      if (auto found = head_in(words, {"power", "totec"})) head = std::move(found);
      continue;
    }
    const std::size_t prefix = head ? head->prefix : 0;
    if (words.size() > prefix && words[prefix].text == "ID") continue;  // the line of units
    // "GPU 0" are two words below the one head "Entity".
    if (!head || words.size() != prefix + head->names.size() + 1 || !words[prefix].text.starts_with("GPU")) {
      others.add(place.line);
      continue;
    }
    const std::size_t device = builder.device(words[prefix].text + " " + words[prefix + 1].text, "", place);
    const LogTime time = clock.at(place, joined_words(words, 0, prefix), device);
    if (const auto power = find_head(head->names, {"power"}))
      builder.add(device, 0, place, time, watts_in(place, words[prefix + 1 + *power]));
    if (const auto counter = find_head(head->names, {"totec"})) {
      const auto energy = energy_in(place, words[prefix + 1 + *counter], 1e-3 * joule);
      builder.add(device, 1, place, time, energy ? std::optional(*energy / joule) : std::nullopt);
    }
  }
  others.tell(builder);
  return builder.finish();
}

// Rows of single cores, packages and processors repeat what the first, of "-", has added up.
bool is_sum_of_machine(const std::vector<std::string>& heads, const Fields& words) {
  const bool has_parts = find_head(heads, {"package", "die", "node", "core", "cpu"}).has_value();
  return !has_parts || std::ranges::any_of(words, [](const Field& word) { return word.text == "-"; });
}

MeterLog read_turbostat(std::string_view text, const std::string& file, const ReadOptions& options) {
  constexpr std::string_view kNames[] = {"PkgWatt", "RAMWatt", "CorWatt", "GFXWatt"};
  LogBuilder builder(file, Format::turbostat, {{"power", PowerKind::interval, false}});
  RowClock clock(options.step,
                 "such as --step '5 s' for turbostat without -i, or log with --enable Time_Of_Day_Seconds");
  std::vector<std::string> heads;
  for (Lines lines(text); lines.next();) {
    const Fields words = split_words(lines.line());
    const Place place{file, lines.number()};
    if (std::ranges::find(words, "PkgWatt", &Field::text) != words.end()) {
      heads.clear();
      for (const Field& word : words) heads.push_back(lowered(word.text));
      continue;
    }
    if (words.size() != heads.size() || !is_sum_of_machine(heads, words)) continue;
    const auto time = find_head(heads, {"time_of_day_seconds"});
    for (const std::string_view name : kNames) {
      const auto at = find_head(heads, {lowered(name)});
      if (!at) continue;
      const std::size_t device = builder.device(std::string(name), "", place);
      builder.add(device, 0, place, clock.at(place, time ? words[*time] : Field{}, device),
                  watts_in(place, words[*at]));
    }
  }
  return builder.finish();
}

}  // namespace

MeterLog read_columns(std::string_view text, const std::string& file, Format format,
                      const ReadOptions& options) {
  if (format == Format::nvidia_dmon) return read_dmon(text, file, options);
  return format == Format::dcgm_dmon ? read_dcgmi(text, file, options) : read_turbostat(text, file, options);
}

}  // namespace tonne::meters
