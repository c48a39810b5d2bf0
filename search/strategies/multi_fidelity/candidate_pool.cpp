#include "search/strategies/multi_fidelity/candidate_pool.h"

#include <cassert>
#include <cmath>
#include <cstring>
#include <limits>

namespace tonne {
namespace {

constexpr TrialId kNoCheckpoint = std::numeric_limits<TrialId>::max();
constexpr std::size_t kCheckpointOffset = sizeof(TrialId);
constexpr std::size_t kFieldsOffset = 2 * sizeof(TrialId);

template <class Value>
Value read(const std::byte* from) {
  Value value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

template <class Value>
void write(std::byte* to, Value value) {
  std::memcpy(to, &value, sizeof value);
}

// The greatest of the type marks an inactive parameter.
template <class Value>
constexpr Value kInactive = std::numeric_limits<Value>::max();

std::size_t bytes_of(const Domain& domain) {
  const auto count = cardinality(domain);
  if (!count || *count > kInactive<std::uint16_t>) return sizeof(double);
  return *count > kInactive<std::uint8_t> ? sizeof(std::uint16_t) : sizeof(std::uint8_t);
}

template <class Value>
void write_step(std::byte* to, const Configuration& configuration, std::size_t i, double lowest) {
  write(to, configuration.is_active(i) ? static_cast<Value>(configuration[i] - lowest) : kInactive<Value>);
}

template <class Value>
void read_step(const std::byte* from, Configuration& configuration, std::size_t i, double lowest) {
  const auto step = read<Value>(from);
  if (step != kInactive<Value>) configuration.set(i, lowest + static_cast<double>(step));
}

}  // namespace

CandidatePool::CandidatePool(const SearchSpace& space) : length_(kFieldsOffset) {
  for (const Parameter& parameter : space.parameters()) {
    const auto* integer = std::get_if<Integer>(&parameter.domain);
    fields_.push_back({.offset = length_,
                       .bytes = bytes_of(parameter.domain),
                       .lowest = integer == nullptr ? 0.0 : static_cast<double>(integer->low)});
    length_ += fields_.back().bytes;
  }
}

CandidatePool::Number CandidatePool::add(const Configuration& configuration, TrialId first) {
  assert(configuration.size() == fields_.size());
  Number candidate = used_;
  if (free_.empty()) {
    if (used_ % kRowsOfBlock == 0)
      blocks_.push_back(std::make_unique_for_overwrite<std::byte[]>(kRowsOfBlock * length_));
    ++used_;
  } else {
    candidate = free_.back();
    free_.pop_back();
  }
  std::byte* const to = row(candidate);
  write(to, first);
  write(to + kCheckpointOffset, kNoCheckpoint);
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    const Field& field = fields_[i];
    if (field.bytes == sizeof(std::uint8_t))
      write_step<std::uint8_t>(to + field.offset, configuration, i, field.lowest);
    else if (field.bytes == sizeof(std::uint16_t))
      write_step<std::uint16_t>(to + field.offset, configuration, i, field.lowest);
    else
      write(to + field.offset, configuration.is_active(i) ? configuration[i] : std::nan(""));
  }
  return candidate;
}

Configuration CandidatePool::configuration(Number candidate) const {
  Configuration configuration(fields_.size());
  const std::byte* const from = row(candidate);
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    const Field& field = fields_[i];
    if (field.bytes == sizeof(std::uint8_t)) {
      read_step<std::uint8_t>(from + field.offset, configuration, i, field.lowest);
    } else if (field.bytes == sizeof(std::uint16_t)) {
      read_step<std::uint16_t>(from + field.offset, configuration, i, field.lowest);
    } else if (const auto value = read<double>(from + field.offset); !std::isnan(value)) {
      configuration.set(i, value);
    }
  }
  return configuration;
}

TrialId CandidatePool::first(Number candidate) const { return read<TrialId>(row(candidate)); }

std::optional<TrialId> CandidatePool::checkpoint(Number candidate) const {
  const auto trial = read<TrialId>(row(candidate) + kCheckpointOffset);
  return trial == kNoCheckpoint ? std::nullopt : std::optional(trial);
}

void CandidatePool::set_checkpoint(Number candidate, std::optional<TrialId> checkpoint) {
  write(row(candidate) + kCheckpointOffset, checkpoint.value_or(kNoCheckpoint));
}

}  // namespace tonne
