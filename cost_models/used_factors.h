#pragma once
// The figures that the charges of an experiment rest on: what the user gave, what the catalogue has, and what was
// assumed because neither says it. And nothing that did not enter.

#include <span>
#include <vector>

#include "core/problem.h"
#include "cost_models/cluster_settings.h"
#include "cost_models/sites.h"

namespace tonne {

/// Of default_training_figures(): fitted to one device, carried over to others.
[[nodiscard]] const Provenance& fitted_provenance();
/// Of default_inference_figures().
[[nodiscard]] const Provenance& inference_provenance();
/// Of the default service life and the share of it in use (EmbodiedSettings).
[[nodiscard]] const Provenance& service_life_provenance();

/// factors_of(home, sites), of which these works do not use everything (training rows of other kinds of work, peaks of
/// other precisions, the host's rate of computing where strategies' own computing is not charged), with the training
/// figures, service life, overlaps, interconnect, power cap and rules of charging that stand where the user gave none,
/// each with its source. Without works it is not known which rows they use: all stay, and no training figure is added.
/// Throws as factors_of().
[[nodiscard]] std::vector<Factor> used_factors(const ClusterSettings& home, const SitesSettings& sites,
                                               std::span<const Workload> works, bool charges_strategies);

}  // namespace tonne
