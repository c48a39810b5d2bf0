#pragma once
// What `ehvi` and `qnehvi` are beside their improvement: a search with a model of each objective and a reference point.

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "core/replayable.h"
#include "search/strategies/multi_objective/front_reference.h"
#include "search/strategies/multi_objective/objective_models.h"

namespace tonne {

/// After a design, proposes what improves the front of the models' means most, as improve() sees it. An ask leaves behind, beside
/// what runs, its reference point and the count of its work.
class FrontStrategy : public Strategy, public Replayable {
 public:
  std::optional<Proposal> ask(TrialId id, Random random) final;
  void tell(const Trial& trial) final;
  [[nodiscard]] Work computed() const final { return models_.computed() + improvements_; }
  [[nodiscard]] std::vector<double> left_by_ask(TrialId id) const final;
  void replay(TrialId id, Random random, const Proposal& answer, std::span<const double> left) final;

 protected:
  /// A design of 2 (parameters + 1) trials, where the settings name none.
  FrontStrategy(const ObjectiveSearchSettings& search, const FrontReferenceSettings& reference, const RefitSettings& refit,
                const StrategyContext& context);

  static constexpr std::size_t kIncumbents = 8;  // around which extra candidates are drawn

  ObjectiveSearch search_;
  ObjectiveModels models_;
  FrontReference reference_;
  Work improvements_{};  // of improve() so far

 private:
  // Precondition: the models are ready.
  virtual Configuration improve(TrialId id, const AcquisitionSearch::Excluded& excluded, Random& random) = 0;
};

}  // namespace tonne
