// Unit mistakes that the compiler must reject. The build system compiles this file once per case with
// -DCASE_<name>, which must fail, and once with -DTWIN_<name>, which must not: so a case fails for its
// mistake alone.

#include "core/units.h"

namespace tonne {

double use();

double use() {
  [[maybe_unused]] const Energy energy = 2.0 * kilowatt_hour;
  [[maybe_unused]] const Power power = 3.0 * watt;
  [[maybe_unused]] const Duration duration = 4.0 * hour;
  [[maybe_unused]] const Intensity intensity = 5.0 * gram_per_kilowatt_hour;
  [[maybe_unused]] const Work work = 6.0 * gigaflop;
  [[maybe_unused]] const PriceRate price = 7.0 * dollar_per_hour;

#if defined(CASE_energy_plus_power)
  return (energy + power).base();
#elif defined(TWIN_energy_plus_power)
  return (energy + power * duration).base();

#elif defined(CASE_carbon_from_energy)
  const Carbon carbon = energy;
  return carbon.base();
#elif defined(TWIN_carbon_from_energy)
  const Carbon carbon = energy * intensity;
  return carbon.base();

#elif defined(CASE_double_to_duration)
  const Duration time = 3600.0;
  return time.base();
#elif defined(TWIN_double_to_duration)
  const Duration time = 3600.0 * second;
  return time.base();

#elif defined(CASE_duration_of_double)
  const Duration time(3600.0);
  return time.base();
#elif defined(TWIN_duration_of_double)
  const Duration time(duration);
  return time.base();

#elif defined(CASE_duration_to_double)
  const double seconds = duration;
  return seconds;
#elif defined(TWIN_duration_to_double)
  const double seconds = duration / second;
  return seconds;

#elif defined(CASE_duration_equals_energy)
  return duration == energy ? 1.0 : 0.0;
#elif defined(TWIN_duration_equals_energy)
  return duration == energy / power ? 1.0 : 0.0;

#elif defined(CASE_work_less_than_energy)
  return work < energy ? 1.0 : 0.0;
#elif defined(TWIN_work_less_than_energy)
  return work < 2.0 * work ? 1.0 : 0.0;

#elif defined(CASE_energy_minus_number)
  return (energy - 1.0).base();
#elif defined(TWIN_energy_minus_number)
  return (energy - 1.0 * joule).base();

#elif defined(CASE_add_power_to_energy)
  Energy sum = energy;
  sum += power;
  return sum.base();
#elif defined(TWIN_add_power_to_energy)
  Energy sum = energy;
  sum += power * duration;
  return sum.base();

#elif defined(CASE_energy_per_time_as_energy)
  const Energy wrong = energy / duration;
  return wrong.base();
#elif defined(TWIN_energy_per_time_as_energy)
  const Power right = energy / duration;
  return right.base();

#elif defined(CASE_money_from_rate)
  const Money money = price;
  return money.base();
#elif defined(TWIN_money_from_rate)
  const Money money = price * duration;
  return money.base();

#elif defined(CASE_time_from_work_over_power)
  const Duration time = work / power;
  return time.base();
#elif defined(TWIN_time_from_work_over_power)
  const Duration time = work / teraflop_per_second;
  return time.base();
#endif
}

}  // namespace tonne
