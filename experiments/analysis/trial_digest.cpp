#include "experiments/analysis/trial_digest.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <numeric>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "core/random.h"
#include "experiments/results/store.h"
#include "experiments/results/stored_space.h"
#include "search/surrogates/forest_encoding.h"
#include "search/surrogates/random_forest.h"

namespace tonne {
namespace {

double plain_mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}
double plain_variance(const std::vector<double>& values) {
  const double mean = plain_mean(values);
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
  const double all = plain_variance(halves[1].values) * static_cast<double>(prediction.mean.size());
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
    means.insert(means.end(), times, plain_mean(prediction.mean));
  }
  return plain_variance(means);
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
  const double all = plain_variance(prediction.mean);
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

// The middle one by value of the best strategy's searches: neither luck nor misfortune.
const BoardSearch& middle_search(const Board& board) {
  std::vector<const BoardSearch*> searches;
  for (const BoardSearch& search : board.strategies.front().searches) searches.push_back(&search);
  std::ranges::sort(searches, {}, [](const BoardSearch* search) {
    return std::tuple(!search->value, search->value.value_or(0.0), search->seed);
  });
  return *searches[searches.size() / 2];
}

// What is made of the trials of one board while they go by.
class BoardDigest {
 public:
  BoardDigest(const Board& board, bool sites)
      : board_(board), shown_(middle_search(board)), timeline_(shown_.hours, sites) {}

  void add(const TrialRow& row) {
    if (row.cell == shown_.cell) timeline_.add(row);
    const bool completed = row.status == TrialStatus::completed || row.status == TrialStatus::cached;
    if (completed && std::isfinite(row.objective().value_or(NAN))) sample_.offer(row);
  }
  [[nodiscard]] TrialDigest finish() {
    TrialDigest digest{timeline_.finish(), importance_of(board_, sample_.items())};
    if (!digest.timeline) return digest;
    digest.timeline->strategy = board_.strategies.front().label;
    digest.timeline->seed = shown_.seed;
    return digest;
  }

 private:
  const Board& board_;
  const BoardSearch& shown_;
  TimelineMaker timeline_;
  EvenSample sample_;
};

}  // namespace

std::vector<TrialDigest> digest_trials(const Store& store, const std::vector<Board>& boards) {
  std::unordered_map<std::size_t, std::size_t> board_of;
  for (std::size_t b = 0; b < boards.size(); ++b)
    for (const BoardStrategy& strategy : boards[b].strategies)
      for (const BoardSearch& search : strategy.searches) board_of[search.cell] = b;
  std::vector<TrialDigest> digests(boards.size());
  const bool sites = store.has_sites();
  // A board's cells follow one another, so that one board's trials are in memory at a time.
  std::optional<BoardDigest> open;
  std::size_t open_board = 0, cell = std::numeric_limits<std::size_t>::max();
  bool wanted = false;
  const auto enter = [&](std::size_t next) {
    cell = next;
    const auto at = board_of.find(cell);
    wanted = at != board_of.end();
    if (!wanted || (open && open_board == at->second)) return;
    if (open) digests[open_board] = open->finish();
    open_board = at->second;
    open.emplace(boards[open_board], sites);
  };
  store.each_trial([&](const TrialRow& row) {
    if (row.cell != cell) enter(row.cell);
    if (wanted) open->add(row);
  });
  if (open) digests[open_board] = open->finish();
  return digests;
}

}  // namespace tonne
