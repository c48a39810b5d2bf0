#include "experiments/run/executor.h"

#include <atomic>
#include <exception>
#include <mutex>

#ifdef TONNE_JTHREAD
#include <thread>
#include <vector>
#else
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>
#endif

namespace tonne {
namespace {

// Runs tasks and keeps the exception of the lowest index.
class Guard {
 public:
  explicit Guard(std::size_t count) : end_(count) {}

  void run(std::size_t index, const std::function<void(std::size_t)>& task) {
    if (index >= end_.load(std::memory_order_relaxed)) return;
    try {
      task(index);
    } catch (...) {
      const std::scoped_lock lock(mutex_);
      if (index >= end_) return;
      end_ = index;
      failure_ = std::current_exception();
    }
  }
  void rethrow() const {
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  std::atomic<std::size_t> end_;
  std::mutex mutex_;
  std::exception_ptr failure_;
};

}  // namespace

#ifdef TONNE_JTHREAD

void for_each_index(std::size_t count, unsigned threads, const std::function<void(std::size_t)>& task) {
  std::atomic<std::size_t> next{0};
  Guard guard(count);
  {
    std::vector<std::jthread> pool;
    for (unsigned t = 0; t < threads; ++t)
      pool.emplace_back([&] {
        for (std::size_t i = next++; i < count; i = next++) guard.run(i, task);
      });
  }
  guard.rethrow();
}

#else

void for_each_index(std::size_t count, unsigned threads, const std::function<void(std::size_t)>& task) {
  namespace tbb = oneapi::tbb;
  const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, threads);
  tbb::task_arena arena(static_cast<int>(threads));
  Guard guard(count);
  arena.execute([&] {
    tbb::parallel_for(
        tbb::blocked_range<std::size_t>(0, count, 1),
        [&](const tbb::blocked_range<std::size_t>& range) {
          for (std::size_t i = range.begin(); i < range.end(); ++i) guard.run(i, task);
        },
        tbb::simple_partitioner());
  });
  guard.rethrow();
}

#endif

}  // namespace tonne
