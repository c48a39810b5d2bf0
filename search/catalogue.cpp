#include "search/catalogue.h"

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace tonne {

// A row is all that the program knows of a strategy or problem beside its own file, which defines the
// function `make_<name>_recipe` that the row declares (a name that no file defines is the linker's error). A
// static table, not self-registration: the linker drops self-registering objects from static libraries.
// clang-format off
#define TONNE_ROW(Recipe, name, summary, reference)                \
  CatalogueEntry<Recipe> {                                         \
    #name, summary, reference, [] {                                \
      extern std::unique_ptr<Recipe> make_##name##_recipe();       \
      return make_##name##_recipe();                               \
    }                                                              \
  }
// clang-format on
#define TONNE_STRATEGY(name, summary, reference) TONNE_ROW(StrategyRecipe, name, summary, reference)
#define TONNE_PROBLEM(name, summary, reference) TONNE_ROW(ProblemRecipe, name, summary, reference)

constexpr CatalogueEntry<StrategyRecipe> kStrategies[] = {
    TONNE_STRATEGY(random, "uniform random sampling: the baseline", "Bergstra and Bengio 2012"),
    TONNE_STRATEGY(grid, "full grid: every combination of a few values per parameter", "folklore"),
    TONNE_STRATEGY(sobol, "scrambled Sobol sequence: space-filling",
                   "Sobol 1967; Joe and Kuo 2008; Matousek 1998"),
    TONNE_STRATEGY(latin_hypercube, "Latin hypercube designs: one point per stratum of each parameter",
                   "McKay, Beckman and Conover 1979"),
    TONNE_STRATEGY(local_search, "hill climbing: moves to better neighbours, restarts at local optima",
                   "White, Nolen and Savani 2021"),
    TONNE_STRATEGY(simulated_annealing, "random walk that accepts worse candidates with falling probability",
                   "Kirkpatrick, Gelatt and Vecchi 1983"),
    TONNE_STRATEGY(genetic, "generational GA: tournament selection, crossover, mutation, elitism",
                   "Goldberg 1989"),
    TONNE_STRATEGY(regularized_evolution,
                   "aging evolution: mutates the best of a random sample, removes the oldest",
                   "Real et al. 2019"),
    TONNE_STRATEGY(differential_evolution,
                   "mutates by differences between members; the better of parent and child survives",
                   "Storn and Price 1997"),
    TONNE_STRATEGY(cma_es, "CMA-ES: a normal distribution adapts its mean, step size and covariance",
                   "Hansen 2016; Hamano et al. 2022 and 2024 for integers and categories"),
    TONNE_STRATEGY(nsga2, "multi-objective GA: non-dominated sorting and crowding distance",
                   "Deb et al. 2002"),
    TONNE_STRATEGY(nsga3, "multi-objective GA: non-dominated sorting, and niches along reference directions",
                   "Deb and Jain 2014"),
    TONNE_STRATEGY(moead,
                   "multi-objective GA: neighbouring subproblems, each with weights of its own, share solutions",
                   "Zhang and Li 2007; Li and Zhang 2009"),
    TONNE_STRATEGY(sms_emoa,
                   "multi-objective GA: discards the member that contributes least to the hypervolume",
                   "Beume, Naujoks and Emmerich 2007"),
    TONNE_STRATEGY(
        parego,
        "multi-objective BO: a Gaussian process on a randomly weighted scalarisation, redrawn at each step",
        "Knowles 2006"),
    TONNE_STRATEGY(ehvi,
                   "multi-objective BO: one Gaussian process per objective, expected hypervolume improvement",
                   "Emmerich et al. 2011; Yang et al. 2019; Ament et al. 2023"),
    TONNE_STRATEGY(qnehvi,
                   "multi-objective BO for noise and several workers: hypervolume improvement over draws of the front",
                   "Daulton, Balandat and Bakshy 2021"),
    TONNE_STRATEGY(tpe, "tree-structured Parzen estimator: density ratio of good to bad trials",
                   "Bergstra et al. 2011, with Optuna's multivariate kernels"),
    TONNE_STRATEGY(gp, "Bayesian optimisation: Gaussian process, Matern-5/2, log expected improvement",
                   "Jones et al. 1998; Hvarfner et al. 2024; Ament et al. 2023"),
    TONNE_STRATEGY(gittins,
                   "Bayesian optimisation at a price of carbon: Gittins index, stops when no trial is worth its cost",
                   "Xie et al. 2024; Xie et al. 2025"),
    TONNE_STRATEGY(carbo,
                   "Bayesian optimisation within a budget: a design of cheap points, then improvement per cooling cost",
                   "Lee, Perrone, Archambeau and Seeger 2020 (CArBO)"),
    TONNE_STRATEGY(hebo,
                   "Bayesian optimisation with warped inputs and outputs; proposes from a front of three acquisitions",
                   "Cowen-Rivers et al. 2022"),
    TONNE_STRATEGY(turbo, "trust-region BO: local Gaussian processes, Thompson sampling, restarts",
                   "Eriksson et al. 2019, TuRBO-1 and TuRBO-m"),
    TONNE_STRATEGY(rf, "SMAC: expected improvement under a random forest, local and random search",
                   "Hutter, Hoos and Leyton-Brown 2011, with SMAC3's settings"),
    TONNE_STRATEGY(bore, "density ratio of good to bad trials by a classifier: boosted trees or a random forest",
                   "Tiao et al. 2021, with Syne Tune's settings"),
    TONNE_STRATEGY(cqr, "conformalised quantile regression by boosted trees, Thompson sampling",
                   "Salinas et al. 2023, with Syne Tune's settings"),
    TONNE_STRATEGY(bananas, "ensemble of neural predictors, Thompson sampling, mutations of the best trials",
                   "White, Neiswanger and Savani 2021"),
    TONNE_STRATEGY(successive_halving,
                   "trains many candidates briefly, promotes the best from rung to rung; around any strategy",
                   "Jamieson and Talwalkar 2016; Li et al. 2018"),
    TONNE_STRATEGY(hyperband, "successive halving in brackets, many short trainings to a few long ones; around any strategy",
                   "Li et al. 2018"),
    TONNE_STRATEGY(asha, "asynchronous successive halving: no worker waits for a rung to finish; around any strategy",
                   "Li et al. 2020 (MLSys)"),
    TONNE_STRATEGY(pasha, "ASHA whose longest training grows only while it changes who is ahead; around any strategy",
                   "Bohdal et al. 2023 (ICLR)"),
    TONNE_STRATEGY(moasha, "ASHA for several objectives: rungs ranked by fronts; around any strategy",
                   "Schmucker et al. 2021"),
    TONNE_STRATEGY(bohb, "Hyperband with configurations sampled from a kernel density model",
                   "Falkner et al. 2018"),
    TONNE_STRATEGY(dehb, "Hyperband with configurations from differential evolution",
                   "Awad, Mallik and Hutter 2021"),
    TONNE_STRATEGY(dyhpo,
                   "one step of training at a time, where a Gaussian process over settings, training and learning "
                   "curve expects the most",
                   "Wistuba, Kadra and Grabocka 2022"),
    TONNE_STRATEGY(freeze_thaw,
                   "extrapolates learning curves and goes on with the most promising; the others stay frozen",
                   "Swersky, Snoek and Adams 2014; Rakotoarison et al. 2024 (ifBO)"),
    TONNE_STRATEGY(
        median_stopping,
        "stops trials whose best loss is worse than the median of the others'; around any strategy",
        "Golovin et al. 2017 (Vizier)"),
    TONNE_STRATEGY(pruning,
                   "stops trials by a percentile, a signed rank test, limits or patience; around any strategy",
                   "Optuna's percentile, Wilcoxon, threshold and patient pruners"),
    TONNE_STRATEGY(pbt,
                   "population-based training: the worst members copy the best ones' weights and perturb "
                   "their settings",
                   "Jaderberg et al. 2017"),
    TONNE_STRATEGY(pb2,
                   "population-based bandits: PBT whose copies explore by a time-varying Gaussian process",
                   "Parker-Holder, Nguyen and Roberts 2020"),
    TONNE_STRATEGY(progressive_hurdles,
                   "tournament evolution; candidates that beat the mean of earlier ones train longer",
                   "So, Liang and Le 2019"),
    TONNE_STRATEGY(reinforce,
                   "policy gradient: one softmax per decision, or an LSTM over the earlier decisions",
                   "Williams 1992; Zoph and Le 2017, with the settings of NATS-Bench (Dong et al. 2021)"),
    TONNE_STRATEGY(one_shot,
                   "one-shot NAS: ranks candidates with a supernet's shared weights, then trains the best "
                   "from scratch",
                   "Pham et al. 2018 (ENAS); Guo et al. 2020"),
    TONNE_STRATEGY(external, "your own program in any language, over JSON lines; needs --allow-external",
                   "docs/external-protocol.md"),
    TONNE_STRATEGY(
        zero_cost,
        "wraps any strategy: scores candidates with a zero-cost proxy and trains the promising ones",
        "Mellor et al. 2021; Abdelfattah et al. 2021"),
    TONNE_STRATEGY(carbon_budget,
                   "wraps any strategy: paces trials to a carbon allowance that grows over time",
                   "this program's; see docs/strategies.md"),
    TONNE_STRATEGY(marginal_stop,
                   "wraps any strategy: stops when the gain per additional kilogram of CO2e gets too small",
                   "this program's; see docs/strategies.md"),
    TONNE_STRATEGY(wait_for_clean,
                   "wraps any strategy: delays each trial to the cleanest grid hours within a limit",
                   "Wiesner et al. 2021, Let's Wait Awhile"),
    TONNE_STRATEGY(
        follow_the_sun,
        "wraps any strategy: runs each trial at the site with the cleanest electricity for its duration",
        "Zheng et al. 2020; Radovanovic et al. 2022"),
    TONNE_STRATEGY(zero_shot, "transfer: first the configurations that were good on earlier tasks, then another strategy",
                   "Wistuba et al. 2015; Winkelmolen et al. 2020"),
    TONNE_STRATEGY(bounding_box, "transfer: another strategy within the box around the best of earlier tasks",
                   "Perrone et al. 2019"),
    TONNE_STRATEGY(quantile_transfer, "transfer: ranks on earlier tasks as the prior of a Gaussian process",
                   "Salinas et al. 2020"),
    TONNE_STRATEGY(auto, "chooses among these strategies by space, budget, workers and objectives, and says which and why",
                   "Meunier et al. 2022 (NGOpt), with this program's rules"),
    TONNE_STRATEGY(in_sequence, "wraps any strategy: searches a problem's stages one after another",
                   "this program's; see docs/strategies.md"),
};

constexpr CatalogueEntry<ProblemRecipe> kProblems[] = {
    TONNE_PROBLEM(cell_nas, "six edges, five operations: 15,625 cells shaped like NAS-Bench-201",
                  "Dong and Yang 2020, NAS-Bench-201 (ICLR)"),
    TONNE_PROBLEM(evolved_transformer, "encoder and decoder cells of 14 blocks: 7e115 translation networks",
                  "So, Liang and Le 2019, The Evolved Transformer (ICML)"),
    TONNE_PROBLEM(macro_nas,
                  "a chain of convolutions with free sizes and skip connections; optional weight sharing",
                  "Zoph and Le 2017 (ICLR), section 4.1"),
    TONNE_PROBLEM(transformer_lm,
                  "language models of ten million to a trillion parameters, under published scaling laws",
                  "Hoffmann et al. 2022; Kaplan et al. 2020"),
    TONNE_PROBLEM(nk, "Kauffman's NK landscapes: tunable ruggedness, exact optimum",
                  "Kauffman and Weinberger 1989"),
    TONNE_PROBLEM(
        pipeline,
        "CASH on tabular data: features, model and hyper-parameters, a conditional space of 34 parameters",
        "Thornton et al. 2013; Feurer et al. 2015"),
    TONNE_PROBLEM(automl,
                  "a keyword spotter from features to compilation: four stages, each with its own costs",
                  "this program's; objective of Tan et al. 2019"),
    TONNE_PROBLEM(hpo,
                  "hyper-parameters of an MLP, CNN fine-tuning or gradient boosting; or FCNet's 62,208 "
                  "configurations",
                  "Klein and Hutter 2019; docs/problems.md"),
    TONNE_PROBLEM(compiler_schedule,
                  "tiles, threads, vector widths and local memory of a GPU matrix product or convolution",
                  "Nugteren 2018, CLBlast; docs/problems.md"),
    TONNE_PROBLEM(macro_cnn,
                  "MobileNets with free depth, kernels, expansion and resolution; or 6,561 shaped like "
                  "NAS-Bench-Macro",
                  "Cai et al. 2020, Once-for-All (ICLR); Su et al. 2021 (CVPR)"),
    TONNE_PROBLEM(graph_cell,
                  "cells of up to seven vertices and nine edges: 423,624 shaped like NAS-Bench-101",
                  "Ying et al. 2019, NAS-Bench-101 (ICML)"),
    TONNE_PROBLEM(tiny_ml,
                  "int8 keyword spotting or person detection within a microcontroller's RAM and flash",
                  "Zhang et al. 2017, Hello Edge; Lin et al. 2020, MCUNet (NeurIPS)"),
    TONNE_PROBLEM(tabular, "your own table of results, CSV or SQLite", "your table"),
    TONNE_PROBLEM(imitation, "a synthetic landscape with the portrait of your table, without its rows",
                  "the file that tonne imitate writes"),
    TONNE_PROBLEM(function,
                  "test functions with known minima: Branin, Hartmann, Ackley, Levy, Rastrigin, Rosenbrock",
                  "Surjanovic and Bingham, Virtual Library of Simulation Experiments"),
    TONNE_PROBLEM(zdt, "two objectives with known fronts: ZDT 1 to 4 and 6", "Zitzler, Deb and Thiele 2000"),
    TONNE_PROBLEM(dtlz, "two to five objectives with known fronts: DTLZ 1 to 7", "Deb et al. 2002"),
    TONNE_PROBLEM(wfg, "two to five objectives of different scales, with known fronts: WFG 1 to 9",
                  "Huband et al. 2006"),
};

#undef TONNE_PROBLEM
#undef TONNE_STRATEGY
#undef TONNE_ROW

namespace {

// The program's own rows, and behind them what other programs add.
std::vector<CatalogueEntry<StrategyRecipe>>& strategies() {
  static std::vector<CatalogueEntry<StrategyRecipe>> entries(std::begin(kStrategies), std::end(kStrategies));
  return entries;
}

std::vector<CatalogueEntry<ProblemRecipe>>& problems() {
  static std::vector<CatalogueEntry<ProblemRecipe>> entries(std::begin(kProblems), std::end(kProblems));
  return entries;
}

// What experiment files can name without quotes.
bool is_name(std::string_view text) {
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  return !text.empty() && is_letter(text.front()) &&
         std::ranges::all_of(text, [&](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '_'; });
}

template <class Recipe>
void add(std::vector<CatalogueEntry<Recipe>>& entries, const CatalogueEntry<Recipe>& entry) {
  const std::string name(entry.name);
  if (!is_name(name)) throw std::invalid_argument("'" + name + "' is no name for a catalogue: lower-case letters, digits and _");
  if (std::ranges::any_of(entries, [&](const auto& other) { return other.name == name; }))
    throw std::invalid_argument("the catalogue has a '" + name + "' already");
  entries.push_back(entry);
}

}  // namespace

std::span<const CatalogueEntry<StrategyRecipe>> strategy_catalogue() { return strategies(); }
std::span<const CatalogueEntry<ProblemRecipe>> problem_catalogue() { return problems(); }
void add_to_catalogue(const CatalogueEntry<StrategyRecipe>& strategy) { add(strategies(), strategy); }
void add_to_catalogue(const CatalogueEntry<ProblemRecipe>& problem) { add(problems(), problem); }

}  // namespace tonne
