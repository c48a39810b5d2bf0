#pragma once
// Settings that the store keeps as JSON in base units, in the words and units of an experiment file.

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/settings.h"

namespace tonne {

/// Settings by their path, "budget.co2e" and "2 kg"; what is not given is not there.
using SettingTexts = std::map<std::string, std::string>;

/// Of the canonical settings of a scenario or a problem. `described` knows the kinds of quantities. Throws StoreError where
/// they cannot be read.
[[nodiscard]] SettingTexts setting_texts(const std::string& settings, const std::vector<SettingDescription>& described);

/// A setting that is not the same in both. An empty text: not given.
struct UnequalSetting {
  std::string key, first, second;
};
/// Only what differs. A group is one setting where it stands against a name ("cluster.grid": "US-2018" and "{intensity: 0.4
/// kgCO2e/kWh}") or, as the budget does, with other keys; what of it has its default is left out.
[[nodiscard]] std::vector<UnequalSetting> unequal_settings(const SettingTexts& one, const SettingTexts& other,
                                                           const std::vector<SettingDescription>& described);

}  // namespace tonne
