// The map of a space's domains has the bits of from_unit.

#include "search/strategies/sampling/unit_map.h"

#include <gtest/gtest.h>

#include <bit>
#include <vector>

#include "search/strategies/sampling/moves.h"

namespace tonne {
namespace {

SearchSpace space_with(bool conditions) {
  std::vector<Parameter> parameters = {
      {.name = "choice", .domain = Categorical{{"a", "b", "c"}}},
      {.name = "real", .domain = Real{-3.7, 11.3}},
      {.name = "log", .domain = Real{3e-7, 0.9, Scale::log}},
      {.name = "integer", .domain = Integer{-5, 1000}},
      {.name = "units", .domain = Integer{1, 1024, Scale::log}},
      {.name = "one", .domain = Integer{3, 3}},
      {.name = "wide", .domain = Integer{-(std::int64_t{1} << 53), std::int64_t{1} << 53}},
      {.name = "level", .domain = Ordinal{{"low", "middle", "high", "top"}}}};
  if (conditions)
    parameters.push_back({.name = "own", .domain = Real{0.0, 0.1}, .active_when = Condition{0, {1}}});
  return SearchSpace(std::move(parameters));
}

TEST(UnitMap, HasTheBitsOfFromUnit) {
  const SearchSpace space = space_with(false);
  const UnitMap map(space);
  Random random(1);
  std::vector<double> points = {0.0, 1.0, -0.5, 1.5, 0.5, 1.0 / 3.0, 0x1.fffffffffffffp-1, 0x1.0p-1074};
  for (int i = 0; i < 2000; ++i) points.push_back(random.uniform());
  for (const double u : points)
    for (std::size_t i = 0; i < space.size(); ++i)
      ASSERT_EQ(std::bit_cast<std::uint64_t>(map.value(i, u)),
                std::bit_cast<std::uint64_t>(from_unit(space[i].domain, u)))
          << space[i].name << " at " << u;
}

TEST(UnitMap, MakesTheSameConfigurations) {
  for (const bool conditions : {false, true}) {
    const SearchSpace space = space_with(conditions);
    const UnitMap map(space);
    Random random(2);
    std::vector<double> u(space.size());
    for (int i = 0; i < 200; ++i) {
      for (double& coordinate : u) coordinate = random.uniform();
      ASSERT_EQ(map.configuration(u.data()), configuration_at(space, u));
    }
  }
}

}  // namespace
}  // namespace tonne
