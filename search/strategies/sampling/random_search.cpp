// Random search (Bergstra and Bengio 2012, "Random Search for Hyper-Parameter Optimization", JMLR 13):
// independent uniform draws. The baseline of every comparison, and the cheapest strategy there can be.

#include "core/recipe.h"

namespace tonne {
namespace {

/// Nothing to set.
struct RandomSearchSettings {
  void visit(SettingsVisitor&) {}
};

class RandomSearch final : public Strategy {
 public:
  RandomSearch(const RandomSearchSettings&, const StrategyContext& context)
      : space_(context.space), fidelity_(context.fidelity) {}

  std::optional<Proposal> ask(TrialId, Random random) override {
    return Proposal{.configuration = space_.sample(random), .fidelity = fidelity_};
  }
  void tell(const Trial&) override {}
  [[nodiscard]] bool draws_afresh() const override { return true; }

 private:
  const SearchSpace& space_;
  double fidelity_;
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_random_recipe() {
  return std::make_unique<BasicStrategyRecipe<RandomSearchSettings, RandomSearch>>();
}

}  // namespace tonne
