#include "experiments/results/store_columns.h"

namespace tonne {

void bind_value(SQLite::Statement& insert, int at, const Usage& usage) {
  insert.bind(at, usage.energy / joule);
  insert.bind(at + 1, usage.operational / kilogram);
  insert.bind(at + 2, usage.embodied / kilogram);
  insert.bind(at + 3, usage.money / dollar);
  insert.bind(at + 4, usage.water / litre);
}

void hash_value(RowHash& hash, const Usage& usage) {
  for (const double amount : {usage.energy / joule, usage.operational / kilogram, usage.embodied / kilogram,
                              usage.money / dollar, usage.water / litre})
    hash.add(amount);
}

void hash_column(RowHash& hash, const SQLite::Column& column) {
  if (column.isFloat()) return hash.add(column.getDouble());
  if (column.isInteger()) return hash.add(column.getInt64());
  if (column.isNull()) return hash.add_nothing();
  const char* const begin = column.getText();
  hash.add(std::string_view(begin, static_cast<std::size_t>(column.getBytes())));
}

Columns& Columns::operator>>(double& value) {
  value = query_.getColumn(next_++).getDouble();
  return *this;
}

Columns& Columns::operator>>(std::string& text) {
  const SQLite::Column column = query_.getColumn(next_++);
  const char* begin = column.getText();
  text.assign(begin, static_cast<std::size_t>(column.getBytes()));
  return *this;
}

Columns& Columns::operator>>(Usage& usage) {
  double energy = 0.0, operational = 0.0, embodied = 0.0, money = 0.0, water = 0.0;
  *this >> energy >> operational >> embodied >> money >> water;
  usage = {energy * joule, operational * kilogram, embodied * kilogram, money * dollar, water * litre};
  return *this;
}

}  // namespace tonne
