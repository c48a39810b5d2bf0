#include "experiments/analysis/leaderboard_front.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "experiments/results/store.h"

namespace tonne {
namespace {

constexpr double kReference = 1.1;
/// Candidates are sorted into the front so far whenever so many have come.
constexpr std::size_t kBlock = 4096;

double turned(double value, const ObjectiveTraits& objective) {
  return objective.direction == Direction::maximise ? -value : value;
}

// All objectives of a completed full training as losses; none where the row is of anything else. What a
// partial training shows (a latency without the accuracy that goes with it) nobody can have.
std::optional<Objectives> losses_of(const TrialRow& row, const StoredProblem& problem) {
  const std::vector<ObjectiveTraits>& objectives = problem.objectives;
  if (row.status != TrialStatus::completed || row.objectives.size() != objectives.size()) return std::nullopt;
  if (problem.full_fidelity && row.fidelity < *problem.full_fidelity) return std::nullopt;
  Objectives losses;
  for (std::size_t i = 0; i < objectives.size(); ++i) {
    if (!std::isfinite(row.objectives[i])) return std::nullopt;
    losses.push_back(turned(row.objectives[i], objectives[i]));
  }
  return losses;
}

bool stands_before(const Objectives& a, const Objectives& b) {
  return std::ranges::lexicographical_compare(a, b);
}

// Keeps the non-dominated ones, each once, in lexicographic order.
void keep_front(std::vector<Objectives>& points) {
  std::ranges::sort(points, stands_before);
  points.erase(std::unique(points.begin(), points.end()), points.end());
  const auto numbers = front_numbers(points);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < points.size(); ++i)
    if (numbers[i] == 0) points[kept++] = points[i];
  points.resize(kept);
}

using FoundPoint = std::pair<Objectives, std::size_t>;  // and the strategy whose search found it

std::vector<Objectives> joint_front(const std::vector<FoundPoint>& points) {
  std::vector<Objectives> front;
  for (const auto& [point, strategy] : points) {
    front.push_back(point);
    if (front.size() % kBlock == 0) keep_front(front);
  }
  keep_front(front);
  return front;
}

// For each point of a front the first strategy of the experiment that found it.
std::vector<std::size_t> first_finders(const std::vector<Objectives>& front, const std::vector<FoundPoint>& points) {
  std::vector<std::size_t> finders(front.size(), std::numeric_limits<std::size_t>::max());
  for (const auto& [point, strategy] : points) {
    const auto at = std::ranges::lower_bound(front, point, stands_before);
    if (at == front.end() || *at != point) continue;
    std::size_t& finder = finders[static_cast<std::size_t>(at - front.begin())];
    finder = std::min(finder, strategy);
  }
  return finders;
}

}  // namespace

Fronts::Fronts(const Store& store) {
  const auto problems = store.problems();
  if (std::ranges::none_of(problems, [](const StoredProblem& p) { return p.objectives.size() > 1; })) return;
  const auto strategies = store.strategies();
  std::map<std::size_t, Losses> by_cell;
  std::map<std::size_t, CellRecord> cells;
  for (CellRecord& cell : store.cells(CellDetail::own)) {
    if (problems[cell.problem].objectives.size() < 2) continue;
    by_cell[cell.index];  // a search that finds nothing has a front too, of no points
    cells.emplace(cell.index, std::move(cell));
  }
  // One search follows another: what does not belong to a front is let go before the next begins.
  std::optional<std::size_t> index;
  const StoredProblem* problem = nullptr;  // none: of one objective
  Losses* front = nullptr;
  store.each_trial([&](const TrialRow& row) {
    if (row.cell != index) {
      if (front != nullptr) keep_front(*front);
      index = row.cell;
      const auto cell = cells.find(row.cell);
      problem = cell == cells.end() ? nullptr : &problems[cell->second.problem];
      front = problem == nullptr ? nullptr : &by_cell[row.cell];
    }
    if (problem == nullptr) return;
    const auto losses = losses_of(row, *problem);
    if (!losses) return;
    front->push_back(*losses);
    if (front->size() % kBlock == 0) keep_front(*front);
  });

  // The joint front, with the strategy that found each point first.
  std::map<std::pair<std::size_t, std::size_t>, std::vector<FoundPoint>> found;
  for (auto& [number, points] : by_cell) {
    keep_front(points);
    const CellRecord& cell = cells.at(number);
    for (const Objectives& point : points)
      found[{cell.problem, cell.scenario}].emplace_back(point, cell.strategy);
    fronts_[{cell.problem, cell.scenario, cell.strategy}].push_back(std::move(points));
  }
  for (auto& [key, points] : found) {
    Board& board = boards_[key];
    board.joint.objectives = problems[key.first].objectives;
    const Losses joint = joint_front(points);
    const std::size_t m = board.joint.objectives.size();
    for (std::size_t i = 0; i < m; ++i) {
      const auto [low, high] = std::ranges::minmax(joint, {}, [i](const Objectives& p) { return p[i]; });
      board.ideal.push_back(low[i]);
      board.span.push_back(high[i] > low[i] ? high[i] - low[i] : 1.0);
    }
    board.volume = scaled_volume(board, joint);
    const std::vector<std::size_t> finders = first_finders(joint, points);
    for (std::size_t k = 0; k < joint.size(); ++k) {
      FrontPoint shown{{}, strategies[finders[k]].label};
      for (std::size_t i = 0; i < m; ++i) shown.values.push_back(turned(joint[k][i], board.joint.objectives[i]));
      board.joint.points.push_back(std::move(shown));
    }
  }
}

double Fronts::scaled_volume(const Board& board, const Losses& front) const {
  Losses scaled = front;
  for (Objectives& point : scaled)
    for (std::size_t i = 0; i < point.size(); ++i) point[i] = (point[i] - board.ideal[i]) / board.span[i];
  return hypervolume(scaled, Objectives(board.ideal.size(), kReference));
}

std::optional<JointFront> Fronts::joint(std::size_t problem, std::size_t scenario) const {
  const auto found = boards_.find({problem, scenario});
  if (found == boards_.end()) return std::nullopt;
  return found->second.joint;
}

std::optional<FrontFigures> Fronts::figures(std::size_t problem, std::size_t scenario,
                                            std::size_t strategy) const {
  const auto board = boards_.find({problem, scenario});
  const auto fronts = fronts_.find({problem, scenario, strategy});
  if (board == boards_.end() || fronts == fronts_.end()) return std::nullopt;
  std::vector<double> volumes;
  FrontFigures figures;
  for (const Losses& front : fronts->second) {
    volumes.push_back(scaled_volume(board->second, front) / board->second.volume);
    figures.size += static_cast<double>(front.size());
  }
  figures.size /= static_cast<double>(fronts->second.size());
  figures.hypervolume = estimate_mean(volumes);
  return figures;
}

}  // namespace tonne
