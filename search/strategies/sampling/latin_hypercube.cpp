// Latin hypercube sampling: McKay, Beckman and Conover 1979, "A Comparison of Three Methods for Selecting
// Values of Input Variables in the Analysis of Output from a Computer Code", Technometrics 21.
//
// When a design is used up another one follows.

#include <optional>

#include "core/recipe.h"
#include "search/strategies/sampling/latin_hypercube_design.h"

namespace tonne {
namespace {

struct LatinHypercubeSettings {
  /// N. Not taken from the budget: set it to the evaluations that the search will have.
  std::int64_t points = 100;

  void visit(SettingsVisitor& visitor) {
    visitor.integer("points", points, Bounds::between(1, 1e6),
                    "points per design; ideally the search's number of evaluations");
  }
};

class LatinHypercube final : public Strategy {
 public:
  LatinHypercube(const LatinHypercubeSettings& settings, const StrategyContext& context)
      : space_(context.space),
        fidelity_(context.fidelity),
        points_(static_cast<std::size_t>(settings.points)) {}

  std::optional<Proposal> ask(TrialId, Random random) override {
    if (!design_ || next_ == points_) {
      design_.emplace(space_, points_, random.child("design"));
      next_ = 0;
    }
    return Proposal{.configuration = design_->point(next_++, random), .fidelity = fidelity_};
  }
  void tell(const Trial&) override {}

 private:
  const SearchSpace& space_;
  double fidelity_;
  std::size_t points_;
  std::size_t next_ = 0;
  std::optional<LatinHypercubeDesign> design_;
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_latin_hypercube_recipe() {
  return std::make_unique<BasicStrategyRecipe<LatinHypercubeSettings, LatinHypercube>>();
}

}  // namespace tonne
