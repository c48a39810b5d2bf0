#pragma once
// One search on its cluster: what its workers did when, and how clean their electricity was.

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "experiments/results/records.h"

namespace tonne {

/// A trial of a worker, or several that followed one another where a search has too many to show.
struct TimelineBar {
  std::size_t worker = 0;
  double start_hours = 0.0, end_hours = 0.0;
  std::string status;  ///< "completed", "partially trained", "cached", "screened" or "failed"
  std::size_t count = 1;
  double kilograms = 0.0;
  std::string site;  ///< empty where there is only one
};

/// One search: the best strategy's, of the seed with the middle result.
struct Timeline {
  std::string strategy;
  std::uint64_t seed = 0;
  std::size_t workers = 0, trials = 0;
  std::vector<TimelineBar> bars;
  /// Operational grams per kWh that the trials were charged, over equal parts of the search. A part without
  /// trials has the figure before it.
  std::vector<double> intensity_hours, intensity_grams;
};

/// Makes the timeline of a search from its trials, however many, in memory that does not grow with them.
class TimelineMaker {
 public:
  /// `hours`: when the search ended. `sites`: whether bars name where they ran.
  TimelineMaker(double hours, bool sites) : hours_(hours), sites_(sites) {}

  /// Rows of one search, those of a worker in the order of their start.
  void add(const TrialRow& row);
  /// Without strategy and seed; none where no row came. Nothing can be added after.
  [[nodiscard]] std::optional<Timeline> finish();

 private:
  struct Bar {
    double start, end;  // hours
    double kilograms;
    double fidelity;  // of the trial that it is named after
    std::uint64_t count = 1;
    std::uint32_t site;  // index into site_names_
    TrialStatus status;
  };
  struct Piece {
    std::uint32_t worker;
    std::uint64_t trial;
    double operational;  // kg
    double energy;       // kWh
    Bar bar;
  };
  static constexpr std::size_t kParts = 96;  // of the search, for the intensity

  [[nodiscard]] std::uint32_t number_of(const std::string& site);
  void condense();
  void add_intensity(const Piece& piece);
  void push(std::vector<Bar>& bars, const Bar& bar);
  void join_more();
  void fold_ends();
  void join_all_pairs();
  [[nodiscard]] std::size_t worker_count() const;
  [[nodiscard]] std::size_t bar_count() const;
  [[nodiscard]] std::string status_of(const Bar& bar) const;
  void write_bars(Timeline& timeline) const;
  void write_intensity(Timeline& timeline) const;
  static void join(Bar& bar, const Bar& next);

  double hours_;
  bool sites_;
  double full_ = 0.0;  // the highest fidelity
  std::uint64_t trials_ = 0;
  std::uint64_t whole_ = 1;    // trials of a bar that is not joined with its neighbour for now
  std::vector<Piece> pieces_;  // not condensed yet
  std::map<std::uint32_t, std::vector<Bar>> workers_;  // of each first bars of whole_ trials, then fewer and fewer
  std::vector<std::string> site_names_;
  std::array<double, kParts> grams_{}, energy_{};
};

}  // namespace tonne
