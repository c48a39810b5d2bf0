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

#include "core/recipe.h"
#include "search/strategies/multi_fidelity/brackets.h"

namespace tonne {
namespace {

class Hyperband final : public Strategy {
 public:
  Hyperband(const HyperbandSettings& settings, const StrategyContext& context)
      : space_(context.space),
        brackets_(settings.brackets(context), static_cast<std::uint64_t>(settings.rounds), settings.barrier) {
  }

  std::optional<Proposal> ask(TrialId id, Random random) override {
    return brackets_.ask(id, [&] { return space_.sample(random); });
  }
  void tell(const Trial& trial) override { brackets_.tell(trial); }
  [[nodiscard]] bool may_resume() const override { return true; }

 private:
  const SearchSpace& space_;
  SynchronousBrackets brackets_;
};

class HyperbandRecipe final : public StrategyRecipe {
 public:
  void visit(SettingsVisitor& visitor) override { settings_.visit(visitor); }
  [[nodiscard]] std::optional<std::string> refuses(const StrategyContext& context) const override {
    return refuses_least(settings_.min_fidelity, context);
  }
  [[nodiscard]] std::unique_ptr<Strategy> make(const StrategyContext& context) const override {
    return std::make_unique<Hyperband>(settings_, context);
  }

 private:
  HyperbandSettings settings_;
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_hyperband_recipe() {
  return std::make_unique<HyperbandRecipe>();
}

}  // namespace tonne
