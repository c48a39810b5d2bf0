#pragma once
// What most sources of the program include, compiled once. Every source still names what it uses: builds without
// precompiled headers (preset clang) keep it so.

// IWYU pragma: begin_keep
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "core/recipe.h"
#include "core/simulator.h"
// IWYU pragma: end_keep
