// Properties of the machine model over random work.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>

#include "cost_models/machine_model.h"
#include "tests/cost_models/machine_model_helpers.h"

namespace tonne {
namespace {

using testing::device_watts;
using testing::model_of;
using testing::plain_cluster;

Workload any_workload() {
  Workload workload;
  workload.flops = std::pow(10.0, *rc::gen::inRange(60, 200) * 0.1) * flop;
  workload.traffic = std::pow(10.0, *rc::gen::inRange(60, 170) * 0.1) * byte;
  workload.steps = *rc::gen::inRange(0, 1'000'000);
  return workload;
}

bool close(double a, double b, double tolerance = 1e-12) {
  return std::abs(a - b) <= tolerance * std::max(std::abs(a), std::abs(b));
}

RC_GTEST_PROP(MachineCostModel, PowerStaysBetweenIdleAndTdp, ()) {
  ClusterSettings settings = plain_cluster();
  settings.overlap = *rc::gen::inRange(0, 101) * 0.01;
  settings.activity.compute = *rc::gen::inRange(0, 101) * 0.01;
  settings.activity.memory = *rc::gen::inRange(0, 101) * 0.01;
  const Charge charge = model_of(settings).charge(any_workload(), {});
  const double watts =
      (charge[Line::device_dynamic].energy + charge[Line::device_idle].energy) / charge.time / watt;
  RC_ASSERT(charge.time > Duration{});
  RC_ASSERT(watts >= 40.0 * (1 - 1e-12));
  RC_ASSERT(watts <= 300.0 * (1 + 1e-12));
}

RC_GTEST_PROP(PowerLimit, ALowerOneIsNeverFasterAndNeverExceeded, ()) {
  ClusterSettings settings = plain_cluster();
  const Workload workload = any_workload();
  const double limit = *rc::gen::inRange(41, 300);
  settings.power_limit = limit * watt;
  const Charge high = model_of(settings).charge(workload, {});
  RC_ASSERT(device_watts(high) <= limit * (1 + 1e-12));
  settings.power_limit = (40.0 + 0.7 * (limit - 40.0)) * watt;
  const Charge low = model_of(settings).charge(workload, {});
  RC_ASSERT(low.time >= high.time);
  RC_ASSERT(device_watts(low) <= device_watts(high) * (1 + 1e-12));
}

RC_GTEST_PROP(MachineCostModel, MoreOfAnythingCostsMore, ()) {
  const MachineCostModel model = model_of(plain_cluster());
  const Workload workload = any_workload();
  Workload more = workload;
  more.flops *= 1.0 + *rc::gen::inRange(0, 100) * 0.01;
  more.traffic *= 1.0 + *rc::gen::inRange(0, 100) * 0.01;
  more.steps *= 1.0 + *rc::gen::inRange(0, 100) * 0.01;
  const Charge a = model.charge(workload, {});
  const Charge b = model.charge(more, {});
  RC_ASSERT(b.time >= a.time);
  RC_ASSERT(b.total().energy >= a.total().energy * (1 - 1e-12));
  RC_ASSERT(b.total().money >= a.total().money);
}

RC_GTEST_PROP(MachineCostModel, CostIsMonotoneInPower, ()) {
  ClusterSettings settings = plain_cluster();
  const Workload workload = any_workload();
  const Usage before = model_of(settings).charge(workload, {}).total();
  settings.tdp = (300.0 + *rc::gen::inRange(0, 500)) * watt;
  settings.idle = (40.0 + *rc::gen::inRange(0, 200)) * watt;
  const Usage after = model_of(settings).charge(workload, {}).total();
  RC_ASSERT(after.energy >= before.energy * (1 - 1e-12));
  RC_ASSERT(after.operational >= before.operational * (1 - 1e-12));
  RC_ASSERT(after.embodied == before.embodied);
}

RC_GTEST_PROP(MachineCostModel, PueScalesTheFacilityAlone, ()) {
  ClusterSettings settings = plain_cluster();
  const Workload workload = any_workload();
  settings.facility.pue = 1.5;
  const Charge before = model_of(settings).charge(workload, {});
  const double factor = *rc::gen::inRange(0, 400) * 0.01;
  settings.facility.pue = 1.0 + 0.5 * factor;
  Charge after = model_of(settings).charge(workload, {});
  RC_ASSERT(
      close(after[Line::facility].energy / joule, factor * before[Line::facility].energy / joule, 1e-9));
  after[Line::facility] = before[Line::facility];
  RC_ASSERT(after == before);
}

RC_GTEST_PROP(MachineCostModel, TheGridChangesCarbonAlone, ()) {
  ClusterSettings settings = plain_cluster();
  const Workload workload = any_workload();
  const Charge before = model_of(settings).charge(workload, {});
  const double factor = *rc::gen::inRange(0, 400) * 0.01;
  settings.own_grid.intensity = factor * 500.0 * gram_per_kilowatt_hour;
  Charge after = model_of(settings).charge(workload, {});
  for (std::size_t i = 0; i < kLines; ++i) {
    RC_ASSERT(close(after.lines[i].operational / gram, factor * before.lines[i].operational / gram));
    after.lines[i].operational = before.lines[i].operational;
  }
  RC_ASSERT(after == before);
}

RC_GTEST_PROP(MachineCostModel, WorkAndTimeScaleTogether, ()) {
  ClusterSettings settings = plain_cluster();
  settings.startup = Duration{};
  const MachineCostModel model = model_of(settings);
  const Workload workload = any_workload();
  Workload tenfold = workload;
  tenfold.flops *= 8.0;
  tenfold.traffic *= 8.0;
  tenfold.steps *= 8.0;
  const Charge once = model.charge(workload, {});
  const Charge eight = model.charge(tenfold, {});
  RC_ASSERT(close(eight.time / second, 8.0 * (once.time / second)));
  RC_ASSERT(close(eight.total().energy / joule, 8.0 * (once.total().energy / joule)));
  RC_ASSERT(close(eight.total().carbon() / gram, 8.0 * (once.total().carbon() / gram)));
}

}  // namespace
}  // namespace tonne
