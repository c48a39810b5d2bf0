// Three experiments whose results are pinned: the same bytes with every compiler. A program of its own, since CI's build with
// clang needs no other test.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/experiments/support.h"

namespace tonne {
namespace {

using testing::read_file;
using testing::run_program;
using testing::TemporaryFolder;
namespace fs = std::filesystem;

// A digest is made while a search runs, and believed by all that shows it: what is read back must give the same. `tonne repair`
// takes over only cells whose content agrees with their digest.
void expect_store_agrees_with_its_digests(const fs::path& folder, const std::string& results) {
  const auto repaired = run_program("repair " + results + " --out repaired --json", folder);
  ASSERT_EQ(repaired.exit_code, 0) << repaired.err;
  const auto said = nlohmann::json::parse(repaired.out);
  EXPECT_GT(said.at("saved"), 0);
  EXPECT_EQ(said.at("lost").size(), 0U) << said.at("lost");
  EXPECT_EQ(said.at("unfinished"), 0);
}

// A change of these digests is a change of every user's results: a decision, explained in its commit.
TEST(Golden, TheResultsArePinned) {
  const TemporaryFolder folder;
  folder.write("e.yaml", read_file(fs::path(TONNE_SOURCE_DIR) / "tests/golden/pinned.yaml"));
  ASSERT_EQ(run_program("run e.yaml --quiet", folder.path()).exit_code, 0);
  const fs::path golden = fs::path(TONNE_SOURCE_DIR) / "tests/golden/summary.json";
  EXPECT_EQ(read_file(folder / "results/pinned/summary.json"), read_file(golden))
      << "to accept the new results: tonne run tests/golden/pinned.yaml --out DIR && cp DIR/summary.json tests/golden/";
  expect_store_agrees_with_its_digests(folder.path(), "results/pinned");
}

// Of these the digest of every row alone: tests/golden/digests.json.
void expect_digest(const std::string& name) {
  const TemporaryFolder folder;
  const fs::path golden = fs::path(TONNE_SOURCE_DIR) / "tests/golden";
  folder.write("e.yaml", read_file(golden / (name + ".yaml")));
  ASSERT_EQ(run_program("run e.yaml --quiet", folder.path()).exit_code, 0);
  const auto summary = nlohmann::json::parse(read_file(folder / ("results/" + name + "/summary.json")));
  const auto pinned = nlohmann::json::parse(read_file(golden / "digests.json"));
  EXPECT_EQ(summary.at("content_digest"), pinned.at(name)) << "to accept the new results: write this digest to digests.json";
  expect_store_agrees_with_its_digests(folder.path(), "results/" + name);
}

TEST(Golden, SeveralObjectivesAndLaterProblemsArePinned) { expect_digest("pinned_more"); }
TEST(Golden, DiscreteStrategiesArePinned) { expect_digest("pinned_discrete"); }

}  // namespace
}  // namespace tonne
