#pragma once
// Successive halving and Hyperband: one search, different brackets.

#include "search/strategies/multi_fidelity/brackets.h"

namespace tonne {

/// Synchronous brackets of configurations that are drawn at random.
class RandomBrackets final : public Strategy {
 public:
  /// `Settings` have `brackets(context)`, `rounds` and `barrier`.
  template <class Settings>
  RandomBrackets(const Settings& settings, const StrategyContext& context)
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

}  // namespace tonne
