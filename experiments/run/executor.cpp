#include "experiments/run/executor.h"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>

#ifdef TONNE_JTHREAD
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

// Calls `work` on each of so many threads, and returns when all have come back.
#ifdef TONNE_JTHREAD

void on_threads(unsigned threads, const std::function<void()>& work) {
  std::vector<std::jthread> pool;
  for (unsigned t = 0; t < threads; ++t) pool.emplace_back(work);
}

#else

void on_threads(unsigned threads, const std::function<void()>& work) {
  namespace tbb = oneapi::tbb;
  const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, threads);
  tbb::task_arena arena(static_cast<int>(threads));
  arena.execute([&] {
    tbb::parallel_for(
        tbb::blocked_range<unsigned>(0, threads, 1), [&](const tbb::blocked_range<unsigned>&) { work(); },
        tbb::simple_partitioner());
  });
}

#endif

}  // namespace

unsigned available_cores() {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  if (sched_getaffinity(0, sizeof cores, &cores) != 0) return std::max(1U, std::thread::hardware_concurrency());  // over 1,024 cores
  return static_cast<unsigned>(std::max(1, CPU_COUNT(&cores)));
}

void for_each_chosen(std::size_t count, unsigned threads, const std::function<std::optional<std::size_t>()>& next,
                     const std::function<void(std::size_t)>& task) {
  Guard guard(count);
  std::mutex choosing;
  const auto choose = [&] {
    const std::scoped_lock lock(choosing);
    return next();
  };
  on_threads(threads, [&] {
    for (auto index = choose(); index; index = choose()) guard.run(*index, task);
  });
  guard.rethrow();
}

void for_each_index(std::size_t count, unsigned threads, const std::function<void(std::size_t)>& task) {
  std::size_t index = 0;
  for_each_chosen(count, threads, [&] { return index < count ? std::optional(index++) : std::nullopt; }, task);
}

}  // namespace tonne
