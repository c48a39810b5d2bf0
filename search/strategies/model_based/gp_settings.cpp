#include "search/strategies/model_based/gp_settings.h"

#include <string>

namespace tonne::gp {

void GpSettings::visit(SettingsVisitor& v) {
  v.integer("initial", initial, Bounds::between(1, 1e6), "random trials before the model is used");
  v.choice("acquisition", acquisition, kAcquisitionNames,
           "acquisition function: log expected improvement, expected improvement, confidence bound, Thompson "
           "sampling, log_ei with cost_aware: co2e, or max-value entropy search");
  v.optional_number("beta", beta, Bounds::at_least(0),
                    "ucb uses mean - sqrt(beta) sd; default: 0.2 d ln(2 t) after t trials");
  v.integer("minima", minima, Bounds::between(1, 1000),
            "mes: draws of the lowest value that an ask averages over");
  v.choice("cost_aware", cost_aware, kTrialCostNames,
           "divide the expected improvement (mes: information) by the cost predicted by a second Gaussian "
           "process");
  v.number("cost_exponent", cost_exponent, Bounds::between(0, 10), "exponent of the predicted cost");
  v.optional_integer("cooling", cooling, Bounds::between(1, 1e9),
                     "trials over which cost_exponent decays to 0; default: no decay");
  v.require(gains() || currency() == TrialCost::none, "cost_aware",
            "requires acquisition: log_ei, ei or mes");
  v.choice("report_level", report_level, kReportLevelNames,
           "under a scheduler that reports partial trainings: look for the best full training, or for the "
           "best at the "
           "longest training of which there are more results than parameters");
  refit.visit(v);
  search.visit(
      v, "quasi-random points scored per ask; at most " + std::to_string(kThompsonPoints) + " with thompson");
  visit_noise_floor(v, noise_floor);
  v.flag("warp", warp,
         "power-transform the losses when that raises their likelihood, so that rare low losses are not "
         "outliers");
  v.number("explore_share", explore_share, Bounds::between(0, 1),
           "fraction of asks, in spaces with real parameters, that explore with an inflated posterior sd");
  v.number("explore_factor", explore_factor, Bounds::between(1, 100),
           "largest factor on the posterior sd when exploring");
  v.number("overexploited", overexploited, Bounds::between(0, 10),
           "posterior sd, relative to the noise sd, below which a candidate is rejected as over-exploited");
  visit_max_fit_points(v, max_fit_points);
}

}  // namespace tonne::gp
