#pragma once
// Settings that a store keeps as canonical JSON (core/settings.h), back in the structs that they came from.

#include <functional>

#include "core/json_fwd.h"
#include "core/settings.h"

namespace tonne {

/// Sets what `visit` declares to what the JSON says; what it does not have keeps its default. A path is a file's name
/// without its folder, since a store knows no folders. Throws StoreError where a value is of another kind.
void read_stored_settings(const Json& settings, const std::function<void(SettingsVisitor&)>& visit);

}  // namespace tonne
