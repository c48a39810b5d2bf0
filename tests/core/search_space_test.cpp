#include "core/search_space.h"

#include <gtest/gtest.h>
// RapidCheck needs GoogleTest before it.
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <stdexcept>
#include <string>

namespace tonne {
namespace {

std::vector<std::string> names(std::uint64_t count) {
  std::vector<std::string> all;
  for (std::uint64_t i = 0; i < count; ++i) all.push_back("c" + std::to_string(i));
  return all;
}

Domain random_domain(Random& random, bool discrete) {
  // Half of the domains have choices, on which others can depend.
  const std::uint64_t kind = random.bernoulli(0.5) ? random.below(2) : 2 + random.below(discrete ? 2 : 4);
  const std::uint64_t count = 1 + random.below(discrete ? 3 : 6);
  const auto low = static_cast<std::int64_t>(random.below(2000)) - 1000;
  const auto span = static_cast<std::int64_t>(count - 1);
  switch (kind) {
    case 0:
      return Categorical{names(count)};
    case 1:
      return Ordinal{names(count)};
    case 2:
      return Integer{low, low + span};
    case 3:
      return Integer{1 + std::abs(low), 1 + std::abs(low) + span, Scale::log};
    case 4: {
      const double from = random.uniform(-5.0, 5.0);
      return Real{from, from + random.uniform(0.1, 10.0)};
    }
    default: {
      const double from = std::pow(10.0, random.uniform(-6.0, 2.0));
      return Real{from, from * random.uniform(1.1, 1e4), Scale::log};
    }
  }
}

std::uint64_t choices_of(const Domain& domain) {
  const bool has_choices =
      std::holds_alternative<Categorical>(domain) || std::holds_alternative<Ordinal>(domain);
  return has_choices ? cardinality(domain).value() : 0;
}

// A random space: parameters that can have a condition mostly have one, so they nest.
SearchSpace random_space(Random& random, bool discrete, std::uint64_t most) {
  std::vector<Parameter> parameters;
  std::vector<std::size_t> parents;
  const std::uint64_t size = 1 + random.below(most);
  for (std::uint64_t i = 0; i < size; ++i) {
    Parameter parameter{"p" + std::to_string(i), random_domain(random, discrete)};
    if (random.bernoulli(0.3)) parameter.default_value = sample(parameter.domain, random);
    if (!parents.empty() && random.bernoulli(0.7)) {
      Condition condition{parents[random.below(parents.size())], {}};
      const std::uint64_t choices = choices_of(parameters[condition.parent].domain);
      for (std::uint64_t n = 1 + random.below(choices); n > 0; --n)
        condition.choices.push_back(random.below(choices));  // a choice may stand twice
      parameter.active_when = condition;
    }
    if (choices_of(parameter.domain) > 0) parents.push_back(i);
    parameters.push_back(parameter);
  }
  return SearchSpace(std::move(parameters));
}

// The rule of conditions, told a second time.
bool conditions_hold(const SearchSpace& space, const Configuration& configuration) {
  for (std::size_t i = 0; i < space.size(); ++i) {
    bool active = true;
    for (const auto* condition = &space[i].active_when; *condition;
         condition = &space[(*condition)->parent].active_when) {
      const std::vector<std::size_t>& choices = (*condition)->choices;
      const double value = configuration[(*condition)->parent];
      active = active && std::count(choices.begin(), choices.end(), static_cast<std::size_t>(value)) > 0;
    }
    if (configuration.is_active(i) != active) return false;
  }
  return true;
}

bool can_change(const SearchSpace& space, const Configuration& configuration, std::size_t i) {
  return configuration.is_active(i) && cardinality(space[i].domain).value_or(2) > 1;
}

RC_GTEST_PROP(SearchSpaceProperty, SamplesAndTheDefaultAreContained, (std::uint64_t seed)) {
  Random random(seed);
  const SearchSpace space = random_space(random, false, 12);
  RC_ASSERT(space.contains(space.default_configuration()));
  for (int i = 0; i < 20; ++i) {
    const Configuration drawn = space.sample(random);
    RC_ASSERT(space.contains(drawn));
    RC_ASSERT(conditions_hold(space, drawn));
  }
}

RC_GTEST_PROP(SearchSpaceProperty, ASampleIsADrawOfEachDomainInTheirOrder, (std::uint64_t seed)) {
  Random random(seed);
  const SearchSpace space = random_space(random, false, 12);
  for (int n = 0; n < 20; ++n) {
    Random again = random;
    const Configuration drawn = space.sample(random);
    for (std::size_t i = 0; i < space.size(); ++i)
      if (drawn.is_active(i)) RC_ASSERT(drawn[i] == sample(space[i].domain, again));
    RC_ASSERT(Random(random).next() == again.next());
  }
}

RC_GTEST_PROP(SearchSpaceProperty, AMutationChangesOneActiveParameter, (std::uint64_t seed)) {
  Random random(seed);
  const SearchSpace space = random_space(random, false, 12);
  for (int n = 0; n < 20; ++n) {
    const Configuration parent = space.sample(random);
    const Configuration child = space.mutate(parent, random);
    RC_ASSERT(space.contains(child));
    int candidates = 0;
    int changed = 0;
    for (std::size_t i = 0; i < space.size(); ++i) {
      candidates += can_change(space, parent, i) ? 1 : 0;
      // What fell inactive or became active was repaired: contains() has checked that it had to.
      if (!parent.is_active(i) || !child.is_active(i) || parent[i] == child[i]) continue;
      RC_ASSERT(can_change(space, parent, i));
      ++changed;
    }
    RC_ASSERT(changed == (candidates > 0 ? 1 : 0));
    RC_ASSERT((child == parent) == (candidates == 0));
  }
}

RC_GTEST_PROP(SearchSpaceProperty, MixturesAreRepaired, (std::uint64_t seed)) {
  Random random(seed);
  const SearchSpace space = random_space(random, false, 12);
  for (int n = 0; n < 20; ++n) {
    const Configuration a = space.sample(random);
    Configuration mixed = a;
    const Configuration b = space.sample(random);
    for (std::size_t i = 0; i < space.size(); ++i) {
      if (random.bernoulli(0.5)) continue;
      b.is_active(i) ? mixed.set(i, b[i]) : mixed.deactivate(i);
    }
    const Configuration before = mixed;
    space.repair(mixed, random);
    RC_ASSERT(space.contains(mixed));
    for (std::size_t i = 0; i < space.size(); ++i)
      if (mixed.is_active(i) && before.is_active(i)) RC_ASSERT(mixed[i] == before[i]);
    Configuration whole = a;
    space.repair(whole, random);
    RC_ASSERT(whole == a);
  }
}

RC_GTEST_PROP(SearchSpaceProperty, UnitPositionsRoundTrip, (std::uint64_t seed)) {
  Random random(seed);
  const Domain domain = random_domain(random, false);
  for (int n = 0; n < 50; ++n) {
    double value = sample(domain, random);
    if (const auto count = cardinality(domain)) {  // every value in turn
      const auto* integer = std::get_if<Integer>(&domain);
      value = static_cast<double>(static_cast<std::uint64_t>(n) % *count) +
              (integer ? static_cast<double>(integer->low) : 0.0);
    }
    RC_ASSERT(contains(domain, value));
    const double u = to_unit(domain, value);
    RC_ASSERT(0.0 <= u && u <= 1.0);
    const double back = from_unit(domain, u);
    if (is_discrete(domain)) {
      RC_ASSERT(back == value);
    } else {
      RC_ASSERT(std::abs(back - value) <= 1e-12 * (std::abs(value) + 10.0));
    }
    const double anywhere = random.uniform(-0.5, 1.5);
    RC_ASSERT(contains(domain, from_unit(domain, anywhere)));
    const double further = random.uniform(anywhere, 1.5);
    RC_ASSERT(from_unit(domain, anywhere) <= from_unit(domain, further));
  }
}

// Number of ways to complete a configuration from parameter i on, by trying all; the digests of what comes
// out.
void enumerate(const SearchSpace& space, std::size_t i, const Configuration& so_far,
               std::set<std::uint64_t>& found) {
  if (i == space.size()) {
    found.insert(so_far.digest());
    return;
  }
  if (!space.should_be_active(i, so_far)) return enumerate(space, i + 1, so_far, found);
  const auto* integer = std::get_if<Integer>(&space[i].domain);
  for (std::uint64_t v = 0; v < cardinality(space[i].domain).value(); ++v) {
    Configuration next = so_far;
    next.set(i, static_cast<double>(v) + (integer ? static_cast<double>(integer->low) : 0.0));
    enumerate(space, i + 1, next, found);
  }
}

RC_GTEST_PROP(SearchSpaceProperty, CardinalityIsTheNumberOfConfigurations, (std::uint64_t seed)) {
  Random random(seed);
  const SearchSpace space = random_space(random, true, 6);
  std::set<std::uint64_t> found;
  enumerate(space, 0, Configuration(space.size()), found);
  RC_ASSERT(space.cardinality().has_value());
  RC_ASSERT(*space.cardinality() == static_cast<double>(found.size()));
}

SearchSpace optimisers() {
  return SearchSpace({{"optimiser", Categorical{{"sgd", "adam"}}},
                      {"momentum", Ordinal{{"none", "low", "high"}}, Condition{0, {0}}, 2.0},
                      {"nesterov", Categorical{{"no", "yes"}}, Condition{1, {1, 2}}},
                      {"rate", Real{1e-4, 1.0, Scale::log}},
                      {"layers", Integer{2, 9}}});
}

TEST(SearchSpace, CountsByHand) {
  EXPECT_EQ(optimisers().cardinality(), std::nullopt);
  const SearchSpace finite({{"a", Categorical{{"x", "y"}}},
                            {"b", Integer{1, 10}, Condition{0, {1}}},
                            {"c", Ordinal{{"s", "m", "l"}}}});
  EXPECT_EQ(finite.cardinality(), (1.0 + 10.0) * 3.0);
  EXPECT_EQ(SearchSpace().cardinality(), 1.0);
  EXPECT_EQ(cardinality(Domain(Integer{-5, 5})), 11U);
  EXPECT_EQ(cardinality(Domain(Real{})), std::nullopt);
}

TEST(SearchSpace, TheDefaultIsTheMiddleUnlessGiven) {
  const SearchSpace space = optimisers();
  const Configuration c = space.default_configuration();
  EXPECT_EQ(space.describe(c).substr(0, 43), "optimiser=sgd, momentum=high, nesterov=no, ");
  EXPECT_NEAR(c[3], 1e-2, 1e-15);
  EXPECT_EQ(c[4], 6.0);
  EXPECT_EQ(space.value_text(3, 0.1), "0.1");
  EXPECT_EQ(space.value_text(4, 7.0), "7");
  EXPECT_EQ(space.find("rate"), 3U);
  EXPECT_EQ(space.find("Rate"), std::nullopt);
  EXPECT_TRUE(space.has_conditions());
}

TEST(SearchSpace, ContainsOnlyWhatFits) {
  const SearchSpace space = optimisers();
  const Configuration good = space.default_configuration();
  const auto with = [&](std::size_t i, double value) {
    Configuration c = good;
    c.set(i, value);
    return space.contains(c);
  };
  EXPECT_TRUE(space.contains(good));
  EXPECT_FALSE(space.contains(Configuration(4)));
  EXPECT_FALSE(space.contains(Configuration(5)));
  EXPECT_FALSE(with(0, 1.0));  // momentum would have to be inactive
  EXPECT_FALSE(with(1, 0.0));  // nesterov likewise
  EXPECT_TRUE(with(1, 1.0));
  EXPECT_FALSE(with(1, 3.0));
  EXPECT_FALSE(with(3, 1.0000001));
  EXPECT_TRUE(with(3, 1e-4));
  EXPECT_FALSE(with(3, std::nan("")));
  EXPECT_FALSE(with(4, 2.5));
  EXPECT_FALSE(with(4, 1.0));
  Configuration missing = good;
  missing.deactivate(3);
  EXPECT_FALSE(space.contains(missing));
}

TEST(SearchSpace, HugeIntegersStayExact) {
  constexpr std::int64_t edge = std::int64_t{1} << 53;
  const SearchSpace space({{"n", Integer{-edge, edge}}});
  Random random(3);
  for (int i = 0; i < 1000; ++i) {
    const Configuration c = space.sample(random);
    EXPECT_TRUE(space.contains(c));
    EXPECT_TRUE(space.contains(space.mutate(c, random)));
  }
}

// 12,000 draws of six values: chi-square with five degrees of freedom exceeds 30.86 by chance in 1e-5.
TEST(SearchSpace, DrawsAreUniform) {
  const std::vector<Domain> domains = {Categorical{names(6)}, Ordinal{names(6)}, Integer{0, 5},
                                       Real{0.0, 6.0}, Real{1.0, 64.0, Scale::log}};
  Random random(4);
  for (const Domain& domain : domains) {
    std::array<int, 6> counts{};
    for (int i = 0; i < 12'000; ++i) {
      const double value = sample(domain, random);
      const bool log = domain.index() == 0 && std::get<Real>(domain).scale == Scale::log;
      ++counts[static_cast<std::size_t>(log ? std::log2(value) : value)];
    }
    double chi_square = 0.0;
    for (const int count : counts) chi_square += (count - 2000.0) * (count - 2000.0) / 2000.0;
    EXPECT_LT(chi_square, 30.86);
  }
}

// 12,000 mutations over three parameters with 1, 2 and 4 other values: 4000 / others is expected of each;
// chi-square with six degrees of freedom exceeds 33.1 by chance in 1e-5.
TEST(SearchSpace, MutationsAreUniform) {
  const SearchSpace space({{"a", Categorical{names(2)}},
                           {"only", Categorical{names(1)}},
                           {"b", Ordinal{names(3)}},
                           {"c", Integer{-2, 2}}});
  const Configuration parent = space.default_configuration();
  Random random(5);
  std::map<std::string, int> counts;
  for (int i = 0; i < 12'000; ++i) ++counts[space.describe(space.mutate(parent, random))];
  ASSERT_EQ(counts.size(), 7U);
  double chi_square = 0.0;
  for (const auto& [text, count] : counts) {
    const bool first = text.starts_with("a=c1");
    const bool second = text.find("b=c1") == std::string::npos;
    const double expected = 4000.0 / (first ? 1.0 : second ? 2.0 : 4.0);
    chi_square += (count - expected) * (count - expected) / expected;
  }
  EXPECT_LT(chi_square, 33.1);
}

std::string error_of(std::vector<Parameter> parameters) {
  try {
    static_cast<void>(SearchSpace(std::move(parameters)));
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "no error";
}

TEST(SearchSpace, RefusesWhatMakesNoSense) {
  const double infinity = std::numeric_limits<double>::infinity();
  constexpr std::int64_t edge = std::int64_t{1} << 53;
  const auto domain_error = [](Domain domain, std::optional<double> value = std::nullopt) {
    return error_of({{"x", std::move(domain), std::nullopt, value}});
  };
  EXPECT_EQ(error_of({{"x", Real{}}, {"x", Integer{}}}), "two parameters are named 'x'");
  EXPECT_EQ(domain_error(Real{1.0, 1.0}), "parameter 'x': low must be below high");
  EXPECT_EQ(domain_error(Real{2.0, 1.0}), "parameter 'x': low must be below high");
  EXPECT_EQ(domain_error(Real{0.0, infinity}), "parameter 'x': bounds must be finite");
  EXPECT_EQ(domain_error(Real{std::nan(""), 1.0}), "parameter 'x': bounds must be finite");
  EXPECT_EQ(domain_error(Real{0.0, 1.0, Scale::log}), "parameter 'x': a log scale needs low > 0");
  EXPECT_EQ(domain_error(Integer{2, 1}), "parameter 'x': low must not be above high");
  EXPECT_EQ(domain_error(Integer{0, edge + 1}), "parameter 'x': bounds must lie within +-2^53");
  EXPECT_EQ(domain_error(Integer{-edge - 1, 0}), "parameter 'x': bounds must lie within +-2^53");
  EXPECT_EQ(domain_error(Integer{0, 5, Scale::log}), "parameter 'x': a log scale needs low >= 1");
  EXPECT_EQ(domain_error(Categorical{}), "parameter 'x': needs at least one choice");
  EXPECT_EQ(domain_error(Ordinal{}), "parameter 'x': needs at least one level");
  EXPECT_EQ(domain_error(Real{}, 1.5), "parameter 'x': the default lies outside the domain");
  EXPECT_EQ(domain_error(Integer{0, 5}, 1.5), "parameter 'x': the default lies outside the domain");
  EXPECT_EQ(domain_error(Categorical{names(2)}, 2.0), "parameter 'x': the default lies outside the domain");
  EXPECT_EQ(domain_error(Integer{3, 3}), "no error");
  EXPECT_EQ(domain_error(Integer{-edge, edge}), "no error");
}

TEST(SearchSpace, RefusesConditionsOnNothing) {
  const std::string message =
      "parameter 'y': its condition must refer to choices of an earlier categorical or ordinal parameter";
  const auto conditioned = [](Domain parent, Condition condition) {
    return error_of(
        {{"x", std::move(parent)}, {"y", Real{}, std::move(condition)}, {"z", Categorical{names(2)}}});
  };
  EXPECT_EQ(conditioned(Categorical{names(2)}, {0, {1}}), "no error");
  EXPECT_EQ(conditioned(Ordinal{names(2)}, {0, {0, 1}}), "no error");
  EXPECT_EQ(conditioned(Categorical{names(2)}, {0, {2}}), message);
  EXPECT_EQ(conditioned(Categorical{names(2)}, {0, {}}), message);
  EXPECT_EQ(conditioned(Categorical{names(2)}, {1, {0}}), message);  // itself
  EXPECT_EQ(conditioned(Categorical{names(2)}, {2, {0}}), message);  // a later one
  EXPECT_EQ(conditioned(Categorical{names(2)}, {9, {0}}), message);  // none
  EXPECT_EQ(conditioned(Real{}, {0, {0}}), message);
  EXPECT_EQ(conditioned(Integer{}, {0, {0}}), message);
}

}  // namespace
}  // namespace tonne
