#pragma once
// Gathers the readings of a log by device, and puts them in order.

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "experiments/meters/log_text.h"
#include "experiments/meters/meter_log.h"

namespace tonne::meters {

/// A column of power, or an energy counter.
struct Quantity {
  std::string name;
  PowerKind kind = PowerKind::instant;
  bool is_counter = false;
};

class LogBuilder {
 public:
  /// `quantities` in the order of preference: of those of power each device has the first of which it has
  /// readings.
  LogBuilder(const std::string& file, Format format, std::vector<Quantity> quantities);

  /// The device's number, which is new for an id that was not there before. Throws InputError for more than
  /// 10,000.
  [[nodiscard]] std::size_t device(const std::string& id, const std::string& model, const Place& place);
  /// Adds a reading in watts or joules; nullopt: it is missing. Throws InputError where times with and
  /// without zone mix.
  void add(std::size_t device, std::size_t quantity, const Place& place, const LogTime& time,
           std::optional<double> value);
  void wraps_at(std::size_t device, Energy range) { drafts_[device].device.counter_range = range; }
  /// The moment from which the first reading of PowerKind::interval counts; if nobody says: a median step
  /// before it.
  void begins_at(Duration time) { begin_ = time; }
  void note(std::string sentence) { notes_.push_back(std::move(sentence)); }

  /// Throws InputError, with the line, for a time that goes back by more than five median steps (and a
  /// second), and for a log without readings.
  [[nodiscard]] MeterLog finish();

 private:
  struct Raw {
    double seconds = 0.0;  // rounded to microseconds
    double value = 0.0;
    int line = 0;
  };
  struct Draft {
    Device device;
    std::vector<std::vector<Raw>> readings;  // by quantity
    std::vector<std::size_t> missing;
  };

  void order(Draft& draft, std::vector<Raw>& readings) const;
  void anchor(std::vector<Raw>& readings) const;
  void choose(Draft& draft);
  void tell_choice(MeterLog& log) const;

  std::string file_;
  Format format_;
  std::vector<Quantity> quantities_;
  std::vector<Draft> drafts_;
  std::map<std::string, std::size_t> numbers_;
  std::optional<TimeBasis> basis_;
  std::optional<Duration> begin_;
  std::set<std::string> passed_over_;  // columns of power that have readings, of devices with a better one
  std::vector<std::string> notes_;
};

/// The median of the differences between successive times, which are sorted; zero for fewer than two.
[[nodiscard]] double median_step(const std::vector<double>& times);

}  // namespace tonne::meters
