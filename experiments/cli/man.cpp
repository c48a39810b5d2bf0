// tonne man: manual pages, in the macros of man(7).

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <sstream>
#include <string>
#include <vector>

#include "core/error.h"
#include "experiments/cli/command_description.h"
#include "experiments/cli/commands.h"
#include "experiments/cli/terminal.h"
#include "experiments/results/new_file.h"
#include "experiments/results/records.h"
#include "experiments/text/version.h"

namespace tonne::cli {
namespace {

// Text as roff takes it literally: no escapes, no control lines, hyphens that can be copied.
std::string roff(const std::string& text) {
  std::string result;
  bool start = true;
  for (const char c : text) {
    if (start && (c == '.' || c == '\'')) result += "\\&";
    start = c == '\n';
    if (c == '\\') result += "\\e";
    else if (c == '-') result += "\\-";
    else if (c == '\'') result += "\\(aq";
    else if (c == '`') result += "\\(ga";
    else if (c == '^') result += "\\(ha";
    else if (c == '~') result += "\\(ti";
    else result += c;
  }
  return result;
}

// The same in lines of at most 80 columns where its words allow.
std::string lines_of(const std::string& text) {
  constexpr std::size_t kWidth = 80;
  std::string result;
  std::istringstream words(text);
  std::size_t column = 0;
  for (std::string word; words >> word;) {
    const std::string plain = roff(word);  // guarded as at the start of a line, where it may come to stand
    if (column > 0 && column + 1 + plain.size() > kWidth) {
      result += "\n";
      column = 0;
    } else if (column > 0) {
      result += " ";
      ++column;
    }
    result += plain;
    column += plain.size();
  }
  return result + "\n";
}

std::string upper_case(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

std::string bold(const std::string& text) { return "\\fB" + roff(text) + "\\fR"; }
std::string italic(const std::string& text) { return "\\fI" + roff(text) + "\\fR"; }

// What stands for the value of an option in the text.
std::string value_of(const OptionDescription& option) {
  if (!option.takes_value) return "";
  return " " + italic((option.type.empty() ? "VALUE" : option.type) + (option.repeated ? " ..." : ""));
}

std::string option_entry(const OptionDescription& option) {
  std::string names;
  for (const std::string& name : option.names)
    names += (names.empty() ? "" : ", ") + (option.positional() ? italic(name) : bold(name));
  const std::string value = option.positional() ? (option.repeated ? " ..." : "") : value_of(option);
  return ".TP\n" + names + value + "\n" + lines_of(option.meaning + (option.required && !option.positional() ? " (required)" : ""));
}

std::string options_section(const CommandDescription& command) {
  std::string arguments, options;
  for (const OptionDescription& option : command.options) (option.positional() ? arguments : options) += option_entry(option);
  return (arguments.empty() ? "" : ".SH ARGUMENTS\n" + arguments) + ".SH OPTIONS\n" + options;
}

std::string synopsis(const std::string& call, const CommandDescription& command) {
  std::string text = ".SH SYNOPSIS\n" + bold(call) + " [" + italic("options") + "]";
  for (const OptionDescription& option : command.options) {
    if (!option.positional()) continue;
    const std::string name = italic(option.names.front()) + (option.repeated ? " ..." : "");
    text += option.required ? " " + name : " [" + name + "]";
  }
  return text + "\n";
}

// The lines below --help: examples under a heading of theirs.
std::string notes(const CommandDescription& command) {
  std::string examples, others;
  std::istringstream lines(command.footer);
  const std::string kExample = "Example: ";
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(kExample)) examples += ".nf\n" + roff(line.substr(kExample.size())) + "\n.fi\n";
    else if (!line.empty()) others += line + " ";
  }
  const std::string heading = others.starts_with("Exit code") ? ".SH EXIT STATUS\n" : ".SH NOTES\n";
  return (others.empty() ? "" : heading + lines_of(others)) + (examples.empty() ? "" : ".SH EXAMPLES\n" + examples);
}

std::string head(const std::string& page, const std::string& summary, const std::string& program) {
  return fmt::format(".TH {} 1 {} \"{} {}\" \"{}\"\n.SH NAME\n{}", roff(upper_case(page)), version_date(), roff(program), version(),
                     roff(program), lines_of(page + " - " + summary));
}

std::string program_page(const ProgramDescription& description) {
  const CommandDescription& program = description.program;
  std::string text = head(program.name, "simulates AutoML searches and their carbon costs", program.name);
  text += ".SH SYNOPSIS\n" + bold(program.name) + " " + italic("command") + " [" + italic("options") + "]\n";
  text += ".SH DESCRIPTION\n" + lines_of(program.summary) + ".SH COMMANDS\nEach has a page of its own.\n";
  for (const CommandDescription& command : description.commands)
    text += ".TP\n" + bold(command.name) + "\n" + lines_of(command.summary);
  text += options_section(program) + notes(program) + ".SH SEE ALSO\n";
  for (std::size_t i = 0; i < description.commands.size(); ++i)
    text += fmt::format(".BR {} (1){}\n", roff(program.name + "-" + description.commands[i].name),
                        i + 1 < description.commands.size() ? "," : "");
  return text;
}

std::string command_page(const ProgramDescription& description, const CommandDescription& command) {
  const std::string& program = description.program.name;
  std::string text = head(program + "-" + command.name, command.summary, program);
  text += synopsis(program + " " + command.name, command) + ".SH DESCRIPTION\n" + lines_of(command.summary + ".");
  return text + options_section(command) + notes(command) + fmt::format(".SH SEE ALSO\n.BR {} (1)\n", roff(program));
}

void write_page(const std::filesystem::path& folder, const std::string& name, const std::string& text) {
  NewFile file(folder / (name + ".1"));
  file.write(text);
  file.commit();
}

const CommandDescription& find_command(const ProgramDescription& description, const std::string& name) {
  const auto found = std::ranges::find(description.commands, name, &CommandDescription::name);
  if (found != description.commands.end()) return *found;
  std::vector<std::string> names;
  for (const CommandDescription& command : description.commands) names.push_back(command.name);
  const std::string hint = did_you_mean(name, names);
  throw InputError("tonne man: there is no command '" + printable(name) + "'" + (hint.empty() ? "" : ". " + hint));
}

}  // namespace

int man(const ProgramDescription& description, const ManArguments& arguments) {
  const std::string& program = description.program.name;
  if (arguments.out.empty()) {
    print(arguments.command.empty() ? program_page(description) : command_page(description, find_command(description, arguments.command)));
    return kSuccess;
  }
  std::error_code error;
  std::filesystem::create_directories(arguments.out, error);
  if (!std::filesystem::is_directory(arguments.out)) throw StoreError("cannot make the folder " + arguments.out.string());
  write_page(arguments.out, program, program_page(description));
  for (const CommandDescription& command : description.commands)
    write_page(arguments.out, program + "-" + command.name, command_page(description, command));
  return kSuccess;
}

}  // namespace tonne::cli
