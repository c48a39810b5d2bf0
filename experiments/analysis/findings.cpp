#include "experiments/analysis/findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <sstream>

#include "core/error.h"
#include "experiments/results/store.h"
#include "experiments/text/text_table.h"

namespace tonne {
namespace {

constexpr std::size_t kMostBoards = 8;       // whose details a terminal shows
constexpr std::size_t kMostParameters = 30;  // of a configuration there

// Mean over the searches of the strategy with this label.
double mean_trained(const std::vector<const CellRecord*>& cells,
                    const std::vector<StoredStrategy>& strategies, const std::string& label) {
  double sum = 0.0;
  std::size_t count = 0;
  for (const CellRecord* const cell : cells) {
    if (strategies.at(cell->strategy).label != label) continue;
    sum += cell->trained;
    ++count;
  }
  return count == 0 ? 0.0 : sum / static_cast<double>(count);
}

std::vector<PublishedFigure> published_figures(const Store& store) {
  const std::string text = store.meta("published");
  if (text.empty()) return {};
  auto figures = decode_published_figures(text);
  if (!figures) throw StoreError("the results are damaged: the published figures cannot be read");
  return std::move(*figures);
}

std::string indented(const std::string& lines) {
  std::istringstream stream(lines);
  std::string text;
  for (std::string line; std::getline(stream, line);) text += "    " + printable(line) + "\n";
  return text;
}

std::string best_text(const BestConfiguration& best, const Leaderboard& board, std::size_t width) {
  const std::string finder = printable(finder_text(best, board));
  const std::string yaml = configuration_yaml(best.space, best.configuration);
  const auto lines = static_cast<std::size_t>(std::ranges::count(yaml, '\n'));
  if (lines > kMostParameters)
    return wrapped(
        fmt::format("Best configuration found: {}; its {} parameters stand in summary.json and on the page.",
                    finder, lines),
        width);
  return wrapped("Best configuration found, as YAML:", width) + "    # " + finder + "\n" + indented(yaml);
}

}  // namespace

std::vector<BoardFindings> findings(const Store& store, const std::vector<Leaderboard>& boards) {
  const std::vector<CellRecord> cells = store.cells(CellDetail::own);
  const auto problems = store.problems();
  const auto strategies = store.strategies();
  const auto published = published_figures(store);
  const std::string baseline = baseline_label(store.meta("baseline"), strategies);
  std::map<std::array<std::size_t, 2>, std::vector<const CellRecord*>>
      groups;  // in the order of leaderboards()
  for (const CellRecord& cell : cells) groups[{cell.problem, cell.scenario}].push_back(&cell);
  std::vector<BoardFindings> list;
  for (const auto& [key, group] : groups) {
    const Leaderboard& board = boards.at(list.size());
    BoardFindings& found = list.emplace_back();
    const StoredProblem& problem = problems.at(key[0]);
    found.best = best_configuration(store, group, problem, strategies);
    found.unit = board.unit;
    found.difference_unit = difference_unit(board);
    found.baseline = baseline;
    found.differences = against_baseline(board, baseline);
    found.published = match_published(published, board, problem.fidelity, [&](const std::string& label) {
      return mean_trained(group, strategies, label);
    });
  }
  return list;
}

Conclusions conclusions(const Store& store) {
  Conclusions all{leaderboards(store), {}};
  all.findings = findings(store, all.boards);
  return all;
}

std::string finder_text(const BestConfiguration& best, const Leaderboard& board) {
  return fmt::format("{}, seed {}: {} {}{}", best.strategy, best.seed, board.objective,
                     value_text(best.value, board.unit), board.unit.empty() ? "" : " " + board.unit);
}

std::string format_findings(const std::vector<BoardFindings>& findings,
                            const std::vector<Leaderboard>& boards, std::size_t width) {
  std::string text, above;
  for (std::size_t b = 0; b < findings.size(); ++b) {
    const BoardFindings& found = findings[b];
    std::string part;
    for (const PublishedMatch& match : found.published) part += wrapped(printable(published_sentence(match)), width);
    if (findings.size() <= kMostBoards) {
      if (found.differences) part += wrapped(printable(baseline_sentence(*found.differences, boards[b])), width);
      const std::string best = found.best ? best_text(*found.best, boards[b], width) : "";
      part += best.empty() || best != above ? best : wrapped("Best configuration found: the same as above.", width);
      above = best;
    }
    if (part.empty()) continue;
    if (findings.size() > 1)
      part =
          "  " +
          printable(boards[b].problem + (boards[b].scenario.empty() ? "" : " (" + boards[b].scenario + ")")) +
          "\n" + part;
    text += "\n" + part;
  }
  if (findings.size() > kMostBoards)
    text +=
        "\n" +
        wrapped(
            "The best configuration of each board, and how the strategies differ from the baseline, stand "
            "in summary.json and on the page.",
            width);
  return text;
}

}  // namespace tonne
