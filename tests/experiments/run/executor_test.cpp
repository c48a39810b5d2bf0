#include "experiments/run/executor.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace tonne {
namespace {

TEST(Executor, RunsEachTaskOnce) {
  std::vector<std::atomic<int>> runs(1000);
  for_each_index(runs.size(), 8, [&](std::size_t i) { ++runs[i]; });
  for (const auto& count : runs) EXPECT_EQ(count, 1);
}

// The 60th fails at once, the 20th late: the 20th is told, whoever is quicker, and all before it have run.
TEST(Executor, TellsTheFailureOfTheLowestIndex) {
  for (const unsigned threads : {1U, 2U, 8U}) {
    std::vector<std::atomic<int>> runs(100);
    std::string told;
    try {
      for_each_index(runs.size(), threads, [&](std::size_t i) {
        ++runs[i];
        if (i == 60) throw std::runtime_error("60");
        if (i != 20) return;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        throw std::runtime_error("20");
      });
    } catch (const std::runtime_error& error) {
      told = error.what();
    }
    EXPECT_EQ(told, "20") << threads << " threads";
    for (std::size_t i = 0; i < 20; ++i) EXPECT_EQ(runs[i], 1) << i;
  }
}

}  // namespace
}  // namespace tonne
