// Traces in JSON.

#include <algorithm>
#include <cmath>

#include "core/csv.h"
#include "core/json.h"
#include "core/random.h"
#include "cost_models/time.h"
#include "cost_models/trace_rows.h"

namespace tonne::traces {

namespace {

constexpr int kDeepestJson = 8;

Json json_of(std::string_view text, const std::string& file) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  std::string why;
  Json json = parse_json(text, kDeepestJson, &why);
  if (json.is_discarded()) throw InputError({file, 0, 0}, "", why);
  return json;
}

// Names differ in case between the SDK's versions.
const Json* field(const Json& record, std::string_view name) {
  if (!record.is_object()) return nullptr;
  for (const auto& [key, value] : record.items())
    if (lower(key) == name) return &value;
  return nullptr;
}

// A text, or a number such as seconds since 1970.
std::string text_field(const Rows& rows, const Row& row, const Json& record, std::string_view name) {
  const Json* value = field(record, name);
  if (value && value->is_string()) return value->get<std::string>();
  if (value && value->is_number_integer()) return value->dump();
  rows.refuse(row, fmt::format("has no string '{}'", name));
}

// A number, or a text that is one; nothing for a field without one where gaps are held.
std::optional<double> number_field(const Rows& rows, const Row& row, const Json& record, std::string_view name, const TraceSource& source) {
  const Json* value = field(record, name);
  if (value && value->is_number()) return value->get<double>();
  if (value && value->is_string())
    if (const auto number = parse_number(value->get_ref<const std::string&>())) return *number;
  const bool is_nothing = !value || value->is_null() || (value->is_string() && says_nothing(value->get_ref<const std::string&>()));
  if (is_nothing && record.is_object() && source.gaps == TraceGaps::hold) return std::nullopt;
  rows.refuse(row, fmt::format("has no number '{}'{}", name, value && value->is_null() ? " (it is null; grid.gaps: hold would keep the value before)" : ""));
}

// "01:00", "00:05:00" or "1.00:00:00": hours and minutes, with seconds, with days.
std::optional<Duration> parse_span(std::string_view text) {
  Duration days{};
  if (const std::size_t point = text.find('.'); point != std::string_view::npos && point < text.find(':')) {
    const auto count = parse_number(text.substr(0, point));
    if (!count || *count < 0.0) return std::nullopt;
    days = *count * day;
    text.remove_prefix(point + 1);
  }
  Duration span{};
  Duration unit = hour;
  std::size_t parts = 0;
  while (!text.empty()) {
    const std::size_t colon = std::min(text.find(':'), text.size());
    const auto count = parse_number(text.substr(0, colon));
    if (!count || *count < 0.0 || ++parts > 3) return std::nullopt;
    span += *count * unit;
    unit = unit / 60.0;
    text.remove_prefix(std::min(colon + 1, text.size()));
  }
  return parts >= 2 ? std::optional(days + span) : std::nullopt;
}

// Whether a record is of the zone that is asked. Without one that is asked, all must be of one.
class ZoneFilter {
 public:
  ZoneFilter(const Rows& rows, const TraceSource& source) : rows_(rows), asked_(source.location) {}

  [[nodiscard]] bool takes(const Row& row, const Json& record, std::string_view name) {
    const Json* place = field(record, name);
    if (!place || !place->is_string()) return asked_.empty();
    const auto& zone = place->get_ref<const std::string&>();
    if (!asked_.empty()) return zone == asked_;
    if (first_ && *first_ != zone)
      rows_.refuse(row, fmt::format("{} '{}' after '{}': a trace must cover one zone, set grid.location to it",
                                    name == "location" ? "location" : "zone", printable(zone.substr(0, 40)), printable(first_->substr(0, 40))));
    first_ = zone;
    return true;
  }

 private:
  const Rows& rows_;
  std::string asked_;
  std::optional<std::string> first_;
};

// Goes through the records of the zone that is asked. `fill` reads what the row needs of a record.
template <class Fill>
void read_records(const Json& records, std::string_view zone_name, const TraceSource& source, Rows& rows, Fill fill) {
  ZoneFilter filter(rows, source);
  int number = 0;
  for (const Json& record : records) {
    Row row;
    row.place = ++number;
    if (!filter.takes(row, record, zone_name)) continue;
    fill(row, record);
    rows.rows.push_back(std::move(row));
  }
  if (rows.rows.empty() && !source.location.empty())
    throw InputError({rows.file, 0, 0}, "", fmt::format("has no records of zone '{}', which grid.location names", printable(source.location)));
}

void read_carbon_aware(const Json& records, const TraceSource& source, Rows& rows) {
  constexpr Duration kLongest = 366.0 * day;
  rows.declared.by = "the Carbon Aware SDK";
  rows.declared.basis = SignalBasis::location;
  rows.declared.unit = gram_per_kilowatt_hour;
  read_records(records, "location", source, rows, [&](Row& row, const Json& record) {
    row.time = text_field(rows, row, record, "time");
    row.value = number_field(rows, row, record, "rating", source);
    const Json* duration = field(record, "duration");
    if (!duration || !duration->is_string()) return;
    row.length = parse_span(duration->get_ref<const std::string&>());
    if (!row.length || !(*row.length > Duration{}) || *row.length > kLongest)
      rows.refuse(row, fmt::format("duration '{}' is not a span such as '01:00'", printable(duration->get<std::string>().substr(0, 40))));
  });
}

void declare_signal(const std::string& type, Rows& rows) {
  if (type == "co2_moer") return;
  if (type != "co2_aoer")
    throw InputError({rows.file, 0, 0}, "meta.signal_type",
                     "is '" + printable(type.substr(0, 40)) + "', expected co2_moer or co2_aoer");
  rows.declared.kind = SignalKind::average;
}

void read_watttime(const Json& records, const Json* meta, const TraceSource& source, Rows& rows) {
  if (const Json* units = meta ? field(*meta, "units") : nullptr; units && units->is_string()) {
    const auto& text = units->get_ref<const std::string&>();
    declare_unit(rows.declared, text);
    if (!rows.declared.unit)
      throw InputError({rows.file, 0, 0}, "meta.units",
                       "is '" + printable(text.substr(0, 40)) + "', expected lbs_co2_per_mwh");
  }
  declare_watttime(rows.declared);
  if (const Json* signal = meta ? field(*meta, "signal_type") : nullptr; signal && signal->is_string())
    declare_signal(lower(signal->get_ref<const std::string&>()), rows);
  read_records(records, "ba", source, rows, [&](Row& row, const Json& record) {
    row.time = text_field(rows, row, record, "point_time");
    row.value = number_field(rows, row, record, "value", source);
  });
}

// Of Electricity Maps: "lifecycle", which is what its API answers unless asked, or "direct".
SignalScope scope_of_record(const Rows& rows, const Row& row, const Json& record) {
  const Json* type = field(record, "emissionfactortype");
  const std::string text = type && type->is_string() ? lower(type->get_ref<const std::string&>()) : "lifecycle";
  if (text == "direct") return SignalScope::direct;
  if (text == "lifecycle") return SignalScope::life_cycle;
  rows.refuse(row, fmt::format("emissionFactorType is '{}', expected lifecycle or direct", printable(text.substr(0, 40))));
}

void read_electricity_maps(const Json& records, const TraceSource& source, Rows& rows) {
  rows.declared.by = "Electricity Maps";
  rows.declared.kind = SignalKind::average;
  rows.declared.basis = SignalBasis::location;
  rows.declared.unit = gram_per_kilowatt_hour;
  read_records(records, "zone", source, rows, [&](Row& row, const Json& record) {
    row.time = text_field(rows, row, record, "datetime");
    row.value = number_field(rows, row, record, "carbonintensity", source);
    const SignalScope scope = scope_of_record(rows, row, record);
    if (rows.declared.scope && *rows.declared.scope != scope) rows.refuse(row, "has another emissionFactorType than the records before");
    rows.declared.scope = scope;
  });
}

// Per half an hour from `from` to `to`. What was forecast is asked for by its name: it is not what came.
void read_gb(const Json& records, const TraceSource& source, Rows& rows) {
  rows.declared.by = "carbonintensity.org.uk";
  rows.declared.kind = SignalKind::average;
  rows.declared.scope = SignalScope::direct;  // its methodology counts generation only, with imports and losses
  rows.declared.basis = SignalBasis::location;
  rows.declared.unit = gram_per_kilowatt_hour;
  const std::string name = source.column.empty() ? "actual" : source.column;
  if (name != "actual" && name != "forecast")
    throw InputError({rows.file, 0, 0}, "", fmt::format("has no column '{}': expected actual or forecast", printable(name.substr(0, 40))));
  read_records(records, "shortname", source, rows, [&](Row& row, const Json& record) {
    row.time = text_field(rows, row, record, "from");
    row.until = text_field(rows, row, record, "to");
    const Json* intensity = field(record, "intensity");
    if (!intensity || !intensity->is_object()) rows.refuse(row, "has no group 'intensity'");
    const Json* value = field(*intensity, name);
    if ((!value || value->is_null()) && name == "actual" && source.gaps == TraceGaps::refuse)
      rows.refuse(row, "has no actual intensity: set grid.column: forecast for what was forecast, or grid.gaps: hold to keep the value before");
    row.value = number_field(rows, row, *intensity, name, source);
  });
}

// --- which format it is ---------------------------------------------------------------------------------------

// The list of records, wherever the format has it.
const Json& records_in(const Json& json, const std::string& file) {
  const Json* list = &json;
  for (const std::string_view name : {"history", "forecast", "data", "emissions"})
    if (const Json* found = field(json, name)) {
      list = found;
      break;
    }
  if (const Json* nested = field(*list, "data")) list = nested;  // of one region of Great Britain
  if (list->is_array()) return *list;
  throw InputError({file, 0, 0}, "",
                   "has no list of records: expected Electricity Maps' (history), WattTime's (data), carbonintensity.org.uk's (data) "
                   "or the Carbon Aware SDK's (Emissions)");
}

TraceFormat format_of(const Json& json, const Json& records) {
  if (records.empty()) return TraceFormat::automatic;
  const Json& first = records.front();
  if (field(first, "carbonintensity")) return TraceFormat::electricity_maps;
  if (field(first, "from") && field(first, "intensity")) return TraceFormat::gb_carbon_intensity;
  if (field(json, "history")) return TraceFormat::electricity_maps;
  if (field(json, "data") || field(first, "point_time")) return TraceFormat::watttime;
  return TraceFormat::carbon_aware;
}

std::string_view name_of(TraceFormat format) {
  switch (format) {
    case TraceFormat::electricity_maps:
      return "Electricity Maps'";
    case TraceFormat::watttime:
      return "WattTime's";
    case TraceFormat::gb_carbon_intensity:
      return "carbonintensity.org.uk's";
    case TraceFormat::automatic:
    case TraceFormat::csv:
    case TraceFormat::carbon_aware:
      break;
  }
  return "the Carbon Aware SDK's";
}

void check_json_format(const TraceSource& source, TraceFormat found, const std::string& file) {
  if (source.format == TraceFormat::csv) throw InputError({file, 0, 0}, "", "is JSON, but grid.format says otherwise");
  if (source.format == TraceFormat::automatic && found == TraceFormat::carbon_aware)
    throw InputError({file, 0, 0}, "",
                     "does not say whether its figures are average or marginal: set grid.format: "
                     "carbon_aware and grid.kind");
  if (source.format != TraceFormat::automatic && source.format != found)
    throw InputError({file, 0, 0}, "", fmt::format("is {} JSON, but grid.format says otherwise", name_of(found)));
  if (!source.column.empty() && found != TraceFormat::gb_carbon_intensity)
    throw InputError({file, 0, 0}, "", fmt::format("is {} JSON, which has no columns: leave out grid.column", name_of(found)));
}

}  // namespace

Rows read_json(const TraceSource& source, const std::string& text) {
  Rows rows;
  rows.file = source.file.string();
  rows.is_json = true;
  rows.digest = hash_text(text);
  const Json json = json_of(text, rows.file);
  const Json& records = records_in(json, rows.file);
  const TraceFormat found = format_of(json, records);
  if (found == TraceFormat::automatic) throw InputError({rows.file, 0, 0}, "", "has no records");
  check_json_format(source, found, rows.file);
  if (found == TraceFormat::electricity_maps) read_electricity_maps(records, source, rows);
  if (found == TraceFormat::gb_carbon_intensity) read_gb(records, source, rows);
  if (found == TraceFormat::watttime) read_watttime(records, field(json, "meta"), source, rows);
  if (found == TraceFormat::carbon_aware) read_carbon_aware(records, source, rows);
  return rows;
}

}  // namespace tonne::traces
