// The loop of a working day through the program: changes on the command line, new files, hints.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "experiments/results/folder_lock.h"
#include "tests/experiments/support.h"

namespace tonne {
namespace {

namespace fs = std::filesystem;
using testing::Finished;
using testing::read_file;
using testing::run_program;
using testing::TemporaryFolder;

const std::string kExperiment =
    "name: day\n"
    "seeds: 4\n"
    "problems: [function: {function: branin}]\n"
    "strategies: [random, regularized_evolution: {population: 10, sample: 3}]\n"
    "cluster: {device: V100, grid: US-2018, facility: {pue: 1.5}}\n"
    "budget: {evaluations: 20}\n";

std::string with(const std::string& from, const std::string& to) {
  std::string text = kExperiment;
  return text.replace(text.find(from), from.size(), to);
}

class WorkingDay : public ::testing::Test {
 protected:
  WorkingDay() { folder_.write("e.yaml", kExperiment); }

  Finished tonne(const std::string& arguments) const { return run_program(arguments, folder_.path()); }
  std::string digest(const std::string& arguments) const {
    const Finished done = tonne("validate --json " + arguments);
    EXPECT_EQ(done.exit_code, 0) << done.err;
    const std::size_t at = done.out.find("\"digest\"");
    return done.out.substr(at, done.out.find('\n', at) - at);
  }
  // What the program says of an argument that it refuses.
  std::string refusal(const std::string& arguments) const {
    const Finished done = tonne(arguments);
    EXPECT_EQ(done.exit_code, 2) << done.out << done.err;
    return done.err;
  }

  TemporaryFolder folder_;
};

TEST_F(WorkingDay, ChangedValuesAreThoseOfAFileEditedByHand) {
  const auto equals = [&](const std::string& arguments, const std::string& edited) {
    folder_.write("edited.yaml", edited);
    EXPECT_EQ(digest("e.yaml " + arguments), digest("edited.yaml")) << arguments;
    EXPECT_NE(digest("e.yaml " + arguments), digest("e.yaml")) << arguments;
  };
  equals("--set budget.co2e=5kg", with("evaluations: 20", "evaluations: 20, co2e: 5 kg"));
  equals("--set 'strategies[1].population=50'", with("population: 10", "population: 50"));
  equals("--set 'strategies[1].regularized_evolution.population=50'", with("population: 10", "population: 50"));
  equals("--set 'strategies[0].label=chance'", with("[random,", "[random: {label: chance},"));
  equals("--set 'problems[0].function=hartmann6'", with("function: branin", "function: hartmann6"));
  equals("--set 'cluster.grid={intensity: 50 gCO2e/kWh}' --set cluster.workers=2", with("grid: US-2018", "workers: 2, grid: {intensity: 50 gCO2e/kWh}"));
  equals("--set record=incumbents", kExperiment + "record: incumbents\n");
  equals("--seeds 3", with("seeds: 4", "seeds: 3"));
  equals("--seeds 1,5,9", with("seeds: 4", "seeds: [1, 5, 9]"));
  equals("--seeds 10..12,7", with("seeds: 4", "seeds: [10, 11, 12, 7]"));
}

TEST_F(WorkingDay, ErrorsPointAtTheOption) {
  EXPECT_TRUE(refusal("validate e.yaml --set budget.co2=5kg").starts_with("--set budget.co2=5kg: unknown key 'co2'. Did you mean co2e?"));
  EXPECT_TRUE(refusal("run e.yaml --set budgt.co2e=5kg").starts_with("--set budgt.co2e=5kg: unknown key 'budgt'. Did you mean budget?"));
  EXPECT_TRUE(refusal("run e.yaml --set budget.co2e=5").starts_with("--set budget.co2e=5: '5' has no unit"));
  EXPECT_TRUE(refusal("run e.yaml --set 'strategies[2].population=5'")
                  .starts_with("--set strategies[2].population=5: strategies has 2 entries, [0] to [1]"));
  EXPECT_TRUE(refusal("run e.yaml --set strategies.population=5").starts_with("--set strategies.population=5: strategies is a list"));
  EXPECT_NE(refusal("run e.yaml --set cluster.grid.intensity=5").find("has no settings of its own"), std::string::npos);
  EXPECT_NE(refusal("run e.yaml --set budget").find("expected --set PATH=VALUE"), std::string::npos);
  EXPECT_NE(refusal("run e.yaml --set 'seeds=[1, '").find("--set seeds=[1, : the value is not valid YAML"), std::string::npos);
  for (const char* seeds : {"0..", "3..1", "1,,2", "x", "-1", "0..999999999"})
    EXPECT_TRUE(refusal("validate e.yaml --seeds " + std::string(seeds)).starts_with("--seeds " + std::string(seeds) + ": ")) << seeds;
  // An error elsewhere in the file keeps its place.
  folder_.write("bad.yaml", with("pue: 1.5", "pue: 0.1"));
  EXPECT_TRUE(refusal("validate bad.yaml --set budget.evaluations=5").starts_with("bad.yaml:5:"));
}

TEST_F(WorkingDay, AStoppedRunSaysTheOptionsAgainAndTasksOfAClusterHaveThem) {
  const Finished printed = tonne("submit --slurm e.yaml --tasks 2 --print --set 'strategies[1].population=5' --seeds 1,2");
  ASSERT_EQ(printed.exit_code, 0) << printed.err;
  const std::string words = "--set 'strategies[1].population=5' --seeds 1,2";
  std::size_t count = 0;
  for (std::size_t at = printed.out.find(words); at != std::string::npos; at = printed.out.find(words, at + 1)) ++count;
  EXPECT_EQ(count, 2U) << printed.out;
}

TEST_F(WorkingDay, OverwriteReplacesResultsAndNothingElse) {
  ASSERT_EQ(tonne("run e.yaml --quiet --out r --csv").exit_code, 0);
  folder_.write("r/notes.txt", "mine");
  const Finished refused = tonne("run e.yaml --quiet --out r");
  EXPECT_EQ(refused.exit_code, 3);
  EXPECT_NE(refused.err.find("--overwrite"), std::string::npos);
  ASSERT_EQ(tonne("run e.yaml --quiet --out r --seeds 2 --overwrite").exit_code, 0);
  ASSERT_EQ(tonne("run e.yaml --quiet --out fresh --seeds 2 --overwrite").exit_code, 0);
  EXPECT_EQ(tonne("show r --digest").out, tonne("show fresh --digest").out);
  EXPECT_EQ(read_file(folder_ / "r/notes.txt"), "mine");
  EXPECT_FALSE(fs::exists(folder_ / "r/trials.csv"));  // of the results that were replaced

  fs::create_directory(folder_ / "alien");
  folder_.write("alien/results.sqlite", "somebody else's");
  EXPECT_EQ(tonne("run e.yaml --quiet --out alien --overwrite").exit_code, 3);
  EXPECT_EQ(read_file(folder_ / "alien/results.sqlite"), "somebody else's");

  const std::string before = tonne("show r --digest").out;
  {
    const FolderLock held(folder_ / "r");
    const Finished busy = tonne("run e.yaml --quiet --out r --overwrite");
    EXPECT_EQ(busy.exit_code, 3);
    EXPECT_NE(busy.err.find("another tonne is writing there"), std::string::npos);
  }
  EXPECT_EQ(tonne("show r --digest").out, before);
  EXPECT_EQ(tonne("run e.yaml --resume --overwrite").exit_code, 2);
}

TEST_F(WorkingDay, InitWritesWhatRuns) {
  ASSERT_EQ(tonne("init").exit_code, 0);
  EXPECT_EQ(tonne("run experiment.yaml --quiet --seeds 1 --set budget.co2e=1kg --out first").exit_code, 0);
  const std::string written = read_file(folder_ / "experiment.yaml");
  EXPECT_EQ(tonne("init").exit_code, 3);
  EXPECT_EQ(tonne("init e.yaml --like quickstart").exit_code, 3);
  EXPECT_EQ(read_file(folder_ / "e.yaml"), kExperiment);
  ASSERT_EQ(tonne("init experiment.yaml --overwrite --like configs/quickstart.yaml").exit_code, 0);
  EXPECT_EQ(read_file(folder_ / "experiment.yaml"), read_file(fs::path(TONNE_SOURCE_DIR) / "configs/quickstart.yaml"));
  const std::string unknown = refusal("init x.yaml --like quikstart");
  EXPECT_NE(unknown.find("Did you mean quickstart?"), std::string::npos) << unknown;
  EXPECT_FALSE(fs::exists(folder_ / "x.yaml"));
  // Every experiment that it lists stands alone.
  std::istringstream names(unknown.substr(unknown.find("Known: ") + 7));
  for (std::string name; std::getline(names >> std::ws, name, ',');) {
    if (name.ends_with('\n')) name.pop_back();
    ASSERT_EQ(tonne("init " + name + ".yaml --like " + name).exit_code, 0) << name;
    EXPECT_EQ(tonne("validate " + name + ".yaml").exit_code, 0) << name;
  }
}

TEST_F(WorkingDay, UnfinishedResultsAreCalledPartial) {
  ASSERT_EQ(tonne("run e.yaml --quiet --shard 1/2 --out half").exit_code, 0);
  const Finished said = tonne("report half --format text");
  EXPECT_NE(said.err.find("4 of 8 cells are finished: the report is partial"), std::string::npos) << said.err;
  const Finished asked = tonne("report half --format text --partial");
  EXPECT_EQ(asked.err, "");
  EXPECT_EQ(asked.out, said.out);
  EXPECT_NE(asked.out.find("Only 4 of 8 searches have finished; these results are partial."), std::string::npos) << asked.out;
  EXPECT_NE(tonne("show half").err.find("4 of 8 cells are finished"), std::string::npos);
  const Finished watched = tonne("watch half --once");
  EXPECT_EQ(watched.out.find(" \n"), std::string::npos) << watched.out;
}

TEST_F(WorkingDay, NamesAreHintedByTheirBeginningAndWhatOthersCallThem) {
  EXPECT_NE(refusal("validate e.yaml --set cluster.device=A100").find("Did you mean A100-40GB, A100-80GB, A100-PCIe or A100-PCIe-80GB?"),
            std::string::npos);
  EXPECT_NE(refusal("validate e.yaml --set budget.carbon=5kg").find("Did you mean co2e?"), std::string::npos);
  EXPECT_NE(refusal("validate e.yaml --set 'strategies=[random_search]'").find("Did you mean random?"), std::string::npos);
  folder_.write("typo.yaml", with("strategies:", "stratgies:"));
  EXPECT_TRUE(refusal("validate typo.yaml").starts_with("typo.yaml:4:1: unknown key 'stratgies'. Did you mean strategies?"));
  folder_.write("typo.yaml", with("problems:", "benchmarks:"));
  EXPECT_TRUE(refusal("validate typo.yaml").starts_with("typo.yaml:3:1: unknown key 'benchmarks'. Did you mean problems?"));
  EXPECT_EQ(tonne("validate e.yaml --set cluster.grid=Germany").exit_code, 0);
  EXPECT_EQ(tonne("validate e.yaml --set cluster.grid=DE").exit_code, 0);
}

TEST_F(WorkingDay, UnitsAsPeopleWriteThem) {
  const std::string kilograms = digest("e.yaml --set 'budget.co2e=5 kg'");
  for (const char* value : {"5 kilograms", "5kgCO₂", "5 kg CO₂e", "5kg CO2-eq", "5\u00a0kg"})
    EXPECT_EQ(digest("e.yaml --set 'budget.co2e=" + std::string(value) + "'"), kilograms) << value;
  EXPECT_EQ(digest("e.yaml --set budget.time=72h"), digest("e.yaml --set 'budget.time=3 days'"));
  EXPECT_EQ(digest("e.yaml --set 'cluster.overlap=30 %'"), digest("e.yaml --set cluster.overlap=0.3"));
  EXPECT_EQ(digest("e.yaml --set \"cluster.overlap='7.1%'\""), digest("e.yaml --set cluster.overlap=0.071"));
  EXPECT_NE(refusal("validate e.yaml --set 'cluster.overlap=130 %'").find("out of bounds"), std::string::npos);
  EXPECT_NE(refusal("validate e.yaml --set 'cluster.workers=30 %'").find("expected a whole number"), std::string::npos);
  EXPECT_NE(refusal("validate e.yaml --set 'budget.energy=5 kwh'").find("did you mean kWh?"), std::string::npos);
  EXPECT_NE(refusal("validate e.yaml --set 'budget.co2e=5 tons'").find("US ton"), std::string::npos);
  EXPECT_NE(refusal("validate e.yaml --set 'budget.money=1,000 USD'").find("no commas"), std::string::npos);

  const auto estimate = [&](const std::string& work) { return tonne("estimate --device V100 --pue 1.1 --grid DEU-2023 --format json " + work).out; };
  EXPECT_EQ(estimate("--hours 72h"), estimate("--hours 72"));
  EXPECT_EQ(estimate("--hours '3 days'"), estimate("--hours 72"));
  EXPECT_EQ(estimate("--parameters 7B --tokens 140B"), estimate("--parameters 7e9 --tokens 1.4e11"));
  EXPECT_EQ(estimate("--flops 3ZFLOP"), estimate("--flops 3e21"));
  EXPECT_NE(estimate("--hours 72"), "");
  EXPECT_NE(refusal("estimate --device V100 --hours 3kWh --pue 1 --grid DEU-2023").find("is an energy, expected a time"), std::string::npos);
}

TEST_F(WorkingDay, SyntaxErrorsShowTheirLine) {
  folder_.write("bad.yaml", "name: x\nbudget: 5kg: 3\n");
  EXPECT_NE(refusal("validate bad.yaml").find("bad.yaml:2:12: is not valid YAML: illegal map value\n  budget: 5kg: 3\n             ^\n"), std::string::npos)
      << refusal("validate bad.yaml");
  folder_.write("bad.yaml", "name: \x1b[31m: {\n");
  EXPECT_EQ(refusal("validate bad.yaml").find('\x1b'), std::string::npos);
}

TEST_F(WorkingDay, ValidateSaysWhatOtherFilesAre) {
  const fs::path source(TONNE_SOURCE_DIR);
  const auto said = [&](const std::string& file) {
    const Finished done = tonne("validate '" + file + "'");
    EXPECT_EQ(done.exit_code, 0) << done.err;
    return done.out;
  };
  EXPECT_NE(said((source / "configs/estimate_bert.yaml").string()).find("is a valid estimate, which tonne estimate "), std::string::npos);
  EXPECT_NE(said((source / "configs/published/strubell2019.yaml").string()).find("is a valid published table"), std::string::npos);
  folder_.write("mine.yaml", "devices: {mine: {like: V100}}\n");
  EXPECT_NE(said("mine.yaml").find("is a valid catalogue"), std::string::npos);
  folder_.write("mine.yaml", "devices: {mine: {like: V10O}}\n");
  EXPECT_NE(refusal("validate mine.yaml").find("Did you mean V100?"), std::string::npos);
  folder_.write("estimate.yaml", "hours: 3\ndevice: V10O\nfacility: {pue: 1.1}\ngrid: US-2018\n");
  EXPECT_NE(refusal("validate estimate.yaml").find("Did you mean V100?"), std::string::npos);
  EXPECT_NE(refusal("validate '" + (source / "configs/estimate_bert.yaml").string() + "' --seeds 3").find("is an estimate, not an experiment"),
            std::string::npos);
}

TEST_F(WorkingDay, ExportSaysThatIncumbentsAreNoTrials) {
  ASSERT_EQ(tonne("run e.yaml --quiet --set record=incumbents --out r").exit_code, 0);
  for (const char* format : {"csv", "optuna", "syne-tune"})
    EXPECT_NE(tonne("export r --format " + std::string(format)).err.find("record: incumbents"), std::string::npos) << format;
  EXPECT_EQ(tonne("export r --format codecarbon").err, "");
}

TEST_F(WorkingDay, HelpFitsEightyColumns) {
  for (const char* command : {"", "run", "validate", "init", "show", "report", "plan", "submit", "watch", "estimate", "meter"}) {
    std::istringstream lines(tonne(std::string(command) + " --help").out);
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << command << ": " << line;
  }
}

}  // namespace
}  // namespace tonne
