#include <cmath>

#include "core/json.h"
#include "experiments/analysis/portrait.h"

namespace tonne {
namespace {

Json finite(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

template <class Values>
Json finite_list(const Values& values) {
  Json list = Json::array();
  for (const double value : values) list.push_back(finite(value));
  return list;
}

Json rank_json(const RankCorrelation& rank) {
  return {{"spearman", finite(rank.spearman)}, {"kendall", finite(rank.kendall)}};
}

Json subsets_json(const PortraitSubsets& subsets) {
  return {{"better_half", finite(subsets.better_half)},
          {"best_tenth", finite(subsets.best_tenth)},
          {"best_hundredth", finite(subsets.best_hundredth)}};
}

Json ascents_json(const std::optional<PortraitAscents>& ascents) {
  if (!ascents) return nullptr;
  return {{"starts", ascents->starts},
          {"from_all", ascents->from_all},
          {"share_at_best", ascents->at_best},
          {"share_near", ascents->near},
          {"mean_regret", finite(ascents->mean_regret)}};
}

Json functions_json(const std::optional<PortraitFunctions>& functions) {
  if (!functions) return nullptr;
  return {{"count", functions->count},
          {"with_several", functions->with_several},
          {"sd", finite(functions->deviation)},
          {"sd_best_tenth", finite(functions->deviation_best_tenth)}};
}

// Values, steps, gains, regrets and deviations are in `unit`.
Json tail_json(const PortraitTail& tail, const std::string& unit) {
  Json json{{"unit", unit},
            {"quantile_shares", kPortraitTailQuantiles},
            {"quantiles", finite_list(tail.quantiles)}};
  json["best"] = Json::array();
  for (const PortraitBest& best : tail.best)
    json["best"].push_back({{"value", finite(best.value)}, {"configuration", best.configuration}});
  json["best_known"] = finite(tail.best_known);
  json["steps"] = finite_list(tail.steps);
  json["steps_are"] = tail.relative_steps
                          ? "0.01, 0.02, 0.05, 0.1, 0.25 of the distance from the best to the median"
                          : "0.05, 0.1, 0.25, 0.5, 1 points";
  json["candidates_within"] = tail.within;
  json["ascents"] = ascents_json(tail.ascents);
  json["classes"] = kPortraitTailClasses;
  json["improving"] = finite_list(tail.improving);
  json["best_neighbour_gain"] = finite_list(tail.best_neighbour_gain);
  json["best_neighbours_in_best_hundredth"] = finite(tail.best_neighbours_at_top);
  json["equal_functions"] = functions_json(tail.functions);
  json["spearman_of_one_training"] = subsets_json(tail.one_training);
  json["spearman_of_all_seeds"] = tail.all_seeds ? subsets_json(*tail.all_seeds) : Json(nullptr);
  return json;
}

Json optima_json(const std::optional<LocalOptima>& optima) {
  if (!optima) return nullptr;
  return {{"share", optima->share},
          {"standard_error", optima->standard_error},
          {"examined", optima->examined},
          {"count", finite(optima->count)},
          {"exhaustive", optima->exhaustive}};
}

}  // namespace

std::string portrait_json(const std::vector<Portrait>& portraits) {
  Json list = Json::array();
  for (const Portrait& p : portraits) {
    Json json;
    json["problem"] = p.problem;
    json["notes"] = p.notes;
    json["objective"] = p.objective.name;
    json["unit"] = p.objective.unit;
    json["direction"] = p.objective.direction == Direction::maximise ? "maximise" : "minimise";
    json["parameters"] = p.parameters;
    json["configurations"] = p.configurations ? finite(*p.configurations) : Json(nullptr);
    json["samples"] = p.samples;
    json["whole"] = p.whole;
    json["default_value"] = finite(p.default_value);
    json["optimum"] = p.optimum ? Json(*p.optimum) : Json(nullptr);
    json["failing"] = Json::object();
    for (const auto& [reason, part] : p.failing) json["failing"][reason] = part;
    json["quantile_shares"] = kPortraitQuantiles;
    json["quantiles"] = finite_list(p.quantiles);
    json["mean"] = finite(p.mean);
    json["sd"] = finite(p.deviation);
    json["skewness"] = finite(p.skewness);
    json["lags"] = kPortraitLags;
    json["autocorrelation"] = finite_list(p.autocorrelation);
    json["classes"] = kPortraitClasses;
    json["improving"] = finite_list(p.improving);
    json["seed_sd"] = finite_list(p.seed_deviation);
    json["seed_sd_all"] = finite(p.seed_deviation_all);
    json["seed_sd_median"] = finite(p.seed_deviation_median);
    json["seed_variation_median"] = finite(p.seed_variation_median);
    json["distance_correlation"] = finite(p.distance_correlation);
    json["distance_correlation_best_quarter"] = finite(p.distance_correlation_best_quarter);
    json["distance_correlation_best_twentieth"] = finite(p.distance_correlation_best_twentieth);
    json["value_distance_correlation"] = finite_list(p.value_distance_correlation);
    json["additive"] = finite(p.additive);
    json["pairwise"] = finite(p.pairwise);
    json["additive_best_tenth"] = finite(p.additive_best_tenth);
    json["local_optima"] = optima_json(p.optima);
    json["ranks"] = Json::array();
    for (const PortraitRank& rank : p.ranks)
      json["ranks"].push_back({{"of", rank.of},
                               {"all", rank_json(rank.all)},
                               {"better_half", rank_json(rank.better_half)},
                               {"best_tenth", rank_json(rank.best_tenth)}});
    json["fidelities"] = Json::array();
    for (const PortraitFidelity& f : p.fidelities)
      json["fidelities"].push_back({{"fidelity", f.fidelity},
                                    {"all", rank_json(f.all)},
                                    {"better_half", rank_json(f.better_half)},
                                    {"best_tenth", rank_json(f.best_tenth)},
                                    {"best_hundredth", rank_json(f.best_hundredth)}});
    json["front"] = Json::array();
    for (const auto& point : p.front) json["front"].push_back({{"value", point[0]}, {"flops", point[1]}});
    json["tail"] = p.quantiles.empty() ? Json(nullptr) : tail_json(p.tail, p.objective.unit);
    list.push_back(std::move(json));
  }
  return json_document(list);
}

}  // namespace tonne
