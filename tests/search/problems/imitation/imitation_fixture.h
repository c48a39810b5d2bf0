#pragma once

#include <string>

namespace tonne::testing {

/// An imitation's file of 4 x 3 x 5 x 6 candidates, with some of everything. `more`: lines at its end.
inline std::string imitation_file(const std::string& more = "") {
  return "imitation: 1\n"
         "name: small\n"
         "objective: {name: accuracy, unit: \"%\", direction: maximise}\n"
         "candidates: 270\n"
         "quantiles: [10, 11, 20, 40, 50, 60, 70, 80, 85, 88, 89, 90, 91, 92, 93, 93]\n"
         "best: [94, 93.5, 93, 92.5, 92]\n"
         "parameters:\n"
         "  op: {categories: [a, b, c, d], importance: 0.3, failing: 0.1}\n"
         "  width: {levels: [\"8\", \"16\", \"32\"], importance: 0.2}\n"
         "  depth: {integer: [2, 6], importance: 0.1}\n"
         "  act: {categories: [r, s, t, u, v, w], importance: 0.1, failing: 0.2}\n"
         "structure: {additive: 0.7, pairwise: 0.2, rugged: 0.5, pairs: [[op, width, 0.05]], outcast: 0.2, tilt: 0.1,\n"
         "            peak: 0.2, reach: 1.5}\n"
         "failures: {share: 0.25, reason: diverged, cost: 0.5, additive: 0.6, pairwise: 0.3}\n"
         "seeds: {trainings: 3, deviation: [2, 1, 0.8, 0.6, 0.4, 0.3, 0.2]}\n"
         "fidelity:\n"
         "  name: epochs\n"
         "  lowest: 1\n"
         "  highest: 100\n"
         "  shorter:\n"
         "    - {amount: 1, deviation: 1.5, deviation_best: 2, quantiles: [5, 6, 10, 20, 30, 40, 50, 55, 60]}\n"
         "    - {amount: 10, deviation: 0.5, deviation_best: 0.8, quantiles: [8, 9, 20, 40, 50, 60, 70, 75, 80]}\n"
         "costs:\n"
         "  time: {quantiles: [10, 11, 12, 20, 30, 40, 50, 60, 70], quality: 0.8, additive: 0.9,\n"
         "         importance: {width: 0.5, depth: 0.4}}\n"
         "  parameters: 1000\n" +
         more;
}

}  // namespace tonne::testing
