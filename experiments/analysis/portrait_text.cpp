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
  if (std::abs(value) >= 1e9) return fmt::format("{:.2e}", value);  // of FLOPs, nobody says trillions
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

// A head and its cells in columns that are the same in all tables; where the terminal is too narrow for
// these, as a table that leaves out what is least needed.
std::string columns(const TextRows& table, const TextStyle& style) {
  constexpr std::size_t kHead = 36, kColumn = 10;
  if (style.width > 0 && kHead + kColumn * (table.front().size() - 1) > style.width)
    return format_table(table, {false, style.width},
                        {.expendable = {"99 %", "5 %", "95 %", "25-50 %", "5-25 %", "2", "1 %"}});
  std::string text;
  for (const auto& cells : table) {
    std::string line = "  " + padded(cells.front(), kHead - 2, true);
    for (std::size_t i = 1; i < cells.size(); ++i) line += padded(cells[i], kColumn, false);
    text += line.erase(line.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

std::vector<std::string> row(std::string head, std::vector<std::string> cells) {
  cells.insert(cells.begin(), std::move(head));
  return cells;
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
    return fmt::format("local optima ({}): {} of all {} configurations that train", what,
                       number(optima.count), grouped(static_cast<double>(optima.examined)));
  return fmt::format("local optima ({}): {:.2f} +- {:.2f} % of {} samples", what, 100.0 * optima.share,
                     100.0 * optima.standard_error, grouped(static_cast<double>(optima.examined)));
}

// A line of its own, wrapped on a terminal only.
std::string line_of(const std::string& text, const TextStyle& style) {
  return style.width == 0 ? "  " + text + "\n" : wrapped(text, style.width);
}

std::string correlations_text(const Portrait& p, const TextStyle& style) {
  std::string text;
  if (!p.ranks.empty()) {
    TextRows table{row("quality vs size (Spearman; Kendall)", {"all", "", "top half", ""})};
    for (const PortraitRank& rank : p.ranks) table.push_back(row(rank.of, texts(rank.all, rank.better_half)));
    text += "\n" + columns(table, style);
  }
  if (!p.fidelities.empty()) {
    TextRows table{row("low fidelity vs true value", {"all", "", "top 10 %", ""})};
    for (const PortraitFidelity& f : p.fidelities)
      table.push_back(row(number(f.fidelity), texts(f.all, f.best_tenth)));
    text += "\n" + columns(table, style);
  }
  return text;
}

std::string front_text(const Portrait& p, const TextStyle& style) {
  if (p.front.empty()) return "";
  TextRows table{row("Pareto front of the samples", {"value", "FLOPs"})};
  for (const auto& point : p.front) table.push_back(row("", {number(point[0]), number(point[1])}));
  return "\n" + columns(table, style);
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

std::string format_portrait(const Portrait& p, const TextStyle& style) {
  const std::string unit = p.objective.unit.empty() ? "" : " " + printable(p.objective.unit);
  std::string text = fmt::format(
      "{}   {} parameters, {} configurations; {} sampled\n\n", printable(p.problem), p.parameters,
      p.configurations ? whole(*p.configurations) : "unlimited", whole(static_cast<double>(p.samples)));
  text += line_of(fmt::format("{}{}, {}. Default configuration: {}.{}", printable(p.objective.name), unit,
                              p.objective.direction == Direction::maximise ? "maximised" : "minimised",
                              number(p.default_value),
                              p.optimum ? " Best value or its bound: " + number(*p.optimum) + "." : ""),
                  style);
  for (const std::string& note : p.notes) text += line_of(printable(note), style);
  for (const auto& [reason, part] : p.failing)
    text += line_of(fmt::format("{:.1f} % of the candidates fail: {}", 100.0 * part, reason), style);
  if (p.quantiles.empty()) return text + "  Every candidate fails.\n";
  text += "\n" +
          columns({row("quantile", {"worst", "1 %", "5 %", "25 %", "50 %", "75 %", "95 %", "99 %", "best"}),
                   row("true value", texts(p.quantiles, number))},
                  style);
  text += fmt::format("  mean {}, sd {}, skewness {}\n\n", number(p.mean), number(p.deviation),
                      number(p.skewness));
  text += columns({row("lag", {"1", "2", "3", "5", "10"}),
                   row("rank autocorrelation, random walk", texts(p.autocorrelation, share))},
                  style);
  text +=
      "\n" + columns({row("quality class, from the best", {"1 %", "1-5 %", "5-25 %", "25-50 %", "50-100 %"}),
                      row("chance that one mutation improves", texts(p.improving, share)),
                      row("sd over training seeds", texts(p.seed_deviation, number))},
                     style);
  text += fmt::format("  sd over training seeds, all classes: {}\n", number(p.seed_deviation_all));
  text += line_of(
      fmt::format(
          "fitness-distance correlation, by rank: {}; variance of ranks explained by main effects: {}",
          share(p.distance_correlation), share(p.additive)),
      style);
  if (p.optima) text += line_of(optima_text(*p.optima), style);
  return text + correlations_text(p, style) + front_text(p, style);
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
