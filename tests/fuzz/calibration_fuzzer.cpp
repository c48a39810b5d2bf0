// Whatever stands in a file of measured runs and in its table, they are read and compared with the cost model, or refused. The
// file ends with a line "---", and the table follows.

#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "core/error.h"
#include "experiments/measured/calibration.h"
#include "experiments/measured/measurements.h"

namespace {

std::filesystem::path folder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "tonne-fuzz-XXXXXX").string();
  static const struct Folder {
    std::filesystem::path path;
    ~Folder() {
      std::error_code error;
      std::filesystem::remove_all(path, error);
    }
  } made{::mkdtemp(pattern.data())};
  return made.path;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::filesystem::path kFolder = folder();
  const std::string text(reinterpret_cast<const char*>(data), size);
  constexpr std::string_view kEnd = "\n---\n";
  const std::size_t end = std::min(text.find(kEnd), text.size());
  std::ofstream(kFolder / "m.yaml", std::ios::binary) << text.substr(0, end);
  std::ofstream(kFolder / "t.csv", std::ios::binary) << text.substr(std::min(end + kEnd.size(), text.size()));
  try {
    const tonne::Measurements measurements = tonne::read_measurements(kFolder / "m.yaml");
    if (measurements.jobs.empty()) std::abort();
    (void)tonne::check(measurements);
  } catch (const tonne::InputError&) {
  }
  return 0;
}
