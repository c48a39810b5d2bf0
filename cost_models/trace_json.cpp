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

std::string text_field(const Rows& rows, const Row& row, const Json& record, std::string_view name) {
  const Json* value = field(record, name);
  if (!value || !value->is_string()) rows.refuse(row, fmt::format("has no string '{}'", name));
  return value->get<std::string>();
}

// A number, or a text that is one.
double number_field(const Rows& rows, const Row& row, const Json& record, std::string_view name) {
  const Json* value = field(record, name);
  if (value && value->is_number()) return value->get<double>();
  if (value && value->is_string())
    if (const auto number = parse_number(value->get_ref<const std::string&>())) return *number;
  rows.refuse(row, fmt::format("has no number '{}'", name));
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

void read_carbon_aware(const Json& records, Rows& rows) {
  rows.declared.by = "the Carbon Aware SDK";
  rows.declared.basis = SignalBasis::location;
  rows.declared.unit = gram_per_kilowatt_hour;
  std::optional<std::string> location;
  for (const Json& record : records) {
    Row row{"", 0.0, static_cast<int>(rows.rows.size()) + 1};
    row.time = text_field(rows, row, record, "time");
    row.value = number_field(rows, row, record, "rating");
    if (const Json* place = field(record, "location"); place && place->is_string()) {
      const auto& name = place->get_ref<const std::string&>();
      if (location && *location != name)
        rows.refuse(row,
                    fmt::format("location '{}' after '{}': a trace must cover one zone", name, *location));
      location = name;
    }
    if (const Json* duration = field(record, "duration"); duration && duration->is_string()) {
      const auto span = parse_span(duration->get_ref<const std::string&>());
      if (!span || !(*span > Duration{}))
        rows.refuse(row, fmt::format("duration '{}' is not a span such as '01:00'",
                                     duration->get<std::string>().substr(0, 40)));
      if (rows.step && *rows.step != *span)
        rows.refuse(row, "has a different duration from the record before: a trace needs uniform steps");
      rows.step = span;
    }
    rows.rows.push_back(std::move(row));
  }
}

void declare_signal(const std::string& type, Rows& rows) {
  if (type == "co2_moer") return;
  if (type != "co2_aoer")
    throw InputError({rows.file, 0, 0}, "meta.signal_type",
                     "is '" + type.substr(0, 40) + "', expected co2_moer or co2_aoer");
  rows.declared.kind = SignalKind::average;
}

void read_watttime(const Json& records, const Json* meta, Rows& rows) {
  if (const Json* units = meta ? field(*meta, "units") : nullptr; units && units->is_string()) {
    const auto& text = units->get_ref<const std::string&>();
    rows.declared.unit = unit_of(text, rows.file);
    if (!rows.declared.unit)
      throw InputError({rows.file, 0, 0}, "meta.units",
                       "is '" + printable(text.substr(0, 40)) + "', expected lbs_co2_per_mwh");
  }
  declare_watttime(rows.declared);
  if (const Json* signal = meta ? field(*meta, "signal_type") : nullptr; signal && signal->is_string())
    declare_signal(lower(signal->get_ref<const std::string&>()), rows);
  std::optional<std::string> authority;
  for (const Json& record : records) {
    Row row{"", 0.0, static_cast<int>(rows.rows.size()) + 1};
    row.time = text_field(rows, row, record, "point_time");
    row.value = number_field(rows, row, record, "value");
    if (const Json* place = field(record, "ba"); place && place->is_string()) {
      const auto& name = place->get_ref<const std::string&>();
      if (authority && *authority != name)
        rows.refuse(row, fmt::format("zone '{}' after '{}': a trace must cover one zone", name, *authority));
      authority = name;
    }
    rows.rows.push_back(std::move(row));
  }
}

}  // namespace

Rows read_json(const TraceSource& source, const std::string& text) {
  Rows rows;
  rows.file = source.file.string();
  rows.is_json = true;
  rows.digest = hash_text(text);
  const Json json = json_of(text, rows.file);
  const Json* data = field(json, "data");
  const Json* emissions = field(json, "emissions");
  const Json& records = data ? *data : emissions ? *emissions : json;
  if (!records.is_array())
    throw InputError(
        {rows.file, 0, 0}, "",
        "has no list of records: expected WattTime's (data) or the Carbon Aware SDK's (Emissions)");
  if (source.format == TraceFormat::csv || source.format == TraceFormat::electricity_maps)
    throw InputError({rows.file, 0, 0}, "", "is JSON, but grid.format says otherwise");
  const bool watttime = data || (!records.empty() && field(records.front(), "point_time"));
  if (watttime && source.format == TraceFormat::carbon_aware)
    throw InputError({rows.file, 0, 0}, "", "is WattTime's JSON, but the settings say format: carbon_aware");
  if (!watttime && source.format == TraceFormat::watttime)
    throw InputError({rows.file, 0, 0}, "",
                     "is not WattTime's JSON (data: [{point_time, value}]), as the settings say");
  if (!watttime && source.format != TraceFormat::carbon_aware)
    throw InputError({rows.file, 0, 0}, "",
                     "does not say whether its figures are average or marginal: set grid.format: "
                     "carbon_aware and grid.kind");
  watttime ? read_watttime(records, field(json, "meta"), rows) : read_carbon_aware(records, rows);
  return rows;
}

}  // namespace tonne::traces
