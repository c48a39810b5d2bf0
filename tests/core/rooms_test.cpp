// Which room may include which: core nothing but itself, search and cost_models also core, experiments all
// four. Nothing of the program includes a test.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>

namespace tonne {
namespace {

const std::map<std::string, std::set<std::string>> kMayInclude = {
    {"core", {"core"}},
    {"search", {"core", "search"}},
    {"cost_models", {"core", "cost_models"}},
    {"experiments", {"core", "search", "cost_models", "experiments"}},
};

/// Why a line breaks the rule of its room; empty when it does not. A quoted include is a path from the root.
std::string offence(const std::string& room, const std::string& line) {
  static const std::regex include(R"re(^\s*#\s*include\s*(["<])([^/">]+)(/?)[^">]*[">])re");
  std::smatch match;
  if (!std::regex_search(line, match, include)) return "";
  const bool quoted = match[1] == "\"";
  if (match[3].length() == 0) return quoted ? "is no path from the root" : "";
  const std::string target = match[2];
  if (!quoted && !kMayInclude.contains(target) && target != "tests") return "";
  return kMayInclude.at(room).contains(target) ? "" : "may not be included by " + room;
}

TEST(Rooms, TheRuleIsKept) {
  for (const auto& [room, allowed] : kMayInclude) {
    int files = 0;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(std::filesystem::path(TONNE_SOURCE_DIR) / room)) {
      const std::string extension = entry.path().extension().string();
      if (extension != ".h" && extension != ".cpp" && extension != ".in") continue;
      ++files;
      std::ifstream stream(entry.path());
      std::string line;
      for (int number = 1; std::getline(stream, line); ++number) {
        const std::string why = offence(room, line);
        EXPECT_TRUE(why.empty()) << entry.path().string() << ":" << number << ": " << line << ": " << why;
      }
    }
    EXPECT_GT(files, 3) << room;
  }
}

TEST(Rooms, OffencesAreSeen) {
  EXPECT_EQ(offence("core", "#include \"core/units.h\""), "");
  EXPECT_EQ(offence("core", "#include <boost/container/small_vector.hpp>"), "");
  EXPECT_EQ(offence("core", "#include <vector>"), "");
  EXPECT_EQ(offence("experiments", "#include \"search/catalogue.h\""), "");
  EXPECT_NE(offence("core", "#include \"search/catalogue.h\""), "");
  EXPECT_NE(offence("core", "  # include <search/catalogue.h>"), "");
  EXPECT_NE(offence("search", "#include \"cost_models/grid.h\""), "");
  EXPECT_NE(offence("cost_models", "#include \"search/catalogue.h\"  // why not"), "");
  EXPECT_NE(offence("search", "#include \"experiments/results/store.h\""), "");
  EXPECT_NE(offence("experiments", "#include \"tests/support/search_loop.h\""), "");
  EXPECT_NE(offence("experiments", "#include <tests/support/search_loop.h>"), "");
  EXPECT_NE(offence("search", "#include \"../core/units.h\""), "");
  EXPECT_NE(offence("search", "#include \"tpe.h\""), "");
}

}  // namespace
}  // namespace tonne
