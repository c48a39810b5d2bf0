// tonne schema: JSON Schema of the files that the program reads, for editors.

#include "core/error.h"
#include "core/json.h"
#include "experiments/cli/commands.h"
#include "experiments/cli/terminal.h"
#include "experiments/schema/schemas.h"

namespace tonne::cli {

std::vector<std::string> schema_names() {
  std::vector<std::string> names;
  for (const FileSchema& schema : file_schemas()) names.emplace_back(schema.name);
  return names;
}

int schema(const std::string& name) {
  for (const FileSchema& candidate : file_schemas())
    if (candidate.name == name) print(json_document(candidate.make()));
  return kSuccess;
}

}  // namespace tonne::cli
