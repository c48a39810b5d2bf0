#include "cost_models/act.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "core/error.h"

namespace tonne {
namespace {

// The Dell R740 of the paper's validation, with the inputs of its published program: two CPUs of 698 mm2 at
// 28 nm in a fab on coal (820 g/kWh), 95 % abatement, two packages each; 12 modules of 36 GB of DDR3 (50 nm),
// 19 packages each.
TEST(Act, ReproducesTheDellR740) {
  Fab fab;
  fab.node = 28;
  fab.abatement = GasAbatement::percent_95;
  fab.electricity = 820.0 * gram_per_kilowatt_hour;
  const Carbon processors = 2.0 * (die_carbon(698.0 * square_millimetre, fab) + 2.0 * kPackageCarbon);
  EXPECT_NEAR(processors / kilogram, 23.1434, 5e-5);
  const Carbon memory = 12.0 * (dram_carbon("ddr3_50nm", 36.0 * gigabyte, 0.875) + 19.0 * kPackageCarbon);
  EXPECT_NEAR(memory / kilogram, 330.43, 5e-3);
}

TEST(Act, AbatementOf97IsTheMeanOfTheTabulatedTwo) {
  const auto at = [](GasAbatement abatement) {
    Fab fab;
    fab.node = 7;
    fab.abatement = abatement;
    return die_carbon(1.0 * square_centimetre, fab) / gram;
  };
  EXPECT_NEAR(at(GasAbatement::percent_97),
              (at(GasAbatement::percent_95) + at(GasAbatement::percent_99)) / 2.0, 1e-9);
  EXPECT_NEAR(at(GasAbatement::percent_95), (583.0 * 2.15 + 350.0 + 500.0) / 0.875, 1e-9);
}

TEST(Act, EveryListedProcessHasAFigureThatScales) {
  for (const std::int64_t node : fab_nodes()) {
    const Fab fab{.node = node};
    EXPECT_GT(die_carbon(1.0 * square_centimetre, fab), Carbon{}) << node;
    EXPECT_DOUBLE_EQ(die_carbon(2.0 * square_centimetre, fab) / die_carbon(1.0 * square_centimetre, fab),
                     2.0);
  }
  for (const std::string& type : dram_types())
    EXPECT_DOUBLE_EQ(dram_carbon(type, 2.0 * gigabyte, 1.0) / dram_carbon(type, 1.0 * gigabyte, 0.5), 1.0)
        << type;
  for (const std::string& type : ssd_types())
    EXPECT_GT(ssd_carbon(type, 1.0 * gigabyte, 1.0), Carbon{}) << type;
}

std::string refusal_of(const std::function<Carbon()>& compute) {
  try {
    static_cast<void>(compute());
  } catch (const InputError& error) {
    return error.message();
  }
  return "";
}

TEST(Act, NothingIsInterpolated) {
  EXPECT_EQ(refusal_of([] { return die_carbon(1.0 * square_centimetre, Fab{.node = 6}); }),
            "no published figures for a 6 nm node. Known: 28, 20, 14, 10, 8, 7, 5, 3 (nm; no interpolation)");
  EXPECT_EQ(refusal_of([] { return dram_carbon("ddr4_10", 1.0 * gigabyte, 1.0); }),
            "unknown DRAM type 'ddr4_10'. Did you mean ddr4_10nm? Known: ddr3_50nm, ddr3_40nm, ddr3_30nm, "
            "lpddr3_30nm, "
            "lpddr3_20nm, lpddr2_20nm, lpddr4, ddr4_10nm");
  EXPECT_NE(refusal_of([] { return ssd_carbon("floppy", 1.0 * gigabyte, 1.0); }), "");
}

}  // namespace
}  // namespace tonne
