#pragma once
// `reference` and `baseline` of the experiment file: published figures, and the strategy that the others are
// measured by.

#include <optional>
#include <string_view>

#include "core/settings.h"

namespace tonne {

class SettingsReader;
struct Experiment;
struct YamlSource;

/// Takes `reference` and `baseline` from the file and puts them into the experiment, whose problems and
/// strategies are read already. Throws InputError: a figure or a label that does not exist, a value without
/// its unit.
void read_published_figures(SettingsReader& top, const YamlSource& source, Experiment& experiment);

/// In what such a figure is written ("co2e": a mass); nothing of plain numbers.
[[nodiscard]] std::optional<QuantityKind> published_kind(std::string_view figure);

}  // namespace tonne
