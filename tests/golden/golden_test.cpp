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

// A change of these digests is a change of every user's results: a decision, explained in its commit.
TEST(Golden, TheResultsArePinned) {
  const TemporaryFolder folder;
  folder.write("e.yaml", read_file(fs::path(TONNE_SOURCE_DIR) / "tests/golden/pinned.yaml"));
  ASSERT_EQ(run_program("run e.yaml --quiet", folder.path()).exit_code, 0);
  const fs::path golden = fs::path(TONNE_SOURCE_DIR) / "tests/golden/summary.json";
  EXPECT_EQ(read_file(folder / "results/pinned/summary.json"), read_file(golden))
      << "to accept the new results: tonne run tests/golden/pinned.yaml --out DIR && cp DIR/summary.json tests/golden/";
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
}

TEST(Golden, SeveralObjectivesAndLaterProblemsArePinned) { expect_digest("pinned_more"); }
TEST(Golden, DiscreteStrategiesArePinned) { expect_digest("pinned_discrete"); }

}  // namespace
}  // namespace tonne
