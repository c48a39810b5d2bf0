// A portfolio: chooses a strategy, or a few that take turns, by what is known before the search: the space, the budget, the
// workers, the fidelities and the objectives. The role that NGOpt has in Nevergrad (Meunier et al. 2022, "Black-Box Optimization
// Revisited"); the rules are this program's, from the measurements in docs/strategies.md.
//
// Parts that take turns share what they learn: each is told of every trial, and the next part proposes when one of the trials
// before it has ended. No rule looks at a result, so that the choice can be said before anything is spent.

#include <cmath>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/yaml.h"
#include "search/catalogue.h"
#include "search/strategies/wrappers/inner_strategy.h"

namespace tonne {
namespace {

struct Part {
  std::string_view name;
  std::string_view settings = "{}";
};

struct Choice {
  std::vector<Part> parts;
  std::string why;
};

struct Features {
  std::size_t numbers = 0;     ///< real and integer parameters
  std::size_t reals = 0;
  std::size_t categories = 0;  ///< categorical parameters with more than two choices
  std::size_t parameters = 0;  ///< with more than one value
  bool conditional = false;
  double evaluations = 0.0;    ///< full trainings that the budget pays for
};

struct AutoSettings {
  std::string parts;
  void visit(SettingsVisitor& visitor) { visitor.text("parts", parts, "for trials"); }
};

std::vector<Part> split(const std::string& text) {
  std::vector<Part> parts;
  std::size_t from = 0;
  while (from < text.size()) {
    std::size_t to = text.find(' ', from);
    if (to == std::string::npos) to = text.size();
    parts.push_back({std::string_view(text).substr(from, to - from)});
    from = to + 1;
  }
  return parts;
}

std::unique_ptr<StrategyRecipe> recipe_of(const Part& part) {
  for (const auto& entry : strategy_catalogue()) {
    if (entry.name != part.name) continue;
    auto recipe = entry.make();
    const YamlNode root = parse_yaml(std::string(part.settings), "auto");
    const YamlSource source{"auto", "."};
    SettingsReader reader(root, source, std::string(part.name));
    recipe->visit(reader);
    reader.finish();
    return recipe;
  }
  throw std::logic_error("no strategy is called " + std::string(part.name));
}

class Auto final : public Strategy {
 public:
  Auto(const AutoSettings& settings, const StrategyContext& context) {
    for (const Part& part : split(settings.parts)) parts_.push_back(recipe_of(part)->make(context));
  }

  std::optional<Proposal> ask(TrialId id, Random random) override {
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      const std::size_t turn = (id + i) % parts_.size();
      if (auto proposal = parts_[turn]->ask(id, random.child(turn))) return proposal;
    }
    return std::nullopt;
  }
  void tell(const Trial& trial) override {
    for (const auto& part : parts_) part->tell(trial);
  }
  [[nodiscard]] Work computed() const override {
    Work sum{};
    for (const auto& part : parts_) sum += part->computed();
    return sum;
  }
  [[nodiscard]] bool may_resume() const override {
    return std::ranges::any_of(parts_, [](const auto& part) { return part->may_resume(); });
  }

 private:
  std::vector<std::unique_ptr<Strategy>> parts_;
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_auto_recipe() {
  return std::make_unique<BasicStrategyRecipe<AutoSettings, Auto>>();
}

}  // namespace tonne
