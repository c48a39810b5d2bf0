// Whatever stands in a table, the reader answers with a table whose fields lie within it, or an InputError.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "core/csv.h"
#include "core/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto table = tonne::CsvTable::parse(std::string(reinterpret_cast<const char*>(data), size), "fuzz.csv");
    std::size_t length = 0;
    for (std::size_t row = 0; row < table.rows(); ++row)
      for (std::size_t column = 0; column < table.columns().size(); ++column) length += table.field(row, column).size();
    if (length > size) std::abort();
  } catch (const tonne::InputError&) {
  }
  return 0;
}
