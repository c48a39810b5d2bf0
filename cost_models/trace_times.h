#pragma once
// Times as they stand in the files of traces: many more forms than in settings.

#include <optional>
#include <string_view>

#include "cost_models/time.h"
#include "cost_models/trace_rows.h"

namespace tonne::traces {

/// The order of day and month in a file's dates: what the user says, or what one date in it proves. Throws InputError for
/// dates that prove both, and for dates that need an order where none proves one.
[[nodiscard]] DateOrder date_order(const Rows& rows, DateOrder told);

/// Parses "2021-01-01T00:00Z" and whatever parse_time() knows; "20210101T0000Z"; "2021/01/01", "31.01.2021 1:00", "31/01/2021"
/// in the order given; "2021" and "2021-01", their beginnings; 24:00, the next day's 00:00; "1:00 PM"; a zone as " UTC",
/// "GMT" or " +0100"; seconds (of 9 or 10 digits) or milliseconds (13) since 1970 UTC. nullopt for anything else. Years
/// 1970 to 2199.
[[nodiscard]] std::optional<WrittenTime> parse_trace_time(std::string_view text, DateOrder order);

}  // namespace tonne::traces
