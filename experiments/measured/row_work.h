#pragma once
// The work behind each row of a table of measured runs: from its columns, a network's or a problem's decisions.

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/csv.h"
#include "core/problem.h"
#include "core/units.h"
#include "experiments/measured/measured_settings.h"

namespace tonne {

/// A problem whose decisions stand in the table's columns.
struct ProblemOfRows {
  std::shared_ptr<const Problem> problem;  ///< null: the work is given otherwise
  std::string fidelity;                    ///< a number or a column; empty: the highest
  bool from_network = false;               ///< decisions in NAS-Bench-101's columns
};

/// The column of that name. Throws InputError that names the setting, `key`, and the table's columns.
[[nodiscard]] std::size_t measured_column(const CsvTable& table, const std::string& name, std::string_view key);

/// A constant, or a column's number.
class Amount {
 public:
  /// Throws InputError where `text` is neither a number nor a column.
  Amount(const CsvTable& table, const std::string& text, std::string_view key);
  [[nodiscard]] bool given() const { return given_; }
  [[nodiscard]] double at(const CsvTable& table, std::size_t row) const {
    return column_ ? table.number(row, *column_) : constant_;
  }

 private:
  bool given_ = false;
  double constant_ = 0.0;
  std::optional<std::size_t> column_;
};

/// The work of the rows of one job. The table, the problem and the settings outlive it.
class RowWork {
 public:
  RowWork(const CsvTable& table, const ProblemOfRows& rows, const WorkSettings& settings);
  /// Throws InputError, with the row's line, for what is no number or out of bounds, a configuration that the
  /// problem does not have, and a row without work.
  [[nodiscard]] Workload at(std::size_t row) const;
  [[nodiscard]] std::optional<Power> limit(std::size_t row) const;

 private:
  void check(const Workload& work, std::size_t row) const;
  [[nodiscard]] double positive(const Amount& amount, std::size_t row, std::string_view key) const;
  [[nodiscard]] double not_negative(const Amount& amount, std::size_t row, std::string_view key) const;
  [[nodiscard]] Workload of_problem(std::size_t row) const;
  [[nodiscard]] Workload of_network(std::size_t row) const;
  [[nodiscard]] Workload given(std::size_t row) const;
  [[nodiscard]] double samples(std::size_t row) const;
  [[nodiscard]] double steps(std::size_t row) const;

  const CsvTable& table_;
  const ProblemOfRows& rows_;
  const WorkSettings& settings_;
  Amount fidelity_, flops_, flops_per_sample_, traffic_, traffic_per_sample_, traffic_per_step_;
  Amount steps_, samples_, batch_, parameters_, scale_, limit_;
};

}  // namespace tonne
