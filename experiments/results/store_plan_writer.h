#pragma once
// What a store holds before the first search has run.

#include <string>

namespace tonne {

struct Experiment;
struct Shard;
class StoreDatabase;

/// Makes the tables of an empty database and writes the experiment's problems, scenarios, strategies, seeds
/// and meta data, in one transaction.
void write_plan(StoreDatabase& database, const Experiment& experiment, const Shard& shard);

/// "2/4" as it stands in the meta data; empty when the shard is the whole.
[[nodiscard]] std::string shard_text(const Shard& shard);

}  // namespace tonne
