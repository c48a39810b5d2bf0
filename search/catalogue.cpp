#include "search/catalogue.h"

#include <vector>

namespace tonne {

// Each strategy and each problem is one file that defines the function declared here. A static table, not
// self-registration: the linker drops self-registering objects from static libraries.
// Strategies, search/strategies/:
std::unique_ptr<StrategyRecipe> make_random_search_recipe();
std::unique_ptr<StrategyRecipe> make_grid_recipe();
std::unique_ptr<StrategyRecipe> make_sobol_recipe();
std::unique_ptr<StrategyRecipe> make_latin_hypercube_recipe();
std::unique_ptr<StrategyRecipe> make_local_search_recipe();
std::unique_ptr<StrategyRecipe> make_simulated_annealing_recipe();
std::unique_ptr<StrategyRecipe> make_genetic_recipe();
std::unique_ptr<StrategyRecipe> make_regularized_evolution_recipe();
std::unique_ptr<StrategyRecipe> make_differential_evolution_recipe();
std::unique_ptr<StrategyRecipe> make_cma_es_recipe();
std::unique_ptr<StrategyRecipe> make_nsga2_recipe();
std::unique_ptr<StrategyRecipe> make_parego_recipe();
std::unique_ptr<StrategyRecipe> make_ehvi_recipe();
std::unique_ptr<StrategyRecipe> make_tpe_recipe();
std::unique_ptr<StrategyRecipe> make_gp_recipe();
std::unique_ptr<StrategyRecipe> make_rf_recipe();
std::unique_ptr<StrategyRecipe> make_bananas_recipe();
std::unique_ptr<StrategyRecipe> make_successive_halving_recipe();
std::unique_ptr<StrategyRecipe> make_hyperband_recipe();
std::unique_ptr<StrategyRecipe> make_asha_recipe();
std::unique_ptr<StrategyRecipe> make_bohb_recipe();
std::unique_ptr<StrategyRecipe> make_dehb_recipe();
std::unique_ptr<StrategyRecipe> make_median_stopping_recipe();
std::unique_ptr<StrategyRecipe> make_pbt_recipe();
std::unique_ptr<StrategyRecipe> make_progressive_hurdles_recipe();
std::unique_ptr<StrategyRecipe> make_reinforce_recipe();
std::unique_ptr<StrategyRecipe> make_one_shot_recipe();
std::unique_ptr<StrategyRecipe> make_external_recipe();
std::unique_ptr<StrategyRecipe> make_zero_cost_recipe();
std::unique_ptr<StrategyRecipe> make_carbon_budget_recipe();
std::unique_ptr<StrategyRecipe> make_marginal_stop_recipe();
std::unique_ptr<StrategyRecipe> make_wait_for_clean_recipe();
std::unique_ptr<StrategyRecipe> make_follow_the_sun_recipe();
std::unique_ptr<StrategyRecipe> make_in_sequence_recipe();
// Problems, search/problems/:
std::unique_ptr<ProblemRecipe> make_function_recipe();
std::unique_ptr<ProblemRecipe> make_zdt_recipe();
std::unique_ptr<ProblemRecipe> make_dtlz_recipe();
std::unique_ptr<ProblemRecipe> make_tabular_recipe();
std::unique_ptr<ProblemRecipe> make_cell_nas_recipe();
std::unique_ptr<ProblemRecipe> make_evolved_transformer_recipe();
std::unique_ptr<ProblemRecipe> make_macro_nas_recipe();
std::unique_ptr<ProblemRecipe> make_transformer_lm_recipe();
std::unique_ptr<ProblemRecipe> make_nk_recipe();
std::unique_ptr<ProblemRecipe> make_pipeline_recipe();
std::unique_ptr<ProblemRecipe> make_automl_recipe();
std::unique_ptr<ProblemRecipe> make_hpo_recipe();
std::unique_ptr<ProblemRecipe> make_compiler_schedule_recipe();
std::unique_ptr<ProblemRecipe> make_macro_cnn_recipe();
std::unique_ptr<ProblemRecipe> make_graph_cell_recipe();
std::unique_ptr<ProblemRecipe> make_tiny_ml_recipe();

std::span<const CatalogueEntry<StrategyRecipe>> strategy_catalogue() {
  static const std::vector<CatalogueEntry<StrategyRecipe>> entries = {
      {"random", "independent uniform draws: the baseline", "Bergstra and Bengio 2012",
       make_random_search_recipe},
      {"grid", "all combinations of a few values of each parameter", "folklore; counted with conditions", make_grid_recipe},
      {"sobol", "scrambled Sobol sequence: fills the space evenly", "Sobol 1967; Joe and Kuo 2008; Matousek 1998",
       make_sobol_recipe},
      {"latin_hypercube", "designs with one point in each stratum of each parameter",
       "McKay, Beckman and Conover 1979", make_latin_hypercube_recipe},
      {"local_search", "evaluates a neighbourhood, moves to its best, begins anew at a local optimum",
       "White, Nolen and Savani 2021", make_local_search_recipe},
      {"simulated_annealing", "a random walk that accepts ever fewer worsenings", "Kirkpatrick, Gelatt and Vecchi 1983",
       make_simulated_annealing_recipe},
      {"genetic", "generations by tournament, crossover, mutation and elitism", "Goldberg 1989", make_genetic_recipe},
      {"regularized_evolution", "aging evolution: mutates the best of a sample, the oldest dies",
       "Real et al. 2019", make_regularized_evolution_recipe},
      {"differential_evolution", "differences of members move others; the better of old and new stays",
       "Storn and Price 1997", make_differential_evolution_recipe},
      {"cma_es", "a normal distribution that learns its mean, step size and covariance", "Hansen 2016, with IPOP restarts",
       make_cma_es_recipe},
      {"nsga2", "several objectives at once: fronts and crowding distances", "Deb et al. 2002", make_nsga2_recipe},
      {"parego", "several objectives at once: a Gaussian process of a weighting that is drawn anew at each step", "Knowles 2006",
       make_parego_recipe},
      {"ehvi", "several objectives at once: a Gaussian process each, expected hypervolume improvement",
       "Emmerich et al. 2011; Yang et al. 2019; Ament et al. 2023", make_ehvi_recipe},
      {"tpe", "tree-structured Parzen estimator: densities of good and of other candidates",
       "Bergstra et al. 2011, with Optuna's multivariate kernels", make_tpe_recipe},
      {"gp", "Bayesian optimisation: Gaussian process, Matern-5/2, log expected improvement",
       "Jones et al. 1998; Hvarfner et al. 2024; Ament et al. 2023", make_gp_recipe},
      {"rf", "SMAC: expected improvement under a random forest, local and random search",
       "Hutter, Hoos and Leyton-Brown 2011, with SMAC3's settings", make_rf_recipe},
      {"bananas", "an ensemble of neural predictors, Thompson sampling, mutations of the best",
       "White, Neiswanger and Savani 2021", make_bananas_recipe},
      {"successive_halving", "many train little, the best of them more, from rung to rung",
       "Jamieson and Talwalkar 2016; Li et al. 2018", make_successive_halving_recipe},
      {"hyperband", "successive halving in brackets, from many short trainings to few long ones", "Li et al. 2018",
       make_hyperband_recipe},
      {"asha", "asynchronous successive halving: no worker waits for a rung", "Li et al. 2020 (MLSys)", make_asha_recipe},
      {"bohb", "Hyperband whose configurations a kernel density model draws", "Falkner et al. 2018", make_bohb_recipe},
      {"dehb", "Hyperband whose configurations differential evolution makes", "Awad, Mallik and Hutter 2021",
       make_dehb_recipe},
      {"median_stopping", "random search that stops trials whose best is worse than the median average",
       "Golovin et al. 2017 (Vizier)", make_median_stopping_recipe},
      {"pbt", "population based training: the worst copy weights and settings of the best, and perturb them",
       "Jaderberg et al. 2017", make_pbt_recipe},
      {"progressive_hurdles", "tournament evolution; who beats the mean of those before trains on",
       "So, Liang and Le 2019", make_progressive_hurdles_recipe},
      {"reinforce", "policy gradient: a softmax for each decision, or an LSTM that reads the earlier ones",
       "Williams 1992; Zoph and Le 2017, with the settings of NATS-Bench (Dong et al. 2021)", make_reinforce_recipe},
      {"one_shot", "a supernet trained once, candidates judged with its weights, the best trained on their own",
       "Pham et al. 2018 (ENAS); Guo et al. 2020", make_one_shot_recipe},
      {"external", "a program of yours, in any language, that speaks JSON lines; needs --allow-external",
       "docs/external-protocol.md", make_external_recipe},
      {"zero_cost", "around any strategy: a cheap proxy looks at candidates, the promising ones are trained",
       "Mellor et al. 2021; Abdelfattah et al. 2021", make_zero_cost_recipe},
      {"carbon_budget", "around any strategy: trials start no faster than an allowance of carbon grows",
       "this program's; see docs/strategies.md", make_carbon_budget_recipe},
      {"marginal_stop", "around any strategy: ends when another kilogram is not expected to buy enough",
       "this program's; see docs/strategies.md", make_marginal_stop_recipe},
      {"wait_for_clean", "around any strategy: each trial waits for the grid's cleanest hours within reach",
       "Wiesner et al. 2021, Let's Wait Awhile", make_wait_for_clean_recipe},
      {"follow_the_sun", "around any strategy: each trial runs at the site whose electricity is cleanest meanwhile",
       "Zheng et al. 2020; Radovanovic et al. 2022", make_follow_the_sun_recipe},
      {"in_sequence", "around any strategy: the stages of a problem one after the other",
       "this program's; see docs/strategies.md", make_in_sequence_recipe},
  };
  return entries;
}

std::span<const CatalogueEntry<ProblemRecipe>> problem_catalogue() {
  static const std::vector<CatalogueEntry<ProblemRecipe>> entries = {
      {"cell_nas", "six edges, five operations: 15,625 cells of NAS-Bench-201 shape",
       "Dong and Yang 2020, NAS-Bench-201 (ICLR)", make_cell_nas_recipe},
      {"evolved_transformer", "encoder and decoder cells of 14 blocks: 7e115 translation networks",
       "So, Liang and Le 2019, The Evolved Transformer (ICML)", make_evolved_transformer_recipe},
      {"macro_nas", "a chain of convolutions with free sizes and connections; weight sharing if wanted",
       "Zoph and Le 2017 (ICLR), section 4.1", make_macro_nas_recipe},
      {"transformer_lm", "language models of ten million to a trillion parameters, by published scaling laws",
       "Hoffmann et al. 2022; Kaplan et al. 2020", make_transformer_lm_recipe},
      {"nk", "Kauffman's NK landscapes: ruggedness by choice, exact optimum", "Kauffman and Weinberger 1989",
       make_nk_recipe},
      {"pipeline", "features, model and their settings for a table: a conditional tree of 34 parameters",
       "Thornton et al. 2013; Feurer et al. 2015", make_pipeline_recipe},
      {"automl", "features, hyper-parameters, architecture and compilation of a keyword spotter, with the bill by stage",
       "this program's; objective of Tan et al. 2019", make_automl_recipe},
      {"hpo", "hyper-parameters of an MLP, a CNN's fine-tuning or gradient boosting; FCNet's 62,208 settings",
       "Klein and Hutter 2019; docs/problems.md", make_hpo_recipe},
      {"compiler_schedule", "tiles, threads, vectors and local memory of a matrix product or convolution on a GPU",
       "Nugteren 2018, CLBlast; docs/problems.md", make_compiler_schedule_recipe},
      {"macro_cnn", "MobileNets with free depth, kernels, expansions, resolution; or the 6,561 of NAS-Bench-Macro shape",
       "Cai et al. 2020, Once-for-All (ICLR); Su et al. 2021 (CVPR)", make_macro_cnn_recipe},
      {"graph_cell", "cells of up to seven vertices and nine edges: 423,624 of NAS-Bench-101 shape",
       "Ying et al. 2019, NAS-Bench-101 (ICML)", make_graph_cell_recipe},
      {"tiny_ml", "keyword spotting and person detection in int8 under a microcontroller's RAM and flash",
       "Zhang et al. 2017, Hello Edge; Lin et al. 2020, MCUNet (NeurIPS)", make_tiny_ml_recipe},
      {"tabular", "a table of yours, CSV or SQLite, answers for each configuration", "your table",
       make_tabular_recipe},
      {"function", "analytic functions with known minima: Branin, Hartmann, Ackley, Levy, Rastrigin, Rosenbrock",
       "Surjanovic and Bingham, Virtual Library of Simulation Experiments", make_function_recipe},
      {"zdt", "two objectives with known fronts: ZDT 1 to 4 and 6", "Zitzler, Deb and Thiele 2000", make_zdt_recipe},
      {"dtlz", "two to four objectives with known fronts: DTLZ 1 and 2", "Deb et al. 2002", make_dtlz_recipe},
  };
  return entries;
}

}  // namespace tonne
