// Another strategy within the box around the best configurations of earlier tasks: Perrone et al. 2019,
// "Learning search spaces for Bayesian optimization: another view of hyperparameter transfer learning",
// NeurIPS, section 3.1.
//
// A number or ordinal keeps the smallest interval that holds the values of these configurations, a category
// the choices that they take. The paper takes the single best configuration of each task, of which it has
// many; with few tasks that box is all but empty, so that the best `best` of each count (Syne Tune's default
// is 1, its example on NAS-Bench-201 has 10).
//
// Own choices: a parameter that none of them uses keeps its whole domain, and one whose condition can no
// longer hold is left out.

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "search/strategies/inner_recipe.h"
#include "search/strategies/transfer/transfer_tasks.h"

namespace tonne {
namespace {

/// The box as a space of its own. Its configurations and those of the whole space stand for each other.
class Box {
 public:
  /// `inside`: configurations of `whole`, at least one. `whole` outlives the box.
  Box(const SearchSpace& whole, const std::vector<Configuration>& inside) {
    std::vector<Parameter> parameters;
    for (std::size_t i = 0; i < whole.size(); ++i) {
      Field field{i, values_of(whole[i], inside, i), false};
      field.listed = is_listed(whole[i].domain, field.values);
      auto parameter = restricted(whole[i], field);
      if (!parameter) continue;
      fields_.push_back(std::move(field));
      parameters.push_back(std::move(*parameter));
    }
    whole_size_ = whole.size();
    space_ = SearchSpace(std::move(parameters));
  }

  [[nodiscard]] const SearchSpace& space() const { return space_; }
  /// Of the whole space, of parameter i of the box.
  [[nodiscard]] std::size_t field(std::size_t i) const { return fields_[i].parameter; }

  [[nodiscard]] Configuration in_whole(const Configuration& configuration) const {
    Configuration result(whole_size_);
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      if (!configuration.is_active(i)) continue;
      const Field& field = fields_[i];
      result.set(field.parameter, field.listed ? field.values[configuration.index(i)] : configuration[i]);
    }
    return result;
  }

  /// None where it lies outside.
  [[nodiscard]] std::optional<Configuration> in_box(const Configuration& configuration) const {
    Configuration result(fields_.size());
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      const Field& field = fields_[i];
      if (!configuration.is_active(field.parameter)) continue;
      const double value = configuration[field.parameter];
      if (!field.listed) {
        result.set(i, value);
        continue;
      }
      const auto at = std::ranges::find(field.values, value);
      if (at == field.values.end()) return std::nullopt;
      result.set(i, static_cast<double>(at - field.values.begin()));
    }
    const bool inside = space_.contains(result) && in_whole(result) == configuration;
    return inside ? std::optional(result) : std::nullopt;
  }

 private:
  struct Field {
    std::size_t parameter;  // of the whole space
    std::vector<double>
        values;   // that the box has: all of them where `listed`, else those of the configurations
    bool listed;  // whether the box numbers them anew
  };

  // Ascending, none twice; empty where no configuration uses the parameter.
  static std::vector<double> values_of(const Parameter& parameter, const std::vector<Configuration>& inside,
                                       std::size_t i) {
    std::vector<double> values;
    for (const Configuration& configuration : inside)
      if (configuration.is_active(i)) values.push_back(configuration[i]);
    std::ranges::sort(values);
    const auto repeated = std::ranges::unique(values);
    values.erase(repeated.begin(), repeated.end());
    if (!std::holds_alternative<Ordinal>(parameter.domain) || values.empty()) return values;
    const double last = values.back();
    values.resize(1);
    while (values.back() < last) values.push_back(values.back() + 1.0);  // the levels between them too
    return values;
  }

  // A real number of one value is an ordinal of one level.
  static bool is_listed(const Domain& domain, const std::vector<double>& values) {
    if (values.empty()) return false;
    if (std::holds_alternative<Categorical>(domain) || std::holds_alternative<Ordinal>(domain)) return true;
    return std::holds_alternative<Real>(domain) && values.size() == 1;
  }

  static Domain restricted_domain(const Domain& domain, const std::vector<double>& values) {
    if (const auto* real = std::get_if<Real>(&domain)) {
      if (values.size() == 1) return Ordinal{{"the only value"}};
      return Real{values.front(), values.back(), real->scale};
    }
    if (const auto* integer = std::get_if<Integer>(&domain))
      return Integer{static_cast<std::int64_t>(values.front()), static_cast<std::int64_t>(values.back()),
                     integer->scale};
    std::vector<std::string> names;
    const auto* categorical = std::get_if<Categorical>(&domain);
    const auto& all = categorical ? categorical->choices : std::get_if<Ordinal>(&domain)->levels;
    for (const double value : values) names.push_back(all[static_cast<std::size_t>(value)]);
    if (categorical) return Categorical{std::move(names)};
    return Ordinal{std::move(names)};
  }

  // With the condition's choices in the numbers of the box; none where it cannot hold.
  [[nodiscard]] std::optional<Parameter> restricted(const Parameter& parameter, const Field& field) const {
    Parameter result = parameter;
    if (!field.values.empty()) result.domain = restricted_domain(parameter.domain, field.values);
    result.default_value.reset();
    if (!parameter.active_when) return result;
    const auto parent = std::ranges::find(fields_, parameter.active_when->parent, &Field::parameter);
    if (parent == fields_.end()) return std::nullopt;
    Condition condition{static_cast<std::size_t>(parent - fields_.begin()), {}};
    for (const std::size_t choice : parameter.active_when->choices) {
      if (!parent->listed) condition.choices.push_back(choice);
      const auto at = std::ranges::find(parent->values, static_cast<double>(choice));
      if (parent->listed && at != parent->values.end())
        condition.choices.push_back(static_cast<std::size_t>(at - parent->values.begin()));
    }
    if (condition.choices.empty()) return std::nullopt;
    result.active_when = std::move(condition);
    return result;
  }

  std::size_t whole_size_ = 0;
  std::vector<Field> fields_;
  SearchSpace space_;
};

struct BoundingBoxSettings {
  std::int64_t best = 3;  ///< own choice: see docs/strategies.md

  void visit(SettingsVisitor& v) {
    v.integer("best", best, Bounds::between(1, 1e6),
              "best configurations of each earlier task that the box holds");
  }
};

// The best of each task, none of which counts twice.
std::vector<Configuration> best_of_each(std::span<const EarlierSearch> earlier, std::size_t best) {
  std::vector<Configuration> chosen;
  for (const TransferTask& task : transfer_tasks(earlier, static_cast<std::size_t>(-1))) {
    const std::size_t begin = chosen.size();
    for (const std::size_t i : best_first(task)) {
      if (chosen.size() - begin >= best) break;
      const Configuration& configuration = task.configurations[i];
      if (std::find(chosen.begin() + static_cast<std::ptrdiff_t>(begin), chosen.end(), configuration) ==
          chosen.end())
        chosen.push_back(configuration);
    }
  }
  return chosen;
}

/// A context whose space is the box; stands where it is, for the strategy within refers to it.
class BoxContext {
 public:
  BoxContext(const BoundingBoxSettings& settings, const StrategyContext& whole)
      : box_(whole.space, best_of_each(whole.earlier, static_cast<std::size_t>(settings.best))),
        traits_(whole.traits) {
    if (!traits_.stage_of.empty()) traits_.stage_of.clear();
    for (std::size_t i = 0; i < box_.space().size() && !whole.traits.stage_of.empty(); ++i)
      traits_.stage_of.push_back(whole.traits.stage_of[box_.field(i)]);
    for (const EarlierSearch& search : whole.earlier) earlier_.push_back(inside(search));
  }
  BoxContext(const BoxContext&) = delete;
  BoxContext& operator=(const BoxContext&) = delete;

  [[nodiscard]] const Box& box() const { return box_; }
  [[nodiscard]] StrategyContext context(const StrategyContext& whole) const {
    StrategyContext own{box_.space(), traits_, whole.fidelity, whole.workers, whole.cost};
    own.notes = whole.notes;
    own.budget = whole.budget;
    own.trainings = whole.trainings;
    own.earlier = earlier_;
    if (whole.work)
      own.work = [this, work = whole.work](const Configuration& configuration) {
        return work(box_.in_whole(configuration));
      };
    return own;
  }

 private:
  [[nodiscard]] EarlierSearch inside(const EarlierSearch& search) const {
    EarlierSearch own{search.name, search.problem, {}};
    for (const EarlierTrial& trial : search.trials)
      if (auto configuration = box_.in_box(trial.configuration))
        own.trials.push_back({std::move(*configuration), trial.fidelity, trial.loss, trial.charged});
    return own;
  }

  Box box_;
  ProblemTraits traits_;
  std::vector<EarlierSearch> earlier_;
};

class BoundingBox final : public Strategy {
 public:
  BoundingBox(std::unique_ptr<BoxContext> context, std::unique_ptr<Strategy> inner)
      : context_(std::move(context)), inner_(std::move(inner)) {}

  std::optional<Proposal> ask(TrialId id, Random random) override {
    auto proposal = inner_->ask(id, random);
    if (proposal) proposal->configuration = context_->box().in_whole(proposal->configuration);
    return proposal;
  }
  void tell(const Trial& trial) override {
    if (const auto own = own_trial(trial)) inner_->tell(*own);
  }
  void report(const Trial& trial) override {
    if (const auto own = own_trial(trial)) inner_->report(*own);
  }
  [[nodiscard]] bool learns_from_reports() const override { return inner_->learns_from_reports(); }
  [[nodiscard]] Work computed() const override { return inner_->computed(); }
  [[nodiscard]] bool may_resume() const override { return inner_->may_resume(); }

 private:
  [[nodiscard]] std::optional<Trial> own_trial(const Trial& trial) const {
    auto configuration = context_->box().in_box(trial.proposal.configuration);
    if (!configuration) return std::nullopt;
    Trial own = trial;
    own.proposal.configuration = std::move(*configuration);
    return own;
  }

  std::unique_ptr<BoxContext> context_;
  std::unique_ptr<Strategy> inner_;
};

class BoundingBoxRecipe final : public StrategyRecipe {
 public:
  void visit(SettingsVisitor& visitor) override {
    inner_.visit(visitor);
    settings_.visit(visitor);
  }
  [[nodiscard]] std::optional<std::string> refuses(const StrategyContext& context) const override {
    if (auto reason = refuses_without_earlier(context)) return reason;
    const BoxContext own(settings_, context);
    return inner_.refuses(own.context(context));
  }
  [[nodiscard]] std::optional<std::string> runs() const override { return inner_.runs(); }
  [[nodiscard]] std::uint64_t content_digest() const override { return inner_.content_digest(); }
  [[nodiscard]] std::unique_ptr<Strategy> make(const StrategyContext& context) const override {
    auto own = std::make_unique<BoxContext>(settings_, context);
    auto inner = inner_.make(own->context(context));
    return std::make_unique<BoundingBox>(std::move(own), std::move(inner));
  }

 private:
  InnerRecipe inner_{"tpe"};
  BoundingBoxSettings settings_;
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_bounding_box_recipe() {
  return std::make_unique<BoundingBoxRecipe>();
}

}  // namespace tonne
