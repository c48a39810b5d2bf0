#pragma once
// A search as its file has it: parameters by name, each trial with those that it recorded. What readers hand
// on; assemble() (assembled_study.h) finds the search space behind it.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "experiments/histories/history.h"

namespace tonne::histories {

/// More than these is refused: a file of a stranger must not fill the memory.
inline constexpr std::size_t kMostParameters = 1000;
inline constexpr std::size_t kMostTrials = 1'000'000;
inline constexpr std::size_t kMostValues = 20'000'000;   ///< trials times parameters
inline constexpr std::size_t kMostReports = 50'000'000;  ///< of all trials
inline constexpr std::size_t kMostChoices = 10'000;
/// A numeric parameter with a step, and one that a condition rests on, becomes an ordinal with at most so
/// many levels.
inline constexpr std::size_t kMostLevels = 1000;
/// Larger integers are not told apart by a double.
inline constexpr double kLargestInteger = 9007199254740992.0;  // 2^53

/// A domain as another tool writes it, valid by itself: low <= high, finite; low > 0 where `log`.
struct RawDomain {
  enum class Kind : std::uint8_t { real, integer, choices, levels };
  Kind kind = Kind::real;
  double low = 0.0;
  double high = 0.0;
  double step = 0.0;  ///< 0: none
  bool log = false;
  std::vector<std::string> choices;  ///< or levels, without repeats
  bool operator==(const RawDomain&) const = default;
};

/// The value of a parameter in a trial: a number, or the index of a choice of its domain.
struct RawValue {
  std::uint32_t parameter = 0;  ///< in RawStudy::parameters
  std::uint32_t domain = 0;     ///< in RawStudy::domains
  double value = 0.0;
};

struct RawTrial {
  RecordedTrial recorded;  ///< without configuration
  std::vector<RawValue> values;
};

/// `history` without space and trials.
struct RawStudy {
  History history;
  std::vector<std::string> parameters;  ///< names, in the order in which they first stand
  std::vector<RawDomain> domains;
  std::vector<RawTrial> trials;  ///< by number
};

/// Names and domains that come again and again, each kept once.
class Interned {
 public:
  /// The index of `name`, new or not.
  [[nodiscard]] std::uint32_t of(std::string_view name) {
    const auto [at, is_new] =
        indices_.try_emplace(std::string(name), static_cast<std::uint32_t>(indices_.size()));
    return at->second;
  }
  [[nodiscard]] std::size_t size() const { return indices_.size(); }

 private:
  std::map<std::string, std::uint32_t, std::less<>> indices_;
};

}  // namespace tonne::histories
