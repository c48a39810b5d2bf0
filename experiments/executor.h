#pragma once
// The only place with threads.

#include <cstddef>
#include <functional>

namespace tonne {

/// Calls task(0), .., task(count - 1), each once, on up to `threads` threads, and returns when all have ended. The
/// first exception of a task is rethrown; tasks that have not begun by then are dropped. oneTBB by default,
/// std::jthread where TONNE_JTHREAD is set (ThreadSanitizer does not see TBB's synchronisation).
void for_each_index(std::size_t count, unsigned threads, const std::function<void(std::size_t)>& task);

}  // namespace tonne
