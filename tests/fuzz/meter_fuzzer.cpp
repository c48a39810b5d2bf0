// Whatever stands in a power meter's log, the reader answers with energies that are numbers of at least zero,
// or an InputError. The first byte chooses a beginning, so that each reader is reached.

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <string>

#include "core/error.h"
#include "experiments/meters/meter_report.h"

namespace {

constexpr const char* kBeginnings[] = {
    "",
    "timestamp, index, name, power.draw [W]\n2024/01/31 10:11:12.000, 0, A100, 100.00 W\n",
    "#Date       Time        gpu   pwr\n#YYYYMMDD   HH:MM:SS    Idx     W\n 20210102   23:59:58      0    "
    "30\n",
    "1777708107.135 #Entity   POWER   TOTEC\n1777708107.135 GPU 0     100.0  256000\n",
    "# 1706695872\nDCGM_FI_DEV_POWER_USAGE{gpu=\"0\"} 35.5\n# "
    "1706695873\nDCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION{gpu=\"0\"} 35\n",
    "1.0,19.63,Joules,power/energy-pkg/,2002406532,100.00,,\n",
    "Core\tCPU\tTime_Of_Day_Seconds\tPkgWatt\n-\t-\t1706695872.5\t70\n",
    "JobID|JobName|Elapsed|Start|ConsumedEnergyRaw|ConsumedEnergy\n100|train|1-01:00:00|2024-01-31T10:00:00|"
    "1800000|1K\n",
    "timestamp,project_name,run_id,duration,emissions,cpu_energy,gpu_energy,ram_energy,energy_consumed,pue\n",
    "start_time,window_name,elapsed_time,gpu0_energy\n1706695872.5,epoch,10.5,2000.5\n",
    "time,domain,energy_uj,max_energy_range_uj\n0,package-0,262143000000,262143328850\n",
    "time,power_w\n0,60\n1,60\n2,60\n3,300\n4,300\n5,300\n6,60\n",
};

void check(tonne::Energy energy) {
  if (!std::isfinite(energy / tonne::joule) || energy < tonne::Energy{}) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string beginning = kBeginnings[data[0] % std::size(kBeginnings)];
  try {
    tonne::meters::ReadOptions options;
    if (data[0] % 2 == 1) options.step = tonne::second;
    const auto report = tonne::meters::report_of(tonne::meters::parse_log(
        beginning + std::string(reinterpret_cast<const char*>(data) + 1, size - 1), "fuzz", options));
    check(report.total.energy);
    for (const auto& figures : report.devices) check(figures.whole.energy);
    for (const auto& run : report.runs) check(run.energy());
    if (tonne::meters::meter_text(report, {}).empty() || tonne::meters::meter_json(report).empty())
      std::abort();
    if (tonne::meters::meter_csv(report).empty()) std::abort();
  } catch (const tonne::InputError&) {
  }
  return 0;
}
