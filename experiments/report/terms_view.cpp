#include "experiments/report/terms_view.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace tonne {
namespace {

struct Term {
  std::string_view term;
  std::array<std::string_view, 3> signs;  // texts that show that it is used; empty: no more
  std::string_view meaning;
};

constexpr auto kTerms = std::to_array<Term>({
    {"search",
     {"search", "", ""},
     "one run of a strategy from nothing to the end of its budget: it trains candidates and keeps the best."},
    {"seed",
     {"seed", "", ""},
     "a repetition of a search with other random numbers; all strategies get the same seeds."},
    {"default configuration",
     {"default", "", ""},
     "what one would use without searching; it costs no search."},
    {"incumbent",
     {"incumbent", "", ""},
     "the best candidate that a search has seen so far; the final one is its result."},
    {"kg CO2e",
     {"CO2e", "", ""},
     "greenhouse gases as kilograms of carbon dioxide: of the electricity (operational) and of making the "
     "hardware (embodied, by share of its service life)."},
    {"not separated",
     {"ot separated", "not told apart", "not significantly"},
     "the seeds at hand do not show which is better; more seeds might."},
    {"95 % interval",
     {"95 % interval", "", ""},
     "a range that holds the true mean in 95 of 100 such experiments; from the spread over seeds."},
    {"p < 0.05",
     {"p < 0.05", "", ""},
     "strategies that are equal would look this different in fewer than 5 of 100 experiments."},
    {"overhead",
     {"overhead", "training its winner", ""},
     "CO2e of the search divided by that of training its result once."},
    {"gain/t",
     {"gain/t", "", ""},
     "improvement over the default configuration per tonne of CO2e; favours searches that hardly spend "
     "anything."},
    {"pays back",
     {"pays back", "pay back", ""},
     "later trainings and uses of the result have saved what the search emitted."},
    {"board",
     {"board", "", ""},
     "one problem on one cluster and grid: only strategies on one board are compared."},
});

// What stands on the first screen.
std::string first_screen(const ReportView& view) {
  std::string text;
  const auto add = [&](const auto& texts) {
    for (const std::string& one : texts) text += one + "\n";
  };
  add(view.headlines);
  for (const LeadView& lead : view.leads) text += lead.title + "\n" + lead.text + "\n";
  text += view.subtitle + "\n";
  if (view.boards.empty()) return text;
  const BoardView& first = view.boards.front();
  text +=
      first.conclusion + "\n" + first.certainty + "\n" + first.leaderboard.caption + "\nfinal incumbent\n";
  add(first.leaderboard.head);
  return text;
}

}  // namespace

std::vector<TermView> terms_of(const ReportView& view) {
  const std::string text = first_screen(view);
  std::vector<TermView> terms;
  for (const Term& term : kTerms)
    if (std::ranges::any_of(term.signs, [&](std::string_view sign) {
          return !sign.empty() && text.find(sign) != std::string::npos;
        }))
      terms.push_back({std::string(term.term), std::string(term.meaning)});
  return terms;
}

}  // namespace tonne
