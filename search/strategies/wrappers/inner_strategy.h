#pragma once
// What wrappers share: the strategy within, with its ids.

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "search/strategies/inner_recipe.h"

namespace tonne {

/// A strategy around another one, whose trials are its own: same ids, same tells.
class Wrapper : public Strategy {
 public:
  explicit Wrapper(std::unique_ptr<Strategy> inner) : inner_(std::move(inner)) {}
  void tell(const Trial& trial) override { inner_->tell(trial); }
  void report(const Trial& trial) override { inner_->report(trial); }
  [[nodiscard]] bool learns_from_reports() const override { return inner_->learns_from_reports(); }
  [[nodiscard]] Work computed() const override { return inner_->computed(); }
  [[nodiscard]] bool may_resume() const override { return inner_->may_resume(); }

 protected:
  [[nodiscard]] Strategy& inner() { return *inner_; }

 private:
  std::unique_ptr<Strategy> inner_;
};

/// A recipe of a wrapper: its own settings, the strategy within, and an Implementation made of
/// (settings, strategy, context). Settings may have `refuses(context)`.
template <class Settings, class Implementation>
class WrapperRecipe final : public StrategyRecipe {
 public:
  void visit(SettingsVisitor& visitor) override {
    inner_.visit(visitor);
    settings_.visit(visitor);
  }
  [[nodiscard]] std::optional<std::string> refuses(const StrategyContext& context) const override {
    if (auto reason = settings_.refuses(context)) return reason;
    return inner_.refuses(context);
  }
  [[nodiscard]] std::optional<std::string> runs() const override { return inner_.runs(); }
  [[nodiscard]] std::uint64_t content_digest() const override { return inner_.content_digest(); }
  [[nodiscard]] std::unique_ptr<Strategy> make(const StrategyContext& context) const override {
    return std::make_unique<Implementation>(settings_, inner_.make(context), context);
  }

 private:
  InnerRecipe inner_;
  Settings settings_;
};

}  // namespace tonne
