// The contract that every strategy of the catalogue keeps, on every kind of space, unless it declares by
// refuses() that it cannot. A new strategy takes part by standing in the catalogue.

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <numeric>
#include <set>
#include <tuple>

#include "tests/search/strategies/strategy_helpers.h"

namespace tonne {
namespace {

struct NamedSpace {
  std::string name;
  SearchSpace space;
};

Parameter categorical(std::string name, std::size_t choices) {
  return {.name = std::move(name), .domain = Categorical{testing::names("c", choices)}};
}

SearchSpace cells() {
  std::vector<Parameter> parameters;
  for (std::size_t i = 0; i < 6; ++i) parameters.push_back(categorical("edge" + std::to_string(i), 5));
  return SearchSpace(std::move(parameters));
}

// Every kind of domain, conditions two levels deep, parents both categorical and ordinal.
SearchSpace mixed() {
  return SearchSpace({
      {.name = "rate", .domain = Real{1e-5, 1.0, Scale::log}},
      {.name = "momentum", .domain = Real{-1.0, 1.0}},
      {.name = "optimiser", .domain = Categorical{{"sgd", "adam", "lbfgs"}}},
      {.name = "beta", .domain = Real{0.8, 1.0}, .active_when = Condition{2, {1}}},
      {.name = "history", .domain = Integer{1, 50}, .active_when = Condition{2, {2}}},
      {.name = "schedule",
       .domain = Ordinal{{"none", "step", "cosine"}},
       .active_when = Condition{2, {0, 1}}},
      {.name = "steps", .domain = Integer{1, 1000, Scale::log}, .active_when = Condition{5, {1}}},
      {.name = "width", .domain = Integer{-8, 2000}},
      {.name = "depth", .domain = Ordinal{testing::names("d", 7)}},
      {.name = "fixed", .domain = Categorical{{"only"}}},
      {.name = "below_fixed", .domain = Real{0.0, 1.0}, .active_when = Condition{9, {0}}},
  });
}

const std::vector<NamedSpace>& spaces() {
  static const std::vector<NamedSpace> all = {
      {"cells", cells()},
      {"mixed", mixed()},
      {"single_choice", SearchSpace({categorical("only", 1)})},
      {"real", SearchSpace({{.name = "x", .domain = Real{-3.0, 5.0}}})},
      {"integers",
       SearchSpace({{.name = "tiny", .domain = Integer{4, 4}},
                    {.name = "bit", .domain = Integer{0, 1}},
                    {.name = "huge", .domain = Integer{-(std::int64_t{1} << 53), std::int64_t{1} << 53}},
                    {.name = "batch", .domain = Integer{1, 1 << 20, Scale::log}}})},
  };
  return all;
}

// Under the sanitizers, 25 times slower: what compares two runs, each of which another test makes, tells them nothing new.
#ifdef __SANITIZE_ADDRESS__
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

// How trials end in a world that a test has made up.
struct World {
  double failures = 0.0;  ///< part of the configurations that fail
  unsigned workers = 1;
  double loss_scale = 1.0;  ///< 0: all are equal
  bool tell_twice = false;
  bool turn_down = false;  ///< every third proposal is turned down and asked for again
};

struct Event {
  TrialId id;
  bool is_ask;
  Trial trial;
};

// Every strategy with its defaults, and some with settings that bring all of their code into a short test.
struct Case {
  std::string label;
  std::string strategy;
  std::string settings;
};

// Of those whose defaults would take seconds here and run no other code.
std::string quick_settings(std::string_view strategy) {
  if (strategy == "hebo") return "{initial: 6, population: 8, generations: 3}";
  if (strategy == "carbo") return "{initial_share: 0.05, design_candidates: 20, candidates: 64, local_starts: 2}";
  return strategy == "gittins" ? "{candidates: 64, local_starts: 2}" : "";
}

std::vector<Case> cases() {
  std::vector<Case> result;
  for (const auto& entry : strategy_catalogue()) {
    // A draw at turbo's default 100 candidates a parameter takes minutes in all under the sanitizers: turbo_small below.
    if (entry.name == "turbo") continue;
    result.push_back({std::string(entry.name), std::string(entry.name), quick_settings(entry.name)});
  }
  result.push_back({"grid_in_order", "grid", "{levels: 30, order: lexicographic}"});
  result.push_back({"sobol_plain", "sobol", "{scramble: false}"});
  result.push_back({"latin_hypercube_small", "latin_hypercube", "{points: 7}"});
  result.push_back({"local_search_first", "local_search", "{starts: 2, neighbours: 2, move: first}"});
  result.push_back({"local_search_best", "local_search", "{starts: 1, move: best}"});
  result.push_back({"simulated_annealing_short", "simulated_annealing", "{startup: 3, plateau: 1, cooling: 0.5}"});
  result.push_back({"genetic_small", "genetic", "{population: 5, elites: 2, mutation: 0.5}"});
  result.push_back({"de_rand", "differential_evolution", "{population: 4, mutation: rand}"});
  result.push_back({"de_best", "differential_evolution", "{population: 5, mutation: best, cr: 1}"});
  result.push_back({"cma_es_small", "cma_es", "{population: 4, active: false, restarts: none}"});
  result.push_back({"cma_es_one_hot", "cma_es",
                    "{population: 4, restarts: bipop, bounds: reflect, integers: rounding, categories: one_hot}"});
  result.push_back({"cma_es_margin", "cma_es", "{population: 5, restarts: bipop, sigma: 0.9, categories: one_hot}"});
  result.push_back({"carbon_budget_of_evolution", "carbon_budget",
                    "{strategy: {regularized_evolution: {population: 6, sample: 3}}, amount: 1 g, per: 1 h}"});
  result.push_back({"marginal_stop_of_tpe", "marginal_stop", "{strategy: {tpe: {startup: 5}}, gain: 0}"});
  result.push_back({"follow_the_sun_of_tpe", "follow_the_sun", "{strategy: {tpe: {startup: 5}}, saving: 0}"});
  result.push_back({"wrapper_of_wrapper", "wait_for_clean", "{strategy: {marginal_stop: {strategy: local_search}}}"});
  result.push_back({"external_random", "external",
                    std::string("{command: [python3], script: '") + TONNE_SOURCE_DIR + "/docs/external/random_strategy.py'}"});
  result.push_back({"nsga2_with_cost", "nsga2", "{cost_objective: co2e, population: 6}"});
  result.push_back({"nsga3_small", "nsga3", "{population: 6, divisions: 3}"});
  result.push_back({"nsga3_layers_with_cost", "nsga3", "{cost_objective: co2e, divisions: 2, inner_divisions: 1}"});
  result.push_back({"moead_small", "moead", "{divisions: 5, neighbours: 3, replaced: 1}"});
  result.push_back({"moead_differences_with_cost", "moead", "{cost_objective: co2e, crossover: de, divisions: 4, delta: 0.5}"});
  result.push_back({"sms_emoa_small", "sms_emoa", "{population: 6}"});
  result.push_back({"sms_emoa_with_cost", "sms_emoa", "{cost_objective: co2e, population: 5, margin: 0.1}"});
  result.push_back({"parego_small", "parego", "{initial: 4, candidates: 100, local_starts: 2, max_fit_points: 20, s: 3}"});
  result.push_back({"parego_with_cost", "parego", "{cost_objective: energy, initial: 6, candidates: 100, local_starts: 2}"});
  result.push_back({"ehvi_small", "ehvi", "{initial: 4, candidates: 100, local_starts: 2, max_fit_points: 20}"});
  result.push_back({"ehvi_with_cost", "ehvi", "{cost_objective: energy, initial: 6, candidates: 100, local_starts: 2}"});
  result.push_back({"qnehvi_small", "qnehvi", "{initial: 4, samples: 3, candidates: 64, local_starts: 2, max_fit_points: 20}"});
  result.push_back({"qnehvi_with_cost", "qnehvi", "{cost_objective: energy, initial: 6, samples: 3, candidates: 64, local_starts: 2}"});
  result.push_back({"zero_cost_of_hurdles", "zero_cost",
                    "{startup: 2, candidates: 3, strategy: {progressive_hurdles: {population: 4, sample: 3, hurdle_every: 5}}}"});
  result.push_back({"one_shot_screened", "one_shot", "{supernet_epochs: 3, samples: 20, retrain: 1000, rank_correlation: 0.4}"});
  result.push_back({"one_shot_bred", "one_shot",
                    "{supernet_epochs: 3, epoch: 2, samples: 30, retrain: 2, candidates: evolution, population: 8, parents: 3, warm_start: true}"});
  result.push_back({"regularized_evolution_small", "regularized_evolution", "{population: 6, sample: 3}"});
  result.push_back(
      {"non_aging_evolution", "regularized_evolution", "{population: 6, sample: 3, remove: worst}"});
  result.push_back({"progressive_hurdles_small", "progressive_hurdles",
                    "{population: 4, sample: 3, hurdle_every: 5, mutation: 0.3, warm_start: false}"});
  result.push_back({"asha_stopping", "asha", "{type: stopping, brackets: 3}"});
  result.push_back({"asha_of_tpe", "asha", "{strategy: {tpe: {startup: 5}}, brackets: 2, bracket_draw: softmax}"});
  result.push_back({"asha_of_zero_cost", "asha",
                    "{strategy: {zero_cost: {startup: 2, candidates: 3, strategy: {regularized_evolution: "
                    "{population: 4, sample: 2}}}}}"});
  result.push_back({"asha_stopping_of_evolution", "asha",
                    "{type: stopping, strategy: {regularized_evolution: {population: 4, sample: 2}}}"});
  result.push_back({"hyperband_of_local_search", "hyperband", "{strategy: local_search}"});
  result.push_back({"halving_of_a_lattice", "successive_halving", "{strategy: {latin_hypercube: {points: 7}}, start: 5}"});
  result.push_back({"median_stopping_of_tpe", "median_stopping",
                    "{strategy: {tpe: {startup: 5}}, grace_population: 2, compared: reported, interval: 3}"});
  result.push_back({"pruning_patient", "pruning", "{percentile: 25, patience: 1, grace_population: 1, interval: 1}"});
  result.push_back({"pruning_wilcoxon", "pruning", "{rule: wilcoxon, p_value: 0.5, interval: 1}"});
  result.push_back({"pruning_threshold", "pruning", "{rule: threshold, upper: 0.3, interval: 1}"});
  result.push_back({"pruning_by_patience", "pruning", "{rule: none, patience: 0, interval: 1}"});
  result.push_back({"pasha_small", "pasha", "{eta: 2, window: 2, strategy: {genetic: {population: 5}}}"});
  result.push_back({"moasha_stopping", "moasha", "{type: stopping, brackets: 2, window: 10}"});
  result.push_back({"moasha_with_cost", "moasha", "{cost_objective: energy, eta: 2, strategy: {nsga2: {population: 6}}}"});
  result.push_back({"bohb_repeats", "bohb", "{repeat: true, samples: 5}"});
  result.push_back({"successive_halving_waits", "successive_halving", "{barrier: wait, eta: 2}"});
  result.push_back({"hyperband_floor", "hyperband", "{sizes: floor, min_fidelity: 2, eta: 2}"});
  result.push_back({"bohb_model_only", "bohb", "{random_fraction: 0, samples: 5}"});
  result.push_back({"dehb_small", "dehb", "{eta: 2, rounds: 0, barrier: wait, f: 1.5, cr: 0.9}"});
  result.push_back({"dyhpo_small", "dyhpo",
                    "{initial: 3, interval: 3, candidates: 20, neighbours: 5, max_fit_points: 15, curve_points: 1, "
                    "curve_inputs: last_and_change, finish_share: 0.5}"});
  result.push_back({"freeze_thaw_small", "freeze_thaw",
                    "{initial: 3, interval: 3, candidates: 20, neighbours: 5, max_fit_points: 15, finish_share: 0.5}"});
  result.push_back({"freeze_thaw_mfpi", "freeze_thaw", "{initial: 2, interval: 1, candidates: 20, acquisition: mfpi_random}"});
  result.push_back({"median_stopping_small", "median_stopping", "{grace_population: 2, interval: 1}"});
  result.push_back({"pbt_small", "pbt", "{population: 4, interval: 2}"});
  result.push_back({"pbt_synchronous", "pbt", "{population: 3, interval: 3, synchronous: true, restart: false}"});
  result.push_back({"pb2_small", "pb2", "{interval: 2, candidates: 32, local_starts: 1, max_fit_points: 10}"});
  result.push_back({"reinforce_batch", "reinforce", "{batch: 3, learning_rate: 0.5}"});
  result.push_back({"reinforce_lstm", "reinforce", "{controller: lstm, layers: 2, hidden: 6, learning_rate: 0.1}"});
  result.push_back({"one_shot_small", "one_shot", "{supernet_epochs: 5, samples: 20, retrain: 1000}"});
  result.push_back({"rf_small", "rf",
                    "{initial_most: 3, challengers: 50, local_starts: 2, features: 0.5, bootstrap: false, "
                    "log_losses: false, random_share: 0}"});
  result.push_back({"bore_boosted", "bore",
                    "{classifier: boosted_trees, trees: 10, depth: 3, init_random: 3, candidates: 50, random_prob: 0.2, "
                    "refit_growth: 0.5, max_fit_points: 12}"});
  result.push_back({"cqr_small", "cqr",
                    "{init_random: 3, quantiles: 3, trees: 10, candidates: 50, least_points: 5, valid_fraction: 0.3, "
                    "max_fit_points: 12}"});
  result.push_back({"bananas_small", "bananas",
                    "{initial: 3, batch: 2, ensemble: 2, layers: 2, width: 5, epochs: 10, parents: 3, mutations: 2}"});
  result.push_back({"gp_ucb", "gp", "{acquisition: ucb, initial: 4, candidates: 64, local_starts: 2}"});
  result.push_back({"gp_thompson", "gp", "{acquisition: thompson, initial: 4, candidates: 64}"});
  result.push_back({"gp_cooling", "gp", "{acquisition: ei, cost_aware: time, cooling: 20, initial: 4, candidates: 64, local_starts: 2}"});
  result.push_back({"gp_mes", "gp", "{acquisition: mes, minima: 3, initial: 4, candidates: 64, local_starts: 2}"});
  result.push_back({"turbo_small", "turbo", "{initial: 4, candidates: 50, failures: 2}"});
  result.push_back({"turbo_regions", "turbo", "{regions: 3, initial: 3, candidates: 50, length: 0.1, failures: 1}"});
  result.push_back({"in_sequence_of_asha", "in_sequence", "{strategy: asha, evaluations: [5]}"});
  result.push_back({"zero_shot_of_evolution", "zero_shot",
                    "{strategy: {regularized_evolution: {population: 6, sample: 3}}, portfolio: 5, losses: range, surrogates: false}"});
  result.push_back({"bounding_box_of_gp", "bounding_box",
                    "{strategy: {gp: {initial: 4, candidates: 64, local_starts: 2}}, best: 2}"});
  result.push_back({"bounding_box_of_quantiles", "bounding_box", "{strategy: {quantile_transfer: {candidates: 50, trees: 5}}}"});
  result.push_back({"quantiles_drawn", "quantile_transfer", "{model: thompson, candidates: 50, trees: 5, min_leaf: 1}"});
  result.push_back({"quantiles_few", "quantile_transfer", "{startup: 5, candidates: 50, trees: 5, max_fit_points: 10}"});
  result.push_back({"tpe_univariate", "tpe", "{multivariate: false, startup: 5}"});
  result.push_back({"tpe_group", "tpe", "{multivariate: group, startup: 5, bandwidth: neighbours}"});
  result.push_back({"tpe_two_objectives", "tpe", "{cost_objective: time, startup: 5}"});
  result.push_back({"tpe_liar", "tpe", "{constant_liar: true, startup: 0, gamma: 0.3, full_weights: 7}"});
  result.push_back({"tpe_forgets_failures", "tpe", "{learn_from_failures: false, constant_liar: true}"});
  return result;
}

// Asked when the first such test runs, not when the program lists its tests.
bool has_python() {
  static const bool found = std::system("python3 -c pass 2>/dev/null") == 0;
  return found;
}

class Contract : public ::testing::TestWithParam<std::tuple<Case, std::size_t>> {
 protected:
  static constexpr std::size_t kTrials = 40;

  void SetUp() override {
    traits_.name = "contract";
    traits_.objectives = {{"error", "%", Direction::minimise}};
    traits_.fidelity = {"epochs", 1.0, 9.0, true};
    earlier_ = earlier_searches();
    const Case& tested = std::get<0>(GetParam());
    recipe_ = testing::strategy_recipe(tested.strategy, tested.settings);
    // What needs several objectives gets a second one.
    if (recipe_->refuses(context(1))) traits_.objectives.push_back({"size", "", Direction::minimise});
    if (const auto reason = recipe_->refuses(context(1))) GTEST_SKIP() << *reason;
    if (tested.label == "external_random" && !has_python()) GTEST_SKIP() << "no python3 here";
  }

  [[nodiscard]] bool has_local_search() const {
    const Case& tested = std::get<0>(GetParam());
    return (tested.strategy + tested.settings).find("local_search") != std::string::npos;
  }
  [[nodiscard]] const SearchSpace& space() const { return spaces()[std::get<1>(GetParam())].space; }
  [[nodiscard]] StrategyContext context(unsigned workers) const {
    StrategyContext context{space(), traits_, 9.0, workers};
    context.earlier = earlier_;
    return context;
  }
  // Of two tasks, for what learns from earlier results; with partial trainings and losses of any size among them.
  [[nodiscard]] std::vector<EarlierSearch> earlier_searches() const {
    std::vector<EarlierSearch> searches;
    Random random(5);
    for (const char* task : {"one", "other"}) {
      EarlierSearch& search = searches.emplace_back(EarlierSearch{task, task, {}});
      for (int i = 0; i < 12; ++i)
        search.trials.push_back({space().sample(random), i % 4 == 0 ? 3.0 : 9.0, i == 5 ? -1e100 : random.normal(), Carbon{}});
    }
    return searches;
  }
  [[nodiscard]] std::unique_ptr<Strategy> make(unsigned workers = 1) const {
    return recipe_->make(context(workers));
  }

  // A smooth function of the active parameters with some noise; the same for the same configuration and
  // repeat.
  [[nodiscard]] Trial evaluate(TrialId id, const Proposal& proposal, const World& world) const {
    Trial trial;
    trial.id = id;
    trial.proposal = proposal;
    Random random = Random(7).child(proposal.configuration.digest());
    if (random.bernoulli(world.failures)) {
      trial.result = Failed{Failure::out_of_memory};
      return trial;
    }
    double loss = 0.1 * random.uniform();
    for (std::size_t i = 0; i < space().size(); ++i) {
      if (!proposal.configuration.is_active(i)) continue;
      const double distance = to_unit(space()[i].domain, proposal.configuration[i]) - 0.3;
      loss += distance * distance;
    }
    trial.result = Completed{{world.loss_scale * loss}};
    if (traits_.objectives.size() == 2)
      std::get<Completed>(trial.result).losses.push_back(world.loss_scale * std::abs(1.0 - loss));
    return trial;
  }

  void check(const Proposal& proposal) const {
    ASSERT_TRUE(space().contains(proposal.configuration)) << space().describe(proposal.configuration);
    if (proposal.screening) {
      ASSERT_EQ(proposal.fidelity, 0.0);
      return;
    }
    ASSERT_GE(proposal.fidelity, traits_.fidelity.lowest);
    ASSERT_LE(proposal.fidelity, traits_.fidelity.highest);
    ASSERT_EQ(proposal.fidelity, std::floor(proposal.fidelity));
  }

  // Runs `count` trials from `first` on, as the simulator would with `workers` at once, trials ending in any
  // order, and leaves none running. Returns what happened.
  std::vector<Event> run(Strategy& strategy, const World& world, std::uint64_t seed, TrialId first = 0,
                         std::size_t count = kTrials) const {
    const Random root(seed);
    Random order = root.child("order").child(first);
    std::vector<Event> events;
    std::vector<Trial> running;
    TrialId next = first;
    bool finished = false;
    Work computed = strategy.computed();
    while (!finished || !running.empty()) {
      std::optional<Proposal> proposal;
      const bool may_ask = !finished && next < first + count && running.size() < world.workers;
      if (may_ask) {
        const Random stream = root.child("ask").child(next);
        proposal = strategy.ask(next, stream);
        if (proposal && world.turn_down && next % 3 == 0)
          proposal = strategy.ask(next, stream.child("again"));
      }
      if (proposal) {
        check(*proposal);
        running.push_back(evaluate(next, *proposal, world));
        events.push_back({next++, true, running.back()});
        continue;
      }
      if (running.empty()) break;
      finished = finished || next == first + count;
      const auto ended = static_cast<std::ptrdiff_t>(order.below(running.size()));
      const Trial trial = running[static_cast<std::size_t>(ended)];
      running.erase(running.begin() + ended);
      strategy.tell(trial);
      if (world.tell_twice) strategy.tell(trial);
      events.push_back({trial.id, false, trial});
      EXPECT_GE(strategy.computed(), computed);
      computed = strategy.computed();
    }
    return events;
  }

  ProblemTraits traits_;
  std::vector<EarlierSearch> earlier_;
  std::unique_ptr<StrategyRecipe> recipe_;
};

std::vector<Configuration> asked(const std::vector<Event>& events) {
  std::vector<Configuration> result;
  for (const Event& event : events)
    if (event.is_ask) result.push_back(event.trial.proposal.configuration);
  return result;
}

TEST_P(Contract, ProposesPointsOfTheSpace) {
  const auto events = run(*make(), {}, 1);
  EXPECT_FALSE(asked(events).empty());
}

TEST_P(Contract, TakesFailuresAndAnyOrderWithManyWorkers) {
  for (const unsigned workers : {3U, 32U})
    EXPECT_FALSE(asked(run(*make(workers), {.failures = 0.25, .workers = workers}, 2)).empty());
}

// Whole generations fail, and rows of tells come with no ask between them.
TEST_P(Contract, OutlivesRowsOfFailures) {
  for (std::uint64_t seed = 14; seed < (kSanitized ? 15U : 17U); ++seed)
    EXPECT_FALSE(asked(run(*make(200), {.failures = 0.7, .workers = 200}, seed, 0, 2 * kTrials)).empty());
}

TEST_P(Contract, GoesOnWhenEverythingFails) {
  if (std::get<0>(GetParam()).strategy == "grid") GTEST_SKIP() << "a grid ends with its last point";
  if (has_local_search() && space().cardinality() == 1.0) GTEST_SKIP() << "a local search ends when all is known";
  EXPECT_EQ(asked(run(*make(4), {.failures = 1.0, .workers = 4}, 3)).size(), kTrials);
}

TEST_P(Contract, TakesEqualLosses) {
  EXPECT_FALSE(asked(run(*make(), {.loss_scale = 0.0}, 4)).empty());
}

TEST_P(Contract, TakesHugeLosses) {
  EXPECT_FALSE(asked(run(*make(), {.loss_scale = -1e100}, 5)).empty());
}

TEST_P(Contract, TakesTheSameTellTwice) {
  EXPECT_FALSE(asked(run(*make(2), {.workers = 2, .tell_twice = true}, 6)).empty());
}

// Who writes a driver of his own may tell twice, after a crash for example.
TEST_P(Contract, ASecondTellChangesNothing) {
  if (kSanitized) GTEST_SKIP() << "a comparison";
  const World once = {.failures = 0.1, .workers = 2};
  const World twice = {.failures = 0.1, .workers = 2, .tell_twice = true};
  EXPECT_EQ(asked(run(*make(2), once, 13)), asked(run(*make(2), twice, 13)));
}

TEST_P(Contract, ProposesAgainWhenTurnedDown) {
  if ((std::get<0>(GetParam()).strategy == "grid" || has_local_search()) && space().cardinality() == 1.0)
    GTEST_SKIP() << "they propose each point once, and there is one";
  EXPECT_FALSE(asked(run(*make(4), {.workers = 4, .turn_down = true}, 7)).empty());
}

TEST_P(Contract, TheSameSeedGivesTheSameProposals) {
  if (kSanitized) GTEST_SKIP() << "a comparison";
  const World world = {.failures = 0.1, .workers = 5};
  const auto once = asked(run(*make(5), world, 8));
  EXPECT_EQ(once, asked(run(*make(5), world, 8)));
}

TEST_P(Contract, AnotherSeedGivesOtherProposals) {
  if (kSanitized) GTEST_SKIP() << "a comparison";
  if (space().cardinality().value_or(1e9) < 1000) GTEST_SKIP() << "the space is too small to tell";
  const std::string& label = std::get<0>(GetParam()).label;
  if (label == "sobol_plain" || label == "grid_in_order") GTEST_SKIP() << "every seed gets the same points";
  EXPECT_NE(asked(run(*make(), {}, 9)), asked(run(*make(), {}, 10)));
}

// A fresh instance that is fed the log of another goes on as the other does.
TEST_P(Contract, AFreshInstanceGoesOnFromALog) {
  const World world = {.failures = 0.1, .workers = 4};
  const auto original = make(4);
  const auto log = run(*original, world, 11);
  const auto fresh = make(4);
  const Random root(11);
  for (const Event& event : log) {
    if (!event.is_ask) {
      fresh->tell(event.trial);
      continue;
    }
    const auto proposal = fresh->ask(event.id, root.child("ask").child(event.id));
    ASSERT_TRUE(proposal);
    EXPECT_EQ(proposal->configuration, event.trial.proposal.configuration);
  }
  EXPECT_EQ(fresh->computed(), original->computed());
  EXPECT_EQ(asked(run(*original, world, 12, kTrials, 10)), asked(run(*fresh, world, 12, kTrials, 10)));
}

std::string name_of(const ::testing::TestParamInfo<Contract::ParamType>& info) {
  return std::get<0>(info.param).label + "_" + spaces()[std::get<1>(info.param)].name;
}

INSTANTIATE_TEST_SUITE_P(Catalogue, Contract,
                         ::testing::Combine(::testing::ValuesIn(cases()),
                                            ::testing::Range(std::size_t{0}, spaces().size())),
                         name_of);

TEST(StrategyCatalogue, NamesAreUniqueAndEverythingIsSaid) {
  std::set<std::string_view> seen;
  for (const auto& entry : strategy_catalogue()) {
    EXPECT_TRUE(seen.insert(entry.name).second) << entry.name;
    EXPECT_FALSE(entry.summary.empty()) << entry.name;
    EXPECT_FALSE(entry.reference.empty()) << entry.name;
    const auto recipe = entry.make();
    for (const auto& setting : describe_settings([&](SettingsVisitor& visitor) { recipe->visit(visitor); }))
      EXPECT_FALSE(setting.meaning.empty()) << entry.name << ": " << setting.key;
  }
}

}  // namespace
}  // namespace tonne
