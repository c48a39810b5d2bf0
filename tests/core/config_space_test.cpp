#include "core/config_space.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/json.h"
#include "core/search_space.h"

namespace tonne {
namespace {

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

}  // namespace
}  // namespace tonne
