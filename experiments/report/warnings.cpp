#include "experiments/report/warnings.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "experiments/analysis/comparable.h"
#include "experiments/analysis/interruptions.h"
#include "experiments/report/across_boards.h"
#include "experiments/text/quantity.h"
#include "experiments/text/text_table.h"

namespace tonne {
namespace {

constexpr std::size_t kFewSeeds = 10;

void warn_of_coverage(std::vector<std::string>& texts, const ReportInput& input) {
  const std::size_t finished = count_searches(input.boards);
  if (finished < input.planned)
    texts.push_back(fmt::format("Only {} of {} searches have finished; these results are partial.", finished,
                                input.planned));
  if (const std::size_t seeds = most_seeds(input.boards); seeds < kFewSeeds)
    texts.push_back(fmt::format(
        "Only {} seed{}: intervals are wide and themselves unreliable. Twenty seeds are a good start.", seeds,
        seeds == 1 ? "" : "s"));
}

void warn_of_board(std::vector<std::string>& texts, const Board& board) {
  for (const std::string& note : board.traits.notes) {  // once, however many scenarios there are
    const std::string text = board.traits.label + ": " + note;
    if (std::ranges::find(texts, text) == texts.end()) texts.push_back(text);
  }
  if (std::string note = interruptions_note(board.place);
      !note.empty() && std::ranges::find(texts, note) == texts.end())
    texts.push_back(std::move(note));
  for (const LeaderboardRow& row : board.leaderboard.rows)
    if (row.without_winner > 0)
      texts.push_back(
          fmt::format("{}: in {} of {} searches by {}, every candidate failed; these leave the default configuration in "
                      "place, and count with its value.",
                      board.traits.label, row.without_winner, row.seeds, row.strategy));
}

// "cell_nas/cifar10 (12.1 kg to 19.9 kg)" where strategies spent unequally; empty where they did not.
std::string unequal_costs(const Board& board) {
  constexpr double kUnequal = 1.25;
  Carbon least, most;
  for (const LeaderboardRow& row : board.leaderboard.rows) {
    const Carbon carbon = row.search.carbon();
    least = least == Carbon{} ? carbon : std::min(least, carbon);
    most = std::max(most, carbon);
  }
  if (most <= kUnequal * least) return "";
  return fmt::format("{} ({} to {})", board.leaderboard.problem, mass_text(least), mass_text(most));
}

void warn_of_unequal_costs(std::vector<std::string>& texts, const std::vector<Board>& boards) {
  constexpr std::size_t kMostNamed = 4;
  std::vector<std::string> unequal;
  for (const Board& board : boards)
    if (std::string costs = unequal_costs(board); !costs.empty()) unequal.push_back(std::move(costs));
  if (unequal.empty()) return;
  const std::size_t more = unequal.size() > kMostNamed ? unequal.size() - kMostNamed : 0;
  unequal.resize(unequal.size() - more);
  if (more > 0) unequal.push_back(fmt::format("{} more", more));
  texts.push_back(
      fmt::format("CO2e per search differs between strategies on {}: those that spent more had more chances. "
                  "Compare them at equal cost, along the curves.",
                  joined(unequal)));
}

void warn_of_kinds(std::vector<std::string>& texts, const std::vector<Board>& boards) {
  std::vector<std::string> kinds;
  for (const Board& board : boards) kinds.push_back(signal_kind(board.place));
  if (std::string text = mixed_kinds_warning(std::move(kinds)); !text.empty()) texts.push_back(std::move(text));
}

}  // namespace

std::vector<std::string> warnings(const ReportInput& input) {
  std::vector<std::string> texts = input.notes;
  warn_of_coverage(texts, input);
  for (const Board& board : input.boards) warn_of_board(texts, board);
  warn_of_unequal_costs(texts, input.boards);
  warn_of_kinds(texts, input.boards);
  if (!input.uncertain)
    texts.push_back(
        "Device, host and grid figures are taken as exact. Give them as distributions to see how much their "
        "uncertainty matters (docs/how-to.md, \"Say how sure you are\").");
  return texts;
}

}  // namespace tonne
