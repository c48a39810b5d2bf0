// tonne completion: scripts for bash, zsh and fish. Names of devices, grids and the like are asked of the program when they are
// completed, so that a script is true of programs with strategies of their own and of later catalogues.

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "experiments/cli/command_description.h"
#include "experiments/cli/commands.h"
#include "experiments/cli/terminal.h"

namespace tonne::cli {
namespace {

std::string with(std::string text, std::string_view mark, std::string_view value) {
  for (std::size_t at = 0; (at = text.find(mark, at)) != std::string::npos; at += value.size()) text.replace(at, mark.size(), value);
  return text;
}

// Within single quotes of bash and zsh.
std::string quoted(const std::string& text) { return "'" + with(text, "'", "'\\''") + "'"; }

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

// Names of shell functions: without what only file names may have.
std::string function_name(std::string program) {
  std::ranges::replace_if(program, [](char c) { return c == '-' || c == '.'; }, '_');
  return "_" + program;
}

// The names to offer: settings are spelt with hyphens or underscores, and the former is how options look.
std::vector<std::string> offered_names(const OptionDescription& option) {
  std::vector<std::string> names;
  std::ranges::copy_if(option.names, std::back_inserter(names),
                       [](const std::string& name) { return name.find('_') == std::string::npos; });
  return names.empty() ? option.names : names;
}

std::vector<const OptionDescription*> positionals(const CommandDescription& command) {
  std::vector<const OptionDescription*> result;
  for (const OptionDescription& option : command.options)
    if (option.positional()) result.push_back(&option);
  return result;
}

// ---- bash

// For each value the words of its offer; <...> stand for what the script has to look up.
std::string bash_offer(const OptionDescription& option) {
  const Offer offer = offer_for(option);
  std::vector<std::string> words = offer.words;
  if (!offer.names.empty()) words.push_back("<" + offer.names + ">");
  if (offer.entries) words.emplace_back("<entries>");
  if (offer.files) words.emplace_back("<files>");
  if (offer.folders) words.emplace_back("<folders>");
  return words.empty() ? "<text>" : joined(words);
}

std::string bash_values(const CommandDescription& command, const std::string& name) {
  std::string text;
  for (const OptionDescription& option : command.options) {
    if (option.positional() || !option.takes_value) continue;
    std::string patterns;
    for (const std::string& each : option.names) patterns += (patterns.empty() ? "" : " | ") + quoted(name + " " + each);
    text += fmt::format("        {}) echo {} ;;\n", patterns, quoted(bash_offer(option)));
  }
  std::size_t position = 0;
  for (const OptionDescription* option : positionals(command)) {
    const std::string pattern = option->repeated ? quoted(name + " ") + "[1-9]*" : quoted(fmt::format("{} {}", name, ++position));
    text += fmt::format("        {}) echo {} ;;\n", pattern, quoted(bash_offer(*option)));
  }
  return text;
}

std::string bash_options(const CommandDescription& command) {
  std::vector<std::string> names;
  for (const OptionDescription& option : command.options)
    if (!option.positional())
      for (const std::string& name : offered_names(option))
        if (name.starts_with("--")) names.push_back(name);
  return joined(names);
}

constexpr const char* kBash = R"bash(# Completion of @program in bash, made by `@program completion bash`.

# What may stand behind the option, or at the place, $2 of the command $1.
@function_values() {
    case "$1 $2" in
@values    esac
}

@function_options() {
    case $1 in
@options    esac
}

@function() {
    local program=${BASH_ALIASES[$1]:-$1} current=${COMP_WORDS[COMP_CWORD]}
    local command='' option='' first='' place=0 i word offer words='' before='' files=''
    program=${program/#\~/$HOME}
    COMPREPLY=()
    [[ $current == = ]] && current=''
    for ((i = 1; i < COMP_CWORD; ++i)); do
        word=${COMP_WORDS[i]}
        if [[ -n $option ]]; then
            [[ $word == = ]] || option=''
            continue
        fi
        case $word in
            =) ;;
            -*) [[ -n $(@function_values "$command" "$word") ]] && option=$word ;;
            *)
                if [[ -z $command ]]; then
                    command=$word
                else
                    place=$((place + 1))
                    first=${first:-$word}
                fi
                ;;
        esac
    done
    if [[ -z $option && $current == -* ]]; then
        COMPREPLY=($(compgen -W "$(@function_options "$command")" -- "$current"))
        return
    fi
    if [[ -z $command ]]; then
        COMPREPLY=($(compgen -W '@commands' -- "$current"))
        return
    fi
    for offer in $(@function_values "$command" "${option:-$((place + 1))}"); do
        case $offer in
            '<text>') ;;
            '<files>') files=-f ;;
            '<folders>') files=-d ;;
            '<entries>') words+=" $("$program" list "$first" --names 2>/dev/null)" ;;
            '<'*)
                words+=" $("$program" list "${offer:1:-1}" --names 2>/dev/null)"
                [[ $current == *,* ]] && before=${current%,*},
                ;;
            *) words+=" $offer" ;;
        esac
    done
    COMPREPLY=($(compgen -P "$before" -W "$words" -- "${current##*,}"))
    [[ -n $files ]] || return
    compopt -o filenames 2>/dev/null
    while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen $files -- "$current")
}

complete -F @function @program
)bash";

std::string bash_script(const ProgramDescription& description) {
  std::string values, options = fmt::format("        '') echo {} ;;\n", quoted(bash_options(description.program)));
  std::vector<std::string> commands;
  for (const CommandDescription& command : description.commands) {
    commands.push_back(command.name);
    values += bash_values(command, command.name);
    options += fmt::format("        {}) echo {} ;;\n", command.name, quoted(bash_options(command)));
  }
  std::string text = with(with(with(kBash, "@values", values), "@options", options), "@commands", joined(commands));
  return with(with(text, "@function", function_name(description.program.name)), "@program", description.program.name);
}

// ---- zsh

// Within a specification of _arguments.
std::string zsh_escaped(std::string text, std::string_view special) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\\' || special.find(c) != std::string_view::npos) escaped += '\\';
    escaped += c == '\n' ? ' ' : c;
  }
  return escaped;
}

// ":what:action", as an option or argument ends with.
std::string zsh_action(const OptionDescription& option, const std::string& function) {
  const Offer offer = offer_for(option);
  std::vector<std::string> actions;
  if (!offer.names.empty()) actions.push_back(function + "_names " + offer.names);
  if (offer.entries) actions.push_back(function + "_names $line[1]");
  if (offer.files) actions.emplace_back("_files");
  if (offer.folders) actions.emplace_back("_files -/");
  std::string name = option.names.back();
  name.erase(0, name.find_first_not_of('-'));
  const std::string head = ":" + zsh_escaped(name, ":") + ":";
  if (!offer.words.empty()) return head + "(" + joined(offer.words) + ")";
  if (actions.size() == 1) return head + actions.front();
  std::string all;
  for (const std::string& action : actions) all += (all.empty() ? "" : "; ") + action;
  return all.empty() ? head + " " : head + "{" + all + "}";
}

std::string zsh_arguments(const CommandDescription& command, const std::string& function) {
  std::string text;
  std::size_t position = 0;
  for (const OptionDescription& option : command.options) {
    if (option.positional()) {
      const std::string place = option.repeated ? "*" : std::to_string(++position);
      text += " \\\n                " + quoted(place + (option.required ? "" : ":") + zsh_action(option, function));
      continue;
    }
    for (const std::string& name : offered_names(option)) {
      const std::string meaning = "[" + zsh_escaped(option.meaning, "[]:") + "]";
      const std::string value = option.takes_value ? zsh_action(option, function) : "";
      const bool equals = option.takes_value && name.starts_with("--");
      text += " \\\n                " + quoted((option.repeated ? "*" : "") + name + (equals ? "=" : "") + meaning + value);
    }
  }
  return text;
}

constexpr const char* kZsh = R"zsh(#compdef @program
# Completion of @program in zsh, made by `@program completion zsh`.

# Names of what `@program list` lists under the last argument, after a comma too; the others are _arguments' for compadd.
@function_names() {
    local -a names
    names=(${(f)"$($program list $argv[-1] --names 2>/dev/null)"})
    compset -P '*,'
    compadd "${@[1,-2]}" -a names
}

@function() {
    local curcontext=$curcontext state program=${~words[1]}
    local -a line commands
    local -A opt_args
    _arguments -C@global \
        '1: :->command' '*:: :->arguments'
    case $state in
    command)
        commands=(
@commands        )
        _describe -t commands command commands
        ;;
    arguments)
        case $words[1] in
@cases        esac
        ;;
    esac
}

if [[ $funcstack[1] == @function ]]; then
    @function "$@"
else
    compdef @function @program
fi
)zsh";

std::string zsh_script(const ProgramDescription& description) {
  const std::string function = function_name(description.program.name);
  std::string commands, cases;
  for (const CommandDescription& command : description.commands) {
    commands += "            " + quoted(command.name + ":" + zsh_escaped(command.summary, ":")) + "\n";
    cases += fmt::format("        {})\n            _arguments{}\n            ;;\n", command.name, zsh_arguments(command, function));
  }
  std::string text = with(with(kZsh, "@commands", commands), "@cases", cases);
  text = with(text, "@global", zsh_arguments(description.program, function));
  return with(with(text, "@function", function), "@program", description.program.name);
}

// ---- fish

std::string fish_quoted(const std::string& text) { return "'" + with(with(text, "\\", "\\\\"), "'", "\\'") + "'"; }

std::string fish_arguments(const OptionDescription& option, const std::string& function) {
  const Offer offer = offer_for(option);
  std::string what = joined(offer.words);
  const std::string names = fmt::format("{}_names {}", function, offer.entries ? "" : offer.names);
  if (!offer.names.empty()) what = option.positional() ? "(" + names + ")" : "(__fish_complete_list , '" + names + "')";
  if (offer.entries) what = "(" + function + "_entries)";
  if (offer.folders) what = "(__fish_complete_directories)";
  return (offer.files ? " -F" : "") + (what.empty() ? std::string() : " -a " + fish_quoted(what));
}

std::string fish_option(const OptionDescription& option, const std::string& head, const std::string& function) {
  std::string names;
  for (const std::string& name : offered_names(option)) names += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  const std::string value = option.takes_value ? " -x" + fish_arguments(option, function) : "";
  return head + names + with(value, " -x -F", " -r -F") + " -d " + fish_quoted(option.meaning) + "\n";
}

std::string fish_command(const CommandDescription& command, const std::string& program, const std::string& function) {
  std::string text;
  for (const OptionDescription& option : command.options)
    if (!option.positional())
      text += fish_option(option, fmt::format("complete -c {} -n '{}_is {}'", program, function, command.name), function);
  const auto arguments = positionals(command);
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const bool last = i + 1 == arguments.size();
    const std::string given = fish_arguments(*arguments[i], function);
    if (given.empty()) continue;
    text += fmt::format("complete -c {} -n '{}_is {}; and test ({}_given) {} {}'{}\n", program, function, command.name, function,
                        last ? "-ge" : "-eq", i, given);
  }
  return text;
}

constexpr const char* kFish = R"fish(# Completion of @program in fish, made by `@program completion fish`.

function @function_is --description 'Whether the command is that one'
    set -l words (commandline -opc)
    test (count $words) -ge 2; and test "$words[2]" = $argv[1]
end

function @function_given --description 'How many arguments stand before; values of options count too'
    set -l words (commandline -opc)
    count (string match --invert -- '-*' $words[3..-1])
end

function @function_names --description 'Names of what is listed'
    set -l words (commandline -opc)
    $words[1] list $argv[1] --names 2>/dev/null
end

function @function_entries --description 'Names of what the argument before says'
    set -l words (commandline -opc)
    @function_names (string match --invert -- '-*' $words[3..-1])[1]
end

complete -c @program -f
)fish";

std::string fish_script(const ProgramDescription& description) {
  const std::string& program = description.program.name;
  const std::string function = "_" + function_name(program);
  std::string text = with(with(kFish, "@function", function), "@program", program);
  const std::string start = fmt::format("complete -c {} -n __fish_use_subcommand", program);
  for (const OptionDescription& option : description.program.options) text += fish_option(option, start, function);
  for (const CommandDescription& command : description.commands)
    text += fmt::format("{} -a {} -d {}\n", start, command.name, fish_quoted(command.summary));
  for (const CommandDescription& command : description.commands) text += fish_command(command, program, function);
  return text;
}

}  // namespace

int completion(const ProgramDescription& program, const std::string& shell) {
  print(shell == "bash" ? bash_script(program) : shell == "zsh" ? zsh_script(program) : fish_script(program));
  return kSuccess;
}

}  // namespace tonne::cli
