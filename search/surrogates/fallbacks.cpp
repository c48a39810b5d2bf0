#include "search/surrogates/fallbacks.h"

#include <string>
#include <utility>

namespace tonne {
namespace {

void note(NoteSink* notes, std::string text) {
  if (notes != nullptr) notes->note({"surrogate_fallback", std::move(text)});
}

}  // namespace

void note_fallbacks(NoteSink* notes, GaussianProcess& process, std::string_view of) {
  const NumericalFallbacks fallbacks = process.take_fallbacks();
  if (fallbacks.noise_raised > 0)
    note(notes, "model of the " + std::string(of) + ": covariance not positive definite, noise variance raised tenfold " +
                    std::to_string(fallbacks.noise_raised) + " times");
  if (fallbacks.failed_fits > 0)
    note(notes, "model of the " + std::string(of) + ": " + std::to_string(fallbacks.failed_fits) +
                    " fits in which the optimiser failed");
}

void note_jitter(NoteSink* notes, std::size_t raises) {
  if (raises > 0) note(notes, "posterior draw: jitter raised tenfold " + std::to_string(raises) + " times");
}

}  // namespace tonne
