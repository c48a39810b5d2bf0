#include "experiments/results/stored_space.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "core/random.h"
#include "experiments/plan/experiment.h"
#include "experiments/plan/experiment_file.h"
#include "experiments/results/store.h"

namespace tonne {
namespace {

namespace fs = std::filesystem;

// A conditional space with every kind of domain comes back as it went in: so do its configurations.
TEST(StoredSpace, ComesBackWithDomainsConditionsAndDefaults) {
  const fs::path folder = fs::temp_directory_path() / ("tonne-space-" + std::to_string(getpid()));
  const Experiment experiment = parse_experiment(
      "problems: [hpo: {space: conditional}, pipeline, function: {function: branin}, compiler_schedule]\nstrategies: "
      "random\n"
      "budget: {evaluations: 1}\nname: spaces\n",
      "test", ".");
  {
    const Store store = Store::create(folder, experiment, {});
    for (std::size_t p = 0; p < experiment.problems.size(); ++p) {
      const SearchSpace& space = experiment.problems[p].problem->space();
      const SearchSpace stored = store.space(p);
      ASSERT_EQ(stored.size(), space.size());
      EXPECT_EQ(stored.default_configuration(), space.default_configuration());
      Random random = Random(7).child("stored");
      for (int k = 0; k < 200; ++k) {
        const Configuration configuration = space.sample(random);
        EXPECT_TRUE(stored.contains(configuration));
        EXPECT_EQ(decode_configuration(encode_configuration(configuration), stored), configuration);
        for (std::size_t i = 0; i < space.size(); ++i)
          EXPECT_EQ(to_unit(stored[i].domain, configuration[i]), to_unit(space[i].domain, configuration[i]));
      }
    }
    const SearchSpace branin = store.space(2);
    for (const char* damaged : {"", "[]", "[1]", "[1,2,3]", "[1,x]", "[1,1e9]", "[1,2", "[,]", "[1,nan]"})
      EXPECT_THROW((void)decode_configuration(damaged, branin), StoreError) << damaged;
  }
  fs::remove_all(folder);
}

// Bytes of trials.csv hang on it.
TEST(StoredSpace, WritesWholeNumbersWithoutAnExponent) {
  EXPECT_EQ(encode_number(100'000.0), "100000");
  EXPECT_EQ(encode_number(-3.0), "-3");
  EXPECT_EQ(encode_number(0.1), "0.1");
  EXPECT_EQ(encode_number(1e-5), "1e-05");
  EXPECT_EQ(encode_number(1e20), "1e+20");
}

}  // namespace
}  // namespace tonne
