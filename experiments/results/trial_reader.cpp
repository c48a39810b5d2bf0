#include "experiments/results/trial_reader.h"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "experiments/results/store_columns.h"
#include "experiments/results/store_database.h"
#include "experiments/results/trial_block.h"

namespace tonne {
namespace {

class BlockQuery {
 public:
  BlockQuery(const StoreDatabase& database, std::optional<std::size_t> cell)
      : database_(database),
        query_(database.sql(), fmt::format("SELECT cell, first_trial, trials, data FROM trial_blocks {} ORDER BY cell, first_trial",
                                           cell ? "WHERE cell=?" : "")) {
    if (cell) bind_value(query_, 1, *cell);
  }

  // Nothing after the last one.
  bool next() {
    if (!query_.executeStep()) return false;
    std::uint64_t first_trial = 0;
    std::size_t trials = 0;
    Columns(query_) >> cell_ >> first_trial >> trials;
    const SQLite::Column data = query_.getColumn(3);
    const std::string_view bytes(static_cast<const char*>(data.getBlob()), static_cast<std::size_t>(data.getBytes()));
    try {
      content_ = decode_block(bytes, columns_, scratch_);
    } catch (const DamagedBytes&) {
      throw damaged(first_trial);
    }
    const std::uint64_t* const ids = columns_.words(TrialColumn::trial);
    if (columns_.rows() != trials || *std::min_element(ids, ids + trials) != first_trial) throw damaged(first_trial);
    return true;
  }
  [[nodiscard]] std::size_t cell() const { return cell_; }
  [[nodiscard]] const TrialColumns& columns() const { return columns_; }
  [[nodiscard]] const ContentSum& content() const { return content_; }

 private:
  [[nodiscard]] StoreError damaged(std::uint64_t first_trial) const {
    return database_.damaged(fmt::format("the block of trials from {} on, of cell {}, is not what was written", first_trial, cell_));
  }

  const StoreDatabase& database_;
  SQLite::Statement query_;
  std::size_t cell_ = 0;
  TrialColumns columns_;
  ContentSum content_;
  BlockScratch scratch_;
};

}  // namespace

std::uint64_t count_trials(const StoreDatabase& database) {
  SQLite::Statement query(database.sql(), "SELECT coalesce(sum(trials), 0) FROM trial_blocks");
  query.executeStep();
  std::uint64_t count = 0;
  Columns(query) >> count;
  return count;
}

void each_trial_block(const StoreDatabase& database, std::optional<std::size_t> cell,
                      const std::function<void(std::size_t, const TrialColumns&)>& visit) {
  for (BlockQuery blocks(database, cell); blocks.next();) visit(blocks.cell(), blocks.columns());
}

void each_trial(const StoreDatabase& database, std::optional<std::size_t> cell,
                const std::function<void(const TrialRow&)>& visit) {
  TrialRow row;
  each_trial_block(database, cell, [&](std::size_t of, const TrialColumns& columns) {
    row.cell = of;
    for (std::size_t i = 0; i < columns.rows(); ++i) {
      columns.get(i, row);
      visit(row);
    }
  });
}

ContentSum content_of_trials(const StoreDatabase& database, std::size_t cell) {
  ContentSum sum;
  for (BlockQuery blocks(database, cell); blocks.next();) sum += blocks.content();
  return sum;
}

}  // namespace tonne
