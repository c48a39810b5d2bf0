#include "cost_models/catalogue.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "core/csv.h"
#include "core/error.h"
#include "core/random.h"
#include "core/yaml.h"
#include "cost_models/data/embedded.h"
#include "cost_models/grid_table.h"
#include "cost_models/time.h"

namespace tonne {
namespace {

// --- What an entry of each section may say
// ---------------------------------------------------------------------------

struct WordSpec {
  std::string_view key;
  std::vector<std::string_view> allowed;  // empty: any text
  bool required = false;
};

// A figure "group.name" stands in the map `group` of an entry, beside the group's source; "name" in the entry
// itself.
struct FigureSpec {
  std::string_view key;
  std::optional<QuantityKind> kind;
  Bounds bounds;
  bool required = false;
};

// A list of rows: `group: [{word: ..., figure: ..., source: ...}, ...]`. The words tell rows apart.
struct RowSpec {
  std::string_view group;
  std::vector<WordSpec> words;
  std::vector<FigureSpec> figures;  // by their names alone
};

struct Schema {
  std::string_view section;
  std::string_view what;
  std::vector<WordSpec> words;
  std::vector<FigureSpec> figures;
  std::vector<RowSpec> rows = {};
};

const Bounds kPositive = Bounds::above(0.0);
const Bounds kNotNegative = Bounds::at_least(0.0);
const Bounds kFraction = {1e-6, 1.0};  // below, times overflow before they mean anything
const Bounds kYears = Bounds::between(1900.0, 2100.0);

const Schema kDevices = {"devices",
                         "device",
                         {{"kind", {"gpu", "tpu", "cpu", "accelerator", "edge", "microcontroller"}, true}},
                         {{"specification.fp32", QuantityKind::work_rate, kPositive},
                          {"specification.tf32", QuantityKind::work_rate, kPositive},
                          {"specification.fp16", QuantityKind::work_rate, kPositive},
                          {"specification.bf16", QuantityKind::work_rate, kPositive},
                          {"specification.fp8", QuantityKind::work_rate, kPositive},
                          {"specification.int8", QuantityKind::work_rate, kPositive},
                          {"specification.bandwidth", QuantityKind::bandwidth, kPositive},
                          {"specification.memory", QuantityKind::bytes, kPositive},
                          {"specification.tdp", QuantityKind::power, kPositive},
                          {"specification.die", QuantityKind::area, kPositive},
                          {"specification.node", std::nullopt, kPositive},
                          {"idle.power", QuantityKind::power, kNotNegative},
                          {"measured.system_power", QuantityKind::power, kPositive},
                          {"price.on_demand", QuantityKind::price_rate, kNotNegative},
                          {"price.spot", QuantityKind::price_rate, kNotNegative},
                          {"embodied.carbon", QuantityKind::carbon, kNotNegative}},
                         {{"training",
                           {{"work", {"any", "other", "convolution", "narrow_convolution", "transformer"}, true},
                            {"precision", {"any", "fp32", "tf32", "fp16", "bf16", "fp8", "int8"}, true}},
                           {{"utilisation", std::nullopt, kFraction},
                            {"bandwidth_utilisation", std::nullopt, kFraction},
                            {"step_overhead", QuantityKind::duration, kNotNegative},
                            {"startup", QuantityKind::duration, kNotNegative},
                            {"compute", std::nullopt, Bounds::between(0.0, 1.0)},
                            {"memory", std::nullopt, Bounds::between(0.0, 1.0)},
                            {"waiting", std::nullopt, Bounds::between(0.0, 1.0)}}}}};

const Schema kHosts = {"hosts",
                       "host",
                       {{"description", {}, false}},
                       {{"processor.tdp", QuantityKind::power, kPositive, true},
                        {"processor.dram_watts_per_gb", std::nullopt, kNotNegative, true},
                        {"shape.sockets", std::nullopt, kPositive, true},
                        {"shape.load", std::nullopt, Bounds::between(0.0, 1.0), true},
                        {"shape.dram", QuantityKind::bytes, kNotNegative, true},
                        {"shape.slots", std::nullopt, Bounds::at_least(1.0), true},
                        {"computing.rate", QuantityKind::work_rate, kPositive, true},
                        {"computing.power", QuantityKind::power, kNotNegative, true},
                        {"embodied.carbon", QuantityKind::carbon, kNotNegative, true}}};

const Schema kGrids = {"grids",
                       "grid",
                       {{"place", {}, false},
                        {"kind", {"country", "state", "subregion", "cloud region", "world", "own"}, false},
                        {"signal", {"average", "marginal"}, true},
                        {"scope", {"direct", "life_cycle"}, true}},
                       {{"of_year", std::nullopt, kYears, true},
                        {"intensity", QuantityKind::intensity, kNotNegative, true},
                        {"water.consumption", QuantityKind::water_intensity, kNotNegative}}};

const Schema kFacilities = {"facilities",
                            "facility",
                            {{"description", {}, false}},
                            {{"pue", std::nullopt, Bounds::between(1.0, 10.0), true},
                             {"wue", QuantityKind::water_intensity, kNotNegative}}};

// --- Reading one entry
// -----------------------------------------------------------------------------------------------

struct Key {
  std::string_view group;  // empty: the entry itself
  std::string_view name;
};
Key split(std::string_view key) {
  const std::size_t dot = key.find('.');
  if (dot == std::string_view::npos) return {"", key};
  return {key.substr(0, dot), key.substr(dot + 1)};
}

// Where the entries come from, and what that asks of them.
struct Origin {
  YamlSource source;
  bool shipped = false;
};

[[noreturn]] void missing(const Origin& origin, const YamlNode& node, const std::string& path,
                          std::string_view key) {
  throw InputError({origin.source.file, node.line, node.column}, path,
                   fmt::format("'{}' is missing: entries have no defaults", key));
}

// `verified: true` or false, or the day on which somebody read the source: `verified: 2026-11-30`.
void read_check(SettingsReader& reader, const YamlNode& node, const Origin& origin, const std::string& path,
                Provenance& provenance) {
  const YamlNode* check = node.find("verified");
  if (!check || !check->is_scalar() || check->text == "true" || check->text == "false")
    return reader.flag("verified", provenance.verified, "");
  constexpr std::size_t kDayLength = 10;
  static_cast<void>(reader.take("verified"));
  if (check->text.size() != kDayLength || !parse_utc(check->text))
    throw InputError(
        {origin.source.file, check->line, check->column}, path + ".verified",
        "found " + check->shown() + ", expected true, false or the day of the check as 2026-11-30");
  provenance.verified = true;
  provenance.checked = check->text;
}

// The source, year and check of what stands beside it. Of a user's own figure the file is source enough.
Provenance read_provenance(SettingsReader& reader, const YamlNode& node, const Origin& origin,
                           const std::string& path) {
  for (const std::string_view key : {"source", "year", "verified"})
    if (origin.shipped && !node.find(key)) missing(origin, node, path, key);
  Provenance provenance;
  provenance.source = "given in " + std::filesystem::path(origin.source.file).filename().string();
  reader.text("source", provenance.source, "");
  std::int64_t year = 0;
  reader.integer("year", year, kYears, "");
  provenance.published = static_cast<int>(year);
  read_check(reader, node, origin, path, provenance);
  return provenance;
}

std::optional<double> read_value(SettingsReader& reader, const std::string& key, const FigureSpec& spec) {
  std::optional<double> value;
  if (spec.kind)
    reader.quantity_base(key, value, *spec.kind, spec.bounds, "");
  else
    reader.optional_number(key, value, spec.bounds, "");
  return value;
}

// In the order of the schema; figures of rows come last, as they came.
void put(EntryRecord& record, const Schema& schema, FigureRecord figure) {
  const auto place = [&](const FigureRecord& f) {
    return std::ranges::find(schema.figures, f.key, &FigureSpec::key) - schema.figures.begin();
  };
  const auto same = std::ranges::find(record.figures, figure.key, &FigureRecord::key);
  if (same != record.figures.end()) {
    *same = std::move(figure);
    return;
  }
  const auto after = std::ranges::upper_bound(record.figures, place(figure), {}, place);
  record.figures.insert(after, std::move(figure));
}

// A figure NAME with its NAME_low and NAME_high.
void read_figure(SettingsReader& reader, const Schema& schema, const FigureSpec& spec, std::string key,
                 const Provenance& provenance, EntryRecord& record) {
  const std::string name(split(spec.key).name);
  const auto value = read_value(reader, name, spec);
  const auto low = read_value(reader, name + "_low", spec);
  const auto high = read_value(reader, name + "_high", spec);
  if (!value) {
    reader.require(!low && !high, low ? name + "_low" : name + "_high",
                   "a range needs the figure itself, " + name);
    return;
  }
  reader.require((!low || *low <= *value) && (!high || *high >= *value), name, "lies outside its own range");
  put(record, schema, {std::move(key), spec.kind, *value, low, high, provenance});
}

// What a row says of itself: "transformer/fp16".
std::string row_name(SettingsReader& reader, const YamlNode& node, const RowSpec& spec, const Origin& origin,
                     const std::string& path) {
  std::string name;
  for (const WordSpec& word : spec.words) {
    const std::string key(word.key);
    if (!reader.take(key)) missing(origin, node, path, word.key);
    std::size_t index = 0;
    reader.choice_index(key, index, word.allowed, "");
    name += fmt::format("{}{}", name.empty() ? "" : "/", word.allowed[index]);
  }
  return name;
}

void read_rows(SettingsReader& reader, const RowSpec& spec, const Schema& schema, const Origin& origin,
               const std::string& path, EntryRecord& record) {
  const YamlNode* list = reader.take(spec.group);
  if (!list) return;
  const std::string list_path = fmt::format("{}.{}", path, spec.group);
  if (!list->is_sequence())
    throw InputError({origin.source.file, list->line, list->column}, list_path,
                     "found " + list->shown() + ", expected a list of rows ([{work: ..., ...}])");
  for (std::size_t i = 0; i < list->items.size(); ++i) {
    const YamlNode& node = list->items[i];
    const std::string row_path = fmt::format("{}[{}]", list_path, i);
    SettingsReader row(node, origin.source, row_path);
    const std::string name = row_name(row, node, spec, origin, row_path);
    const Provenance provenance = read_provenance(row, node, origin, row_path);
    for (const FigureSpec& figure : spec.figures)
      read_figure(row, schema, figure, fmt::format("{}.{}.{}", spec.group, name, figure.key), provenance,
                  record);
    row.finish();
  }
}

void read_words(SettingsReader& reader, const Schema& schema, EntryRecord& record) {
  for (const WordSpec& spec : schema.words) {
    const std::string key(spec.key);
    std::string text(record.word(spec.key));
    if (spec.allowed.empty()) {
      reader.text(key, text, "");
    } else if (reader.take(key)) {
      std::size_t index = 0;
      reader.choice_index(key, index, spec.allowed, "");
      text = spec.allowed[index];
    }
    if (text.empty()) continue;
    std::erase_if(record.words, [&](const WordRecord& old) { return old.key == key; });
    record.words.push_back({key, text});
  }
}

// The figures of one group of the entry, or of the entry itself.
void read_group(SettingsReader& reader, const YamlNode& node, std::string_view group, const Schema& schema,
                const Origin& origin, const std::string& path, EntryRecord& record) {
  const bool gives_figures = std::ranges::any_of(schema.figures, [&](const FigureSpec& spec) {
    return split(spec.key).group == group && node.find(split(spec.key).name);
  });
  const Provenance provenance =
      gives_figures || !group.empty() ? read_provenance(reader, node, origin, path) : Provenance{};
  for (const FigureSpec& spec : schema.figures)
    if (split(spec.key).group == group) read_figure(reader, schema, spec, std::string(spec.key), provenance, record);
}

EntryRecord read_entry(const YamlNode& node, const Schema& schema, const Origin& origin,
                       const std::string& path, EntryRecord record) {
  SettingsReader reader(node, origin.source, path);
  static_cast<void>(reader.take("like"));
  read_words(reader, schema, record);
  read_group(reader, node, "", schema, origin, path, record);
  std::string_view last;
  for (const FigureSpec& spec : schema.figures) {
    const std::string_view group = split(spec.key).group;
    if (group.empty() || group == last) continue;
    last = group;
    const YamlNode* below = reader.take(group);
    if (!below) continue;
    const std::string group_path = path + "." + std::string(group);
    SettingsReader group_reader(*below, origin.source, group_path);
    read_group(group_reader, *below, group, schema, origin, group_path, record);
    group_reader.finish();
  }
  for (const RowSpec& rows : schema.rows) read_rows(reader, rows, schema, origin, path, record);
  reader.finish();
  for (const WordSpec& spec : schema.words)
    if (spec.required && record.word(spec.key).empty()) missing(origin, node, path, spec.key);
  for (const FigureSpec& spec : schema.figures)
    if (spec.required && !record.find(spec.key)) missing(origin, node, path, spec.key);
  return record;
}

// --- From the record to the entry
// ------------------------------------------------------------------------------------

template <class Q>
Q make(double base) {
  if constexpr (std::is_same_v<Q, double>)
    return base;
  else
    return Q::from_base(base);
}

template <class Q>
std::optional<Q> figure(const EntryRecord& record, std::string_view key) {
  const FigureRecord* found = record.find(key);
  return found ? std::optional(make<Q>(found->value)) : std::nullopt;
}

template <class Q>
Sourced<Q> sourced(const EntryRecord& record, std::string_view key) {
  const FigureRecord* found = record.find(key);
  if (!found) return {};
  const auto converted = [](std::optional<double> base) {
    return base ? std::optional(make<Q>(*base)) : std::nullopt;
  };
  return {converted(found->value), converted(found->low), converted(found->high), found->provenance};
}

Provenance provenance_of(const EntryRecord& record, std::string_view key) {
  const FigureRecord* found = record.find(key);
  return found ? found->provenance : Provenance{};
}

// What no figure can say of itself; an empty text is no objection.
std::string objection(const Device& device) {
  if (device.idle.value && device.tdp && *device.idle.value > *device.tdp)
    return "has an idle power above its tdp";
  return "";
}
std::string objection(const Host&) {
  return "";
}
std::string objection(const GridEntry&) {
  return "";
}
std::string objection(const Facility&) {
  return "";
}

// The rows of `training`, every kind of work with every precision.
std::vector<MeasuredTraining> training_rows(const EntryRecord& record) {
  std::vector<MeasuredTraining> rows;
  const auto row = [&](std::optional<WorkKind> kind, std::optional<Precision> precision) {
    const std::string prefix =
        fmt::format("training.{}/{}.", kind ? kWorkKindNames[static_cast<std::size_t>(*kind)] : "any",
                    precision ? kPrecisionNames[static_cast<std::size_t>(*precision)] : "any");
    const bool known = std::ranges::any_of(
        record.figures, [&](const FigureRecord& f) { return f.key.starts_with(prefix); });
    if (!known) return;
    rows.push_back({kind,
                    precision,
                    {figure<double>(record, prefix + "utilisation"),
                     figure<double>(record, prefix + "bandwidth_utilisation"),
                     figure<Duration>(record, prefix + "step_overhead"),
                     figure<Duration>(record, prefix + "startup"), figure<double>(record, prefix + "compute"),
                     figure<double>(record, prefix + "memory"), figure<double>(record, prefix + "waiting")}});
  };
  for (std::size_t k = 0; k <= kWorkKinds; ++k)
    for (std::size_t p = 0; p <= kPrecisions; ++p)
      row(k < kWorkKinds ? std::optional(static_cast<WorkKind>(k)) : std::nullopt,
          p < kPrecisions ? std::optional(static_cast<Precision>(p)) : std::nullopt);
  return rows;
}

void fill(Device& device) {
  const EntryRecord& record = device.record;
  device.kind = record.word("kind");
  for (std::size_t i = 0; i < kPrecisions; ++i)
    device.peak[i] = figure<WorkRate>(record, fmt::format("specification.{}", kPrecisionNames[i]));
  device.die = figure<Area>(record, "specification.die");
  device.node = figure<double>(record, "specification.node");
  if (std::ranges::any_of(record.figures,
                          [](const FigureRecord& f) { return f.key.starts_with("training."); }))
    device.training = training_rows(record);
  device.bandwidth = figure<Bandwidth>(record, "specification.bandwidth");
  device.memory = figure<Bytes>(record, "specification.memory");
  device.tdp = figure<Power>(record, "specification.tdp");
  for (const FigureRecord& f : record.figures)
    if (f.key.starts_with("specification.") && device.specification.source.empty())
      device.specification = f.provenance;
  device.idle = sourced<Power>(record, "idle.power");
  device.system_power = sourced<Power>(record, "measured.system_power");
  device.on_demand = sourced<PriceRate>(record, "price.on_demand");
  device.spot = sourced<PriceRate>(record, "price.spot");
  device.embodied = sourced<Carbon>(record, "embodied.carbon");
}

void fill(Host& host) {
  const EntryRecord& record = host.record;
  const auto number = [&](std::string_view key) { return *figure<double>(record, key); };
  host.description = record.word("description");
  host.processor = provenance_of(record, "processor.tdp");
  host.shape = provenance_of(record, "shape.sockets");
  host.computing = provenance_of(record, "computing.rate");
  host.embodied = provenance_of(record, "embodied.carbon");
  const double slots = number("shape.slots");
  const Power processors =
      number("shape.sockets") * *figure<Power>(record, "processor.tdp") * number("shape.load");
  const double gigabytes = *figure<Bytes>(record, "shape.dram") / gigabyte;
  const Power memory = gigabytes * number("processor.dram_watts_per_gb") * watt;
  host.slot_power = (processors + memory) / slots;
  host.computing_rate = *figure<WorkRate>(record, "computing.rate");
  host.computing_power = *figure<Power>(record, "computing.power");
  host.slot_embodied = *figure<Carbon>(record, "embodied.carbon") / slots;
}

void fill(GridEntry& grid) {
  grid = grid_entry(std::move(grid.record));
}

void fill(Facility& facility) {
  const EntryRecord& record = facility.record;
  facility.description = record.word("description");
  facility.pue = *figure<double>(record, "pue");
  facility.wue = figure<WaterIntensity>(record, "wue");
  facility.provenance = provenance_of(record, "pue");
}

// --- Reading a section
// -----------------------------------------------------------------------------------------------

bool allowed_name(std::string_view name) {
  constexpr std::size_t kLongest = 64;
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.+";
  return !name.empty() && name.size() <= kLongest &&
         name.find_first_not_of(kAllowed) == std::string_view::npos;
}

template <class Entry>
const Entry& find(std::span<const Entry> entries, std::string_view name, const Schema& schema) {
  std::vector<std::string> names;
  for (const Entry& entry : entries) {
    if (entry.name == name) return entry;
    names.push_back(entry.name);
  }
  const std::string hint = did_you_mean(name, names);
  constexpr std::size_t kFew = 24;
  const std::string all = names.size() <= kFew
                              ? "known: " + join_names(names)
                              : fmt::format("tonne list {} shows all {}", schema.section, names.size());
  throw InputError(fmt::format("unknown {} '{}'{} ({})", schema.what, printable(name.substr(0, 64)),
                               hint.empty() ? "" : ". " + hint, all));
}

// What an entry of that name has said so far; nothing where there is none.
template <class Entry>
EntryRecord record_so_far(const std::vector<Entry>& entries, const std::string& name) {
  const auto same = std::ranges::find(entries, name, &Entry::name);
  return same == entries.end() ? EntryRecord{} : same->record;
}
EntryRecord record_so_far(const std::vector<GridEntry>& entries, const std::string& name) {
  const auto same = find_exact_grid(entries, name);
  return same ? same->record : EntryRecord{};
}

template <class Entry>
EntryRecord record_of(const std::vector<Entry>& entries, const std::string& name, const Schema& schema) {
  return find<Entry>(entries, name, schema).record;
}
EntryRecord record_of(const std::vector<GridEntry>& entries, const std::string& name, const Schema&) {
  return find_called_grid(entries, name).record;
}

// What the entry starts from: the one it is like, the one of its name, or nothing.
template <class Entry>
EntryRecord start_of(const YamlNode& node, const std::string& name, const std::vector<Entry>& entries,
                     const Schema& schema, const Origin& origin, const std::string& path) {
  const YamlNode* like = node.find("like");
  if (!like) return record_so_far(entries, name);
  const Location where{origin.source.file, like->line, like->column};
  if (!like->is_scalar())
    throw InputError(where, path + ".like",
                     "found " + like->shown() + fmt::format(", expected the name of a {}", schema.what));
  try {
    return record_of(entries, like->text, schema);
  } catch (const InputError& error) {
    throw InputError(where, path + ".like", error.message());
  }
}

template <class Entry>
void read_section(SettingsReader& root, const Schema& schema, const Origin& origin,
                  std::vector<Entry>& entries) {
  const YamlNode* section = root.take(schema.section);
  if (!section) return;
  const std::string section_path(schema.section);
  if (!section->is_map())
    throw InputError({origin.source.file, section->line, section->column}, section_path,
                     "found " + section->shown() + ", expected entries (NAME: {key: value})");
  for (const YamlNode::Entry& item : section->entries) {
    const Location where{origin.source.file, item.line, item.column};
    if (!allowed_name(item.key))
      throw InputError(where, section_path,
                       fmt::format("'{}' is not a valid name: use 1 to 64 letters, digits and -_.+",
                                   printable(std::string_view(item.key).substr(0, 64))));
    const std::string path = section_path + "." + item.key;
    Entry entry;
    entry.name = item.key;
    entry.record = read_entry(item.value, schema, origin, path,
                              start_of(item.value, item.key, entries, schema, origin, path));
    entry.record.name = item.key;
    fill(entry);
    entry.digest = entry.record.digest();
    if (const std::string against = objection(entry); !against.empty())
      throw InputError(where, path, against);
    const auto same = std::ranges::find(entries, entry.name, &Entry::name);
    if (same == entries.end())
      entries.push_back(std::move(entry));
    else
      *same = std::move(entry);
  }
}

}  // namespace

Device with_figures(Device device, std::span<const std::pair<std::string, double>> figures) {
  for (const auto& [key, value] : figures)
    std::ranges::find(device.record.figures, key, &FigureRecord::key)->value = value;
  fill(device);
  return device;
}

void Catalogue::read(const std::string& text, const std::string& file, bool shipped) {
  const Origin origin{{file, ""}, shipped};
  const YamlNode root = parse_yaml(text, file);
  SettingsReader reader(root, origin.source, "");
  read_section(reader, kDevices, origin, devices_);
  read_section(reader, kHosts, origin, hosts_);
  read_section(reader, kGrids, origin, grids_);
  read_section(reader, kFacilities, origin, facilities_);
  reader.finish();
}

std::shared_ptr<const Catalogue> Catalogue::shipped() {
  static const std::shared_ptr<const Catalogue> entries = [] {
    auto catalogue = std::shared_ptr<Catalogue>(new Catalogue);
    try {
      for (const std::string_view text : {data::devices, data::hosts, data::grids, data::facilities})
        catalogue->read(std::string(text), "shipped catalogue", true);
    } catch (const InputError& error) {
      // A fault in a shipped file is a programmer's error, which the tests find.
      throw std::logic_error(error.what());
    }
    return catalogue;
  }();
  return entries;
}

std::shared_ptr<const Catalogue> Catalogue::with_text(const std::string& text, const std::string& file) {
  auto catalogue = std::make_shared<Catalogue>(*shipped());
  catalogue->read(text, file, false);
  catalogue->file_digest_ = hash_text(text);
  return catalogue;
}

std::shared_ptr<const Catalogue> Catalogue::with_file(const std::filesystem::path& file) {
  if (file.empty()) return shipped();
  return with_text(read_text_file(file, YamlLimits{}.bytes), file.string());
}

const Device& Catalogue::device(std::string_view name) const {
  return find<Device>(devices_, name, kDevices);
}
const Host& Catalogue::host(std::string_view name) const {
  return find<Host>(hosts_, name, kHosts);
}
const Facility& Catalogue::facility(std::string_view name) const {
  return find<Facility>(facilities_, name, kFacilities);
}

}  // namespace tonne
