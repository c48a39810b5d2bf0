#pragma once
// What most tests include, compiled once. As core/precompiled.h, it must not be relied on.

#include <gtest/gtest.h>

#include "core/precompiled.h"
