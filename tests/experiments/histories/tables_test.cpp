// Tables of trials: any CSV, and the exports of Syne Tune, Weights & Biases and MLflow.

#include <cmath>

#include "core/units.h"
#include "tests/experiments/histories/histories_support.h"

namespace tonne::histories::testing {
namespace {

using tonne::testing::TemporaryFolder;

class TableHistories : public ::testing::Test {
 protected:
  History read(Format format, const std::string& text, const ReadOptions& options = {}) const {
    auto histories = read_history(folder_.write("t.csv", text), format, options);
    EXPECT_EQ(histories.size(), 1U);
    expect_sound(histories.at(0));
    return std::move(histories[0]);
  }
  std::string message(Format format, const std::string& text, const ReadOptions& options = {}) const {
    return refusal([&] { return read_history(folder_.write("t.csv", text), format, options); });
  }
  TemporaryFolder folder_;
};

constexpr const char* kTrials =
    "trial,lr,layers,act,accuracy,start_time,duration,state,kwh,co2_kg,c1\n"
    "7,0.1,2,relu,0.9,2024-01-01 00:00:00,1h 2m 3s,COMPLETE,0.5,0.1,-1\n"
    "3,0.0001,3,tanh,0.8,2024-01-01 02:00:00,90,pruned,0.25,,1\n"
    "9,0.001,4,relu,,2024-01-01 03:00:00,2.5min,Failed,,,\n"
    "11,0.001,4,relu,,2024-01-01 03:00:00,,running,,,\n"
    "12,0.001,4,relu,,,,queued,,,\n";

TEST_F(TableHistories, DurationsWhoseSumIsNoTimeAreRefused) {
  const std::string head = "x,value,duration\n1,1,1\n2,2,";
  EXPECT_NE(message(Format::csv, head + "1e308\n3,3,1e308\n").find("t.csv:3: column 'duration': '1e308' is longer than 1000 years"),
            std::string::npos);
  EXPECT_EQ(read(Format::csv, head + "30000000000\n").trials.size(), 2U);
}

TEST_F(TableHistories, TooManyParametersAreRefusedBeforeTheyAreRead) {
  std::string head, first, second;
  for (int i = 0; i <= 1000; ++i) {
    head += "p" + std::to_string(i) + ",";
    first += "1,";
    second += "2,";
  }
  const std::string said = message(Format::csv, head + "value\n" + first + "1\n" + second + "2\n");
  EXPECT_NE(said.find("1001 columns would be parameters, at most 1000 are read"), std::string::npos) << said;
}

TEST_F(TableHistories, ColumnsAreGuessedByTheirNames) {
  ReadOptions options;
  options.constraints = {"c1"};
  const History history = read(Format::csv, kTrials, options);
  ASSERT_EQ(history.trials.size(), 4U);
  EXPECT_EQ(history.trials[0].number, 3U);
  EXPECT_EQ(history.trials[1].number, 7U);
  EXPECT_EQ(history.objectives.at(0).name, "accuracy");
  EXPECT_EQ(history.objectives[0].direction, Direction::maximise);
  EXPECT_EQ(history.trials[0].state, State::pruned);
  EXPECT_EQ(history.trials[1].state, State::complete);
  EXPECT_EQ(history.trials[2].state, State::failed);
  EXPECT_EQ(history.trials[3].state, State::running);
  EXPECT_EQ(*history.trials[1].end_s - *history.trials[1].start_s, 3723.0);
  EXPECT_EQ(history.trials[2].end_s, 1704078150.0);
  EXPECT_DOUBLE_EQ(history.trials[1].energy_j.value_or(0.0), 0.5 * kilowatt_hour / joule);
  EXPECT_EQ(history.trials[1].operational_kg, 0.1);
  EXPECT_EQ(history.trials[1].constraints, std::vector<double>{-1.0});
  const auto* lr = std::get_if<Real>(&domain_of(history, "lr"));
  ASSERT_NE(lr, nullptr);
  EXPECT_EQ(lr->scale, Scale::log);
  EXPECT_EQ(lr->low, 0.0001);
  EXPECT_TRUE(std::holds_alternative<Integer>(domain_of(history, "layers")));
  EXPECT_TRUE(std::holds_alternative<Categorical>(domain_of(history, "act")));
  EXPECT_TRUE(has_note(history, "inferred from the data"));
  EXPECT_TRUE(has_note(history, "left out: 1"));
}

TEST_F(TableHistories, ColumnsAndDomainsAreThoseThatAreNamed) {
  ReadOptions options;
  options.objectives = {parse_objective("b:min"), parse_objective("a:max")};
  options.parameters = {"x", "y", "z"};
  options.domains = {parse_domain("x=0.5..100:log"), parse_domain("y=[8,16,32]"), parse_domain("z={p,q,r}")};
  options.trial = "who";
  options.start = "from";
  options.end = "to";
  options.time_zone = "+02:00";
  const History history =
      read(Format::csv, "who,a,b,x,y,z,from,to\nu,1,2,1,16.0,q,2024-01-01T02:00,2024-01-01T03:00\n", options);
  ASSERT_EQ(history.trials.size(), 1U);
  EXPECT_EQ(history.trials[0].values, (std::vector<double>{2.0, 1.0}));
  EXPECT_EQ(history.trials[0].start_s, 1704067200.0);
  EXPECT_EQ(std::get<Real>(domain_of(history, "x")).high, 100.0);
  EXPECT_EQ(text_of(history, 0, "y"), "16");
  EXPECT_EQ(std::get<Ordinal>(domain_of(history, "y")).levels.size(), 3U);
  EXPECT_EQ(text_of(history, 0, "z"), "q");
  EXPECT_FALSE(has_note(history, "inferred"));
}

TEST_F(TableHistories, RowsOfOneTrialAreItsReports) {
  const History history =
      read(Format::csv, "trial,epoch,lr,loss\n0,1,0.1,3\n1,1,0.2,5\n0,2,0.1,2\n0,3,0.1,inf\n");
  ASSERT_EQ(history.trials.size(), 2U);
  EXPECT_EQ(history.step_name, "epoch");
  ASSERT_EQ(history.trials[0].reports.size(), 3U);
  EXPECT_EQ(history.trials[0].reports[1].value, 2.0);
  EXPECT_EQ(history.trials[0].values, std::vector<double>{HUGE_VAL});
}

TEST_F(TableHistories, EmptyCellsAreInactive) {
  const History history = read(
      Format::csv, ",model,kernel,depth,loss\n0,svm,rbf,,1\n1,tree,,3.0,2\n2,svm,poly,,3\n3,tree,,5.0,4\n");
  EXPECT_EQ(condition_of(history, "kernel"), "model is svm");
  EXPECT_EQ(condition_of(history, "depth"), "model is tree");
  EXPECT_TRUE(std::holds_alternative<Integer>(domain_of(history, "depth")));
  EXPECT_EQ(text_of(history, 0, "depth"), "inactive");
}

TEST_F(TableHistories, DurationsAloneAreLaidEndToEnd) {
  const History history = read(Format::csv, "x,loss,duration\n1,1,0 days 00:00:10.5\n2,2,01:00\n");
  EXPECT_FALSE(history.has_clock);
  EXPECT_EQ(history.trials[1].start_s, 10.5);
  EXPECT_EQ(history.trials[1].end_s, 70.5);
}

TEST_F(TableHistories, WandbRunsAreRead) {
  const std::string text =
      "\"Name\",\"State\",\"Notes\",\"User\",\"Tags\",\"Created\",\"Runtime\",\"Sweep\",\"lr\",\"optimizer\","
      "\"epochs\",\"val/loss\",\"val/acc\",\"_step\"\n"
      "\"sweet-1\",\"finished\",\"-\",\"me\",\"\",\"2023-03-10T12:00:00.000Z\",\"120\",\"ab\",\"0.001\","
      "\"adam\",\"10\",\"0.5\",\"0.8\",\"10\"\n"
      "\"sour-2\",\"crashed\",\"-\",\"me\",\"\",\"2023-03-10T12:03:00.000Z\",\"20\",\"ab\",\"0.1\",\"sgd\","
      "\"10\",\"\",\"\",\"1\"\n"
      "\"cool-3\",\"killed\",\"-\",\"me\",\"\",\"2023-03-10T12:05:00.000Z\",\"60\",\"ab\",\"0.01\",\"adam\","
      "\"10\",\"NaN\",\"0.6\",\"5\"\n";
  const History history = read(Format::wandb, text);
  EXPECT_EQ(format_of(folder_ / "t.csv"), Format::wandb);
  EXPECT_EQ(history.space.size(), 2U);  // lr, optimizer
  EXPECT_EQ(history.time_zone, "UTC");
  EXPECT_EQ(history.trials[0].end_s, 1678449720.0);
  EXPECT_EQ(history.trials[1].state, State::failed);
  EXPECT_EQ(history.trials[2].state, State::pruned);
  EXPECT_TRUE(std::isnan(history.trials[2].values.at(0)));
  EXPECT_TRUE(has_note(history, "named like measures are not taken as parameters: val/acc"));
}

TEST_F(TableHistories, MlflowRunsAreReadInBothForms) {
  const History page =
      read(Format::mlflow,
           "Start Time,Duration,Run ID,Name,Source Type,Source Name,User,Status,lr,model,accuracy\n"
           "2023-01-01 10:00:00,1.5min,aa,x,LOCAL,train.py,me,FINISHED,0.1,svm,0.9\n"
           "2023-01-01 10:02:00,350ms,bb,y,LOCAL,train.py,me,FAILED,0.2,tree,\n");
  EXPECT_EQ(format_of(folder_ / "t.csv"), Format::mlflow);
  EXPECT_EQ(page.space.size(), 2U);
  EXPECT_EQ(page.trials[0].end_s, 1672567290.0);
  EXPECT_EQ(page.trials[1].state, State::failed);
  const History searched =
      read(Format::mlflow,
           "run_id,experiment_id,status,artifact_uri,start_time,end_time,metrics.loss,metrics.time,params.lr,"
           "params.model,tags.user\n"
           "aa,0,FINISHED,file:/x,2023-01-01 10:00:00.5+00:00,2023-01-01 10:10:00+00:00,0.5,3,0.1,svm,me\n"
           "bb,0,KILLED,file:/x,2023-01-01 10:20:00+00:00,2023-01-01 10:30:00+00:00,0.25,3,0.2,tree,me\n");
  EXPECT_EQ(format_of(folder_ / "t.csv"), Format::mlflow);
  EXPECT_EQ(searched.space[0].name, "lr");
  EXPECT_EQ(searched.space.size(), 2U);
  EXPECT_EQ(searched.trials[0].start_s, 1672567200.5);
}

constexpr const char* kSyneTune =
    "loss,epoch,st_worker_timestamp,st_worker_time,trial_id,st_decision,st_status,config_lr,config_max_"
    "epochs,st_tuner_time\n"
    "1.0,1,1660000010.5,10,0,CONTINUE,InProgress,0.1,3,10\n"
    "2.0,1,1660000015.5,10,1,STOP,InProgress,0.01,3,15\n"
    "0.8,2,1660000020.5,20,0,CONTINUE,InProgress,0.1,3,20\n"
    "0.7,3,1660000030.5,30,0,STOP,InProgress,0.1,3,30\n"
    "4.0,1,1660000040.5,10,2,CONTINUE,Failed,0.02,3,40\n"
    "4.0,1,1660000040.5,10,3,CONTINUE,InProgress,0.02,3,40\n";

TEST_F(TableHistories, SyneTuneResultsAreRead) {
  const History history = read(Format::syne_tune, kSyneTune);
  EXPECT_EQ(format_of(folder_ / "t.csv"), Format::syne_tune);
  ASSERT_EQ(history.trials.size(), 4U);
  EXPECT_EQ(history.trials[0].state, State::complete);  // stopped at its last epoch
  EXPECT_EQ(history.trials[1].state, State::pruned);
  EXPECT_EQ(history.trials[2].state, State::failed);
  EXPECT_EQ(history.trials[3].state, State::running);
  EXPECT_EQ(history.trials[0].start_s, 1660000000.5);
  EXPECT_EQ(history.trials[0].end_s, 1660000030.5);
  EXPECT_EQ(history.trials[0].reports.size(), 3U);
  EXPECT_EQ(history.space.size(), 1U);  // lr: max_epochs has one value
}

TEST_F(TableHistories, SyneTuneMetadataNameMetricAndScheduler) {
  folder_.write("metadata.json",
                "{\"metric_names\": [\"loss\"], \"metric_mode\": \"max\", \"scheduler_name\": \"ASHA\", "
                "\"tuner_name\": \"mine\"}");
  const History history = read(Format::syne_tune, kSyneTune);
  EXPECT_EQ(history.objectives[0].direction, Direction::maximise);
  EXPECT_EQ(history.method, "ASHA");
  EXPECT_EQ(history.name, "mine");
  EXPECT_NE(
      refusal([&] { return read_syne_tune(folder_ / "results.csv.zip"); }).find("is packed: unpack it first"),
      std::string::npos);
}

TEST_F(TableHistories, SayWhatIsWrongAndWhere) {
  const auto csv = [&](const std::string& text, const ReadOptions& options = {}) {
    return message(Format::csv, text, options);
  };
  EXPECT_NE(csv("x,loss\n").find("t.csv:1: has a header but no rows"), std::string::npos);
  EXPECT_NE(csv("x,y\n1,2\n").find("no column is named like an objective"), std::string::npos);
  EXPECT_NE(csv("loss\n1\n").find("no column is left for a parameter"), std::string::npos);
  EXPECT_NE(csv("x,loss,state\n1,2,lost\n").find("t.csv:2: column 'state': 'lost' is no state"),
            std::string::npos);
  EXPECT_NE(csv("x,loss,start\n1,2,then\n").find("t.csv:2: column 'start': 'then' is no time"),
            std::string::npos);
  EXPECT_NE(csv("x,loss,duration\n1,2,-5\n").find("column 'duration': '-5' is no duration"),
            std::string::npos);
  EXPECT_NE(csv("x,loss,kwh\n1,2,-5\n").find("column 'kwh': '-5' is no number of at least 0"),
            std::string::npos);
  EXPECT_NE(csv("trial,epoch,x,loss\n0,1,1,1\n0,2,2,1\n").find("t.csv:3: column 'x': is not what it was"),
            std::string::npos);
  ReadOptions options;
  options.objectives = {parse_objective("los")};
  EXPECT_NE(csv("x,loss\n1,2\n", options).find("has no column 'los'. Did you mean loss?"), std::string::npos);
  options.objectives = {parse_objective("loss")};
  options.state = "loss";
  EXPECT_NE(csv("x,loss\n1,2\n", options).find("named for two things"), std::string::npos);
  options.state = "";
  options.domains = {parse_domain("x=5..9:int")};
  EXPECT_NE(csv("x,loss\n1,2\n", options).find("column 'x': '1' lies outside of what was told, 5 to 9"),
            std::string::npos);
  EXPECT_NE(message(Format::syne_tune, "x,loss\n1,2\n").find("is no results.csv of Syne Tune"),
            std::string::npos);
}

TEST(NamedThings, AreParsed) {
  EXPECT_EQ(parse_objective("val/acc:max").column, "val/acc");
  EXPECT_EQ(parse_objective("loss").direction, std::nullopt);
  EXPECT_NE(refusal([] { return parse_objective("loss:down"); }), "");
  EXPECT_NE(refusal([] { return parse_objective(":max"); }), "");
  const auto layers = parse_domain("layers=1..64:int:log");
  EXPECT_EQ(layers.first, "layers");
  EXPECT_EQ(std::get<Integer>(layers.second).scale, Scale::log);
  EXPECT_EQ(std::get<Categorical>(parse_domain("o={adam,sgd}").second).choices.size(), 2U);
  for (const char* bad : {"", "x", "x=", "=1..2", "x=2..1", "x=0..1:log", "x=0..1:cube", "x=0.5..1:int",
                          "x={}", "x={a,a}", "x=[1,,2]", "x=1..inf"})
    EXPECT_NE(refusal([&] { return parse_domain(bad); }), "") << bad;
  EXPECT_EQ(format_from_name("syne-tune"), Format::syne_tune);
  EXPECT_NE(refusal([] { return format_from_name("optun"); }).find("Did you mean optuna?"),
            std::string::npos);
}

// Whatever is cut off or changed: a history that holds together, or one sentence.
TEST_F(TableHistories, DamagedFilesAreReadOrRefused) {
  const std::pair<Format, std::string> files[] = {{Format::csv, kTrials}, {Format::syne_tune, kSyneTune}};
  const std::string bytes("\0\",\n;:-+eE.nai019\xff", 18);
  for (const auto& [format, text] : files)
    for (std::size_t i = 0; i < 300; ++i) {
      std::string damaged = text;
      if (i % 5 == 0) damaged.resize(text.size() * (i + 1) / 301);
      for (std::size_t j = 0; j < 1 + i % 6; ++j)
        if (!damaged.empty())
          damaged[(i * 104729 + j * 7919) % damaged.size()] = bytes[(i + j) % bytes.size()];
      const auto file = folder_.write("damaged.csv", damaged);
      const Format kind = format;
      const std::string what = refusal([&] {
        for (const History& history : read_history(file, kind)) expect_sound(history);
        return format_of(file);
      });
      EXPECT_EQ(what.find('\n'), std::string::npos);
    }
}

}  // namespace
}  // namespace tonne::histories::testing
