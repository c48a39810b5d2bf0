#include "core/config_space.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/error.h"
#include "core/json.h"
#include "core/search_space.h"

namespace tonne {
namespace {

using ::testing::HasSubstr;

Json exported() {
  const SearchSpace space({{"model", Categorical{{"svm", "tree", "mlp"}}},
                           {"rate", Real{1e-4, 0.1, Scale::log}, Condition{0, {2}}},
                           {"depth", Ordinal{{"2", "4", "8"}}, Condition{0, {0, 1}}, 2.0},
                           {"units", Integer{1, 9}},
                           {"fixed", Integer{3, 3}},
                           {"solver", Categorical{{"adam", "sgd", "lbfgs"}}, Condition{0, {2}}}});
  return config_space_json(space, space.default_configuration(), "mine");
}

TEST(ConfigSpace, WritesEachDomainAsConfigSpaceReadsIt) {
  const Json json = exported();
  EXPECT_EQ(json["name"], "mine");
  EXPECT_EQ(json["format_version"], 0.4);
  const Json& parameters = json["hyperparameters"];
  ASSERT_EQ(parameters.size(), 6U);
  EXPECT_EQ(json_line(parameters[0]),
            R"({"name":"model","type":"categorical","choices":["svm","tree","mlp"],"default_value":"svm","weights":null})");
  EXPECT_EQ(parameters[1]["type"], "uniform_float");
  EXPECT_EQ(parameters[1]["log"], true);
  EXPECT_EQ(parameters[1]["lower"], 1e-4);
  EXPECT_EQ(parameters[1]["upper"], 0.1);
  EXPECT_EQ(json_line(parameters[2]), R"({"name":"depth","type":"ordinal","sequence":["2","4","8"],"default_value":"8"})");
  EXPECT_EQ(json_line(parameters[3]), R"({"name":"units","type":"uniform_int","log":false,"lower":1,"upper":9,"default_value":5})");
  EXPECT_EQ(json_line(parameters[4]), R"({"name":"fixed","type":"constant","value":3})");
  EXPECT_EQ(parameters[5]["default_value"], "adam") << "inactive by default: the first choice";
}

TEST(ConfigSpace, WritesConditions) {
  const Json conditions = exported()["conditions"];
  ASSERT_EQ(conditions.size(), 3U);
  EXPECT_EQ(json_line(conditions[0]), R"({"child":"rate","parent":"model","type":"EQ","value":"mlp"})");
  EXPECT_EQ(json_line(conditions[1]), R"({"child":"depth","parent":"model","type":"IN","values":["svm","tree"]})");
}

std::string refusal(const std::string& text) {
  try {
    (void)read_config_space(text, "space.json");
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

std::string with(const std::string& parameters, const std::string& conditions = "[]") {
  return R"({"hyperparameters": [)" + parameters + R"(], "conditions": )" + conditions + R"(, "forbiddens": []})";
}

TEST(ConfigSpace, ReadsWhatItWrites) {
  const SearchSpace again = read_config_space(json_document(exported()), "mine.json").space;
  EXPECT_EQ(config_space_json(again, again.default_configuration(), "mine")["conditions"], exported()["conditions"]);
  ASSERT_EQ(again.size(), 6U);
  EXPECT_EQ(std::get<Real>(again[1].domain).scale, Scale::log);
  EXPECT_EQ(std::get<Integer>(again[3].domain).high, 9);
  EXPECT_EQ(std::get<Categorical>(again[4].domain).choices, std::vector<std::string>{"3"}) << "a constant";
}

TEST(ConfigSpace, ReadsOldFormsStepsAndWhatItTells) {
  const auto read = read_config_space(
      R"({"hyperparameters": [
        {"name": "b", "type": "uniform_float", "lower": 0.0, "upper": 0.3, "log": false, "q": 0.1, "default": 0.1},
        {"name": "momentum", "type": "normal_float", "mu": 0.5, "sigma": 0.1, "lower": 0, "upper": 1, "q": null, "log": false, "default": 0.5},
        {"name": "on", "type": "categorical", "choices": [true, null, 16], "weights": [1, 2, 3], "default": true}],
       "conditions": [{"child": "momentum", "parent": "on", "type": "NEQ", "value": null}],
       "forbiddens": [{"name": "b", "value": 0.1, "type": "EQUALS", "clause": "EQ"}], "python_module_version": "0.4.19", "json_format_version": 0.2})",
      "old.json");
  ASSERT_EQ(read.space.size(), 3U);
  EXPECT_EQ(std::get<Ordinal>(read.space[0].domain).levels, (std::vector<std::string>{"0", "0.1", "0.2", "0.3"}));
  EXPECT_EQ(read.space[1].name, "on") << "parents first";
  EXPECT_EQ(std::get<Categorical>(read.space[1].domain).choices, (std::vector<std::string>{"True", "None", "16"}));
  EXPECT_EQ(read.space[2].active_when.value().choices, (std::vector<std::size_t>{0, 2}));
  EXPECT_EQ(read.notes.size(), 3U);
}

TEST(ConfigSpace, RefusesWhatItCannotSay) {
  EXPECT_THAT(refusal("{"), HasSubstr("space.json: is no JSON"));
  EXPECT_THAT(refusal("[]"), HasSubstr("no list of hyperparameters"));
  EXPECT_THAT(refusal(with(R"({"name": "x", "type": "uniform_float", "lower": 1, "upper": 0})")), HasSubstr("hyperparameters.x: has bounds that are no range"));
  EXPECT_THAT(refusal(with(R"({"name": "x", "type": "normal_float", "mu": 1, "sigma": 1})")), HasSubstr("no number as lower"));
  EXPECT_THAT(refusal(with(R"({"name": "x", "type": "poisson"})")), HasSubstr("'poisson', which is not known"));
  const std::string two = R"({"name": "x", "type": "categorical", "choices": [1, 2]}, {"name": "y", "type": "categorical", "choices": [1, 2]})";
  EXPECT_THAT(refusal(with(two, R"([{"child": "y", "parent": "x", "type": "GT", "value": 1}])")), HasSubstr("expected EQ, NEQ or IN"));
  EXPECT_THAT(refusal(with(two, R"([{"child": "y", "type": "AND", "conditions": []}])")), HasSubstr("conditions.y: is of type AND"));
  EXPECT_THAT(refusal(with(two, R"([{"child": "y", "parent": "x", "type": "EQ", "value": 3}])")), HasSubstr("names '3'"));
  EXPECT_THAT(refusal(with(two, R"([{"child": "y", "parent": "x", "type": "EQ", "value": 1}, {"child": "x", "parent": "y", "type": "EQ", "value": 1}])")),
              HasSubstr("circle"));
  for (const char* text : {R"({"hyperparameters": [3]})", R"({"hyperparameters": [{"name": 3}]})", R"({"hyperparameters": [{"name": "a", "type": "categorical", "choices": [[]]}]})",
                           R"({"hyperparameters": [{"name": "a", "type": "uniform_int", "lower": 0, "upper": 1e300}]})", R"({"hyperparameters": [{"name": "a", "type": "uniform_float", "lower": 0, "upper": 1, "q": -1}]})"})
    EXPECT_NE(refusal(text), "") << text;
}

}  // namespace
}  // namespace tonne
