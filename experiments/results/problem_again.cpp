#include "experiments/results/problem_again.h"

#include <fmt/format.h>

#include <string>

#include "core/error.h"
#include "core/json.h"
#include "core/recipe.h"
#include "experiments/results/records.h"
#include "experiments/results/stored_settings.h"
#include "search/catalogue.h"

namespace tonne {

std::shared_ptr<const Problem> problem_again(const StoredProblem& stored) {
  const Json parsed = parse_json(stored.settings);
  if (!parsed.is_object() || !parsed.contains("settings")) return nullptr;
  const std::string name = parsed.value("name", "");
  for (const auto& entry : problem_catalogue()) {
    if (entry.name != name) continue;
    const auto recipe = entry.make();
    try {
      read_stored_settings(parsed["settings"], [&](SettingsVisitor& v) { recipe->visit(v); });
      const std::string content = parsed.value("content", "");
      if (!content.empty() && content != fmt::format("{:016x}", recipe->content_digest())) return nullptr;
      return recipe->make();
    } catch (const InputError&) {  // a file that is not at hand
      return nullptr;
    } catch (const StoreError&) {  // a choice that this version does not have
      return nullptr;
    }
  }
  return nullptr;
}

}  // namespace tonne
