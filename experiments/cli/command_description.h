#pragma once
// The command line as data, for what is generated from it: completion and manual pages.

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace tonne::cli {

/// Type of the argument that names an entry of what `tonne list` lists.
inline constexpr const char* kEntryOfList = "ENTRY";

struct OptionDescription {
  std::vector<std::string> names;    ///< "-h", "--help"; one without hyphens: a positional argument
  std::string type;                  ///< as in --help: PATH, TEXT, UINT; may be empty where a value is taken
  std::vector<std::string> choices;  ///< empty: not from a list
  std::string meaning;
  bool takes_value = true;  ///< false: a flag
  bool required = false;
  bool repeated = false;    ///< several values

  [[nodiscard]] bool positional() const { return !names.front().starts_with('-'); }
};

struct CommandDescription {
  std::string name;  ///< of the program: as it was called, without folders
  std::string summary;
  std::string footer;
  std::vector<OptionDescription> options;  ///< positional ones in their order; none that --help hides
};

struct ProgramDescription {
  CommandDescription program;
  std::vector<CommandDescription> commands;
};

/// `app` with its commands.
[[nodiscard]] ProgramDescription description_of(const CLI::App& app);

/// What completion offers for a value, in this order.
struct Offer {
  std::vector<std::string> words;
  std::string names;      ///< those that `tonne list NAMES` lists: devices, grids, ...; empty: none
  bool entries = false;   ///< those of the list that the argument before says
  bool files = false;
  bool folders = false;
};
/// Choices; the names of what the meaning points at ("tonne list devices"); files for a PATH, folders where its meaning says so;
/// files too where the meaning of a text speaks of a file.
[[nodiscard]] Offer offer_for(const OptionDescription& option);

/// The last part of argv[0]; "tonne" where that is empty, or would have to be quoted in a shell.
[[nodiscard]] std::string program_name(const char* called_as);

}  // namespace tonne::cli
