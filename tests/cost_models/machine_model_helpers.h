#pragma once
// Cost models of given settings, for the tests of the machine model.

#include <string>

#include "core/error.h"
#include "cost_models/machine_model.h"
#include "tests/cost_models/settings.h"

namespace tonne::testing {

inline MachineCostModel model_of(const ClusterSettings& settings) {
  return MachineCostModel(resolve_machine(settings));
}

/// Why the settings are refused.
inline std::string refusal(const ClusterSettings& settings) {
  try {
    static_cast<void>(make_cost_model(settings));
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

inline double device_watts(const Charge& charge) {
  return (charge[Line::device_dynamic].energy + charge[Line::device_idle].energy) / charge.time / watt;
}

}  // namespace tonne::testing
