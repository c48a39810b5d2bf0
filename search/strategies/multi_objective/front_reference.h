#pragma once
// The reference point behind which an improvement of the hypervolume counts, chosen anew at each ask.

#include <map>
#include <span>
#include <vector>

#include "core/settings.h"
#include "search/strategies/multi_objective/multi_objective.h"

namespace tonne {

struct FrontReferenceSettings {
  double margin = 0.1;     ///< BoTorch's infer_reference_point
  double far_share = 0.5;  ///< own choice

  void visit(SettingsVisitor& visitor);
};

/// The near point lies behind the front's worst values by `margin` parts of its extent, as BoTorch infers it. It alone
/// never leaves a front that has shrunk to a point (ZDT2 ends at the point that it begins with) and finds no further
/// piece. The far one lies as much behind the worst of all trials; it alone spends its asks on the ends of the front.
/// So a share of the asks, by lot, takes the far one: `far_share` at first and whenever such an ask has widened the
/// front, half of that where the last one has not.
class FrontReference {
 public:
  explicit FrontReference(const FrontReferenceSettings& settings) : settings_(settings) {}

  /// For the ask of trial `id`. means: of all that was evaluated and has not failed, not empty; extent: from the best to
  /// the worst loss of each objective.
  [[nodiscard]] Objectives choose(TrialId id, std::span<const Objectives> means, const Objectives& extent,
                                  Random& random);
  /// Whether the ask of trial `id`, which runs, has the far point, and its near one then: 1 + `objectives` numbers.
  [[nodiscard]] std::vector<double> chosen(TrialId id, std::size_t objectives) const;
  /// Instead of choose(), after which chosen() said this.
  void replay(TrialId id, std::span<const double> chosen);
  /// A trial has been told that became the log's last observation.
  void judge(TrialId id, const MultiObjectiveLog& log);

 private:
  FrontReferenceSettings settings_;
  std::map<TrialId, Objectives> far_asks_;  // running: the near reference point of each
  bool missed_ = false;                     // the last of them has not widened the front
};

}  // namespace tonne
