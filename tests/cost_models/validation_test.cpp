// Prediction against measurement. docs/validation.md shows the figures that are held here; of each table half
// was kept out of the fits, and only that half judges.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/cost_models/measured_tables.h"

namespace tonne {
namespace {

using testing::Comparison;
using testing::Figure;
using testing::Fit;

class MeasuredTable : public ::testing::Test {
 protected:
  static bool missing(const char* name) { return !std::filesystem::exists(testing::measured_table(name)); }

  static Fit hold(const std::vector<Comparison>& rows, Figure figure, double r2, double mean_error,
                  const std::string& group = {}) {
    const Fit fit = testing::fit_of_unseen(rows, figure, group);
    const std::string name =
        fmt::format("{} {}", group.empty() ? "all" : group, figure == Figure::seconds ? "seconds" : "joules");
    fmt::print("{}: {} unseen rows, R2 {:.3f} (logarithms {:.4f}), mean error {:.1f} %\n", name, fit.rows,
               fit.r2, fit.r2_log, 100.0 * fit.mean_error);
    EXPECT_GT(fit.r2, r2) << name;
    EXPECT_LT(fit.mean_error, mean_error) << name;
    return fit;
  }
};

class EcNasBench : public MeasuredTable {
 protected:
  void SetUp() override {
    if (missing("ecnas_4v_measured_energy.csv")) GTEST_SKIP() << "the table of measured runs is not here";
    runs_ = testing::read_runs(CsvTable::read(testing::measured_table("ecnas_4v_measured_energy.csv")));
  }
  std::vector<testing::MeasuredRun> runs_;
};

TEST_F(EcNasBench, TheDerivedNetworksHaveThePublishedMultiplications) {
  for (const testing::MeasuredRun& run : runs_)
    EXPECT_EQ(run.forward.macs, run.published_macs) << run.network;
}

TEST_F(EcNasBench, SecondsAndJoulesOfUnseenNetworksArePredicted) {
  const std::vector<Comparison> rows = testing::compare_ecnas_device(runs_);
  hold(rows, Figure::seconds, 0.97, 0.06);
  hold(rows, Figure::joules, 0.92, 0.10);
  for (const Comparison& row : rows) {  // measured mean powers: 125 to 227 W
    EXPECT_GT(row.predicted_joules / row.predicted_seconds, 125.0);
    EXPECT_LT(row.predicted_joules / row.predicted_seconds, 227.0);
  }
}

TEST_F(EcNasBench, WholeRunsWithProcessorAndFacilityArePredicted) {
  const std::vector<Comparison> rows = testing::compare_ecnas_total(runs_);
  hold(rows, Figure::seconds, 0.5, 0.3);
  hold(rows, Figure::joules, 0.5, 0.3);
}

TEST_F(MeasuredTable, EpochsOfAV100ByBatchSizeAndPowerLimitArePredicted) {
  if (missing("zeus_summary_power_v100.csv")) GTEST_SKIP() << "the table of measured epochs is not here";
  const std::vector<Comparison> rows =
      testing::compare_zeus(CsvTable::read(testing::measured_table("zeus_summary_power_v100.csv")));
  ASSERT_EQ(rows.size(), 476U);
  hold(rows, Figure::seconds, 0.98, 0.06);
  EXPECT_GT(hold(rows, Figure::joules, 0.98, 0.09).r2_log, 0.995);
  hold(rows, Figure::joules, 0.92, 0.14, "shufflenetv2");
  hold(rows, Figure::joules, 0.87, 0.05, "resnet50");
  hold(rows, Figure::joules, 0.97, 0.06, "deepspeech2");
  hold(rows, Figure::joules, 0.98, 0.06, "ncf");
  hold(rows, Figure::joules, 0.40, 0.08, "squad");
  hold(rows, Figure::joules, 0.77, 0.06, "sentiment140");
}

class AccelNasBench : public MeasuredTable {
 protected:
  void SetUp() override {
    if (missing("accel_nasbench.csv")) GTEST_SKIP() << "the table of measured networks is not here";
    table_ = CsvTable::read(testing::measured_table("accel_nasbench.csv"));
  }
  CsvTable table_;
};

TEST_F(AccelNasBench, TheDerivedNetworksHaveThePublishedParameters) {
  for (std::size_t row = 0; row < table_.rows(); ++row)
    ASSERT_NEAR(testing::mobile_network(table_, row).parameters / 1e6,
                table_.number(row, table_.find("params_m").value()), 1e-6);
}

TEST_F(AccelNasBench, SecondsOfUnseenNetworksArePredicted) {
  hold(testing::compare_accel_inference(table_, testing::kAccelColumns[0]), Figure::seconds, 0.97, 0.04);
  hold(testing::compare_accel_inference(table_, testing::kAccelColumns[1]), Figure::seconds, 0.96, 0.05);
  hold(testing::compare_accel_inference(table_, testing::kAccelColumns[2]), Figure::seconds, 0.88, 0.10);
  hold(testing::compare_accel_inference(table_, testing::kAccelColumns[3]), Figure::seconds, 0.84, 0.08);
  // Four unseen trainings took four to fifteen times the median, for reasons outside the network.
  EXPECT_GT(hold(testing::compare_accel_training(table_), Figure::seconds, 0.3, 0.07).r2_log, 0.77);
}

}  // namespace
}  // namespace tonne
