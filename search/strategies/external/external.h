#pragma once
// A strategy that asks a program, whatever runs it.

#include <functional>
#include <memory>
#include <string>

#include "core/strategy.h"
#include "core/units.h"
#include "search/strategies/external/external_process.h"

namespace tonne {

/// Starts the program; what it writes to standard error goes to the function, line by line.
using StartProgram = std::function<std::unique_ptr<LineProgram>(std::function<void(const std::string&)> on_error_line)>;

/// How long it may take, in wall-clock time.
struct AnswerLimits {
  Duration start;   ///< to its first answer
  Duration answer;  ///< to any other
};

/// The strategy of docs/external-protocol.md. Its ask() throws InputError for an answer that breaks the protocol.
[[nodiscard]] std::unique_ptr<Strategy> external_strategy(StartProgram start, const AnswerLimits& limits,
                                                          const StrategyContext& context);

}  // namespace tonne
