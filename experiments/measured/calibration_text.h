#pragma once
// A calibration or a check for people, for programs, and as an entry of a user's catalogue.

#include <span>
#include <string>

#include "experiments/measured/calibration.h"
#include "experiments/text/text_table.h"

namespace tonne {

/// One file's jobs; check_legend() says once for all of them what the columns are.
[[nodiscard]] std::string check_text(const Measurements& measurements, std::span<const CheckedJob> jobs,
                                     const TextStyle& style);
[[nodiscard]] std::string check_legend(bool held_out, const TextStyle& style);
/// What was fitted, how well, what the rows do not tell and which measurement would.
[[nodiscard]] std::string calibration_text(const Measurements& measurements, const Calibration& calibration,
                                           const TextStyle& style);
/// For which work the entry counts, as a sentence.
[[nodiscard]] std::string where_it_counts(const Calibration& calibration);
/// The same figures. One object.
[[nodiscard]] std::string check_json(const Measurements& measurements, std::span<const CheckedJob> jobs);
[[nodiscard]] std::string calibration_json(const Measurements& measurements, const Calibration& calibration);

/// A file for `cluster.catalogue`: a device `name` like the calibrated one, with the figures that were identified and
/// their intervals. Its date is the measurement's, so the same rows give the same bytes on any day. Precondition: the
/// measurements have a date.
[[nodiscard]] std::string calibration_entry(const Measurements& measurements, const Calibration& calibration,
                                            const std::string& name);

}  // namespace tonne
