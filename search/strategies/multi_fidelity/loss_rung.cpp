#include "search/strategies/multi_fidelity/loss_rung.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace tonne {
namespace {

template <class Key, class Order>
void push_key(std::vector<Key>& heap, const Key& key, Order order) {
  heap.push_back(key);
  std::ranges::push_heap(heap, order);
}

template <class Key, class Order>
Key pop_key(std::vector<Key>& heap, Order order) {
  std::ranges::pop_heap(heap, order);
  const Key key = heap.back();
  heap.pop_back();
  return key;
}

constexpr std::less<> kWorstKeyFirst;
constexpr std::greater<> kBestKeyFirst;

}  // namespace

std::size_t rung_quota(std::size_t entries, double eta) {
  constexpr double kRounding = 1e-9;
  return static_cast<std::size_t>(std::floor(static_cast<double>(entries) / eta + kRounding));
}

void LossRung::enter(RungEntry entry, double loss, const RungRule& rule) {
  const Key key{loss, static_cast<std::uint32_t>(entries_.size())};
  entries_.push_back({.entry = std::move(entry)});
  if (!top_.empty() && key < top_.front()) {
    rise(key, rule.pauses);
  } else {
    push_key(rest_, key, kBestKeyFirst);
  }
  const std::size_t quota = rung_quota(entries_.size(), rule.eta);
  if (top_.size() > quota) {
    const Key sunk = pop_key(top_, kWorstKeyFirst);
    entries_[sunk.second].on_top = false;
    push_key(rest_, sunk, kBestKeyFirst);
  } else if (top_.size() < quota) {
    rise(pop_key(rest_, kBestKeyFirst), rule.pauses);
  }
  if (!rule.pauses && entries_[key.second].on_top) list(key);
}

void LossRung::rise(const Key& key, bool pauses) {
  entries_[key.second].on_top = true;
  push_key(top_, key, kWorstKeyFirst);
  if (pauses) list(key);
}

void LossRung::list(const Key& key) {
  Standing& standing = entries_[key.second];
  if (standing.listed || standing.gone_on || std::isinf(key.first)) return;
  standing.listed = true;
  push_key(promotable_, key, kBestKeyFirst);
}

std::optional<RungEntry> LossRung::take(const RungRule& rule) {
  while (!promotable_.empty()) {
    Standing& standing = entries_[pop_key(promotable_, kBestKeyFirst).second];
    standing.listed = false;
    if (rule.pauses && !standing.on_top) continue;  // sank; listed again if it rises
    standing.gone_on = true;
    return std::exchange(standing.entry, RungEntry{});
  }
  return std::nullopt;
}

}  // namespace tonne
