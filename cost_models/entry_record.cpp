// What an entry of the catalogue says, as the file says it.

#include <fmt/format.h>

#include <algorithm>

#include "core/random.h"
#include "cost_models/catalogue.h"

namespace tonne {

std::string shown_figure(const FigureRecord& figure) {
  const auto shown = [&](double value) {
    return figure.kind ? format_quantity(value, *figure.kind) : fmt::format("{:.12g}", value);
  };
  if (!figure.low && !figure.high) return shown(figure.value);
  return fmt::format("{} ({} to {})", shown(figure.value), shown(figure.low.value_or(figure.value)),
                     shown(figure.high.value_or(figure.value)));
}

const FigureRecord* EntryRecord::find(std::string_view key) const {
  const auto found = std::ranges::find(figures, key, &FigureRecord::key);
  return found == figures.end() ? nullptr : &*found;
}

std::string_view EntryRecord::word(std::string_view key) const {
  const auto found = std::ranges::find(words, key, &WordRecord::key);
  return found == words.end() ? std::string_view{} : std::string_view(found->text);
}

std::uint64_t EntryRecord::digest() const {
  std::uint64_t digest = hash_text(name);
  const auto add = [&](std::uint64_t part) { digest = mix_bits(digest ^ part); };
  for (const WordRecord& word : words) add(hash_text(word.key + "=" + word.text));
  for (const FigureRecord& f : figures) {
    const auto end = [](const std::optional<double>& value) {
      return value ? fmt::format("{}", *value) : "none";
    };
    add(hash_text(fmt::format("{}={} {} {} {} {} {}", f.key, f.value, end(f.low), end(f.high),
                              f.provenance.source, f.provenance.published, f.provenance.verified)));
  }
  return digest;
}

}  // namespace tonne
