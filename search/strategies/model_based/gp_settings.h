#pragma once
// The settings of `gp`.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/settings.h"
#include "search/strategies/model_based/gp_acquisition.h"
#include "search/strategies/trial_cost.h"
#include "search/surrogates/model_settings.h"

namespace tonne::gp {

inline constexpr std::size_t kThompsonPoints = 512;  ///< drawn jointly, in O(m^3)

/// Where the acquisition is looked for once partial trainings are in the model: after a full training, or, as
/// Klein et al. 2020 do, at the longest training of which there are more results than parameters.
enum class ReportLevel : std::uint8_t { full, data };
inline constexpr std::array<std::string_view, 2> kReportLevelNames = {"full", "data"};

struct GpSettings {
  std::int64_t initial = 10;  ///< trials before the model (Optuna's GPSampler, limbo and BayesOpt: 10)
  Acquisition acquisition = Acquisition::log_ei;
  /// UCB: none: beta_t = .2 d ln(2 t) after t trials (Kandasamy, Schneider and Poczos 2015, section 4.1; the
  /// bound of Srinivas et al. 2010 is of this form, with larger constants).
  std::optional<double> beta;
  std::int64_t minima = 10;  ///< mes: K of Wang and Jegelka 2017 (1 there does nearly as well, 100 no better)
  TrialCost cost_aware = TrialCost::none;  ///< what the expected improvement, or information, is divided by
  double cost_exponent = 1.0;              ///< alpha: EI / cost^alpha; 1: Snoek et al. 2012, EI per second
  /// Trials over which alpha falls linearly to 0 (Lee et al. 2020, "Cost-aware Bayesian Optimization",
  /// EI-cool, who cool over the budget, as `carbo` does); none: it stays.
  std::optional<std::int64_t> cooling;
  ReportLevel report_level = ReportLevel::full;
  RefitSettings refit;
  CandidateSettings search;  ///< Optuna's GPSampler: 2048 and 10
  /// Variance, of standardised losses (own choice: Optuna's GPSampler has 1e-6, BoTorch 1e-4; those hide
  /// differences of a thousandth and a hundredth of the losses' deviation, below which a search for a minimum
  /// goes on).
  double noise_floor = 1e-8;
  bool warp = true;  ///< power transform of the losses (HEBO), compressing the low side only, where likelier
                     ///< than none
  /// Share of the asks in spaces with real parameters whose posterior deviation is multiplied by a factor
  /// drawn log-uniformly from 1 to explore_factor: against belief in one mode of the hyper-parameters (own
  /// choice; 0 turns it off). Of the expected improvements only.
  double explore_share = 0.5;
  double explore_factor = 4.0;
  /// A real candidate whose posterior deviation is below this share of the noise's is over-exploited: the
  /// deviation is doubled until another one wins (MATLAB's expected-improvement-plus, after Bull 2011).
  double overexploited = 0.1;
  std::int64_t max_fit_points =
      1000;  ///< beyond, the best half and the latest half of so many: bounds O(n^3)

  [[nodiscard]] TrialCost currency() const {
    return acquisition == Acquisition::log_ei_per_co2e ? TrialCost::co2e : cost_aware;
  }
  /// Whether the acquisition is a gain that may be divided by a cost.
  [[nodiscard]] bool gains() const {
    return acquisition != Acquisition::ucb && acquisition != Acquisition::thompson;
  }
  [[nodiscard]] bool improves() const { return gains() && acquisition != Acquisition::mes; }
  void visit(SettingsVisitor& v);
};

}  // namespace tonne::gp
