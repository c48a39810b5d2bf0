#include "search/strategies/multi_objective/objective_models.h"

#include "core/pareto.h"
#include "search/surrogates/fallbacks.h"
#include "search/surrogates/two_start_fit.h"

namespace tonne {

using Eigen::Index;

ObjectiveModels::ObjectiveModels(const ObjectiveSearch& search, const RefitSettings& refit,
                                 std::int64_t max_fit_points, NoteSink* notes)
    : search_(search),
      refit_(refit),
      max_fit_points_(max_fit_points),
      notes_(notes),
      processes_(search.objectives(), search.new_process()) {}

void ObjectiveModels::learn() {
  if (!search_.ready()) return;
  const MultiObjectiveLog& log = search_.log();
  const std::size_t count = log.observations().size();
  if (refit_.due(count, fitted_at_)) return refit();
  PointSet point(1, search_.encoding().columns());
  search_.encoding().encode(log.observations().back().configuration, point, 0);
  for (std::size_t j = 0; j < processes_.size(); ++j) processes_[j].append(point, 0, log.losses(count - 1)[j]);
  known_.push_back(count - 1);
}

void ObjectiveModels::refit() {
  const MultiObjectiveLog& log = search_.log();
  fitted_at_ = log.observations().size();
  known_ = chosen_points();
  const PointSet points = search_.encoded(known_);
  std::vector<double> targets(known_.size());
  for (std::size_t j = 0; j < processes_.size(); ++j) {
    for (std::size_t k = 0; k < known_.size(); ++k) targets[k] = log.losses(known_[k])[j];
    fit_from_two_starts(processes_[j], points, targets);
    note_fallbacks(notes_, processes_[j], "objectives");
  }
}

// The better is on the earlier front.
std::vector<std::size_t> ObjectiveModels::chosen_points() const {
  const MultiObjectiveLog& log = search_.log();
  const std::size_t count = log.observations().size();
  std::vector<std::uint32_t> fronts;
  if (count > static_cast<std::size_t>(max_fit_points_)) {
    std::vector<Objectives> losses;
    for (std::size_t i = 0; i < count; ++i) losses.push_back(log.losses(i));
    fronts = front_numbers(losses);
  }
  return fit_points(count, max_fit_points_, [&](std::size_t a, std::size_t b) {
    return fronts[a] != fronts[b] ? fronts[a] < fronts[b] : a < b;
  });
}

std::vector<Objectives> ObjectiveModels::means(const std::vector<Configuration>& configurations) {
  PointSet points(static_cast<Index>(configurations.size()), search_.encoding().columns());
  for (std::size_t i = 0; i < configurations.size(); ++i)
    search_.encoding().encode(configurations[i], points, static_cast<Index>(i));
  std::vector<Objectives> means(configurations.size());
  BatchPrediction batch;
  for (const GaussianProcess& process : processes_) {
    process.predict(points, batch);
    predictions_ += static_cast<double>(points.count()) * process.prediction_work();
    for (std::size_t i = 0; i < means.size(); ++i) means[i].push_back(batch.mean[static_cast<Index>(i)]);
  }
  return means;
}

Work ObjectiveModels::computed() const {
  Work sum = predictions_;
  for (const GaussianProcess& process : processes_) sum += process.computed();
  return sum;
}

std::vector<double> ObjectiveModels::counts() const {
  std::vector<double> counts = {predictions_.base()};
  for (const GaussianProcess& process : processes_) counts.push_back(process.computed().base());
  return counts;
}

void ObjectiveModels::set_counts(std::span<const double> counts) {
  predictions_ = Work::from_base(counts[0]);
  for (std::size_t j = 0; j < processes_.size(); ++j) processes_[j].set_computed(Work::from_base(counts[1 + j]));
}

std::vector<std::size_t> front_of(std::span<const Objectives> points) {
  const auto numbers = front_numbers(points);
  std::vector<std::size_t> front;
  for (std::size_t i = 0; i < points.size(); ++i)
    if (numbers[i] == 0) front.push_back(i);
  return front;
}

std::vector<Configuration> drawn_from_front(const std::vector<Configuration>& configurations,
                                            std::span<const Objectives> means, std::size_t most, Random& random) {
  std::vector<std::size_t> front = front_of(means);
  std::vector<Configuration> drawn;
  while (!front.empty() && drawn.size() < most) {
    const std::size_t k = random.below(front.size());
    drawn.push_back(configurations[front[k]]);
    front[k] = front.back();
    front.pop_back();
  }
  return drawn;
}

}  // namespace tonne
