#include "experiments/cli/help_format.h"

#include <sstream>


namespace tonne::cli {
namespace {

constexpr std::size_t kColumns = 80;

// Words in lines of so many columns; a word that is longer has a line of its own.
std::string in_lines(const std::string& text, std::size_t columns) {
  std::istringstream words(text);
  std::string lines, word;
  std::size_t used = 0;
  while (words >> word) {
    const bool breaks = used > 0 && used + 1 + word.size() > columns;
    if (used > 0) lines += breaks ? "\n" : " ";
    used = breaks ? word.size() : used + (used > 0 ? 1 : 0) + word.size();
    lines += word;
  }
  return lines;
}

}  // namespace

std::string HelpFormat::make_option_desc(const CLI::Option* option) const {
  return in_lines(CLI::Formatter::make_option_desc(option), kColumns - column_width_);
}

// Names that fill the line stand alone: without blanks behind them, and in lines of their own where they are long.
std::string HelpFormat::make_option(const CLI::Option* option, bool is_positional) const {
  const std::string name = make_option_name(option, is_positional) + make_option_opts(option);
  std::ostringstream out;
  if (name.size() + 2 < column_width_) return CLI::Formatter::make_option(option, is_positional);
  std::istringstream lines(in_lines(name, kColumns - 2));
  for (std::string line; std::getline(lines, line);) out << "  " << line << "\n";
  std::istringstream description(make_option_desc(option));
  for (std::string line; std::getline(description, line);) out << std::string(column_width_, ' ') << line << "\n";
  return out.str();
}

std::string HelpFormat::make_subcommand(const CLI::App* command) const {
  std::ostringstream out;
  CLI::detail::format_help(out, command->get_display_name(true), in_lines(command->get_description(), kColumns - column_width_), column_width_);
  return out.str();
}

std::string HelpFormat::make_description(const CLI::App* command) const {
  const std::string text = in_lines(CLI::Formatter::make_description(command), kColumns);
  return text.empty() ? "" : text + "\n";
}

}  // namespace tonne::cli
