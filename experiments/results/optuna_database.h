#pragma once
// A new SQLite file with the tables of Optuna's storage, schema 12 (optuna/storages/_rdb/models.py of 3.1.0).
//
// The table `alembic_version` is left empty: whichever Optuna opens such a file first, of 3.x or 4.x, writes its own version
// there and takes the tables as its own, since they are the same in both (4.x has one index more, which is made here).

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tonne {

struct OptunaParameter {
  std::string_view name;
  double value = 0.0;             ///< of a categorical the index of the choice
  std::string_view distribution;  ///< JSON
};

struct OptunaRow {
  std::size_t study = 0;   ///< as add_study() returned it
  std::string_view state;  ///< "COMPLETE", "PRUNED", "FAIL"
  std::string start, end;  ///< "2000-01-01 00:00:00.000000"
  std::vector<double> values;  ///< finite; one for each direction, or none
  std::optional<std::pair<std::int64_t, double>> intermediate;  ///< step and finite value
  std::vector<OptunaParameter> parameters;
  std::vector<std::pair<std::string, std::string>> attributes;  ///< the user's, values as JSON
};

class OptunaDatabase {
 public:
  /// Takes its name, and the place of an older file of that name, only with commit(). Throws StoreError.
  explicit OptunaDatabase(const std::filesystem::path& file);
  ~OptunaDatabase();
  OptunaDatabase(const OptunaDatabase&) = delete;
  OptunaDatabase& operator=(const OptunaDatabase&) = delete;

  /// `directions`: "MINIMIZE" or "MAXIMIZE" for each objective. Names differ.
  std::size_t add_study(const std::string& name, const std::vector<std::string_view>& directions);
  /// Trials of a study are numbered in the order in which they come.
  void add_trial(const OptunaRow& row);
  void commit();

 private:
  struct Open;
  std::filesystem::path file_;
  std::unique_ptr<Open> open_;
};

}  // namespace tonne
