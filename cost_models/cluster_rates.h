#pragma once
// What a device reaches on each kind of work in each precision, from the user's settings and the catalogue.

namespace tonne {

struct ClusterSettings;
struct Device;
struct MachineParameters;

/// Fills the precisions that the machine runs work in, and its rates of training and of inference. Throws
/// InputError where the user asks for a precision that the device lacks.
void resolve_rates(const ClusterSettings& settings, const Device& device, MachineParameters& machine);

}  // namespace tonne
