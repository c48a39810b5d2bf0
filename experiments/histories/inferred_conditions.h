#pragma once
// Which parameters are active when, told from the trials that have them.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "core/search_space.h"
#include "experiments/histories/joined_domain.h"

namespace tonne::histories {

/// How much a trial says: it had all of its parameters; or it may have ended before it had them.
enum class Wholeness : unsigned char { whole, partial };

/// The parent of a parameter, an index of a column, and the choices or levels with which it is active.
struct FoundCondition {
  std::size_t parent = 0;
  std::vector<std::size_t> choices;
  bool operator==(const FoundCondition&) const = default;
};

/// Finds for a parameter the categorical, ordinal or integer one of which some values, and only these, go
/// with it in every whole trial. Of an ordinal or an integer these are all from some level on, or all up to
/// it ("units of layer 3" with 3 layers or more), and levels that no trial had go with the nearest that one
/// had; choices of a categorical that no trial had go without. Among several the one that stands earlier,
/// then the one with fewest choices.
class ConditionFinder {
 public:
  /// [parameter]; as they stand in the file.
  ConditionFinder(const std::vector<Domain>& domains, const std::vector<Column>& columns,
                  const std::vector<Wholeness>& wholeness)
      : domains_(domains), columns_(columns), wholeness_(wholeness) {}
  /// Whether every whole trial has the parameter.
  [[nodiscard]] bool is_always_there(std::size_t parameter) const;
  [[nodiscard]] std::optional<FoundCondition> find(std::size_t parameter) const;

 private:
  [[nodiscard]] std::optional<FoundCondition> fit(std::size_t parameter, std::size_t parent) const;

  const std::vector<Domain>& domains_;
  const std::vector<Column>& columns_;
  const std::vector<Wholeness>& wholeness_;
};

}  // namespace tonne::histories
