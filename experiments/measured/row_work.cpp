#include "experiments/measured/row_work.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "core/error.h"
#include "core/random.h"
#include "experiments/measured/network_columns.h"

namespace tonne {
namespace {

double choice_of(std::span<const std::string> names, std::string_view text) {
  const auto found = std::ranges::find(names, text);
  return found == names.end() ? -1.0 : static_cast<double>(found - names.begin());
}

// A value as the table writes it; nothing where the parameter has no such value.
std::optional<double> parameter_value(const Domain& domain, std::string_view text) {
  double value = -1.0;
  if (const auto* categorical = std::get_if<Categorical>(&domain)) {
    value = choice_of(categorical->choices, text);
  } else if (const auto* ordinal = std::get_if<Ordinal>(&domain)) {
    value = choice_of(ordinal->levels, text);
  } else {
    return parse_number(text);
  }
  return value < 0.0 ? std::nullopt : std::optional(value);
}

Configuration configuration_of(const SearchSpace& space, const CsvTable& table, std::size_t row) {
  Configuration configuration(space.size());
  for (std::size_t p = 0; p < space.size(); ++p) {
    const Parameter& parameter = space.parameters()[p];
    const std::string_view text = table.field(row, measured_column(table, parameter.name, "the problem's parameter"));
    if (text.empty() && parameter.active_when) continue;
    const auto value = parameter_value(parameter.domain, text);
    if (!value)
      throw InputError({table.file(), table.line(row), 0}, parameter.name,
                       fmt::format("is '{}', which the problem does not have", printable(text.substr(0, 60))));
    configuration.set(p, *value);
  }
  if (!space.contains(configuration))
    throw InputError({table.file(), table.line(row), 0}, "", "is no configuration of the problem");
  return configuration;
}

}  // namespace

std::size_t measured_column(const CsvTable& table, const std::string& name, std::string_view key) {
  if (const auto column = table.find(name)) return *column;
  throw InputError({table.file(), 1, 0}, "",
                   fmt::format("has no column '{}', which {} names (columns: {})", printable(name.substr(0, 60)),
                               key, join_names(table.columns(), 12)));
}

Amount::Amount(const CsvTable& table, const std::string& text, std::string_view key) {
  if (text.empty()) return;
  given_ = true;
  if (const auto number = parse_number(text))
    constant_ = *number;
  else
    column_ = measured_column(table, text, key);
}

RowWork::RowWork(const CsvTable& table, const ProblemOfRows& rows, const WorkSettings& settings)
    : table_(table),
      rows_(rows),
      settings_(settings),
      fidelity_(table, rows.fidelity, "fidelity"),
      flops_(table, settings.flops, "work.flops"),
      flops_per_sample_(table, settings.flops_per_sample, "work.flops_per_sample"),
      traffic_(table, settings.traffic, "work.traffic"),
      traffic_per_sample_(table, settings.traffic_per_sample, "work.traffic_per_sample"),
      traffic_per_step_(table, settings.traffic_per_step, "work.traffic_per_step"),
      steps_(table, settings.steps, "work.steps"),
      samples_(table, settings.samples, "work.samples"),
      batch_(table, settings.batch, "work.batch"),
      parameters_(table, settings.parameters, "work.parameters"),
      scale_(table, settings.scale, "work.scale"),
      limit_(table, settings.power_limit, "work.power_limit") {}

Workload RowWork::at(std::size_t row) const {
  Workload work = rows_.problem ? of_problem(row) : !settings_.network.empty() ? of_network(row) : given(row);
  const double scale = positive(scale_, row, "work.scale");
  work.flops *= scale;
  work.traffic *= scale;
  work.steps *= scale;
  work.samples *= scale;
  check(work, row);
  return work;
}

std::optional<Power> RowWork::limit(std::size_t row) const {
  if (!limit_.given()) return std::nullopt;
  return positive(limit_, row, "work.power_limit") * watt;
}

// Beyond, squares and quotients of the fit overflow, and no machine does so much.
void RowWork::check(const Workload& work, std::size_t row) const {
  constexpr double kMost = 1e40;
  const auto among = [&](double amount, std::string_view what) {
    if (amount >= 0.0 && amount <= kMost) return;
    throw InputError({table_.file(), table_.line(row), 0}, "",
                     fmt::format("is {:.6g} {} of work, expected 0 to 1e40", amount, what));
  };
  among(work.flops / flop, "FLOPs");
  among(work.traffic / byte, "bytes");
  among(work.steps, "steps");
  among(work.samples, "samples");
  if (work.flops <= Work{} && work.traffic <= Bytes{} && work.steps <= 0.0 && work.samples <= 0.0 &&
      !work.measured_time)
    throw InputError({table_.file(), table_.line(row), 0}, "",
                     "has no work: expected FLOPs, bytes, steps or samples above 0");
}

double RowWork::positive(const Amount& amount, std::size_t row, std::string_view key) const {
  const double value = amount.at(table_, row);
  if (value > 0.0) return value;
  throw InputError({table_.file(), table_.line(row), 0}, "",
                   fmt::format("{} is {}, expected a number above 0", key, value));
}

double RowWork::not_negative(const Amount& amount, std::size_t row, std::string_view key) const {
  const double value = amount.at(table_, row);
  if (value >= 0.0) return value;
  throw InputError({table_.file(), table_.line(row), 0}, "",
                   fmt::format("{} is {}, expected a number from 0", key, value));
}

Workload RowWork::of_problem(std::size_t row) const {
  const Problem& problem = *rows_.problem;
  const Configuration configuration = rows_.from_network ? graph_cell_of(problem.space(), table_, row)
                                                         : configuration_of(problem.space(), table_, row);
  const double highest = problem.traits().fidelity.highest;
  if (!fidelity_.given() && !settings_.inference && highest > 1.0)
    throw InputError({}, "fidelity",
                     fmt::format("is missing beside problem: how many {} each row was trained, a number or a column",
                                 problem.traits().fidelity.name));
  const double to = fidelity_.given() ? positive(fidelity_, row, "fidelity") : highest;
  if (to > highest)
    throw InputError({table_.file(), table_.line(row), 0}, "",
                     fmt::format("fidelity is {}, the problem's highest is {}", to, highest));
  if (settings_.inference) {
    if (auto use = problem.inference(configuration)) return *use;
    throw InputError({table_.file(), table_.line(row), 0}, "", "the problem tells no inference of this row");
  }
  const Outcome outcome = problem.evaluate({configuration, 0.0, to, 0}, Random(0));
  if (outcome.failure)  // its work would be that of a part of the run
    throw InputError({table_.file(), table_.line(row), 0}, "",
                     fmt::format("fails in the problem ({}): expected runs that it completes",
                                 to_string(*outcome.failure)));
  return outcome.workload;
}

double RowWork::samples(std::size_t row) const {
  return samples_.given() ? not_negative(samples_, row, "work.samples") : 0.0;
}

double RowWork::steps(std::size_t row) const {
  if (steps_.given()) return not_negative(steps_, row, "work.steps");
  return batch_.given() ? samples(row) / positive(batch_, row, "work.batch") : 0.0;
}

Workload RowWork::of_network(std::size_t row) const {
  return accel_network_work(table_, row,
                            {settings_.inference, samples_.given() ? samples(row) : 1.0, steps(row),
                             batch_.given() ? positive(batch_, row, "work.batch") : 1.0});
}

Workload RowWork::given(std::size_t row) const {
  const auto amount = [&](const Amount& given, std::string_view key) {
    return given.given() ? not_negative(given, row, key) : 0.0;
  };
  Workload work;
  work.kind = settings_.kind;
  work.precision = settings_.precision;
  work.samples = samples(row);
  work.steps = steps(row);
  work.parameters = amount(parameters_, "work.parameters");
  work.flops = (amount(flops_, "work.flops") +
                amount(flops_per_sample_, "work.flops_per_sample") * work.samples) * flop;
  work.traffic = (amount(traffic_, "work.traffic") +
                  amount(traffic_per_sample_, "work.traffic_per_sample") * work.samples +
                  amount(traffic_per_step_, "work.traffic_per_step") * work.steps) * byte;
  work.activation_traffic = settings_.activation_traffic;
  return work;
}

}  // namespace tonne
