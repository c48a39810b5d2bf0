#include "experiments/analysis/timeline.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>
#include <utility>

#include "cost_models/sites.h"
#include "core/units.h"

namespace tonne {
namespace {

constexpr std::size_t kMostBars = 1200;
/// Trials that are kept one by one. A search of fewer is shown as if all were.
constexpr std::size_t kMostPieces = 65'536;

}  // namespace

void TimelineMaker::add(const TrialRow& row) {
  Piece& piece = pieces_.emplace_back();
  piece.worker = row.worker;
  piece.trial = row.trial;
  piece.operational = row.operational_kg;
  piece.energy = std::accumulate(row.energy_j.begin(), row.energy_j.end(), 0.0) * joule / kilowatt_hour;
  piece.bar = {row.start_s * second / hour,
               row.end_s * second / hour,
               row.operational_kg + row.embodied_kg,
               row.fidelity,
               1,
               number_of(sites_ && row.site.empty() ? kHome : row.site),
               row.status};
  full_ = std::max(full_, row.fidelity);
  ++trials_;
  if (pieces_.size() == kMostPieces) condense();
}

std::optional<Timeline> TimelineMaker::finish() {
  if (trials_ == 0) return std::nullopt;
  condense();
  fold_ends();
  while (bar_count() > kMostBars && bar_count() > 2 * worker_count()) join_all_pairs();
  Timeline timeline;
  timeline.workers = worker_count();
  timeline.trials = trials_;
  write_bars(timeline);
  write_intensity(timeline);
  return timeline;
}

std::uint32_t TimelineMaker::number_of(const std::string& site) {
  const auto at = std::ranges::find(site_names_, site);
  const auto number = static_cast<std::uint32_t>(at - site_names_.begin());
  if (at == site_names_.end()) site_names_.push_back(site);
  return number;
}

void TimelineMaker::condense() {
  const auto place = [](const Piece& piece) { return std::tuple(piece.worker, piece.bar.start, piece.trial); };
  std::ranges::sort(pieces_, {}, place);
  for (const Piece& piece : pieces_) {
    push(workers_[piece.worker], piece.bar);
    add_intensity(piece);
  }
  const bool more_to_come = pieces_.size() == kMostPieces;
  pieces_.clear();
  // Whole bars of all trials do not join any more: thousands of workers may have more bars than that even so.
  while (more_to_come && whole_ <= trials_ && bar_count() > kMostPieces / 2 && bar_count() > 4 * workers_.size()) join_more();
}

void TimelineMaker::add_intensity(const Piece& piece) {
  const double middle = 0.5 * (piece.bar.start + piece.bar.end);
  if (hours_ <= 0.0 || std::isnan(middle)) return;  // no number: of a store that somebody changed
  const auto part = static_cast<std::size_t>(std::clamp(middle / hours_ * kParts, 0.0, kParts - 1.0));
  grams_[part] += piece.operational * 1000.0;
  energy_[part] += piece.energy;
}

// Neighbours on a worker become one bar, which is what the greater part of it was.
void TimelineMaker::join(Bar& bar, const Bar& next) {
  if (next.count > bar.count) {
    bar.status = next.status;
    bar.fidelity = next.fidelity;
    bar.site = next.site;
  }
  bar.end = next.end;
  bar.count += next.count;
  bar.kilograms += next.kilograms;
}

// As in a binary counter: bars of equal count join until they are whole.
void TimelineMaker::push(std::vector<Bar>& bars, const Bar& bar) {
  bars.push_back(bar);
  while (bars.size() > 1 && bars.back().count < whole_ && bars[bars.size() - 2].count == bars.back().count) {
    join(bars[bars.size() - 2], bars.back());
    bars.pop_back();
  }
}

// Whole bars become twice as long.
void TimelineMaker::join_more() {
  whole_ *= 2;
  for (auto& [worker, bars] : workers_) {
    std::vector<Bar> joined;
    for (const Bar& bar : bars) push(joined, bar);
    bars = std::move(joined);
  }
}

// What is less than a whole bar stands at a worker's end, as one.
void TimelineMaker::fold_ends() {
  for (auto& [worker, bars] : workers_)
    while (bars.size() > 1 && bars[bars.size() - 2].count < whole_) {
      join(bars[bars.size() - 2], bars.back());
      bars.pop_back();
    }
}

void TimelineMaker::join_all_pairs() {
  for (auto& [worker, bars] : workers_) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < bars.size(); i += 2) {
      Bar bar = bars[i];
      if (i + 1 < bars.size()) join(bar, bars[i + 1]);
      bars[kept++] = bar;
    }
    bars.resize(kept);
  }
}

// Those up to the last one that worked.
std::size_t TimelineMaker::worker_count() const {
  return workers_.rbegin()->first + std::size_t{1};
}

std::size_t TimelineMaker::bar_count() const {
  std::size_t count = 0;
  for (const auto& [worker, bars] : workers_) count += bars.size();
  return count;
}

std::string TimelineMaker::status_of(const Bar& bar) const {
  if (bar.status == TrialStatus::cached || bar.status == TrialStatus::screened)
    return std::string(to_string(bar.status));
  if (bar.status != TrialStatus::completed) return "failed";
  return bar.fidelity >= full_ ? "completed" : "partially trained";
}

void TimelineMaker::write_bars(Timeline& timeline) const {
  for (const auto& [worker, bars] : workers_)
    for (const Bar& bar : bars)
      timeline.bars.push_back({worker, bar.start, bar.end, status_of(bar), bar.count, bar.kilograms,
                               site_names_[bar.site]});
}

void TimelineMaker::write_intensity(Timeline& timeline) const {
  for (std::size_t part = 0; part < kParts; ++part) {
    if (energy_[part] <= 0.0) continue;
    timeline.intensity_hours.push_back(static_cast<double>(part) / kParts * hours_);
    timeline.intensity_grams.push_back(grams_[part] / energy_[part]);
  }
}

}  // namespace tonne
