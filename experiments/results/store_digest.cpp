#include "experiments/results/store_digest.h"

#include <SQLiteCpp/Column.h>
#include <fmt/format.h>

#include <bit>
#include <cstdint>
#include <string_view>

#include "core/random.h"
#include "experiments/results/store_database.h"
#include "experiments/results/store_schema.h"

namespace tonne {
namespace {

class ContentDigest {
 public:
  void absorb(const SQLite::Database& database, const StoreTable& table) {
    absorb(hash_text(table.name));
    SQLite::Statement query(database, fmt::format("SELECT * FROM {} ORDER BY {}", table.name, table.key));
    while (query.executeStep())
      for (int i = 0; i < query.getColumnCount(); ++i) absorb(query.getColumn(i));
  }
  [[nodiscard]] std::string text() const { return fmt::format("{:016x}{:016x}", a_, b_); }

 private:
  void absorb(const SQLite::Column& column) {
    absorb(static_cast<std::uint64_t>(column.getType()));
    if (column.isFloat()) {
      absorb(std::bit_cast<std::uint64_t>(column.getDouble()));
    } else if (column.isInteger()) {
      absorb(static_cast<std::uint64_t>(column.getInt64()));
    } else if (column.isText()) {
      absorb(hash_text(std::string_view(column.getText(), static_cast<std::size_t>(column.getBytes()))));
    }
  }
  void absorb(std::uint64_t value) {
    a_ = mix_bits(a_ ^ value);
    b_ = mix_bits(b_ + mix_bits(value));
  }

  std::uint64_t a_ = 0;
  std::uint64_t b_ = 1;
};

}  // namespace

std::string digest_of_content(const StoreDatabase& database) {
  ContentDigest digest;
  for (const StoreTable& table : tables_of(database.sql())) digest.absorb(database.sql(), table);
  return digest.text();
}

}  // namespace tonne
