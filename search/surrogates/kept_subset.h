#pragma once
// hypervolume_subset() of a front that changes little from one choice to the next.

#include <cstdint>
#include <span>
#include <vector>

#include "core/problem.h"

namespace tonne {

/// Chooses what hypervolume_subset() would choose of the front, in the same order, and counts the operations
/// that it would count: what is spared is to look again at what is known. A point that joins is held against
/// the choices that were made, one after the other; only where it would have been chosen itself, or where a
/// chosen one leaves, the rest is chosen anew.
class KeptSubset {
 public:
  /// A point joins the front; rows are small numbers of the caller's, each used once. Ties go to the lowest
  /// id.
  void join(std::uint32_t row, std::uint64_t id, const Objectives& point);
  void leave(std::uint32_t row);

  /// The rows of `count` points of the front; valid until the next call. Preconditions: count is below the
  /// number of points, the reference is finite and has as many values as the points.
  [[nodiscard]] std::span<const std::uint32_t> choose(std::size_t count, const Objectives& reference);
  /// Floating-point operations of the last choice, as if made from nothing (HypervolumeSubset::operations).
  [[nodiscard]] double operations() const;

 private:
  static constexpr std::size_t kNotChosen = static_cast<std::size_t>(-1);
  struct Point {
    std::uint64_t id = 0;
    Objectives losses = {};
    bool is_there = false;
    std::size_t chosen_at = kNotChosen;  // step
    double first_gain = 0.0;             // beside nothing
  };
  struct Gain {
    double gain;
    std::uint64_t id;
    std::uint32_t row;
    std::size_t looked_at;  // how many were chosen then
  };
  struct Look {
    std::uint32_t row;
    std::size_t step;
    double gain;
  };

  static bool is_behind(const Gain& a, const Gain& b) {
    return a.gain != b.gain ? a.gain < b.gain : a.id > b.id;
  }
  void restart();
  [[nodiscard]] std::size_t first_changed_step();
  [[nodiscard]] std::size_t step_that_takes(std::uint32_t row, std::size_t end);
  void forget_looks();
  void rewind(std::size_t step);
  void choose_next();
  [[nodiscard]] double volume_beside(std::size_t chosen, const Objectives& point);
  void look(Gain& gain, std::size_t step);

  Objectives reference_;
  std::vector<Point> points_;          // by row
  std::size_t size_ = 0;               // of the front
  std::vector<std::uint32_t> joined_;  // since the last choice
  std::vector<std::uint32_t> left_;
  std::vector<std::uint32_t> chosen_;  // rows
  std::vector<Objectives> chosen_losses_;
  std::vector<Objectives> beside_;     // scratch space
  std::vector<Gain> taken_;            // by step
  std::vector<double> volumes_;        // before each step, and after the last
  std::vector<Gain> heap_;             // what is not chosen, and points that have left
  std::vector<Look> looks_;            // all but the first of each point
  std::vector<std::size_t> looks_at_;  // how many, by step
};

}  // namespace tonne
