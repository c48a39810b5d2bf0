// Hyperband: Li, Jamieson, DeSalvo, Rostamizadeh and Talwalkar 2018, "Hyperband: A Novel Bandit-Based
// Approach to Hyperparameter Optimization", JMLR 18. The symbols are those of algorithm 1.
//
// How many configurations n should share a budget, when it is unknown how early good ones show? Hyperband
// tries all answers: bracket s starts successive halving with n = ceil((s_max + 1) / (s + 1) eta^s)
// configurations trained for r = R eta^-s, so that each bracket costs about the same (s_max + 1) R. Bracket
// s_max trusts early losses most, bracket 0 is random search. After bracket 0 it begins anew (section 3.6
// gives the infinite horizon no other answer).
//
// Where the paper is silent, or this differs: as in successive_halving.cpp. Workers that find a rung's last
// trials running begin the next bracket, as HpBandSter's do.

#include "search/strategies/multi_fidelity/source_brackets.h"

namespace tonne {

std::unique_ptr<StrategyRecipe> make_hyperband_recipe() {
  return std::make_unique<SchedulerRecipe<HyperbandSettings, SourceBrackets>>();
}

}  // namespace tonne
