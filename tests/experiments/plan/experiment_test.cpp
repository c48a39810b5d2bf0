#include "experiments/plan/experiment.h"
#include "experiments/plan/experiment_file.h"

#include <gtest/gtest.h>

#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "core/error.h"

namespace tonne {
namespace {

const std::string kSmall =
    "name: small\n"
    "seeds: 2\n"
    "problems: [function]\n"
    "strategies: [random]\n"
    "budget: {evaluations: 5}\n";

Experiment parse(const std::string& text) { return parse_experiment(text, "e.yaml", "."); }

std::string error_of(const std::string& text) {
  try {
    (void)parse(text);
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Experiment, ShortFormsStayShort) {
  const Experiment e = parse(kSmall);
  EXPECT_EQ(e.name, "small");
  EXPECT_EQ(e.cells(), 2U);
  EXPECT_EQ(e.seeds, (std::vector<std::uint64_t>{0, 1}));
  EXPECT_EQ(e.strategies[0].label, "random");
  EXPECT_EQ(*e.scenarios[0].options.budget.evaluations, 5U);
}

TEST(Experiment, ListsBecomeGrids) {
  const Experiment e = parse(
      "seeds: [3, 1]\n"
      "problems:\n  - cell_nas: {task: [cifar10, cifar100]}\n"
      "strategies:\n  - random\n  - regularized_evolution: {population: [10, 20], sample: [2, 5], label: RE}\n"
      "cluster: {workers: [1, 4]}\n"
      "budget: {evaluations: [10, 20]}\n");
  EXPECT_EQ(e.problems.size(), 2U);
  EXPECT_EQ(e.problems[1].label, "cell_nas/cifar100");
  EXPECT_EQ(e.strategies.size(), 5U);
  EXPECT_EQ(e.strategies[2].label, "RE (population=10, sample=5)");
  EXPECT_EQ(e.scenarios.size(), 4U);
  EXPECT_EQ(e.scenarios[1].label, "workers=1, evaluations=20");
  EXPECT_EQ(e.scenarios[2].options.workers, 4U);
  EXPECT_EQ(e.cells(), 2U * 5U * 4U * 2U);
}

std::vector<std::string> scenario_labels(const std::string& rest) {
  std::vector<std::string> labels;
  for (const ScenarioPlan& plan : parse("problems: [function]\nstrategies: [random]\n" + rest).scenarios)
    labels.push_back(plan.label);
  return labels;
}

// Values name an item; keys too, where values would not tell two of them apart.
TEST(Experiment, ScenariosHaveNamesOfTheirOwn) {
  using Labels = std::vector<std::string>;
  EXPECT_EQ(scenario_labels("budget: [{epochs: 3000}, {evaluations: 3000}]\n"),
            (Labels{"budget=3000 epochs", "budget=3000 evaluations"}));
  EXPECT_EQ(scenario_labels("budget: [{epochs: 3000, time: 5 h}, {evaluations: 3000, time: 5 h}, {evaluations: 7}]\n"),
            (Labels{"budget=3000 epochs 5 h", "budget=3000 evaluations 5 h", "budget=7"}));
  EXPECT_EQ(scenario_labels("budget: [{epochs: 3000}, {evaluations: 3000}]\ncluster: [{workers: 2}, {workers: 3}]\n"),
            (Labels{"cluster=2, budget=3000 epochs", "cluster=2, budget=3000 evaluations",
                    "cluster=3, budget=3000 epochs", "cluster=3, budget=3000 evaluations"}));
  EXPECT_EQ(scenario_labels("budget: {evaluations: 5}\ncluster: [{facility: {pue: 2}}, {workers: 2}]\n"),
            (Labels{"cluster=2 facility.pue", "cluster=2 workers"}));
  // Names that were told apart before stay what they were.
  EXPECT_EQ(scenario_labels("budget: [{evaluations: 10}, {co2e: 5 kg}]\n"), (Labels{"budget=10", "budget=5 kg"}));
  EXPECT_EQ(scenario_labels("budget: [{evaluations: [10, 20]}, {epochs: [10, 30]}]\n"),
            (Labels{"budget=..., evaluations=10", "budget=..., evaluations=20", "budget=..., epochs=10",
                    "budget=..., epochs=30"}));
  EXPECT_EQ(scenario_labels("budget: [{evaluations: [10, 20]}, {evaluations: [10, 30]}]\n"),
            (Labels{"budget=[10, 20] evaluations, evaluations=10", "budget=..., evaluations=20",
                    "budget=[10, 30] evaluations, evaluations=10", "budget=..., evaluations=30"}));
}

TEST(Experiment, AFigureBesideANamedFacilityEntersTheDigest) {
  const auto digest = [](const std::string& facility) {
    return parse(kSmall + "cluster: {facility: " + facility + "}\n").digest;
  };
  EXPECT_NE(digest("{name: Azure-2020, pue: 1.2}"), digest("{name: Azure-2020, pue: 1.4}"));
  EXPECT_NE(digest("{name: Azure-2020, pue: 1.2}"), digest("Azure-2020"));
  EXPECT_EQ(digest("{name: Azure-2020}"), digest("Azure-2020"));
}

TEST(Experiment, CellsCountTheSeedFastest) {
  const Experiment e = parse(
      "seeds: [7, 8]\nproblems: [function]\nstrategies: [random, tpe]\nbudget: {evaluations: 5}\n"
      "cluster: {workers: [1, 2]}\n");
  std::set<std::tuple<std::size_t, std::size_t, std::size_t, std::uint64_t>> all;
  for (std::size_t i = 0; i < e.cells(); ++i) {
    const Cell c = cell_at(e, i);
    all.insert({c.problem, c.scenario, c.strategy, c.seed});
  }
  EXPECT_EQ(all.size(), e.cells());
  EXPECT_EQ(cell_at(e, 1).seed, 8U);
  EXPECT_EQ(cell_at(e, 2).strategy, 1U);
  EXPECT_EQ(cell_at(e, 4).scenario, 1U);
}

TEST(Experiment, TheDigestCoversWhatMattersAndNothingElse) {
  const std::string base = parse(kSmall).digest;
  EXPECT_EQ(parse("# a comment\n" + kSmall).digest, base);
  EXPECT_EQ(parse("description: words\n" + kSmall).digest, base);
  EXPECT_EQ(parse("overshoot: allow\n" + kSmall).digest, base);  // the default, written out
  std::set<std::string> digests{base};
  for (const char* line : {"overshoot: deny\n", "duplicates: cache\n", "record: incumbents\n", "cluster: {workers: 2}\n",
                           "cluster: {facility: {pue: 1.11}}\n", "final: {retrain: winner}\n"})
    EXPECT_TRUE(digests.insert(parse(line + kSmall).digest).second) << line;
}

TEST(Experiment, ExpectedEvaluationsFollowTheBudget) {
  const Experiment e = parse(kSmall);
  EXPECT_DOUBLE_EQ(*expected_evaluations(e, cell_at(e, 0)), 5.0);
  const Experiment epochs = parse(
      "problems:\n  - cell_nas: {task: cifar10}\nstrategies:\n  - random: {fidelity: 12}\nbudget: {epochs: 1200}\n");
  EXPECT_DOUBLE_EQ(*expected_evaluations(epochs, cell_at(epochs, 0)), 100.0);
}

struct Bad {
  const char* text;
  const char* starts;
  friend void PrintTo(const Bad& bad, std::ostream* out) { *out << bad.starts; }  // no addresses in test names
};
class BadExperiment : public ::testing::TestWithParam<Bad> {};
TEST_P(BadExperiment, IsOneClearSentence) {
  const std::string error = error_of(GetParam().text);
  EXPECT_TRUE(error.starts_with(GetParam().starts)) << error;
  EXPECT_EQ(error.find('\n'), std::string::npos) << error;
}

INSTANTIATE_TEST_SUITE_P(
    All, BadExperiment,
    ::testing::Values(
        Bad{"", "e.yaml:1:1: is not an experiment"},
        Bad{"name: x\n", "e.yaml:1:1: problems: is missing"},
        Bad{"problems: [function]\n", "e.yaml:1:1: strategies: is missing"},
        Bad{"problems: [function]\nstrategies: [random]\n", "e.yaml:1:1: budget: is missing"},
        Bad{"problems: [function]\nstrategies: [random]\nbudget: {}\n", "e.yaml:3:9: budget: is empty"},
        Bad{"problems: []\n", "e.yaml:1:11: problems: found an empty list"},
        Bad{"problems: [functoin]\n", "e.yaml:1:12: problems[0]: unknown problem 'functoin'. Did you mean function?"},
        Bad{"problems: [function]\nstrategies: [tep]\n", "e.yaml:2:14: strategies[0]: unknown strategy 'tep'. Did you mean tpe?"},
        Bad{"problems: [function]\nstrategies:\n  - random: 5\n", "e.yaml:3:13: strategies[0].random: found '5'"},
        Bad{"problems: [function]\nstrategies: [random, random]\nbudget: {evaluations: 1}\n",
            "e.yaml:2:22: strategies[1].random: a second entry is called 'random'"},
        Bad{"problems: [function]\nstrategies: [random]\nbudget: {evaluations: [5, 10, 5]}\n",
            "e.yaml:3:31: budget.evaluations: '5' appears twice"},
        Bad{"problems: [function]\nstrategies: [random]\nbudget: [{epochs: 5}, {epochs: 5}]\n",
            "e.yaml:3:23: budget: '5' appears twice"},
        Bad{"problems: [function]\nstrategies: [tpe: {startup: 9}, tpe: {startup: 10}]\nbudget: {evaluations: 1}\n",
            "e.yaml:2:33: strategies[1].tpe: a second entry is called 'tpe'"},
        Bad{"problems: [cell_nas: {divergence: 0.1}, cell_nas]\nstrategies: [random]\nbudget: {evaluations: 1}\n",
            "e.yaml:1:41: problems[1].cell_nas: a second entry is called 'cell_nas/cifar10'"},
        Bad{"problems: [function]\nstrategies: [tpe: {label: '=a'}, random: {label: \"'=a\"}]\nbudget: {evaluations: 1}\n",
            "e.yaml:2:34: strategies[1].random: a second entry is called ''=a', as tables and files write it"},
        Bad{"problems: [function]\nstrategies:\n  - regularized_evolution: {populaton: 5}\nbudget: {evaluations: 1}\n",
            "e.yaml:3:29: strategies[0].regularized_evolution: unknown key 'populaton'. Did you mean population?"},
        Bad{"problems: [function]\nstrategies:\n  - regularized_evolution: {population: []}\nbudget: {evaluations: 1}\n",
            "e.yaml:3:41: strategies[0].regularized_evolution.population: is an empty list"},
        Bad{"problems: [function]\nstrategies:\n  - random: {fidelity: 12}\nbudget: {evaluations: 1}\n",
            "e.yaml:3:5: strategies[0].random.fidelity: 12 is not possible for function"},
        Bad{"name: ../../etc\n", "e.yaml:1:7: name: '../../etc' cannot name a folder"},
        Bad{"seeds: 0\n", "e.yaml:1:8: seeds: 0 is out of bounds"},
        Bad{"seeds: []\n", "e.yaml:1:8: seeds: found an empty list"},
        Bad{"seeds: [1, 1]\n", "e.yaml:1:12: seeds: 1 appears twice"},
        Bad{"seeds: [-1]\n", "e.yaml:1:9: seeds: -1 is out of bounds"},
        Bad{"problems: [function]\nstrategies: [random]\nbudget: {evaluations: 0}\n",
            "e.yaml:3:23: budget.evaluations: 0 is out of bounds"},
        Bad{"problems: [function]\nstrategies: [random]\nbudget: {co2e: 20 km}\n",
            "e.yaml:3:16: budget.co2e: '20 km' is a length, expected a mass such as '20 kg'"},
        Bad{"problems: [function]\nstrategies: [random]\nbudget: {evaluations: 1}\ncluster: {device: V10O}\n",
            "e.yaml:4:19: cluster.device: unknown device 'V10O'. Did you mean V100?"},
        Bad{"problems: [function]\nstrategies: [random]\nbudget: {evaluations: 1}\ncluster: {grid: {trace: no.csv}}\n",
            "e.yaml:4:25: cluster.grid.trace: no such file"},
        Bad{"problems:\n  - tabular: {file: no.csv}\n", "e.yaml:2:21: problems[0].tabular.file: no such file"},
        Bad{"problems: [function]\nstrategies: [random]\nbudget: {evaluations: 1}\nbuget: 3\n",
            "e.yaml:4:1: unknown key 'buget'. Did you mean budget?"}));

TEST(Experiment, TooManyCombinationsAreRefused) {
  std::string list = "[";
  for (int i = 1; i <= 200; ++i) list += std::to_string(i) + (i < 200 ? "," : "]");
  const std::string error = error_of("problems: [function]\nstrategies:\n  - regularized_evolution: {population: " + list +
                                     ", sample: " + list + "}\nbudget: {evaluations: 1}\n");
  EXPECT_NE(error.find("combinations"), std::string::npos) << error;
}

}  // namespace
}  // namespace tonne
