#pragma once
// The only place with threads.

#include <cstddef>
#include <functional>
#include <optional>

namespace tonne {

/// The cores that this process may run on, which may be fewer than the machine has (taskset, a cluster's job); at least 1.
[[nodiscard]] unsigned available_cores();

/// Calls task(0), .., task(count - 1), each once, on up to `threads` threads, and returns when all have ended. When
/// tasks throw, the exception of the lowest index is rethrown, the same whatever the number of threads: later tasks are
/// dropped, earlier ones still run. oneTBB by default,
/// std::jthread where TONNE_JTHREAD is set (ThreadSanitizer does not see TBB's synchronisation).
void for_each_index(std::size_t count, unsigned threads, const std::function<void(std::size_t)>& task);

/// The same in the order that `next` chooses: it gives each index once, and none after that; one thread asks at a
/// time. "Earlier" and "later" are as the indices are, whatever the order.
void for_each_chosen(std::size_t count, unsigned threads, const std::function<std::optional<std::size_t>()>& next,
                     const std::function<void(std::size_t)>& task);

}  // namespace tonne
