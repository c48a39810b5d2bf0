#include "cost_models/time.h"

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdint>

namespace tonne {
namespace {

constexpr std::string_view kDigits = "0123456789";

// Takes what it recognises off the front of the text.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  [[nodiscard]] bool at_end() const { return text_.empty(); }

  [[nodiscard]] bool take(std::string_view expected) {
    if (!text_.starts_with(expected)) return false;
    text_.remove_prefix(expected.size());
    return true;
  }

  // Exactly `count` digits.
  [[nodiscard]] std::optional<unsigned> digits(std::size_t count) {
    if (text_.size() < count) return std::nullopt;
    const std::string_view taken = text_.substr(0, count);
    if (taken.find_first_not_of(kDigits) != std::string_view::npos) return std::nullopt;
    unsigned value = 0;
    std::from_chars(taken.data(), taken.data() + count, value);
    text_.remove_prefix(count);
    return value;
  }

  // What follows the decimal point: one digit or more.
  [[nodiscard]] std::optional<double> fraction() {
    constexpr std::size_t kMostDigits = 9;
    const std::size_t count = std::min(text_.find_first_not_of(kDigits), text_.size());
    if (count == 0 || count > kMostDigits) return std::nullopt;
    const double numerator = *digits(count);
    return numerator / std::pow(10.0, static_cast<double>(count));
  }

 private:
  std::string_view text_;
};

std::optional<Duration> scan_date(Scanner& scanner) {
  const auto y = scanner.digits(4);
  if (!y || !scanner.take("-")) return std::nullopt;
  const auto m = scanner.digits(2);
  if (!m || !scanner.take("-")) return std::nullopt;
  const auto d = scanner.digits(2);
  if (!d || *y < 1970 || *y > 2199) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*y)), std::chrono::month(*m),
                                         std::chrono::day(*d)};
  if (!date.ok()) return std::nullopt;
  return static_cast<double>(std::chrono::sys_days(date).time_since_epoch().count()) * day;
}

std::optional<Duration> scan_time_of_day(Scanner& scanner) {
  const auto h = scanner.digits(2);
  if (!h || *h > 23 || !scanner.take(":")) return std::nullopt;
  const auto m = scanner.digits(2);
  if (!m || *m > 59) return std::nullopt;
  const Duration time = *h * hour + *m * minute;
  if (!scanner.take(":")) return time;
  const auto s = scanner.digits(2);
  if (!s || *s > 59) return std::nullopt;
  if (!scanner.take(".")) return time + *s * second;
  const auto fraction = scanner.fraction();
  if (!fraction) return std::nullopt;
  return time + (*s + *fraction) * second;
}

// "Z", "+02:00", "+0200", "+02".
std::optional<Duration> scan_offset(Scanner& scanner) {
  if (scanner.take("Z")) return Duration{};
  const bool negative = scanner.take("-");
  if (!negative && !scanner.take("+")) return std::nullopt;
  const auto h = scanner.digits(2);
  if (!h || *h > 23) return std::nullopt;
  Duration offset = *h * hour;
  if (scanner.take(":") || !scanner.at_end()) {
    const auto m = scanner.digits(2);
    if (!m || *m > 59) return std::nullopt;
    offset += *m * minute;
  }
  return negative ? -offset : offset;
}

}  // namespace

std::optional<WrittenTime> parse_time(std::string_view text) {
  Scanner scanner(text);
  const auto date = scan_date(scanner);
  if (!date) return std::nullopt;
  if (scanner.at_end()) return WrittenTime{*date, std::nullopt};
  if (!scanner.take("T") && !scanner.take(" ")) return std::nullopt;
  const auto time = scan_time_of_day(scanner);
  if (!time) return std::nullopt;
  if (scanner.at_end()) return WrittenTime{*date + *time, std::nullopt};
  const auto offset = scan_offset(scanner);
  if (!offset || !scanner.at_end()) return std::nullopt;
  return WrittenTime{*date + *time, offset};
}

std::optional<Duration> parse_utc(std::string_view text) {
  const auto time = parse_time(text);
  if (!time || time->offset.value_or(Duration{}) != Duration{}) return std::nullopt;
  return time->local;
}

std::string format_utc(Duration since_1970) {
  const auto seconds = static_cast<std::int64_t>(std::floor(since_1970 / second));
  const std::chrono::sys_seconds moment{std::chrono::seconds(seconds)};
  const auto midnight = std::chrono::floor<std::chrono::days>(moment);
  const std::chrono::year_month_day date(midnight);
  const std::chrono::hh_mm_ss<std::chrono::seconds> time(moment - midnight);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     time.hours().count(), time.minutes().count(), time.seconds().count());
}

}  // namespace tonne
