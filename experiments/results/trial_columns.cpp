#include "experiments/results/trial_columns.h"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace tonne {

void TrialColumns::reset(std::size_t parameters, std::size_t rows) {
  parameters_ = parameters;
  rows_ = 0;
  sites_.clear();
  if (capacity_ < rows || columns() > allocated_) capacity_ = 0;
  make_room(rows);
  rows_ = rows;
}

// Small cells take little memory, and columns never lie a power of two apart, where they would share their lines of the cache.
void TrialColumns::make_room(std::size_t rows) {
  if (rows <= capacity_) return;
  constexpr std::size_t kFirst = 64, kApart = 8;
  std::size_t capacity = std::max(capacity_, kFirst);
  while (capacity < rows) capacity *= 4;
  const std::size_t stride = capacity + kApart;
  auto moved = std::make_unique_for_overwrite<std::uint64_t[]>(columns() * stride);
  for (std::size_t c = 0; c < columns() && rows_ > 0; ++c)
    std::memcpy(moved.get() + c * stride, words(c), rows_ * sizeof(std::uint64_t));
  words_ = std::move(moved);
  capacity_ = capacity;
  stride_ = stride;
  allocated_ = columns();
}

std::uint64_t TrialColumns::number_of_site(const std::string& name) {
  if (name.empty()) return 0;
  const auto at = std::ranges::find(sites_, name);
  const auto number = static_cast<std::uint64_t>(at - sites_.begin()) + 1;
  if (at == sites_.end()) sites_.push_back(name);
  return number;
}

void TrialColumns::put(std::size_t place, const TrialRow& row) {
  const Configuration& configuration = row.configuration;
  if (rows_ == 0 && parameters_ != configuration.size()) reset(configuration.size(), 0);
  assert(parameters_ == configuration.size() && place < kMostBlockTrials);
  make_room(place + 1);
  std::uint64_t* at = words_.get() + place;
  const auto whole = [&](std::uint64_t word) { *at = word, at += stride_; };
  const auto real = [&](double value) { whole(std::bit_cast<std::uint64_t>(value)); };
  whole(row.trial);
  whole(row.worker);
  whole(row.repeat);
  whole(row.resumes ? *row.resumes + 1 : 0);
  whole(static_cast<std::uint64_t>(row.status));
  whole(number_of_site(row.site));
  whole(row.preemptions);
  whole(row.objectives.size());
  whole(row.constraints.size());
  for (const double value : {row.fidelity, row.trained_from, row.start_s, row.end_s, row.charged_s}) real(value);
  for (const double value : row.energy_j) real(value);
  for (const double value : {row.operational_kg, row.embodied_kg, row.usd, row.lost_s, row.lost_j, row.lost_kg, row.lost_usd})
    real(value);
  for (const Objectives* values : {&row.objectives, &row.constraints})
    for (std::size_t i = 0; i < kMaxObjectives; ++i) real(i < values->size() ? (*values)[i] : 0.0);
  for (std::size_t first = 0; first < parameters_; first += 64) {
    std::uint64_t mask = 0;
    for (std::size_t p = first; p < std::min(parameters_, first + 64); ++p)
      mask |= std::uint64_t{configuration.is_active(p)} << (p - first);
    whole(mask);
  }
  for (std::size_t p = 0; p < parameters_; ++p) real(configuration[p]);
  rows_ = std::max(rows_, place + 1);
}

void TrialColumns::keep(const std::vector<std::size_t>& places) {
  if (places.size() == rows_) return;
  for (std::size_t c = 0; c < columns(); ++c) {
    std::uint64_t* const at = words(c);
    for (std::size_t i = 0; i < places.size(); ++i) at[i] = at[places[i]];
  }
  rows_ = places.size();
}

void TrialColumns::get_configuration(std::size_t row, Configuration& out) const {
  if (out.size() != parameters_) out = Configuration(parameters_);
  for (std::size_t p = 0; p < parameters_; ++p) {
    if (is_active(p, row)) {
      out.set(p, value(p, row));
    } else {
      out.deactivate(p);
    }
  }
}

void TrialColumns::get(std::size_t row, TrialRow& out) const {
  const std::uint64_t* at = words_.get() + row;
  const auto whole = [&] {
    const std::uint64_t word = *at;
    at += stride_;
    return word;
  };
  const auto real = [&] { return std::bit_cast<double>(whole()); };
  out.trial = whole();
  out.worker = static_cast<std::uint32_t>(whole());
  out.repeat = static_cast<std::uint32_t>(whole());
  const std::uint64_t resumes = whole();
  out.resumes = resumes > 0 ? std::optional(resumes - 1) : std::nullopt;
  out.status = static_cast<TrialStatus>(whole());
  const std::uint64_t site = whole();
  if (site > 0) {
    out.site = sites_[site - 1];
  } else {
    out.site.clear();
  }
  out.preemptions = static_cast<std::uint32_t>(whole());
  out.objectives.resize(whole());
  out.constraints.resize(whole());
  for (double* value : {&out.fidelity, &out.trained_from, &out.start_s, &out.end_s, &out.charged_s}) *value = real();
  for (double& value : out.energy_j) value = real();
  for (double* value : {&out.operational_kg, &out.embodied_kg, &out.usd, &out.lost_s, &out.lost_j, &out.lost_kg, &out.lost_usd})
    *value = real();
  for (Objectives* values : {&out.objectives, &out.constraints})
    for (std::size_t i = 0; i < kMaxObjectives; ++i) {
      const double value = real();
      if (i < values->size()) (*values)[i] = value;
    }
  get_configuration(row, out.configuration);
}

void ColumnSums::add(std::size_t column, const std::uint64_t* words) {
  const ColumnTerm term(column);
  for (std::size_t i = 0; i < a_.size(); ++i) term.add(words[i], a_[i], b_[i]);
}

ContentSum ColumnSums::sum() const {
  ContentSum sum;
  for (std::size_t i = 0; i < a_.size(); ++i) sum += finished_row(a_[i] + same_a_, b_[i] + same_b_);
  return sum;
}

}  // namespace tonne
