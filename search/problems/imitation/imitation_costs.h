#pragma once
// What an imitation's evaluations cost.

#include <cstdint>
#include <optional>
#include <vector>

#include "core/problem.h"
#include "search/problems/imitation/imitation_field.h"
#include "search/problems/imitation/imitation_scores.h"
#include "search/problems/imitation/imitation_space.h"
#include "search/problems/landscape/monotone_curve.h"

namespace tonne::imitation {

class Costs {
 public:
  /// `effects`: of the quality, of which the costs' are a part.
  Costs(const SearchSpace& space, const Nodes& nodes, const Space& said, std::uint64_t seed,
        const Effects& effects);

  /// Of a full training. `score`: none of a candidate that fails.
  [[nodiscard]] Workload work(const Configuration& configuration, std::optional<double> score) const;
  /// Of one use; none where no cost of a use is told.
  [[nodiscard]] std::optional<Workload> use(const Configuration& configuration,
                                            std::optional<double> score) const;

 private:
  struct Model {
    std::size_t name;  // of kCostNames
    double constant;
    double direct;
    std::optional<Field> field;  // none: constant
    ScoreCurve curve;
    std::optional<MonotoneCurve> values;
  };
  [[nodiscard]] static double amount(const Model& model, const Places& places, std::optional<double> score);

  const SearchSpace& space_;
  const Nodes& nodes_;
  std::vector<Model> models_;
};

}  // namespace tonne::imitation
