#include "experiments/cli/command_description.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <cctype>
#include <filesystem>
#include <regex>
#include <sstream>
#include <string_view>

namespace tonne::cli {
namespace {

// "TEXT:{csv,json}": the type, and what it is checked against.
void read_type(const std::string& text, OptionDescription& option) {
  option.type = text.substr(0, text.find(':'));
  const auto open = text.find('{'), close = text.rfind('}');
  if (open == std::string::npos || close == std::string::npos) return;
  std::istringstream choices(text.substr(open + 1, close - open - 1));
  for (std::string choice; std::getline(choices, choice, ',');) option.choices.push_back(choice);
}

OptionDescription description_of(const CLI::Option& option) {
  OptionDescription result;
  for (const std::string& name : option.get_snames()) result.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) result.names.push_back("--" + name);
  if (option.get_positional()) result.names = {option.get_name(true)};
  result.takes_value = option.get_items_expected_max() > 0;
  if (result.takes_value) read_type(option.get_type_name(), result);
  result.meaning = option.get_description();
  result.required = option.get_required();
  result.repeated = option.get_items_expected_max() > 1;
  return result;
}

CommandDescription command_of(const CLI::App& app) {
  CommandDescription result{app.get_name(), app.get_description(), app.get_footer(), {}};
  for (const CLI::Option* option : app.get_options())
    if (!option->get_group().empty()) result.options.push_back(description_of(*option));
  return result;
}

std::string lower_case(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

}  // namespace

ProgramDescription description_of(const CLI::App& app) {
  ProgramDescription result{command_of(app), {}};
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    result.commands.push_back(command_of(*command));
  return result;
}

Offer offer_for(const OptionDescription& option) {
  Offer offer;
  offer.words = option.choices;
  if (!option.takes_value || !offer.words.empty()) return offer;
  static const std::regex kList("tonne list (strategies|problems|devices|hosts|facilities|grids|settings)"), kFile("\\bfile\\b");
  std::smatch list;
  if (std::regex_search(option.meaning, list, kList)) offer.names = list[1];
  offer.entries = option.type == kEntryOfList;
  const std::string meaning = lower_case(option.meaning);
  const bool path = option.type == "PATH";
  offer.folders = path && meaning.find("folder") != std::string::npos && meaning.find("file to write") == std::string::npos;
  offer.files = !offer.folders && (path || std::regex_search(meaning, kFile));
  return offer;
}

std::string program_name(const char* called_as) {
  const std::string name = called_as ? std::filesystem::path(called_as).filename().string() : "";
  const bool plain = !name.empty() && name.front() != '-' && std::ranges::all_of(name, [](unsigned char c) {
    return std::isalnum(c) || c == '_' || c == '-' || c == '.';
  });
  return plain ? name : "tonne";
}

}  // namespace tonne::cli
