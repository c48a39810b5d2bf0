#include "core/screening.h"

#include <algorithm>
#include <cmath>

namespace tonne {
namespace {

constexpr int kSample = 1000;
/// Beyond the sample the scale goes on with the slope over this part of it: single extreme values scatter.
constexpr std::size_t kTail = 20;

double true_loss(const Problem& problem, const Configuration& configuration) {
  const double value = problem.true_value(configuration);
  return problem.traits().objectives.front().direction == Direction::minimise ? value : -value;
}

// What makes a candidate cheap: its arithmetic, or its measured time where a table gives no other.
double work_of(const Workload& workload) {
  if (workload.flops > Work{}) return std::log(workload.flops.base());
  if (workload.measured_time && *workload.measured_time > Duration{}) return std::log(workload.measured_time->base());
  return 0.0;
}

}  // namespace

NormalScores::NormalScores(std::vector<double> sample) {
  std::ranges::sort(sample);
  const auto n = static_cast<double>(sample.size());
  for (std::size_t i = 0; i < sample.size();) {
    std::size_t end = i;
    while (end < sample.size() && sample[end] == sample[i]) ++end;
    values_.push_back(sample[i]);
    scores_.push_back(normal_quantile(0.5 * static_cast<double>(i + end) / n));
    i = end;
  }
}

double NormalScores::operator()(double value) const {
  const std::size_t n = values_.size();
  if (n < 2) return 0.0;
  const std::size_t tail = std::max<std::size_t>(1, n / kTail);
  if (value <= values_.front()) return along(0, tail, value);
  if (value >= values_.back()) return along(n - 1, n - 1 - tail, value);
  const auto above = static_cast<std::size_t>(std::ranges::upper_bound(values_, value) - values_.begin());
  return along(above - 1, above, value);
}

double NormalScores::along(std::size_t from, std::size_t to, double value) const {
  return scores_[from] + (value - values_[from]) / (values_[to] - values_[from]) * (scores_[to] - scores_[from]);
}

ScreeningScale::ScreeningScale(const Problem& problem, const Random& random) {
  std::vector<double> losses;
  std::vector<double> work;
  const double shortest = problem.traits().fidelity.lowest;
  for (int i = 0; i < kSample; ++i) {
    Random stream = random.child(static_cast<std::uint64_t>(i));
    const Configuration candidate = problem.space().sample(stream);
    const Outcome outcome = problem.evaluate({candidate, 0.0, shortest, 0, 0}, stream.child("evaluate"));
    if (outcome.failure) continue;
    losses.push_back(true_loss(problem, candidate));
    work.push_back(work_of(outcome.workload));
  }
  losses_ = NormalScores(std::move(losses));
  work_ = NormalScores(std::move(work));
}

double ScreeningScale::score(const Problem& problem, const Configuration& configuration, const Outcome& outcome,
                             const Screening& screening, Random random) const {
  const double r = screening.correlation;
  return r * losses_(true_loss(problem, configuration)) + std::sqrt(1.0 - r * r) * random.normal() +
         screening.cheap_bias * work_(work_of(outcome.workload));
}

Workload screening_workload(Workload training, double fidelity, double epochs) {
  const double share = epochs / fidelity;
  training.flops *= share;
  training.traffic *= share;
  training.samples *= share;
  training.steps = std::ceil(training.steps * share);
  if (training.measured_time) *training.measured_time *= share;
  if (training.measured_energy) *training.measured_energy *= share;
  return training;
}

}  // namespace tonne
