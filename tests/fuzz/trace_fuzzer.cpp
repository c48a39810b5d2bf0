// Whatever stands in a grid's trace, the reader answers with a signal of finite intensities of at least zero, or an InputError.
// The first two bytes choose what the user says of the file.

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/error.h"
#include "cost_models/trace_reader.h"
#include "tests/fuzz/fuzz_file.h"

namespace {

tonne::TraceSource source_of(std::uint8_t first, std::uint8_t second) {
  tonne::TraceSource source;
  source.format = static_cast<tonne::TraceFormat>(first % 6);
  source.unit = static_cast<tonne::TraceUnit>((first / 6) % 5);
  source.separator = static_cast<tonne::Separator>((first / 30) % 4);
  source.value_at = static_cast<tonne::ValueAt>(second % 2);
  source.decimal = static_cast<tonne::DecimalMark>((second / 2) % 2);
  source.dates = static_cast<tonne::DateOrder>((second / 4) % 3);
  source.gaps = static_cast<tonne::TraceGaps>((second / 12) % 2);
  constexpr const char* kZones[] = {"", "UTC", "+02:00", "Europe/Berlin"};
  source.time_zone = kZones[(second / 24) % 4];
  return source;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const tonne::fuzz::MemoryFile file({reinterpret_cast<const char*>(data) + 2, size - 2});
  tonne::TraceSource source = source_of(data[0], data[1]);
  source.file = file.path();
  try {
    const tonne::LoadedTrace trace = tonne::read_trace(source);
    for (int hour = 0; hour < 48; ++hour) {
      const double intensity =
          trace.signal.mean(hour * tonne::hour, tonne::hour) / (tonne::gram / tonne::kilowatt_hour);
      if (!std::isfinite(intensity) || intensity < 0.0) std::abort();
    }
  } catch (const tonne::InputError&) {
  }
  return 0;
}
