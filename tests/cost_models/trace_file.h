#pragma once
// What tests of the readers of traces share: a file of each test's own.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "core/error.h"
#include "cost_models/trace_reader.h"

namespace tonne {

inline constexpr SignalNature kDirect;
inline constexpr SignalNature kLifeCycle{SignalKind::average, SignalScope::life_cycle, SignalBasis::location};
inline constexpr SignalNature kMarginal{SignalKind::marginal, SignalScope::direct, SignalBasis::location};

class TraceFile : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    source_.file = std::filesystem::temp_directory_path() /
                   ("tonne_trace_" + std::string(info->test_suite_name()) + "_" + std::string(info->name()) + ".csv");
  }
  void TearDown() override { std::filesystem::remove(source_.file); }

  GridSignal read(const std::string& text) {
    std::ofstream(source_.file, std::ios::binary) << text;
    return read_trace(source_).signal;
  }
  /// The message of the refusal, without the file's folder.
  std::string refusal(const std::string& text) {
    try {
      static_cast<void>(read(text));
    } catch (const InputError& error) {
      const std::string message = error.what();
      return message.starts_with(source_.file.string()) ? message.substr(source_.file.string().size()) : message;
    }
    return "accepted";
  }
  static double first(const GridSignal& signal) { return grams_at(signal, signal.begin()); }
  static double grams_at(const GridSignal& signal, Duration time) { return signal.mean(time, time) / gram_per_kilowatt_hour; }
  /// Of a kilowatt over the whole trace.
  static double grams_of_all(const GridSignal& signal) {
    return signal.integrate(kilowatt, signal.begin(), signal.end()) / gram;
  }

  TraceSource source_;
};

}  // namespace tonne
