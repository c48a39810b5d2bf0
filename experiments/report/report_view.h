#pragma once
// A report as text and tables, before it becomes HTML, Markdown or plain text. Strings are not escaped.

#include <optional>
#include <string>
#include <vector>

namespace tonne {

struct TextTable {
  std::string caption;
  std::vector<std::string> head;
  std::vector<std::vector<std::string>> rows;
};

/// A drawing that stands in the page.
struct Drawing {
  std::string svg, caption;
  TextTable figures = {};  ///< the same as a table
};

/// "114 km in a car", drawn as a row of pictures.
struct EquivalentView {
  std::string icon;  ///< of the page's own: "car", "tree", "phone", "plane", "life"
  std::size_t count = 0;
  std::string amount, what, source;
};

/// What the experiment is about, before its boards: whether searches pay back, what a place or a season
/// changes.
struct LeadView {
  std::string id, title, text;     ///< "lead-payback"
  std::vector<std::string> items;  ///< a list below the text
  std::optional<TextTable> table;
  std::optional<Drawing> drawing;
};

/// A word of the first screen, in one line.
struct TermView {
  std::string term, meaning;
};

/// The configuration to copy.
struct BestView {
  std::string finder;  ///< "gp, seed 7: accuracy 94.40 %"
  std::string yaml;
};

/// How sure the costs are, where figures are distributions.
struct SpreadView {
  std::string verdict;  ///< whether another answer lies within the intervals
  Drawing tornado;      ///< with its table
};

/// What stands below the charts that the page's script draws; empty: no such chart.
struct ChartCaptions {
  std::string ranks, waterfall, timeline, importance, parallel;
};

/// One problem in one scenario.
struct BoardView {
  std::string id, name, summary;                 ///< "board-1", "cell_nas/cifar10", the machines
  std::string value_name, better, unit_words;    ///< "accuracy, %", "higher", "points"
  std::string best, best_value, best_kilograms;  ///< the leader, its mean, its kg CO2e a search
  std::string label;                             ///< the verdict in a few words
  std::string default_value;                     ///< of the default configuration
  std::string conclusion, certainty;             ///< the verdict, and how sure that is
  std::string verdict;                           ///< the same as JSON
  std::string ratio_warning;                     ///< below the leaderboard
  TextTable leaderboard;
  std::vector<std::string> best_group;  ///< strategies that one might as well take, the leader first; empty: none
  std::optional<TextTable> pairs, target, metrics;
  std::string target_value;  ///< "94 %"
  std::optional<Drawing> ranking;
  bool has_values = false;   ///< some search found a candidate that trains: there are curves to draw
  std::string profile_side;  ///< where a better line of the profile lies: "to the top and right"
  ChartCaptions captions;
  std::vector<EquivalentView> equivalents;
  std::optional<BestView> best_configuration;  ///< none where no search found a candidate that trains
  std::optional<TextTable> baseline;           ///< differences from it
  std::string baseline_name;
  std::optional<SpreadView> spread;  ///< none where no figure is uncertain
  bool folded = false;               ///< one of many: its sheet is shown when asked for
  std::vector<std::string> notes;  ///< where its answers come from, what strategies learned from before
};

struct ReportView {
  std::string title, subtitle, program, digest, experiment, statement;
  std::vector<std::string> headlines, warnings;
  bool uncertain = false;  ///< some figures are distributions
  bool real = false;       ///< the searches were real and imported, not simulated
  std::vector<LeadView> leads;
  std::vector<TermView> terms;
  std::vector<BoardView> boards;
  std::string across_text;  ///< empty: one board
  std::optional<Drawing> across;
};

/// One HTML file; `data` is the JSON of the charts. Every text is escaped.
[[nodiscard]] std::string render_html(const ReportView& view, const std::string& data);
/// GitHub's Markdown, tables and text without charts. Every text is escaped.
[[nodiscard]] std::string render_markdown(const ReportView& view);
/// The same without marks, for a terminal.
[[nodiscard]] std::string render_text(const ReportView& view);

}  // namespace tonne
