#include <fmt/format.h>

#include <cmath>

#include "core/error.h"
#include "core/json.h"
#include "experiments/analysis/portrait.h"
#include "experiments/text/text_table.h"

namespace tonne {
namespace {

std::string number(double value) {
  if (std::isnan(value)) return "-";
  if (value == 0.0) return "0";
  if (std::abs(value) >= 1e6 || std::abs(value) < 1e-3) return significant_text(value);
  return std::abs(value) < 1e3 ? fmt::format("{:.4g}", value) : grouped(value);
}
std::string share(double value) {
  if (std::isnan(value)) return "-";
  return fmt::format("{:.2f}", std::abs(value) < 0.005 ? 0.0 : value);  // no "-0.00"
}
std::string whole(double count) {
  return count < 1e6 ? grouped(count) : count_text(count);
}

std::string row(const std::string& head, const std::vector<std::string>& cells) {
  std::string text = fmt::format("  {:<34}", head);
  for (const std::string& cell : cells) text += fmt::format("{:>10}", cell);
  return text.erase(text.find_last_not_of(' ') + 1) + "\n";
}

template <class Values>
std::vector<std::string> texts(const Values& values, std::string (*text)(double)) {
  std::vector<std::string> result;
  for (const double value : values) result.push_back(text(value));
  return result;
}

std::vector<std::string> texts(const RankCorrelation& all, const RankCorrelation& best) {
  return {share(all.spearman), share(all.kendall), share(best.spearman), share(best.kendall)};
}

std::string optima_text(const LocalOptima& optima) {
  const std::string what = "no change of one parameter improves";
  if (optima.exhaustive)
    return fmt::format("  local optima ({}): {} of all {} configurations that train\n", what,
                       number(optima.count), optima.examined);
  return fmt::format("  local optima ({}): {:.2f} +- {:.2f} % of {} samples\n", what, 100.0 * optima.share,
                     100.0 * optima.standard_error, optima.examined);
}

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

Json optima_json(const std::optional<LocalOptima>& optima) {
  if (!optima) return nullptr;
  return {{"share", optima->share},
          {"standard_error", optima->standard_error},
          {"examined", optima->examined},
          {"count", finite(optima->count)},
          {"exhaustive", optima->exhaustive}};
}

}  // namespace

std::string format_portrait(const Portrait& p) {
  const std::string unit = p.objective.unit.empty() ? "" : " " + printable(p.objective.unit);
  std::string text = fmt::format(
      "{}   {} parameters, {} configurations; {} sampled\n\n", printable(p.problem), p.parameters,
      p.configurations ? whole(*p.configurations) : "unlimited", whole(static_cast<double>(p.samples)));
  text += fmt::format("  {}{}, {}. Default configuration: {}.{}\n", printable(p.objective.name), unit,
                      p.objective.direction == Direction::maximise ? "maximised" : "minimised",
                      number(p.default_value),
                      p.optimum ? " Best value or its bound: " + number(*p.optimum) + "." : "");
  for (const std::string& note : p.notes) text += "  " + printable(note) + "\n";
  for (const auto& [reason, part] : p.failing)
    text += fmt::format("  {:.1f} % of the candidates fail: {}\n", 100.0 * part, reason);
  if (p.quantiles.empty()) return text + "  Every candidate fails.\n";
  text += "\n" + row("quantile", {"worst", "1 %", "5 %", "25 %", "50 %", "75 %", "95 %", "99 %", "best"});
  text += row("true value", texts(p.quantiles, number));
  text += fmt::format("  mean {}, sd {}, skewness {}\n\n", number(p.mean), number(p.deviation),
                      number(p.skewness));
  text += row("lag", {"1", "2", "3", "5", "10"});
  text += row("rank autocorrelation, random walk", texts(p.autocorrelation, share));
  text += "\n" + row("quality class, from the best", {"1 %", "1-5 %", "5-25 %", "25-50 %", "50-100 %"});
  text += row("chance that one mutation improves", texts(p.improving, share));
  text += row("sd over training seeds", texts(p.seed_deviation, number));
  text += fmt::format("  sd over training seeds, all classes: {}\n", number(p.seed_deviation_all));
  text += fmt::format(
      "  fitness-distance correlation, by rank: {}; variance of ranks explained by main effects: {}\n",
      share(p.distance_correlation), share(p.additive));
  if (p.optima) text += optima_text(*p.optima);
  if (!p.ranks.empty())
    text += "\n" + row("quality vs size (Spearman; Kendall)", {"all", "", "top half", ""});
  for (const PortraitRank& rank : p.ranks) text += row(rank.of, texts(rank.all, rank.better_half));
  if (!p.fidelities.empty()) text += "\n" + row("low fidelity vs true value", {"all", "", "top 10 %", ""});
  for (const PortraitFidelity& f : p.fidelities) text += row(number(f.fidelity), texts(f.all, f.best_tenth));
  if (!p.front.empty()) text += "\n" + row("Pareto front of the samples", {"value", "FLOPs"});
  for (const auto& point : p.front) text += row("", {number(point[0]), number(point[1])});
  return text;
}

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
    json["distance_correlation"] = finite(p.distance_correlation);
    json["additive"] = finite(p.additive);
    json["local_optima"] = optima_json(p.optima);
    json["ranks"] = Json::array();
    for (const PortraitRank& rank : p.ranks)
      json["ranks"].push_back(
          {{"of", rank.of}, {"all", rank_json(rank.all)}, {"better_half", rank_json(rank.better_half)}});
    json["fidelities"] = Json::array();
    for (const PortraitFidelity& f : p.fidelities)
      json["fidelities"].push_back(
          {{"fidelity", f.fidelity}, {"all", rank_json(f.all)}, {"best_tenth", rank_json(f.best_tenth)}});
    json["front"] = Json::array();
    for (const auto& point : p.front) json["front"].push_back({{"value", point[0]}, {"flops", point[1]}});
    list.push_back(std::move(json));
  }
  return json_document(list);
}

}  // namespace tonne
