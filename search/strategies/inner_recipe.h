#pragma once
// The settings of a strategy within another: of wrappers, and of schedulers that train its candidates in parts.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/recipe.h"

namespace tonne {

/// The recipe of a strategy within another: `strategy: tpe`, or `strategy: {tpe: {startup: 5}}`.
class InnerRecipe {
 public:
  /// `name`: the strategy where the user names none.
  explicit InnerRecipe(std::string name = "random") : name_(std::move(name)) {}
  /// Declares the key `strategy`.
  void visit(SettingsVisitor& visitor, std::string_view meaning = "strategy to wrap");
  [[nodiscard]] std::optional<std::string> refuses(const StrategyContext& context) const;
  [[nodiscard]] std::uint64_t content_digest() const { return recipe_ ? recipe_->content_digest() : 0; }
  [[nodiscard]] std::optional<std::string> runs() const { return recipe_ ? recipe_->runs() : std::nullopt; }
  [[nodiscard]] std::unique_ptr<Strategy> make(const StrategyContext& context) const;
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  std::string name_;
  std::string made_;  // the name of recipe_
  std::unique_ptr<StrategyRecipe> recipe_;
};

}  // namespace tonne
