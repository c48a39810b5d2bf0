// Latin hypercube sampling: McKay, Beckman and Conover 1979, "A Comparison of Three Methods for Selecting Values of Input
// Variables in the Analysis of Output from a Computer Code", Technometrics 21.
//
// A design of N points cuts the range of each parameter into N strata of equal probability, and each stratum of each
// parameter holds one point: x_ij = (pi_j(i) + U_ij) / N with a random permutation pi_j for each parameter. When a design
// is used up another one follows.

#include <numeric>
#include <utility>
#include <vector>

#include "core/recipe.h"
#include "search/strategies/moves.h"

namespace tonne {
namespace {

struct LatinHypercubeSettings {
  /// N. A strategy does not know the budget: set it to the evaluations that the search will have.
  std::int64_t points = 100;

  void visit(SettingsVisitor& visitor) {
    visitor.integer("points", points, Bounds::between(1, 1e6),
                    "points of a design: best the number of evaluations of the search");
  }
};

class LatinHypercube final : public Strategy {
 public:
  LatinHypercube(const LatinHypercubeSettings& settings, const StrategyContext& context)
      : space_(context.space),
        fidelity_(context.fidelity),
        points_(static_cast<std::size_t>(settings.points)),
        next_(points_),
        permutations_(context.space.size(), std::vector<std::uint32_t>(points_)),
        u_(context.space.size()) {}

  std::optional<Proposal> ask(TrialId, Random random) override {
    if (next_ == points_) begin_design(random.child("design"));
    for (std::size_t j = 0; j < u_.size(); ++j)
      u_[j] = (static_cast<double>(permutations_[j][next_]) + random.uniform()) / static_cast<double>(points_);
    ++next_;
    return Proposal{.configuration = configuration_at(space_, u_), .fidelity = fidelity_};
  }
  void tell(const Trial&) override {}

 private:
  // Fisher and Yates' shuffle for each parameter.
  void begin_design(Random random) {
    for (auto& permutation : permutations_) {
      std::iota(permutation.begin(), permutation.end(), 0U);
      for (std::size_t i = points_; i > 1; --i) std::swap(permutation[i - 1], permutation[random.below(i)]);
    }
    next_ = 0;
  }

  const SearchSpace& space_;
  double fidelity_;
  std::size_t points_;
  std::size_t next_;
  std::vector<std::vector<std::uint32_t>> permutations_;
  std::vector<double> u_;
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_latin_hypercube_recipe() {
  return std::make_unique<BasicStrategyRecipe<LatinHypercubeSettings, LatinHypercube>>();
}

}  // namespace tonne
