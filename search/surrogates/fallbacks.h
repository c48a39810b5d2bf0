#pragma once
// Notes of what a Gaussian process had to do to stay computable.

#include <cstddef>
#include <string_view>

#include "core/note.h"
#include "search/surrogates/gaussian_process.h"

namespace tonne {

/// Notes "surrogate_fallback" where the process had to fall back since the last call. `of`: what it models. `notes` may be
/// null.
void note_fallbacks(NoteSink* notes, GaussianProcess& process, std::string_view of);

/// The same of a joint draw whose diagonal had to be raised `raises` times.
void note_jitter(NoteSink* notes, std::size_t raises);

}  // namespace tonne
