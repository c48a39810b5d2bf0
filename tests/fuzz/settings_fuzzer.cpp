// Whatever stands in an experiment file, the reader answers with an experiment or an InputError.

#include <cstdint>
#include <string>

#include "core/error.h"
#include "experiments/plan/experiment.h"
#include "experiments/plan/experiment_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  try {
    (void)tonne::parse_experiment(text, "fuzz.yaml", "/nonexistent");
  } catch (const tonne::InputError&) {
  }
  return 0;
}
