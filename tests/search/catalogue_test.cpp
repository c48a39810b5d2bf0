// Strategies and problems that other programs add to the catalogue.

#include "search/catalogue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>
#include <string_view>

namespace tonne {
namespace {

std::unique_ptr<StrategyRecipe> like_the_first() { return strategy_catalogue().front().make(); }

CatalogueEntry<StrategyRecipe> entry(std::string_view name) { return {name, "what it does", "where it is from", like_the_first}; }

// In processes of their own: what is added stays.
TEST(CatalogueDeathTest, AnAddedStrategyIsTheLast) {
  const auto add = [] {
    const std::size_t before = strategy_catalogue().size();
    add_to_catalogue(entry("climber_2"));
    const auto after = strategy_catalogue();
    return after.size() == before + 1 && after.front().name == "random" && after.back().name == "climber_2" &&
           after.back().make() != nullptr;
  };
  EXPECT_EXIT(std::exit(add() ? 7 : 1), ::testing::ExitedWithCode(7), "");
}

TEST(CatalogueDeathTest, AnAddedProblemIsTheLast) {
  const auto add = [] {
    add_to_catalogue(CatalogueEntry<ProblemRecipe>{"hills", "", "", problem_catalogue().front().make});
    return problem_catalogue().back().name == "hills";
  };
  EXPECT_EXIT(std::exit(add() ? 7 : 1), ::testing::ExitedWithCode(7), "");
}

TEST(Catalogue, NamesThatAreTakenOrNoNamesAreRefused) {
  const std::size_t before = strategy_catalogue().size();
  for (const std::string_view name : {"random", "", "Climber", "1st", "my-climber", "two words"})
    EXPECT_THROW(add_to_catalogue(entry(name)), std::invalid_argument) << name;
  EXPECT_EQ(strategy_catalogue().size(), before);
}

}  // namespace
}  // namespace tonne
