#pragma once
// In which order the cells of a run start: those that take longest first, so that no thread is left alone with a long
// one at the end. What a cell takes is learned while the others run; only the order rests on it, no result does.

#include <cstddef>
#include <optional>
#include <set>
#include <span>
#include <tuple>
#include <vector>

namespace tonne {

class CellQueue {
 public:
  /// `kinds[i]`: which kind cell i is of, from 0 on; cells of a kind take times in proportion to their `sizes`, which
  /// are above 0.
  CellQueue(std::span<const std::size_t> kinds, std::span<const double> sizes);

  /// The cell to start next; none where all have started. At first one of each kind, in the order of the cells; then
  /// those of kinds of which none has ended yet, since these take long; then whichever is expected to take longest.
  [[nodiscard]] std::optional<std::size_t> next();
  /// Cell i has ended after this time. Precondition: next() gave it, and it has not ended before.
  void ended(std::size_t cell, double seconds);
  /// Of one thread, for all that has not ended; none before the first has ended. Kinds of which nothing is known count
  /// as the average of the others.
  [[nodiscard]] std::optional<double> seconds_left() const;

 private:
  struct Kind {
    std::vector<std::size_t> cells;  // not started, the next one last
    double size_left = 0.0;          // of what has not ended
    double size_ended = 0.0, seconds_ended = 0.0;
    bool started = false;

    [[nodiscard]] bool known() const { return size_ended > 0.0; }
    [[nodiscard]] double rate() const { return seconds_ended / size_ended; }
  };
  enum class Rank : unsigned char { untried, running, known };
  using Key = std::tuple<Rank, double, std::size_t, std::size_t>;  // and minus the expected seconds, the cell, its kind

  [[nodiscard]] Key key_of(std::size_t kind) const;
  void remove(std::size_t kind);
  void insert(std::size_t kind);

  std::vector<std::size_t> kind_of_;
  std::vector<double> sizes_;
  std::vector<Kind> kinds_;
  std::set<Key> heads_;  // of the kinds that have cells left
  double known_left_ = 0.0;    // expected seconds of known kinds
  double unknown_size_ = 0.0;  // what is left of the others
  double size_ended_ = 0.0, seconds_ended_ = 0.0;
};

}  // namespace tonne
