#pragma once
// What two stores are compared by.

#include <string>

namespace tonne {

class StoreDatabase;

/// 32 hex digits over the plan and the digests of the cells, which stand in `cells` and hold everything that was recorded of
/// them: equal stores have equal digests, however they keep their rows.
[[nodiscard]] std::string digest_of_content(const StoreDatabase& database);

}  // namespace tonne
