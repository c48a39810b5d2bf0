// Who may include whom: rooms (top-level folders), the wings of experiments/, the families of search/. Nothing of the program
// includes a test, no two sources of experiments/ stand in a circle, and no source is long without a reason.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace tonne {
namespace {

namespace fs = std::filesystem;
using Arrows = std::map<std::string, std::set<std::string>>;

const Arrows kMayInclude = {
    {"core", {"core"}},
    {"search", {"core", "search"}},
    {"cost_models", {"core", "cost_models"}},
    {"experiments", {"core", "search", "cost_models", "experiments"}},
};

// The wings of experiments/ (docs/architecture.md draws them) and what each may include beside itself; from the ground up, so
// that each stands below those that it may include.
const Arrows kWings = {
    {"text", {}},
    {"meters", {"text"}},
    {"plan", {"text"}},
    {"results", {"plan", "text"}},
    {"run", {"results", "plan", "text"}},
    {"cluster", {"results", "plan", "text"}},
    {"analysis", {"results", "plan", "text"}},
    {"repricing", {"results", "plan", "text"}},
    {"imitation", {"analysis", "results", "plan", "text"}},
    {"footprint", {"plan", "text"}},
    {"measured", {"plan", "text"}},
    {"schema", {"measured", "footprint", "plan", "text"}},
    {"exports", {"analysis", "results", "plan", "text"}},
    {"report", {"exports", "analysis", "results", "plan", "text"}},
    {"advice", {"run", "analysis", "results", "plan", "text"}},
    {"histories", {"run", "results", "plan", "meters", "text"}},
    {"cli", {"schema", "histories", "advice", "cluster", "imitation", "repricing", "report", "exports", "footprint", "measured", "analysis", "run", "results", "plan", "meters", "text"}},
    {"python", {"report", "exports", "analysis", "run", "results", "plan", "text"}},
};

// Likewise the families of search/strategies/ and search/problems/.
const Arrows kFamilies = {
    {"strategies/sampling", {}},
    {"strategies/evolution", {"strategies/sampling"}},
    {"strategies/model_based", {"strategies/sampling"}},
    {"strategies/multi_fidelity", {"strategies/sampling", "strategies/multi_objective"}},
    {"strategies/multi_objective", {"strategies/sampling"}},
    {"strategies/sharing", {"strategies/sampling"}},
    {"strategies/wrappers", {}},
    {"strategies/transfer", {"strategies/sampling"}},
    {"strategies/external", {}},
    {"problems/landscape", {}},
    {"problems/networks", {"problems/landscape"}},
    {"problems/language", {"problems/landscape"}},
    {"problems/hyper_parameters", {"problems/landscape"}},
    {"problems/compilers", {"problems/landscape"}},
    {"problems/functions", {"problems/landscape"}},
    {"problems/tabular", {}},
    {"problems/imitation", {"problems/landscape"}},
};

constexpr int kLongest = 500;
// Longer ones, up to 700 lines, with what keeps them in one piece.
const std::map<std::string, std::string> kLong = {};

fs::path root() { return TONNE_SOURCE_DIR; }

bool is_source(const fs::path& file) {
  const std::string extension = file.extension().string();
  return extension == ".h" || extension == ".cpp" || extension == ".in";
}

std::vector<fs::path> sources(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(root() / folder))
    if (is_source(entry.path())) files.push_back(entry.path());
  return files;
}

void each_line(const fs::path& file, const std::function<void(int, const std::string&)>& visit) {
  std::ifstream stream(file);
  std::string line;
  for (int number = 1; std::getline(stream, line); ++number) visit(number, line);
}

// The path that a line includes, when it is one from the root; empty otherwise.
std::string included(const std::string& line) {
  static const std::regex include(R"re(^\s*#\s*include\s*["<]([^">]+/[^">]+)[">])re");
  std::smatch match;
  return std::regex_search(line, match, include) ? match[1].str() : "";
}

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

/// Which part of `room` a path from the root is in: its folder that `parts` names; empty for none of them.
std::string part_of(const std::string& path, const std::string& room, const Arrows& parts) {
  if (!path.starts_with(room + "/")) return "";
  const std::string rest = path.substr(room.size() + 1);
  for (const auto& [part, allowed] : parts)
    if (rest.starts_with(part + "/")) return part;
  return "";
}

/// Why a line of `part` breaks the rule of the parts of `room`; empty when it does not.
std::string offence_between(const std::string& part, const std::string& line, const std::string& room, const Arrows& parts) {
  const std::string target = part_of(included(line), room, parts);
  if (target.empty() || target == part || parts.at(part).contains(target)) return "";
  return room + "/" + target + " may not be included by " + room + "/" + part;
}

void expect_arrows_kept(const std::string& room, const Arrows& parts) {
  for (const auto& entry : parts) {
    const std::string& part = entry.first;
    const std::vector<fs::path> files = sources(fs::path(room) / part);
    EXPECT_FALSE(files.empty()) << room << "/" << part;
    for (const fs::path& file : files)
      each_line(file, [&](int number, const std::string& line) {
        const std::string why = offence_between(part, line, room, parts);
        EXPECT_TRUE(why.empty()) << file.string() << ":" << number << ": " << why;
      });
  }
}

// Every arrow points to a part that stands below: then no circle is allowed.
void expect_no_circle_allowed(const Arrows& parts) {
  std::map<std::string, int> floors;
  const std::function<int(const std::string&, std::size_t)> floor = [&](const std::string& part, std::size_t depth) -> int {
    EXPECT_LE(depth, parts.size()) << "a circle through " << part;
    if (depth > parts.size()) return 0;
    int highest = 0;
    for (const std::string& below : parts.at(part)) highest = std::max(highest, 1 + floor(below, depth + 1));
    return highest;
  };
  for (const auto& [part, allowed] : parts) floor(part, 0);
}

TEST(Rooms, TheRuleIsKept) {
  for (const auto& entry : kMayInclude) {
    const std::string& room = entry.first;
    const std::vector<fs::path> files = sources(room);
    EXPECT_GT(files.size(), 3U) << room;
    for (const fs::path& file : files)
      each_line(file, [&](int number, const std::string& line) {
        const std::string why = offence(room, line);
        EXPECT_TRUE(why.empty()) << file.string() << ":" << number << ": " << line << ": " << why;
      });
  }
}

TEST(Rooms, WingsOfExperimentsIncludeOneWay) {
  expect_no_circle_allowed(kWings);
  expect_arrows_kept("experiments", kWings);
  for (const auto& entry : fs::directory_iterator(root() / "experiments")) {
    if (entry.is_directory() && sources(fs::path("experiments") / entry.path().filename()).empty()) continue;  // python/protocol
    EXPECT_TRUE(entry.is_directory() && kWings.contains(entry.path().filename().string()))
        << entry.path().string() << " is in no wing that this test knows";
  }
}

TEST(Rooms, FamiliesOfSearchIncludeOneWay) {
  expect_no_circle_allowed(kFamilies);
  expect_arrows_kept("search", kFamilies);
  for (const char* floor : {"strategies", "problems"})
    for (const auto& entry : fs::directory_iterator(root() / "search" / floor)) {
      const bool known = kFamilies.contains(std::string(floor) + "/" + entry.path().filename().string());
      EXPECT_TRUE(known || !entry.is_directory()) << entry.path().string() << " is in no family that this test knows";
    }
  for (const fs::path& file : sources("search/surrogates"))
    each_line(file, [&](int number, const std::string& line) {
      EXPECT_EQ(part_of(included(line), "search", kFamilies), "") << file.string() << ":" << number;
    });
}

TEST(Rooms, ExperimentsHaveNoCircleOfFiles) {
  // A .cpp and its .h are one file here.
  Arrows files;
  const auto name = [](const std::string& path) { return path.substr(0, path.rfind('.')); };
  for (const fs::path& file : sources("experiments")) {
    const std::string own = name(fs::relative(file, root()).string());
    each_line(file, [&](int, const std::string& line) {
      const std::string target = included(line);
      if (target.starts_with("experiments/") && name(target) != own) files[own].insert(name(target));
    });
  }
  // Taking away what includes nothing that is left must end with nothing.
  for (bool taken = true; taken;) {
    taken = false;
    for (auto file = files.begin(); file != files.end();) {
      std::erase_if(file->second, [&](const std::string& target) { return !files.contains(target); });
      taken = taken || file->second.empty();
      file = file->second.empty() ? files.erase(file) : std::next(file);
    }
  }
  for (const auto& [file, targets] : files) ADD_FAILURE() << file << " includes in a circle with " << *targets.begin();
}

TEST(Rooms, LongSourcesHaveAReason) {
  for (const char* folder : {"core", "search", "cost_models", "experiments", "tests"})
    for (const fs::path& file : sources(folder)) {
      int lines = 0;
      each_line(file, [&](int, const std::string&) { ++lines; });
      const std::string path = fs::relative(file, root()).string();
      EXPECT_LE(lines, kLong.contains(path) ? 700 : kLongest) << path;
      EXPECT_FALSE(kLong.contains(path) && lines <= kLongest) << path << " is no longer long: strike its reason";
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

TEST(Rooms, OffencesBetweenWingsAndFamiliesAreSeen) {
  const auto between_wings = [](const std::string& wing, const std::string& target) {
    return offence_between(wing, "#include \"" + target + "\"", "experiments", kWings);
  };
  EXPECT_EQ(between_wings("results", "experiments/plan/experiment.h"), "");
  EXPECT_EQ(between_wings("results", "experiments/results/records.h"), "");
  EXPECT_EQ(between_wings("results", "core/units.h"), "");
  EXPECT_NE(between_wings("plan", "experiments/results/records.h"), "");
  EXPECT_NE(between_wings("results", "experiments/run/repricing.h"), "");
  EXPECT_NE(between_wings("analysis", "experiments/exports/summary.h"), "");
  EXPECT_NE(between_wings("text", "experiments/cli/terminal.h"), "");
  const auto between_families = [](const std::string& family, const std::string& target) {
    return offence_between(family, "  # include <" + target + ">", "search", kFamilies);
  };
  EXPECT_EQ(between_families("strategies/evolution", "search/strategies/sampling/moves.h"), "");
  EXPECT_NE(between_families("strategies/sampling", "search/strategies/wrappers/inner_strategy.h"), "");
  EXPECT_NE(between_families("problems/networks", "search/problems/language/scaling_laws.h"), "");
  EXPECT_NE(between_families("strategies/sampling", "search/problems/landscape/hashed.h"), "");
}

}  // namespace
}  // namespace tonne
