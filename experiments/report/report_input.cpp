#include "experiments/report/report_input.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <utility>

#include "core/error.h"
#include "experiments/analysis/comparable.h"
#include "experiments/analysis/judge.h"
#include "experiments/exports/statement.h"
#include "experiments/report/board_facts.h"
#include "experiments/results/store.h"
#include "experiments/text/text_table.h"

namespace tonne {
namespace {

// Of the boards of the same problem that with the same place, with the same scenario label, or the only one.
std::optional<std::size_t> partner_of(const Board& board, const std::vector<Board>& boards) {
  std::vector<std::size_t> same;
  for (std::size_t b = 0; b < boards.size(); ++b)
    if (boards[b].traits.label == board.traits.label) same.push_back(b);
  for (const std::size_t b : same)
    if (boards[b].place.settings == board.place.settings) return b;
  for (const std::size_t b : same)
    if (boards[b].place.label == board.place.label) return b;
  return same.size() == 1 ? std::optional(same.front()) : std::nullopt;
}

std::string names_of(const std::vector<Board>& boards) {
  std::vector<std::string> names;
  for (const Board& board : boards) names.push_back(printable(board_name(board)));
  return joined(names);
}

std::string clauses(const std::vector<std::string>& list) {
  std::string text;
  for (const std::string& clause : list) text += (text.empty() ? "" : "; ") + clause;
  return text;
}

struct Partners {
  std::size_t first = 0;            // board of the first input
  std::vector<std::size_t> others;  // board of each other input
};

std::vector<Partners> shared_boards(const std::vector<NamedInput>& inputs) {
  std::vector<Partners> shared;
  const std::vector<Board>& boards = inputs.front().input.boards;
  for (std::size_t b = 0; b < boards.size(); ++b) {
    Partners partners{b, {}};
    for (std::size_t i = 1; i < inputs.size(); ++i)
      if (const auto partner = partner_of(boards[b], inputs[i].input.boards))
        partners.others.push_back(*partner);
    if (partners.others.size() + 1 == inputs.size()) shared.push_back(std::move(partners));
  }
  if (!shared.empty()) return shared;
  for (std::size_t i = 1; i < inputs.size(); ++i)
    if (std::ranges::none_of(boards, [&](const Board& board) {
          return partner_of(board, inputs[i].input.boards).has_value();
        }))
      throw InputError(fmt::format("{} and {} cannot be compared: the first has {}, the second {}",
                                   printable(inputs.front().name), printable(inputs[i].name),
                                   names_of(boards), names_of(inputs[i].input.boards)));
  throw InputError("the results cannot be compared: no problem appears in all of them");
}

// Whether they differ in anything that does not forbid it.
bool check(const NamedInput& first, const Board& one, const NamedInput& second, const Board& other,
           std::vector<std::string>& notes) {
  const BoardDifferences differences = board_differences(one, other, {first.name, second.name});
  if (!differences.forbidding.empty())
    throw InputError(fmt::format("{} and {} cannot be compared on {}: {}", printable(first.name),
                                 printable(second.name), printable(board_name(one)),
                                 clauses(differences.forbidding)));
  std::vector<std::string> to_know = differences.to_know;
  if (!differences.seeds.empty()) to_know.push_back(differences.seeds);
  if (!to_know.empty())
    notes.push_back(fmt::format("{} and {} differ on {}: {}.", first.name, second.name, board_name(one),
                                clauses(to_know)));
  return !differences.to_know.empty();
}

// Searches under the same settings that went the same way are the same ones.
bool same_searches(const BoardStrategy& a, const BoardStrategy& b) {
  const auto key = [](const BoardSearch& search) {
    return std::tuple(search.seed, search.value, search.kilograms, search.hours, search.evaluations);
  };
  return a.label == b.label && a.settings == b.settings &&
         std::ranges::equal(a.searches, b.searches, {}, key, key);
}

void drop_repeated(const Board& board, Board& other, BoardCurves& curves) {
  for (std::size_t s = other.strategies.size(); s-- > 0;) {
    if (std::ranges::none_of(board.strategies, [&](const BoardStrategy& mine) {
          return same_searches(mine, other.strategies[s]);
        }))
      continue;
    const auto at = static_cast<std::ptrdiff_t>(s);
    other.strategies.erase(other.strategies.begin() + at);
    other.leaderboard.rows.erase(other.leaderboard.rows.begin() + at);
    curves.erase(curves.begin() + at);
  }
}

// Those that are not among them already.
void add_notes(std::vector<std::string>& notes, const std::vector<std::string>& more) {
  for (const std::string& note : more)
    if (std::ranges::find(notes, note) == notes.end()) notes.push_back(note);
}

// Appends the searches of `from`, whose labels were made unlike, with what has to be said beside them.
void append(Board& board, BoardCurves& curves, Board from, BoardCurves from_curves) {
  add_notes(board.traits.notes, from.traits.notes);
  add_notes(board.leaderboard.notes, from.leaderboard.notes);
  for (std::size_t s = 0; s < from.strategies.size(); ++s) {
    board.strategies.push_back(std::move(from.strategies[s]));
    board.leaderboard.rows.push_back(std::move(from.leaderboard.rows[s]));
    curves.push_back(std::move(from_curves[s]));
  }
}

void rename(Board& board, const std::set<std::string>& repeated, const std::string& folder) {
  for (std::size_t s = 0; s < board.strategies.size(); ++s) {
    if (!repeated.contains(board.strategies[s].label)) continue;
    board.strategies[s].label += " (" + folder + ")";
    board.leaderboard.rows[s].strategy = board.strategies[s].label;
  }
}

void rename(BoardFindings& findings, const std::set<std::string>& repeated, const std::string& folder) {
  const auto renamed = [&](const std::string& label) {
    return repeated.contains(label) ? label + " (" + folder + ")" : label;
  };
  if (findings.best) findings.best->strategy = renamed(findings.best->strategy);
  findings.baseline = renamed(findings.baseline);
  for (PublishedMatch& match : findings.published) match.strategy = renamed(match.strategy);
}

// The better of the configurations, and what any of them knows of papers; the baseline stays the first's.
void join(BoardFindings& findings, const BoardFindings& other, Direction direction) {
  if (other.best && (!findings.best || is_better(*other.best, *findings.best, direction)))
    findings.best = other.best;
  findings.published.insert(findings.published.end(), other.published.begin(), other.published.end());
}

// A verdict on all of them together.
void judge_anew(Board& board, BoardCurves& curves) {
  const std::vector<std::size_t> order = best_first(board.leaderboard);
  const auto sorted = [&](auto& list) {
    std::remove_reference_t<decltype(list)> result;
    for (const std::size_t s : order) result.push_back(std::move(list[s]));
    list = std::move(result);
  };
  sorted(board.strategies);
  sorted(board.leaderboard.rows);
  sorted(curves);
  board.leaderboard.verdict = judge(board.leaderboard);
}

// Labels that several of the boards have.
std::set<std::string> repeated_labels(const Board& board, const std::vector<Board>& others) {
  std::map<std::string, std::size_t> counts;
  const auto count = [&](const Board& one) {
    for (const BoardStrategy& strategy : one.strategies) ++counts[strategy.label];
  };
  count(board);
  for (const Board& other : others) count(other);
  std::set<std::string> repeated;
  for (const auto& [label, times] : counts)
    if (times > 1) repeated.insert(label);
  return repeated;
}

}  // namespace

ReportInput read_report_input(const Store& store) {
  ReportInput input;
  input.boards = read_boards(store);
  if (input.boards.empty()) throw StoreError("no search has finished yet, so there is nothing to report");
  input.curves = read_curves(store, input.boards);
  input.digests = digest_trials(store, input.boards);
  std::vector<Leaderboard> leaderboards;
  for (const Board& board : input.boards) leaderboards.push_back(board.leaderboard);
  input.findings = findings(store, leaderboards);
  input.draws = drawn_costs(store, leaderboards);
  input.name = store.meta("name");
  input.digest = store.meta("digest");
  input.experiment = store.meta("experiment");
  // What simulating used differs from run to run: it has no place in a page of the recorded data.
  input.statement = sustainability_statement(store, std::nullopt, StatementFormat::text);
  input.planned = store.planned_cells();
  input.uncertain = store.uncertainty().has_value();
  return input;
}

ReportInput join_inputs(std::vector<NamedInput> inputs) {
  ReportInput whole;
  for (const Partners& partners : shared_boards(inputs)) {
    const NamedInput& first = inputs.front();
    Board board = first.input.boards[partners.first];
    BoardCurves curves = first.input.curves[partners.first];
    BoardFindings found = first.input.findings[partners.first];
    std::vector<Board> others;
    std::vector<BoardCurves> others_curves;
    std::vector<BoardFindings> others_found;
    for (std::size_t i = 1; i < inputs.size(); ++i) {
      others.push_back(inputs[i].input.boards[partners.others[i - 1]]);
      others_curves.push_back(inputs[i].input.curves[partners.others[i - 1]]);
      others_found.push_back(inputs[i].input.findings[partners.others[i - 1]]);
      const bool differs = check(first, board, inputs[i], others.back(), whole.notes);
      if (!differs) drop_repeated(board, others.back(), others_curves.back());
    }
    const std::set<std::string> repeated = repeated_labels(board, others);
    rename(board, repeated, first.name);
    rename(found, repeated, first.name);
    for (std::size_t i = 0; i < others.size(); ++i) {
      rename(others[i], repeated, inputs[i + 1].name);
      rename(others_found[i], repeated, inputs[i + 1].name);
      join(found, others_found[i], board.traits.direction);
      append(board, curves, std::move(others[i]), std::move(others_curves[i]));
    }
    judge_anew(board, curves);
    found.differences = against_baseline(board.leaderboard, found.baseline);
    whole.findings.push_back(std::move(found));
    whole.draws.emplace_back();  // the draws of one folder are not those of another
    whole.boards.push_back(std::move(board));
    whole.curves.push_back(std::move(curves));
    whole.digests.emplace_back();  // single trials stay with their own folder's report
  }
  for (const NamedInput& named : inputs) {
    whole.name += (whole.name.empty() ? "" : " and ") + named.name;
    whole.digest += (whole.digest.empty() ? "" : ", ") + named.input.digest;
    whole.experiment += fmt::format("# ---- {} ----\n{}\n", named.name, named.input.experiment);
    whole.uncertain = whole.uncertain || named.input.uncertain;
  }
  return whole;
}

}  // namespace tonne
