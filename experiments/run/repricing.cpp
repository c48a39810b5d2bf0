#include "experiments/run/repricing.h"

#include <fmt/format.h>

#include <variant>

#include "core/cost_model.h"
#include "core/error.h"
#include "core/simulator.h"
#include "core/sites.h"
#include "experiments/plan/experiment.h"

namespace tonne {
namespace {

// What was lost of a trial, at another price: in each account as its whole charge changes.
Usage scaled_loss(const Usage& lost, const Usage& from, const Usage& to) {
  const auto scaled = [](auto amount, auto before, auto after) {
    return before > decltype(before){} ? (after / before) * amount : amount;
  };
  return {scaled(lost.energy, from.energy, to.energy),
          scaled(lost.operational, from.operational, to.operational),
          scaled(lost.embodied, from.embodied, to.embodied), scaled(lost.money, from.money, to.money),
          scaled(lost.water, from.water, to.water)};
}

// What only happens at other values than the medians is told as such: a trace that ends too early, above all.
template <class Function>
auto at_other_values(const Function& function) {
  try {
    return function();
  } catch (const InputError& error) {
    throw InputError(
        fmt::format("with uncertain figures at other values than their medians: {}", error.message()));
  }
}

}  // namespace

Repricer::Repricer(const ScenarioPlan& scenario) : scenario_(scenario), sums_(scenario.variants.size()) {}

void Repricer::trial(const Trial& trial) {
  if (const auto* completed = std::get_if<Completed>(&trial.result); completed && completed->cached) return;
  time_ += trial.charge.time;
  if (sums_.empty()) return;
  const Usage median = trial.preemptions > 0 ? trial.charge.total() : Usage{};
  const Usage lost = trial.lost.total();
  for (std::size_t v = 0; v < sums_.size(); ++v) {
    const Charge charge =
        at_other_values([&] { return charge_at(*scenario_.variants[v], trial.proposal.site, trial.workload, trial.start); });
    const Usage total = charge.total();
    sums_[v].time += charge.time;
    sums_[v].busy += total;
    if (trial.preemptions > 0) sums_[v].busy += scaled_loss(lost, median, total);
  }
}

void Repricer::idle(Duration length, Duration start) {
  for (std::size_t v = 0; v < sums_.size(); ++v)
    sums_[v].idle += scenario_.variants[v]->charge_idle(length, start).total();
}

void Repricer::computing(Work work, Duration start) {
  for (std::size_t v = 0; v < sums_.size(); ++v)
    sums_[v].busy += scenario_.variants[v]->charge_computing(work, start).total();
}

std::vector<VariantRow> Repricer::finish(const SearchResult& result) const {
  std::vector<VariantRow> rows;
  for (std::size_t v = 0; v < sums_.size(); ++v) {
    Usage search = sums_[v].idle;
    if (time_ > Duration{}) search *= sums_[v].time / time_;
    search += sums_[v].busy;
    VariantRow row;
    row.variant = v;
    row.search = search;
    if (result.winner_workload)
      row.training = at_other_values([&] {
        return scenario_.variants[v]->charge(*result.winner_workload, *result.winner_start).total();
      });
    rows.push_back(row);
  }
  return rows;
}

}  // namespace tonne
