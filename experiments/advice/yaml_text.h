#pragma once
// A tree that was read from YAML, as YAML again.

#include <string>

#include "core/yaml.h"

namespace tonne {

/// On one line: "{tpe: {startup: 5}}". What was in quotes is in quotes again, so that a text stays one.
[[nodiscard]] std::string flow_text(const YamlNode& node);
/// A map as a document: a line for each key, and for each entry of a value that is a map or a list of groups.
[[nodiscard]] std::string document_text(const YamlNode& map);

/// The value of a key of a map, which is added where it is absent. A node that is no map becomes an empty one.
[[nodiscard]] YamlNode& value_of(YamlNode& map, const std::string& key);
/// Removes a key, if it is there.
void remove_key(YamlNode& map, const std::string& key);
/// A scalar as it would be read from a file.
[[nodiscard]] YamlNode plain_scalar(const std::string& text);

}  // namespace tonne
