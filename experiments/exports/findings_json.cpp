#include "experiments/exports/findings_json.h"

#include <utility>

#include "core/json.h"

namespace tonne {
namespace {

Json differences_json(const BaselineTable& table, const std::string& unit) {
  Json rows = Json::array();
  for (const BaselineDifference& row : table.rows)
    rows.push_back(
        {{"strategy", row.strategy},
         {"value", row.value},
         {"co2e_kg", row.kilograms},
         {"usd", row.dollars ? Json(*row.dollars) : Json(nullptr)}});
  return {{"strategy", table.baseline}, {"difference_unit", unit}, {"differences", std::move(rows)}};
}

Json published_json(const PublishedMatch& match) {
  return {{"figure", match.figure},     {"unit", match.unit},           {"source", match.source},
          {"strategy", match.strategy}, {"published", match.published}, {"simulated", match.simulated}};
}

}  // namespace

void add_findings(Json& board, const BoardFindings& findings) {
  const auto& best = findings.best;
  board["best_configuration"] =
      best ? Json{{"strategy", best->strategy},
                  {"seed", best->seed},
                  {"value", best->value},
                  {"unit", findings.unit},
                  {"configuration", configuration_json(best->space, best->configuration)}}
           : Json(nullptr);
  if (findings.differences) board["baseline"] = differences_json(*findings.differences, findings.difference_unit);
  for (const PublishedMatch& match : findings.published) board["published"].push_back(published_json(match));
}

}  // namespace tonne
