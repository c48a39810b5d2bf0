// What every cost model must do, over several configured ones. A new cost model or setting gets a row in
// kModels.

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/random.h"
#include "cost_models/time.h"
#include "settings.h"

namespace tonne {
namespace {

struct NamedModel {
  std::string name;
  std::function<ClusterSettings()> settings;
};

// A month of hours that swing by day; written once.
std::filesystem::path month_of_hours() {
  static const std::filesystem::path file = [] {
    auto path = std::filesystem::temp_directory_path() / "tonne_contract_month.csv";
    std::ofstream stream(path);
    stream << "time_utc,value\n";
    for (int i = 0; i < 30 * 24; ++i)
      stream << format_utc(*parse_utc("2023-06-01") + i * hour) << ',' << 300 + (i * 37) % 24 * 10 << '\n';
    return path;
  }();
  return file;
}

const std::vector<NamedModel> kModels = {
    {"Defaults", [] { return ClusterSettings{}; }},
    {"SpotP100Workstation",
     [] {
       ClusterSettings settings;
       settings.device = "P100";
       settings.spot = true;
       settings.host = "EPYC-1";
       settings.grid = "FRA-2023";
       settings.facility.name = "AWS-2024";
       settings.overlap = 1.0;
       return settings;
     }},
    {"Tpu",
     [] {
       ClusterSettings settings;
       settings.device = "TPUv4";
       settings.peak = 275.0 * teraflop_per_second;
       settings.embodied.count = false;
       settings.grid = "Iowa-2024";
       return settings;
     }},
    {"Trace",
     [] {
       ClusterSettings settings;
       settings.own_grid.trace = month_of_hours();
       settings.start = "2023-06-02T00:30Z";
       return settings;
     }},
    {"OwnMachine",
     [] {
       ClusterSettings settings;
       settings.device = "RTX-4090";
       settings.price = 0.0 * dollar_per_hour;
       settings.electricity_price = 0.3 * dollar / kilowatt_hour;
       settings.own_grid.intensity = 100.0 * gram_per_kilowatt_hour;
       return settings;
     }},
};

class CostModelContract : public ::testing::TestWithParam<std::size_t> {
 protected:
  [[nodiscard]] std::shared_ptr<const CostModel> make() const {
    return make_cost_model(kModels[GetParam()].settings());
  }
};

// A few seconds to a few days of work, some of it measured.
Workload sample(Random& random) {
  Workload workload;
  workload.flops = std::pow(10.0, random.uniform(12.0, 17.0)) * flop;
  workload.traffic = std::pow(10.0, random.uniform(9.0, 15.0)) * byte;
  workload.steps = std::floor(random.uniform(0.0, 1e5));
  if (random.bernoulli(0.3)) workload.measured_time = random.uniform(0.0, 1e5) * second;
  if (random.bernoulli(0.3)) workload.measured_energy = random.uniform(0.0, 1e7) * joule;
  if (random.bernoulli(0.1)) workload.flops = {};
  if (random.bernoulli(0.1)) workload.traffic = {};
  return workload;
}

void expect_sound(const Charge& charge) {
  EXPECT_TRUE(std::isfinite(charge.time.base()));
  EXPECT_GE(charge.time, Duration{});
  Usage sum;
  for (const Usage& line : charge.lines) {
    for (const double value : {line.energy.base(), line.operational.base(), line.embodied.base(),
                               line.money.base(), line.water.base()}) {
      EXPECT_TRUE(std::isfinite(value));
      EXPECT_GE(value, 0.0);
    }
    sum += line;
  }
  EXPECT_EQ(charge.total(), sum);
  EXPECT_EQ(charge[Line::embodied].energy, Energy{});
  EXPECT_EQ(charge[Line::rental].energy, Energy{});
}

TEST_P(CostModelContract, EveryChargeIsSound) {
  const auto model = make();
  Random random(11);
  for (int i = 0; i < 500; ++i) {
    const Workload workload = sample(random);
    const Charge charge = model->charge(workload, random.uniform(0.0, 1e6) * second);
    expect_sound(charge);
    if (workload.measured_time) {
      EXPECT_EQ(charge.time, *workload.measured_time);
    }
    if (workload.measured_energy) {
      EXPECT_NEAR((charge[Line::device_dynamic].energy + charge[Line::device_idle].energy) / joule,
                  *workload.measured_energy / joule, 1e-12 * (*workload.measured_energy / joule));
    }
    expect_sound(model->charge_idle(random.uniform(0.0, 1e5) * second, {}));
    expect_sound(model->charge_computing(random.uniform(0.0, 1e14) * flop, {}));
  }
}

TEST_P(CostModelContract, NothingCostsNothing) {
  const auto model = make();
  EXPECT_EQ(model->charge_idle({}, hour), Charge{});
  EXPECT_EQ(model->charge_computing({}, hour), Charge{});
}

TEST_P(CostModelContract, TheSameQuestionHasTheSameAnswer) {
  const auto model = make();
  const auto twin = make();
  Random random(12);
  const Workload first = sample(random);
  const Charge answer = model->charge(first, hour);
  for (int i = 0; i < 20; ++i) static_cast<void>(model->charge(sample(random), {}));
  EXPECT_EQ(model->charge(first, hour), answer);
  EXPECT_EQ(twin->charge(first, hour), answer);
}

// price(a, b) + price(b, c) = price(a, c), in every currency and line.
TEST_P(CostModelContract, IdleTimeAddsUp) {
  const auto model = make();
  Random random(13);
  for (int i = 0; i < 500; ++i) {
    const double a = random.uniform(0.0, 1e6);
    const double ab = random.uniform(0.0, 1e5);
    const double bc = random.uniform(0.0, 1e5);
    Charge parts = model->charge_idle(ab * second, a * second);
    parts += model->charge_idle(bc * second, (a + ab) * second);
    const Charge whole = model->charge_idle((ab + bc) * second, a * second);
    for (std::size_t line = 0; line < kLines; ++line) {
      const Usage& p = parts.lines[line];
      const Usage& w = whole.lines[line];
      EXPECT_NEAR(p.energy / joule, w.energy / joule, 1e-12 * (w.energy / joule));
      EXPECT_NEAR(p.operational / gram, w.operational / gram, 1e-12 * (w.operational / gram));
      EXPECT_NEAR(p.embodied / gram, w.embodied / gram, 1e-12 * (w.embodied / gram));
      EXPECT_NEAR(p.money / dollar, w.money / dollar, 1e-12 * (w.money / dollar));
      EXPECT_NEAR(p.water / litre, w.water / litre, 1e-12 * (w.water / litre));
    }
  }
}

TEST_P(CostModelContract, MemoryDecidesWhatFits) {
  const auto model = make();
  Workload workload;
  EXPECT_TRUE(model->fits(workload));
  workload.memory = gigabyte;
  EXPECT_TRUE(model->fits(workload));
  workload.memory = 1e6 * gigabyte;
  EXPECT_FALSE(model->fits(workload));
}

INSTANTIATE_TEST_SUITE_P(All, CostModelContract, ::testing::Range<std::size_t>(0, 5),
                         [](const auto& parameter) { return kModels[parameter.param].name; });

TEST(CostModelOnATrace, ThrowsWhenTheTraceEnds) {
  ClusterSettings settings = kModels[3].settings();
  const auto model = make_cost_model(settings);
  EXPECT_NO_THROW(static_cast<void>(model->charge_idle(28.0 * day, {})));
  EXPECT_THROW(static_cast<void>(model->charge_idle(29.0 * day, {})), InputError);
  settings.start = "2023-07-01";
  EXPECT_THROW(static_cast<void>(make_cost_model(settings)), InputError);
}

}  // namespace
}  // namespace tonne
