// Results as a folder of IOHprofiler's data: a .json and a .dat for each function (problem and scenario) and algorithm (strategy),
// as IOHexperimenter 0.3.5 writes them (include/ioh/logger/analyzer.hpp) and IOHanalyzer and iohinspector read them.

#include <fmt/format.h>

#include <cmath>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

#include "core/json.h"
#include "core/units.h"
#include "experiments/exports/study_names.h"
#include "experiments/exports/tool_exports.h"
#include "experiments/results/new_file.h"
#include "experiments/results/stored_space.h"

namespace tonne {
namespace {

namespace fs = std::filesystem;

// A folder that takes its name only when it is complete.
class NewFolder {
 public:
  explicit NewFolder(const fs::path& path) : path_(path.has_filename() ? path : path.parent_path()), draft_(path_.string() + ".new") {
    for (const fs::path& taken : {path_, draft_})
      if (fs::exists(fs::symlink_status(taken))) throw StoreError(taken.string() + ": exists, and is not overwritten; name another folder with --out");
    std::error_code error;
    if (!fs::create_directory(draft_, error)) throw StoreError(path_.string() + ": cannot be written: " + error.message());
  }
  ~NewFolder() {
    std::error_code error;
    if (!published_) fs::remove_all(draft_, error);
  }
  NewFolder(const NewFolder&) = delete;
  NewFolder& operator=(const NewFolder&) = delete;

  [[nodiscard]] fs::path folder(const fs::path& below) const {
    std::error_code error;
    fs::create_directories(draft_ / below, error);
    if (error) throw StoreError((draft_ / below).string() + ": cannot be created: " + error.message());
    return draft_ / below;
  }
  void publish() {
    std::error_code error;
    fs::rename(draft_, path_, error);
    if (error) throw StoreError(path_.string() + ": cannot be written: " + error.message());
    published_ = true;
  }

 private:
  fs::path path_, draft_;
  bool published_ = false;
};

// For the name of a file: other characters than letters and digits are '_', and not too many.
std::string file_part(const std::string& label) {
  std::string text = label.substr(0, 60);
  for (char& c : text)
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-')) c = '_';
  return text;
}

double carbon_of(const IncumbentRow& row) { return row.operational_kg + row.embodied_kg; }

// The incumbents of one search that have a finite value, one for each number of evaluations.
using Course = std::vector<IncumbentRow>;

void extend(Course& course, const IncumbentRow& row) {
  if (!std::isfinite(row.observed)) return;
  if (!course.empty() && course.back().evaluations == row.evaluations) course.pop_back();
  course.push_back(row);
}

// What the search ended with: its last incumbent after all of its evaluations, with all of its costs.
IncumbentRow end_of(const Course& course, const CellRecord& cell) {
  IncumbentRow end = course.back();
  end.evaluations = cell.evaluations;
  end.time_s = cell.makespan / second;
  end.energy_j = cell.search.energy / joule;
  end.operational_kg = cell.search.operational / kilogram;
  end.embodied_kg = cell.search.embodied / kilogram;
  return end;
}

std::string dat_line(const IncumbentRow& row) {
  return fmt::format("{} {} {} {} {} {}\n", row.evaluations, row.observed, row.true_value, carbon_of(row), row.energy_j * joule / kilowatt_hour,
                     row.time_s);
}

// Numbers of all parameters; nothing where some are inactive, for which the format has no word.
Json position_of(const std::string& configuration, const SearchSpace& space) {
  const Configuration decoded = decode_configuration(configuration, space);
  Json position = Json::array();
  for (std::size_t i = 0; i < space.size(); ++i) {
    if (!decoded.is_active(i)) return Json::array();
    position.push_back(decoded[i]);
  }
  return position;
}

const IncumbentRow& best_of(const Course& course, Direction direction) {
  const IncumbentRow* best = &course.front();
  for (const IncumbentRow& row : course)
    if (direction == Direction::maximise ? row.observed > best->observed : row.observed < best->observed) best = &row;
  return *best;
}

// One function and one algorithm: its searches are written as they come.
class IohExperiment {
 public:
  IohExperiment(const NewFolder& out, const StudyNames& names, const CellRecord& cell) : names_(names), cell_(cell) {
    const std::string problem = names.problems[cell.problem].label, scenario = names.scenarios[cell.scenario].label;
    function_ = problem + (scenario.empty() ? "" : " " + scenario);
    id_ = cell.problem * names.scenarios.size() + cell.scenario + 1;
    const std::string name = fmt::format("f{}_{}", id_, file_part(function_));
    folder_ = out.folder(fmt::format("{}_{}", cell.strategy + 1, file_part(names.strategies[cell.strategy].label)));
    const fs::path data = fs::path("data_" + name);
    static_cast<void>(out.folder(folder_.filename() / data));
    path_ = data / fmt::format("IOHprofiler_f{}_DIM{}.dat", id_, dimension());
    index_ = folder_ / ("IOHprofiler_" + name + ".json");
    dat_.emplace(folder_ / path_);
  }

  void add(const Course& course, const CellRecord& cell) {
    const IncumbentRow end = end_of(course, cell);
    dat_->write("evaluations raw_y true_value kg_co2e kwh seconds\n");
    for (const IncumbentRow& row : course)
      if (row.evaluations < end.evaluations) dat_->write(dat_line(row));
    dat_->write(dat_line(end));
    const IncumbentRow& best = best_of(course, names_.problems[cell.problem].direction);
    runs_.push_back({{"instance", runs_.size() + 1},
                     {"evals", end.evaluations},
                     {"best", {{"evals", best.evaluations}, {"y", best.observed}, {"x", position_of(best.configuration, names_.spaces[cell.problem])}}},
                     {"seed", cell.seed},
                     {"total_kg_co2e", carbon_of(end)},
                     {"total_kwh", end.energy_j * joule / kilowatt_hour},
                     {"total_seconds", end.time_s}});
  }

  void commit() {
    dat_->commit();
    const StoredProblem& problem = names_.problems[cell_.problem];
    const StoredStrategy& strategy = names_.strategies[cell_.strategy];
    NewFile index(index_);
    index.write(json_document({{"version", "0.3.5"},
                               {"suite", "tonne"},
                               {"function_id", id_},
                               {"function_name", function_},
                               {"maximization", problem.direction == Direction::maximise},
                               {"algorithm", {{"name", strategy.label}, {"info", strategy.name}}},
                               {"run_attributes", {"seed", "total_kg_co2e", "total_kwh", "total_seconds"}},
                               {"attributes", {"evaluations", "raw_y", "true_value", "kg_co2e", "kwh", "seconds"}},
                               {"scenarios", Json::array({Json{{"dimension", dimension()}, {"path", path_.generic_string()}, {"runs", runs_}}})}}));
    index.commit();
  }

  [[nodiscard]] bool holds(const CellRecord& cell) const {
    return std::tie(cell.problem, cell.scenario, cell.strategy) == std::tie(cell_.problem, cell_.scenario, cell_.strategy);
  }

 private:
  [[nodiscard]] std::size_t dimension() const { return names_.spaces[cell_.problem].size(); }

  const StudyNames& names_;
  const CellRecord cell_;
  std::string function_;
  std::size_t id_ = 0;
  fs::path folder_, path_, index_;
  std::optional<NewFile> dat_;
  Json runs_ = Json::array();
};

}  // namespace

void write_iohprofiler(const Store& store, const std::filesystem::path& path) {
  StudyNames names(store);
  for (CellRecord& cell : store.cells(CellDetail::all)) names.cells[cell.index] = std::move(cell);
  NewFolder out(path);
  std::optional<IohExperiment> experiment;
  Course course;
  const auto end_search = [&] {
    if (course.empty()) return;
    const CellRecord& cell = names.cells.at(course.front().cell);
    if (experiment && !experiment->holds(cell)) {
      experiment->commit();
      experiment.reset();
    }
    if (!experiment) experiment.emplace(out, names, cell);
    experiment->add(course, cell);
    course.clear();
  };
  store.each_incumbent([&](const IncumbentRow& row) {
    if (!names.cells.contains(row.cell)) return;
    if (!course.empty() && course.front().cell != row.cell) end_search();
    extend(course, row);
  });
  end_search();
  if (experiment) experiment->commit();
  out.publish();
}

}  // namespace tonne
