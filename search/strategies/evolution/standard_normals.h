#pragma once
// Many standard normal numbers at once.

#include <cstddef>

#include "core/random.h"

namespace tonne {

/// Fills z with `count` draws of random.normal(), to the bit, four at a time. z has room for padded(count)
/// (columns.h); what stands beyond `count` becomes 0.
void draw_normals(Random& random, double* z, std::size_t count);

}  // namespace tonne
