// dcgm-exporter's text, scrape after scrape: NAME{gpu="0",...} VALUE [MILLISECONDS].

#include <fmt/format.h>

#include <algorithm>

#include "core/csv.h"
#include "experiments/meters/log_builder.h"
#include "experiments/meters/readers.h"

namespace tonne::meters {
namespace {

struct Exposed {
  std::string_view name;
  std::string_view labels;
  Fields rest;  // the value, and its time in milliseconds
};

std::optional<Exposed> exposed_in(std::string_view line) {
  Exposed exposed;
  const std::size_t open = line.find('{');
  if (open == std::string_view::npos) return std::nullopt;
  // A label's value may hold a brace; none holds one behind the last.
  const std::size_t close = line.rfind('}');
  if (close == std::string_view::npos || close < open) return std::nullopt;
  exposed.name = trimmed(line.substr(0, open));
  exposed.labels = line.substr(open + 1, close - open - 1);
  exposed.rest = split_words(line.substr(close + 1));
  for (Field& field : exposed.rest) field.column += static_cast<int>(close) + 1;
  if (exposed.rest.empty()) return std::nullopt;
  return exposed;
}

std::string label_in(std::string_view labels, std::string_view name) {
  const std::string key = std::string(name) + "=\"";
  for (std::size_t at = labels.find(key); at != std::string_view::npos; at = labels.find(key, at + 1)) {
    if (at > 0 && labels[at - 1] != ',' && labels[at - 1] != ' ') continue;
    const std::size_t begin = at + key.size();
    return std::string(labels.substr(begin, labels.find('"', begin) - begin));
  }
  return "";
}

std::string exposed_device(std::string_view labels) {
  std::string id = label_in(labels, "gpu");
  id = id.empty() ? label_in(labels, "UUID") : "GPU " + id;
  if (id.empty()) id = "device";
  const std::string host = label_in(labels, "Hostname");
  return host.empty() ? id : host + " " + id;
}

// "# 1706695872" or "2024-01-31T10:11:12Z": a line that a scraping loop writes before each scrape.
std::optional<LogTime> time_alone(std::string_view line) {
  line = trimmed(line);
  while (line.starts_with('#')) line = trimmed(line.substr(1));
  return parse_log_time(line);
}

}  // namespace

MeterLog read_prometheus(std::string_view text, const std::string& file, const ReadOptions& options) {
  LogBuilder builder(file, Format::prometheus,
                     {{"DCGM_FI_DEV_POWER_USAGE", PowerKind::instant, false},
                      {"DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION", PowerKind::instant, true}});
  std::optional<LogTime> scraped;
  std::map<std::pair<std::size_t, bool>, std::size_t> counts;
  for (Lines lines(text); lines.next();) {
    const Place place{file, lines.number()};
    if (const auto time = time_alone(lines.line())) {
      scraped = time;
      continue;
    }
    const auto exposed = exposed_in(lines.line());
    if (!exposed || lines.line().starts_with('#')) continue;
    const bool is_counter = exposed->name == "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION";
    if (!is_counter && exposed->name != "DCGM_FI_DEV_POWER_USAGE") continue;
    const std::size_t device =
        builder.device(exposed_device(exposed->labels), label_in(exposed->labels, "modelName"), place);
    LogTime time;
    if (exposed->rest.size() > 1)
      time = time_in(place, exposed->rest[1]);
    else if (scraped)
      time = *scraped;
    else if (options.step)
      time = {static_cast<double>(counts[{device, is_counter}]++) * *options.step, TimeBasis::relative};
    else
      refuse(place,
             "the scrapes have no times: write one on a line before each (date +%s), or say how far apart "
             "they are with --step");
    std::optional<double> value;
    if (is_counter) {
      if (const auto energy = energy_in(place, exposed->rest[0], 1e-3 * joule)) value = *energy / joule;
    } else if (const auto power = power_in(place, exposed->rest[0], watt)) {
      value = *power / watt;
    }
    builder.add(device, is_counter ? 1 : 0, place, time, value);
  }
  return builder.finish();
}

}  // namespace tonne::meters
