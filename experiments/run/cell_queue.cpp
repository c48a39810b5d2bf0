#include "experiments/run/cell_queue.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace tonne {

CellQueue::CellQueue(std::span<const std::size_t> kinds, std::span<const double> sizes)
    : kind_of_(kinds.begin(), kinds.end()), sizes_(sizes.begin(), sizes.end()) {
  assert(kinds.size() == sizes.size());
  if (!kind_of_.empty()) kinds_.resize(*std::ranges::max_element(kind_of_) + 1);
  for (std::size_t cell = 0; cell < kind_of_.size(); ++cell) {
    Kind& kind = kinds_[kind_of_[cell]];
    kind.cells.push_back(cell);
    kind.size_left += sizes_[cell];
    unknown_size_ += sizes_[cell];
  }
  for (std::size_t k = 0; k < kinds_.size(); ++k) {
    std::ranges::sort(kinds_[k].cells, [&](std::size_t a, std::size_t b) {
      return std::pair(sizes_[a], b) < std::pair(sizes_[b], a);  // the largest last, and of equal ones the first
    });
    insert(k);
  }
}

std::optional<std::size_t> CellQueue::next() {
  if (heads_.empty()) return std::nullopt;
  const std::size_t k = std::get<3>(*heads_.begin());
  heads_.erase(heads_.begin());
  Kind& kind = kinds_[k];
  const std::size_t cell = kind.cells.back();
  kind.cells.pop_back();
  kind.started = true;
  insert(k);
  return cell;
}

void CellQueue::ended(std::size_t cell, double seconds) {
  const std::size_t k = kind_of_[cell];
  Kind& kind = kinds_[k];
  remove(k);
  (kind.known() ? known_left_ : unknown_size_) -= kind.known() ? kind.size_left * kind.rate() : kind.size_left;
  kind.size_left -= sizes_[cell];
  kind.size_ended += sizes_[cell];
  kind.seconds_ended += seconds;
  known_left_ += kind.size_left * kind.rate();
  size_ended_ += sizes_[cell];
  seconds_ended_ += seconds;
  insert(k);
}

std::optional<double> CellQueue::seconds_left() const {
  if (!(size_ended_ > 0.0)) return std::nullopt;
  return std::max(0.0, known_left_ + unknown_size_ * seconds_ended_ / size_ended_);
}

CellQueue::Key CellQueue::key_of(std::size_t kind) const {
  const Kind& of = kinds_[kind];
  const std::size_t cell = of.cells.back();
  if (of.known()) return {Rank::known, -of.rate() * sizes_[cell], cell, kind};
  return {of.started ? Rank::running : Rank::untried, 0.0, cell, kind};
}

void CellQueue::remove(std::size_t kind) {
  if (!kinds_[kind].cells.empty()) heads_.erase(key_of(kind));
}

void CellQueue::insert(std::size_t kind) {
  if (!kinds_[kind].cells.empty()) heads_.insert(key_of(kind));
}

}  // namespace tonne
