#include "search/strategies/multi_fidelity/loss_rung.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace tonne {
namespace {

template <class Entry, class Order>
void push_entry(std::vector<Entry>& heap, const Entry& entry, Order order) {
  heap.push_back(entry);
  std::push_heap(heap.begin(), heap.end(), order);
}

template <class Entry, class Order>
Entry pop_entry(std::vector<Entry>& heap, Order order) {
  std::pop_heap(heap.begin(), heap.end(), order);
  const Entry entry = heap.back();
  heap.pop_back();
  return entry;
}

constexpr std::less<> kWorstFirst;
constexpr std::greater<> kBestFirst;

}  // namespace

std::size_t rung_quota(std::size_t entries, double eta) {
  constexpr double kRounding = 1e-9;
  return static_cast<std::size_t>(std::floor(static_cast<double>(entries) / eta + kRounding));
}

void LossRung::enter(CandidatePool::Number candidate, double loss, const RungRule& rule, CandidatePool& pool) {
  const Entry entry{loss, static_cast<std::uint32_t>(states_.size()), candidate};
  states_.emplace_back();
  if (!top_.empty() && entry < top_.front()) {
    rise(entry, rule.pauses);
  } else {
    push_entry(rest_, entry, kBestFirst);
  }
  const std::size_t quota = rung_quota(states_.size(), rule.eta);
  if (top_.size() > quota) {
    const Entry sunk = pop_entry(top_, kWorstFirst);
    states_[sunk.age].on_top = false;
    push_entry(rest_, sunk, kBestFirst);
  } else if (top_.size() < quota) {
    rise(pop_entry(rest_, kBestFirst), rule.pauses);
  }
  if (!rule.pauses && states_[entry.age].on_top) list(entry);
  const bool waits = rule.pauses ? !std::isinf(loss) : states_[entry.age].listed;
  if (!waits) pool.release(candidate);
}

void LossRung::rise(const Entry& entry, bool pauses) {
  states_[entry.age].on_top = true;
  push_entry(top_, entry, kWorstFirst);
  if (pauses) list(entry);
}

void LossRung::list(const Entry& entry) {
  State& state = states_[entry.age];
  if (state.listed || state.gone_on || std::isinf(entry.loss)) return;
  state.listed = true;
  push_entry(promotable_, entry, kBestFirst);
}

std::optional<CandidatePool::Number> LossRung::take(const RungRule& rule) {
  while (!promotable_.empty()) {
    const Entry best = pop_entry(promotable_, kBestFirst);
    State& state = states_[best.age];
    state.listed = false;
    if (rule.pauses && !state.on_top) continue;  // sank; listed again if it rises
    state.gone_on = true;
    return best.candidate;
  }
  return std::nullopt;
}

}  // namespace tonne
