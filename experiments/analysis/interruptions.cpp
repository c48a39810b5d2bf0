#include "experiments/analysis/interruptions.h"

#include "core/json.h"

namespace tonne {

std::string interruptions_note(const StoredScenario& place) {
  const Json stored = parse_json(place.settings);
  if (!stored.is_object() || !stored.contains("settings")) return "";
  const Json cluster = stored["settings"].value("cluster", Json::object());
  const bool taken = cluster.value("preemption", Json::object()).contains("interval");
  if (taken || cluster.value("spot", Json(false)) != Json(true)) return "";
  return "Spot price without cluster.preemption.interval: interruptions are not simulated, so time, lost work, energy, "
         "CO2e and cost are lower bounds.";
}

}  // namespace tonne
