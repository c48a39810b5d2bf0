#pragma once
// The configurations that a portrait is painted from, and what is known of them.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/digest_table.h"
#include "core/problem.h"
#include "core/random.h"
#include "experiments/analysis/portrait_figures.h"

namespace tonne {

/// A candidate that does not fail.
struct PortraitSample {
  Configuration configuration;
  double loss = 0.0;      ///< of the true value, smaller is better
  double observed = 0.0;  ///< the loss that its first full training shows
  double flops = 0.0;     ///< of that training
  double parameters = 0.0;
  double use_flops = 0.0;
};

class PortraitSamples {
 public:
  /// Draws or lists, trains and judges them. `problem` must outlive it.
  PortraitSamples(const Problem& problem, const PortraitOptions& options);

  /// Those that do not fail, the best first; of equal ones the first drawn.
  [[nodiscard]] const std::vector<PortraitSample>& best_first() const { return samples_; }
  [[nodiscard]] std::size_t examined() const { return examined_; }
  [[nodiscard]] bool whole() const { return whole_; }
  /// Share of the examined by reason.
  [[nodiscard]] const std::map<std::string, double>& failing() const { return failing_; }
  [[nodiscard]] const Random& root() const { return root_; }

  [[nodiscard]] bool maximised() const {
    return problem_.traits().objectives.front().direction == Direction::maximise;
  }
  /// From a loss to the objective's own direction.
  [[nodiscard]] double value(double loss) const { return maximised() ? -loss : loss; }
  /// The share from the best that the i-th best candidate stands for, in the middle of its own part.
  [[nodiscard]] double share_at(std::size_t i) const {
    return (static_cast<double>(i) + 0.5) / static_cast<double>(samples_.size());
  }
  /// How many of the best stand for shares below `share`.
  [[nodiscard]] std::size_t count_within(double share) const;

  /// Nothing of a configuration that fails. A look-up where all are known.
  [[nodiscard]] std::optional<double> loss(const Configuration& configuration) const;
  /// The place among best_first() where all configurations are known; nothing otherwise or of one that fails.
  [[nodiscard]] std::optional<std::size_t> place(const Configuration& configuration) const;
  [[nodiscard]] Outcome train(const Configuration& configuration, double fidelity,
                              std::uint32_t repeat) const;

 private:
  void list();
  void draw(std::size_t count);
  void examine(const Configuration& configuration);

  const Problem& problem_;
  const Random root_;
  bool whole_ = false;
  std::size_t examined_ = 0;
  std::map<std::string, double> failing_;
  std::vector<PortraitSample> samples_;
  DigestTable<std::uint32_t> places_;  // by digest, 1 + place; only where whole
};

/// Neighbours that are looked up one by one where all configurations are known: a second or two.
inline constexpr std::size_t kMostNeighboursKnown = 20'000'000;

/// Discrete, without conditions and small enough to list.
[[nodiscard]] bool is_enumerable(const SearchSpace& space);

/// The neighbours of a configuration: another value for one parameter. None of a space with real or
/// conditional parameters; levels of large integers are too many to list as well.
[[nodiscard]] std::optional<std::size_t> count_neighbours(const SearchSpace& space);

/// Calls visit(neighbour, chance) for each; `chance`: of being drawn, the parameter evenly and then its
/// value. Precondition: count_neighbours(space) has a value.
template <class Visit>
void each_neighbour(const SearchSpace& space, const Configuration& at, Visit visit) {
  std::size_t movable = 0;
  for (const Parameter& parameter : space.parameters())
    movable += *cardinality(parameter.domain) > 1 ? 1U : 0U;
  Configuration neighbour = at;
  for (std::size_t p = 0; p < space.size(); ++p) {
    const auto levels = static_cast<std::size_t>(*cardinality(space[p].domain));
    const auto* integer = std::get_if<Integer>(&space[p].domain);
    const double low = integer ? static_cast<double>(integer->low) : 0.0;
    const double chance = 1.0 / (static_cast<double>(movable) * static_cast<double>(levels - 1));
    for (std::size_t k = 0; k < levels; ++k) {
      const double value = low + static_cast<double>(k);
      if (value == at[p]) continue;
      neighbour.set(p, value);
      visit(neighbour, chance);
    }
    neighbour.set(p, at[p]);
  }
}

/// Another value for one active parameter that has more than one; of a real one a step nearby.
[[nodiscard]] Configuration edited(const SearchSpace& space, const Configuration& from, Random& random);

}  // namespace tonne
