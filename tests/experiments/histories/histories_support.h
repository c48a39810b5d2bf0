#pragma once
// What tests of readers share.

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <string>
#include <vector>

#include "core/error.h"
#include "experiments/histories/readers.h"
#include "tests/experiments/support.h"

namespace tonne::histories::testing {

/// The message of the InputError that `call` throws; empty where it throws none.
template <class Function>
std::string refusal(Function&& call) {
  try {
    static_cast<void>(call());
  } catch (const InputError& error) {
    return error.what();
  }
  return {};
}

/// The number of a parameter; fails the test where there is none of that name.
inline std::size_t index_of(const History& history, const std::string& name) {
  const auto index = history.space.find(name);
  EXPECT_TRUE(index.has_value()) << name;
  return index.value_or(0);
}
inline const Domain& domain_of(const History& history, const std::string& name) {
  return history.space[index_of(history, name)].domain;
}
inline std::string text_of(const History& history, std::size_t trial, const std::string& name) {
  const std::size_t index = index_of(history, name);
  const Configuration& configuration = history.trials.at(trial).configuration;
  return configuration.is_active(index) ? history.space.value_text(index, configuration[index]) : "inactive";
}
/// "model is svm"; empty: always active.
inline std::string condition_of(const History& history, const std::string& name) {
  const auto& condition = history.space[index_of(history, name)].active_when;
  if (!condition) return "";
  const Parameter& parent = history.space[condition->parent];
  std::string text = parent.name + " is";
  for (const std::size_t choice : condition->choices)
    text += " " + history.space.value_text(condition->parent, static_cast<double>(choice));
  return text;
}
inline bool has_note(const History& history, const std::string& part) {
  return std::ranges::any_of(history.notes,
                             [&](const std::string& note) { return note.find(part) != std::string::npos; });
}
/// What must hold of any history, whatever it was read from.
inline void expect_sound(const History& history) {
  ASSERT_FALSE(history.objectives.empty());
  for (const RecordedTrial& trial : history.trials) {
    ASSERT_TRUE(history.space.contains(trial.configuration)) << history.space.describe(trial.configuration);
    ASSERT_TRUE(trial.values.empty() || trial.values.size() == history.objectives.size());
    ASSERT_TRUE(trial.constraints.empty() || trial.constraints.size() == history.constraints.size());
    ASSERT_FALSE(trial.start_s && trial.end_s && *trial.end_s < *trial.start_s);
    for (std::size_t i = 1; i < trial.reports.size(); ++i)
      ASSERT_LT(trial.reports[i - 1].step, trial.reports[i].step);
  }
}
/// Numbers alike to the bit, so that NaN is NaN.
inline void expect_same(double a, double b) {
  EXPECT_EQ(std::bit_cast<std::uint64_t>(a), std::bit_cast<std::uint64_t>(b)) << a << " " << b;
}

/// All but `source`.
inline void expect_same(const History& a, const History& b) {
  EXPECT_EQ(a.name, b.name);
  EXPECT_EQ(a.notes, b.notes);
  EXPECT_EQ(a.time_zone, b.time_zone);
  EXPECT_EQ(a.step_name, b.step_name);
  EXPECT_EQ(a.constraints, b.constraints);
  ASSERT_EQ(a.space.size(), b.space.size());
  for (std::size_t i = 0; i < a.space.size(); ++i) {
    EXPECT_EQ(a.space[i].name, b.space[i].name);
    EXPECT_EQ(a.space[i].domain.index(), b.space[i].domain.index());
    EXPECT_EQ(condition_of(a, a.space[i].name), condition_of(b, b.space[i].name));
  }
  ASSERT_EQ(a.trials.size(), b.trials.size());
  for (std::size_t t = 0; t < a.trials.size(); ++t) {
    const RecordedTrial &left = a.trials[t], &right = b.trials[t];
    EXPECT_EQ(left.number, right.number);
    EXPECT_EQ(left.state, right.state);
    EXPECT_EQ(left.start_s, right.start_s);
    EXPECT_EQ(left.end_s, right.end_s);
    EXPECT_TRUE(left.configuration == right.configuration);
    EXPECT_EQ(left.constraints, right.constraints);
    EXPECT_EQ(left.energy_j, right.energy_j);
    EXPECT_EQ(left.operational_kg, right.operational_kg);
    EXPECT_EQ(left.is_filled, right.is_filled);
    ASSERT_EQ(left.values.size(), right.values.size());
    for (std::size_t i = 0; i < left.values.size(); ++i) expect_same(left.values[i], right.values[i]);
    ASSERT_EQ(left.reports.size(), right.reports.size());
    for (std::size_t i = 0; i < left.reports.size(); ++i)
      expect_same(left.reports[i].value, right.reports[i].value);
  }
}

}  // namespace tonne::histories::testing
