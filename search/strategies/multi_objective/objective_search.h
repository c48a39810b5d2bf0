#pragma once
// What `parego` and `ehvi` share: the settings of their models, the trials before there is a model, and the
// book-keeping of an ask.

#include <functional>
#include <optional>
#include <string_view>

#include "search/strategies/multi_objective/multi_objective.h"
#include "search/strategies/sampling/latin_hypercube_design.h"
#include "search/surrogates/acquisition_search.h"
#include "search/surrogates/encoding.h"
#include "search/surrogates/gaussian_process.h"
#include "search/surrogates/model_settings.h"

namespace tonne {

struct ObjectiveSearchSettings {
  std::optional<std::int64_t> initial = {};  ///< none: the paper's number, at most initial_most
  std::int64_t initial_most = 30;   ///< assumed; ParEGO's paper has up to 8 parameters and 250 evaluations
  std::int64_t max_fit_points = 0;  ///< set by the strategy: bounds O(n^3)
  CandidateSettings acquisition = {};
  double noise_floor = 1e-6;  ///< Optuna's GPSampler
  TrialCost cost_objective = TrialCost::none;

  /// Declares `initial` and `initial_most`.
  void visit_design(SettingsVisitor& visitor, std::string_view initial_meaning);
  /// Declares the others, in the order in which they stand here.
  void visit_model(SettingsVisitor& visitor);
};

/// A search that begins with a Latin hypercube design and goes on by a model's improvement.
class ObjectiveSearch {
 public:
  using Improve = std::function<Configuration(const AcquisitionSearch::Excluded&)>;

  /// `usual_initial` trials stand in the design where the settings say no other number.
  ObjectiveSearch(const ObjectiveSearchSettings& settings, const StrategyContext& context,
                  std::int64_t usual_initial);
  // acquisition_search() refers to encoding().
  ObjectiveSearch(const ObjectiveSearch&) = delete;
  ObjectiveSearch& operator=(const ObjectiveSearch&) = delete;

  /// The answer to an ask: of `improve` once there is a model, of the design before.
  Proposal ask(TrialId id, Random& random, bool has_model, const Improve& improve);

  /// Instead of ask(id, random, ...), which answered with this configuration.
  void replay(TrialId id, const Random& random, const Configuration& configuration);

  [[nodiscard]] MultiObjectiveLog& log() { return log_; }
  [[nodiscard]] const MultiObjectiveLog& log() const { return log_; }
  [[nodiscard]] const PointEncoding& encoding() const { return encoding_; }
  [[nodiscard]] AcquisitionSearch& acquisition_search() { return acquisition_search_; }
  /// Whether the design's trials have been told, at least one of them with losses.
  [[nodiscard]] bool ready() const { return log_.observations().size() >= initial_ && log_.has_losses(); }
  /// The objectives, the cost counted in.
  [[nodiscard]] std::size_t objectives() const { return objectives_; }
  /// A process over this space, not fitted yet.
  [[nodiscard]] GaussianProcess new_process() const;
  /// The observations' configurations as points.
  [[nodiscard]] PointSet encoded(const std::vector<std::size_t>& observations) const;

 private:
  // Returns whether an earlier proposal of this id was turned down.
  bool begin_ask(TrialId id, const Random& random);

  const SearchSpace& space_;
  double fidelity_;
  double noise_floor_;
  std::size_t objectives_;
  std::size_t initial_;
  MultiObjectiveLog log_;
  PointEncoding encoding_;
  AcquisitionSearch acquisition_search_;
  std::optional<LatinHypercubeDesign> design_;
};

}  // namespace tonne
