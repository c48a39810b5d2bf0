// What is generated from the command line: completion for three shells, manual pages.

#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <string>
#include <vector>

#include "experiments/cli/command_description.h"
#include "tests/experiments/support.h"

namespace tonne {
namespace {

using testing::Finished;
using testing::read_file;
using testing::run_program;
using testing::TemporaryFolder;
namespace fs = std::filesystem;

bool installed(const std::string& program) { return std::system(("command -v " + program + " >/dev/null").c_str()) == 0; }

// What a shell says of a script in that folder.
Finished shell(const std::string& command, const TemporaryFolder& folder) {
  const int status = std::system(("cd '" + folder.path().string() + "' && (" + command + ") >out 2>err").c_str());
  return {WEXITSTATUS(status), read_file(folder / "out"), read_file(folder / "err")};
}

// The words that bash offers for the last of `words`; the program is in front of them.
std::set<std::string> completed(const std::string& words) {
  const TemporaryFolder folder;
  folder.write("tonne.bash", run_program("completion bash", folder.path()).out);
  folder.write("experiment.yaml", "");
  fs::create_directory(folder / "results");
  const Finished finished = shell("bash -c 'source ./tonne.bash; COMP_WORDS=(\"" TONNE_PROGRAM "\" " + words +
                                      "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _tonne \"" TONNE_PROGRAM
                                      "\"; for word in \"${COMPREPLY[@]}\"; do echo \"$word\"; done'",
                                  folder);
  EXPECT_EQ(finished.err, "");
  std::set<std::string> result;
  std::istringstream lines(finished.out);
  for (std::string line; std::getline(lines, line);) result.insert(line);
  return result;
}

std::vector<std::string> commands() {
  const TemporaryFolder folder;
  std::istringstream lines(run_program("--help", folder.path()).out);
  std::vector<std::string> names;
  bool listed = false;
  for (std::string line; std::getline(lines, line);) {
    if (listed && line.starts_with("  ") && line[2] != ' ') names.push_back(line.substr(2, line.find(' ', 2) - 2));
    listed = listed || line == "Subcommands:";
  }
  return names;
}

using Words = std::set<std::string>;

TEST(Completion, BashKnowsTheFunctionOfTheProgram) {
  const TemporaryFolder folder;
  folder.write("tonne.bash", run_program("completion bash", folder.path()).out);
  EXPECT_EQ(shell("bash -c 'source ./tonne.bash; complete -p tonne'", folder).out, "complete -F _tonne tonne\n");
}

TEST(Completion, BashOffersCommandsAndOptions) {
  EXPECT_EQ(completed("re"), (Words{"repair", "report", "reprice", "reproduce"}));
  const auto all = commands();
  EXPECT_EQ(completed("\"\""), Words(all.begin(), all.end()));
  EXPECT_EQ(completed("run --al"), Words{"--allow-external"});
  EXPECT_EQ(completed("--ver"), Words{"--version"});
  EXPECT_EQ(completed("estimate --share"), Words{"--share-of-tdp"});
}

TEST(Completion, BashOffersChoices) {
  EXPECT_EQ(completed("statement results --format \"\""), (Words{"text", "md", "latex"}));
  EXPECT_EQ(completed("statement --format = l"), Words{"latex"});
  EXPECT_EQ(completed("statement --format latex --out x.tex re"), Words{"results"});
  EXPECT_EQ(completed("list dev"), Words{"devices"});
}

TEST(Completion, BashAsksTheProgramForNames) {
  EXPECT_EQ(completed("list devices A100-8"), Words{"A100-80GB"});
  EXPECT_EQ(completed("plan --device V100,A100-8"), Words{"V100,A100-80GB"});
  EXPECT_EQ(completed("plan --strategies regul"), Words{"regularized_evolution"});
  EXPECT_TRUE(completed("estimate --grid FRA").contains("FRA-2023"));
  EXPECT_EQ(completed("plan x --deadline \"\""), Words{});
}

TEST(Completion, BashOffersFilesAndFolders) {
  EXPECT_EQ(completed("run exp"), Words{"experiment.yaml"});
  EXPECT_EQ(completed("report exp"), Words{}) << "results are folders";
  EXPECT_EQ(completed("report re"), Words{"results"});
  EXPECT_EQ(completed("describe exp"), Words{"experiment.yaml"}) << "a problem may be a file";
  EXPECT_EQ(completed("describe cell_n"), Words{"cell_nas"});
}

TEST(Completion, ScriptsAreSound) {
  const TemporaryFolder folder;
  for (const std::string name : {"bash", "zsh", "fish"}) {
    const Finished script = run_program("completion " + name, folder.path());
    ASSERT_EQ(script.exit_code, 0);
    EXPECT_FALSE(std::regex_search(script.out, std::regex("@[a-z]"))) << "a place that nothing was put into";
    for (const std::string& command : commands()) EXPECT_NE(script.out.find(command), std::string::npos) << name << " " << command;
    folder.write(name, script.out);
    if (!installed(name)) continue;
    const Finished checked = shell(name + " -n " + name, folder);
    EXPECT_EQ(checked.exit_code, 0) << checked.err;
  }
}

TEST(Completion, FishCompletes) {
  if (!installed("fish")) GTEST_SKIP() << "fish is not installed";
  const TemporaryFolder folder;
  folder.write("tonne.fish", run_program("completion fish", folder.path()).out);
  const auto offered = [&](const std::string& line) {
    const std::string set_up = "source tonne.fish; set PATH (dirname " TONNE_PROGRAM ") $PATH";
    return shell("fish --no-config -c '" + set_up + "; complete -C\"" + line + "\"' | cut -f1", folder).out;
  };
  EXPECT_EQ(offered("tonne list devices A100-8"), "A100-80GB\n");
  EXPECT_EQ(offered("tonne repr"), "reprice\nreproduce\n");
  EXPECT_EQ(offered("tonne statement x --format l"), "latex\n");
}

TEST(Completion, OtherShellsAreRefused) {
  const TemporaryFolder folder;
  EXPECT_EQ(run_program("completion tcsh", folder.path()).exit_code, 2);
}

TEST(Completion, AProgramUnderAnotherNameCompletesUnderIt) {
  const TemporaryFolder folder;
  fs::create_symlink(TONNE_PROGRAM, folder / "own-tonne");
  const std::string script = shell("./own-tonne completion bash", folder).out;
  EXPECT_NE(script.find("complete -F _own_tonne own-tonne"), std::string::npos);
  EXPECT_EQ(cli::program_name("/usr/bin/own-tonne"), "own-tonne");
  EXPECT_EQ(cli::program_name("$(reboot)"), "tonne");
  EXPECT_EQ(cli::program_name(nullptr), "tonne");
}

TEST(ListNames, PrintsOneALine) {
  const TemporaryFolder folder;
  const Finished names = run_program("list strategies --names", folder.path());
  EXPECT_TRUE(names.out.starts_with("random\ngrid\n")) << names.out;
  const std::size_t latest = run_program("list grids --names", folder.path()).out.size();
  EXPECT_GT(run_program("list grids --names --full", folder.path()).out.size(), 2 * latest);
  for (const std::string kind : {"problems", "hosts", "facilities", "settings"})
    EXPECT_GT(run_program("list " + kind + " --names", folder.path()).out.size(), 10U) << kind;
}

TEST(Man, APageForEachCommandAndEachOptionOnIt) {
  const TemporaryFolder folder;
  ASSERT_EQ(run_program("man --out pages", folder.path()).exit_code, 0);
  EXPECT_TRUE(fs::exists(folder / "pages/tonne.1"));
  const std::string program = read_file(folder / "pages/tonne.1");
  for (const std::string& command : commands()) {
    EXPECT_NE(program.find("\\fB" + command + "\\fR"), std::string::npos) << command;
    const std::string page = read_file(folder / ("pages/tonne-" + command + ".1"));
    EXPECT_NE(page.find("\\fB\\-\\-help\\fR"), std::string::npos) << command;
    EXPECT_EQ(page, run_program("man " + command, folder.path()).out);
  }
  EXPECT_NE(read_file(folder / "pages/tonne-run.1").find("\\fB\\-\\-allow\\-external\\fR"), std::string::npos);
  EXPECT_EQ(read_file(folder / "pages/tonne-submit.1").find("attempts"), std::string::npos) << "--help does not tell of it either";
}

TEST(Man, PagesAreClean) {
  if (!installed("mandoc")) GTEST_SKIP() << "mandoc is not installed";
  const TemporaryFolder folder;
  ASSERT_EQ(run_program("man --out .", folder.path()).exit_code, 0);
  const Finished checked = shell("mandoc -Tlint *.1", folder);
  EXPECT_EQ(checked.out, "");
  EXPECT_EQ(checked.exit_code, 0);
}

TEST(Man, AnUnknownCommandIsNamed) {
  const TemporaryFolder folder;
  const Finished finished = run_program("man rnu", folder.path());
  EXPECT_EQ(finished.exit_code, 2);
  EXPECT_EQ(finished.err, "tonne man: there is no command 'rnu'. Did you mean run?\n");
  folder.write("file", "");
  EXPECT_EQ(run_program("man --out file/pages", folder.path()).exit_code, 3);
}

}  // namespace
}  // namespace tonne
