// Every file of configs/ runs in a fresh clone: from a copy of the tree with nothing beside it. Searches are cut to two seeds,
// and the longest to a few evaluations.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/experiments/support.h"

namespace tonne {
namespace {

namespace fs = std::filesystem;
using testing::read_file;
using testing::run_program;
using testing::TemporaryFolder;

const fs::path kSource = TONNE_SOURCE_DIR;

bool has(const char* program) {
  return std::system((std::string("command -v ") + program + " >/dev/null 2>&1").c_str()) == 0;
}

class Configs : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::copy(kSource / "configs", folder_ / "configs", fs::copy_options::recursive);
    fs::create_directory(folder_ / "docs");
    fs::copy(kSource / "docs/external", folder_ / "docs/external", fs::copy_options::recursive);
    fs::create_directories(folder_ / "experiments/python");
    fs::copy(kSource / "experiments/python/protocol", folder_ / "experiments/python/protocol", fs::copy_options::recursive);
  }
  // Paths relative to the copy, in the order of their names.
  [[nodiscard]] std::vector<std::string> files(const std::string& under) const {
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator(folder_ / under))
      if (entry.path().extension() == ".yaml") found.push_back(under + "/" + entry.path().filename().string());
    std::ranges::sort(found);
    return found;
  }
  [[nodiscard]] bool is_search(const std::string& file) const {
    return read_file(folder_ / file).find("\nstrategies:") != std::string::npos;
  }
  void shorten(const std::string& file) const {
    static const std::set<std::string> kLong = {"cost_aware", "functions", "strategies", "strategy_quality"};
    std::string text = std::regex_replace(read_file(folder_ / file), std::regex("\nseeds:[^\n]*"), "\nseeds: 2");
    if (kLong.contains(fs::path(file).stem().string()))
      text = std::regex_replace(text, std::regex("\nbudget:[^\n]*"), "\nbudget: {evaluations: 12}");
    std::ofstream(folder_ / file, std::ios::binary) << text;
  }

  TemporaryFolder folder_;
};

TEST_F(Configs, EverySearchIsValid) {
  std::size_t searches = 0;
  for (const std::string& file : files("configs")) {
    if (!is_search(file)) continue;
    ++searches;
    if (file == "configs/warm_start.yaml") continue;  // needs the results of another one: below
    const auto done = run_program("validate " + file, folder_.path());
    EXPECT_EQ(done.exit_code, 0) << file << ": " << done.err;
  }
  EXPECT_GE(searches, 23U);
}

TEST_F(Configs, EverySearchRuns) {
  std::vector<std::string> searches = files("configs");
  std::erase_if(searches, [&](const std::string& file) { return !is_search(file); });
  // warm_start learns from the results of warm_start_first, which therefore runs before it.
  const auto first = std::ranges::find(searches, "configs/warm_start_first.yaml");
  ASSERT_NE(first, searches.end());
  std::rotate(searches.begin(), first, first + 1);
  for (const std::string& file : searches) {
    if (read_file(folder_ / file).find("[python3]") != std::string::npos && !has("python3")) continue;
    shorten(file);
    const auto done = run_program("run " + file + " --quiet --allow-external", folder_.path());
    EXPECT_EQ(done.exit_code, 0) << file << ": " << done.err;
    EXPECT_NE(done.out.find("strateg"), std::string::npos) << file;
  }
}

TEST_F(Configs, EveryEstimateAndPublishedTableIsReckoned) {
  for (const std::string& file : files("configs"))
    if (!is_search(file)) {
      const auto done = run_program("estimate " + file, folder_.path());
      EXPECT_EQ(done.exit_code, 0) << file << ": " << done.err;
    }
  for (const std::string& file : files("configs/published")) {
    const auto done = run_program("reproduce " + file, folder_.path());
    EXPECT_EQ(done.exit_code, 0) << file << ": " << done.err;
  }
}

TEST_F(Configs, EveryQuestionIsAnswered) {
  for (const std::string& file : files("configs/questions")) {
    const bool searches = is_search(file);
    if (searches) shorten(file);
    const bool is_table = read_file(folder_ / file).find("\nrows:") != std::string::npos;
    const std::string command = searches ? "run " + file + " --quiet" : (is_table ? "reproduce " : "estimate ") + file;
    const auto done = run_program(command, folder_.path());
    EXPECT_EQ(done.exit_code, 0) << file << ": " << done.err;
  }
}

// docs/three-thousand.md: its picture is what the program draws, and the simulated rows of the picture are what the search gives.
TEST_F(Configs, TheLadderOfTodayIsWhatItsSearchesCost) {
  const auto drawn = run_program("reproduce configs/questions/nas_ladder.yaml --format svg", folder_.path());
  EXPECT_EQ(drawn.out, read_file(kSource / "docs/three-thousand.svg"));
  const auto searched = run_program("run configs/questions/nas_today.yaml --quiet --json", folder_.path());
  ASSERT_EQ(searched.exit_code, 0) << searched.err;
  const auto boards = nlohmann::json::parse(searched.out)["leaderboards"];
  const auto simulated = [&](std::size_t scenario, const std::string& strategy) {
    for (const auto& row : boards[scenario]["rows"])
      if (row["strategy"] == strategy) return row["search"]["operational_kg"].get<double>() / 1000.0;
    return 0.0;
  };
  const auto table = nlohmann::json::parse(run_program("reproduce configs/questions/nas_ladder.yaml --json", folder_.path()).out);
  const auto drawn_row = [&](const std::string& row) {
    for (const auto& cell : table.front()["cells"])
      if (cell["row"] == row && cell["column"] == "t") return cell["computed"].get<double>();
    return 0.0;
  };
  const auto within = [](double a, double b) { return std::abs(a - b) < 0.005 * b; };
  EXPECT_PRED2(within, drawn_row("today: H100, US grid of 2023"), simulated(0, "whole search"));
  EXPECT_PRED2(within, drawn_row("today, a tenth of the children"), simulated(0, "short search"));
  EXPECT_PRED2(within, drawn_row("today, shared weights (tau 0.8)"), simulated(0, "weight sharing (rank_correlation=0.8)"));
  EXPECT_PRED2(within, drawn_row("the same in Sweden"), simulated(1, "weight sharing (rank_correlation=0.8)"));
}

// The invented runs were made with these figures, so the fit has to find them.
TEST_F(Configs, MeasuredRunsGiveBackWhatTheyWereMadeWith) {
  for (const std::string& file : files("configs/measured")) {
    const auto checked = run_program("calibrate --check " + file, folder_.path());
    EXPECT_EQ(checked.exit_code, 0) << file << ": " << checked.err;
  }
  const auto fitted = run_program("calibrate configs/measured/training_runs.yaml --name mine --out mine.yaml", folder_.path());
  ASSERT_EQ(fitted.exit_code, 0) << fitted.err;
  const std::string entry = read_file(folder_ / "mine.yaml");
  const auto figure = [&](const std::string& key) {
    std::smatch found;
    return std::regex_search(entry, found, std::regex(key + ": ([0-9.]+)")) ? std::stod(found[1]) : 0.0;
  };
  EXPECT_NEAR(figure("utilisation"), 0.42, 0.02);
  EXPECT_NEAR(figure("bandwidth_utilisation"), 0.31, 0.02);
}

TEST_F(Configs, TheRecipeMakesTheSameData) {
  if (!has("awk")) GTEST_SKIP() << "awk is not installed";
  fs::create_directory(folder_ / "again");
  ASSERT_EQ(std::system(("sh '" + (folder_ / "configs/data/make.sh").string() + "' '" + (folder_ / "again").string() + "'").c_str()), 0);
  std::size_t tables = 0;
  for (const auto& entry : fs::directory_iterator(kSource / "configs/data")) {
    if (entry.path().extension() != ".csv") continue;
    ++tables;
    const std::string name = entry.path().filename().string();
    EXPECT_TRUE(name.starts_with("synthetic_")) << name << ": results name the file, and must not pass for measured ones";
    EXPECT_TRUE(read_file(entry.path()) == read_file(folder_.path() / "again" / name)) << name;
  }
  EXPECT_EQ(tables, 5U);
}

}  // namespace
}  // namespace tonne
