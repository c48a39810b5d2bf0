#include "search/strategies/inner_recipe.h"

#include <stdexcept>
#include <vector>

#include "search/catalogue.h"

namespace tonne {
namespace {

std::unique_ptr<StrategyRecipe> make_recipe(const std::string& name) {
  for (const auto& entry : strategy_catalogue())
    if (entry.name == name) return entry.make();
  throw std::logic_error("no strategy is called " + name);
}

}  // namespace

void InnerRecipe::visit(SettingsVisitor& visitor, std::string_view meaning) {
  std::vector<std::string_view> names;
  for (const auto& entry : strategy_catalogue()) names.push_back(entry.name);
  visitor.component("strategy", name_, names, meaning,
                    [this](const std::string& name, SettingsVisitor& inner) {
                      if (made_ != name) recipe_ = make_recipe(made_ = name);
                      recipe_->visit(inner);
                    });
}

std::optional<std::string> InnerRecipe::refuses(const StrategyContext& context) const {
  return recipe_ ? recipe_->refuses(context) : make_recipe(name_)->refuses(context);
}

std::unique_ptr<Strategy> InnerRecipe::make(const StrategyContext& context) const {
  return recipe_ ? recipe_->make(context) : make_recipe(name_)->make(context);
}

}  // namespace tonne
