#pragma once
// A real search as an experiment of one cell, whose run writes results like those of a simulated one.

#include <string>

#include "experiments/histories/history.h"
#include "experiments/histories/search_pricing.h"
#include "experiments/plan/experiment.h"

namespace tonne::histories {

/// `name`: of the problem in tables; results of searches with the same name, space and objective may be compared.
/// `search` and `energy` are of one history. The digest covers every trial. Throws InputError as price_search().
[[nodiscard]] Experiment imported_experiment(RecordedSearch search, const EnergySource& energy, const PricingRequest& request,
                                             const std::string& name);

/// Letters, digits, '-', '_' and '.' of a name, others as '-', so that it may name a folder; "search" of nothing.
[[nodiscard]] std::string folder_name(const std::string& name);

}  // namespace tonne::histories
