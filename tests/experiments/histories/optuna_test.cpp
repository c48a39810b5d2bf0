// Optuna's files: those that Debian's Optuna 3.1 writes here, and a journal as 4.x writes it. The latter,
// optuna_journal_4.log, was written by hand after optuna/storages/journal/_storage.py and _file.py of Optuna
// 4, which is not installed.

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include <cmath>
#include <map>

#include "core/units.h"
#include "tests/experiments/histories/histories_support.h"

namespace tonne::histories::testing {
namespace {

using tonne::testing::read_file;
using tonne::testing::TemporaryFolder;

const std::filesystem::path kHere = std::filesystem::path(TONNE_SOURCE_DIR) / "tests/experiments/histories";

std::map<std::string, History> by_name(std::vector<History> histories) {
  std::map<std::string, History> named;
  for (History& history : histories) named.emplace(history.name, std::move(history));
  return named;
}

ReadOptions with_energy() {
  ReadOptions options;
  options.energy_kwh = "energy_kwh";
  options.co2_kg = "co2";
  return options;
}

void expect_mixed(const History& history) {
  ASSERT_EQ(history.trials.size(), 60U);  // of 61: one waits
  EXPECT_TRUE(has_note(history, "enqueued"));
  const auto* rate = std::get_if<Real>(&domain_of(history, "rate"));
  ASSERT_NE(rate, nullptr);
  EXPECT_EQ(rate->low, 1e-5);
  EXPECT_EQ(rate->scale, Scale::log);
  const auto* units = std::get_if<Integer>(&domain_of(history, "units"));
  ASSERT_NE(units, nullptr);
  EXPECT_EQ(units->high, 512);
  EXPECT_EQ(units->scale, Scale::log);
  const auto* drop = std::get_if<Ordinal>(&domain_of(history, "drop"));
  ASSERT_NE(drop, nullptr);
  EXPECT_EQ(drop->levels, (std::vector<std::string>{"0", "0.1", "0.2", "0.3", "0.4", "0.5"}));
  const auto* batch = std::get_if<Ordinal>(&domain_of(history, "batch"));
  ASSERT_NE(batch, nullptr);
  EXPECT_EQ(batch->levels, (std::vector<std::string>{"32", "64", "96", "128"}));
  EXPECT_TRUE(std::holds_alternative<Integer>(domain_of(history, "wide")));
  EXPECT_TRUE(has_note(history, "The step of 'wide' is left out"));
  const auto* any = std::get_if<Categorical>(&domain_of(history, "any"));
  ASSERT_NE(any, nullptr);
  EXPECT_EQ(any->choices, (std::vector<std::string>{"None", "True", "1", "'1'", "0.5", "relu"}));
  EXPECT_EQ(condition_of(history, "model"), "");
  EXPECT_EQ(condition_of(history, "kernel"), "model is svm");
  EXPECT_EQ(condition_of(history, "degree"), "kernel is poly");
  EXPECT_EQ(condition_of(history, "layers"), "model is forest");
  EXPECT_EQ(condition_of(history, "units_2"), "layers is 3 4");
  EXPECT_EQ(condition_of(history, "later"), "uses later is yes");
  EXPECT_EQ(text_of(history, 29, "later"), "inactive");
  EXPECT_EQ(text_of(history, 30, "uses later"), "yes");
}

void expect_mixed_trials(const History& history) {
  const auto& trials = history.trials;
  EXPECT_EQ(trials[0].state, State::complete);
  EXPECT_EQ(trials[5].state, State::pruned);
  EXPECT_EQ(trials[8].state, State::failed);
  EXPECT_EQ(trials[9].state, State::failed);  // its value was not a number
  EXPECT_TRUE(trials[8].values.empty());
  EXPECT_EQ(trials[10].values, std::vector<double>{HUGE_VAL});
  EXPECT_EQ(trials[11].values, std::vector<double>{-HUGE_VAL});
  ASSERT_EQ(trials[3].reports.size(), 3U);
  EXPECT_EQ(trials[3].reports[1].value, HUGE_VAL);
  EXPECT_TRUE(std::isnan(trials[4].reports[2].value));
  EXPECT_EQ(trials[4].reports[2].step, 3.0);
  EXPECT_DOUBLE_EQ(trials[4].energy_j.value_or(0.0), 0.005 * kilowatt_hour / joule);
  EXPECT_EQ(trials[4].operational_kg, 0.5);
  EXPECT_TRUE(trials[0].start_s && trials[0].end_s && *trials[0].start_s < *trials[0].end_s);
}

// One test, since writing the files takes seconds.
TEST(OptunaFiles, HoldTheSameInBothStorages) {
  const TemporaryFolder folder;
  const std::string command = fmt::format("/usr/bin/python3 -W ignore '{}' '{}'",
                                          (kHere / "make_optuna_files.py").string(), folder.path().string());
  if (std::system("/usr/bin/python3 -c 'import optuna' 2>/dev/null") != 0)
    GTEST_SKIP() << "python3-optuna is not installed";
  ASSERT_EQ(std::system(command.c_str()), 0);
  const auto journal = by_name(read_optuna(folder / "journal.log", with_energy()));
  const auto sqlite = by_name(read_optuna(folder / "study.db", with_energy()));
  EXPECT_EQ(format_of(folder / "journal.log"), Format::optuna);
  EXPECT_EQ(format_of(folder / "study.db"), Format::optuna);
  ASSERT_EQ(sqlite.size(), 6U);
  ASSERT_EQ(journal.size(), 7U);  // "beyond" too; "empty" has no trials
  for (const auto& [name, history] : sqlite) {
    SCOPED_TRACE(name);
    expect_sound(history);
    expect_same(journal.at(name), history);
    EXPECT_EQ(history.source, "Optuna 3.1.0 SQLite storage, schema 12");
  }
  expect_mixed(sqlite.at("mixed"));
  expect_mixed_trials(sqlite.at("mixed"));

  const History& early = sqlite.at("early");
  EXPECT_EQ(early.objectives[0].direction, Direction::maximise);
  EXPECT_TRUE(early.trials[1].is_filled);
  EXPECT_FALSE(early.trials[0].is_filled);
  EXPECT_EQ(text_of(early, 1, "y"), "0.5");
  EXPECT_EQ(std::get<Real>(domain_of(sqlite.at("growing"), "x")).high, 3.0);
  EXPECT_TRUE(has_note(sqlite.at("growing"), "The range of 'x' changed"));
  const History& two = sqlite.at("two");
  ASSERT_EQ(two.objectives.size(), 2U);
  EXPECT_EQ(two.objectives[0].direction, Direction::maximise);
  EXPECT_EQ(two.objectives[1].direction, Direction::minimise);
  ASSERT_EQ(two.trials[0].constraints.size(), 2U);
  EXPECT_EQ(two.trials[0].constraints[1], -1.0);
  EXPECT_EQ(sqlite.at("asked").trials[0].state, State::running);
  EXPECT_FALSE(sqlite.at("asked").trials[0].end_s);
  EXPECT_EQ(sqlite.at("added").space[0].name, "z");  // the order in which it was given
  EXPECT_EQ(sqlite.at("added").trials[0].reports[1].step, 2.0);
  EXPECT_EQ(std::get<Real>(domain_of(journal.at("beyond"), "x")).high, 7.0);

  // One study by its name; a log beside the file is read; a wrong name.
  ReadOptions one;
  one.study = "two";
  EXPECT_EQ(read_optuna(folder / "study.db", one).size(), 1U);
  one.study = "tow";
  EXPECT_NE(refusal([&] { return read_optuna(folder / "study.db", one); }).find("Did you mean two?"),
            std::string::npos);
  {
    SQLite::Database writer((folder / "study.db").string(), SQLite::OPEN_READWRITE);
    writer.exec("PRAGMA journal_mode=WAL");
    writer.exec("UPDATE studies SET study_name = 'renamed' WHERE study_name = 'two'");
    EXPECT_EQ(by_name(read_optuna(folder / "study.db")).count("renamed"), 1U);
  }

  // Whatever is cut off or turned over: a history that holds together, or one sentence.
  const std::string whole = read_file(folder / "study.db");
  for (std::size_t i = 0; i < 40; ++i) {
    std::string damaged = whole;
    if (i % 4 == 0) damaged.resize(whole.size() * (i + 1) / 41);
    for (std::size_t j = 0; j < i; ++j)
      damaged[(j * 7919 + i * 104729 + 100) % damaged.size()] ^= static_cast<char>(1U << (i % 8));
    const auto file = folder.write("damaged.db", damaged);
    const std::string message = refusal([&] {
      for (const History& history : read_history(file, Format::optuna)) expect_sound(history);
      return 0;
    });
    EXPECT_EQ(message.find('\n'), std::string::npos);
  }
}

TEST(OptunaJournal, OfVersion4IsRead) {
  ReadOptions options;
  options.energy_kwh = "kwh";
  options.time_zone = "Europe/Berlin";
  const auto histories = read_optuna(kHere / "optuna_journal_4.log", options);
  ASSERT_EQ(histories.size(), 1U);
  const History& history = histories[0];
  expect_sound(history);
  EXPECT_EQ(history.name, "digits");
  EXPECT_EQ(history.objectives[0].name, "accuracy");
  EXPECT_EQ(history.objectives[0].direction, Direction::maximise);
  EXPECT_EQ(history.time_zone, "Europe/Berlin, as told");
  ASSERT_EQ(history.trials.size(), 2U);
  EXPECT_EQ(history.trials[0].start_s, 1719820800.0);  // 08:00 UTC
  EXPECT_EQ(history.trials[0].end_s, 1719822600.0);
  EXPECT_EQ(text_of(history, 0, "kind"), "relu");
  EXPECT_TRUE(std::isnan(history.trials[0].reports[0].value));
  EXPECT_EQ(history.trials[0].reports[1].value, -HUGE_VAL);
  EXPECT_EQ(history.trials[0].constraints,
            (std::vector<double>{-0.5, 2.0}));  // the later line comes after the trial's end
  EXPECT_DOUBLE_EQ(history.trials[0].energy_j.value_or(0.0), 0.25 * kilowatt_hour / joule);
  EXPECT_EQ(history.trials[1].state, State::failed);
  EXPECT_EQ(history.trials[1].start_s, 1719821100.0);  // the second worker came too late
  EXPECT_TRUE(history.trials[1].is_filled);
}

TEST(OptunaJournal, CutWithinItsLastLineIsReadWithoutIt) {
  const TemporaryFolder folder;
  const std::string whole = read_file(kHere / "optuna_journal_4.log");
  const std::size_t keep = whole.find("\"param_name\":\"kind\"");
  const auto histories = read_optuna(folder.write("j.log", whole.substr(0, keep)));
  ASSERT_EQ(histories.size(), 1U);
  EXPECT_TRUE(has_note(histories[0], "The last line, 5, is not whole"));
  EXPECT_EQ(histories[0].trials.size(), 1U);
}

TEST(OptunaJournal, SaysWhatIsWrongAndWhere) {
  const TemporaryFolder folder;
  const std::string head =
      "{\"op_code\": 0, \"worker_id\": \"w\", \"study_name\": \"s\", \"directions\": [1]}\n";
  const auto message = [&](const std::string& lines) {
    return refusal([&] { return read_optuna(folder.write("j.log", head + lines)); });
  };
  const std::string create =
      "{\"op_code\": 4, \"worker_id\": \"w\", \"study_id\": 0, \"datetime_start\": "
      "\"2024-01-01T00:00:00\"}\n";
  const auto set = [](const std::string& distribution) {
    return "{\"op_code\": 5, \"worker_id\": \"w\", \"trial_id\": 0, \"param_name\": \"x\", "
           "\"param_value_internal\": 1, \"distribution\": \"" +
           distribution + "\"}\n";
  };
  EXPECT_NE(message("{\"op_code\": 4, NaN, ]\n" + create).find("j.log:2:"), std::string::npos);
  EXPECT_NE(message("{\"op_code\": 77}\n").find("j.log:2: 77 is no operation"), std::string::npos);
  EXPECT_NE(message("{\"op_code\": 4}\n").find("lacks 'study_id'"), std::string::npos);
  EXPECT_NE(message(create + set("{}")).find("j.log:3: a distribution is not as Optuna writes it"),
            std::string::npos);
  EXPECT_NE(message(create + set("{\\\"name\\\": \\\"FloatDistribution\\\", \\\"attributes\\\": "
                                 "{\\\"low\\\": 2, \\\"high\\\": 1}}"))
                .find("'low' is above"),
            std::string::npos);
  EXPECT_NE(
      message(
          create +
          set("{\\\"name\\\": \\\"CategoricalDistribution\\\", \\\"attributes\\\": {\\\"choices\\\": [1]}}"))
          .find("choice number 1"),
      std::string::npos);
  EXPECT_NE(message("").find("has no trials"), std::string::npos);
  EXPECT_NE(message(create).find("have no parameters"), std::string::npos);
  EXPECT_NE(
      message("{\"op_code\": 4, \"study_id\": 0, \"datetime_start\": \"yesterday\"}\n").find("is no time"),
      std::string::npos);
  EXPECT_NE(message(std::string(100, '[') + "\n" + create).find("deep"), std::string::npos);
  ReadOptions options;
  options.time_zone = "CET";
  EXPECT_NE(refusal([&] {
              return read_optuna(kHere / "optuna_journal_4.log", options);
            }).find("the time zone 'CET' is not a time zone"),
            std::string::npos);
}

TEST(OptunaJournal, OldDistributionsAreRead) {
  const TemporaryFolder folder;
  std::string text =
      "{\"op_code\": 0, \"worker_id\": \"w\", \"study_name\": \"s\", \"directions\": [1]}\n"
      "{\"op_code\": 4, \"worker_id\": \"w\", \"study_id\": 0, \"datetime_start\": "
      "\"2024-01-01T00:00:00\"}\n";
  const auto add = [&](const char* name, double value, const std::string& kind,
                       const std::string& attributes) {
    text += fmt::format(
        R"({{"op_code": 5, "worker_id": "w", "trial_id": 0, "param_name": "{}", "param_value_internal": {}, "distribution": )"
        R"("{{\"name\": \"{}\", \"attributes\": {{{}}}}}"}})"
        "\n",
        name, value, kind, attributes);
  };
  const std::string bounds = R"(\"low\": 1, \"high\": 9)";
  add("a", 2, "UniformDistribution", bounds);
  add("b", 2, "LogUniformDistribution", bounds);
  add("c", 3, "DiscreteUniformDistribution", bounds + R"(, \"q\": 2)");
  add("d", 3, "IntUniformDistribution", bounds + R"(, \"step\": 1)");
  add("e", 3, "IntLogUniformDistribution", bounds + R"(, \"step\": 1)");
  add("f", 4, "FloatDistribution", R"(\"low\": 4, \"high\": 4, \"log\": false, \"step\": null)");
  text +=
      "{\"op_code\": 6, \"worker_id\": \"w\", \"trial_id\": 0, \"state\": 1, \"values\": [1.0], "
      "\"datetime_complete\": \"2024-01-01T00:00:09\"}\n";
  const History history = read_optuna(folder.write("j.log", text)).at(0);
  expect_sound(history);
  EXPECT_EQ(std::get<Real>(domain_of(history, "a")).scale, Scale::linear);
  EXPECT_EQ(std::get<Real>(domain_of(history, "b")).scale, Scale::log);
  EXPECT_EQ(std::get<Ordinal>(domain_of(history, "c")).levels.size(), 5U);
  EXPECT_EQ(text_of(history, 0, "c"), "3");
  EXPECT_EQ(std::get<Integer>(domain_of(history, "d")).scale, Scale::linear);
  EXPECT_EQ(std::get<Integer>(domain_of(history, "e")).scale, Scale::log);
  EXPECT_EQ(std::get<Ordinal>(domain_of(history, "f")).levels, std::vector<std::string>{"4"});
}

// The tables of a storage, by hand.
class OptunaSqlite : public ::testing::Test {
 protected:
  [[nodiscard]] std::string file() const { return (folder_ / "study.db").string(); }
  void execute(const std::string& statements) const {
    SQLite::Database(file(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE).exec(statements);
  }
  // As Optuna 1.x had it: one direction, one value, steps in trial_values.
  void make_old() const {
    execute(
        "CREATE TABLE studies (study_id INTEGER PRIMARY KEY, study_name TEXT, direction TEXT);"
        "INSERT INTO studies VALUES (1, 'old', 'MAXIMIZE');"
        "CREATE TABLE trials (trial_id INTEGER PRIMARY KEY, study_id INTEGER, state TEXT, value FLOAT, "
        "datetime_start TEXT, datetime_complete TEXT);"
        "INSERT INTO trials VALUES (5, 1, 'COMPLETE', 0.75, '2019-01-01 00:00:00', '2019-01-01 "
        "00:01:00.500000');"
        "CREATE TABLE trial_params (param_id INTEGER PRIMARY KEY, trial_id INTEGER, param_name TEXT, "
        "param_value FLOAT, distribution_json TEXT);"
        "INSERT INTO trial_params VALUES (1, 5, 'x', 0.5, '{\"name\": \"UniformDistribution\", "
        "\"attributes\": {\"low\": 0, \"high\": 1}}');"
        "CREATE TABLE trial_values (trial_value_id INTEGER PRIMARY KEY, trial_id INTEGER, step INTEGER, "
        "value FLOAT);"
        "INSERT INTO trial_values VALUES (1, 5, 10, 0.5), (2, 5, 20, NULL);");
  }
  [[nodiscard]] std::string message() const {
    return refusal([&] { return read_optuna(file()); });
  }

  TemporaryFolder folder_;
};

TEST_F(OptunaSqlite, OldSchemasAreRead) {
  make_old();
  const History history = read_optuna(file()).at(0);
  expect_sound(history);
  EXPECT_EQ(history.objectives[0].direction, Direction::maximise);
  EXPECT_EQ(history.trials.at(0).values, std::vector<double>{0.75});
  EXPECT_EQ(history.trials[0].end_s, 1546300860.5);
  ASSERT_EQ(history.trials[0].reports.size(), 2U);
  EXPECT_TRUE(std::isnan(history.trials[0].reports[1].value));
}

TEST_F(OptunaSqlite, NothingComputedIsRead) {
  make_old();
  execute("ALTER TABLE trial_params RENAME TO hidden; CREATE VIEW trial_params AS SELECT * FROM hidden");
  EXPECT_NE(message().find("'trial_params' is no plain table"), std::string::npos) << message();
}

TEST_F(OptunaSqlite, SaysWhatIsWrongAndWhere) {
  make_old();
  execute("UPDATE trials SET state = 'LOST'");
  EXPECT_NE(message().find("study.db: table trials, row 5: 'LOST' is no state"), std::string::npos)
      << message();
  execute("UPDATE trials SET state = 'COMPLETE'; UPDATE trial_params SET param_value = 'much'");
  EXPECT_NE(message().find("table trial_params, row 1: column 'param_value' holds no number"),
            std::string::npos)
      << message();
  execute("DROP TABLE trial_params");
  EXPECT_NE(message().find("no storage of Optuna"), std::string::npos) << message();
  EXPECT_NE(
      refusal([&] { return read_optuna(folder_.write("x.db", "SQLite format 3" + std::string(200, '\0'))); }),
      "");
  EXPECT_NE(refusal([&] { return read_optuna(folder_ / "none.db"); }).find("no such file"),
            std::string::npos);
}

TEST_F(OptunaSqlite, NothingIsWrittenBesideIt) {
  make_old();
  execute("PRAGMA journal_mode=WAL");
  ASSERT_EQ(read_optuna(file()).size(), 1U);
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path()))
    files += entry.is_regular_file() ? 1U : 0U;
  EXPECT_EQ(files, 1U);
}

}  // namespace
}  // namespace tonne::histories::testing
