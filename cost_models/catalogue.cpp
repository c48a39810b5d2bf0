#include "cost_models/catalogue.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <stdexcept>

#include "core/csv.h"
#include "core/error.h"
#include "core/random.h"
#include "core/yaml.h"
#include "cost_models/catalogue_entries.h"
#include "cost_models/catalogue_schema.h"
#include "cost_models/data/embedded.h"
#include "cost_models/grid_table.h"
#include "cost_models/time.h"

namespace tonne {
namespace {

const Bounds kYears = Bounds::between(1900.0, 2100.0);

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

// A word of a row: one of those allowed, or a name.
std::string row_word(SettingsReader& reader, const YamlNode& node, const WordSpec& spec, const Origin& origin,
                     const std::string& path) {
  const std::string key(spec.key);
  if (!reader.take(key)) missing(origin, node, path, spec.key);
  if (spec.allowed.empty()) {
    std::string text;
    reader.text(key, text, "");
    reader.require(is_entry_name(text), key, "is not a valid name: use 1 to 64 letters, digits and -_.+");
    return text;
  }
  std::size_t index = 0;
  reader.choice_index(key, index, spec.allowed, "");
  return std::string(spec.allowed[index]);
}

// What a row says of itself: "transformer/fp16".
std::string row_name(SettingsReader& reader, const YamlNode& node, const RowSpec& spec, const Origin& origin,
                     const std::string& path) {
  std::string name;
  for (const WordSpec& word : spec.words)
    name += (name.empty() ? "" : "/") + row_word(reader, node, word, origin, path);
  return name;
}

void read_rows(SettingsReader& reader, const RowSpec& spec, const Schema& schema, const Origin& origin,
               const std::string& path, EntryRecord& record) {
  const YamlNode* list = reader.take(spec.group);
  if (!list) return;
  const std::string list_path = fmt::format("{}.{}", path, spec.group);
  if (!list->is_sequence())
    throw InputError({origin.source.file, list->line, list->column}, list_path,
                     fmt::format("found {}, expected a list of rows ([{{{}: ..., ...}}])", list->shown(),
                                 spec.words.front().key));
  std::set<std::string> names;
  for (std::size_t i = 0; i < list->items.size(); ++i) {
    const YamlNode& node = list->items[i];
    const std::string row_path = fmt::format("{}[{}]", list_path, i);
    SettingsReader row(node, origin.source, row_path);
    const std::string name = row_name(row, node, spec, origin, row_path);
    if (!names.insert(name).second)
      throw InputError({origin.source.file, node.line, node.column}, row_path,
                       fmt::format("there is another row for {}", name));
    const Provenance provenance = read_provenance(row, node, origin, row_path);
    for (const FigureSpec& figure : spec.figures) {
      if (figure.required && !node.find(figure.key)) missing(origin, node, row_path, figure.key);
      read_figure(row, schema, figure, fmt::format("{}.{}.{}", spec.group, name, figure.key), provenance,
                  record);
    }
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

// A group of the entry: a map, or a list of maps where its figures have several sources.
void read_groups(const YamlNode& below, std::string_view group, const Schema& schema, const Origin& origin,
                 const std::string& path, EntryRecord& record) {
  const auto read_one = [&](const YamlNode& node, const std::string& at) {
    SettingsReader reader(node, origin.source, at);
    read_group(reader, node, group, schema, origin, at, record);
    reader.finish();
  };
  if (!below.is_sequence()) return read_one(below, path);
  std::set<std::string> given;
  for (std::size_t i = 0; i < below.items.size(); ++i) {
    const YamlNode& node = below.items[i];
    const std::string at = fmt::format("{}[{}]", path, i);
    for (const FigureSpec& spec : schema.figures) {
      const std::string name(split(spec.key).name);
      if (split(spec.key).group == group && node.find(name) && !given.insert(name).second)
        throw InputError({origin.source.file, node.line, node.column}, at + "." + name, "is given twice");
    }
    read_one(node, at);
  }
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
    if (const YamlNode* below = reader.take(group))
      read_groups(*below, group, schema, origin, path + "." + std::string(group), record);
  }
  for (const RowSpec& rows : schema.rows) read_rows(reader, rows, schema, origin, path, record);
  reader.finish();
  for (const WordSpec& spec : schema.words)
    if (spec.required && record.word(spec.key).empty()) missing(origin, node, path, spec.key);
  for (const FigureSpec& spec : schema.figures)
    if (spec.required && !record.find(spec.key)) missing(origin, node, path, spec.key);
  return record;
}

// --- Reading a section
// -----------------------------------------------------------------------------------------------

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
    if (!is_entry_name(item.key))
      throw InputError(where, section_path,
                       fmt::format("'{}' is not a valid name: use 1 to 64 letters, digits and -_.+",
                                   printable(std::string_view(item.key).substr(0, 64))));
    const std::string path = section_path + "." + item.key;
    Entry entry;
    entry.name = item.key;
    entry.record = read_entry(item.value, schema, origin, path,
                              start_of(item.value, item.key, entries, schema, origin, path));
    entry.record.name = item.key;
    fill_entry(entry);
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

bool is_entry_name(std::string_view name) {
  constexpr std::size_t kLongest = 64;
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.+";
  return !name.empty() && name.size() <= kLongest &&
         name.find_first_not_of(kAllowed) == std::string_view::npos;
}

Device with_figures(Device device, std::span<const std::pair<std::string, double>> figures) {
  for (const auto& [key, value] : figures)
    std::ranges::find(device.record.figures, key, &FigureRecord::key)->value = value;
  fill_entry(device);
  return device;
}

const DevicePrice* Device::price_of(PriceTerm term, std::string_view provider,
                                    std::optional<PriceBasis> basis) const {
  for (const PriceBasis tried : {PriceBasis::device, PriceBasis::instance})
    for (const DevicePrice& row : prices)
      if (row.term == term && row.basis == tried && (!basis || *basis == tried) &&
          (provider.empty() || row.provider == provider))
        return &row;
  return nullptr;
}

void Catalogue::read(const std::string& text, const std::string& file, bool shipped) {
  const Origin origin{{file, ""}, shipped};
  const YamlNode root = parse_yaml(text, file);
  SettingsReader reader(root, origin.source, "");
  read_section(reader, device_schema(), origin, devices_);
  read_section(reader, host_schema(), origin, hosts_);
  read_section(reader, grid_schema(), origin, grids_);
  read_section(reader, facility_schema(), origin, facilities_);
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
  return with_text(text, file, *shipped());
}

std::shared_ptr<const Catalogue> Catalogue::with_text(const std::string& text, const std::string& file,
                                                      const Catalogue& base) {
  auto catalogue = std::make_shared<Catalogue>(base);
  catalogue->read(text, file, false);
  catalogue->file_digest_ = hash_text(text);
  return catalogue;
}

std::shared_ptr<const Catalogue> Catalogue::with_file(const std::filesystem::path& file) {
  if (file.empty()) return shipped();
  return with_text(read_text_file(file, YamlLimits{}.bytes), file.string());
}

const Device& Catalogue::device(std::string_view name) const {
  return find<Device>(devices_, name, device_schema());
}
const Host& Catalogue::host(std::string_view name) const {
  return find<Host>(hosts_, name, host_schema());
}
const Facility& Catalogue::facility(std::string_view name) const {
  return find<Facility>(facilities_, name, facility_schema());
}

}  // namespace tonne
