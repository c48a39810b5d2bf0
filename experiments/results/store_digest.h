#pragma once
// What two stores are compared by.

#include <string>

namespace tonne {

class StoreDatabase;

/// 32 hex digits over every row of every table, in key order: equal stores have equal digests.
[[nodiscard]] std::string digest_of_content(const StoreDatabase& database);

}  // namespace tonne
