// Stores for Python: tables as columns, which become NumPy arrays without a copy.

#include <pybind11/numpy.h>
#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include <bit>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/json.h"
#include "experiments/analysis/findings.h"
#include "experiments/exports/summary.h"
#include "experiments/python/module.h"
#include "experiments/report/report.h"
#include "experiments/report/report_input.h"
#include "experiments/results/new_file.h"
#include "experiments/results/store.h"
#include "experiments/results/trial_columns.h"

namespace tonne::python {

namespace py = pybind11;
namespace fs = std::filesystem;

namespace {

// A vector as an array that owns it.
template <class Value>
py::array_t<Value> array_of(std::vector<Value>&& values) {
  auto owned = std::make_unique<std::vector<Value>>(std::move(values));
  const py::capsule owner(owned.get(), [](void* data) { delete static_cast<std::vector<Value>*>(data); });
  std::vector<Value>* const kept = owned.release();
  return py::array_t<Value>(static_cast<py::ssize_t>(kept->size()), kept->data(), owner);
}

struct WholeColumn {
  const char* name;
  TrialColumn column;
};
constexpr WholeColumn kWhole[] = {{"trial", TrialColumn::trial},   {"worker", TrialColumn::worker}, {"repeat", TrialColumn::repeat},
                                  {"status", TrialColumn::status}, {"site", TrialColumn::site},     {"preemptions", TrialColumn::preemptions}};
constexpr WholeColumn kReal[] = {{"fidelity", TrialColumn::fidelity},
                                 {"trained_from", TrialColumn::trained_from},
                                 {"start_s", TrialColumn::start_s},
                                 {"end_s", TrialColumn::end_s},
                                 {"charged_s", TrialColumn::charged_s},
                                 {"device_dynamic_j", TrialColumn::device_dynamic_j},
                                 {"device_idle_j", TrialColumn::device_idle_j},
                                 {"host_j", TrialColumn::host_j},
                                 {"facility_j", TrialColumn::facility_j},
                                 {"transfer_j", TrialColumn::transfer_j},
                                 {"operational_kg", TrialColumn::operational_kg},
                                 {"embodied_kg", TrialColumn::embodied_kg},
                                 {"usd", TrialColumn::usd},
                                 {"lost_s", TrialColumn::lost_s},
                                 {"lost_j", TrialColumn::lost_j},
                                 {"lost_kg", TrialColumn::lost_kg},
                                 {"lost_usd", TrialColumn::lost_usd}};
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

// The trials of one problem, column by column.
class TrialTable {
 public:
  explicit TrialTable(std::size_t parameters, std::size_t objectives, std::size_t constraints)
      : values_(parameters), objectives_(objectives), constraints_(constraints) {}

  void add(std::size_t cell, const TrialColumns& block) {
    const std::size_t rows = block.rows();
    cell_.insert(cell_.end(), rows, static_cast<std::int64_t>(cell));
    for (std::size_t k = 0; k < std::size(kWhole); ++k)
      for (std::size_t row = 0; row < rows; ++row) whole_[k].push_back(static_cast<std::int64_t>(block.word(kWhole[k].column, row)));
    for (std::size_t row = 0; row < rows; ++row) resumes_.push_back(static_cast<std::int64_t>(block.word(TrialColumn::resumes, row)) - 1);
    for (std::size_t k = 0; k < std::size(kReal); ++k)
      for (std::size_t row = 0; row < rows; ++row) real_[k].push_back(block.number(kReal[k].column, row));
    add_several(block, TrialColumn::objectives, TrialColumn::objective, objectives_);
    add_several(block, TrialColumn::constraints, TrialColumn::constraint, constraints_);
    for (std::size_t i = 0; i < values_.size(); ++i)
      for (std::size_t row = 0; row < rows; ++row) values_[i].push_back(block.is_active(i, row) ? block.value(i, row) : kNone);
  }

  // {"cell": array, ..., "objectives": [array], "constraints": [array], "parameters": [array]}; codes of choices as numbers.
  [[nodiscard]] py::dict columns() && {
    py::dict out;
    out["cell"] = array_of(std::move(cell_));
    for (std::size_t k = 0; k < std::size(kWhole); ++k) out[kWhole[k].name] = array_of(std::move(whole_[k]));
    out["resumes"] = array_of(std::move(resumes_));
    for (std::size_t k = 0; k < std::size(kReal); ++k) out[kReal[k].name] = array_of(std::move(real_[k]));
    out["objectives"] = list_of(objectives_);
    out["constraints"] = list_of(constraints_);
    out["parameters"] = list_of(values_);
    return out;
  }

 private:
  static void add_several(const TrialColumns& block, TrialColumn count, TrialColumn first, std::vector<std::vector<double>>& into) {
    for (std::size_t i = 0; i < into.size(); ++i) {
      const auto column = static_cast<TrialColumn>(static_cast<std::size_t>(first) + i);
      for (std::size_t row = 0; row < block.rows(); ++row) into[i].push_back(i < block.word(count, row) ? block.number(column, row) : kNone);
    }
  }
  static py::list list_of(std::vector<std::vector<double>>& columns) {
    py::list list;
    for (std::vector<double>& column : columns) list.append(array_of(std::move(column)));
    return list;
  }

  std::vector<std::int64_t> cell_, resumes_;
  std::array<std::vector<std::int64_t>, std::size(kWhole)> whole_;
  std::array<std::vector<double>, std::size(kReal)> real_;
  std::vector<std::vector<double>> values_, objectives_, constraints_;
};

// How many constraints the trials of a problem have, which a store does not say beside them.
std::vector<std::size_t> constraint_counts(const Store& store, const std::vector<std::size_t>& problem_of) {
  std::vector<std::size_t> counts(store.problems().size(), 0);
  store.each_trial_block([&](std::size_t cell, const TrialColumns& block) {
    std::size_t& count = counts[problem_of[cell]];
    for (std::size_t row = 0; row < block.rows(); ++row)
      count = std::max(count, static_cast<std::size_t>(block.word(TrialColumn::constraints, row)));
  });
  return counts;
}

// By cell.
std::vector<std::size_t> problems_of(const Store& store) {
  std::vector<std::size_t> problem_of(store.planned_cells(), 0);
  for (const CellRecord& cell : store.cells(CellDetail::own)) problem_of.at(cell.index) = cell.problem;
  return problem_of;
}

// One dictionary of columns for each problem.
py::list trials(const Store& store) {
  const std::vector<StoredProblem> problems = store.problems();
  const std::vector<std::size_t> problem_of = problems_of(store);
  std::vector<TrialTable> tables;
  {
    const py::gil_scoped_release released;
    const std::vector<std::size_t> constraints = constraint_counts(store, problem_of);
    for (std::size_t p = 0; p < problems.size(); ++p) tables.emplace_back(store.space(p).size(), problems[p].objectives.size(), constraints[p]);
    store.each_trial_block([&](std::size_t cell, const TrialColumns& block) { tables[problem_of[cell]].add(cell, block); });
  }
  py::list out;
  for (TrialTable& table : tables) out.append(std::move(table).columns());
  return out;
}

// [(name, "real" | "integer" | "categorical" | "ordinal", [choices])]
py::list parameters(const SearchSpace& space) {
  py::list out;
  for (const Parameter& parameter : space.parameters()) {
    if (const auto* choices = std::get_if<Categorical>(&parameter.domain))
      out.append(py::make_tuple(parameter.name, "categorical", choices->choices));
    else if (const auto* levels = std::get_if<Ordinal>(&parameter.domain))
      out.append(py::make_tuple(parameter.name, "ordinal", levels->levels));
    else
      out.append(py::make_tuple(parameter.name, std::holds_alternative<Integer>(parameter.domain) ? "integer" : "real", py::list()));
  }
  return out;
}

py::list problems(const Store& store) {
  py::list out;
  const std::vector<StoredProblem> stored = store.problems();
  for (std::size_t p = 0; p < stored.size(); ++p) {
    py::list objectives;
    for (const ObjectiveTraits& objective : stored[p].objectives)
      objectives.append(py::make_tuple(objective.name, objective.unit, objective.direction == Direction::minimise ? "minimise" : "maximise"));
    py::dict problem;
    problem["label"] = stored[p].label;
    problem["fidelity"] = stored[p].fidelity;
    problem["objectives"] = objectives;
    problem["parameters"] = parameters(store.space(p));
    problem["notes"] = stored[p].notes;
    out.append(problem);
  }
  return out;
}

// Rows of (cell, problem, scenario, strategy, seed, stop, evaluations, failures).
py::list cells(const Store& store) {
  py::list out;
  for (const CellRecord& cell : store.cells(CellDetail::own))
    out.append(py::make_tuple(cell.index, cell.problem, cell.scenario, cell.strategy, cell.seed, cell.stop, cell.evaluations, cell.failures));
  return out;
}

py::list incumbents(const Store& store) {
  py::list out;
  store.each_incumbent([&](const IncumbentRow& row) {
    out.append(py::make_tuple(row.cell, row.number, row.trial, row.evaluations, row.configuration, row.fidelity, row.observed, row.true_value,
                              row.time_s, row.trained, row.energy_j, row.operational_kg, row.embodied_kg, row.usd));
  });
  return out;
}

py::list ledger(const Store& store) {
  py::list out;
  store.each_ledger_row([&](const LedgerRow& row) {
    out.append(py::make_tuple(row.cell, row.account, row.line, row.energy_j, row.operational_kg, row.embodied_kg, row.usd, row.water_l));
  });
  return out;
}

std::string report_page(const Store& store, std::optional<double> target, double worth) {
  return report_html(make_report(read_report_input(store), {.target = target, .worth = worth}));
}

void write_report(const Store& store, const fs::path& file, std::optional<double> target, double worth) {
  NewFile page(file);
  page.write(report_page(store, target, worth));
  page.commit();
}

}  // namespace

void bind_results(py::module_& module) {
  const auto labels = [](const auto& entries) {
    std::vector<std::string> names;
    for (const auto& entry : entries) names.push_back(entry.label);
    return names;
  };
  py::class_<Store>(module, "Store")
      .def(py::init([](const fs::path& folder) { return Store::open(folder); }), py::arg("folder"))
      .def("digest", &Store::content_digest)
      .def("meta", &Store::meta)
      .def("planned_cells", &Store::planned_cells)
      .def("trial_count", &Store::trial_count)
      .def("summary", [](const Store& store) { return summary_json(store); })
      .def("problems", &problems)
      .def("scenarios", [labels](const Store& store) { return labels(store.scenarios()); })
      .def("strategies", [labels](const Store& store) { return labels(store.strategies()); })
      .def("cells", &cells)
      .def("trials", &trials)
      .def("incumbents", &incumbents)
      .def("ledger", &ledger)
      .def("report", &report_page, py::arg("target"), py::arg("worth"), py::call_guard<py::gil_scoped_release>())
      .def("write_report", &write_report, py::arg("file"), py::arg("target"), py::arg("worth"), py::call_guard<py::gil_scoped_release>());
  module.attr("STATUSES") = std::vector<std::string>(kTrialStatusNames.begin(), kTrialStatusNames.end());
}

}  // namespace tonne::python
