#pragma once
// Recipes: settings that have been read and checked, from which any number of instances are made.

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/problem.h"
#include "core/settings.h"
#include "core/strategy.h"

namespace tonne {

class StrategyRecipe {
 public:
  virtual ~StrategyRecipe() = default;
  virtual void visit(SettingsVisitor& visitor) = 0;
  /// Why this strategy cannot work on that problem (a sentence), or nullopt when it can. Asked before anything
  /// is spent.
  [[nodiscard]] virtual std::optional<std::string> refuses(const StrategyContext&) const { return std::nullopt; }
  /// What a user should know before this strategy runs on that problem, as sentences that follow its name ("runs gp, because of ...").
  [[nodiscard]] virtual std::vector<std::string> remarks(const StrategyContext&) const { return {}; }
  /// The command of the user's that this strategy runs on this machine, as text; none runs without --allow-external.
  [[nodiscard]] virtual std::optional<std::string> runs() const { return std::nullopt; }
  /// Digest of files that the settings name, so that an experiment's digest covers their content; 0: none.
  [[nodiscard]] virtual std::uint64_t content_digest() const { return 0; }
  [[nodiscard]] virtual std::unique_ptr<Strategy> make(const StrategyContext& context) const = 0;
};

class ProblemRecipe {
 public:
  virtual ~ProblemRecipe() = default;
  virtual void visit(SettingsVisitor& visitor) = 0;
  /// Throws InputError when what the settings name (a table, a column) is missing or malformed.
  [[nodiscard]] virtual std::shared_ptr<const Problem> make() const = 0;
  /// Digest of files that the settings name, so that an experiment's digest covers their content; 0: none.
  [[nodiscard]] virtual std::uint64_t content_digest() const { return 0; }
};

/// One line of a catalogue.
template <class Recipe>
struct CatalogueEntry {
  std::string_view name;
  std::string_view summary;    ///< a line for `tonne list`
  std::string_view reference;  ///< the paper or table that defines it
  std::unique_ptr<Recipe> (*make)();
};

/// Settings of a strategy that is not for every problem: `refuses(context)` answers StrategyRecipe::refuses.
template <class Settings>
concept Refusing = requires {
  &Settings::refuses;
};

/// Settings of a strategy that has something to say: `remarks(context)` answers StrategyRecipe::remarks.
template <class Settings>
concept Remarking = requires {
  &Settings::remarks;
};

/// The recipe of a strategy whose settings struct has `void visit(SettingsVisitor&)` and may have
/// `refuses(context)` and `remarks(context)`.
template <class Settings, class Implementation>
class BasicStrategyRecipe final : public StrategyRecipe {
 public:
  void visit(SettingsVisitor& visitor) override { settings_.visit(visitor); }
  [[nodiscard]] std::optional<std::string> refuses(const StrategyContext& context) const override {
    if constexpr (Refusing<Settings>) return settings_.refuses(context);
    return StrategyRecipe::refuses(context);
  }
  [[nodiscard]] std::vector<std::string> remarks(const StrategyContext& context) const override {
    if constexpr (Remarking<Settings>) return settings_.remarks(context);
    return StrategyRecipe::remarks(context);
  }
  [[nodiscard]] std::unique_ptr<Strategy> make(const StrategyContext& context) const override {
    return std::make_unique<Implementation>(settings_, context);
  }

 private:
  Settings settings_;
};

/// The recipe of a problem whose settings struct has `void visit(SettingsVisitor&)`.
template <class Settings, class Implementation>
class BasicProblemRecipe final : public ProblemRecipe {
 public:
  void visit(SettingsVisitor& visitor) override { settings_.visit(visitor); }
  [[nodiscard]] std::shared_ptr<const Problem> make() const override {
    return std::make_shared<const Implementation>(settings_);
  }

 private:
  Settings settings_;
};

}  // namespace tonne
