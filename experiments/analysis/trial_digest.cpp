#include "experiments/analysis/trial_digest.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <map>
#include <numeric>
#include <tuple>
#include <utility>

#include "core/random.h"
#include "cost_models/sites.h"
#include "experiments/results/store.h"
#include "experiments/results/stored_space.h"
#include "search/surrogates/forest_encoding.h"
#include "search/surrogates/random_forest.h"

namespace tonne {
namespace {

constexpr std::size_t kMostBars = 1200;
constexpr std::size_t kIntensityParts = 96;

double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}
double variance_of(const std::vector<double>& values) {
  const double mean = mean_of(values);
  double sum = 0.0;
  for (const double value : values) sum += (value - mean) * (value - mean);
  return sum / static_cast<double>(values.size());
}

// Keeps an even part of a stream of unknown length: every stride-th, where the stride doubles when the room
// is full.
class EvenSample {
 public:
  struct Item {
    Configuration configuration;
    double value = 0.0;
  };
  void offer(const TrialRow& row) {
    if (row.fidelity < fidelity_) return;
    if (row.fidelity > fidelity_) {  // what was trained less is not comparable
      fidelity_ = row.fidelity;
      items_.clear();
      stride_ = 1;
      offered_ = 0;
    }
    if (offered_++ % stride_ != 0) return;
    items_.push_back({row.configuration, *row.objective()});
    if (items_.size() < 2 * kImportanceTrials) return;
    for (std::size_t i = 1; i < kImportanceTrials; ++i) items_[i] = std::move(items_[2 * i]);
    items_.resize(kImportanceTrials);
    stride_ *= 2;
  }
  [[nodiscard]] const std::vector<Item>& items() const { return items_; }

 private:
  double fidelity_ = -1.0;
  std::size_t stride_ = 1, offered_ = 0;
  std::vector<Item> items_;
};

// --- importance ---

struct ForestData {
  std::vector<double> points;  // row-major
  std::vector<double> values;
};

RandomForest grow(const ForestEncoding& encoding, const ForestData& data, std::string_view name) {
  RandomForest forest(encoding.categories(), {.trees = 24,
                                              .min_split = 4,
                                              .min_leaf = 2,
                                              .features = 5.0 / 6.0,
                                              .bootstrap = true,
                                              .random_thresholds = true});
  forest.fit(data.points, data.values, Random(1).child("report").child(name));
  return forest;
}

double fit_of(const ForestEncoding& encoding, const ForestData& data) {
  std::array<ForestData, 2> halves;
  const std::size_t columns = encoding.columns();
  for (std::size_t i = 0; i < data.values.size(); ++i) {
    ForestData& half = halves[i % 2];
    half.values.push_back(data.values[i]);
    const auto row = data.points.begin() + static_cast<std::ptrdiff_t>(i * columns);
    half.points.insert(half.points.end(), row, row + static_cast<std::ptrdiff_t>(columns));
  }
  ForestPrediction prediction;
  grow(encoding, halves[0], "fit").predict(halves[1].points, prediction);
  double squares = 0.0;
  for (std::size_t i = 0; i < prediction.mean.size(); ++i)
    squares += (halves[1].values[i] - prediction.mean[i]) * (halves[1].values[i] - prediction.mean[i]);
  const double all = variance_of(halves[1].values) * static_cast<double>(prediction.mean.size());
  return all > 0.0 ? 1.0 - squares / all : 0.0;
}

// Evenly spaced rows, at most `most`.
std::vector<std::size_t> even_rows(std::size_t count, std::size_t most) {
  const std::size_t taken = std::min(count, most);
  std::vector<std::size_t> rows(taken);
  for (std::size_t i = 0; i < taken; ++i) rows[i] = i * count / taken;
  return rows;
}

// Mean prediction with column j at each of `settings`' values in turn.
double main_effect(const RandomForest& forest, const ForestData& data, std::size_t columns, std::size_t j) {
  constexpr std::size_t kBackground = 128, kSettings = 48;
  const std::size_t count = data.values.size();
  std::map<double, std::size_t> settings;  // value of j: how often
  for (const std::size_t row : even_rows(count, kSettings)) ++settings[data.points[row * columns + j]];
  std::vector<double> points;
  for (const std::size_t row : even_rows(count, kBackground)) {
    const auto begin = data.points.begin() + static_cast<std::ptrdiff_t>(row * columns);
    points.insert(points.end(), begin, begin + static_cast<std::ptrdiff_t>(columns));
  }
  std::vector<double> means;
  ForestPrediction prediction;
  for (const auto& [value, times] : settings) {
    for (std::size_t at = j; at < points.size(); at += columns) points[at] = value;
    forest.predict(points, prediction);
    means.insert(means.end(), times, mean_of(prediction.mean));
  }
  return variance_of(means);
}

std::optional<Importance> importance_of(const Board& board, const std::vector<EvenSample::Item>& items) {
  const ForestEncoding encoding(board.space);
  if (items.size() < kLeastTrials || encoding.columns() == 0) return std::nullopt;
  const std::size_t columns = encoding.columns();
  ForestData data;
  data.points.resize(items.size() * columns);
  for (std::size_t i = 0; i < items.size(); ++i) {
    check_configuration(items[i].configuration, board.space);
    encoding.encode(items[i].configuration, &data.points[i * columns]);
    data.values.push_back(items[i].value);
  }
  const RandomForest forest = grow(encoding, data, "importance");
  ForestPrediction prediction;
  forest.predict(data.points, prediction);
  const double all = variance_of(prediction.mean);
  if (all <= 0.0) return std::nullopt;
  Importance importance;
  importance.trials = items.size();
  importance.fit = fit_of(encoding, data);
  for (std::size_t j = 0; j < columns; ++j)
    importance.parameters.push_back(
        {board.space[encoding.parameter_of(j)].name, main_effect(forest, data, columns, j) / all});
  std::ranges::sort(importance.parameters, [](const ParameterShare& a, const ParameterShare& b) {
    return a.share != b.share ? a.share > b.share : a.name < b.name;
  });
  return importance;
}

// --- one search on its cluster ---

std::string status_of(TrialStatus status, bool in_full) {
  if (status == TrialStatus::cached || status == TrialStatus::screened) return std::string(to_string(status));
  if (status != TrialStatus::completed) return "failed";
  return in_full ? "completed" : "partially trained";
}

// Neighbours on a worker become one bar, which is what the greater part of it was.
std::vector<TimelineBar> joined_pairs(const std::vector<TimelineBar>& bars) {
  std::vector<TimelineBar> joined;
  for (std::size_t i = 0; i < bars.size(); ++i) {
    TimelineBar& bar = joined.emplace_back(bars[i]);
    if (i + 1 == bars.size() || bars[i + 1].worker != bar.worker) continue;
    const TimelineBar& next = bars[++i];
    if (next.count > bar.count) {
      bar.status = next.status;
      bar.site = next.site;
    }
    bar.end_hours = next.end_hours;
    bar.count += next.count;
    bar.kilograms += next.kilograms;
  }
  return joined;
}

class TimelineMaker {
 public:
  TimelineMaker(const Board& board, const BoardSearch& search, bool sites) : cell_(search.cell), sites_(sites) {
    timeline_.strategy = board.strategies.front().label;
    timeline_.seed = search.seed;
  }
  [[nodiscard]] std::size_t cell() const { return cell_; }
  void add(const TrialRow& row) {
    pieces_.push_back({row.worker, row.trial, row.start_s * second / hour, row.end_s * second / hour,
                       row.fidelity, row.operational_kg, row.embodied_kg,
                       std::accumulate(row.energy_j.begin(), row.energy_j.end(), 0.0) * joule / kilowatt_hour,
                       row.status, sites_ && row.site.empty() ? kHome : row.site});
  }
  std::optional<Timeline> finish() {
    if (pieces_.empty()) return std::nullopt;
    double full = 0.0, end = 0.0;
    for (const Piece& piece : pieces_) {
      full = std::max(full, piece.fidelity);
      end = std::max(end, piece.end);
      timeline_.workers = std::max<std::size_t>(timeline_.workers, piece.worker + std::size_t{1});
    }
    timeline_.trials = pieces_.size();
    std::ranges::sort(pieces_, {},
                      [](const Piece& piece) { return std::tuple(piece.worker, piece.start, piece.trial); });
    for (const Piece& piece : pieces_)
      timeline_.bars.push_back({piece.worker, piece.start, piece.end,
                                status_of(piece.status, piece.fidelity >= full), 1,
                                piece.operational + piece.embodied, piece.site});
    while (timeline_.bars.size() > kMostBars && timeline_.bars.size() > 2 * timeline_.workers)
      timeline_.bars = joined_pairs(timeline_.bars);
    find_intensity(end);
    return std::move(timeline_);
  }

 private:
  struct Piece {
    std::uint32_t worker;
    std::uint64_t trial;
    double start, end;  // hours
    double fidelity;
    double operational, embodied;  // kg
    double energy;                 // kWh
    TrialStatus status;
    std::string site;
  };

  void find_intensity(double end) {
    if (end <= 0.0) return;
    std::vector<double> grams(kIntensityParts, 0.0), energy(kIntensityParts, 0.0);
    for (const Piece& piece : pieces_) {
      const double middle = 0.5 * (piece.start + piece.end);
      const auto part =
          std::min(kIntensityParts - 1, static_cast<std::size_t>(middle / end * kIntensityParts));
      grams[part] += piece.operational * 1000.0;
      energy[part] += piece.energy;
    }
    for (std::size_t part = 0; part < kIntensityParts; ++part) {
      if (energy[part] <= 0.0) continue;
      timeline_.intensity_hours.push_back(static_cast<double>(part) / kIntensityParts * end);
      timeline_.intensity_grams.push_back(grams[part] / energy[part]);
    }
  }

  std::size_t cell_;
  bool sites_;
  std::vector<Piece> pieces_;
  Timeline timeline_;
};

// The middle one by value of the best strategy's searches: neither luck nor misfortune.
const BoardSearch& middle_search(const Board& board) {
  std::vector<const BoardSearch*> searches;
  for (const BoardSearch& search : board.strategies.front().searches) searches.push_back(&search);
  std::ranges::sort(searches, {}, [](const BoardSearch* search) {
    return std::tuple(!search->value, search->value.value_or(0.0), search->seed);
  });
  return *searches[searches.size() / 2];
}

}  // namespace

std::vector<TrialDigest> digest_trials(const Store& store, const std::vector<Board>& boards) {
  std::map<std::size_t, std::size_t> board_of;
  std::vector<TimelineMaker> timelines;
  std::vector<EvenSample> samples(boards.size());
  const bool sites = store.has_sites();
  for (std::size_t b = 0; b < boards.size(); ++b) {
    timelines.emplace_back(boards[b], middle_search(boards[b]), sites);
    for (const BoardStrategy& strategy : boards[b].strategies)
      for (const BoardSearch& search : strategy.searches) board_of[search.cell] = b;
  }
  store.each_trial([&](const TrialRow& row) {
    const auto at = board_of.find(row.cell);
    if (at == board_of.end()) return;
    if (timelines[at->second].cell() == row.cell) timelines[at->second].add(row);
    const bool completed = row.status == TrialStatus::completed || row.status == TrialStatus::cached;
    if (completed && std::isfinite(row.objective().value_or(NAN)))
      samples[at->second].offer(row);
  });
  std::vector<TrialDigest> digests;
  for (std::size_t b = 0; b < boards.size(); ++b)
    digests.push_back({timelines[b].finish(), importance_of(boards[b], samples[b].items())});
  return digests;
}

}  // namespace tonne
