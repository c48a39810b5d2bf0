#pragma once
// Trainings on devices that their owner takes back.

#include <string_view>

#include "core/cost_model.h"
#include "core/random.h"
#include "core/trial.h"

namespace tonne {

/// Trains a trial whose workload and start are set: its charge, what was lost, the preemptions and the end.
/// They are drawn from `stream`. Throws InputError, with the problem's name, where the training would hardly
/// ever end.
void train_with_preemptions(Trial& trial, const CostModel& cost, const Preemption& preemption,
                            std::string_view problem, Random stream);

}  // namespace tonne
