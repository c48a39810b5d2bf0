#pragma once
// What a Gaussian process had to do to stay computable.

#include <cstddef>
#include <string_view>

#include "core/note.h"

namespace tonne {

class GaussianProcess;

/// How often round-off made the usual way impossible.
struct NumericalFallbacks {
  std::size_t noise_raised = 0;  ///< the covariance was not positive definite: the noise variance rose tenfold
  std::size_t failed_fits = 0;   ///< the optimiser of the hyper-parameters reported a failure: the best that it saw was taken
};

/// Notes "surrogate_fallback" where the process had to fall back since the last call. `of`: what it models. `notes` may be
/// null.
void note_fallbacks(NoteSink* notes, GaussianProcess& process, std::string_view of);

/// The same of a joint draw whose diagonal had to be raised `raises` times.
void note_jitter(NoteSink* notes, std::size_t raises);

}  // namespace tonne
