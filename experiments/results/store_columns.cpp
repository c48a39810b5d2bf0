#include "experiments/results/store_columns.h"

namespace tonne {

void bind_value(SQLite::Statement& insert, int at, TextOrNull text) {
  if (text.text.empty()) {
    insert.bind(at);
  } else {
    bind_value(insert, at, text.text);
  }
}

void bind_value(SQLite::Statement& insert, int at, const Usage& usage) {
  insert.bind(at, usage.energy / joule);
  insert.bind(at + 1, usage.operational / kilogram);
  insert.bind(at + 2, usage.embodied / kilogram);
  insert.bind(at + 3, usage.money / dollar);
  insert.bind(at + 4, usage.water / litre);
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
