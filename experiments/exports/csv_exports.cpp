#include "experiments/exports/csv_exports.h"

#include <fmt/compile.h>
#include <fmt/format.h>

#include <cstddef>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/search_space.h"
#include "cost_models/sites.h"
#include "experiments/results/new_file.h"
#include "experiments/results/store.h"
#include "experiments/results/stored_space.h"
#include "experiments/text/csv_text.h"
#include "experiments/text/percent.h"

namespace tonne {
namespace {

namespace fs = std::filesystem;

// Configurations as "name=value;name=value".
class ConfigurationText {
 public:
  explicit ConfigurationText(const Store& store) {
    const std::size_t problems = store.problems().size();
    for (std::size_t p = 0; p < problems; ++p) spaces_.push_back(store.space(p));
    for (const SearchSpace& space : spaces_) {
      auto& names = names_.emplace_back();
      for (const Parameter& parameter : space.parameters()) names.push_back(encoded(parameter.name));
    }
  }

  std::string operator()(std::size_t problem, std::string_view stored) const {
    return (*this)(problem, decode_configuration(stored, spaces_[problem]));
  }
  std::string operator()(std::size_t problem, const Configuration& configuration) const {
    const SearchSpace& space = spaces_[problem];
    check_configuration(configuration, space);
    std::string text;
    for (std::size_t i = 0; i < space.size(); ++i) {
      if (!configuration.is_active(i)) continue;
      if (!text.empty()) text += ';';
      text += names_[problem][i];
      text += '=';
      text += value_text(space[i].domain, configuration[i]);
    }
    return text;
  }

 private:
  static std::string encoded(const std::string& part) { return percent_encoded(part, ";="); }
  // Numbers as the store writes them, not as for people.
  static std::string value_text(const Domain& domain, double value) {
    if (const auto* categorical = std::get_if<Categorical>(&domain))
      return encoded(categorical->choices[static_cast<std::size_t>(value)]);
    if (const auto* ordinal = std::get_if<Ordinal>(&domain))
      return encoded(ordinal->levels[static_cast<std::size_t>(value)]);
    return encode_number(value);
  }

  std::vector<SearchSpace> spaces_;              // of the problems
  std::vector<std::vector<std::string>> names_;  // of their parameters
};

// The columns that say to which cell a row belongs.
class CellText {
 public:
  explicit CellText(const Store& store) {
    const auto problems = store.problems();
    const auto scenarios = store.scenarios();
    const auto strategies = store.strategies();
    for (const CellRecord& cell : store.cells(CellDetail::own)) {
      if (texts_.size() <= cell.index) {
        texts_.resize(cell.index + 1);
        problems_.resize(cell.index + 1);
        priced_.resize(cell.index + 1);
      }
      texts_[cell.index] = fmt::format("{},{},{},{},{}", cell.index, csv_text(problems[cell.problem].label),
                                       csv_text(scenarios[cell.scenario].label),
                                       csv_text(strategies[cell.strategy].label), cell.seed);
      problems_[cell.index] = cell.problem;
      priced_[cell.index] = scenarios[cell.scenario].priced;
    }
  }
  static constexpr std::string_view kHeader = "cell,problem,scenario,strategy,seed";
  [[nodiscard]] const std::string& operator[](std::size_t cell) const { return texts_[cell]; }
  [[nodiscard]] bool holds(std::size_t cell) const { return cell < texts_.size() && !texts_[cell].empty(); }
  [[nodiscard]] std::size_t problem(std::size_t cell) const { return problems_[cell]; }
  /// An amount of money; empty where no price is known.
  [[nodiscard]] std::string dollars(std::size_t cell, double usd) const {
    return priced_[cell] ? fmt::format("{}", usd) : "";
  }

 private:
  std::vector<std::string> texts_;
  std::vector<std::size_t> problems_;
  std::vector<bool> priced_;
};

void write_incumbents(const Store& store, const CellText& cells, const ConfigurationText& configuration,
                      const fs::path& path) {
  NewFile file(path);
  file.write(fmt::format(
      "{},number,trial,time_s,evaluations,trained,fidelity,observed,true_value,energy_j,operational_kg,"
      "embodied_kg,usd,configuration\n",
      CellText::kHeader));
  store.each_incumbent([&](const IncumbentRow& row) {
    file.write(fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n", cells[row.cell], row.number,
                           row.trial, row.time_s, row.evaluations, row.trained, row.fidelity, row.observed,
                           row.true_value, row.energy_j, row.operational_kg, row.embodied_kg, cells.dollars(row.cell, row.usd),
                           csv_text(configuration(cells.problem(row.cell), row.configuration))));
  });
  file.commit();
}

// "draw 17", or which figure stands at which of its quantiles.
class VariantText {
 public:
  VariantText(const Store& store, std::size_t draws) : draws_(draws) {
    for (const StoredUncertain& uncertain : store.uncertain()) {
      if (keys_.size() <= uncertain.scenario) keys_.resize(uncertain.scenario + 1);
      keys_[uncertain.scenario].push_back(uncertain.key);
    }
    for (const CellRecord& cell : store.cells(CellDetail::own)) scenarios_[cell.index] = cell.scenario;
  }
  [[nodiscard]] std::string operator()(const VariantRow& row) const {
    if (row.variant < draws_) return fmt::format("draw,{},", row.variant);
    const std::size_t moved = row.variant - draws_;
    const auto& keys = keys_.at(scenarios_.at(row.cell));
    return fmt::format("{},,{}", moved % 2 == 0 ? "low" : "high", csv_text(keys.at(moved / 2)));
  }

 private:
  std::size_t draws_;
  std::vector<std::vector<std::string>> keys_;
  std::map<std::size_t, std::size_t> scenarios_;
};

void write_variants(const Store& store, const CellText& cells, std::size_t draws, const fs::path& path) {
  NewFile file(path);
  const VariantText variant(store, draws);
  file.write(fmt::format("{},kind,draw,figure,energy_j,operational_kg,embodied_kg,usd,water_l,training_kg\n",
                         CellText::kHeader));
  store.each_variant([&](const VariantRow& row) {
    const Usage& u = row.search;
    file.write(fmt::format("{},{},{},{},{},{},{},{}\n", cells[row.cell], variant(row), u.energy / joule,
                           u.operational / kilogram, u.embodied / kilogram, cells.dollars(row.cell, u.money / dollar), u.water / litre,
                           row.training ? fmt::format("{}", row.training->carbon() / kilogram) : ""));
  });
  file.commit();
}

}  // namespace

void write_trials_csv(const Store& store, const fs::path& path) {
  const CellText cells(store);
  const ConfigurationText configuration(store);
  NewFile file(path);
  const bool sites = store.has_sites();
  file.write(fmt::format(
      "{},trial,worker,start_s,end_s,status,objective,fidelity,trained_from,resumes,repeat,device_dynamic_j,"
      "device_idle_j,host_j,facility_j,operational_kg,embodied_kg,usd,preemptions,lost_s,lost_j,lost_kg,lost_"
      "usd,objectives,constraints,{}configuration\n",
      CellText::kHeader, sites ? "site,transfer_j," : ""));
  fmt::memory_buffer line;
  store.each_trial([&](const TrialRow& row) {
    if (!cells.holds(row.cell)) return;  // of a search that has not ended
    line.clear();
    auto out = std::back_inserter(line);
    fmt::format_to(out, FMT_COMPILE("{},{},{},{},{},{},"), cells[row.cell], row.trial, row.worker,
                   row.start_s, row.end_s, to_string(row.status));
    if (const auto objective = row.objective()) fmt::format_to(out, FMT_COMPILE("{}"), *objective);
    fmt::format_to(out, FMT_COMPILE(",{},{},"), row.fidelity, row.trained_from);
    if (row.resumes) fmt::format_to(out, FMT_COMPILE("{}"), *row.resumes);
    fmt::format_to(out, FMT_COMPILE(",{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},"), row.repeat,
                   row.energy_j[0], row.energy_j[1], row.energy_j[2], row.energy_j[3], row.operational_kg,
                   row.embodied_kg, cells.dollars(row.cell, row.usd), row.preemptions, row.lost_s, row.lost_j, row.lost_kg,
                   cells.dollars(row.cell, row.lost_usd), encode_numbers(row.further_objectives()),
                   encode_numbers({row.constraints.data(), row.constraints.size()}));
    if (sites)
      fmt::format_to(out, FMT_COMPILE("{},{},"), row.site.empty() ? kHome : row.site, row.energy_j[4]);
    fmt::format_to(out, FMT_COMPILE("{}\n"),
                   csv_text(configuration(cells.problem(row.cell), row.configuration)));
    file.write({line.data(), line.size()});
  });
  file.commit();
}

void write_csv_exports(const Store& store, const fs::path& folder) {
  const CellText cells(store);
  const ConfigurationText configuration(store);
  write_incumbents(store, cells, configuration, folder / "incumbents.csv");
  if (const auto drawn = store.uncertainty())
    write_variants(store, cells, drawn->draws, folder / "uncertainty.csv");
}

}  // namespace tonne
