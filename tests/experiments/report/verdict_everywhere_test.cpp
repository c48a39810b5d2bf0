// Terminal, page, charts, tables and JSON give one verdict, on every shipped configuration.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "core/json.h"
#include "tests/experiments/support.h"

namespace tonne {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using testing::read_file;
using testing::run_program;
using testing::TemporaryFolder;

const fs::path kConfigs = fs::path(TONNE_SOURCE_DIR) / "configs";

/// Long searches, of which the others have every kind.
const std::set<std::string> kLong = {"functions", "schedulers", "strategies", "strategy_quality"};

std::vector<std::string> shipped() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(kConfigs)) {
    const std::string name = entry.path().stem().string();
    if (entry.path().extension() == ".yaml" && !kLong.contains(name) &&
        read_file(entry.path()).find("\nstrategies:") != std::string::npos)
      names.push_back(name);
  }
  std::ranges::sort(names);
  return names;
}

/// Without what wrapping, escaping and marks add, and without spaces.
std::string plain(const std::string& text) {
  std::string unescaped = text;
  for (const auto& [from, to] : std::map<std::string, std::string>{
           {"&lt;", "<"}, {"&gt;", ">"}, {"&#39;", "'"}, {"&apos;", "'"}, {"&quot;", "\""}, {"&amp;", "&"}, {"&#x2F;", "/"}, {"&#x3D;", "="}, {"&#x60;", "`"}})
    for (std::size_t at = 0; (at = unescaped.find(from, at)) != std::string::npos; at += to.size())
      unescaped.replace(at, from.size(), to);
  std::erase_if(unescaped, [](char c) { return c == ' ' || c == '\n' || c == '\\'; });
  return unescaped;
}

// The figures and the CSV say "ahead" of the same strategies.
void expect_figures(const Json& report, const Json& summary) {
  std::size_t seen = 0;
  for (const auto& board : summary["leaderboards"]) {
    const Json& verdict = board["verdict"];
    for (const auto& figure : report["figures"]) {
      const std::string metric = figure["metric"];
      if (figure["problem"] != board["problem"] || figure["scenario"] != board["scenario"]) continue;
      const auto holds = [&](const char* list, const std::string& name) {
        return std::ranges::find(verdict[list], Json(name)) != verdict[list].end();
      };
      if (metric.starts_with("ahead against ")) {
        EXPECT_EQ(figure["value"] == 1.0, holds("ahead_of", metric.substr(std::string("ahead against ").size()))) << metric;
        ++seen;
      } else if (metric == "candidate") {
        EXPECT_EQ(figure["value"] == 1.0, holds("candidates", figure["strategy"])) << figure["strategy"];
        ++seen;
      } else if (metric == "leader") {
        EXPECT_EQ(figure["value"] == 1.0, !verdict["candidates"].empty() && verdict["leader"] == figure["strategy"]);
        ++seen;
      }
    }
  }
  EXPECT_GT(seen, 0U);
}

class Everywhere : public ::testing::TestWithParam<std::string> {
 protected:
  // Six seeds: enough for a claim of the best of two, and quick.
  void SetUp() override {
    std::string text =
        std::regex_replace(read_file(kConfigs / (GetParam() + ".yaml")), std::regex("\nseeds:[^\n]*"), "\nseeds: 6");
    // A copy elsewhere finds its tables and scripts, too.
    text = std::regex_replace(text, std::regex("([ :])data/"), "$1" + (kConfigs / "data/").string());
    text = std::regex_replace(text, std::regex("([ :])\\.\\./docs/"), "$1" + (kConfigs.parent_path() / "docs/").string());
    if (text.find("[python3]") != std::string::npos && std::system("command -v python3 >/dev/null 2>&1") != 0)
      GTEST_SKIP() << "python3 is not installed";
    if (const std::size_t at = text.find("../results/"); at != std::string::npos) {  // learns from another one's results
      text.erase(at, 3);
      const std::string first = text.substr(at + 8, text.find('\n', at) - at - 8);
      const auto made = run_program("run '" + (kConfigs / (first + ".yaml")).string() + "' --quiet", folder_.path());
      ASSERT_EQ(made.exit_code, 0) << made.err;
    }
    folder_.write("e.yaml", text);
    ran_ = run_program("run e.yaml --out r --quiet --allow-external", folder_.path());
    ASSERT_EQ(ran_.exit_code, 0) << ran_.err;
    summary_ = parse_json(read_file(folder_ / "r/summary.json"));
  }

  [[nodiscard]] std::string made(const std::string& arguments) const {
    const testing::Finished finished = run_program(arguments, folder_.path());
    EXPECT_EQ(finished.exit_code, 0) << arguments << ": " << finished.err;
    return finished.out;
  }

  TemporaryFolder folder_;
  testing::Finished ran_;
  Json summary_;
};

INSTANTIATE_TEST_SUITE_P(Configurations, Everywhere, ::testing::ValuesIn(shipped()), [](const auto& test) { return test.param; });

TEST_P(Everywhere, OneVerdict) {
  fs::copy(folder_ / "r", folder_ / "again", fs::copy_options::recursive);
  std::map<std::string, std::string> texts = {{"run", ran_.out},
                                              {"show", made("show r")},
                                              {"report text", made("report r --format text")},
                                              {"report md", made("report r --format md")},
                                              {"compare text", made("compare r again")},
                                              {"compare html", made("compare r again --format html")}};
  (void)made("report r --out page.html");
  texts["report html"] = read_file(folder_ / "page.html");
  const Json report = parse_json(made("report r --format json")), compare = parse_json(made("compare r again --format json"));
  for (auto& [name, text] : texts) text = plain(text);
  std::size_t b = 0;
  for (const auto& board : summary_["leaderboards"]) {
    const Json& verdict = board["verdict"];
    EXPECT_EQ(report["boards"][b]["verdict"], verdict);
    EXPECT_EQ(compare["boards"][b]["verdict"], verdict);
    for (const auto& [name, text] : texts) EXPECT_THAT(text, HasSubstr(plain(verdict["sentence"].get<std::string>()))) << name;
    ++b;
  }
  EXPECT_EQ(report["boards"].size(), b);
  expect_figures(report, summary_);
}

}  // namespace
}  // namespace tonne
