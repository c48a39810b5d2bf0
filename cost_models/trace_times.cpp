#include "cost_models/trace_times.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <vector>

#include "core/csv.h"

namespace tonne::traces {
namespace {

constexpr std::string_view kDecimalDigits = "0123456789";

bool all_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of(kDecimalDigits) == std::string_view::npos;
}

unsigned number_of(std::string_view digits) {
  unsigned value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

std::vector<std::string_view> split(std::string_view text, char mark) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = text.find(mark);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

// The date and what follows it. A date has no blank and no T.
struct Halves {
  std::string_view date;
  std::string_view rest;  // without the mark between
};

Halves halves_of(std::string_view text) {
  const std::size_t end = text.find_first_of("T ");
  if (end == std::string_view::npos) return {text, {}};
  return {text.substr(0, end), trimmed(text.substr(end + 1))};
}

// Three numbers of which the last is the year, with a slash or a dash between them: "28/02/2024".
std::optional<std::array<unsigned, 2>> undecided_date(std::string_view date) {
  if (date.size() > std::string_view("31/12/2024").size()) return std::nullopt;
  for (const char mark : {'/', '-'}) {
    const auto parts = split(date, mark);
    if (parts.size() != 3 || !std::ranges::all_of(parts, all_digits) || parts[2].size() != 4) continue;
    if (parts[0].size() <= 2 && parts[1].size() <= 2) return std::array{number_of(parts[0]), number_of(parts[1])};
  }
  return std::nullopt;
}

std::optional<std::string> iso_of(std::string_view y, std::string_view m, std::string_view d) {
  const auto short_number = [](std::string_view part) { return all_digits(part) && part.size() <= 2; };
  if (!all_digits(y) || y.size() != 4 || !short_number(m) || !short_number(d)) return std::nullopt;
  return fmt::format("{}-{:02}-{:02}", y, number_of(m), number_of(d));
}

// "2024-02-28" of any way to write that day.
std::optional<std::string> iso_date(std::string_view date, DateOrder order) {
  if (all_digits(date) && date.size() == 8) return iso_of(date.substr(0, 4), date.substr(4, 2), date.substr(6));
  if (all_digits(date) && date.size() == 4) return iso_of(date, "1", "1");
  const std::size_t mark = date.find_first_of("-/.");
  if (mark == std::string_view::npos) return std::nullopt;
  const auto parts = split(date, date[mark]);
  if (parts.size() == 2) return date[mark] == '.' ? std::nullopt : iso_of(parts[0], parts[1], "1");
  if (parts.size() != 3) return std::nullopt;
  if (parts[0].size() == 4) return iso_of(parts[0], parts[1], parts[2]);
  if (date[mark] == '.') return iso_of(parts[2], parts[1], parts[0]);
  if (order == DateOrder::day_first) return iso_of(parts[2], parts[1], parts[0]);
  if (order == DateOrder::month_first) return iso_of(parts[2], parts[0], parts[1]);
  return std::nullopt;
}

struct Clock {
  std::string text;      // "13:05" or "13:05:00.5"
  bool next_day = false;  // 24:00
};

// "13:05:00.5", "1305", "130500", "13", each also with " PM".
std::optional<Clock> clock_of(std::string_view text) {
  const std::string half = text.size() > 2 ? lower(text.substr(text.size() - 2)) : "";
  const bool halves = half == "am" || half == "pm";
  if (halves) text = trimmed(text.substr(0, text.size() - 2));
  const std::string_view whole = text.substr(0, text.find('.'));
  std::string_view h = whole.substr(0, whole.find(':'));
  std::string minutes(text.substr(h.size()));
  if (minutes.empty() || minutes.front() == '.') {  // no colon
    if (!all_digits(whole) || whole.size() > 6 || whole.size() == 3 || whole.size() == 5) return std::nullopt;
    h = whole.substr(0, 2);
    minutes = ":" + (whole.size() > 2 ? std::string(whole.substr(2, 2)) : "00");
    if (whole.size() == 6) minutes += ":" + std::string(whole.substr(4));
    minutes += text.substr(whole.size());
  }
  if (!all_digits(h) || h.size() > 2) return std::nullopt;
  unsigned hours = number_of(h);
  if (halves && (hours < 1 || hours > 12)) return std::nullopt;
  if (halves) hours = hours % 12 + (half == "pm" ? 12 : 0);
  const bool next_day = hours == 24 && minutes.find_first_of("123456789") == std::string::npos;
  return Clock{fmt::format("{:02}{}", next_day ? 0U : hours, minutes), next_day};
}

// Takes the zone off the end of what follows the date: "", "Z", "+0100"; nullopt for none that is known.
std::string take_zone(std::string_view& rest) {
  // "2024-01-01T00:00+01:00[Europe/Berlin]": the offset says it.
  if (rest.ends_with(']') && rest.find_first_of("+Z") < rest.find('[')) rest = rest.substr(0, rest.find('['));
  for (const std::string_view name : {"UTC", "GMT", "Z", "z"}) {
    if (!rest.ends_with(name)) continue;
    rest = trimmed(rest.substr(0, rest.size() - name.size()));
    return "Z";
  }
  const std::size_t sign = rest.find_first_of("+-");
  if (sign == std::string_view::npos) return "";
  const std::string zone(rest.substr(sign));
  rest = trimmed(rest.substr(0, sign));
  return zone;
}

// Hours as a date and an hour in one number are 10 digits too: 2024010113. Both years that it could be are in this century.
bool may_be_date_and_hour(std::string_view text) {
  return text.size() == 10 && parse_time(fmt::format("{}-{}-{}T{}:00", text.substr(0, 4), text.substr(4, 2), text.substr(6, 2), text.substr(8)));
}

// No two of these ranges have a number in common: 1973 to 2199 in seconds, 2001 to 2199 in milliseconds.
std::optional<WrittenTime> epoch_time(std::string_view text) {
  const std::string_view whole = text.substr(0, text.find('.'));
  if (!all_digits(whole) || may_be_date_and_hour(whole)) return std::nullopt;
  const auto number = parse_number(text);
  if (!number) return std::nullopt;
  constexpr double kEndOf2199 = 7'258'118'400.0;
  double seconds = *number;
  if (whole.size() == 13) seconds /= 1e3;
  if ((whole.size() != 9 && whole.size() != 10 && whole.size() != 13) || seconds >= kEndOf2199) return std::nullopt;
  return WrittenTime{seconds * second, Duration{}};
}

}  // namespace

DateOrder date_order(const Rows& rows, DateOrder told) {
  if (told != DateOrder::automatic) return told;
  DateOrder order = DateOrder::automatic;
  const Row* undecided = nullptr;
  for (const Row& row : rows.rows) {
    const auto date = undecided_date(halves_of(trimmed(row.time)).date);
    if (!date) continue;
    if (!undecided) undecided = &row;
    const auto [first, second_number] = *date;
    if (first <= 12 && second_number <= 12) continue;
    const DateOrder proved = first > 12 ? DateOrder::day_first : DateOrder::month_first;
    if (order != DateOrder::automatic && order != proved)
      rows.refuse(row, fmt::format("'{}' and the dates before it have day and month in different orders", printable(row.time.substr(0, 40))));
    order = proved;
  }
  if (undecided && order == DateOrder::automatic)
    rows.refuse(*undecided, fmt::format("in '{}', and in all other dates, the day or the month may be first: set grid.dates to day_first or month_first",
                                        printable(undecided->time.substr(0, 40))));
  return order;
}

std::optional<WrittenTime> parse_trace_time(std::string_view text, DateOrder order) {
  text = trimmed(text);
  if (text.size() > 64) return std::nullopt;
  if (const auto epoch = epoch_time(text)) return epoch;
  std::string joined;  // "20240101000000": date and time in one
  if (all_digits(text) && text.size() == 14) {
    joined = fmt::format("{}T{}", text.substr(0, 8), text.substr(8));
    text = joined;
  }
  auto [written_date, rest] = halves_of(text);
  const auto date = iso_date(written_date, order);
  if (!date) return std::nullopt;
  if (rest.empty()) return written_date.size() == text.size() ? parse_time(*date) : std::nullopt;
  const std::string zone = take_zone(rest);
  const auto clock = rest.empty() ? std::optional(Clock{"00:00", false}) : clock_of(rest);
  if (!clock) return std::nullopt;
  auto time = parse_time(fmt::format("{}T{}{}", *date, clock->text, zone));
  if (time && clock->next_day) time->local += day;
  return time;
}

}  // namespace tonne::traces
