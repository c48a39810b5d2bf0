// Settings that a store keeps, read back: nothing is lost on the way.

#include "experiments/results/stored_settings.h"

#include <gtest/gtest.h>

#include <string>

#include "core/json.h"
#include "cost_models/sites.h"
#include "experiments/results/records.h"
#include "search/catalogue.h"

namespace tonne {
namespace {

std::string canonical(ClusterSettings& home, SitesSettings& sites) {
  return canonical_settings([&](SettingsVisitor& v) {
    home.visit(v);
    sites.visit(v);
  });
}

TEST(StoredSettings, AClusterIsTheSameAgain) {
  ClusterSettings home;
  SitesSettings sites;
  home.device = "A100-40GB";
  home.workers = 7;
  home.facility = {"", 1.2, 0.3 * litre / kilowatt_hour};
  home.grid = "";
  home.own_grid.intensity = 50.0 * gram_per_kilowatt_hour;
  home.own_grid.nature.scope = SignalScope::life_cycle;
  home.precision = Precision::bf16;
  home.utilisation = 0.4;
  home.step_overhead = 7.0 * second;
  home.spot = true;
  home.preemption.interval = 5.0 * hour;
  home.idle_workers = IdleCharge::none;
  home.embodied.count = false;
  SiteSettings north;
  north.grid = "FRA-2023";
  north.facility.name = "AWS-2024";
  north.workers = 3;
  sites.names = {"north"};
  sites.sites = {north};
  const std::string text = canonical(home, sites);
  ClusterSettings again;
  SitesSettings sites_again;
  read_stored_settings(parse_json(text), [&](SettingsVisitor& v) {
    again.visit(v);
    sites_again.visit(v);
  });
  EXPECT_EQ(canonical(again, sites_again), text);
  EXPECT_EQ(again.own_grid.nature.scope, SignalScope::life_cycle);
  EXPECT_EQ(again.precision, Precision::bf16);
  EXPECT_EQ(sites_again.names, sites.names);
}

TEST(StoredSettings, EveryProblemIsTheSameAgain) {
  std::size_t read = 0;
  for (const auto& entry : problem_catalogue()) {
    if (entry.name == "evolved_transformer") continue;  // its `precision` is no choice of its names
    const auto recipe = entry.make();
    const std::string text = canonical_settings([&](SettingsVisitor& v) { recipe->visit(v); });
    const auto again = entry.make();
    read_stored_settings(parse_json(text), [&](SettingsVisitor& v) { again->visit(v); });
    EXPECT_EQ(canonical_settings([&](SettingsVisitor& v) { again->visit(v); }), text) << entry.name;
    ++read;
  }
  EXPECT_GT(read, 10U);
}

TEST(StoredSettings, AnotherKindOfValueIsDamage) {
  ClusterSettings home;
  const auto read = [&](const char* text) {
    read_stored_settings(parse_json(text), [&](SettingsVisitor& v) { home.visit(v); });
  };
  EXPECT_THROW(read(R"({"workers": "many"})"), StoreError);
  EXPECT_THROW(read(R"({"idle_workers": "sometimes"})"), StoreError);
  EXPECT_THROW(read(R"([1])"), StoreError);
  read(R"({"unheard_of": 1, "workers": 4})");
  EXPECT_EQ(home.workers, 4);
}

}  // namespace
}  // namespace tonne
