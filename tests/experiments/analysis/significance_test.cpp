// Tests between strategies, and what few seeds can say.

#include <gtest/gtest.h>
// GoogleTest first.
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <numeric>
#include <string>
#include <utility>

#include "experiments/analysis/statistics.h"
#include "tests/experiments/analysis/statistics_support.h"
#include "tests/experiments/support.h"

namespace tonne {
namespace {

using testing::kNever;
using testing::Matrix;
using testing::normal;
using testing::rate_of;
using testing::Values;

using Groups = std::vector<std::vector<std::size_t>>;

Matrix transposed(const Matrix& rows) {
  Matrix columns(rows.front().size(), Values(rows.size()));
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (std::size_t j = 0; j < columns.size(); ++j) columns[j][i] = rows[i][j];
  return columns;
}

Values negated(Values values) {
  for (double& value : values) value = -value;
  return values;
}

// AUC of C4.5, C4.5+m, C4.5+cf and C4.5+m+cf on 14 data sets (Demsar 2006, table 6). On "voting" the paper
// ranks the last two apart, by digits that it does not print.
Matrix demsar_auc() {
  return transposed({{0.763, 0.768, 0.771, 0.798},
                     {0.599, 0.591, 0.590, 0.569},
                     {0.954, 0.971, 0.968, 0.967},
                     {0.628, 0.661, 0.654, 0.657},
                     {0.882, 0.888, 0.886, 0.898},
                     {0.936, 0.931, 0.916, 0.931},
                     {0.661, 0.668, 0.609, 0.685},
                     {0.583, 0.583, 0.563, 0.625},
                     {0.775, 0.838, 0.866, 0.875},
                     {1.000, 1.000, 1.000, 1.000},
                     {0.940, 0.962, 0.965, 0.962},
                     {0.619, 0.666, 0.614, 0.669},
                     {0.972, 0.981, 0.97501, 0.975},
                     {0.957, 0.978, 0.946, 0.970}});
}

// As losses: the greatest AUC ranks first.
Matrix demsar_losses() {
  Matrix losses = demsar_auc();
  for (Values& column : losses) column = negated(column);
  return losses;
}

// ---- Wilcoxon ------------------------------------------------------------------------------------------

SignedRank test_of(const Values& differences, const SignedRankChoices& choices = {}) {
  return wilcoxon_signed_rank(differences, Values(differences.size(), 0.0), choices);
}

// Cross- against self-fertilised maize, in eighths of an inch (Darwin 1876; Fisher's example).
const Values kMaize = {49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48};
const Values kTied = {6,  8,   14, 16, 23, 24, 28, 29, 41, -48, 49, 56,
                      60, -67, 75, 8,  0,  0,  -8, 14, 3,  3,   -3, 5};

// All figures of scipy 1.10.1, stats.wilcoxon.
TEST(Wilcoxon, ExactlyAgreesWithScipy) {
  EXPECT_DOUBLE_EQ(test_of(kMaize).statistic, 24.0);
  EXPECT_NEAR(test_of(kMaize).p, 0.041259765625, 1e-15);
  EXPECT_TRUE(test_of(kMaize).exact);
  EXPECT_NEAR(test_of({1.5, -2.25, 3.125, 4.0, -0.5, 5.5, 6.75}).p, 0.109375, 1e-15);
  Values alternating;
  for (int i = 1; i <= 25; ++i) alternating.push_back((i % 3 == 1 ? -1.0 : 1.0) * (i + 0.5));
  EXPECT_DOUBLE_EQ(test_of(alternating).statistic, 117.0);
  EXPECT_NEAR(test_of(alternating).p, 0.23036134243011475, 1e-12);
}

TEST(Wilcoxon, ApproximationAgreesWithScipy) {
  const SignedRankChoices plain{Zeros::kWilcoxon, 0, false}, corrected{Zeros::kWilcoxon, 0, true};
  const SignedRankChoices pratt{Zeros::kPratt, 0, false}, pratt_corrected{Zeros::kPratt, 0, true};
  EXPECT_NEAR(test_of(kMaize, plain).p, 0.04088813291185591, 1e-12);
  EXPECT_NEAR(test_of(kMaize, corrected).p, 0.043772323763041174, 1e-12);
  EXPECT_DOUBLE_EQ(test_of(kTied, plain).statistic, 47.0);
  EXPECT_NEAR(test_of(kTied, plain).p, 0.00980729213231373, 1e-12);
  EXPECT_NEAR(test_of(kTied, corrected).p, 0.01027874099408632, 1e-12);
  EXPECT_DOUBLE_EQ(test_of(kTied, pratt).statistic, 55.0);
  EXPECT_NEAR(test_of(kTied, pratt).p, 0.0074947536167049205, 1e-12);
  EXPECT_NEAR(test_of(kTied, pratt_corrected).p, 0.007820507682078757, 1e-12);
  Values many;  // 60, with ties
  for (int i = 0; i < 60; ++i) many.push_back(i * i * 37 % 101 - 38);
  EXPECT_DOUBLE_EQ(test_of(many).statistic, 602.0);
  EXPECT_NEAR(test_of(many).p, 0.02141059725582308, 1e-12);
  EXPECT_FALSE(test_of(many).exact);
}

// Demsar 2006, section 3.1.3: R+ = 93 and R- = 12, where zeros are shared out. Of the differences left out
// here (1.5 + 1.5) each other rank falls by 2: R- = 12 - 1.5 - 2 * 2 = 6.5, and Pratt's is 12 - 1.5.
TEST(Wilcoxon, AgreesWithDemsarsExample) {
  const Matrix auc = demsar_auc();
  const SignedRank test = wilcoxon_signed_rank(auc[0], auc[1]);
  EXPECT_EQ(test.pairs, 12U);
  EXPECT_DOUBLE_EQ(test.statistic, 6.5);
  EXPECT_LT(test.p, 0.05);
  EXPECT_DOUBLE_EQ(wilcoxon_signed_rank(auc[0], auc[1], {Zeros::kPratt, 50, true}).statistic, 10.5);
  // scipy 1.10.1 on 100,000 times the values, whole numbers.
  EXPECT_NEAR(wilcoxon_signed_rank(auc[0], auc[1], {Zeros::kWilcoxon, 0, false}).p, 0.01075713311978963,
              1e-12);
  EXPECT_NEAR(wilcoxon_signed_rank(auc[0], auc[1], {Zeros::kPratt, 0, true}).p, 0.01180600450285098, 1e-12);
}

TEST(Wilcoxon, OneHugePenaltyBlursNothing) {
  const SignedRank test =
      wilcoxon_signed_rank(Values{0.9, 0.8, 0.7, 0.6, 1e30}, Values{0.8, 0.9, 0.5, 0.3, 0.1});
  EXPECT_EQ(test.pairs, 5U);
  EXPECT_DOUBLE_EQ(test.statistic, 1.5);  // .1 and -.1 tie
}

TEST(Wilcoxon, BearsInfinityAndNothing) {
  const SignedRank test = wilcoxon_signed_rank(Values{kNever, kNever, 1, 2}, Values{kNever, 3, 2, 4});
  EXPECT_EQ(test.pairs, 3U);
  EXPECT_DOUBLE_EQ(test.statistic, 3.0);
  EXPECT_DOUBLE_EQ(wilcoxon_signed_rank(Values{1, 2}, Values{1, 2}).p, 1.0);
  EXPECT_DOUBLE_EQ(wilcoxon_signed_rank(Values{}, Values{}).p, 1.0);
  EXPECT_DOUBLE_EQ(wilcoxon_signed_rank(Values{0, 0}, Values{0, 0}, {Zeros::kPratt, 50, true}).p, 1.0);
}

// By all signs: how many give a sum as far from the middle.
double enumerated_p(const Values& differences, Zeros zeros) {
  Values kept(differences);
  if (zeros == Zeros::kWilcoxon) std::erase(kept, 0.0);
  Values sizes(kept);
  for (double& size : sizes) size = std::abs(size);
  const Values rank = ranks(sizes);
  Values signed_ranks;
  double positive = 0.0, all = 0.0;
  for (std::size_t i = 0; i < kept.size(); ++i) {
    if (kept[i] == 0.0) continue;
    signed_ranks.push_back(rank[i]);
    all += rank[i];
    positive += kept[i] > 0.0 ? rank[i] : 0.0;
  }
  const double distance = std::abs(positive - 0.5 * all);
  std::size_t as_far = 0;
  const std::size_t ways = std::size_t{1} << signed_ranks.size();
  for (std::size_t way = 0; way < ways; ++way) {
    double sum = 0.0;
    for (std::size_t i = 0; i < signed_ranks.size(); ++i) sum += (way >> i) & 1U ? signed_ranks[i] : 0.0;
    as_far += std::abs(sum - 0.5 * all) >= distance - 1e-9 ? 1U : 0U;
  }
  return static_cast<double>(as_far) / static_cast<double>(ways);
}

RC_GTEST_PROP(Wilcoxon, IsExactWithTiesAndZeros, ()) {
  const auto count = *rc::gen::inRange<std::size_t>(1, 11);
  const auto differences = *rc::gen::container<Values>(
      count, rc::gen::map(rc::gen::inRange(-4, 5), [](int value) { return double(value); }));
  for (const Zeros zeros : {Zeros::kWilcoxon, Zeros::kPratt}) {
    const SignedRank test = test_of(differences, {zeros, 50, true});
    RC_ASSERT(std::abs(test.p - enumerated_p(differences, zeros)) < 1e-12);
    RC_ASSERT(std::abs(test.p - test_of(negated(differences), {zeros, 50, true}).p) < 1e-12);
  }
}

TEST(Holm, AgreesWithR) {  // p.adjust(c(.01, .04, .03, .005), "holm")
  const Values adjusted = holm(Values{0.01, 0.04, 0.03, 0.005});
  EXPECT_DOUBLE_EQ(adjusted[0], 0.03);
  EXPECT_DOUBLE_EQ(adjusted[1], 0.06);
  EXPECT_DOUBLE_EQ(adjusted[2], 0.06);
  EXPECT_DOUBLE_EQ(adjusted[3], 0.02);
  EXPECT_EQ(holm(Values{0.6, 0.7}), (Values{1.0, 1.0}));
  EXPECT_TRUE(holm(Values{}).empty());
}

// ---- Friedman, Nemenyi ---------------------------------------------------------------------------------

TEST(Ranks, ShareTies) {
  EXPECT_EQ(ranks(Values{3, 1, 3, kNever, 3}), (Values{3, 1, 3, 5, 3}));
}

// Demsar 2006, section 3.2.2: mean ranks 3.143, 2.000, 2.893, 1.964; chi2 = 9.28 and F = 3.69, both without a
// correction for ties.
TEST(Friedman, AgreesWithDemsarsExample) {
  const Friedman test = friedman(demsar_losses());
  EXPECT_NEAR(test.mean_ranks[0], 3.143, 5e-4);
  EXPECT_NEAR(test.mean_ranks[1], 2.000, 5e-4);
  EXPECT_NEAR(test.mean_ranks[2], 2.893, 5e-4);
  EXPECT_NEAR(test.mean_ranks[3], 1.964, 5e-4);
  const double uncorrected = test.chi_squared * test.tie_correction;
  EXPECT_NEAR(uncorrected, 9.28, 5e-3);
  EXPECT_NEAR(13.0 * uncorrected / (14.0 * 3.0 - uncorrected), 3.69, 5e-3);
  // scipy 1.10.1, friedmanchisquare, which corrects.
  EXPECT_NEAR(test.chi_squared, 10.228346456692925, 1e-10);
  EXPECT_NEAR(test.p, 0.016721580328441323, 1e-12);
  EXPECT_NEAR(test.f, 13.0 * test.chi_squared / (42.0 - test.chi_squared), 1e-12);
}

TEST(Friedman, AgreesWithScipy) {  // 1.10.1
  const Friedman test = friedman(transposed({{4, 5, 2},
                                             {6, 6, 4},
                                             {3, 8, 4},
                                             {4, 7, 3},
                                             {3, 7, 2},
                                             {2, 8, 2},
                                             {2, 4, 1},
                                             {7, 6, 4},
                                             {6, 4, 3},
                                             {5, 5, 2}}));
  EXPECT_NEAR(test.chi_squared, 13.351351351351344, 1e-10);
  EXPECT_NEAR(test.p, 0.0012612201221243594, 1e-12);
}

TEST(Friedman, OfBlocksThatAgreeOrTie) {
  const Friedman agree = friedman({{1, 1, 1, 1}, {2, 2, 2, kNever}, {3, 3, 3, kNever}});
  EXPECT_LT(agree.tie_correction, 1.0);
  const Friedman same = friedman({{1, 1, 1}, {2, 2, 2}, {3, 3, 3}});
  EXPECT_DOUBLE_EQ(same.chi_squared, 6.0);
  EXPECT_EQ(same.f, kNever);
  EXPECT_EQ(same.f_p, 0.0);
  const Friedman tied = friedman({{1, 2, 3}, {1, 2, 3}});
  EXPECT_EQ(tied.p, 1.0);
  EXPECT_EQ(tied.f_p, 1.0);
  EXPECT_EQ(tied.mean_ranks, (Values{1.5, 1.5}));
}

TEST(RangeDistribution, AgreesWithScipy) {  // 1.10.1, studentized_range with df=inf
  EXPECT_NEAR(range_distribution(2.771807648699355, 2), 0.95, 1e-9);
  EXPECT_NEAR(range_distribution(3.314493155398122, 3), 0.95, 1e-9);
  EXPECT_NEAR(range_distribution(3.6331595749026278, 4), 0.95, 1e-9);
  EXPECT_NEAR(range_distribution(4.474124221725907, 10), 0.95, 1e-9);
  EXPECT_NEAR(range_distribution(5.0116887941184425, 20), 0.95, 1e-9);
  EXPECT_NEAR(range_distribution(3.0, 10), 1.0 - 0.5121840739708068, 1e-9);
  EXPECT_EQ(range_distribution(0.0, 3), 0.0);
}

// Demsar 2006, table 5 (a): q / sqrt(2) for 2 to 10 treatments.
TEST(Nemenyi, AgreesWithDemsarsTable) {
  const Values at_05 = {1.960, 2.343, 2.569, 2.728, 2.850, 2.949, 3.031, 3.102, 3.164};
  const Values at_10 = {1.645, 2.052, 2.291, 2.459, 2.589, 2.693, 2.780, 2.855, 2.920};
  for (std::size_t k = 2; k <= 10; ++k) {
    const double unit = std::sqrt(static_cast<double>(k * (k + 1)) / 6.0);
    EXPECT_NEAR(nemenyi_critical_difference(k, 1) / unit, at_05[k - 2], 1e-3) << k;
    EXPECT_NEAR(nemenyi_critical_difference(k, 1, 0.10) / unit, at_10[k - 2], 1e-3) << k;
  }
  EXPECT_NEAR(nemenyi_critical_difference(4, 14), 1.25, 5e-3);
  EXPECT_NEAR(nemenyi_critical_difference(4, 14, 0.10), 1.12, 5e-3);
  EXPECT_NEAR(nemenyi_p(nemenyi_critical_difference(6, 20), 6, 20), 0.05, 1e-9);
}

// Demsar's figure 1 (a), at .10: C4.5 is told apart from both that choose m, and C4.5+cf from none.
TEST(CriticalDifferences, DrawsDemsarsBars) {
  const CriticalDifferences at_10 = critical_differences(demsar_losses(), 0.10);
  EXPECT_EQ(at_10.groups_by_ranks, (Groups{{3, 1, 2}, {2, 0}}));
  EXPECT_EQ(critical_differences(demsar_losses()).groups_by_ranks, (Groups{{3, 1, 2, 0}}));
  ASSERT_EQ(at_10.pairs.size(), 6U);
  EXPECT_EQ(at_10.pairs[4].first, 1U);
  EXPECT_EQ(at_10.pairs[4].second, 3U);
}

// Benavoli et al. 2016: two strategies that are close to each other, and beaten by a crowd or not. Mean ranks
// change the verdict with the crowd, the pair's own test does not.
TEST(CriticalDifferences, PairsDoNotHangOnTheOthers) {
  Random random(7);
  const Values a = normal(random, 20);
  Values b(a);
  for (std::size_t i = 0; i < b.size(); ++i)
    b[i] += 0.1 + 0.01 * static_cast<double>(i);  // always worse, by little
  Matrix losses{a, b};
  for (int i = 0; i < 8; ++i) losses.push_back(normal(random, 20, 30.0));  // all far behind
  const CriticalDifferences crowd = critical_differences(losses);
  EXPECT_LT(crowd.ranking.mean_ranks[1] - crowd.ranking.mean_ranks[0], crowd.critical_difference);
  EXPECT_EQ(crowd.pairs[0].test.p, wilcoxon_holm({a, b})[0].p);
  EXPECT_LT(crowd.pairs[0].p, 0.05);
  EXPECT_EQ(crowd.groups_by_ranks.front().front(), 0U);
  EXPECT_NE(crowd.groups_by_pairs.front().front(), 0U);
}

TEST(Cliques, AreNeighboursOnly) {
  const Values rank{1, 2, 3, 4};
  const auto none = [](std::size_t, std::size_t) { return false; };
  const auto all = [](std::size_t, std::size_t) { return true; };
  EXPECT_EQ(cliques(rank, none), (Groups{{0, 1, 2, 3}}));
  EXPECT_TRUE(cliques(rank, all).empty());
  const auto ends = [](std::size_t i, std::size_t j) { return std::min(i, j) == 0 && std::max(i, j) == 3; };
  EXPECT_EQ(cliques(rank, ends), (Groups{{0, 1, 2}, {1, 2, 3}}));
  // 0 and 2 are level, but 1 in between is apart from both: no bar may cover it.
  const auto between = [](std::size_t i, std::size_t j) { return i == 1 || j == 1; };
  EXPECT_EQ(cliques(rank, between), (Groups{{2, 3}}));
}

// ---- False alarms --------------------------------------------------------------------------------------

// Under the null at .05. 2,000 samples scatter by .0049; the bounds are 3.5 of that off.
TEST(FalseAlarms, OfTheTestsKeepTheirLevel) {
  constexpr std::size_t kTrials = 2000;
  constexpr double kSlack = 3.5 * 0.0049;
  const auto table = [](Random& random, std::size_t treatments, std::size_t blocks) {
    Matrix losses;
    for (std::size_t t = 0; t < treatments; ++t) losses.push_back(normal(random, blocks));
    return losses;
  };
  const double exact =
      rate_of(kTrials, "exact", [&](Random& random) { return test_of(normal(random, 20)).p < 0.05; });
  EXPECT_NEAR(exact, 0.05, kSlack);
  const double rounded = rate_of(kTrials, "rounded", [&](Random& random) {
    Values differences = normal(random, 12);
    for (double& difference : differences) difference = std::round(2.0 * difference);
    return test_of(differences).p < 0.05;
  });
  EXPECT_LT(rounded, 0.05 + kSlack);
  EXPECT_GT(rounded, 0.02);
  const double approximate =
      rate_of(kTrials, "approximate", [&](Random& random) { return test_of(normal(random, 60)).p < 0.05; });
  EXPECT_NEAR(approximate, 0.05, kSlack);
  const double by_chi =
      rate_of(kTrials, "chi", [&](Random& random) { return friedman(table(random, 5, 10)).p < 0.05; });
  EXPECT_LT(by_chi, 0.05 + kSlack);
  const double by_f =
      rate_of(kTrials, "chi", [&](Random& random) { return friedman(table(random, 5, 10)).f_p < 0.05; });
  EXPECT_NEAR(by_f, 0.05, kSlack);
  EXPECT_GE(by_f, by_chi);  // of the same tables
  const double family = rate_of(kTrials, "family", [&](Random& random) {
    return std::ranges::any_of(wilcoxon_holm(table(random, 4, 15)),
                               [](const PairTest& pair) { return pair.p < 0.05; });
  });
  EXPECT_LT(family, 0.05 + kSlack);
  EXPECT_GT(family, 0.01);
  const double critical = nemenyi_critical_difference(5, 20);
  const double nemenyi = rate_of(kTrials, "nemenyi", [&](Random& random) {
    const Friedman test = friedman(table(random, 5, 20));
    const auto [least, most] = std::ranges::minmax(test.mean_ranks);
    return most - least >= critical;
  });
  EXPECT_LT(nemenyi, 0.05 + kSlack);
  EXPECT_GT(nemenyi, 0.02);
}

// ---- Few seeds -----------------------------------------------------------------------------------------

TEST(FewSeeds, BoundWhatATestCanSay) {
  EXPECT_DOUBLE_EQ(smallest_attainable_p(0), 1.0);
  EXPECT_DOUBLE_EQ(smallest_attainable_p(5), 0.0625);
  EXPECT_GE(smallest_attainable_p(100000), 0.0);
  for (std::size_t n = 1; n <= 12; ++n) {
    Values rising(n);
    std::iota(rising.begin(), rising.end(), 1.0);
    EXPECT_DOUBLE_EQ(test_of(rising).p, smallest_attainable_p(n)) << n;
  }
  EXPECT_EQ(pairs_for_claim(1), 6U);
  EXPECT_EQ(pairs_for_claim(10), 9U);    // 10 * 2 / 2^9 = .039
  EXPECT_EQ(pairs_for_claim(190), 13U);  // all pairs of 20 strategies: 190 * 2 / 2^13 = .046
}

TEST(FewSeeds, SaysHowManyAreWanted) {
  EXPECT_EQ(pairs_for(10.0), 6U);
  EXPECT_EQ(pairs_for(1.0), 11U);  // 7.849 * 1.0472 + 1.921 = 10.14
  EXPECT_EQ(pairs_for(0.5), 35U);  // 31.40 * 1.0472 + 1.921 = 34.80
  EXPECT_FALSE(detectable_effect(5));
  for (const std::size_t pairs : {6U, 20U, 50U, 1000U}) {
    const double effect = *detectable_effect(pairs);
    EXPECT_EQ(pairs_for(effect * (1.0 + 1e-9)), pairs);
    EXPECT_EQ(pairs_for(effect * (1.0 - 1e-9)), pairs + 1);
  }
}

TEST(FewSeeds, HaveThePowerThatIsPromised) {
  for (const double effect : {1.0, 0.5}) {
    const double power = rate_of(2000, "power", [&](Random& random) {
      return test_of(normal(random, pairs_for(effect), effect)).p < 0.05;
    });
    EXPECT_GT(power, 0.77) << effect;
    EXPECT_LT(power, 0.86) << effect;
  }
}

// ---- Against scipy, where it is ------------------------------------------------------------------------

std::string python_with_scipy() {
  for (const char* candidate : {"python3", "/usr/bin/python3"})
    if (std::system((std::string(candidate) + " -c 'import scipy.stats' 2>/dev/null").c_str()) == 0)
      return candidate;
  return {};
}

constexpr const char* kScript = R"(
import sys, warnings
import scipy.stats as st
warnings.simplefilter('ignore')
for line in open(sys.argv[1]):
    kind, *numbers = line.split()
    v = [float(n) for n in numbers]
    half = len(v) // 2
    x, y = v[:half], v[half:]
    if kind == 'exact': r = st.wilcoxon(x, y, mode='exact')
    elif kind == 'drop': r = st.wilcoxon(x, y, mode='approx', correction=True)
    elif kind == 'pratt': r = st.wilcoxon(x, y, zero_method='pratt', mode='approx', correction=False)
    elif kind == 'friedman': r = st.friedmanchisquare(*[v[i::4] for i in range(4)])
    elif kind == 'ranks': r = (st.rankdata(v)[0], st.rankdata(v)[-1])
    elif kind == 'iqm': r = (st.trim_mean(v, .25), 0)
    elif kind == 'u': r = (st.mannwhitneyu(x, y).statistic, 0)
    print(repr(float(r[0])), repr(float(r[1])))
)";

TEST(Scipy, AgreesOnRandomData) {
  const std::string python = python_with_scipy();
  if (python.empty()) GTEST_SKIP() << "python3-scipy is not installed";
  const testing::TemporaryFolder folder;
  std::ofstream(folder.path() / "check.py") << kScript;
  std::ofstream data(folder.path() / "data.txt");
  data.precision(17);
  std::vector<std::pair<double, double>> expected;
  std::vector<std::string> kinds;
  const auto ask = [&](const std::string& kind, const Matrix& values, double first, double second) {
    data << kind;
    for (const Values& part : values)
      for (const double value : part) data << ' ' << value;
    data << '\n';
    kinds.push_back(kind);
    expected.emplace_back(first, second);
  };
  const Random root(17);
  for (std::size_t i = 0; i < 20; ++i) {
    Random random = root.child(i);
    const std::size_t n = 12 + 4 * (i % 8);
    const Values x = normal(random, n, 0.3), y = normal(random, n);
    const SignedRank exact = wilcoxon_signed_rank(x, y);
    ask("exact", {x, y}, exact.statistic, exact.p);
    Values whole_x(n), whole_y(n);
    for (double& value : whole_x) value = static_cast<double>(random.below(9));
    for (double& value : whole_y) value = static_cast<double>(random.below(7));
    const SignedRank drop = wilcoxon_signed_rank(whole_x, whole_y, {Zeros::kWilcoxon, 0, true});
    ask("drop", {whole_x, whole_y}, drop.statistic, drop.p);
    const SignedRank pratt = wilcoxon_signed_rank(whole_x, whole_y, {Zeros::kPratt, 0, false});
    ask("pratt", {whole_x, whole_y}, pratt.statistic, pratt.p);
    Matrix blocks(n);
    for (Values& block : blocks)
      for (int t = 0; t < 4; ++t) block.push_back(static_cast<double>(random.below(6)));
    const Friedman ranking = friedman(transposed(blocks));
    ask("friedman", blocks, ranking.chi_squared, ranking.p);
    ask("ranks", {whole_x}, ranks(whole_x).front(), ranks(whole_x).back());
    ask("iqm", {x}, interquartile_mean(x), 0.0);
    const double pairs = static_cast<double>(n * n);
    ask("u", {whole_x, whole_y}, pairs * probability_of_improvement(whole_x, whole_y).value, 0.0);
  }
  data.close();
  const auto answers = folder.path() / "answers.txt";
  ASSERT_EQ(std::system((python + " '" + (folder.path() / "check.py").string() + "' '" +
                         (folder.path() / "data.txt").string() + "' > '" + answers.string() + "'")
                            .c_str()),
            0);
  std::ifstream answer(answers);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    double first = 0.0, second = 0.0;
    ASSERT_TRUE(answer >> first >> second) << i;
    EXPECT_NEAR(expected[i].first, first, 1e-9) << kinds[i] << ' ' << i;
    EXPECT_NEAR(expected[i].second, second, 1e-9) << kinds[i] << ' ' << i;
  }
}

}  // namespace
}  // namespace tonne
