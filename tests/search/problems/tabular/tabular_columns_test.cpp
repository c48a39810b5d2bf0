// What else a table can hold: fidelities and objectives in columns, transforms, constraints, orders, repeats,
// uses.

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "tests/search/problems/tabular/tabular_fixture.h"

namespace tonne {
namespace {

using TabularColumns = testing::TabularFixture;
using testing::configuration_of;

const std::string kHead = "file: t.csv\ndecisions: [x]\n";

// Two seeds at three fidelities, one of them missing here and there.
const std::string kCurves =
    "x,e1_s0,e4_s0,e16_s0,e1_s1,e4_s1,e16_s1,t1,t4,t16\n"
    "1,50,60,70,52,62,72,10,40,160\n"
    "2,55,58,61,,59,,11,44,176\n"
    "3,40,,,41,,,12,48,\n";
const std::string kCurveSettings = kHead +
                                   "objective: ['e{fidelity}_s0', 'e{fidelity}_s1']\ndirection: maximise\n"
                                   "fidelities: [16, 1, 4]\ntime: 't{fidelity}'\n";

TEST_F(TabularColumns, ACurveIsReadFromOneRow) {
  write(kCurves);
  const auto problem = make(kCurveSettings);
  const FidelityTraits& fidelity = problem->traits().fidelity;
  EXPECT_EQ(fidelity.levels, (std::vector<double>{1, 4, 16}));
  EXPECT_EQ(fidelity.name, "epochs");
  EXPECT_TRUE(fidelity.integral);
  const Configuration one = configuration_of({0});
  EXPECT_DOUBLE_EQ(problem->true_value(one), 71.0);
  EXPECT_DOUBLE_EQ(*problem->optimum(), 71.0);
  // A run keeps its seed along the curve; the next repeat has the other.
  for (std::uint64_t run = 0; run < 4; ++run) {
    const double offset = run % 2 == 0 ? 0.0 : 2.0;
    const Outcome first = problem->evaluate({one, 0.0, 1.0, 0, run}, Random(1));
    const Outcome middle = problem->evaluate({one, 1.0, 4.0, 0, run}, Random(1));
    const Outcome last = problem->evaluate({one, 4.0, 16.0, 0, run}, Random(1));
    EXPECT_DOUBLE_EQ(first.objectives[0], 50.0 + offset);
    EXPECT_DOUBLE_EQ(middle.objectives[0], 60.0 + offset);
    EXPECT_DOUBLE_EQ(last.objectives[0], 70.0 + offset);
    EXPECT_DOUBLE_EQ(*first.workload.measured_time / second, 10.0);
    EXPECT_DOUBLE_EQ(*middle.workload.measured_time / second, 30.0);
    EXPECT_DOUBLE_EQ(*last.workload.measured_time / second, 120.0);
    EXPECT_DOUBLE_EQ(problem->evaluate({one, 0.0, 16.0, 1, run}, Random(1)).objectives[0], 72.0 - offset);
  }
}

TEST_F(TabularColumns, AMissingCellIsAnotherSeedsOrAFailure) {
  write(kCurves);
  const auto problem = make(kCurveSettings);
  const Configuration two = configuration_of({1});
  for (std::uint64_t run = 0; run < 2; ++run)
    EXPECT_DOUBLE_EQ(problem->evaluate({two, 0.0, 16.0, 0, run}, Random(1)).objectives[0], 61.0);
  EXPECT_DOUBLE_EQ(problem->true_value(two), 61.0);
  // A training that ended early: a value where it has one, no cost told for the rest, judged as the worst.
  const Configuration three = configuration_of({2});
  EXPECT_FALSE(problem->evaluate({three, 0.0, 1.0, 0}, Random(1)).failure);
  EXPECT_EQ(problem->evaluate({three, 0.0, 4.0, 0}, Random(1)).failure, Failure::invalid);
  EXPECT_DOUBLE_EQ(problem->true_value(three), 61.0);
}

// One column of cost for the whole training is shared out by fidelity.
TEST_F(TabularColumns, ACostWithoutFidelitiesIsShared) {
  write("x,a1,a4,t\n1,2,1,80\n2,3,2,40\n");
  const auto problem =
      make(kHead + "objective: 'a{fidelity}'\ndirection: minimise\nfidelities: [1, 4]\ntime: t\n");
  const Configuration one = configuration_of({0});
  EXPECT_DOUBLE_EQ(*problem->evaluate({one, 0.0, 1.0, 0}, Random(1)).workload.measured_time / second, 20.0);
  EXPECT_DOUBLE_EQ(*problem->evaluate({one, 1.0, 4.0, 0}, Random(1)).workload.measured_time / second, 60.0);
}

TEST_F(TabularColumns, FidelitiesMustMeanSomething) {
  write(kCurves);
  const std::string rest = "direction: maximise\nevaluation_time: 1 s\n";
  EXPECT_EQ(error_of(kHead + "objective: 'e{fidelity}_s0'\n" + rest),
            "e.yaml:3:12: tabular.objective: column 'e{fidelity}_s0' contains {fidelity}: give fidelities");
  EXPECT_EQ(error_of(kHead + "objective: e1_s0\nfidelities: [1, 4]\n" + rest),
            "e.yaml:3:12: tabular.objective: 'e1_s0' is the same column for every fidelity: put {fidelity} "
            "into the column name");
  EXPECT_EQ(error_of(kHead + "objective: 'e{fidelity}_s0'\nfidelities: [1, one]\n" + rest),
            "e.yaml:4:13: tabular.fidelities: 'one' is not a positive number");
  EXPECT_EQ(error_of(kHead + "objective: 'e{fidelity}_s0'\nfidelities: [1, 1.0]\n" + rest),
            "e.yaml:4:13: tabular.fidelities: '1.0' appears twice");
  EXPECT_EQ(
      error_of(kHead + "objective: 'e{fidelity}_s0'\nfidelities: [1, 5]\n" + rest),
      "t.csv:1: has no column 'e5_s0' (objective). Did you mean e1_s0? Its columns: x, e1_s0, e4_s0, e16_s0, "
      "e1_s1, e4_s1, e16_s1, t1, t4, t16");
  EXPECT_EQ(error_of(kHead + "objective: 'e{fidelity}_s0'\nfidelities: [1]\nfidelity: t1\n" + rest),
            "e.yaml:4:13: tabular.fidelities: the column given as fidelity already holds them: give one or "
            "the other");
}

const std::string kDeployed =
    "x,acc,lat,size,mflop\n"
    "1,0.7,5,100,10\n"
    "2,0.8,9,300,20\n"
    "3,0.9,,200,30\n"
    "4,0.75,7,,40\n";
const std::string kDeployedSettings =
    kHead +
    "objective: acc\nname: error\ndirection: minimise\nunit: '%'\nscale: 100\ntransform: hundred_minus\n"
    "further_objectives: {latency: {columns: lat, direction: minimise, unit: ms}}\nevaluation_time: 1 s\n";

TEST_F(TabularColumns, SeveralObjectivesHaveNamesAndDirections) {
  write(kDeployed);
  const auto problem = make(kDeployedSettings);
  const auto& objectives = problem->traits().objectives;
  ASSERT_EQ(objectives.size(), 2U);
  EXPECT_EQ(objectives[0].name, "error");
  EXPECT_EQ(objectives[1].name, "latency");
  EXPECT_EQ(objectives[1].unit, "ms");
  EXPECT_EQ(objectives[1].direction, Direction::minimise);
  const Outcome outcome = problem->evaluate({configuration_of({0}), 0.0, 1.0, 0}, Random(1));
  ASSERT_EQ(outcome.objectives.size(), 2U);
  EXPECT_DOUBLE_EQ(outcome.objectives[0], 30.0);
  EXPECT_DOUBLE_EQ(outcome.objectives[1], 5.0);
  // Without a latency it has no answer, and cannot be the best.
  EXPECT_EQ(problem->evaluate({configuration_of({2}), 0.0, 1.0, 0}, Random(1)).failure, Failure::invalid);
  EXPECT_DOUBLE_EQ(*problem->optimum(), 20.0);
}

TEST_F(TabularColumns, ConstraintsAreBoundsOfColumns) {
  write(kDeployed);
  const auto problem = make(kDeployedSettings + "constraints: {memory: {column: size, at_most: 200}}\n");
  EXPECT_EQ(problem->traits().constraints, std::vector<std::string>{"memory"});
  const Outcome fits = problem->evaluate({configuration_of({0}), 0.0, 1.0, 0}, Random(1));
  EXPECT_DOUBLE_EQ(fits.constraints[0], -0.5);
  const Outcome large = problem->evaluate({configuration_of({1}), 0.0, 1.0, 0}, Random(1));
  EXPECT_DOUBLE_EQ(large.constraints[0], 0.5);
  EXPECT_FALSE(large.failure);                  // the simulator judges it
  EXPECT_DOUBLE_EQ(*problem->optimum(), 30.0);  // of those that satisfy it
  EXPECT_EQ(problem->evaluate({configuration_of({3}), 0.0, 1.0, 0}, Random(1)).failure, Failure::invalid);
  EXPECT_EQ(problem->space().describe(problem->default_configuration()), "x=1");

  const auto least = make(kDeployedSettings + "constraints: {speed: {column: mflop, at_least: 20}}\n");
  EXPECT_DOUBLE_EQ(least->evaluate({configuration_of({0}), 0.0, 1.0, 0}, Random(1)).constraints[0], 0.5);
  EXPECT_EQ(error_of(kDeployedSettings + "constraints: {memory: {column: size, at_most: 50}}\n"),
            "t.csv: has no successful, feasible evaluation at the highest fidelity");
  EXPECT_EQ(error_of(kDeployedSettings + "constraints: {memory: {column: size}}\n"),
            "e.yaml:11:23: tabular.constraints.memory.at_most: needs at_most or at_least");
  EXPECT_EQ(error_of(kDeployedSettings + "constraints: {memory: {column: sice, at_most: 5}}\n"),
            "t.csv:1: has no column 'sice' (constraints). Did you mean size? Its columns: x, acc, lat, size, "
            "mflop");
  EXPECT_EQ(error_of(kDeployedSettings + "constraints: [size]\n"),
            "e.yaml:11:14: tabular.constraints: found a list, expected names, each with its settings");
}

TEST_F(TabularColumns, ObjectivesThatCannotBeAreRefused) {
  write(kDeployed);
  const auto with = [](const std::string& further) {
    return kHead + "objective: acc\ndirection: maximise\nevaluation_time: 1 s\nfurther_objectives: {" +
           further + "}\n";
  };
  EXPECT_EQ(error_of(with("objective: {columns: lat, direction: minimise}")),
            "e.yaml:6:21: tabular.further_objectives: 'objective' is the name of another objective");
  EXPECT_EQ(error_of(with("latency: {columns: [lat, size], direction: minimise}")),
            "e.yaml:6:21: tabular.further_objectives: 'latency' has 2 columns, expected 1 or, as the "
            "objective has, 1");
  EXPECT_EQ(error_of(with("latency: {columns: acc, direction: minimise}")),
            "e.yaml:6:21: tabular.further_objectives: column 'acc' is already used by objective");
  EXPECT_EQ(
      error_of(with("latency: {columns: lat}")),
      "e.yaml:6:31: tabular.further_objectives.latency.direction: is '', expected minimise or maximise");
  EXPECT_EQ(
      error_of(with("latency: {column: lat, direction: minimise}")),
      "e.yaml:6:31: tabular.further_objectives.latency.columns: is missing: give the objective's column");
}

TEST_F(TabularColumns, TransformsActOnEveryValue) {
  write("x,y0,y1\n1,1,100\n2,10,1000\n");
  const auto value = [&](const std::string& transform) {
    return make(kHead + "objective: [y0, y1]\ndirection: minimise\nevaluation_time: 1 s\n" + transform)
        ->true_value(configuration_of({0}));
  };
  EXPECT_DOUBLE_EQ(value(""), 50.5);
  EXPECT_DOUBLE_EQ(value("transform: log10\n"), 1.0);  // the mean of the logarithms
  EXPECT_DOUBLE_EQ(value("transform: log\n"), 0.5 * std::log(100.0));
  EXPECT_DOUBLE_EQ(value("transform: negate\n"), -50.5);
  EXPECT_DOUBLE_EQ(value("transform: one_minus\nscale: 0.01\n"), 1.0 - 0.505);
  EXPECT_DOUBLE_EQ(value("transform: hundred_minus\n"), 49.5);
  EXPECT_DOUBLE_EQ(value("transform: logit\nscale: 0.0005\n"),
                   0.5 * (std::log(0.0005 / 0.9995) + std::log(0.05 / 0.95)));
  write("x,y0\n1,1\n2,0\n");
  const std::string settings = kHead + "objective: y0\ndirection: minimise\nevaluation_time: 1 s\n";
  EXPECT_EQ(error_of(settings + "transform: log\n"),
            "t.csv:3: column 'y0': is 0, and transform: log cannot be applied to it");
  EXPECT_EQ(error_of(settings + "transform: logit\n"),
            "t.csv:2: column 'y0': is 1, and transform: logit cannot be applied to it");
  EXPECT_EQ(error_of(settings + "scale: 0\n"), "e.yaml:6:8: tabular.scale: must not be 0");
  EXPECT_EQ(error_of(settings + "scale: 1e308\n"), "t.csv:2: column 'y0': is too large");
  EXPECT_EQ(error_of(settings + "time: x\ntime_unit: 1e100 h\n"), "t.csv:2: column 'x': is too large");
  EXPECT_EQ(error_of(settings + "constraints: {c: {column: y0, at_most: 1e-200}}\n"),
            "t.csv:2: column 'y0': is too large relative to the bound");
}

TEST_F(TabularColumns, AnOrderMakesNeighbours) {
  write("size,y\nM,1\nXL,2\nS,3\nL,4\n");
  const std::string settings =
      "file: t.csv\ndecisions: [size]\nobjective: y\ndirection: minimise\nevaluation_time: 1 s\n";
  EXPECT_TRUE(is_categorical(make(settings)->space()[0].domain));
  const auto problem = make(settings + "order: {size: [S, M, L, XL]}\n");
  EXPECT_EQ(std::get<Ordinal>(problem->space()[0].domain).levels,
            (std::vector<std::string>{"S", "M", "L", "XL"}));
  EXPECT_DOUBLE_EQ(problem->true_value(configuration_of({0})), 3.0);
  EXPECT_DOUBLE_EQ(problem->true_value(configuration_of({3})), 2.0);
  EXPECT_EQ(error_of(settings + "order: {size: [S, M, L]}\n"),
            "t.csv:3: column 'size': 'XL' is not in the declared order: S, M, L");
  EXPECT_EQ(error_of(settings + "order: {size: [S, M, L, XL, XXL]}\n"), "order.size: no row has 'XXL'");
  EXPECT_EQ(error_of(settings + "order: {size: [S, M, L, S]}\n"),
            "e.yaml:6:15: tabular.order.size: lists a level twice");
  EXPECT_EQ(error_of(settings + "order: {siez: [S, M]}\n"),
            "e.yaml:6:9: tabular.order: unknown key 'siez'. Did you mean size? Known: size");
  EXPECT_EQ(error_of(settings + "order: {size: [S, M, L, XL]}\ncategorical: size\n"),
            "e.yaml:6:15: tabular.order.size: is declared categorical, which has no order");
}

TEST_F(TabularColumns, RepeatedRowsCanBeSeeds) {
  write("x,y,t\n1,5,10\n2,7,20\n1,6,12\n1,10,14\n");
  const std::string settings = kHead + "objective: y\ndirection: minimise\ntime: t\n";
  EXPECT_EQ(error_of(settings),
            "t.csv:4: repeats the decisions of line 2 (training seeds in rows? give their column as seed:, "
            "or set repeats: seeds)");
  const auto problem = make(settings + "repeats: seeds\n");
  EXPECT_DOUBLE_EQ(problem->true_value(configuration_of({0})), 7.0);
  EXPECT_DOUBLE_EQ(problem->true_value(configuration_of({1})), 7.0);
  const Outcome third = problem->evaluate({configuration_of({0}), 0.0, 1.0, 2, 0}, Random(1));
  EXPECT_DOUBLE_EQ(third.objectives[0], 10.0);
  EXPECT_DOUBLE_EQ(*third.workload.measured_time / second, 14.0);
}

TEST_F(TabularColumns, AUseHasColumnsOfItsOwn) {
  write("x,y,ms,mj,mflop,kb\n1,5,2,30,4,7\n2,6,,,,\n3,7,3,40,5,8\n");
  const auto problem = make(
      kHead +
      "objective: y\ndirection: minimise\nevaluation_time: 1 s\n"
      "inference: {time: ms, time_unit: 1 ms, energy: mj, energy_unit: 0.001 J, flops: mflop, flops_unit: "
      "1 MFLOP, traffic: kb, traffic_unit: 1 kB}\n");
  const auto use = problem->inference(configuration_of({0}));
  ASSERT_TRUE(use);
  EXPECT_DOUBLE_EQ(*use->measured_time / second, 0.002);
  EXPECT_DOUBLE_EQ(*use->measured_energy / joule, 0.03);
  EXPECT_DOUBLE_EQ(use->flops / flop, 4e6);
  EXPECT_DOUBLE_EQ(use->traffic / byte, 7000.0);
  EXPECT_EQ(problem->inference(configuration_of({1})), std::nullopt);
  EXPECT_EQ(make(kHead + "objective: y\ndirection: minimise\nevaluation_time: 1 s\n")
                ->inference(configuration_of({0})),
            std::nullopt);
  // The FLOPs of a sample's forward pass are those of a use.
  const auto forward =
      make(kHead + "objective: y\ndirection: minimise\nflops: x\nflops_unit: 2 FLOP\nflops_per: sample\n");
  EXPECT_EQ(error_of(kHead +
                     "objective: y\ndirection: minimise\nflops: x\nflops_unit: 2 FLOP\nflops_per: sample\n"),
            "no error");
  EXPECT_DOUBLE_EQ(forward->inference(configuration_of({2}))->flops / flop, 6.0);
  write("x,seed,y,f\n1,0,5,7\n1,1,6,7\n2,1,6,9\n");  // not every configuration has every seed
  const auto seeds =
      make(kHead + "objective: y\ndirection: minimise\nseed: seed\nflops: f\nflops_per: sample\n");
  EXPECT_DOUBLE_EQ(seeds->inference(configuration_of({1}))->flops / flop, 9.0);
}

// Two seeds in rows, fidelities in columns, and a further objective that is the same at all of them.
TEST_F(TabularColumns, SeedsInRowsAndFidelitiesInColumns) {
  write("x,seed,a1,a2,params\n1,0,5,3,10\n1,1,6,4,10\n2,0,4,2,20\n2,1,,,20\n");
  const auto problem =
      make(kHead +
           "objective: 'a{fidelity}'\ndirection: minimise\nfidelities: [1, 2]\nseed: seed\nevaluation_time: "
           "2 s\nfurther_objectives: {size: {columns: params, direction: minimise}}\n");
  const Configuration one = configuration_of({0});
  EXPECT_DOUBLE_EQ(problem->true_value(one), 3.5);
  const Outcome outcome = problem->evaluate({one, 0.0, 1.0, 1, 0}, Random(1));
  EXPECT_DOUBLE_EQ(outcome.objectives[0], 6.0);
  EXPECT_DOUBLE_EQ(outcome.objectives[1], 10.0);
  EXPECT_DOUBLE_EQ(*outcome.workload.measured_time / second, 1.0);
  EXPECT_DOUBLE_EQ(problem->evaluate({configuration_of({1}), 0.0, 2.0, 1, 0}, Random(1)).objectives[0], 2.0);
}

// As YAHPO's tables are: an instance and the fidelity among the parameters, a space beside them.
TEST_F(TabularColumns, RowsAreChosenAndASpaceGivesTheDecisions) {
  write("OpenML_task_id,epoch,lr,op,val,time\n"
        "3945,1,0.1,adam,70,5\n3945,2,0.1,adam,80,10\n3945,1,0.01,sgd,60,6\n3945,2,0.01,sgd,65,12\n"
        "7593,1,0.1,adam,10,1\n7593,2,0.1,adam,20,2\n");
  std::ofstream(folder_ / "space.json") << R"({"hyperparameters": [
    {"name": "OpenML_task_id", "type": "categorical", "choices": ["3945", "7593"], "default": "3945"},
    {"name": "epoch", "type": "uniform_int", "lower": 1, "upper": 2, "log": false, "default": 2},
    {"name": "lr", "type": "uniform_float", "lower": 0.0001, "upper": 0.1, "log": true, "default": 0.01},
    {"name": "op", "type": "categorical", "choices": ["adam", "sgd"], "default": "adam"}], "conditions": [], "forbiddens": []})";
  const std::string settings = "file: t.csv\nspace: space.json\nwhere: {OpenML_task_id: {is: 3945}}\nobjective: val\ndirection: maximise\nfidelity: epoch\ntime: time\n";
  const auto problem = make(settings);
  ASSERT_EQ(problem->space().size(), 2U);
  EXPECT_EQ(problem->space()[0].name, "lr");
  EXPECT_EQ(std::get<Categorical>(problem->space()[1].domain).choices, (std::vector<std::string>{"adam", "sgd"}));
  EXPECT_EQ(problem->traits().fidelity.highest, 2.0);
  EXPECT_EQ(problem->optimum(), 80.0);
  EXPECT_EQ(problem->true_value(configuration_of({0.0, 1.0})), 65.0);

  EXPECT_NE(error_of(settings + "# \n").find("no error"), std::string::npos);
  EXPECT_NE(error_of("file: t.csv\ndecisions: [lr]\nwhere: {task: {is: 1}}\nobjective: val\ndirection: maximise\ntime: time\n")
                .find("the table has no column 'task'"), std::string::npos);
  EXPECT_NE(error_of("file: t.csv\ndecisions: [lr]\nwhere: {OpenML_task_id: {is: 1}}\nobjective: val\ndirection: maximise\ntime: time\n")
                .find("no row of the table is so"), std::string::npos);
  EXPECT_NE(error_of("file: t.csv\nspace: none.json\nobjective: val\ndirection: maximise\ntime: time\n").find("none.json"), std::string::npos);
}

}  // namespace
}  // namespace tonne
