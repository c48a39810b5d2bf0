#pragma once
// A report as text and tables, before it becomes HTML or Markdown.

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

struct BoardView {
  std::string id, name, summary;
  std::string value_name, better, unit_words;  ///< "accuracy, %", "higher", "points"
  std::string best, best_value, default_value, best_kilograms;
  std::string conclusion, certainty, ratio_warning;
  TextTable leaderboard;
  std::optional<TextTable> pairs, target, metrics;
  std::string target_value;  ///< "94 %"
  std::optional<Drawing> ranking;
  std::string ranks_caption, profile_side, waterfall_caption, timeline_caption, importance_caption,
      parallel_caption;
  bool has_curves = false, has_profile = false, has_ranks = false, has_attainment = false,
       has_waterfall = false, has_timeline = false, has_importance = false,
       has_parallel = false;  ///< which charts have data
  std::vector<EquivalentView> equivalents;
};

struct ReportView {
  std::string title, subtitle, program, digest, experiment, statement;
  std::vector<std::string> headlines, warnings;
  bool uncertain = false;  ///< some figures are distributions
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
