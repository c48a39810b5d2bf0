#pragma once
// Settings that several model-based strategies have: each default and each meaning stands once.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "core/settings.h"
#include "search/surrogates/acquisition_search.h"

namespace tonne {

/// Where the largest acquisition is looked for.
struct CandidateSettings {
  std::int64_t candidates = static_cast<std::int64_t>(AcquisitionSearchOptions{}.candidates);
  std::int64_t local_starts = static_cast<std::int64_t>(AcquisitionSearchOptions{}.local_starts);

  void visit(SettingsVisitor& visitor,
             std::string_view candidates_meaning = "quasi-random points scored per ask");
  [[nodiscard]] AcquisitionSearchOptions options() const {
    return {.candidates = static_cast<std::size_t>(candidates),
            .local_starts = static_cast<std::size_t>(local_starts)};
  }
};

/// When a model's hyper-parameters are fitted again; in between, trials are only added to it.
struct RefitSettings {
  std::int64_t every = 1;  ///< trials; with `growth` below this is the schedule while there are few
  double growth = 0.05;    ///< also wait until the number of trials grew by this share: O(log n) fits

  void visit(SettingsVisitor& visitor);
  /// Whether a fit is due after `count` trials; the last one was after `fitted_at`, 0: there was none.
  [[nodiscard]] bool due(std::size_t count, std::size_t fitted_at) const;
};

/// Declares `max_fit_points`, the number that fit_points() takes.
void visit_max_fit_points(SettingsVisitor& visitor, std::int64_t& max_fit_points);
/// Declares `noise_floor`, for GaussianProcessOptions.
void visit_noise_floor(SettingsVisitor& visitor, double& noise_floor);

/// Whether one observation comes before another: a strict total order of indices.
using BetterObservation = std::function<bool(std::size_t, std::size_t)>;
/// The observations that a model is fitted to, ascending: all, or the best half and the latest half of
/// `most`.
[[nodiscard]] std::vector<std::size_t> fit_points(std::size_t observations, std::int64_t most,
                                                  const BetterObservation& better);
/// The best observations, best first, at most `most`.
[[nodiscard]] std::vector<std::size_t> best_observations(std::size_t observations, std::size_t most,
                                                         const BetterObservation& better);

}  // namespace tonne
