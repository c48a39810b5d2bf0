// A user's own catalogue, from the experiment file to the output that traces its figures.

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "core/error.h"
#include "experiments/plan/experiment.h"
#include "experiments/plan/experiment_file.h"
#include "tests/experiments/support.h"

namespace tonne {
namespace {

using testing::run_program;
using testing::TemporaryFolder;

std::string experiment_with(const std::string& cluster) {
  return "name: own\nproblems: [cell_nas]\nstrategies: [random]\ncluster: {" + cluster + "}\nbudget: {evaluations: 5}\n";
}

Experiment read_with(const TemporaryFolder& folder, const std::string& cluster) {
  return parse_experiment(experiment_with(cluster), "e.yaml", folder.path());
}

std::string refusal_with(const TemporaryFolder& folder, const std::string& cluster) {
  try {
    static_cast<void>(read_with(folder, cluster));
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(OwnCatalogueFile, ItsBytesEnterTheDigestAndItsFiguresTheFactors) {
  const TemporaryFolder folder;
  folder.write("my.yaml", "devices:\n  mine: {like: V100, specification: {tdp: 250 W, source: my meter, year: 2025}}\n");
  const Experiment before = read_with(folder, "catalogue: my.yaml, device: mine");
  const auto& factors = before.scenarios.front().factors;
  const auto tdp = std::find_if(factors.begin(), factors.end(),
                                [](const Factor& factor) { return factor.key == "device.specification.tdp"; });
  ASSERT_NE(tdp, factors.end());
  EXPECT_EQ(tdp->value, "250 W");
  EXPECT_EQ(tdp->provenance.source, "my meter");

  folder.write("my.yaml", "devices:\n  mine: {like: V100, specification: {tdp: 240 W, source: my meter, year: 2025}}\n");
  EXPECT_NE(read_with(folder, "catalogue: my.yaml, device: mine").digest, before.digest);
}

TEST(OwnCatalogueFile, MistakesNameTheFileThatHoldsThem) {
  const TemporaryFolder folder;
  folder.write("my.yaml", "devices:\n  mine: {like: V100, price: {on_demand: 3 EUR/h}}\n");
  EXPECT_NE(refusal_with(folder, "catalogue: my.yaml, device: mine").find("my.yaml:2:41: devices.mine.price.on_demand: unknown unit 'EUR/h'"),
            std::string::npos)
      << refusal_with(folder, "catalogue: my.yaml, device: mine");
  EXPECT_NE(refusal_with(folder, "catalogue: none.yaml").find("cluster.catalogue: no such file"), std::string::npos);
}

TEST(OwnCatalogueFile, PartsOfADeviceMustBelongTogether) {
  const TemporaryFolder folder;
  const auto act = [&](const std::string& parts) { return refusal_with(folder, "embodied: {act: {" + parts + "}}"); };
  EXPECT_EQ(act("die_area: 815 mm2, node: 14, packages: 1"), "accepted");
  EXPECT_NE(act("die_area: 815 mm2, node: 12, packages: 1").find("known are 28, 20, 14, 10, 8, 7, 5, 3"), std::string::npos);
  EXPECT_NE(act("die_area: 815, node: 14, packages: 1").find("has no unit, expected an area such as '815 mm2'"), std::string::npos);
  EXPECT_NE(act("die_area: 815 mm2, packages: 1").find("needs the dies' node"), std::string::npos);
  EXPECT_NE(act("die_area: 815 mm2, node: 14").find("packages: is missing"), std::string::npos);
  EXPECT_NE(act("dram: 16 GB, packages: 1").find("needs dram_type"), std::string::npos);
  EXPECT_NE(act("dram: 16 GB, dram_type: ddr9, packages: 1").find("known are ddr3_50nm"), std::string::npos);
  EXPECT_NE(act("node: 14").find("needs die_area"), std::string::npos);
  EXPECT_NE(refusal_with(folder, "embodied: {device: 5 kg, act: {die_area: 1 cm2, node: 7, packages: 1}}").find("expected one of them"),
            std::string::npos);
}

TEST(OwnCatalogueFile, TheProgramShowsEntriesInFull) {
  const TemporaryFolder folder;
  folder.write("my.yaml", "devices:\n  mine: {like: V100, idle: {power: 33 W, source: my meter}}\n");
  const auto text = run_program("list devices mine --catalogue my.yaml", folder.path());
  EXPECT_EQ(text.exit_code, 0) << text.err;
  EXPECT_NE(text.out.find("33 W"), std::string::npos);
  EXPECT_NE(text.out.find("my meter"), std::string::npos);
  for (const std::string what : {"devices H100", "hosts Xeon-8", "grids US-2020", "facilities AWS-2024"}) {
    const auto json = nlohmann::json::parse(run_program("list " + what + " --json", folder.path()).out);
    ASSERT_EQ(json.size(), 1U) << what;
    for (const auto& figure : json[0]["figures"]) EXPECT_FALSE(figure["source"].get<std::string>().empty()) << what;
  }
  const auto figures = nlohmann::json::parse(run_program("list devices H100 --json", folder.path()).out)[0]["figures"];
  const auto h100 = *std::find_if(figures.begin(), figures.end(), [](const auto& f) { return f["key"] == "embodied.carbon"; });
  EXPECT_EQ(h100["key"], "embodied.carbon");
  EXPECT_EQ(h100["value"], 164.0);
  EXPECT_EQ(h100["unit"], "kg");
  EXPECT_EQ(h100["high"], 575.0);
  EXPECT_EQ(run_program("list devices mine", folder.path()).exit_code, 2);
}

TEST(OwnCatalogueFile, ValidateTracesEveryFigure) {
  const TemporaryFolder folder;
  folder.write("e.yaml", experiment_with("carbon_price: 80 USD/t"));
  const auto json = nlohmann::json::parse(run_program("validate e.yaml --json", folder.path()).out);
  const auto& factors = json["scenarios"][0]["factors"];
  EXPECT_EQ(factors[0]["key"], "cluster.carbon_price");
  EXPECT_GT(factors.size(), 10U);
}

}  // namespace
}  // namespace tonne
