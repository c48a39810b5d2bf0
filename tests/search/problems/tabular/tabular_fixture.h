#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <memory>
#include <string>

#include "core/error.h"
#include "tests/support/recipes.h"

namespace tonne::testing {

/// A folder with the table t.csv, for tests of the problem `tabular`.
class TabularFixture : public ::testing::Test {
 protected:
  TabularFixture() {
    std::string pattern = (std::filesystem::temp_directory_path() / "tonne-tabular-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  ~TabularFixture() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& text) { std::ofstream(folder_ / "t.csv", std::ios::binary) << text; }

  std::shared_ptr<const Problem> make(const std::string& settings) {
    return problem_recipe("tabular", settings, folder_)->make();
  }

  std::string error_of(const std::string& settings) {
    try {
      (void)make(settings);
    } catch (const InputError& error) {
      std::string text = error.what();
      const std::string prefix = folder_.string() + "/";
      for (std::size_t at = text.find(prefix); at != std::string::npos; at = text.find(prefix))
        text.erase(at, prefix.size());
      return text;
    }
    return "no error";
  }

  std::filesystem::path folder_;
};

/// The configuration of these indices.
inline Configuration configuration_of(std::initializer_list<double> indices) {
  Configuration configuration(indices.size());
  std::size_t i = 0;
  for (const double index : indices) configuration.set(i++, index);
  return configuration;
}

}  // namespace tonne::testing
