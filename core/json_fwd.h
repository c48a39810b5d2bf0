#pragma once
// The name of a JSON value, for headers: core/json.h takes long to compile.

#include <nlohmann/json_fwd.hpp>

namespace tonne {

/// Keeps the order of its keys.
using Json = nlohmann::ordered_json;

}  // namespace tonne
